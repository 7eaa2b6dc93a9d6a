"""The test of an own check: the rows that its file gives, run as a paper runs them, must fall on their sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
import pyarrow as pa

from xiaobao.checks.own.declaring import HITS, OwnFile, codes, datasets_of, read_own
from xiaobao.checks.own.running import BOUNDS, OwnCheck, as_check
from xiaobao.checks.registry import Check, CheckContext, run_one
from xiaobao.datasets.catalogue import DATASETS, Dataset
from xiaobao.datasets.cells import CellValue, Manner, Unreadable, parse_cell
from xiaobao.datasets.extracts import arrow_type, to_frame
from xiaobao.datasets.shown import titles_of
from xiaobao.errors import Fault, InputError
from xiaobao.model import CheckStatus, Period, Unit
from xiaobao.policies import Policies

_UNIT = "0101"
_DAY = date(2026, 6, 30)
_NOTHING = Manner()


def run_cases(own: OwnCheck) -> None:
    """Run the test that a file brings. Raises InputError with every row that fell on the wrong side, or why none did.

    The file's code runs in a confined child, as in a paper.
    """
    read = read_own(own.source, own.file)
    check, faults = as_check(own, BOUNDS), list[Fault]()
    first = DATASETS[datasets_of(read.declared)[0]]
    rows = {"hit": _filled(read.cases.hit, first, "HIT-"), "clear": _filled(read.cases.clear, first, "CLEAR-")}
    frames = {first.name: _frame((*rows["hit"], *rows["clear"]), first, own.file, faults)}
    for name, given in read.cases.others.items():
        other = next(DATASETS[one] for one in datasets_of(read.declared) if name in (one, DATASETS[one].title))
        frames[other.name] = _frame(_filled(given, other, "ROW-"), other, own.file, faults)
    if not faults:
        faults += _wrong_side(own, read, check, frames, rows, first)
    if faults:
        raise InputError(faults)


def _wrong_side(
    own: OwnCheck,
    read: OwnFile,
    check: Check,
    frames: Mapping[str, pd.DataFrame],
    rows: Mapping[str, Sequence[Mapping[str, str]]],
    dataset: Dataset,
) -> list[Fault]:
    as_of = read.cases.as_of or _DAY
    unit = Unit(id=_UNIT, name="测试机构", level="branch", businesses=read.declared.businesses)
    context = CheckContext(unit=unit, period=Period.parse(str(as_of.year)), as_of=as_of, policies=Policies())
    result = run_one(check, "test", frames, context)
    if result.status in (CheckStatus.ERROR, CheckStatus.NO_DATA, CheckStatus.NOT_APPLICABLE):
        return [Fault(f"测试没有跑成：{result.note}", file=own.file)]
    key = titles_of(dataset).get(check.key, check.key)
    hit = {lead.record[key] for lead in result.leads}
    return [
        Fault(
            why, file=own.file, item=f"CASES {side}", value=_key(one, dataset), allowed=f"改函数 {HITS}，或改这条记录"
        )
        for side, hits, why in (("hit", False, "应当命中，没有命中"), ("clear", True, "不应命中，命中了"))
        for one in rows[side]
        if (_key(one, dataset) in hit) is hits
    ]


def _filled(rows: Sequence[Mapping[str, str]], dataset: Dataset, prefix: str) -> list[dict[str, str]]:
    """Return the rows by column code; a key that was not written is the row's place, a unit that of the test."""
    found = []
    for number, row in enumerate(rows, 1):
        coded = {codes(dataset, [name])[0]: value for name, value in row.items()}
        made = {one: f"{prefix}{number}" for one in dataset.key if dataset.column(one).kind in ("id", "text")}
        here = {dataset.unit: _UNIT} if dataset.unit else {}
        found.append({**made, **here, **coded})
    return found


def _key(row: Mapping[str, str], dataset: Dataset) -> str:
    return " / ".join(row.get(name, "") for name in dataset.key)


def _frame(rows: Sequence[Mapping[str, str]], dataset: Dataset, file: str, faults: list[Fault]) -> pd.DataFrame:
    """Return rows written as text as a partition has them; what cannot be read is a fault of its row."""
    columns = [one for one in (*dataset.columns, *dataset.derived) if one.personal != "drop"]
    fields, arrays = [], []
    for column in columns:
        cells: list[CellValue] = []
        for row in rows:
            try:
                cells.append(parse_cell(row.get(column.name, ""), column, _NOTHING))
            except Unreadable as error:
                where = _key(row, dataset)
                faults.append(
                    Fault(error.message, file=file, item=f"CASES {where}", column=column.title, allowed=error.allowed)
                )
                cells.append(None)
        fields.append(pa.field(column.name, arrow_type(column)))
        arrays.append(pa.array(cells, type=arrow_type(column)))
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    frame = to_frame(table, {column.name: column.kind for column in columns}, few=True)
    frame.attrs = {"titles": titles_of(dataset), "absent": []}
    return frame
