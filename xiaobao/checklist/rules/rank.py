"""按名次得分. Who stands where is found by `scoring.peers`, once every unit is in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Annotated, ClassVar

from xiaobao.checklist.rules.actual import actual, ask_measured, lacking_value, shown, source_flaws, value_name
from xiaobao.checklist.rules.peers import AWAITING, standard_key
from xiaobao.checklist.rules.rule import Ask, Measure, Points, RuleBase, RuleLoss, ScoredItem
from xiaobao.checklist.shared_flaws import twice
from xiaobao.model import ItemFacts
from xiaobao.numbers import ZERO, add, plain
from xiaobao.written.nodes import Flaw, Place
from xiaobao.written.strict import Strict, bounds


class RankBand(Strict):
    """Ranks 1 to `to` (those of a better band excepted) get `points`."""

    to: Annotated[int, bounds(minimum=1)]
    points: Points


class Rank(RuleBase, tag="rank"):
    """Points by the unit's rank among all units: in a pool a bonus, elsewhere what is kept of the item's points.

    Ties share the better rank. `reversed`: the least is first. Known only when every unit is in.
    """

    ranks: Annotated[tuple[RankBand, ...], bounds(minItems=1)]
    figure: str = ""
    unit: Measure | None = None
    reversed: bool = False

    word: ClassVar[str] = "按名次得分"
    words: ClassVar[Mapping[str, str]] = {
        "ranks": "名次分档",
        "to": "至第几名",
        "figure": "数据指标",
        "unit": "计量单位",
        "reversed": "越低越好",
    }
    by_data: ClassVar[bool] = True
    relative: ClassVar[bool] = True

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield a rank named twice, points above the item's, and a worse rank that gets more than a better one."""
        yield from source_flaws(self, place, item)
        yield from twice((((*place, "ranks", n), str(band.to)) for n, band in enumerate(self.ranks)), "名次")
        for number, band in enumerate(self.ranks):
            where = (*place, "ranks", number, "points")
            if band.points > item.points:
                yield Flaw(
                    place=where,
                    message="名次所得分数高于该项分值",
                    value=plain(band.points),
                    allowed=f"不高于 {plain(item.points)}",
                )
            if any(better.to < band.to and better.points < band.points for better in self.ranks):
                yield Flaw(place=where, message="名次靠后的得分高于名次靠前的", value=plain(band.points))

    def asks(self) -> tuple[Ask, ...]:
        """Ask for the measured value, where it does not come from data. Its rank nobody is asked."""
        return (ask_measured(self.unit, "与全部受检机构排名"),) if self.unit else ()

    def reads(self) -> tuple[tuple[str, str], ...]:
        return (("figure", self.figure) if self.figure else ("measured", ""),)

    def lacks(self, item: ScoredItem, facts: ItemFacts) -> str:
        """It needs the unit's own value; while the others are out, `loss` takes nothing and says 待汇总."""
        return lacking_value(self, facts)

    def value(self, facts: ItemFacts) -> Fraction | None:
        return actual(self, facts)

    def standards(self, values: Collection[Fraction]) -> Mapping[str, Fraction]:
        """Return the value that each band ends with: whoever reaches the third best is third or better."""
        ordered = sorted(values, reverse=not self.reversed)
        ends = {f"top{band.to}": ordered[min(band.to, len(ordered)) - 1] for band in self.ranks}
        return {"best": ordered[0]} | ends

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take what the item's points exceed those of the best band whose end the unit's own value reaches."""
        own = actual(self, facts)
        if own is None or standard_key(item, "best") not in facts.figures:
            return RuleLoss(kind=self.kind, deduct=ZERO, explanation=AWAITING)
        why = f"{value_name(self)} {shown(own, self)}"
        for band in sorted(self.ranks, key=lambda band: band.to):
            end = Fraction(facts.figures[standard_key(item, f"top{band.to}")])
            if own <= end if self.reversed else own >= end:
                points = plain(band.points)
                why += f"，全部受检机构前 {band.to} 名（第 {band.to} 名 {shown(end, self)}），得 {points} 分"
                return RuleLoss(kind=self.kind, deduct=add(item.points, -band.points), explanation=why)
        last = max(band.to for band in self.ranks)
        end = Fraction(facts.figures[standard_key(item, f"top{last}")])
        why += f"，未进入全部受检机构前 {last} 名（第 {last} 名 {shown(end, self)}），得 0 分"
        return RuleLoss(kind=self.kind, deduct=item.points, explanation=why)
