"""Actual values that a rule compares: a figure from data, or what a person measured, in the smallest unit."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol

from xiaobao.checklist.rules.measures import convertible, in_smallest, in_unit, inverse, measured_text, units_like
from xiaobao.checklist.rules.rule import Ask, RuleLoss, ScoredItem
from xiaobao.labels import FIGURES, MEASURES
from xiaobao.model import ItemFacts
from xiaobao.numbers import plain, to_decimal
from xiaobao.written.nodes import Flaw, Place

_SHORT = 9


class MeasuredRule(Protocol):
    """A rule that takes its actual value from data (`figure`) or from a person's measuring in `unit`."""

    @property
    def figure(self) -> str:
        """The name of the figure of a data check, "" where a person measures."""

    @property
    def unit(self) -> str | None:
        """The unit that a person's value is compared in, None where data give it."""


def figure_title(figure: str) -> str:
    """Return a figure's Chinese name; a checklist may name it alone or as `check.name`."""
    return FIGURES.get(figure.rsplit(".", 1)[-1], figure)


def ask_measured(unit: str, aim: str) -> Ask:
    """Ask for a measured value that can be converted to `unit`."""
    options = tuple((code, MEASURES[code]) for code in units_like(unit))
    brief = "（1 比几，填 1:12 或 12）" if inverse(unit) else f"（{MEASURES[unit]}）"
    return Ask(field="measured", label="实测值", aim=aim, brief=brief, unit=unit, options=options, always=True)


def source_flaws(rule: MeasuredRule, place: Place, item: ScoredItem) -> Iterator[Flaw]:
    """The actual value comes either from data or from a person's measuring."""
    if item.answered_by == "data" and not rule.figure:
        yield Flaw(place=place, message="由数据作答的检查项没有写取哪个数据", allowed="figure: 数据检查给出的数")
    if item.answered_by == "person" and rule.unit is None:
        yield Flaw(place=place, message="由人作答的检查项没有写实测值的单位", allowed="unit: piece、percent 等")
    if rule.figure and rule.unit:
        yield Flaw(place=place, message="数据与实测值只能取一个", allowed="figure 或 unit")


def actual(rule: MeasuredRule, facts: ItemFacts) -> Fraction | None:
    """Return the actual value, of a measured one in the smallest unit of its kind, so that it is a whole decimal."""
    if rule.figure:
        value = facts.figures.get(rule.figure)
        return None if value is None else Fraction(value)
    measured = facts.measured
    if measured is None or rule.unit is None or not convertible(measured.unit, rule.unit):
        return None
    if inverse(measured.unit) and not measured.value:
        return None
    return in_smallest(measured.value, measured.unit)


def lacking_value(rule: MeasuredRule, facts: ItemFacts) -> str:
    """Return that the actual value is not there; nothing where it is."""
    if actual(rule, facts) is not None:
        return ""
    return f"无数据：{figure_title(rule.figure)}" if rule.figure else "未填写实测值"


def value_name(rule: MeasuredRule) -> str:
    """Return what the rule measures, in Chinese: the title of its figure, 实测 where a person fills it in."""
    return figure_title(rule.figure) if rule.figure else "实测"


def shown(value: Fraction, rule: MeasuredRule) -> str:
    """Return an actual value in the rule's own unit."""
    if rule.unit is None:
        return plain(to_decimal(value))
    return measured_text(to_decimal(in_unit(value, rule.unit)), rule.unit) if value else f"0 {MEASURES[rule.unit]}"


def lost_by_part(kind: str, why: str, share: Fraction, item: ScoredItem) -> RuleLoss:
    """Return the loss where an exact `share` (a third, say) of the item's points is kept."""
    exact = Fraction(item.points) * (1 - share)
    deduct = to_decimal(exact)
    text = plain(deduct)
    took = f"扣 {text if len(text) < _SHORT else f'{deduct:.4f}'} 分" if exact else "不扣分"
    return RuleLoss(
        kind=kind,
        deduct=deduct,
        explanation=f"{why}，得该项分值的 {_percent(share)}，{took}",
        exact=exact if Fraction(deduct) != exact else None,
    )


def _percent(share: Fraction) -> str:
    value = to_decimal(share * 100)
    brief = Fraction(value) == share * 100 and len(plain(value)) < _SHORT
    return f"{plain(value)}%" if brief else f"{float(share * 100):.4f}%"
