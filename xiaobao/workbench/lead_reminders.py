"""催办: units that have not answered their leads are reminded; who was reminded when is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError
from xiaobao.store.models import LeadReminder, ReminderTime
from xiaobao.workbench.leads import leads_table
from xiaobao.workbench.permitting import open_domains

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xiaobao.store.models import Campaign
    from xiaobao.workbench.workspace import Workbench

_TABLE = "lead_reminders"


class Reminded(NamedTuple):
    """One unit that was reminded, and the words to send it."""

    unit: str
    unit_name: str
    waiting: int
    late: int
    text: str


def reminders(wb: Workbench, campaign: Campaign) -> Mapping[str, LeadReminder]:
    """Return unit → its reminders in a campaign."""
    return {one.unit: one for one in wb.store.kept(_TABLE, campaign=str(campaign.id))}


def remind_leads(
    wb: Workbench, campaign: Campaign, units: Sequence[str] = (), only_late: bool = False
) -> tuple[Reminded, ...]:
    """Remind units (all that have leads to answer when none is named) and keep that they were. All or nothing.

    A business line reminds of the leads of its own domains. Raises InputError where none of the named has anything to
    answer, NotAllowed.
    """
    for unit in units or ("",):
        open_domains(wb, "lead.remind", unit, campaign)  # whoever may not is refused before anything else
    period = f"{campaign.period}/{campaign.name}"
    found = leads_table(wb, period)
    silent = [row for row in found if row.state == "待核实" and (row.overdue or not only_late)]
    silent = [row for row in silent if not units or row.lead.unit in units]
    asked = {unit: open_domains(wb, "lead.remind", unit, campaign) for unit in {row.lead.unit for row in silent}}
    silent = [row for row in silent if row.domain in asked[row.lead.unit]]
    waiting = Counter(row.lead.unit for row in silent)
    late = Counter(row.lead.unit for row in silent if row.overdue)
    names = {row.lead.unit: row.unit_name for row in silent}
    due = {row.lead.unit: row.due for row in sorted(silent, key=lambda row: row.due, reverse=True)}
    if not waiting:
        raise InputError(Fault("没有需要催办的机构：疑点都已核实" + ("，或还没有逾期的" if only_late else "")))
    known = reminders(wb, campaign)
    reminded, changed = [], []
    for unit, count in sorted(waiting.items()):
        before = known.get(unit) or LeadReminder(campaign=str(campaign.id), unit=unit)
        time = ReminderTime(day=wb.today, by=wb.actor.name, waiting=count, late=late[unit])
        changed.append(replace(before, times=(*before.times, time)))
        overdue = f"，其中已逾期 {late[unit]} 条" if late[unit] else ""
        what = f"{campaign.name}还有 {count} 条疑点没有核实{overdue}，最近的期限 {due[unit]}"
        text = f"{names[unit]}（{unit}）：{what}，请抓紧核实。"
        reminded.append(Reminded(unit=unit, unit_name=names[unit], waiting=count, late=late[unit], text=text))
    first = changed[0].unit
    with wb.writing("lead.remind", first, asked[first][0], campaign) as tx:
        tx.save_kept(_TABLE, "remind", changed)
    return tuple(reminded)


def reminded_text(found: LeadReminder | None) -> str:
    """Return how often and when a unit was reminded last, "" where it never was."""
    if found is None or not found.times:
        return ""
    last = found.times[-1]
    return f"已催办 {len(found.times)} 次，最近 {last.day.isoformat()}（{last.by}）"
