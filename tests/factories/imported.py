"""Extracts imported from a few rows, and partitions cut from them, for tests of look-back and checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from tests.factories import tables
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.importing import read_extract, write_extract
from xiaobao.datasets.partitions import ImportedFile, read_partition, split
from xiaobao.datasets.templates import sample
from xiaobao.model import Extract, Period

Row = Mapping[str, str]


def row(dataset: str, number: int, **given: str) -> dict[str, str]:
    """A row with every required column filled, `given` ones as said (by code name)."""
    spec = DATASETS[dataset]
    filled = {column.name: sample(column, spec, 0) for column in spec.columns if column.required}
    return filled | {spec.key[0]: f"K{number:04d}"} | given


def import_rows(folder: Path, dataset: str, rows: Sequence[Row], period: str = "2026H1") -> ImportedFile:
    """Import rows (by code name) as a bank's CSV."""
    spec = DATASETS[dataset]
    names = list(dict.fromkeys(name for entry in rows for name in entry))
    header = [spec.column(name).title for name in names]
    folder.mkdir(parents=True, exist_ok=True)
    path = tables.write_csv(folder, [header, *([entry.get(name, "") for name in names] for entry in rows)])
    span = Period.parse(period)
    imported = read_extract([path], spec, key=tables.KEY, period=span)
    return ImportedFile(dataset=dataset, period=span, path=write_extract(imported, folder / dataset / period)[0])


def cut(
    folder: Path, *files: ImportedFile, period: str = "2026H1", units: Sequence[str] = ("0101", "0102")
) -> dict[tuple[str, str], Extract]:
    return split(files, Period.parse(period), folder / "partitions" / period, units).made


def looked_back(
    folder: Path, dataset: str, data: Mapping[str, Sequence[Row]], period: str = "2026H1", unit: str = "0101"
) -> pd.DataFrame:
    """Import all `data`, cut it, and return one unit's partition of `dataset`, indexed by its key."""
    files = [import_rows(folder, name, rows, period) for name, rows in data.items()]
    extract = cut(folder, *files, period=period)[unit, dataset]
    return read_partition(extract.path, extract.sha256).set_index(DATASETS[dataset].key[0])
