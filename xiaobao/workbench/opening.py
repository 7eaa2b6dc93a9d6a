"""How a notebook opens what it shows: from frozen inputs in a batch, from the workspace, read-only, otherwise."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError
from xiaobao.model import Period
from xiaobao.paper.frozen import INPUT_VARIABLE, Frozen, FrozenPaper, read_frozen

if TYPE_CHECKING:
    from xiaobao.features.complaints import LedgerFigures
    from xiaobao.features.today.due import Today
    from xiaobao.paper.work_paper import WorkPaper
    from xiaobao.scorecard import Overview, Scorecard
    from xiaobao.workbench.workspace import Workbench


def open_paper(domain: str, *, unit: str, period: str, workspace: str = "", as_of: str = "") -> WorkPaper:
    """Return the work paper of one unit, period and domain. Raises InputError when it cannot be found."""
    from xiaobao.paper.work_paper import compute

    _refuse_numbers(unit=unit, period=period)
    frozen = _given()
    if frozen is None:
        from xiaobao.workbench.results.reading import frozen_paper

        frozen = frozen_paper(_bench(workspace), unit, period, domain)
    if not isinstance(frozen, FrozenPaper) or frozen.domain != domain:
        raise InputError(Fault("输入文件不是这个检查域的", value=domain))
    _same(frozen, unit, period)
    return compute(replace(frozen, as_of=date.fromisoformat(as_of)) if as_of else frozen)


def open_scorecard(*, unit: str, period: str, workspace: str = "", as_of: str = "") -> Scorecard:
    """Return the scorecard of one unit; without a period the newest, without a unit the first that has one."""
    from xiaobao.paper.frozen_card import FrozenScorecard
    from xiaobao.scorecard import build

    _refuse_numbers(unit=unit, period=period)
    frozen = _given()
    if frozen is None:
        from xiaobao.workbench.results.reading import frozen_scorecard

        wb = _bench(workspace)
        period = period or newest_period(wb)
        frozen = frozen_scorecard(wb, unit, period)
        unit = frozen.unit.id
    if not isinstance(frozen, FrozenScorecard):
        raise InputError(Fault("输入文件不是得分表的", value=unit))
    _same(frozen, unit, period)
    return build(frozen.card)


def open_overview(*, period: str, workspace: str = "", as_of: str = "") -> Overview:
    """Return all units of a period as recorded; without a period, of the newest."""
    from xiaobao.workbench.results.reading import overview

    _refuse_numbers(period=period)
    wb = _bench(workspace)
    return overview(wb, period or newest_period(wb))


def open_ledger(*, period: str, workspace: str = "", as_of: str = "") -> LedgerFigures | None:
    """Return the statistics of the bank's complaint ledger; None when no ledger was imported for the period."""
    from xiaobao.features.complaints.reading import bank_ledger

    _refuse_numbers(period=period)
    wb = _bench(workspace)
    day = date.fromisoformat(as_of) if as_of else None
    return bank_ledger(wb, period or newest_period(wb), day)


def open_today(*, workspace: str = "", as_of: str = "") -> Today:
    """Return what is due and overdue on the workspace's day, or on the day `as_of`."""
    from xiaobao.features.today.due import due_today

    return due_today(_bench(workspace), date.fromisoformat(as_of) if as_of else None)


def newest_period(wb: Workbench) -> str:
    """Return the period of the newest campaign. Raises InputError when there is none."""
    periods = [Period.parse(campaign.period) for campaign in wb.store.campaigns()]
    if not periods:
        raise InputError("还没有检查批次，请先运行 xiaobao campaign create")
    return max(periods).code


def _refuse_numbers(**parameters: object) -> None:
    """Papermill's -p takes 010003 for the number 10003; its -r guesses nothing."""
    faults = [
        Fault(
            f"参数 {name} 被 papermill 的 -p 读成了数字，前导零已丢失",
            value=str(value),
            allowed=f"用 -r {name} 原样的值（-r 不猜类型），如 -r {name} {'2026' if name == 'period' else '010003'}",
        )
        for name, value in parameters.items()
        if not isinstance(value, str)
    ]
    if faults:
        raise InputError(faults)


def _given() -> Frozen | None:
    path = os.environ.get(INPUT_VARIABLE)
    return read_frozen(Path(path)) if path else None


def _bench(workspace: str) -> Workbench:
    from xiaobao.workbench.workspace import open_workbench

    return open_workbench(Path(workspace) if workspace else None, read_only=True)


def _same(frozen: Frozen, unit: str, period: str) -> None:
    """Refuse inputs of another unit or period than the notebook's parameters name."""
    if (frozen.unit.id, frozen.period) != (unit, Period.parse(period.partition("/")[0]).code):
        raise InputError(Fault("输入文件与笔记本参数不一致", value=f"{unit} {period}"))
