"""(g) 实测值达标."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from xiaobao.checklist.rules.actual import ask_measured
from xiaobao.checklist.rules.measures import convertible, in_smallest, in_unit, inverse, measured_text
from xiaobao.checklist.rules.rule import Ask, Measure, RuleBase, RuleLoss, ScoredItem
from xiaobao.labels import MEASURES
from xiaobao.model import ItemFacts
from xiaobao.numbers import ZERO, to_decimal
from xiaobao.written.nodes import Flaw, Place


class Threshold(RuleBase, tag="threshold"):
    """(g) A measured value, converted to `unit`, against an interval closed at both ends; outside loses all points."""

    unit: Measure
    at_least: Decimal | None = None
    at_most: Decimal | None = None

    word: ClassVar[str] = "实测值达标"
    words: ClassVar[Mapping[str, str]] = {"unit": "计量单位", "at_least": "不低于", "at_most": "不高于"}

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield a rule without any limit, and one whose lower limit lies above its upper: nothing could meet it."""
        if self.at_least is None and self.at_most is None:
            yield Flaw(place=place, message="没有写界限", allowed="at_least、at_most 至少写一个")
        elif inverse(self.unit) and not (self.at_least != ZERO and self.at_most != ZERO):
            yield Flaw(place=place, message="“1 比几”的后一数应大于 0", value="0", allowed="如 12，即 1:12")
        elif self._low is not None and self._high is not None and self._low > self._high:
            allowed = f"不高于 {self.at_most}"
            yield Flaw(place=(*place, "at_least"), message="下限高于上限", value=str(self.at_least), allowed=allowed)

    def asks(self) -> tuple[Ask, ...]:
        """Ask for the measured value, of 符合 too; the hint names the limits."""
        return (ask_measured(self.unit, self._bounds("不低于", "不高于", "，")),)

    def reads(self) -> tuple[tuple[str, str], ...]:
        """None: it takes all or nothing, so that a limit may stand beside a rule that grades the same value."""
        return ()

    def lacks(self, item: ScoredItem, facts: ItemFacts) -> str:
        """It needs a measured value in a unit that can be converted: metres are never compared with minutes."""
        if facts.measured is None:
            return "未填写实测值"
        known = convertible(facts.measured.unit, self.unit)
        if inverse(facts.measured.unit) and not facts.measured.value:
            return "“1 比几”的后一数应大于 0"
        return "" if known else f"实测值的单位无法换算为{MEASURES[self.unit]}"

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Forfeit the item outside the limits, both of them included; compared exactly in the rule's own unit."""
        measured = facts.measured
        assert measured is not None
        value = in_smallest(measured.value, measured.unit)
        inside = (self._low is None or value >= self._low) and (self._high is None or value <= self._high)
        why = f"实测 {measured_text(measured.value, measured.unit)}"
        if measured.unit != self.unit and (value or not inverse(self.unit)):
            why += f"（合 {measured_text(to_decimal(in_unit(value, self.unit)), self.unit)}）"
        why += f"，要求{self._bounds('不小于', '不大于', '、') or '不限'}，"
        if inside:
            return RuleLoss(kind=self.kind, deduct=ZERO, explanation=why + "达到要求，不扣分")
        return RuleLoss(kind=self.kind, deduct=ZERO, explanation=why + "未达到要求，该项不得分", forfeits=True)

    @property
    def _low(self) -> Fraction | None:
        return None if self.at_least is None else in_smallest(self.at_least, self.unit)

    @property
    def _high(self) -> Fraction | None:
        return None if self.at_most is None else in_smallest(self.at_most, self.unit)

    def _bounds(self, least: str, most: str, between: str) -> str:
        low = f"{least} {measured_text(self.at_least, self.unit)}" if self.at_least is not None else ""
        high = f"{most} {measured_text(self.at_most, self.unit)}" if self.at_most is not None else ""
        return between.join(part for part in (low, high) if part)
