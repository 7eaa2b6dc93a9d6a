"""How a notebook that a person opened gets what it shows: from the workspace, read-only."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from xiaobao.paper.card import card_of
from xiaobao.paper.opening import only_as_recorded, paper_of, refuse_numbers
from xiaobao.paper.work_paper import WorkPaper
from xiaobao.scorecard import Overview, Scorecard
from xiaobao.workbench.results.reading import frozen_paper, frozen_scorecard, overview
from xiaobao.workbench.seeing import first_seen, narrowed
from xiaobao.workbench.surroundings import around_bank, around_unit, newest_with_results
from xiaobao.workbench.workspace import Workbench, open_workbench


def open_paper(domain: str, *, unit: str, period: str, workspace: str = "", as_of: str = "") -> WorkPaper:
    """Return the work paper of one unit, period and domain. Raises InputError when it cannot be found."""
    refuse_numbers(unit=unit, period=period)
    wb = bench_at(workspace)
    wb.look("result.see", unit, domain, wb.campaign(period))
    return paper_of(frozen_paper(wb, unit, period, domain), domain, unit, period, as_of)


def open_scorecard(*, unit: str, period: str, workspace: str = "", as_of: str = "") -> Scorecard:
    """Return one unit's scorecard; without a period the newest with results, without a unit the first that has one.

    Raises InputError for an `as_of` other than the day that the recorded results were judged on.
    """
    refuse_numbers(unit=unit, period=period)
    wb = bench_at(workspace)
    period = period or newest_with_results(wb)
    campaign = wb.campaign(period)
    frozen = frozen_scorecard(wb, unit or first_seen(wb, campaign), period)
    wb.look("result.see", frozen.unit.id, campaign=campaign)
    card = card_of(frozen, frozen.unit.id, period, as_of)
    return replace(card, around=around_unit(wb, campaign, frozen.unit))


def open_overview(*, period: str, workspace: str = "", as_of: str = "") -> Overview:
    """Return all units of a period as recorded; without a period, of the newest with results.

    Raises InputError for an `as_of` other than the day that the recorded results were judged on.
    """
    refuse_numbers(period=period)
    wb = bench_at(workspace)
    period = period or newest_with_results(wb)
    campaign = wb.campaign(period)
    only_as_recorded(as_of, wb.as_of(campaign.period), "总览")
    seen = narrowed(overview(wb, period), wb.sight("result.see", campaign))
    return replace(seen, around=around_bank(wb, campaign))


def bench_at(workspace: str) -> Workbench:
    """Return the workbench of a notebook's parameter `workspace`, "" the current one, read-only."""
    return open_workbench(Path(workspace) if workspace else None, read_only=True)
