"""An own check as a `Check` like any other: only its function differs, which runs the file in a confined child.

What a paper freezes of an own check is its published source, so that a paper made again runs the very text that was
published, on whatever machine. The process that makes the paper never runs a line of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from xiaobao.checks.bases import Basis, Proviso
from xiaobao.checks.confined import Bounds, Outcome, run_confined
from xiaobao.checks.frame_columns import Row, answered_for, as_records, filled
from xiaobao.checks.own.declaring import (
    APPLIES,
    HITS,
    PREFIX,
    Declared,
    OwnFile,
    codes,
    column_named,
    datasets_of,
    placeholders,
    read_own,
)
from xiaobao.checks.registry import OWN, Check, CheckContext, CheckFailed, CheckFunction, Hits
from xiaobao.datasets.catalogue import DATASETS, Dataset
from xiaobao.datasets.shown import as_shown, labelled, titles_of
from xiaobao.errors import InputError
from xiaobao.model import Value
from xiaobao.personal import mask

BOUNDS = Bounds()
OWN_RULE = "本行要求"
RECORD = "记录编号"  # the key of a dataset that one column does not identify
OWN_MARK = "（本行）"


class OwnCheck(Value):
    """What is frozen of one own check: its published text, and in `fault` why it cannot be run, "" where it can."""

    name: str
    file: str
    sha256: str = ""
    source: str = ""
    fault: str = ""

    @property
    def id(self) -> str:
        return PREFIX + self.name


def as_check(own: OwnCheck, bounds: Bounds = BOUNDS) -> Check:
    """Return the check; one that cannot be read or must not run is one whose every result is 运行出错, in words."""
    try:
        read = read_own(own.source, own.file)
    except InputError as error:
        return _unusable(own, own.fault or str(error.faults[0]))
    declared, [first, *_] = read.declared, datasets_of(read.declared)
    dataset = DATASETS[first]
    return Check(
        id=own.id,
        title=declared.title + OWN_MARK,
        domain=OWN,
        needs=datasets_of(declared),
        key=dataset.key[0] if len(dataset.key) == 1 else RECORD,
        shown=_shown(declared, dataset),
        citations=declared.citations,
        population=declared.population,
        function=_function(own, read, bounds),
        day=next(iter(codes(dataset, [declared.day])), ""),
        businesses=declared.businesses,
        relies_on=codes(dataset, declared.judged_by),
        bases=_bases(declared, dataset),
        practice=f"{OWN_RULE}：{declared.requirement}" if declared.requirement else "",
        fault=own.fault,
    )


def _unusable(own: OwnCheck, why: str) -> Check:
    return Check(
        id=own.id,
        title=own.name + OWN_MARK,
        domain=OWN,
        needs=(),
        key="",
        shown=(),
        citations=(),
        population="",
        function=_never,
        fault=why,
    )


def _never(extracts: Mapping[str, pd.DataFrame], context: CheckContext) -> Hits:
    raise CheckFailed("检查不能运行")


def _shown(declared: Declared, dataset: Dataset) -> tuple[str, ...]:
    """Return the columns that travel with a lead: those that are named, else the day and what the reason tells."""
    named = declared.shown or (declared.day, *placeholders(declared.reason), *declared.judged_by)
    return tuple(name for name in codes(dataset, filter(None, named)) if name not in dataset.key[:1])


def _bases(declared: Declared, dataset: Dataset) -> tuple[Basis, ...]:
    but = tuple(Proviso(says=one.says, columns=codes(dataset, one.columns), ask=one.ask) for one in declared.exceptions)
    starts = declared.starts or declared.day or "记录存在"
    return tuple(
        Basis(
            document=document,
            article=article,
            binds=declared.subject,
            start=starts,
            in_force=declared.first_day,
            but=but,
        )
        for document, article in declared.citations or ((OWN_RULE, ""),)
    )


class Program:
    """A function of the file, to be called in the child alone: there the whole text is run for the first time."""

    def __init__(self, own: OwnCheck, name: str, others: Sequence[pd.DataFrame], as_of: date) -> None:
        self.file = own.file
        self._source, self._name, self._others, self._as_of = own.source, name, others, as_of

    def __call__(self, table: pd.DataFrame) -> Any:
        names: dict[str, Any] = {"__name__": "own_check", "__file__": self.file}
        exec(compile(self._source, self.file, "exec"), names)  # noqa: S102  in a confined child, and nowhere else
        function: Callable[..., Any] = names[self._name]
        dated = {"as_of": pd.Timestamp(self._as_of)} if "as_of" in inspect.signature(function).parameters else {}
        return function(table, *self._others, **dated)


def _function(own: OwnCheck, read: OwnFile, bounds: Bounds) -> CheckFunction:
    declared = read.declared
    names = datasets_of(declared)
    first = DATASETS[names[0]]
    judged_by, titles = codes(first, declared.judged_by), titles_of(first)

    def run(extracts: Mapping[str, pd.DataFrame], context: CheckContext) -> Hits:
        tables = [_own_rows(extracts[name], DATASETS[name], context) for name in names]
        rows, others = (
            tables[0],
            [_as_asked(one, name, declared) for one, name in zip(tables[1:], names[1:], strict=True)],
        )
        said: list[str] = []
        if read.narrowed and len(rows):
            rows = rows.iloc[list(_run(Program(own, APPLIES, (), context.as_of), rows, said))]
        unknown = pd.Series(False, index=rows.index)
        for name in judged_by:
            unknown |= ~filled(rows, name)
        judged = rows[~unknown]
        places = _run(Program(own, HITS, others, context.as_of), judged, said) if len(judged) else ()
        found = [_identified(row, first) for row in as_records(judged, places)]
        missing = "、".join(titles[name] for name in judged_by)
        notes = (f"{int(unknown.sum())} 行缺“{missing}”，未判" if unknown.any() else "", *said)
        return Hits(
            population=len(judged),
            rows=found,
            reasons=[_worded(declared.reason, row, first) for row in found],
            note="；".join(filter(None, dict.fromkeys(notes))),
            no_data=bool(unknown.any()) and not len(judged),
            unjudged=int(unknown.sum()),
            judged=rows.index,
        )

    def _run(program: Program, rows: pd.DataFrame, said: list[str]) -> tuple[int, ...]:
        outcome = run_confined(program, labelled(_as_asked(rows, names[0], declared)), bounds, untouched=True)
        return _places(outcome, said)

    return run


def _places(outcome: Outcome, said: list[str]) -> tuple[int, ...]:
    """Return the places that a run found. Raises CheckFailed with its words where it found none because it failed."""
    if outcome.failed:
        raise CheckFailed(outcome.failed)
    if outcome.printed:
        said.append("检查函数有屏幕输出，没有收入底稿")
    return outcome.places


def _own_rows(frame: pd.DataFrame, dataset: Dataset, context: CheckContext) -> pd.DataFrame:
    """Return the rows that the unit answers for: a register lies in one file for the whole bank."""
    return answered_for(frame, context) if dataset.unit and dataset.whole else frame


def _as_asked(frame: pd.DataFrame, name: str, declared: Declared) -> pd.DataFrame:
    shown = as_shown(frame, DATASETS[name])
    shown.attrs = {}
    return shown.rename(columns=titles_of(DATASETS[name])) if declared.headings == "中文" else shown


def _identified(row: Row, dataset: Dataset) -> Row:
    """Return a record with one key, whatever number of columns identifies it."""
    if len(dataset.key) == 1:
        return row
    return {**row, RECORD: " / ".join(_said(row.get(name)) for name in dataset.key)}


def _worded(reason: str, row: Row, dataset: Dataset) -> str:
    """Return the reason with the record's values for the columns it names in braces."""
    for name in placeholders(reason):
        column = column_named(dataset, name)
        value = row.get(column.name) if column is not None else None
        reason = reason.replace(f"{{{name}}}", _said(value) or "（空）")
    return mask(reason)


def _said(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value).removesuffix(" 00:00:00")
