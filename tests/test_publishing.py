"""A published file shows the figures of the store, is whole or absent, and leaves its mark in the history."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from docx import Document

from tests.factories.scored import score_workspace
from tests.factories.workspaces import PERIOD
from xiaobao.errors import InputError, WorkspaceError
from xiaobao.publishing import publish_leads, publish_report, publish_summary
from xiaobao.publishing.issuing import FileToIssue, issue_files
from xiaobao.scoring import coverage_words
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.results.reading import overview, scorecard
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.leads import read_leads
from xiaobao.workbook.summary import read_summary_figures


@pytest.fixture(scope="module")
def scored(seeded_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return score_workspace(seeded_workspace, tmp_path_factory.mktemp("scored") / "bank")


def first_unit(wb: Workbench) -> str:
    return inspected_units(wb, wb.campaign(PERIOD))[0].id


def issued(wb: Workbench) -> list[str]:
    return [event.object for event in wb.store.events() if event.verb == "issue"]


def test_a_units_report_holds_its_scorecard(scored: Workbench, tmp_path: Path) -> None:
    unit = first_unit(scored)
    path = publish_report(scored, "inspection", PERIOD, unit, tmp_path / "新" / "报告.docx").report
    card = scorecard(scored, unit, PERIOD)
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in Document(str(path)).tables]
    totals = next(dict(rows[1:]) for rows in tables if rows[0][0] == "评价指标")
    assert totals["按认定结果得分"] == f"{card.total.value:.2f}"
    domains = next({row[0]: row for row in rows[1:]} for rows in tables if rows[0][:2] == ["检查域", "权重"])
    assert {title: row[2] for title, row in domains.items()} == {
        one.title: coverage_words(one.after.coverage) if one.after.value is None else f"{one.after.value:.2f}"
        for one in card.domains
    }
    book = openpyxl.load_workbook(path.with_name("报告-数字.xlsx"))
    cells = {row[0]: row[1] for row in book["数字"].iter_rows(min_row=4, values_only=True)}
    assert Decimal(str(cells["总分·按认定结果得分"])) == card.total.value
    assert {f"file:自查报告 {PERIOD} {unit}", f"file:自查报告 {PERIOD} {unit} 数字"} <= set(issued(scored))
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["报告-数字.xlsx", "报告.docx"]
    assert scored.store.verify() == []


def test_the_summary_holds_the_overview(scored: Workbench, tmp_path: Path) -> None:
    path = publish_summary(scored, PERIOD, tmp_path / "汇总.xlsx")
    figures = read_summary_figures(path)
    for row in overview(scored, PERIOD).rows:
        assert figures["汇总", row.unit.id, "总分"] == row.total
    assert f"file:汇总 {PERIOD}" in issued(scored)


def test_what_was_released_is_never_written_over(scored: Workbench, tmp_path: Path) -> None:
    """Each release by its usual name is another edition; a place that is taken is refused."""
    unit = first_unit(scored)
    reports = [publish_report(scored, "inspection", PERIOD, unit) for _ in range(2)]
    assert [one.report.name for one in reports] == ["自查报告.docx", "自查报告（第2版）.docx"]
    assert [one.figures.name for one in reports] == ["自查报告-数字.xlsx", "自查报告（第2版）-数字.xlsx"]
    assert [publish_summary(scored, PERIOD).name for _ in range(2)] == ["汇总.xlsx", "汇总（第2版）.xlsx"]
    for name in ("报告.docx", "汇总.xlsx"):
        (tmp_path / name).write_text("已发布")
    with pytest.raises(InputError, match="不会被覆盖"):
        publish_report(scored, "inspection", PERIOD, unit, tmp_path / "报告.docx")
    with pytest.raises(InputError, match="不会被覆盖"):
        publish_summary(scored, PERIOD, tmp_path / "汇总.xlsx")
    assert {path.read_text() for path in tmp_path.iterdir()} == {"已发布"}
    with pytest.raises(InputError, match=r"应为：\.docx"):
        publish_report(scored, "inspection", PERIOD, unit, tmp_path / "报告.pdf")


def test_a_release_of_the_same_moment_is_not_replaced(scored: Workbench, tmp_path: Path) -> None:
    """Somebody else's file gets the name between the look and the writing."""
    place = tmp_path / "报告.docx"

    def write(target: Path) -> None:
        target.write_text("我的")
        place.write_text("别人的")

    with pytest.raises(InputError, match="不会被覆盖"):
        issue_files(scored, "report.issue", FileToIssue(write=write, path=place, what="同时发布"))
    assert [path.read_text() for path in tmp_path.iterdir()] == ["别人的"]
    assert "file:同时发布" not in issued(scored)


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
    with pytest.raises(InputError, match="没有写出应有的数字"):
        publish_report(scored, "inspection", PERIOD, first_unit(scored), tmp_path / "报告.docx")
    assert list(tmp_path.iterdir()) == []
    assert issued(scored) == before
    shutil.rmtree(own.parent)


@pytest.mark.parametrize("harm", ["cut short", "a tag left open"])
def test_a_damaged_template_fails_its_own_report_by_name_and_no_other(
    scored: Workbench, tmp_path: Path, harm: str
) -> None:
    own = scored.home / "templates" / "inspection.docx"
    own.parent.mkdir()
    shipped = Path(__file__).parents[1] / "reports" / "templates" / "inspection.docx"
    if harm == "cut short":
        own.write_bytes(shipped.read_bytes()[:500])
    else:
        paper = Document(str(shipped))
        paper.add_paragraph("{% if %}")
        paper.save(str(own))
    before = issued(scored)
    with pytest.raises(InputError, match=r"文件 inspection\.docx：.*(已损坏|须成对)"):
        publish_report(scored, "inspection", PERIOD, first_unit(scored), tmp_path / "报告.docx")
    assert list(tmp_path.iterdir()) == [] and issued(scored) == before
    assert publish_report(scored, "half-year", PERIOD, "", tmp_path / "工作报告.docx").report.is_file()
    shutil.rmtree(own.parent)


def test_a_place_that_cannot_be_written_is_named(scored: Workbench, tmp_path: Path) -> None:
    (tmp_path / "文件").write_text("x")
    with pytest.raises(WorkspaceError, match="文件写不进去"):
        publish_summary(scored, PERIOD, tmp_path / "文件" / "汇总.xlsx")


def test_a_released_report_that_was_changed_is_named(scored: Workbench) -> None:
    """A list that units fill may change; a report, its figures and the summary may not."""

    def altered() -> list[str]:
        return [problem for problem in verify_workspace(scored) if "已发布" in problem or "疑点" in problem]

    unit = first_unit(scored)
    made = publish_report(scored, "inspection", PERIOD, unit)
    publish_leads(scored, PERIOD, scored.home / "reports" / "疑点.xlsx", unit)
    assert altered() == []
    (scored.home / "reports" / "疑点.xlsx").write_bytes(b"filled")
    made.figures.write_bytes(made.figures.read_bytes() + b" ")
    [said] = altered()
    assert said.startswith(f"已发布的自查报告 {PERIOD} {unit} 数字：内容与登记的摘要不符")
    made.figures.unlink()
    assert altered() == []  # moved away: its reader's own matter
