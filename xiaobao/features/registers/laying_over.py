"""How entered rows lie over imported ones: texts to typed cells and back, and one extract made of both.

Whoever reads an extract (partitions, checks, figures, frozen papers) meets entered rows without knowing of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from xiaobao.datasets.extracts import AsideRow, Imported, about, kept_columns, to_frame
from xiaobao.datasets.ids import compared
from xiaobao.datasets.importing import check_table
from xiaobao.datasets.reading import ReadTable
from xiaobao.datasets.shape import Dataset
from xiaobao.features.registers.entered import RegisterRow
from xiaobao.model import Period
from xiaobao.numbers import plain

SOURCE = "页面登记"


def cell_text(value: Any, kind: str) -> str:
    """Return a cell of an extract as a person writes it; "" for an empty one."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if kind == "flag":
        return "是" if bool(value) else "否"
    if kind == "date":
        return str(value.strftime("%Y-%m-%d"))
    if kind == "datetime":
        moment: datetime = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
        return moment.strftime("%Y-%m-%d %H:%M:%S" if moment.second else "%Y-%m-%d %H:%M")
    return plain(value) if isinstance(value, Decimal) else str(value)


def _texts_of(frame: pd.DataFrame, dataset: Dataset) -> list[dict[str, str]]:
    """Return the rows of a frame as texts, column → text."""
    kinds = {column.name: column.kind for column in kept_columns(dataset)}
    columns = {
        name: [cell_text(value, kind) for value in frame[name].tolist()]
        for name, kind in kinds.items()
        if name in frame
    }
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def checked_row(
    dataset: Dataset, cells: Mapping[str, str], key: bytes, period: Period, units: Collection[str] | None
) -> dict[str, str]:
    """Return a row as it would be kept: read, checked and pseudonymised as an import does.

    Raises InputError naming each cell.
    """
    return _texts_of(_frame(dataset, [cells], key, period, units), dataset)[0]


def laid_over(
    base: Imported | None,
    rows: Sequence[RegisterRow],
    dataset: Dataset,
    period: Period,
    key: bytes,
    units: Collection[str] | None,
    key_mark: str,
) -> Imported:
    """Return one extract of `base` with `rows` in it: each in place of the row of its key, or after the others.

    A row's texts passed an import's checks already; what is a pseudonym stays as it is.
    """
    over = {compared(row.key) for row in rows}
    frames = [] if base is None else [without_keys(base.frame, dataset, over)]
    if rows:
        whole = [row.whole() for row in rows]
        made = _frame(dataset, whole, key, period, units)
        for column in dataset.columns:
            if column.personal == "pseudonym":
                made[column.name] = pd.Series([one.get(column.name) or None for one in whole], dtype="str")
        frames.append(made)
    frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    absent = () if base is None else tuple(name for name in base.absent if name in frame and frame[name].isna().all())
    return Imported(
        dataset=dataset.name,
        period=period.code,
        frame=frame,
        files=() if base is None else base.files,
        notices=() if base is None else base.notices,
        absent=absent,
        key_mark=key_mark,
        aside=() if base is None else base.aside,
    )


def without_keys(frame: pd.DataFrame, dataset: Dataset, keys: Collection[str]) -> pd.DataFrame:
    """Return the rows of other keys than these, compared as an import compares them."""
    alike = frame[dataset.key[0]].map(lambda text: compared(str(text)))
    return frame[~alike.isin(keys)]


def by_key(frame: pd.DataFrame, dataset: Dataset) -> dict[str, dict[str, str]]:
    """Return the rows of a frame as texts, by the compared form of their key."""
    return {compared(one[dataset.key[0]]): one for one in _texts_of(frame, dataset)}


def read_base(paths: Iterable[Path], dataset: Dataset, period: str) -> Imported | None:
    """Return what stands in the extracts of one register and period as one; None where there is none."""
    tables = [pq.read_table(path) for path in paths]
    if not tables:
        return None
    kinds = {column.name: column.kind for column in kept_columns(dataset)}
    frames = [to_frame(_today(table, kinds), kinds) for table in tables]
    described = [about(table) for table in tables]
    absent = set.intersection(*(set(one.get("absent", "").split(",")) for one in described)) - {""}
    aside = [
        AsideRow(file="", sheet="", row=0, reason=reason, faults=(), cells=(), unit=unit, number=number)
        for one in described
        for reason, unit, number in json.loads(one.get("aside", "[]"))
    ]
    return Imported(
        dataset=dataset.name,
        period=period,
        frame=pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0],
        files=(),
        notices=(),
        absent=tuple(sorted(absent)),
        key_mark=described[-1].get("key", ""),
        aside=tuple(aside),
    )


def _today(table: pa.Table, kinds: Mapping[str, str]) -> pa.Table:
    """Give an extract of an earlier version the columns that came since, empty."""
    for name in kinds:
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(table.num_rows, pa.string()))
    return table


def _frame(
    dataset: Dataset, rows: Sequence[Mapping[str, str]], key: bytes, period: Period, units: Collection[str] | None
) -> pd.DataFrame:
    columns = kept_columns(dataset)
    table = ReadTable(
        file=SOURCE,
        sheet="",
        header_row=1,
        headers=[column.title for column in columns],
        rows=[(number, [row.get(column.name, "") for column in columns]) for number, row in enumerate(rows, 2)],
    )
    return check_table(table, dataset, key=key, period=period, known_units=units)
