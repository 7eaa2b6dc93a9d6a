"""Checks over registers and recordings at their edges: reviews, education, partners, leaks, destroyed recordings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.factories.extracts import frame, hits, run
from xiaobao.model import CheckStatus


@pytest.mark.parametrize(
    ("opinion_on", "launched_on", "hit"),
    [
        ("2026-03-10", "2026-03-10", False),
        ("2026-03-10", "2026-03-09", True),
        ("2026-03-10", "2026-03-11", False),
        (None, "2026-03-11", True),
        (None, None, False),
        ("2026-03-10", None, False),
    ],
)
def test_an_opinion_comes_before_the_launch(opinion_on: str | None, launched_on: str | None, hit: bool) -> None:
    record = {"opinion_on": opinion_on, "launched_on": launched_on}
    assert bool(hits("product_review.launched_before_opinion", record)) is hit


def test_what_was_refused_is_not_launched() -> None:
    refused = {"opinion": "不同意"}
    assert hits(
        "product_review.launched_against_opinion",
        refused,
        {**refused, "launched_on": None},
        {"opinion": "修改后同意"},
        {"opinion": None},
    ) == ["K0"]


def test_an_opinion_not_adopted_is_answered() -> None:
    check, partly = "product_review.opinion_ignored", {"adopted": "部分采纳"}
    assert hits(
        check,
        {"adopted": "全部采纳"},
        partly,
        {**partly, "not_adopted_reason": "与统一条款不一致"},
        {"adopted": "未采纳"},
        {"adopted": "无意见"},
    ) == ["K1", "K3"]
    assert run(check, frame("reviews", {"adopted": None})).status is CheckStatus.NO_DATA


def test_education_advertises_nothing() -> None:
    check = "education.product_advertised"
    assert hits(check, {"product_ad": True}, {"product_ad": False}, {"product_ad": None}) == ["K0"]
    assert "1 场未填" in run(check, frame("education", {}, {"product_ad": None})).note


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"admission_no": None}, True),
        ({"admission_no": None, "exited_on": "2026-07-05"}, False),
        ({"admission_no": None, "exited_on": "2026-07-06"}, True),
        ({}, False),
    ],
)
def test_a_partner_is_admitted_unless_it_has_left(record: dict[str, Any], hit: bool) -> None:
    """Judged on 5 July."""
    assert bool(hits("partners.not_admitted", record)) is hit


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"agreement_ends_on": "2026-07-05"}, False),
        ({"agreement_ends_on": "2026-07-04"}, True),
        ({"agreement_ends_on": "2026-07-04", "exited_on": "2026-07-05"}, False),
        ({"agreement_ends_on": None}, False),
    ],
)
def test_an_agreement_holds_to_its_last_day(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("partners.agreement_expired", record)) is hit


@pytest.mark.parametrize(
    ("record", "hit"),
    [
        ({"first_report_at": "2026-03-05 09:00"}, False),
        ({"first_report_at": "2026-03-05 09:01"}, True),
        ({"first_report_at": None}, True),
        ({"first_report_at": None, "record": "演练"}, False),
        ({"first_report_at": None, "kind": "系统中断"}, False),
    ],
)
def test_a_leak_is_reported_within_seventy_two_hours(record: dict[str, Any], hit: bool) -> None:
    assert bool(hits("emergencies.leak_reported_late", record)) is hit


@pytest.mark.parametrize(("as_of", "hit"), [(date(2026, 3, 4), False), (date(2026, 3, 5), True)])
def test_a_leak_not_reported_at_all_is_judged_at_the_end_of_the_day_of_the_inspection(as_of: date, hit: bool) -> None:
    record = {"known_at": "2026-03-02 09:00", "first_report_at": None}
    assert bool(hits("emergencies.leak_reported_late", record, as_of=as_of)) is hit


@pytest.mark.parametrize(
    ("check", "dataset", "record"),
    [
        ("product_review.launched_before_opinion", "reviews", {"opinion_on": None}),
        ("product_review.launched_against_opinion", "reviews", {"opinion": "不同意"}),
        ("product_review.opinion_ignored", "reviews", {"adopted": "未采纳"}),
        ("education.product_advertised", "education", {"product_ad": True}),
        ("partners.not_admitted", "partners", {"admission_no": None}),
        ("partners.agreement_expired", "partners", {"agreement_ends_on": "2026-01-01"}),
        ("emergencies.leak_reported_late", "major_events", {"first_report_at": None}),
    ],
)
def test_of_a_banks_register_a_unit_answers_for_its_own_rows(check: str, dataset: str, record: dict[str, Any]) -> None:
    """Registers stay whole: every unit's paper reads the same partition."""
    result = run(check, frame(dataset, {**record, "unit": "0999"}, {}))
    assert (result.population, result.hits) == (1, 0)
    assert run(check, frame(dataset, record)).hits == 1


_WEALTH = {"kind": "理财"}
_YEAR = {"kind": "保险", "insurance_years": "1"}
_LONG = {"kind": "保险", "insurance_years": "1.5"}


@pytest.mark.parametrize(
    ("record", "ended", "destroyed", "hit"),
    [
        (_WEALTH, "2021-03-03", "2026-03-02", False),
        (_WEALTH, "2024-03-01", "2026-02-01", False),
        (_WEALTH, "2026-01-31", "2026-02-01", False),
        (_WEALTH, "2026-02-01", "2026-02-01", True),
        (_WEALTH, None, "2026-01-31", False),
        (_WEALTH, None, "2026-03-02", True),
        (_YEAR, "2021-03-02", "2026-03-02", False),
        (_YEAR, "2021-03-03", "2026-01-15", True),
        (_LONG, "2016-03-03", "2026-03-02", False),
        (_LONG, "2017-10-31", "2026-03-02", False),
        (_LONG, "2017-11-01", "2026-03-02", True),
        (_LONG, "2021-03-02", "2026-03-02", True),
        (_WEALTH, "2025-03-02", None, False),
        (_YEAR, "2025-03-02", "2025-12-31", False),
        (_YEAR, "2026-03-02", "2026-07-01", False),
    ],
)
def test_a_recording_is_kept_five_years_and_ten_for_long_insurance(
    record: dict[str, Any], ended: str | None, destroyed: str | None, hit: bool
) -> None:
    """One year exactly is the shorter class; only what was destroyed in the period is judged.

    A contract that ended before the rule was in force is not held to it: 适当性办法 2026-02-01, 54号 2017-11-01.
    """
    given = {**record, "ended_on": ended, "destroyed_on": destroyed}
    assert bool(hits("records.recording_destroyed_early", given)) is hit


def test_wealth_recordings_destroyed_before_the_measures_are_counted_in_the_note() -> None:
    given = {"ended_on": "2025-01-01", "destroyed_on": "2026-02-02"}
    result = run("records.recording_destroyed_early", frame("recordings", given))
    assert (result.status, result.population) == (CheckStatus.CLEAR, 0)
    assert "1 行早于 2026-02-01，适当性办法尚未施行" in result.note


@pytest.mark.parametrize(
    ("ended", "destroyed", "hit"), [("2018-03-02", "2028-03-02", False), ("2018-03-03", "2028-03-02", True)]
)
def test_ten_years_of_long_insurance_to_the_day(ended: str, destroyed: str, hit: bool) -> None:
    given = {**_LONG, "ended_on": ended, "destroyed_on": destroyed}
    found = hits("records.recording_destroyed_early", given, period="2028H1", as_of=date(2028, 7, 5))
    assert bool(found) is hit


def test_insurance_of_unknown_length_is_not_judged_once_it_has_ended() -> None:
    given = {"kind": "保险", "ended_on": "2024-01-01", "destroyed_on": "2026-03-02"}
    assert run("records.recording_destroyed_early", frame("recordings", given)).status is CheckStatus.NO_DATA
