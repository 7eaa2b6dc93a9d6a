"""Parquet in and out: one schema per dataset out of the catalogue, bytes that depend on the content alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from xiaobao.datasets.catalogue import DATASETS, Column, Dataset
from xiaobao.model import Period, Value

TYPES: dict[str, pa.DataType] = {
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "count": pa.int64(),
    "level": pa.int64(),
    "flag": pa.bool_(),
    "amount": pa.decimal128(20, 2),
    "decimal": pa.decimal128(26, 8),
}
_FEW = 5_000
_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
# Of few rows, each step over Arrow's own strings costs more than the rows do.
_OF_FEW_ROWS = {**_NULLABLE, pa.string(): pd.StringDtype("python", na_value=np.nan)}


class SourceFile(Value):
    """One imported file: its name without a folder, the SHA-256 of its bytes, its rows below the header."""

    name: str
    sha256: str
    rows: int


class AsideRow(Value):
    """One row put apart: where it stood, `reason` (数据有误 or 期间以外), all its faults, and its cells by header.

    `unit` is its unit where that could be read, "" else; `number` its business key as written, "" where personal.
    """

    file: str
    sheet: str
    row: int
    reason: str
    faults: tuple[tuple[str, str], ...]
    cells: tuple[tuple[str, str], ...]
    unit: str = ""
    number: str = ""


class Imported(Value):
    """A validated frame with `_file` and `_row` beside; `absent` columns stood in none of the files."""

    dataset: str
    period: str
    frame: pd.DataFrame
    files: tuple[SourceFile, ...]
    notices: tuple[str, ...]
    absent: tuple[str, ...]
    key_mark: str
    aside: tuple[AsideRow, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.frame)


class ImportedFile(Value):
    """One import in force: what the store lists, and where its extract lies."""

    dataset: str
    period: Period
    path: Path


def arrow_type(column: Column) -> pa.DataType:
    """Return how a column is kept in Parquet: amounts with 2 decimals, decimals with 8; unknown kinds as text."""
    return TYPES.get(column.kind, pa.string())


def kept_columns(dataset: Dataset) -> list[Column]:
    """Return the columns of an extract: all but the ID number, which is gone once the birth date is known."""
    return [column for column in dataset.columns if column.name != "id_number"]


def extract_table(imported: Imported) -> pa.Table:
    """Return the frame as a table of the dataset's schema, behind it `_file` and `_row`: where each row was read.

    Metadata, all text: `dataset`, `period`, `absent` (columns that no file delivered, by comma), `key` (mark of the
    pseudonym key) and `aside` (JSON of rows put apart), the last where there are some.
    """
    dataset, frame = DATASETS[imported.dataset], imported.frame
    fields = [pa.field(column.name, arrow_type(column)) for column in kept_columns(dataset)]
    fields += [pa.field("_file", pa.string()), pa.field("_row", pa.int64())]
    apart = {"aside": aside_text(imported.aside)} if imported.aside else {}
    arrays = [pa.Array.from_pandas(frame[field.name], type=field.type) for field in fields]
    about = metadata(imported.dataset, imported.absent) | {"period": imported.period, "key": imported.key_mark} | apart
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=about))


def metadata(dataset: str, absent: Iterable[str]) -> dict[str, str]:
    """Return what a check must know of a partition: its dataset, and the columns that no file delivered, by comma."""
    return {"dataset": dataset, "absent": ",".join(sorted(absent))}


def aside_text(rows: Iterable[AsideRow]) -> str:
    """Return what a reader must know of rows put apart: [reason, unit, number] of each."""
    return json.dumps([[row.reason, row.unit, row.number] for row in rows], ensure_ascii=False)


def about(table_or_path: pa.Table | Path) -> dict[str, str]:
    """Return a table's metadata as text, without Arrow's own. Of a file only the footer is read."""
    schema = table_or_path.schema if isinstance(table_or_path, pa.Table) else pq.read_schema(table_or_path)
    return {key.decode(): value.decode() for key, value in (schema.metadata or {}).items() if key != b"ARROW:schema"}


def write_parquet(table: pa.Table, target: BinaryIO) -> None:
    """Write the same bytes for the same content. Of few rows, dictionaries take longer to read and more room."""
    many = table.num_rows > _FEW
    pq.write_table(table, target, compression="zstd", store_schema=True, write_statistics=False, use_dictionary=many)


def to_frame(table: pa.Table, kinds: dict[str, str], *, few: bool = False) -> pd.DataFrame:
    """Return the table as the checks expect it: days as datetime64, exact decimals, nullable counts and flags.

    `few` rows: one unit's. Texts are then Python strings, and no thread is started.
    """
    days = [(name, table.schema.get_field_index(name)) for name, kind in kinds.items() if kind == "date"]
    for name, place in days:
        if place >= 0:
            table = table.set_column(place, name, table.column(name).cast(pa.timestamp("us")))
    frame = table.to_pandas(types_mapper=(_OF_FEW_ROWS if few else _NULLABLE).get, use_threads=not few)
    for name, kind in kinds.items():
        if kind == "decimal" and name in frame:
            frame[name] = frame[name].map(_short, na_action="ignore").astype(object)
    return frame


def _short(value: Decimal) -> Decimal:
    """Drop the zeros that storage added: 4.35000000 is shown as 4.35."""
    return Decimal(f"{value:f}".rstrip("0").rstrip("."))


def key_of(frame: pd.DataFrame, dataset: Dataset) -> list[str]:
    """Return each row's key as one text, its columns joined by “ / ”, an empty cell as nothing."""
    columns = [frame[name].astype(str).where(frame[name].notna(), "").tolist() for name in dataset.key]
    return [" / ".join(parts) for parts in zip(*columns, strict=True)]


def key_rows(path: Path, dataset: Dataset) -> Iterator[tuple[str, str, int]]:
    """Yield key, file and row of every row of an extract."""
    frame = to_frame(
        pq.read_table(path, columns=[*dataset.key, "_file", "_row"]),
        {name: dataset.column(name).kind for name in dataset.key},
    )
    yield from zip(key_of(frame, dataset), frame["_file"], frame["_row"].astype(int), strict=True)
