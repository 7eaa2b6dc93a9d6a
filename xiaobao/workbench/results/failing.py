"""运行失败 and 草稿: what must stand beside a score that is there all the same.

A paper that failed leaves the result of its last good run; a sheet that was returned leaves that of its hand-in. Both
stay readable, and neither stands anywhere without saying so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xiaobao.labels import HANDED_IN
from xiaobao.model import RunStatus
from xiaobao.store.records import Campaign, InspectionRecord
from xiaobao.workbench.paper_names import paper_of
from xiaobao.workbench.workspace import Workbench

_LONGEST = 80


def failed_papers(
    wb: Workbench, campaign: Campaign, wanted: Mapping[str, Iterable[str]], unit: str | None = None
) -> dict[str, dict[str, str]]:
    """Return unit → domain → why the last run of its paper failed, of the `wanted` ones."""
    failed: dict[str, dict[str, str]] = {}
    runs = wb.store.runs(campaign.id, unit)
    bad = {key: run.error for key, run in runs.items() if run.status is not RunStatus.DONE}
    for one in sorted({name for name, _ in bad}):
        for domain in wanted.get(one, ()):
            if (one, paper_of(domain)) in bad:
                failed.setdefault(one, {})[domain] = _short(bad[one, paper_of(domain)])
    return failed


def draft_sheets(records: Iterable[InspectionRecord]) -> dict[str, set[str]]:
    """Return unit → the domains whose sheet is not handed in: filled, returned, or not begun."""
    found: dict[str, set[str]] = {}
    for record in records:
        if record.state not in HANDED_IN:
            found.setdefault(record.unit, set()).add(record.domain)
    return found


def _short(error: str) -> str:
    line = (error.strip().splitlines() or ["原因见 xiaobao status"])[0].rstrip("。")
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"
