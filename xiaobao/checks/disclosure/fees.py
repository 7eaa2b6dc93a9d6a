"""Fees against the price list, and the customer's consent to what is charged."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from xiaobao.checks.bases import NONE, PERSONAL_PAYER, on
from xiaobao.checks.frame_columns import (
    Row,
    as_records,
    day,
    exact,
    filled,
    flags,
    no,
    or_else,
    outcome,
    shown_day,
    sure,
    text,
    with_count,
    yes,
)
from xiaobao.checks.registry import CheckContext, Hits, check
from xiaobao.numbers import HUNDRED, half_up

Frames = Mapping[str, pd.DataFrame]
_FEE_FACTS = ("charged_on", "fee_code", "fee_name", "amount", "base", "teller")


def _versions(prices: pd.DataFrame) -> dict[str, list[Row]]:
    """Return the versions of each fee code, the latest in force first."""
    found: dict[str, list[Row]] = {}
    for row in as_records(prices.sort_values("effective_on", ascending=False)):
        found.setdefault(str(row["fee_code"]), []).append(row)
    return found


def _in_force(versions: list[Row], moment: pd.Timestamp) -> Row | None:
    for row in versions:
        ended = row.get("ended_on")
        if row["effective_on"] <= moment and (ended is None or pd.isna(ended) or moment <= ended):
            return row
    return None


def _limit(price: Row, base: Decimal | None) -> Decimal | None:
    """Return the most that may be charged: the price, or base × rate with the price as least and the cap as most."""
    rate, cap, least = (_decimal(price.get(name)) for name in ("rate", "cap", "price"))
    if not rate:
        return least
    if base is None:
        return cap
    most = half_up(base * rate / HUNDRED)
    if cap is not None:
        most = min(most, cap)
    return max(most, least or Decimal(0))


def _decimal(value: object) -> Decimal | None:
    return None if value is None or pd.isna(value) else Decimal(str(value))  # type: ignore[call-overload]


def _priced(fees: pd.DataFrame, prices: pd.DataFrame) -> list[Row | None]:
    versions = _versions(prices)
    pairs = zip(text(fees, "fee_code"), day(fees, "charged_on"), strict=True)
    return [_in_force(versions.get(code, []), moment) for code, moment in pairs]


def _charged(fees: pd.DataFrame) -> pd.Series[bool]:
    return flags([amount is not None and amount > 0 for amount in exact(fees, "amount")], fees)


@check(
    "disclosure.fee_above_price",
    "收费高于公示价格",
    needs=("fee_entries", "price_list"),
    key="entry_no",
    shown=_FEE_FACTS,
    bases=(on("明码标价规定", "第八条", binds="收费的机构", start="收费当日的有效价目", but=NONE),),
    day="charged_on",
    population="收费当日有生效价目的收费；有费率的按计费基数×费率（不低于标准价格、不高于封顶）计算上限，费率以百分数计",
)
def fee_above_price(extracts: Frames, context: CheckContext) -> Hits:
    fees = extracts["fee_entries"]
    prices = _priced(fees, extracts["price_list"])
    bases = exact(fees, "base")
    limits = [None if price is None else _limit(price, base) for price, base in zip(prices, bases, strict=True)]
    priced = flags([price is not None for price in prices], fees)
    amounts = exact(fees, "amount")
    above = [a is not None and most is not None and a > most for a, most in zip(amounts, limits, strict=True)]
    by_key = dict(zip(text(fees, "entry_no"), limits, strict=True))
    return outcome(
        fees,
        priced & _charged(fees),
        flags(above, fees),
        lambda row: f"收取 {row['amount']} 元，当日价目最高为 {by_key[str(row['entry_no'])]} 元",
        unknown=flags([most is None for most in limits], fees),
        unknown_note="{n} 笔按费率计收但无计费基数，未作判断",
    )


@check(
    "disclosure.fee_unpriced",
    "收取价目中没有的费用",
    needs=("fee_entries", "price_list"),
    key="entry_no",
    shown=_FEE_FACTS,
    bases=(
        on("明码标价规定", "第八条", binds="收费的机构", start="收费当日的有效价目", but=NONE),
        on("9号令", "第二十四条", binds="收费的机构", start="收费当日", but=NONE, governs=(PERSONAL_PAYER,)),
    ),
    day="charged_on",
    population="金额大于零的收费",
)
def fee_unpriced(extracts: Frames, context: CheckContext) -> Hits:
    fees = extracts["fee_entries"]
    missing = flags([price is None for price in _priced(fees, extracts["price_list"])], fees)
    return outcome(fees, _charged(fees), missing, lambda row: f"收费当日价目中没有项目 {row['fee_code']} 的有效版本")


@check(
    "disclosure.price_published_late",
    "新设或提价未提前公示",
    needs=("price_list",),
    key="项目与版本",
    shown=("fee_name", "change", "published_on", "effective_on", "price"),
    bases=(
        on(
            "9号令",
            "第二十四条",
            binds="发布价目的机构（没有写明的为总行）",
            start="生效日（提前天数条文没有规定，公示日须早于生效日）",
            but=NONE,
        ),
    ),
    day="effective_on",
    population="检查期内生效、本机构发布的新设或提价版本（没有写明发布机构的归总行）；条文未定提前天数，公示日须早于生效日",
)
def price_published_late(extracts: Frames, context: CheckContext) -> Hits:
    """Judge the versions that this unit published; head office those of which no publisher is named."""
    prices = extracts["price_list"]
    frame = prices.assign(项目与版本=text(prices, "fee_code") + " " + text(prices, "version"))
    start, end = pd.Timestamp(context.period.start), pd.Timestamp(context.period.end)
    effective, publisher = day(frame, "effective_on"), text(frame, "publisher")
    ours = publisher == context.unit.id
    if context.unit.level == "head_office":
        ours |= publisher == ""
    starting = sure((effective >= start) & (effective <= end))
    return outcome(
        frame,
        ours & text(frame, "change").isin(["新设", "提价"]) & starting,
        sure(day(frame, "published_on") >= effective),
        lambda row: f"{row['change']}自 {shown_day(row['effective_on'])} 生效，{shown_day(row['published_on'])} 才公示",
        notes=(
            with_count(ours & ~filled(frame, "change"), "价目表有 {n} 个版本未填变动类型，未作判断"),
            with_count(~ours & starting, "{n} 个版本由其他机构发布，疑点归发布机构；本机构只查张贴"),
        ),
    )


@check(
    "disclosure.paid_service_without_consent",
    "增值服务收费无签约凭证",
    needs=("fee_entries",),
    key="entry_no",
    shown=_FEE_FACTS,
    bases=(on("9号令", "第二十六条", binds="收费的机构", start="收费之时", but=NONE, governs=(PERSONAL_PAYER,)),),
    day="charged_on",
    relies_on=("value_added", "consent_no"),
    population="增值服务的收费，金额大于零",
)
def paid_service_without_consent(extracts: Frames, context: CheckContext) -> Hits:
    fees = extracts["fee_entries"]
    known = yes(fees, "value_added") | no(fees, "value_added")
    return outcome(
        fees,
        _charged(fees) & (yes(fees, "value_added") | ~known),
        ~filled(fees, "consent_no"),
        "增值服务收费没有签约凭证号",
        unknown=~known,
        unknown_note="{n} 笔收费未标明是否增值服务，未作判断",
    )


@check(
    "disclosure.charged_before_consent",
    "先收费后签约",
    needs=("fee_entries",),
    key="entry_no",
    shown=(*_FEE_FACTS, "consent_no", "consent_on"),
    bases=(on("9号令", "第二十六条", binds="收费的机构", start="收费之时", but=NONE, governs=(PERSONAL_PAYER,)),),
    day="charged_on",
    relies_on=("value_added", "consent_on"),
    population="有签约凭证号的增值服务收费，金额大于零；签约当日收费不算",
)
def charged_before_consent(extracts: Frames, context: CheckContext) -> Hits:
    fees = extracts["fee_entries"]
    signed = day(fees, "consent_on")
    return outcome(
        fees,
        _charged(fees) & yes(fees, "value_added") & filled(fees, "consent_no"),
        sure(day(fees, "charged_on") < signed),
        lambda row: f"{shown_day(row['charged_on'])} 收费，{shown_day(row['consent_on'])} 才签约",
        unknown=signed.isna(),
        unknown_note="{n} 笔有签约凭证号而无签约日期，未作判断",
    )


@check(
    "disclosure.renewal_without_reminder",
    "自动续费扣费前未提醒",
    needs=("fee_entries",),
    key="entry_no",
    shown=(*_FEE_FACTS, "consent_no", "reminded_on"),
    bases=(
        on(
            "消保法实施条例",
            "第十条",
            binds="收费的机构",
            start="自动续费扣费之前",
            but=NONE,
            governs=(PERSONAL_PAYER,),
        ),
    ),
    day="charged_on",
    relies_on=("auto_renewed", "reminded_on"),
    population="2024-07-01 起自动续费的收费，金额大于零；提醒当日扣费的先后不明，不算",
)
def renewal_without_reminder(extracts: Frames, context: CheckContext) -> Hits:
    fees = extracts["fee_entries"]
    renewed, once = yes(fees, "auto_renewed"), no(fees, "auto_renewed")
    reminded = day(fees, "reminded_on")
    return outcome(
        fees,
        _charged(fees) & ~once,
        reminded.isna() | sure(reminded > day(fees, "charged_on")),
        lambda row: (
            f"{shown_day(row['charged_on'])} 自动续费扣费，" + or_else(row.get("reminded_on"), "才提醒", "没有提醒日期")
        ),
        unknown=~renewed,
        unknown_note="{n} 笔收费未标明是否自动续费，未作判断",
    )
