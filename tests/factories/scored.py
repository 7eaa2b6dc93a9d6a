"""A workspace whose papers were computed and recorded, without the cost of notebooks."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.factories.answering import done_run
from tests.factories.workspaces import PERIOD
from xiaobao.workbench.campaigns import inspected_units, wanted_inspections
from xiaobao.workbench.results.reading import scorecard, work_paper
from xiaobao.workbench.results.recording import CardResult, PaperResult, record_runs
from xiaobao.workbench.workspace import Workbench, open_workbench


def score_workspace(seeded: Path, home: Path) -> Workbench:
    """Copy a seeded workspace to `home`, record every wanted paper and every card, and open it."""
    shutil.copytree(seeded, home)
    wb = open_workbench(home)
    campaign = wb.campaign(PERIOD)
    for unit, domain in wanted_inspections(wb, campaign):
        paper = work_paper(wb, unit.id, PERIOD, domain)
        result = PaperResult(
            domain=domain,
            before=paper.before,
            after=paper.after,
            check_results=paper.check_results,
            findings=paper.findings,
        )
        record_runs(wb, campaign, [(done_run(campaign, unit.id, domain), result)])
    units = [unit.id for unit in inspected_units(wb, campaign)]
    record_runs(
        wb,
        campaign,
        [(done_run(campaign, one, "6_scorecard"), CardResult(scorecard(wb, one, PERIOD))) for one in units],
    )
    return wb
