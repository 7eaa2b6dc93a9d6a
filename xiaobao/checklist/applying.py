"""Whom a sheet or an item is for: the level of the unit, and the businesses it runs (业务开办清单)."""

from __future__ import annotations

from xiaobao.checklist.models import AppliesTo
from xiaobao.labels import level_of
from xiaobao.model import Unit


def why_not_for(applies_to: AppliesTo, unit: Unit, what: str = "本检查表") -> str:
    """Return why `what` is not for `unit`, or nothing where it is."""
    levels, businesses = applies_to.levels, applies_to.businesses
    if levels and unit.level not in levels:
        return f"{what}不适用于{level_of(unit)}"
    if unit.runs_none_of(businesses):
        return "未开办：" + "、".join(businesses)
    return ""
