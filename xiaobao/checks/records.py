"""资料留存: recordings are kept as long as the rules say after the contract ends."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import Governs, Proviso, on
from xiaobao.checks.frame_columns import day, exact, flags, or_else, outcome, shown_day, sure, text
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]


@check(
    "records.recording_destroyed_early",
    "双录未满保存期限即销毁",
    needs=("recordings",),
    key="recording_no",
    shown=("kind", "recorded_on", "insurance_years", "ended_on", "destroyed_on"),
    bases=(
        on(
            "适当性办法",
            "第十七条",
            binds="保存双录的机构",
            start="合同关系终止（5 年）",
            but=(Proviso(says="国务院金融管理部门另有规定的从其规定"),),
            governs=(Governs(column="kind", values=("理财",), says="保险双录按54号"),),
            days=("ended_on", "destroyed_on"),
        ),
        on(
            "54号",
            "第十三条",
            binds="保存双录的机构",
            start="保险合同终止（一年期以下 5 年，超过一年 10 年）",
            but=(Proviso(says="有纠纷的至少保存至纠纷结束后 2 年"),),
            governs=(Governs(column="kind", values=("保险",), says="只及保险双录"),),
            days=("ended_on", "destroyed_on"),
        ),
    ),
    day="destroyed_on",
    relies_on=("ended_on", "destroyed_on"),
    population="检查期内销毁的双录：保险期间超过 1 年的保存至合同终止后 10 年，其余 5 年；"
    "合同终止在所依据的规定施行以前的不用该规定（理财为适当性办法，2026-02-01）；合同尚未终止即销毁的也算；有纠纷的另有更长期限，须人工核实",
)
def recording_destroyed_early(extracts: Frames, context: CheckContext) -> Hits:
    recordings = extracts["recordings"]
    destroyed, ended = day(recordings, "destroyed_on"), day(recordings, "ended_on")
    start, end = pd.Timestamp(context.period.start), pd.Timestamp(context.period.end)
    insured = text(recordings, "kind") == "保险"
    years = exact(recordings, "insurance_years")
    long = insured & flags([span is not None and span > 1 for span in years], recordings)
    until = (ended + pd.DateOffset(years=5)).where(~long, ended + pd.DateOffset(years=10))
    return outcome(
        recordings,
        sure((destroyed >= start) & (destroyed <= end)),
        ended.isna() | sure(destroyed < until),
        lambda row: (
            or_else(row.get("ended_on"), "合同终止", "合同尚未终止") + f"，{shown_day(row['destroyed_on'])} 已销毁"
        ),
        unknown=insured & flags([span is None for span in years], recordings) & ended.notna(),
        unknown_note="{n} 件保险双录无保险期间，未作判断",
    )
