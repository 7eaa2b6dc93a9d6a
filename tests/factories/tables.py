"""Small tables as a bank's systems would give them, and the ways in which they go wrong."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl

from xiaobao.datasets.importing import Imported, read_extract
from xiaobao.model import Period

KEY = b"k" * 32
PERIOD = Period.parse("2025H1")
UNITS = ("0101", "0102")
Cells = Sequence[Sequence[object]]

UNIT_HEADER = ("机构号", "机构名称", "层级")
DUTY_HEADER = ("排班编号", "机构号", "日期", "是否营业", "人工窗口数")
FEE_HEADER = ("收费流水号", "机构号", "收费日期", "收费项目代码", "收费金额")


def units(*ids: str) -> Cells:
    """A register of units with these ids."""
    return (UNIT_HEADER, *((unit, f"网点{number}", "网点") for number, unit in enumerate(ids, 1)))


def duty(day: object = "2025-06-30", counters: object = "2", number: object = "D1", unit: object = "0101") -> Cells:
    """A duty roster of one row: a date and a count to spoil."""
    return (DUTY_HEADER, (number, unit, day, "是", counters))


def fees(amount: object = "12.50", unit: object = "0101") -> Cells:
    """A list of fees of one row: an amount to spoil."""
    return (FEE_HEADER, ("F1", unit, "2025-06-30", "001", amount))


def as_csv(rows: Cells, encoding: str = "utf-8") -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode(encoding)


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def write_csv(folder: Path, rows: Cells, encoding: str = "utf-8", name: str = "表.csv") -> Path:
    return write(folder / name, as_csv(rows, encoding))


def write_xlsx(
    folder: Path, rows: Cells, change: Callable[[openpyxl.Workbook], None] | None = None, name: str = "表.xlsx"
) -> Path:
    """Write a workbook; `change` may spoil it before it is saved."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "数据"
    for row in rows:
        sheet.append(list(row))
    if change:
        change(book)
    path = folder / name
    book.save(path)
    return path


def change_member(path: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
    """Rewrite one part of a workbook's archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[member] = change(parts[member])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def add_member(path: Path, member: str, data: bytes) -> Path:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, data)
    return path


def before_sheet_data(xml: bytes, extra: bytes) -> bytes:
    """Put `extra` into a sheet's XML, before its rows."""
    return re.sub(rb"<sheetData", extra + b"<sheetData", xml, count=1)


def take(path: Path, dataset: str, **more: object) -> Imported:
    """Import one file as the tests' bank would."""
    options: dict[str, object] = {"key": KEY, "period": PERIOD, "known_units": UNITS} | more
    return read_extract([path], dataset, **options)  # type: ignore[arg-type]
