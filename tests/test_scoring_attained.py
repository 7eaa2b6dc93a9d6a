"""Rules that reward: sub-criteria, proportion of a target, relative to the best peer, pools. Sheets worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.scoring import (
    OUTLET,
    D,
    additive,
    assert_adds_up,
    cases,
    cause,
    count,
    item,
    judged,
    peers,
    pool,
    proportion,
    scheme,
    section,
    sheet,
    told,
    untold,
)
from xiaobao.checklist.models import Checklist, Item
from xiaobao.model import Conclusion, FactState, ItemFacts, Measured, Response, Score, Stage, TraceLine
from xiaobao.scoring import facts_from_response, needs_peers, resolve_peers, response_faults, score

NON, PARTLY, YES = Conclusion.NON_COMPLIANT, Conclusion.PARTIALLY_COMPLIANT, Conclusion.COMPLIANT


def marked(checklist: Checklist, *facts: ItemFacts, **more: Any) -> Score:
    result = score(checklist, facts, scheme(**more), Stage.AFTER)
    assert_adds_up(result)
    return result


def line(result: Score, node: str) -> TraceLine:
    return next(entry for entry in result.trace if entry.node_id == node)


def pieces(item_id: str, number: str, **more: Any) -> ItemFacts:
    return told(item_id, measured=Measured(value=D(number), unit="piece"), **more)


# --- f: additive sub-criteria (K13) -------------------------------------------------------------------------------

ORGANISATION = item("I", "30", additive(("a", "5"), ("b", "10"), ("c", "10"), ("d", "5")))


@pytest.mark.parametrize(
    ("reached", "earned"), [({"a": 1, "c": 1}, "15"), ({}, "0"), ({"a": 1, "b": 1, "c": 1, "d": 1}, "30")]
)
def test_each_part_reached_gives_its_points(reached: dict[str, int], earned: str) -> None:
    """…的，得 5 分；…的，得 10 分: 30 = 5 + 10 + 10 + 5."""
    counts = {"a": D(0)} | {part: D(n) for part, n in reached.items()}
    result = marked(sheet(section("S", ORGANISATION)), told("I", YES if earned == "30" else PARTLY, counts=counts))
    assert line(result, "I").earned == D(earned)
    assert ("“分项c”得 10 分" in line(result, "I").explanation) is ("c" in reached)


def test_a_part_may_give_points_several_times_up_to_its_number() -> None:
    entry = item("I", "6", additive(("talk", "2", 3)))
    for often, earned in ((1, 2), (3, 6), (5, 6)):
        result = marked(sheet(section("S", entry)), told("I", PARTLY, counts={"talk": D(often)}, source="data"))
        assert line(result, "I").earned == earned
    too_often = Response(item_id="I", conclusion=PARTLY, counts={"talk": D(4)}, reason="多报")
    assert [fault.column for fault in response_faults(entry, too_often)] == ["次数"]


def test_a_plain_yes_reaches_every_part_a_plain_no_none_and_partly_must_say_which() -> None:
    for said, state, lost in ((YES, FactState.ASSESSED, 0), (NON, FactState.ASSESSED, 30)):
        facts = facts_from_response(ORGANISATION, Response(item_id="I", conclusion=said, reason="查阅"), OUTLET)
        result = marked(sheet(section("S", ORGANISATION)), facts)
        assert (facts.state, line(result, "I").deducted) == (state, lost)
    vague = facts_from_response(ORGANISATION, Response(item_id="I", conclusion=PARTLY, reason="查阅"), OUTLET)
    assert (vague.state, vague.reason) == (FactState.NOT_ASSESSED, "未填写做到了哪些分项")


# --- h: proportion of a target (K15) ------------------------------------------------------------------------------

LENDING = item(
    "I",
    "8",
    cases(("two_years_negative", "-4"), ("two_bad_years", "-3"), ("both_missed", "0")),
    proportion("40"),
    minimum="-4",
)


@pytest.mark.parametrize(
    ("actual", "met", "earned"),
    [
        ("40", (), "8"),
        ("50", (), "8"),  # beyond the target is no more than all
        ("30", (), "6"),
        ("0", (), "0"),
        ("30", ("both_missed",), "0"),
        ("30", ("two_bad_years",), "-3"),
        ("30", ("two_bad_years", "two_years_negative"), "-4"),  # the first in the order of the sheet
        ("30", ("both_missed", "two_bad_years"), "-3"),
        ("-30", (), "-4"),  # −6 is held at the item's lower end
    ],
)
def test_k15_a_proportion_of_the_target_with_cases_that_come_first(
    actual: str, met: tuple[str, ...], earned: str
) -> None:
    """最低分 −4，最高分 8: actual ÷ target, zero where both goals are missed, −3 and −4 by rule order."""
    whole = sheet(section("S", LENDING), section("T", item("J", "30")))
    result = marked(whole, pieces("I", actual, counts={name: D(1) for name in met}), told("J"))
    assert line(result, "I").earned == D(earned)
    assert result.earned == D(earned) + 30


def test_k15_a_case_needs_no_measured_value() -> None:
    facts = facts_from_response(
        LENDING, Response(item_id="I", conclusion=NON, counts={"two_bad_years": D(1)}, reason="台账"), OUTLET
    )
    result = marked(sheet(section("S", LENDING), section("T", item("J", "30"))), facts, told("J"))
    assert line(result, "I").earned == -3
    assert "“情形two_bad_years”，该项直接定为 -3 分" in line(result, "I").explanation


@pytest.mark.parametrize(("days", "earned"), [("10", "6"), ("0", "6"), ("15", "4"), ("30", "2")])
def test_a_reversed_proportion_is_target_by_actual(days: str, earned: str) -> None:
    entry = item("I", "6", proportion("10", "day", reversed=True))
    result = marked(sheet(section("S", entry)), told("I", measured=Measured(value=D(days), unit="day")))
    assert line(result, "I").earned == D(earned)


def test_thirds_of_items_are_kept_exactly_until_the_one_rounding() -> None:
    """Three items of a third each make one whole point, not 0.999999999999."""
    items = [item(f"I{n}", "1", proportion("3")) for n in range(3)]
    result = marked(sheet(section("S", *items)), *(pieces(f"I{n}", "1") for n in range(3)))
    assert (result.value, line(result, "I0").earned) == (D("33.33"), D("0.333333333333"))


def test_a_proportion_is_measured_in_any_unit_of_its_kind() -> None:
    entry = item("I", "10", proportion("1.2", "m"))
    result = marked(sheet(section("S", entry)), told("I", measured=Measured(value=D(90), unit="cm")))
    assert line(result, "I").earned == D("7.5")
    assert "实测 0.9 米，目标 1.2 米" in line(result, "I").explanation


# --- i: relative to the best peer (K16) ---------------------------------------------------------------------------

RATING = sheet(
    section("S", item("I", "9", peers())), section("T", item("J", "9", peers(reversed=True)), item("K", "27"))
)


def told_by(own: str, bad: str) -> list[ItemFacts]:
    """Facts of one unit as its own paper has them: what is relative waits."""
    answers = {
        "I": Response(item_id="I", conclusion=YES, measured=Measured(value=D(own), unit="piece")),
        "J": Response(item_id="J", conclusion=YES, measured=Measured(value=D(bad), unit="piece")),
        "K": Response(item_id="K", conclusion=YES),
    }
    return [facts_from_response(entry, answers[entry.id], OUTLET) for entry in RATING.items()]


def test_k16_a_units_own_paper_shows_the_item_as_awaiting_its_peers() -> None:
    result = marked(RATING, *told_by("60", "4"))
    waiting = line(result, "I")
    assert (waiting.state, waiting.possible) == (FactState.AWAITING_PEERS, 0)
    assert waiting.reason.startswith("待汇总")
    assert (result.value, result.provisional, result.coverage) == (100, True, 60)
    assert needs_peers(RATING)


def test_k16_own_by_best_and_for_a_negative_indicator_least_by_own() -> None:
    """own ÷ max × 9 and min ÷ own × 9."""
    facts = {"A": told_by("60", "4"), "B": told_by("80", "10"), "C": told_by("20", "5")}
    resolved = resolve_peers(RATING, facts, ["A", "B", "C"])
    earned = {
        unit: [line(marked(RATING, *told_), node).earned for node in ("I", "J")] for unit, told_ in resolved.items()
    }
    assert earned == {"A": [D("6.75"), 9], "B": [9, D("3.6")], "C": [D("2.25"), D("7.2")]}
    assert "全部受检机构最好值 80 个" in line(marked(RATING, *resolved["A"]), "I").explanation
    assert not marked(RATING, *resolved["A"]).provisional


def test_peers_wait_until_every_unit_is_in_and_name_who_is_missing() -> None:
    resolved = resolve_peers(RATING, {"A": told_by("60", "4")}, ["A", "B", "C"])
    assert resolved["A"][0].state is FactState.AWAITING_PEERS
    assert "尚缺 2 家：B、C" in resolved["A"][0].reason


def test_a_zero_among_the_peers_of_a_reversed_formula_is_reported_not_divided_by() -> None:
    resolved = resolve_peers(RATING, {"A": told_by("60", "0"), "B": told_by("80", "10")}, ["A", "B"])
    for facts in resolved.values():
        assert facts[0].state is FactState.ASSESSED
        assert facts[1].state is FactState.AWAITING_PEERS
        assert "A 的数值为 0 或负数" in facts[1].reason
    nothing = resolve_peers(RATING, {"A": told_by("0", "1"), "B": told_by("0", "1")}, ["A", "B"])
    assert "都不大于 0" in nothing["A"][0].reason


def test_a_unit_that_the_item_does_not_apply_to_does_not_compete() -> None:
    idle = [untold("I"), *told_by("0", "0")[1:]]
    idle[1] = untold("J")
    resolved = resolve_peers(RATING, {"A": told_by("60", "4"), "B": idle}, ["A", "B"])
    assert line(marked(RATING, *resolved["A"]), "I").earned == 9
    assert resolved["B"][0].state is FactState.NOT_APPLICABLE


# --- pools, base, intervals (K1, K7, K8) --------------------------------------------------------------------------

BONUS = item("P", "8", additive(("prize", "4", 2)))
MALUS = item("M", "0", count(cause("late", "2")), minimum="-12")
K8 = sheet(section("S", item("I", "100", judged("100"))), pool("Z", BONUS, MALUS, points="10", minimum="-10", cap="5"))


@pytest.mark.parametrize(
    ("prizes", "late", "value"),
    [(0, 0, "80.00"), (1, 0, "84.00"), (2, 0, "85.00"), (2, 1, "83.00"), (0, 3, "74.00"), (0, 6, "70.00")],
)
def test_bonuses_have_a_cap_and_the_net_has_another(prizes: int, late: int, value: str) -> None:
    """重点工作加扣分 ±10, of which bonuses at most 5; six late reports ask 12, the pool takes 10."""
    result = marked(
        K8,
        told("I", PARTLY, deduction=D(20)),
        told("P", YES if prizes == 2 else PARTLY, counts={"prize": D(prizes)}),
        told("M", PARTLY if late else YES, counts={"late": D(late)}),
    )
    assert result.value == D(value)
    assert result.possible == 100


def test_a_pool_never_lifts_a_score_over_a_hundred_and_is_no_part_of_what_is_possible() -> None:
    result = marked(K8, told("I"), told("P", counts={"prize": D(2)}), untold("M"))
    assert (result.value, line(result, "complaints#clamp").earned) == (100, -5)
    alone = marked(K8, untold("I"), told("P", counts={"prize": D(2)}), untold("M"))
    assert alone.value is None


def test_a_pool_keeps_its_worth_when_the_sheet_has_a_thousand_points() -> None:
    entry = item("M", "0", count(cause("late", "20")), minimum="-100")
    whole = sheet(section("S", item("I", "1000")), pool("Z", entry, points="0", minimum="-100"))
    result = marked(whole, told("I"), told("M", PARTLY, counts={"late": D(1)}))
    assert result.value == D("98.00")


def interval(id: str, low: str) -> Item:
    return item(id, "0", judged(low.lstrip("-")), minimum=low)


def test_a_sheet_of_intervals_deducts_from_its_base_and_clamps_at_every_level() -> None:
    """制度体系 [−13, 0] = 董高层职责 [−3, 0] + 其他制度 [−10, 0], the latter of items that could take 2, 4 and 5."""
    duties = section("D", interval("I1", "-3"), points="0", minimum="-3")
    rules = section("R", interval("I2", "-2"), interval("I3", "-4"), interval("I4", "-5"), points="0", minimum="-10")
    whole = sheet(section("S", duties, rules, points="0", minimum="-12"), base="100")
    lost = [told(f"I{n}", PARTLY, deduction=D(most)) for n, most in ((1, 3), (2, 2), (3, 4), (4, 5))]
    result = marked(whole, *lost)
    assert [line(result, node).earned for node in ("D", "R", "S")] == [-3, -10, -12]
    assert (result.value, result.coverage) == (D("88.00"), 100)
    some = marked(whole, told("I1", PARTLY, deduction=D("1.5")), *(untold(f"I{n}") for n in (2, 3, 4)))
    assert some.value == D("98.50")
    assert marked(whole, *(untold(f"I{n}", FactState.PENDING) for n in (1, 2, 3, 4))).value is None


# --- the source of a finding --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "lost"), [("", 4), ("self", 2), ("inspected", 4), ("misreported", 8), ("repeated", 6)]
)
def test_the_source_of_a_finding_changes_its_rate(origin: str, lost: int) -> None:
    """自查发现从轻, 被查发现从重: by the scheme's own numbers."""
    rates = {"self": "0.5", "inspected": "1", "misreported": "2", "repeated": "1.5"}
    entry = item("I", "10", count(cause("late", "2")))
    result = marked(sheet(section("S", entry)), told("I", PARTLY, counts={"late": D(2)}, origin=origin), origins=rates)
    assert line(result, "I").deducted == lost
    assert ("来源为" in line(result, "I").explanation) is (lost != 4)
