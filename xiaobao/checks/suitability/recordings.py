"""Recordings of sales at the counter: every sale has one, and it can be found."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.reading import counted, day, filled, outcome, text
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]
_FACTS = ("sold_on", "product", "product_type", "channel", "amount", "teller", "recording_no")


def _at_the_counter(sales: pd.DataFrame) -> pd.Series[bool]:
    return text(sales, "channel").isin(["柜面", "自助终端", ""])


def _no_channel(sales: pd.DataFrame) -> str:
    return counted(~filled(sales, "channel"), "{n} 笔未填销售渠道，按柜面处理")


@check(
    "suitability.sale_recording_missing",
    "网点销售理财和代销产品无双录",
    needs=("product_sales",),
    key="sale_no",
    shown=_FACTS,
    citations=(("110号", "第二条"), ("9号令", "第十二条")),
    day="sold_on",
    businesses=("理财",),
    relies_on=("recording_no",),
    population="柜面和自助终端的产品销售（未填渠道的按柜面）",
)
def sale_recording_missing(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    return outcome(
        sales,
        _at_the_counter(sales),
        ~filled(sales, "recording_no"),
        "在营业场所销售而没有双录编号",
        notes=(_no_channel(sales),),
    )


@check(
    "suitability.recording_not_found",
    "双录编号在双录清单中查不到",
    needs=("product_sales", "recordings"),
    key="sale_no",
    shown=_FACTS,
    citations=(("9号令", "第十二条"),),
    day="sold_on",
    businesses=("理财",),
    look_back="同一双录编号在全行双录清单中的录制日期（需导入双录清单）",
    relies_on=("recording_no",),
    population="柜面和自助终端、有双录编号的产品销售（未填渠道的按柜面）",
)
def recording_not_found(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    return outcome(
        sales,
        _at_the_counter(sales) & filled(sales, "recording_no"),
        day(sales, "recorded_on").isna(),
        lambda row: f"双录清单中没有编号 {row['recording_no']}",
        notes=(_no_channel(sales),),
    )
