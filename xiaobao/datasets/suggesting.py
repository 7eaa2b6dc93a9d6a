"""Propose a mapping file for somebody's export, from its headers and its values; a person confirms it, line by line.

Each proposal says what it rests on. What is not sure is written as a comment, so that nobody confirms it unread.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.columns import known_headers
from xiaobao.datasets.reading import HEADER_ROWS, Limits, Table, header_key, read_table
from xiaobao.datasets.shape import Column, Dataset
from xiaobao.datasets.text_files import read_text
from xiaobao.datasets.values import Manner, Unreadable, narrow, parse_cell
from xiaobao.datasets.workbooks import read_workbook
from xiaobao.errors import InputError

_SAMPLE = 2000
_LIKE, _SURE_VALUES = 0.6, 0.6
_SHOWN_VALUES = 60
_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class ValueList:
    """The values of a column whose list lives elsewhere: `find` returns the listed value a text means, "" for none."""

    find: Callable[[str], str]
    names: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One header of the file for one column of ours; `why` says what it rests on, `sure` that the name is the same."""

    column: Column
    header: str
    why: str
    sure: bool


def read_for_suggestion(path: Path, dataset: Dataset, limits: Limits) -> Table:
    """Read a file whose headers need not be ours. Raises InputError for what cannot be read at all."""
    try:
        return read_table(path, known_headers(dataset, None), limits)
    except InputError as error:
        if not any("找不到表头" in fault.message for fault in error.faults):
            raise
    return read_table(path, _first_full_row(path, limits), limits)


def _first_full_row(path: Path, limits: Limits) -> list[str]:
    """Return the row that looks most like a header: the fullest of the first rows, words rather than figures."""
    if path.read_bytes()[:4] == b"PK\x03\x04":
        sheets = read_workbook(path, limits.rows).sheets
        rows = [cells for sheet in sheets if sheet.state == "visible" for _, cells in sheet.rows[:HEADER_ROWS]]
    else:
        rows = [cells for _, cells in read_text(path.read_bytes(), path.name, limits.rows, len).rows[:HEADER_ROWS]]
    return max(rows, key=lambda cells: len({c.strip() for c in cells if re.search(r"[^\W\d_]", c)}), default=[])


def propose(table: Table, dataset: Dataset, lists: Mapping[str, ValueList]) -> list[Proposal]:
    """Return at most one proposal for each column and each header, the surest first."""
    samples = {
        place: [cells[place] for _, cells in table.rows[:_SAMPLE] if cells[place].strip()]
        for place, header in enumerate(table.headers)
        if header.strip()
    }
    found: list[tuple[float, int, Column, str]] = []
    for place, cells in samples.items():
        for column in dataset.columns:
            score, why = _fit(table.headers[place], cells, column, lists.get(column.name))
            if score >= _LIKE:
                found.append((score, place, column, why))
    found.sort(key=lambda entry: (-entry[0], entry[1], dataset.columns.index(entry[2])))
    used: set[int] = set()
    taken: dict[str, Proposal] = {}
    for score, place, column, why in found:
        if place not in used and column.name not in taken:
            used.add(place)
            taken[column.name] = Proposal(column=column, header=table.headers[place].strip(), why=why, sure=score >= 1)
    return [taken[column.name] for column in dataset.columns if column.name in taken]


def _fit(header: str, cells: Sequence[str], column: Column, values: ValueList | None) -> tuple[float, str]:
    key = header_key(header)
    names = [header_key(name) for name in (column.title, *column.aliases)]
    if key in names:
        return 1.0 + (key == names[0]), "列名一致"
    like = max([SequenceMatcher(None, key, name).ratio() for name in names] + [_words_alike(header, column.name)])
    fits = _readable(cells, column)
    if cells and values is not None:
        known = sum(bool(values.find(cell)) for cell in cells) / len(cells)
        if known >= _SURE_VALUES:
            return 0.6 + 0.39 * (known + like) / 2, f"按取值判断，{known:.0%} 的值在名录中"
    if cells and column.kind in {"choice", "flag"} and fits >= _SURE_VALUES and like >= 0.3:
        return 0.6 + 0.39 * (fits + like) / 2, f"列名和取值相近，{fits:.0%} 的值可读"
    score = like * (0.5 + 0.5 * fits) if cells else like
    return min(score, 0.99), f"列名相近（{like:.0%}），{fits:.0%} 的值可读"


def _words_alike(header: str, name: str) -> float:
    """Compare English headers by their words: date_received and received_on share the word that matters."""
    theirs = set(re.findall(r"[a-z]{3,}", header.lower())) - {"date", "the"}
    ours = set(re.findall(r"[a-z]{3,}", name)) - {"date"}
    return 0.8 * len(theirs & ours) / len(theirs | ours) if theirs and ours else 0.0


def _readable(cells: Sequence[str], column: Column) -> float:
    """Return the part of the cells that can be read as this column's kind."""
    if not cells:
        return 0.0
    counts = Counter(cells)
    good = sum(number for cell, number in counts.items() if _reads(cell, column))
    return good / len(cells)


def _reads(cell: str, column: Column) -> bool:
    try:
        parse_cell(cell, column, Manner(epoch=_EPOCH, date_format="", defines_units=False))
    except (Unreadable, ValueError):
        return False
    return True


def mapping_text(table: Table, dataset: Dataset, lists: Mapping[str, ValueList]) -> str:
    """Return the text of a mapping file that says on each line what it rests on; it is not in force until confirmed."""
    proposals = propose(table, dataset, lists)
    lines = [
        f"# 由 {table.file} 的表头和取值建议，共 {len(table.rows)} 行。",
        "# 请逐行核对；行首带 # 的不生效，确认后去掉这个 #。",
        "# 核对完毕，把 confirmed 改为 是，才能用于导入。",
        'confirmed: "否"',
        f"dataset: {dataset.name}",
        "columns:",
    ]
    lines += [f"  {_q(p.column.title)}: {_q(p.header)}  # {p.why}" for p in proposals]
    if not proposals:
        lines[-1] = "columns: {}"
    lines += list(_value_lines(table, proposals, lists))
    used = {p.header for p in proposals}
    rest = [header.strip() for header in table.headers if header.strip() and header.strip() not in used]
    if rest:
        lines += ["ignore:  # 没有对应的列，不读取；应读取的移到 columns"]
        lines += [f"  - {_q(header)}" for header in rest]
    lines += list(_missing_lines(dataset, proposals))
    return "\n".join(lines) + "\n"


def _missing_lines(dataset: Dataset, proposals: Sequence[Proposal]) -> Iterator[str]:
    have = {p.column.name for p in proposals}
    lost = [column for column in dataset.columns if column.required and column.name not in have]
    for column in lost:
        if (column.name,) == dataset.key:
            yield "# 文件没有编号列，按行号编号："
            yield 'number_rows: "R{row}"'
        else:
            yield f"# 缺少必填列“{column.title}”：在 columns 写明列名，或在 constants 给全部行同一个值"
            yield f"# constants: {{{_q(column.title)}: ...}}"


def _value_lines(table: Table, proposals: Sequence[Proposal], lists: Mapping[str, ValueList]) -> Iterator[str]:
    """Propose ours for theirs, column by column; values that are read as they stand need no line."""
    blocks: list[str] = []
    for proposal in proposals:
        column = proposal.column
        names = lists[column.name].names if column.name in lists else column.allowed
        place = [header.strip() for header in table.headers].index(proposal.header)
        counts = Counter(narrow(cells[place]) for _, cells in table.rows if cells[place].strip())
        rows = [
            line
            for value, number in counts.most_common()
            if not _known(value, column, lists.get(column.name))
            for line in [_value_line(value, number, names)]
        ]
        if rows:
            blocks += [f"  # {_q(column.title)}:", *rows[:_SHOWN_VALUES]]
            if len(rows) > _SHOWN_VALUES:
                blocks.append(f"    # ……另有 {len(rows) - _SHOWN_VALUES} 个值没有列出")
    if blocks:
        yield "# values:  # 左为文件中的值，右为名录中的值；不列的按原值读取，统计时列为未归类"
        yield from blocks


def _known(value: str, column: Column, values: ValueList | None) -> bool:
    return bool(values.find(value)) if values is not None else _reads(value, column)


def _value_line(value: str, number: int, names: Sequence[str]) -> str:
    """Propose the nearest listed value, never in force by itself: near is not the same."""
    if not names:
        return f"    # {_q(value)}: ...  # {number} 行，不能按本列的类型读取"
    near = max(names, key=lambda name: SequenceMatcher(None, value, name).ratio())
    if SequenceMatcher(None, value, near).ratio() < 0.4:
        return f"    # {_q(value)}: ...  # {number} 行，名录中没有相近的值"
    return f"    # {_q(value)}: {_q(near)}  # {number} 行，相近的值"


def _q(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def suggest(path: Path, dataset: str, lists: Mapping[str, ValueList], limits: Limits) -> str:
    """Return a proposed mapping file for `path`. Raises InputError for a file that cannot be read."""
    spec = DATASETS[dataset]
    return mapping_text(read_for_suggestion(path, spec, limits), spec, lists)
