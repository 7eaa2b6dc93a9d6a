"""信息安全: credit-report look-ups, accounts of people who left or moved, marketing messages, adverse credit data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

import pandas as pd

from xiaobao.checks.reading import (
    Row,
    counted,
    day,
    everything,
    exact,
    filled,
    first_of_each,
    flags,
    moment,
    or_else,
    outcome,
    shown_day,
    sure,
    text,
)
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]
_LOOKUP_FACTS = ("looked_up_at", "teller", "purpose", "authorisation_no", "authorised_on", "business_no", "balance")
_ACCOUNT_FACTS = ("system", "employee", "status", "last_used", "disabled_on", "left_on", "staff_status", "staff_unit")
_SMS_FACTS = ("sent_at", "kind", "consent_no", "campaign")
_CONSENT_LAW = (("征信业管理条例", "第十八条"), ("征信业务管理办法", "第二十三条"))


def _needs_consent(lookups: pd.DataFrame, context: CheckContext) -> pd.Series[bool]:
    policies = context.policies
    return ~text(lookups, "purpose").isin([*policies.lookup_without_consent, *policies.lookup_after_lending])


@check(
    "information_security.lookup_without_authorisation",
    "征信查询无授权书",
    needs=("credit_lookups",),
    key="lookup_no",
    shown=_LOOKUP_FACTS,
    citations=_CONSENT_LAW,
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
        notes=(counted(~bound, "{n} 笔属免授权或贷后管理用途，未纳入"),),
    )


@check(
    "information_security.lookup_before_authorisation",
    "先查询后授权",
    needs=("credit_lookups",),
    key="lookup_no",
    shown=_LOOKUP_FACTS,
    citations=_CONSENT_LAW,
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
    citations=(("9号令", "第四十八条"), ("征信业管理条例", "第二十条")),
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
    citations=(("9号令", "第四十七条"),),
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
    citations=(("9号令", "第四十七条"),),
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
    "information_security.account_active_after_leaving",
    "人员离岗后账号未停用",
    needs=("accounts", "staff"),
    key="account",
    shown=_ACCOUNT_FACTS,
    citations=(("人行令2025-3", "第十四条"), ("9号令", "第四十七条")),
    look_back="账号持有人在全行的岗位记录（需导入岗位人员）",
    population="能对上岗位记录、持有人已离职的账号；离岗次日内停用不算",
)
def account_active_after_leaving(extracts: Frames, context: CheckContext) -> Hits:
    accounts = extracts["accounts"]
    left, as_of = day(accounts, "left_on"), pd.Timestamp(context.as_of)
    gone = text(accounts, "staff_status") == "离职"
    enabled = (text(accounts, "status") == "启用") & sure(left < as_of)
    used = sure(day(accounts, "last_used") > left)
    late = sure(day(accounts, "disabled_on") > left + pd.Timedelta(days=1))
    return outcome(
        accounts,
        gone,
        enabled | used | late,
        lambda row: (
            f"{shown_day(row['left_on'])} 离岗，"
            + ("账号仍启用" if row["status"] == "启用" else f"{shown_day(row.get('disabled_on'))} 才停用")
            + (f"，最近使用 {shown_day(row['last_used'])}" if _after(row.get("last_used"), row["left_on"]) else "")
        ),
        unknown=left.isna(),
        unknown_note="{n} 个账号的持有人已离职但无离岗日期，未作判断",
        notes=(counted(~filled(accounts, "staff_status"), "{n} 个账号对不上岗位记录，未纳入"),),
    )


def _after(later: object, earlier: object) -> bool:
    return not pd.isna(later) and bool(later > earlier)  # type: ignore[call-overload, operator]


@check(
    "information_security.account_not_moved",
    "人员调动后原机构账号未停用",
    needs=("accounts", "staff"),
    key="account",
    shown=_ACCOUNT_FACTS,
    citations=(("人行令2025-3", "第十四条"), ("9号令", "第四十七条")),
    look_back="账号持有人现在的机构（需导入岗位人员）",
    population="能对上岗位记录、持有人未离职、仍启用的账号",
)
def account_not_moved(extracts: Frames, context: CheckContext) -> Hits:
    accounts = extracts["accounts"]
    home = text(accounts, "staff_unit")
    active = (text(accounts, "status") == "启用") & (text(accounts, "staff_status") != "离职")
    return outcome(
        accounts,
        active & (home != ""),
        (home != text(accounts, "unit")) | (text(accounts, "staff_status") == "调离"),
        lambda row: f"{_gone_to(row)}，本机构账号仍启用",
        notes=(counted(home == "", "{n} 个账号对不上现机构，未纳入"),),
    )


def _gone_to(row: Row) -> str:
    return "持有人已调离" if row["staff_unit"] == row["unit"] else f"持有人现在 {row['staff_unit']}"


def _listed(value: str) -> frozenset[str]:
    return frozenset(part.strip() for part in value.replace(",", "、").replace("，", "、").split("、") if part.strip())


@check(
    "information_security.rights_beyond_post",
    "账号权限超出岗位核定",
    needs=("accounts",),
    key="account",
    shown=("system", "employee", "rights", "approved_rights"),
    citations=(("9号令", "第十三条"), ("9号令", "第四十七条")),
    population="启用的账号",
)
def rights_beyond_post(extracts: Frames, context: CheckContext) -> Hits:
    accounts = extracts["accounts"]
    pairs = zip(text(accounts, "rights"), text(accounts, "approved_rights"), strict=True)
    beyond = {key: _listed(has) - _listed(may) for key, (has, may) in zip(accounts.index, pairs, strict=True)}
    return outcome(
        accounts.assign(_row=accounts.index),
        text(accounts, "status") == "启用",
        flags([bool(beyond[key]) for key in accounts.index], accounts),
        lambda row: "超出岗位核定的权限：" + "、".join(sorted(beyond[row["_row"]])),
    )


@check(
    "information_security.sms_after_opt_out",
    "退订后仍发营销短信",
    needs=("sms_sends", "sms_opt_outs"),
    key="send_no",
    shown=(*_SMS_FACTS, "opted_out_on"),
    citations=(("9号令", "第四十条"), ("消保法实施条例", "第二十四条")),
    day="sent_at",
    businesses=("短信服务",),
    look_back="同一客户或手机号发送前的退订（需导入短信退订）",
    population="营销短信；退订当日发送的先后不明，不算",
)
def sms_after_opt_out(extracts: Frames, context: CheckContext) -> Hits:
    sends = extracts["sms_sends"]
    return outcome(
        sends,
        text(sends, "kind") == "营销",
        sure(day(sends, "sent_at") > day(sends, "opted_out_on")),
        lambda row: f"{shown_day(row['opted_out_on'])} 已退订，{shown_day(row['sent_at'])} 又发营销短信",
    )


@check(
    "information_security.sms_without_consent",
    "营销短信无同意凭证",
    needs=("sms_sends",),
    key="send_no",
    shown=_SMS_FACTS,
    citations=(("消保法", "第二十九条"), ("消保法实施条例", "第二十四条"), ("银发2019-316", "三（十）")),
    day="sent_at",
    businesses=("短信服务",),
    relies_on=("consent_no",),
    population="营销短信",
)
def sms_without_consent(extracts: Frames, context: CheckContext) -> Hits:
    sends = extracts["sms_sends"]
    marketing = text(sends, "kind") == "营销"
    return outcome(sends, marketing, ~filled(sends, "consent_no"), "营销短信没有同意凭证号")


@check(
    "information_security.adverse_before_notice",
    "报送不良信息前未告知本人",
    needs=("loans",),
    key="loan_no",
    shown=("lent_on", "amount", "adverse_reported_on", "adverse_notified_on", "teller"),
    citations=(("征信业管理条例", "第十五条"),),
    day="adverse_reported_on",
    businesses=("贷款",),
    relies_on=("adverse_reported_on", "adverse_notified_on"),
    population="有不良信息报送日期的借据；当日告知当日报送不算；依法公开的不良信息须在核实时排除",
)
def adverse_before_notice(extracts: Frames, context: CheckContext) -> Hits:
    loans = extracts["loans"]
    reported, told = day(loans, "adverse_reported_on"), day(loans, "adverse_notified_on")
    return outcome(
        loans,
        reported.notna(),
        told.isna() | sure(told > reported),
        lambda row: (
            f"{shown_day(row['adverse_reported_on'])} 报送，"
            + or_else(row.get("adverse_notified_on"), "才告知", "无告知日期")
        ),
    )
