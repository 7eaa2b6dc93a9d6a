"""Insurance sold at the counter: fit, declarations, recordings."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from xiaobao.checks.reading import (
    Row,
    counted,
    day,
    exact,
    filled,
    flags,
    outcome,
    records,
    shown_day,
    since_new_rules,
    text,
)
from xiaobao.checks.registry import CheckContext, Hits, check
from xiaobao.checks.suitability.scope import EARLIER, basis, lapsed

Frames = Mapping[str, pd.DataFrame]
_POLICY_FACTS = (
    "sold_on",
    "product_name",
    "product_type",
    "insurance_years",
    "payment",
    "payment_years",
    "premium",
    "teller",
    "recording_no",
)
_UNCERTAIN = ("分红型", "万能型", "投连型", "变额型")


def _personal(policies: pd.DataFrame) -> pd.Series[bool]:
    """Leave out what 第四十条 frees from the assessment: property insurance and one year or less."""
    long = [years is None or years > 1 for years in exact(policies, "insurance_years")]
    return (text(policies, "product_type") != "财产险") & flags(long, policies)


@check(
    "suitability.insurance_unsuitable_unconfirmed",
    "不匹配仍承保而无书面确认",
    needs=("bancassurance",),
    key="policy_no",
    shown=(*_POLICY_FACTS, "match"),
    citations=(("适当性办法", "第三十八条"), ("2号令", "第二十八条")),
    day="sold_on",
    businesses=("代理保险",),
    relies_on=("match", "unsuitable_confirmation"),
    population="财产险和一年期以下产品以外、有匹配意见的保单",
)
def insurance_unsuitable_unconfirmed(extracts: Frames, context: CheckContext) -> Hits:
    policies = extracts["bancassurance"]
    unfit = text(policies, "match") == "不匹配"
    return outcome(
        policies,
        _personal(policies),
        unfit & ~filled(policies, "unsuitable_confirmation"),
        lambda row: "匹配意见为不匹配而无书面确认，" + basis(row["sold_on"], "第三十八条", "2号令第二十八条"),
        unknown=~filled(policies, "match"),
        unknown_note="{n} 件无匹配意见，未作判断",
    )


def _thresholds(row: Row) -> tuple[list[str], bool]:
    """Return which of the four thresholds of 第三十九条 are met, and whether any could be judged."""
    premium, income, budget = (_amount(row.get(name)) for name in ("premium", "family_income", "budget"))
    age, years = _amount(row.get("age")), _amount(row.get("payment_years"))
    single, met, judged = row["payment"] == "趸交", [], False
    if premium is not None and income:
        judged = True
        if single and premium > 4 * income:
            met.append("趸交保费超过家庭年收入的 4 倍")
        if not single and premium > income * Decimal("0.2"):
            met.append("年交保费超过家庭年收入的 20%")
    if not single and age is not None and years is not None:
        judged = True
        if age + years >= 75:
            met.append(f"交费年限 {years} 与年龄 {age} 之和达到 75")
    if premium is not None and budget:
        judged = True
        if premium >= budget * Decimal("1.5"):
            met.append("保费达到预算的 150%")
    return met, judged


def _amount(value: object) -> Decimal | None:
    return None if value is None or pd.isna(value) else Decimal(str(value))  # type: ignore[call-overload]


@check(
    "suitability.insurance_declaration_missing",
    "达到阈值而无投保声明",
    needs=("bancassurance",),
    key="policy_no",
    shown=(*_POLICY_FACTS, "family_income", "budget", "age"),
    citations=(("适当性办法", "第三十九条"),),
    day="sold_on",
    businesses=("代理保险",),
    look_back="出单时年龄",
    relies_on=("declaration_no",),
    population="2026-02-01 起的分红、万能、投连、变额型保单，至少一项阈值可以计算；交费年限与年龄之和只看年交",
)
def insurance_declaration_missing(extracts: Frames, context: CheckContext) -> Hits:
    policies = extracts["bancassurance"]
    kind = text(policies, "product_type").isin(_UNCERTAIN)
    recent = since_new_rules(day(policies, "sold_on"))
    seen = [_thresholds(row) for row in records(policies)]
    by_key = dict(zip(text(policies, "policy_no"), seen, strict=True))
    return outcome(
        policies,
        kind & recent,
        flags([bool(met) for met, _ in seen], policies) & ~filled(policies, "declaration_no"),
        lambda row: "；".join(by_key[str(row["policy_no"])][0]) + "，无投保声明",
        unknown=flags([not judged for _, judged in seen], policies),
        unknown_note="{n} 件缺少收入、预算、年龄等，四项阈值都无法计算，未作判断",
        notes=(counted(kind & ~recent, EARLIER),),
    )


@check(
    "suitability.insurance_recording_missing",
    "应双录的保险销售无双录",
    needs=("bancassurance",),
    key="policy_no",
    shown=(*_POLICY_FACTS, "channel"),
    citations=(("54号", "第六条"),),
    day="sold_on",
    businesses=("代理保险",),
    relies_on=("recording_no", "insurance_years"),
    population="柜面和自助终端销售、保险期间超过 1 年的人身险（未填渠道的按柜面）",
)
def insurance_recording_missing(extracts: Frames, context: CheckContext) -> Hits:
    policies = extracts["bancassurance"]
    years = exact(policies, "insurance_years")
    at_counter = text(policies, "channel").isin(["柜面", "自助终端", ""])
    life = at_counter & (text(policies, "product_type") != "财产险")
    long = flags([value is None or value > 1 for value in years], policies)
    return outcome(
        policies,
        life & long,
        ~filled(policies, "recording_no"),
        "保险期间超过 1 年的人身险没有双录编号",
        unknown=flags([value is None for value in years], policies),
        unknown_note="{n} 件无保险期间，未作判断",
        notes=(counted(life & ~filled(policies, "channel"), "{n} 件未填销售渠道，按柜面处理"),),
    )


@check(
    "suitability.linked_insurance_without_assessment",
    "投连型保险投保前无有效风险测评",
    needs=("bancassurance", "risk_assessments"),
    key="policy_no",
    shown=(*_POLICY_FACTS, "assessed_on"),
    citations=(("适当性办法", "第三十六条"), ("适当性办法", "第二十九条")),
    day="sold_on",
    businesses=("代理保险",),
    look_back="投保人在全行最近一次测评（需导入出单前 12 个月的风险测评）",
    population="2026-02-01 起的投连型保单；由保险公司测评的须在核实时排除",
)
def linked_insurance_without_assessment(extracts: Frames, context: CheckContext) -> Hits:
    policies = extracts["bancassurance"]
    linked = text(policies, "product_type") == "投连型"
    recent = since_new_rules(day(policies, "sold_on"))
    return outcome(
        policies,
        linked & recent,
        lapsed(policies),
        lambda row: (
            f"最近测评 {shown_day(row.get('assessed_on'))}，至 {shown_day(row['sold_on'])} 已超过 12 个月"
            if shown_day(row.get("assessed_on"))
            else "已导入的测评记录中，投保人出单前没有测评"
        ),
        notes=(counted(linked & ~recent, EARLIER),),
    )
