"""Private products: who may buy them, and for how much at least."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from xiaobao.checks.bases import NONE, Proviso, on
from xiaobao.checks.frame_columns import exact, filled, flags, outcome, text
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]
_FACTS = ("sold_on", "product", "product_type", "asset_class", "amount", "teller", "recording_no")
_MINIMUM = {  # 银发〔2018〕106号 第五项，元
    "固定收益类": Decimal(300_000),
    "混合类": Decimal(400_000),
    "权益类": Decimal(1_000_000),
    "商品及金融衍生品类": Decimal(1_000_000),
}
_REGARDED = Proviso(says="金融管理部门视为合格投资者的其他情形除外", ask="如属金融管理部门视为合格投资者的其他情形")


def _private(sales: pd.DataFrame) -> pd.Series[bool]:
    return text(sales, "offering").isin(["私募", ""])


@check(
    "suitability.private_without_proof",
    "私募产品客户无合格投资者证明",
    needs=("product_sales",),
    key="sale_no",
    shown=(*_FACTS, "qualified_proof_no"),
    bases=(
        on("9号令", "第三十一条", binds="销售的机构", start="销售之日", but=NONE),
        on("银发2018-106", "第五项", binds="销售的机构", start="销售之日", but=(_REGARDED,)),
    ),
    day="sold_on",
    businesses=("理财",),
    relies_on=("offering", "qualified_proof_no"),
    population="私募产品的销售",
)
def private_without_proof(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    return outcome(
        sales,
        _private(sales),
        ~filled(sales, "qualified_proof_no"),
        "私募产品销售没有合格投资者证明编号",
        unknown=~filled(sales, "offering"),
        unknown_note="{n} 笔未填募集方式，未作判断",
    )


@check(
    "suitability.private_below_minimum",
    "私募产品投资金额低于起点",
    needs=("product_sales",),
    key="sale_no",
    shown=(*_FACTS, "product_total"),
    bases=(
        on("银发2018-106", "第五项", binds="销售的机构", start="累计投资至当日", but=NONE),
        on("9号令", "第三十一条", binds="销售的机构", start="销售之日", but=NONE),
    ),
    day="sold_on",
    businesses=("理财",),
    look_back="同一客户在全行对同一产品截至当日的累计金额，不扣赎回",
    relies_on=("offering", "asset_class"),
    population="私募产品的销售；单只起点固定收益类 30 万元、混合类 40 万元、权益类和商品及金融衍生品类 100 万元，"
    "达到起点不算",
)
def private_below_minimum(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    least = [_MINIMUM.get(kind) for kind in text(sales, "asset_class")]
    pairs = list(zip(exact(sales, "product_total"), least, strict=True))
    return outcome(
        sales,
        _private(sales),
        flags([total is not None and floor is not None and total < floor for total, floor in pairs], sales),
        lambda row: f"累计投资 {row['product_total']} 元，{row['asset_class']}起点为 {_MINIMUM[row['asset_class']]} 元",
        unknown=~filled(sales, "offering") | flags([None in pair for pair in pairs], sales),
        unknown_note="{n} 笔未填募集方式、资产类别或客户，未作判断",
    )
