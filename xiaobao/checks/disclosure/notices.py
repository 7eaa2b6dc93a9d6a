"""What is published: promotion materials and notices of outlets that close or move."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import NONE, SCOPE5, on
from xiaobao.checks.frame_columns import day, everything, filled, no, or_else, outcome, shown_day, sure, text, yes
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]
_NOTICE_DAYS = 30


@check(
    "disclosure.material_before_review",
    "宣传物料未经审查或先发布后审查",
    needs=("promotion_materials",),
    key="material_no",
    shown=("title", "kind", "published_on", "review_no", "reviewed_on"),
    bases=(on("9号令", "第九条", binds="发布物料的机构", start="发布之日", but=NONE),),
    day="published_on",
    relies_on=("review_no",),
    population="教育宣传以外的宣传物料；当日审查当日发布不算",
)
def material_before_review(extracts: Frames, context: CheckContext) -> Hits:
    materials = extracts["promotion_materials"]
    unreviewed = ~filled(materials, "review_no")
    late = sure(day(materials, "reviewed_on") > day(materials, "published_on"))
    return outcome(
        materials,
        text(materials, "kind") != "教育宣传",
        unreviewed | late,
        lambda row: (
            f"{shown_day(row['published_on'])} 发布，{shown_day(row['reviewed_on'])} 才审查"
            if shown_day(row.get("reviewed_on")) and row.get("review_no")
            else "发布的物料没有消保审查编号"
        ),
        unknown=~unreviewed & day(materials, "reviewed_on").isna(),
        unknown_note="{n} 件有审查编号而无审查日期，未作判断",
    )


@check(
    "disclosure.loan_material_without_annual_rate",
    "贷款宣传未明示年化利率",
    needs=("promotion_materials",),
    key="material_no",
    shown=("title", "published_on", "review_no"),
    bases=(
        on("9号令", "第二十二条", binds="发布物料的机构", start="发布之日", but=NONE),
        on("5号令", "第十六条", binds="发布物料的机构", start="发布之日", but=SCOPE5),
    ),
    day="published_on",
    businesses=("贷款",),
    relies_on=("annual_rate_shown",),
    population="贷款类宣传物料",
)
def loan_material_without_annual_rate(extracts: Frames, context: CheckContext) -> Hits:
    materials = extracts["promotion_materials"]
    shown, hidden = yes(materials, "annual_rate_shown"), no(materials, "annual_rate_shown")
    return outcome(
        materials,
        text(materials, "kind") == "贷款",
        hidden,
        "贷款宣传物料未明示年化利率",
        unknown=~(shown | hidden),
        unknown_note="{n} 件未填是否明示年化利率，未作判断",
    )


@check(
    "disclosure.closing_notice_short",
    "停业或迁址未提前 30 日公告",
    needs=("outlet_changes",),
    key="change_no",
    shown=("kind", "announced_on", "effective_on", "notice_places"),
    bases=(on("消保法实施条例", "第二十一条", binds="停业、迁址的网点", start="停业、迁址之日往前满 30 日", but=NONE),),
    day="effective_on",
    relies_on=("announced_on",),
    population="检查期内（2024-07-01 起）停业或迁址的网点；第 30 日前公告的不算，没有公告日期的算",
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
