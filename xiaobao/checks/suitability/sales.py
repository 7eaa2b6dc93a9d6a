"""Sales of investment products against the customer's level, assessments and the papers they need."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.reading import counted, day, filled, outcome, shown_day, since_new_rules, sure, text, whole
from xiaobao.checks.registry import CheckContext, Hits, check
from xiaobao.checks.suitability.scope import EARLIER, basis, in_scope, lapsed, scope_notes

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
            + basis(row["sold_on"], "第十二条", "9号令第十一条")
        ),
        unknown=level.isna() | product.isna(),
        unknown_note="{n} 笔无客户等级，未作判断",
        notes=scope_notes(sales),
    )


def _governed(sales: pd.DataFrame) -> pd.Series[bool]:
    return in_scope(sales) & since_new_rules(day(sales, "sold_on"))


def _governed_notes(sales: pd.DataFrame) -> tuple[str, ...]:
    earlier = in_scope(sales) & ~since_new_rules(day(sales, "sold_on"))
    return (counted(earlier, EARLIER), *scope_notes(sales))


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
        lapsed(sales) & day(sales, "assessed_after_on").isna(),
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
        lapsed(sales) & day(sales, "assessed_after_on").notna(),
        lambda row: f"{shown_day(row['sold_on'])} 成交时无有效测评，{shown_day(row['assessed_after_on'])} 才测评",
        notes=_governed_notes(sales),
    )


@check(
    "suitability.lower_level_used",
    "代销产品采用了较低的风险等级",
    needs=("product_sales",),
    key="sale_no",
    shown=(*_SALE_FACTS, "issuer_level"),
    citations=(("适当性办法", "第二十二条"),),
    day="sold_on",
    businesses=("理财",),
    relies_on=("issuer_level",),
    population="2026-02-01 起的代销理财、代销信托销售；与发行方评级不一致的应采用较高者",
)
def lower_level_used(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    agency = text(sales, "product_type").isin(["代销理财", "代销信托"])
    recent = since_new_rules(day(sales, "sold_on"))
    ours, theirs = whole(sales, "product_level"), whole(sales, "issuer_level")
    return outcome(
        sales,
        agency & recent,
        sure(ours < theirs),
        lambda row: f"销售时按 {row['product_level']} 级，发行方评为 {row['issuer_level']} 级",
        unknown=theirs.isna() | ours.isna(),
        unknown_note="{n} 笔无发行方产品等级，未作判断",
        notes=(counted(agency & ~recent, EARLIER),),
    )


@check(
    "suitability.seller_unqualified",
    "销售人员当日无有效理财资质",
    needs=("product_sales", "qualifications"),
    key="sale_no",
    shown=("sold_on", "product", "product_type", "channel", "teller", "certificate_no"),
    citations=(("适当性办法", "第十六条"),),
    day="sold_on",
    businesses=("理财",),
    look_back="柜员在销售资质清单中的理财资质（需导入销售资质）",
    relies_on=("teller",),
    population="2026-02-01 起、柜面办理的代销基金以外的产品销售（未填渠道的按柜面）；资质生效和失效当日均算有效",
)
def seller_unqualified(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    counter = text(sales, "channel").isin(["柜面", ""])
    return outcome(
        sales,
        counter & _governed(sales),
        ~filled(sales, "certificate_no"),
        lambda row: f"柜员 {row['teller']} 在 {shown_day(row['sold_on'])} 没有有效的理财资质",
        unknown=~filled(sales, "teller"),
        unknown_note="{n} 笔无柜员号，未作判断",
        notes=_governed_notes(sales),
    )
