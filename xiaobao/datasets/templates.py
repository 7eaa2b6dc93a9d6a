"""The workbook that tells a bank's IT what to deliver: headers, meanings, allowed values, sample rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from xiaobao.datasets.catalogue import DATASETS, Column, Dataset
from xiaobao.files import replacing
from xiaobao.personal.forms import MASK_WORDS

_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@contextmanager
def new_book(path: Path) -> Iterator[Any]:
    """Give a workbook to fill; it gets its name at the end. Raises OSError where it cannot be written."""
    with replacing(path) as draft:
        try:
            with xlsxwriter.Workbook(str(draft), _PLAIN) as book:
                yield book
        except FileCreateError as failed:  # hides the OSError it stands for, say a full disk
            if failed.args and isinstance(failed.args[0], OSError):
                raise failed.args[0] from failed
            raise


_KINDS = {
    "id": "编号（文本格式，保留前导零）",
    "text": "文字",
    "note": "文字，导入时隐去证件号、手机号、卡号",
    "date": "日期，如 2026-06-30",
    "datetime": "日期时间，如 2026-06-30 09:30:00",
    "amount": "金额，元，两位小数",
    "decimal": "数",
    "count": "0 或正整数",
    "level": "1 至 5",
    "flag": "是、否",
    "choice": "下列值之一",
}
_SAMPLES = {
    "date": ("2026-06-15", "2026-06-16"),
    "datetime": ("2026-06-15 09:30:00", "2026-06-16 14:05:00"),
    "amount": ("8000.00", "125.50"),
    "decimal": ("4.35", "3.9"),
    "count": ("2", "0"),
    "level": ("3", "2"),
    "flag": ("是", "否"),
    "text": ("示例", "示例"),
    "note": ("示例文字", ""),
}
_ROWS = 5_000
_PERSONAL = {
    "pseudonym": "导入时替换为化名",
    "drop": "仅用于推算，不进入分机构数据",
    **dict.fromkeys(MASK_WORDS, "导入时隐去"),
}


def write_template(dataset: Dataset | str, path: Path) -> None:
    """Write the template of a dataset. Filled in, the file imports as it is."""
    spec = DATASETS[dataset] if isinstance(dataset, str) else dataset
    with new_book(path) as book:
        book.set_properties({"title": f"{spec.title}取数模板"})
        bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True})
        optional = book.add_format({"bg_color": "#F2F2F2", "border": 1, "text_wrap": True})
        text = book.add_format({"num_format": "@"})
        _data_sheet(book.add_worksheet("数据"), spec, bold, optional, text)
        _meaning_sheet(
            book.add_worksheet("填写说明"), spec, bold, book.add_format({"text_wrap": True, "valign": "top"})
        )


def _data_sheet(sheet: Worksheet, dataset: Dataset, bold: Format, optional: Format, text: Format) -> None:
    for place, column in enumerate(dataset.columns):
        sheet.set_column(place, place, max(12, 2 * len(column.title) + 4), text)
        head = f"{column.title}（元）" if column.kind == "amount" else column.title
        sheet.write_string(0, place, head, bold if column.required else optional)
        for row in (0, 1):
            sheet.write_string(row + 1, place, sample(column, dataset, row), text)
        choices = column.allowed or (("是", "否") if column.kind == "flag" else ())
        if choices:
            sheet.data_validation(
                1,
                place,
                _ROWS,
                place,
                {
                    "validate": "list",
                    "source": list(choices),
                    "error_title": "值不在允许之列",
                    "error_message": "请从下拉列表中选择",
                },
            )
    sheet.freeze_panes(1, 0)


def _meaning_sheet(sheet: Worksheet, dataset: Dataset, bold: Format, wrap: Format) -> None:
    """Explain each column. The heads differ from the data's, so that this sheet is never taken for data."""
    heads = ("字段", "必填", "格式", "允许的值", "含义", "也认的列名", "个人信息处理")
    for place, (head, width) in enumerate(zip(heads, (22, 6, 34, 46, 40, 36, 26), strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, head, bold)
    for row, column in enumerate(dataset.columns, 1):
        cells = (
            f"【{column.title}】",
            "是" if column.required else "",
            _KINDS[column.kind],
            "、".join(column.allowed),
            column.meaning,
            "、".join(column.aliases),
            _PERSONAL.get(column.personal, ""),
        )
        for place, cell in enumerate(cells):
            sheet.write_string(row, place, cell, wrap)
    sheet.write_string(len(dataset.columns) + 2, 0, "“数据”表第 2、3 行是示例，填写前请删除。", wrap)


def sample(column: Column, dataset: Dataset, row: int) -> str:
    """Return a value that reads back: two made-up rows, no real person."""
    if column.allowed:
        return column.allowed[row % len(column.allowed)]
    if column.name == "unit":
        return ("0101", "0102")[row]
    if column.name in dataset.key and column.kind in ("id", "text"):
        return f"示例-{row + 1:04d}"
    if column.name == "birth_date":
        return ("1958-03-01", "1990-11-20")[row]
    if column.name in ("id_number", "mobile"):
        return ""
    if column.kind == "id":
        return f"{1001 + row}"
    if column.personal:
        return f"示例客户{row + 1}"
    return _SAMPLES[column.kind][0 if column.required else row]
