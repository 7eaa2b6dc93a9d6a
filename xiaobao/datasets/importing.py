"""From files to one validated, pseudonymised frame, and on to a normalised Parquet extract: all of it or nothing.

Rows are cut by the dataset's day: a row outside the period is refused, so that no row is counted in two periods.
Registers (no day) are taken as they stand. Look-back reaches rows of earlier periods through their own imports.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xiaobao.datasets.catalogue import DATASETS, Column, Dataset
from xiaobao.datasets.cells import CellValue
from xiaobao.datasets.columns import Columns, fill_columns, wanted_headers
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
from xiaobao.datasets.fault_lines import one_line_a_cause
from xiaobao.datasets.ids import compared, is_id, look_alike_twins, zero_twins
from xiaobao.datasets.mapping import ColumnMapping
from xiaobao.datasets.personal import birth_date, key_mark, pseudonym
from xiaobao.datasets.reading import FileLimits, ReadTable, header_key, positions, read_tables
from xiaobao.datasets.setting_aside import AsideRow, places_of, reason_of
from xiaobao.datasets.validation import DTYPES, Surroundings, validate
from xiaobao.errors import Fault, InputError, machine_words
from xiaobao.files import write_bytes
from xiaobao.model import Period, folded_id
from xiaobao.personal import mask
from xiaobao.personal.cleaning import may_hide
from xiaobao.personal.finding import DIGITS
from xiaobao.personal.forms import FEWEST_DIGITS, HINTS, MASK_WORDS
from xiaobao.personal.narrowing import NARROW_SIGNS, is_public

_SHOWN_DAYS = 3
_TIMES = 500  # a median this many times off the last period's is asked about


def read_extract(
    paths: Sequence[Path],
    dataset: Dataset | str,
    *,
    key: bytes,
    mapping: ColumnMapping | None = None,
    period: Period | None = None,
    known_units: Collection[str] | None = None,
    limits: FileLimits | None = None,
    set_aside: bool = False,
) -> Imported:
    """Read, validate and pseudonymise files of one dataset. Raises InputError with every fault of all files.

    `set_aside`: rows that have a fault of their own are put apart instead, and come back beside the frame.
    """
    wanted = _dataset(dataset, mapping)
    parts, sources, faults = _read_parts(paths, wanted, mapping, limits or FileLimits())
    if not parts:
        raise InputError(faults or [Fault("没有给出文件")])
    frame, found = _checked(parts, wanted, period, known_units)
    faults += found
    aside: tuple[AsideRow, ...] = ()
    if faults and set_aside:
        every = list(faults)
        aside = _put_apart(parts, faults, wanted)
        frame, faults = _checked(parts, wanted, period, known_units)
        if not len(frame) and not faults:
            faults = [Fault("全部行都有问题，没有可以导入的行；各行的问题如下", value=f"{len(aside)} 行"), *every]
    if faults:
        raise InputError(
            sorted(one_line_a_cause(faults), key=lambda fault: (fault.file, fault.sheet, fault.row or 0, fault.column))
        )
    absent = set.intersection(*(part.absent for part in parts)) - _derived_birth(parts)
    return Imported(
        dataset=wanted.name,
        period=period.code if period else "",
        frame=_pseudonymised(frame, wanted, key),
        files=tuple(sources),
        notices=tuple(_notices(parts) + _twin_notices(parts, wanted)),
        absent=tuple(sorted(absent)),
        key_mark=key_mark(key),
        aside=aside,
    )


def check_table(
    table: ReadTable,
    dataset: Dataset,
    *,
    key: bytes,
    period: Period | None = None,
    known_units: Collection[str] | None = None,
) -> pd.DataFrame:
    """Validate and pseudonymise rows that people typed, as `read_extract` does those of files.

    Raises InputError with the fault of every cell.
    """
    part = fill_columns(table, dataset, None)
    frame, faults = _checked([part], dataset, period, known_units)
    if faults:
        raise InputError(faults)
    return _pseudonymised(frame, dataset, key)


def _read_parts(
    paths: Sequence[Path], dataset: Dataset, mapping: ColumnMapping | None, limits: FileLimits
) -> tuple[list[Columns], list[SourceFile], list[Fault]]:
    """Read the tables of all files; a file that cannot be read gives its faults, and the others are read still."""
    parts: list[Columns] = []
    sources: list[SourceFile] = []
    faults: list[Fault] = []
    layout = mapping.layout() if mapping else None
    for path in paths:
        try:
            tables = read_tables(Path(path), wanted_headers(dataset, mapping), limits, layout)
        except InputError as error:
            faults += error.faults
            continue
        parts += [fill_columns(table, dataset, mapping) for table in tables]
        rows = sum(len(table.rows) for table in tables)
        sources.append(SourceFile(name=mask(tables[0].file), sha256=_sha256(Path(path)), rows=rows))
    return parts, sources, faults


def _checked(
    parts: list[Columns], dataset: Dataset, period: Period | None, known_units: Collection[str] | None
) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the rows of all parts as one frame, and every fault of theirs."""
    frame, bad = _frame(parts, dataset)
    _adopt_units(frame, dataset, known_units)
    faults = [fault for part in parts for fault in part.faults]
    faults += validate(frame, dataset, bad, _surroundings(frame, parts, period, known_units))
    faults += _birth_dates(frame, parts, dataset)
    return frame, faults


def _put_apart(parts: list[Columns], faults: Sequence[Fault], dataset: Dataset) -> tuple[AsideRow, ...]:
    """Take the rows with faults out of the parts. Raises InputError for faults that are of a whole file or its head."""
    by_row = places_of(faults)
    heads = {(part.table.file, part.table.sheet, part.table.header_row) for part in parts}
    if whole := [fault for place in by_row if place in heads for fault in by_row[place]]:
        raise InputError(whole)
    aside: list[AsideRow] = []
    met: set[tuple[str, str, int]] = set()
    for part in parts:
        numbers = [(part.table.file, part.table.sheet, number) for number, _ in part.table.rows]
        out = {index for index, place in enumerate(numbers) if place in by_row}
        aside += [_aside_row(part, index, by_row[numbers[index]], dataset) for index in sorted(out)]
        met |= {numbers[index] for index in out}
        part.keep([index for index in range(len(numbers)) if index not in out])
    for place in by_row.keys() - met:  # rows that could not even be split into cells
        cell_faults = tuple((fault.column, fault.message) for fault in by_row[place])
        file, sheet, row = place
        aside.append(
            AsideRow(file=file, sheet=sheet, row=row, reason=reason_of(by_row[place]), faults=cell_faults, cells=())
        )
    return tuple(sorted(aside, key=lambda one: (one.file, one.sheet, one.row)))


def _aside_row(part: Columns, index: int, faults: Sequence[Fault], dataset: Dataset) -> AsideRow:
    number, _ = part.table.rows[index]
    cells = []
    for column in dataset.columns:
        if column.name in part.raw:
            text = str(part.raw[column.name][index])
            shown = f"{text[:2]}***" if column.personal and text.strip() else mask(text)
            cells.append((column.title, shown))
    unit = part.values[dataset.unit][index] if dataset.unit else ""
    known = [dataset.column(name) for name in dataset.key]
    keys = [part.values[column.name][index] for column in known if not column.personal]
    return AsideRow(
        file=part.table.file,
        sheet=part.table.sheet,
        row=number,
        reason=reason_of(faults),
        faults=tuple((fault.column, fault.message) for fault in faults),
        cells=tuple(cells),
        unit=str(unit or ""),
        number=" / ".join(str(value) for value in keys if value is not None),
    )


def _twin_notices(parts: list[Columns], dataset: Dataset) -> list[str]:
    """Name ids that differ by leading zeros or look-alike marks alone: they are read as two, one may be a slip."""
    notices = []
    for column in dataset.columns:
        if not is_id(column) or column.name == "unit":
            continue
        given = {value for part in parts if column.name in part.raw for value in part.values[column.name]}
        ids = {value for value in given if isinstance(value, str)}
        zeros = zero_twins(ids) if any(value[:1] == "0" for value in ids) else []
        notices += _alike_notices(zeros, "前导零", column, parts)
        if column.name not in dataset.key:  # of keys these are refused
            notices += _alike_notices(
                look_alike_twins(ids, caseless=bool(column.personal)), "形近字符或大小写", column, parts
            )
    return notices


def _alike_notices(pairs: Sequence[tuple[str, str]], what: str, column: Column, parts: Sequence[Columns]) -> list[str]:
    if not pairs:
        return []
    rows: dict[object, int] = {}
    for part in parts:
        for value, (number, _) in zip(part.values[column.name], part.table.rows, strict=True):
            rows.setdefault(value, number)
    alike = "；".join(
        f"第 {rows[one]} 行与第 {rows[other]} 行" + ("" if column.personal else f"（{one}、{other}）")
        for one, other in pairs[:5]
    )
    more = f" 等 {len(pairs)} 对" if len(pairs) > 5 else ""
    return [f"列“{column.title}”有只差{what}的编号，按不同的编号读取，请核实：{alike}{more}"]


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
    files = [part.table.file for part in parts]
    names = [
        f"{file}［{part.table.sheet}］" if part.table.sheet and files.count(file) > 1 else file
        for file, part in zip(files, parts, strict=True)
    ]
    frame["_file"] = [name for name, part in zip(names, parts, strict=True) for _ in part.table.rows]
    frame["_row"] = [number for part in parts for number, _ in part.table.rows]
    bad: set[tuple[str, int]] = set()
    offset = 0
    everywhere = set.intersection(*(part.absent for part in parts))
    for part in parts:
        bad |= {(name, index + offset) for name, index in part.bad}
        bad |= {(name, index + offset) for name in part.absent - everywhere for index in range(len(part.table.rows))}
        offset += len(part.table.rows)
    return frame, bad | {(name, -1) for name in everywhere}


def _series(column: Column, values: list[CellValue]) -> pd.Series:
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

    def written(index: int, name: str) -> str:
        for part in parts:
            if index < len(part.table.rows):
                return str(part.raw[name][index]) if name in part.raw else ""
            index -= len(part.table.rows)
        return ""

    return Surroundings(known_units=known_units, period=period, locate=locate, merged=merged, written=written)


def _where(table: ReadTable, name: str) -> list[int]:
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
        elif column.personal in MASK_WORDS:
            frame[column.name] = _hidden(frame[column.name], partial(_said, MASK_WORDS[column.personal]))
        elif column.kind in ("text", "note"):
            frame[column.name] = _hidden(frame[column.name], mask, maybe_personal)
    return frame


def _said(word: str, text: str) -> str:
    """Hide a name or an address whole, since its column says what it is, unless the bank states it as public."""
    return text if is_public(text) else word


def _hidden(column: pd.Series, hide: Callable[[str], str], worth: Callable[[list[str]], list[str]] = list) -> pd.Series:
    """Hide what is personal in a column of texts, looking at each distinct value once; mostly there is nothing.

    `worth` leaves the texts that `hide` may change.
    """
    distinct = column.dropna().unique().tolist()
    hidden = {text: new for text in worth(distinct) if (new := hide(text)) != text}
    return column.map(lambda text: hidden.get(text, text), na_action="ignore").astype("str") if hidden else column


def _notices(parts: list[Columns]) -> list[str]:
    many = len(parts) > 1
    notices = []
    for part in parts:
        lines = part.notices + ([] if part.table.rows else ["表头之下没有数据，读入 0 行"])
        where = part.table.file if len({p.table.file for p in parts}) > 1 else ""
        if part.table.sheet and sum(p.table.file == part.table.file for p in parts) > 1:
            where += f"［{part.table.sheet}］"
        notices += [mask(f"{where}：{line}" if many and "工作表" not in line else line) for line in lines]
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


def questioned_amounts(imported: Imported, before: Sequence[ImportedFile]) -> tuple[str, ...]:
    """Ask about each amount whose median is some thousand times off the last import's: yuan taken for 万元, or so."""
    dataset = DATASETS[imported.dataset]
    amounts = [column for column in dataset.columns if column.kind == "amount"]
    if not before or not amounts:
        return ()
    last = max(before, key=lambda file: (file.period.end, file.period.start))
    held = set(pq.read_schema(last.path).names)
    asked = []
    for column in amounts:
        if column.name not in held:
            continue
        old = pd.to_numeric(pq.read_table(last.path, columns=[column.name]).column(0).to_pandas().dropna()).median()
        new = pd.to_numeric(imported.frame[column.name].dropna()).median()
        if old > 0 and new > 0 and not 1 / _TIMES < new / old < _TIMES:
            asked.append(
                f"请核实单位：列“{column.title}”的中位数是 {new:.2f} 元，{last.period.code} 是 {old:.2f} 元，相差约 "
                f"{max(new / old, old / new):.0f} 倍"
            )
    return tuple(asked)


def questioned_days(imported: Imported, today: date) -> tuple[str, ...]:
    """Ask about each day of what has happened that lies after `today`: 2062 for 2026 would spoil every mean of days."""
    dataset = DATASETS[imported.dataset]
    asked = []
    for name in dict.fromkeys((*(name for pair in dataset.orders for name in pair), *dataset.closed)):
        later = imported.frame[imported.frame[name] > pd.Timestamp(today) + pd.Timedelta(days=1)]
        if later.empty:
            continue
        named = [f"{row[dataset.key[0]]}（{row[name]:%Y-%m-%d}）" for row in later.head(_SHOWN_DAYS).to_dict("records")]
        more = "等" if len(later) > _SHOWN_DAYS else ""
        asked.append(
            f"请核实：列“{dataset.column(name).title}”有 {len(later)} 行晚于今天（{today}）："
            f"{mask('、'.join(named))}{more}；写错的请改正后用 --replace 重新导入"
        )
    return tuple(asked)


def write_extract(imported: Imported, folder: Path) -> tuple[Path, str]:
    """Write the normalised extract whole, named by its SHA-256; return path and digest. Same content, same bytes.

    Raises InputError where the disk does not take it.
    """
    buffer = io.BytesIO()
    write_parquet(extract_table(imported), buffer)
    data = buffer.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256}.parquet"
    try:
        write_bytes(path, data)
    except OSError as error:
        raise InputError(Fault(f"写入失败：{machine_words(error)}", file=path.name)) from error
    return path, sha256


# A word that announces something personal, or a character that reads as another one once it is narrowed.
_ANNOUNCED = f"(?i)[^{NARROW_SIGNS}]|{HINTS}"


def maybe_personal(texts: Sequence[str]) -> list[str]:
    """Return the texts that `xiaobao.personal.mask` may change; it would hand back all others as they are."""
    if may_hide("\n".join(texts)):
        return list(texts)
    announced = pc.match_substring_regex(pa.array(texts, pa.large_string()), _ANNOUNCED).to_pylist()
    digits = _digits_together().search
    return [text for text, said in zip(texts, announced, strict=True) if said or digits(text)]


@cache
def _digits_together() -> re.Pattern[str]:
    """As many digits close together as the shortest number has that nothing announces."""
    return re.compile(rf"[{DIGITS}](?:[^{DIGITS}一-鿿]{{0,8}}[{DIGITS}]){{{FEWEST_DIGITS - 1}}}")
