"""A bank's own headers and values, renamed by a small YAML file that the bank keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from msgspec import field, structs

from xiaobao.datasets.catalogue import DATASETS, Column, Dataset
from xiaobao.datasets.mapping_books import read_mapping_book
from xiaobao.datasets.reading import Layout
from xiaobao.errors import Fault, InputError
from xiaobao.written.nodes import Flaw, as_nodes, line_of, nearest
from xiaobao.written.reader import read
from xiaobao.written.strict import Strict, bounds
from xiaobao.written.yaml_files import read_document

_Text = Annotated[str, bounds(maxLength=500)]
_NAMED = ("columns", "values", "constants", "unlisted", "unit", "take")  # what is said column by column
_ROWS = re.compile(r"[1-9][0-9]{0,6}(-[1-9][0-9]{0,6})?")
_Row = Annotated[int, bounds(minimum=1)]


class ColumnMapping(Strict):
    """How a source file differs from the catalogue. Keys that name our columns may be code names or Chinese titles.

    `values`: ours for theirs, per column. `constants`: a value for every row. `unlisted`: what to do with a value that
    `values` does not list: refuse it, or blank it and name its rows. `blanks`: words that mean nothing. `number_rows`:
    a pattern with {row} that numbers rows which have no number of their own. `confirmed`: a proposed mapping says 否
    until a person has gone through it.
    """

    dataset: str
    confirmed: Literal["是", "否"] = "是"
    columns: dict[str, _Text] = field(default_factory=dict)
    values: dict[str, dict[str, _Text]] = field(default_factory=dict)
    constants: dict[str, _Text] = field(default_factory=dict)
    unlisted: dict[str, Literal["refuse", "blank"]] = field(default_factory=dict)
    blanks: tuple[_Text, ...] = ()
    date_format: str = ""
    ignore: tuple[_Text, ...] = ()
    number_rows: str = ""
    sheets: tuple[_Text, ...] = ()
    header_rows: str = ""
    first_row: _Row | None = None
    last_row: _Row | None = None
    skip_rows: tuple[str, ...] = ()
    skip_starting: tuple[_Text, ...] = ()
    unit: dict[str, Literal["元", "角", "分", "百元", "千元", "万元", "百万元", "亿元"]] = field(default_factory=dict)
    verbatim: tuple[_Text, ...] = ()
    take: dict[str, Literal["日期", "编号", "括号内", "机构"]] = field(default_factory=dict)

    def layout(self) -> Layout:
        """Return where the records stand, as the reader of files takes it."""
        skipped = {row for text in self.skip_rows for row in range(_span(text)[0], _span(text)[1] + 1)}
        return Layout(
            sheets=self.sheets,
            header_rows=_span(self.header_rows) if self.header_rows else None,
            first_row=self.first_row,
            last_row=self.last_row,
            skip_rows=frozenset(skipped),
            skip_starting=self.skip_starting,
        )


def _span(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def load_mapping(path: Path, dataset: Dataset | None = None) -> ColumnMapping:
    """Read a mapping file, for `dataset` if given. Raises InputError naming every fault of it."""
    if path.suffix.lower() == ".xlsx":
        return _from_excel(path, dataset)
    root = read_document(path, as_it_stands=True)
    mapping, flaws = read(ColumnMapping, root)
    if mapping is not None:
        flaws += _flaws(mapping, dataset)
    if mapping is None or flaws:
        faults = [
            Fault(f.message, file=path.name, row=line_of(root, f.place), value=f.value, allowed=f.allowed)
            for f in flaws
        ]
        raise InputError(sorted(faults, key=lambda fault: fault.row or 0))
    return _by_name(mapping, DATASETS[mapping.dataset])


def _flaws(mapping: ColumnMapping, wanted: Dataset | None) -> Iterator[Flaw]:
    dataset = DATASETS.get(mapping.dataset)
    if dataset is None:
        hint = nearest(mapping.dataset, DATASETS)
        yield Flaw(place=("dataset",), message=f"没有数据集“{mapping.dataset}”{hint}", allowed="、".join(DATASETS))
        return
    if wanted and mapping.dataset != wanted.name:
        yield Flaw(place=("dataset",), message=f"映射文件是给数据集 {mapping.dataset} 的，不是 {wanted.name}")
    ours = {name for column in dataset.columns for name in (column.name, column.title)}
    allowed = "、".join(column.title for column in dataset.columns)
    for part in _NAMED:
        for name in getattr(mapping, part):
            if name not in ours:
                what = f"数据集“{dataset.title}”没有列“{name}”{nearest(name, ours)}"
                yield Flaw(place=(part, name), message=what, allowed=allowed)
    for name in mapping.verbatim:
        if name not in ours:
            what = f"数据集“{dataset.title}”没有列“{name}”{nearest(name, ours)}"
            yield Flaw(place=("verbatim",), message=what, allowed=allowed)
    for part, texts in (("header_rows", filter(None, [mapping.header_rows])), ("skip_rows", mapping.skip_rows)):
        for text in texts:
            first, _, last = text.partition("-")
            if not _ROWS.fullmatch(text) or (last and (int(last) < int(first) or int(last) - int(first) > 100_000)):
                yield Flaw(place=(part,), message="不是行号", value=text, allowed="如 3 或 3-5")
    amounts = {one for column in dataset.columns if column.kind == "amount" for one in (column.name, column.title)}
    for name in mapping.unit:
        if name in ours and name not in amounts:
            what = f"列“{name}”不是金额，不用写单位"
            yield Flaw(
                place=("unit", name),
                message=what,
                allowed="、".join(c.title for c in dataset.columns if c.kind == "amount"),
            )
    if mapping.confirmed == "否":
        yield Flaw(place=("confirmed",), message="建议的映射文件还没有确认：请逐行核对后把 confirmed 改为 是")
    if mapping.number_rows and ("{row}" not in mapping.number_rows or len(dataset.key) != 1):
        yield Flaw(
            place=("number_rows",), message="编号模板须含 {row}，且数据集只有一列编号", value=mapping.number_rows
        )
    if mapping.number_rows.replace("{row}", "").count("{"):
        yield Flaw(place=("number_rows",), message="编号模板只能含 {row}", value=mapping.number_rows)
    if mapping.date_format and not _tells_a_day(mapping.date_format):
        yield Flaw(place=("date_format",), message="日期格式 date_format 须含 %Y、%m、%d", value=mapping.date_format)


def _tells_a_day(pattern: str) -> bool:
    day = date(2025, 12, 31)
    return all(code in pattern for code in ("%Y", "%m", "%d")) and len(pattern) < 40 and bool(day.strftime(pattern))


def _by_name(mapping: ColumnMapping, dataset: Dataset) -> ColumnMapping:
    """Return `mapping` with Chinese titles turned into code names."""
    names = {column.title: column.name for column in dataset.columns}
    renamed = {part: {names.get(key, key): value for key, value in getattr(mapping, part).items()} for part in _NAMED}
    verbatim = tuple(names.get(name, name) for name in mapping.verbatim)
    return structs.replace(mapping, verbatim=verbatim, **renamed)


def _from_excel(path: Path, dataset: Dataset | None) -> ColumnMapping:
    """Read a mapping that was filled in Excel. Raises InputError naming the sheet and row of every fault."""
    plain, places = read_mapping_book(path)
    mapping, flaws = read(ColumnMapping, as_nodes(plain))
    if mapping is not None:
        flaws += _flaws(mapping, dataset)
    if mapping is None or flaws:
        faults = []
        for flaw in flaws:
            place = next((flaw.place[:n] for n in range(len(flaw.place), -1, -1) if flaw.place[:n] in places), ())
            sheet, row = places.get(place, ("", None))
            faults.append(
                Fault(flaw.message, file=path.name, sheet=sheet, row=row, value=flaw.value, allowed=flaw.allowed)
            )
        raise InputError(faults)
    return _by_name(mapping, DATASETS[mapping.dataset])


def source_names(column: Column, mapping: ColumnMapping | None) -> tuple[str, ...]:
    """Return the headers under which `column` may stand, the sure one first."""
    if mapping and column.name in mapping.columns:
        return (mapping.columns[column.name],)
    return (column.title, *column.aliases)
