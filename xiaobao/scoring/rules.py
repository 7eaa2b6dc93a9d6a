"""Scoring rules of an item: facts in, points to deduct and a Chinese sentence why out.

Deductions of several rules add up. A rule that takes all points (该项不得分) wins over deductions: the item keeps
nothing, whatever the others ask; a case that sets the points outright goes before both. 部分符合 under all_or_nothing
loses all, too. What one rule asks is said by its kind, in `xiaobao.checklist.rules`.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace

from xiaobao.checklist.models import Item
from xiaobao.checklist.rules import RuleLoss
from xiaobao.labels import ORIGINS, label
from xiaobao.model import Conclusion, FactState, ItemFacts, Value
from xiaobao.numbers import ONE, add, plain, times
from xiaobao.scoring.peers import awaits_peers, waiting_reason


class ItemLoss(Value):
    """What all rules of an item ask (`should`) and what was taken (`deducted`, 扣完为止 unless the floor is off)."""

    should: Decimal
    deducted: Decimal
    explanation: str
    exact: Fraction | None = None


def item_loss(item: Item, facts: ItemFacts, factor: Decimal = ONE) -> ItemLoss:
    """Apply every rule of `item` to assessed facts; `factor` rates what was counted by the source of the finding."""
    fixing = [rule for rule in item.rules if rule.fixes(facts)]
    rules = fixing[:1] or item.rules
    losses = [rule.loss(item, facts) for rule in rules]
    if factor != ONE:
        losses = [_rated(loss, factor, facts) if rule.rated else loss for rule, loss in zip(rules, losses, strict=True)]
    should = add(*(loss.deduct for loss in losses))
    exact = None
    if any(loss.exact is not None for loss in losses):
        exact = sum((loss.exact or Fraction(loss.deduct) for loss in losses), Fraction(0))
    if any(loss.forfeits for loss in losses) and should < item.points:
        should, exact = item.points, None  # without a floor, a forfeit must not give points back
    deducted = should
    sentences = [loss.explanation for loss in losses]
    if item.floor:
        most = add(item.points, -item.minimum) if item.minimum else item.points
        if should > most:
            deducted, exact = most, None
            until = f"该项最低 {plain(item.minimum)} 分" if item.minimum else "扣完为止"
            sentences.append(f"应扣 {plain(should)} 分，{until}，实扣 {plain(deducted)} 分")
    return ItemLoss(should=should, deducted=deducted, explanation="；".join(sentences), exact=exact)


def _rated(loss: RuleLoss, factor: Decimal, facts: ItemFacts) -> RuleLoss:
    if not loss.deduct:
        return loss
    deduct = times(loss.deduct, factor)
    exact = None if loss.exact is None else loss.exact * Fraction(factor)
    source = ORIGINS.get(facts.origin, facts.origin)
    said = f"{loss.explanation}；来源为{source}，按 {plain(factor)} 倍计，扣 {plain(deduct)} 分"
    return replace(loss, deduct=deduct, explanation=said, exact=exact)


def settled(item: Item, facts: ItemFacts) -> ItemFacts:
    """Return `facts`, no longer as assessed when a rule lacks what it needs: never a pass for want of an answer."""
    if facts.state is not FactState.ASSESSED:
        return facts
    lacks = lacking(item, facts)
    if not lacks:
        if awaits_peers(item, facts) and not _fixed(item, facts):
            return replace(facts, state=FactState.AWAITING_PEERS, reason=waiting_reason(facts.reason))
        return facts
    state = FactState.NO_DATA if facts.source == "data" else FactState.NOT_ASSESSED
    return replace(facts, state=state, reason="；".join(lacks))


def lacking(item: Item, facts: ItemFacts) -> tuple[str, ...]:
    """Return what the rules need and the facts do not say."""
    if _fixed(item, facts):
        return ()
    lacks = [lack for rule in item.rules if (lack := rule.lacks(item, facts))]
    if awaits_peers(item, facts):
        return tuple(lacks)
    said = facts.conclusion in (Conclusion.PARTIALLY_COMPLIANT, Conclusion.NON_COMPLIANT)
    if not lacks and said and facts.source == "person" and item.points and not item_loss(item, facts).should:
        assert facts.conclusion is not None
        lacks.append(f"结论为“{label(facts.conclusion)}”，但未填写扣分依据")
    return tuple(lacks)


def _fixed(item: Item, facts: ItemFacts) -> bool:
    return any(rule.fixes(facts) for rule in item.rules)
