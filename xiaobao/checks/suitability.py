"""适当性管理: sales against assessments, assessments against their limits, insurance with uncertain benefits.

The Measures of 2026 (适当性办法) hold for what happened on or after 2026-02-01; before that day only what older rules
say is looked at. Funds of securities and futures institutions follow other rules (第三条第二款) and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from xiaobao.checks.reading import (
    SUITABILITY_RULES_FROM,
    Row,
    counted,
    day,
    exact,
    filled,
    first_of_each,
    flags,
    no,
    outcome,
    records,
    shown_day,
    since_new_rules,
    sure,
    text,
    whole,
    yes,
)
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]
_SALE_FACTS = (
    "sold_on",
    "product",
    "product_type",
    "product_level",
    "customer_level",
    "amount",
    "teller",
    "recording_no",
)
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
_ASSESSMENT_FACTS = ("assessed_at", "level", "device", "teller", "channel")
_UNCERTAIN = ("分红型", "万能型", "投连型", "变额型")
_EARLIER = "{n} 笔早于 2026-02-01，适当性办法尚未施行，未纳入"
_FUNDS = "{n} 笔代销基金执行证券期货投资者适当性规定，未纳入"


def in_scope(sales: pd.DataFrame) -> pd.Series[bool]:
    """Return the sales that the Measures of 2026 (or the older rules of the same regulator) govern."""
    return text(sales, "product_type") != "代销基金"


def scope_notes(sales: pd.DataFrame) -> tuple[str, str]:
    return (
        counted(~in_scope(sales), _FUNDS),
        counted(~filled(sales, "product_type"), "{n} 笔未填产品类型，按纳入处理"),
    )


def _basis(moment: object, new: str, old: str) -> str:
    recent = pd.Timestamp(moment).date() >= SUITABILITY_RULES_FROM  # type: ignore[arg-type]
    return f"适用适当性办法{new}" if recent else f"交易早于 2026-02-01，适用{old}"


@check(
    "suitability.product_above_customer",
    "产品风险等级高于客户等级",
    needs=("product_sales",),
    key="sale_no",
    shown=(*_SALE_FACTS, "assessed_on", "assessed_level"),
    citations=(("适当性办法", "第十二条"), ("9号令", "第十一条")),
    day="sold_on",
    businesses=("理财",),
    look_back="成交前最近一次测评等级，成交时客户等级缺失时使用",
    population="代销基金以外、有客户等级的产品销售；客户书面确认不能使其合规",
)
def product_above_customer(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    level = whole(sales, "customer_level").fillna(whole(sales, "assessed_level"))
    product = whole(sales, "product_level")
    by_key = dict(zip(text(sales, "sale_no"), level, strict=True))
    return outcome(
        sales,
        in_scope(sales),
        sure(product > level),
        lambda row: (
            f"产品 {row['product_level']} 级高于客户 {by_key[str(row['sale_no'])]} 级，"
            + _basis(row["sold_on"], "第十二条", "9号令第十一条")
        ),
        unknown=level.isna() | product.isna(),
        unknown_note="{n} 笔无客户等级，未作判断",
        notes=scope_notes(sales),
    )


def _governed(sales: pd.DataFrame) -> pd.Series[bool]:
    return in_scope(sales) & since_new_rules(day(sales, "sold_on"))


def _not_valid(sales: pd.DataFrame) -> pd.Series[bool]:
    """Tell which sales had no assessment of the last 12 months; the same day a year later is still within."""
    expires = day(sales, "assessed_on") + pd.DateOffset(months=12)
    return ~sure(day(sales, "sold_on") <= expires)


def _governed_notes(sales: pd.DataFrame) -> tuple[str, ...]:
    earlier = in_scope(sales) & ~since_new_rules(day(sales, "sold_on"))
    return (counted(earlier, _EARLIER), *scope_notes(sales))


@check(
    "suitability.no_valid_assessment",
    "成交前无有效风险测评",
    needs=("product_sales", "risk_assessments"),
    key="sale_no",
    shown=(*_SALE_FACTS, "assessed_on"),
    citations=(("适当性办法", "第二十九条"),),
    day="sold_on",
    businesses=("理财",),
    look_back="客户在全行最近一次测评（需导入成交前 12 个月的风险测评）",
    population="2026-02-01 起、代销基金以外的产品销售；成交后才补做测评的归入“先销售后测评”",
)
def no_valid_assessment(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    return outcome(
        sales,
        _governed(sales),
        _not_valid(sales) & day(sales, "assessed_after_on").isna(),
        lambda row: (
            f"最近测评 {shown_day(row.get('assessed_on'))}，至 {shown_day(row['sold_on'])} 已超过 12 个月"
            if shown_day(row.get("assessed_on"))
            else "已导入的测评记录中，该客户成交前没有测评"
        ),
        notes=_governed_notes(sales),
    )


@check(
    "suitability.assessed_after_sale",
    "先销售后测评",
    needs=("product_sales", "risk_assessments"),
    key="sale_no",
    shown=(*_SALE_FACTS, "assessed_on", "assessed_after_on"),
    citations=(("适当性办法", "第十三条"),),
    day="sold_on",
    businesses=("理财",),
    look_back="客户在全行成交前后的测评",
    population="2026-02-01 起、代销基金以外的产品销售",
)
def assessed_after_sale(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    return outcome(
        sales,
        _governed(sales),
        _not_valid(sales) & day(sales, "assessed_after_on").notna(),
        lambda row: f"{shown_day(row['sold_on'])} 成交时无有效测评，{shown_day(row['assessed_after_on'])} 才测评",
        notes=_governed_notes(sales),
    )


def _over_limit(assessments: pd.DataFrame, column: str, limit: int, words: str, note: str = "") -> Hits:
    recent = since_new_rules(day(assessments, "assessed_at"))
    count = whole(assessments, column)
    return outcome(
        assessments,
        recent,
        sure(count > limit),
        lambda row: f"{words}第 {row[column]} 次测评，上限 {limit} 次",
        unknown=count.isna(),
        unknown_note="{n} 次测评未能统计次数，未作判断",
        notes=(counted(~recent, _EARLIER), note if recent.any() else ""),
    )


@check(
    "suitability.assessments_per_day",
    "单日测评超过 2 次",
    needs=("risk_assessments",),
    key="assessment_no",
    shown=(*_ASSESSMENT_FACTS, "count_day"),
    citations=(("适当性办法", "第二十九条"),),
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
    citations=(("适当性办法", "第二十九条"),),
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
    citations=(("适当性办法", "第二十九条"),),
    day="assessed_at",
    businesses=("理财",),
    look_back="客户在全行上次测评等级",
    relies_on=("confirmed_change",),
    population="2026-02-01 起、等级与上次不一致的风险测评",
)
def level_change_unconfirmed(extracts: Frames, context: CheckContext) -> Hits:
    assessments = extracts["risk_assessments"]
    recent = since_new_rules(day(assessments, "assessed_at"))
    changed = sure(whole(assessments, "previous_level") != whole(assessments, "level"))
    refused = no(assessments, "confirmed_change")
    return outcome(
        assessments,
        recent & changed,
        refused,
        lambda row: f"由 {row['previous_level']} 级变为 {row['level']} 级，无客户确认",
        unknown=~refused & ~yes(assessments, "confirmed_change"),
        unknown_note="{n} 次未填是否确认，未作判断",
        notes=(counted(~recent, _EARLIER),),
    )


@check(
    "suitability.clustered_assessments",
    "同一设备集中测评",
    needs=("risk_assessments",),
    key="assessment_no",
    shown=("assessed_at", "device", "teller", "channel", "device_day_customers"),
    citations=(("适当性办法", "第十三条"),),
    day="assessed_at",
    businesses=("理财",),
    look_back="同一设备当日为多少客户测评",
    relies_on=("device",),
    population="2026-02-01 起、有设备号的风险测评；人数为本行设置，只作疑点，是否代评须核实；同一设备一日一条疑点",
)
def clustered_assessments(extracts: Frames, context: CheckContext) -> Hits:
    assessments = extracts["risk_assessments"].assign(_day=day(extracts["risk_assessments"], "assessed_at"))
    recent, limit = since_new_rules(assessments["_day"]), context.policies.clustered_assessments
    many = recent & filled(assessments, "device") & sure(whole(assessments, "device_day_customers") > limit)
    one = first_of_each(assessments, many, ("device", "_day"), "assessment_no") if many.any() else many
    return outcome(
        assessments,
        recent,
        one,
        lambda row: f"设备 {row['device']} 当日为 {row['device_day_customers']} 名客户测评，多于 {limit} 名",
        unknown=~filled(assessments, "device"),
        unknown_note="{n} 次测评无设备号，未作判断",
        notes=(counted(~recent, _EARLIER),),
    )


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
        lambda row: "匹配意见为不匹配而无书面确认，" + _basis(row["sold_on"], "第三十八条", "2号令第二十八条"),
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
        notes=(counted(kind & ~recent, _EARLIER),),
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
