"""引用未核实: a sheet may cite what nobody has verified yet, if it says so; the article's number is printed nowhere."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from tests.factories.answering import fails, hand_in, record_paper
from tests.factories.checklists import REGULATIONS, changed, refused, written
from tests.factories.inspections import DOMAIN, INSPECTOR, UNIT, as_person, tiny_workspace, workbench
from tests.factories.versions import next_version, publish
from tests.test_cli import call
from xiaobao.checklist.citations import UNVERIFIED, VERIFIED, used_articles
from xiaobao.checklist.counts import domain_figures
from xiaobao.checklist.models import Citation
from xiaobao.checklist.reading import load_checklist
from xiaobao.checklist.writing import to_yaml
from xiaobao.forms.showing import form_state
from xiaobao.model import Actor, Nature
from xiaobao.pages import views
from xiaobao.publishing import publish_checklist, publish_fill_sheets, publish_report, publish_summary
from xiaobao.workbench.campaigns import create_campaign
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.inspections.filling import open_form
from xiaobao.workbench.results.reading import work_paper
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.checklists import read_checklist_book, write_checklist
from xiaobao.written.strict import stated

NUMBER = "第九百九十九条"
CITED = "          - document: 3号令\n            article: 第十八条\n"
LATER = "2026H2"
DAY = date(2026, 7, 1)


def citing(document: str, article: str) -> str:
    stated = f"          - {{document: {document}, article: {article}, unverified: true}}\n"
    return changed((CITED, stated))


@pytest.mark.parametrize(
    ("document", "article"), [("110号", "第四条"), ("3号令", NUMBER), ("还没有登记的办法", "第一条")]
)
def test_a_sheet_may_cite_what_it_says_is_unverified(document: str, article: str, tmp_path: Path) -> None:
    """In the register or not: what counts is that nobody is led to believe the number."""
    sheet = load_checklist(written(tmp_path, citing(document, article)), REGULATIONS)
    used = used_articles([sheet], REGULATIONS, sheet.effective_from)[0]
    assert (used.document, used.article, used.status, used.binding) == (document, article, UNVERIFIED, False)
    [row, _] = domain_figures([sheet], REGULATIONS, sheet.effective_from)
    assert (row.verified, row.unverified) == (0, 1)


def test_a_verified_article_is_not_called_unverified(tmp_path: Path) -> None:
    [fault] = refused(tmp_path, citing("3号令", "第十八条")).faults
    assert "登记簿已核实这一条" in fault.message and fault.row


def test_beside_a_verified_article_the_item_still_binds_by_that_one(tmp_path: Path) -> None:
    both = changed((CITED, CITED + f"          - {{document: 3号令, article: {NUMBER}, unverified: true}}\n"))
    used = used_articles([load_checklist(written(tmp_path, both), REGULATIONS)], REGULATIONS, DAY)
    assert [(u.article, u.status) for u in used[:2]] == [("第十八条", VERIFIED), (NUMBER, UNVERIFIED)]


@pytest.fixture
def wb(tmp_path: Path) -> Workbench:
    """A campaign on a version whose c-01 rests on an unverified article alone."""
    bench = workbench(tiny_workspace(tmp_path / "bank"), Actor(name="李四", verified=True))
    cited = {"practice": False, "citations": [{"document": "试行办法", "article": NUMBER, "unverified": True}]}
    publish(bench, next_version(changed={"c-01": cited}))
    import_extract(bench, "units", [bench.home / "units.csv"], LATER)
    create_campaign(bench, "下半年自查", LATER)
    hand_in(bench, LATER, c_01=fails())
    return bench


def test_no_page_paper_form_or_finding_prints_the_number(wb: Workbench) -> None:
    paper = work_paper(wb, UNIT, LATER, DOMAIN)
    shown = [draw(paper) for draw in (views.heading, views.responses, views.losses, views.scores, views.findings)]
    form = json.dumps(form_state(open_form(wb, UNIT, LATER, DOMAIN), "", Actor(name="")), ensure_ascii=False)
    said = [*map(repr, shown), *(one._repr_html_() for one in shown), form, *(f.criteria for f in paper.findings)]
    assert not [text for text in said if NUMBER in text]
    assert "《样例办法》（样例令第1号）（引用未核实）" in form
    [finding] = paper.findings
    assert finding.criteria.startswith("《样例办法》（样例令第1号）（引用未核实）")


def test_it_makes_no_violation(wb: Workbench) -> None:
    [finding] = work_paper(wb, UNIT, LATER, DOMAIN).findings
    assert finding.nature is Nature.SUGGESTION


def test_the_report_of_the_unit_prints_no_number(wb: Workbench, tmp_path: Path) -> None:
    signing.review(as_person(wb, INSPECTOR), open_form(wb, UNIT, LATER, DOMAIN))  # a report holds no drafts
    record_paper(wb, UNIT, LATER)
    paper = Document(str(publish_report(wb, "inspection", LATER, UNIT).report))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    text = "\n".join([*(line.text for line in paper.paragraphs), *cells])
    assert NUMBER not in text
    assert "引用未核实" in text


def test_the_command_lists_it_with_its_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bank = tiny_workspace(tmp_path / "bank")
    cited = {"practice": False, "citations": [{"document": "试行办法", "article": NUMBER, "unverified": True}]}
    draft = bank / "checklists" / "complaints-2026.3.yaml"
    draft.write_text(to_yaml(next_version(changed={"c-01": cited})), "utf-8")
    monkeypatch.setenv("XIAOBAO_HOME", str(bank))
    code, out, err = call(monkeypatch, capsys, "checklist", "check", str(draft))
    assert code == 0, err
    code, out, err = call(monkeypatch, capsys, "checklist", "citations", "--json")
    listed = {row["article"]: row["status"] for row in json.loads(out)}
    assert (listed[NUMBER], listed["第一条"]) == (UNVERIFIED, VERIFIED)


def test_the_declaration_is_kept_through_excel_and_yaml(tmp_path: Path) -> None:
    sheet = next_version(
        changed={
            "c-01": {
                "practice": False,
                "citations": [{"document": "试行办法", "article": "第二条", "unverified": True}],
            }
        }
    )
    write_checklist(sheet, tmp_path / "表.xlsx", bank="样例银行")
    assert read_checklist_book(tmp_path / "表.xlsx") == sheet
    assert load_checklist(written(tmp_path, to_yaml(sheet))) == sheet


def test_a_statement_of_nothing_leaves_the_hash_as_it_was() -> None:
    """Sheets published before there was such a word keep their hash."""
    assert stated(Citation(document="a", article="b")) == {"document": "a", "article": "b"}


def test_a_doubt_stands_with_the_article_at_every_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Form, offline sheet, paper and its page, finding, report in Word and its workbook, review sheet, command."""
    wb = workbench(tiny_workspace(tmp_path / "bank"), Actor(name="李四", verified=True))
    cited = {"practice": False, "citations": [{"document": "试行办法", "article": "第一条", "doubt": "口径未定"}]}
    sheet = next_version(changed={"c-01": cited})
    publish(wb, sheet)
    (wb.home / "checklists" / "complaints-2026.2.yaml").write_text(to_yaml(sheet), "utf-8")
    import_extract(wb, "units", [wb.home / "units.csv"], LATER)
    create_campaign(wb, "下半年自查", LATER)
    publish_fill_sheets(wb, UNIT, LATER, tmp_path / "填报.xlsx")
    hand_in(wb, LATER, c_01=fails())
    paper = work_paper(wb, UNIT, LATER, DOMAIN)
    form = json.dumps(form_state(open_form(wb, UNIT, LATER, DOMAIN), "", Actor(name="")), ensure_ascii=False)
    signing.review(as_person(wb, INSPECTOR), open_form(wb, UNIT, LATER, DOMAIN))
    record_paper(wb, UNIT, LATER)
    report = Document(str(publish_report(wb, "inspection", LATER, UNIT).report))
    cells = [cell.text for table in report.tables for row in table.rows for cell in row.cells]
    publish_summary(wb, LATER, tmp_path / "汇总.xlsx")
    publish_checklist(wb, f"{DOMAIN}@2026.2", tmp_path / "检查表.xlsx")
    monkeypatch.setenv("XIAOBAO_HOME", str(wb.home))
    code, told, error = call(monkeypatch, capsys, "checklist", "citations", "--json")
    assert code == 0, error
    doors = {
        "填报页": form,
        "离线填报表": texts_of(tmp_path / "填报.xlsx"),
        "底稿": repr(views.findings(paper)) + views.findings(paper)._repr_html_(),
        "检查发现": paper.findings[0].criteria,
        "报告": "\n".join([*(line.text for line in report.paragraphs), *cells]),
        "汇总表": texts_of(tmp_path / "汇总.xlsx"),
        "检查表": texts_of(tmp_path / "检查表.xlsx"),
        "命令": told,
    }
    assert [door for door, text in doors.items() if "口径未定" not in text] == []


def texts_of(path: Path) -> str:
    book = load_workbook(path)
    return "\n".join(str(cell) for page in book for row in page.values for cell in row if cell is not None)
