"""Means, medians and quartiles of every group that a page can filter by, computed before it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from xiaobao.model import Value
from xiaobao.numbers import show
from xiaobao.scoring.exact import add, round_half_up

PLACES = 2


class Placed(Value):
    """One unit of a group: where it stands in the bank, and its total, None without a score."""

    level: str
    region: str
    total: Decimal | None


class Spread(Value):
    """A group's figures as they are shown; of the `scored` of `units`. `five`: least, quartiles, most."""

    key: str
    units: int
    scored: int
    mean: str
    five: tuple[str, ...]


def spreads(units: Iterable[Placed]) -> tuple[Spread, ...]:
    """Return the figures of all units, of each level, each region, and each level within a region."""
    members: dict[str, list[Decimal | None]] = {"all": []}
    for one in units:
        keys = ["all", f"level:{one.level}"]
        keys += [f"region:{one.region}", f"level:{one.level}|region:{one.region}"] if one.region else []
        for key in keys:
            members.setdefault(key, []).append(one.total)
    return tuple(_spread(key, totals) for key, totals in members.items())


def _spread(key: str, totals: Sequence[Decimal | None]) -> Spread:
    values = sorted(value for value in totals if value is not None)
    mean = round_half_up(Fraction(add(*values)) / len(values), PLACES) if values else None
    five = tuple(show(quantile(values, place)) for place in range(5)) if values else ()
    return Spread(key=key, units=len(totals), scored=len(values), mean=show(mean), five=five)


def quantile(ordered: Sequence[Decimal], quarter: int) -> Decimal:
    """Return the least, a quartile or the most (`quarter` 0 to 4) as Excel's QUARTILE.INC does, half-up."""
    at = Fraction(quarter * (len(ordered) - 1), 4)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    exact = Fraction(ordered[low]) + (Fraction(ordered[high]) - Fraction(ordered[low])) * (at - low)
    return round_half_up(exact, PLACES)
