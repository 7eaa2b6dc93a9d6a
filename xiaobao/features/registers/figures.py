"""The figures of each register, as values. Counts are counted from rows; shares are half-up percent with a stated base.

A figure that the data do not give is None: 无数据 where the register was not delivered, “—” on a zero base. Amounts are
万元, exact: nothing is rounded, so that a sum of them is exact too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from xiaobao.numbers import HUNDRED, half_up

Counts = Mapping[str, int]


def change(now: Decimal | int | None, before: Decimal | int | None, places: int = 2) -> Decimal | None:
    """Return the change from `before` to `now` in percent; None on a zero or missing base."""
    if now is None or not before:
        return None
    return half_up(HUNDRED * (Decimal(now) - Decimal(before)) / Decimal(before), places)


@dataclass(frozen=True, kw_only=True)
class PolicyLine:
    """One 制度 made, changed or ended in the period; for 废止 `issued_on` is the day it ended."""

    title: str
    number: str
    kind: str
    change: str
    issued_on: date


@dataclass(frozen=True, kw_only=True)
class PolicyFigures:
    """制度. `in_force` at the period's end; `issued` those of the period, by `change`; `uncovered` kinds have none."""

    in_force: int
    by_kind: Counts
    issued: tuple[PolicyLine, ...]
    changes: Counts
    uncovered: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MeetingFigures:
    """会议 of the period. `topics` is None where no row states its number; `open`: resolutions not carried out yet."""

    total: int
    by_kind: Counts
    topics: int | None
    days: Mapping[str, tuple[date, ...]]
    open: int


@dataclass(frozen=True, kw_only=True)
class PostFigures:
    """消保岗位 held at the period's end. `units` have somebody; `coverage` is of the units asked about."""

    people: int
    by_manner: Counts
    units: int
    coverage: Decimal | None


@dataclass(frozen=True)
class Money:
    """Planned and spent, 万元. `spent` is None where no row of the kind states it."""

    planned: Decimal
    spent: Decimal | None


@dataclass(frozen=True, kw_only=True)
class BudgetFigures:
    """经费. `rate` is spent ÷ planned of rows that state both, percent; `unstated` rows say nothing of spending."""

    total: Money
    by_kind: Mapping[str, Money]
    rate: Decimal | None
    unstated: int


@dataclass(frozen=True, kw_only=True)
class ReviewFigures:
    """消保审查 submitted in the period. `adoption` is remarks adopted ÷ remarks made, of rows that state both.

    `early` were launched before their opinion or without one: review numbers. `evaluated` had an after-sale evaluation.
    """

    total: int
    by_kind: Counts
    by_opinion: Counts
    pending: int
    remarks: int
    adopted: int
    adoption: Decimal | None
    by_adopted: Counts
    launched: int
    early: tuple[str, ...]
    evaluated: int
    by_evaluation: Counts
    delisted: int


@dataclass(frozen=True, kw_only=True)
class AttendanceFigures:
    """One audience of the trainings: expected and attended person-times, persons once each. `rate` in percent."""

    expected: int | None
    attended: int
    persons: int
    rate: Decimal | None


@dataclass(frozen=True, kw_only=True)
class RosterFigures:
    """培训花名册. An audience's `rate` compares sessions that have a roster and state the number expected.

    Scores are of those tested. `unlisted` sessions have no roster: nothing is said of them.
    """

    attended: int
    persons: int
    by_audience: Mapping[str, AttendanceFigures]
    tested: int
    mean_score: Decimal | None
    passed: int
    pass_rate: Decimal | None
    unlisted: int


@dataclass(frozen=True, kw_only=True)
class TrainingFigures:
    """培训 held in the period; `extra` for posts with many complaints. `roster` is None without a 花名册."""

    sessions: int
    by_form: Counts
    hours: Decimal | None
    extra: int
    extra_posts: tuple[str, ...]
    roster: RosterFigures | None


@dataclass(frozen=True, kw_only=True)
class EducationFigures:
    """宣传活动. `times` counts a row without a number once. None: no row states it. `with_ads` are activity numbers."""

    activities: int
    times: int
    by_form: Counts
    by_audience: Counts
    copies: int | None
    people: int | None
    online_reach: int | None
    units: int
    coverage: Decimal | None
    with_ads: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MediationFigures:
    """调解 asked for in the period. `success` is agreed ÷ (agreed + not agreed), percent. Amounts in 万元, exact."""

    total: int
    by_result: Counts
    by_business: Counts
    amount: Decimal
    agreed_amount: Decimal | None
    success: Decimal | None
    without_complaint: int


@dataclass(frozen=True, kw_only=True)
class QuestionFigures:
    """One question: how many answered it, each answer's count (题型 简答 has none), mean of a 评分."""

    number: str
    text: str
    kind: str
    answered: int
    answers: Counts
    mean: Decimal | None


@dataclass(frozen=True, kw_only=True)
class SurveyFigures:
    """One 问卷: `respondents` counts response numbers once each, `units` where they were."""

    number: str
    title: str
    respondents: int
    units: int
    questions: tuple[QuestionFigures, ...]


@dataclass(frozen=True, kw_only=True)
class WaveFigures:
    """One wave of 神秘人 visits. `rate` is points won ÷ points possible after review, percent."""

    visits: int
    units: int
    rate: Decimal | None


@dataclass(frozen=True, kw_only=True)
class MysteryFigures:
    """神秘人 visits. `rate` is points won ÷ possible, percent; `lost_items`: how often an item lost points."""

    visits: int
    units: int
    waves: Mapping[str, WaveFigures]
    rate: Decimal | None
    vendors: tuple[str, ...]
    lost_items: Counts
    disputed: int
    by_dispute: Counts


@dataclass(frozen=True, kw_only=True)
class PartnerFigures:
    """合作机构. `without_admission`, `unfit` (不合格, still there), `expired` agreements: partner numbers in force."""

    in_force: int
    by_kind: Counts
    admitted: int
    exited: int
    evaluated: int
    by_evaluation: Counts
    unfit: tuple[str, ...]
    without_admission: tuple[str, ...]
    expired: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReportTime:
    """One report of an event: when due by the bank's setting (None: none set), when made. `late` None: not judged."""

    name: str
    due: datetime | None
    made: datetime | None
    late: bool | None


@dataclass(frozen=True, kw_only=True)
class EventLine:
    """One 重大事件 with each report it called for."""

    number: str
    unit: str
    kind: str
    grade: str
    known_at: datetime
    reports: tuple[ReportTime, ...]

    @property
    def late(self) -> bool:
        """Whether a report came after its time or is still out; one that could not be judged does not count."""
        return any(report.late for report in self.reports)


@dataclass(frozen=True, kw_only=True)
class EventFigures:
    """重大事件. `events` without drills; `late` have a report that came after its time or is still out."""

    total: int
    by_kind: Counts
    by_grade: Counts
    drills: int
    events: tuple[EventLine, ...]
    late: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SuggestionFigures:
    """意见建议 of the period; `answered` have a day of answer, `adopted` say 是."""

    total: int
    by_source: Counts
    answered: int
    adopted: int


@dataclass(frozen=True, kw_only=True)
class OpinionFigures:
    """舆情. `open` negative ones have no closing date."""

    total: int
    by_tone: Counts
    by_grade: Counts
    open: int


@dataclass(frozen=True, kw_only=True)
class CaseFigures:
    """案例分析: all, those shared with staff, and every title."""

    total: int
    shared: int
    titles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """One task beside what was done. `state`: 按期完成, 逾期完成, 逾期未完成 or 未到期."""

    number: str
    unit: str
    department: str
    task: str
    due_on: date
    done_on: date | None
    evidence: str
    progress: str
    state: str


@dataclass(frozen=True, kw_only=True)
class PlanFigures:
    """工作计划 as of the day asked. `rate` is done ÷ due by that day (early ones included), percent."""

    total: int
    by_state: Counts
    rate: Decimal | None
    without_evidence: tuple[str, ...]
    tasks: tuple[PlanLine, ...]


@dataclass(frozen=True, kw_only=True)
class RegisterFigures:
    """Figures of all registers of one period. A register is None when it was not delivered: say 无数据, never 0.

    `missing` lists the Chinese titles of those. `last_year` holds the same figures of the same period a year before,
    where any register of it was delivered; `change` compares two of them. `lacking`: register → columns that it was
    delivered without; what needs them is 无数据 (`lacking.py`).
    """

    period: str
    as_of: date
    missing: tuple[str, ...] = ()
    policies: PolicyFigures | None = None
    meetings: MeetingFigures | None = None
    posts: PostFigures | None = None
    budget: BudgetFigures | None = None
    reviews: ReviewFigures | None = None
    training: TrainingFigures | None = None
    education: EducationFigures | None = None
    mediation: MediationFigures | None = None
    surveys: tuple[SurveyFigures, ...] | None = None
    mystery_visits: MysteryFigures | None = None
    partners: PartnerFigures | None = None
    major_events: EventFigures | None = None
    suggestions: SuggestionFigures | None = None
    public_opinion: OpinionFigures | None = None
    case_analyses: CaseFigures | None = None
    work_plan: PlanFigures | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    last_year: RegisterFigures | None = None
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
