"""(i) Relative to the best: resolved by whoever has all units, never guessed while one is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from msgspec.structs import replace

from xiaobao.checklist.models import Checklist, Item
from xiaobao.checklist.rules import Peers
from xiaobao.checklist.rules.actual import actual
from xiaobao.checklist.rules.peers import AWAITING, best_key
from xiaobao.model import FactState, ItemFacts
from xiaobao.scoring.exact import to_decimal

_NAMED = 5


def awaits_peers(item: Item, facts: ItemFacts) -> bool:
    """Tell whether a rule of `item` waits for the best of all units."""
    return any(isinstance(rule, Peers) for rule in item.rules) and best_key(item) not in facts.figures


def waiting_reason(reason: str, why: str = AWAITING) -> str:
    """Return a fact's own reason with the one why it waits behind it."""
    own = reason.partition("待汇总：")[0].rstrip("；")
    return "；".join(part for part in (own, why) if part)


def needs_peers(checklist: Checklist) -> bool:
    """Tell whether an item of `checklist` is scored relative to the best of all units."""
    return any(isinstance(rule, Peers) for item in checklist.items() for rule in item.rules)


def resolve_peers(
    checklist: Checklist, facts: Mapping[str, Sequence[ItemFacts]], expected: Collection[str]
) -> dict[str, tuple[ItemFacts, ...]]:
    """Return the facts of every unit with the best of all put in, once all `expected` units are in.

    Before that, and where the formula would divide by nothing, the items stay 待汇总 and say why.
    """
    best = best_values(checklist, {unit: own_values(checklist, told) for unit, told in facts.items()}, expected)
    return {unit: put_in(checklist, told, best) for unit, told in facts.items()}


def own_values(checklist: Checklist, told: Sequence[ItemFacts]) -> dict[str, Fraction | None]:
    """Return item → a unit's value where the item waits for the others; N/A and unanswered ones do not compete."""
    by_id = {fact.item_id: fact for fact in told}
    return {item_id: _own(item, by_id.get(item_id)) for item_id, item in _items(checklist).items()}


def best_values(
    checklist: Checklist, own: Mapping[str, Mapping[str, Fraction | None]], expected: Collection[str]
) -> dict[str, Fraction | str]:
    """Return item → the best of all units' own values, or why there is none yet."""
    absent = sorted(set(expected) - set(own))
    return {
        item_id: _waiting(item, {unit: values[item_id] for unit, values in own.items()}, absent)
        for item_id, item in _items(checklist).items()
    }


def put_in(
    checklist: Checklist, told: Sequence[ItemFacts], best: Mapping[str, Fraction | str]
) -> tuple[ItemFacts, ...]:
    """Return a unit's facts with the best of all put in."""
    items = _items(checklist)
    return tuple(_resolved(fact, items, best) for fact in told)


def _items(checklist: Checklist) -> dict[str, Item]:
    return {item.id: item for item in checklist.items() if any(isinstance(rule, Peers) for rule in item.rules)}


def _own(item: Item, fact: ItemFacts | None) -> Fraction | None:
    if fact is None or fact.state is not FactState.AWAITING_PEERS:
        return None
    return actual(_rule(item), fact)


def _rule(item: Item) -> Peers:
    return next(rule for rule in item.rules if isinstance(rule, Peers))


def _waiting(item: Item, own: Mapping[str, Fraction | None], absent: Sequence[str]) -> Fraction | str:
    """Return the best value, or why there is none."""
    if absent:
        return f"{AWAITING}（尚缺 {len(absent)} 家：{_named(absent)}）"
    values = {unit: value for unit, value in own.items() if value is not None}
    if not values:
        return AWAITING
    rule = _rule(item)
    if rule.reversed:
        odd = sorted(unit for unit, value in values.items() if value < 0 or (value == 0 and rule.zero != "full"))
        if not odd and rule.zero == "full":
            return min((value for value in values.values() if value), default=Fraction(0))
        if odd:
            return f"待汇总：{_named(odd)} 的数值为 0 或负数，“最低 ÷ 本机构”无法计算，本项未计分，请核实数据"
        return min(values.values())
    best = max(values.values())
    if best <= 0:
        return "待汇总：全部受检机构的数值都不大于 0，“本机构 ÷ 最高”无法计算，本项未计分，请核实数据"
    return best


def _named(units: Sequence[str]) -> str:
    more = f" 等 {len(units)} 家" if len(units) > _NAMED else ""
    return "、".join(units[:_NAMED]) + more


def _resolved(fact: ItemFacts, items: Mapping[str, Item], waiting: Mapping[str, Fraction | str]) -> ItemFacts:
    best = waiting.get(fact.item_id)
    if best is None or fact.state is not FactState.AWAITING_PEERS:
        return fact
    if isinstance(best, str):
        return replace(fact, reason=waiting_reason(fact.reason, best))
    figures = {**fact.figures, best_key(items[fact.item_id]): to_decimal(best)}
    return replace(fact, state=FactState.ASSESSED, figures=figures, reason=waiting_reason(fact.reason, ""))
