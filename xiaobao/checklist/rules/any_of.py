"""几项任一满足即可."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from xiaobao.checklist.rules.rule import Ask, RuleBase, RuleLoss, ScoredItem
from xiaobao.checklist.shared_flaws import twice
from xiaobao.model import Conclusion, ItemFacts
from xiaobao.numbers import ONE, ZERO
from xiaobao.written.nodes import Flaw, Place
from xiaobao.written.strict import Strict, bounds


class Way(Strict):
    """One of the requirements of which any may be met."""

    id: str
    label: str


class AnyOf(RuleBase, tag="any_of"):
    """At least `least` of the ways are met: no loss; fewer: no points."""

    ways: Annotated[tuple[Way, ...], bounds(minItems=2)]
    least: Annotated[int, bounds(minimum=1)] = 1

    word: ClassVar[str] = "任一满足即可"
    words: ClassVar[Mapping[str, str]] = {"ways": "可选要求", "least": "至少几项（次、人）"}

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield a way named twice, and a least that asks for all of them or more: that is no choice."""
        yield from twice((((*place, "ways", n, "id"), way.id) for n, way in enumerate(self.ways)), "可选要求")
        if self.least >= len(self.ways):
            yield Flaw(
                place=(*place, "least"),
                message="至少满足的项数应少于可选要求的项数",
                value=str(self.least),
                allowed=f"1 至 {len(self.ways) - 1}",
            )

    def asks(self) -> tuple[Ask, ...]:
        """Ask of each way whether it is met: 1, or 0."""
        aim = f"满足填 1，至少满足 {self.least} 项"
        return tuple(
            Ask(field="counts", key=way.id, label=way.label, suffix="项", aim=aim, most=ONE, always=True)
            for way in self.ways
        )

    def lacks(self, item: ScoredItem, facts: ItemFacts) -> str:
        """部分符合 does not say which were met; 符合 means that enough were, 不符合 that too few were."""
        counted = any(way.id in facts.counts for way in self.ways)
        clear = counted or facts.conclusion in (Conclusion.COMPLIANT, Conclusion.NON_COMPLIANT)
        return "" if clear else "未填写满足了哪几项"

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take all points where fewer than `least` are met, and none otherwise."""
        met = [way.label for way in self.ways if facts.counts.get(way.id, ZERO) > 0]
        counted = any(way.id in facts.counts for way in self.ways)
        wanted = f"{len(self.ways)} 项中至少满足 {self.least} 项"
        if not counted and facts.conclusion is Conclusion.COMPLIANT:
            return RuleLoss(kind=self.kind, deduct=ZERO, explanation=f"{wanted}，结论为“符合”，不扣分")
        named = f"，满足 {len(met)} 项：" + "、".join(f"“{one}”" for one in met) if met else "，一项也不满足"
        if len(met) >= self.least:
            return RuleLoss(kind=self.kind, deduct=ZERO, explanation=f"{wanted}{named}，不扣分")
        return RuleLoss(kind=self.kind, deduct=ZERO, explanation=f"{wanted}{named}，该项不得分", forfeits=True)
