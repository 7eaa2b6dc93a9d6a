"""网点服务: outlets that close or move say so in time."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.reading import day, everything, or_else, outcome, shown_day, sure
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]
_NOTICE_DAYS = 30


@check(
    "outlet_service.closing_notice_short",
    "停业或迁址未提前 30 日公告",
    needs=("outlet_changes",),
    key="change_no",
    shown=("kind", "announced_on", "effective_on", "notice_places"),
    citations=(("消保法实施条例", "第二十一条"),),
    day="effective_on",
    relies_on=("announced_on",),
    population="检查期内停业或迁址的网点；第 30 日前公告的不算，没有公告日期的算",
)
def closing_notice_short(extracts: Frames, context: CheckContext) -> Hits:
    changes = extracts["outlet_changes"]
    announced, effective = day(changes, "announced_on"), day(changes, "effective_on")
    return outcome(
        changes,
        everything(changes),
        announced.isna() | sure(effective - announced < pd.Timedelta(days=_NOTICE_DAYS)),
        lambda row: (
            f"{shown_day(row['effective_on'])} {row['kind']}，"
            + or_else(row.get("announced_on"), "才公告", "没有公告日期")
        ),
    )
