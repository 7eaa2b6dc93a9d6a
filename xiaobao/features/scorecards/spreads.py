"""Means, medians and quartiles of every group that a page can filter by, computed before it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from xiaobao.model import Value
from xiaobao.numbers import add, round_half_up, show
from xiaobao.scorecard.card import counted_reservations, reserved_marks

_PLACES = 2


class PlacedUnit(Value):
    """One unit of a group: where it stands in the bank, and its total, None without a score.

    `reserved`: the words for what keeps that total from being the last one (未更新, 草稿, 旧数据).
    """

    level: str
    region: str
    total: Decimal | None
    reserved: tuple[str, ...] = ()


class Spread(Value):
    """A group's figures as they are shown; of the `scored` of `units`. `five`: least, quartiles, most.

    Behind the mean stands how many of the totals are not the last word.
    """

    key: str
    units: int
    scored: int
    mean: str
    five: tuple[str, ...]


def spreads(units: Iterable[PlacedUnit]) -> tuple[Spread, ...]:
    """Return the figures of all units, of each level, each region, and each level within a region."""
    members: dict[str, list[PlacedUnit]] = {"all": []}
    for one in units:
        keys = ["all", f"level:{one.level}"]
        keys += [f"region:{one.region}", f"level:{one.level}|region:{one.region}"] if one.region else []
        for key in keys:
            members.setdefault(key, []).append(one)
    return tuple(_spread(key, own) for key, own in members.items())


def _spread(key: str, placed: Sequence[PlacedUnit]) -> Spread:
    values = sorted(one.total for one in placed if one.total is not None)
    mean = round_half_up(Fraction(add(*values)) / len(values), _PLACES) if values else None
    five = tuple(show(quantile(values, place)) for place in range(5)) if values else ()
    behind = reserved_marks(counted_reservations(one.reserved for one in placed if one.total is not None))
    return Spread(key=key, units=len(placed), scored=len(values), mean=show(mean) + behind, five=five)


def quantile(ordered: Sequence[Decimal], quarter: int) -> Decimal:
    """Return the least, a quartile or the most (`quarter` 0 to 4) as Excel's QUARTILE.INC does, half-up."""
    at = Fraction(quarter * (len(ordered) - 1), 4)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    exact = Fraction(ordered[low]) + (Fraction(ordered[high]) - Fraction(ordered[low])) * (at - low)
    return round_half_up(exact, _PLACES)
