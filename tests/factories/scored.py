"""A workspace whose papers were computed and recorded, without the cost of notebooks."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from tests.factories.workspaces import PERIOD
from xiaobao.model import RunStatus
from xiaobao.store.records import RunRecord
from xiaobao.workbench.campaigns import inspected_units, wanted_inspections
from xiaobao.workbench.results.reading import scorecard, work_paper
from xiaobao.workbench.results.recording import CardResult, PaperResult, record_runs
from xiaobao.workbench.workspace import Workbench, open_workbench


def score_workspace(seeded: Path, home: Path) -> Workbench:
    """Copy a seeded workspace to `home`, record every wanted paper and every card, and open it."""
    shutil.copytree(seeded, home)
    wb = open_workbench(home)
    campaign = wb.campaign(PERIOD)

    def run(unit: str, notebook: str) -> RunRecord:
        at = datetime(2026, 7, 5, tzinfo=UTC)
        return RunRecord(
            campaign_id=campaign.id,
            unit=unit,
            notebook=notebook,
            digest="d",
            status=RunStatus.DONE,
            error="",
            started=at,
            seconds=1.0,
            paper="",
            paper_sha256="",
        )

    for unit, domain in wanted_inspections(wb, campaign):
        paper = work_paper(wb, unit.id, PERIOD, domain)
        result = PaperResult(
            domain=domain,
            before=paper.before,
            after=paper.after,
            check_results=paper.check_results,
            findings=paper.findings,
        )
        record_runs(wb, campaign, [(run(unit.id, domain), result)])
    units = [unit.id for unit in inspected_units(wb, campaign)]
    record_runs(wb, campaign, [(run(unit, "6_scorecard"), CardResult(scorecard(wb, unit, PERIOD))) for unit in units])
    return wb
