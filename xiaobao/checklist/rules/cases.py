"""出现即定分."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, ClassVar

from xiaobao.checklist.rules.rule import Ask, RuleBase, RuleLoss, ScoredItem, seen_part
from xiaobao.checklist.shared_flaws import twice
from xiaobao.model import ItemFacts
from xiaobao.numbers import ONE, ZERO, add, plain, times
from xiaobao.written.nodes import Flaw, Place
from xiaobao.written.strict import Strict, bounds


class Case(Strict):
    """A thing that, once it occurred, sets the item's points to `points`, which may be negative where the item may."""

    id: str
    label: str
    points: Decimal


class Cases(RuleBase, tag="cases"):
    """The first case that is met, in this order, sets the item's points outright; the other rules then do not count."""

    cases: Annotated[tuple[Case, ...], bounds(minItems=1)]

    word: ClassVar[str] = "出现即定分"
    words: ClassVar[Mapping[str, str]] = {"cases": "定分情形"}
    by_data: ClassVar[bool] = True

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield a case named twice, and points above the item's or, where the item has a floor, below its minimum."""
        yield from twice((((*place, "cases", n, "id"), c.id) for n, c in enumerate(self.cases)), "情形")
        for number, case in enumerate(self.cases):
            if case.points > item.points or (item.floor and case.points < item.minimum):
                yield Flaw(
                    place=(*place, "cases", number, "points"),
                    message="所定分数不在该项分值之内",
                    value=str(case.points),
                    allowed=f"{plain(item.minimum)} 至 {plain(item.points)}",
                )

    def asks(self) -> tuple[Ask, ...]:
        """Ask of each case whether it occurred: 1 or nothing."""
        return tuple(
            Ask(
                field="counts",
                key=case.id,
                label=case.label,
                suffix="次",
                aim=f"出现填 1，该项直接定为 {plain(case.points)} 分",
                most=ONE,
            )
            for case in self.cases
        )

    def met(self, facts: ItemFacts) -> Case | None:
        """Return the first case that is met, in the order of the sheet."""
        return next((case for case in self.cases if facts.counts.get(case.id, ZERO) > 0), None)

    def fixes(self, facts: ItemFacts) -> bool:
        return self.met(facts) is not None

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take the item's points − those of the first case that occurred; nothing where none did."""
        case = self.met(facts)
        if case is None:
            return RuleLoss(kind=self.kind, deduct=ZERO, explanation="未出现直接定分的情形")
        part = seen_part(facts.counts[case.id])
        deduct = times(add(item.points, -case.points), part)
        why = f"出现“{case.label}”，该项直接定为 {plain(case.points)} 分"
        if part != ONE:
            whole = f"定为 {plain(case.points)} 分应扣的分数"
            why = f"“{case.label}”合 {plain(part)} 次，扣{whole} × {plain(part)}，扣 {plain(deduct)} 分"
        return RuleLoss(kind=self.kind, deduct=deduct, explanation=why)
