"""Sales of investment products against the customer's level, assessments and the papers they need."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.reading import counted, day, outcome, shown_day, since_new_rules, sure, text, whole
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
