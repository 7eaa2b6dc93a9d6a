"""检查批次: one set of checklist versions to many units for one period."""

from __future__ import annotations

from datetime import date

from xiaobao.checklist.canonical import from_canonical
from xiaobao.errors import Fault, InputError
from xiaobao.labels import DOMAINS
from xiaobao.model import Period, Unit
from xiaobao.store.records import Campaign
from xiaobao.workbench.workspace import Workbench


def create_campaign(wb: Workbench, name: str, period: str) -> Campaign:
    """Open a campaign with the newest published checklist in force for each domain. Raises InputError on a twin."""
    span = Period.parse(period)
    if any(c.name == name for c in wb.store.campaigns(span.code)):
        raise InputError(Fault(f"检查期间 {span.code} 已有同名批次", value=name))
    scheme = wb.store.published("scheme", wb.settings.scheme)
    checklists = {}
    for published in wb.store.list_published("checklist"):
        checklist = from_canonical(published.content)
        if in_force(checklist.effective_from, checklist.effective_to, span):
            checklists[checklist.domain] = (checklist.id, checklist.version)
    ordered = {domain: checklists[domain] for domain in (*DOMAINS, *sorted(checklists)) if domain in checklists}
    if not ordered:
        raise InputError(Fault(f"检查期间 {span.code} 没有已发布的检查表可用"))
    with wb.store.writing(wb.actor) as tx:
        return tx.add_campaign(name, span.code, (scheme.id, scheme.version), ordered)


def in_force(start: date, end: date | None, span: Period) -> bool:
    return start <= span.end and (end is None or end >= span.start)


def inspected_units(wb: Workbench, campaign: Campaign) -> tuple[Unit, ...]:
    """Return the units that a campaign inspects, by id."""
    return tuple(unit for unit in wb.units(campaign.period).values() if unit.inspected)


def open_inspections(wb: Workbench, campaign: Campaign) -> None:
    """Make the inspections of every inspected unit that are not there yet."""
    wanted = [(unit.id, domain) for unit in inspected_units(wb, campaign) for domain in campaign.checklists]
    known = {(r.unit, r.domain) for r in wb.store.inspections(campaign.id)}
    missing = [pair for pair in wanted if pair not in known]
    if missing:
        with wb.store.writing(wb.actor) as tx:
            tx.ensure_inspections(campaign.id, missing)
