"""How the bank is set up for its consumers: 制度, 会议, 消保岗位, 经费, 合作机构, 工作计划."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from xiaobao.datasets.registers import POLICY_KINDS
from xiaobao.features.registers.figures import (
    BudgetFigures,
    MeetingFigures,
    Money,
    PartnerFigures,
    PlanFigures,
    PlanLine,
    PolicyFigures,
    PolicyLine,
    PostFigures,
)
from xiaobao.features.registers.row_values import (
    Row,
    counts,
    day_value,
    exact_ten_thousands,
    ten_thousands,
    text_value,
    total_value,
)
from xiaobao.model import Period
from xiaobao.numbers import share

_CHANGES = ("新订", "修订", "废止")
PLAN_STATES = ("按期完成", "逾期完成", "逾期未完成", "未到期")


def policies(rows: Sequence[Row], period: Period) -> PolicyFigures:
    """In force: issued by the period's end, neither repealed by then nor entered as 废止."""
    force = [row for row in rows if _held(row, "effective_on", "repealed_on", period.end) and row["change"] != "废止"]
    force = [row for row in force if _by(row, "issued_on", period.end)]
    lines = sorted(
        (
            PolicyLine(
                title=text_value(row, "title"),
                number=text_value(row, "number"),
                kind=text_value(row, "kind"),
                change=text_value(row, "change"),
                issued_on=when,
            )
            for row in rows
            if (when := _acted_on(row)) is not None and when in period
        ),
        key=lambda line: (line.issued_on, line.title),
    )
    by_kind = counts((text_value(row, "kind") for row in force), POLICY_KINDS)
    return PolicyFigures(
        in_force=len(force),
        by_kind=by_kind,
        issued=tuple(lines),
        changes=counts((line.change for line in lines), _CHANGES),
        uncovered=tuple(kind for kind in POLICY_KINDS if kind != "其他" and not by_kind[kind]),
    )


def _acted_on(row: Row) -> date | None:
    """Return the day that a policy was made, or ended where the entry is of its end."""
    return (
        day_value(row, "repealed_on") or day_value(row, "issued_on")
        if row["change"] == "废止"
        else day_value(row, "issued_on")
    )


def _by(row: Row, name: str, end: date) -> bool:
    when = day_value(row, name)
    return when is not None and when <= end


def _held(row: Row, start: str, stop: str, end: date) -> bool:
    """Tell whether what began (an empty day: long ago) had not stopped at `end`."""
    begun, stopped = day_value(row, start), day_value(row, stop)
    return (begun is None or begun <= end) and (stopped is None or stopped > end)


def meetings(rows: Sequence[Row]) -> MeetingFigures:
    """Count 会议 by kind with their days; `open` are resolutions 落实中 or 未落实."""
    days: dict[str, list[date]] = {}
    for row in rows:
        days.setdefault(text_value(row, "kind"), []).append(row["held_on"].date())
    return MeetingFigures(
        total=len(rows),
        by_kind=counts(text_value(row, "kind") for row in rows),
        topics=total_value(rows, "topic_count"),
        days={kind: tuple(sorted(found)) for kind, found in sorted(days.items())},
        open=sum(row.get("follow_up") in {"落实中", "未落实"} for row in rows),
    )


def posts(rows: Sequence[Row], period: Period, units: Collection[str]) -> PostFigures:
    """Count people in 消保岗位 on the period's last day, each once; who is both 专职 and 兼职 is 兼职."""
    held = [row for row in rows if _held(row, "from_date", "to_date", period.end)]
    manner = {
        text_value(row, "employee"): text_value(row, "manner")
        for row in sorted(held, key=lambda row: text_value(row, "manner"))
    }
    staffed = {text_value(row, "unit") for row in held}
    coverage = share(len(staffed & set(units)), len(units))
    return PostFigures(
        people=len(manner), by_manner=counts(manner.values(), ("专职", "兼职")), units=len(staffed), coverage=coverage
    )


def budget(rows: Sequence[Row]) -> BudgetFigures:
    """Add up 经费 in 万元; the rate is of the rows that state what was spent, so that silence is no saving."""
    kinds = counts(text_value(row, "kind") for row in rows)
    stated = [row for row in rows if row.get("spent") is not None]
    planned = sum((row["planned"] for row in stated), Decimal(0))
    return BudgetFigures(
        total=_money(rows),
        by_kind={kind: _money([row for row in rows if row["kind"] == kind]) for kind in sorted(kinds)},
        rate=share(sum((row["spent"] for row in stated), Decimal(0)), planned),
        unstated=len(rows) - len(stated),
    )


def _money(rows: Sequence[Row]) -> Money:
    planned = exact_ten_thousands(sum((row["planned"] for row in rows), Decimal(0)))
    return Money(planned, ten_thousands(rows, "spent"))


def partners(rows: Sequence[Row], period: Period) -> PartnerFigures:
    """Count 合作机构 in force on the period's last day; an agreement that ends on that very day has not expired."""
    force = [row for row in rows if _held(row, "admitted_on", "exited_on", period.end)]

    def numbers(chosen: Sequence[Row]) -> tuple[str, ...]:
        return tuple(sorted(text_value(row, "partner_no") for row in chosen))

    evaluated = [row for row in rows if (when := day_value(row, "evaluated_on")) is not None and when in period]
    ended = [(row, day_value(row, "agreement_ends_on")) for row in force]
    return PartnerFigures(
        in_force=len(force),
        by_kind=counts(text_value(row, "kind") for row in force),
        admitted=_within(rows, "admitted_on", period),
        exited=_within(rows, "exited_on", period),
        evaluated=len(evaluated),
        by_evaluation=counts(
            (text_value(row, "evaluation") or "未填" for row in evaluated), ("优秀", "合格", "不合格")
        ),
        unfit=numbers([row for row in force if row.get("evaluation") == "不合格"]),
        without_admission=numbers([row for row in force if not text_value(row, "admission_no")]),
        expired=numbers([row for row, when in ended if when is not None and when < period.end]),
    )


def _within(rows: Sequence[Row], name: str, period: Period) -> int:
    return sum((when := day_value(row, name)) is not None and when in period for row in rows)


def work_plan(rows: Sequence[Row], as_of: date) -> PlanFigures:
    """Count tasks by state as of `as_of`, sorted by due day; what was done after that day is not known yet."""
    tasks = tuple(sorted((_task(row, as_of) for row in rows), key=lambda line: (line.due_on, line.number)))
    counted = counts((line.state for line in tasks), PLAN_STATES)
    done = counted["按期完成"] + counted["逾期完成"]
    unproved = tuple(line.number for line in tasks if line.done_on is not None and not line.evidence)
    return PlanFigures(
        total=len(tasks),
        by_state=counted,
        rate=share(done, done + counted["逾期未完成"]),
        without_evidence=unproved,
        tasks=tasks,
    )


def _task(row: Row, as_of: date) -> PlanLine:
    due, done = row["due_on"].date(), day_value(row, "done_on")
    if done is not None and done > as_of:
        done = None
    if done is not None:
        state = "按期完成" if done <= due else "逾期完成"
    else:
        state = "逾期未完成" if as_of > due else "未到期"
    return PlanLine(
        number=text_value(row, "task_no"),
        unit=text_value(row, "unit"),
        department=text_value(row, "department"),
        task=text_value(row, "task"),
        due_on=due,
        done_on=done,
        evidence=text_value(row, "evidence"),
        progress=text_value(row, "progress"),
        state=state,
    )
