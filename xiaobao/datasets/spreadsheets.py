"""The child that reads an .xlsx: the parts a table needs, straight from their XML; styles can never stop a reading.

`python -m xiaobao.datasets.spreadsheets FILE ROWS OUT` checks the archive, then streams the cells as JSON lines; rows
that do not exist cost nothing, whatever the sheet's dimension tag claims. Tags go by their local names, so that Strict
and Transitional OOXML read alike. Fonts, fills and borders are never looked at.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path, PurePosixPath
from typing import IO, Any
from xml.parsers import expat

from xiaobao.datasets.archives import ANOTHER_SAVE, check_archive
from xiaobao.datasets.cells import CELL_LIMIT
from xiaobao.datasets.days import serial_moment
from xiaobao.errors import Fault, InputError

_MEMORY = 1 << 30
_MERGES = 50_000
_WIDEST = 1000
_CODES = {1: "0", 2: "0.00", 9: "0%", 10: "0.00%"}  # the built-in formats that change how a number is read
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_MONEY = re.compile(r"[¥￥$€£]")
_WORDED = re.compile(r'"[^"]*\w[^"]*"|\\\w|[0#?]\\?-\\?[0#?]')  # shown beside the digits, and stored nowhere
_BESIDE = re.compile(r"\[[^\]]*\]|_.|\*.")  # locale, colour, blanks as wide as a letter: nothing of a number's reading
_LOCALE = re.compile(r"\[\$-[^\]]*\]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ROUNDED_AWAY = 3  # digits that a rounding to fifteen must save before a number counts as a double's noise

Start = Callable[[str, dict[str, str]], None]


@dataclass(kw_only=True)
class _Styles:
    """What the number format of each cell style says: zeros that pad, a day, per cent, money, words beside it."""

    formats: list[str] = field(default_factory=list)
    dates: set[int] = field(default_factory=set)
    money: set[int] = field(default_factory=set)
    worded: set[int] = field(default_factory=set)


@dataclass(kw_only=True)
class _Part:
    """One sheet as the workbook lists it."""

    name: str
    state: str
    member: str


class _SheetParser:
    """Streams one sheet's XML. Values keep the digits as written; formulas are never run."""

    def __init__(self, styles: _Styles, strings: list[str], epoch: date, budget: int) -> None:
        self.styles, self.strings, self.epoch, self.budget = styles, strings, epoch, budget
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
        """Yield (row number, cells) as they are parsed: a sheet of a million rows is never held in memory."""
        parser = _parser(self._start, self._end, self._characters)
        while chunk := stream.read(1 << 16):
            parser.Parse(chunk)
            yield from self.ready
            self.ready.clear()
        parser.Parse(b"", True)
        yield from self.ready

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
            self.ready.append((self.row, [self.cells.get(n) for n in range(1, min(max(self.cells), _WIDEST) + 1)]))

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
        if kind == "d":
            return raw.strip().replace("T", " ").removesuffix("Z").removesuffix(" 00:00:00")
        return self._number(raw) if kind == "n" else _unescaped(raw[: CELL_LIMIT + 1])

    def _number(self, raw: str) -> object:
        style = int(self.cell.get("s", 0) or 0)
        try:
            number = _exact(raw)
            if style in self.styles.dates:
                moment = serial_moment(number, self.epoch)
                return moment.isoformat(" ").removesuffix(" 00:00:00")
        except (ValueError, OverflowError, InvalidOperation):
            return [f"单元格的数 {raw[:20]} 不是有效的数或日期", "!"]
        shown = self.styles.formats[style] if style < len(self.styles.formats) else ""
        if re.fullmatch(r"0{2,20}", shown) and number == number.to_integral_value() and number >= 0:
            return [f"{int(number):0{len(shown)}d}", "z"]
        if shown.endswith("%"):
            return f"{(number * 100).normalize():f}%"
        return [_plain(number), "m" if style in self.styles.money else "w" if style in self.styles.worded else "n"]


def _exact(raw: str) -> Decimal:
    """Return the number as a person typed it: a long tail of nines or zeros is how doubles are stored, not a value."""
    number = Decimal(raw.strip())
    if not number.is_finite() or abs(number.adjusted()) > 20:
        raise ValueError(raw)
    digits = len(number.as_tuple().digits)
    if digits <= 15:
        return number
    rounded = Decimal(format(float(raw), ".15g"))
    shorter = digits - len(rounded.normalize().as_tuple().digits)
    return rounded if digits > 16 or (shorter >= _ROUNDED_AWAY and "." in raw) else number


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}" if "." in f"{number:f}" else f"{number:f}"


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _unescaped(text: str) -> str:
    """Return a cell's text with `_x000D_` and its like as the characters that they stand for."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


# --- the other parts --------------------------------------------------------------------------------------------------


def _parser(start: Start, end: Callable[[str], None] | None = None, text: Callable[[str], None] | None = None) -> Any:
    """Return an expat parser that refuses entities."""

    def entity(*_: object) -> None:
        raise _EntityError

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EntityDeclHandler = start, entity
    if end:
        parser.EndElementHandler = end
    if text:
        parser.CharacterDataHandler = text
    return parser


class _EntityError(Exception):
    """A part declares an entity."""


def _elements(archive: zipfile.ZipFile, member: str) -> list[tuple[str, dict[str, str]]]:
    """Return every element of a small part as (local name, attributes by local name)."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        found.append((tag.rpartition(":")[2], {name.rpartition(":")[2]: text for name, text in attributes.items()}))

    _parser(start).Parse(archive.read(member), True)
    return found


def _relations(archive: zipfile.ZipFile, member: str) -> dict[str, tuple[str, str]]:
    """Return relation id → (kind, member) of a part; targets are relative to it, or begin with a slash."""
    path = PurePosixPath(member)
    rels = str(path.parent / "_rels" / f"{path.name}.rels") if member else "_rels/.rels"
    if rels not in archive.namelist():
        return {}
    found = {}
    for tag, values in _elements(archive, rels):
        if tag == "Relationship" and values.get("TargetMode") != "External":
            target = values.get("Target", "").replace("\\", "/")
            whole = PurePosixPath(target[1:]) if target.startswith("/") else path.parent / target
            found[values.get("Id", "")] = (values.get("Type", "").rpartition("/")[2], _without_dots(whole))
    return found


def _without_dots(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _strings(archive: zipfile.ZipFile, member: str) -> list[str]:
    """Return the shared strings; phonetic guides are no text."""
    found: list[str] = []
    parts: list[str] = []
    state = {"text": False, "phonetic": False}

    def start(tag: str, _: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "si":
            parts.clear()
        elif tag == "rPh":
            state["phonetic"] = True
        elif tag == "t":
            state["text"] = not state["phonetic"]

    def end(tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "si":
            found.append(_unescaped("".join(parts)[: CELL_LIMIT + 1]))
        elif tag == "rPh":
            state["phonetic"] = False
        elif tag == "t":
            state["text"] = False

    def characters(data: str) -> None:
        if state["text"]:
            parts.append(data)

    with archive.open(member) as stream:
        parser = _parser(start, end, characters)
        while chunk := stream.read(1 << 16):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    return found


def _styles(archive: zipfile.ZipFile, member: str) -> _Styles:
    """Return what the cell styles say of numbers; a part that cannot be read leaves every number plain."""
    made = _Styles()
    try:
        elements = _elements(archive, member)
    except (expat.ExpatError, UnicodeDecodeError):
        return made
    codes = {e["numFmtId"]: e.get("formatCode", "") for tag, e in elements if tag == "numFmt" and "numFmtId" in e}
    inside = False
    for tag, values in elements:
        if tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            number = values.get("numFmtId", "0")
            code = codes.get(number, _CODES.get(int(number) if number.isdigit() else 0, ""))
            place = len(made.formats)
            made.formats.append(_BESIDE.sub("", code.partition(";")[0]).strip())
            bare = _LITERAL.sub("", code)
            if (number.isdigit() and int(number) in _DATES and number not in codes) or (
                re.search(r"[dmhys年月日]", bare, re.IGNORECASE) and "general" not in bare.lower()
            ):
                made.dates.add(place)
            elif _MONEY.search(_LOCALE.sub("", code)):
                made.money.add(place)
            elif _WORDED.search(made.formats[-1]):
                made.worded.add(place)
    return made


def _sheets(archive: zipfile.ZipFile) -> tuple[date, list[_Part], _Styles, list[str]]:
    """Return the epoch, the worksheets in their order, styles and shared strings of a workbook."""
    book = next((member for kind, member in _relations(archive, "").values() if kind == "officeDocument"), "")
    if book not in archive.namelist():
        book = next(n for n in archive.namelist() if re.fullmatch(r"xl/workbook\d*\.xml", n, re.IGNORECASE))
    relations = _relations(archive, book)
    names = set(archive.namelist())
    epoch, parts = date(1899, 12, 30), []
    for tag, values in _elements(archive, book):
        if tag == "workbookPr" and values.get("date1904") in ("1", "true"):
            epoch = date(1904, 1, 1)
        elif tag == "sheet":
            kind, member = relations.get(values.get("id", ""), ("", ""))
            if kind == "worksheet" and member in names:
                state = values.get("state", "visible")
                parts.append(_Part(name=values.get("name", ""), state=state, member=member))
    by_kind = {kind: member for kind, member in relations.values() if member in names}
    styles = _styles(archive, by_kind["styles"]) if "styles" in by_kind else _Styles()
    strings = _strings(archive, by_kind["sharedStrings"]) if "sharedStrings" in by_kind else []
    return epoch, parts, styles, strings


def _dump(path: Path, budget: int, out: IO[str]) -> None:
    """Write all sheets of `path` as JSON lines, hidden ones by name only."""

    def say(entry: object) -> None:
        out.write(json.dumps(entry, ensure_ascii=False) + "\n")

    with zipfile.ZipFile(path) as archive:
        epoch, parts, styles, strings = _sheets(archive)
        say({"epoch": epoch.isoformat()})
        for part in parts:
            say({"sheet": part.name, "state": part.state})
            if part.state != "visible":
                continue
            parser = _SheetParser(styles, strings, epoch, budget)
            with archive.open(part.member) as stream:
                for number, cells in parser.rows(stream):
                    say([number, cells])
            budget = parser.budget
            say({"hidden": parser.hidden[:1000], "merges": parser.merges})


def _main(source: str, rows: str, target: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    with Path(target).open("w", encoding="utf-8", errors="surrogatepass") as out:
        fault: Fault | None = None
        try:
            check_archive(Path(source))
            _dump(Path(source), int(rows), out)
        except InputError as error:
            fault = error.faults[0]
        except MemoryError:
            fault = Fault("工作簿占用内存超过上限，已中止", allowed=ANOTHER_SAVE)
        except _EntityError:
            fault = Fault("工作簿含实体声明，无法读取")
        except Exception:  # noqa: BLE001 - whatever a part that no table should have makes a parser raise
            fault = Fault("工作簿的写法读不了", allowed=ANOTHER_SAVE)
        if fault:
            names = ("message", "sheet", "row", "value", "allowed")
            entry = {name: getattr(fault, name) for name in names}
            out.write(json.dumps({"fault": entry}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    _main(*sys.argv[1:4])
