"""From answers and leads to facts: a lead costs points only when decided, and nothing unsaid is a pass."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from tests.factories.scoring import (
    ALL,
    LEVELS,
    OUTLET,
    D,
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
)
from xiaobao.checklist.models import Item
from xiaobao.model import (
    CheckResult,
    CheckStatus,
    Conclusion,
    Disposition,
    FactState,
    ItemFacts,
    Lead,
    LeadDecision,
    Measured,
    Period,
    Response,
    Stage,
)
from xiaobao.policies import Policies
from xiaobao.scoring import (
    applicability,
    facts_from_checks,
    facts_from_response,
    gather_facts,
    item_loss,
    response_faults,
    response_notices,
    score,
)

H1 = Period.parse("2026H1")
NON, PARTLY, YES = Conclusion.NON_COMPLIANT, Conclusion.PARTIALLY_COMPLIANT, Conclusion.COMPLIANT
LATE = "complaints.overdue"


def lead(number: int, check: str = LATE) -> Lead:
    return Lead(
        id=f"L{number}",
        check_id=check,
        item_id="I",
        unit=OUTLET.id,
        period="2026H1",
        summary=f"第 {number} 件超期",
        record={"投诉编号": f"T{number}"},
    )


def result(*leads: Lead, check: str = LATE, **more: Any) -> CheckResult:
    status = CheckStatus.LEADS if leads else CheckStatus.CLEAR
    given = {"population": 40, "hits": len(leads), "leads": leads} | more
    return CheckResult(check_id=check, status=given.pop("status", status), **given)


def decided(*kinds: Disposition | None) -> dict[str, LeadDecision]:
    """Decisions of the inspector on L1, L2 …; the unit has admitted every one of them."""
    return {
        f"L{n}": LeadDecision(lead_id=f"L{n}", answer=Disposition.CONFIRMED, decided=kind)
        for n, kind in enumerate(kinds, 1)
    }


def data_item(*rules: dict[str, Any], checks: tuple[str, ...] = (LATE,), **more: Any) -> Item:
    return item("I", "10", *(rules or (count(cause(LATE, "2")),)), answered_by="data", checks=checks, **more)


def seen(
    stage: Stage, *kinds: Disposition | None, entry: Item | None = None, policies: Policies | None = None
) -> ItemFacts:
    leads = result(*(lead(n) for n in range(1, len(kinds) + 1)))
    return facts_from_checks(entry or data_item(), [leads], decided(*kinds), stage, policies or Policies())


CONFIRMED, SOME, REFUTED = Disposition.CONFIRMED, Disposition.PARTLY, Disposition.REFUTED


def test_after_decisions_confirmed_counts_one_partly_a_part_and_refuted_nothing() -> None:
    facts = seen(Stage.AFTER, CONFIRMED, SOME, REFUTED)
    assert facts.state is FactState.ASSESSED
    assert facts.counts == {LATE: D("1.5")}
    assert facts.leads == ("L1", "L2")
    assert item_loss(data_item(), facts).should == 3
    decided = "疑点 3 条，属实 1 条，部分属实 1 条（每条计 0.5 次），不属实 1 条"
    assert facts.reason == f"{decided}；投诉编号 T1、投诉编号 T2（部分属实计 0.5 次）"


def test_an_undecided_lead_makes_the_item_pending_even_where_the_unit_admitted_it() -> None:
    facts = seen(Stage.AFTER, CONFIRMED, None)
    assert (facts.state, facts.leads) == (FactState.PENDING, ("L2",))
    assert "待核实" in facts.reason


def test_a_bank_may_count_unanswered_leads_and_the_reason_says_so() -> None:
    facts = seen(Stage.AFTER, CONFIRMED, None, policies=Policies(unanswered_leads="counted"))
    assert facts.counts == {LATE: D(2)}
    assert "按设定计入" in facts.reason


def test_before_decisions_every_lead_not_refuted_counts_one() -> None:
    assert seen(Stage.BEFORE, CONFIRMED, SOME, REFUTED, None).counts == {LATE: D(3)}


def test_all_refuted_is_compliant_and_loses_nothing() -> None:
    facts = seen(Stage.AFTER, REFUTED, REFUTED, entry=data_item(ALL))
    assert (facts.conclusion, facts.leads) == (YES, ())
    assert item_loss(data_item(ALL), facts).deducted == 0


@pytest.mark.parametrize("rule", [ALL, LEVELS, count(cause(LATE, forfeits=True))])
def test_one_counted_lead_takes_all_points_under_an_all_or_nothing_rule(rule: dict[str, Any]) -> None:
    facts = seen(Stage.AFTER, CONFIRMED, REFUTED, entry=data_item(rule))
    assert facts.conclusion is NON
    assert item_loss(data_item(rule), facts).deducted == 10


def test_missing_data_a_crash_and_a_check_not_run_are_outcomes_of_their_own() -> None:
    entry = data_item(checks=("a", "b"))
    clear = result(check="a", status=CheckStatus.CLEAR)
    absent = CheckResult(check_id="b", status=CheckStatus.NO_DATA, note="缺少数据：complaints")
    crashed = CheckResult(check_id="b", status=CheckStatus.ERROR, note="检查程序出错")
    idle = CheckResult(check_id="b", status=CheckStatus.NOT_APPLICABLE, note="未开办：理财")
    for other, state, words in (
        (absent, FactState.NO_DATA, "缺少数据：complaints"),
        (crashed, FactState.ERROR, "检查程序出错"),
        (idle, FactState.ASSESSED, "未见异常"),
    ):
        facts = facts_from_checks(entry, [clear, other], {}, Stage.AFTER, Policies())
        assert (facts.state, facts.reason) == (state, words)
    assert facts_from_checks(entry, [clear], {}, Stage.AFTER, Policies()).state is FactState.NO_DATA
    all_idle = facts_from_checks(entry, [replace(idle, check_id="a"), idle], {}, Stage.AFTER, Policies())
    assert (all_idle.state, all_idle.reason) == (FactState.NOT_APPLICABLE, "未开办：理财")


def test_leads_without_their_records_are_an_error_never_a_pass() -> None:
    stripped = CheckResult(check_id=LATE, status=CheckStatus.LEADS, population=40, hits=2)
    assert facts_from_checks(data_item(), [stripped], {}, Stage.AFTER, Policies()).state is FactState.ERROR


RATE = data_item(figure("on_time_rate", ("95", "1"), ("0", "0.5")))


@pytest.mark.parametrize(
    ("kinds", "rate"), [((CONFIRMED, CONFIRMED), "95.00"), ((CONFIRMED, REFUTED), "97.50"), ((REFUTED, REFUTED), "100")]
)
def test_an_on_time_rate_follows_the_decisions_on_its_leads(kinds: tuple[Disposition, ...], rate: str) -> None:
    """2 of 40 hit is 95 %: what the inspector refutes was on time."""
    checks = [result(lead(1), lead(2), figures={"on_time_rate": D("95.00")})]
    facts = facts_from_checks(RATE, checks, decided(*kinds), Stage.AFTER, Policies())
    assert facts.figures["on_time_rate"] == facts.figures[f"{LATE}.on_time_rate"] == D(rate)


def test_another_figure_is_taken_as_the_check_gave_it() -> None:
    checks = [result(lead(1), lead(2), figures={"on_time_rate": D(80)})]
    facts = facts_from_checks(RATE, checks, decided(CONFIRMED, REFUTED), Stage.AFTER, Policies())
    assert facts.figures["on_time_rate"] == 80


def test_a_figure_that_is_not_there_is_no_data_and_on_a_zero_base_not_applicable() -> None:
    for population, state in ((40, FactState.NO_DATA), (0, FactState.NOT_APPLICABLE)):
        facts = facts_from_checks(RATE, [result(population=population)], {}, Stage.AFTER, Policies())
        assert facts.state is state
        assert facts.reason


# --- answers of a person ------------------------------------------------------------------------------------------


def answered(entry: Item, response: Response | None) -> ItemFacts:
    return facts_from_response(entry, response, OUTLET)


def test_no_answer_and_not_assessed_are_never_a_pass() -> None:
    for response in (None, Response(item_id="I")):
        assert answered(item("I", "5"), response).state is FactState.NOT_ASSESSED


def test_not_applicable_needs_a_reason() -> None:
    bare = Response(item_id="I", conclusion=Conclusion.NOT_APPLICABLE)
    assert answered(item("I", "5"), bare).state is FactState.NOT_ASSESSED
    assert [fault.column for fault in response_faults(item("I", "5"), bare)] == ["原因"]
    given = replace(bare, reason="本网点没有电梯")
    facts = answered(item("I", "5"), given)
    assert (facts.state, facts.reason) == (FactState.NOT_APPLICABLE, "本网点没有电梯")
    assert response_faults(item("I", "5"), given) == ()


@pytest.mark.parametrize(
    ("applies", "reason"),
    [
        ({"levels": ["branch"]}, "本检查项不适用于支行"),
        ({"businesses": ["理财", "信用卡"]}, "未开办：理财、信用卡"),
        ({"levels": ["sub_branch"], "businesses": ["理财", "储蓄"]}, ""),
    ],
)
def test_level_and_businesses_decide_what_applies(applies: dict[str, Any], reason: str) -> None:
    entry = item("I", "5", applies_to=applies)
    assert applicability(entry, OUTLET, H1) == reason
    expected = FactState.NOT_APPLICABLE if reason else FactState.ASSESSED
    assert answered(entry, Response(item_id="I", conclusion=YES)).state is expected


def test_an_item_applies_from_and_to_its_dates() -> None:
    assert "2026-07-01" in applicability(item("I", "5", effective_from=date(2026, 7, 1)), OUTLET, H1)
    assert "2025-12-31" in applicability(item("I", "5", effective_to=date(2025, 12, 31)), OUTLET, H1)
    assert not applicability(item("I", "5", effective_from=date(2026, 6, 30)), OUTLET, H1)


MIXED = item("I", "10", count(cause("late", "2")), missing(4, "1"), judged("3"), threshold("m", "0.9"))
GOOD = Response(item_id="I", conclusion=YES, measured=Measured(value=D(95), unit="cm"))


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ({}, []),
        ({"deduction": D("3.5")}, ["扣分"]),
        ({"deduction": D(-1)}, ["扣分"]),
        ({"deduction": D("NaN")}, ["扣分"]),
        ({"counts": {"late": D(-1)}}, ["次数"]),
        ({"counts": {"late": D("1.5")}}, ["次数"]),
        ({"counts": {"early": D(1)}}, ["扣分情形"]),
        ({"missing": D(5)}, ["缺项数"]),
        ({"option": "full"}, ["档次"]),
        ({"measured": Measured(value=D(95), unit="day")}, ["实测单位"]),
        ({"measured": Measured(value=D(95), unit="inch")}, ["实测单位"]),
        ({"item_id": "J"}, [""]),
        ({"deduction": D(9), "counts": {"early": D(-1)}, "missing": D(9)}, ["扣分", "扣分情形", "次数", "缺项数"]),
        ({"measured": None}, ["检查结论"]),
        ({"conclusion": NON}, ["检查结论"]),
        ({"conclusion": NON, "counts": {"late": D(1)}}, ["扣分原因"]),
        ({"conclusion": NON, "counts": {"late": D(1)}, "reason": "抽查发现"}, []),
        ({"conclusion": NON, "counts": {"late": D(1)}, "note": "抽查发现"}, []),
        ({"counts": {"late": D(1)}, "reason": "抽查发现"}, ["检查结论"]),
    ],
)
def test_every_fault_of_an_answer_is_named_at_once(change: dict[str, Any], columns: list[str]) -> None:
    faults = response_faults(MIXED, replace(GOOD, **change))
    assert [fault.column for fault in faults] == columns
    assert all(fault.item == "I" for fault in faults)


def test_an_answer_that_no_rule_can_take_is_not_scored() -> None:
    facts = answered(MIXED, replace(GOOD, conclusion=NON, deduction=D(30), reason="抽查"))
    assert facts.state is FactState.NOT_ASSESSED
    assert "扣分超出范围" in facts.reason


def test_a_bad_conclusion_without_anything_to_deduct_is_not_scored() -> None:
    facts = answered(MIXED, replace(GOOD, conclusion=NON, reason="见附件"))
    assert (facts.state, "未填写扣分依据" in facts.reason) == (FactState.NOT_ASSESSED, True)


def test_a_contradicting_answer_loses_by_its_numbers() -> None:
    facts = answered(MIXED, replace(GOOD, counts={"late": D(2)}))
    assert facts.state is FactState.ASSESSED
    assert item_loss(MIXED, facts).deducted == 4
    assert facts.reason == "未填写扣分原因"


def test_personal_data_in_an_answer_never_reach_the_trace() -> None:
    said = "客户手机 13800138000，证件 11010519491231002X"
    reason = answered(item("I", "5"), Response(item_id="I", conclusion=NON, reason=said)).reason
    assert reason.startswith("客户手机")
    assert "13800138000" not in reason
    assert "11010519491231002X" not in reason


def test_a_figure_may_be_named_with_its_check() -> None:
    entry = data_item(figure(f"{LATE}.on_time_rate", ("95", "1")))
    facts = facts_from_checks(entry, [result(figures={"on_time_rate": D(100)})], {}, Stage.AFTER, Policies())
    assert "按期办结率（%）为 100" in item_loss(entry, facts).explanation


def test_missing_evidence_is_a_notice_and_costs_nothing() -> None:
    entry = item("I", "5", evidence_required=True, evidence="公示照片")
    bare, with_photo = (
        Response(item_id="I", conclusion=YES),
        Response(item_id="I", conclusion=YES, evidence=("a" * 64,)),
    )
    assert response_notices(entry, bare) == ("未附佐证材料（要求：公示照片）",)
    assert response_notices(entry, with_photo) == ()
    assert response_faults(entry, bare) == ()
    facts = answered(entry, bare)
    assert (facts.state, item_loss(entry, facts).deducted) == (FactState.ASSESSED, 0)
    assert "未附佐证材料" in facts.reason


# --- the whole sheet ----------------------------------------------------------------------------------------------


def collect(response: Response | None, *results: CheckResult, stage: Stage = Stage.AFTER) -> tuple[ItemFacts, ...]:
    sheet_ = sheet(section("S", data_item(), item("J", "5"), item("K", "5", applies_to={"businesses": ["理财"]})))
    responses = {"J": Response(item_id="J", conclusion=YES)} | ({"I": response} if response else {})
    return gather_facts(sheet_, OUTLET, H1, responses, results, {}, stage, Policies())


def test_gathering_keeps_the_order_of_the_sheet_and_both_sources() -> None:
    facts = collect(None, result(lead(1)))
    assert [(f.item_id, f.source, f.state) for f in facts] == [
        ("I", "data", FactState.PENDING),
        ("J", "person", FactState.ASSESSED),
        ("K", "person", FactState.NOT_APPLICABLE),
    ]


def test_where_data_are_missing_a_sampled_manual_check_speaks() -> None:
    by_hand = Response(item_id="I", conclusion=NON, counts={LATE: D(1)}, reason="抽查 20 件，1 件超期")
    absent = CheckResult(check_id=LATE, status=CheckStatus.NO_DATA, note="缺少数据：complaints")
    facts = collect(by_hand, absent)[0]
    assert (facts.state, facts.source) == (FactState.ASSESSED, "person")
    assert facts.reason.startswith("无数据，改由人工检查")
    assert collect(None, absent)[0].state is FactState.NO_DATA
    assert collect(Response(item_id="I"), absent)[0].state is FactState.NO_DATA


def test_a_person_does_not_silence_data_that_speak() -> None:
    assert collect(Response(item_id="I", conclusion=YES), result(lead(1)))[0].state is FactState.PENDING


def test_the_score_before_counts_what_the_score_after_leaves_pending() -> None:
    sheet_ = sheet(section("S", data_item(), item("J", "10")))
    responses = {"J": Response(item_id="J", conclusion=YES)}
    scores = {
        stage: score(
            sheet_,
            gather_facts(sheet_, OUTLET, H1, responses, [result(lead(1))], {}, stage, Policies()),
            scheme(),
            stage,
        )
        for stage in Stage
    }
    assert (scores[Stage.BEFORE].value, scores[Stage.BEFORE].provisional) == (D("90.00"), False)
    assert (scores[Stage.AFTER].value, scores[Stage.AFTER].provisional) == (D("100.00"), True)
