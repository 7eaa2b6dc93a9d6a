"""From files to one validated, pseudonymised frame, and on to a normalised Parquet extract: all of it or nothing.

Rows are cut by the dataset's day: a row outside the period is refused, so that no row is counted in two periods.
Registers (no day) are taken as they stand. Look-back reaches rows of earlier periods through their own imports.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import pandas as pd

from xiaobao.datasets.catalogue import DATASETS, Column, Dataset
from xiaobao.datasets.columns import Columns, fill_columns, known_headers
from xiaobao.datasets.extracts import (
    Imported,
    ImportedFile,
    SourceFile,
    extract_table,
    kept_columns,
    key_of,
    key_rows,
    write_parquet,
)
from xiaobao.datasets.mapping import ColumnMapping
from xiaobao.datasets.personal import birth_date, key_mark, pseudonym
from xiaobao.datasets.reading import Limits, Table, header_key, positions, read_table
from xiaobao.datasets.validation import DTYPES, Surroundings, compared, validate
from xiaobao.datasets.values import Value
from xiaobao.errors import Fault, InputError
from xiaobao.files import write_bytes
from xiaobao.model import Period, folded_id
from xiaobao.personal import mask
from xiaobao.personal.forms import WORDS
from xiaobao.personal.public import is_public


def read_extract(
    paths: Sequence[Path],
    dataset: Dataset | str,
    *,
    key: bytes,
    mapping: ColumnMapping | None = None,
    period: Period | None = None,
    known_units: Collection[str] | None = None,
    limits: Limits | None = None,
) -> Imported:
    """Read, validate and pseudonymise files of one dataset. Raises InputError with every fault of all files."""
    wanted = _dataset(dataset, mapping)
    parts: list[Columns] = []
    sources: list[SourceFile] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            table = read_table(Path(path), known_headers(wanted, mapping), limits or Limits())
        except InputError as error:
            faults += error.faults
            continue
        parts.append(fill_columns(table, wanted, mapping))
        sources.append(SourceFile(name=mask(table.file), sha256=_sha256(Path(path)), rows=len(table.rows)))
    if not parts:
        raise InputError(faults or [Fault("没有给出文件")])
    frame, bad = _frame(parts, wanted)
    _adopt_units(frame, wanted, known_units)
    faults += [fault for part in parts for fault in part.faults]
    faults += validate(frame, wanted, bad, _surroundings(frame, parts, period, known_units))
    faults += _birth_dates(frame, parts, wanted)
    if faults:
        raise InputError(sorted(faults, key=lambda fault: (fault.file, fault.row or 0, fault.column)))
    absent = set.intersection(*(part.absent for part in parts)) - _derived_birth(parts)
    return Imported(
        dataset=wanted.name,
        period=period.code if period else "",
        frame=_pseudonymised(frame, wanted, key),
        files=tuple(sources),
        notices=tuple(_notices(parts)),
        absent=tuple(sorted(absent)),
        key_mark=key_mark(key),
    )


def _dataset(dataset: Dataset | str, mapping: ColumnMapping | None) -> Dataset:
    name = dataset if isinstance(dataset, str) else dataset.name
    if name not in DATASETS:
        raise InputError(Fault("没有这个数据集", value=name, allowed="、".join(DATASETS)))
    if mapping and mapping.dataset != name:
        raise InputError(Fault(f"映射文件是给数据集 {mapping.dataset} 的，不是 {name}", item="dataset"))
    return DATASETS[name]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _frame(parts: list[Columns], dataset: Dataset) -> tuple[pd.DataFrame, set[tuple[str, int]]]:
    """Put the files' columns under one another. `bad` counts rows of the whole; (name, -1) marks a missing column."""
    data = {
        column.name: _series(column, [v for part in parts for v in part.values[column.name]])
        for column in dataset.columns
    }
    frame = pd.DataFrame(data)
    frame["_file"] = [part.table.file for part in parts for _ in part.table.rows]
    frame["_row"] = [number for part in parts for number, _ in part.table.rows]
    bad: set[tuple[str, int]] = set()
    offset = 0
    for part in parts:
        bad |= {(name, index + offset) for name, index in part.bad}
        bad |= {(name, index + offset) for name in part.absent for index in range(len(part.table.rows))}
        offset += len(part.table.rows)
    everywhere = set.intersection(*(part.absent for part in parts))
    return frame, bad | {(name, -1) for name in everywhere}


def _series(column: Column, values: list[Value]) -> pd.Series:
    if column.kind in ("date", "datetime"):
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)), dtype="datetime64[us]")
    if column.kind in DTYPES:
        return pd.Series(values, dtype=DTYPES[column.kind])
    if column.kind in ("amount", "decimal"):
        return pd.Series(values, dtype=object)
    return pd.Series(values, dtype="str")


def _adopt_units(frame: pd.DataFrame, dataset: Dataset, known: Collection[str] | None) -> None:
    """Write references to units as the units' own register does: b01 is B01."""
    if dataset.unit and known is not None and dataset.name != "units":
        proper = {folded_id(unit): unit for unit in known}
        frame[dataset.unit] = frame[dataset.unit].map(
            lambda unit: proper.get(folded_id(unit), unit), na_action="ignore"
        )


def _surroundings(
    frame: pd.DataFrame, parts: list[Columns], period: Period | None, known_units: Collection[str] | None
) -> Surroundings:
    tables = [part.table for part in parts for _ in part.table.rows]
    rows = frame["_row"].tolist()

    def locate(index: int) -> tuple[str, str, int]:
        return tables[index].file, tables[index].sheet, rows[index]

    def merged(index: int, name: str) -> bool:
        table = tables[index]
        return bool(table.merges) and any(table.merged(rows[index], place) for place in _where(table, name))

    return Surroundings(known_units=known_units, period=period, locate=locate, merged=merged)


def _where(table: Table, name: str) -> list[int]:
    titles = {
        header_key(t) for d in DATASETS.values() for c in d.columns if c.name == name for t in (c.title, *c.aliases)
    }
    return [place for header, places in positions(table).items() if header in titles for place in places]


def _birth_dates(frame: pd.DataFrame, parts: list[Columns], dataset: Dataset) -> list[Fault]:
    """Fill birth dates out of ID numbers; a false number, or one that contradicts the date given, is a fault."""
    if "id_number" not in frame:
        return []
    faults: list[Fault] = []
    title = dataset.column("id_number").title
    days: list[object] = frame["birth_date"].tolist()
    places = [(part.table, number) for part in parts for number, _ in part.table.rows]
    for index, text in enumerate(frame["id_number"].tolist()):
        if not isinstance(text, str):
            continue
        table, number = places[index]
        try:
            born = birth_date(text)
        except ValueError as error:
            faults.append(table.fault(f"{error}", number, title, _covered(text), "有效的证件号码"))
            continue
        given = days[index]
        if born and isinstance(given, datetime) and not pd.isna(given) and given.date() != born:
            faults.append(table.fault("出生日期与证件号码不一致", number, title, _covered(text)))
        elif born:
            days[index] = pd.Timestamp(born)
    frame["birth_date"] = pd.Series(days, index=frame.index, dtype="datetime64[us]")
    return faults


def _covered(text: str) -> str:
    """Error lines are logged too: of a personal number only the ends are shown."""
    return f"{text[:3]}***{text[-1:]}"


def _derived_birth(parts: list[Columns]) -> set[str]:
    return {"birth_date"} if any("id_number" in part.raw for part in parts) else set()


def _pseudonymised(frame: pd.DataFrame, dataset: Dataset, key: bytes) -> pd.DataFrame:
    frame = frame.drop(columns=[name for name in ("id_number",) if name in frame])
    frame["_file"] = _hidden(frame["_file"], mask)
    for column in kept_columns(dataset):
        if column.personal == "pseudonym":
            known = {value: pseudonym(value, column.name, key) for value in frame[column.name].dropna().unique()}
            frame[column.name] = frame[column.name].map(known, na_action="ignore").astype("str")
        elif column.personal in WORDS:
            frame[column.name] = _hidden(frame[column.name], partial(_said, WORDS[column.personal]))
        elif column.kind in ("text", "note"):
            frame[column.name] = _hidden(frame[column.name], mask)
    return frame


def _said(word: str, text: str) -> str:
    """Hide a name or an address whole, since its column says what it is, unless the bank states it as public."""
    return text if is_public(text) else word


def _hidden(column: pd.Series, hide: Callable[[str], str]) -> pd.Series:
    """Hide what is personal in a column of texts, looking at each distinct value once; mostly there is nothing."""
    hidden = {text: new for text in column.dropna().unique() if (new := hide(text)) != text}
    return column.map(lambda text: hidden.get(text, text), na_action="ignore").astype("str") if hidden else column


def _notices(parts: list[Columns]) -> list[str]:
    many = len(parts) > 1
    notices = []
    for part in parts:
        lines = part.notices + ([] if part.table.rows else ["表头之下没有数据，读入 0 行"])
        notices += [mask(f"{part.table.file}：{line}" if many else line) for line in lines]
    return notices


def refuse_overlap(imported: Imported, others: Sequence[ImportedFile]) -> None:
    """Raise InputError naming each row that an import in force holds already, by key, with both places."""
    dataset = DATASETS[imported.dataset]
    if not dataset.day:
        others = [other for other in others if other.period.code == imported.period]
    held: dict[str, tuple[str, str, int]] = {}
    for other in others:
        if other.dataset == imported.dataset:
            for written, file, row in key_rows(Path(other.path), dataset):
                held[compared(written)] = (other.period.code, file, row)
    faults = []
    for written, file, row in zip(
        key_of(imported.frame, dataset), imported.frame["_file"], imported.frame["_row"], strict=True
    ):
        if place := held.get(compared(written)):
            message = f"与已导入的 {place[0]} 文件 {place[1]} 第 {place[2]} 行重复"
            title = "、".join(dataset.column(name).title for name in dataset.key)
            faults.append(
                Fault(message, file=file, row=int(row), column=title, value=written, allowed="替换原导入，或去掉重复行")
            )
    if faults:
        raise InputError(faults)


def write_extract(imported: Imported, folder: Path) -> tuple[Path, str]:
    """Write the normalised extract whole, named by its SHA-256; return path and digest. Same content, same bytes."""
    buffer = io.BytesIO()
    write_parquet(extract_table(imported), buffer)
    data = buffer.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256}.parquet"
    try:
        write_bytes(path, data)
    except OSError as error:
        raise InputError(Fault(f"写入失败：{error.strerror}", file=path.name)) from error
    return path, sha256
