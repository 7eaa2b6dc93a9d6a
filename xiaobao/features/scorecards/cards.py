"""A unit's recorded card as far as its light page needs it: no traces, so that thousands are read one after another."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from xiaobao.model import AppliedVeto, Severity, ShownScore, Value
from xiaobao.numbers import ZERO
from xiaobao.scorecard import Loss
from xiaobao.scorecard.changes import ScoreChange
from xiaobao.scoring.bridge import ScoreBridge

REPEATED = "repeated"


class PageScore(ShownScore):
    """A score without its trace, with what held it down."""

    vetoes: tuple[AppliedVeto, ...] = ()


class PageDomain(Value):
    """A domain's line; what it means stands in `xiaobao.scorecard.DomainScore`."""

    domain: str
    after: PageScore
    open_leads: int = 0
    reviewed: bool = False
    title: str = ""
    weight: Decimal = ZERO
    previous: Decimal | None = None
    confirmed_leads: int = 0
    refuted_leads: int = 0
    findings: int = 0


class PageFinding(Value):
    """A finding as the page names it."""

    domain: str
    item_id: str
    title: str
    severity: Severity
    condition: str
    points_lost: Decimal
    origin: str = ""
    domain_title: str = ""


class PageCard(Value):
    """What is read of one recorded scorecard; a `Scorecard` made anew has the same fields and more."""

    total: PageScore
    previous: Decimal | None
    previous_rank: int | None = None
    comparable: bool = False
    domains: tuple[PageDomain, ...]
    losses: tuple[Loss, ...]
    findings: tuple[PageFinding, ...]
    trend: tuple[tuple[str, Decimal | None], ...] = ()
    notes: tuple[str, ...] = ()
    bridge: ScoreBridge | None = None


class KeptCard(Value):
    """What a run recorded."""

    scorecard: PageCard


def sentence(change: ScoreChange | None, signed: Sequence[str]) -> str:
    """Return the main causes in a sentence; `signed` are the changes as they are shown, the difference first."""
    if change is None or not signed:
        return ""
    named = "、".join(f"{one.what} {text}" for one, text in zip(change.causes, signed[1:], strict=False))
    return f"较 {change.before_period} {signed[0]}" + (f"：{named}" if named else "")
