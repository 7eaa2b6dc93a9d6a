"""Risk assessments: how often, on whose device, and whether a change of level was the customer's own."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import NONE, on
from xiaobao.checks.frame_columns import (
    SUITABILITY_RULES_FROM,
    Row,
    day,
    everything,
    filled,
    first_of_each,
    no,
    outcome,
    sure,
    whole,
    yes,
)
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]
_ASSESSMENT_FACTS = ("assessed_at", "level", "device", "teller", "channel")


def _over_limit(assessments: pd.DataFrame, column: str, limit: int, words: str, note: str = "") -> Hits:
    count = whole(assessments, column)
    return outcome(
        assessments,
        everything(assessments),
        sure(count > limit),
        lambda row: f"{words}第 {row[column]} 次测评，上限 {limit} 次" + _across(row, column, note),
        unknown=count.isna(),
        unknown_note="{n} 次测评未能统计次数，未作判断",
        notes=(note if len(assessments) else "",),
    )


def _across(row: Row, column: str, note: str) -> str:
    """Say in the lead that the window of twelve months began before the Measures did."""
    began = pd.Timestamp(row["assessed_at"]) - pd.DateOffset(months=12)
    return f"；{note}" if note and began < pd.Timestamp(SUITABILITY_RULES_FROM) else ""


@check(
    "suitability.assessments_per_day",
    "单日测评超过 2 次",
    needs=("risk_assessments",),
    key="assessment_no",
    shown=(*_ASSESSMENT_FACTS, "count_day"),
    bases=(on("适当性办法", "第二十九条", binds="测评的机构", start="测评之时", but=NONE),),
    day="assessed_at",
    businesses=("理财",),
    look_back="客户当日在全行的测评次数",
    population="2026-02-01 起的风险测评",
)
def assessments_per_day(extracts: Frames, context: CheckContext) -> Hits:
    return _over_limit(extracts["risk_assessments"], "count_day", 2, "当日")


@check(
    "suitability.assessments_per_year",
    "12 个月内测评超过 8 次",
    needs=("risk_assessments",),
    key="assessment_no",
    shown=(*_ASSESSMENT_FACTS, "count_12_months"),
    bases=(on("适当性办法", "第二十九条", binds="测评的机构", start="测评之时", but=NONE),),
    day="assessed_at",
    businesses=("理财",),
    look_back="客户此前 12 个月在全行的测评次数",
    population="2026-02-01 起的风险测评",
)
def assessments_per_year(extracts: Frames, context: CheckContext) -> Hits:
    note = "12 个月的窗口含 2026-02-01 以前的测评，认定时须考虑"
    return _over_limit(extracts["risk_assessments"], "count_12_months", 8, "12 个月内", note)


@check(
    "suitability.level_change_unconfirmed",
    "测评等级变化未经客户确认",
    needs=("risk_assessments",),
    key="assessment_no",
    shown=(*_ASSESSMENT_FACTS, "previous_level", "confirmed_change"),
    bases=(on("适当性办法", "第二十九条", binds="测评的机构", start="测评之时", but=NONE),),
    day="assessed_at",
    businesses=("理财",),
    look_back="客户在全行上次测评等级",
    relies_on=("confirmed_change",),
    population="2026-02-01 起、等级与上次不一致的风险测评",
)
def level_change_unconfirmed(extracts: Frames, context: CheckContext) -> Hits:
    assessments = extracts["risk_assessments"]
    changed = sure(whole(assessments, "previous_level") != whole(assessments, "level"))
    refused = no(assessments, "confirmed_change")
    return outcome(
        assessments,
        changed,
        refused,
        lambda row: f"由 {row['previous_level']} 级变为 {row['level']} 级，无客户确认",
        unknown=~refused & ~yes(assessments, "confirmed_change"),
        unknown_note="{n} 次未填是否确认，未作判断",
    )


@check(
    "suitability.clustered_assessments",
    "同一设备集中测评",
    needs=("risk_assessments",),
    key="assessment_no",
    shown=("assessed_at", "device", "teller", "channel", "device_day_customers"),
    bases=(on("适当性办法", "第十三条", binds="测评的机构", start="测评之时", but=NONE),),
    day="assessed_at",
    businesses=("理财",),
    look_back="同一设备当日为多少客户测评",
    relies_on=("device",),
    population="2026-02-01 起、有设备号的风险测评；人数为本行设置，只作疑点，是否代评须核实；同一设备一日一条疑点",
)
def clustered_assessments(extracts: Frames, context: CheckContext) -> Hits:
    assessments = extracts["risk_assessments"].assign(_day=day(extracts["risk_assessments"], "assessed_at"))
    limit = context.policies.clustered_assessments
    many = filled(assessments, "device") & sure(whole(assessments, "device_day_customers") > limit)
    one = first_of_each(assessments, many, ("device", "_day"), "assessment_no") if many.any() else many
    return outcome(
        assessments,
        everything(assessments),
        one,
        lambda row: f"设备 {row['device']} 当日为 {row['device_day_customers']} 名客户测评，多于 {limit} 名",
        unknown=~filled(assessments, "device"),
        unknown_note="{n} 次测评无设备号，未作判断",
    )


@check(
    "suitability.clustered_by_teller",
    "同一柜员集中测评",
    needs=("risk_assessments",),
    key="assessment_no",
    shown=("assessed_at", "teller", "device", "channel", "teller_day_customers"),
    bases=(on("适当性办法", "第十三条", binds="测评的机构", start="测评之时", but=NONE),),
    day="assessed_at",
    businesses=("理财",),
    look_back="同一柜员当日在全行测评的客户数",
    relies_on=("teller",),
    population="2026-02-01 起、有柜员号的风险测评；客户数为本行设置，只作疑点；已作同一设备疑点的不重复；"
    "一名柜员一日一条疑点",
)
def clustered_by_teller(extracts: Frames, context: CheckContext) -> Hits:
    assessments, limit = extracts["risk_assessments"], context.policies.clustered_assessments
    by_device = sure(whole(assessments, "device_day_customers") > limit)
    many = sure(whole(assessments, "teller_day_customers") > limit) & ~by_device
    dated = assessments.assign(_day=day(assessments, "assessed_at"))
    one = first_of_each(dated, many, ("teller", "_day"), "assessment_no") if many.any() else many
    return outcome(
        assessments,
        filled(assessments, "teller"),
        one,
        lambda row: f"柜员 {row['teller']} 当日为 {row['teller_day_customers']} 名客户测评，多于 {limit} 名",
    )


@check(
    "suitability.level_raised_same_day",
    "当日重新测评后等级升高",
    needs=("risk_assessments",),
    key="assessment_no",
    shown=(*_ASSESSMENT_FACTS, "previous_level", "previous_on"),
    bases=(on("适当性办法", "第十三条", binds="测评的机构", start="测评之时", but=NONE),),
    day="assessed_at",
    businesses=("理财",),
    look_back="客户在全行上次测评的日期和等级",
    population="2026-02-01 起、当日已有一次测评的再次测评；只作疑点，是否不当提示或代为测评须核实",
)
def level_raised_same_day(extracts: Frames, context: CheckContext) -> Hits:
    assessments = extracts["risk_assessments"]
    moment = day(assessments, "assessed_at")
    return outcome(
        assessments,
        sure(day(assessments, "previous_on") == moment),
        sure(whole(assessments, "level") > whole(assessments, "previous_level")),
        lambda row: f"当日再次测评，等级由 {row['previous_level']} 级升为 {row['level']} 级",
    )
