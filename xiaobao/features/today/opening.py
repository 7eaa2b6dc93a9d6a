"""How a notebook opens what is due."""

from __future__ import annotations

from xiaobao.features.today.due import Today, due_today
from xiaobao.paper.opening import read_day
from xiaobao.workbench.opening import bench_at


def open_today(*, workspace: str = "", as_of: str = "") -> Today:
    """Return what is due and overdue on the workspace's day, or on the day `as_of`."""
    return due_today(bench_at(workspace), read_day(as_of) if as_of else None)
