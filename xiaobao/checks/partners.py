"""合作机构管理: nobody works with us without admission, or on an agreement that has run out."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import NONE, on
from xiaobao.checks.frame_columns import Row, answered_for, day, filled, outcome, shown_day, sure
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]


_FACTS = ("name", "kind", "admitted_on", "admission_no", "agreement_no", "agreement_ends_on", "exited_on")


def _working(partners: pd.DataFrame, context: CheckContext) -> pd.Series[bool]:
    """Return the partners that had not left on the day of the inspection."""
    gone = day(partners, "exited_on")
    return gone.isna() | sure(gone > pd.Timestamp(context.as_of))


@check(
    "partners.not_admitted",
    "未经准入即合作",
    needs=("partners",),
    key="partner_no",
    shown=_FACTS,
    bases=(on("9号令", "第十四条", binds="管理合作机构的机构", start="合作之日", but=NONE),),
    day="admitted_on",
    relies_on=("admission_no",),
    population="本机构管理、检查基准日未退出的合作机构",
)
def not_admitted(extracts: Frames, context: CheckContext) -> Hits:
    partners = answered_for(extracts["partners"], context)
    return outcome(
        partners, _working(partners, context), ~filled(partners, "admission_no"), "名单内合作机构没有准入审批编号"
    )


@check(
    "partners.agreement_expired",
    "协议到期仍在合作",
    needs=("partners",),
    key="partner_no",
    shown=_FACTS,
    bases=(on("9号令", "第十四条", binds="管理合作机构的机构", start="协议到期日的次日", but=NONE),),
    day="agreement_ends_on",
    relies_on=("agreement_ends_on",),
    population="本机构管理、检查基准日未退出的合作机构；协议到期日为检查基准日的不算",
)
def agreement_expired(extracts: Frames, context: CheckContext) -> Hits:
    partners = answered_for(extracts["partners"], context)
    ends = day(partners, "agreement_ends_on")
    return outcome(
        partners,
        _working(partners, context),
        sure(ends < pd.Timestamp(context.as_of)),
        _expired,
        unknown=ends.isna(),
        unknown_note="{n} 家无协议到期日，未作判断",
    )


def _expired(row: Row) -> str:
    return f"协议 {shown_day(row['agreement_ends_on'])} 到期，未登记续签或退出"
