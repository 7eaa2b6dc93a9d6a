"""As much of a recorded scorecard as a line of the overview wants: traces and texts are not even built.

Names and defaults are those of `Scorecard` and what it holds, so that both are read from the same record.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from xiaobao.model import Severity, Unit, Value


class ShortScore(Value):
    value: Decimal | None
    grade: str
    provisional: bool
    vetoes: tuple[Mapping[str, Any], ...] = ()


class ShortDomain(Value):
    domain: str
    after: ShortScore
    open_leads: int = 0
    reviewed: bool = False


class ShortFinding(Value):
    severity: Severity


class ShortCard(Value):
    unit: Unit
    total: ShortScore
    total_before: ShortScore
    rank: int | None
    previous: Decimal | None
    domains: tuple[ShortDomain, ...]
    findings: tuple[ShortFinding, ...]

    @property
    def reviewed(self) -> bool:
        """As `Scorecard.reviewed`."""
        return bool(self.domains) and all(domain.reviewed for domain in self.domains)


class RecordedCard(Value):
    """What a run recorded of a unit."""

    scorecard: ShortCard
