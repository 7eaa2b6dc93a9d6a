"""(f) 做到得分."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, ClassVar

from xiaobao.checklist.rules.rule import Ask, Points, RuleBase, RuleLoss, ScoredItem
from xiaobao.checklist.shared_flaws import twice
from xiaobao.model import Conclusion, ItemFacts
from xiaobao.numbers import ZERO, add, plain, times
from xiaobao.written.nodes import Flaw, Place
from xiaobao.written.strict import Strict, bounds


class Part(Strict):
    """One sub-criterion: met once it gives `points`, at most `times` over."""

    id: str
    label: str
    points: Points
    times: Annotated[int, bounds(minimum=1)] = 1


class Additive(RuleBase, tag="additive"):
    """(f) 做到得分: each part reached gives its points, up to `times` times; together they are the item's points."""

    parts: Annotated[tuple[Part, ...], bounds(minItems=1)]

    word: ClassVar[str] = "分项得分"
    words: ClassVar[Mapping[str, str]] = {"parts": "得分分项", "times": "最多次数"}

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield a part named twice, and parts that do not add up to the item's points."""
        yield from twice((((*place, "parts", n, "id"), p.id) for n, p in enumerate(self.parts)), "分项")
        whole = sum((part.points * part.times for part in self.parts), ZERO)
        if whole != item.points:
            yield Flaw(
                place=(*place, "parts"),
                message="各分项分值之和不等于该项分值",
                value=f"合计 {whole}",
                allowed=str(item.points),
            )

    def asks(self) -> tuple[Ask, ...]:
        """Ask of each part how many times it was met, up to its `times`."""
        return tuple(
            Ask(
                field="counts",
                key=part.id,
                label=part.label,
                suffix="次",
                aim=f"做到得 {plain(part.points)} 分" + (f"，最多 {part.times} 次" if part.times > 1 else "，做到填 1"),
                most=Decimal(part.times),
            )
            for part in self.parts
        )

    def lacks(self, item: ScoredItem, facts: ItemFacts) -> str:
        """部分符合 does not say which parts were reached; 符合 means all of them, 不符合 none."""
        counted = any(part.id in facts.counts for part in self.parts)
        clear = counted or facts.conclusion in (Conclusion.COMPLIANT, Conclusion.NON_COMPLIANT)
        return "" if clear else "未填写做到了哪些分项"

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take the item's points − Σ min(times met, `times`) × points; 符合 without counts: every part was met."""
        counted = {part.id: facts.counts[part.id] for part in self.parts if part.id in facts.counts}
        every = not counted and facts.conclusion is Conclusion.COMPLIANT
        got, sentences = ZERO, []
        for part in self.parts:
            reached = Decimal(part.times) if every else min(max(counted.get(part.id, ZERO), ZERO), Decimal(part.times))
            points = times(reached, part.points)
            got = add(got, points)
            often = f" {plain(reached)} 次" if part.times > 1 else ""
            sentences.append(f"“{part.label}”{often}得 {plain(points)} 分" if reached else f"“{part.label}”未做到")
        return RuleLoss(kind=self.kind, deduct=add(item.points, -got), explanation="；".join(sentences))
