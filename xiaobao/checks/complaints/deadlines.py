"""Time limits of complaints: decisions, extensions, notices, reviews, objections to credit data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pandas as pd

from xiaobao.checks.bases import NONE, Proviso, on
from xiaobao.checks.complaints.timing import (
    AGREED,
    DAY_OFF,
    EXTERNAL_APPRAISAL,
    LIMITS,
    MEDIATION,
    NEW_MATERIAL,
    NOT_A_PARTY,
    UNREACHABLE,
    Timed,
    holiday_note,
    is_complaint,
    last_day,
    late_reason,
    timed_case,
    used_until,
)
from xiaobao.checks.frame_columns import (
    Row,
    as_records,
    day,
    everything,
    filled,
    flags,
    or_else,
    outcome,
    shown_day,
    sure,
    text,
    with_count,
)
from xiaobao.checks.registry import CheckContext, Hits, check, missing_columns
from xiaobao.numbers import share

Frames = Mapping[str, pd.DataFrame]
_MONTH = pd.Timedelta(days=30)
_FACTS = ("received_on", "complexity", "decided_on", "extension_level", "mediation_proof", "handler")


@check(
    "complaints.overdue",
    "投诉处理超期",
    needs=("complaints",),
    key="complaint_no",
    shown=_FACTS,
    bases=(
        on(
            "3号令",
            "第十八条",
            binds="处理投诉的机构",
            start="受理之日的次日起算，至作出处理决定",
            but=(EXTERNAL_APPRAISAL, NEW_MATERIAL, NOT_A_PARTY, DAY_OFF),
        ),
        on("3号令", "第四十三条", binds="处理投诉的机构", start="“以内”含本数，日为自然日（7 个工作日除外）", but=NONE),
        on("3号令", "第二十三条", binds="双方当事人", start="调解申请至终结", but=(MEDIATION,)),
    ),
    day="received_on",
    population="投诉（未填性质的按投诉），不含不予受理和未决定即撤回的；期限简单 15 日、复杂 30 日、特别复杂 60 日，"
    "有文书的调解、已告知的外部鉴定时间扣除，期限内收到新材料的重新计算，未办结的算到检查基准日；一律按自然日",
)
def overdue(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    cases = is_complaint(ledger)
    if cases.any() and not (cases & filled(ledger, "decided_on")).any() and not _delivered(ledger, "decided_on"):
        note = f"无处理决定日期：{int(cases.sum())} 件投诉均未填，无法分辨未抽取与未办结，未作判断"
        return Hits(population=0, rows=[], reasons=[], note=note, no_data=True)
    withdrawn = cases & filled(ledger, "withdrawn_on") & ~filled(ledger, "decided_on")
    timed = [timed_case(row, context) for row in as_records(ledger)]
    late = flags([case is not None and case.late for case in timed], ledger)
    opened = flags([case is not None and case.open for case in timed], ledger)
    judged = cases & ~withdrawn & flags([case is not None for case in timed], ledger)
    counted_cases = judged & (~opened | late)
    rate = share(int((counted_cases & ~late).sum()), int(counted_cases.sum())) if (judged & ~opened).any() else None
    by_key = dict(zip(text(ledger, "complaint_no"), timed, strict=True))
    return outcome(
        ledger,
        judged,
        late,
        lambda row: late_reason(row, _known(by_key[str(row["complaint_no"])])),
        figures={} if rate is None else {"on_time_rate": rate},
        notes=(
            with_count(judged & ~filled(ledger, "complexity"), "{n} 件未填复杂程度，按简单（15 日）计算"),
            with_count(withdrawn, "{n} 件未决定即撤回，撤回当日程序终止，未纳入"),
            with_count(judged & opened & ~late, "{n} 件未办结且未到期，不计入及时率"),
            with_count(cases & ~judged & ~withdrawn, "{n} 件日期不合理，未作判断"),
        ),
    )


def _delivered(ledger: pd.DataFrame, name: str) -> bool:
    """Tell whether the extract is known to hold the column, so that an empty cell means that it has not happened."""
    absent = missing_columns(ledger)
    return absent is not None and name not in absent


def _known(timed: Timed | None) -> Timed:
    assert timed is not None
    return timed


@check(
    "complaints.extension_unapproved",
    "特别复杂投诉延期未经审批或未告知",
    needs=("complaints",),
    key="complaint_no",
    shown=(*_FACTS, "extension_on", "extension_notified_on"),
    bases=(
        on(
            "3号令",
            "第十八条",
            binds="处理投诉的机构",
            start="受理起满 30 日（15 日延至 30 日的没有审批、告知要求）",
            but=(EXTERNAL_APPRAISAL, NEW_MATERIAL),
        ),
    ),
    day="received_on",
    relies_on=("complexity", "extension_level", "extension_on", "extension_notified_on"),
    population="超过 30 日的特别复杂投诉（扣除有文书的调解、鉴定时间，未办结的算到检查基准日）",
)
def extension_unapproved(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    timed = [timed_case(row, context) for row in as_records(ledger)]
    long = flags([case is not None and case.used > LIMITS["复杂"] for case in timed], ledger)
    special = is_complaint(ledger) & (text(ledger, "complexity") == "特别复杂")
    stopped = filled(ledger, "withdrawn_on") & ~filled(ledger, "decided_on")
    high = text(ledger, "extension_level").isin(["上级机构", "总行高管"])
    missing = ~high | ~filled(ledger, "extension_on") | ~filled(ledger, "extension_notified_on")
    return outcome(ledger, special & long & ~stopped, missing, _extension_reason)


def _extension_reason(row: Row) -> str:
    faults = []
    if str(row.get("extension_level")) not in {"上级机构", "总行高管"}:
        faults.append("未经上级机构或总行高管审批")
    elif not shown_day(row.get("extension_on")):
        faults.append("无审批日期")
    if not shown_day(row.get("extension_notified_on")):
        faults.append("未告知投诉人延期")
    return "超过 30 日：" + "，".join(faults)


@check(
    "complaints.review_overdue",
    "核查决定超过 30 日",
    needs=("complaints",),
    key="complaint_no",
    shown=("unit", "received_on", "decided_on", "review_requested_on", "review_decided_on"),
    bases=(
        on(
            "3号令",
            "第二十条",
            binds="核查机构",
            start="收到核查申请之日的次日",
            but=(
                Proviso(
                    says="收到处理决定超过 30 日才申请的，不在其内",
                    columns=("decision_received_on",),
                    ask="如申请超过收到决定后 30 日",
                ),
                DAY_OFF,
            ),
        ),
    ),
    day="review_requested_on",
    relies_on=("review_requested_on", "review_decided_on"),
    borne_by="reviewed_by",
    population="本机构负责核查的投诉（台账写明的核查机构，没有写的为被投诉机构的上级）；"
    "未作核查决定的算到检查基准日，收到处理决定 30 日以后才申请的不算",
)
def review_overdue(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    asked = day(ledger, "review_requested_on")
    ended = day(ledger, "review_decided_on").fillna(pd.Timestamp(context.as_of))
    received = day(ledger, "decision_received_on")
    too_late = sure(asked - received > _MONTH)
    unsure = received.isna() & sure(asked - day(ledger, "notified_on") > _MONTH)
    return outcome(
        ledger,
        asked.notna() & ~too_late,
        sure(ended - asked > _MONTH),
        lambda row: (
            f"{row['unit']} 的投诉，{shown_day(row['review_requested_on'])} 申请核查，"
            + or_else(row.get("review_decided_on"), "决定", "至检查基准日未决定")
            + "；须由核查机构答复"
            + holiday_note(pd.Timestamp(row["review_requested_on"]).date() + timedelta(days=30))
        ),
        unknown=unsure,
        unknown_note="{n} 件在告知 30 日以后才申请核查，没有收到决定日期，未判",
        notes=(with_count(too_late, "{n} 件在收到处理决定 30 日以后才申请核查，未纳入"),),
    )


@check(
    "complaints.notified_late",
    "期限内决定而逾期告知",
    needs=("complaints",),
    key="complaint_no",
    shown=(*_FACTS, "notified_on", "notice_proof"),
    bases=(
        on(
            "3号令",
            "第十八条",
            binds="处理投诉的机构",
            start="受理之日的次日起算，至告知投诉人",
            but=(EXTERNAL_APPRAISAL, NEW_MATERIAL, DAY_OFF),
        ),
        on("3号令", "第二十一条", binds="处理投诉的机构", start="处理期限内告知", but=(AGREED, UNREACHABLE)),
        on("3号令", "第四十三条", binds="处理投诉的机构", start="“以内”含本数，日为自然日（7 个工作日除外）", but=NONE),
    ),
    day="notified_on",
    relies_on=("decided_on", "notified_on"),
    population="期限内作出决定且有告知日期的投诉；决定本身超期的归入“投诉处理超期”，期限和扣除与其相同",
)
def notified_late(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    rows = as_records(ledger)
    decided = [timed_case(row, context) for row in rows]
    notified = [used_until(row, row.get("notified_on")) for row in rows]
    pairs = list(zip(decided, notified, strict=True))
    in_time = flags([case is not None and not case.open and not case.late for case in decided], ledger)
    late = flags([case is not None and used is not None and used > case.limit for case, used in pairs], ledger)
    return outcome(
        ledger,
        is_complaint(ledger) & in_time & filled(ledger, "notified_on"),
        late & ~_as_agreed(ledger) & ~filled(ledger, "unreachable_proof"),
        lambda row: (
            f"{shown_day(row['decided_on'])} 决定，{shown_day(row['notified_on'])} 才告知，已过期限"
            + holiday_note(last_day(row))
        ),
        unknown=flags([used is None for used in notified], ledger),
        unknown_note="{n} 件告知日期早于受理日期，未作判断",
    )


def _as_agreed(ledger: pd.DataFrame) -> pd.Series[bool]:
    """Tell who was notified by the day agreed upon on paper (3号令第二十一条末款)."""
    agreed = day(ledger, "agreed_notice_on")
    return filled(ledger, "agreed_proof") & sure(day(ledger, "notified_on") <= agreed)


@check(
    "complaints.registered_late",
    "转办投诉登记的受理日期偏晚",
    needs=("transfers", "complaints"),
    key="transfer_no",
    shown=("source", "transferred_on", "registered_no", "registered_on"),
    bases=(on("3号令", "第二十八条", binds="收到转办的机构", start="转办之日（天数为本行口径）", but=NONE),),
    day="transferred_on",
    look_back="全行投诉台账中同一投诉编号的受理日期（需导入投诉台账）",
    practice="条文没有登记天数，容许的天数为本行设置",
    population="已登记台账的转办；只作疑点：受理日期偏晚会少算用时",
)
def registered_late(extracts: Frames, context: CheckContext) -> Hits:
    transfers, most = extracts["transfers"], context.policies.registration_days
    gap = day(transfers, "registered_on") - day(transfers, "transferred_on")
    return outcome(
        transfers,
        filled(transfers, "registered_no"),
        sure(gap > pd.Timedelta(days=most)),
        lambda row: (
            f"{shown_day(row['transferred_on'])} 转来，台账受理日期为 {shown_day(row['registered_on'])}，晚于 {most} 天"
        ),
    )


@check(
    "complaints.credit_objection_overdue",
    "征信异议未在 20 日内书面答复",
    needs=("credit_objections",),
    key="objection_no",
    shown=("received_on", "answered_on", "marked_on", "handler"),
    bases=(on("征信业管理条例", "第二十五条", binds="收到异议的信息提供者", start="收到异议之日的次日", but=NONE),),
    day="received_on",
    businesses=("征信查询", "贷款", "信用卡"),
    relies_on=("answered_on",),
    population="全部征信异议；未答复的算到检查基准日，第 20 日答复不算超期",
)
def credit_objection_overdue(extracts: Frames, context: CheckContext) -> Hits:
    objections = extracts["credit_objections"]
    answered = day(objections, "answered_on").fillna(pd.Timestamp(context.as_of))
    return outcome(
        objections,
        everything(objections),
        sure(answered - day(objections, "received_on") > pd.Timedelta(days=20)),
        lambda row: (
            f"{shown_day(row['received_on'])} 收到异议，"
            + or_else(row.get("answered_on"), "书面答复", "至检查基准日未答复")
        ),
    )
