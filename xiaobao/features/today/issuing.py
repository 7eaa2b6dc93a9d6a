"""督办单: the order over a unit's matters that are due or overdue, as a Word paper."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from xiaobao.errors import Fault, InputError, XiaobaoError
from xiaobao.features.today.due import due_today
from xiaobao.features.today.supervision import (
    SupervisionOrder,
    read_supervision,
    supervision_figures,
    write_supervision,
)
from xiaobao.personal import mask
from xiaobao.publishing.issuing import FileToIssue, compare_figures, free, issue_files, next_edition, template
from xiaobao.word import read_back
from xiaobao.workbench.campaigns import newest_period
from xiaobao.workbench.workspace import Workbench

_ANSWER_DAYS = 5


def publish_supervision(
    wb: Workbench, unit: str, day: date | None, answer_by: date | None, number: str, path: Path | None
) -> Path:
    """Write the order (督办单, .docx) over a unit's matters that are due or overdue, and record it.

    The answer is due after `_ANSWER_DAYS` unless a day is given. Raises InputError for an unknown unit, when nothing is
    due, or when the answer would be due before the order.
    """
    wb.look("supervision.issue")
    found = due_today(wb, day, unit)
    known = wb.units(newest_period(wb))
    if unit not in known:
        raise InputError(Fault("没有这个机构", value=unit))
    if not found.items:
        raise InputError(Fault(f"{found.day} 这个机构没有到期或逾期的事项", value=unit))
    until = answer_by or found.day + timedelta(days=_ANSWER_DAYS)
    if until < found.day:
        raise InputError(Fault("反馈期限早于督办日期", value=str(until), allowed=f"不早于 {found.day}"))
    name = known[unit].name
    order = SupervisionOrder(
        bank=wb.settings.bank,
        unit=unit,
        unit_name=name,
        day=found.day,
        answer_by=until,
        matters=found.items,
        number=mask(number),
    )
    place = wb.home / "reports" / "督办单" / f"{unit}-{found.day}.docx"
    chosen = free(path, ".docx") if path else next_edition(place)

    def write(target: Path) -> None:
        printed = write_supervision(order, template(wb, "supervision.docx"), target)
        if faults := read_back(target, printed):
            raise XiaobaoError(faults)
        compare_figures(supervision_figures(order), read_supervision(target), chosen.name)

    issue_files(wb, "supervision.issue", FileToIssue(write=write, path=chosen, what=f"督办单 {found.day} {unit}"))
    return chosen
