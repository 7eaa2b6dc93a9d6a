"""What a complainant is owed beside a decision in time: reasons, remedies, mediation, a proper class."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import NONE, SCOPE5, Proviso, on
from xiaobao.checks.complaints.timing import is_complaint
from xiaobao.checks.frame_columns import filled, has_value, no, outcome, shown_day, text, with_count, yes
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]


@check(
    "complaints.unclassified",
    "投诉未登记业务类别或原因",
    needs=("complaints",),
    key="complaint_no",
    shown=("received_on", "source", "business_class", "reason", "handler"),
    bases=(on("5号令", "第三十八条", binds="处理投诉的机构", start="登记之时", but=SCOPE5),),
    day="received_on",
    relies_on=("business_class", "reason"),
    population="登记性质为投诉或未填性质的工单",
)
def unclassified(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    kind, reason = filled(ledger, "business_class"), filled(ledger, "reason")
    return outcome(
        ledger,
        text(ledger, "nature").isin(["投诉", ""]),
        ~kind | ~reason,
        lambda row: (
            "未登记"
            + "和".join(
                title
                for name, title in (("business_class", "业务大类"), ("reason", "投诉原因"))
                if not has_value(row, name)
            )
        ),
    )


@check(
    "complaints.refused_without_reason",
    "不予受理未写理由",
    needs=("complaints",),
    key="complaint_no",
    shown=("received_on", "source", "refusal_reason", "handler"),
    bases=(
        on(
            "3号令",
            "第十八条第四款",
            binds="收到投诉的机构",
            start="不予办理之时",
            but=(
                Proviso(
                    says="非投诉人、法定代理人、受托人提出的，可以不予办理并告知提出人",
                    columns=("raised_by",),
                    ask="如不是投诉人、法定代理人、受托人提出",
                ),
            ),
        ),
    ),
    day="received_on",
    relies_on=("accepted", "refusal_reason"),
    practice="条文只要求告知提出人，写明理由是本行要求",
    population="填了是否受理的投诉；代理投诉归入“不予受理代理投诉”",
)
def refused_without_reason(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    refused = no(ledger, "accepted")
    stranger = text(ledger, "raised_by") == "其他人"
    return outcome(
        ledger,
        text(ledger, "nature").isin(["投诉", ""]) & ~yes(ledger, "proxy") & ~stranger,
        refused & ~filled(ledger, "refusal_reason"),
        "不予受理而没有理由",
        unknown=~refused & ~yes(ledger, "accepted"),
        unknown_note="{n} 件未填是否受理，未作判断",
        notes=(with_count(refused & stranger, "{n} 件不是投诉人、法定代理人、受托人提出，可以不予办理，未纳入"),),
    )


@check(
    "complaints.remedies_not_told",
    "告知处理决定时未说明救济途径",
    needs=("complaints",),
    key="complaint_no",
    shown=("received_on", "decided_on", "notified_on", "remedies_told", "handler"),
    bases=(on("3号令", "第十九条", binds="处理投诉的机构", start="告知处理决定之时", but=NONE),),
    day="notified_on",
    relies_on=("notified_on", "remedies_told"),
    population="已告知处理决定的投诉",
)
def remedies_not_told(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    informed, uninformed = yes(ledger, "remedies_told"), no(ledger, "remedies_told")
    return outcome(
        ledger,
        is_complaint(ledger) & filled(ledger, "decided_on") & filled(ledger, "notified_on"),
        uninformed,
        "告知时没有说明核查、调解、仲裁、诉讼等途径",
        unknown=~(informed | uninformed),
        unknown_note="{n} 件未填是否告知救济途径，未作判断",
    )


@check(
    "complaints.mediation_refused",
    "拒绝参加调解而无理由",
    needs=("complaints",),
    key="complaint_no",
    shown=("received_on", "mediation_requested_on", "mediation_joined", "mediation_refusal", "handler"),
    bases=(
        on(
            "9号令",
            "第十六条",
            binds="处理投诉的机构",
            start="消费者请求调解之时",
            but=(Proviso(says="有正当理由的可以不参加", columns=("mediation_refusal",), ask="如有不参加的正当理由"),),
        ),
    ),
    day="mediation_requested_on",
    relies_on=("mediation_requested_on", "mediation_joined", "mediation_refusal"),
    population="有调解请求日期的投诉；写明理由的不算，理由是否正当须人工核实",
)
def mediation_refused(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    joined, refused = yes(ledger, "mediation_joined"), no(ledger, "mediation_joined")
    return outcome(
        ledger,
        filled(ledger, "mediation_requested_on"),
        refused & ~filled(ledger, "mediation_refusal"),
        lambda row: f"{shown_day(row['mediation_requested_on'])} 请求调解，没有参加也没有理由",
        unknown=~(joined | refused),
        unknown_note="{n} 件未填是否参加调解，未作判断",
    )
