"""Recordings of sales at the counter: every sale has one, and it can be found."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import NONE, Proviso, on
from xiaobao.checks.frame_columns import day, everything, filled, outcome
from xiaobao.checks.registry import CheckContext, Hits, check
from xiaobao.checks.suitability.scope import AT_COUNTER, PERSONAL, RECORDED_SALES

Frames = Mapping[str, pd.DataFrame]
_FACTS = ("sold_on", "product", "product_type", "channel", "amount", "teller", "recording_no")
_RECORDED = on(
    "9号令", "第十二条", binds="销售的机构", start="销售之时", but=NONE, governs=(RECORDED_SALES, PERSONAL, AT_COUNTER)
)


@check(
    "suitability.sale_recording_missing",
    "网点销售理财和代销产品无双录",
    needs=("product_sales",),
    key="sale_no",
    shown=_FACTS,
    bases=(
        on(
            "110号",
            "第二条",
            binds="销售的机构",
            start="销售之时",
            but=(
                Proviso(says="国债、实物贵金属可以自行决定（第二条第二款）"),
                Proviso(says="只及向个人消费者销售（第三条）"),
                Proviso(says="自助终端自主购买是否除外条号待核，不判并列数"),
            ),
            governs=(RECORDED_SALES, PERSONAL, AT_COUNTER),
        ),
        _RECORDED,
    ),
    day="sold_on",
    businesses=("理财",),
    relies_on=("recording_no",),
    population="向个人在柜面销售自营理财和代销产品；自助终端、其他产品不判并列数",
)
def sale_recording_missing(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    return outcome(sales, everything(sales), ~filled(sales, "recording_no"), "在营业场所销售而没有双录编号")


@check(
    "suitability.recording_not_found",
    "双录编号在双录清单中查不到",
    needs=("product_sales", "recordings"),
    key="sale_no",
    shown=_FACTS,
    bases=(_RECORDED,),
    day="sold_on",
    businesses=("理财",),
    look_back="同一双录编号在全行双录清单中的录制日期（需导入双录清单）",
    relies_on=("recording_no",),
    population="向个人在柜面销售自营理财和代销产品、有双录编号的",
)
def recording_not_found(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    return outcome(
        sales,
        filled(sales, "recording_no"),
        day(sales, "recorded_on").isna(),
        lambda row: f"双录清单中没有编号 {row['recording_no']}",
    )
