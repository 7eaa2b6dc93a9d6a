"""A published file shows the figures of the store, is whole or absent, and leaves its mark in the history."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from docx import Document

from tests.factories.scored import score_workspace
from tests.factories.workspaces import PERIOD
from xiaobao.errors import WorkspaceError, XiaobaoError
from xiaobao.publishing import publish_inspection, publish_leads, publish_summary
from xiaobao.word import read_report_figures, scorecard_figures
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.reading import overview, scorecard
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook import read_leads, read_summary_figures


@pytest.fixture(scope="module")
def scored(seeded_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return score_workspace(seeded_workspace, tmp_path_factory.mktemp("scored") / "bank")


def first_unit(wb: Workbench) -> str:
    return inspected_units(wb, wb.campaign(PERIOD))[0].id


def issued(wb: Workbench) -> list[str]:
    return [event.object for event in wb.store.events() if event.verb == "issue"]


def test_a_units_report_holds_its_scorecard(scored: Workbench, tmp_path: Path) -> None:
    unit = first_unit(scored)
    path = publish_inspection(scored, unit, PERIOD, tmp_path / "新" / "报告.docx")
    assert read_report_figures(path) == scorecard_figures(scorecard(scored, unit, PERIOD))
    assert f"file:自查报告 {PERIOD} {unit}" in issued(scored)
    assert [entry.name for entry in path.parent.iterdir()] == ["报告.docx"]
    assert scored.store.verify() == []


def test_the_summary_holds_the_overview(scored: Workbench, tmp_path: Path) -> None:
    path = publish_summary(scored, PERIOD, tmp_path / "汇总.xlsx")
    figures = read_summary_figures(path)
    for row in overview(scored, PERIOD).rows:
        assert figures["汇总", row.unit.id, "总分"] == row.total
    assert f"file:汇总 {PERIOD}" in issued(scored)


def test_leads_go_out_and_come_back(scored: Workbench, tmp_path: Path) -> None:
    unit = first_unit(scored)
    count = publish_leads(scored, PERIOD, tmp_path / "疑点.xlsx", unit)
    entries = read_leads(tmp_path / "疑点.xlsx").entries
    assert len(entries) == count > 0
    assert {entry.lead_id for entry in entries} == {
        lead.id for lead in scored.store.leads(scored.campaign(PERIOD).id, unit)
    }


def test_a_template_that_changes_a_figure_publishes_nothing(scored: Workbench, tmp_path: Path) -> None:
    """A bank's own template goes first; one that types a number instead of showing it is caught."""
    own = scored.home / "templates" / "inspection.docx"
    own.parent.mkdir()
    paper = Document(str(Path(__file__).parents[1] / "reports" / "templates" / "inspection.docx"))
    for table in paper.tables:
        if table.rows[0].cells[0].text == "评价指标":
            table.rows[2].cells[1].paragraphs[0].runs[0].text = "100.00"
    paper.save(str(own))
    before = issued(scored)
    with pytest.raises(XiaobaoError, match="不一致"):
        publish_inspection(scored, first_unit(scored), PERIOD, tmp_path / "报告.docx")
    assert list(tmp_path.iterdir()) == []
    assert issued(scored) == before
    shutil.rmtree(own.parent)


def test_a_place_that_cannot_be_written_is_named(scored: Workbench, tmp_path: Path) -> None:
    (tmp_path / "文件").write_text("x")
    with pytest.raises(WorkspaceError, match="文件写不进去"):
        publish_summary(scored, PERIOD, tmp_path / "文件" / "汇总.xlsx")
