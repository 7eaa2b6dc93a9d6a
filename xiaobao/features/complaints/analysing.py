"""From a ledger to its figures: one walk for a unit and for the bank."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
from msgspec.structs import replace

from xiaobao.features.complaints import breakdowns
from xiaobao.features.complaints.breakdowns import facet_table, front_office, grouped, plain_table
from xiaobao.features.complaints.counting import Counted, count, day_number, rule_words
from xiaobao.features.complaints.figures import Breakdown, Concentration, LedgerFigures, Rates, Resolution, Totals
from xiaobao.features.complaints.ledger import NEVER, Codes, Ledger, RowPlaces
from xiaobao.features.complaints.timeliness import Clock, review_counts, timeliness
from xiaobao.features.complaints.unit_tree import Places, place_units
from xiaobao.model import Period, Unit, Value
from xiaobao.numbers import HUNDRED, half_up, share
from xiaobao.policies import Counting

_TOP = (1, 3, 5, 10)
_BASES = {"valid": "有效投诉", "new": "新增投诉"}


class LedgerScope(Value):
    """Whose ledger it is. `units` is the register when it is the bank's; a unit's own ledger has its unit alone."""

    name: str
    unit: str = ""
    units: Mapping[str, Unit] | None = None


def analyse(
    frame: pd.DataFrame, period: Period, rules: Counting, as_of: date, scope: LedgerScope, working: bool = False
) -> LedgerFigures:
    """Return the figures of `frame` (columns of dataset complaints, by code name) for `period`.

    Rows that the look-back has not looked at are compared among themselves. Raises InputError when working days are
    wanted for years without a calendar, and when report groups do not fit the lists.
    """
    ledger = Ledger(frame)
    counted = count(ledger, period, rules)
    base = _BASES[rules.basis]
    placed = {name: ledger.place(name) for name in ("source", "channel", "reason")}
    placed["business_class"] = ledger.place_class()
    tables = {name: facet_table(placed[name], counted, rules, base) for name in placed}
    groups: dict[str, Breakdown] = {
        name: grouped(tables[name], members, rules) for name, members in rules.groups.items() if members
    }
    tables["channel_front"] = front_office(tables["channel"], rules)
    tables["complexity"] = _values(ledger, "complexity", "复杂程度", counted, rules, base)
    tables["month"] = _months(counted, period, rules, base)
    cases, clock = timeliness(ledger, counted, placed["source"], _number(as_of), working)
    places = place_units(ledger, scope.units, rules) if scope.units is not None else None
    if places is not None:
        tables |= _places(places, counted, rules, base)
    return LedgerFigures(
        unit=scope.unit,
        name=scope.name,
        period=period.code,
        start=period.start,
        end=period.end,
        as_of=as_of,
        rules=rule_words(rules, working),
        totals=counted.totals,
        breakdowns=tables,
        groups=groups,
        timeliness=cases,
        days="工作日" if working else "自然日",
        reviews=review_counts(ledger, counted, _number(as_of)),
        resolution=_resolution(ledger, counted, clock, rules),
        rates=_rates(counted.totals, scope, period, rules),
        cells=_cells(ledger, places, placed["business_class"], counted, scope, rules),
        concentration=_concentration(tables["unit"], scope.units or {}) if places is not None else None,
        unknown=_unknown(frame.attrs.get("absent", ())),
        notes=(
            *_carried(ledger, counted, period, rules),
            *_notes(tables, placed["business_class"], counted.totals, _unknown(frame.attrs.get("absent", ()))),
        ),
    )


# What each measure needs; any one missing column of a tuple makes it unknown.
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "repeats": ("customer", "claim"),
    "withdrawn": ("withdrawn_on",),
    "escalated": ("customer", "decided_on"),
    "returned": ("customer", "claim", "withdrawn_on"),
    "reviews": ("review_requested_on",),
    "resolution": ("customer", "decided_on"),
    "satisfaction": ("satisfaction",),
    "timeliness": ("decided_on",),
    "source": ("source",),
    "channel": ("channel",),
    "business_class": ("business_class",),
    "reason": ("reason",),
    "complexity": ("complexity",),
}


def _unknown(absent: Collection[str]) -> frozenset[str]:
    return frozenset(measure for measure, needs in _NEEDS.items() if any(name in absent for name in needs))


def _number(day: date) -> int:
    return int(np.datetime64(day, "D").astype("int64"))


def _values(ledger: Ledger, name: str, title: str, counted: Counted, rules: Counting, base: str) -> Breakdown:
    codes, values = ledger.values(name)
    return plain_table(
        name, title, base, codes, [("", value) for value in values], counted, rules, lambda row: any(row.tally)
    )


def _months(counted: Counted, period: Period, rules: Counting, base: str) -> Breakdown:
    """Count by month of the period, empty months included."""
    first, _ = day_number(period)
    days = np.where(counted.new, counted.day, first).astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    start = (period.start.year - 1970) * 12 + period.start.month - 1
    size = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1
    names = [("", f"{1970 + m // 12}-{m % 12 + 1:02d}") for m in range(start, start + size)]
    return plain_table("month", "月份", base, days - start, names, counted, rules)


def _places(places: Places, counted: Counted, rules: Counting, base: str) -> dict[str, Breakdown]:
    """Count by unit (own rows only), by branch and by region: each row of the ledger once in each table."""
    return {
        "unit": plain_table("unit", "机构", base, places.units, places.unit_names, counted, rules),
        "branch": plain_table("branch", "分行及直属", base, places.branches, places.branch_names, counted, rules),
        "region": plain_table("region", "地区", base, places.regions, places.region_names, counted, rules),
    }


def _resolution(ledger: Ledger, counted: Counted, clock: Clock, rules: Counting) -> Resolution:
    """Say how many first complaints were settled at once, and what people said when called back."""
    first = clock.judged & ~clock.open & (ledger.days("earlier_on") == NEVER)
    back = (ledger.days("later_on") != NEVER) | (ledger.days("review_requested_on") != NEVER)
    decided, settled = int(first.sum()), int((first & ~back).sum())
    codes, values = ledger.values("satisfaction")
    words = [value.strip() for value in values]
    kinds = [1 if w in rules.satisfied else 2 if w in rules.dissatisfied else 3 if w else 0 for w in words] + [0]
    kind = np.array(kinds)[codes][counted.new]
    satisfied, dissatisfied, strange = (int((kind == k).sum()) for k in (1, 2, 3))
    return Resolution(
        first_decided=decided,
        settled=settled,
        settled_rate=share(settled, decided),
        asked=satisfied + dissatisfied,
        satisfied=satisfied,
        dissatisfied=dissatisfied,
        unclassified=strange,
        satisfied_rate=share(satisfied, satisfied + dissatisfied),
    )


def _rates(totals: Totals, scope: LedgerScope, period: Period, rules: Counting) -> Rates:
    months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1
    outlets = sum(unit.level in rules.outlet_levels for unit in (scope.units or {}).values())
    customers = rules.customers.get(period.code) if scope.units is not None else None
    return Rates(
        outlets=outlets,
        months=months,
        per_outlet_month=half_up(Decimal(totals.count) / (outlets * months)) if outlets else None,
        customers=customers,
        per_ten_thousand=half_up(Decimal(totals.count) * 10_000 / customers) if customers else None,
    )


def _cells(
    ledger: Ledger, places: Places | None, placed: RowPlaces, counted: Counted, scope: LedgerScope, rules: Counting
) -> dict[str, dict[str, int]]:
    """Count by unit and class, zeros left out."""
    facet = placed.facet
    tops = np.array([*facet.roots, *([len(facet.nodes)] * (len(placed.strange) + 1))], dtype="int64")
    taken = counted.new & ((counted.kind == 2) | (rules.basis == "new")) & (placed.codes >= 0)
    top = tops[placed.codes[taken]]
    units: Codes = places.units[taken] if places is not None else np.zeros(len(top), dtype="int64")
    names = [code for code, _ in places.unit_names] if places is not None else [scope.unit]
    width = len(facet.nodes) + 1
    keep = (top < len(facet.nodes)) & (units >= 0)
    pairs, counts = np.unique(units[keep] * width + top[keep], return_counts=True)
    cells: dict[str, dict[str, int]] = {}
    for pair, number in zip(pairs.tolist(), counts.tolist(), strict=True):
        cells.setdefault(names[pair // width], {})[facet.nodes[pair % width].name] = number
    return cells


def _concentration(units: Breakdown, register: Mapping[str, Unit]) -> Concentration:
    """Head office and departments are left out where nobody complained of them: they serve no customers."""
    inside = {code for code, unit in register.items() if unit.level in {"head_office", "department"}}
    rows = [one for one in units.rows if one.kind == "listed" and (one.count or one.code not in inside)]
    counts = sorted((one.count for one in rows), reverse=True)
    total = sum(counts)
    top = tuple((n, sum(counts[:n]), share(sum(counts[:n]), total)) for n in _TOP if n <= len(counts))
    reached = np.cumsum(counts)
    half = int(np.searchsorted(reached, total / 2)) + 1 if total else 0
    squares = sum(number * number for number in counts)
    named = max(units.rows, key=lambda one: (one.count, one.code), default=None)
    middle = len(counts) // 2
    median = None
    if counts:
        median = Decimal(counts[middle]) if len(counts) % 2 else Decimal(counts[middle - 1] + counts[middle]) / 2
    return Concentration(
        units=len(counts),
        without=sum(number == 0 for number in counts),
        top=top,
        half=half,
        herfindahl=half_up(HUNDRED * HUNDRED * squares / (total * total), 0) if total else None,
        median=median,
        largest=(named.name, named.count) if named is not None and named.count else None,
    )


def _carried(ledger: Ledger, counted: Counted, period: Period, rules: Counting) -> tuple[str, ...]:
    """Say how many complaints of earlier periods are counted where the closing day decides."""
    if rules.date != "closed":
        return ()
    first, _ = day_number(period)
    earlier = int((counted.new & (ledger.received < first)).sum())
    return (f"按办结日期归期，含本期以前受理、本期办结的 {earlier} 件；本期受理、期末尚未办结的归入办结的期间",)


def _notes(
    tables: Mapping[str, Breakdown], classes: RowPlaces, totals: Totals, unknown: Collection[str]
) -> tuple[str, ...]:
    """Say what a reader must know before using the figures."""
    notes = []
    for name in ("source", "channel", "business_class", "reason"):
        table = tables[name]
        if name in unknown:
            notes.append(f"台账没有“{table.title}”这一列，按{table.title}无数据")
            continue
        if table.unclassified:
            notes.append(f"{table.title}有 {table.unclassified} 件未归类，原值列在表中，没有并入“其他”")
        if table.missing:
            notes.append(f"{table.title}有 {table.missing} 件未填写")
    for word, path, number in classes.recognised:
        notes.append(f"业务类别写作“{word}”的 {number} 行按 {path} 识别")
    for word, number in classes.strange_below:
        notes.append(f"业务小类“{word}”不在所填大类之下，{number} 行只计到大类")
    if totals.returned:
        notes.append(f"撤诉后再次投诉的 {totals.returned} 件")
    return tuple(notes)


def with_comparison(
    now: LedgerFigures, before: LedgerFigures | None, rules: Counting, prior: int | None = None
) -> LedgerFigures:
    """Put the changes against `before` beside every figure; `prior` is a total typed by hand, used without a ledger.

    A period of another length or counted on another base is not compared: the note says why.
    """
    if before is None:
        if prior is None:
            return replace(now, comparison_note="没有可比期间的数据，不计算增减")
        changed = breakdowns.change(now.totals.count, prior)
        return replace(now, total_change=changed, comparison_note="上年同期总数为手工填列，分项不计算增减")
    reason = unlike(now, before, rules)
    if reason:
        return replace(now, compared="", comparison_note=reason)
    known = {name for name in now.breakdowns if before.known("channel" if name == "channel_front" else name)}
    tables = {
        name: breakdowns.beside_earlier(table, before.breakdowns.get(name) if name in known else None)
        for name, table in now.breakdowns.items()
    }
    groups = {
        name: breakdowns.beside_earlier(table, before.groups.get(name) if name in known else None)
        for name, table in now.groups.items()
    }
    a_year = (before.start.month, before.start.day) == (now.start.month, now.start.day)
    words = f"与上年同期 {before.period} 比" if a_year else f"没有上年同期数据，与上期 {before.period} 比"
    return replace(
        now,
        breakdowns=tables,
        groups=groups,
        compared=before.period,
        comparison_note=words,
        total_change=breakdowns.change(now.totals.count, before.totals.count),
    )


def unlike(now: LedgerFigures, before: LedgerFigures, rules: Counting) -> str:
    """Return why two periods must not be compared, empty when they may."""

    def months(figures: LedgerFigures) -> int:
        return (figures.end.year - figures.start.year) * 12 + figures.end.month - figures.start.month

    if months(now) != months(before):
        return f"{now.period} 与 {before.period} 长短不同，不计算增减"
    if rules.base_changed_on and before.start < rules.base_changed_on <= now.end:
        why = rules.base_change_note or "统计口径有调整"
        return f"{rules.base_changed_on} 起{why}，与 {before.period} 不可比，不计算增减"
    return ""
