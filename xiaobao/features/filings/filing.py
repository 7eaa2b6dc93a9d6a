"""报送: what a unit files for a period, which way it goes (下发, 填报, 退回, 确认), and when each filing is due.

Whoever filed, and anybody of the filing unit, never accepts or returns it: 总行消保部 does.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.labels import FILING_STATES
from xiaobao.model import Period, Value
from xiaobao.numbers import ZERO
from xiaobao.settings import FilingKind, Settings


class FiledDocument(Value):
    """`path` is relative to the workspace."""

    name: str
    sha256: str
    path: str


class Filing(Value):
    """One unit's filing of one kind and period. `state` is issued, filed, returned or accepted.

    `first_filed_on` decides whether it was late; `filers` are all who ever filed it. `wanted` are the indicators asked.
    """

    kind: str
    period: str
    unit: str
    title: str
    due: date
    wanted: tuple[str, ...] = ()
    state: str = "issued"
    document: FiledDocument | None = None
    figures: Mapping[str, Decimal] = {}
    note: str = ""
    first_filed_on: date | None = None
    filed_on: date | None = None
    filers: tuple[str, ...] = ()
    returns: int = 0
    reason: str = ""
    reminders: tuple[date, ...] = ()
    decided_by: str = ""
    revision: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells filings apart: one document a kind, period and unit."""
        return (self.kind, self.period, self.unit)

    @property
    def waiting(self) -> bool:
        """Whether the unit has something to do."""
        return self.state in {"issued", "returned"}

    def late_days(self, today: date) -> int:
        """Return by how many days it was filed late, or is late today; 0 when it is not."""
        reached = today if self.waiting else self.first_filed_on or today
        return max(0, (reached - self.due).days)


class FilingActor(Value):
    """Who acts on a filing, of which unit where that is known, and whether this very person ever filed it."""

    name: str
    unit: str = ""
    filed: bool = False


def file(
    filing: Filing,
    by: FilingActor,
    on: date,
    document: FiledDocument | None,
    figures: Mapping[str, Decimal],
    note: str = "",
) -> Filing:
    """Return `filing` as filed. Raises NotAllowed once accepted, InputError for what was asked and is not there."""
    if filing.state == "accepted":
        raise NotAllowed(Fault("已确认的报送不能再改，请先由受理部门退回", item=_name(filing)))
    faults = [Fault("缺少指标", item=_name(filing), column=name) for name in filing.wanted if name not in figures]
    faults += [
        Fault("没有要求报送这个指标", item=_name(filing), value=name, allowed="、".join(filing.wanted) or "不报数字")
        for name in figures
        if name not in filing.wanted
    ]
    if document is None and not filing.wanted:
        faults.append(Fault("须提交报告文件", item=_name(filing)))
    if faults:
        raise InputError(faults)
    return replace(
        filing,
        state="filed",
        document=document or filing.document,
        figures=dict(figures),
        note=note.strip(),
        first_filed_on=filing.first_filed_on or on,
        filed_on=on,
        filers=tuple(dict.fromkeys((*filing.filers, by.name))),
        reason="",
        decided_by="",
    )


def send_back(filing: Filing, by: FilingActor, reason: str, due: date | None = None) -> Filing:
    """Return `filing` as returned, due anew where a date is given. Raises InputError, NotAllowed."""
    _decide(filing, by, ("filed", "accepted"), "退回")
    if not reason.strip():
        raise InputError(Fault("退回须说明原因", item=_name(filing)))
    changed = replace(filing, state="returned", reason=reason.strip(), due=due or filing.due, decided_by=by.name)
    return replace(changed, returns=filing.returns + 1)


def accept(filing: Filing, by: FilingActor) -> Filing:
    """Return `filing` as accepted. Raises InputError on a wrong step, NotAllowed for who filed it or is of the unit."""
    _decide(filing, by, ("filed",), "确认")
    return replace(filing, state="accepted", decided_by=by.name)


def remind(filing: Filing, on: date) -> Filing:
    """Return `filing` with one more reminder. Raises InputError when the unit has nothing to do."""
    if not filing.waiting:
        raise InputError(Fault(f"{FILING_STATES[filing.state]}的报送不用催报", item=_name(filing)))
    return replace(filing, reminders=(*filing.reminders, on))


def _decide(filing: Filing, by: FilingActor, states: Sequence[str], verb: str) -> None:
    if filing.state not in states:
        raise InputError(Fault(f"{FILING_STATES[filing.state]}的报送不能{verb}", item=_name(filing)))
    if by.filed or (by.unit and by.unit == filing.unit):
        raise NotAllowed(Fault(f"填报人和填报机构不能{verb}自己的报送", item=_name(filing), value=by.name))


def _name(filing: Filing) -> str:
    return f"{filing.title} {filing.period} {filing.unit}"


def due_date(kind: FilingKind, period: Period) -> date:
    """Return when the filing of `period` is due: the named date, else the kind's day; a short month's last day."""
    named = {Period.parse(code): day for code, day in kind.dates.items()}
    if period in named:
        return named[period]
    months = period.end.year * 12 + period.end.month - 1 + kind.months
    year, month = divmod(months, 12)
    return date(year, month + 1, min(kind.day, calendar.monthrange(year, month + 1)[1]))


def report_due(settings: Settings, report: str, period: Period) -> date | None:
    """Return when a kind of report must be filed; None where the settings have no filing of that name."""
    kind = settings.filings.get(report)
    return due_date(kind, period) if kind else None


def fitting(kind: FilingKind, period: Period) -> bool:
    """Tell whether a kind is filed for such a period."""
    return any(period.code == one.code for one in periods(kind, period.start.year))


def periods(kind: FilingKind, year: int) -> Iterator[Period]:
    """Yield the periods of a year that a kind is filed for."""
    codes = {
        "month": [f"{year}-{month:02d}" for month in range(1, 13)],
        "quarter": [f"{year}Q{quarter}" for quarter in range(1, 5)],
        "half-year": [f"{year}H1", f"{year}H2"],
        "first-half": [f"{year}H1"],
        "year": [str(year)],
    }
    return map(Period.parse, codes[kind.every])


class Appointment(Value):
    """One line of the filing calendar (报送日历)."""

    kind: str
    title: str
    period: str
    due: date


def filing_calendar(kinds: Mapping[str, FilingKind], first: date, last: date) -> tuple[Appointment, ...]:
    """Return what is due from `first` to `last`, in the order of dates."""
    found = [
        Appointment(kind=code, title=kind.title, period=period.code, due=due)
        for code, kind in kinds.items()
        if not kind.off
        for year in range(first.year - 2, last.year + 1)
        for period in periods(kind, year)
        if first <= (due := due_date(kind, period)) <= last
    ]
    return tuple(sorted(found, key=lambda line: (line.due, line.kind, line.period)))


class Merged(Value):
    """汇总 of one kind and period. `sums` are over filed units alone: `filed` of `asked`; the rest is in `waiting`."""

    kind: str
    period: str
    title: str
    asked: int
    filed: int
    accepted: int
    late: tuple[tuple[str, int], ...]
    waiting: tuple[str, ...]
    sums: Mapping[str, Decimal]


def merge(filings: Iterable[Filing], today: date) -> Merged:
    """Put the filings of one kind and period together. What was returned is waiting, its figures are left out.

    Raises InputError when there are none.
    """
    found = sorted(filings, key=lambda filing: filing.unit)
    if not found:
        raise InputError("还没有下发这项报送")
    there = [filing for filing in found if not filing.waiting]
    names = dict.fromkeys(name for filing in found for name in filing.wanted)
    return Merged(
        kind=found[0].kind,
        period=found[0].period,
        title=found[0].title,
        asked=len(found),
        filed=len(there),
        accepted=sum(filing.state == "accepted" for filing in found),
        late=tuple((filing.unit, days) for filing in found if (days := filing.late_days(today))),
        waiting=tuple(filing.unit for filing in found if filing.waiting),
        sums={name: sum((filing.figures.get(name, ZERO) for filing in there), ZERO) for name in names} if there else {},
    )
