"""数字表: every figure of a report with its base and source, and each of its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl

from xiaobao.report_figures import FigureCell, FigureSet, FigureTable, ReportFigure
from xiaobao.workbook.book import Book, SheetCell, SheetColumn, width_of

_SHEET = "数字"
_COLUMNS = (
    SheetColumn(title="指标", width=46),
    SheetColumn(title="数值", width=14, exact=True),
    SheetColumn(title="报告中写作", width=14),
    SheetColumn(title="单位", width=8),
    SheetColumn(title="分母或口径", width=44),
    SheetColumn(title="来源", width=18),
)
_WIDEST = 40
_Found = Mapping[tuple[str, str], object]


def write_figures(figures: FigureSet, path: Path, *, title: str, author: str, as_of: date) -> None:
    """Write the workbook: a sheet of all figures, then one for each table that has rows."""
    above = (title, f"截至 {as_of.isoformat()}；“无数据”表示没有提供数据，“—”表示没有可以作分母的数，都不是零")
    with Book(path, title, author, as_of) as book:
        book.table(_SHEET, _COLUMNS, map(_row, figures.figures.values()), above=above)
        for table in _filled(figures):
            columns = [
                SheetColumn(title=head, width=_width(table, name, head), exact=_in_full(table, name))
                for name, head in table.columns.items()
            ]
            rows = ([_value(row[name]) for name in table.columns] for row in table.rows)
            book.table(table.title, columns, rows, above=(table.title, table.note))


def _filled(figures: FigureSet) -> Iterator[FigureTable]:
    return (table for table in figures.tables.values() if table.rows)


def _row(figure: ReportFigure) -> list[SheetCell]:
    return [figure.name, _number(figure), str(figure), figure.unit, figure.base, figure.source]


def _number(figure: ReportFigure) -> int | Decimal | None:
    if figure.value is None or isinstance(figure.value, int):
        return figure.value
    return figure.shown


def _value(cell: FigureCell) -> SheetCell:
    if isinstance(cell, str):
        return cell
    return str(cell) if cell.value is None else _number(cell)


def _in_full(table: FigureTable, name: str) -> bool:
    """Tell whether a column holds numbers of other than two places, which Excel's usual form would cut or pad."""
    numbers = (_number(cell) for row in table.rows if isinstance(cell := row[name], ReportFigure))
    return any(isinstance(one, Decimal) and one.as_tuple().exponent != -2 for one in numbers)


def _width(table: FigureTable, name: str, head: str) -> int:
    widest = max((width_of(str(row[name])) for row in table.rows), default=0)
    return min(_WIDEST, max(width_of(head), widest) + 2)


def expected_figures(figures: FigureSet) -> dict[tuple[str, str], object]:
    """Return what the workbook must hold: (sheet, figure or row and column) → number, text, or None."""
    found: dict[tuple[str, str], object] = {}
    for figure in figures.figures.values():
        found[_SHEET, figure.name] = (_plain(_number(figure)), str(figure))
    for table in _filled(figures):
        for place, row in enumerate(table.rows, 1):
            for name, head in table.columns.items():
                found[table.title, f"{place} {head}"] = _plain(_value(row[name]))
    return found


def read_figures(path: Path) -> dict[tuple[str, str], object]:
    """Return what a written workbook holds, named as `expected_figures` names it."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    found: dict[tuple[str, str], object] = {}
    try:
        for sheet in book.worksheets:
            lines = list(sheet.iter_rows(values_only=True))[2:]
            for place, cells in enumerate(lines[1:], 1):
                if sheet.title == _SHEET:
                    found[_SHEET, str(cells[0])] = (_plain(cells[1]), cells[2])
                    continue
                for head, cell in zip(lines[0], cells, strict=False):
                    if head is not None:
                        found[sheet.title, f"{place} {head}"] = _plain(cell)
        return found
    finally:
        book.close()


def _plain(cell: object) -> object:
    """Return numbers as decimals, empty text as None, so that what was meant and what is read compare."""
    if isinstance(cell, int | float | Decimal):
        return Decimal(str(cell)).normalize()
    return cell or None
