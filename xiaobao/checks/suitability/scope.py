"""What the Measures of 2026 govern, from which day, and how long an assessment holds."""

from __future__ import annotations

import pandas as pd

from xiaobao.checks.reading import SUITABILITY_RULES_FROM, counted, day, filled, sure, text

EARLIER = "{n} 笔早于 2026-02-01，适当性办法尚未施行，未纳入"
_FUNDS = "{n} 笔代销基金执行证券期货投资者适当性规定，未纳入"


def in_scope(sales: pd.DataFrame) -> pd.Series[bool]:
    """Return the sales that the Measures of 2026 (or the older rules of the same regulator) govern."""
    return text(sales, "product_type") != "代销基金"


def scope_notes(sales: pd.DataFrame) -> tuple[str, str]:
    return (
        counted(~in_scope(sales), _FUNDS),
        counted(~filled(sales, "product_type"), "{n} 笔未填产品类型，按纳入处理"),
    )


def basis(moment: object, new: str, old: str) -> str:
    recent = pd.Timestamp(moment).date() >= SUITABILITY_RULES_FROM  # type: ignore[arg-type]
    return f"适用适当性办法{new}" if recent else f"交易早于 2026-02-01，适用{old}"


def lapsed(sales: pd.DataFrame) -> pd.Series[bool]:
    """Tell which sales had no assessment of the last 12 months; the same day a year later is still within."""
    expires = day(sales, "assessed_on") + pd.DateOffset(months=12)
    return ~sure(day(sales, "sold_on") <= expires)
