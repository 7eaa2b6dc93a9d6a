"""How the sample bank's branches file: most in time, one late, one sent back, one silent. Through the real verbs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from msgspec import structs

from xiaobao.features.filings.filing import due_date
from xiaobao.features.filings.verbs import accept_filing, file_filing, issue_filings, return_filing
from xiaobao.model import Actor, Period, Role
from xiaobao.workbench.people import person_in
from xiaobao.workbench.workspace import Workbench

HEAD_OFFICE = Actor(name="示例-总行消保部", verified=True)
_NUMBERS = ("12", "9", "15")


def file_demo(wb: Workbench, period: str, newest: bool) -> None:
    """Issue what falls due around a half-year's end, and let the branches file it; of the newest some is still open."""
    span = Period.parse(period)
    report = ("half-year", period) if period.endswith("H1") else ("annual", str(span.start.year))
    month = span.end - timedelta(days=35)
    for kind, code, sheet in (*((*report, False),), ("monthly", f"{month:%Y-%m}", True)):
        branches = [filing.unit for filing in issue_filings(replace(wb, actor=_head_office(wb)), kind, code)]
        _file(wb, kind, code, branches, sheet, newest)


def _file(wb: Workbench, kind: str, period: str, branches: Sequence[str], sheet: bool, newest: bool) -> None:
    """The first branch files early and is accepted, the second late and, if `newest`, sent back, the third then not."""
    due = due_date(wb.settings.filings[kind], Period.parse(period))
    for unit, shift in zip(branches, (-2, 4) if newest else (-2, 4, -1), strict=False):
        day = due + timedelta(days=shift)
        if wb.settings.as_of is not None and day > wb.settings.as_of:
            continue
        clerk = replace(
            _on(wb, day), actor=person_in(wb, Role.FILLER, unit) or Actor(name=f"示例-{unit}联络员", verified=True)
        )
        paper, numbers = _papers(wb, kind, period, unit, sheet)
        file_filing(clerk, kind, period, unit, paper, numbers)
        head = replace(_on(wb, day), actor=_head_office(wb))
        if shift < 0 or not newest:
            accept_filing(head, kind, period, unit)
        else:
            return_filing(head, kind, period, unit, "与投诉台账的数字不一致，请核对后重新报送")


def _head_office(wb: Workbench) -> Actor:
    return person_in(wb, Role.HEAD_OFFICE) or HEAD_OFFICE


def _on(wb: Workbench, day: date) -> Workbench:
    return replace(wb, settings=structs.replace(wb.settings, as_of=day))


def _papers(wb: Workbench, kind: str, period: str, unit: str, sheet: bool) -> tuple[Path, Path | None]:
    """Write what the branch hands in: a report in plain words, and its numbers where they are asked."""
    folder = wb.home / "extracts" / "filings"
    folder.mkdir(parents=True, exist_ok=True)
    title = wb.settings.filings[kind].title
    paper = folder / f"{title}_{period}_{unit}.txt"
    paper.write_text(f"{title}（{period}）\n机构号：{unit}\n工作开展情况、存在的问题和下期计划见所附材料。\n", "utf-8")
    if not sheet:
        return paper, None
    numbers = folder / f"{title}_{period}_{unit}.csv"
    wanted = wb.settings.filings[kind].figures
    rows = [f"{name},{_NUMBERS[place % len(_NUMBERS)]}" for place, name in enumerate(wanted)]
    numbers.write_text("\n".join(["指标,数值", *rows]) + "\n", "utf-8")
    return paper, numbers
