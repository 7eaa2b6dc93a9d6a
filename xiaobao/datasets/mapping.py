"""A bank's own headers and values, renamed by a small YAML file that the bank keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from msgspec import field, structs

from xiaobao.datasets.catalogue import DATASETS, Column, Dataset
from xiaobao.errors import Fault, InputError
from xiaobao.written.nodes import Flaw, line_of, nearest
from xiaobao.written.reader import read
from xiaobao.written.strict import Strict, bounds
from xiaobao.written.yaml_files import read_document

_Text = Annotated[str, bounds(maxLength=500)]
_NAMED = ("columns", "values", "constants", "unlisted")  # what is said column by column


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


def load_mapping(path: Path, dataset: Dataset | None = None) -> ColumnMapping:
    """Read a mapping file, for `dataset` if given. Raises InputError naming every fault of it."""
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
    return structs.replace(mapping, **renamed)


def source_names(column: Column, mapping: ColumnMapping | None) -> tuple[str, ...]:
    """Return the headers under which `column` may stand, the sure one first."""
    if mapping and column.name in mapping.columns:
        return (mapping.columns[column.name],)
    return (column.title, *column.aliases)
