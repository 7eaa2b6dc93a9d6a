"""信息披露 checks at their edges."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.extracts import UNIT, frame, hits, run
from xiaobao.model import CheckStatus, Unit

_HEAD = Unit(id="0000", name="总行", level="head_office")
_RATED = {
    "fee_code": "F4",
    "version": "1",
    "effective_on": "2020-01-01",
    "price": "1.00",
    "rate": "0.1",
    "cap": "50.00",
}


def _fees(check: str, fee: dict[str, Any], *prices: dict[str, Any], **more: Any) -> list[str]:
    result = run(f"disclosure.{check}", frame("fee_entries", fee), frame("price_list", *prices), **more)
    return [lead.record["收费流水号"] for lead in result.leads]


@pytest.mark.parametrize(
    ("fee", "above"),
    [
        ({"amount": "5.00"}, False),
        ({"amount": "5.01"}, True),
        ({"fee_code": "F4", "amount": "10.00", "base": "10000"}, False),
        ({"fee_code": "F4", "amount": "10.01", "base": "10000"}, True),
        ({"fee_code": "F4", "amount": "50.00", "base": "90000"}, False),
        ({"fee_code": "F4", "amount": "50.01", "base": "90000"}, True),
        ({"fee_code": "F4", "amount": "1.00", "base": "10"}, False),
        ({"fee_code": "F4", "amount": "50.01"}, True),
    ],
)
def test_a_fee_is_held_against_price_rate_least_and_cap(fee: dict[str, Any], above: bool) -> None:
    prices = ({"fee_code": "F1"}, _RATED)
    assert bool(_fees("fee_above_price", fee, *prices)) is above


def test_a_rated_fee_without_a_base_and_a_cap_is_not_judged() -> None:
    result = run(
        "disclosure.fee_above_price",
        frame("fee_entries", {"fee_code": "F4"}),
        frame("price_list", {**_RATED, "cap": None}),
    )
    assert result.status is CheckStatus.NO_DATA
    assert "无计费基数" in result.note


@pytest.mark.parametrize(
    ("day", "unpriced"), [("2026-03-31", False), ("2026-04-01", True), ("2025-12-31", True), ("2026-01-01", False)]
)
def test_a_version_holds_from_its_first_to_its_last_day(day: str, unpriced: bool) -> None:
    version = {"effective_on": "2026-01-01", "ended_on": "2026-03-31"}
    assert bool(_fees("fee_unpriced", {"charged_on": day}, version)) is unpriced


def test_the_new_price_counts_from_the_day_it_is_in_force() -> None:
    old, new = {"version": "1"}, {"version": "2", "effective_on": "2026-04-01", "price": "6.00"}
    assert _fees("fee_above_price", {"amount": "6.00", "charged_on": "2026-03-31"}, old, new)
    assert not _fees("fee_above_price", {"amount": "6.00", "charged_on": "2026-04-01"}, old, new)


@pytest.mark.parametrize(("published", "late"), [("2026-01-31", False), ("2026-02-01", True), ("2026-02-03", True)])
def test_a_raised_price_is_published_before_its_first_day(published: str, late: bool) -> None:
    price = {"version": "2", "effective_on": "2026-02-01", "published_on": published, "change": "提价"}
    assert bool(run("disclosure.price_published_late", frame("price_list", price), unit=_HEAD).leads) is late


def test_a_late_version_is_a_lead_of_its_publisher_and_of_nobody_who_only_posts_it() -> None:
    late = {"effective_on": "2026-02-01", "published_on": "2026-02-02"}
    check, branch = "disclosure.price_published_late", {**late, "publisher": "0101"}
    assert run(check, frame("price_list", late), unit=_HEAD).leads
    posted = run(check, frame("price_list", late))
    assert (posted.leads, "归发布机构" in posted.note) == ((), True)
    assert run(check, frame("price_list", branch)).leads
    assert not run(check, frame("price_list", branch), unit=_HEAD).leads


def test_a_lowered_price_may_be_published_late() -> None:
    price = {"effective_on": "2026-02-01", "published_on": "2026-02-05", "change": "降价"}
    assert not run("disclosure.price_published_late", frame("price_list", price)).leads


def test_paid_services_need_a_voucher() -> None:
    assert hits(
        "disclosure.paid_service_without_consent",
        {"value_added": True},
        {"value_added": False},
        {"value_added": True, "consent_no": "Q1"},
        {"value_added": True, "amount": "0.00"},
    ) == ["K0"]


def test_a_fee_without_the_flag_is_not_judged_and_counted() -> None:
    result = run(
        "disclosure.paid_service_without_consent",
        frame("fee_entries", {"value_added": None}, {"value_added": True, "consent_no": "Q"}),
    )
    assert (result.status, result.population) == (CheckStatus.CLEAR, 1)
    alone = run("disclosure.paid_service_without_consent", frame("fee_entries", {"value_added": None}))
    assert alone.status is CheckStatus.NO_DATA
    assert "1 笔" in alone.note


@pytest.mark.parametrize(("days", "near"), [(3, True), (-3, True), (0, True), (4, False), (-4, False), (None, False)])
def test_a_policy_within_the_set_days_is_a_lead(days: int | None, near: bool) -> None:
    assert bool(hits("disclosure.loan_tied_insurance", {"near_policy_no": "B9", "near_policy_days": days})) is near


def test_money_received_equals_the_loan() -> None:
    assert hits("disclosure.loan_short_disbursement", {}, {"received": "99999.99"}, {"received": None}) == ["K1"]


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({}, False),
        ({"reviewed_on": "2026-03-02"}, False),
        ({"reviewed_on": "2026-03-03"}, True),
        ({"review_no": None, "reviewed_on": None}, True),
        ({"kind": "教育宣传", "review_no": None, "reviewed_on": None}, False),
    ],
)
def test_material_is_reviewed_before_it_is_published(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("disclosure.material_before_review", record)) is hit


def test_only_loan_material_must_show_the_annual_rate() -> None:
    assert hits(
        "disclosure.loan_material_without_annual_rate",
        {},
        {"annual_rate_shown": False},
        {"kind": "存款", "annual_rate_shown": False},
    ) == ["K1"]


def test_a_contract_without_annual_rate_is_hit_but_a_column_never_delivered_is_no_data() -> None:
    check = "disclosure.contract_without_annual_rate"
    assert hits(check, {}, {"contract_annual_rate": None}) == ["K1"]
    never = run(check, frame("loans", {"contract_annual_rate": None}, absent=("contract_annual_rate",)))
    assert (never.status, never.note) == (CheckStatus.NO_DATA, "数据缺少列：合同年化利率")


_STATED = {
    "lent_on": "2026-08-20",
    "signed_on": "2026-08-10",
    "cost_statement_no": "MS1",
    "cost_stated_on": "2026-08-10",
    "cost_confirmed": True,
    "annual_cost": "4.35",
}


@pytest.mark.parametrize(
    ("loan", "said"),
    [
        ({}, ""),
        ({"cost_statement_no": None}, "没有综合融资成本明示表编号"),
        ({"cost_statement_no": None, "signed_on": "2026-07-31"}, ""),
        ({"cost_statement_no": None, "signed_on": "2026-08-01"}, "没有综合融资成本明示表编号"),
        ({"cost_statement_no": None, "borrower_kind": "企业"}, ""),
        ({"cost_stated_on": "2026-08-11"}, "在签约以后才出示"),
        ({"cost_confirmed": False}, "没有签字或弹窗确认"),
        ({"cost_stated_on": None, "cost_confirmed": None, "annual_cost": None}, ""),
        ({"annual_cost": "4.34"}, "低于合同年化利率，须复算"),
    ],
)
def test_the_cost_of_a_personal_loan_is_stated_before_it_is_signed(loan: dict[str, Any], said: str) -> None:
    result = run("disclosure.financing_cost_unstated", frame("loans", {**_STATED, **loan}), period="2026H2")
    assert [said in lead.summary and "只作建议" in lead.summary for lead in result.leads] == ([True] if said else [])


def test_a_loan_without_the_day_of_signing_is_not_judged_by_the_rule_on_its_cost() -> None:
    check = "disclosure.financing_cost_unstated"
    result = run(check, frame("loans", {**_STATED, "signed_on": None, "cost_statement_no": None}), period="2026H2")
    assert (result.hits, result.unjudged) == (0, 1) and "未判" in result.note
    never = run(check, frame("loans", _STATED, absent=("cost_statement_no",)), period="2026H2")
    assert never.status is CheckStatus.NO_DATA


def test_a_unit_without_loans_is_not_applicable() -> None:
    unit = Unit(id=UNIT.id, name=UNIT.name, level="outlet", businesses=("储蓄",))
    assert run("disclosure.loan_short_disbursement", unit=unit).status is CheckStatus.NOT_APPLICABLE


def test_a_paid_service_is_charged_from_the_day_it_was_signed_for() -> None:
    paid = {"value_added": True, "consent_no": "Q1", "charged_on": "2026-03-02"}
    check = "disclosure.charged_before_consent"
    assert hits(
        check,
        {**paid, "consent_on": "2026-03-02"},
        {**paid, "consent_on": "2026-03-03"},
        {**paid, "consent_on": "2026-03-03", "value_added": False},
        {**paid, "consent_on": "2026-03-03", "amount": "0.00"},
        {**paid, "consent_on": None},
    ) == ["K1"]
    undated = run(check, frame("fee_entries", paid))
    assert (undated.status, undated.population) == (CheckStatus.NO_DATA, 0)
    assert "1 笔有签约凭证号而无签约日期" in undated.note


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"reminded_on": None}, True),
        ({"reminded_on": "2026-03-02"}, False),
        ({"reminded_on": "2026-03-03"}, True),
        ({"reminded_on": None, "auto_renewed": False}, False),
        ({"reminded_on": None, "auto_renewed": None}, False),
        ({"reminded_on": None, "amount": "0.00"}, False),
        ({"reminded_on": None, "charged_on": "2024-06-30"}, False),
        ({"reminded_on": None, "charged_on": "2024-07-01"}, True),
    ],
)
def test_a_renewal_is_announced_before_it_is_charged(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("disclosure.renewal_without_reminder", {"auto_renewed": True, **record})) is hit


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"contract_annual_rate": "4.85"}, False),
        ({"contract_annual_rate": "4.86"}, True),
        ({"contract_annual_rate": "4.86", "rate_approval_no": "P1"}, False),
        ({"contract_annual_rate": "1.00"}, False),
        ({"contract_annual_rate": "9.99", "layer_rate": None}, False),
    ],
)
def test_a_rate_above_its_layer_by_more_than_the_set_points_needs_approval(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("disclosure.rate_beyond_layer", record)) is hit


def test_how_far_a_rate_may_stray_is_the_banks_setting() -> None:
    from decimal import Decimal

    record = {"contract_annual_rate": "4.86"}
    assert hits("disclosure.rate_beyond_layer", record, rate_deviation=Decimal("0.51")) == []


@pytest.mark.parametrize(
    ("announced", "effective", "hit"),
    [
        ("2026-04-01", "2026-05-01", False),
        ("2026-04-02", "2026-05-01", True),
        ("2026-05-01", "2026-05-01", True),
        (None, "2026-05-01", True),
        (None, "2024-06-30", False),
        (None, "2024-07-01", True),
    ],
)
def test_an_outlet_that_closes_says_so_thirty_days_before(announced: str | None, effective: str, hit: bool) -> None:
    record = {"announced_on": announced, "effective_on": effective}
    assert bool(hits("disclosure.closing_notice_short", record)) is hit


def test_without_a_change_type_a_price_is_counted_not_judged() -> None:
    price = {"effective_on": "2026-02-01", "published_on": "2026-02-05", "change": None}
    result = run("disclosure.price_published_late", frame("price_list", price), unit=_HEAD)
    assert (result.status, result.population) == (CheckStatus.CLEAR, 0)
    assert "1 个版本未填变动类型" in result.note


@pytest.mark.parametrize(
    ("effective", "seen"), [("2025-12-31", 0), ("2026-01-01", 1), ("2026-06-30", 1), ("2026-07-01", 0)]
)
def test_only_versions_that_start_in_the_period_are_judged(effective: str, seen: int) -> None:
    price = {"effective_on": effective, "published_on": "2019-01-01"}
    result = run(
        "disclosure.price_published_late",
        frame("price_list", price),
        unit=Unit(id="0000", name="总行", level="head_office"),
    )
    assert result.population == seen
