"""The inspection report says what the scorecard says, in official layout, and whatever text the data holds."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from tests.factories.reports import finding, lead_row, report_context, score, scorecard
from xiaobao.errors import InputError
from xiaobao.word import read_report_figures, scorecard_figures, write_inspection_report
from xiaobao.word.template import make_template

TEMPLATE = Path(__file__).parents[1] / "reports" / "templates" / "inspection.docx"
HOSTILE = (
    "余额<100万元且>50万", "R&D部门", "𠮷 😀", "{{ 7*7 }}", "{% for x in y %}", "{_{ 7 }_}", "{_% if %_}", "=1+1",
    "<w:p>", "&amp;", "${HOME} %s {0}", "'\"“”",
)  # fmt: skip


def written(context=None, tmp_path: Path | None = None) -> Path:
    path = tmp_path / "报告.docx"
    write_inspection_report(context or report_context(), TEMPLATE, path)
    return path


def text_of(path: Path) -> str:
    paper = Document(str(path))
    cells = (cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(line.text for line in paper.paragraphs), *cells])


def test_every_figure_equals_the_scorecard(tmp_path: Path) -> None:
    """What is read back from the file is what the scorecard holds, a missing score being a dash."""
    figures = read_report_figures(written(tmp_path=tmp_path))
    assert figures == scorecard_figures(scorecard())
    assert figures["按认定结果得分"] == "84.75"
    assert figures["信息披露·按认定结果得分"] == "—"


def test_sections_are_real_headings_in_order(tmp_path: Path) -> None:
    paper = Document(str(written(tmp_path=tmp_path)))
    heads = [line.text for line in paper.paragraphs if line.style.name == "Heading 1"]
    expected = ["检查依据与范围", "检查方法与数据覆盖", "总体评价", "各域得分"]
    expected += ["发现的问题", "疑点核实情况", "整改要求", "附表"]
    assert [re.sub("^.、", "", head) for head in heads] == expected
    assert [line.text for line in paper.paragraphs if line.style.name == "Heading 2"] == ["（一）违规（1项）"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_data_stays_as_it_is(text: str, tmp_path: Path) -> None:
    """Neither markup nor template code nor docxtpl's own escapes change what a finding says."""
    card = scorecard(findings=(finding(condition=f"前{text}后"),))
    context = report_context(card=card, leads=(lead_row(1, check_title=text),))
    found = text_of(written(context, tmp_path))
    assert f"前{text}后" in found
    assert f"\n{text}\n" in found


def test_control_characters_are_shown_not_obeyed(tmp_path: Path) -> None:
    card = scorecard(findings=(finding(condition="甲\x07乙\x0c丙\x0b丁\ufffe"),))
    assert "甲\\u0007乙\\u000c丙\\u000b丁\\ufffe" in text_of(written(report_context(card=card), tmp_path))


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
    found = text_of(written(report_context(card=nothing), tmp_path))
    assert "无数据" in found
    assert "不评分、不排名" in found
    assert read_report_figures(tmp_path / "报告.docx")["按认定结果得分"] == "—"


def test_a_clean_unit_gets_a_complete_paper(tmp_path: Path) -> None:
    clean = report_context(card=scorecard(findings=(), losses=()), leads=(), actions=(), papers=())
    found = text_of(written(clean, tmp_path))
    assert "本期未形成检查发现" in found
    assert "本期数据检查没有提示疑点" in found


def test_same_values_give_the_same_content(tmp_path: Path) -> None:
    first, second = tmp_path / "a.docx", tmp_path / "b.docx"
    for path in (first, second):
        write_inspection_report(report_context(), TEMPLATE, path)
    assert members(first) == members(second)


def test_shipped_template_is_what_the_package_makes(tmp_path: Path) -> None:
    """After a change: `python -m xiaobao.word.template reports/templates/inspection.docx`."""
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
        write_inspection_report(report_context(), tmp_path / "bad.docx", tmp_path / "out.docx")
    assert not (tmp_path / "out.docx").exists()


def test_a_template_that_is_no_word_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.docx").write_text("not a zip")
    with pytest.raises(InputError, match=r"x\.docx"):
        write_inspection_report(report_context(), tmp_path / "x.docx", tmp_path / "out.docx")


def test_vetoes_and_notes_are_said(tmp_path: Path) -> None:
    context = replace(report_context(), notes=("本期口径调整。",))
    assert "本期口径调整。" in text_of(written(context, tmp_path))
