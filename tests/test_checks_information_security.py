"""信息安全 checks at their edges: consent, hours, volumes, accounts of people who left, marketing messages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.extracts import frame, hits, run
from xiaobao.model import CheckStatus


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({}, False),
        ({"authorisation_no": None}, True),
        ({"authorisation_no": None, "purpose": "异议核查"}, False),
        ({"authorisation_no": None, "purpose": "贷后管理"}, False),
        ({"authorisation_no": None, "purpose": "其他"}, True),
    ],
)
def test_a_lookup_needs_a_written_consent_unless_its_purpose_is_exempt(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("information_security.lookup_without_authorisation", record)) is hit


def test_which_purposes_are_exempt_is_the_banks_setting() -> None:
    record = {"authorisation_no": None, "purpose": "异议核查"}
    assert hits("information_security.lookup_without_authorisation", record, lookup_without_consent=()) == ["K0"]


def test_a_consent_of_the_same_day_is_early_enough() -> None:
    assert hits(
        "information_security.lookup_before_authorisation",
        {"authorised_on": "2026-03-02"},
        {"authorised_on": "2026-03-03"},
        {"authorised_on": None},
        {"authorised_on": "2026-03-03", "authorisation_no": None},
    ) == ["K1"]


def test_an_application_or_a_balance_stands_behind_a_lookup() -> None:
    bare = {"business_no": None}
    assert hits(
        "information_security.lookup_without_business",
        bare,
        {**bare, "balance": "0.01"},
        {**bare, "balance": "0.00", "purpose": "贷后管理"},
        {**bare, "purpose": "异议核查"},
    ) == ["K0", "K2"]


@pytest.mark.parametrize(
    ("time", "hit"),
    [("07:29:59", True), ("07:30:00", False), ("19:00:00", False), ("19:00:01", True), ("23:59:59", True)],
)
def test_office_hours_include_their_ends(time: str, hit: bool) -> None:
    assert bool(hits("information_security.lookup_out_of_hours", {"looked_up_at": f"2026-03-02 {time}"})) is hit


def test_lookups_with_a_day_and_no_time_cannot_be_judged() -> None:
    result = run("information_security.lookup_out_of_hours", frame("credit_lookups", {"looked_up_at": "2026-03-02"}))
    assert result.status is CheckStatus.NO_DATA


def test_a_teller_far_above_the_median_is_one_lead() -> None:
    check = "information_security.lookup_volume_outlier"
    many = {"teller_count": 41, "peer_median": "8"}
    assert hits(check, many, many) == ["K0"]
    assert hits(check, {"teller_count": 40, "peer_median": "8"}) == []
    assert hits(check, {"teller_count": 19, "peer_median": "1"}) == []
    assert hits(check, {"teller_count": 20, "peer_median": "1"}) == ["K0"]
    assert run(check, frame("credit_lookups", {"teller_count": None})).status is CheckStatus.NO_DATA


_GONE = {"staff_status": "离职", "left_on": "2026-03-31", "last_used": "2026-03-31"}


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        (_GONE, True),
        ({**_GONE, "status": "停用", "disabled_on": "2026-04-01"}, False),
        ({**_GONE, "status": "停用", "disabled_on": "2026-04-02"}, True),
        ({**_GONE, "status": "停用", "disabled_on": "2026-04-01", "last_used": "2026-04-01"}, True),
        ({**_GONE, "left_on": "2026-07-05", "last_used": None}, False),
        ({**_GONE, "staff_status": "在岗", "left_on": None}, False),
        ({**_GONE, "staff_status": None, "left_on": None}, False),
    ],
)
def test_an_account_ends_with_its_holders_post(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("information_security.account_active_after_leaving", record)) is hit


def test_an_account_moves_with_its_holder() -> None:
    away = {"staff_unit": "0102"}
    assert hits(
        "information_security.account_not_moved",
        {},
        away,
        {**away, "status": "停用"},
        {"staff_unit": None, "staff_status": None},
        {"staff_status": "调离"},
    ) == ["K1", "K4"]


@pytest.mark.parametrize(
    ("rights", "hit"),
    [("开户、查询", False), ("查询", False), ("查询，开户", False), ("查询、开户、冲正", True), (None, False)],
)
def test_rights_are_compared_as_a_set(rights: str | None, hit: bool) -> None:
    assert bool(hits("information_security.rights_beyond_post", {"rights": rights})) is hit


def test_without_the_staff_register_accounts_cannot_be_judged() -> None:
    from tests.factories.extracts import AS_OF, UNIT
    from xiaobao.checks.registry import CheckContext, run_check
    from xiaobao.model import Period
    from xiaobao.policies import Policies

    context = CheckContext(unit=UNIT, period=Period.parse("2026H1"), as_of=AS_OF, policies=Policies())
    result = run_check("information_security.account_not_moved", "I", {"accounts": frame("accounts", {})}, context)
    assert (result.status, result.note) == (CheckStatus.NO_DATA, "缺少数据：staff")


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"opted_out_on": "2026-03-01"}, True),
        ({"opted_out_on": "2026-03-02"}, False),
        ({"opted_out_on": None}, False),
        ({"opted_out_on": "2026-03-01", "kind": "交易提醒"}, False),
    ],
)
def test_no_marketing_after_an_opt_out(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("information_security.sms_after_opt_out", record)) is hit


def test_marketing_needs_a_consent_but_a_notice_does_not() -> None:
    assert hits(
        "information_security.sms_without_consent", {"consent_no": None}, {"consent_no": None, "kind": "服务通知"}
    ) == ["K0"]


def test_adverse_data_is_told_before_it_is_reported() -> None:
    reported = {"adverse_reported_on": "2026-05-01"}
    assert hits(
        "information_security.adverse_before_notice",
        {},
        reported,
        {**reported, "adverse_notified_on": "2026-05-01"},
        {**reported, "adverse_notified_on": "2026-05-02"},
    ) == ["K1", "K3"]


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"authorised_until": "2026-03-02"}, False),
        ({"authorised_until": "2026-03-01"}, True),
        ({"authorised_until": None}, False),
        ({"authorised_until": "2026-03-01", "authorisation_no": None}, False),
        ({"authorised_until": "2026-03-01", "purpose": "贷后管理"}, False),
    ],
)
def test_a_consent_holds_to_its_last_day(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("information_security.lookup_after_expiry", record)) is hit


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"authorised_purpose": "贷款审批"}, False),
        ({"authorised_purpose": "信用卡审批、贷款审批"}, False),
        ({"authorised_purpose": "信用卡审批"}, True),
        ({"authorised_purpose": None}, False),
        ({"authorised_purpose": "信用卡审批", "purpose": "异议核查"}, False),
    ],
)
def test_a_lookup_keeps_to_the_purpose_agreed_upon(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("information_security.lookup_beyond_purpose", record)) is hit


def test_one_consent_for_two_customers_is_one_lead() -> None:
    check, shared = "information_security.authorisation_shared", {"authorisation_customers": 2}
    assert hits(check, shared, shared, {}, {**shared, "authorisation_no": "Q2"}) == ["K0", "K3"]
    assert hits(check, {**shared, "authorisation_no": None}) == []


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"last_used": "2026-04-06"}, False),
        ({"last_used": "2026-04-05"}, True),
        ({"last_used": None}, False),
        ({"last_used": "2026-04-05", "status": "停用"}, False),
        ({"last_used": "2026-04-05", "staff_status": "离职"}, False),
    ],
)
def test_an_account_unused_for_more_than_the_set_days_is_a_lead(record: dict[str, Any], hit: bool) -> None:
    """Judged on 5 July: 90 days before is 6 April."""
    assert bool(hits("information_security.account_dormant", record)) is hit


def test_marketing_tells_how_to_opt_out() -> None:
    check, hidden = "information_security.sms_without_opt_out", {"opt_out_shown": False}
    assert hits(check, hidden, {}, {**hidden, "kind": "服务通知"}, {"opt_out_shown": None}) == ["K0"]
    [lead] = run(check, frame("sms_sends", hidden)).leads
    assert "否" in lead.record.values() and "False" not in lead.record.values()  # people read it
    assert run(check, frame("sms_sends", {"opt_out_shown": None})).status is CheckStatus.NO_DATA
