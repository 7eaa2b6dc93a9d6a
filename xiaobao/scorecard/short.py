"""As much of a recorded scorecard as a line of the overview wants: traces and texts are not even built.

Names and defaults are those of `Scorecard` and what it holds, so that both are read from the same record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xiaobao.model import Severity, Unit


@dataclass(frozen=True)
class ShortScore:
    value: Decimal | None
    grade: str
    provisional: bool
    vetoes: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class ShortDomain:
    domain: str
    after: ShortScore
    open_leads: int = 0
    reviewed: bool = False


@dataclass(frozen=True)
class ShortFinding:
    severity: Severity


@dataclass(frozen=True)
class ShortCard:
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


@dataclass(frozen=True)
class RecordedCard:
    """What a run recorded of a unit."""

    scorecard: ShortCard
