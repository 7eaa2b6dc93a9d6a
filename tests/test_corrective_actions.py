"""Measures go open → done → verified → closed, and nobody closes his own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from xiaobao.corrective_actions import Mover, allowed_moves, move, overdue, propose
from xiaobao.errors import InputError, NotAllowed
from xiaobao.model import CorrectiveAction, Finding, Nature, Severity

TODAY = date(2026, 7, 5)
ZHANG, LI, HEAD = Mover("张三", "B01"), Mover("李四", "B01"), Mover("王五", "HO")


def finding(nature: Nature = Nature.VIOLATION, severity: Severity = Severity.HIGH) -> Finding:
    return Finding(
        id="F1",
        unit="B01",
        period="2026H1",
        domain="complaints",
        item_id="I",
        title="超期办结",
        nature=nature,
        severity=severity,
        criteria="标准",
        condition="事实",
        recommendation="改进",
        points_lost=Decimal(2),
    )


def action(status: str = "open") -> CorrectiveAction:
    return replace(propose(finding(), TODAY)[0], owner="张三", status=status)


def test_a_finding_needs_a_case_line_and_a_mechanism_line() -> None:
    case, mechanism = propose(finding(), TODAY)
    assert (case.line, mechanism.line) == ("case", "mechanism")
    assert case.id != mechanism.id
    assert case.due == date(2026, 8, 4)
    assert (case.finding_id, case.unit, case.status, case.owner) == ("F1", "B01", "open", "")


def test_a_suggestion_asks_for_no_case_to_be_made_good() -> None:
    assert [line.line for line in propose(finding(Nature.SUGGESTION), TODAY)] == ["mechanism"]


@pytest.mark.parametrize(("severity", "days"), [(Severity.HIGH, 3), (Severity.MEDIUM, 5), (Severity.LOW, 7)])
def test_the_days_allowed_follow_the_severity(severity: Severity, days: int) -> None:
    allowed = {Severity.HIGH: 3, Severity.MEDIUM: 5, Severity.LOW: 7}
    assert {line.due.day - TODAY.day for line in propose(finding(severity=severity), TODAY, allowed)} == {days}


def test_a_measure_goes_step_by_step_to_its_closure() -> None:
    done = move(action(), "done", ZHANG)
    verified = move(done, "verified", HEAD, "已抽查")
    assert move(verified, "closed", HEAD).status == "closed"
    assert verified.note == "已抽查"
    assert [allowed_moves(action(s)) for s in ("open", "done", "verified", "closed")] == [
        ("done",),
        ("verified", "open"),
        ("closed", "open"),
        (),
    ]


@pytest.mark.parametrize(
    ("status", "to"), [("open", "closed"), ("open", "verified"), ("done", "closed"), ("closed", "open"), ("open", "x")]
)
def test_no_step_is_skipped(status: str, to: str) -> None:
    with pytest.raises(InputError):
        move(action(status), to, HEAD, "说明")


def test_the_owner_neither_verifies_nor_closes() -> None:
    for status, to in (("done", "verified"), ("verified", "closed"), ("done", "open")):
        with pytest.raises(NotAllowed, match="责任人"):
            move(action(status), to, ZHANG, "说明")


def test_the_unit_may_look_at_its_own_measure_but_never_close_it() -> None:
    assert move(action("done"), "verified", LI).status == "verified"
    with pytest.raises(NotAllowed, match="销号"):
        move(action("verified"), "closed", LI)


def test_sending_back_needs_a_reason_and_reporting_done_an_owner() -> None:
    with pytest.raises(InputError, match="原因"):
        move(action("done"), "open", HEAD)
    assert move(action("done"), "open", HEAD, "凭证不全").status == "open"
    with pytest.raises(InputError, match="责任人"):
        move(replace(action(), owner=" "), "done", ZHANG)


def test_a_measure_is_overdue_the_day_after_it_was_due_until_it_is_reported_done() -> None:
    due = action().due
    assert not overdue(action(), due)
    assert overdue(action(), due.replace(day=due.day + 1))
    assert not overdue(action("done"), due.replace(day=due.day + 1))
