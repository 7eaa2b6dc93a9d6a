"""What is shown to whom: whole results are computed for the bank, then narrowed to what the person may see.

Ranks, means and peers are those of all units; only what is handed out is cut, never what is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import TypeVar

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.feature_list import brought
from xiaobao.model import Period
from xiaobao.scorecard import Overview, OverviewRow
from xiaobao.store.models import Campaign
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.evidence.holding import find_held
from xiaobao.workbench.permitting import Sight
from xiaobao.workbench.places import FOLDER, REPORTS_FOLDER
from xiaobao.workbench.workspace import Workbench

T = TypeVar("T")
_NOTE = "只列出您可以查看的机构和检查域；名次、平均分按全行计算"


def only_seen(
    wb: Workbench,
    verb: str,
    campaign: Campaign | None,
    found: Iterable[T],
    place: Callable[[T], tuple[str, str]],
    period: str = "",
) -> tuple[T, ...]:
    """Return what of `found` whoever acts may see; `place` gives its unit and domain. Raises NotAllowed for nothing."""
    seen = wb.sight(verb, campaign, period)
    if seen.reason:
        raise NotAllowed(seen.reason)
    return tuple(one for one in found if seen.shows(*place(one)))


def narrowed(whole: Overview, seen: Sight) -> Overview:
    """Return an overview cut to what is seen. Raises NotAllowed where that is nothing.

    Of a unit that is seen for a business line alone, its domains stay and its total is left out.
    """
    if seen.everything:
        return whole
    if seen.reason:
        raise NotAllowed(seen.reason)
    rows = tuple(row for row in (_row(row, seen) for row in whole.rows) if row is not None)
    units = {row.unit.id for row in rows if seen.shows(row.unit.id)}
    titles = {name: title for name, title in whole.domain_titles.items() if units or name in seen.lines}
    return replace(
        whole,
        rows=rows,
        groups=(),
        domain_titles=titles,
        notes=(_NOTE,),
        worst=tuple(one for one in whole.worst if seen.shows(one.unit, one.domain)),
        rolled={unit: one for unit, one in whole.rolled.items() if unit in units},
        unit_names={row.unit.id: row.unit.name for row in rows},
    )


def _row(row: OverviewRow, seen: Sight) -> OverviewRow | None:
    if seen.shows(row.unit.id):
        return row
    domains = {name: value for name, value in row.domains.items() if name in seen.lines}
    if not domains:
        return None
    covered = {name: value for name, value in row.domain_coverage.items() if name in seen.lines}
    hidden = {"total": None, "before": None, "rank": None, "previous": None, "coverage": None}
    counts = {"open_leads": 0, "high_findings": 0, "findings": 0}
    return replace(
        row, **hidden, **counts, grade="", comparable=False, missing=(), domains=domains, domain_coverage=covered
    )


def first_seen(wb: Workbench, campaign: Campaign) -> str:
    """Return the first unit with a card that whoever acts may see, "" where every unit may be seen.

    Where none of his has a card yet: the first that the campaign inspects.
    """
    seen = wb.sight("result.see", campaign)
    if seen.everything or seen.reason:
        return ""
    found = (*sorted(wb.store.units_with_card(campaign.id)), *(one.id for one in inspected_units(wb, campaign)))
    return next((unit for unit in found if seen.shows(unit)), min(seen.units, default=""))


def look_at_file(wb: Workbench, place: str) -> None:
    """Ask before a file of the workspace is handed out: `place` is its path within it. Raises NotAllowed.

    Papers and reports belong to the unit in whose folder they lie, evidence to the sheets, measures and filings that
    name it; all else below the workspace (the store, its data, its secrets) is handed to nobody.
    """
    parts = PurePosixPath(place).parts
    if any(shows(wb, place) for shows in brought("shows_file")):
        return
    if ".." in parts or not parts or place.startswith("/"):
        raise NotAllowed(Fault("没有这个文件，或您不能查看", value=place))
    if parts[0] == REPORTS_FOLDER and len(parts) > 1:
        campaign, unit = _reported(wb, parts)
        wb.look("paper.see", unit, campaign=campaign)
    elif parts[0] == "evidence":
        find_held(wb, PurePosixPath(place).stem)
    else:
        raise NotAllowed(Fault("没有这个文件，或您不能查看", value=place))


def _reported(wb: Workbench, parts: tuple[str, ...]) -> tuple[Campaign | None, str]:
    """Return the campaign and unit that a path below reports/ is of; "" for what is the whole bank's."""
    try:
        code = Period.parse(parts[1]).code
    except InputError:
        return None, ""
    found = {f"{FOLDER}{one.id}": one for one in wb.store.campaigns(code)}
    campaign = found.get(parts[2]) if len(parts) > 2 else None
    rest = parts[3:] if campaign else parts[2:]
    return campaign, rest[0] if len(rest) > 1 else ""
