"""The inspection report says what the scorecard says, in official layout, and whatever text the data holds."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm
from msgspec.structs import replace as replace_struct
from word_templates.inspection import make_template

from tests.factories.reports import finding, lead_row, report_context, score, scorecard
from xiaobao.errors import InputError
from xiaobao.report_figures import unit_figures
from xiaobao.word import PrintedLine, ReportContext, read_back, unit_inspected, write_inspection_report

TEMPLATE = Path(__file__).parents[1] / "reports" / "templates" / "inspection.docx"
HOSTILE = (
    "余额<100万元且>50万",
    "R&D部门",
    "𠮷 😀",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "{_{ 7 }_}",
    "{_% if %_}",
    "=1+1",
    "<w:p>",
    "&amp;",
    "${HOME} %s {0}",
    "'\"“”",
)


def write(context: ReportContext, path: Path, template: Path = TEMPLATE) -> tuple[PrintedLine, ...]:
    return write_inspection_report(context, unit_figures(unit_inspected(context)), template, path)


def written(context: ReportContext | None = None, *, tmp_path: Path) -> Path:
    path = tmp_path / "报告.docx"
    printed = write(context or report_context(), path)
    assert read_back(path, printed) == []
    return path


def text_of(path: Path) -> str:
    paper = Document(str(path))
    cells = (cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(line.text for line in paper.paragraphs), *cells])


def table_of(path: Path, *heads: str) -> list[list[str]]:
    """Return the rows below the head of the table that begins with `heads`."""
    for table in Document(str(path)).tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if tuple(rows[0][: len(heads)]) == heads:
            return rows[1:]
    raise AssertionError(heads)


def test_every_figure_equals_the_scorecard(tmp_path: Path) -> None:
    """A missing score says its coverage; a rank says of how many; a change has its sign."""
    path = written(tmp_path=tmp_path)
    assert table_of(path, "评价指标") == [
        ["按认定结果得分", "84.75"],
        ["检查覆盖率（%）", "96.50"],
        ["得分性质", "自评"],
        ["自评得分", "84.75"],
        ["按疑点测算得分", "80.25"],
        ["等级", "良好"],
        ["名次（同层级参评机构）", "2/3"],
        ["同层级参评机构中位数", "84.75"],
        ["上期得分", "88.00"],
        ["较上期变动", "-3.25"],
    ]
    assert table_of(path, "检查域", "权重") == [
        ["投诉处理", "20.00", "84.75", "84.75", "96.50", "80.25", "B", "2/3", "84.75", "1"],
        ["信息披露", "20.00", *["覆盖 96.5 %"] * 2, "96.50", "覆盖 96.5 %", "—", "—", "—", "0"],
    ]
    assert table_of(path, "数据检查") == [["投诉超期", "3", "1", "0", "1", "1"]]
    assert table_of(path, "检查域", "检查项", "扣分/满分") == [
        ["投诉处理", "投诉按期办结", "2.50/10.00", "0.50", "每笔扣"]
    ]
    items = [
        ["complaints.1", "投诉按期办结", "10.00", "2.50", "7.50"],
        ["complaints.2", "投诉渠道公示", "5.00", "—", "无数据"],
    ]
    listed = unit_figures(unit_inspected(report_context())).tables["items"].rows
    shown = [[str(cell) for cell in row.values()] for row in listed]
    assert [[cell.removesuffix("分") for cell in row] for row in shown] == [
        [title, *row] for title in ("投诉处理", "信息披露") for row in items
    ]


def test_a_figure_altered_after_writing_is_found(tmp_path: Path) -> None:
    path = tmp_path / "报告.docx"
    printed = write(report_context(), path)
    paper = Document(str(path))
    line = next(line for line in paper.paragraphs if line.text.startswith("经自查"))
    line.text = line.text.replace("84.75", "94.75")
    paper.save(str(path))
    assert [fault.item for fault in read_back(path, printed)] == ["总分·按认定结果得分"]


def test_figures_of_page_heads_feet_and_notes_are_read_back_too(tmp_path: Path) -> None:
    """A bank may put any figure into the head of its own template; a changed one there stops the release as well."""
    own = tmp_path / "own.docx"
    paper = Document(str(TEMPLATE))
    paper.sections[0].header.paragraphs[0].text = "得分{{ figures['总分·按认定结果得分'] }}分"
    paper.sections[0].footer.paragraphs[0].text = "覆盖{{ figures['总分·检查覆盖率'] }}%"
    paper.save(str(own))
    path = tmp_path / "报告.docx"
    printed = write(report_context(), path, own)
    page = Document(str(path)).sections[0]
    assert (page.header.paragraphs[0].text, page.footer.paragraphs[0].text) == ("得分84.75分", "覆盖96.50%")
    assert read_back(path, printed) == []
    changed = Document(str(path))
    changed.sections[0].header.paragraphs[0].text = "得分99.75分"
    changed.save(str(path))
    assert [(fault.item, fault.value) for fault in read_back(path, printed)] == [("总分·按认定结果得分", "99.75")]


def test_sections_are_real_headings_in_order(tmp_path: Path) -> None:
    paper = Document(str(written(tmp_path=tmp_path)))
    heads = [line.text for line in paper.paragraphs if line.style.name == "Heading 1"]
    expected = ["检查依据与范围", "检查方法与数据覆盖", "总体评价", "各域得分"]
    expected += ["发现的问题", "疑点核实情况", "整改要求", "附表"]
    assert [re.sub("^.、", "", head) for head in heads] == expected
    assert [line.text for line in paper.paragraphs if line.style.name == "Heading 2"] == ["（一）违规（1项）"]


def test_the_gravest_are_told_in_full_the_others_in_a_table_and_all_in_the_workbook(tmp_path: Path) -> None:
    """Forty findings and forty leads: three in full, 37 lines, 3 leads; the workbook has every text and record."""
    found = tuple(
        replace_struct(
            finding(), id=f"F{n:02}", title=f"问题 {n:02}", points_lost=Decimal(n), condition=f"事实{n:02}" * 40
        )
        for n in range(1, 41)
    )
    context = report_context(card=scorecard(findings=found), leads=tuple(lead_row(n) for n in range(1, 41)))
    path = written(context, tmp_path=tmp_path)
    heads = [line.text for line in Document(str(path)).paragraphs if re.match(r"\d+\. 问题", line.text)]
    assert {head.split(". ")[1] for head in heads} == {f"问题 {n}" for n in range(38, 41)}
    others = table_of(path, "定性", "检查域", "问题")
    assert len(others) == 37
    assert {row[2] for row in others} == {f"问题 {n:02}" for n in range(1, 38)}
    assert all(len(row[-1]) <= 40 for row in others)
    assert len(table_of(path, "疑点编号")) == 3
    tables = unit_figures(unit_inspected(context)).tables
    assert [row["condition"] for row in tables["finding_texts"].rows] == [one.condition for one in found]
    assert len(tables["lead_list"].rows) == 40


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_data_stays_as_it_is(text: str, tmp_path: Path) -> None:
    """Neither markup nor template code nor docxtpl's own escapes change what a finding says."""
    card = scorecard(findings=(finding(condition=f"前{text}后"),))
    context = report_context(card=card, leads=(lead_row(1, check_title=text),))
    found = text_of(written(context, tmp_path=tmp_path))
    assert f"前{text}后" in found
    assert f"\n{text}\n" in found


def test_control_characters_are_shown_not_obeyed(tmp_path: Path) -> None:
    card = scorecard(findings=(finding(condition="甲\x07乙\x0c丙\x0b丁\ufffe"),))
    assert "甲\\u0007乙\\u000c丙\\u000b丁\\ufffe" in text_of(written(report_context(card=card), tmp_path=tmp_path))


def test_page_follows_the_rules_for_official_papers(tmp_path: Path) -> None:
    paper = Document(str(written(tmp_path=tmp_path)))
    page = paper.sections[0]
    margins = page.top_margin, page.bottom_margin, page.left_margin, page.right_margin
    assert [round(margin / Mm(1)) for margin in margins] == [37, 35, 28, 26]
    assert round(page.page_width / Mm(1)) == 210
    fonts = {
        name: paper.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")) for name in ("Title", "Normal", "Heading 1")
    }
    assert fonts == {"Title": "方正小标宋简体", "Normal": "仿宋_GB2312", "Heading 1": "黑体"}
    assert (paper.styles["Title"].font.size.pt, paper.styles["Normal"].font.size.pt) == (22, 16)
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in paper.tables)
    assert "PAGE" in page.footer._element.xml
    assert page.footer.paragraphs[0].text == "— 1 —"


def test_missing_data_reads_as_missing(tmp_path: Path) -> None:
    """An extract that is not there, a score that is not there: never zero."""
    nothing = scorecard(total=score(None), total_before=score(None), rank=None, peer_median=None, grade_label="")
    found = text_of(written(report_context(card=nothing), tmp_path=tmp_path))
    assert "无数据" in found
    assert "不评分、不排名" in found
    assert table_of(tmp_path / "报告.docx", "评价指标")[0] == ["按认定结果得分", "覆盖 96.5 %"]


def test_a_clean_unit_gets_a_complete_paper(tmp_path: Path) -> None:
    clean = report_context(card=scorecard(findings=(), losses=()), leads=(), actions=(), papers=())
    found = text_of(written(clean, tmp_path=tmp_path))
    assert "本期未形成检查发现" in found
    assert "本期数据检查没有提示疑点" in found


def test_same_values_give_the_same_content(tmp_path: Path) -> None:
    first, second = tmp_path / "a.docx", tmp_path / "b.docx"
    for path in (first, second):
        write(report_context(), path)
    assert members(first) == members(second)


def test_shipped_template_is_what_the_package_makes(tmp_path: Path) -> None:
    """After a change: `make templates`."""
    make_template(tmp_path / "made.docx")
    assert members(tmp_path / "made.docx") == members(TEMPLATE)


def members(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("code", "said"),
    [("{{ salary }}", "salary"), ("{{ ''.__class__.__mro__ }}", "unsafe"), ("{% for %}", "报告模板有误")],
)
def test_a_faulty_template_is_refused(code: str, said: str, tmp_path: Path) -> None:
    paper = Document()
    paper.add_paragraph(code)
    paper.save(str(tmp_path / "bad.docx"))
    with pytest.raises(InputError, match=said):
        write(report_context(), tmp_path / "out.docx", tmp_path / "bad.docx")
    assert not (tmp_path / "out.docx").exists()


def test_a_template_that_is_no_word_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.docx").write_text("not a zip")
    with pytest.raises(InputError, match=r"x\.docx"):
        write(report_context(), tmp_path / "out.docx", tmp_path / "x.docx")


_PARTS = ("word/document.xml", "word/styles.xml", "[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels")


@pytest.mark.parametrize(
    ("part", "broken"),
    [*((part, broken) for part in _PARTS for broken in (b"<w:p", b"")), ("word/document.xml", b"<a/>")],
)
def test_a_sound_archive_with_a_broken_part_is_refused_in_words(part: str, broken: bytes, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.docx", "w") as archive:
        for name, content in members(TEMPLATE).items():
            archive.writestr(name, broken if name == part else content)
    with pytest.raises(InputError, match=r"x\.docx") as refused:
        write(report_context(), tmp_path / "out.docx", tmp_path / "x.docx")
    assert "object" not in str(refused.value)
    assert not (tmp_path / "out.docx").exists()


def test_vetoes_and_notes_are_said(tmp_path: Path) -> None:
    context = replace(report_context(), notes=("本期口径调整。",))
    assert "本期口径调整。" in text_of(written(context, tmp_path=tmp_path))
