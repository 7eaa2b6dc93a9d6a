"""Look-ups in the credit register: consent, purpose, business behind, hours and volume."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

import pandas as pd

from xiaobao.checks.bases import NONE, PERSONAL_SUBJECT, Proviso, on
from xiaobao.checks.frame_columns import (
    day,
    everything,
    exact,
    filled,
    first_of_each,
    flags,
    moment,
    outcome,
    shown_day,
    split_list,
    sure,
    text,
    whole,
    with_count,
)
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]
_LOOKUP_FACTS = ("looked_up_at", "teller", "purpose", "authorisation_no", "authorised_on", "business_no", "balance")
WITHOUT_CONSENT = Proviso(says="法律规定可以不经同意查询的除外（本行设置的免授权、贷后管理用途）")
_CONSENT = (
    on(
        "征信业管理条例",
        "第十八条",
        binds="查询的机构",
        start="查询之时",
        but=(WITHOUT_CONSENT,),
        governs=(PERSONAL_SUBJECT,),
    ),
    on("征信业务管理办法", "第二十三条", binds="查询的机构", start="查询之时", but=NONE, governs=(PERSONAL_SUBJECT,)),
)


def _needs_consent(lookups: pd.DataFrame, context: CheckContext) -> pd.Series[bool]:
    policies = context.policies
    return ~text(lookups, "purpose").isin([*policies.lookup_without_consent, *policies.lookup_after_lending])


@check(
    "information_security.lookup_without_authorisation",
    "征信查询无授权书",
    needs=("credit_lookups",),
    key="lookup_no",
    shown=_LOOKUP_FACTS,
    bases=_CONSENT,
    day="looked_up_at",
    businesses=("征信查询",),
    relies_on=("authorisation_no",),
    population="须经本人书面同意的征信查询；本行设置的免授权用途和贷后管理用途除外",
)
def lookup_without_authorisation(extracts: Frames, context: CheckContext) -> Hits:
    lookups = extracts["credit_lookups"]
    bound = _needs_consent(lookups, context)
    return outcome(
        lookups,
        bound,
        ~filled(lookups, "authorisation_no"),
        lambda row: f"{row['purpose']}查询没有授权书编号",
        notes=(with_count(~bound, "{n} 笔属免授权或贷后管理用途，未纳入"),),
    )


@check(
    "information_security.lookup_before_authorisation",
    "先查询后授权",
    needs=("credit_lookups",),
    key="lookup_no",
    shown=_LOOKUP_FACTS,
    bases=_CONSENT,
    day="looked_up_at",
    businesses=("征信查询",),
    relies_on=("authorised_on",),
    population="须经本人书面同意且有授权书编号的征信查询；当日授权当日查询不算",
)
def lookup_before_authorisation(extracts: Frames, context: CheckContext) -> Hits:
    lookups = extracts["credit_lookups"]
    authorised = day(lookups, "authorised_on")
    return outcome(
        lookups,
        _needs_consent(lookups, context) & filled(lookups, "authorisation_no"),
        sure(day(lookups, "looked_up_at") < authorised),
        lambda row: f"{shown_day(row['looked_up_at'])} 查询，{shown_day(row['authorised_on'])} 才授权",
        unknown=authorised.isna(),
        unknown_note="{n} 笔无授权日期，未作判断",
    )


@check(
    "information_security.lookup_without_business",
    "征信查询无业务背景",
    needs=("credit_lookups",),
    key="lookup_no",
    shown=_LOOKUP_FACTS,
    bases=(
        on("9号令", "第四十八条", binds="查询的机构", start="查询之时", but=NONE, governs=(PERSONAL_SUBJECT,)),
        on("征信业管理条例", "第二十条", binds="查询的机构", start="查询之时", but=NONE, governs=(PERSONAL_SUBJECT,)),
    ),
    day="looked_up_at",
    businesses=("征信查询",),
    relies_on=("business_no",),
    population="本行设置的免授权用途以外的征信查询；有业务编号或有贷款余额即有业务背景",
)
def lookup_without_business(extracts: Frames, context: CheckContext) -> Hits:
    lookups = extracts["credit_lookups"]
    bound = ~text(lookups, "purpose").isin(context.policies.lookup_without_consent)
    owed = flags([balance is not None and balance > 0 for balance in exact(lookups, "balance")], lookups)
    return outcome(
        lookups,
        bound,
        ~filled(lookups, "business_no") & ~owed,
        lambda row: f"{row['purpose']}查询没有业务编号，也没有贷款余额",
    )


@check(
    "information_security.lookup_out_of_hours",
    "非工作时间征信查询",
    needs=("credit_lookups",),
    key="lookup_no",
    shown=_LOOKUP_FACTS,
    bases=(on("9号令", "第四十七条", binds="查询的机构", start="查询之时", but=NONE),),
    day="looked_up_at",
    businesses=("征信查询",),
    population="记有时刻的征信查询；工作时间为本行设置，只作疑点",
)
def lookup_out_of_hours(extracts: Frames, context: CheckContext) -> Hits:
    lookups = extracts["credit_lookups"]
    opens, closes = context.policies.office_hours
    at = moment(lookups, "looked_up_at")
    times = [time() if pd.isna(value) else value.time() for value in at]
    return outcome(
        lookups,
        everything(lookups),
        flags([not opens <= value <= closes for value in times], lookups),
        lambda row: f"查询时刻 {pd.Timestamp(row['looked_up_at']):%H:%M:%S}，不在 {opens:%H:%M} 至 {closes:%H:%M}",
        unknown=flags([value == time() for value in times], lookups),
        unknown_note="{n} 笔只有日期没有时刻，未作判断",
    )


@check(
    "information_security.lookup_volume_outlier",
    "查询量远高于同业务人员",
    needs=("credit_lookups",),
    key="lookup_no",
    shown=("teller", "teller_count", "peer_median"),
    bases=(on("9号令", "第四十七条", binds="查询的机构", start="本期", but=NONE),),
    businesses=("征信查询",),
    look_back="查询员本期全行查询次数及中位数",
    population="全部征信查询；倍数和起点为本行设置，只作疑点；一名查询员一条疑点",
)
def lookup_volume_outlier(extracts: Frames, context: CheckContext) -> Hits:
    lookups, policies = extracts["credit_lookups"], context.policies
    pairs = list(zip(exact(lookups, "teller_count"), exact(lookups, "peer_median"), strict=True))
    known = flags([count is not None and middle is not None for count, middle in pairs], lookups)
    over = [
        count is not None
        and middle is not None
        and count >= policies.lookup_volume_minimum
        and count > policies.lookup_volume_ratio * middle
        for count, middle in pairs
    ]
    one = first_of_each(lookups, flags(over, lookups), ("teller",), "lookup_no") if any(over) else flags(over, lookups)
    return outcome(
        lookups,
        everything(lookups),
        one,
        lambda row: (
            f"查询员 {row['teller']} 本期查询 {row['teller_count']} 次，"
            f"超过中位数 {row['peer_median']} 次的 {policies.lookup_volume_ratio} 倍"
        ),
        unknown=~known,
        unknown_note="{n} 笔未能统计查询量，未作判断",
    )


@check(
    "information_security.lookup_after_expiry",
    "授权到期后仍查询",
    needs=("credit_lookups",),
    key="lookup_no",
    shown=(*_LOOKUP_FACTS, "authorised_until"),
    bases=_CONSENT,
    day="looked_up_at",
    businesses=("征信查询",),
    relies_on=("authorised_until",),
    population="须经本人书面同意且有授权书编号的征信查询；授权截止当日查询不算",
)
def lookup_after_expiry(extracts: Frames, context: CheckContext) -> Hits:
    lookups = extracts["credit_lookups"]
    ends = day(lookups, "authorised_until")
    return outcome(
        lookups,
        _needs_consent(lookups, context) & filled(lookups, "authorisation_no"),
        sure(day(lookups, "looked_up_at") > ends),
        lambda row: f"授权至 {shown_day(row['authorised_until'])}，{shown_day(row['looked_up_at'])} 仍查询",
        unknown=ends.isna(),
        unknown_note="{n} 笔无授权截止日期，未作判断",
    )


@check(
    "information_security.lookup_beyond_purpose",
    "查询原因与授权用途不符",
    needs=("credit_lookups",),
    key="lookup_no",
    shown=(*_LOOKUP_FACTS, "authorised_purpose"),
    bases=(
        on("征信业管理条例", "第二十条", binds="查询的机构", start="查询之时", but=NONE, governs=(PERSONAL_SUBJECT,)),
        on(
            "征信业务管理办法",
            "第二十三条",
            binds="查询的机构",
            start="查询之时",
            but=NONE,
            governs=(PERSONAL_SUBJECT,),
        ),
    ),
    day="looked_up_at",
    businesses=("征信查询",),
    relies_on=("authorised_purpose",),
    population="须经本人书面同意且有授权书编号的征信查询",
)
def lookup_beyond_purpose(extracts: Frames, context: CheckContext) -> Hits:
    lookups = extracts["credit_lookups"]
    pairs = zip(text(lookups, "purpose"), text(lookups, "authorised_purpose"), strict=True)
    return outcome(
        lookups,
        _needs_consent(lookups, context) & filled(lookups, "authorisation_no"),
        flags([purpose not in split_list(agreed) for purpose, agreed in pairs], lookups),
        lambda row: f"授权用途为{row['authorised_purpose']}，查询原因为{row['purpose']}",
        unknown=~filled(lookups, "authorised_purpose"),
        unknown_note="{n} 笔无授权用途，未作判断",
    )


@check(
    "information_security.authorisation_shared",
    "一份授权书用于多名客户",
    needs=("credit_lookups",),
    key="lookup_no",
    shown=("looked_up_at", "teller", "purpose", "authorisation_no", "authorisation_customers"),
    bases=_CONSENT,
    day="looked_up_at",
    businesses=("征信查询",),
    look_back="同一授权书编号在全行查询过的客户数",
    relies_on=("authorisation_no",),
    population="有授权书编号的征信查询；只作疑点，共同借款人同签一份的须在核实时排除；一份授权书一条疑点",
)
def authorisation_shared(extracts: Frames, context: CheckContext) -> Hits:
    lookups = extracts["credit_lookups"]
    many = sure(whole(lookups, "authorisation_customers") > 1)
    one = first_of_each(lookups, many, ("authorisation_no",), "lookup_no") if many.any() else many
    return outcome(
        lookups,
        filled(lookups, "authorisation_no"),
        one,
        lambda row: f"授权书 {row['authorisation_no']} 用于 {row['authorisation_customers']} 名客户的查询",
    )
