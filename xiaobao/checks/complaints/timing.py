"""How long a complaint took: natural days, mediation and appraisal on paper taken off, new material counted anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from xiaobao.checks.bases import Proviso
from xiaobao.checks.frame_columns import Row, has_value, no, shown_day, text
from xiaobao.checks.registry import CheckContext
from xiaobao.errors import InputError
from xiaobao.model import Value
from xiaobao.workdays import is_working_day

EXTERNAL_APPRAISAL = Proviso(
    says="外部鉴定、检测、评估期间可以不计入，应及时告知（第二款）",
    columns=("appraisal_from", "appraisal_to", "appraisal_proof"),
    ask="如有不计入期限的外部鉴定、检测、评估并已告知",
)
NEW_MATERIAL = Proviso(
    says="期限内提出新的事实、理由和证据的，自收到新材料之日重新计算（第三款）",
    columns=("new_material_on",),
    ask="如在期限内收到新材料",
)
NOT_A_PARTY = Proviso(says="非投诉人、法定代理人、受托人提出的可以不予办理并告知（第四款）")
DAY_OFF = Proviso(says="末日为法定休假日是否顺延（民法典第二百零三条）未定，疑点写明末日为休假日的")
MEDIATION = Proviso(
    says="双方同意调解的，调解期间不计入（第二十三条）",
    columns=("mediation_from", "mediation_proof"),
    ask="如有不计入期限的调解",
)
UNREACHABLE = Proviso(says="无法联系投诉人的除外", columns=("unreachable_proof",), ask="如因投诉人原因无法告知")
AGREED = Proviso(
    says="协商一致约定告知期限、方式的，按约定（末款）",
    columns=("agreed_notice_on", "agreed_proof"),
    ask="如与投诉人书面约定了告知日期",
)

Frames = Mapping[str, pd.DataFrame]
LIMITS = {"简单": 15, "复杂": 30, "特别复杂": 60}
_UNSAID = 15  # no complexity given: the shortest limit, and the note says so
_ONE = timedelta(days=1)
_ASIDE = (("mediation_from", "mediation_to", "mediation_proof"), ("appraisal_from", "appraisal_to", "appraisal_proof"))


def is_complaint(ledger: pd.DataFrame) -> pd.Series[bool]:
    """Return what the limits hold for: complaints (or rows without a nature) that were not refused."""
    return text(ledger, "nature").isin(["投诉", ""]) & ~no(ledger, "accepted")


def _date(value: Any) -> date | None:
    """Return the day of a cell. Asked ten times a complaint: `pd.isna` of each value would cost more than the rule."""
    if value is None or value is pd.NaT:
        return None
    return value.date() if isinstance(value, datetime) else None if pd.isna(value) else pd.Timestamp(value).date()


def _aside(row: Row, start: date, end: date) -> set[date]:
    """Return the days that do not count: mediation (第二十三条) and appraisal (第十八条第二款), each only on paper."""
    days: set[date] = set()
    for began, stopped, proof in _ASIDE:
        first = _date(row.get(began))
        if first is None or not has_value(row, proof):
            continue
        first, last = max(first, start + _ONE), min(_date(row.get(stopped)) or end, end)
        days.update(first + timedelta(days=step) for step in range((last - first).days + 1))
    return days


def _start(row: Row, limit: int) -> date | None:
    """Return the day counting starts from: receipt, or new material received within the limit (第十八条第三款)."""
    received, renewed = _date(row["received_on"]), _date(row.get("new_material_on"))
    if received is None or renewed is None:
        return received
    return renewed if received < renewed <= received + timedelta(days=limit) else received


class Timed(Value):
    """How long one complaint took: `used` counts to the decision, or to `as_of` while it is open."""

    used: int
    limit: int
    open: bool

    @property
    def late(self) -> bool:
        """The last day itself is in time."""
        return self.used > self.limit


def limit_of(row: Row) -> int:
    """Return the days allowed (3号令第十八条): 15, 30 when complex, 60 when extremely so, 15 where nobody said."""
    return LIMITS.get(str(row.get("complexity")), _UNSAID)


def timed_case(row: Row, context: CheckContext) -> Timed | None:
    """Return how long a case took, to its decision or to the day of judging; None where its days cannot be counted."""
    decided = _date(row.get("decided_on"))
    used = used_until(row, decided or context.as_of)
    return None if used is None else Timed(used=used, limit=limit_of(row), open=decided is None)


def used_until(row: Row, moment: Any) -> int | None:
    """Return the days that count to `moment`, None when either day is missing or they are out of order."""
    received, end = _date(row["received_on"]), _date(moment)
    if received is None or end is None or end < received:
        return None
    start = _start(row, limit_of(row))
    if start is None or end <= start:
        return 0
    return (end - start).days - len(_aside(row, start, end))


def last_day(row: Row) -> date | None:
    """Return the last day within the limit."""
    limit = limit_of(row)
    start = _start(row, limit)
    if start is None:
        return None
    aside, moment = _aside(row, start, start + timedelta(days=730)), start
    while limit:
        moment += _ONE
        limit -= moment not in aside
    return moment


def notified_by(row: Row) -> date:
    """Return the last day to tell a decision: the one agreed upon on paper, else the last day of the limit."""
    agreed = _date(row.get("agreed_notice_on")) if has_value(row, "agreed_proof") else None
    return agreed or last_day(row) or date.min


def holiday_note(last: date | None) -> str:
    """Say that a limit ended on a day off: whether 民法典第二百零三条 moves it is for the bank's lawyers to decide."""
    try:
        off = last is not None and not is_working_day(last)
    except InputError:  # no calendar of that year yet: nothing can be said
        return ""
    return f"；期限末日 {last} 为休假日，是否按民法典第二百零三条顺延由法律人员定" if off else ""


def late_reason(row: Row, timed: Timed) -> str:
    """Return the sentence of a lead: the days, what started them anew, and a limit that ended on a day off."""
    until = "至检查基准日尚未作出决定" if timed.open else f"{shown_day(row['decided_on'])} 作出决定"
    renewed = _start(row, timed.limit)
    anew = f"，{renewed} 收到新材料重新计算" if renewed != _date(row["received_on"]) else ""
    said = f"{shown_day(row['received_on'])} 受理{anew}，{until}，用时 {timed.used} 日，期限 {timed.limit} 日"
    return said + holiday_note(last_day(row))
