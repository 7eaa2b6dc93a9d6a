"""How our workbooks are written: text is always text, numbers are exact, and the same data gives the same bytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from xiaobao.errors import Fault, InputError

SheetCell = str | int | Decimal | date | None
_CELL_LIMIT = 32767
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
_PLAIN_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
}
_FORMATS: dict[str, dict[str, object]] = {
    "head": {
        "bold": True,
        "bg_color": "#D9E2F3",
        "border": 1,
        "text_wrap": True,
        "align": "center",
        "valign": "vcenter",
    },
    "text": {"border": 1, "text_wrap": True, "valign": "top", "num_format": "@"},
    "guarded": {"border": 1, "text_wrap": True, "valign": "top", "num_format": "@", "quote_prefix": True},
    "points": {"border": 1, "valign": "top", "num_format": "0.00"},
    "exact": {"border": 1, "valign": "top", "num_format": "General"},
    "whole": {"border": 1, "valign": "top", "num_format": "#,##0"},
    "day": {"border": 1, "valign": "top", "num_format": "yyyy-mm-dd", "align": "left"},
    "answer": {
        "border": 1,
        "text_wrap": True,
        "valign": "top",
        "num_format": "@",
        "locked": False,
        "bg_color": "#FFF8E1",
    },
    "open": {"bg_color": "#FFD9A8"},
    "taken": {"bg_color": "#CDE8CF", "bold": True},
    "wrong": {"bg_color": "#F8B4B4"},
    "title": {"bold": True, "font_size": 14},
    "note": {"font_color": "#595959", "text_wrap": False},
}


@dataclass(frozen=True, kw_only=True)
class SheetColumn:
    """One column of a table. `width` is in half-width characters; an `answer` column may be typed into.

    An `exact` one shows numbers with all their digits.
    """

    title: str
    width: int = 12
    answer: bool = False
    hidden: bool = False
    exact: bool = False


class Book:
    """A workbook being written. Use as a context manager; nothing lies at `path` before it closes."""

    def __init__(self, path: Path, title: str, author: str, created: date) -> None:
        self.path = path
        self._book: Any = xlsxwriter.Workbook(str(path), _PLAIN_OPTIONS)
        moment = datetime(created.year, created.month, created.day)
        self._book.set_properties({"title": title, "author": author, "created": moment})
        self._formats = {
            name: self._book.add_format({"font_name": "宋体", "font_size": 10, **words})
            for name, words in _FORMATS.items()
        }

    def cell_format(self, name: str) -> Any:
        """Return how a cell looks that calls for attention: `open`, `wrong` or `taken`."""
        return self._formats[name]

    def __enter__(self) -> Book:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            try:
                self._book.close()
            except FileCreateError as failed:  # hides the OSError it stands for, say a full disk
                cause = failed.args[0] if failed.args else None
                raise cause if isinstance(cause, OSError) else OSError(str(failed)) from failed

    def table(
        self,
        name: str,
        columns: Sequence[SheetColumn],
        rows: Iterable[Sequence[SheetCell]],
        *,
        freeze: int = 1,
        above: Sequence[str] = (),
        landscape: bool = True,
    ) -> tuple[Any, int, int]:
        """Write a sheet with one table and return (sheet, row of the head, rows). `above` are lines before the head."""
        sheet = self._book.add_worksheet(name)
        for number, line in enumerate(above):
            sheet.write_string(
                number, 0, self._checked(line, name, number), self._formats["note" if number else "title"]
            )
        head = len(above)
        sheet.set_row(head, 30)
        for place, column in enumerate(columns):
            sheet.write_string(head, place, column.title, self._formats["head"])
            sheet.set_column(place, place, column.width, None, {"hidden": column.hidden})
        count = 0
        for number, row in enumerate(rows, head + 1):
            count += 1
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                self._write(sheet, number, place, value, column)
        sheet.freeze_panes(head + 1, freeze)
        if count:
            sheet.autofilter(head, 0, head + count, len(columns) - 1)
        self._set_page(sheet, head, landscape)
        return sheet, head, count

    def _write(self, sheet: Any, row: int, place: int, value: SheetCell, column: SheetColumn) -> None:
        answer = column.answer
        if isinstance(value, bool):
            value = "是" if value else "否"
        if value is None:
            sheet.write_blank(row, place, None, self._formats["answer" if answer else "text"])
        elif isinstance(value, Decimal):
            sheet.write_number(row, place, value, self._formats["exact" if column.exact else "points"])
        elif isinstance(value, int):
            sheet.write_number(row, place, value, self._formats["exact" if column.exact else "whole"])
        elif isinstance(value, date):
            sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), self._formats["day"])
        else:
            text = self._checked(value, sheet.get_name(), row)
            kind = "answer" if answer else "guarded" if text.startswith(_FORMULA_STARTS) else "text"
            sheet.write_string(row, place, text, self._formats[kind])

    def _checked(self, text: str, sheet: str, row: int) -> str:
        """Show what XML cannot hold as its code. Raises InputError on a text that Excel would cut."""
        shown = "".join(c if c in "\t\n" or not _unwritable(c) else f"\\u{ord(c):04x}" for c in text)
        if len(shown.encode("utf-16-le")) // 2 > _CELL_LIMIT:
            fault = Fault(
                "文字过长，Excel 会截断",
                file=self.path.name,
                sheet=sheet,
                row=row + 1,
                value=shown,
                allowed=f"最多 {_CELL_LIMIT} 字",
            )
            raise InputError(fault)
        return shown

    @staticmethod
    def _set_page(sheet: Any, head: int, landscape: bool) -> None:
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(head)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        sheet.set_footer("&C第 &P 页，共 &N 页")


def _unwritable(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} or character in "\ufffe\uffff"


def width_of(text: str) -> int:
    """Return how many half-width characters `text` takes."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
