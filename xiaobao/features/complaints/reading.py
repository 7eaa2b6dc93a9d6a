"""投诉台账统计: of the bank, or of a unit and those below it, from its partitions. Reads, writes nothing.

What is due of a ledger, which units its complaints make hot, and what a paper of it is frozen with, stand here too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from msgspec import structs
from msgspec.structs import replace

from xiaobao.datasets.partitions import CLOSED, read_columns
from xiaobao.errors import Fault, InputError
from xiaobao.features.complaints.analysing import LedgerScope, analyse, with_comparison
from xiaobao.features.complaints.daily import COLUMNS, open_cases
from xiaobao.features.complaints.figures import LedgerFigures
from xiaobao.features.complaints.hot_spots import hot_spots
from xiaobao.features.complaints.paper_part import LEDGER, ledger_rows, together
from xiaobao.model import Extract, Period, Unit, folded_id, to_plain
from xiaobao.paper.from_frozen import read_day, refuse_numbers
from xiaobao.policies import Counting
from xiaobao.workbench.campaigns import newest_period
from xiaobao.workbench.cutting import partitions
from xiaobao.workbench.from_workspace import bench_at
from xiaobao.workbench.results.freezing import Freezer
from xiaobao.workbench.units import units_below
from xiaobao.workbench.workspace import Workbench

if TYPE_CHECKING:
    import pandas as pd


def bank_ledger(wb: Workbench, period: str, as_of: date | None = None) -> LedgerFigures | None:
    """Return the statistics of the bank's ledger, each row read once; None when none was imported for the period.

    Raises InputError for a read-only workbench whose partitions are not those of the extracts in force.
    """
    return _ledger(wb, period, wb.settings.counting, as_of)


def branch_ledger(wb: Workbench, period: str, unit: str) -> LedgerFigures | None:
    """Return the statistics of one unit and those below it. Totals and customers typed for the bank do not count here.

    Raises InputError as `bank_ledger` does, and for an unknown unit.
    """
    rules = structs.replace(wb.settings.counting, customers={}, prior_totals={})
    return _ledger(wb, period, rules, None, unit)


def _ledger(wb: Workbench, period: str, rules: Counting, as_of: date | None, unit: str = "") -> LedgerFigures | None:
    span = Period.parse(period)
    if not any(_reaches(Period.parse(record.period), span) for record in wb.store.imports(LEDGER)):
        return None  # known without the partitions: a period that was never run has none
    units = wb.units(span.code) if not unit else units_below(wb.units(span.code), unit)
    frame = _frame(wb, partitions(wb, span.code), units if unit else ())
    if frame is None:
        return None
    scope = LedgerScope(name=units[unit].name if unit else wb.settings.bank, unit=unit, units=units)
    now = analyse(frame, span, rules, as_of or wb.as_of(span.code), scope)
    code, parts = earlier_ledger(wb, span.code)
    old = _frame(wb, parts, units if unit else ()) if parts else None
    before = analyse(old, Period.parse(code), rules, wb.as_of(code), scope) if old is not None else None
    year = span.year_before()
    compared = with_comparison(now, before, rules, rules.prior_totals.get(year.code) if year else None)
    comparable = before if compared.compared else None
    return replace(compared, hot_spots=hot_spots(now, comparable, rules))


def _reaches(imported: Period, period: Period) -> bool:
    return imported.start <= period.end and imported.end >= period.start


def _frame(
    wb: Workbench, parts: Mapping[tuple[str, str], Extract], within: Collection[str] = ()
) -> pd.DataFrame | None:
    """Return the bank's ledger of a period, with what was closed in it where that counts; None without a ledger."""
    frame = together(
        ledger_rows(wb.home, parts.get(("", LEDGER))), ledger_rows(wb.home, parts.get(("", LEDGER + CLOSED)))
    )
    if frame is None or not within:
        return frame
    inside = {folded_id(unit) for unit in within}
    kept = [unit for unit in frame["unit"].unique() if folded_id(str(unit)) in inside]
    own = frame[frame["unit"].isin(kept)].reset_index(drop=True)
    own.attrs = dict(frame.attrs)
    if "aside" in frame.attrs:
        own.attrs["aside"] = [row for row in frame.attrs["aside"] if folded_id(row[1]) in inside]
    return own


def earlier_ledger(wb: Workbench, period: str) -> tuple[str, Mapping[tuple[str, str], Extract]]:
    """Return the period to compare with and its partitions: a year before, else the period before, else none.

    It may have come in by halves, quarters or months, or under a wider span, as long as no day of it is missing.
    Somebody who only reads is not kept from this period's figures because an older one was never run.
    """
    span = Period.parse(period)
    imported = [Period.parse(record.period) for record in wb.store.imports(LEDGER)]
    for earlier in (span.year_before(), span.previous()):
        if earlier is not None and _delivered(wb, earlier, imported):
            try:
                return earlier.code, partitions(wb, earlier.code)
            except InputError:
                if not wb.read_only:
                    raise
    return "", {}


def _delivered(wb: Workbench, period: Period, imported: Collection[Period]) -> bool:
    """Tell whether imports together hold every day of `period`, and a register of units is in force in it."""
    if period.code in {one.code for one in imported}:
        return True
    reached = period.start
    for one in sorted(imported, key=lambda span: span.start):
        if one.start <= reached <= one.end:
            reached = one.end + timedelta(days=1)
    if reached <= period.end:
        return False
    try:
        return bool(wb.units(period.code))
    except InputError:
        return False


def open_complaints(wb: Workbench, day: date, notes: list[str]) -> Iterator[tuple[str, str, str, str, date, str, str]]:
    """Yield the open complaints of the ledgers in force, as kind, number, title, unit, due day, note and period.

    The bank's complaint workflow is the source, and stays so. `notes` take what could not be looked at.
    """
    records = [r for r in wb.store.imports("complaints") if Period.parse(r.period).start <= day]
    if not records:
        notes.append("没有投诉台账，投诉未列入")
    for record in records:
        frame = read_columns(wb.home / record.path, record.file_sha256, COLUMNS)
        cases = open_cases(frame, day, wb.settings.policies.days == "working")
        if cases is None:
            notes.append(f"{record.period} 投诉台账没有处理决定日期，无法分辨是否办结，未列入")
            continue
        for case in cases:
            level = case.complexity or "未填复杂程度"
            title = f"{case.received_on} 受理，{level}，期限 {case.limit} 日（{case.rule}）"
            yield "complaint", case.complaint_no, title, case.unit, case.due, f"台账 {record.period}", record.period


def hot_units(wb: Workbench, period: str) -> tuple[str, ...]:
    """Return the inspected units of which complaints rose in the ledger of `period`, by the test that its page shows.

    Raises InputError without a ledger, where nothing rose, and where what rose is at no inspected unit.
    """
    code = Period.parse(period).code
    ledger = bank_ledger(wb, code)
    if ledger is None or ledger.hot_spots is None:
        advice = f"先运行 xiaobao import complaints 文件 --period {code}"
        raise InputError(Fault("这个期间没有投诉台账，不能按投诉热点选机构", value=code, allowed=advice))
    risen, known = ledger.hot_spots.risen, wb.units(code)
    found = tuple(unit for unit in risen if unit in known and known[unit].inspected)
    if not found:
        others = "、".join(risen)
        why = f"突增的只有不受检查的机构：{others}" if risen else f"没有机构突增（{ledger.hot_spots.method}）"
        raise InputError(Fault(f"{code} 的投诉台账中{why}", allowed="用 --unit、--level 或 --under 指明机构"))
    return found


def open_ledger(*, period: str, workspace: str = "", as_of: str = "") -> LedgerFigures | None:
    """看全行投诉台账的统计；本期没有导入台账时为 None。"""
    refuse_numbers(period=period)
    wb = bench_at(workspace)
    wb.look("complaint.see", domain="complaints")
    return bank_ledger(wb, period.partition("/")[0] or newest_period(wb), read_day(as_of) if as_of else None)


def frozen_ledger(freezer: Freezer, unit: Unit) -> dict[str, Any]:
    """Return fields of `FrozenPaper`: the rules of counting, and the ledger compared with."""
    period, parts = freezer.once("earlier ledger", lambda: earlier_ledger(freezer.wb, freezer.campaign.period))
    found = parts.get((unit.id, LEDGER))
    return {
        "counting": to_plain(freezer.wb.settings.counting),
        "earlier": found,
        "earlier_period": period if found else "",
        "closed": freezer.partitions.get((unit.id, LEDGER + CLOSED)),
        "earlier_closed": parts.get((unit.id, LEDGER + CLOSED)),
    }
