"""Scoring rules of an item (design 6.2): facts in, points to deduct and a Chinese sentence why out.

Deductions of several rules add up. A rule that takes all points (该项不得分) wins over deductions: the item keeps
nothing, whatever the others ask; a case that sets the points outright goes before both. 部分符合 under all_or_nothing
loses all, too.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import cast

from msgspec.structs import replace

from xiaobao.checklist.models import (
    Additive,
    AllOrNothing,
    Cause,
    Count,
    Figure,
    Item,
    Judged,
    LevelOption,
    Levels,
    Missing,
    Peers,
    Proportion,
    Rule,
    Threshold,
)
from xiaobao.labels import MEASURES, ORIGINS, label
from xiaobao.model import Conclusion, FactState, ItemFacts
from xiaobao.numbers import HUNDRED, ONE, ZERO, plain
from xiaobao.scoring.attained import (
    actual,
    additive,
    awaits_peers,
    cases,
    figure_title,
    lacking_value,
    met_case,
    part_lack,
    peers,
    proportion,
    waiting_reason,
)
from xiaobao.scoring.exact import add, times, to_decimal
from xiaobao.scoring.loss import ItemLoss, RuleLoss
from xiaobao.scoring.measures import convert, convertible

_BY_CONCLUSION = {
    Conclusion.COMPLIANT: ONE,
    Conclusion.PARTIALLY_COMPLIANT: Decimal("0.5"),
    Conclusion.NON_COMPLIANT: ZERO,
}


# What counts mistakes or weighs them; the source of a finding may rate these apart.
_RATED = frozenset({"judged", "count", "missing"})


def item_loss(item: Item, facts: ItemFacts, factor: Decimal = ONE) -> ItemLoss:
    """Apply every rule of `item` to assessed facts; `factor` rates what was counted by the source of the finding."""
    fixed = met_case(item, facts) is not None
    rules = [rule for rule in item.rules if not fixed or rule.kind == "cases"]
    losses = [_RULES[rule.kind](rule, item, facts) for rule in rules]
    if factor != ONE:
        losses = [_rated(loss, factor, facts) for loss in losses]
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
    if loss.kind not in _RATED or not loss.deduct:
        return loss
    deduct = times(loss.deduct, factor)
    source = ORIGINS.get(facts.origin, facts.origin)
    said = f"{loss.explanation}；来源为{source}，按 {plain(factor)} 倍计，扣 {plain(deduct)} 分"
    return replace(loss, deduct=deduct, explanation=said)


def settled(item: Item, facts: ItemFacts) -> ItemFacts:
    """Return `facts`, no longer as assessed when a rule lacks what it needs: never a pass for want of an answer."""
    if facts.state is not FactState.ASSESSED:
        return facts
    lacks = lacking(item, facts)
    if not lacks:
        if awaits_peers(item, facts) and met_case(item, facts) is None:
            return replace(facts, state=FactState.AWAITING_PEERS, reason=waiting_reason(facts.reason))
        return facts
    state = FactState.NO_DATA if facts.source == "data" else FactState.NOT_ASSESSED
    return replace(facts, state=state, reason="；".join(lacks))


def lacking(item: Item, facts: ItemFacts) -> tuple[str, ...]:
    """Return what the rules need and the facts do not say."""
    if met_case(item, facts) is not None:
        return ()
    lacks = []
    for rule in item.rules:
        match rule:
            case AllOrNothing() if facts.conclusion not in _BY_CONCLUSION:
                lacks.append("未给出检查结论")
            case Levels() if _chosen(rule, facts) is None:
                lacks.append("未选择档次" if rule.options else "未给出检查结论")
            case Threshold() if facts.measured is None:
                lacks.append("未填写实测值")
            case Threshold() if facts.measured and not convertible(facts.measured.unit, rule.unit):
                lacks.append(f"实测值的单位无法换算为{MEASURES[rule.unit]}")
            case Figure() if rule.figure not in facts.figures:
                lacks.append(f"无数据：{figure_title(rule.figure)}")
            case Proportion() | Peers() if actual(rule, facts) is None:
                lacks.append(lacking_value(rule))
            case Additive() if part_lack(rule, facts):
                lacks.append("未填写做到了哪些分项")
    if awaits_peers(item, facts):
        return tuple(lacks)
    said = facts.conclusion in (Conclusion.PARTIALLY_COMPLIANT, Conclusion.NON_COMPLIANT)
    if not lacks and said and facts.source == "person" and item.points and not item_loss(item, facts).should:
        assert facts.conclusion is not None
        lacks.append(f"结论为“{label(facts.conclusion)}”，但未填写扣分依据")
    return tuple(lacks)


def _all_or_nothing(rule: AllOrNothing, item: Item, facts: ItemFacts) -> RuleLoss:
    if facts.conclusion is Conclusion.COMPLIANT:
        return RuleLoss(
            kind=rule.kind,
            deduct=ZERO,
            explanation="未见应扣分情形" if facts.source == "data" else "结论为“符合”，不扣分",
        )
    if facts.source == "data":
        return RuleLoss(
            kind=rule.kind, deduct=ZERO, explanation=f"计入 {len(facts.leads)} 条疑点，该项不得分", forfeits=True
        )
    said = label(facts.conclusion or Conclusion.NOT_ASSESSED)
    return RuleLoss(kind=rule.kind, deduct=ZERO, explanation=f"结论为“{said}”，该项不得分", forfeits=True)


def _chosen(rule: Levels, facts: ItemFacts) -> LevelOption | None:
    """Return the option taken. Without one, 符合 is the full option and 不符合 the empty one, where they exist."""
    share = _BY_CONCLUSION.get(facts.conclusion) if facts.conclusion else None
    if not rule.options:
        return None if share is None else LevelOption(id=str(facts.conclusion), label=_said(facts), share=share)
    if facts.option:
        return next((option for option in rule.options if option.id == facts.option), None)
    if share not in (ZERO, ONE):
        return None
    return next((option for option in rule.options if option.share == share), None)


def _said(facts: ItemFacts) -> str:
    return label(facts.conclusion or Conclusion.NOT_ASSESSED)


def _levels(rule: Levels, item: Item, facts: ItemFacts) -> RuleLoss:
    option = _chosen(rule, facts)
    assert option is not None
    return _by_share(rule.kind, f"评为“{option.label}”", option.share, item)


def _by_share(kind: str, said: str, share: Decimal, item: Item) -> RuleLoss:
    deduct = times(item.points, ONE - share)
    took = f"扣 {plain(deduct)} 分" if deduct else "不扣分"
    return RuleLoss(
        kind=kind, deduct=deduct, explanation=f"{said}，得该项分值的 {plain(times(share, HUNDRED))}%，{took}"
    )


def _judged(rule: Judged, item: Item, facts: ItemFacts) -> RuleLoss:
    deduct = min(max(facts.deduction or ZERO, ZERO), rule.max)
    took = f"酌情扣 {plain(deduct)} 分（最多 {plain(rule.max)} 分）" if deduct else "酌情扣分：不扣分"
    return RuleLoss(kind=rule.kind, deduct=deduct, explanation=took)


def _count(rule: Count, item: Item, facts: ItemFacts) -> RuleLoss:
    deduct, forfeits, sentences = ZERO, False, []
    for cause in rule.causes:
        times_seen = max(facts.counts.get(cause.id, ZERO), ZERO)
        if not times_seen:
            continue
        if cause.forfeits:
            forfeits = True
            sentences.append(f"“{cause.label}” {plain(times_seen)} 次，该项不得分")
        else:
            taken, said = _cause(cause, times_seen)
            deduct = add(deduct, taken)
            sentences.append(said)
    return RuleLoss(
        kind=rule.kind, deduct=deduct, explanation="；".join(sentences) or "未见应扣分情形", forfeits=forfeits
    )


def _cause(cause: Cause, seen: Decimal) -> tuple[Decimal, str]:
    asked = times(seen, cause.rate)
    taken = asked if cause.limit is None else min(asked, cause.limit)
    said = f"“{cause.label}” {plain(seen)} 次，每次扣 {plain(cause.rate)} 分，扣 {plain(taken)} 分"
    return taken, said + (f"（此情形最多扣 {plain(taken)} 分）" if taken != asked else "")


def _missing(rule: Missing, item: Item, facts: ItemFacts) -> RuleLoss:
    absent = min(max(facts.missing or ZERO, ZERO), Decimal(rule.of))
    deduct = times(absent, rule.rate)
    if not absent:
        return RuleLoss(kind=rule.kind, deduct=ZERO, explanation=f"应有 {rule.of} 项，无缺项")
    said = f"应有 {rule.of} 项，缺 {plain(absent)} 项，每缺一项扣 {plain(rule.rate)} 分，扣 {plain(deduct)} 分"
    return RuleLoss(kind=rule.kind, deduct=deduct, explanation=said)


def _threshold(rule: Threshold, item: Item, facts: ItemFacts) -> RuleLoss:
    measured = facts.measured
    assert measured is not None
    value = convert(measured.value, measured.unit, rule.unit)
    inside = (rule.at_least is None or value >= Fraction(rule.at_least)) and (
        rule.at_most is None or value <= Fraction(rule.at_most)
    )
    said = f"实测 {plain(measured.value)} {MEASURES[measured.unit]}"
    if measured.unit != rule.unit:
        said += f"（合 {plain(to_decimal(value))} {MEASURES[rule.unit]}）"
    said += f"，要求{_interval(rule)}，"
    if inside:
        return RuleLoss(kind=rule.kind, deduct=ZERO, explanation=said + "达到要求，不扣分")
    return RuleLoss(kind=rule.kind, deduct=ZERO, explanation=said + "未达到要求，该项不得分", forfeits=True)


def _interval(rule: Threshold) -> str:
    unit = MEASURES[rule.unit]
    low = f"不小于 {plain(rule.at_least)} {unit}" if rule.at_least is not None else ""
    high = f"不大于 {plain(rule.at_most)} {unit}" if rule.at_most is not None else ""
    return "、".join(part for part in (low, high) if part) or "不限"


def _figure(rule: Figure, item: Item, facts: ItemFacts) -> RuleLoss:
    value = facts.figures[rule.figure]
    reached = [band for band in rule.bands if band.at_least <= value]
    said = f"{figure_title(rule.figure)}为 {plain(value)}"
    if not reached:
        return _by_share(rule.kind, said + "，未达到最低一档", ZERO, item)
    band = max(reached, key=lambda band: band.at_least)
    return _by_share(rule.kind, f"{said}，达到 {plain(band.at_least)} 一档", band.share, item)


_Apply = Callable[[Rule, Item, ItemFacts], RuleLoss]
_RULES: dict[str, _Apply] = {
    "all_or_nothing": cast(_Apply, _all_or_nothing),
    "levels": cast(_Apply, _levels),
    "judged": cast(_Apply, _judged),
    "count": cast(_Apply, _count),
    "missing": cast(_Apply, _missing),
    "threshold": cast(_Apply, _threshold),
    "figure": cast(_Apply, _figure),
    "additive": cast(_Apply, additive),
    "proportion": cast(_Apply, proportion),
    "peers": cast(_Apply, peers),
    "cases": cast(_Apply, cases),
}
