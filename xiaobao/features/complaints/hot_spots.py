"""Where complaints rose more than chance would let them, by unit and class; a bare percentage says little of three.

Against a period before: given n cases in both, the later ones follow a binomial distribution with the later period's
part of the days, if nothing changed. Without one: against the bank's mix, as a Poisson count around what the unit's
total and the bank's share of the class let expect. Chances are adjusted for how many were tested (Benjamini–Hochberg).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import comb

import numpy as np

from xiaobao.features.complaints.figures import HotSpot, HotSpots, LedgerFigures
from xiaobao.model import Value
from xiaobao.numbers import half_up
from xiaobao.policies import Counting

_SHOWN = 50
_EXACT = 300  # so few cases are summed exactly, which spares a unit's kernel from loading scipy
_PLACES = 4
Cells = Mapping[str, Mapping[str, int]]


class _Cell(Value):
    unit: str
    business_class: str
    count: int
    before: int
    expected: float


def hot_spots(now: LedgerFigures, before: LedgerFigures | None, rules: Counting) -> HotSpots:
    """Test every unit, every class and every unit and class. `before` must be comparable with `now`."""
    if before is not None:
        days = (now.end - now.start).days + 1, (before.end - before.start).days + 1
        found = _risen(now.cells, before.cells, days[0] / days[1])
        method = f"与 {before.period} 比的二项检验（按天数折算）"
        against = before.period
    else:
        found = _standing_out(now.cells)
        method, against = "与全行类别构成比的泊松检验", ""
    names = _names(now)
    enough = [cell for cell in found if cell.count + (cell.before if before else 0) >= rules.hot_minimum]
    few = [cell for cell in found if cell.count + (cell.before if before else 0) < rules.hot_minimum]
    odds = days[0] / sum(days) if before is not None else None
    chances = _chances(enough, odds)
    adjusted = _adjusted(chances)
    level = float(rules.hot_significance)
    spots = [
        HotSpot(
            unit=cell.unit,
            name=names.get(cell.unit, cell.unit),
            business_class=cell.business_class,
            count=cell.count,
            before=cell.before if before else None,
            expected=half_up(Decimal(repr(cell.expected))),
            chance=_shown(chance),
            adjusted=_shown(fair),
            verdict="risen" if fair <= level else "usual",
        )
        for cell, chance, fair in zip(enough, chances.tolist(), adjusted.tolist(), strict=True)
    ]
    spots.sort(key=lambda spot: (spot.verdict != "risen", spot.chance, -spot.count, spot.unit, spot.business_class))
    units = sorted({cell.unit for cell in few if cell.unit and not cell.business_class})
    return HotSpots(
        method=f"{method}，单侧，错误发现率校正，显著性水平 {rules.hot_significance}",
        against=against,
        minimum=rules.hot_minimum,
        significance=rules.hot_significance,
        tested=len(enough),
        few=len(few),
        spots=tuple(spots[:_SHOWN]),
        few_names=tuple(names.get(unit, unit) for unit in units),
        risen=tuple(sorted({spot.unit for spot in spots if spot.verdict == "risen" and spot.unit})),
    )


def _names(figures: LedgerFigures) -> dict[str, str]:
    units = figures.breakdowns.get("unit")
    return {figures.unit: figures.name} | ({row.code: row.name for row in units.rows} if units else {})


def _sums(cells: Cells) -> dict[tuple[str, str], int]:
    """Return counts by unit and class, by unit alone (class "") and by class alone (unit "")."""
    found: dict[tuple[str, str], int] = {}
    for unit, classes in cells.items():
        for name, number in classes.items():
            for key in {(unit, name), (unit, ""), ("", name)}:
                found[key] = found.get(key, 0) + number
    return found


def _risen(now: Cells, before: Cells, ratio: float) -> list[_Cell]:
    """Return what had cases in either period, with what the days let expect; one unit alone is not listed twice."""
    late, early = _sums(now), _sums(before)
    single = len({*now, *before}) <= 1
    keys = sorted(key for key in {*late, *early} if not (single and not key[0]))
    return [
        _Cell(
            unit=key[0],
            business_class=key[1],
            count=late.get(key, 0),
            before=early.get(key, 0),
            expected=early.get(key, 0) * ratio,
        )
        for key in keys
    ]


def _standing_out(now: Cells) -> list[_Cell]:
    sums = _sums(now)
    total = sum(number for (unit, name), number in sums.items() if unit and not name)
    if len(now) < 2 or not total:
        return []
    return [
        _Cell(unit=unit, business_class=name, count=number, before=0, expected=sums[unit, ""] * sums["", name] / total)
        for (unit, name), number in sorted(sums.items())
        if unit and name
    ]


def _chances(cells: list[_Cell], odds: float | None) -> np.ndarray:
    """Return the probability of so many cases or more."""
    if not cells:
        return np.zeros(0)
    if odds is not None and len(cells) <= 100 and all(cell.count + cell.before <= _EXACT for cell in cells):
        return np.array([_tail(cell.count, cell.count + cell.before, odds) for cell in cells])
    from scipy import stats

    count = np.array([cell.count for cell in cells])
    if odds is None:
        return np.asarray(stats.poisson.sf(count - 1, [cell.expected for cell in cells]))
    both = count + np.array([cell.before for cell in cells])
    return np.asarray(stats.binom.sf(count - 1, both, odds))


def _tail(count: int, both: int, odds: float) -> float:
    return float(sum(comb(both, k) * odds**k * (1 - odds) ** (both - k) for k in range(count, both + 1)))


def _adjusted(chances: np.ndarray) -> np.ndarray:
    """Adjust for the number of tests, after Benjamini and Hochberg (1995)."""
    size = len(chances)
    order = np.argsort(chances)
    scaled = chances[order] * size / np.arange(1, size + 1)
    fair = np.empty(size)
    fair[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return fair


def _shown(chance: float) -> Decimal:
    return half_up(Decimal(repr(float(chance))), _PLACES)
