"""报送: 下发, 填报, 退回, 确认, 催报, 汇总. The rules are in `filing`; here they meet people, files and the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from xiaobao.datasets.partitions import standing_rows
from xiaobao.errors import Fault, InputError
from xiaobao.features.filings import filing as rules
from xiaobao.features.filings.filed_numbers import read_number_sheet
from xiaobao.features.filings.filing import Appointment, FiledDocument, Filing, FilingActor, Merged
from xiaobao.features.filings.table import FILINGS
from xiaobao.labels import written_day
from xiaobao.model import Actor, Period
from xiaobao.settings import FilingKind
from xiaobao.workbench.importing import imported_files
from xiaobao.workbench.inspections.evidence import keep_file
from xiaobao.workbench.permitting import is_actor
from xiaobao.workbench.workspace import Workbench

_ALL = 1_000_000


@dataclass(frozen=True, kw_only=True)
class FilingRow:
    """One filing with its unit's name; `late` in days, as of the day asked."""

    filing: Filing
    unit_name: str
    late: int

    def reminder(self) -> str:
        """Return the text of a reminder (催报)."""
        one = self.filing
        state = f"已退回（{one.reason}），尚未重新报送" if one.state == "returned" else "尚未报送"
        late = f"，已逾期 {self.late} 天" if self.late else ""
        day = written_day(one.due)
        return (
            f"{self.unit_name}（{one.unit}）：{one.title}（{one.period}）应于{day}前报送，{state}{late}，请抓紧报送。"
        )


def filings(
    wb: Workbench, kind: str | None = None, period: str | None = None, unit: str | None = None
) -> tuple[Filing, ...]:
    """Return filings by period, kind and unit."""
    return wb.store.kept("filings", kind=kind, period=period, unit=unit)


def filed_documents(wb: Workbench) -> Iterator[tuple[str, str, str]]:
    """Yield what was filed: its place within the workspace, its SHA-256, and what it is."""
    for one in filings(wb):
        if one.document is not None:
            yield one.document.path, one.document.sha256, f"报送文件 {one.title} {one.period} {one.unit}"


def filing_kind(wb: Workbench, code: str) -> FilingKind:
    """Return a kind of filing. Raises InputError for one that the settings do not hold or have taken off."""
    kind = wb.settings.filings.get(code)
    if kind is None or kind.off:
        allowed = "、".join(f"{code}（{kind.title}）" for code, kind in wb.settings.filings.items() if not kind.off)
        raise InputError(Fault("没有这项报送", value=code, allowed=allowed))
    return kind


def calendar_of(wb: Workbench, year: int) -> tuple[Appointment, ...]:
    """Return what falls due in a year."""
    return rules.filing_calendar(wb.settings.filings, date(year, 1, 1), date(year, 12, 31))


def issue_filings(
    wb: Workbench, code: str, period: str, units: Sequence[str] = (), due: date | None = None
) -> tuple[Filing, ...]:
    """Ask units (all of the kind's levels when none is named) for a filing; those asked already stay as they are.

    Returns the new ones. Raises InputError for a period that the kind is not filed for, or a unit that is not there.
    """
    kind, span = filing_kind(wb, code), Period.parse(period)
    if not rules.fitting(kind, span):
        allowed = "、".join(one.code for one in rules.periods(kind, span.start.year))
        raise InputError(Fault(f"{kind.title}不按这个期间报送", value=span.code, allowed=allowed))
    known = wb.units(span.code)
    faults = [Fault("没有这个机构", value=unit) for unit in units if unit not in known]
    if faults:
        raise InputError(faults)
    chosen = list(dict.fromkeys(units)) or [unit.id for unit in known.values() if unit.level in kind.levels]
    if not chosen:
        raise InputError(
            Fault(f"没有需要报送{kind.title}的机构", allowed="用 --unit 指明，或在设置的 levels 中写明层级")
        )
    asked = {filing.unit for filing in filings(wb, code, span.code)}
    day = due or rules.due_date(kind, span)
    new = [
        Filing(kind=code, period=span.code, unit=unit, title=kind.title, due=day, wanted=kind.figures)
        for unit in chosen
        if unit not in asked
    ]
    if not new:
        return ()
    with wb.writing("filing.issue") as tx:
        return tx.save_kept("filings", "request", new)


def file_filing(
    wb: Workbench,
    code: str,
    period: str,
    unit: str,
    document: Path | None = None,
    numbers: Path | None = None,
    note: str = "",
) -> Filing:
    """File a unit's report and numbers; the document lies under `evidence/`. Raises InputError, NotAllowed."""
    before = _present(wb, code, period, unit)
    wb.look("filing.file", unit)
    stated = read_number_sheet(numbers) if numbers else {}
    given = None
    if document is not None:
        try:
            given = (document.name, document.read_bytes())
        except OSError as error:
            raise InputError(Fault("文件无法读取", file=document.name)) from error
    return file_stated(wb, before, given, stated, note)


def file_stated(
    wb: Workbench, before: Filing, given: tuple[str, bytes] | None, stated: Mapping[str, Decimal], note: str = ""
) -> Filing:
    """File numbers and a document (name, content) that came by a page. Raises InputError, NotAllowed."""
    wb.look("filing.file", before.unit)
    by, paper = _person(wb, before), None
    if given is not None:
        name, data = given
        rules.file(before, by, wb.today, FiledDocument(name=name, sha256="", path=""), stated, note)
        kept = keep_file(wb.home, name, data)
        paper = FiledDocument(name=kept.name, sha256=kept.sha256, path=kept.path)
    return _save(wb, "file", rules.file(before, by, wb.today, paper, stated, note))


def filed_document(wb: Workbench, one: Filing) -> tuple[str, bytes]:
    """Return name and content of what was filed. Raises InputError where it is not as filed any more, NotAllowed."""
    wb.look("filing.see", one.unit)
    if one.document is None:
        raise InputError(Fault("没有报送文件", item=f"{one.title} {one.period}"))
    path = wb.home / one.document.path
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(Fault("报送文件无法读取，请从备份恢复", file=one.document.name)) from error
    if hashlib.sha256(data).hexdigest() != one.document.sha256:
        raise InputError(Fault("报送文件与报送时不一致，不予显示", file=one.document.name))
    return one.document.name, data


def return_filing(wb: Workbench, code: str, period: str, unit: str, reason: str, due: date | None = None) -> Filing:
    """Send a filing back with a reason. Raises InputError, NotAllowed for the filing unit itself."""
    before = _present(wb, code, period, unit)
    return _save(wb, "return", rules.send_back(before, _person(wb, before), reason, due))


def accept_filing(wb: Workbench, code: str, period: str, unit: str) -> Filing:
    """Accept a filing. Raises InputError on a wrong step, NotAllowed for the filing unit itself."""
    before = _present(wb, code, period, unit)
    return _save(wb, "accept", rules.accept(before, _person(wb, before)))


def remind_filings(
    wb: Workbench, code: str, period: str, units: Sequence[str] = (), only_late: bool = False
) -> tuple[FilingRow, ...]:
    """Remind the units that have something to do, and record that they were. `only_late` leaves out what is in time."""
    day = wb.today
    rows = [row for row in filing_rows(wb, code, period) if row.filing.waiting and (row.late or not only_late)]
    rows = [row for row in rows if not units or row.filing.unit in units]
    if not rows:
        return ()
    with wb.writing("filing.remind") as tx:
        saved = tx.save_kept("filings", "remind", [rules.remind(row.filing, day) for row in rows])
    return tuple(replace(row, filing=filing) for row, filing in zip(rows, saved, strict=True))


def filing_rows(
    wb: Workbench, code: str | None = None, period: str | None = None, day: date | None = None
) -> tuple[FilingRow, ...]:
    """Return filings as of `day`, by due date, kind and unit."""
    span = Period.parse(period).code if period else None
    found = filings(wb, code, span)
    names: dict[str, str] = {}
    for one in sorted({filing.period for filing in found}):
        names |= {unit.id: unit.name for unit in wb.units(one).values()}
    today = day or wb.today
    rows = [FilingRow(filing=one, unit_name=names.get(one.unit, one.unit), late=one.late_days(today)) for one in found]
    return tuple(sorted(rows, key=lambda row: (row.filing.due, *row.filing.key)))


def merge_filings(wb: Workbench, code: str, period: str) -> tuple[Merged, tuple[FilingRow, ...]]:
    """Return who filed, when and how late, and the figures summed over those that filed. Raises InputError of none."""
    rows = filing_rows(wb, code, period)
    return rules.merge([row.filing for row in rows], wb.today), rows


def not_issued(wb: Workbench, day: date, days: int = 31) -> tuple[Appointment, ...]:
    """Return what the calendar had or has due around `day` and nobody was asked for: head office's own omission."""
    first = date.fromordinal(max(1, day.toordinal() - days))
    asked = {(filing.kind, filing.period) for filing in filings(wb)}
    found = rules.filing_calendar(wb.settings.filings, first, day)
    return tuple(line for line in found if (line.kind, line.period) not in asked)


def _present(wb: Workbench, code: str, period: str, unit: str) -> Filing:
    filing_kind(wb, code)
    found = filings(wb, code, Period.parse(period).code, unit)
    if not found:
        raise InputError(Fault("没有向这个机构下发过这项报送", item=f"{code} {period}", value=unit))
    return found[0]


def who_filed(wb: Workbench, filings: Iterable[Filing]) -> dict[tuple[str, str, str], list[Actor]]:
    """Return, by a filing's key, everybody who ever filed it, by the history: two people of one name are two."""
    found: dict[tuple[str, str, str], list[Actor]] = {}
    chains: dict[str, dict[str, list[Actor]]] = {}
    for one in filings:
        chain = FILINGS.chain_of(one)
        if chain not in chains:
            known = chains[chain] = {}
            for event in wb.store.events(_ALL, chain):
                if event.verb == "file":
                    known.setdefault(event.object, []).append(Actor(name=event.actor, login=event.login))
        found[one.key] = chains[chain].get(FILINGS.object_of(one), [])
    return found


def _person(wb: Workbench, filing: Filing) -> FilingActor:
    """Return who acts, and of which unit where the register of posts (消保岗位) knows the person by number."""
    filed = is_actor(wb, *who_filed(wb, [filing])[filing.key])
    posts = standing_rows(imported_files(wb, "posts"), "posts", Period.parse(filing.period))
    units = [] if posts is None else posts.loc[posts["employee"] == wb.actor.name, "unit"].tolist()
    return FilingActor(name=wb.actor.name, unit=units[-1] if units else "", filed=filed)


def _save(wb: Workbench, verb: str, filing: Filing) -> Filing:
    with wb.writing(f"filing.{verb}", filing.unit) as tx:
        return tx.save_kept("filings", verb, [filing])[0]


def waiting(wb: Workbench, day: date, notes: list[str]) -> Iterator[tuple[str, str, str, str, date, str, str]]:
    """Yield what units have still to file and what nobody has asked for: kind, number, title, unit, due day, note."""
    for row in filing_rows(wb, day=day):
        if row.filing.waiting:
            one = row.filing
            note = f"{one.kind}：{one.reason}" if one.reason else one.kind
            yield "filing", one.period, f"{one.title}（{one.period}）", one.unit, one.due, note, one.period
    for line in not_issued(wb, day):
        title = f"{line.title}（{line.period}）尚未下发"
        yield "not_issued", line.period, title, "", line.due, line.kind, line.period
