"""What the Measures of 2026 and the rules of recording govern, and how long an assessment holds."""

from __future__ import annotations

import pandas as pd

from xiaobao.checks.bases import Governs, Proviso
from xiaobao.checks.frame_columns import day, sure

ORDINARY = Governs(column="customer_kind", values=("个人", "普通机构"), says="专业投资者可以简化或免于测评")
PERSONAL = Governs(column="customer_kind", values=("个人",), says="只及个人消费者")
RECORDED_SALES = Governs(
    column="product_type",
    values=("自营理财", "代销理财", "代销基金", "代销信托"),
    unsure=("其他",),
    says="国债、实物贵金属可以自行决定是否双录，存款不在内",
)
AT_COUNTER = Governs(column="channel", values=("柜面",), unsure=("自助终端",), says="只及营业场所销售，线上渠道不在内")
PERSONAL_HOLDER = Governs(column="holder_kind", values=("自然人",), says="投保人为自然人的才适用")
NOT_GROUP = Governs(column="group_policy", values=("否",), says="团体保险除外")
INSURED_AT_COUNTER = Governs(column="channel", values=("柜面", "自助终端"), says="只及营业场所销售")
LIFE = Governs(
    column="product_type",
    values=("普通型", "分红型", "万能型", "投连型", "变额型"),
    says="财产保险可以免于评估（第四十条）",
)
PROFESSIONAL = Proviso(says="向专业投资者销售可以视情简化或免于测评（第二十七条第二款）")
BY_INSURER = Proviso(says="由保险公司测评的", ask="如由保险公司测评")


def lapsed(sales: pd.DataFrame) -> pd.Series[bool]:
    """Tell which sales had no assessment of the last 12 months; the same day a year later is still within."""
    expires = day(sales, "assessed_on") + pd.DateOffset(months=12)
    return ~sure(day(sales, "sold_on") <= expires)
