"""投诉处理 checks at their edges: the last day, open cases, mediation, working days, missing columns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.extracts import frame, hits, run
from xiaobao.model import CheckStatus

_OVERDUE = "complaints.overdue"


def _case(decided: str | None, **more: Any) -> dict[str, Any]:
    return {"received_on": "2026-03-02", "decided_on": decided, **more}


@pytest.mark.parametrize(
    ("record", "late"),
    [
        (_case("2026-03-17"), False),
        (_case("2026-03-18"), True),
        (_case("2026-04-01", complexity="复杂"), False),
        (_case("2026-04-02", complexity="复杂"), True),
        (_case("2026-05-01", complexity="特别复杂"), False),
        (_case("2026-05-02", complexity="特别复杂"), True),
        (_case("2026-03-18", complexity=None), True),
        (_case("2026-03-22", mediation_from="2026-03-05", mediation_to="2026-03-09", mediation_proof="T"), False),
        (_case("2026-03-23", mediation_from="2026-03-05", mediation_to="2026-03-09", mediation_proof="T"), True),
        (_case("2026-03-22", mediation_from="2026-03-05", mediation_to="2026-03-09"), True),
        (_case("2026-03-18", nature="咨询"), False),
        (_case("2026-03-18", nature=None), True),
        (_case("2026-03-18", accepted=False), False),
        (_case("2026-03-18", accepted=None), True),
    ],
)
def test_the_last_day_is_in_time_and_the_next_is_late(record: dict[str, Any], late: bool) -> None:
    assert bool(hits(_OVERDUE, record)) is late


@pytest.mark.parametrize(("as_of", "late"), [(date(2026, 3, 17), False), (date(2026, 3, 18), True)])
def test_an_open_complaint_is_judged_on_the_day_of_the_inspection(as_of: date, late: bool) -> None:
    assert hits(_OVERDUE, _case(None), {"received_on": "2026-03-01", "decided_on": "2026-03-02"}, as_of=as_of) == (
        ["K0"] if late else []
    )


def test_withdrawal_ends_the_procedure() -> None:
    result = run(_OVERDUE, frame("complaints", {}, _case(None, withdrawn_on="2026-03-20")))
    assert (result.status, result.population) == (CheckStatus.CLEAR, 1)
    assert "未决定即撤回" in result.note


def test_the_on_time_rate_counts_decided_and_open_overdue_ones() -> None:
    cases = [{}, {}, _case("2026-03-18"), _case(None), _case(None, received_on="2026-07-01")]
    result = run(_OVERDUE, frame("complaints", *cases))
    assert (result.population, result.hits) == (5, 2)
    assert result.figures == {"on_time_rate": Decimal("50.00")}
    assert "未到期" in result.note


def test_a_ledger_without_decision_dates_gives_no_rate_and_says_so() -> None:
    result = run(_OVERDUE, frame("complaints", _case(None), _case(None), absent=("decided_on",)))
    assert (result.status, result.population, dict(result.figures)) == (CheckStatus.NO_DATA, 0, {})
    assert "无处理决定日期" in result.note


def test_a_delivered_column_with_nothing_decided_means_that_cases_are_open() -> None:
    result = run(_OVERDUE, frame("complaints", _case(None)))
    assert (result.hits, dict(result.figures)) == (1, {})


def test_a_missing_complexity_is_judged_by_the_shortest_limit_and_noted() -> None:
    assert "按简单" in run(_OVERDUE, frame("complaints", {"complexity": None})).note


def test_the_banks_working_days_never_overrule_natural_days() -> None:
    """3号令第四十三条 says natural days: the setting moves internal reminders only."""
    assert hits(_OVERDUE, _case("2026-03-18"), days="working") == hits(_OVERDUE, _case("2026-03-18")) == ["K0"]


@pytest.mark.parametrize(
    ("received", "decided", "last"),
    [
        ("2026-04-16", "2026-05-06", "2026-05-01"),
        ("2026-03-07", "2026-03-23", "2026-03-22"),
        ("2026-03-02", "2026-03-18", ""),
    ],
)
def test_a_limit_that_ends_on_a_day_off_says_so(received: str, decided: str, last: str) -> None:
    [lead] = run(_OVERDUE, frame("complaints", {"received_on": received, "decided_on": decided})).leads
    assert (f"期限末日 {last} 为休假日" in lead.summary) is bool(last)


def test_a_year_without_a_holiday_calendar_says_nothing_of_days_off() -> None:
    record = {"received_on": "2031-03-02", "decided_on": "2031-03-20"}
    result = run(_OVERDUE, frame("complaints", record), period="2031H1", as_of=date(2031, 7, 5))
    assert (result.hits, "休假日" in result.leads[0].summary) == (1, False)


def test_an_empty_ledger_is_clear_with_nobody_in_it() -> None:
    result = run(_OVERDUE, frame("complaints"))
    assert (result.status, result.population, dict(result.figures)) == (CheckStatus.CLEAR, 0, {})


_LONG = {"complexity": "特别复杂", "received_on": "2026-03-02", "decided_on": "2026-04-20"}
_APPROVED = {
    **_LONG,
    "extension_level": "总行高管",
    "extension_on": "2026-03-30",
    "extension_notified_on": "2026-03-30",
}


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        (_APPROVED, False),
        ({**_APPROVED, "extension_level": "上级机构"}, False),
        ({**_APPROVED, "extension_level": "本机构负责人"}, True),
        ({**_APPROVED, "extension_on": None}, True),
        ({**_APPROVED, "extension_notified_on": None}, True),
        (_LONG, True),
        ({**_LONG, "decided_on": "2026-04-01"}, False),
        ({**_LONG, "decided_on": "2026-04-02"}, True),
        ({**_LONG, "complexity": "复杂"}, False),
    ],
)
def test_over_thirty_days_needs_approval_from_above_and_notice(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("complaints.extension_unapproved", record)) is hit


def test_a_transfer_must_stand_in_the_ledger_of_any_unit() -> None:
    assert hits("complaints.unregistered_transfer", {}, {"registered_no": None}) == ["K1"]


def test_nobody_handles_a_complaint_about_himself() -> None:
    assert hits(
        "complaints.handler_is_subject",
        {"subject": "E1"},
        {"subject": "E2"},
        {"subject": None},
        {"handler": None, "subject": None},
    ) == ["K0"]


@pytest.mark.parametrize(("decided", "hit"), [("2026-04-30", False), ("2026-05-01", True), (None, True)])
def test_a_review_is_decided_within_thirty_days(decided: str | None, hit: bool) -> None:
    record = {"review_requested_on": "2026-03-31", "review_decided_on": decided, "reviewed_by": "0101"}
    assert bool(hits("complaints.review_overdue", record)) is hit


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"decision_received_on": "2026-03-01"}, True),
        ({"decision_received_on": "2026-02-28"}, False),
        ({"notified_on": "2026-03-01"}, True),
        ({"notified_on": "2026-02-28"}, False),
        ({"notified_on": "2026-02-28", "decision_received_on": "2026-03-01"}, True),
    ],
)
def test_a_review_asked_for_more_than_thirty_days_after_the_decision_is_owed_no_more(
    record: dict[str, Any], hit: bool
) -> None:
    """Without the day on which the decision was received the row is not judged."""
    asked = {"review_requested_on": "2026-03-31", "review_decided_on": "2026-05-05", "reviewed_by": "0101"}
    result = run("complaints.review_overdue", frame("complaints", {**asked, **record}))
    assert bool(result.leads) is hit
    assert result.unjudged == (not hit and "decision_received_on" not in record)


def test_an_open_review_within_its_time_is_no_lead() -> None:
    assert hits("complaints.review_overdue", {"review_requested_on": "2026-06-05"}) == []


def test_a_withdrawal_needs_an_application() -> None:
    assert hits(
        "complaints.withdrawal_without_application",
        {},
        {"withdrawn_on": "2026-03-05"},
        {"withdrawn_on": "2026-03-05", "withdrawal_proof": "C1"},
    ) == ["K1"]


def test_a_consultation_that_claims_money_is_a_lead() -> None:
    assert hits(
        "complaints.consultation_claims_refund",
        {"claim": "要求退款"},
        {"nature": "咨询", "claim": "要求退款"},
        {"nature": "建议", "content": "希望赔偿损失"},
        {"nature": "咨询", "claim": "询问限额"},
        {"nature": "表扬", "claim": "退款很快"},
    ) == ["K1", "K2"]


def test_mediation_time_needs_papers() -> None:
    assert hits(
        "complaints.mediation_without_papers",
        {"mediation_from": "2026-03-05"},
        {"mediation_from": "2026-03-05", "mediation_proof": "T1"},
        {},
    ) == ["K0"]


def test_a_decision_is_told_and_the_proof_kept() -> None:
    assert hits(
        "complaints.decision_not_notified",
        {},
        {"notified_on": None},
        {"notice_proof": None},
        {"decided_on": None, "notified_on": None},
    ) == ["K1", "K2"]


@pytest.mark.parametrize(
    ("record", "late"),
    [
        (_case("2026-03-10", notified_on="2026-03-17"), False),
        (_case("2026-03-10", notified_on="2026-03-18"), True),
        (_case("2026-03-18", notified_on="2026-03-20"), False),
        (_case("2026-03-10", notified_on=None), False),
        (_case("2026-03-10", notified_on="2026-03-01"), False),
        (_case("2026-03-10", notified_on="2026-04-01", complexity="复杂"), False),
        (_case("2026-03-10", notified_on="2026-04-02", complexity="复杂"), True),
        (_case("2026-03-10", notified_on="2026-03-18", nature="咨询"), False),
        (
            _case(
                "2026-03-20",
                notified_on="2026-03-22",
                mediation_from="2026-03-05",
                mediation_to="2026-03-09",
                mediation_proof="T",
            ),
            False,
        ),
    ],
)
def test_a_decision_is_told_within_the_limit_too(record: dict[str, Any], late: bool) -> None:
    """A decision that is late itself is not held against the notice again."""
    assert bool(hits("complaints.notified_late", record)) is late


@pytest.mark.parametrize(
    ("registered", "hit"), [("2026-03-02", False), ("2026-03-03", False), ("2026-03-04", True), ("2026-02-20", False)]
)
def test_a_transfer_is_registered_with_the_day_it_came(registered: str, hit: bool) -> None:
    check, record = "complaints.registered_late", {"transferred_on": "2026-03-02", "registered_on": registered}
    assert bool(hits(check, record)) is hit
    assert hits(check, record, registration_days=2) == []


def test_a_complaint_has_a_class_and_a_reason() -> None:
    assert hits(
        "complaints.unclassified",
        {},
        {"business_class": None},
        {"reason": " "},
        {"nature": None, "reason": None},
        {"nature": "咨询", "reason": None},
    ) == ["K1", "K2", "K3"]


def test_a_refusal_gives_its_reason() -> None:
    check, refused = "complaints.refused_without_reason", {"accepted": False}
    assert hits(
        check,
        refused,
        {**refused, "refusal_reason": "不属于本行业务"},
        {**refused, "proxy": True},
        {**refused, "nature": "建议"},
        {"accepted": None},
    ) == ["K0"]
    assert run(check, frame("complaints", {"accepted": None})).status is CheckStatus.NO_DATA


def test_whoever_is_told_a_decision_is_told_the_remedies() -> None:
    untold = {"remedies_told": False}
    assert hits(
        "complaints.remedies_not_told",
        {},
        untold,
        {**untold, "notified_on": None},
        {**untold, "nature": "咨询"},
        {"remedies_told": None},
    ) == ["K1"]


def test_mediation_is_not_refused_without_a_reason() -> None:
    asked = {"mediation_requested_on": "2026-03-05", "mediation_joined": False}
    assert hits(
        "complaints.mediation_refused",
        {},
        asked,
        {**asked, "mediation_refusal": "已达成和解"},
        {**asked, "mediation_joined": True},
        {**asked, "mediation_joined": None},
    ) == ["K1"]


@pytest.mark.parametrize(
    ("answered", "as_of", "hit"),
    [
        ("2026-03-22", date(2026, 7, 5), False),
        ("2026-03-23", date(2026, 7, 5), True),
        (None, date(2026, 3, 22), False),
        (None, date(2026, 3, 23), True),
    ],
)
def test_an_objection_to_credit_data_is_answered_on_the_twentieth_day_at_the_latest(
    answered: str | None, as_of: date, hit: bool
) -> None:
    record = {"received_on": "2026-03-02", "answered_on": answered}
    assert bool(hits("complaints.credit_objection_overdue", record, as_of=as_of)) is hit
