"""Time limits of complaints: decisions, extensions, notices, reviews, objections to credit data."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.complaints.timing import LIMITS, Timed, is_complaint, late_reason, timed_case, used_until
from xiaobao.checks.reading import (
    Row,
    counted,
    day,
    everything,
    filled,
    flags,
    or_else,
    outcome,
    records,
    shown_day,
    sure,
    text,
)
from xiaobao.checks.registry import CheckContext, Hits, check
from xiaobao.numbers import share

Frames = Mapping[str, pd.DataFrame]
_FACTS = ("received_on", "complexity", "decided_on", "extension_level", "mediation_proof", "handler")


@check(
    "complaints.overdue",
    "投诉处理超期",
    needs=("complaints",),
    key="complaint_no",
    shown=_FACTS,
    citations=(("3号令", "第十八条"), ("3号令", "第四十三条"), ("3号令", "第二十三条")),
    day="received_on",
    population="投诉（未填性质的按投诉），不含不予受理和未决定即撤回的；期限简单 15 日、复杂 30 日、特别复杂 60 日，"
    "有文书的调解时间扣除，未办结的算到检查基准日；本行设置可改为工作日",
)
def overdue(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    cases = is_complaint(ledger)
    if cases.any() and not (cases & filled(ledger, "decided_on")).any() and not _delivered(ledger, "decided_on"):
        note = f"无处理决定日期：{int(cases.sum())} 件投诉均未填，无法分辨未抽取与未办结，未作判断"
        return Hits(population=0, rows=[], reasons=[], note=note, no_data=True)
    withdrawn = cases & filled(ledger, "withdrawn_on") & ~filled(ledger, "decided_on")
    timed = [timed_case(row, context) for row in records(ledger)]
    late = flags([case is not None and case.late for case in timed], ledger)
    opened = flags([case is not None and case.open for case in timed], ledger)
    judged = cases & ~withdrawn & flags([case is not None for case in timed], ledger)
    counted_cases = judged & (~opened | late)
    rate = share(int((counted_cases & ~late).sum()), int(counted_cases.sum())) if (judged & ~opened).any() else None
    by_key = dict(zip(text(ledger, "complaint_no"), timed, strict=True))
    working = context.policies.days == "working"
    return outcome(
        ledger,
        judged,
        late,
        lambda row: late_reason(row, _known(by_key[str(row["complaint_no"])]), working),
        figures={} if rate is None else {"on_time_rate": rate},
        notes=(
            counted(judged & ~filled(ledger, "complexity"), "{n} 件未填复杂程度，按简单（15 日）计算"),
            counted(withdrawn, "{n} 件未决定即撤回，撤回当日程序终止，未纳入"),
            counted(judged & opened & ~late, "{n} 件未办结且未到期，不计入及时率"),
            counted(cases & ~judged & ~withdrawn, "{n} 件日期不合理，未作判断"),
        ),
    )


def _delivered(ledger: pd.DataFrame, name: str) -> bool:
    """Tell whether the extract is known to hold the column, so that an empty cell means that it has not happened."""
    absent = ledger.attrs.get("absent")
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
    citations=(("3号令", "第十八条"),),
    day="received_on",
    relies_on=("complexity", "extension_level", "extension_on", "extension_notified_on"),
    population="超过 30 日的特别复杂投诉（扣除有文书的调解时间，未办结的算到检查基准日）",
)
def extension_unapproved(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    timed = [timed_case(row, context) for row in records(ledger)]
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
    shown=("received_on", "decided_on", "review_requested_on", "review_decided_on"),
    citations=(("3号令", "第二十条"),),
    day="review_requested_on",
    relies_on=("review_requested_on", "review_decided_on"),
    population="有核查申请日期的投诉；未作核查决定的算到检查基准日",
)
def review_overdue(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    asked = day(ledger, "review_requested_on")
    ended = day(ledger, "review_decided_on").fillna(pd.Timestamp(context.as_of))
    return outcome(
        ledger,
        asked.notna(),
        sure(ended - asked > pd.Timedelta(days=30)),
        lambda row: (
            f"{shown_day(row['review_requested_on'])} 申请核查，"
            + or_else(row.get("review_decided_on"), "决定", "至检查基准日未决定")
        ),
    )


@check(
    "complaints.notified_late",
    "期限内决定而逾期告知",
    needs=("complaints",),
    key="complaint_no",
    shown=(*_FACTS, "notified_on", "notice_proof"),
    citations=(("3号令", "第十八条"), ("3号令", "第四十三条")),
    day="notified_on",
    relies_on=("decided_on", "notified_on"),
    population="期限内作出决定且有告知日期的投诉；决定本身超期的归入“投诉处理超期”，期限和扣除与其相同",
)
def notified_late(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    rows = records(ledger)
    decided = [timed_case(row, context) for row in rows]
    told = [used_until(row, row.get("notified_on"), context) for row in rows]
    pairs = list(zip(decided, told, strict=True))
    in_time = flags([case is not None and not case.open and not case.late for case in decided], ledger)
    return outcome(
        ledger,
        is_complaint(ledger) & in_time & filled(ledger, "notified_on"),
        flags([case is not None and used is not None and used > case.limit for case, used in pairs], ledger),
        lambda row: f"{shown_day(row['decided_on'])} 决定，{shown_day(row['notified_on'])} 才告知，已过期限",
        unknown=flags([used is None for used in told], ledger),
        unknown_note="{n} 件告知日期早于受理日期，未作判断",
    )


@check(
    "complaints.registered_late",
    "转办投诉登记的受理日期偏晚",
    needs=("transfers", "complaints"),
    key="transfer_no",
    shown=("source", "transferred_on", "registered_no", "registered_on"),
    citations=(("3号令", "第二十八条"), ("3号令", "第十八条")),
    day="transferred_on",
    look_back="全行投诉台账中同一投诉编号的受理日期（需导入投诉台账）",
    population="已登记台账的转办；容许的天数为本行设置，只作疑点：受理日期偏晚会少算用时",
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
    citations=(("征信业管理条例", "第二十五条"),),
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
