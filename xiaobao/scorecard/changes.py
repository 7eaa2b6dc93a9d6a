"""What moved a unit's total since the period before: the largest causes, what is left over, and a sentence of both.

Pure values for whoever draws them (pages, static scorecards, reports). Differences are in points of the total of 100;
every sum is exact: `before` + causes + `rest` + `rounding` = `after`, to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from xiaobao.model import Value
from xiaobao.numbers import ZERO, half_up, show
from xiaobao.scoring.bridge import ScoreBridge

TEN = 10
_SAID = 3


class ScoreChangeCause(Value):
    """One item, or one step without items, that moved the total; `step` says in which step it did."""

    step: str
    what: str
    change: Decimal


class ScoreChange(Value):
    """From the total before to this one: `causes` the largest first, `rest` what all others moved, `rounding` apart."""

    before_period: str
    after_period: str
    before: Decimal
    after: Decimal
    causes: tuple[ScoreChangeCause, ...]
    rest: Decimal
    rounding: Decimal

    @property
    def difference(self) -> Decimal:
        """Return the whole way from one total to the other."""
        return self.after - self.before

    @property
    def bars(self) -> tuple[tuple[str, Decimal, Decimal], ...]:
        """Return (what, from, to) of every bar of the waterfall; it ends at `after` less what rounding moved."""
        found, reached = [], self.before
        for what, change in (*((one.what, one.change) for one in self.causes), ("其余合计", self.rest)):
            if change:
                found.append((what, reached, reached + change))
                reached += change
        return tuple(found)


def change_of(bridge: ScoreBridge | None, most: int = TEN) -> ScoreChange | None:
    """Return the `most` largest movers of a bridge, None without one. Nothing is computed but what is left over."""
    if bridge is None:
        return None
    moved = sorted(_movers(bridge), key=lambda one: (-abs(one.change), one.what))
    named = tuple(moved[:most])
    rounding = sum((step.change for step in bridge.steps if step.kind == "rounding"), ZERO)
    return ScoreChange(
        before_period=bridge.before_period,
        after_period=bridge.after_period,
        before=bridge.before,
        after=bridge.after,
        causes=named,
        rest=bridge.after - bridge.before - rounding - sum((one.change for one in named), ZERO),
        rounding=rounding,
    )


def _movers(bridge: ScoreBridge) -> Iterator[ScoreChangeCause]:
    """Return what moved points: the items of a step, or the step itself where it names none with their points."""
    for step in bridge.steps:
        if step.kind == "rounding" or not step.change:
            continue
        if not step.parts:
            yield ScoreChangeCause(step=step.title, what=step.title, change=step.change)
        for part in step.parts:
            yield ScoreChangeCause(step=step.title, what=part.item, change=part.change)


def why_unled(domains: Iterable[tuple[str, Decimal | None, Decimal | None]]) -> str:
    """Say why nothing leads from the total before to this one; `domains`: title, score now and before (None: none)."""
    differ = [title for title, now, before in domains if (now is None) != (before is None)]
    if differ:
        return f"两期有得分的检查域不同（{'、'.join(differ)}），不能分解得分变动。"
    return "上期或本期没有逐项事实，不能分解得分变动。"


def signed(value: Decimal) -> str:
    """Return a difference as it is shown: two decimals with its sign; what rounds to nothing has none."""
    rounded = half_up(value)
    return f"{'+' if rounded > 0 else ''}{show(rounded, 2)}" if rounded else "0.00"


def causes_sentence(change: ScoreChange | None, most: int = _SAID) -> str:
    """Return the way between the totals with its largest causes in one sentence, "" where there is no bridge."""
    if change is None:
        return ""
    way = f"较 {change.before_period} {signed(change.difference)} 分"
    named = [f"{one.what} {signed(one.change)}" for one in change.causes[:most] if half_up(one.change)]
    return f"{way}，影响最大的是{'、'.join(named)}。" if named else f"{way}。"
