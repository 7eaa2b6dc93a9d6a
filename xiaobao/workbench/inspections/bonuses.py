"""加减分: what a unit gains or loses in the pools of a campaign's scheme, with its day, reason and evidence.

An entry counts in the unit's total from the next run on; taken back with a reason, it stays in the history.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError
from xiaobao.model import Period, PoolEntry
from xiaobao.personal import mask
from xiaobao.scoring.pools import scheme_pools
from xiaobao.store.models import Campaign, UnitEntry
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.workspace import Workbench

_TABLE = "pool_entries"
_LONGEST = 200  # the width of the column that keeps why an entry was taken back


def unit_entries(wb: Workbench, campaign: Campaign) -> tuple[UnitEntry, ...]:
    """Return all entries of a campaign, those taken back too, by unit and in the order they were made."""
    found = wb.store.kept(_TABLE, campaign=str(campaign.id))
    return tuple(sorted(found, key=lambda one: (one.unit, int(one.number))))


def scheme_entries(wb: Workbench, campaign: Campaign) -> Mapping[str, tuple[PoolEntry, ...]]:
    """Return unit → the entries that count."""
    if not wb.scheme(campaign).pools:
        return {}
    found: dict[str, tuple[PoolEntry, ...]] = {}
    for one in unit_entries(wb, campaign):
        if not one.withdrawn:
            found[one.unit] = (*found.get(one.unit, ()), one.entry)
    return found


def record_entry(wb: Workbench, campaign: Campaign, unit: str, entry: PoolEntry) -> UnitEntry:
    """Enter a bonus or malus of a unit. Raises InputError on every fault of it at once."""
    faults = [*_entry_faults(wb, campaign, entry)]
    if unit not in {one.id for one in inspected_units(wb, campaign)}:
        faults.append(Fault(f"{campaign.period} 没有这个被检查机构", value=unit))
    if faults:
        raise InputError(faults)
    known = [one for one in unit_entries(wb, campaign) if one.unit == unit]
    made = UnitEntry(campaign=str(campaign.id), unit=unit, number=str(len(known) + 1), entry=entry)
    with wb.writing("pool.record", unit, "", campaign) as tx:
        [kept] = tx.save_kept(_TABLE, "register", [made])
    return kept


def withdraw_entry(wb: Workbench, campaign: Campaign, unit: str, number: str, reason: str) -> UnitEntry:
    """Take an entry back. Raises InputError without a reason, or where no such entry counts."""
    words = mask(reason.strip())
    faults = [] if words else [Fault("撤销加减分须写明原因")]
    if len(words) > _LONGEST:
        faults.append(Fault("撤销原因太长", value=f"{len(words)} 字", allowed=f"不超过 {_LONGEST} 字"))
    mine = {one.number: one for one in unit_entries(wb, campaign) if one.unit == unit and not one.withdrawn}
    if number not in mine:
        faults.append(Fault("没有在生效的这一条加减分", value=number, allowed="、".join(mine) or "无"))
    if faults:
        raise InputError(faults)
    with wb.writing("pool.withdraw", unit, "", campaign) as tx:
        [kept] = tx.save_kept(_TABLE, "withdraw", [replace(mine[number], withdrawn=words)])
    return kept


def _entry_faults(wb: Workbench, campaign: Campaign, entry: PoolEntry) -> list[Fault]:
    span = Period.parse(campaign.period)
    faults: list[Fault] = []
    try:
        scheme_pools(wb.scheme(campaign), [entry])
    except InputError as error:
        faults += error.faults
    if entry.day is None or entry.day not in span:
        value = entry.day.isoformat() if entry.day else ""
        faults.append(Fault("事由发生的日期不在检查期间", value=value, allowed=f"{span.start} 至 {span.end}"))
    if not any(name.strip() for name in entry.evidence):
        faults.append(Fault("没有写佐证材料", allowed="文件、通报、照片等的名称"))
    return faults
