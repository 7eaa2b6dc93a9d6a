"""登记簿: figures of every register of a period, and the alarm over clusters of complaints. Reads, writes nothing."""

from __future__ import annotations

from datetime import timedelta

from xiaobao.datasets.partitions import standing_rows
from xiaobao.datasets.registers import REGISTERS
from xiaobao.features.registers.events import ComplaintCluster, clusters
from xiaobao.features.registers.figures import RegisterFigures
from xiaobao.features.registers.reckoning import register_figures
from xiaobao.model import Period
from xiaobao.workbench.importing import imported_files
from xiaobao.workbench.units import units_below
from xiaobao.workbench.workspace import Workbench


def read_registers(wb: Workbench, period: str, unit: str = "") -> RegisterFigures:
    """Return the figures of a period's registers, those of the same period a year before beside them.

    With a unit, only rows of it and of those below it. Raises InputError for an unknown unit.
    """
    span = Period.parse(period)
    before = span.year_before()
    earlier = _figures(wb, before, None, unit) if before else None
    if earlier is not None and len(earlier.missing) == len(REGISTERS):
        earlier = None
    return _figures(wb, span, earlier, unit)


def _figures(wb: Workbench, span: Period, last_year: RegisterFigures | None, unit: str) -> RegisterFigures:
    files = imported_files(wb)
    frames = {register.name: standing_rows(files, register.name, span) for register in REGISTERS}
    known = any(Period.parse(record.period).start <= span.end for record in wb.store.imports("units"))
    known_units = wb.units(span.code) if known else {}
    if unit and known_units:
        known_units = units_below(known_units, unit)
        frames = {name: None if rows is None else rows[rows["unit"].isin(known_units)] for name, rows in frames.items()}
    units = [one.id for one in known_units.values() if one.inspected]
    return register_figures(frames, span, wb.as_of(span.code), units, wb.settings.alarms, last_year)


def read_clusters(wb: Workbench, period: str) -> tuple[ComplaintCluster, ...] | None:
    """Return the clusters that end in the period, None without a ledger. Days before its start count towards them."""
    span = Period.parse(period)
    first = span.start - timedelta(days=wb.settings.alarms.cluster_days - 1)
    files = imported_files(wb, "complaints")
    if standing_rows(files, "complaints", span) is None:
        return None
    ledger = standing_rows(files, "complaints", Period(start=first, end=span.end, code=f"{first}..{span.end}"))
    return () if ledger is None else tuple(c for c in clusters(ledger, wb.settings.alarms) if c.last in span)
