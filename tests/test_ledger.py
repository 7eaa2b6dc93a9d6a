"""What counts as a complaint, and how it is told: rules by name, classes, time limits, comparison, hot spots."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from scipy import stats

from tests.factories.ledgers import AS_OF, PERIOD, figures, frame
from xiaobao.errors import InputError
from xiaobao.features.complaints import LedgerFigures, LedgerScope, Timeliness, analyse, with_comparison
from xiaobao.features.complaints.facets import FACETS
from xiaobao.features.complaints.hot_spots import hot_spots
from xiaobao.model import Period, Unit
from xiaobao.pages import views
from xiaobao.policies import Counting

SAME = {"customer": "K1", "claim": "退费"}


def counts(found: LedgerFigures) -> tuple[int, int, int, int]:
    totals = found.totals
    return totals.new, totals.repeats, totals.withdrawn, totals.valid


def times(row: dict[str, Any], working: bool = False, as_of: date = AS_OF) -> Timeliness:
    return figures([row], as_of=as_of, working=working).timeliness[0]


# --- counting -----------------------------------------------------------------------------------------------------


def test_the_second_complaint_of_a_customer_and_claim_is_a_repeat_however_it_is_written() -> None:
    rows = [SAME, {"customer": " Ｋ１", "claim": "退 费。", "received_on": "2026-03-09"}, {**SAME, "claim": "道歉"}]
    assert counts(figures(rows)) == (3, 1, 0, 2)


def test_inside_the_period_or_across() -> None:
    rows = [{**SAME, "received_on": "2025-12-30"}, {**SAME, "received_on": "2026-01-05"}]
    assert counts(figures(rows, repeats="period")) == (1, 0, 0, 1)
    assert counts(figures(rows, repeats="across")) == (1, 1, 0, 0)


def test_who_withdraws_and_complains_again_does_not_vanish() -> None:
    rows = [{**SAME, "withdrawn_on": "2026-03-04"}, {**SAME, "received_on": "2026-03-20"}]
    found = figures(rows)
    assert counts(found) == (2, 0, 1, 1)
    assert found.totals.returned == 1
    assert counts(figures(rows, withdrawn_first="counted")) == (2, 1, 1, 0)
    assert counts(figures(rows, repeats="merged")) == (2, 1, 0, 1)


def test_repeats_and_withdrawals_may_be_told_without_taking_them_off() -> None:
    rows = [SAME, {**SAME, "received_on": "2026-03-20"}, {"withdrawn_on": "2026-03-04"}]
    found = figures(rows, repeats="counted", withdrawn="counted")
    assert counts(found) == (3, 0, 0, 3)
    assert dict(found.totals.notes) == {"重复投诉（不扣除）": 1, "撤诉（不扣除）": 1}


def test_an_escalation_comes_by_another_way_after_a_decision() -> None:
    first = {"customer": "K1", "claim": "退费", "source": "营业现场", "decided_on": "2026-03-10"}
    again = {"customer": "K1", "claim": "道歉", "source": "12378", "received_on": "2026-03-15"}
    assert figures([first, again]).totals.escalated == 1
    assert figures([first, {**again, "source": "营业现场"}]).totals.escalated == 0
    assert figures([first, {**again, "received_on": "2026-03-05"}]).totals.escalated == 0
    assert counts(figures([first, again], escalations="repeats")) == (2, 1, 0, 1)


def test_exact_duplicates_are_counted_once_and_listed() -> None:
    rows = [SAME, SAME, {**SAME, "decided_on": "2026-03-09"}]
    found = figures(rows, repeats="counted")
    assert found.totals.new == 2
    assert [(entry.reason, entry.numbers) for entry in found.totals.excluded] == [
        ("与另一行完全相同，只计一次", ("T002",))
    ]
    assert figures(rows, repeats="counted", duplicates="each").totals.new == 3


def test_rows_without_customer_and_claim_are_never_duplicates() -> None:
    assert figures([{}, {}]).totals.new == 2


def test_what_is_not_counted_is_listed_with_the_reason() -> None:
    rows = [{"nature": "咨询"}, {"received_on": "2025-12-31"}, {"accepted": False}, {"nature": None}]
    found = figures(rows)
    assert [(entry.reason, entry.count, entry.numbers) for entry in found.totals.excluded] == [
        ("受理日期不在 2026H1", 1, ("T002",)),
        ("工单性质为咨询，不是投诉", 1, ("T001",)),
        ("不予受理", 1, ("T003",)),
    ]
    assert found.totals.valid == 1


def test_a_period_may_be_cut_by_the_closing_date() -> None:
    rows = [{"received_on": "2025-12-20", "decided_on": "2026-01-04"}, {"decided_on": "2026-07-02"}, {}]
    found = figures(rows, date="closed")
    assert found.totals.new == 1
    assert {entry.reason for entry in found.totals.excluded} == {"未办结（按办结日期归期）", "办结日期不在 2026H1"}
    assert "期间按办结日期" in found.rules


def test_the_rules_are_words_to_be_printed_beside_the_figures() -> None:
    words = "；".join(figures([], repeats="merged", basis="new").rules)
    assert "2022 年起的监管口径" in words and "以新增投诉为准" in words and "自然日" in words
    assert "2022 年起的监管口径" in repr(views.ledger_totals(figures([SAME], repeats="merged")))


# --- facets -------------------------------------------------------------------------------------------------------


def test_strange_values_stay_visible_and_are_not_put_into_other() -> None:
    table = figures([{"business_class": "柜面服务"}, {"business_class": "其他"}, {}]).breakdowns["business_class"]
    assert (table.row("未归类").count, table.row("其他").count, table.row("未填写").count) == (1, 1, 1)
    assert [part.name for part in table.row("未归类").parts] == ["柜面服务"]
    assert "柜面服务" in repr(views.ledger_facets(figures([{"business_class": "柜面服务"}])))


@pytest.mark.parametrize(
    ("word", "below", "path"),
    [
        ("借记卡", "", ("银行卡", "借记卡")),
        ("贷款业务", "个人住房贷款", ("贷款", "个人住房贷款")),
        ("", "教育助学贷款", ("贷款", "教育助学贷款")),
        ("债务催收", "信用卡", ("债务催收", "信用卡催收")),
        ("银行卡-信用卡-盗刷", "", ("银行卡", "信用卡", "盗刷")),
        ("支付结算", "账户管理", ("支付结算", "账户管理")),
    ],
)
def test_a_class_is_recognised_by_itself_or_with_its_sub_class(word: str, below: str, path: tuple[str, ...]) -> None:
    table = figures([{"business_class": word or None, "business_subclass": below or None}]).breakdowns["business_class"]
    rows, found = table.rows, []
    while rows:
        row = next(row for row in rows if row.count)
        found.append(row.name)
        rows = row.parts
    assert tuple(name for name in found if name != "未细分") == path


def test_of_two_equal_names_none_is_taken() -> None:
    assert FACETS["business_class"].find("账户管理") == -1


def test_the_lists_are_the_standards() -> None:
    tops = [node.name for node in FACETS["business_class"].nodes if node.parent < 0]
    assert len(tops) == 14 and tops[-1] == "其他"
    assert len(FACETS["reason"].nodes) == 13
    assert not any(any(ch.isdigit() for ch in node.name) for node in FACETS["business_class"].nodes)


def test_cards_may_be_printed_as_two_rows() -> None:
    rows = [{"business_class": "借记卡"}, {"business_class": "信用卡"}, {"business_class": "银行卡"}]
    table = figures(rows, split_classes=("银行卡",)).breakdowns["business_class"]
    assert [row.name for row in table.rows if row.count] == ["银行卡（未细分）", "借记卡", "信用卡"]
    assert len(table.rows) == 17


# --- time limits --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "on_time"),
    [
        ({"decided_on": "2026-03-17"}, True),
        ({"decided_on": "2026-03-18"}, False),
        ({"decided_on": "2026-04-01", "complexity": "复杂"}, True),
        ({"decided_on": "2026-04-02", "complexity": "复杂"}, False),
        ({"decided_on": "2026-04-02", "complexity": "特别复杂"}, False),
    ],
)
def test_limits_of_the_common_rule(row: dict[str, Any], on_time: bool) -> None:
    assert (times(row).on_time, times(row).late) == (int(on_time), int(not on_time))


def test_an_extremely_complex_case_has_sixty_days_when_approved_above_and_told() -> None:
    case = {"decided_on": "2026-05-01", "complexity": "特别复杂", "extension_on": "2026-03-30"}
    told = {**case, "extension_level": "上级机构", "extension_notified_on": "2026-03-31"}
    assert times(told).on_time == 1
    for lacking in ({"extension_level": "本机构负责人"}, {"extension_notified_on": None}, {"extension_on": None}):
        found = times({**told, **lacking})
        assert (found.late, found.unapproved) == (1, 1)


def test_what_the_peoples_bank_passed_on_has_a_rule_of_its_own() -> None:
    case = {"source": "12363", "complexity": "复杂", "decided_on": "2026-04-20"}
    approved = {"extension_level": "本机构负责人", "extension_on": "2026-03-10", "extension_notified_on": "2026-03-10"}
    assert times(case).late == 1
    assert times({**case, **approved}).on_time == 1
    groups = {entry.group: entry for entry in figures([case]).timeliness}
    assert "5号令第四十三条" in groups["人民银行转交投诉"].rule and "3号令投诉" not in groups


def test_every_case_stands_in_one_state() -> None:
    rows = [
        {"decided_on": "2026-03-05"},
        {"decided_on": "2026-03-20"},
        {"received_on": "2026-06-25"},
        {"received_on": "2026-06-01"},
        {"withdrawn_on": "2026-03-03"},
        {"decided_on": "2026-03-01"},
    ]
    found = figures(rows).timeliness[0]
    assert (found.on_time, found.late, found.in_hand, found.in_hand_overdue, found.withdrawn, found.faulty) == (1,) * 6
    assert (found.on_time_rate, found.on_time_rate_due) == (Decimal("50.00"), Decimal("33.33"))
    assert (found.mean, found.median, found.longest) == (Decimal("10.50"), Decimal("10.5"), 18)
    assert found.late_by == ((3, 1), (19, 1))


def test_mediation_counts_off_only_with_papers() -> None:
    case = {"decided_on": "2026-03-22", "mediation_from": "2026-03-06", "mediation_to": "2026-03-10"}
    assert times({**case, "mediation_proof": "TJ1"}).on_time == 1
    assert times(case).late == 1


_APPRAISED = {"appraisal_from": "2026-03-06", "appraisal_to": "2026-03-10", "appraisal_proof": "JD1"}


@pytest.mark.parametrize(
    ("case", "on_time"),
    [
        ({"decided_on": "2026-03-22", **_APPRAISED}, 1),
        ({"decided_on": "2026-03-23", **_APPRAISED}, 0),
        ({"decided_on": "2026-03-22", **_APPRAISED, "appraisal_proof": None}, 0),
        # days of appraisal that are days of mediation too count once
        (
            {
                "decided_on": "2026-03-24",
                **_APPRAISED,
                "mediation_from": "2026-03-09",
                "mediation_to": "2026-03-12",
                "mediation_proof": "TJ1",
            },
            1,
        ),
        (
            {
                "decided_on": "2026-03-25",
                **_APPRAISED,
                "mediation_from": "2026-03-09",
                "mediation_to": "2026-03-12",
                "mediation_proof": "TJ1",
            },
            0,
        ),
        ({"decided_on": "2026-04-01", "new_material_on": "2026-03-17"}, 1),
        ({"decided_on": "2026-04-02", "new_material_on": "2026-03-17"}, 0),
        ({"decided_on": "2026-03-19", "new_material_on": "2026-03-18"}, 0),
    ],
)
def test_appraisal_counts_off_and_new_material_within_the_limit_starts_it_anew(
    case: dict[str, Any], on_time: int
) -> None:
    """3号令第十八条第二、三款: the statistics know the exceptions that the check knows."""
    from tests.factories.extracts import hits

    assert times({"received_on": "2026-03-02", **case}).on_time == on_time
    assert bool(hits("complaints.overdue", {"received_on": "2026-03-02", **case})) is not bool(on_time)


def test_working_days_know_the_holidays_and_refuse_years_they_do_not_know() -> None:
    case = {"received_on": "2026-02-13", "decided_on": "2026-02-24"}
    assert times(case).longest == 11
    assert times(case, working=True).longest == 2  # 14th worked, 15th to 23rd the Spring Festival
    with pytest.raises(InputError, match="节假日安排"):
        analyse(
            frame([{"received_on": "2040-01-05", "decided_on": "2040-01-20"}]),
            Period.parse("2040"),
            Counting(),
            date(2041, 1, 5),
            LedgerScope(name="甲行"),
            working=True,
        )


def test_reviews_have_two_limits() -> None:
    rows = [
        {"decided_on": "2026-03-05", "review_requested_on": "2026-04-04", "review_decided_on": "2026-05-04"},
        {"decided_on": "2026-03-05", "review_requested_on": "2026-04-05", "review_decided_on": "2026-05-06"},
        {"decided_on": "2026-05-05", "review_requested_on": "2026-06-20"},
        {"decided_on": "2026-03-05", "review_requested_on": "2026-04-01"},
        {"decided_on": "2026-03-05", "review_requested_on": "2026-03-01"},
    ]
    found = figures(rows).reviews
    assert (found.asked, found.asked_in_time, found.asked_late) == (5, 2, 2)
    assert (found.on_time, found.late, found.in_hand, found.in_hand_overdue, found.faulty) == (1, 1, 1, 1, 1)
    assert found.on_time_rate == Decimal("33.33")


# --- comparison ---------------------------------------------------------------------------------------------------


def year(code: str, number: int, **rules: Any) -> LedgerFigures:
    period = Period.parse(code)
    rows = [{"received_on": str(period.start), "reason": "信息披露"}] * number
    return figures(rows, period=period, as_of=period.end, **rules)


def test_a_change_on_a_zero_base_has_no_rate() -> None:
    found = with_comparison(year("2026H1", 3), year("2025H1", 0), Counting())
    assert found.total_change is not None
    assert (found.total_change.difference, found.total_change.rate) == (3, None)
    assert "+3（—）" in repr(views.ledger_totals(found))
    assert found.breakdowns["reason"].row("信息披露").change == found.total_change


def test_a_half_year_is_not_compared_with_a_year() -> None:
    found = with_comparison(year("2026H1", 3), year("2025", 5), Counting())
    assert found.total_change is None and "长短不同" in found.comparison_note


def test_a_changed_base_is_not_compared_and_says_why() -> None:
    rules = Counting(base_changed_on=date(2026, 1, 1), base_change_note="改按合并重复后统计")
    found = with_comparison(year("2026H1", 3), year("2025H1", 5), rules)
    assert found.total_change is None and "合并重复" in found.comparison_note


def test_months_meet_the_same_months() -> None:
    found = with_comparison(year("2026H1", 3), year("2025H1", 2), Counting())
    change = found.breakdowns["month"].row("2026-01").change
    assert change is not None and (change.before, change.difference) == (2, 1)


# --- units --------------------------------------------------------------------------------------------------------

BANK = {
    "00": Unit(id="00", name="总行", level="head_office"),
    "0001": Unit(id="0001", name="运营部", level="department", parent="00"),
    "0002": Unit(id="0002", name="总行营业部", level="branch", parent="00"),
    "01": Unit(id="01", name="沈阳分行", level="branch", parent="00", region="辽宁"),
    "02": Unit(id="02", name="大连分行", level="branch", parent="00", region="大连"),
    "0201": Unit(id="0201", name="中山支行", level="outlet", parent="02"),
}


def test_regions_stand_alone_and_every_row_is_counted_once() -> None:
    rows = [{"unit": unit} for unit in ("00", "0001", "0002", "01", "02", "0201", "0201", "99")]
    found = figures(rows, units=BANK, regions={"0002": "深圳"})
    regions = {row.name: row.count for row in found.breakdowns["region"].rows}
    assert regions == {"总行本级": 2, "深圳": 1, "辽宁": 1, "大连": 3, "未标明地区": 1}
    branches = {row.name: row.count for row in found.breakdowns["branch"].rows}
    assert branches == {"总行本级": 2, "总行营业部": 1, "沈阳分行": 1, "大连分行": 3, "99": 1}
    assert found.breakdowns["unit"].row("大连分行").count == 1
    assert found.rates.per_outlet_month == Decimal("1.33")
    assert found.concentration is not None and found.concentration.largest == ("中山支行", 2)


def test_per_ten_thousand_customers() -> None:
    found = figures([{"unit": "01"}] * 3, units=BANK, customers={"2026H1": 80_000})
    assert found.rates.per_ten_thousand == Decimal("0.38")


# --- hot spots ----------------------------------------------------------------------------------------------------


def cells(code: str, **numbers: int) -> LedgerFigures:
    empty = year(code, 0)
    return replace(empty, cells={unit: {"贷款": number} for unit, number in numbers.items()})


def test_only_what_chance_would_not_give_is_a_hot_spot() -> None:
    found = hot_spots(cells("2026H1", a=30, b=11, c=2), cells("2025H1", a=8, b=9, c=1), Counting())
    verdicts = {(spot.unit, spot.business_class): spot.verdict for spot in found.spots}
    assert verdicts["a", "贷款"] == "risen"
    assert verdicts["b", "贷款"] == "usual"
    assert ("c", "贷款") not in verdicts and found.few_names == ("c",)


@pytest.mark.parametrize(("count", "before"), [(30, 8), (5, 0), (400, 350), (0, 12)])
def test_the_chance_is_the_binomial_tail_whoever_computes_it(count: int, before: int) -> None:
    found = hot_spots(cells("2026H1", a=count), cells("2025H1", a=before), Counting())
    spot = next(spot for spot in found.spots if spot.unit == "a" and not spot.business_class)
    wanted = stats.binomtest(count, count + before, 0.5, alternative="greater").pvalue
    assert spot.chance is not None and abs(float(spot.chance) - wanted) < 1e-4


def test_chances_are_adjusted_for_how_many_were_tested() -> None:
    now, before = {f"u{n}": 10 + n for n in range(12)}, {f"u{n}": 10 for n in range(12)}
    found = hot_spots(cells("2026H1", **now), cells("2025H1", **before), Counting())
    raw = [float(stats.binom.sf(n - 1, n + o, 0.5)) for n, o in zip(now.values(), before.values(), strict=True)]
    total = float(stats.binom.sf(sum(now.values()) - 1, sum(now.values()) + 120, 0.5))
    fair = stats.false_discovery_control([total, *np.repeat(raw, 2)])
    wanted = dict(zip(now, fair[1::2], strict=True))
    for spot in found.spots:
        if spot.unit and spot.adjusted is not None:
            assert abs(float(spot.adjusted) - wanted[spot.unit]) < 1e-4


def test_without_an_earlier_period_units_are_held_against_the_banks_mix() -> None:
    now = replace(year("2026H1", 0), cells={"a": {"贷款": 30, "银行卡": 5}, "b": {"贷款": 5, "银行卡": 60}})
    found = hot_spots(now, None, Counting())
    assert {(s.unit, s.business_class) for s in found.spots if s.verdict == "risen"} == {("a", "贷款"), ("b", "银行卡")}
    assert "泊松" in found.method


# --- pages --------------------------------------------------------------------------------------------------------


def test_without_a_ledger_every_view_says_so() -> None:
    for draw in (
        views.ledger_totals,
        views.ledger_facets,
        views.ledger_timeliness,
        views.ledger_units,
        views.ledger_hot_spots,
    ):
        assert "无数据" in repr(draw(None)) and "无数据" in draw(None)._repr_html_()


def test_the_paper_of_a_unit_and_the_bank_say_the_same(seeded_workspace: Any) -> None:
    from xiaobao.features.complaints.reading import bank_ledger
    from xiaobao.workbench.results.reading import work_paper
    from xiaobao.workbench.workspace import open_workbench

    wb = open_workbench(seeded_workspace, read_only=True)
    bank = bank_ledger(wb, PERIOD.code)
    assert bank is not None and bank.totals.valid > 0
    for row in bank.breakdowns["unit"].rows:
        if row.count:
            paper = work_paper(wb, row.code, PERIOD.code, "complaints")
            assert paper.ledger is not None and paper.ledger.totals.valid == row.valid
            assert "投诉总量" in repr(views.ledger_totals(paper.ledger))
    assert "集中度" in repr(views.ledger_units(bank))
