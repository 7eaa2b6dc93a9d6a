"""机构自设检查项 stand beside the locked core: asked in the same form, scored apart, never felt in what is compared."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import convert, to_builtins

from tests.factories.answering import as_handed_in
from tests.factories.inspections import DOMAIN, OTHER, PERIOD, UNIT, tiny_workspace, workbench
from tests.factories.versions import own_items, publish
from xiaobao.checklist.models import Checklist
from xiaobao.forms.showing import form_state
from xiaobao.model import Actor, Conclusion, Response, RunStatus
from xiaobao.pages import views
from xiaobao.paper.work_paper import WorkPaper
from xiaobao.store.models import RunRecord
from xiaobao.workbench.campaigns import open_inspections
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.inspections.filling import Form
from xiaobao.workbench.results.reading import work_paper
from xiaobao.workbench.results.recording import PaperResult, parse_result, record_runs
from xiaobao.workbench.versions.moving import move_sheet
from xiaobao.workbench.workspace import Workbench


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    publish(bench, own_items(), kind="own_items")
    yield bench
    bench.store.close()


def opened(wb: Workbench, unit: str = UNIT) -> Form:
    return inspecting.open_form(wb, unit, PERIOD, DOMAIN)


def said(wb: Workbench, item_id: str, conclusion: Conclusion) -> None:
    inspecting.answer(wb, opened(wb), Response(item_id=item_id, conclusion=conclusion, reason="见底稿"), 0)


def paper(wb: Workbench, unit: str = UNIT) -> WorkPaper:
    return work_paper(wb, unit, PERIOD, DOMAIN)


def test_only_the_unit_itself_is_asked_its_own_items(wb: Workbench) -> None:
    assert [section.id for section in opened(wb).sections if section.own] == ["0101-S"]
    assert not [section for section in opened(wb, OTHER).sections if section.own]
    titles = [section["title"] for section in form_state(opened(wb), "", Actor(name=""))["sections"]]  # type: ignore[attr-defined]
    assert titles[-1] == "本机构自设：本行加查（单独计分，不影响得分和名次）"


def test_own_items_are_part_of_what_has_to_be_answered(wb: Workbench) -> None:
    assert {"0101-01", "0101-02"} <= set(inspecting.progress(opened(wb)).missing)


def test_the_core_scores_the_same_whatever_the_own_items_say(wb: Workbench) -> None:
    """The very same score, trace and findings as without own items; the own section has a score of its own."""
    for unit in (UNIT, OTHER):
        inspecting.answer(
            wb, opened(wb, unit), Response(item_id="c-01", conclusion=Conclusion.NON_COMPLIANT, reason="缺"), 0
        )
    said(wb, "0101-01", Conclusion.NON_COMPLIANT)
    said(wb, "0101-02", Conclusion.COMPLIANT)
    for unit in (UNIT, OTHER):
        as_handed_in(wb, PERIOD, unit)
    mine, other = paper(wb), paper(wb, OTHER)
    assert (mine.after.value, mine.after.possible, mine.after.earned) == (
        other.after.value,
        other.after.possible,
        other.after.earned,
    )
    assert other.own is None and mine.own is not None
    assert (mine.own.score.value, [finding.item_id for finding in mine.own.findings]) == (Decimal("50.00"), ["0101-01"])
    assert [finding.item_id for finding in mine.findings] == ["c-01"]


def test_the_paper_shows_them_apart(wb: Workbench) -> None:
    said(wb, "0101-01", Conclusion.COMPLIANT)
    shown = repr(views.scores(paper(wb)))
    assert "本机构自设检查项" in shown and "不计入上面的得分" in shown
    assert "本机构自设检查项" not in repr(views.scores(paper(wb, OTHER)))


def test_the_recorded_result_keeps_both_scores_apart(wb: Workbench) -> None:
    """What ranks and appraisals read is the core alone."""
    said(wb, "0101-01", Conclusion.COMPLIANT)
    found = parse_result(paper(wb).result(), UNIT, PERIOD)
    assert isinstance(found, PaperResult) and found.own is not None
    campaign = wb.campaign(PERIOD)
    start = wb.store.events()[0].at
    run = RunRecord(
        campaign_id=campaign.id,
        unit=UNIT,
        notebook="4_complaints",
        digest="d" * 64,
        status=RunStatus.DONE,
        error="",
        started=start,
        seconds=1.0,
        paper="x.ipynb",
        paper_sha256="a" * 64,
    )
    record_runs(wb, campaign, [(run, found)])
    kept = wb.store.results(campaign.id)[UNIT, DOMAIN]
    assert (kept.own, kept.after) == (found.own, found.after)


def test_an_inspection_keeps_the_own_items_that_it_was_opened_on(wb: Workbench) -> None:
    """A later version, or the first one, reaches an opened draft only by an explicit move."""
    open_inspections(wb, wb.campaign(PERIOD))
    publish(wb, own_items(version="2026.2", number=3), own_items(OTHER), kind="own_items")
    assert len(opened(wb).sections[-1].items) == 2
    assert opened(wb, OTHER).sheets.own is None
    said(wb, "0101-01", Conclusion.COMPLIANT)
    moved = move_sheet(wb, opened(wb), "本行增加一项")
    assert (moved.checklist.version, moved.sheets.own_version) == ("2026.1", "2026.2")
    carried = moved.items["0101-01"].carried
    assert carried is not None and (carried.version, carried.changes) == ("2026.1", ())
    assert move_sheet(wb, opened(wb, OTHER), "启用自设项").sheets.own_version == "2026.1"


def test_own_items_out_of_force_are_not_asked(tmp_path: Path) -> None:
    bench = workbench(tiny_workspace(tmp_path / "later"))
    plain = to_builtins(own_items()) | {"effective_from": "2026-07-01"}
    publish(bench, convert(plain, Checklist), kind="own_items")
    assert opened(bench).sheets.own is None
    bench.store.close()
