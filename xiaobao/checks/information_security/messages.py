"""What goes out about customers and to them: marketing messages, adverse credit data."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import NONE, PERSONAL_LOAN, Proviso, on
from xiaobao.checks.frame_columns import day, filled, no, or_else, outcome, shown_day, sure, text, yes
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]
_SMS_FACTS = ("sent_at", "kind", "consent_no", "campaign")


@check(
    "information_security.sms_after_opt_out",
    "退订后仍发营销短信",
    needs=("sms_sends", "sms_opt_outs"),
    key="send_no",
    shown=(*_SMS_FACTS, "opted_out_on"),
    bases=(
        on("9号令", "第四十条", binds="发送短信的机构", start="退订之后", but=NONE),
        on("消保法实施条例", "第二十四条", binds="发送短信的机构", start="取消同意之后", but=NONE),
    ),
    day="sent_at",
    businesses=("短信服务",),
    look_back="同一客户或手机号发送前的退订（需导入短信退订）",
    population="营销短信；退订当日发送的先后不明，不算",
)
def sms_after_opt_out(extracts: Frames, context: CheckContext) -> Hits:
    sends = extracts["sms_sends"]
    return outcome(
        sends,
        text(sends, "kind") == "营销",
        sure(day(sends, "sent_at") > day(sends, "opted_out_on")),
        lambda row: f"{shown_day(row['opted_out_on'])} 已退订，{shown_day(row['sent_at'])} 又发营销短信",
    )


@check(
    "information_security.sms_without_consent",
    "营销短信无同意凭证",
    needs=("sms_sends",),
    key="send_no",
    shown=_SMS_FACTS,
    bases=(
        on(
            "消保法",
            "第二十九条",
            binds="发送短信的机构",
            start="发送之时",
            but=(Proviso(says="消费者请求发送的除外"),),
        ),
        on("消保法实施条例", "第二十四条", binds="发送短信的机构", start="发送之时", but=NONE),
        on("银发2019-316", "三（十）", binds="发送短信的机构", start="发送之时", but=NONE),
    ),
    day="sent_at",
    businesses=("短信服务",),
    relies_on=("consent_no",),
    population="营销短信",
)
def sms_without_consent(extracts: Frames, context: CheckContext) -> Hits:
    sends = extracts["sms_sends"]
    marketing = text(sends, "kind") == "营销"
    return outcome(sends, marketing, ~filled(sends, "consent_no"), "营销短信没有同意凭证号")


@check(
    "information_security.adverse_before_notice",
    "报送不良信息前未告知本人",
    needs=("loans",),
    key="loan_no",
    shown=("lent_on", "amount", "adverse_reported_on", "adverse_notified_on", "teller"),
    bases=(
        on(
            "征信业管理条例",
            "第十五条",
            binds="报送的信息提供者",
            start="报送之前",
            but=(Proviso(says="依法公开的不良信息除外", columns=("public_adverse",), ask="如为依法公开的不良信息"),),
            governs=(PERSONAL_LOAN,),
        ),
    ),
    day="adverse_reported_on",
    businesses=("贷款",),
    relies_on=("adverse_reported_on", "adverse_notified_on"),
    population="有不良信息报送日期的借据；当日告知当日报送不算；依法公开的不良信息不算",
)
def adverse_before_notice(extracts: Frames, context: CheckContext) -> Hits:
    loans = extracts["loans"]
    reported, notified = day(loans, "adverse_reported_on"), day(loans, "adverse_notified_on")
    return outcome(
        loans,
        reported.notna() & ~yes(loans, "public_adverse"),
        notified.isna() | sure(notified > reported),
        lambda row: (
            f"{shown_day(row['adverse_reported_on'])} 报送，"
            + or_else(row.get("adverse_notified_on"), "才告知", "无告知日期")
        ),
    )


@check(
    "information_security.sms_without_opt_out",
    "营销短信未提供退订方式",
    needs=("sms_sends",),
    key="send_no",
    shown=(*_SMS_FACTS, "opt_out_shown"),
    bases=(
        on("9号令", "第四十条", binds="发送短信的机构", start="发送之时", but=NONE),
        on("广告法", "第四十三条", binds="发送短信的机构", start="发送之时", but=NONE),
        on("银发2019-316", "三（十）", binds="发送短信的机构", start="发送之时", but=NONE),
    ),
    day="sent_at",
    businesses=("短信服务",),
    relies_on=("opt_out_shown",),
    population="营销短信",
)
def sms_without_opt_out(extracts: Frames, context: CheckContext) -> Hits:
    sends = extracts["sms_sends"]
    shown, hidden = yes(sends, "opt_out_shown"), no(sends, "opt_out_shown")
    return outcome(
        sends,
        text(sends, "kind") == "营销",
        hidden,
        "营销短信没有退订方式",
        unknown=~(shown | hidden),
        unknown_note="{n} 条未填是否含退订方式，未作判断",
    )
