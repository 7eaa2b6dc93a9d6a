"""(e) 按缺少项数扣分."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar

from xiaobao.checklist.rules.rule import Ask, Points, RuleBase, RuleLoss, ScoredItem
from xiaobao.model import ItemFacts
from xiaobao.numbers import ZERO, plain, times
from xiaobao.written.strict import bounds


class Missing(RuleBase, tag="missing"):
    """(e) 少一项扣 `rate`: so many of `of` things are missing. `all_forfeits`: with all of them missing, no points."""

    of: Annotated[int, bounds(minimum=1)]
    rate: Points
    all_forfeits: bool = False

    word: ClassVar[str] = "按缺少项数扣分"
    words: ClassVar[Mapping[str, str]] = {
        "of": "应有项数",
        "rate": "每次（每项）扣分",
        "all_forfeits": "全部缺失不得分",
    }
    rated: ClassVar[bool] = True

    def asks(self) -> tuple[Ask, ...]:
        """Ask how many of the `of` things are missing."""
        aim, brief = f"共应有 {self.of} 项，每少一项扣 {plain(self.rate)} 分", f"（应有 {self.of} 项）"
        aim += "，全部缺失不得分" if self.all_forfeits else ""
        most = Decimal(self.of)
        return (Ask(field="missing", label="缺少项数", suffix="项", aim=aim, brief=brief, most=most),)

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take `rate` × missing, missing held within 0 and `of`; with `all_forfeits` all missing leave no points."""
        absent = min(max(facts.missing or ZERO, ZERO), Decimal(self.of))
        deduct = times(absent, self.rate)
        if not absent:
            return RuleLoss(kind=self.kind, deduct=ZERO, explanation=f"应有 {self.of} 项，无缺项")
        if self.all_forfeits and absent == self.of:
            why = f"应有 {self.of} 项，全部缺失，该项不得分"
            return RuleLoss(kind=self.kind, deduct=ZERO, explanation=why, forfeits=True)
        why = f"应有 {self.of} 项，缺 {plain(absent)} 项，每缺一项扣 {plain(self.rate)} 分，扣 {plain(deduct)} 分"
        return RuleLoss(kind=self.kind, deduct=deduct, explanation=why)
