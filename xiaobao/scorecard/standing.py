"""名次: where a score stands among its peers, the units of the same level."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from xiaobao.model import Value
from xiaobao.numbers import median, ranks


class Standing(Value):
    """Where a score stands among its peers: computed once for all units, so no card holds them."""

    rank: int
    peers: int
    median: Decimal


def standings(values: Mapping[str, Decimal | None], levels: Mapping[str, str]) -> dict[str, Standing]:
    """Rank shown scores after decisions within each level; units without a score have no standing."""
    found: dict[str, Standing] = {}
    for level in dict.fromkeys(levels.values()):
        scored = {unit: value for unit, value in values.items() if value is not None and levels[unit] == level}
        middle = median(scored.values())
        if middle is not None:
            found |= {
                unit: Standing(rank=rank, peers=len(scored), median=middle) for unit, rank in ranks(scored).items()
            }
    return found
