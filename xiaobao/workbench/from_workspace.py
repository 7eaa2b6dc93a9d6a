"""How a notebook that a person opened gets what it shows: from the workspace, read-only."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from xiaobao.paper.card import card_of
from xiaobao.paper.from_frozen import only_as_recorded, paper_from, refuse_numbers
from xiaobao.paper.work_paper import WorkPaper
from xiaobao.scorecard import Overview, Scorecard
from xiaobao.workbench.results.reading import frozen_paper, frozen_scorecard, older_paper, overview
from xiaobao.workbench.seeing import first_seen, narrowed
from xiaobao.workbench.surroundings import around_bank, around_unit, newest_with_results
from xiaobao.workbench.workspace import Workbench, open_workbench


def open_paper(domain: str, *, unit: str, period: str, workspace: str = "", as_of: str = "") -> WorkPaper:
    """打开一个机构、期间、检查域的检查底稿；找不到时报 InputError，不能查看时报 NotAllowed。"""
    refuse_numbers(unit=unit, period=period)
    wb = bench_at(workspace)
    wb.look("result.see", unit, domain, wb.campaign(period))
    return paper_from(frozen_paper(wb, unit, period, domain), domain, unit, period, as_of)


def open_scorecard(*, unit: str, period: str, workspace: str = "", as_of: str = "") -> Scorecard:
    """打开一个机构的考评得分表；不写期间取最近有结果的一期，不写机构取第一个有得分表的，还没有结果时也能打开。

    as_of 只能是已记录结果的统计截止日，否则报 InputError。
    """
    refuse_numbers(unit=unit, period=period)
    wb = bench_at(workspace)
    period = newest_with_results(wb, period)
    campaign = wb.campaign(period)
    if unit := unit or first_seen(wb, campaign):  # asked before it is sought: one unknown is refused as one forbidden
        wb.look("result.see", unit, campaign=campaign)
    frozen = frozen_scorecard(wb, unit, period, empty=True)
    wb.look("result.see", frozen.unit.id, campaign=campaign)
    card = card_of(frozen, frozen.unit.id, period, as_of)
    around = around_unit(wb, campaign, frozen.unit)
    return replace(card, around=replace(around, older_paper=older_paper(wb, campaign, card)))


def open_overview(*, period: str, workspace: str = "", as_of: str = "") -> Overview:
    """打开总览：一期全部可以查看的机构；不写期间取最近有结果的一期。

    as_of 只能是已记录结果的统计截止日，否则报 InputError。
    """
    refuse_numbers(period=period)
    wb = bench_at(workspace)
    period = newest_with_results(wb, period)
    campaign = wb.campaign(period)
    only_as_recorded(as_of, wb.as_of(campaign.period), "总览")
    seen = narrowed(overview(wb, period), wb.sight("result.see", campaign))
    return replace(seen, around=around_bank(wb, campaign))


def bench_at(workspace: str) -> Workbench:
    """Return the workbench of a notebook's parameter `workspace`, "" the current one, read-only."""
    return open_workbench(Path(workspace) if workspace else None, read_only=True)
