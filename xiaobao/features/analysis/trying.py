"""Trying a check: an analyst's function on every unit's table; nothing is stored and nobody is accused."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from xiaobao.features.analysis.confined import Function
from xiaobao.features.analysis.shown import spec_of
from xiaobao.features.analysis.tables import asked_periods, unit_readers
from xiaobao.features.analysis.trials import Trial, function_of, tried_frame
from xiaobao.workbench.opening import bench_at


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
