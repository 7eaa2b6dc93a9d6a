"""One function tried on many tables: a line of each, in their order. It needs no store."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import pandas as pd

from xiaobao.checks.confined import Bounds, Function, Outcome, run_confined
from xiaobao.datasets.catalogue import Dataset
from xiaobao.datasets.shown import titles_of
from xiaobao.errors import Fault, InputError
from xiaobao.features.analysis.extract_tables import asked_periods, unit_readers
from xiaobao.features.analysis.shown import headed, spec_of
from xiaobao.features.analysis.trial_workers import Line, tried_by_workers
from xiaobao.numbers import share
from xiaobao.personal import mask
from xiaobao.workbench.from_workspace import bench_at

_TRIED = {
    "period": "检查期间",
    "unit": "机构号",
    "unit_name": "机构名称",
    "rows": "记录数",
    "hits": "命中数",
    "share": "占比（%）",
    "first": "前几条记录",
    "note": "说明",
}
_FIRST, _FIELDS = 3, 6
# Labels of rows begin here, so that rows numbered anew from 0 are never taken for rows of the table.
_LABELS = 1_000_000
_GIVE_UP = 3
_NOT_TRIED = {
    "rows": pd.NA,
    "hits": pd.NA,
    "share": None,
    "first": "",
    "note": f"没有试：前 {_GIVE_UP} 个机构都没有运行完",
}
_MANY = 100
_BOUNDS = Bounds()


def function_of(fn: Function | str) -> Function:
    """Return the function to try; a text is a condition. Raises InputError for anything else."""
    found = partial(_where, condition=fn) if isinstance(fn, str) and fn.strip() else fn
    if not callable(found):
        raise InputError(Fault("第一个参数应是函数", value=type(fn).__name__, allowed="收一张表，返回其中的若干行"))
    return found


def _where(table: pd.DataFrame, condition: str) -> pd.DataFrame:
    """Return the rows that fit a condition in words of `DataFrame.query`; it runs where functions run."""
    return table.query(condition, engine="python")


def tried_frame(fn: Function, spec: Dataset, todo: Sequence[Trial], headings: str) -> pd.DataFrame:
    """Return the table of what a function hits on each. Raises InputError for wrong `headings`."""
    frame = headed(pd.DataFrame(columns=list(_TRIED)), _TRIED, headings)  # before anything runs
    lines = lines_of(fn, spec, todo, headings)
    frame = pd.DataFrame(lines, columns=list(_TRIED)).astype({"rows": "Int64", "hits": "Int64"})
    return headed(frame, _TRIED, headings)


class Trial(NamedTuple):
    """One unit's table that a function is tried on."""

    period: str
    unit: str
    name: str
    read: Callable[[], pd.DataFrame]


def lines_of(fn: Function, spec: Dataset, todo: Sequence[Trial], headings: str) -> list[dict[str, Any]]:
    """Return the lines in the order of the trials; after some that a limit ended in a row the rest was not tried."""
    answered: dict[int, Line] = {}
    given_up = len(todo)
    with (
        _progress(len(todo)) as step,
        closing(tried_by_workers(lambda number: _tried(fn, spec, todo[number].read(), headings), len(todo))) as lines,
    ):
        for number, line in lines:
            answered[number] = line
            step()
            given_up = min(given_up, _after_stops(answered, number))
            if all(one in answered for one in range(given_up)) and given_up < len(todo):
                break
    return [
        {"period": one.period, "unit": one.unit, "unit_name": one.name}
        | (_line(answered[number]) if number < given_up else dict(_NOT_TRIED))
        for number, one in enumerate(todo)
    ]


def _after_stops(answered: Mapping[int, Line], number: int) -> int:
    """Return the number after the first run of stopped trials that `number` belongs to; none is past every number."""
    first = last = number
    while first - 1 in answered and answered[first - 1].get("stopped"):
        first -= 1
    while last + 1 in answered and answered[last + 1].get("stopped"):
        last += 1
    enough = answered[number].get("stopped") and last - first + 1 >= _GIVE_UP
    return first + _GIVE_UP if enough else sys.maxsize


@contextmanager
def _progress(count: int) -> Iterator[Callable[[], object]]:
    """Yield what moves a bar on by one; only somebody who waits for many units sees one."""
    shown = count >= _MANY and ("ipykernel" in sys.modules or sys.stderr.isatty())
    if not shown:
        yield lambda: None
        return
    from tqdm import tqdm

    with tqdm(total=count, desc="试算", unit="个机构") as bar:
        yield bar.update


def _tried(fn: Function, spec: Dataset, table: pd.DataFrame, headings: str) -> Line:
    """Return, JSON-ready, what a function makes of one unit's table: `failed` where it was not judged."""
    titles = titles_of(spec)
    shown = headed(table, titles, headings)
    shown.index = pd.RangeIndex(_LABELS, _LABELS + len(shown))
    outcome = run_confined(fn, shown, _BOUNDS) if len(shown) else Outcome()
    first = [_record_words(table.iloc[place].rename(titles)) for place in outcome.places[:_FIRST]]
    return {
        "rows": len(table),
        "hits": len(outcome.places),
        "first": first,
        "printed": outcome.printed,
        "failed": outcome.failed,
        "stopped": outcome.stopped,
    }


def _line(line: Line) -> dict[str, Any]:
    rows, failed = line.get("rows"), line["failed"]
    notes = [failed, f"函数输出：{line['printed']}" if line.get("printed") else "", "没有记录" if rows == 0 else ""]
    return {
        "rows": pd.NA if rows is None else rows,
        "hits": pd.NA if failed else line["hits"],
        "share": None if failed else share(line["hits"], line["rows"]),
        "first": "\n".join(line.get("first", ())),
        "note": "；".join(filter(None, notes)),
    }


def _record_words(record: pd.Series) -> str:
    """Say one record by its first fields that hold something."""
    filled = record[record.notna()].iloc[:_FIELDS]
    return mask("；".join(f"{title}：{_text(value)}" for title, value in filled.items()))


def _text(value: object) -> str:
    if isinstance(value, datetime) and value == datetime(value.year, value.month, value.day):
        return f"{value:%Y-%m-%d}"
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)


def try_check(
    fn: Function | str,
    dataset: str,
    *,
    unit: str | Sequence[str] = "",
    period: str | Sequence[str] = "",
    headings: str = "中文",
    workspace: str = "",
) -> pd.DataFrame:
    """试算一条检查：把函数用到您可以查看的每个机构的表上，列出各机构命中多少；不入库，不记疑点。

    fn: 函数，收一张表（同 xb.table，一个机构的），返回其中有疑问的行，如 lambda 表: 表[表["处理决定日期"].isna()]；
    请保留原来的索引。也可以写成条件（pandas 的 query），如 "处理决定日期.isna()"。
    dataset、unit、period、headings 同 xb.table；headings 也决定函数收到的表头。
    列：检查期间、机构号、机构名称、记录数（条）、命中数（条，没有算成的为空）、占比（%，Decimal）、前几条记录、说明。
    函数在单独的进程里运行，收到的是拷贝，有时间和内存限制，不能读写文件、连接网络；出错、超限写在说明里，其他机构照常。
    几个进程同时试，机构多时显示进度；连续 3 个机构超限就不再往下试。
    数据集、机构、期间写错时报 InputError；不能查看时报 NotAllowed。
    """
    asked, wb, spec = function_of(fn), bench_at(workspace), spec_of(dataset)
    todo: list[Trial] = []
    for code in asked_periods(wb, period):
        names = {one.id: one.name for one in wb.units(code).values()}
        found = unit_readers(wb, spec, code, unit)
        todo += [Trial(period=code, unit=one, name=names.get(one, one), read=read) for one, read in found]
    return tried_frame(asked, spec, todo, headings)
