"""Trying a check: an analyst's function on every unit's table; nothing is stored and nobody is accused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from xiaobao.checks.confined import Bounds, Function, Outcome, run_confined
from xiaobao.datasets.catalogue import Dataset
from xiaobao.errors import Fault, InputError
from xiaobao.features.analysis.asking import headed
from xiaobao.features.analysis.tables import asked_periods, spec_of, unit_tables
from xiaobao.numbers import share
from xiaobao.personal import mask
from xiaobao.workbench.opening import bench_at

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
BOUNDS = Bounds()


def try_check(
    fn: Function,
    dataset: str,
    *,
    unit: str | Sequence[str] = "",
    period: str | Sequence[str] = "",
    headings: str = "中文",
    workspace: str = "",
) -> pd.DataFrame:
    """试算一条检查：把函数用到您可以查看的每个机构的表上，列出各机构命中多少；不入库，不记疑点。

    fn: 函数，收一张表（同 xb.table，一个机构的），返回其中有疑问的行，如 lambda 表: 表[表["处理决定日期"].isna()]；
    请保留原来的索引。dataset、unit、period、headings 同 xb.table；headings 也决定函数收到的表头。
    列：检查期间、机构号、机构名称、记录数（条）、命中数（条，没有算成的为空）、占比（%，Decimal）、前几条记录、说明。
    函数在单独的进程里运行，收到的是拷贝，有时间和内存限制，不能读写文件、连接网络；出错、超限写在说明里，其他机构照常。
    连续 3 个机构超限就不再往下试。数据集、机构、期间写错时报 InputError；不能查看时报 NotAllowed。
    """
    if not callable(fn):
        raise InputError(Fault("第一个参数应是函数", value=type(fn).__name__, allowed="收一张表，返回其中的若干行"))
    wb, spec = bench_at(workspace), spec_of(dataset)
    lines: list[dict[str, Any]] = []
    for code in asked_periods(wb, period):
        names = {one.id: one.name for one in wb.units(code).values()}
        lines += [
            {"period": code, "unit": one, "unit_name": names.get(one, one), **line}
            for one, line in _each(fn, spec, unit_tables(wb, spec, code, unit), headings)
        ]
    frame = pd.DataFrame(lines, columns=list(_TRIED)).astype({"rows": "Int64", "hits": "Int64"})
    return headed(frame, _TRIED, headings)


def _each(
    fn: Function, spec: Dataset, tables: Iterator[tuple[str, pd.DataFrame]], headings: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the line of each unit; after some that a limit ended in a row the rest is not tried."""
    titles = {column.name: column.title for column in (*spec.columns, *spec.derived)}
    stopped = 0
    for unit, table in tables:
        if stopped == _GIVE_UP:
            note = f"没有试：前 {_GIVE_UP} 个机构都没有运行完"
            yield unit, {"rows": len(table), "hits": pd.NA, "share": None, "first": "", "note": note}
            continue
        shown = headed(table, titles, headings)
        shown.index = pd.RangeIndex(_LABELS, _LABELS + len(shown))
        outcome = run_confined(fn, shown, BOUNDS) if len(shown) else Outcome()
        stopped = stopped + 1 if outcome.stopped else 0
        yield unit, _line(table.rename(columns=titles), outcome)


def _line(table: pd.DataFrame, outcome: Outcome) -> dict[str, Any]:
    hits = len(outcome.places)
    notes = [
        outcome.failed,
        f"函数输出：{outcome.printed}" if outcome.printed else "",
        "" if len(table) else "没有记录",
    ]
    return {
        "rows": len(table),
        "hits": pd.NA if outcome.failed else hits,
        "share": None if outcome.failed else share(hits, len(table)),
        "first": "\n".join(_told(table.iloc[place]) for place in outcome.places[:_FIRST]),
        "note": "；".join(filter(None, notes)),
    }


def _told(record: pd.Series) -> str:
    """Say one record by its first fields that hold something."""
    filled = record[record.notna()].iloc[:_FIELDS]
    return mask("；".join(f"{title}：{_text(value)}" for title, value in filled.items()))


def _text(value: object) -> str:
    if isinstance(value, datetime) and value == datetime(value.year, value.month, value.day):
        return f"{value:%Y-%m-%d}"
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)
