"""Static pages beside a server: written anew after an act, never after an answer, and never at anybody's expense."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.factories.coverage import DOMAIN, DRAFT, ENOUGH, PERIOD, bank, mixed_bank, run, say
from tests.factories.inspections import INSPECTOR
from xiaobao.features.scorecards.writing import renew, renew_written
from xiaobao.pages.static_pages import Renewing
from xiaobao.store.models import InspectionRecord
from xiaobao.workbench.corrective_actions import propose_actions
from xiaobao.workbench.workspace import Workbench


@pytest.fixture
def wb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    bench = mixed_bank(tmp_path / "bank")
    monkeypatch.setenv("XIAOBAO_HOME", str(bench.home))
    return bench


def rested(renewing: Renewing) -> bool:
    """Look, and tell whether no round began; one that did is waited for."""
    renewing.look()
    if (process := renewing.process) is None:
        return True
    assert process.wait(60) == 0
    until = time.monotonic() + 10
    while renewing.process is not None and time.monotonic() < until:
        time.sleep(0.01)
    return False


def sheet_of(wb: Workbench, unit: str) -> InspectionRecord:
    record = wb.store.inspection(wb.campaign(PERIOD).id, unit, DOMAIN)
    assert record is not None
    return record


def answer_anew(wb: Workbench, unit: str) -> None:
    record = sheet_of(wb, unit)
    said = wb.store.responses(record.id)["c-little"]
    with wb.store.writing(INSPECTOR) as tx:
        tx.save_responses(record.id, [replace(said, note=f"{said.note}再核对")])


def review(wb: Workbench, unit: str) -> None:
    with wb.store.writing(INSPECTOR) as tx:
        tx.set_state(sheet_of(wb, unit).id, "reviewed", sheet_of(wb, unit).revision)


def test_an_answer_of_a_draft_begins_no_round_and_an_act_begins_one_that_gives_way(wb: Workbench) -> None:
    renewing = Renewing(wb)
    assert not rested(renewing), "after its start a server brings everything up to date once"
    assert rested(renewing)
    for _ in range(3):
        answer_anew(wb, DRAFT)
        assert rested(renewing)
    review(wb, ENOUGH)
    renewing.look()
    assert renewing.process is not None
    assert os.getpriority(os.PRIO_PROCESS, renewing.process.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    assert renewing.process.wait(60) == 0
    [light] = wb.home.glob(f"reports/*/*/{ENOUGH}/scorecard.html")
    assert "已复核 1 张" in light.read_text("utf-8")


def test_however_many_answers_came_nothing_is_written_and_one_measure_is(wb: Workbench) -> None:
    """Measures are saved as answers are; they stand on the pages with their day."""
    review(wb, ENOUGH)
    run(wb, ENOUGH)
    renew(wb)
    answer_anew(wb, DRAFT)
    done = renew_written(wb)
    assert (done.written, done.kept) == (0, 0), "not even read"
    assert propose_actions(wb, PERIOD, day=wb.as_of(PERIOD))
    assert renew_written(wb).written > 0


def test_where_nobody_has_a_score_no_round_begins_until_somebody_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A round takes seconds of a processor before it finds out that no page follows from anything."""
    wb = bank(tmp_path / "bank")
    monkeypatch.setenv("XIAOBAO_HOME", str(wb.home))
    renewing = Renewing(wb)
    assert rested(renewing)
    say(wb, DRAFT, {"c-most": "1"})
    assert rested(renewing)
    run(wb, ENOUGH)
    assert not rested(renewing)
    assert list(wb.home.glob("reports/*/*/overview.html"))
