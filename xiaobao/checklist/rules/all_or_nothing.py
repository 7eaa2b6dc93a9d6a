"""(a) 不符合即不得分."""

from __future__ import annotations

from typing import ClassVar

from xiaobao.checklist.rules.rule import BY_CONCLUSION, RuleBase, RuleLoss, ScoredItem, conclusion_words, seen_part
from xiaobao.model import Conclusion, ItemFacts
from xiaobao.numbers import ONE, ZERO, add, plain, times


class AllOrNothing(RuleBase, tag="all_or_nothing"):
    """(a) 符合 keeps all points, anything else loses all."""

    word: ClassVar[str] = "不符合即不得分"
    by_data: ClassVar[bool] = True

    def lacks(self, item: ScoredItem, facts: ItemFacts) -> str:
        """It needs one of the three conclusions."""
        return "" if facts.conclusion in BY_CONCLUSION else "未给出检查结论"

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Forfeit the item on anything but 符合: 部分符合 keeps nothing either."""
        if facts.conclusion is Conclusion.COMPLIANT:
            why = "未见应扣分情形" if facts.source == "data" else "结论为“符合”，不扣分"
            return RuleLoss(kind=self.kind, deduct=ZERO, explanation=why)
        part = seen_part(add(*facts.counts.values())) if facts.source == "data" else ONE
        if ZERO < part < ONE:
            deduct = times(item.points, part)
            why = f"计入 {len(facts.leads)} 条疑点，合 {plain(part)} 次，扣该项分值的一部分 {plain(deduct)} 分"
            return RuleLoss(kind=self.kind, deduct=deduct, explanation=why)
        seen = f"计入 {len(facts.leads)} 条疑点" if facts.source == "data" else f"结论为“{conclusion_words(facts)}”"
        return RuleLoss(kind=self.kind, deduct=ZERO, explanation=f"{seen}，该项不得分", forfeits=True)
