"""What must hold of each scoring rule of an item."""

from __future__ import annotations

from collections.abc import Iterator

from xiaobao.checklist.models import (
    Additive,
    AllOrNothing,
    Cases,
    Count,
    Figure,
    Item,
    Judged,
    Levels,
    Peers,
    Proportion,
    Rule,
    Threshold,
)
from xiaobao.checklist.naming import twice
from xiaobao.numbers import ZERO, plain
from xiaobao.written.nodes import Flaw, Place

_DATA_RULES = (AllOrNothing, Count, Figure, Proportion, Peers, Cases)


def item_rule_flaws(item: Item, place: Place) -> Iterator[Flaw]:
    """Yield what does not hold in the rules of an item and in who may answer them."""
    for number, rule in enumerate(item.rules):
        here = (*place, "rules", number)
        yield from rule_flaws(rule, here, item)
        if item.answered_by == "data" and not isinstance(rule, _DATA_RULES):
            allowed = "all_or_nothing、count、figure、proportion、peers、cases"
            yield Flaw(place=here, message=f"规则 {rule.kind} 须由人作答，不能用于数据检查", allowed=allowed)
        if item.answered_by == "person" and isinstance(rule, Figure):
            yield Flaw(
                place=here, message="规则 figure 取自数据，不能用于人工作答的检查项", allowed="answered_by: data"
            )
        if isinstance(rule, Proportion | Peers):
            yield from _source_flaws(rule, here, item)


def _source_flaws(rule: Proportion | Peers, place: Place, item: Item) -> Iterator[Flaw]:
    """The actual value comes either from data or from a person's measuring."""
    if item.answered_by == "data" and not rule.figure:
        yield Flaw(place=place, message="由数据作答的检查项没有写取哪个数据", allowed="figure: 数据检查给出的数")
    if item.answered_by == "person" and rule.unit is None:
        yield Flaw(place=place, message="由人作答的检查项没有写实测值的单位", allowed="unit: piece、percent 等")
    if rule.figure and rule.unit:
        yield Flaw(place=place, message="数据与实测值只能取一个", allowed="figure 或 unit")


def _interval_flaws(rule: Cases, place: Place, item: Item) -> Iterator[Flaw]:
    for number, case in enumerate(rule.cases):
        if case.points > item.points or (item.floor and case.points < item.minimum):
            allowed = f"{plain(item.minimum)} 至 {plain(item.points)}"
            yield Flaw(
                place=(*place, "cases", number, "points"),
                message="所定分数不在该项分值之内",
                value=str(case.points),
                allowed=allowed,
            )


def rule_flaws(rule: Rule, place: Place, item: Item) -> Iterator[Flaw]:
    """Yield what does not hold within one rule."""
    if isinstance(rule, Levels):
        yield from twice((((*place, "options", n, "id"), o.id) for n, o in enumerate(rule.options)), "选项")
    elif isinstance(rule, Judged) and item.floor and rule.max > item.points - item.minimum:
        yield Flaw(
            place=(*place, "max"),
            message="酌情扣分的上限高于该项分值",
            value=str(rule.max),
            allowed=f"不高于 {item.points - item.minimum}",
        )
    elif isinstance(rule, Count):
        yield from twice((((*place, "causes", n, "id"), c.id) for n, c in enumerate(rule.causes)), "扣分事由")
        for number, cause in enumerate(rule.causes):
            if cause.limit is not None and cause.limit < cause.rate:
                yield Flaw(
                    place=(*place, "causes", number, "limit"), message="扣分上限低于一次的扣分", value=str(cause.limit)
                )
    elif isinstance(rule, Figure):
        yield from twice((((*place, "bands", n), plain(b.at_least)) for n, b in enumerate(rule.bands)), "档")
    elif isinstance(rule, Threshold):
        if rule.at_least is None and rule.at_most is None:
            yield Flaw(place=place, message="没有写界限", allowed="at_least、at_most 至少写一个")
        elif rule.at_least is not None and rule.at_most is not None and rule.at_least > rule.at_most:
            yield Flaw(
                place=(*place, "at_least"),
                message="下限高于上限",
                value=str(rule.at_least),
                allowed=f"不高于 {rule.at_most}",
            )
    elif isinstance(rule, Additive):
        yield from twice((((*place, "parts", n, "id"), p.id) for n, p in enumerate(rule.parts)), "分项")
        whole = sum((part.points * part.times for part in rule.parts), ZERO)
        if whole != item.points:
            yield Flaw(
                place=(*place, "parts"),
                message="各分项分值之和不等于该项分值",
                value=f"合计 {whole}",
                allowed=str(item.points),
            )
    elif isinstance(rule, Cases):
        yield from twice((((*place, "cases", n, "id"), c.id) for n, c in enumerate(rule.cases)), "情形")
        yield from _interval_flaws(rule, place, item)
