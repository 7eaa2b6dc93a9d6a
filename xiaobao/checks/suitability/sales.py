"""Sales of investment products against the customer's level, assessments and the papers they need."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import INVESTMENT, NONE, Governs, on
from xiaobao.checks.frame_columns import day, everything, filled, outcome, shown_day, sure, text, whole
from xiaobao.checks.registry import CheckContext, Hits, check
from xiaobao.checks.suitability.scope import AT_COUNTER, ORDINARY, PERSONAL, PROFESSIONAL, lapsed

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
    bases=(
        on(
            "适当性办法",
            "第十二条",
            binds="销售的机构",
            start="销售之日",
            but=(PROFESSIONAL,),
            governs=(INVESTMENT, ORDINARY),
        ),
        on("9号令", "第十一条", binds="销售的机构", start="销售之日", but=NONE, governs=(INVESTMENT, PERSONAL)),
    ),
    day="sold_on",
    businesses=("理财",),
    look_back="成交前最近一次测评等级，成交时客户等级缺失时使用",
    population="投资型产品（代销基金除外）的销售；客户书面确认不能使其合规",
)
def product_above_customer(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    level = whole(sales, "customer_level").fillna(whole(sales, "assessed_level"))
    product = whole(sales, "product_level")
    by_key = dict(zip(text(sales, "sale_no"), level, strict=True))
    return outcome(
        sales,
        everything(sales),
        sure(product > level),
        lambda row: f"产品 {row['product_level']} 级高于客户 {by_key[str(row['sale_no'])]} 级",
        unknown=level.isna() | product.isna(),
        unknown_note="{n} 笔无客户等级，未作判断",
    )


@check(
    "suitability.no_valid_assessment",
    "成交前无有效风险测评",
    needs=("product_sales", "risk_assessments"),
    key="sale_no",
    shown=(*_SALE_FACTS, "assessed_on"),
    bases=(
        on(
            "适当性办法",
            "第二十九条",
            binds="销售的机构",
            start="成交前 12 个月（“原则上”）",
            but=(PROFESSIONAL,),
            governs=(INVESTMENT, ORDINARY),
        ),
    ),
    day="sold_on",
    businesses=("理财",),
    look_back="客户在全行最近一次测评（需导入成交前 12 个月的风险测评）",
    population="2026-02-01 起、投资型产品（代销基金除外）的销售；成交后才补做测评的归入“先销售后测评”",
)
def no_valid_assessment(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    return outcome(
        sales,
        everything(sales),
        lapsed(sales) & day(sales, "assessed_after_on").isna(),
        lambda row: (
            f"最近测评 {shown_day(row.get('assessed_on'))}，至 {shown_day(row['sold_on'])} 已超过 12 个月"
            if shown_day(row.get("assessed_on"))
            else "已导入的测评记录中，该客户成交前没有测评"
        ),
    )


@check(
    "suitability.assessed_after_sale",
    "先销售后测评",
    needs=("product_sales", "risk_assessments"),
    key="sale_no",
    shown=(*_SALE_FACTS, "assessed_on", "assessed_after_on"),
    bases=(
        on(
            "适当性办法",
            "第十三条",
            binds="销售的机构",
            start="成交之时",
            but=(PROFESSIONAL,),
            governs=(INVESTMENT, ORDINARY),
        ),
    ),
    day="sold_on",
    businesses=("理财",),
    look_back="客户在全行成交前后的测评",
    population="2026-02-01 起、投资型产品（代销基金除外）的销售",
)
def assessed_after_sale(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    return outcome(
        sales,
        everything(sales),
        lapsed(sales) & day(sales, "assessed_after_on").notna(),
        lambda row: f"{shown_day(row['sold_on'])} 成交时无有效测评，{shown_day(row['assessed_after_on'])} 才测评",
    )


@check(
    "suitability.lower_level_used",
    "代销产品采用了较低的风险等级",
    needs=("product_sales",),
    key="sale_no",
    shown=(*_SALE_FACTS, "issuer_level"),
    bases=(
        on(
            "适当性办法",
            "第二十二条",
            binds="销售的机构",
            start="销售之日",
            but=NONE,
            governs=(
                Governs(
                    column="product_type",
                    values=("代销理财", "代销信托"),
                    unsure=("其他",),
                    says="只及发行与销售不是同一机构的投资型产品",
                ),
            ),
        ),
    ),
    day="sold_on",
    businesses=("理财",),
    relies_on=("issuer_level",),
    population="2026-02-01 起的代销理财、代销信托销售；与发行方评级不一致的应采用较高者",
)
def lower_level_used(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    ours, theirs = whole(sales, "product_level"), whole(sales, "issuer_level")
    return outcome(
        sales,
        everything(sales),
        sure(ours < theirs),
        lambda row: f"销售时按 {row['product_level']} 级，发行方评为 {row['issuer_level']} 级",
        unknown=theirs.isna() | ours.isna(),
        unknown_note="{n} 笔无发行方产品等级，未作判断",
    )


@check(
    "suitability.seller_unqualified",
    "销售人员当日无有效理财资质",
    needs=("product_sales", "qualifications"),
    key="sale_no",
    shown=("sold_on", "product", "product_type", "channel", "teller", "certificate_no"),
    bases=(
        on("适当性办法", "第十六条", binds="销售的机构", start="销售之日", but=NONE, governs=(INVESTMENT, AT_COUNTER)),
    ),
    day="sold_on",
    businesses=("理财",),
    look_back="柜员在销售资质清单中的理财资质（需导入销售资质）",
    relies_on=("teller",),
    population="2026-02-01 起、柜面办理的投资型产品（代销基金除外）的销售；资质生效和失效当日均算有效",
)
def seller_unqualified(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    return outcome(
        sales,
        everything(sales),
        ~filled(sales, "certificate_no"),
        lambda row: f"柜员 {row['teller']} 在 {shown_day(row['sold_on'])} 没有有效的理财资质",
        unknown=~filled(sales, "teller"),
        unknown_note="{n} 笔无柜员号，未作判断",
    )
