"""重大事件 with their report times, and the cluster alarm over complaints (同一产品和服务短时间内多人次投诉).

No regulation that we hold states the hours: 9号令第五十条 and 5号令第二十六条 say 及时 and 按规定. The times are
therefore the bank's own settings, and a report without a set time is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from xiaobao.features.registers.figures import EventFigures, EventLine, ReportTime
from xiaobao.features.registers.row_values import Row, counts, rows_of, text_value
from xiaobao.settings import Alarms

EVENT_REPORTS = {"首报": "first_report_at", "续报": "further_report_at", "终报": "final_report_at"}
_NATURES = {"", "投诉"}


def major_events(rows: Sequence[Row], alarms: Alarms, now: datetime) -> EventFigures:
    """Return events and drills; `now` (naive Beijing time) decides whether a report that is still out is late."""
    found = [row for row in rows if row["record"] == "事件"]
    lines = tuple(sorted((_line(row, alarms, now) for row in found), key=lambda line: (line.known_at, line.number)))
    return EventFigures(
        total=len(lines),
        by_kind=counts(line.kind for line in lines),
        by_grade=counts(line.grade for line in lines if line.grade),
        drills=len(rows) - len(found),
        events=lines,
        late=tuple(line.number for line in lines if line.late),
    )


def _line(row: Row, alarms: Alarms, now: datetime) -> EventLine:
    known, grade = row["known_at"], text_value(row, "grade")
    hours = alarms.report_hours(grade)
    reports = tuple(_report(name, row.get(column), known, hours[name], now) for name, column in EVENT_REPORTS.items())
    return EventLine(
        number=text_value(row, "event_no"),
        unit=text_value(row, "unit"),
        kind=text_value(row, "kind"),
        grade=grade,
        known_at=known,
        reports=reports,
    )


def _report(name: str, made: datetime | None, known: datetime, hours: int | None, now: datetime) -> ReportTime:
    if hours is None:
        return ReportTime(name=name, due=None, made=made, late=None)
    due = known + timedelta(hours=hours)
    return ReportTime(name=name, due=due, made=made, late=(made or now) > due)


@dataclass(frozen=True, kw_only=True)
class ComplaintCluster:
    """大量集中投诉 of one product: so many `people` from the first day to the last of windows that overlap.

    `unit` is empty where the product is named and counts over the whole bank; a mere class counts within one unit.
    """

    product: str
    unit: str
    first: date
    last: date
    people: int
    complaints: tuple[str, ...]


def clusters(complaints: pd.DataFrame, alarms: Alarms) -> tuple[ComplaintCluster, ...]:
    """Return the clusters of a ledger (columns complaint_no, unit, received_on, and as far as there: nature, customer,

    product, business_class, business_subclass), worst first. One customer counts once; rows without a customer count
    each. A row that names neither product nor class belongs to none.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows_of(complaints):
        if text_value(row, "nature") in _NATURES and row.get("received_on") is not None and (key := _key(row)):
            groups.setdefault(key, []).append(row)
    found = [cluster for key, rows in groups.items() for cluster in _in_group(key, rows, alarms)]
    return tuple(sorted(found, key=lambda one: (-one.people, one.first, one.product, one.unit)))


def _key(row: Row) -> tuple[str, str] | None:
    product = " ".join(text_value(row, "product").split())
    if product:
        return (product, "")
    kind = text_value(row, "business_subclass") or text_value(row, "business_class")
    return (kind, text_value(row, "unit")) if kind else None


def _in_group(key: tuple[str, str], rows: Iterable[Row], alarms: Alarms) -> Iterable[ComplaintCluster]:
    ordered = sorted(rows, key=lambda row: (row["received_on"], text_value(row, "complaint_no")))
    window = timedelta(days=alarms.cluster_days - 1)
    alarmed: list[tuple[int, int]] = []
    seen: dict[str, int] = {}
    start = 0
    for end, row in enumerate(ordered):
        seen[_person(row)] = seen.get(_person(row), 0) + 1
        while row["received_on"] - ordered[start]["received_on"] > window:
            left = _person(ordered[start])
            seen[left] -= 1
            if not seen[left]:
                del seen[left]
            start += 1
        if len(seen) >= alarms.cluster_people:
            if alarmed and start <= alarmed[-1][1]:
                alarmed[-1] = (alarmed[-1][0], end)
            else:
                alarmed.append((start, end))
    for first, last in alarmed:
        yield _cluster(key, ordered[first : last + 1])


def _person(row: Row) -> str:
    return text_value(row, "customer") or f"#{text_value(row, 'complaint_no')}"


def _cluster(key: tuple[str, str], rows: Sequence[Row]) -> ComplaintCluster:
    numbers = tuple(text_value(row, "complaint_no") for row in rows)
    people = len({_person(row) for row in rows})
    first, last = (rows[place]["received_on"].date() for place in (0, -1))
    return ComplaintCluster(product=key[0], unit=key[1], first=first, last=last, people=people, complaints=numbers)


def alarm_settings(alarms: Alarms) -> Mapping[str, str]:
    """Return the settings as they are printed beside the figures."""
    every = alarms.report_hours("").items()
    hours = {name: "按级别设定" if alarms.by_grade else _hours(value) for name, value in every}
    cluster = f"{alarms.cluster_days} 日内 {alarms.cluster_people} 人以上就同一产品或服务投诉"
    return {"集中投诉预警": cluster, **{f"{name}时限": value for name, value in hours.items()}}


def _hours(hours: int | None) -> str:
    return "未设定，不判断" if hours is None else f"知悉后 {hours} 小时（本行设定）"
