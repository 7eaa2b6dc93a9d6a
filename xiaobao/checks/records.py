"""资料留存: recordings are kept as long as the rules say after the contract ends."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.reading import counted, day, exact, flags, or_else, outcome, shown_day, since_new_rules, sure, text
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]


@check(
    "records.recording_destroyed_early",
    "双录未满保存期限即销毁",
    needs=("recordings",),
    key="recording_no",
    shown=("kind", "recorded_on", "insurance_years", "ended_on", "destroyed_on"),
    citations=(("适当性办法", "第十七条"), ("54号", "第十三条")),
    day="destroyed_on",
    relies_on=("ended_on", "destroyed_on"),
    population="检查期内销毁的双录：保险期间超过 1 年的保存至合同终止后 10 年，其余 5 年；"
    "理财双录 2026-02-01 起销毁的才按适当性办法判断；合同尚未终止即销毁的也算；有纠纷的另有更长期限，须人工核实",
)
def recording_destroyed_early(extracts: Frames, context: CheckContext) -> Hits:
    recordings = extracts["recordings"]
    destroyed, ended = day(recordings, "destroyed_on"), day(recordings, "ended_on")
    start, end = pd.Timestamp(context.period.start), pd.Timestamp(context.period.end)
    insured = text(recordings, "kind") == "保险"
    governed = insured | since_new_rules(destroyed)
    seen = sure((destroyed >= start) & (destroyed <= end))
    years = exact(recordings, "insurance_years")
    long = insured & flags([span is not None and span > 1 for span in years], recordings)
    until = (ended + pd.DateOffset(years=5)).where(~long, ended + pd.DateOffset(years=10))
    return outcome(
        recordings,
        seen & governed,
        ended.isna() | sure(destroyed < until),
        lambda row: (
            or_else(row.get("ended_on"), "合同终止", "合同尚未终止") + f"，{shown_day(row['destroyed_on'])} 已销毁"
        ),
        unknown=insured & flags([span is None for span in years], recordings) & ended.notna(),
        unknown_note="{n} 件保险双录无保险期间，未作判断",
        notes=(counted(seen & ~governed, "{n} 件理财双录早于 2026-02-01 销毁，适当性办法尚未施行，未纳入"),),
    )
