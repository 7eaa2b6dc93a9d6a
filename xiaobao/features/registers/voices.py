"""What consumers and outsiders say: 调解, 意见建议, 舆情, 问卷, 神秘人."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from xiaobao.features.registers.figures import (
    MediationFigures,
    MysteryFigures,
    OpinionFigures,
    QuestionFigures,
    SuggestionFigures,
    SurveyFigures,
    WaveFigures,
)
from xiaobao.features.registers.row_values import Row, counts, exact_ten_thousands, ten_thousands, text_value
from xiaobao.numbers import half_up, share

_RESULTS = ("达成协议", "未达成协议", "申请人撤回", "调解中")
_UNNAMED = "未填"


def mediation(rows: Sequence[Row]) -> MediationFigures:
    """Count 调解. 申请人撤回 and 调解中 are no failure: they stay out of the success rate."""
    by_result = counts((text_value(row, "result") for row in rows), _RESULTS)
    agreed = [row for row in rows if row["result"] == "达成协议"]
    return MediationFigures(
        total=len(rows),
        by_result=by_result,
        by_business=counts(text_value(row, "business_class") or _UNNAMED for row in rows),
        amount=exact_ten_thousands(sum((row["amount"] for row in rows), Decimal(0))),
        agreed_amount=ten_thousands(agreed, "agreed_amount"),
        success=share(len(agreed), len(agreed) + by_result["未达成协议"]),
        without_complaint=sum(not text_value(row, "complaint_no") for row in rows),
    )


def suggestions(rows: Sequence[Row]) -> SuggestionFigures:
    """Count 意见建议 by source; answered and adopted apart, one does not follow from the other."""
    answered = sum(row.get("answered_on") is not None for row in rows)
    by_source = counts(text_value(row, "source") for row in rows)
    return SuggestionFigures(
        total=len(rows), by_source=by_source, answered=answered, adopted=sum(row.get("adopted") is True for row in rows)
    )


def public_opinion(rows: Sequence[Row]) -> OpinionFigures:
    """Count 舆情 by tone, and by grade those that have one."""
    graded = [row for row in rows if row.get("grade") is not None]
    return OpinionFigures(
        total=len(rows),
        by_tone=counts((text_value(row, "tone") for row in rows), ("正面", "中性", "负面")),
        by_grade=counts(text_value(row, "grade") for row in graded),
        open=sum(row["tone"] == "负面" and row.get("closed_on") is None for row in rows),
    )


def surveys(rows: Sequence[Row]) -> tuple[SurveyFigures, ...]:
    """Return the 问卷 by number, their rows put together over units."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(text_value(row, "survey_no"), []).append(row)
    return tuple(_survey(number, grouped[number]) for number in sorted(grouped))


def _survey(number: str, rows: Sequence[Row]) -> SurveyFigures:
    questions: dict[str, list[Row]] = {}
    for row in rows:
        questions.setdefault(text_value(row, "question_no"), []).append(row)
    title = next((text_value(row, "survey") for row in rows if text_value(row, "survey")), number)
    people = {text_value(row, "response_no") for row in rows}
    units = {text_value(row, "unit") for row in rows}
    made = tuple(_question(key, questions[key]) for key in sorted(questions, key=_natural))
    return SurveyFigures(number=number, title=title, respondents=len(people), units=len(units), questions=made)


def _natural(number: str) -> tuple[int, str]:
    return (len(number), number)


def _question(number: str, rows: Sequence[Row]) -> QuestionFigures:
    kind = text_value(rows[0], "question_kind") or "单选"
    parts = [[text_value(row, "answer")] if kind != "多选" else text_value(row, "answer").split("、") for row in rows]
    given = () if kind == "简答" else (part.strip() for answer in parts for part in answer if part.strip())
    numbers = [value for row in rows if kind == "评分" and (value := _number(text_value(row, "answer"))) is not None]
    mean = half_up(sum(numbers, Decimal(0)) / len(numbers)) if numbers else None
    return QuestionFigures(
        number=number,
        text=text_value(rows[0], "question"),
        kind=kind,
        answered=len(rows),
        answers=counts(given),
        mean=mean,
    )


def _number(answer: str) -> Decimal | None:
    try:
        value = Decimal(answer)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def mystery_visits(rows: Sequence[Row]) -> MysteryFigures:
    """Count 神秘人 visits by wave. Points are those after the dispute where there was one; 复核中 keeps the first."""
    waves: dict[str, list[Row]] = {}
    for row in rows:
        waves.setdefault(text_value(row, "wave") or _UNNAMED, []).append(row)
    disputed = [row for row in rows if row.get("disputed_on") is not None]
    return MysteryFigures(
        visits=len({text_value(row, "visit_no") for row in rows}),
        units=len({text_value(row, "unit") for row in rows}),
        waves={wave: _wave(waves[wave]) for wave in sorted(waves)},
        rate=_rate(rows),
        vendors=tuple(sorted({text_value(row, "vendor") for row in rows} - {""})),
        lost_items=counts(text_value(row, "item") for row in rows if _won(row) < row["possible"]),
        disputed=len(disputed),
        by_dispute=counts(
            (text_value(row, "dispute_result") or "复核中" for row in disputed), ("维持", "更正", "复核中")
        ),
    )


def _wave(rows: Sequence[Row]) -> WaveFigures:
    return WaveFigures(
        visits=len({text_value(r, "visit_no") for r in rows}),
        units=len({text_value(r, "unit") for r in rows}),
        rate=_rate(rows),
    )


def _won(row: Row) -> Decimal:
    """Return the points that stand: those of the review where it corrected them."""
    reviewed = row.get("reviewed_score")
    return row["score"] if reviewed is None else reviewed


def _rate(rows: Sequence[Row]) -> Decimal | None:
    return share(sum(map(_won, rows), Decimal(0)), sum((row["possible"] for row in rows), Decimal(0)))
