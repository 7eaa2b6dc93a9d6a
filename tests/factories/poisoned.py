"""A sample bank full of poison: every text of its extracts, people, names and settings holds what must never get out.

`traces` finds it again wherever it may lie, by what each form says and with nothing of xiaobao: bytes of the store,
columns of tables, parts of Office files, outputs of notebooks, plain texts.
"""

from __future__ import annotations

import html
import json
import re
import sqlite3
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow.parquet as pq
from msgspec.structs import replace

from tests.factories.poison import FORMULAS, MARKUP, PERSONAL
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.demo import extracts, walk
from xiaobao.demo.walk import run_demo

ALL = "；".join(PERSONAL.values())
EACH = (*PERSONAL.values(), *MARKUP, *FORMULAS)
BANK = f"示例银行 {ALL}"
_HAN = str.maketrans("零〇一二三四五六七八九幺", "0012345678" + "91")
_REST = re.compile(r"[^0-9a-z\u4e00-\u9fff\x00]")  # \x00 parts one text from the next


def _core(text: str) -> str:
    """Return the letters, digits and Chinese of a text, in one width and case, what nobody sees left out."""
    return _REST.sub("", unicodedata.normalize("NFKC", text).casefold())


def _secret(form: str) -> str:
    """Return what of a form is somebody's: the label before it may stay."""
    core = re.sub(r"^(?:电话|账号|护照号|微信号)", "", _core(form))
    return core.translate(_HAN) if core.startswith("幺") else core


SECRETS: Mapping[str, str] = {name: _secret(form) for name, form in PERSONAL.items()}


def traces(text: str) -> set[str]:
    """Return the forms that a text holds, however they are written there."""
    core = _core(text)
    spoken = core.translate(_HAN) if "零" in core else core
    return {name for name, secret in SECRETS.items() if secret in core or secret in spoken}


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of all that a file holds, hidden parts as well as those that people see."""
    kind = path.suffix.lower()
    if kind == ".sqlite":
        yield from _database(path)
    elif kind == ".parquet":
        table = pq.read_table(path)
        yield "schema", str(table.schema.metadata)
        for name in table.column_names:
            yield from ((f"列 {name}", str(value)) for value in table.column(name).unique().to_pylist())
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                raw = archive.read(name).decode("utf-8", errors="replace")
                yield name, name
                for part in re.split(r"</(?:w:p|si|c|row|a:p)>", raw):
                    yield name, html.unescape(re.sub(r"<[^>]*>", "", part))
                    yield name, html.unescape(part)
    elif kind in (".json", ".ipynb"):
        yield from _plain(json.loads(path.read_text("utf-8")), "")
    else:
        data = path.read_bytes()
        for encoding in ("utf-8", "gb18030"):
            text = data.decode(encoding, errors="replace")
            yield encoding, text
            yield encoding, html.unescape(re.sub(r"<[^>]*>", "", text))


def _database(path: Path) -> Iterator[tuple[str, str]]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in connection.execute(f'select * from "{table}"'):
                for value in row:
                    text = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
                    yield table, text
                    with suppress(ValueError):
                        yield from _plain(json.loads(text), table)


def _plain(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
        if "<" in value:
            yield place, html.unescape(re.sub(r"<[^>]*>", "", value))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _plain(inner, f"{place}.{key}")
            yield place, str(key)
    elif isinstance(value, list):
        joined = all(isinstance(one, str) for one in value)
        yield from _plain("".join(value), place) if joined else ()
        for one in value:
            yield from _plain(one, place)


def found_in(folder: Path, passed: Iterable[str] = ("extracts", "secrets")) -> dict[str, set[str]]:
    """Return the forms found under a folder, by file and place; `passed` are folders of raw extracts and keys."""
    found: dict[str, set[str]] = {}
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder)
        if name.parts[0] in passed or "__pycache__" in name.parts:
            continue
        held = [("名称", str(name)), *texts(path)]
        if not traces("\0".join(text for _, text in held)):
            continue
        for place, text in held:
            if here := traces(text):
                found.setdefault(f"{name} {place}", set()).update(here)
    return found


def _spoilt(record: Mapping[str, Any], columns: Iterable[str], number: int, turn: Iterator[int]) -> dict[str, Any]:
    """Return a record with poison in each of its texts: all forms of personal data once, then each form in turn.

    Every third record stays as it is, so that checks and statistics have something to tell.
    """
    made = dict(record)
    for column in columns if number % 3 else ():
        was = str(record.get(column) or "")
        form = EACH[next(turn) % len(EACH)]
        made[column] = f"{was}；{ALL}" if number == 1 else f"{form}{was}" if form in FORMULAS else f"{was}，{form}"
    return made


def live_formulas(path: Path) -> list[str]:
    """Return the cells of a workbook that Excel would compute or open, of a text table those that it might."""
    if path.suffix.lower() == ".csv":
        cells = re.findall(r'(?m)(?:^|,)"?([=+@\t\r＝][^",\n]*|-[^\d",\n][^",\n]*)', path.read_text("utf-8-sig"))
        return [f"{path.name} {cell}" for cell in cells]
    found = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", errors="replace")
            if "worksheets/sheet" in name:
                found += [f"{path.name} {name} {one}" for one in re.findall(r"<f[ >].*?</f>", text)]
            if "externalLink" in name or "ddeLink" in text or ("example.com" in text and name.endswith(".rels")):
                found.append(f"{path.name} {name}")
    return found


def live_markup(page: str) -> list[str]:
    """Return the forms of markup that a page would carry out, or print wrongly."""
    return [form for form in MARKUP if form in page]


def make(folder: Path, units: int = 2, jobs: int = 2) -> None:
    """Make and run a sample bank of one half-year whose every text is poisoned on its way in."""
    clean, answers, seen, decided = extracts._records, walk.responses, walk.reviews, walk.dispositions
    turn = count()

    def records(dataset: str, *given: Any) -> Iterator[Mapping[str, Any]]:
        names = [one.name for one in DATASETS[dataset].columns if one.kind in ("text", "note") and not one.personal]
        for number, record in enumerate(clean(dataset, *given), 1):
            yield _spoilt(record, names, number, turn)

    def said(*given: Any) -> Any:
        return tuple(
            replace(one, note=one.note + EACH[next(turn) % len(EACH)], reason=one.reason and one.reason + ALL)
            for one in answers(*given)
        )

    def reviewed(*given: Any) -> Any:
        return tuple(replace(one, reason=f"{one.reason}{ALL}") for one in seen(*given))

    def disposed(*given: Any) -> Any:
        return tuple(replace(one, answer_note=f"{one.answer_note}{ALL}") for one in decided(*given))

    with (
        patch.object(extracts, "_records", records),
        patch.object(extracts, "_GBK", set()),
        patch.object(walk, "responses", said),
        patch.object(walk, "reviews", reviewed),
        patch.object(walk, "dispositions", disposed),
        patch.object(walk, "BANK_NAME", BANK),
    ):
        run_demo(folder, units, 1, seed=20260705, jobs=jobs, batch=True, say=lambda text: None)
