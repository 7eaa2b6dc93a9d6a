"""Insurance sold at the counter: fit, declarations, recordings."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from xiaobao.checks.bases import NONE, Proviso, on
from xiaobao.checks.frame_columns import (
    SUITABILITY_RULES_FROM,
    Row,
    as_records,
    everything,
    exact,
    filled,
    flags,
    no,
    outcome,
    shown_day,
    text,
    yes,
)
from xiaobao.checks.registry import CheckContext, Hits, check
from xiaobao.checks.suitability.scope import BY_INSURER, INSURED_AT_COUNTER, LIFE, NOT_GROUP, PERSONAL_HOLDER, lapsed

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
_TIMES = {"年交": 1, "半年交": 2, "季交": 4, "月交": 12}  # payments a year: 第三十九条 speaks of yearly premiums
_UNCERTAIN = ("分红型", "万能型", "投连型", "变额型")


@check(
    "suitability.insurance_unsuitable_unconfirmed",
    "不匹配仍承保而无书面确认",
    needs=("bancassurance",),
    key="policy_no",
    shown=(*_POLICY_FACTS, "match"),
    bases=(
        on(
            "适当性办法",
            "第三十八条",
            binds="销售保险的机构",
            start="承保之前",
            but=(Proviso(says="财产保险、一年期以下人身保险、团体保险可以免于评估（第四十条）"),),
            governs=(NOT_GROUP, LIFE),
        ),
        on(
            "2号令",
            "第二十八条",
            binds="销售保险的机构",
            start="承保之前（只要求确认出于自愿，不要求书面）",
            but=(Proviso(says="书面或录像确认均可", columns=("willing",), ask="如已说明风险并确认出于自愿"),),
        ),
    ),
    day="sold_on",
    businesses=("代理保险",),
    relies_on=("match", "unsuitable_confirmation"),
    population="有匹配意见的保单；2026-02-01 起超过一年的人身险（团体保险除外）须书面确认，其余确认出于自愿即可",
)
def insurance_unsuitable_unconfirmed(extracts: Frames, context: CheckContext) -> Hits:
    """Until the Measures, and for what 第四十条 frees, any confirmation is enough: one may be on the recording."""
    policies = extracts["bancassurance"]
    unfit = text(policies, "match") == "不匹配"
    written, willing = filled(policies, "unsuitable_confirmation"), yes(policies, "willing")
    strict = flags([_written_wanted(row) for row in as_records(policies)], policies)
    unsaid = unfit & ~strict & ~written & ~willing & ~no(policies, "willing") & filled(policies, "recording_no")
    return outcome(
        policies,
        everything(policies),
        unfit & ~written & (strict | ~willing),
        lambda row: "匹配意见为不匹配而无" + ("书面确认" if _written_wanted(row) else "任何确认"),
        unknown=~filled(policies, "match") | unsaid,
        unknown_note="{n} 件无匹配意见，或只须确认自愿而没有填写是否确认（录像中可有口头确认），未作判断",
    )


def _written_wanted(row: Row) -> bool:
    """Tell whether 适当性办法第三十八条 governs a policy: from its first day, long personal insurance, no group."""
    years = _amount(row.get("insurance_years"))
    recent = pd.Timestamp(row["sold_on"]).date() >= SUITABILITY_RULES_FROM
    long = years is None or years > 1
    return recent and long and row.get("product_type") != "财产险" and row.get("group_policy") is not True


def _thresholds(row: Row) -> tuple[list[str], bool]:
    """Return which of the four thresholds of 第三十九条 are met, and whether any could be judged."""
    premium, income, budget = (_amount(row.get(name)) for name in ("premium", "family_income", "budget"))
    age, years = _amount(row.get("age")), _amount(row.get("payment_years"))
    single, met, judged = row["payment"] == "趸交", [], False
    yearly = premium if premium is None or single else premium * _TIMES.get(str(row["payment"]), 1)
    if premium is not None and income:
        judged = True
        if single and premium > 4 * income:
            met.append("趸交保费超过家庭年收入的 4 倍")
        if not single and yearly is not None and yearly > income * Decimal("0.2"):
            met.append("年期交保费" + _as_yearly(row, yearly) + "超过家庭年收入的 20%")
    if not single and age is not None and years is not None:
        judged = True
        if age + years >= 75:
            met.append(f"交费年限 {years} 与年龄 {age} 之和达到 75")
    if premium is not None and budget:
        judged = True
        if premium >= budget * Decimal("1.5"):
            met.append("保费达到预算的 150%")
    return met, judged


def _as_yearly(row: Row, yearly: Decimal) -> str:
    return "" if row["payment"] == "年交" else f"（{row['payment']}折年 {yearly} 元）"


def _amount(value: object) -> Decimal | None:
    return None if value is None or pd.isna(value) else Decimal(str(value))  # type: ignore[call-overload]


@check(
    "suitability.insurance_declaration_missing",
    "达到阈值而无投保声明",
    needs=("bancassurance",),
    key="policy_no",
    shown=(*_POLICY_FACTS, "family_income", "budget", "age"),
    bases=(
        on(
            "适当性办法",
            "第三十九条",
            binds="销售保险的机构",
            start="承保之前",
            but=(Proviso(says="团体保险可以免于评估（第四十条第二款）"),),
            governs=(NOT_GROUP,),
        ),
    ),
    day="sold_on",
    businesses=("代理保险",),
    look_back="出单时年龄",
    relies_on=("declaration_no",),
    population="2026-02-01 起的分红、万能、投连、变额型保单，至少一项阈值可以计算；交费年限与年龄之和只看年交",
)
def insurance_declaration_missing(extracts: Frames, context: CheckContext) -> Hits:
    policies = extracts["bancassurance"]
    kind = text(policies, "product_type").isin(_UNCERTAIN)
    seen = [_thresholds(row) for row in as_records(policies)]
    by_key = dict(zip(text(policies, "policy_no"), seen, strict=True))
    return outcome(
        policies,
        kind,
        flags([bool(met) for met, _ in seen], policies) & ~filled(policies, "declaration_no"),
        lambda row: "；".join(by_key[str(row["policy_no"])][0]) + "，无投保声明",
        unknown=flags([not judged for _, judged in seen], policies),
        unknown_note="{n} 件缺少收入、预算、年龄等，四项阈值都无法计算，未作判断",
    )


@check(
    "suitability.insurance_recording_missing",
    "应双录的保险销售无双录",
    needs=("bancassurance",),
    key="policy_no",
    shown=(*_POLICY_FACTS, "channel"),
    bases=(
        on(
            "54号",
            "第六条",
            binds="销售保险的机构",
            start="销售之时",
            but=(
                Proviso(says="投保人为自然人的才适用（第四条）"),
                Proviso(says="团体保险除外（第四条）"),
                Proviso(says="国务院金融监督管理机构另有规定的从其规定"),
            ),
            governs=(PERSONAL_HOLDER, NOT_GROUP, INSURED_AT_COUNTER),
        ),
    ),
    day="sold_on",
    businesses=("代理保险",),
    relies_on=("recording_no", "insurance_years"),
    population="柜面和自助终端向自然人销售、保险期间超过 1 年的人身险，团体保险除外",
)
def insurance_recording_missing(extracts: Frames, context: CheckContext) -> Hits:
    policies = extracts["bancassurance"]
    years = exact(policies, "insurance_years")
    life = text(policies, "product_type") != "财产险"
    return outcome(
        policies,
        life & flags([value is None or value > 1 for value in years], policies),
        ~filled(policies, "recording_no"),
        "保险期间超过 1 年的人身险没有双录编号",
        unknown=flags([value is None for value in years], policies),
        unknown_note="{n} 件无保险期间，未作判断",
    )


@check(
    "suitability.linked_insurance_without_assessment",
    "投连型保险投保前无有效风险测评",
    needs=("bancassurance", "risk_assessments"),
    key="policy_no",
    shown=(*_POLICY_FACTS, "assessed_on"),
    bases=(
        on("适当性办法", "第三十六条", binds="销售保险的机构", start="出单日", but=(BY_INSURER,)),
        on("适当性办法", "第二十九条", binds="销售保险的机构", start="出单前 12 个月（“原则上”）", but=NONE),
    ),
    day="sold_on",
    businesses=("代理保险",),
    look_back="投保人在全行最近一次测评（需导入出单前 12 个月的风险测评）",
    population="2026-02-01 起的投连型保单；由保险公司测评的须在核实时排除",
)
def linked_insurance_without_assessment(extracts: Frames, context: CheckContext) -> Hits:
    policies = extracts["bancassurance"]
    linked = text(policies, "product_type") == "投连型"
    return outcome(
        policies,
        linked,
        lapsed(policies),
        lambda row: (
            f"最近测评 {shown_day(row.get('assessed_on'))}，至 {shown_day(row['sold_on'])} 已超过 12 个月"
            if shown_day(row.get("assessed_on"))
            else "已导入的测评记录中，投保人出单前没有测评"
        ),
    )
