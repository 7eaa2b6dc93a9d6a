"""金融教育: education is for the public good and does not advertise products."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import NONE, SCOPE5, on
from xiaobao.checks.frame_columns import answered_for, everything, no, outcome, yes
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]


@check(
    "education.product_advertised",
    "教育宣传夹带产品营销",
    needs=("education",),
    key="activity_no",
    shown=("held_on", "title", "form", "audience", "material_no", "product_ad"),
    bases=(
        on("9号令", "第三十五条", binds="举办活动的机构", start="活动之日", but=NONE),
        on("5号令", "第二十四条", binds="举办活动的机构", start="活动之日", but=SCOPE5),
    ),
    day="held_on",
    relies_on=("product_ad",),
    population="本机构检查期内的宣传活动",
)
def product_advertised(extracts: Frames, context: CheckContext) -> Hits:
    activities = answered_for(extracts["education"], context)
    mixed = yes(activities, "product_ad")
    return outcome(
        activities,
        everything(activities),
        mixed,
        "登记的宣传活动含产品营销",
        unknown=~mixed & ~no(activities, "product_ad"),
        unknown_note="{n} 场未填是否含产品营销，未作判断",
    )
