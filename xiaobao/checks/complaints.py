"""投诉处理: time limits in natural days, extensions, registration, recusal, withdrawal, mediation, notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from xiaobao.checks.reading import (
    Row,
    counted,
    day,
    filled,
    flags,
    given,
    no,
    or_else,
    outcome,
    records,
    shown_day,
    sure,
    text,
)
from xiaobao.checks.registry import CheckContext, Hits, check
from xiaobao.errors import InputError
from xiaobao.numbers import share

Frames = Mapping[str, pd.DataFrame]
LIMITS = {"简单": 15, "复杂": 30, "特别复杂": 60}
_UNSAID = 15  # no complexity given: the shortest limit, and the note says so
_FACTS = ("received_on", "complexity", "decided_on", "extension_level", "mediation_proof", "handler")


def _complaint(ledger: pd.DataFrame) -> pd.Series[bool]:
    """Return what the limits hold for: complaints (or rows without a nature) that were not refused."""
    return text(ledger, "nature").isin(["投诉", ""]) & ~no(ledger, "accepted")


def elapsed(start: date, end: date, working: bool) -> int:
    """Count the days after `start` up to and with `end`. Raises InputError for years without a holiday calendar."""
    if not working:
        return (end - start).days
    import chinese_calendar

    try:
        days = (start + timedelta(days=step) for step in range(1, (end - start).days + 1))
        return sum(chinese_calendar.is_workday(moment) for moment in days)
    except NotImplementedError as error:
        raise InputError(
            f"工作日历没有 {start.year} 至 {end.year} 年的节假日安排，不能按工作日计算；请改用自然日或更新工作日历"
        ) from error


def _date(value: Any) -> date | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()


def _mediated(row: Row, end: date, working: bool) -> int:
    """Return the days of mediation that do not count, both ends included; without papers nothing is taken off."""
    start = _date(row.get("mediation_from"))
    received = _date(row["received_on"])
    if start is None or received is None or not given(row, "mediation_proof"):
        return 0
    stop = min(_date(row.get("mediation_to")) or end, end)
    first = max(start, received + timedelta(days=1))
    return 0 if stop < first else elapsed(first - timedelta(days=1), stop, working)


@dataclass(frozen=True)
class _Timed:
    """How long one complaint took: `used` counts to the decision, or to `as_of` while it is open."""

    used: int
    limit: int
    open: bool

    @property
    def late(self) -> bool:
        return self.used > self.limit


def _timed(row: Row, context: CheckContext) -> _Timed | None:
    received, decided = _date(row["received_on"]), _date(row.get("decided_on"))
    end = decided or context.as_of
    if received is None or end < received:
        return None
    working = context.policies.days == "working"
    used = elapsed(received, end, working) - _mediated(row, end, working)
    return _Timed(used, LIMITS.get(str(row.get("complexity")), _UNSAID), decided is None)


def _late_reason(row: Row, timed: _Timed, working: bool) -> str:
    unit = "个工作日" if working else "日"
    until = "至检查基准日尚未作出决定" if timed.open else f"{shown_day(row['decided_on'])} 作出决定"
    return f"{shown_day(row['received_on'])} 受理，{until}，用时 {timed.used} {unit}，期限 {timed.limit} {unit}"


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
    cases = _complaint(ledger)
    if cases.any() and not (cases & filled(ledger, "decided_on")).any() and not _delivered(ledger, "decided_on"):
        note = f"无处理决定日期：{int(cases.sum())} 件投诉均未填，无法分辨未抽取与未办结，未作判断"
        return Hits(0, ledger.iloc[:0], [], note=note, no_data=True)
    withdrawn = cases & filled(ledger, "withdrawn_on") & ~filled(ledger, "decided_on")
    timed = [_timed(row, context) for row in records(ledger)]
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
        lambda row: _late_reason(row, _known(by_key[str(row["complaint_no"])]), working),
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


def _known(timed: _Timed | None) -> _Timed:
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
    timed = [_timed(row, context) for row in records(ledger)]
    long = flags([case is not None and case.used > LIMITS["复杂"] for case in timed], ledger)
    special = _complaint(ledger) & (text(ledger, "complexity") == "特别复杂")
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
    "complaints.unregistered_transfer",
    "转办投诉未登记台账",
    needs=("transfers", "complaints"),
    key="transfer_no",
    shown=("source", "transferred_on", "complaint_no"),
    citations=(("3号令", "第二十八条"), ("5号令", "第三十八条")),
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
    citations=(("3号令", "第十七条"),),
    day="received_on",
    relies_on=("handler", "subject"),
    population="有经办人和被投诉人工号的投诉",
)
def handler_is_subject(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    handler, subject = text(ledger, "handler"), text(ledger, "subject")
    return outcome(
        ledger,
        _complaint(ledger) & (handler != "") & (subject != ""),
        handler == subject,
        lambda row: f"经办人与被投诉人同为 {row['handler']}",
    )


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
    "complaints.withdrawal_without_application",
    "撤回投诉无申请凭证",
    needs=("complaints",),
    key="complaint_no",
    shown=("received_on", "withdrawn_on", "withdrawal_proof", "handler"),
    citations=(("3号令", "第十五条"),),
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
    citations=(("3号令", "第二条"), ("5号令", "第三十八条")),
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
    citations=(("3号令", "第二十三条"),),
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
    citations=(("3号令", "第二十一条"), ("3号令", "第十九条")),
    day="decided_on",
    relies_on=("decided_on", "notified_on", "notice_proof"),
    population="已作出处理决定的投诉",
)
def decision_not_notified(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    decided = _complaint(ledger) & filled(ledger, "decided_on")
    told, proven = filled(ledger, "notified_on"), filled(ledger, "notice_proof")
    return outcome(
        ledger,
        decided,
        ~told | ~proven,
        lambda row: "没有告知投诉人的日期" if not shown_day(row.get("notified_on")) else "告知后没有保留告知凭证",
    )
