"""Sheets as real banks use them, worked by hand."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from tests.factories.scoring import (
    ALL,
    LEVELS,
    D,
    assert_adds_up,
    cause,
    count,
    figure,
    item,
    judged,
    missing,
    scheme,
    section,
    sheet,
    threshold,
    told,
    untold,
)
from xiaobao.checklist.models import Checklist, Veto
from xiaobao.errors import InputError
from xiaobao.model import Conclusion, FactState, ItemFacts, Measured, Score, Stage, TraceLine, VetoEvent
from xiaobao.scoring import explain, grade_of, score, unscored

NON = Conclusion.NON_COMPLIANT
PARTLY = Conclusion.PARTIALLY_COMPLIANT
DAY = date(2026, 3, 1)


def marked(checklist: Checklist, *facts: ItemFacts, vetoes: tuple[VetoEvent, ...] = ()) -> Score:
    result = score(checklist, facts, scheme(), Stage.AFTER, vetoes)
    assert_adds_up(result)
    return result


def line(result: Score, node: str) -> TraceLine:
    return next(entry for entry in result.trace if entry.node_id == node)


def test_a_count_sheet_deducts_by_cause_and_stops_at_nothing() -> None:
    """K14, 每发现一单扣 2 分 / 5 分: 30 + 25 points, floor 0 per item, both numbers shown."""
    underwriting = item("I1", "10", count(cause("late", "2"), cause("fake", "5")))
    fees = item("I2", "10", count(cause("late", "2"), cause("fake", "5")))
    result = marked(
        sheet(section("S", underwriting, fees)),
        told("I1", NON, counts={"late": D(2), "fake": D(1)}),
        told("I2", NON, counts={"late": D(1), "fake": D(3)}),
    )
    assert result.value == D("5.00")  # 10 − 9 = 1 and 10 − 17 → 0: 1 of 20
    first, second = line(result, "I1"), line(result, "I2")
    assert (first.should_deduct, first.deducted, first.earned) == (9, 9, 1)
    assert (second.should_deduct, second.deducted, second.earned) == (17, 10, 0)
    assert "应扣 17 分，扣完为止，实扣 10 分" in second.explanation
    assert "“情形late” 2 次，每次扣 2 分，扣 4 分" in first.explanation


def test_without_its_floor_an_item_takes_from_its_section() -> None:
    fees = item("I2", "10", count(cause("fake", "5")), floor=False)
    result = marked(sheet(section("S", item("I1", "10"), fees)), told("I1"), told("I2", NON, counts={"fake": D(3)}))
    assert line(result, "I2").earned == -5
    assert result.value == D("25.00")  # (10 − 5) of 20


def test_a_limited_cause_deducts_no_more_than_its_limit() -> None:
    entry = item("I", "10", count(cause("late", "2", limit="5")))
    assert marked(sheet(section("S", entry)), told("I", NON, counts={"late": D(4)})).value == D("50.00")


@pytest.mark.parametrize(
    ("counts", "absent", "taken", "expected"),
    [
        ({}, "0", "0", "100.00"),
        ({"incomplete": "1"}, "0", "0", "62.50"),  # 内容不完整扣 3 分 of 8
        ({"incomplete": "1"}, "2", "0.5", "31.25"),  # 3 + 2 × 1 + 0.5 = 5.5
        ({"late": "1"}, "0", "0", "0.00"),  # 未按时报送的，该项不得分
        ({"late": "1", "incomplete": "1"}, "1", "2", "0.00"),
    ],
)
def test_several_rules_stand_on_one_item(counts: dict[str, str], absent: str, taken: str, expected: str) -> None:
    """A report of 8 points: forfeited when late, 3 off when incomplete, 1 off a missing campaign, the rest judged."""
    entry = item("I", "8", count(cause("late", forfeits=True), cause("incomplete", "3")), missing(4, "1"), judged("2"))
    facts = told("I", PARTLY, counts={k: D(v) for k, v in counts.items()}, missing=D(absent), deduction=D(taken))
    facts = facts if D(expected) < 100 else replace(facts, conclusion=Conclusion.COMPLIANT)
    assert marked(sheet(section("S", entry)), facts).value == D(expected)


def test_a_forfeit_wins_over_deductions_but_gives_nothing_back() -> None:
    entry = item("I", "3", count(cause("late", forfeits=True), cause("bad", "1")), floor=False)
    for seen, left in (({"late": D(1)}, 0), ({"late": D(1), "bad": D(2)}, 0), ({"late": D(1), "bad": D(5)}, -2)):
        result = marked(sheet(section("S", item("J", "7"), entry)), told("J"), told("I", NON, counts=seen))
        assert line(result, "I").earned == left


@pytest.mark.parametrize(
    ("value", "unit", "inside"),
    [("90", "cm", True), ("0.8999", "m", False), ("1200", "mm", True), ("1.2", "m", True), ("120.01", "cm", False)],
)
def test_a_measured_width_is_converted_exactly_and_both_ends_are_closed(value: str, unit: str, inside: bool) -> None:
    entry = item("I", "4", threshold("m", "0.90", "1.20"))
    facts = told("I", Conclusion.COMPLIANT if inside else NON, measured=Measured(value=D(value), unit=unit))
    result = marked(sheet(section("S", entry)), facts)
    assert result.value == (100 if inside else 0)
    if unit != "m":
        assert "合 " in line(result, "I").explanation


@pytest.mark.parametrize(
    ("value", "unit", "inside"), [("600", "s", True), ("601", "s", False), ("0.5", "day", False), ("10", "min", True)]
)
def test_minutes_and_seconds_compare_without_rounding(value: str, unit: str, inside: bool) -> None:
    entry = item("I", "4", threshold("min", None, "10"))
    facts = told("I", measured=Measured(value=D(value), unit=unit), source="data")
    assert marked(sheet(section("S", entry)), facts).value == (100 if inside else 0)


@pytest.mark.parametrize(("rate", "kept"), [("100", "10"), ("98", "10"), ("97.99", "8"), ("90", "8"), ("89.99", "0")])
def test_a_figure_keeps_the_share_of_the_highest_band_reached(rate: str, kept: str) -> None:
    entry = item("I", "10", figure("on_time_rate", ("90", "0.8"), ("98", "1")))
    facts = told("I", source="data", figures={"on_time_rate": D(rate)})
    result = marked(sheet(section("S", entry)), facts)
    assert line(result, "I").earned == D(kept)
    assert "按期办结率" in line(result, "I").explanation


def test_levels_go_by_conclusion_or_by_option() -> None:
    options = {
        "kind": "levels",
        "options": [{"id": "full", "label": "齐全", "share": 1}, {"id": "some", "label": "欠缺", "share": "0.4"}],
    }
    sheet_ = sheet(section("S", item("I", "10", LEVELS), item("J", "10", options)))
    assert marked(sheet_, told("I", PARTLY), told("J", PARTLY, option="some")).value == D("45.00")
    assert marked(sheet_, told("I"), told("J")).value == 100  # 符合 is the full option


def test_a_thousand_points_are_normalised_to_a_hundred() -> None:
    """营业网点标准: 1000 points; 873.5 of them show as 87.35."""
    modules = [section(f"M{n}", item(f"I{n}", "100", judged("100"))) for n in range(10)]
    facts = [told(f"I{n}") for n in range(9)] + [told("I9", PARTLY, deduction=D(100))]
    facts[0] = told("I0", PARTLY, deduction=D("26.5"))
    result = marked(sheet(*modules), *facts)
    assert (result.value, result.earned, result.possible, result.grade) == (D("87.35"), D("873.5"), D(1000), "B")
    assert [entry.kind for entry in result.trace if not entry.parent_id] == ["checklist", "normalise"]


def stages(policy: str) -> Checklist:
    """Four stages weighing 30/40/20/10; the second has two parts of 30 and 10."""
    return sheet(
        section("S1", item("I1", "30", judged("30"))),
        section("S2", item("I2", "30", judged("30")), item("I3", "10", judged("10"))),
        section("S3", item("I4", "20", judged("20"))),
        section("S4", item("I5", "10", judged("10"))),
        policy=policy,
    )


def test_a_stage_without_data_passes_its_weight_on_pro_rata() -> None:
    """K18, 权重由余下各按自身权重分摊: without the last stage the others weigh 30, 40 and 20 of 90."""
    facts = [
        told("I1", PARTLY, deduction=D(3)),
        told("I2", PARTLY, deduction=D(15)),
        told("I3"),
        told("I4"),
        untold("I5"),
    ]
    for policy in ("expand", "redistribute"):
        result = marked(stages(policy), *facts)
        assert result.value == D("80.00")  # 72 of 90
        assert not result.provisional
        assert result.coverage == 100


def test_redistribution_stays_inside_the_section_first() -> None:
    """Inside S2 (40) the 30 left carry all 40: 15 of 30 count as 20 of 40. `expand` gives 75 of 90 instead."""
    facts = [told("I1"), told("I2", PARTLY, deduction=D(15)), untold("I3"), told("I4"), told("I5")]
    assert marked(stages("redistribute"), *facts).value == D("80.00")
    assert marked(stages("expand"), *facts).value == D("83.33")
    spread = marked(stages("redistribute"), *facts)
    assert line(spread, "S2#redistribute").earned == 5
    assert (line(spread, "S2").earned, line(spread, "S2").possible) == (20, 40)


def test_thirds_are_rounded_once_and_the_trace_still_adds_up() -> None:
    third = [told("I1"), told("I2"), told("I3", NON)]
    plain = sheet(section("S", *(item(f"I{n}", "1", ALL) for n in (1, 2, 3))))
    result = marked(plain, *third)
    assert result.value == D("66.67")
    assert line(result, "complaints#rounding").earned == D("66.67") - D("66.666666666667")


def test_half_a_last_place_goes_up_and_the_grade_follows_the_shown_number() -> None:
    """89.995 shows as 90.00 and is 优秀: the band is closed at the lower end of what is shown."""
    entry = item("I", "1000", judged("1000"))
    assert marked(sheet(section("S", entry)), told("I", PARTLY, deduction=D("100.05"))).value == D("90.00")
    assert marked(sheet(section("S", entry)), told("I", PARTLY, deduction=D("100.05"))).grade == "A"
    assert marked(sheet(section("S", entry)), told("I", PARTLY, deduction=D("100.051"))).grade == "B"
    assert [grade_of(scheme(), D(v)) for v in ("80", "79.99", "0")] == ["B", "C", "D"]
    assert grade_of(scheme(), None) == ""


def test_an_interval_clamps_a_section_on_both_sides() -> None:
    """A section of [−3, 10] whose items could take 25 and give 15."""
    wild = section("S1", item("I1", "15", count(cause("bad", "5")), floor=False), points="10", minimum="-3")
    whole = sheet(wild, section("S2", item("I2", "10")))
    full = marked(whole, told("I1"), told("I2"))
    assert (line(full, "S1").earned, full.value) == (10, 100)
    sunk = marked(whole, told("I1", NON, counts={"bad": D(8)}), told("I2"))
    assert line(sunk, "S1").earned == -3
    assert line(sunk, "S1#clamp").earned == 22
    assert sunk.value == D("35.00")  # (10 − 3) of 20


def test_what_is_not_scored_is_left_out_named_and_makes_the_score_provisional() -> None:
    states = [FactState.PENDING, FactState.NO_DATA, FactState.ERROR, FactState.NOT_ASSESSED]
    items = [item(f"I{n}", "10") for n in range(6)]
    facts = [untold(f"I{n}", state) for n, state in enumerate(states)]
    result = marked(sheet(section("S", *items)), *facts, told("I4"), told("I5", NON))
    assert (result.value, result.coverage, result.provisional) == (D("50.00"), D("33.33"), True)
    assert [entry.state for entry in unscored(result)] == states


def test_an_unanswered_item_is_neither_zero_nor_a_pass() -> None:
    result = marked(sheet(section("S", item("I1", "10"), item("I2", "10"))), told("I1"))
    assert (result.value, result.coverage, result.provisional) == (100, 50, True)
    assert line(result, "I2").state is FactState.NOT_ASSESSED


def test_nothing_applicable_gives_no_score_and_no_grade() -> None:
    result = marked(sheet(section("S", item("I1", "10"))), untold("I1"))
    assert (result.value, result.unvetoed, result.grade, result.coverage) == (None, None, "", None)
    assert not result.provisional
    pending = marked(sheet(section("S", item("I1", "10"))), untold("I1", FactState.PENDING))
    assert (pending.value, pending.coverage, pending.provisional) == (None, 0, True)


def vetoed(*vetoes: tuple[str, str, str, str]) -> Checklist:
    """Two sections of 60 and 40 with the vetoes (id, target, effect, grade)."""
    rows = tuple(Veto(id=i, event=f"事件{i}", target=t, effect=e, grade=g) for i, t, e, g in vetoes)
    return sheet(
        section("S1", item("I1", "40", judged("40")), item("I2", "20")), section("S2", item("I3", "40")), vetoes=rows
    )


FULL = (told("I1", PARTLY, deduction=D(4)), told("I2"), told("I3"))  # 96


@pytest.mark.parametrize(
    ("target", "effect", "grade", "value", "shown_grade"),
    [
        ("complaints", "zero", "", "0.00", "D"),
        ("complaints", "grade", "D", "96.00", "D"),
        ("complaints", "not_above", "B", "96.00", "B"),
        ("S1", "zero", "", "40.00", "D"),
        ("I2", "zero", "", "76.00", "C"),
        ("S1", "not_above", "B", "93.99", "A"),  # the section keeps at most 89.99 % of its 60
    ],
)
def test_a_veto_reaches_item_section_or_total(
    target: str, effect: str, grade: str, value: str, shown_grade: str
) -> None:
    event = VetoEvent(veto_id="V", day=DAY, description="发生事件", evidence=("照片",))
    result = marked(vetoed(("V", target, effect, grade)), *FULL, vetoes=(event,))
    assert (result.value, result.grade, result.unvetoed) == (D(value), shown_grade, D("96.00"))
    assert result.vetoes[0].event is event
    assert marked(vetoed(("V", target, effect, grade)), *FULL) == marked(vetoed(), *FULL)


def test_the_harshest_of_several_vetoes_wins() -> None:
    """A grade veto puts the grade straight to D (K19) while a milder one says 不得评为优秀."""
    whole = vetoed(("V1", "complaints", "not_above", "B"), ("V2", "complaints", "grade", "D"))
    events = (
        VetoEvent(veto_id="V1", day=DAY, description="a"),
        VetoEvent(veto_id="V2", day=DAY, description="b"),
        VetoEvent(veto_id="V2", day=DAY, description="c"),
    )
    result = marked(whole, *FULL, vetoes=events)
    assert (result.grade, result.value) == ("D", D("96.00"))
    assert [veto.event.description for veto in result.vetoes] == ["a", "b", "c"]
    assert result == marked(whole, *FULL, vetoes=events[::-1])


def test_a_grade_veto_never_lifts_a_worse_score() -> None:
    poor = (told("I1", NON, deduction=D(40)), told("I2", NON), told("I3"))
    result = marked(
        vetoed(("V", "complaints", "grade", "B")), *poor, vetoes=(VetoEvent(veto_id="V", day=DAY, description="事件"),)
    )
    assert (result.value, result.grade) == (D("40.00"), "D")


def test_a_veto_keeps_no_score_where_there_is_none() -> None:
    event = VetoEvent(veto_id="V", day=DAY, description="事件")
    result = marked(vetoed(("V", "complaints", "zero", "")), *map(untold, ("I1", "I2", "I3")), vetoes=(event,))
    assert result.value is None
    assert result.vetoes[0].event is event


def test_unknown_vetoes_and_items_are_all_named_at_once() -> None:
    with pytest.raises(InputError, match="V8") as caught:
        marked(
            vetoed(),
            *FULL,
            vetoes=(VetoEvent(veto_id="V8", day=DAY, description=""), VetoEvent(veto_id="V9", day=DAY, description="")),
        )
    assert len(caught.value.faults) == 2
    with pytest.raises(InputError) as caught:
        marked(vetoed(), told("I1"), told("I1"), told("X"))
    assert [fault.item for fault in caught.value.faults] == ["I1", "X"]


def test_any_line_can_be_explained_in_plain_chinese() -> None:
    entry = item("I", "10", count(cause("late", "4")))
    result = marked(sheet(section("S", entry)), told("I", NON, counts={"late": D(3)}, reason="抽查三件"))
    said = "".join(explain(result, "I"))
    for words in ("满分 10 分", "扣 10 分", "按规则应扣 12 分", "“情形late” 3 次", "抽查三件"):
        assert words in said
    assert "其中 检查项I 0 分" in "".join(explain(result, "S"))
    with pytest.raises(KeyError):
        explain(result, "nothing")


def test_the_score_keeps_what_made_it() -> None:
    assert marked(vetoed(), *FULL).engine == "4/trial@1"
