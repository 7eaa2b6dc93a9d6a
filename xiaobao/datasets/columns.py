"""From a table of text cells to columns of values: match headers, rename values, parse, collect every fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xiaobao.datasets.catalogue import Column, Dataset
from xiaobao.datasets.mapping import ColumnMapping, source_names
from xiaobao.datasets.reading import Table, header_key, positions, some
from xiaobao.datasets.values import Manner, NumberText, PaddedText, Trouble, Unreadable, Value, narrow, parse_cell
from xiaobao.errors import Fault


@dataclass(kw_only=True)
class Columns:
    """The values of one file by column, row numbers beside; `bad` cells have a fault already, `absent` columns none."""

    table: Table
    values: dict[str, list[Value]] = field(default_factory=dict)
    raw: dict[str, list[str]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    bad: set[tuple[str, int]] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def rows(self) -> list[int]:
        return [number for number, _ in self.table.rows]


def known_headers(dataset: Dataset, mapping: ColumnMapping | None) -> list[str]:
    """Return every header by which a file of `dataset` can be recognised."""
    return [name for column in dataset.columns for name in source_names(column, mapping)]


def fill_columns(table: Table, dataset: Dataset, mapping: ColumnMapping | None) -> Columns:
    """Parse all columns of a table. Faults and notices come back with the values; nothing is raised."""
    filled = Columns(table=table, faults=list(table.faults), notices=list(table.notices))
    places = _places(filled, dataset, mapping)
    manner = Manner(
        epoch=table.epoch, date_format=mapping.date_format if mapping else "", defines_units=dataset.name == "units"
    )
    for column in dataset.columns:
        if column.name in places:
            cells = [cells[places[column.name]] for _, cells in table.rows]
            _fill(filled, column, cells, mapping, manner)
        else:
            _without_header(filled, dataset, column, mapping, manner)
    if mapping and mapping.number_rows:
        _name_repeated_rows(filled, places)
    return filled


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


def _fill(filled: Columns, column: Column, cells: Sequence[str], mapping: ColumnMapping | None, manner: Manner) -> None:
    """Parse one column; equal texts are parsed once."""
    renamer = _Renamer(column, mapping)
    # A number of a workbook equals the text of the same digits and may read otherwise.
    plain = {str}.issuperset(map(type, cells))
    keys = cells if plain else [(type(cell), cell) for cell in cells]
    read = {key: _read(renamer(cell), column, manner) for key, cell in dict(zip(keys, cells, strict=True)).items()}
    refused = any(isinstance(value, Unreadable) for value in read.values())
    for index, key in enumerate(keys if refused else ()):
        if isinstance(error := read[key], Unreadable):
            cell, number = cells[index], filled.table.rows[index][0]
            shown = "" if isinstance(cell, Trouble) else _shown(cell, column)
            filled.faults.append(filled.table.fault(error.message, number, column.title, shown, error.allowed))
            filled.bad.add((column.name, index))
    values = {key: None if isinstance(value, Unreadable) else value for key, value in read.items()}
    filled.values[column.name] = [values[key] for key in keys]
    filled.raw[column.name] = list(cells)
    filled.notices += _number_notices(filled, column, cells) + _unlisted_notices(filled, column, cells, renamer)


def _shown(cell: str, column: Column) -> str:
    """Error lines are logged: personal values are not repeated in them."""
    return f"{cell[:2]}***" if column.personal else cell


def _read(text: str, column: Column, manner: Manner) -> Value | Unreadable:
    try:
        return parse_cell(text, column, manner)
    except Unreadable as error:
        return error


class _Renamer:
    """Turns theirs into ours for one column, and remembers the values that the mapping does not list."""

    def __init__(self, column: Column, mapping: ColumnMapping | None) -> None:
        self.listed = {narrow(k): v for k, v in mapping.values.get(column.name, {}).items()} if mapping else {}
        self.blanks = {narrow(word) for word in mapping.blanks} if mapping else set()
        self.unlisted = mapping.unlisted.get(column.name, "") if mapping else ""
        self.strange: dict[str, None] = {}
        self.allowed = "映射文件中列出的值：" + "、".join(list(self.listed)[:8])

    def __call__(self, cell: str) -> str:
        if not (self.listed or self.blanks or self.unlisted):
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


def _number_notices(filled: Columns, column: Column, cells: Sequence[str]) -> list[str]:
    """Ids kept as numbers may have lost leading zeros: say how they were read."""
    if column.kind != "id" or {str}.issuperset(map(type, cells)):
        return []
    rows = filled.rows
    padded = [(row, cell) for row, cell in zip(rows, cells, strict=True) if isinstance(cell, PaddedText)]
    numeric = [row for row, cell in zip(rows, cells, strict=True) if isinstance(cell, NumberText)]
    notices = []
    if padded:
        row, cell = padded[0]
        notices.append(
            f"列“{column.title}”有 {len(padded)} 格是带前导零格式的数字，按显示读取，如第 {row} 行读作 {cell}"
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
