"""Cut the bank's extracts into one partition a unit and dataset, look-back facts added; read one partition.

A dataset imported for the period has a partition for every unit, empty where it has no rows: 0 rows is not 无数据.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xiaobao.datasets.catalogue import DATASETS, Column, Dataset
from xiaobao.datasets.extracts import ImportedFile, about, arrow_type, kept_columns, metadata, to_frame, write_parquet
from xiaobao.errors import Fault, InputError
from xiaobao.files import write_bytes
from xiaobao.model import Extract, Period, Value

if TYPE_CHECKING:
    from xiaobao.datasets.look_back import Derived

__all__ = ["BANK_FOLDER", "BORNE", "CLOSED", "Cut", "ImportedFile", "read_columns", "read_partition", "split"]

BANK_FOLDER = "_bank"
_RECUT = "运行 xiaobao run --rerun all，从导入的数据重新切分"
CLOSED = ".closed"  # beside a dataset's name: rows of earlier periods that were closed in this one
BORNE = ".borne"  # beside a dataset's name: rows of other units whose duty this unit bears


class _Lost(Exception):
    """A look-back asks for a dataset whose extract is lost."""


class Cut(Value):
    """What was cut: (unit, dataset) → partition. `unmade`: dataset → the lost one that it cannot be cut without."""

    made: Mapping[tuple[str, str], Extract]
    unmade: Mapping[str, str]


class _History:
    """All imports up to a period as tables, one a dataset: the period's own rows and those before."""

    def __init__(self, imports: Iterable[ImportedFile], period: Period, lost: frozenset[str]) -> None:
        self.period, self._lost = period, lost
        self.tables: dict[str, pa.Table] = {}
        self.imported: set[str] = set()
        self.aside: dict[str, list[list[str]]] = {}
        grouped: dict[str, list[ImportedFile]] = {}
        for imported in imports:
            if imported.period.start <= period.end:
                grouped.setdefault(imported.dataset, []).append(imported)
        _refuse_two_keys([file for files in grouped.values() for file in files])
        for name, files in sorted(grouped.items()):
            self._load(DATASETS[name], files)

    def _load(self, dataset: Dataset, files: list[ImportedFile]) -> None:
        """Imports for this period, or for one that reaches into it, say that the dataset was delivered."""
        reaching = [file for file in files if file.period.end >= self.period.start]
        if not dataset.day:
            files = reaching = [file for file in files if file.period.code == self.period.code] or newest(reaching)
        if reaching:
            self.imported.add(dataset.name)
        self.aside[dataset.name] = [
            row for file in reaching for row in json.loads(about(Path(file.path)).get("aside", "[]"))
        ]
        tables = [_with_new_columns(pq.read_table(f.path), dataset) for f in sorted(files, key=lambda f: str(f.path))]
        if not tables:
            return
        absent = set.intersection(*(set(about(table).get("absent", "").split(",")) for table in tables)) - {""}
        whole = pa.concat_tables([table.replace_schema_metadata(None) for table in tables])
        if dataset.day:
            whole = whole.filter(pc.less(whole.column(dataset.day), _after(self.period, dataset)))
        order = [(name, "ascending") for name in (*dataset.key, "_file", "_row")]
        whole = whole.sort_by(order).replace_schema_metadata(metadata(dataset.name, absent))
        _refuse_repeated(whole, dataset)
        self.tables[dataset.name] = whole

    def rows(self, dataset: str, *columns: str) -> pd.DataFrame:
        """Return columns of a dataset as a frame; an empty one when it was never imported. Raises _Lost."""
        if dataset in self._lost:
            raise _Lost(dataset)
        spec = DATASETS[dataset]
        kinds = {name: spec.column(name).kind for name in columns}
        table = self.tables.get(dataset)
        if table is None:
            fields = [pa.field(name, arrow_type(spec.column(name))) for name in columns]
            table = pa.schema(fields).empty_table()
        return to_frame(table.select(list(columns)), kinds)

    def current(self, dataset: str) -> pd.Series:
        """Tell which rows are the period's own."""
        spec = DATASETS[dataset]
        table = self.tables[dataset]
        if not spec.day:
            return pd.Series(True, index=range(table.num_rows))
        inside = pc.greater_equal(table.column(spec.day), _start(self.period, spec))
        return pd.Series(inside.to_numpy(), index=range(table.num_rows))

    def closed(self, dataset: str) -> pd.Series:
        """Tell which rows of earlier periods were closed in this one."""
        spec = DATASETS[dataset]
        table = self.tables[dataset]
        day = pc.coalesce(*(table.column(name) for name in spec.closed))
        inside = pc.and_(
            pc.greater_equal(day, _start(self.period, spec)), pc.less(day, _after(self.period, spec))
        ).fill_null(False)
        return pd.Series(inside.to_numpy(), index=range(table.num_rows)) & ~self.current(dataset)


def newest(files: Sequence[ImportedFile]) -> list[ImportedFile]:
    """Return the imports of the newest period: a register of two quarters stands as the later one says."""
    if not files:
        return []
    last = max((file.period for file in files), key=lambda period: (period.end, period.start))
    return [file for file in files if file.period == last]


def _with_new_columns(table: pa.Table, dataset: Dataset) -> pa.Table:
    """Add the columns that the catalogue has gained since the extract was imported: empty, and never delivered."""
    added = [column for column in kept_columns(dataset) if column.name not in table.column_names]
    if not added:
        return table
    absent = {*about(table).get("absent", "").split(","), *(column.name for column in added)} - {""}
    for column in added:
        kind = arrow_type(column)
        table = table.append_column(pa.field(column.name, kind), pa.nulls(table.num_rows, kind))
    names = [column.name for column in kept_columns(dataset)]
    ordered = table.select([*names, *(name for name in table.column_names if name not in names)])
    return ordered.replace_schema_metadata({**about(table), **metadata(dataset.name, absent)})


def _start(period: Period, dataset: Dataset) -> pa.Scalar:
    return pa.scalar(pd.Timestamp(period.start), type=pa.timestamp("us")).cast(_day_type(dataset))


def _after(period: Period, dataset: Dataset) -> pa.Scalar:
    day = pd.Timestamp(period.end) + pd.Timedelta(days=1)
    return pa.scalar(day, type=pa.timestamp("us")).cast(_day_type(dataset))


def _day_type(dataset: Dataset) -> pa.DataType:
    return arrow_type(dataset.column(dataset.day))


def _refuse_two_keys(files: list[ImportedFile]) -> None:
    """Pseudonyms made with different keys never match: look-back over them would quietly find nothing."""
    marks = {about(Path(file.path)).get("key", "") for file in files} - {""}
    if len(marks) > 1:
        raise InputError("已导入的数据用了不同的化名密钥，客户无法对应，请用同一密钥重新导入")


def _refuse_repeated(table: pa.Table, dataset: Dataset) -> None:
    keys = table.select([*dataset.key, "_file", "_row"])
    counts = keys.group_by(list(dataset.key)).aggregate([([], "count_all")])
    twice = counts.filter(pc.greater(counts.column("count_all"), 1)).sort_by(
        [(name, "ascending") for name in dataset.key]
    )
    faults = []
    for row in twice.slice(0, 200).to_pylist():
        written = " / ".join(str(row[name]) for name in dataset.key)
        mask = pc.equal(keys.column(dataset.key[0]), row[dataset.key[0]])
        places = [
            f"{r['_file']} 第 {r['_row']} 行"
            for r in keys.filter(mask).to_pylist()
            if all(r[name] == row[name] for name in dataset.key)
        ]
        titles = "、".join(dataset.column(name).title for name in dataset.key)
        faults.append(Fault(f"{dataset.title}有重复导入的行：" + "；".join(places), column=titles, value=written))
    if faults:
        raise InputError(faults)


def split(
    imports: Sequence[ImportedFile],
    period: Period,
    folder: Path,
    units: Sequence[str],
    by_closing: bool = False,
    lost: frozenset[str] = frozenset(),
    keep: frozenset[Path] = frozenset(),
) -> Cut:
    """Look back over all imports, then write each unit's rows of the period. A bank-wide dataset has the unit "".

    `by_closing`: rows received earlier and closed in the period are written too, under the dataset's name and `CLOSED`,
    for units that have some and for the bank. `lost` datasets, not among `imports`, and what looks back on them are
    not cut; files to `keep` stay. Raises InputError when the same row was imported twice. Same content gives the same
    bytes.
    """
    from xiaobao.datasets.look_back import LOOK_BACK

    history = _History(imports, period, lost)
    unmade = {name: name for name in lost}
    written: dict[tuple[str, str], Extract] = {}
    for name in sorted(history.imported):
        dataset = DATASETS[name]
        try:
            derived = LOOK_BACK[name](history) if name in LOOK_BACK else {}
        except _Lost as needed:
            unmade[name] = str(needed)
            continue
        whole = _partition_table(history, dataset, derived)
        closed = whole.filter(pa.array(history.closed(name))) if by_closing and dataset.closed else None
        current = whole.filter(pa.array(history.current(name)))
        for (unit, extract), table in _parts(dataset, current, closed, history.aside.get(name, []), units):
            written[unit, extract] = _write(table, folder / (unit or BANK_FOLDER), extract)
    _remove_stale(folder, {Path(extract.path) for extract in written.values()} | keep)
    return Cut(made=written, unmade=unmade)


def _parts(
    dataset: Dataset, current: pa.Table, closed: pa.Table | None, aside: list[list[str]], units: Sequence[str]
) -> Iterable[tuple[tuple[str, str], pa.Table]]:
    """Yield each partition of a dataset under (unit, its name with `BORNE` or `CLOSED` behind it); `closed`: if wanted.

    A unit whose duty no row of others bears, or that closed none, has no such partition; the bank always has.
    """
    name = dataset.name
    for unit, part in _by_unit(current, dataset, units):
        yield (unit, name), _with_aside(part, [row for row in aside if not unit or row[1] == unit])
    if dataset.borne:
        for unit, part in _borne(current, dataset, units):
            yield (unit, name + BORNE), part
    if dataset.bank:
        yield ("", name), _with_aside(current.select(list(dataset.bank)).combine_chunks(), aside)
    if closed is not None:
        whole = closed.select(list(dataset.bank)).combine_chunks()
        yield ("", name + CLOSED), whole
        for unit, part in _by_unit(whole, dataset, units):
            if part.num_rows:
                yield (unit, name + CLOSED), part


def _partition_table(history: _History, dataset: Dataset, derived: Derived) -> pa.Table:
    """Return all rows with the columns that checks may see: nothing that is kept for look-back only."""
    table = history.tables[dataset.name]
    columns = [column for column in kept_columns(dataset) if column.personal != "drop"]
    fields = [pa.field(column.name, arrow_type(column)) for column in (*columns, *dataset.derived)]
    arrays: list[pa.ChunkedArray | pa.Array] = [table.column(column.name) for column in columns]
    arrays += [_array(derived[column.name], column) for column in dataset.derived]
    schema = pa.schema(fields, metadata=table.schema.metadata)
    return pa.Table.from_arrays(arrays, schema=schema)


def _with_aside(table: pa.Table, rows: list[list[str]]) -> pa.Table:
    """Say in the table's metadata which rows of its period were put apart at the import: [reason, unit, number]."""
    if not rows:
        return table
    return table.replace_schema_metadata({**about(table), "aside": json.dumps(rows, ensure_ascii=False)})


def _array(values: pd.Series, column: Column) -> pa.Array:
    return pa.Array.from_pandas(values, type=arrow_type(column))


def _by_unit(table: pa.Table, dataset: Dataset, units: Sequence[str]) -> Iterable[tuple[str, pa.Table]]:
    """Yield every unit's slice of the table, sorted by key, empty where it has no rows; a register stays whole."""
    if not dataset.unit or dataset.whole:
        yield "", table.combine_chunks()
        return
    ordered = table.sort_by(
        [(name, "ascending") for name in dict.fromkeys((dataset.unit, *dataset.key))]
    ).combine_chunks()
    owners = ordered.column(dataset.unit).to_numpy(zero_copy_only=False)
    places = pd.Series(range(len(owners))).groupby(owners, sort=False).agg(["min", "size"])
    spans: Mapping[str, tuple[int, int]] = {unit: (int(a), int(n)) for unit, a, n in places.itertuples(name=None)}
    for unit in units:
        start, size = spans.get(unit, (0, 0))
        yield unit, ordered.slice(start, size)


def _borne(table: pa.Table, dataset: Dataset, units: Sequence[str]) -> Iterable[tuple[str, pa.Table]]:
    """Yield the units that bear the duty in rows of others, with those rows: most bear none and get no file."""
    bearer, owner = table.column(dataset.borne), table.column(dataset.unit)
    foreign = table.filter(pc.and_(pc.is_valid(bearer), pc.not_equal(bearer, owner)).fill_null(False))
    known = set(units)
    for unit in sorted(set(foreign.column(dataset.borne).to_pylist()) & known):
        part = foreign.filter(pc.equal(foreign.column(dataset.borne), unit))
        yield unit, part.sort_by([(name, "ascending") for name in (dataset.unit, *dataset.key)]).combine_chunks()


def _write(table: pa.Table, folder: Path, dataset: str) -> Extract:
    """Write one partition whole; an equal one is left as it is."""
    buffer = io.BytesIO()
    write_parquet(table, buffer)
    data = buffer.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    path = folder / f"{dataset}.parquet"
    folder.mkdir(parents=True, exist_ok=True)
    if not (path.exists() and path.stat().st_size == len(data) and path.read_bytes() == data):
        write_bytes(path, data, durable=False)  # its digest tells, and a run makes it again
    return Extract(dataset=dataset, path=str(path), sha256=sha256, rows=table.num_rows)


def _remove_stale(folder: Path, written: set[Path]) -> None:
    """A partition left from an import that is no longer in force must not be mistaken for data."""
    for path in folder.glob("*/*.parquet"):
        if path not in written:
            path.unlink()


def read_columns(path: Path, sha256: str, columns: Sequence[str]) -> pd.DataFrame:
    """Read chosen columns of one partition, a unit's or the bank's. `attrs`: "absent" columns never delivered.

    Raises InputError when it is gone or differs from its digest.
    """
    table = _checked_table(path, sha256, columns)
    known = about(table)
    dataset = DATASETS[known["dataset"]]
    frame = to_frame(table, {name: dataset.column(name).kind for name in columns})
    frame.attrs["absent"] = [name for name in known.get("absent", "").split(",") if name]
    if "aside" in known:
        frame.attrs["aside"] = json.loads(known["aside"])
    return frame


def _checked_table(path: Path, sha256: str, columns: Sequence[str] | None = None) -> pa.Table:
    try:
        data = path.read_bytes()
    except OSError as error:
        missing = Fault("分机构数据文件不存在或无法读取", file=f"{path.parent.name}/{path.name}", allowed=_RECUT)
        raise InputError(missing) from error
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        message = "分机构数据文件与登记的摘要不一致，已被改动"
        raise InputError(Fault(message, file=f"{path.parent.name}/{path.name}", allowed=_RECUT))
    wanted = None if columns is None else list(columns)
    return pq.ParquetFile(pa.BufferReader(data)).read(columns=wanted, use_threads=False)


def read_partition(path: Path | str, sha256: str = "") -> pd.DataFrame:
    """Read a partition or an extract. `attrs`: "titles" {column: Chinese title}, "absent" columns never delivered.

    Raises InputError when it is gone, or differs from `sha256` if given.
    """
    table = _checked_table(Path(path), sha256)
    known = about(table)
    dataset = DATASETS[known["dataset"]]
    columns = {column.name: column for column in (*dataset.columns, *dataset.derived)}
    table = table.drop_columns([name for name in ("_file", "_row") if name in table.column_names])
    frame = to_frame(table, {name: columns[name].kind for name in table.column_names}, few=True)
    frame.attrs["titles"] = {name: columns[name].title for name in table.column_names}
    frame.attrs["absent"] = [name for name in known.get("absent", "").split(",") if name]
    if "aside" in known:
        frame.attrs["aside"] = json.loads(known["aside"])
    return frame


def standing_rows(files: Iterable[ImportedFile], name: str, period: Period) -> pd.DataFrame | None:
    """Return the rows of `period` as a partition would hold them, None when nothing was imported for it.

    With a day, rows of every import that reaches into the period, cut to it. Without one, the register as it stands:
    the period's own import, else the newest of those that reach into it.
    """
    dataset = DATASETS[name]
    reaching = [
        file
        for file in files
        if file.dataset == name and file.period.start <= period.end and file.period.end >= period.start
    ]
    if not dataset.day:
        reaching = newest([file for file in reaching if file.period.code == period.code] or reaching)
    if not reaching:
        return None
    frames = [read_partition(file.path) for file in sorted(reaching, key=lambda file: str(file.path))]
    whole = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    every = [frame.attrs.get("absent", ()) for frame in frames]
    absent = [name for name in every[0] if all(name in one for one in every)]
    whole.attrs = {**frames[0].attrs, "absent": absent}
    return _cut(whole, dataset, period)


def _cut(frame: pd.DataFrame, dataset: Dataset, period: Period) -> pd.DataFrame:
    if not dataset.day:
        return frame
    days = frame[dataset.day]
    inside = (days >= pd.Timestamp(period.start)) & (days < pd.Timestamp(period.end) + pd.Timedelta(days=1))
    return frame[inside].reset_index(drop=True)
