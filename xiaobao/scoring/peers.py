"""What is relative to all units (the best of them, a rank): resolved by whoever has them all, never guessed before.

What all units come to is kept by item id (the best), and by `item#name` for what a rule asks beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from msgspec.structs import replace

from xiaobao.checklist.models import Checklist, Item
from xiaobao.checklist.rules import RuleBase
from xiaobao.checklist.rules.peers import AWAITING, standard_key
from xiaobao.model import FactState, ItemFacts
from xiaobao.numbers import to_decimal

_NAMED = 5


def awaits_peers(item: Item, facts: ItemFacts) -> bool:
    """Tell whether a rule of `item` waits for the best of all units."""
    return any(rule.relative for rule in item.rules) and standard_key(item) not in facts.figures


def waiting_reason(reason: str, why: str = AWAITING) -> str:
    """Return a fact's own reason with the one why it waits behind it."""
    own = reason.partition("待汇总：")[0].rstrip("；")
    return "；".join(part for part in (own, why) if part)


def needs_peers(checklist: Checklist) -> bool:
    """Tell whether an item of `checklist` is scored relative to the best of all units."""
    return any(rule.relative for item in checklist.items() for rule in item.rules)


def resolve_peers(
    checklist: Checklist, facts: Mapping[str, Sequence[ItemFacts]], expected: Collection[str]
) -> dict[str, tuple[ItemFacts, ...]]:
    """Return the facts of every unit with the best of all put in, once all `expected` units are in.

    Before that, and where the formula would divide by nothing, the items stay 待汇总 and say why.
    """
    best = best_values(
        checklist, {unit: own_values(checklist, own_facts) for unit, own_facts in facts.items()}, expected
    )
    return {unit: put_in(checklist, own_facts, best) for unit, own_facts in facts.items()}


def own_values(checklist: Checklist, facts: Sequence[ItemFacts]) -> dict[str, Fraction | None]:
    """Return item → a unit's value where the item waits for the others; N/A and unanswered ones do not compete."""
    by_id = {fact.item_id: fact for fact in facts}
    return {item_id: _own(item, by_id.get(item_id)) for item_id, item in _items(checklist).items()}


def best_values(
    checklist: Checklist, own: Mapping[str, Mapping[str, Fraction | None]], expected: Collection[str]
) -> dict[str, Fraction | str]:
    """Return item → the best of all units' own values, or a sentence why there is none yet.

    `own`: unit → item → its value, as `own_values` gives it; `expected` units without an entry are named in that
    sentence. What else a rule asks (the value that a rank ends with) stands beside it by `standard_key`.
    """
    absent = sorted(set(expected) - set(own))
    best: dict[str, Fraction | str] = {}
    for item_id, item in _items(checklist).items():
        found = _standards(item, {unit: values[item_id] for unit, values in own.items()}, absent)
        if isinstance(found, str):
            best[item_id] = found
        else:
            named = {standard_key(item, name): value for name, value in found.items() if name != "best"}
            best |= {item_id: found["best"]} | named
    return best


def put_in(
    checklist: Checklist, facts: Sequence[ItemFacts], best: Mapping[str, Fraction | str]
) -> tuple[ItemFacts, ...]:
    """Return a unit's facts with what `best_values` found put in, in their order; others stay as they are."""
    items = _items(checklist)
    return tuple(_resolved(fact, items, best) for fact in facts)


def _items(checklist: Checklist) -> dict[str, Item]:
    return {item.id: item for item in checklist.items() if any(rule.relative for rule in item.rules)}


def _own(item: Item, fact: ItemFacts | None) -> Fraction | None:
    if fact is None or fact.state is not FactState.AWAITING_PEERS:
        return None
    return _rule(item).value(fact)


def _rule(item: Item) -> RuleBase:
    return next(rule for rule in item.rules if rule.relative)


def _standards(item: Item, own: Mapping[str, Fraction | None], absent: Sequence[str]) -> Mapping[str, Fraction] | str:
    """Return what the rule holds a unit against, or why there is nothing."""
    if absent:
        return f"{AWAITING}（尚缺 {len(absent)} 家：{_named(absent)}）"
    values = {unit: value for unit, value in own.items() if value is not None}
    if not values:
        return AWAITING
    found = _rule(item).standards(values.values())
    if not isinstance(found, str):
        return found
    odd = _named(sorted(unit for unit, value in values.items() if value <= 0))
    named = f"{odd} {found}" if found.startswith("的") else found
    return f"待汇总：{named}，本项未计分，请核实数据"


def _named(units: Sequence[str]) -> str:
    more = f" 等 {len(units)} 家" if len(units) > _NAMED else ""
    return "、".join(units[:_NAMED]) + more


def _resolved(fact: ItemFacts, items: Mapping[str, Item], waiting: Mapping[str, Fraction | str]) -> ItemFacts:
    best = waiting.get(fact.item_id)
    if best is None or fact.state is not FactState.AWAITING_PEERS:
        return fact
    if isinstance(best, str):
        return replace(fact, reason=waiting_reason(fact.reason, best))
    beside = standard_key(items[fact.item_id], "")
    named = {key: value for key, value in waiting.items() if key.startswith(beside) and isinstance(value, Fraction)}
    known = {standard_key(items[fact.item_id]): best} | named
    figures = {**fact.figures, **{key: to_decimal(value) for key, value in known.items()}}
    return replace(fact, state=FactState.ASSESSED, figures=figures, reason=waiting_reason(fact.reason, ""))
