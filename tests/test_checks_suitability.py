"""适当性管理 checks at their edges: the day the Measures came into force, counts, levels, thresholds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.extracts import frame, hits, run
from xiaobao.model import CheckStatus


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"product_level": 3}, False),
        ({"product_level": 4}, True),
        ({"product_level": 4, "product_type": "代销基金"}, False),
        ({"product_level": 4, "product_type": "代销信托"}, True),
        ({"product_level": 4, "product_type": None}, False),
        ({"product_level": 4, "product_type": "国债"}, False),
        ({"product_level": 4, "product_type": "其他"}, False),
        ({"product_level": 4, "customer_level": None}, True),
        ({"product_level": 4, "customer_level": None, "assessed_level": 4}, False),
    ],
)
def test_a_product_above_the_customer_is_hit(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("suitability.product_above_customer", record)) is hit


@pytest.mark.parametrize(("day", "basis"), [("2026-01-31", "9号令第十一条"), ("2026-02-01", "适当性办法第十二条")])
def test_the_reason_names_the_rule_of_that_day(day: str, basis: str) -> None:
    result = run("suitability.product_above_customer", frame("product_sales", {"product_level": 5, "sold_on": day}))
    assert result.leads[0].summary.endswith(basis)


def test_a_sale_without_any_level_is_counted_not_judged() -> None:
    result = run(
        "suitability.product_above_customer",
        frame("product_sales", {}, {"customer_level": None, "assessed_level": None}),
    )
    assert (result.status, result.population) == (CheckStatus.CLEAR, 1)
    assert "1 笔无客户等级" in result.note


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"assessed_on": "2025-03-15"}, False),
        ({"assessed_on": "2025-03-14"}, True),
        ({"assessed_on": None}, True),
        ({"assessed_on": None, "assessed_after_on": "2026-03-16"}, False),
        ({"assessed_on": None, "sold_on": "2026-01-31"}, False),
        ({"assessed_on": None, "sold_on": "2026-02-01"}, True),
        ({"assessed_on": None, "product_type": "代销基金"}, False),
    ],
)
def test_an_assessment_holds_twelve_months_to_the_day(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("suitability.no_valid_assessment", record)) is hit


def test_a_sale_before_the_rules_is_left_out_and_the_note_says_so() -> None:
    result = run("suitability.no_valid_assessment", frame("product_sales", {"sold_on": "2026-01-31"}))
    assert (result.status, result.population) == (CheckStatus.CLEAR, 0)
    assert "早于 2026-02-01" in result.note


def test_assessing_after_the_sale_is_a_lead_of_its_own_and_only_without_a_valid_one() -> None:
    check = "suitability.assessed_after_sale"
    late = {"assessed_after_on": "2026-03-16"}
    assert hits(
        check,
        late,
        {**late, "assessed_on": None},
        {**late, "assessed_on": "2025-03-14"},
        {**late, "assessed_on": None, "sold_on": "2026-01-31"},
    ) == ["K1", "K2"]


@pytest.mark.parametrize(
    ("column", "check", "limit"),
    [("count_day", "assessments_per_day", 2), ("count_12_months", "assessments_per_year", 8)],
)
def test_the_limit_itself_is_allowed_and_the_next_is_hit(column: str, check: str, limit: int) -> None:
    name = f"suitability.{check}"
    assert hits(name, {column: limit}, {column: limit + 1}) == ["K1"]
    assert hits(name, {column: limit + 1, "assessed_at": "2026-01-31 23:59"}) == []
    assert hits(name, {column: limit + 1, "assessed_at": "2026-02-01 00:00"}) == ["K0"]
    assert run(name, frame("risk_assessments", {column: None})).status is CheckStatus.NO_DATA


def test_a_changed_level_needs_the_customers_confirmation() -> None:
    assert hits(
        "suitability.level_change_unconfirmed",
        {"previous_level": 2, "confirmed_change": False},
        {"previous_level": 2, "confirmed_change": True},
        {"previous_level": 3, "confirmed_change": False},
        {"previous_level": None, "confirmed_change": False},
        {"previous_level": 2, "confirmed_change": None},
    ) == ["K0"]


def test_one_device_gives_one_lead_a_day_above_the_set_number() -> None:
    check, many = "suitability.clustered_assessments", {"device_day_customers": 9}
    assert hits(check, {"device_day_customers": 8}) == []
    assert hits(check, many, many, {**many, "device": None}) == ["K0"]
    assert hits(check, many, {**many, "assessed_at": "2026-03-03 09:00"}) == ["K0", "K1"]


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"match": "不匹配"}, True),
        ({"match": "不匹配", "unsuitable_confirmation": "Q1"}, False),
        ({"match": "匹配"}, False),
        ({"match": "不匹配", "product_type": "财产险"}, False),
        ({"match": "不匹配", "product_type": "财产险", "recording_no": None}, True),
        ({"match": "不匹配", "product_type": "财产险", "willing": True}, False),
        ({"match": "不匹配", "insurance_years": "1"}, False),
        ({"match": "不匹配", "insurance_years": "1", "willing": False}, True),
        ({"match": "不匹配", "willing": True}, True),
        ({"match": "不匹配", "willing": True, "group_policy": True}, False),
        ({"match": "不匹配", "sold_on": "2026-01-20"}, False),
        ({"match": "不匹配", "sold_on": "2026-01-20", "willing": True}, False),
        ({"match": "不匹配", "sold_on": "2025-12-01", "willing": False}, True),
        ({"match": "不匹配", "sold_on": "2024-02-29", "willing": False}, False),
    ],
)
def test_an_unsuitable_policy_needs_a_written_confirmation(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("suitability.insurance_unsuitable_unconfirmed", record)) is hit


def test_before_the_measures_an_unsuitable_policy_is_judged_by_the_older_order() -> None:
    frame_ = frame("bancassurance", {"match": "不匹配", "sold_on": "2026-01-31", "willing": False})
    assert "2号令第二十八条" in run("suitability.insurance_unsuitable_unconfirmed", frame_).leads[0].summary


_ROOMY = {"family_income": "1000000.00", "budget": "1000000.00"}


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({**_ROOMY, "payment": "趸交", "premium": "400000.00", "family_income": "100000.00"}, False),
        ({**_ROOMY, "payment": "趸交", "premium": "400000.01", "family_income": "100000.00"}, True),
        ({**_ROOMY, "premium": "20000.00", "family_income": "100000.00"}, False),
        ({**_ROOMY, "premium": "20000.01", "family_income": "100000.00"}, True),
        ({**_ROOMY, "premium": "1666.66", "payment": "月交", "family_income": "100000.00"}, False),
        ({**_ROOMY, "premium": "1666.67", "payment": "月交", "family_income": "100000.00"}, True),
        ({**_ROOMY, "age": 69, "payment_years": 5}, False),
        ({**_ROOMY, "age": 70, "payment_years": 5}, True),
        ({**_ROOMY, "budget": "6666.67", "premium": "10000.00"}, False),
        ({**_ROOMY, "budget": "6666.66", "premium": "9999.99"}, True),
        ({**_ROOMY, "age": 70, "declaration_no": "S1"}, False),
        ({**_ROOMY, "age": 70, "product_type": "普通型"}, False),
        ({**_ROOMY, "age": 70, "sold_on": "2026-01-31"}, False),
        ({**_ROOMY, "age": 70, "sold_on": "2026-02-01"}, True),
    ],
)
def test_four_thresholds_with_their_exact_signs(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("suitability.insurance_declaration_missing", record)) is hit


def test_a_policy_with_nothing_to_judge_by_is_counted() -> None:
    bare = {"family_income": None, "budget": None, "age": None}
    result = run("suitability.insurance_declaration_missing", frame("bancassurance", bare))
    assert result.status is CheckStatus.NO_DATA
    assert "四项阈值都无法计算" in result.note


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"insurance_years": "1"}, False),
        ({"insurance_years": "1.5"}, True),
        ({"insurance_years": "20", "product_type": "财产险"}, False),
        ({"channel": "自助终端"}, True),
        ({"channel": "手机银行"}, False),
        ({"channel": None}, False),
        ({"recording_no": "R1"}, False),
        ({"sold_on": "2025-08-01"}, True),
        ({"holder_kind": "法人和其他组织"}, False),
        ({"group_policy": True}, False),
        ({"group_policy": None}, False),
    ],
)
def test_life_policies_over_a_year_sold_at_the_counter_are_recorded(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("suitability.insurance_recording_missing", {"recording_no": None, **record})) is hit


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"issuer_level": 3}, False),
        ({"issuer_level": 4}, True),
        ({"issuer_level": 2}, False),
        ({"issuer_level": None}, False),
        ({"issuer_level": 4, "product_type": "代销信托"}, True),
        ({"issuer_level": 4, "product_type": "代销基金"}, False),
        ({"issuer_level": 4, "product_type": "自营理财"}, False),
    ],
)
def test_of_two_ratings_the_higher_is_used(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("suitability.lower_level_used", {"product_type": "代销理财", **record})) is hit


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"certificate_no": "Z1"}, False),
        ({"certificate_no": None}, True),
        ({"certificate_no": None, "channel": None}, False),
        ({"certificate_no": None, "channel": "手机银行"}, False),
        ({"certificate_no": None, "teller": None}, False),
        ({"certificate_no": None, "product_type": "代销基金"}, False),
    ],
)
def test_who_sells_at_the_counter_holds_a_certificate_that_day(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("suitability.seller_unqualified", record)) is hit


def test_a_private_product_goes_to_proven_investors_only() -> None:
    check, private = "suitability.private_without_proof", {"offering": "私募"}
    assert hits(check, private, {**private, "qualified_proof_no": "H1"}, {"offering": "公募"}) == ["K0"]
    assert hits(check, {**private, "product_type": "代销基金"}, {**private, "sold_on": "2025-12-01"}) == ["K0", "K1"]
    unsaid = run(check, frame("product_sales", {"offering": None}))
    assert (unsaid.status, "1 笔未填募集方式" in unsaid.note) == (CheckStatus.NO_DATA, True)


@pytest.mark.parametrize(
    ("kind", "least"),
    [("固定收益类", 300_000), ("混合类", 400_000), ("权益类", 1_000_000), ("商品及金融衍生品类", 1_000_000)],
)
def test_the_least_amount_itself_is_enough(kind: str, least: int) -> None:
    check, private = "suitability.private_below_minimum", {"offering": "私募", "asset_class": kind}
    below = f"{least - 1}.99"
    assert hits(check, {**private, "product_total": f"{least}.00"}, {**private, "product_total": below}) == ["K1"]
    assert hits(check, {**private, "offering": "公募", "product_total": below}) == []
    assert run(check, frame("product_sales", {**private, "asset_class": None})).status is CheckStatus.NO_DATA


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"recording_no": None}, True),
        ({"recording_no": "R1"}, False),
        ({"recording_no": None, "channel": "自助终端"}, False),
        ({"recording_no": None, "channel": None}, False),
        ({"recording_no": None, "product_type": "国债"}, False),
        ({"recording_no": None, "product_type": "代销基金"}, True),
        ({"recording_no": None, "customer_kind": "专业投资者"}, False),
        ({"recording_no": None, "customer_kind": None}, False),
        ({"recording_no": None, "channel": "网银"}, False),
        ({"recording_no": None, "sold_on": "2025-12-01"}, True),
    ],
)
def test_every_sale_at_the_counter_is_recorded(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("suitability.sale_recording_missing", record)) is hit


def test_a_recording_number_is_found_in_the_list_of_recordings() -> None:
    check, lost = "suitability.recording_not_found", {"recorded_on": None}
    assert hits(check, {}, lost, {**lost, "recording_no": None}, {**lost, "channel": "手机银行"}) == ["K1"]


def test_one_teller_gives_one_lead_a_day_and_none_twice_for_a_device() -> None:
    check, many = "suitability.clustered_by_teller", {"teller_day_customers": 9}
    assert hits(check, {"teller_day_customers": 8}) == []
    assert hits(check, many, many, {**many, "assessed_at": "2026-03-03 09:00"}) == ["K0", "K2"]
    assert hits(check, {**many, "device_day_customers": 9}) == []
    assert hits(check, {**many, "teller": None}) == []


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"previous_on": "2026-03-02", "previous_level": 2}, True),
        ({"previous_on": "2026-03-02", "previous_level": 3}, False),
        ({"previous_on": "2026-03-02", "previous_level": 4}, False),
        ({"previous_on": "2026-03-01", "previous_level": 2}, False),
        ({"previous_on": None, "previous_level": None}, False),
    ],
)
def test_a_level_raised_by_a_second_assessment_of_the_day_is_a_lead(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("suitability.level_raised_same_day", record)) is hit


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"assessed_on": "2025-03-02"}, False),
        ({"assessed_on": "2025-03-01"}, True),
        ({"assessed_on": None}, True),
        ({"assessed_on": None, "product_type": "分红型"}, False),
        ({"assessed_on": None, "product_type": "变额型"}, False),
    ],
)
def test_linked_insurance_needs_an_assessment_of_the_last_twelve_months(record: dict[str, Any], hit: bool) -> None:
    linked = {"product_type": "投连型", "sold_on": "2026-03-02", **record}
    assert bool(hits("suitability.linked_insurance_without_assessment", linked)) is hit
