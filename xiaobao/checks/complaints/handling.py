"""How complaints are registered, by whom they are handled, and what the customer is notified of."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import NONE, SCOPE5, on
from xiaobao.checks.complaints.timing import AGREED, UNREACHABLE, is_complaint, notified_by
from xiaobao.checks.frame_columns import as_records, filled, flags, outcome, shown_day, text, with_count
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]


@check(
    "complaints.unregistered_transfer",
    "转办投诉未登记台账",
    needs=("transfers", "complaints"),
    key="transfer_no",
    shown=("source", "transferred_on", "complaint_no"),
    bases=(
        on("3号令", "第二十八条", binds="收到转办的机构", start="收到转办之日", but=NONE),
        on("5号令", "第三十八条", binds="收到转办的机构", start="收到转办之日", but=SCOPE5),
    ),
    day="transferred_on",
    look_back="全行投诉台账（需导入投诉台账）",
    population="全部转办",
)
def unregistered_transfer(extracts: Frames, context: CheckContext) -> Hits:
    transfers = extracts["transfers"]
    return outcome(
        transfers,
        pd.Series(True, index=transfers.index, dtype=bool),
        ~filled(transfers, "registered_no"),
        lambda row: f"{shown_day(row['transferred_on'])} 由{row['source']}转来，已导入的台账中没有登记",
    )


@check(
    "complaints.handler_is_subject",
    "被投诉人经办本人投诉",
    needs=("complaints",),
    key="complaint_no",
    shown=("received_on", "handler", "subject"),
    bases=(on("3号令", "第十七条", binds="处理投诉的机构", start="指定经办人之时", but=NONE),),
    day="received_on",
    relies_on=("handler", "subject"),
    population="有经办人和被投诉人工号的投诉",
)
def handler_is_subject(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    handler, subject = text(ledger, "handler"), text(ledger, "subject")
    return outcome(
        ledger,
        is_complaint(ledger) & (handler != "") & (subject != ""),
        handler == subject,
        lambda row: f"经办人与被投诉人同为 {row['handler']}",
    )


@check(
    "complaints.withdrawal_without_application",
    "撤回投诉无申请凭证",
    needs=("complaints",),
    key="complaint_no",
    shown=("received_on", "withdrawn_on", "withdrawal_proof", "handler"),
    bases=(on("3号令", "第十五条", binds="处理投诉的机构", start="收到撤回申请当日终止", but=NONE),),
    day="withdrawn_on",
    relies_on=("withdrawn_on", "withdrawal_proof"),
    population="有撤诉日期的投诉",
)
def withdrawal_without_application(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    return outcome(
        ledger,
        filled(ledger, "withdrawn_on"),
        ~filled(ledger, "withdrawal_proof"),
        lambda row: f"{shown_day(row['withdrawn_on'])} 撤回，没有撤诉申请号",
    )


@check(
    "complaints.consultation_claims_refund",
    "登记为咨询建议而主张退赔",
    needs=("complaints",),
    key="complaint_no",
    shown=("received_on", "nature", "claim", "content"),
    bases=(
        on("3号令", "第二条", binds="处理投诉的机构", start="主张民事权益之时", but=NONE),
        on("5号令", "第三十八条", binds="处理投诉的机构", start="登记之时", but=SCOPE5),
    ),
    day="received_on",
    relies_on=("nature",),
    population="登记为咨询、建议、其他的工单；退赔词语为本行设置，只作疑点",
)
def consultation_claims_refund(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    words = context.policies.refund_words
    said = [f"{claim} {content}" for claim, content in zip(text(ledger, "claim"), text(ledger, "content"), strict=True)]
    return outcome(
        ledger,
        text(ledger, "nature").isin(["咨询", "建议", "其他"]),
        flags([any(word in part for word in words) for part in said], ledger),
        lambda row: f"登记为{row['nature']}，诉求或内容主张退款、赔偿",
        unknown=flags([not part.strip() for part in said], ledger),
        unknown_note="{n} 件没有诉求和内容，未作判断",
    )


@check(
    "complaints.mediation_without_papers",
    "扣除调解时间无文书",
    needs=("complaints",),
    key="complaint_no",
    shown=("received_on", "decided_on", "mediation_from", "mediation_to"),
    bases=(on("3号令", "第二十三条", binds="处理投诉的机构", start="扣除调解期间之时", but=NONE),),
    day="mediation_from",
    relies_on=("mediation_from", "mediation_proof"),
    population="有调解日期的投诉",
)
def mediation_without_papers(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    return outcome(
        ledger,
        filled(ledger, "mediation_from") | filled(ledger, "mediation_to"),
        ~filled(ledger, "mediation_proof"),
        "登记了调解时间而没有调解文书号，不能扣除期限",
    )


@check(
    "complaints.decision_not_notified",
    "处理决定未告知或无告知证明",
    needs=("complaints",),
    key="complaint_no",
    shown=("received_on", "decided_on", "notified_on", "notice_proof"),
    bases=(
        on(
            "3号令",
            "第二十一条",
            binds="处理投诉的机构",
            start="处理期限届满（期限未过不判）",
            but=(UNREACHABLE, AGREED),
        ),
        on("3号令", "第十九条", binds="处理投诉的机构", start="告知之时", but=NONE),
    ),
    day="decided_on",
    relies_on=("decided_on", "notified_on", "notice_proof"),
    population="已作出处理决定且已告知，或处理期限（有约定的为约定日期）已过的投诉；无法联系凭证号齐的不算",
)
def decision_not_notified(extracts: Frames, context: CheckContext) -> Hits:
    """A decision need not be notified before its limit is over, nor to whom nobody can reach."""
    ledger = extracts["complaints"]
    decided = is_complaint(ledger) & filled(ledger, "decided_on")
    notified, proven = filled(ledger, "notified_on"), filled(ledger, "notice_proof")
    owed = flags([notified_by(row) < context.as_of for row in as_records(ledger)], ledger)
    excused = filled(ledger, "unreachable_proof")
    return outcome(
        ledger,
        decided & (notified | owed),
        ((~notified & owed) | (notified & ~proven)) & ~excused,
        lambda row: "没有告知投诉人的日期" if not shown_day(row.get("notified_on")) else "告知后没有保留告知凭证",
        notes=(with_count(decided & ~notified & ~owed, "{n} 件已决定、期限未过尚未告知，不判"),),
    )
