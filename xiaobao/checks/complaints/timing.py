"""How long a complaint took: natural days by default, mediation on paper taken off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from xiaobao.checks.reading import Row, given, no, shown_day, text
from xiaobao.checks.registry import CheckContext
from xiaobao.workdays import is_working_day

Frames = Mapping[str, pd.DataFrame]
LIMITS = {"简单": 15, "复杂": 30, "特别复杂": 60}
_UNSAID = 15  # no complexity given: the shortest limit, and the note says so


def is_complaint(ledger: pd.DataFrame) -> pd.Series[bool]:
    """Return what the limits hold for: complaints (or rows without a nature) that were not refused."""
    return text(ledger, "nature").isin(["投诉", ""]) & ~no(ledger, "accepted")


def elapsed(start: date, end: date, working: bool) -> int:
    """Count the days after `start` up to and with `end`. Raises InputError for years without a holiday calendar."""
    if not working:
        return (end - start).days
    return sum(is_working_day(start + timedelta(days=step)) for step in range(1, (end - start).days + 1))


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


@dataclass(frozen=True, kw_only=True)
class Timed:
    """How long one complaint took: `used` counts to the decision, or to `as_of` while it is open."""

    used: int
    limit: int
    open: bool

    @property
    def late(self) -> bool:
        return self.used > self.limit


def timed_case(row: Row, context: CheckContext) -> Timed | None:
    decided = _date(row.get("decided_on"))
    used = used_until(row, decided or context.as_of, context)
    return (
        None
        if used is None
        else Timed(used=used, limit=LIMITS.get(str(row.get("complexity")), _UNSAID), open=decided is None)
    )


def used_until(row: Row, moment: Any, context: CheckContext) -> int | None:
    """Return the days that count from receipt to `moment`, None when either day is missing or they are out of order."""
    received, end = _date(row["received_on"]), _date(moment)
    if received is None or end is None or end < received:
        return None
    working = context.policies.days == "working"
    return elapsed(received, end, working) - _mediated(row, end, working)


def late_reason(row: Row, timed: Timed, working: bool) -> str:
    unit = "个工作日" if working else "日"
    until = "至检查基准日尚未作出决定" if timed.open else f"{shown_day(row['decided_on'])} 作出决定"
    return f"{shown_day(row['received_on'])} 受理，{until}，用时 {timed.used} {unit}，期限 {timed.limit} {unit}"
