"""Recipes of what registers show: reviews, education, partners, events, and recordings destroyed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from xiaobao.demo.recipes import MIDDLE, ONE_DAY, PlantedFields, PlantMaker, Recipe
from xiaobao.demo.rows import at
from xiaobao.demo.sample_bank import UnitRecords, demo_as_of

_HIGHER = ("head_office", "branch")


def _destroyed(slot: int, days_early: int) -> PlantMaker:
    """A recording of a one-year policy destroyed so many days before five years were over."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        gone = desk.day(MIDDLE)
        ended = gone.replace(year=gone.year - 5) + days_early * ONE_DAY
        values = {"kind": "保险", "insurance_years": 1, "recorded_on": ended - 365 * ONE_DAY}
        number = desk.key("SL", 9000 + slot)
        return (
            PlantedFields(
                dataset="recordings",
                slot=slot,
                values={"recording_no": number, **values, "ended_on": ended, "destroyed_on": gone},
            ),
        )

    return make


def _review(slot: int, launched: int | None = 20, **values: Any) -> PlantMaker:
    """A review whose opinion came on the middle day, launched so many days later (negative: before)."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        day = desk.day(MIDDLE)
        started = "" if launched is None else day + launched * ONE_DAY
        return (
            PlantedFields(dataset="reviews", slot=slot, values={"opinion_on": day, "launched_on": started, **values}),
        )

    return make


def _activity(slot: int, **values: Any) -> PlantMaker:
    return lambda desk: (PlantedFields(dataset="education", slot=slot, values=values),)


def _partner(slot: int, days_left: int, **values: Any) -> PlantMaker:
    """A partner whose agreement ends so many days after the day the demo is judged on."""
    return lambda desk: (
        PlantedFields(
            dataset="partners",
            slot=slot,
            values={"agreement_ends_on": demo_as_of(desk.period) + days_left * ONE_DAY, **values},
        ),
    )


def _leak(slot: int, minutes_late: int) -> PlantMaker:
    """A leak first reported so many minutes after 72 hours."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        known = at(desk.day(MIDDLE), 9)
        reported = known + timedelta(hours=72, minutes=minutes_late)
        return (
            PlantedFields(
                dataset="major_events",
                slot=slot,
                values={"known_at": known, "confirmed_at": known, "first_report_at": reported},
            ),
        )

    return make


def _graded(slot: int, leaked: int) -> PlantMaker:
    """A leak of so many records, registered as 一般."""
    values = {"pboc_field": "是", "leaked": leaked, "grade": "一般"}
    return lambda desk: (PlantedFields(dataset="major_events", slot=slot, values=values),)


REGISTER_RECIPES = (
    Recipe(
        check_id="records.recording_destroyed_early",
        hit=_destroyed(330, 1),
        near=_destroyed(331, 0),
        businesses=("理财",),
    ),
    Recipe(check_id="product_review.launched_before_opinion", hit=_review(1, -1), near=_review(2, 0), levels=_HIGHER),
    Recipe(
        check_id="product_review.launched_against_opinion",
        hit=_review(3, opinion="不同意"),
        near=_review(4, None, opinion="不同意"),
        levels=_HIGHER,
    ),
    Recipe(
        check_id="product_review.opinion_ignored",
        hit=_review(5, adopted="部分采纳"),
        near=_review(6, adopted="部分采纳", not_adopted_reason="与总行统一条款不一致"),
        levels=_HIGHER,
    ),
    Recipe(
        check_id="education.product_advertised", hit=_activity(3, product_ad="是"), near=_activity(4, product_ad="否")
    ),
    Recipe(
        check_id="partners.not_admitted", hit=_partner(1, 300, admission_no=""), near=_partner(2, 300), levels=_HIGHER
    ),
    Recipe(check_id="partners.agreement_expired", hit=_partner(3, -1), near=_partner(4, 0), levels=_HIGHER),
    Recipe(
        check_id="emergencies.leak_reported_late",
        hit=_leak(1, 1),
        near=_leak(2, 0),
        levels=("head_office", "branch", "sub_branch"),
    ),
    Recipe(
        check_id="emergencies.graded_too_low",
        hit=_graded(3, 50_000),
        near=_graded(4, 49_999),
        levels=("head_office", "branch", "sub_branch"),
    ),
)
