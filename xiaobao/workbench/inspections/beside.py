"""What stands beside an item while it is answered: last period's answer, open findings, records hit by its checks.

A last answer is carried over one by one: nothing of it is stored until a person confirms that it still holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.checklist.comparing import compare
from xiaobao.checklist.models import Item
from xiaobao.errors import Fault, InputError
from xiaobao.labels import ACTION_STATUSES, HANDED_IN
from xiaobao.model import Conclusion, Period, Response
from xiaobao.workbench.inspections.filling import Form, answer, reopen
from xiaobao.workbench.leads import LeadRow, leads_table
from xiaobao.workbench.workspace import read_checklist

if TYPE_CHECKING:
    from datetime import date

    from xiaobao.model import Finding
    from xiaobao.store.models import Campaign, InspectionRecord
    from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True, kw_only=True)
class LastAnswer:
    """The unit's answer of the last period before this one. `changed` names what of the item reads otherwise by now."""

    period: str
    version: str
    item: Item
    response: Response
    changed: str = ""


@dataclass(frozen=True, kw_only=True)
class OpenFinding:
    """A finding of this unit on this item whose measures are not closed yet. `due` is the last day of the latest."""

    period: str
    condition: str
    status: str
    due: date


@dataclass(frozen=True, kw_only=True)
class Records:
    """Records hit by an item's checks: `months` counts them by month of the period, `undated` have no business date."""

    rows: tuple[LeadRow, ...]
    months: tuple[tuple[str, int], ...]
    undated: int

    @property
    def waiting(self) -> int:
        """Return how many are not decided."""
        return sum(row.state != "已认定" for row in self.rows)


def last_answers(wb: Workbench, form: Form) -> dict[str, LastAnswer]:
    """Return item id → the answer of the last sheet of this domain that the unit handed in for an earlier period."""
    found = next(_earlier(wb, form), None)
    if found is None:
        return {}
    campaign, record = found
    former = read_checklist(wb.store.published("checklist", record.checklist_id, record.version).content)
    anew = {one.id: one.kinds for one in compare(former, form.checklist).items if one.asks_anew}
    items = {item.id: item for item in former.items()}
    return {
        item_id: LastAnswer(
            period=campaign.period,
            version=record.version,
            item=items[item_id],
            response=response,
            changed=f"检查项已{'、'.join(anew[item_id])}" if item_id in anew else "",
        )
        for item_id, response in wb.store.responses(record.id).items()
        if item_id in items and item_id in form.items and response.conclusion is not Conclusion.NOT_ASSESSED
    }


def _earlier(wb: Workbench, form: Form) -> Iterator[tuple[Campaign, InspectionRecord]]:
    """Yield the unit's handed-in sheets of this checklist for earlier periods, newest first; of the same kind first."""
    ended = [(Period.parse(one.period).end, one) for one in wb.store.campaigns()]
    before = [(end, one) for end, one in ended if end < form.period.start]
    before.sort(key=lambda pair: (pair[0], pair[1].kind == form.campaign.kind, pair[1].id), reverse=True)
    for _, campaign in before:
        record = wb.store.inspection(campaign.id, form.unit.id, form.domain)
        same = record is not None and record.checklist_id == form.checklist.id and record.state in HANDED_IN
        if record is not None and same and not wb.may("sheet.see", form.unit.id, form.domain, campaign):
            yield campaign, record


def confirm_last(wb: Workbench, form: Form, item_id: str) -> Response:
    """Save last period's answer as this period's, because a person says that it still holds; files stay behind.

    Raises InputError where there is none, where the item reads otherwise by now, or where something was answered.
    """
    form = reopen(wb, form)
    last, entry = last_answers(wb, form).get(item_id), form.items.get(item_id)
    if last is None or entry is None:
        raise InputError(Fault("上期没有这一项的答复", item=item_id))
    if last.changed:
        raise InputError(Fault(f"{last.changed}，上期答复不能沿用，请重新作答", item=item_id))
    if entry.response.conclusion is not Conclusion.NOT_ASSESSED:
        raise InputError(Fault("这一项已有答复，没有沿用上期的", item=item_id))
    now = entry.response
    carried = replace(last.response, evidence=now.evidence, amended="", author="", at=None, revision=now.revision)
    return answer(wb, form, carried, now.revision)


def open_findings(wb: Workbench, form: Form) -> dict[str, tuple[OpenFinding, ...]]:
    """Return item id → findings of this unit whose measures are still open, newest period first."""
    waiting = [one for one in wb.store.actions(unit=form.unit.id) if one.status != "closed"]
    if not waiting or wb.may("action.see", form.unit.id, form.domain, form.campaign):
        return {}
    by_finding = {one.finding_id: one for one in sorted(waiting, key=lambda one: one.due)}
    found: dict[str, tuple[OpenFinding, ...]] = {}
    for finding in _findings(wb, form):
        measure = by_finding.get(finding.id)
        if measure is not None and finding.item_id in form.items:
            open_finding = OpenFinding(
                period=finding.period,
                condition=finding.condition,
                status=ACTION_STATUSES[measure.status],
                due=measure.due,
            )
            found[finding.item_id] = (*found.get(finding.item_id, ()), open_finding)
    return found


def _findings(wb: Workbench, form: Form) -> Iterator[Finding]:
    campaigns = [one for one in wb.store.campaigns() if Period.parse(one.period).end <= form.period.end]
    for campaign in sorted(campaigns, key=lambda one: (Period.parse(one.period).end, one.id), reverse=True):
        yield from wb.store.findings(campaign.id, form.unit.id).get((form.unit.id, form.domain), ())


def records_hit(wb: Workbench, form: Form) -> Mapping[str, Records]:
    """Return item id → the records that its checks hit, as far as whoever looks may see leads."""
    if wb.may("lead.see", form.unit.id, form.domain, form.campaign):
        return {}
    grouped: dict[str, list[LeadRow]] = {}
    for row in leads_table(wb, form.campaign.period, form.unit.id, campaign=form.campaign.name):
        if row.lead.item_id in form.items:
            grouped.setdefault(row.lead.item_id, []).append(row)
    return {item_id: _records(form, rows) for item_id, rows in grouped.items()}


def _records(form: Form, rows: list[LeadRow]) -> Records:
    days = [row.lead.business_date for row in rows]
    counted = Counter(f"{day:%Y-%m}" for day in days if day is not None)
    start, end = form.period.start, form.period.end
    span = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
    months = {f"{month // 12}-{month % 12 + 1:02}": 0 for month in span}
    months_counted = tuple(sorted({**months, **counted}.items()))
    return Records(rows=tuple(rows), months=months_counted, undated=days.count(None))
