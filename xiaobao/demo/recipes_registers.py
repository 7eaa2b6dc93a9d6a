"""Recipes of what registers show: reviews, education, partners, events, and recordings destroyed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from xiaobao.demo.bank import Desk, demo_as_of
from xiaobao.demo.recipes import MIDDLE, ONE, Change, Maker, Recipe
from xiaobao.demo.rows import at

_HIGHER = ("head_office", "branch")


def _destroyed(slot: int, days_early: int) -> Maker:
    """A recording of a one-year policy destroyed so many days before five years were over."""

    def make(desk: Desk) -> tuple[Change, ...]:
        gone = desk.day(MIDDLE)
        ended = gone.replace(year=gone.year - 5) + days_early * ONE
        values = {"kind": "保险", "insurance_years": 1, "recorded_on": ended - 365 * ONE}
        number = desk.key("SL", 9000 + slot)
        return (
            Change("recordings", slot, {"recording_no": number, **values, "ended_on": ended, "destroyed_on": gone}),
        )

    return make


def _review(slot: int, launched: int | None = 20, **values: Any) -> Maker:
    """A review whose opinion came on the middle day, launched so many days later (negative: before)."""

    def make(desk: Desk) -> tuple[Change, ...]:
        day = desk.day(MIDDLE)
        started = "" if launched is None else day + launched * ONE
        return (Change("reviews", slot, {"opinion_on": day, "launched_on": started, **values}),)

    return make


def _activity(slot: int, **values: Any) -> Maker:
    return lambda desk: (Change("education", slot, values),)


def _partner(slot: int, days_left: int, **values: Any) -> Maker:
    """A partner whose agreement ends so many days after the day the demo is judged on."""
    return lambda desk: (
        Change("partners", slot, {"agreement_ends_on": demo_as_of(desk.period) + days_left * ONE, **values}),
    )


def _leak(slot: int, minutes_late: int) -> Maker:
    """A leak first reported so many minutes after 72 hours."""

    def make(desk: Desk) -> tuple[Change, ...]:
        known = at(desk.day(MIDDLE), 9)
        told = known + timedelta(hours=72, minutes=minutes_late)
        return (Change("major_events", slot, {"known_at": known, "first_report_at": told}),)

    return make


REGISTERS = (
    Recipe("records.recording_destroyed_early", _destroyed(330, 1), _destroyed(331, 0), ("理财",)),
    Recipe("product_review.launched_before_opinion", _review(1, -1), _review(2, 0), levels=_HIGHER),
    Recipe(
        "product_review.launched_against_opinion",
        _review(3, opinion="不同意"),
        _review(4, None, opinion="不同意"),
        levels=_HIGHER,
    ),
    Recipe(
        "product_review.opinion_ignored",
        _review(5, adopted="部分采纳"),
        _review(6, adopted="部分采纳", not_adopted_reason="与总行统一条款不一致"),
        levels=_HIGHER,
    ),
    Recipe("education.product_advertised", _activity(3, product_ad="是"), _activity(4, product_ad="否")),
    Recipe("partners.not_admitted", _partner(1, 300, admission_no=""), _partner(2, 300), levels=_HIGHER),
    Recipe("partners.agreement_expired", _partner(3, -1), _partner(4, 0), levels=_HIGHER),
    Recipe("emergencies.leak_reported_late", _leak(1, 1), _leak(2, 0), levels=("head_office", "branch", "sub_branch")),
)
