"""考评得分表: what a manager sees of one unit, and of all units. Every figure that a page shows is computed here."""

from xiaobao.scorecard.board import (
    Group,
    Overview,
    OverviewRow,
    RecordedCard,
    ShortCard,
    by_rank,
    empty_row,
    overview,
    overview_row,
)
from xiaobao.scorecard.card import (
    CardInputs,
    DomainResult,
    DomainScore,
    Loss,
    Scorecard,
    Standing,
    build,
    standings,
    untraced,
    weighable,
)

__all__ = [
    "CardInputs",
    "DomainResult",
    "DomainScore",
    "Group",
    "Loss",
    "Overview",
    "OverviewRow",
    "RecordedCard",
    "Scorecard",
    "ShortCard",
    "Standing",
    "build",
    "by_rank",
    "empty_row",
    "overview",
    "overview_row",
    "standings",
    "untraced",
    "weighable",
]
