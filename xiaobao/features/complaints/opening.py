"""How a notebook opens the statistics of the bank's complaint ledger."""

from __future__ import annotations

from xiaobao.features.complaints.figures import LedgerFigures
from xiaobao.features.complaints.reading import bank_ledger
from xiaobao.paper.opening import read_day, refuse_numbers
from xiaobao.workbench.campaigns import newest_period
from xiaobao.workbench.opening import bench_at


def open_ledger(*, period: str, workspace: str = "", as_of: str = "") -> LedgerFigures | None:
    """看全行投诉台账的统计；本期没有导入台账时为 None。"""
    refuse_numbers(period=period)
    wb = bench_at(workspace)
    wb.look("complaint.see", domain="complaints")
    return bank_ledger(wb, period.partition("/")[0] or newest_period(wb), read_day(as_of) if as_of else None)
