"""How a notebook opens what is due."""

from __future__ import annotations

from xiaobao.features.today.due import Today, due_today
from xiaobao.paper.opening import read_day
from xiaobao.workbench.opening import bench_at


def open_today(*, workspace: str = "", as_of: str = "") -> Today:
    """列出当天（或 as_of 那天）到期和逾期的事项。"""
    return due_today(bench_at(workspace), read_day(as_of) if as_of else None)
