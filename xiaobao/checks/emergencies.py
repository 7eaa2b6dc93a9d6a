"""重大事件与应急: leaks of personal financial information are reported within 72 hours."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.reading import Row, moment, outcome, own, sure, text
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]


_HOURS = 72


@check(
    "emergencies.leak_reported_late",
    "个人信息泄露 72 小时内未报告",
    needs=("major_events",),
    key="event_no",
    shown=("kind", "known_at", "grade", "first_report_at", "reported_to"),
    citations=(("5号令", "第三十四条"),),
    day="known_at",
    relies_on=("first_report_at",),
    population="本机构登记的个人信息泄露事件（演练除外）；未报告的算到检查基准日，满 72 小时当时报告不算；"
    "可能危及人身、财产安全的应当立即报告，须人工核实",
)
def leak_reported_late(extracts: Frames, context: CheckContext) -> Hits:
    events = own(extracts["major_events"], context)
    known, told = moment(events, "known_at"), moment(events, "first_report_at")
    until = told.fillna(pd.Timestamp(context.as_of) + pd.Timedelta(days=1))
    return outcome(
        events,
        (text(events, "kind") == "个人信息泄露") & (text(events, "record") == "事件"),
        sure(until - known > pd.Timedelta(hours=_HOURS)),
        _told,
    )


def _told(row: Row) -> str:
    known = f"{pd.Timestamp(row['known_at']):%Y-%m-%d %H:%M} 知悉，"
    told = row.get("first_report_at")
    return known + (
        "至检查基准日未报告" if told is None or pd.isna(told) else f"{pd.Timestamp(told):%Y-%m-%d %H:%M} 才首报"
    )
