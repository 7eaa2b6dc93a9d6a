"""Read a workbook's visible sheets as text, in a child process of its own with limits on time and memory.

The child (`xiaobao.datasets.spreadsheets`) checks the archive, then streams the cells. Only values travel, as JSON
lines.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from xiaobao.datasets.archives import ANOTHER_SAVE
from xiaobao.datasets.cells import MoneyText, NumberText, PaddedText, Trouble, WordedText
from xiaobao.errors import Fault, InputError
from xiaobao.personal.cleaning import clean_text

_MARKS: dict[str, type[str]] = {"n": NumberText, "m": MoneyText, "z": PaddedText, "w": WordedText, "!": Trouble}
_Row = tuple[int, list[str]]


@dataclass(kw_only=True)
class RawSheet:
    """One sheet as text. `rows` are (number in the file, cells); `merges` are (top, left, bottom, right)."""

    name: str
    state: str
    rows: list[_Row] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass
class ReadWorkbook:
    """`cleaned`: cells from which invisible characters were taken out on the way in."""

    epoch: date
    sheets: list[RawSheet]
    cleaned: int = 0


def read_workbook(path: Path, rows: int, *, clean: bool = True) -> ReadWorkbook:
    """Return the sheets of an .xlsx file. Raises InputError on anything not plain, too large or too slow.

    `clean`: take out of each cell what nobody sees. The import of extracts does that itself, column by column.
    """
    with tempfile.TemporaryDirectory(prefix="xiaobao-") as folder:
        out = Path(folder) / "cells.jsonl"
        command = [sys.executable, "-m", "xiaobao.datasets.spreadsheets", str(path.resolve()), str(rows), str(out)]
        seconds = 20 + 5 * (path.stat().st_size >> 20)
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                timeout=seconds,
                check=False,
                stdin=subprocess.DEVNULL,
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"},
                cwd=Path(__file__).resolve().parents[2],
            )
        except subprocess.TimeoutExpired:
            raise InputError(Fault(f"工作簿 {seconds} 秒内未能读完，已中止", file=path.name)) from None
        if done.returncode:
            raise InputError(Fault("工作簿过于复杂，读取没有完成", file=path.name, allowed=ANOTHER_SAVE))
        return _collect(out, path.name, clean)


def _collect(out: Path, name: str, clean: bool) -> ReadWorkbook:
    book = ReadWorkbook(date(1899, 12, 30), [])
    with out.open(encoding="utf-8", errors="surrogatepass") as lines:
        for line in lines:
            entry = json.loads(line)
            if isinstance(entry, list):
                number, cells = entry
                restored = [_restore(cell) for cell in cells]
                book.sheets[-1].rows.append((number, _cleaned(book, restored) if clean else restored))
            elif "fault" in entry:
                raise InputError(Fault(**{**entry["fault"], "file": name}))
            elif "epoch" in entry:
                book.epoch = date.fromisoformat(entry["epoch"])
            elif "sheet" in entry:
                book.sheets.append(RawSheet(name=entry["sheet"], state=entry["state"]))
            else:
                book.sheets[-1].hidden_rows = entry["hidden"]
                book.sheets[-1].merges = [tuple(merge) for merge in entry["merges"]]
    return book


def _restore(cell: str | list[str] | None) -> str:
    if isinstance(cell, list):
        return _MARKS[cell[1]](cell[0])
    return cell or ""


def _cleaned(book: ReadWorkbook, cells: list[str]) -> list[str]:
    for place, cell in enumerate(cells):
        if type(cell) is str:
            cells[place], removed = clean_text(cell)
            book.cleaned += removed > 0
    return cells
