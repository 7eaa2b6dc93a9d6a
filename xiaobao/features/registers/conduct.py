"""What the bank did: 消保审查, 培训 with its 花名册, 宣传活动, 案例分析."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from xiaobao.datasets.registers import AUDIENCES, REVIEW_KINDS
from xiaobao.features.registers.figures import (
    AttendanceFigures,
    CaseFigures,
    EducationFigures,
    ReviewFigures,
    RosterFigures,
    TrainingFigures,
)
from xiaobao.features.registers.row_values import Row, counts, day_value, text_value, total_value
from xiaobao.numbers import half_up, share

_EXPECTED = dict(zip(AUDIENCES, ("expected_senior", "expected_frontline", "expected_new"), strict=False))


def product_reviews(rows: Sequence[Row]) -> ReviewFigures:
    """Count 消保审查. Opinions of those that have one; adoption of those that state both numbers of remarks."""
    stated = [row for row in rows if row.get("remarks") is not None and row.get("remarks_adopted") is not None]
    remarks, adopted = (total_value(stated, name) or 0 for name in ("remarks", "remarks_adopted"))
    given = [row for row in rows if row.get("opinion") is not None]
    evaluated = [row for row in rows if row.get("evaluated_on") is not None]
    return ReviewFigures(
        total=len(rows),
        by_kind=counts((text_value(row, "kind") for row in rows), REVIEW_KINDS),
        by_opinion=counts((text_value(row, "opinion") for row in given), ("同意", "修改后同意", "不同意")),
        pending=len(rows) - len(given),
        remarks=remarks,
        adopted=adopted,
        adoption=share(adopted, remarks),
        by_adopted=counts(text_value(row, "adopted") for row in rows if row.get("adopted") is not None),
        launched=sum(row.get("launched_on") is not None for row in rows),
        early=tuple(sorted(text_value(row, "review_no") for row in rows if launched_early(row))),
        evaluated=len(evaluated),
        by_evaluation=counts(text_value(row, "evaluation") for row in evaluated if row.get("evaluation") is not None),
        delisted=sum(row.get("delisted_on") is not None for row in rows),
    )


def launched_early(row: Row) -> bool:
    """Tell whether something went out before its opinion was given, or without one (9号令第九条)."""
    launched, opinion = day_value(row, "launched_on"), day_value(row, "opinion_on")
    return launched is not None and (opinion is None or launched < opinion)


def training(rows: Sequence[Row], roster: Sequence[Row] | None) -> TrainingFigures:
    """Count 培训. Hours are None where no row states them; without a 花名册 nothing is said of who came."""
    extra = [row for row in rows if row.get("extra") is True]
    hours = [row["hours"] for row in rows if row.get("hours") is not None]
    return TrainingFigures(
        sessions=len(rows),
        by_form=counts(text_value(row, "form") for row in rows),
        hours=sum(hours, Decimal(0)) if hours else None,
        extra=len(extra),
        extra_posts=tuple(sorted({text_value(row, "post") for row in extra} - {""})),
        roster=None if roster is None else _roster(rows, roster),
    )


def _roster(sessions: Sequence[Row], roster: Sequence[Row]) -> RosterFigures:
    listed = {text_value(row, "training_no") for row in roster}
    by_number = {number: row for row in sessions if (number := text_value(row, "training_no")) in listed}
    scores = [row["score"] for row in roster if row.get("score") is not None]
    judged = [row for row in roster if row.get("passed") is not None]
    passed = sum(row["passed"] is True for row in judged)
    return RosterFigures(
        attended=len(roster),
        persons=len({text_value(row, "employee") for row in roster}),
        by_audience={name: _attendance(name, by_number, roster) for name in AUDIENCES},
        tested=len(scores),
        mean_score=half_up(sum(scores, Decimal(0)) / len(scores)) if scores else None,
        passed=passed,
        pass_rate=share(passed, len(judged)),
        unlisted=len(sessions) - len(by_number),
    )


def _attendance(audience: str, sessions: Mapping[str, Row], roster: Sequence[Row]) -> AttendanceFigures:
    """Compare who came with who should have, over the sessions that state how many should have."""
    came = [row for row in roster if row["audience"] == audience]
    column = _EXPECTED.get(audience, "")
    stating = {number for number, row in sessions.items() if row.get(column) is not None}
    expected = sum(int(sessions[number][column]) for number in stating) if stating else None
    compared = sum(text_value(row, "training_no") in stating for row in came)
    rate = share(compared, expected) if expected else None
    return AttendanceFigures(
        expected=expected, attended=len(came), persons=len({text_value(row, "employee") for row in came}), rate=rate
    )


def education(rows: Sequence[Row], units: Collection[str]) -> EducationFigures:
    """Count 宣传活动, a row that states `times` so often. `coverage`: which of `units` held any, percent."""

    def times(row: Row) -> int:
        stated = row.get("times")
        return 1 if stated is None else int(stated)

    def by(name: str) -> dict[str, int]:
        return counts(text_value(row, name) for row in rows for _ in range(times(row)))

    held = {text_value(row, "unit") for row in rows}
    return EducationFigures(
        activities=len(rows),
        times=sum(map(times, rows)),
        by_form=by("form"),
        by_audience=by("audience"),
        copies=total_value(rows, "copies"),
        people=total_value(rows, "people"),
        online_reach=total_value(rows, "online_reach"),
        units=len(held),
        coverage=share(len(held & set(units)), len(units)),
        with_ads=tuple(sorted(text_value(row, "activity_no") for row in rows if row.get("product_ad") is True)),
    )


def case_analyses(rows: Sequence[Row]) -> CaseFigures:
    """Count 案例分析 and those shared with staff; titles in the register's order."""
    shared = sum(row.get("shared") is True for row in rows)
    return CaseFigures(total=len(rows), shared=shared, titles=tuple(text_value(row, "title") for row in rows))
