"""How a notebook opens 我的工作."""

from __future__ import annotations

from xiaobao.features.my_work import view
from xiaobao.features.my_work.my_work import my_work as found
from xiaobao.pages.views.view_model import View
from xiaobao.workbench.from_workspace import bench_at


def my_work(*, workspace: str = "") -> View:
    """列出等您处理的事项，附链接。"""
    return view.my_work(found(bench_at(workspace)))
