"""同一产品和服务短时间内多人次投诉 raises an alarm; major events show which of their reports came late."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.factories.extracts import frame
from tests.factories.registers import figures
from xiaobao.features.registers.events import clusters
from xiaobao.settings import Alarms, ReportHours

START = date(2026, 3, 1)


def found(*rows: dict[str, Any], days: int = 7, people: int = 3) -> list[tuple[str, str, int, int]]:
    """Return (product, unit, people, complaints) of each cluster."""
    records = [{"customer": f"C-{number}", **row} for number, row in enumerate(rows)]
    made = clusters(frame("complaints", *records), Alarms(cluster_days=days, cluster_people=people))
    return [(one.product, one.unit, one.people, len(one.complaints)) for one in made]


def on(offset: int, **more: Any) -> dict[str, Any]:
    return {"received_on": START + timedelta(days=offset), "product": "青禾稳盈", **more}


def test_the_window_closes_on_its_last_day_and_not_one_later() -> None:
    assert found(on(0), on(3), on(6)) == [("青禾稳盈", "", 3, 3)]
    assert found(on(0), on(3), on(7)) == []


def test_one_customer_who_complains_again_is_no_crowd_but_strangers_without_a_number_are() -> None:
    assert found(*(on(0, customer="C-x") for _ in range(5))) == []
    assert found(*(on(0, customer=None) for _ in range(3))) == [("青禾稳盈", "", 3, 3)]


def test_a_named_product_counts_over_the_bank_a_mere_class_within_one_unit() -> None:
    apart = [{"unit": f"010{number}"} for number in range(3)]
    assert found(*(on(0, **unit) for unit in apart)) == [("青禾稳盈", "", 3, 3)]
    classed = {"product": None, "business_class": "银行卡", "business_subclass": "借记卡收费"}
    assert found(*(on(0, **classed, **unit) for unit in apart)) == []
    assert found(*(on(0, **classed) for _ in range(3))) == [("借记卡收费", "0101", 3, 3)]


def test_consultations_and_rows_without_any_class_belong_to_none() -> None:
    assert found(on(0), on(0), on(0, nature="咨询")) == []
    assert found(*(on(0, product=None, business_class=None) for _ in range(5))) == []


def test_overlapping_windows_are_one_cluster_and_two_waves_are_two() -> None:
    steady = [on(day) for day in range(0, 20, 2)]
    assert found(*steady) == [("青禾稳盈", "", 10, 10)]
    assert found(on(0), on(1), on(2), on(40), on(41), on(42), on(43)) == [
        ("青禾稳盈", "", 4, 4),
        ("青禾稳盈", "", 3, 3),
    ]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6)), max_size=40), st.integers(1, 10), st.integers(2, 5))
def test_an_alarm_is_raised_exactly_when_some_window_holds_enough_people(
    rows: list[tuple[int, int]], days: int, people: int
) -> None:
    made = found(*(on(day, customer=f"C-{who}") for day, who in rows), days=days, people=people)
    windows = ({who for day, who in rows if first <= day < first + days} for first in range(41))
    assert bool(made) == any(len(window) >= people for window in windows)
    assert sum(size for *_, size in made) <= len(rows)
    assert all(crowd >= people for _, _, crowd, _ in made)
    assert max(Counter(name for name, *_ in made).values(), default=0) <= len(rows)


def test_reports_are_judged_by_the_banks_hours_and_not_judged_where_none_are_set(tmp_path: Path) -> None:
    rows = [
        {"known_at": "2026-03-01 09:00:00", "first_report_at": "2026-03-02 09:00:00"},
        {"known_at": "2026-03-01 09:00:00", "first_report_at": "2026-03-02 09:00:01"},
        {"known_at": "2026-03-03 09:00:00", "grade": "重大", "final_report_at": "2026-04-01 09:00:00"},
        {"record": "演练"},
    ]
    hours = ReportHours(first=2, final=48)
    made = figures(tmp_path, {"major_events": rows}, by_grade={"重大": hours}).major_events
    assert made is not None
    assert (made.total, made.drills, made.late) == (3, 1, ("N001", "N002"))
    first, _, last = made.events[2].reports
    assert (first.due, first.made, first.late) == (datetime(2026, 3, 3, 11), None, True)
    assert last.late is True
    assert [report.late for report in made.events[0].reports] == [False, None, None]


def test_the_settings_are_printed_beside_the_figures(tmp_path: Path) -> None:
    made = figures(tmp_path, {"case_analyses": [{}]}, cluster_days=10, cluster_people=8)
    assert made.settings["集中投诉预警"] == "10 日内 8 人以上就同一产品或服务投诉"
    assert made.settings["首报时限"] == "知悉后 24 小时（本行设定）"
    assert made.settings["终报时限"] == "未设定，不判断"
