"""The sheet of indicators (指标, 数值) that a unit files: its template out, its numbers in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from xiaobao.datasets.columns import fill_columns, known_headers
from xiaobao.datasets.reading import FileLimits, read_table
from xiaobao.datasets.shape import Dataset, required
from xiaobao.errors import Fault, InputError
from xiaobao.workbook.book import Book, SheetColumn

_NUMBERS = Dataset(
    name="filed_numbers",
    title="报送数据",
    columns=(required("indicator", "指标"), required("value", "数值", "decimal")),
    key=("indicator",),
    unit="",
)


def write_number_sheet(path: Path, title: str, indicators: Sequence[str], *, author: str, day: date) -> None:
    """Write the .xlsx that units fill: a title row, then one row an indicator."""
    columns = (SheetColumn(title="指标", width=36), SheetColumn(title="数值", width=18, answer=True, exact=True))
    with Book(path, title, author, day) as book:
        book.table("报送数据", columns, ((name, None) for name in indicators), above=(title,), landscape=False)


def read_number_sheet(path: Path) -> dict[str, Decimal]:
    """Return indicator → number. Raises InputError with every fault: no number, an indicator twice, a missing head."""
    table = read_table(path, known_headers(_NUMBERS, None), FileLimits(megabytes=5, rows=1000))
    filled = fill_columns(table, _NUMBERS, None)
    faults = list(filled.faults)
    numbers: dict[str, Decimal] = {}
    for place, row in enumerate(filled.rows):
        name, value = filled.values["indicator"][place], filled.values["value"][place]
        if not isinstance(name, str):
            if ("indicator", place) not in filled.bad and not filled.faults:
                faults.append(table.fault("必填列为空", row, "指标"))
        elif name.strip() in numbers:
            faults.append(table.fault("指标重复", row, "指标", name))
        elif isinstance(value, Decimal):
            numbers[name.strip()] = value
        elif ("value", place) not in filled.bad:
            faults.append(table.fault("没有填数值；没有发生的填 0", row, "数值", name))
    if not filled.rows and not faults:
        faults.append(Fault("表中没有数据", file=path.name))
    if faults:
        raise InputError(faults)
    return numbers
