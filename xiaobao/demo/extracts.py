"""The sample bank's extracts, bank-wide, one file a dataset and period, as a bank's systems would give them.

Systems differ on purpose: GBK from the core, UTF-8 with BOM from the middle office, workbooks with a title row from
people; dates as 2026-03-02, 2026/3/2 or 2026年3月2日, amounts with or without thousands separators.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.demo.builders import BUILDERS
from xiaobao.demo.plants import Overlay, Plant, plant
from xiaobao.demo.rows import CAP, FEES, RATE, Record
from xiaobao.demo.sample_bank import BANK_NAME, SEED, UnitRecords, bank_units, demo_periods, desks
from xiaobao.errors import Fault, UsageError
from xiaobao.feature_list import brought
from xiaobao.labels import LEVELS
from xiaobao.model import Period, Unit

_REGISTER_ROWS = {name: rows for made in brought("demo_rows") for name, rows in made.items()}
_BUSINESS_KEYS = ("units", "price_list")
_GBK = {"complaints", "fee_entries", "loans", "counter_duty"}
_WORKBOOKS = {"units", "promotion_materials"}
_SLASHED = {"fee_entries", "product_sales", "sms_sends", "sms_opt_outs"}
_WRITTEN_OUT = {"complaints", "facilities", "transfers"}
_THOUSANDS = {"loans", "product_sales"}
_RAISED_FROM = date(2026, 4, 1)


@dataclass(frozen=True, kw_only=True)
class DemoBank:
    """What was written: `files` in the order to import them, `plants` what the checks must find."""

    periods: tuple[str, ...]
    units: tuple[Unit, ...]
    files: tuple[tuple[str, str, Path], ...]
    plants: tuple[Plant, ...]


def write_bank(folder: Path, units: int = 12, periods: int = 2, seed: int = SEED) -> DemoBank:
    """Write the extracts of `units` inspected units for the newest `periods` half-years. Same seed, same files.

    Raises UsageError for fewer than two units or no period.
    """
    if units < 2 or periods < 1:
        raise UsageError(Fault("示例银行至少要有 2 家被检查机构和 1 个检查期间", value=f"{units} 家，{periods} 期"))
    folder.mkdir(parents=True, exist_ok=True)
    tree, order = bank_units(units), demo_periods(periods)
    plants, overlay = plant([desks(tree, period, turn, seed) for turn, period in enumerate(order)], seed)
    files = []
    for turn, period in enumerate(order):
        for dataset in dict.fromkeys((*_BUSINESS_KEYS, *BUILDERS, *_REGISTER_ROWS)):
            rows = _records(dataset, tree, desks(tree, period, turn, seed), overlay, turn)
            files.append((dataset, period.code, _write(folder, dataset, period, rows)))
    _write_plants(folder / "plants.csv", plants)
    return DemoBank(periods=tuple(period.code for period in order), units=tree, files=tuple(files), plants=plants)


def _records(
    dataset: str, tree: Sequence[Unit], at_desks: Sequence[UnitRecords], overlay: Overlay, turn: int
) -> Iterator[Mapping[str, Any]]:
    if dataset == "units":
        return (_unit_record(unit) for unit in tree)
    laid = overlay.get((turn, dataset), {})
    if dataset in _REGISTER_ROWS:
        planted = _unit_records(dataset, at_desks, laid) if dataset in BUILDERS else iter(())
        return chain(_REGISTER_ROWS[dataset](at_desks), planted)
    if dataset == "price_list":
        return iter([*_prices(), *(values for slots in laid.values() for values in slots.values())])
    return _unit_records(dataset, at_desks, laid)


def _unit_records(
    dataset: str, at_desks: Iterable[UnitRecords], laid: Mapping[int, Mapping[int, Mapping[str, Any]]]
) -> Iterator[Record]:
    """Yield each unit's clean records with the changes laid over them, then those that only changes make."""
    builder, count, businesses = BUILDERS[dataset]
    for desk in at_desks:
        changes = laid.get(desk.index, {})
        clean = range(count) if desk.runs(*businesses) else range(0)
        for slot in (*clean, *sorted(slot for slot in changes if slot not in clean)):
            record = builder(desk, slot)
            if slot in changes:
                record.update(changes[slot])
            yield record


def _unit_record(unit: Unit) -> Record:
    return {
        "unit": unit.id,
        "name": unit.name,
        "level": LEVELS[unit.level],
        "parent": unit.parent,
        "region": unit.region,
        "businesses": "、".join(unit.businesses),
        "inspected": "是" if unit.inspected else "否",
    }


def _prices() -> list[Record]:
    """Return the price list: one version of each fee, and the yearly fee raised after due notice."""
    rows: list[Record] = []
    for code, name, price, _ in FEES:
        relative = code == "F004"
        rows.append(
            {
                "fee_code": code,
                "fee_name": name,
                "version": "2020-1",
                "published_on": date(2019, 9, 30),
                "effective_on": date(2020, 1, 1),
                "ended_on": "",
                "price": price,
                "rate": RATE if relative else "",
                "cap": CAP if relative else "",
                "change": "新设",
            }
        )
    yearly = next(row for row in rows if row["fee_code"] == "F003")
    raised = {
        **yearly,
        "version": "2026-1",
        "published_on": date(2026, 1, 1),
        "effective_on": _RAISED_FROM,
        "price": yearly["price"] + 1,
        "change": "提价",
    }
    yearly["ended_on"] = date(2026, 3, 31)
    return [*rows, raised]


def _write(folder: Path, dataset: str, period: Period, rows: Iterable[Mapping[str, Any]]) -> Path:
    columns = DATASETS[dataset].columns
    names, titles = [column.name for column in columns], [column.title for column in columns]
    slashed, written, grouped = dataset in _SLASHED, dataset in _WRITTEN_OUT, dataset in _THOUSANDS
    cells = ([_cell(row.get(name, ""), slashed, written, grouped) for name in names] for row in rows)
    stem = f"{DATASETS[dataset].title}_{period.code}"
    if dataset in _WORKBOOKS:
        return _workbook(
            folder / f"{stem}.xlsx", f"{BANK_NAME}{DATASETS[dataset].title}（{period.code}）", titles, cells
        )
    path = folder / f"{stem}.csv"
    with path.open("w", encoding="gbk" if dataset in _GBK else "utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(titles)
        writer.writerows(cells)
    return path


def _workbook(path: Path, heading: str, titles: Sequence[str], cells: Iterable[Sequence[str]]) -> Path:
    import pandas as pd

    frame = pd.DataFrame(list(cells), columns=list(titles), dtype=object)
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        frame.to_excel(writer, sheet_name="明细", startrow=1, index=False)
        writer.sheets["明细"].write(0, 0, heading)
        writer.book.set_properties({"created": datetime(2026, 7, 1)})
    return path


def _cell(value: Any, slashed: bool, written: bool, grouped: bool) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        day = f"{value.year}/{value.month}/{value.day}" if slashed else f"{value:%Y-%m-%d}"
        return f"{day} {value:%H:%M:%S}"
    if isinstance(value, date):
        if slashed:
            return f"{value.year}/{value.month}/{value.day}"
        return f"{value.year}年{value.month}月{value.day}日" if written else value.isoformat()
    if isinstance(value, Decimal) and grouped:
        return f"{value:,.2f}"
    return str(value)


def _write_plants(path: Path, plants: Iterable[Plant]) -> None:
    """Write what was planted where, so that the result of a run can be held against it by eye."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["检查编号", "机构号", "检查期间", "业务编号"])
        writer.writerows((one.check_id, one.unit, one.period, one.key) for one in plants)
