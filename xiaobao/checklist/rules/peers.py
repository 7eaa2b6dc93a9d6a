"""(i) 与全部受检机构中的最好值比较. The best of all is found by `scoring.peers`, once every unit is in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import ClassVar, Literal

from xiaobao.checklist.rules.actual import (
    actual,
    ask_measured,
    lacking_value,
    lost_by_part,
    shown,
    source_flaws,
    value_name,
)
from xiaobao.checklist.rules.rule import Ask, Measure, RuleBase, RuleLoss, ScoredItem
from xiaobao.model import ItemFacts
from xiaobao.numbers import ZERO
from xiaobao.written.nodes import Flaw, Place

AWAITING = "待汇总：本项与全部受检机构中的最好值比较，各机构报齐后由上级统一计算"


def standard_key(item: ScoredItem, name: str = "best") -> str:
    """Return under which name the parent puts what all units come to into an item's figures."""
    return f"{item.id}#{name}"


class Peers(RuleBase, tag="peers"):
    """(i) own ÷ the best of all units; `reversed`: the least ÷ own. Known only when every unit is in.

    A zero under `reversed` has no quotient: it is reported, or gets full points and the others are held against the
    least that is not zero.
    """

    figure: str = ""
    unit: Measure | None = None
    reversed: bool = False
    zero: Literal["reported", "full"] = "reported"

    word: ClassVar[str] = "与最好机构比较得分"
    words: ClassVar[Mapping[str, str]] = {
        "figure": "数据指标",
        "unit": "计量单位",
        "reversed": "越低越好",
        "zero": "数值为零时",
    }
    by_data: ClassVar[bool] = True
    endless: ClassVar[bool] = True
    relative: ClassVar[bool] = True

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield an actual value that comes from nowhere or twice, and `zero: full` where more is better."""
        yield from source_flaws(self, place, item)
        if self.zero == "full" and not self.reversed:
            message = "只有越低越好的比较才写数值为零时怎么办"
            yield Flaw(place=(*place, "zero"), message=message, value=self.zero, allowed="reversed: true")

    def asks(self) -> tuple[Ask, ...]:
        """Ask for the measured value, where it does not come from data. What the best is nobody is asked."""
        return (ask_measured(self.unit, "与全部受检机构的最好值比较"),) if self.unit else ()

    def reads(self) -> tuple[tuple[str, str], ...]:
        return (("figure", self.figure) if self.figure else ("measured", ""),)

    def lacks(self, item: ScoredItem, facts: ItemFacts) -> str:
        """It needs the unit's own value; while the best of all is out, `loss` takes nothing and says 待汇总."""
        return lacking_value(self, facts)

    def value(self, facts: ItemFacts) -> Fraction | None:
        return actual(self, facts)

    def standards(self, values: Collection[Fraction]) -> Mapping[str, Fraction] | str:
        """Return the most, or the least where less is better; a zero there has no quotient."""
        if not self.reversed:
            if max(values) > 0:
                return {"best": max(values)}
            return "全部受检机构的数值都不大于 0，“本机构 ÷ 最高”无法计算"
        least = min(values)
        if least < 0 or (not least and self.zero != "full"):
            return "的数值为 0 或负数，“最低 ÷ 本机构”无法计算"
        return {"best": min((value for value in values if value), default=Fraction(0))}

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take points × (1 − own ÷ most), or × (1 − least ÷ own) where less is better; exact, thirds included.

        An own zero has no quotient under `reversed`: with `zero: full` it loses nothing.
        """
        best, own = facts.figures.get(standard_key(item)), actual(self, facts)
        if best is None or own is None:
            return RuleLoss(kind=self.kind, deduct=ZERO, explanation=AWAITING)
        if not own and self.zero == "full":
            return RuleLoss(
                kind=self.kind, deduct=ZERO, explanation=f"{value_name(self)} {shown(own, self)}，得满分，不扣分"
            )
        top = Fraction(best)
        share = top / own if self.reversed else own / top
        how = "最低 ÷ 本机构" if self.reversed else "本机构 ÷ 最高"
        known = f"{value_name(self)} {shown(own, self)}，全部受检机构最好值 {shown(top, self)}"
        return lost_by_part(self.kind, f"{known}，{how}", share, item)
