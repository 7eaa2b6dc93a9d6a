"""特殊群体服务 checks at their edges: birthdays, care taken, proxies, counters, repairs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.extracts import frame, hits, run
from xiaobao.model import CheckStatus

_OLD = {"age": 65, "product_level": 4}


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        (_OLD, True),
        ({**_OLD, "age": 64}, False),
        ({**_OLD, "product_level": 3}, False),
        ({**_OLD, "special_procedure": "G1"}, False),
        ({**_OLD, "callback_on": "2026-03-20"}, False),
        ({**_OLD, "care_note": "延长考虑时间"}, False),
        ({**_OLD, "product_type": "代销基金"}, False),
        ({**_OLD, "sold_on": "2026-01-31"}, False),
        ({**_OLD, "sold_on": "2026-02-01"}, True),
    ],
)
def test_only_a_sale_without_any_care_at_all_is_a_lead(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("special_groups.elderly_high_risk", record)) is hit


def test_what_high_risk_and_elderly_mean_is_the_banks_setting() -> None:
    record = {"age": 60, "product_level": 3}
    assert hits("special_groups.elderly_high_risk", record, high_risk_level=3, elderly_age=60) == ["K0"]


def test_unknown_ages_are_counted() -> None:
    result = run("special_groups.elderly_high_risk", frame("product_sales", {"age": None, "product_level": 5}))
    assert result.status is CheckStatus.NO_DATA
    assert "1 笔" in result.note


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"age": 18, "product_level": 2}, False),
        ({"age": 17, "product_level": 2}, True),
        ({"age": 17, "product_level": 2, "guardian_consent": "J1"}, False),
        ({"age": 17, "product_level": 3, "guardian_consent": "J1"}, True),
        ({"age": 8, "product_level": 1, "guardian_consent": "J1"}, False),
        ({"age": 7, "product_level": 1, "guardian_consent": "J1"}, True),
        ({"age": 7, "product_level": 1, "guardian_consent": "J1", "sold_on": "2026-01-31"}, False),
        ({"age": 17, "product_level": 3, "guardian_consent": "J1", "product_type": "代销基金"}, False),
        ({"age": 17, "product_level": 1, "product_type": "代销基金"}, True),
        ({"age": 17, "product_level": 1, "sold_on": "2025-12-01"}, True),
    ],
)
def test_minors_buy_low_risk_with_consent_and_small_children_nothing(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("special_groups.minor_purchase", record)) is hit


def test_below_fourteen_needs_the_guardians_consent() -> None:
    assert hits(
        "special_groups.child_without_consent",
        {"age": 13},
        {"age": 14},
        {"age": 13, "guardian_consent": "J1"},
        {"age": 13, "manner": "监护人代理"},
    ) == ["K0"]


_PROXY = {"manner": "委托代理", "identity_check_no": "H1", "intent_check_no": "Y1"}


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        (_PROXY, False),
        ({**_PROXY, "identity_check_no": None}, True),
        ({**_PROXY, "intent_check_no": None}, True),
        ({**_PROXY, "manner": "上门", "intent_check_no": None}, True),
        ({**_PROXY, "manner": "本人到店", "intent_check_no": None}, False),
        ({**_PROXY, "service": "其他", "intent_check_no": None}, False),
    ],
)
def test_a_proxy_needs_identity_and_intent_checked_and_no_three_proofs(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("special_groups.proxy_unverified", record)) is hit


def test_an_open_day_has_a_manual_counter() -> None:
    assert hits(
        "special_groups.no_manual_counter",
        {},
        {"manual_counters": 0},
        {"manual_counters": 0, "open": False},
        {"manual_counters": 0, "open": None},
    ) == ["K1"]


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({}, False),
        ({"repair_requested_on": "2026-03-01", "repaired_on": "2026-03-31"}, False),
        ({"repair_requested_on": "2026-03-01", "repaired_on": "2026-04-01"}, True),
        ({"repair_requested_on": "2026-06-05"}, False),
        ({"repair_requested_on": "2026-06-04"}, True),
        ({"repair_requested_on": "2025-06-01", "repaired_on": "2025-12-31"}, False),
        ({"repair_requested_on": "2025-06-01", "repaired_on": "2026-01-01"}, True),
    ],
)
def test_a_repair_is_judged_in_the_period_it_ends_or_stays_open(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("special_groups.repair_overdue", record)) is hit


def test_card_app_and_messages_on_one_day_give_one_lead_from_sixty() -> None:
    check = "special_groups.senior_bundle"
    three = {"age": 60, "same_day_services": "开卡、开通手机银行、开通短信"}
    rows = [{**three, "service": name} for name in ("开卡", "开通手机银行", "开通短信")]
    assert hits(check, *rows) == ["K0"]
    assert hits(check, *({**row, "age": 59} for row in rows)) == []
    assert hits(check, {**rows[0], "same_day_services": "开卡、开通短信"}) == []
    assert hits(check, *rows, {**rows[0], "customer": "C-b"}) == ["K0", "K3"]


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"accepted": False, "proxy_proof": "W1"}, True),
        ({"accepted": False}, True),
        ({"accepted": False, "refusal_reason": "未提供授权委托书"}, False),
        ({"accepted": False, "refusal_reason": "不接受代理", "proxy_proof": "W1"}, True),
        ({"accepted": True, "proxy_proof": "W1"}, False),
        ({"accepted": False, "proxy": False}, False),
    ],
)
def test_a_proxy_complaint_with_authority_is_accepted(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("special_groups.proxy_complaint_refused", {"proxy": True, **record})) is hit


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"age": 18}, False),
        ({"age": 17}, True),
        ({"age": 17, "guardian_consent": "J1"}, False),
        ({"age": 8, "guardian_consent": "J1"}, False),
        ({"age": 7, "guardian_consent": "J1", "sold_on": "2026-02-01"}, True),
        ({"age": 7, "guardian_consent": "J1", "sold_on": "2026-01-31"}, False),
        ({"age": 7, "sold_on": "2026-01-31"}, True),
        ({"age": None}, False),
    ],
)
def test_a_minor_takes_out_no_policy_alone_and_a_small_child_none(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("special_groups.minor_policyholder", record)) is hit


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"age": 13}, False),
        ({"age": 14}, True),
        ({"age": 17}, True),
        ({"age": 18}, False),
        ({"age": 17, "guardian_consent": "J1"}, False),
        ({"age": 17, "manner": "监护人代理"}, False),
        ({"age": 17, "service": "挂失"}, False),
        ({"age": None}, False),
    ],
)
def test_from_fourteen_to_seventeen_a_card_needs_the_guardian(record: dict[str, Any], hit: bool) -> None:
    """Below fourteen it is another check's lead."""
    assert bool(hits("special_groups.minor_account_alone", {"service": "开卡", **record})) is hit


def test_what_cannot_be_used_is_reported_for_repair() -> None:
    broken = {"usable": False}
    assert hits(
        "special_groups.facility_unusable",
        {},
        broken,
        {**broken, "repair_requested_on": "2026-03-01"},
        {**broken, "repair_requested_on": "2026-03-01", "repaired_on": "2026-03-05"},
    ) == ["K1", "K3"]
