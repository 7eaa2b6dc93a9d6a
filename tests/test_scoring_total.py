"""From domains to a total and from units up the tree: by shown numbers, with what is left out named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.factories.scoring import D, assert_adds_up, item, judged, scheme, section, sheet, told, untold
from xiaobao.checklist.models import Scheme
from xiaobao.errors import InputError
from xiaobao.model import FactState, Score, Stage, VetoEvent
from xiaobao.numbers import ranks
from xiaobao.scoring import explain, roll_up, score, total, unscored

FIVE = scheme(weights=dict.fromkeys(("a", "b", "c", "d", "e"), "20"))


def of(value: str | None, state: FactState = FactState.NOT_APPLICABLE) -> Score:
    """A domain score of `value`, or one with nothing scored for the reason `state`."""
    whole = sheet(section("S", item("I", "10000", judged("10000"))))
    if value is None:
        return score(whole, [untold("I", state)], scheme(), Stage.AFTER)
    facts = told("I", source="data", deduction=10000 - D(value) * 100)
    return score(whole, [facts], scheme(), Stage.AFTER)


def whole(scheme_: Scheme, scores: dict[str, Score], *events: VetoEvent) -> Score:
    result = total(scheme_, scores, Stage.AFTER, events)
    assert_adds_up(result)
    return result


def test_a_total_weighs_the_shown_domain_scores() -> None:
    result = whole(scheme(), {"complaints": of("91.55"), "disclosure": of("78.33")})
    assert (result.value, result.grade, result.provisional) == (D("86.26"), "B", False)  # 54.93 + 31.332
    assert "权重 60，得分 91.55" in "".join(explain(result, "complaints"))


def test_a_domain_that_does_not_apply_is_expanded_over_the_others() -> None:
    result = whole(scheme(), {"complaints": of("80"), "disclosure": of(None)})
    assert (result.value, result.provisional, result.coverage) == (D("80.00"), False, 100)
    assert "可得 60 分，扣 12 分，得 48 分。折合百分制 80 分。" in "".join(explain(result, result.trace[0].node_id))


def test_a_domain_not_inspected_makes_the_total_provisional() -> None:
    for scores in ({"complaints": of("80")}, {"complaints": of("80"), "disclosure": of(None, FactState.PENDING)}):
        result = whole(scheme(), scores)
        assert (result.value, result.provisional, result.coverage) == (D("80.00"), True, 60)
        assert [line.node_id for line in unscored(result)] == ["disclosure"]


def test_nothing_scored_gives_no_total() -> None:
    result = whole(scheme(), {"complaints": of(None), "disclosure": of(None)})
    assert (result.value, result.grade, result.coverage, result.provisional) == (None, "", None, False)
    assert whole(scheme(), {}).provisional


def test_a_domain_outside_the_scheme_is_shown_and_weighs_nothing() -> None:
    result = whole(scheme(), {"complaints": of("80"), "disclosure": of("80"), "suitability": of("0")})
    assert result.value == D("80.00")
    assert "不计入总分" in "".join(explain(result, "suitability"))


def test_weights_that_do_not_sum_to_a_hundred_are_normalised() -> None:
    thirds = scheme(weights={"complaints": "1", "disclosure": "2"})
    assert whole(thirds, {"complaints": of("90"), "disclosure": of("75")}).value == D("80.00")


@pytest.mark.parametrize(
    ("target", "effect", "grade", "value", "shown_grade"),
    [
        ("trial", "not_above", "C", "92.00", "C"),
        ("total", "zero", "", "0.00", "D"),
        ("complaints", "zero", "", "32.00", "D"),
    ],
)
def test_scheme_vetoes_reach_the_total_or_a_domain(
    target: str, effect: str, grade: str, value: str, shown_grade: str
) -> None:
    rules: Any = [{"id": "V", "event": "群体性事件", "target": target, "effect": effect, "grade": grade}]
    scores = {"complaints": of("100"), "disclosure": of("80")}
    result = whole(
        scheme(vetoes=rules), scores, VetoEvent(veto_id="V", day=date(2026, 3, 1), description="认定负主要责任")
    )
    assert (result.value, result.grade, result.unvetoed) == (D(value), shown_grade, D("92.00"))
    assert whole(scheme(vetoes=rules), scores) == whole(scheme(), scores)


values = st.one_of(st.none(), st.integers(0, 10000).map(lambda n: str(D(n) / 100)))


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(list(FIVE.weights)), values))
def test_every_total_adds_up_and_lies_between_its_domains(drawn: dict[str, str | None]) -> None:
    result = whole(FIVE, {domain: of(value) for domain, value in drawn.items()})
    found = [D(value) for value in drawn.values() if value is not None]
    if not found:
        assert result.value is None
    else:
        assert result.value is not None
        assert min(found) <= result.value <= max(found)


# --- up the tree --------------------------------------------------------------------------------------------------

TREE = {"B1": "HO", "B2": "HO", "B3": "HO", "S1": "B1", "S2": "B1"}
OWN = {"HO": D(90), "B1": D(80), "S1": D(70), "S2": D("75.55"), "B2": D(60), "B3": None}


def test_a_parent_takes_its_share_and_the_mean_of_its_children() -> None:
    rolled = roll_up(scheme(), OWN, TREE)
    assert rolled["B1"].children_mean == D("72.78")  # 72.775
    assert rolled["B1"].value == D("77.83")  # 56 + 0.3 × 72.775 = 77.8325
    assert rolled["HO"].value == D("83.67")  # 63 + 0.3 × (77.83 + 60) ÷ 2 = 83.6745
    assert rolled["HO"].excluded == ("B3",)
    assert "未计入：B3" in rolled["HO"].explanation
    assert "本级 90 × 70% + 2 家下级平均 × 30%" in rolled["HO"].explanation


def test_the_formula_falls_back_to_what_there_is() -> None:
    """没有分支的，按其余部分计: without children the own score, without an own score the children."""
    rolled = roll_up(scheme(), OWN, TREE)
    assert (rolled["B2"].value, rolled["B2"].children) == (60, ())
    assert "没有可汇总的下级" in rolled["B2"].explanation
    childless = roll_up(scheme(), {"S1": D(70), "S2": D(75)}, TREE)
    assert (childless["B1"].value, childless["B1"].own) == (D("72.50"), None)
    assert childless["HO"].value == D("72.50")
    assert roll_up(scheme(), {}, {"S1": "B1"})["B1"].value is None


def test_vetoed_children_are_left_out_where_the_scheme_says_so() -> None:
    strict = scheme(rollup={"own": "0.7", "counts_vetoed": False})
    assert roll_up(scheme(), OWN, TREE, vetoed=["B2"])["HO"].excluded == ("B3",)
    left = roll_up(strict, OWN, TREE, vetoed=["B2"])["HO"]
    assert (left.excluded, left.children) == (("B2", "B3"), ("B1",))


@pytest.mark.parametrize(
    ("how", "come_to", "said"),
    [
        ("mean", "65", "2 家下级平均"),
        ("weighted", "67.5", "2 家下级加权平均（B1 权重 3、B2 权重 1）"),
        ("sum", "130", "2 家下级合计"),
        ("min", "60", "2 家下级最低"),
        ("max", "70", "2 家下级最高"),
    ],
)
def test_what_children_come_to_is_a_stated_function_with_stated_weights(how: str, come_to: str, said: str) -> None:
    """B1 has 70 and weighs 3 by its id, B2 has 60 and weighs 1."""
    plan = scheme(rollup={"own": "0.7", "how": how, "weights": {"B1": "3"}})
    found = roll_up(plan, {"HO": D(90), "B1": D(70), "B2": D(60)}, {"B1": "HO", "B2": "HO"})["HO"]
    assert (found.children_mean, found.value) == (D(come_to), D(63) + D("0.3") * D(come_to))
    assert said in found.explanation


def test_each_level_may_have_a_function_of_its_own_and_units_weigh_by_their_level() -> None:
    tree = {"B1": "HO", "S1": "B1", "S2": "B1"}
    levels = {"HO": "head_office", "B1": "branch", "S1": "sub_branch", "S2": "outlet"}
    plan = scheme(rollup={"own": "0.5", "how": "min", "levels": {"branch": "weighted"}, "weights": {"outlet": "0"}})
    rolled = roll_up(plan, {"S1": D(80), "S2": D(40)}, tree, levels=levels)
    assert (rolled["B1"].value, rolled["HO"].value) == (80, 80)
    assert "最低" in rolled["HO"].explanation
    nobody = roll_up(plan, {"S2": D(40)}, tree, levels=levels)["B1"]
    assert (nobody.value, nobody.children_mean) == (None, None)


def test_units_that_are_their_own_ancestors_are_named() -> None:
    with pytest.raises(InputError) as caught:
        roll_up(scheme(), {"A": D(1)}, {"A": "B", "B": "A", "C": "C"})
    assert [fault.value for fault in caught.value.faults] == ["A", "B", "C"]


def test_ties_share_a_rank_and_the_next_is_skipped() -> None:
    assert ranks({"a": D("90.00"), "b": D(85), "c": D(90), "d": D(70)}) == {"a": 1, "b": 3, "c": 1, "d": 4}


K19 = scheme(
    grades=[
        {"id": name, "label": name, "at_least": low}
        for name, low in (("A+", 95), ("A-", 90), ("B+", 85), ("B-", 80), ("C+", 75), ("C-", 70), ("D", 60), ("E", 0))
    ],
    rollup={"own": "0.7"},
)


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        ("95", "A+"),
        ("94.99", "A-"),
        ("90", "A-"),
        ("85", "B+"),
        ("80", "B-"),
        ("75", "C+"),
        ("70", "C-"),
        ("69.99", "D"),
        ("60", "D"),
        ("59.99", "E"),
    ],
)
def test_k19_bands_are_closed_at_the_lower_end(value: str, grade: str) -> None:
    assert whole(K19, {"complaints": of(value), "disclosure": of(value)}).grade == grade


def test_k19_head_office_takes_seventy_percent_of_its_own_and_falls_back_without_branches() -> None:
    """70% × 88 + 30% × mean of 80 and 91; without a branch 88 stands alone. A named event puts the grade to E."""
    tree = {"B1": "HO", "B2": "HO"}
    assert roll_up(K19, {"HO": D(88), "B1": D(80), "B2": D(91)}, tree)["HO"].value == D("87.25")
    assert roll_up(K19, {"HO": D(88)}, {})["HO"].value == D("88.00")
    named: Any = [{"id": "V", "event": "失联", "target": "total", "effect": "grade", "grade": "E"}]
    struck = whole(
        structs.replace(K19, vetoes=scheme(vetoes=named).vetoes),
        {"complaints": of("96"), "disclosure": of("96")},
        VetoEvent(veto_id="V", day=date(2026, 3, 1), description="失联"),
    )
    assert (struck.value, struck.grade, struck.unvetoed) == (D("96.00"), "E", D("96.00"))
