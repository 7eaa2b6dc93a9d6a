"""一票否决: an event with its day and evidence, recorded at a unit, taken back only with a reason.

A veto of a checklist is kept with the inspection of its domain; one of the scheme, which reaches the total, with the
unit's first inspection.
"""

from __future__ import annotations

from collections.abc import Mapping

from xiaobao.checklist.models import Checklist, Scheme, Veto
from xiaobao.errors import Fault, InputError
from xiaobao.model import Period, VetoEvent
from xiaobao.store.models import Campaign, InspectionRecord
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.versions.unit_sheets import open_inspections_of
from xiaobao.workbench.workspace import Workbench

ByUnit = Mapping[str, tuple[VetoEvent, ...]]


def known_vetoes(wb: Workbench, campaign: Campaign) -> dict[str, tuple[str, Veto]]:
    """Return veto id → (domain, veto) of a campaign's checklists and scheme; the scheme's stand under ""."""
    found = {veto.id: ("", veto) for veto in wb.scheme(campaign).vetoes}
    for domain in campaign.checklists:
        found |= {veto.id: (domain, veto) for veto in wb.checklist(campaign, domain)[0].vetoes}
    return found


def record_veto(wb: Workbench, campaign: Campaign, unit: str, event: VetoEvent) -> Veto:
    """Record an event that triggers a veto and return the veto. Raises InputError on every fault of it at once."""
    known = known_vetoes(wb, campaign)
    span = Period.parse(campaign.period)
    faults = []
    if event.veto_id not in known:
        faults.append(Fault("没有这一项一票否决", value=event.veto_id, allowed="、".join(known) or "无"))
    if not event.description.strip():
        faults.append(Fault("没有写发生了什么", allowed="事件经过"))
    if not any(name.strip() for name in event.evidence):
        faults.append(Fault("没有写佐证材料", allowed="认定文件、照片等的名称或摘要"))
    if event.day not in span:
        faults.append(Fault("事件日期不在检查期间", value=event.day.isoformat(), allowed=f"{span.start} 至 {span.end}"))
    if unit not in {one.id for one in inspected_units(wb, campaign)}:
        faults.append(Fault(f"{campaign.period} 没有这个被检查机构", value=unit))
    if faults:
        raise InputError(faults)
    domain, veto = known[event.veto_id]
    home = _home(wb, campaign, unit, domain)
    with wb.writing("veto.record", unit, domain, campaign) as tx:
        tx.record_veto(home.id, event)
    return veto


def withdraw_veto(wb: Workbench, campaign: Campaign, unit: str, veto_id: str, reason: str) -> None:
    """Take back the events of a veto; they stay in the history. Raises InputError without a reason or an event."""
    known = known_vetoes(wb, campaign)
    if veto_id not in known:
        raise InputError(Fault("没有这一项一票否决", value=veto_id, allowed="、".join(known) or "无"))
    home = _home(wb, campaign, unit, known[veto_id][0])
    with wb.writing("veto.withdraw", unit, known[veto_id][0], campaign) as tx:
        tx.withdraw_veto(home.id, veto_id, reason)


def _home(wb: Workbench, campaign: Campaign, unit: str, domain: str) -> InspectionRecord:
    if not domain:
        opened = wb.store.inspections(campaign.id, unit)
        if opened:
            return opened[0]
        domain = next(iter(campaign.checklists))
    record = wb.store.inspection(campaign.id, unit, domain)
    if record is None:
        open_inspections_of(wb, campaign, [(unit, domain)], "veto.record")
        record = wb.store.inspection(campaign.id, unit, domain)
    assert record is not None
    return record


def sheet_vetoes(wb: Workbench, campaign: Campaign, domain: str, sheet: Checklist) -> ByUnit:
    """Return unit → events of vetoes that `sheet` names."""
    return _named(wb, campaign, domain, {veto.id for veto in sheet.vetoes})


def scheme_vetoes(wb: Workbench, campaign: Campaign, scheme: Scheme) -> ByUnit:
    """Return unit → events of vetoes that the scheme names: they reach the total."""
    return _named(wb, campaign, "", {veto.id for veto in scheme.vetoes})


def _named(wb: Workbench, campaign: Campaign, domain: str, names: set[str]) -> ByUnit:
    if not names:
        return {}
    found: dict[str, tuple[VetoEvent, ...]] = {}
    for (unit, one), events in wb.store.campaign_vetoes(campaign.id).items():
        mine = tuple(event for event in events if event.veto_id in names)
        if domain in ("", one) and mine:
            found[unit] = (*found.get(unit, ()), *mine)
    return found
