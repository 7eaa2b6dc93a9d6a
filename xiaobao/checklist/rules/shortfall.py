"""每低（高）一个单位扣几分."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from xiaobao.checklist.rules.actual import actual, ask_measured, lacking_value, shown, source_flaws, value_name
from xiaobao.checklist.rules.measures import in_smallest, inverse, measured_text
from xiaobao.checklist.rules.rule import Ask, Measure, Points, RuleBase, RuleLoss, ScoredItem
from xiaobao.model import ItemFacts
from xiaobao.numbers import ZERO, plain, to_decimal
from xiaobao.written.nodes import Flaw, Place
from xiaobao.written.strict import bounds

_STEPS = {"dropped": "不足一个的不计", "counted": "不足一个的按一个计", "proportional": "按比例计"}


class Shortfall(RuleBase, tag="shortfall"):
    """每低 1 个百分点扣 1 分: `rate` for each `step` that the actual value lies below `target`; `reversed`: above it.

    A last step that is not full is dropped, counted as one, or counted by its part. The actual value comes from data
    (`figure`) or is measured by a person in `unit`.
    """

    target: Decimal
    rate: Points
    step: Annotated[Decimal, bounds(exclusiveMinimum=0)] = Decimal(1)
    part: Literal["dropped", "counted", "proportional"] = "dropped"
    figure: str = ""
    unit: Measure | None = None
    reversed: bool = False

    word: ClassVar[str] = "按差距扣分"
    words: ClassVar[Mapping[str, str]] = {
        "rate": "每次（每项）扣分",
        "step": "每差多少计一次",
        "part": "不足一次的部分",
        "figure": "数据指标",
        "unit": "计量单位",
        "reversed": "越低越好",
    }
    by_data: ClassVar[bool] = True
    endless: ClassVar[bool] = True

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield an actual value that comes from nowhere or twice, and a rate of 0, which would never take anything."""
        yield from source_flaws(self, place, item)
        if inverse(self.unit):
            message = "“1 比几”之间相减没有意义，不能按差距扣分"
            yield Flaw(place=(*place, "unit"), message=message, value=str(self.unit), allowed="percent、ratio 等")
        if not self.rate:
            yield Flaw(place=(*place, "rate"), message="没有写每差一次扣几分", value="0", allowed="大于 0")

    def asks(self) -> tuple[Ask, ...]:
        """Ask for the measured value, where it does not come from data; the hint names the target and its side."""
        if not self.unit:
            return ()
        way = "不高于" if self.reversed else "不低于"
        return (ask_measured(self.unit, f"目标{way} {measured_text(self.target, self.unit)}"),)

    def reads(self) -> tuple[tuple[str, str], ...]:
        return (("figure", self.figure) if self.figure else ("measured", ""),)

    def lacks(self, item: ScoredItem, facts: ItemFacts) -> str:
        """It needs an actual value, one that can be converted where it was measured in another unit."""
        return lacking_value(self, facts)

    def _smallest(self, number: Decimal) -> Fraction:
        return in_smallest(number, self.unit) if self.unit else Fraction(number)

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take gap ÷ `step` × `rate`, nothing on the right side of the target.

        The steps count whole ones alone, a begun one in full (`counted`), or in proportion, then exact to the third.
        """
        value = actual(self, facts)
        assert value is not None
        target = self._smallest(self.target)
        gap = max(value - target if self.reversed else target - value, Fraction(0))
        steps = gap / self._smallest(self.step)
        if self.part != "proportional":
            steps = Fraction(-(-steps // 1) if self.part == "counted" else steps // 1)
        exact = steps * Fraction(self.rate)
        way = "不高于" if self.reversed else "不低于"
        why = f"{value_name(self)} {shown(value, self)}，目标{way} {shown(target, self)}"
        if not gap:
            return RuleLoss(kind=self.kind, deduct=ZERO, explanation=f"{why}，达到目标，不扣分")
        deduct = to_decimal(exact)
        each = f"每差 {plain(self.step)} 扣 {plain(self.rate)} 分，{_STEPS[self.part]}，扣 {plain(deduct)} 分"
        return RuleLoss(
            kind=self.kind,
            deduct=deduct,
            explanation=f"{why}，差 {shown(gap, self)}，{each}",
            exact=exact if Fraction(deduct) != exact else None,
        )
