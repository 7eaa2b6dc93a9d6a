"""Read a workbook's visible sheets as text, in a child process of its own with limits on time and memory.

The child (`python -m xiaobao.datasets.workbooks FILE ROWS OUT`) checks the archive, then streams the cells; rows that
do not exist cost nothing, whatever the sheet's dimension tag claims. Only values travel, as JSON lines.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from xiaobao.datasets.archives import check_archive
from xiaobao.datasets.values import CELL_LIMIT, NumberText, PaddedText, Trouble, serial_moment
from xiaobao.errors import Fault, InputError

_MEMORY = 1 << 30
_MERGES = 50_000
_MARKS: dict[str, type[str]] = {"n": NumberText, "z": PaddedText, "!": Trouble}
Row = tuple[int, list[str]]


@dataclass(kw_only=True)
class Sheet:
    """One sheet as text. `rows` are (number in the file, cells); `merges` are (top, left, bottom, right)."""

    name: str
    state: str
    rows: list[Row] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass
class Book:
    epoch: date
    sheets: list[Sheet]


def read_workbook(path: Path, rows: int) -> Book:
    """Return the sheets of an .xlsx file. Raises InputError on anything not plain, too large or too slow."""
    with tempfile.TemporaryDirectory(prefix="xiaobao-") as folder:
        out = Path(folder) / "cells.jsonl"
        command = [sys.executable, "-m", "xiaobao.datasets.workbooks", str(path.resolve()), str(rows), str(out)]
        seconds = 20 + 5 * (path.stat().st_size >> 20)
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                timeout=seconds,
                check=False,
                stdin=subprocess.DEVNULL,
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"},
                cwd=Path(__file__).resolve().parents[2],
            )
        except subprocess.TimeoutExpired:
            raise InputError(Fault(f"工作簿 {seconds} 秒内未能读完，已中止", file=path.name)) from None
        if done.returncode:
            raise InputError(Fault("工作簿读取失败，可能已损坏或过于复杂", file=path.name))
        return _collect(out, path.name)


def _collect(out: Path, name: str) -> Book:
    book = Book(date(1899, 12, 30), [])
    with out.open(encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            if isinstance(entry, list):
                number, cells = entry
                book.sheets[-1].rows.append((number, [_restore(cell) for cell in cells]))
            elif "fault" in entry:
                raise InputError(Fault(**{**entry["fault"], "file": name}))
            elif "epoch" in entry:
                book.epoch = date.fromisoformat(entry["epoch"])
            elif "sheet" in entry:
                book.sheets.append(Sheet(name=entry["sheet"], state=entry["state"]))
            else:
                book.sheets[-1].hidden_rows = entry["hidden"]
                book.sheets[-1].merges = [tuple(merge) for merge in entry["merges"]]
    return book


def _restore(cell: str | list[str] | None) -> str:
    if isinstance(cell, list):
        return _MARKS[cell[1]](cell[0])
    return cell or ""


class _SheetParser:
    """Streams one sheet's XML. Values keep the digits as written; formulas are never run."""

    def __init__(self, formats: list[str], dates: set[int], strings: list[str], epoch: date, budget: int) -> None:
        self.formats, self.dates, self.strings, self.epoch, self.budget = formats, dates, strings, epoch, budget
        self.ready: list[tuple[int, list[object]]] = []
        self.hidden: list[int] = []
        self.merges: list[tuple[int, int, int, int]] = []
        self.row = self.column = 0
        self.cells: dict[int, object] = {}
        self.cell: dict[str, str] = {}
        self.text: list[str] | None = None
        self.parts: list[str] = []
        self.formula = self.phonetic = False

    def rows(self, stream: IO[bytes]) -> Iterator[tuple[int, list[object]]]:
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = self._entity
        while chunk := stream.read(1 << 16):
            parser.Parse(chunk)
            yield from self.ready
            self.ready.clear()
        parser.Parse(b"", True)
        yield from self.ready

    def _entity(self, *_: object) -> None:
        raise ValueError("entity")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column, self.cells = 0, {}
            if attributes.get("hidden") in ("1", "true"):
                self.hidden.append(self.row)
        elif tag == "c":
            place = re.fullmatch(r"([A-Z]{1,3})\d{1,7}", attributes.get("r", ""))
            self.column = _column_number(place.group(1)) if place else self.column + 1
            self.cell, self.parts, self.formula = attributes, [], False
        elif tag in ("v", "t") and not self.phonetic:
            self.text = self.parts
        elif tag == "f":
            self.formula = True
        elif tag == "rPh":
            self.phonetic = True
        elif tag == "mergeCell" and len(self.merges) < _MERGES:
            self._merge(attributes.get("ref", ""))

    def _end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag in ("v", "t"):
            self.text = None
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "c":
            value = self._value("".join(self.parts))
            if value is not None:
                self.cells[self.column] = value
        elif tag == "row" and self.cells:
            self.budget -= 1
            if self.budget < 0:
                raise InputError(Fault("工作表行数超过上限", row=self.row))
            self.ready.append((self.row, [self.cells.get(n) for n in range(1, min(max(self.cells), 1000) + 1)]))

    def _characters(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)

    def _merge(self, ref: str) -> None:
        if match := re.fullmatch(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})", ref):
            left, top, right, bottom = match.groups()
            self.merges.append((int(top), _column_number(left), int(bottom), _column_number(right)))

    def _value(self, raw: str) -> object:
        kind = self.cell.get("t", "n")
        if kind == "e":
            return [f"单元格是错误值 {raw[:12]}", "!"]
        if self.formula and (raw == "" and kind != "str"):
            return ["公式没有存储计算结果，请在表格软件中重算并保存", "!"]
        if raw == "":
            return None
        if kind == "s":
            return self.strings[int(raw)] or None
        if kind == "b":
            return "TRUE" if raw == "1" else "FALSE"
        return self._number(raw) if kind == "n" else raw[: CELL_LIMIT + 1]

    def _number(self, raw: str) -> object:
        style = int(self.cell.get("s", 0) or 0)
        try:
            number = _exact(raw)
            if style in self.dates:
                moment = serial_moment(number, self.epoch)
                return moment.isoformat(" ").removesuffix(" 00:00:00")
        except (ValueError, OverflowError, InvalidOperation):
            return [f"单元格的数 {raw[:20]} 不是有效的数或日期", "!"]
        shown = self.formats[style] if style < len(self.formats) else "General"
        if re.fullmatch(r"0{2,20}", shown) and number == number.to_integral_value() and number >= 0:
            return [f"{int(number):0{len(shown)}d}", "z"]
        if shown.endswith("%"):
            return f"{(number * 100).normalize():f}%"
        return [_plain(number), "n"]


def _exact(raw: str) -> Decimal:
    """Return the number as a person typed it: a 17-digit tail is how doubles are stored, not what was meant."""
    number = Decimal(raw.strip())
    if not number.is_finite() or abs(number.adjusted()) > 20:
        raise ValueError(raw)
    digits = number.as_tuple().digits
    return number if len(digits) <= 16 else Decimal(format(float(raw), ".15g"))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}" if "." in f"{number:f}" else f"{number:f}"


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _dump(path: Path, budget: int, out: IO[str]) -> None:
    """Write all sheets of `path` as JSON lines, hidden ones by name only."""
    import openpyxl
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    def say(entry: object) -> None:
        out.write(json.dumps(entry, ensure_ascii=False) + "\n")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book: Any = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    epoch = date(1904, 1, 1) if book.epoch.year == 1904 else date(1899, 12, 30)
    say({"epoch": epoch.isoformat()})
    custom = list(book._number_formats)  # noqa: SLF001
    formats = [
        custom[style.numFmtId - 164]
        if 0 <= style.numFmtId - 164 < len(custom)
        else BUILTIN_FORMATS.get(style.numFmtId, "General")
        for style in book._cell_styles  # noqa: SLF001
    ]
    for sheet in book.worksheets:
        say({"sheet": sheet.title, "state": sheet.sheet_state})
        if sheet.sheet_state != "visible":
            continue
        parser = _SheetParser(formats, set(book._date_formats), sheet._shared_strings, epoch, budget)  # noqa: SLF001
        with sheet._get_source() as stream:  # noqa: SLF001
            for number, cells in parser.rows(stream):
                say([number, cells])
        budget = parser.budget
        say({"hidden": parser.hidden[:1000], "merges": parser.merges})


def _main(source: str, rows: str, target: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    with Path(target).open("w", encoding="utf-8") as out:
        fault: Fault | None = None
        try:
            check_archive(Path(source))
            _dump(Path(source), int(rows), out)
        except InputError as error:
            fault = error.faults[0]
        except MemoryError:
            fault = Fault("工作簿占用内存超过上限，已中止")
        except Exception as error:  # noqa: BLE001 - whatever a damaged part makes the library raise
            reason = "含实体声明" if type(error).__module__.startswith("defusedxml") else "内容损坏或不合规范"
            fault = Fault(f"工作簿{reason}，无法读取")
        if fault:
            out.write(
                json.dumps(
                    {
                        "fault": {
                            "message": fault.message,
                            "sheet": fault.sheet,
                            "row": fault.row,
                            "value": fault.value,
                            "allowed": fault.allowed,
                        }
                    },
                    ensure_ascii=False,
                )
                + "\n"
            )


if __name__ == "__main__":
    _main(*sys.argv[1:4])
