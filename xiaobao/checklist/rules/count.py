"""(d) 按次扣分."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, ClassVar

from xiaobao.checklist.rules.rule import Ask, Points, RuleBase, RuleLoss, ScoredItem
from xiaobao.checklist.shared_flaws import twice
from xiaobao.model import ItemFacts
from xiaobao.numbers import ONE, ZERO, add, plain, times
from xiaobao.written.nodes import Flaw, Place
from xiaobao.written.strict import Strict, bounds


class Cause(Strict):
    """One kind of mistake: `rate` points each time, at most `limit` in all; `forfeits`: one leaves no points."""

    id: str
    label: str
    rate: Points
    limit: Points | None = None
    forfeits: bool = False


class Count(RuleBase, tag="count"):
    """(d) Occurrences × rate, cause by cause; a cause that `forfeits` loses all points at the first occurrence."""

    causes: Annotated[tuple[Cause, ...], bounds(minItems=1)]

    word: ClassVar[str] = "按次扣分"
    words: ClassVar[Mapping[str, str]] = {
        "causes": "扣分事由",
        "rate": "每次（每项）扣分",
        "limit": "扣分上限",
        "forfeits": "发生即不得分",
    }
    by_data: ClassVar[bool] = True
    rated: ClassVar[bool] = True
    counts_checks: ClassVar[bool] = True

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield a cause named twice, and a limit below the rate: it would cut the very first mistake."""
        yield from twice((((*place, "causes", n, "id"), c.id) for n, c in enumerate(self.causes)), "扣分事由")
        for number, cause in enumerate(self.causes):
            if cause.limit is not None and cause.limit < cause.rate:
                yield Flaw(
                    place=(*place, "causes", number, "limit"), message="扣分上限低于一次的扣分", value=str(cause.limit)
                )

    def asks(self) -> tuple[Ask, ...]:
        """Ask of each cause how often it occurred, without an upper end."""
        return tuple(
            Ask(
                field="counts",
                key=cause.id,
                label=cause.label,
                suffix="次",
                aim="发生即该项不得分" if cause.forfeits else f"每次扣 {plain(cause.rate)} 分",
            )
            for cause in self.causes
        )

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take Σ min(occurrences × rate, limit) over the causes; one that forfeits leaves no points at all."""
        deduct, forfeits, sentences = ZERO, False, []
        for cause in self.causes:
            seen = max(facts.counts.get(cause.id, ZERO), ZERO)
            if cause.forfeits and ZERO < seen < ONE:
                points = times(item.points, seen)
                deduct = add(deduct, points)
                sentences.append(f"“{cause.label}”合 {plain(seen)} 次，扣该项分值的一部分 {plain(points)} 分")
            elif seen and cause.forfeits:
                forfeits = True
                sentences.append(f"“{cause.label}” {plain(seen)} 次，该项不得分")
            elif seen:
                taken, why = _taken(cause, seen)
                deduct = add(deduct, taken)
                sentences.append(why)
        why = "；".join(sentences) or "未见应扣分情形"
        return RuleLoss(kind=self.kind, deduct=deduct, explanation=why, forfeits=forfeits)


def _taken(cause: Cause, seen: Decimal) -> tuple[Decimal, str]:
    asked = times(seen, cause.rate)
    taken = asked if cause.limit is None else min(asked, cause.limit)
    part = "（部分属实按比例折算）" if seen % 1 else ""
    why = f"“{cause.label}” {plain(seen)} 次{part}，每次扣 {plain(cause.rate)} 分，扣 {plain(taken)} 分"
    return taken, why + (f"（此情形最多扣 {plain(taken)} 分）" if taken != asked else "")
