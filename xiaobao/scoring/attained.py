"""Rules that give points for what was attained (design 6.2 f, h, i), and cases that set the points outright."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from xiaobao.checklist.models import Additive, Case, Cases, Item, Peers, Proportion
from xiaobao.labels import FIGURES, MEASURES
from xiaobao.model import Conclusion, ItemFacts
from xiaobao.numbers import ZERO, plain
from xiaobao.scoring.exact import add, times, to_decimal
from xiaobao.scoring.loss import RuleLoss
from xiaobao.scoring.measures import convertible, size

AWAITING = "待汇总：本项与全部受检机构中的最好值比较，各机构报齐后由上级统一计算"


def waiting_reason(reason: str, why: str = AWAITING) -> str:
    """Return a fact's own reason with the one why it waits behind it."""
    own = reason.partition("待汇总：")[0].rstrip("；")
    return "；".join(part for part in (own, why) if part)


def figure_title(figure: str) -> str:
    """Return a figure's Chinese name; a checklist may name it alone or as `check.name`."""
    return FIGURES.get(figure.rsplit(".", 1)[-1], figure)


def best_key(item: Item) -> str:
    """Return under which name the parent puts the best of all units into an item's figures."""
    return f"{item.id}#best"


def actual(rule: Proportion | Peers, facts: ItemFacts) -> Fraction | None:
    """Return the actual value, of a measured one in the smallest unit of its kind, so that it is a whole decimal."""
    if rule.figure:
        value = facts.figures.get(rule.figure)
        return None if value is None else Fraction(value)
    measured = facts.measured
    if measured is None or rule.unit is None or not convertible(measured.unit, rule.unit):
        return None
    return Fraction(measured.value) * size(measured.unit)


def lacking_value(rule: Proportion | Peers) -> str:
    return f"无数据：{figure_title(rule.figure)}" if rule.figure else "未填写实测值"


def awaits_peers(item: Item, facts: ItemFacts) -> bool:
    """Tell whether a rule of `item` waits for the best of all units."""
    return any(isinstance(rule, Peers) for rule in item.rules) and best_key(item) not in facts.figures


def met_case(item: Item, facts: ItemFacts) -> Case | None:
    """Return the first case that is met, in the order of the sheet."""
    for rule in item.rules:
        if isinstance(rule, Cases):
            return next((case for case in rule.cases if facts.counts.get(case.id, ZERO) > 0), None)
    return None


def cases(rule: Cases, item: Item, facts: ItemFacts) -> RuleLoss:
    case = met_case(item, facts)
    if case is None:
        return RuleLoss(kind=rule.kind, deduct=ZERO, explanation="未出现直接定分的情形")
    said = f"出现“{case.label}”，该项直接定为 {plain(case.points)} 分"
    return RuleLoss(kind=rule.kind, deduct=add(item.points, -case.points), explanation=said)


def additive(rule: Additive, item: Item, facts: ItemFacts) -> RuleLoss:
    told = {part.id: facts.counts[part.id] for part in rule.parts if part.id in facts.counts}
    every = not told and facts.conclusion is Conclusion.COMPLIANT
    got, sentences = ZERO, []
    for part in rule.parts:
        reached = Decimal(part.times) if every else min(max(told.get(part.id, ZERO), ZERO), Decimal(part.times))
        points = times(reached, part.points)
        got = add(got, points)
        often = f" {plain(reached)} 次" if part.times > 1 else ""
        sentences.append(f"“{part.label}”{often}得 {plain(points)} 分" if reached else f"“{part.label}”未做到")
    return RuleLoss(kind=rule.kind, deduct=add(item.points, -got), explanation="；".join(sentences))


def part_lack(rule: Additive, facts: ItemFacts) -> bool:
    """部分符合 does not say which parts were reached; 符合 means all of them, 不符合 none."""
    told = any(part.id in facts.counts for part in rule.parts)
    return not told and facts.conclusion not in (Conclusion.COMPLIANT, Conclusion.NON_COMPLIANT)


def proportion(rule: Proportion, item: Item, facts: ItemFacts) -> RuleLoss:
    value = actual(rule, facts)
    assert value is not None
    target = Fraction(rule.target) * (size(rule.unit) if rule.unit else 1)
    if rule.reversed:
        share = Fraction(1) if value <= target else target / value
        how = f"目标不高于 {_shown(target, rule)}，目标 ÷ 实际"
    else:
        share = min(value / target, Fraction(1))
        how = f"目标 {_shown(target, rule)}，实际 ÷ 目标"
    said = f"{_name(rule)} {_shown(value, rule)}，{how}，得该项分值的 {_percent(share)}"
    return _by_share(rule.kind, said, share, item)


def peers(rule: Peers, item: Item, facts: ItemFacts) -> RuleLoss:
    best, own = facts.figures.get(best_key(item)), actual(rule, facts)
    if best is None or own is None:
        return RuleLoss(kind=rule.kind, deduct=ZERO, explanation=AWAITING)
    top = Fraction(best)
    share = top / own if rule.reversed else own / top
    how = "最低 ÷ 本机构" if rule.reversed else "本机构 ÷ 最高"
    known = f"{_name(rule)} {_shown(own, rule)}，全部受检机构最好值 {_shown(top, rule)}"
    return _by_share(rule.kind, f"{known}，{how}，得该项分值的 {_percent(share)}", share, item)


def _name(rule: Proportion | Peers) -> str:
    return figure_title(rule.figure) if rule.figure else "实测"


def _shown(value: Fraction, rule: Proportion | Peers) -> str:
    if rule.unit is None:
        return plain(to_decimal(value))
    return f"{plain(to_decimal(value / size(rule.unit)))} {MEASURES[rule.unit]}"


def _percent(share: Fraction) -> str:
    value = share * 100
    shown = to_decimal(value)
    return f"{plain(shown)}%" if Fraction(shown) == value and len(plain(shown)) < 9 else f"{float(value):.4f}%"


def _by_share(kind: str, said: str, share: Fraction, item: Item) -> RuleLoss:
    exact = Fraction(item.points) * (1 - share)
    deduct = to_decimal(exact)
    took = f"扣 {_points(deduct)} 分" if exact else "不扣分"
    return RuleLoss(
        kind=kind, deduct=deduct, explanation=f"{said}，{took}", exact=exact if Fraction(deduct) != exact else None
    )


def _points(value: Decimal) -> str:
    text = plain(value)
    return text if len(text) < 9 else f"{value:.4f}"
