"""A workspace of two units, and the bank's files of `tests/cases` as they come in by the command line."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from tests.factories.kept import new_workspace
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.workspace import Workbench

CASES = Path(__file__).parents[1] / "cases"
UNITS = (("010000", "云川分行", "分行"), ("010001", "柳溪支行", "支行"), ("010003", "云川支行", "支行"))
HEADER = ("投诉编号", "机构号", "受理日期", "业务大类", "投诉原因", "客户号", "投诉内容", "处理决定日期", "诉求")


def bank(folder: Path) -> Workbench:
    """Return a new workspace with a register of units for 2026H1."""
    bench = new_workspace(folder / "行", as_of=date(2026, 7, 5))
    units = folder / "机构.csv"
    units.write_text("机构号,机构名称,层级\n" + "\n".join(map(",".join, UNITS)) + "\n", "utf-8")
    import_extract(bench, "units", [units], "2026H1")
    return bench


def case(folder: Path, name: str) -> Path:
    """Return a copy of a bank's file that may be written beside."""
    target = folder / Path(name).name
    shutil.copy(CASES / name, target)
    return target


def complaint(number: int, **given: Any) -> list[Any]:
    """Return one row of a ledger in the order of `HEADER`."""
    row = dict(
        zip(
            HEADER,
            [f"T{number}", "010001", "2026-02-11", "银行卡", "信息披露", f"C{number:05d}", "反映费用", "", ""],
            strict=True,
        )
    )
    return list((row | given).values())


def ledger(folder: Path, *rows: Any, name: str = "台账.xlsx", **sheets: Any) -> Path:
    """Write a ledger as a workbook; `sheets` are further sheets by name."""
    book = openpyxl.Workbook()
    for sheet_name, cells in {"台账": rows, **sheets}.items():
        sheet = book.active if sheet_name == "台账" else book.create_sheet(sheet_name)
        assert sheet is not None
        sheet.title = sheet_name
        for row in cells:
            sheet.append(list(row))
    book.save(folder / name)
    return folder / name
