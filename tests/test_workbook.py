"""Excel: figures equal to the scorecard, text that stays text, and lists of leads that come back as they went."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from tests.factories.reports import AS_OF, PERIOD, finding, lead_row, overview, scorecard
from xiaobao.errors import InputError
from xiaobao.model import Disposition
from xiaobao.scorecard.around import Earlier
from xiaobao.workbook.leads import LeadSheet, read_leads, write_leads
from xiaobao.workbook.summary import BatchSummary, read_summary_figures, summary_figures, write_batch_summary

FORMULAS = ("=1+1", "+86", "-1", "@SUM(A1)", "＝1", "\t=1", '=HYPERLINK("a")', "_x0041_", "R&D<100>", "𠮷😀", "0010")


def summary(**changes: object) -> BatchSummary:
    leads = (lead_row(1, Disposition.CONFIRMED), lead_row(2))
    values = {"overview": overview(), "cards": {"0010": scorecard()}, "leads": leads, "findings": (finding(),)}
    return BatchSummary(**{**values, "as_of": AS_OF, "operator": "李四（未认证）", **changes})


def test_every_figure_equals_the_scorecard(tmp_path: Path) -> None:
    path = tmp_path / "汇总.xlsx"
    write_batch_summary(summary(), path)
    figures = read_summary_figures(path)
    assert figures == summary_figures(summary())
    assert figures["汇总", "0010", "总分"] == Decimal("84.75")
    assert figures["汇总", "0020", "总分"] is None
    assert figures["各域得分", "0010", "投诉处理·按疑点测算"] == Decimal("80.25")


def test_summary_holds_its_sheets_and_says_what_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "汇总.xlsx"
    before = Earlier(address="2025H2", measures=3, late=2)
    now = Earlier(address="2026H1/年中", measures=1, late=0)
    write_batch_summary(summary(measures={"0010": (now, before)}), path)
    book = openpyxl.load_workbook(path)
    parts = ["汇总", "未检查和覆盖不足", "各域得分", "检查发现", "未完成整改", "疑点", "分组统计", "说明"]
    assert book.sheetnames == parts
    measures = [[cell.value for cell in row] for row in book["未完成整改"].iter_rows(min_row=2)]
    assert [row[:1] + row[2:] for row in measures] == [["0010", "2026H1 年中", 1, 0], ["0010", "2025H2", 3, 2]]
    about = {row[0].value: row[1].value for row in book["说明"].iter_rows(min_row=2)}
    assert about["检查期间"] == PERIOD.code
    assert about["截至日期"].date() == AS_OF
    assert about["导出人"] == "李四（未认证）"
    assert book["汇总"].freeze_panes == "D4"
    assert book["汇总"].print_title_rows == "$3:$3"


@pytest.mark.parametrize("text", FORMULAS)
def test_text_never_turns_into_a_formula_or_a_number(text: str, tmp_path: Path) -> None:
    path = tmp_path / "汇总.xlsx"
    write_batch_summary(summary(findings=(finding(condition=text),)), path)
    cell = next(row[10] for row in openpyxl.load_workbook(path)["检查发现"].iter_rows(min_row=2))
    assert (cell.value, cell.data_type) == (text, "s")
    assert bool(cell.quotePrefix) == (text[0] in "=+-@＝\t")
    with ZipFile(path) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "worksheets" in name)


def test_the_same_batch_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_batch_summary(summary(), tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_text_that_excel_would_cut_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"检查发现.*第 2 行.*32767"):
        write_batch_summary(summary(findings=(finding(condition="长" * 32768),)), tmp_path / "汇总.xlsx")
    assert not (tmp_path / "汇总.xlsx").exists()


def exported(path: Path, rows: tuple = ()) -> Path:
    given = rows or (lead_row(1), lead_row(2, Disposition.CONFIRMED), lead_row(3))
    write_leads(given, path, bank="示例农商银行", period=PERIOD.code, as_of=date(2026, 7, 5))
    return path


def changed(path: Path, change: Callable[[openpyxl.worksheet.worksheet.Worksheet], None]) -> Path:
    """Do to an exported list what a person does in Excel: row 4 is the head, leads start in row 5."""
    book = openpyxl.load_workbook(exported(path))
    change(book["疑点"])
    book.save(path)
    return path


def test_an_untouched_list_comes_back_as_it_went(tmp_path: Path) -> None:
    sheet = read_leads(exported(tmp_path / "疑点.xlsx"))
    assert isinstance(sheet, LeadSheet)
    assert sheet.period == "2026H1"
    assert [entry.lead_id for entry in sheet.entries] == [f"L{number:015d}" for number in (1, 2, 3)]
    assert (sheet.entries[1].answer, sheet.entries[1].seen_revision) == (None, 2), "what nobody touched offers nothing"
    assert (sheet.entries[0].answer, sheet.entries[0].seen_revision, sheet.entries[0].row) == (None, 0, 5)


def test_answers_typed_in_are_read(tmp_path: Path) -> None:
    def fill(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        sheet["K5"], sheet["L5"] = "部分属实", "余额<100万元，R&D部门 =核实"
        sheet["M6"], sheet["N6"] = "不属实", "+已核对"

    first, second, _ = read_leads(changed(tmp_path / "疑点.xlsx", fill)).entries
    assert (first.answer, first.answer_note) == (Disposition.PARTLY, "余额<100万元，R&D部门 =核实")
    assert (second.decided, second.reason) == (Disposition.REFUTED, "+已核对")


def test_only_answers_can_be_typed_and_two_of_them_are_chosen(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(exported(tmp_path / "疑点.xlsx"))["疑点"]
    assert sheet.protection.sheet
    unlocked = {cell.column_letter for cell in sheet[5] if not cell.protection.locked}
    assert unlocked == set("KLMN")
    choices = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert choices == {"K5:K7": '"属实,部分属实,不属实"', "M5:M7": '"属实,部分属实,不属实"'}


def test_all_faults_of_a_list_are_named_at_once(tmp_path: Path) -> None:
    def spoil(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        sheet["A5"] = "L9"
        sheet["K6"] = "大概属实"
        sheet["O7"] = "9"

    with pytest.raises(InputError) as refused:
        read_leads(changed(tmp_path / "疑点.xlsx", spoil))
    assert {(fault.row, fault.column) for fault in refused.value.faults} == {
        (5, "疑点编号"),
        (6, "单位核实"),
        (7, "疑点编号"),
    }
    assert "属实、部分属实、不属实" in str(refused.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda sheet: sheet.delete_rows(6), "应有 3 条疑点，读到 2 条"),
        (lambda sheet: sheet.append([sheet.cell(5, column).value for column in range(1, 17)]), "疑点编号重复"),
        (lambda sheet: sheet.delete_cols(16), "缺少列"),
        (lambda sheet: sheet.delete_rows(2), "清单校验"),
    ],
    ids=["row deleted", "row copied", "column deleted", "line of the list's own deleted"],
)
def test_a_list_that_lost_its_shape_is_refused(change: Callable[..., object], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        read_leads(changed(tmp_path / "疑点.xlsx", change))


def test_a_file_that_is_no_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_text("机构,得分\n")
    with pytest.raises(InputError, match=r"x\.xlsx"):
        read_leads(tmp_path / "x.xlsx")
    with pytest.raises(InputError, match="文件不存在"):
        read_leads(tmp_path / "没有.xlsx")
