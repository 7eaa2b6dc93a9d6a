"""(h) 按目标完成比例得分."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, ClassVar

from xiaobao.checklist.rules.actual import (
    actual,
    ask_measured,
    lacking_value,
    lost_by_part,
    shown,
    source_flaws,
    value_name,
)
from xiaobao.checklist.rules.measures import in_smallest, measured_text
from xiaobao.checklist.rules.rule import Ask, Measure, RuleBase, RuleLoss, ScoredItem
from xiaobao.model import ItemFacts
from xiaobao.written.nodes import Flaw, Place
from xiaobao.written.strict import bounds


class Proportion(RuleBase, tag="proportion"):
    """(h) actual ÷ target of the points, at most all. `reversed`: target ÷ actual, where less is better.

    The actual value comes from data (`figure`) or is measured by a person in `unit`.
    """

    target: Annotated[Decimal, bounds(exclusiveMinimum=0)]
    figure: str = ""
    unit: Measure | None = None
    reversed: bool = False

    word: ClassVar[str] = "按目标完成比例得分"
    words: ClassVar[Mapping[str, str]] = {"figure": "数据指标", "unit": "计量单位", "reversed": "越低越好"}
    by_data: ClassVar[bool] = True
    endless: ClassVar[bool] = True

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield an actual value that comes from nowhere or twice."""
        yield from source_flaws(self, place, item)

    def asks(self) -> tuple[Ask, ...]:
        """Ask for the measured value, where it does not come from data; the hint names the target."""
        if not self.unit:
            return ()
        return (ask_measured(self.unit, f"目标 {measured_text(self.target, self.unit)}"),)

    def reads(self) -> tuple[tuple[str, str], ...]:
        return (("figure", self.figure) if self.figure else ("measured", ""),)

    def lacks(self, item: ScoredItem, facts: ItemFacts) -> str:
        """It needs an actual value, one that can be converted where it was measured in another unit."""
        return lacking_value(self, facts)

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take points × (1 − min(actual ÷ target, 1)); `reversed`: points × (1 − min(target ÷ actual, 1))."""
        value = actual(self, facts)
        assert value is not None
        target = in_smallest(self.target, self.unit) if self.unit else Fraction(self.target)
        if self.reversed:
            share = Fraction(1) if value <= target else target / value
            how = f"目标不高于 {shown(target, self)}，目标 ÷ 实际"
        else:
            share = min(value / target, Fraction(1))
            how = f"目标 {shown(target, self)}，实际 ÷ 目标"
        return lost_by_part(self.kind, f"{value_name(self)} {shown(value, self)}，{how}", share, item)
