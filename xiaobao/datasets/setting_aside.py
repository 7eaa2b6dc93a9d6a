"""Rows put apart by an explicit act: what they are, why, and the workbook in which they go back to their source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from xiaobao.datasets.extracts import AsideRow
from xiaobao.datasets.shape import Dataset
from xiaobao.datasets.templates import new_book
from xiaobao.datasets.validation import OUTSIDE
from xiaobao.errors import Fault, InputError, machine_words

WRONG, OUT_OF_PERIOD = "数据有误", "期间以外"
_Place = tuple[str, str, int]
__all__ = ["OUT_OF_PERIOD", "WRONG", "AsideRow", "places_of", "reason_of", "write_aside"]


def places_of(faults: Iterable[Fault]) -> dict[_Place, list[Fault]]:
    """Return the faults of each row. Raises InputError for faults that are of no row: those cannot be put apart."""
    by_row: dict[_Place, list[Fault]] = {}
    whole = []
    for fault in faults:
        if fault.row is None:
            whole.append(fault)
        else:
            by_row.setdefault((fault.file, fault.sheet, fault.row), []).append(fault)
    if whole:
        raise InputError(whole)
    return by_row


def reason_of(faults: Sequence[Fault]) -> str:
    """Return why a row was put apart: outside the period only where nothing else is wrong with it."""
    return OUT_OF_PERIOD if all(fault.message == OUTSIDE for fault in faults) else WRONG


def write_aside(rows: Sequence[AsideRow], dataset: Dataset, path: Path, *, refused: bool = False) -> None:
    """Write the rows as a workbook: file, sheet, row, reason and faults in front, then their cells, bad ones marked.

    `refused`: nothing was imported, and the workbook says so. Raises InputError when the file is there already or
    cannot be written.
    """
    if path.exists():
        raise InputError(Fault("文件已经存在，没有覆盖", file=path.name, allowed="另指定一个文件"))
    headers = list(dict.fromkeys(header for row in rows for header, _ in row.cells))
    heads = ("文件", "工作表", "行", "原因", "问题", *headers)
    try:
        with new_book(path) as book:
            head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True})
            text = book.add_format({"num_format": "@"})
            wrap = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
            marked = book.add_format({"num_format": "@", "bg_color": "#FFC7CE"})
            sheet = book.add_worksheet("有错的行" if refused else "搁置的行")
            sheet.set_column(0, len(heads) - 1, 16)
            sheet.set_column(4, 4, 50)
            for place, title in enumerate(heads):
                sheet.write_string(0, place, title, head)
            for number, row in enumerate(rows, 1):
                faults = "\n".join(f"{column}：{message}" if column else message for column, message in row.faults)
                for place, cell in enumerate((row.file, row.sheet, str(row.row), row.reason, faults)):
                    sheet.write_string(number, place, cell, wrap)
                wrong = {column for column, _ in row.faults}
                for header, cell in row.cells:
                    style = marked if header in wrong else text
                    sheet.write_string(number, 5 + headers.index(header), cell[:32_000], style)
            sheet.freeze_panes(1, 5)
            sheet.autofilter(0, 0, len(rows), len(heads) - 1)
            about = book.add_worksheet("说明")
            faults = f"{dataset.title}导入时搁置的行：没有计入统计，在统计和报告中列为“{WRONG}”或“{OUT_OF_PERIOD}”。"
            about.write_string(0, 0, f"{dataset.title}有错，没有导入任何数据；有错的格已标出。" if refused else faults)
            about.write_string(
                1,
                0,
                "请在来源文件的对应行改正后，重新导入整份文件，并选“替换本期已导入的同一数据集”。客户信息列只显示前两位。",
            )
    except OSError as error:
        raise InputError(Fault(f"不能写文件：{machine_words(error)}", file=path.name)) from error
