"""总体: rows of an extract or of a list that was handed over, filtered, masked, in the order of keys, and frozen.

What is kept is a CSV file (UTF-8) under `data/samples/`, named by its digest: anybody can open it and draw again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pandas as pd

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.partitions import read_partition
from xiaobao.datasets.workbooks import read_workbook
from xiaobao.errors import Fault, InputError
from xiaobao.features.samples.sample import Drawn, Population
from xiaobao.files import PRIVATE, write_bytes
from xiaobao.model import Period
from xiaobao.personal import mask
from xiaobao.workbench.importing import imported_files
from xiaobao.workbench.permitting import known_units
from xiaobao.workbench.units import units_below
from xiaobao.workbench.workspace import Workbench

_FOLDER = "data/samples"
_MOST_TOLD = 20
_LIST_ROWS = 200_000
_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}
_FILTER = re.compile(r"^(.+?)(!=|>=|<=|=|>|<)(.*)$", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class PopulationRequest:
    """What a population is to be: a dataset or a list, filters like 金额>=50000, and which columns are what."""

    dataset: str = ""
    file: Path | None = None
    filters: tuple[str, ...] = ()
    key: str = ""
    amount: str = ""
    stratum: str = ""


@dataclass(frozen=True, kw_only=True)
class PopulationRows:
    """Rows of texts under `heads`, each with where it came from."""

    source: str
    heads: tuple[str, ...]
    rows: list[list[str]]
    key: str
    file: str = ""
    places: list[int] = field(default_factory=list)


def freeze(wb: Workbench, wanted: PopulationRequest, unit: str, period: str, monetary: bool = False) -> Population:
    """Write the population under its digest and return it. Raises InputError naming every fault."""
    population, text = build_population(wb, wanted, unit, period, monetary)
    path = wb.home / population.path
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, text, mode=PRIVATE)
    return population


def build_population(
    wb: Workbench, wanted: PopulationRequest, unit: str, period: str, monetary: bool
) -> tuple[Population, bytes]:
    """Return the population as it is now and its file's bytes; nothing is written."""
    found = _of_list(wanted) if wanted.file else _of_dataset(wb, wanted, unit, Period.parse(period))
    named = {name: _head(found, name, what) for name, what in _columns(wanted) if name}
    key = named.get(wanted.key, found.key) if wanted.key else found.key
    kept = list(_filtered(found, wanted.filters))
    amounts = _amounts(found, kept, named[wanted.amount]) if wanted.amount else []
    left = 0
    if monetary:
        pairs = [(row, amount) for row, amount in zip(kept, amounts, strict=True) if amount > 0]
        left, kept, amounts = len(kept) - len(pairs), [row for row, _ in pairs], [amount for _, amount in pairs]
    _refuse_keys(found, kept, key)
    place = found.heads.index(key)
    kept.sort(key=lambda row: row[place])
    text = _csv(found.heads, kept)
    digest = hashlib.sha256(text).hexdigest()
    return (
        Population(
            source=found.source,
            dataset=wanted.dataset,
            filters=wanted.filters,
            heads=found.heads,
            key=key,
            amount=named.get(wanted.amount, ""),
            stratum=named.get(wanted.stratum, ""),
            count=len(kept),
            total=sum(amounts, Decimal(0)) if wanted.amount else None,
            digest=digest,
            path=f"{_FOLDER}/{digest}.csv",
            left_out=left,
        ),
        text,
    )


def read_frozen_rows(wb: Workbench, population: Population) -> tuple[Drawn, ...]:
    """Return the frozen rows in order. Raises InputError where the file is gone or is not what was frozen."""
    path = wb.home / population.path
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(Fault("冻结的总体文件读不到", file=population.path)) from error
    if hashlib.sha256(data).hexdigest() != population.digest:
        raise InputError(Fault("冻结的总体文件被改动过，与冻结时的摘要不符", file=population.path))
    return population_records(population, data)


def population_records(population: Population, data: bytes) -> tuple[Drawn, ...]:
    """Return the rows of a population's file as records."""
    heads, *rows = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
    made = []
    for row in rows:
        facts = dict(zip(heads, row, strict=True))
        made.append(
            Drawn(
                record=facts[population.key],
                digest=hashlib.sha256("\x1f".join(row).encode()).hexdigest(),
                facts={head: text for head, text in facts.items() if text and head != population.key},
                stratum=facts[population.stratum] or "（空）" if population.stratum else "",
                amount=number_of(facts[population.amount]) if population.amount else None,
            )
        )
    return tuple(made)


def _columns(wanted: PopulationRequest) -> Iterator[tuple[str, str]]:
    yield from ((wanted.key, "编号列"), (wanted.amount, "金额列"), (wanted.stratum, "分层列"))


def _head(found: PopulationRows, name: str, what: str) -> str:
    titles = {**{head: head for head in found.heads}, **_titles(found)}
    if name not in titles:
        raise InputError(Fault(f"没有这个{what}", file=found.file, value=name, allowed="、".join(found.heads)))
    return titles[name]


def _titles(found: PopulationRows) -> Mapping[str, str]:
    spec = DATASETS.get(found.file)
    return {column.name: column.title for column in spec.columns if column.title in found.heads} if spec else {}


def _of_dataset(wb: Workbench, wanted: PopulationRequest, unit: str, period: Period) -> PopulationRows:
    spec = DATASETS.get(wanted.dataset)
    if spec is None:
        raise InputError(Fault("没有这个数据集", value=wanted.dataset, allowed="、".join(DATASETS)))
    files = [one for one in imported_files(wb, spec.name) if one.period.code == period.code]
    if not files:
        raise InputError(Fault("这个期间没有导入该数据集，不能作总体", value=f"{spec.title} {period.code}"))
    columns = [column for column in spec.columns if not column.personal]
    frame = pd.concat([read_partition(one.path) for one in files], ignore_index=True)
    if unit and spec.unit:
        units = known_units(wb, period.code)
        frame = frame[frame[spec.unit].isin({unit, *(units_below(units, unit) if unit in units else ())})]
    columns = [column for column in columns if column.name in frame]
    texts = {column.title: [_text(value) for value in frame[column.name].tolist()] for column in columns}
    heads = tuple(texts)
    key = "、".join(spec.column(name).title for name in spec.key if name in frame)
    if "、" in key and not wanted.key:
        raise InputError(Fault("该数据集由几列共同区分一行，请用 --key 指明编号列", value=key))
    rows = [list(row) for row in zip(*texts.values(), strict=True)]
    return PopulationRows(source=f"{spec.title}（{period.code}）", heads=heads, rows=rows, key=key, file=spec.name)


def _text(value: object) -> str:
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, pd.Timestamp | datetime):
        return value.isoformat(sep=" ") if value.hour or value.minute or value.second else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _of_list(wanted: PopulationRequest) -> PopulationRows:
    path = wanted.file
    assert path is not None
    if not path.is_file():
        raise InputError(Fault("文件不存在", file=path.name))
    if not wanted.key:
        raise InputError(Fault("请用 --key 指明清单中区分每一笔的编号列", file=path.name))
    lines = _workbook_lines(path) if path.suffix.lower() == ".xlsx" else _csv_lines(path)
    at = next((place for place, (_, cells) in enumerate(lines) if wanted.key in map(str.strip, cells)), None)
    if at is None:
        raise InputError(Fault("清单里找不到编号列的表头", file=path.name, value=wanted.key))
    heads = tuple(cell.strip() for cell in lines[at][1])
    while heads and not heads[-1]:
        heads = heads[:-1]
    if "" in heads or len(set(heads)) < len(heads):
        raise InputError(Fault("表头有空白或重复的列", file=path.name, row=lines[at][0], value="、".join(heads)))
    body = [(row, [*cells, *[""] * len(heads)][: len(heads)]) for row, cells in lines[at + 1 :] if any(cells)]
    place = heads.index(wanted.key)
    personal_rows = [row for row, cells in body if mask(cells[place]) != cells[place]]
    if personal_rows:
        raise InputError(
            Fault("编号列里有个人信息，不能作编号", file=path.name, row=row, column=wanted.key, allowed="用业务编号")
            for row in personal_rows[:_MOST_TOLD]
        )
    rows = [[mask(cell.strip()) for cell in cells] for _, cells in body]
    return PopulationRows(
        source=f"上传清单 {mask(path.name)}",
        heads=heads,
        rows=rows,
        key=wanted.key,
        file=path.name,
        places=[row for row, _ in body],
    )


def _workbook_lines(path: Path) -> list[tuple[int, list[str]]]:
    sheets = [sheet for sheet in read_workbook(path, _LIST_ROWS).sheets if sheet.state == "visible"]
    if not sheets:
        raise InputError(Fault("没有工作表", file=path.name))
    return [(number, [str(cell) for cell in cells]) for number, cells in sheets[0].rows]


def _csv_lines(path: Path) -> list[tuple[int, list[str]]]:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return list(enumerate(csv.reader(io.StringIO(text, newline="")), 1))
    raise InputError(Fault("清单不是能识别的文字编码", file=path.name, allowed="UTF-8 或 GBK 的 CSV，或 XLSX"))


def _filtered(found: PopulationRows, filters: Iterable[str]) -> Iterator[list[str]]:
    tests = []
    for text in filters:
        parts = _FILTER.match(text)
        if parts is None:
            raise InputError(Fault("筛选条件写法不对", value=text, allowed="列名=值、列名>=值 等，如 金额>=50000"))
        tests.append((found.heads.index(_head(found, parts[1].strip(), "筛选列")), parts[2], parts[3].strip()))
    for row in found.rows:
        if all(_holds(row[place], sign, value) for place, sign, value in tests):
            yield row


def _holds(cell: str, sign: str, value: str) -> bool:
    mine, theirs = number_of(cell), number_of(value)
    if mine is not None and theirs is not None:
        return _TESTS[sign](mine, theirs)
    if sign in ("=", "!="):
        return _TESTS[sign](cell, value)
    return bool(cell) and _TESTS[sign](cell, value)


def number_of(text: str) -> Decimal | None:
    """Return the number that a text is, with or without thousands separators; None for none."""
    try:
        value = Decimal(text.replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _amounts(found: PopulationRows, kept: Sequence[list[str]], column: str) -> list[Decimal]:
    place = found.heads.index(column)
    key = found.heads.index(found.key) if found.key in found.heads else 0
    values = [number_of(row[place]) for row in kept]
    wrong = [row for row, value in zip(kept, values, strict=True) if value is None]
    if wrong:
        raise InputError(
            Fault("金额不是数字", file=found.file, item=row[key], column=column, value=row[place] or "空白")
            for row in wrong[:_MOST_TOLD]
        )
    return [value for value in values if value is not None]


def _refuse_keys(found: PopulationRows, kept: Sequence[list[str]], key: str) -> None:
    if not kept:
        raise InputError(Fault("筛选后没有记录，不能作总体", file=found.file, value=found.source))
    place = found.heads.index(key)
    seen: dict[str, int] = {}
    for row in kept:
        seen[row[place]] = seen.get(row[place], 0) + 1
    wrong = [text for text, count in seen.items() if count > 1 or not text]
    if wrong:
        raise InputError(
            Fault("编号重复" if text else "编号空白", file=found.file, column=key, value=text or f"{seen[text]} 行")
            for text in wrong[:_MOST_TOLD]
        )


def _csv(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")
