"""考评得分表: what a manager sees of one unit, and of all units. Every figure that a page shows is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from xiaobao.model import Finding, Score, Unit


@dataclass(frozen=True)
class Loss:
    """Points lost on one item, in points of its sheet; `weighted` is what that took from the total of 100."""

    domain: str
    item_id: str
    title: str
    lost: Decimal
    of: Decimal
    weighted: Decimal
    explanation: str
    reason: str = ""
    leads: tuple[str, ...] = ()


@dataclass(frozen=True)
class DomainScore:
    """One domain of one unit. `peer_*` are over units of the same level that have a score in this domain."""

    domain: str
    title: str
    weight: Decimal
    after: Score
    before: Score
    previous: Decimal | None = None
    rank: int | None = None
    peers: int = 0
    peer_median: Decimal | None = None
    open_leads: int = 0
    confirmed_leads: int = 0
    refuted_leads: int = 0
    findings: int = 0


@dataclass(frozen=True)
class Scorecard:
    unit: Unit
    period: str
    total: Score
    total_before: Score
    grade_label: str
    rank: int | None
    peers: int
    peer_median: Decimal | None
    previous: Decimal | None
    previous_rank: int | None
    domains: tuple[DomainScore, ...]
    losses: tuple[Loss, ...]
    findings: tuple[Finding, ...]
    trend: tuple[tuple[str, Decimal | None], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class OverviewRow:
    """One unit on the overview. `domains` domain → shown score after decisions, None where nothing was scored."""

    unit: Unit
    total: Decimal | None
    before: Decimal | None
    grade: str
    rank: int | None
    previous: Decimal | None
    domains: Mapping[str, Decimal | None]
    open_leads: int
    high_findings: int
    findings: int
    provisional: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Means, medians and counts of one filter group (a level, a region, or all), precomputed."""

    key: str
    title: str
    units: int
    scored: int
    mean: Decimal | None
    median: Decimal | None
    grades: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Overview:
    bank: str
    period: str
    rows: tuple[OverviewRow, ...]
    groups: tuple[Group, ...]
    grade_labels: Mapping[str, str]
    domain_titles: Mapping[str, str]
    notes: tuple[str, ...] = ()
