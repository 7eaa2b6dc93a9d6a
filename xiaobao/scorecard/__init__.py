"""考评得分表: what a manager sees of one unit, and of all units. Every figure that a page shows is computed here.

`card` builds one unit's `Scorecard` from recorded results, `board` the `Overview` of all of them; both are values that
pages, Word and Excel draw. Scores are Decimal from 0 to 100, None where there is no score; ranks and
medians are within a level. `around` is what is true of the moment a page was opened, and never recorded.
"""

from xiaobao.scorecard.board import (
    Group,
    Overview,
    OverviewRow,
    RecordedCard,
    ShortCard,
    by_rank,
    empty_row,
    held,
    overview,
    overview_row,
)
from xiaobao.scorecard.card import (
    CardInputs,
    DomainResult,
    DomainScore,
    Scorecard,
    Standing,
    build_card,
    held_card,
    idle,
    placed,
    scored_domains,
    standings,
    untraced,
    weighable,
)
from xiaobao.scorecard.losses import Loss

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
    "build_card",
    "by_rank",
    "empty_row",
    "held",
    "held_card",
    "idle",
    "overview",
    "overview_row",
    "placed",
    "scored_domains",
    "standings",
    "untraced",
    "weighable",
]
