"""From a table of text cells to columns of values: match headers, rename values, parse, collect every fault."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from xiaobao.datasets.catalogue import Column, Dataset
from xiaobao.datasets.cells import CellValue, Manner, NumberText, PaddedText, Trouble, Unreadable, narrow, parse_cell
from xiaobao.datasets.days import read_moment
from xiaobao.datasets.headers import YUAN_PER_UNIT
from xiaobao.datasets.ids import cut_to_fifteen, is_id
from xiaobao.datasets.mapping import ColumnMapping, source_names
from xiaobao.datasets.reading import ReadTable, WantedColumns, header_key, header_unit, positions, some
from xiaobao.datasets.usual_names import same_sense
from xiaobao.errors import Fault
from xiaobao.personal.cleaning import clean_text, has_hidden, may_hide


@dataclass(kw_only=True)
class Columns:
    """The values of one file by column, row numbers beside; `bad` cells have a fault already, `absent` columns none."""

    table: ReadTable
    values: dict[str, list[CellValue]] = field(default_factory=dict)
    raw: dict[str, list[str]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    bad: set[tuple[str, int]] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def rows(self) -> list[int]:
        """The row numbers in the file, as Excel counts them: faults point there."""
        return [number for number, _ in self.table.rows]

    def keep(self, places: Sequence[int]) -> None:
        """Keep these rows alone; what was reported of the others is no fault any more."""
        self.table.rows = [self.table.rows[place] for place in places]
        self.values = {name: [values[place] for place in places] for name, values in self.values.items()}
        self.raw = {name: [cells[place] for place in places] for name, cells in self.raw.items()}
        self.bad, self.faults = set(), []


def known_headers(dataset: Dataset, mapping: ColumnMapping | None) -> list[str]:
    """Return every header by which a file of `dataset` can be recognised."""
    return [name for column in dataset.columns for name in source_names(column, mapping)]


def wanted_headers(dataset: Dataset, mapping: ColumnMapping | None) -> WantedColumns:
    """Return the headers looked for, with those of the columns that every record fills."""

    def keys(column: Column) -> frozenset[str]:
        return frozenset(header_key(name) for name in source_names(column, mapping))

    given = mapping.constants if mapping else {}
    required = [c for c in dataset.columns if c.required and c.name not in given]
    return WantedColumns(
        known=frozenset(map(header_key, known_headers(dataset, mapping))),
        required=tuple(map(keys, required)),
        keys=tuple(keys(column) for column in required if column.name in dataset.key),
    )


def fill_columns(table: ReadTable, dataset: Dataset, mapping: ColumnMapping | None) -> Columns:
    """Parse all columns of a table. Faults and notices come back with the values; nothing is raised."""
    filled = Columns(table=table, faults=list(table.faults), notices=list(table.notices))
    places = _places(filled, dataset, mapping)
    manner = Manner(
        epoch=table.epoch,
        date_format=mapping.date_format if mapping else "",
        defines_units=dataset.name == "units",
        verbatim=frozenset(mapping.verbatim) if mapping else frozenset(),
        factors=_factors(filled, dataset, mapping, places),
    )
    _refuse_turned_flags(filled, dataset, mapping, places)
    _short_rows(filled, dataset, places)
    _spread_merges(filled, dataset, places)
    for column in dataset.columns:
        if column.name in places:
            cells = list(map(itemgetter(places[column.name]), [cells for _, cells in table.rows]))
            _fill(filled, column, cells, mapping, manner)
        else:
            _without_header(filled, dataset, column, mapping, manner)
            _take_words(filled, column)
    if mapping and mapping.number_rows:
        _name_repeated_rows(filled, places)
    return filled


def _factors(
    filled: Columns, dataset: Dataset, mapping: ColumnMapping | None, places: Mapping[str, int]
) -> dict[str, Decimal]:
    """Return what turns each amount into yuan: the head's unit, else the mapping's, else the one above the table.

    The heads of our own templates mean yuan; a foreign one that states no unit is refused.
    """
    factors: dict[str, Decimal] = {}
    for column in dataset.columns:
        if column.kind != "amount" or column.name not in places:
            continue
        head = filled.table.headers[places[column.name]]
        stated, said = header_unit(head), mapping.unit.get(column.name, "") if mapping else ""
        unit = said or stated or filled.table.money
        ours = header_key(head) in {header_key(name) for name in (column.title, *column.aliases)}
        row = filled.table.header_row
        if stated and said and stated != said:
            message = f"表头写明单位是{stated}，映射写的是{said}"
            filled.faults.append(filled.table.fault(message, row, column.title, head))
        elif not unit and not ours:
            allowed = f"表头写明单位，或在映射文件写 unit: {{{column.title}: 元}}"
            filled.faults.append(filled.table.fault("金额没有写明单位", row, column.title, head, allowed))
        if unit and unit != "元":
            factors[column.name] = YUAN_PER_UNIT[unit]
            filled.notices.append(f"列“{column.title}”的单位是{unit}，已折合为元")
    return factors


def _refuse_turned_flags(
    filled: Columns, dataset: Dataset, mapping: ColumnMapping | None, places: Mapping[str, int]
) -> None:
    """是否重复件 does not answer 是否受理: a yes-or-no taken from another question needs its values said."""
    for column in dataset.columns:
        if column.kind != "flag" or column.name not in places or not mapping or column.name not in mapping.columns:
            continue
        head = filled.table.headers[places[column.name]]
        asks = [header_key(name) for name in (column.title, *column.aliases)]
        asked = re.match(r"是否|有无|能否", head) and column.name not in mapping.values
        if asked and not same_sense(header_key(head), asks):
            message = f"“{head}”问的不是“{column.title}”"
            allowed = f"同一件事的列，或在映射文件的 values 写明“{column.title}”各值的意思"
            filled.faults.append(filled.table.fault(message, filled.table.header_row, column.title, head, allowed))


def _short_rows(filled: Columns, dataset: Dataset, places: Mapping[str, int]) -> None:
    """Cells missing at a row's end are empty where no required column stands there, else the row is refused."""
    table = filled.table
    needed = max((places[c.name] for c in dataset.columns if c.required and c.name in places), default=-1)
    padded = []
    for index, (number, _) in enumerate(table.rows if table.short else ()):
        if number not in table.short:
            continue
        if table.short[number] > needed:
            padded.append(number)
            continue
        message = f"本行只有 {table.short[number]} 格，少于表头的 {len(table.headers)} 格"
        filled.faults.append(table.fault(message, number))
        filled.bad |= {(name, index) for name in places}
    if padded:
        filled.notices.append(f"{len(padded)} 行末尾少了可不填的单元格，按空白读取：第 {some(padded, 50)} 行")


def _spread_merges(filled: Columns, dataset: Dataset, places: Mapping[str, int]) -> None:
    """Give each row of a merged cell its value where that is what merging means; refuse it where it is not sure.

    A name or a day merged over several rows holds for each of them; a key, a number or a width of columns does not.
    """
    table, by_place = filled.table, {place + 1: name for name, place in places.items()}
    rows = {number: index for index, (number, _) in enumerate(table.rows)} if table.merges else {}
    for top, left, bottom, right in table.merges:
        inside = [
            number for number in range(max(top, table.header_row + 1), min(bottom, top + 5000) + 1) if number in rows
        ]
        names = [by_place[place] for place in range(left, right + 1) if place in by_place]
        if not inside or not names or bottom <= table.header_row:
            continue
        if left < right:
            column = dataset.column(names[0])
            for number in inside:
                filled.faults.append(table.fault("单元格横向合并，分不清是哪一列的值", number, column.title))
                filled.bad |= {(name, rows[number]) for name in names}
            continue
        column = dataset.column(names[0])
        value = table.rows[rows[inside[0]]][1][left - 1] if inside[0] == top else ""
        later = [number for number in inside if number != top]
        if column.name in dataset.key or column.kind in ("amount", "count", "decimal"):
            for number in later:
                message = "单元格已合并，本行没有值，请取消合并并逐行填写"
                filled.faults.append(table.fault(message, number, column.title))
                filled.bad.add((column.name, rows[number]))
        elif value.strip() and later:
            for number in later:
                table.rows[rows[number]][1][left - 1] = value
            filled.notices.append(f"列“{column.title}”第 {top} 至 {bottom} 行合并为一格，各行都按这个值读取")


def _places(filled: Columns, dataset: Dataset, mapping: ColumnMapping | None) -> dict[str, int]:
    """Match headers to columns; say what is there twice, missing or unknown."""
    table, found = filled.table, positions(filled.table)
    places: dict[str, int] = {}
    used: set[str] = set()
    for column in dataset.columns:
        names = [key for key in map(header_key, source_names(column, mapping)) if key in found]
        if not names:
            continue
        used.update(names)
        exact = names[0] == header_key(source_names(column, mapping)[0])
        candidates = found[names[0]] if exact else [place for name in dict.fromkeys(names) for place in found[name]]
        if len(candidates) > 1:
            headers = "、".join(table.headers[place].strip() for place in candidates)
            message = f"列“{column.title}”出现 {len(candidates)} 次：{headers}"
            filled.faults.append(
                table.fault(message, table.header_row, column.title, allowed="只留一列，或用映射文件指明")
            )
        places[column.name] = candidates[0]
    ignored = {header_key(name) for name in mapping.ignore} if mapping else set()
    unused = [place for key, where in found.items() if key not in used | ignored for place in where]
    unused += [place for key in used for place in found[key] if place not in places.values()]
    if unused:
        filled.notices.append(
            "没有读取的列：" + "、".join(table.headers[place].strip()[:40] for place in sorted(unused))
        )
    return places


def _without_header(
    filled: Columns, dataset: Dataset, column: Column, mapping: ColumnMapping | None, manner: Manner
) -> None:
    table = filled.table
    if mapping and column.name in mapping.constants:
        _fill(filled, column, [mapping.constants[column.name]] * len(table.rows), None, manner)
    elif mapping and mapping.number_rows and (column.name,) == dataset.key:
        numbers = [mapping.number_rows.replace("{row}", str(number)) for number, _ in table.rows]
        _fill(filled, column, numbers, None, manner)
    else:
        filled.absent.add(column.name)
        filled.values[column.name] = [None] * len(table.rows)
        if column.required:
            wanted = "、".join(source_names(column, mapping))
            present = "、".join(header.strip() for header in table.headers if header.strip())[:300]
            message = f"缺少必需的列“{column.title}”；文件中有：{present}"
            filled.faults.append(table.fault(message, table.header_row, column.title, allowed=wanted))


def _take_words(filled: Columns, column: Column) -> None:
    """Keep what the file calls the values of another column, where the mapping gave them our words."""
    if column.worded not in filled.raw:
        return
    ours = filled.values[column.worded]
    theirs = [cell.strip() if type(cell) is str else "" for cell in filled.raw[column.worded]]
    words = [word if word and value and word != value else None for word, value in zip(theirs, ours, strict=True)]
    if any(words):
        filled.absent.discard(column.name)
        filled.values[column.name] = list(words)


def _fill(filled: Columns, column: Column, cells: Sequence[str], mapping: ColumnMapping | None, manner: Manner) -> None:
    """Parse one column; equal texts are parsed once."""
    taken = _Taker(column, mapping)
    renamer = _Renamer(column, mapping)
    # A number of a workbook equals the text of the same digits and may read otherwise.
    plain = {str}.issuperset(map(type, cells))
    keys: Sequence[Any] = cells if plain else [(type(cell), cell) for cell in cells]
    first: dict[Any, str] = dict(zip(keys, cells, strict=True))
    read: dict[Any, CellValue | Unreadable] = {
        key: _read(cell, column, manner, taken, renamer) for key, cell in first.items()
    }
    if is_id(column) and column.name not in manner.verbatim:
        lost = cut_to_fifteen(value for value in read.values() if isinstance(value, str))
        rounded = Unreadable(
            "编号从第 16 位起全是 0，是按数字存过、末位已丢失的痕迹",
            "文本格式的编号；确是如此编的，在映射文件写 verbatim",
        )
        read = {key: rounded if value in lost else value for key, value in read.items()} if lost else read
    refused = Unreadable in set(map(type, read.values()))
    for index, key in enumerate(keys if refused else ()):
        if isinstance(error := read[key], Unreadable) and (column.name, index) not in filled.bad:
            cell, number = cells[index], filled.table.rows[index][0]
            shown = "" if isinstance(cell, Trouble) else _shown(cell, column)
            filled.faults.append(filled.table.fault(error.message, number, column.title, shown, error.allowed))
            filled.bad.add((column.name, index))
    values: dict[Any, Any] = read
    if refused:
        values = {key: None if isinstance(value, Unreadable) else value for key, value in read.items()}
    filled.values[column.name] = list(map(values.__getitem__, keys))
    filled.raw[column.name] = list(cells)
    suspect = may_hide("\n".join(first.values()))
    hidden = {key for key, cell in first.items() if type(cell) is str and has_hidden(cell)} if suspect else set()
    if hidden:
        rows = [number for key, (number, _) in zip(keys, filled.table.rows, strict=True) if key in hidden]
        filled.notices.append(f"列“{column.title}”有 {len(rows)} 行含看不见的字符，已清理（第 {some(rows)} 行）")
    if is_id(column):
        filled.notices += _folded_notices(filled, column, keys, first, values, hidden)
    filled.notices += _number_notices(filled, column, cells) + _unlisted_notices(filled, column, cells, renamer)


def _shown(cell: str, column: Column) -> str:
    """Error lines are logged: personal values are not repeated in them."""
    return f"{cell[:2]}***" if column.personal else cell


def _read(cell: str, column: Column, manner: Manner, taken: _Taker, renamer: _Renamer) -> CellValue | Unreadable:
    try:
        if taken.pattern or renamer.active:
            clean = clean_text(cell)[0] if type(cell) is str and not manner.defines_units else cell
            cell = renamer(taken(clean))
        return parse_cell(cell, column, manner)
    except Unreadable as error:
        return error


class _Taker:
    """Takes the value of one column out of a longer text by the pattern that the mapping names."""

    def __init__(self, column: Column, mapping: ColumnMapping | None) -> None:
        self.pattern = mapping.take.get(column.name, "") if mapping else ""
        self.listed = [narrow(key) for key in mapping.values.get(column.name, {})] if mapping else []

    def __call__(self, cell: str) -> str:
        if not self.pattern or not cell.strip() or isinstance(cell, Trouble):
            return cell
        found = sorted(set(self._found(narrow(cell))))
        if len(found) != 1:
            many = "、".join(found[:3]) if found else "没有"
            raise Unreadable(f"按“{self.pattern}”取不出唯一的值（{many}）", "恰有一个")
        return found[0]

    def _found(self, text: str) -> list[str]:
        if self.pattern == "日期":
            days = re.findall(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}[日号]?|(?<!\d)(?:19|20)\d{6}(?!\d)", text)
            return [f"{moment.date()}" for day in days if (moment := _moment_in(day))]
        if self.pattern == "编号":
            return re.findall(r"^[0-9A-Za-z][0-9A-Za-z_.-]*[0-9A-Za-z]", text)
        if self.pattern == "括号内":
            return [part.strip() for part in re.findall(r"[(（\[【]([^)）\]】]+)[)）\]】]", text)]
        names = [name for name in self.listed if name and name in text]
        return [name for name in names if not any(name != other and name in other for other in names)]


def _moment_in(text: str) -> datetime | None:
    try:
        return read_moment(text)
    except ValueError:
        return None


class _Renamer:
    """Turns theirs into ours for one column, and remembers the values that the mapping does not list."""

    def __init__(self, column: Column, mapping: ColumnMapping | None) -> None:
        self.listed = {narrow(k): v for k, v in mapping.values.get(column.name, {}).items()} if mapping else {}
        self.blanks = {narrow(word) for word in mapping.blanks} if mapping else set()
        self.unlisted = mapping.unlisted.get(column.name, "") if mapping else ""
        self.strange: dict[str, None] = {}
        self.allowed = "映射文件中列出的值：" + "、".join(list(self.listed)[:8])

    @property
    def active(self) -> bool:
        """Whether the mapping renames values of this column at all."""
        return bool(self.listed or self.blanks or self.unlisted)

    def __call__(self, cell: str) -> str:
        if not self.active:
            return cell
        plain = narrow(cell)
        if plain in self.blanks and plain:
            return ""
        if plain in self.listed:
            return self.listed[plain]
        if plain and (self.listed or self.unlisted):
            self.strange[cell] = None
            if self.unlisted == "blank":
                return ""
        return cell


def _folded_notices(
    filled: Columns,
    column: Column,
    keys: Sequence[object],
    first: Mapping[Any, str],
    values: Mapping[Any, CellValue],
    hidden: Collection[object],
) -> list[str]:
    """Say which ids were read without the blanks, widths and marks that they were written with."""
    changed = {k for k, cell in first.items() if isinstance(values[k], str) and str(cell) != values[k]} - set(hidden)
    if not changed or column.name == "unit":
        return []
    rows = [number for key, number in zip(keys, filled.rows, strict=True) if key in changed]
    others = {value for key, value in values.items() if key not in changed}
    same = sum(values[key] in others for key in keys if key in changed)
    doubled = f"，其中 {same} 行与别的行是同一编号" if same else ""
    return [f"列“{column.title}”有 {len(rows)} 行去掉了空格、全角或导出时加的符号{doubled}（第 {some(rows)} 行）"]


def _number_notices(filled: Columns, column: Column, cells: Sequence[str]) -> list[str]:
    """Ids kept as numbers may have lost leading zeros: say how they were read."""
    if not is_id(column) or {str}.issuperset(map(type, cells)):
        return []
    rows = filled.rows
    padded = [(row, cell) for row, cell in zip(rows, cells, strict=True) if isinstance(cell, PaddedText)]
    numeric = [row for row, cell in zip(rows, cells, strict=True) if isinstance(cell, NumberText)]
    notices = []
    if padded:
        row, cell = padded[0]
        notices.append(
            f"列“{column.title}”有 {len(padded)} 格是带前导零格式的数字，按显示读取，"
            f"如第 {row} 行读作 {_shown(cell, column)}"
        )
    if numeric:
        notices.append(
            f"列“{column.title}”有 {len(numeric)} 格是数字而非文本，按数字读取；"
            f"若应有前导零请改为文本（第 {some(numeric)} 行）"
        )
    return notices


def _unlisted_notices(filled: Columns, column: Column, cells: Sequence[str], renamer: _Renamer) -> list[str]:
    """Name values that the mapping does not list, and blanks where the mapping cares about the column."""
    notices = []
    for value in renamer.strange:
        rows = [row for row, cell in zip(filled.rows, cells, strict=True) if cell == value]
        done = "按空白读取" if renamer.unlisted == "blank" else "按原文读取"
        if renamer.unlisted == "refuse":
            for row in rows:
                filled.faults.append(filled.table.fault("值不在映射之列", row, column.title, value, renamer.allowed))
        elif column.kind == "text" or renamer.unlisted == "blank":
            notices.append(f"列“{column.title}”的值“{value[:40]}”不在映射之列，{done}（第 {some(rows)} 行）")
    if renamer.unlisted:
        empty = [row for row, cell in zip(filled.rows, cells, strict=True) if not cell.strip()]
        if empty:
            notices.append(f"列“{column.title}”为空（第 {some(empty)} 行）")
    return notices


def _name_repeated_rows(filled: Columns, places: Mapping[str, int]) -> None:
    """Rows that get their number from us cannot clash by number: name those that are alike in every cell."""
    first: dict[tuple[str, ...], int] = {}
    for number, cells in filled.table.rows:
        same = tuple(cell.strip() for cell in cells)
        if same in first:
            filled.notices.append(f"第 {number} 行与第 {first[same]} 行完全相同，疑为重复，请核实")
        else:
            first[same] = number
