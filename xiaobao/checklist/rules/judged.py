"""(c) 酌情扣分."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from xiaobao.checklist.rules.rule import Ask, Points, RuleBase, RuleLoss, ScoredItem
from xiaobao.model import ItemFacts
from xiaobao.numbers import ZERO, plain
from xiaobao.written.nodes import Flaw, Place


class Judged(RuleBase, tag="judged"):
    """(c) 酌情扣分: a deduction from 0 to `max`, with a reason."""

    max: Points

    word: ClassVar[str] = "酌情扣分"
    words: ClassVar[Mapping[str, str]] = {"max": "最多扣分"}
    rated: ClassVar[bool] = True

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield a largest deduction above what the item can lose, which its floor would cut in silence."""
        if item.floor and self.max > item.points - item.minimum:
            yield Flaw(
                place=(*place, "max"),
                message="酌情扣分的上限高于该项分值",
                value=str(self.max),
                allowed=f"不高于 {item.points - item.minimum}",
            )

    def asks(self) -> tuple[Ask, ...]:
        """Ask for the points to take, 0 to `max`; none given means none taken."""
        label, brief = f"酌情扣分（0 至 {plain(self.max)} 分）", f" 0 至 {self.max:f} 分"
        return (Ask(field="deduction", label=label, suffix="分", brief=brief, most=self.max),)

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take what the inspector judged, held within 0 and `max`."""
        deduct = min(max(facts.deduction or ZERO, ZERO), self.max)
        took = f"酌情扣 {plain(deduct)} 分（最多 {plain(self.max)} 分）" if deduct else "酌情扣分：不扣分"
        return RuleLoss(kind=self.kind, deduct=deduct, explanation=took)
