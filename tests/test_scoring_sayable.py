"""What sheets of banks say beyond the first kinds of rule, worked by hand on both sides of each limit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.factories.scoring import D, item, judged, missing, peers, scheme, section, sheet, told, untold
from xiaobao.checklist.models import Checklist
from xiaobao.checklist.soundness import checklist_flaws
from xiaobao.model import Conclusion, FactState, ItemFacts, Measured, Score, Stage
from xiaobao.scoring import item_loss, resolve_peers, score

PARTLY = Conclusion.PARTIALLY_COMPLIANT


def shortfall(target: str, rate: str, **more: Any) -> dict[str, Any]:
    return {"kind": "shortfall", "target": target, "rate": rate, "unit": "percent"} | more


def measured(value: str, unit: str = "percent") -> ItemFacts:
    return told("I", measured=Measured(value=D(value), unit=unit))


@pytest.mark.parametrize(
    ("value", "part", "lost"),
    [
        ("98", "dropped", "0"),
        ("97.01", "dropped", "0"),
        ("97", "dropped", "1"),
        ("95.5", "dropped", "2"),
        ("95.5", "counted", "3"),
        ("95.5", "proportional", "2.5"),
        ("0.955", "proportional", "2.5"),
        ("50", "dropped", "10"),
    ],
)
def test_each_point_below_the_target_costs_a_point(value: str, part: str, lost: str) -> None:
    """每低 1 个百分点扣 1 分, of an item of 10 points and a target of 98 %."""
    entry = item("I", "10", shortfall("98", "1", part=part))
    unit = "ratio" if value.startswith("0.") else "percent"
    assert item_loss(entry, measured(value, unit)).deducted == D(lost)


@pytest.mark.parametrize(("value", "lost"), [("5", "0"), ("6.9", "0"), ("7", "2"), ("11", "6")])
def test_each_step_above_a_limit_costs_where_less_is_better(value: str, lost: str) -> None:
    entry = item("I", "10", shortfall("5", "2", step="2", reversed=True, unit="day"))
    assert item_loss(entry, measured(value, "day")).deducted == D(lost)


def test_a_third_of_a_step_is_kept_exactly() -> None:
    entry = item("I", "10", shortfall("9", "1", step="3", part="proportional"))
    loss = item_loss(entry, measured("8"))
    assert loss.exact is not None
    assert (loss.exact.numerator, loss.exact.denominator) == (1, 3)


@pytest.mark.parametrize(("absent", "lost"), [("3", "3"), ("4", "10")])
def test_all_of_them_missing_loses_the_item_one_fewer_does_not(absent: str, lost: str) -> None:
    entry = item("I", "10", missing(4, "1") | {"all_forfeits": True})
    assert item_loss(entry, told("I", PARTLY, missing=D(absent))).deducted == D(lost)


def lowest(zero: str, *values: str) -> list[Decimal | None]:
    """Return what units of these complaint rates get of an item of 10 points, where less is better."""
    one = sheet(section("S", item("I", "10", peers("day", reversed=True, zero=zero))))
    waiting = {str(n): (_waiting(value),) for n, value in enumerate(values)}
    found = resolve_peers(one, waiting, list(waiting))
    return [score(one, facts, scheme(), Stage.AFTER).value for facts in found.values()]


def _waiting(value: str) -> ItemFacts:
    return ItemFacts(item_id="I", state=FactState.AWAITING_PEERS, measured=Measured(value=D(value), unit="day"))


def test_a_zero_among_reversed_peers_is_reported_or_gets_full_points() -> None:
    assert lowest("reported", "0", "2", "4") == [None, None, None]
    assert lowest("full", "0", "2", "4") == [D("100.00"), D("100.00"), D("50.00")]
    assert lowest("full", "0", "0") == [D("100.00"), D("100.00")]
    assert lowest("reported", "2", "4") == lowest("full", "2", "4") == [D("100.00"), D("50.00")]


def kept(*facts: ItemFacts, policy: str = "keep") -> Score:
    return score(of_two(policy), facts, scheme(), Stage.AFTER)


def of_two(policy: str) -> Checklist:
    return sheet(section("S", item("I1", "60", judged("60")), item("I2", "40")), policy=policy)


def test_what_does_not_apply_may_stay_in_the_base_without_deduction() -> None:
    idle = untold("I2", FactState.NOT_APPLICABLE)
    lost = told("I1", PARTLY, deduction=D(30))
    assert (kept(lost, idle).value, kept(lost, idle, policy="expand").value) == (D("70.00"), D("50.00"))
    assert kept(lost, untold("I2", FactState.NOT_ASSESSED)).value == D("50.00")
    assert kept(untold("I1", FactState.NOT_APPLICABLE), idle).value is None
    [line] = [one for one in kept(lost, idle).trace if one.node_id == "I2"]
    assert (line.earned, line.explanation) == (40, "不适用，不扣分")


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ((judged("5"), judged("5")), "会重复扣分"),
        ((shortfall("98", "1"), shortfall("95", "1")), "会重复扣分"),
        ((shortfall("98", "0"),), "没有写每差一次扣几分"),
        (({"kind": "levels", "options": [{"id": "a", "label": "好", "share": "0.9"}]},), "没有得满分的档次"),
        ((peers("day", zero="full"),), "只有越低越好的比较"),
    ],
)
def test_rules_that_cannot_work_are_refused(rules: tuple[dict[str, Any], ...], said: str) -> None:
    flaws = [flaw.message for flaw in checklist_flaws(sheet(section("S", item("I", "10", *rules))))]
    assert [said in message for message in flaws] == [True]


@pytest.mark.parametrize(
    "rules",
    [
        (judged("5"), missing(2, "1")),
        (shortfall("98", "1"), {"kind": "threshold", "unit": "percent", "at_least": "80"}),
        ({"kind": "levels", "options": [{"id": "a", "label": "好", "share": "1"}]},),
    ],
)
def test_rules_beside_one_another_may_read_different_things(rules: tuple[dict[str, Any], ...]) -> None:
    assert list(checklist_flaws(sheet(section("S", item("I", "10", *rules))))) == []
