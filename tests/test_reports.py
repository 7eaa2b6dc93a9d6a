"""Every number in a report is a figure that was computed once; the file is opened again before it counts as written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from word_templates.reports import TEMPLATES, make_templates

from tests.factories.ledgers import AS_OF, PERIOD, figures
from tests.factories.registers import figures as registers
from xiaobao.errors import InputError
from xiaobao.features.complaints.report import KIND as COMPLAINTS
from xiaobao.features.complaints.report_figures import complaint_figures
from xiaobao.features.registers.event_figures import event_figures
from xiaobao.features.registers.events import ComplaintCluster
from xiaobao.features.registers.figures import RegisterFigures
from xiaobao.features.registers.report_figures import register_report_figures
from xiaobao.features.work_reports.report import HALF_YEAR
from xiaobao.model import CorrectiveAction, Unit
from xiaobao.publishing.reports import draw_charts
from xiaobao.report_figures import FigureSet, FreeText, Inspected, draft_text, inspection_figures
from xiaobao.word import Cover, Document, PrintedLine, read_back, read_free_text, write_document, write_free_text
from xiaobao.workbook.figures import write_figures

FOLDER = Path(__file__).parents[1] / "reports" / "templates"
TEXT = FreeText(("问题一",), ("计划一",))
UNITS = {
    unit: Unit(id=unit, name=f"{unit}支行", level="branch", region=region)
    for unit, region in (("01", "城区"), ("02", "郊区"))
}
SOURCES = ("营业现场", "来信", "12345政务热线", "没有这个来源")
CLASSES = ("贷款", "自营理财", "银行卡")


def cover(kind: str = "complaints") -> Cover:
    return Cover(kind=kind, bank="甲<行>&", author="甲<行>&", period=PERIOD, as_of=AS_OF, day=AS_OF, due=AS_OF)


def analysis(rows: Sequence[Mapping[str, Any]]) -> tuple[FigureSet, Document]:
    made = complaint_figures(figures(rows, units=UNITS))
    return made, COMPLAINTS.document(cover(), made, TEXT, draw_charts(made), ())


def written(document: Document, folder: Path, template: Path | None = None) -> tuple[Path, tuple[PrintedLine, ...]]:
    path = folder / "报告.docx"
    name = "complaints.docx" if document.cover.kind == "complaints" else "work-report.docx"
    return path, write_document(document, template or FOLDER / name, path)


def lines_of(path: Path) -> list[str]:
    return [line.text for line in docx.Document(str(path)).paragraphs if line.text]


def table_after(path: Path, head: str) -> dict[str, list[str]]:
    """Return first cell → other cells of the table whose head begins with `head`."""
    for table in docx.Document(str(path)).tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if rows[0][0] == head:
            return {row[0]: row[1:] for row in rows[1:]}
    return {}


def base_rows() -> list[dict[str, Any]]:
    return [
        {
            "unit": "01",
            "source": "来信",
            "channel": "营业现场",
            "business_class": "贷款",
            "reason": "定价收费",
            "decided_on": "2026-03-05",
        },
        {
            "unit": "01",
            "source": "来信",
            "channel": "营业现场",
            "business_class": "贷款",
            "reason": "定价收费",
            "decided_on": "2026-03-06",
        },
        {
            "unit": "02",
            "source": "网络",
            "channel": "营业现场",
            "business_class": "银行卡",
            "reason": "定价收费",
            "decided_on": "2026-03-07",
        },
    ]


def work_lines(rows: Sequence[Mapping[str, Any]], found: RegisterFigures, folder: Path) -> list[str]:
    made = complaint_figures(figures(rows, units=UNITS)) | register_report_figures(found)
    made = made | inspection_figures(Inspected(as_of=AS_OF))
    path, printed = written(HALF_YEAR.document(cover("half-year"), made, TEXT, {}, ()), folder)
    assert read_back(path, printed) == []
    return lines_of(path)


def test_one_changed_row_changes_the_sentences_that_rest_on_it_and_no_other(tmp_path: Path) -> None:
    """A source set right moves the sentence on sources; all others stay to the letter."""
    found = registers(tmp_path / "r", {"meetings": [{}], "mediation": [{"amount": "10000"}]})
    before = work_lines(base_rows(), found, tmp_path)
    changed = base_rows()
    changed[2]["source"] = "来信"
    after = work_lines(changed, found, tmp_path)
    assert [(old, new) for old, new in zip(before, after, strict=True) if old != new] == [
        (
            "按来源看，件数居前的是来信2件（占66.67%）、网络1件（占33.33%）。",
            "按来源看，件数居前的是来信3件（占100.00%）。",
        )
    ]
    moved = base_rows()
    moved[0]["decided_on"] = "2026-03-28"
    after = work_lines(moved, found, tmp_path)
    assert [new.split("，")[0] for old, new in zip(before, after, strict=True) if old != new] == [
        "已办结投诉中",
        "办理用时平均11.67天",
    ]


def test_a_share_that_was_bent_to_make_100_bears_a_mark_wherever_it_is_printed(tmp_path: Path) -> None:
    """Three thirds make 99.99: one row is moved, in table, sentence and workbook, and the note names it."""
    rows = [{"unit": "01", "source": "来信", "business_class": one} for one in CLASSES]
    made = complaint_figures(figures(rows, units=UNITS, shares="forced"))
    document = COMPLAINTS.document(cover(), made, TEXT, draw_charts(made), ())
    path, printed = written(document, tmp_path)
    assert read_back(path, printed, document.charts) == []
    shares = {name: cells[1] for name, cells in table_after(path, "业务类别").items() if cells[0] != "0"}
    assert shares == {"贷款": "33.34*", "银行卡": "33.33", "自营理财": "33.33", "合计": "100.00"}
    text = "\n".join(lines_of(path))
    assert "贷款1件（占33.34%*）" in text
    assert "“贷款”的占比经过调整并标 *，使合计为 100%" in text
    write_figures(made, tmp_path / "数字.xlsx", title="数字", author="甲行", as_of=AS_OF)
    sheet = openpyxl.load_workbook(tmp_path / "数字.xlsx")["数字"]
    cells = {row[0]: (row[1], row[2]) for row in sheet.iter_rows(min_row=4, values_only=True)}
    assert cells["投诉·业务类别·贷款·占比"] == (33.34, "33.34*")


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ({"channel": "手机银行"}, {"按渠道看"}),
        ({"reason": "服务态度及服务质量"}, {"按原因看"}),
        ({"business_class": "银行卡"}, {"按业务类"}),
        ({"satisfaction": "满意"}, {"没有回访", "回访中表"}),
        ({"decided_on": None}, {"已办结投", "办理用时", "在办未超", "首次投诉"}),
        ({"unit": "02"}, set()),  # the work report says nothing by place
        ({"review_requested_on": "2026-03-20"}, {"本期投诉", "投诉人申", "首次投诉"}),
    ],
)
def test_each_field_of_a_row_moves_its_own_sentences_alone(
    change: Mapping[str, Any], touched: set[str], tmp_path: Path
) -> None:
    found = registers(tmp_path / "r", {"meetings": [{}], "mediation": [{"amount": "10000"}]})
    before = work_lines(base_rows(), found, tmp_path)
    rows = base_rows()
    rows[0] |= change
    after = work_lines(rows, found, tmp_path)
    moved = {line[:4] for pair in zip(before, after, strict=True) if pair[0] != pair[1] for line in pair}
    assert moved == touched


def test_clusters_and_the_times_of_reports_stand_in_the_work_report(tmp_path: Path) -> None:
    found = registers(
        tmp_path / "r",
        {
            "major_events": [
                {"first_report_at": "2026-03-01 20:00:00"},
                {"first_report_at": "2026-03-03 09:00:00", "kind": "个人信息泄露"},
            ]
        },
    )
    crowd = ComplaintCluster(
        product="青禾稳盈",
        unit="",
        first=dt.date(2026, 3, 1),
        last=dt.date(2026, 3, 5),
        people=6,
        complaints=tuple(f"T{n}" for n in range(7)),
    )
    made = complaint_figures(None) | register_report_figures(found) | inspection_figures(Inspected(as_of=AS_OF))
    made = made | event_figures(found.major_events, (crowd,), found.settings)
    path, printed = written(HALF_YEAR.document(cover("half-year"), made, TEXT, {}, ()), tmp_path)
    assert read_back(path, printed) == []
    assert any(line.startswith("登记重大事件2起，按本行设定的时限迟报1起") for line in lines_of(path))
    assert "投诉台账显示，发生预警1起；7 日内 5 人以上就同一产品或服务投诉的列为预警。" in lines_of(path)
    events = table_after(path, "事件编号")
    assert [(row[4], row[5]) for row in events.values()] == [("2026-03-01 20:00", "—"), ("2026-03-03 09:00", "首报")]
    assert table_after(path, "产品或服务") == {"青禾稳盈": ["全行", "2026-03-01", "2026-03-05", "6", "7"]}


def test_the_workbook_shows_every_digit_of_an_amount_and_of_a_share(tmp_path: Path) -> None:
    """An amount of 1.2345 万元 must not look like 1.23, nor a share of one place like 66.70."""
    found = registers(tmp_path / "r", {"mediation": [{"amount": "12345"}]})
    made = complaint_figures(figures(base_rows(), units=UNITS, share_places=1), 1) | register_report_figures(found)
    book = tmp_path / "数字.xlsx"
    write_figures(made, book, title="数字", author="甲行", as_of=AS_OF)
    opened = openpyxl.load_workbook(book)
    shown = {row[0].value: row[1] for row in opened["数字"].iter_rows(min_row=4)}
    assert (shown["调解·争议金额"].value, shown["调解·争议金额"].number_format) == (1.2345, "General")
    share = opened["投诉来源情况"].cell(5, 3)
    assert share.number_format == "General"


def test_what_was_not_delivered_is_said_and_never_a_zero(tmp_path: Path) -> None:
    """Without ledger and registers each section says so; no count is claimed."""
    empty = RegisterFigures(period="2026H1", as_of=AS_OF)
    made = complaint_figures(None) | register_report_figures(empty) | inspection_figures(Inspected(as_of=AS_OF))
    path, printed = written(HALF_YEAR.document(cover("half-year"), made, TEXT, {}, ()), tmp_path)
    lines = lines_of(path)
    assert printed == ()
    assert "本期投诉台账没有提供，投诉情况无数据。" in lines
    assert "培训登记簿本期没有提供，培训情况无数据。" in lines
    assert "本期没有检查批次，检查和考核情况无数据。" in lines
    assert not any(re.search(r"\d+(件|场|项|次)", line) for line in lines)
    assert str(made["培训·场次"]) == "无数据"
    assert str(complaint_figures(figures([]))["投诉·首诉处理结案率"]) == "—"


def test_a_register_tells_its_counts_and_an_empty_one_its_emptiness(tmp_path: Path) -> None:
    found = registers(
        tmp_path,
        {
            "training": [{"hours": "2"}, {"hours": "1.5"}],
            "mediation": [
                {"amount": "12345", "result": "达成协议", "agreed_amount": "345"},
                {"amount": "100", "result": "未达成协议"},
            ],
        },
    )
    lines = work_lines(base_rows(), found, tmp_path)
    assert "本期组织消费者权益保护培训2场，合计3.5课时。" in lines
    assert "本期申请调解2件；争议金额1.2445万元。" in lines
    assert "调解结果：达成协议1件、未达成协议1件；调解成功率50.00%。" in lines


def replace_in(path: Path, old: str, new: str, member: str = "word/document.xml") -> None:
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[member]
    parts[member] = parts[member].replace(old.encode(), new.encode())
    with ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_a_number_altered_after_writing_is_found(tmp_path: Path) -> None:
    """In a sentence, in a table and in a chart."""
    _, document = analysis(base_rows())
    for old, new, member in (
        ("有效投诉3件", "有效投诉4件", "word/document.xml"),
        (">66.67<", ">66.66<", "word/document.xml"),
        ("<c:v>2</c:v>", "<c:v>5</c:v>", "word/charts/chart1.xml"),
    ):
        path, printed = written(document, tmp_path)
        assert read_back(path, printed, document.charts) == []
        replace_in(path, old, new, member)
        assert read_back(path, printed, document.charts) != []


def test_a_banks_own_template_may_name_any_figure_and_nothing_else(tmp_path: Path) -> None:
    _, document = analysis(base_rows())
    own = tmp_path / "own.docx"
    for words in ("共{{ figures['投诉·有效'] }}件", "{{ tables.source[0].items }}", "{{ figures['没有'] }}"):
        paper = docx.Document()
        paper.add_paragraph(words)
        paper.save(str(own))
        if "有效" in words:
            path, printed = written(document, tmp_path, own)
            assert lines_of(path) == ["共3件"]
            assert [figure.name for line in printed for figure in line.figures] == ["投诉·有效"]
        else:
            with pytest.raises(InputError, match="报告模板有误"):
                written(document, tmp_path, own)


@pytest.mark.parametrize("name", ["余额<100万&R>D", "{{ 7*7 }}", "{% if x %}", "甲\t乙", "\ufdd0〔5〕", "第3"])
def test_names_from_data_stay_as_they_are_beside_their_numbers(name: str, tmp_path: Path) -> None:
    units = {"01": Unit(id="01", name=name, level="branch")}
    made = complaint_figures(figures(base_rows()[:2], units=units))
    document = COMPLAINTS.document(cover(), made, TEXT, draw_charts(made), (name,))
    path, printed = written(document, tmp_path)
    assert read_back(path, printed, document.charts) == []
    shown = name.replace("\ufdd0", "\\ufdd0")
    assert any(line == shown for line in lines_of(path))


def test_the_paper_is_official_in_layout(tmp_path: Path) -> None:
    """Real headings in order, heads repeated, charts with a text that says the same, signed and dated at the end."""
    _, document = analysis(base_rows())
    path, _ = written(document, tmp_path)
    paper = docx.Document(str(path))
    heads = [line.text for line in paper.paragraphs if line.style.name == "Heading 1"]
    assert heads[:3] == ["一、总体情况", "二、投诉分析", "三、办理情况"]
    assert all(table._tbl.xpath("./w:tr[1]/w:trPr/w:tblHeader") for table in paper.tables)
    texts = [place.get("descr") for place in paper.element.body.iter(qn("wp:docPr"))]
    assert "投诉来源情况（件）：来信2件，网络1件" in texts
    assert lines_of(path)[-3:] == ["报送期限：2026年7月5日。", "甲<行>&", "2026年7月5日"]


def test_the_shipped_templates_are_those_that_we_make(tmp_path: Path) -> None:
    """After a change: `make templates`."""
    make_templates(tmp_path)
    for name in TEMPLATES:
        with ZipFile(tmp_path / name) as made, ZipFile(FOLDER / name) as shipped:
            assert {n: made.read(n) for n in made.namelist()} == {n: shipped.read(n) for n in shipped.namelist()}


def test_a_draft_comes_from_findings_and_measures_and_comes_back_as_edited(tmp_path: Path) -> None:
    from tests.factories.reports import action, finding

    late: CorrectiveAction = action(due=AS_OF.replace(day=1))
    drafted = draft_text([finding()], [late, action(id="A2")], [("修订制度", AS_OF)], AS_OF, True)
    assert drafted.problems == ("1. 投诉处理：“投诉未按期办结”没有完全做到，涉及1个机构、1项检查发现，属高风险事项。",)
    assert (
        drafted.plans[0] == "1. 完成“投诉未按期办结”的2项整改措施，其中1项已经逾期，最迟2026年8月31日前完成并验证销号。"
    )
    assert drafted.plans[1] == "2. 修订制度，2026年7月5日前完成。"
    path = tmp_path / "文字稿.docx"
    write_free_text(drafted, path, "甲行")
    assert read_free_text(path) == drafted
    paper = docx.Document(str(path))
    paper.paragraphs[3].text = "1. 改写过的问题。"
    paper.save(str(path))
    assert read_free_text(path).problems == ("1. 改写过的问题。",)
    paper.paragraphs[2].text = "改了标题"
    paper.save(str(path))
    with pytest.raises(InputError, match="存在的问题与不足"):
        read_free_text(path)
    assert draft_text([], [], [], AS_OF, True).problems == ("本期检查没有形成检查发现。",)
