"""`xiaobao status`: what is done, failed and missing, read from the store at any time."""

from __future__ import annotations

from dataclasses import dataclass

from xiaobao.batch.journal import UnderWay, under_way
from xiaobao.model import RunStatus
from xiaobao.store.records import Campaign, RunRecord
from xiaobao.workbench.campaigns import wanted_domains
from xiaobao.workbench.paper_names import SCORECARD, own_paper, paper_of
from xiaobao.workbench.places import campaign_folder
from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True, kw_only=True)
class Status:
    """How far a campaign's papers are. `expected` counts scorecards too; `missing` are (unit, paper) never run."""

    campaign: str
    period: str
    expected: int
    done: int
    failed: tuple[RunRecord, ...]
    missing: tuple[tuple[str, str], ...]
    running: UnderWay | None = None


def read_status(wb: Workbench, campaign: Campaign) -> Status:
    """Compare what a campaign expects with what the store says was done; tell how a run goes, if one does."""
    runs = wb.store.runs(campaign.id)
    wanted = [
        (unit, paper)
        for unit, domains in wanted_domains(wb, campaign).items()
        if domains
        for paper in (*map(paper_of, domains), SCORECARD, *map(own_paper, campaign.papers))
    ]
    failed = tuple(runs[key] for key in wanted if key in runs and runs[key].status is not RunStatus.DONE)
    missing = tuple(key for key in wanted if key not in runs)
    done = len(wanted) - len(failed) - len(missing)
    running = under_way(campaign_folder(wb.home, campaign))
    return Status(
        campaign=campaign.name,
        period=campaign.period,
        expected=len(wanted),
        done=done,
        failed=failed,
        missing=missing,
        running=running,
    )
