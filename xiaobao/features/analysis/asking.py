"""What an analyst asks for: one or more units and periods, Chinese or code headings; wrong ones answered in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.features.analysis.shown import one_or_more
from xiaobao.workbench.permitting import known_units

if TYPE_CHECKING:
    from xiaobao.store.records import Campaign
    from xiaobao.workbench.workspace import Workbench


def chosen_units(
    wb: Workbench, asked: str | Sequence[str], period: str, shows: Callable[[str], bool] | None
) -> frozenset[str]:
    """Return the units asked for, all that are shown without any. Raises InputError, NotAllowed naming every fault.

    A unit that is not there and one that may not be seen are distinguished only to who sees the whole bank.
    """
    known = known_units(wb, period)
    wanted = one_or_more(unit=asked)
    if not wanted:
        return frozenset(unit for unit in known if shows is None or shows(unit))
    if shows is None:
        if unknown := [Fault("没有这个机构", value=unit) for unit in wanted if unit not in known]:
            raise InputError(unknown)
    elif hidden := [Fault("没有这个机构，或您不能查看它的数据", value=one) for one in wanted if not shows(one)]:
        raise NotAllowed(hidden)
    return frozenset(wanted)


def chosen_campaigns(wb: Workbench, asked: str | Sequence[str]) -> tuple[Campaign, ...]:
    """Return the campaigns of the periods asked for, or those named as 2026H1/名称; all without any, oldest first."""
    periods = one_or_more(period=asked)
    if not periods:
        return wb.store.campaigns()
    found: list[Campaign] = []
    for one in periods:
        several = () if "/" in one else wb.store.campaigns(one)
        found += several or (wb.campaign(one),)
    return tuple(found)
