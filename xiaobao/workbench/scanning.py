"""Look through a whole workspace for personal data that got through: the store, data, papers, reports, names, logs.

A place is reported, never the value: what a scan prints may be pasted into a mail.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.errors import shorten
from xiaobao.personal import find_personal, mask
from xiaobao.personal.file_texts import texts_in, texts_of
from xiaobao.personal.values import KEYS
from xiaobao.workbench.workspace import Workbench

_PASSED_OVER = frozenset({"secrets", ".git", ".venv", "node_modules", "__pycache__", ".ipynb_checkpoints"})
_CONTENT_OF_OTHERS = "evidence"  # what was handed in stays as it is; only its names are ours
_TOLD_AS_EVENTS = "payloads "  # the store's own table of what its events hold
_POPULATIONS = "data/samples"  # records that samples are drawn from, under the Chinese heads of their dataset
STORE = "数据库"


@dataclass(frozen=True, kw_only=True)
class Leak:
    """Personal data at one place: which kind, how often, and the words around it with it hidden."""

    file: str
    place: str
    kind: str
    count: int
    excerpt: str


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What was found, and how much was looked at. `unread` are files that could not be opened, with the reason."""

    leaks: tuple[Leak, ...]
    files: int
    events: int
    unread: tuple[str, ...] = ()


def scan_workspace(wb: Workbench) -> Scan:
    """Return where personal data stands in the workspace, by file and place."""
    leaks: list[Leak] = []
    unread: list[str] = []
    files = count = 0
    for event in wb.store.each_event():
        count += 1
        place = f"{event.object} 第 {event.revision} 版"
        texts = texts_in(json.loads(event.payload)) if event.payload else ()
        leaks += _leaks(STORE, ((f"{place} {key}", text) for key, text in texts))
        leaks += _leaks(STORE, [(f"{place} 名称", event.object)])
    for path in _files(wb.home):
        name = path.relative_to(wb.home).as_posix()
        files += 1
        leaks += _leaks(mask(name), [("文件名", path.name)])
        if name.startswith(f"{_CONTENT_OF_OTHERS}/"):
            continue
        try:
            texts = _texts(path, name)
            leaks += _leaks(mask(name), (one for one in texts if not one[0].startswith(_TOLD_AS_EVENTS)))
        except (OSError, ValueError) as error:
            unread.append(f"{mask(name)}：{mask(str(error))}")
    return Scan(leaks=tuple(leaks), files=files, events=count, unread=tuple(unread))


def _names_a_thing(place: str) -> bool:
    """Tell whether a path of keys leads to what names a thing: business keys pass, here as everywhere."""
    return any(part.partition("[")[0] in KEYS for part in place.rpartition(" ")[2].split("."))


def _files(home: Path) -> Iterator[Path]:
    for path in sorted(home.iterdir()):
        if path.name in _PASSED_OVER:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        elif path.is_file():
            yield path


def _leaks(file: str, texts: Iterable[tuple[str, str]]) -> Iterator[Leak]:
    """Yield what was found, one line for each place and kind."""
    counts: dict[tuple[str, str], int] = {}
    excerpts: dict[tuple[str, str], str] = {}
    for place, text in texts:
        for one in () if _names_a_thing(place) else find_personal(text):
            key = (place, one.kind)
            counts[key] = counts.get(key, 0) + 1
            excerpts.setdefault(key, shorten(mask(text[max(0, one.start - 30) : one.end + 30])))
    for (place, kind), count in counts.items():
        yield Leak(file=file, place=mask(place), kind=kind, count=count, excerpt=excerpts[place, kind])


def _texts(path: Path, name: str) -> Iterator[tuple[str, str]]:
    if path.suffix == ".parquet":
        return _parquet(path)
    if name.startswith(f"{_POPULATIONS}/") and path.suffix == ".csv":
        return _population(path)
    return texts_of(path)


def _population(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the texts of a population cell by cell; columns that a dataset says are keys or choices are passed over."""
    columns = [column for one in DATASETS.values() for column in (*one.columns, *one.derived)]
    written = {column.title for column in columns if column.kind in ("text", "note")}
    passed = {column.title for column in columns} - written
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            for title, value in row.items():
                if title not in passed and isinstance(value, str):
                    yield f"列“{title}”第 {number} 行", value


def _parquet(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the distinct texts of a table, with the first row that has each; business keys are passed over."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except pa.ArrowInvalid as error:
        raise ValueError("不是完整的 Parquet 文件") from error
    about = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items() if key == b"dataset"}
    dataset = DATASETS.get(about.get("dataset", ""))
    known = {column.name: column for column in (*dataset.columns, *dataset.derived)} if dataset else {}
    for name in table.column_names:
        column = known.get(name)
        kind = table.schema.field(name).type
        passes = column is not None and column.kind not in ("text", "note")
        if passes or not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            continue
        for value in table.column(name).unique().to_pylist():
            if value and find_personal(value):
                row = table.column(name).to_pylist().index(value) + 1
                yield f"列“{column.title if column else name}”第 {row} 行", value
