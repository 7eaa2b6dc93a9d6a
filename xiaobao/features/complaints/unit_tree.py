"""Where a complaint's unit belongs: its own row, its branch, its region. Subtotals are never added to their parts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xiaobao.features.complaints.ledger import Codes, Ledger
from xiaobao.model import Unit, Value, folded_id
from xiaobao.policies import Counting

HEAD_OFFICE, NO_REGION = "总行本级", "未标明地区"
_Names = tuple[tuple[str, str], ...]


class Places(Value):
    """For each row the code of its unit, branch and region; names are (code, name). Every row is once in each."""

    units: Codes
    unit_names: _Names
    branches: Codes
    branch_names: _Names
    regions: Codes
    region_names: _Names


def place_units(ledger: Ledger, units: Mapping[str, Unit], rules: Counting) -> Places:
    """Place every row. Units of the register come first, with or without complaints; then strange ones."""
    codes, values = ledger.values("unit")
    listed = list(units)
    order = {folded_id(unit): place for place, unit in enumerate(listed)}
    strange: dict[str, int] = {}
    lookup = []
    for value in values:
        place = order.get(folded_id(value))
        lookup.append(len(listed) + strange.setdefault(value, len(strange)) if place is None else place)
    own = np.array([*lookup, -1], dtype="int64")[codes]
    names = (
        *((unit, units[unit].name) for unit in listed),
        *((value, f"{value}（不在机构名单）") for value in strange),
    )
    everyone = [units[unit] for unit in listed]
    branch, branch_names = _coded([_branch(unit, units) for unit in everyone] + [(v, v) for v in strange])
    region, region_names = _coded(
        [("", _region(unit, units, rules)) for unit in everyone] + [("", NO_REGION) for _ in strange]
    )
    return Places(
        units=own,
        unit_names=names,
        branches=_through(branch, own),
        branch_names=branch_names,
        regions=_through(region, own),
        region_names=region_names,
    )


def _through(places: list[int], own: Codes) -> Codes:
    return np.array([*places, -1], dtype="int64")[own]


def _coded(found: list[tuple[str, str]]) -> tuple[list[int], _Names]:
    order: dict[tuple[str, str], int] = {}
    places = [order.setdefault(one, len(order)) for one in found]
    return places, tuple(order)


def _line(unit: Unit, units: Mapping[str, Unit]) -> list[Unit]:
    """Return the unit and those above it, from itself upward; a ring in the register ends the line."""
    line = [unit]
    while line[-1].parent in units and units[line[-1].parent] not in line:
        line.append(units[line[-1].parent])
    return line


def _branch(unit: Unit, units: Mapping[str, Unit]) -> tuple[str, str]:
    """Return the branch that a unit reports to; head office and its departments stand together, alone."""
    if unit.level in {"head_office", "department"}:
        return "", HEAD_OFFICE
    line = [one for one in _line(unit, units) if one.level not in {"head_office", "department"}]
    top = next((one for one in line if one.level == "branch"), line[-1])
    return top.id, top.name


def _region(unit: Unit, units: Mapping[str, Unit], rules: Counting) -> str:
    """Return the region reported: the bank's mapping, else the register's, else that of the unit above.

    Head office and its departments have no region unless the mapping gives one. What the mapping or the register
    names stands alone: 大连 is not added to 辽宁, nor 苏州 to 江苏.
    """
    for one in _line(unit, units):
        if one.id in rules.regions:
            return rules.regions[one.id]
        if one.level in {"head_office", "department"}:
            return HEAD_OFFICE if one is unit else NO_REGION
        if one.region:
            return rules.regions.get(one.region, one.region)
    return NO_REGION
