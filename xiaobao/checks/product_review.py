"""产品和服务消保审查: the opinion comes before the launch, and what it asks for is done or answered."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import NONE, SCOPE5, on
from xiaobao.checks.frame_columns import answered_for, day, everything, filled, or_else, outcome, shown_day, sure, text
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]


@check(
    "product_review.launched_before_opinion",
    "审查意见出具前上线",
    needs=("reviews",),
    key="review_no",
    shown=("kind", "title", "submitted_on", "opinion", "opinion_on", "launched_on"),
    bases=(
        on("9号令", "第九条", binds="送审的机构、部室", start="上线之日", but=NONE),
        on("5号令", "第九条", binds="送审的机构、部室", start="上线之日", but=SCOPE5),
    ),
    day="launched_on",
    relies_on=("opinion_on", "launched_on"),
    population="本机构送审、已上线的审查件；出具意见当日上线不算，没有意见日期的算",
)
def launched_before_opinion(extracts: Frames, context: CheckContext) -> Hits:
    reviews = answered_for(extracts["reviews"], context)
    launched, opinion = day(reviews, "launched_on"), day(reviews, "opinion_on")
    return outcome(
        reviews,
        launched.notna(),
        opinion.isna() | sure(launched < opinion),
        lambda row: (
            f"{shown_day(row['launched_on'])} 上线，"
            + or_else(row.get("opinion_on"), "才出具审查意见", "没有审查意见日期")
        ),
    )


@check(
    "product_review.launched_against_opinion",
    "审查不同意仍上线",
    needs=("reviews",),
    key="review_no",
    shown=("kind", "title", "opinion", "opinion_on", "launched_on", "adopted"),
    bases=(on("9号令", "第九条", binds="送审的机构、部室", start="上线之日", but=NONE),),
    day="launched_on",
    relies_on=("opinion", "launched_on"),
    population="本机构送审、有审查意见且已上线的审查件；不同意后修改重审的应另有审查编号",
)
def launched_against_opinion(extracts: Frames, context: CheckContext) -> Hits:
    reviews = answered_for(extracts["reviews"], context)
    return outcome(
        reviews,
        filled(reviews, "launched_on"),
        text(reviews, "opinion") == "不同意",
        lambda row: f"审查意见为不同意，{shown_day(row['launched_on'])} 仍上线",
        unknown=~filled(reviews, "opinion"),
        unknown_note="{n} 件无审查意见，未作判断",
    )


@check(
    "product_review.opinion_ignored",
    "审查意见未采纳而无理由",
    needs=("reviews",),
    key="review_no",
    shown=("kind", "title", "opinion_on", "remarks", "remarks_adopted", "adopted", "not_adopted_reason"),
    bases=(on("5号令", "第九条", binds="送审的机构、部室", start="出具审查意见之后", but=SCOPE5),),
    day="opinion_on",
    relies_on=("adopted", "not_adopted_reason"),
    practice="条文只要求有效督办落实审查意见，未采纳须说明理由是本行要求",
    population="本机构送审、填了采纳情况的审查件；理由是否成立须人工核实",
)
def opinion_ignored(extracts: Frames, context: CheckContext) -> Hits:
    reviews = answered_for(extracts["reviews"], context)
    return outcome(
        reviews,
        everything(reviews),
        text(reviews, "adopted").isin(["部分采纳", "未采纳"]) & ~filled(reviews, "not_adopted_reason"),
        lambda row: f"审查意见{row['adopted']}，没有理由",
        unknown=~filled(reviews, "adopted"),
        unknown_note="{n} 件未填意见采纳情况，未作判断",
    )
