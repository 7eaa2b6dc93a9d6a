"""投诉台账统计: of one unit from its frozen partition, of the bank from its own. Reads, writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from xiaobao.errors import InputError
from xiaobao.model import Extract, Period, folded_id, from_plain
from xiaobao.policies import Counting, Policies

if TYPE_CHECKING:
    import pandas as pd

    from xiaobao.features.complaints import LedgerFigures
    from xiaobao.paper.frozen import FrozenPaper
    from xiaobao.workbench.workspace import Workbench

LEDGER_DOMAIN = "complaints"
LEDGER = "complaints"


def unit_ledger(frozen: FrozenPaper, frame: pd.DataFrame | None) -> LedgerFigures | None:
    """Return the statistics of a unit's ledger; None in other domains and without a ledger."""
    if frozen.domain != LEDGER_DOMAIN or frame is None:
        return None
    from xiaobao.features.complaints import Scope, analyse, with_comparison
    from xiaobao.features.complaints.hot_spots import hot_spots

    rules = from_plain(Counting, frozen.counting)
    working = from_plain(Policies, frozen.policies).days == "working"
    scope = Scope(name=frozen.unit.name, unit=frozen.unit.id)
    root = Path(frozen.root)
    whole = _together(frame, _rows(root, frozen.closed))
    assert whole is not None
    now = analyse(whole, Period.parse(frozen.period), rules, frozen.as_of, scope, working)
    old = _together(_rows(root, frozen.earlier), _rows(root, frozen.earlier_closed))
    if old is None:
        return with_comparison(now, None, rules)
    before = analyse(old, Period.parse(frozen.earlier_period), rules, frozen.as_of, scope)
    compared = with_comparison(now, before, rules)
    return replace(compared, hot_spots=hot_spots(now, before, rules)) if compared.compared else compared


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
    from xiaobao.features.complaints import Scope, analyse, with_comparison
    from xiaobao.features.complaints.hot_spots import hot_spots
    from xiaobao.workbench.importing import partitions
    from xiaobao.workbench.units import units_below

    span = Period.parse(period)
    units = wb.units(span.code) if not unit else units_below(wb.units(span.code), unit)
    frame = _frame(wb, partitions(wb, span.code), units if unit else ())
    if frame is None:
        return None
    working = wb.settings.policies.days == "working"
    scope = Scope(name=units[unit].name if unit else wb.settings.bank, unit=unit, units=units)
    now = analyse(frame, span, rules, as_of or wb.as_of(span.code), scope, working)
    code, parts = earlier_ledger(wb, span.code)
    old = _frame(wb, parts, units if unit else ()) if parts else None
    before = analyse(old, Period.parse(code), rules, wb.as_of(code), scope) if old is not None else None
    year = span.year_before()
    compared = with_comparison(now, before, rules, rules.prior_totals.get(year.code) if year else None)
    comparable = before if compared.compared else None
    return replace(compared, hot_spots=hot_spots(now, comparable, rules))


def _frame(
    wb: Workbench, parts: Mapping[tuple[str, str], Extract], within: Collection[str] = ()
) -> pd.DataFrame | None:
    """Return the bank's ledger of a period, with what was closed in it where that counts; None without a ledger."""
    from xiaobao.datasets.partitions import CLOSED

    frame = _together(_rows(wb.home, parts.get(("", LEDGER))), _rows(wb.home, parts.get(("", LEDGER + CLOSED))))
    if frame is None or not within:
        return frame
    inside = {folded_id(unit) for unit in within}
    kept = [unit for unit in frame["unit"].unique() if folded_id(str(unit)) in inside]
    own = frame[frame["unit"].isin(kept)].reset_index(drop=True)
    own.attrs = dict(frame.attrs)
    if "aside" in frame.attrs:
        own.attrs["aside"] = [row for row in frame.attrs["aside"] if folded_id(row[1]) in inside]
    return own


def _rows(root: Path, extract: Extract | None) -> pd.DataFrame | None:
    from xiaobao.datasets.partitions import read_columns
    from xiaobao.features.complaints.ledger import COLUMNS

    return read_columns(root / extract.path, extract.sha256, COLUMNS) if extract is not None else None


def _together(frame: pd.DataFrame | None, closed: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return a ledger with what was received before and closed in its period; no ledger stays none."""
    if frame is None or closed is None or closed.empty:
        return frame
    import pandas as pd

    whole = pd.concat([frame[list(closed.columns)], closed], ignore_index=True)
    whole.attrs = dict(frame.attrs)
    return whole


def earlier_ledger(wb: Workbench, period: str) -> tuple[str, Mapping[tuple[str, str], Extract]]:
    """Return the period to compare with and its partitions: a year before, else the period before, else none.

    It may have come in by halves, quarters or months, or under a wider span, as long as no day of it is missing.
    Somebody who only reads is not kept from this period's figures because an older one was never run.
    """
    from xiaobao.workbench.importing import partitions

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
