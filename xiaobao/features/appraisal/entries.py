"""加减分 of an appraisal: points, day, reason and evidence; open until 定稿, every step of it in the history."""

from __future__ import annotations

from msgspec.structs import replace

from xiaobao.checklist.models import Scheme
from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.features.appraisal.appraising import appraise
from xiaobao.features.appraisal.verbs import (
    APPRAISAL_STATES,
    Appraisal,
    Entry,
    appraisal_scheme,
    draft_of,
    find_appraisal,
    keep_appraisal,
)
from xiaobao.model import Period, PoolEntry
from xiaobao.scoring.pools import scheme_pools
from xiaobao.workbench.workspace import Workbench


def add_entry(wb: Workbench, period: str, scheme_id: str, unit: str, entry: PoolEntry) -> Appraisal:
    """Enter a bonus or malus. After 公示 the unit's score is computed anew, and the units may still appeal.

    Raises InputError on every fault at once, NotAllowed after 定稿.
    """
    found = _open(draft_of(wb, period, scheme_id))
    scheme = appraisal_scheme(wb, *found.scheme)
    faults = _faults(wb, found, unit, entry, scheme)
    if faults:
        raise InputError(faults)
    made = Entry(number=len(found.entries) + 1, unit=unit, entry=entry, by=wb.actor.name, on=wb.today)
    return _kept(wb, replace(found, entries=(*found.entries, made)), unit, scheme)


def withdraw_entry(wb: Workbench, period: str, number: int, reason: str) -> Appraisal:
    """Take an entry back; it stays listed with the reason. Raises InputError, NotAllowed after 定稿."""
    found = find_appraisal(wb, period)
    entry = next((one for one in found.entries if one.number == number), None) if found else None
    faults = []
    if entry is None or entry.withdrawn:
        faults.append(Fault("没有在生效的这一条加减分", value=str(number)))
    if not reason.strip():
        faults.append(Fault("撤销加减分须写明原因"))
    if faults or found is None or entry is None:
        raise InputError(faults)
    _open(found)
    gone = replace(entry, withdrawn=reason.strip(), withdrawn_by=wb.actor.name)
    entries = tuple(gone if one is entry else one for one in found.entries)
    return _kept(wb, replace(found, entries=entries), entry.unit, appraisal_scheme(wb, *found.scheme))


def _open(found: Appraisal) -> Appraisal:
    if found.state == "final":
        raise NotAllowed(f"{found.period} 的考核{APPRAISAL_STATES[found.state]}，加减分不能再改")
    return found


def _faults(wb: Workbench, found: Appraisal, unit: str, entry: PoolEntry, scheme: Scheme) -> list[Fault]:
    faults = []
    span = Period.parse(found.period)
    if found.state == "published" and unit not in found.scores:
        faults.append(Fault("考核里没有这个机构", value=unit))
    elif found.state == "draft" and not _known(wb, unit, span):
        faults.append(Fault("考核期内没有这个被检查机构", value=unit))
    if entry.day is None or entry.day not in span:
        value = entry.day.isoformat() if entry.day else ""
        faults.append(Fault("事由发生的日期不在考核期内", value=value, allowed=f"{span.start} 至 {span.end}"))
    if not any(name.strip() for name in entry.evidence):
        faults.append(Fault("没有写佐证材料", allowed="文件、通报、照片等的名称"))
    try:
        scheme_pools(scheme, [entry])
    except InputError as error:
        faults += error.faults
    return faults


def _known(wb: Workbench, unit: str, span: Period) -> bool:
    periods = [one.period for one in wb.store.campaigns() if Period.parse(one.period).end in span]
    return any(unit in (known := wb.units(period)) and known[unit].inspected for period in periods)


def _kept(wb: Workbench, changed: Appraisal, unit: str, scheme: Scheme) -> Appraisal:
    """Keep the next step, with the unit's score computed anew where it is published already."""
    scores = dict(changed.scores)
    for one in changed.figures:
        if one.unit == unit:
            scores[unit] = appraise(scheme, changed.entered(one), wb.settings.policies.coverage.total)
    return keep_appraisal(wb, "appraisal.make", replace(changed, revision=changed.revision + 1, scores=scores))
