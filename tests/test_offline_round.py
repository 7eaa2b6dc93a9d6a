"""The whole round of an outlet without access: answers, evidence, remarks, leads, hand-in, and what two people said."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from tests.factories.answering import PDF, fill
from tests.factories.inspections import (
    CHECK,
    DOMAIN,
    FILLER,
    INSPECTOR,
    PERIOD,
    UNIT,
    as_person,
    inspection,
    raise_two_leads,
    tiny_workspace,
    workbench,
)
from xiaobao.cli.app import app
from xiaobao.errors import InputError
from xiaobao.model import Actor, Conclusion, Disposition, Response
from xiaobao.publishing import publish_conflicts, publish_fill_sheets
from xiaobao.workbench.inspections import filling, signing
from xiaobao.workbench.inspections.evidence import files_in
from xiaobao.workbench.inspections.offline_round import OfflineRound, decide_book, decide_conflicts, import_book
from xiaobao.workbench.leads import answer_lead
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.conflicts import read_conflicts
from xiaobao.workbook.fill_sheets import evidence_folder, read_offline_book

SHEET = "投诉处理"
COLLEAGUE = Actor(name="同事", verified=True)


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"), FILLER)
    yield bench
    bench.store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "填报.xlsx"


def now(wb: Workbench) -> filling.Form:
    return filling.open_form(wb, UNIT, PERIOD, DOMAIN)


def typed(path: Path, cells: Mapping[tuple[str, str], Any], sheet: str = SHEET) -> None:
    """Type into cells named by (first cell of the row, column)."""
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    head = next(row for row in page.iter_rows() if row[0].value in ("编号", "疑点编号", "检查域", "哪一项"))
    places = {cell.value: cell.column for cell in head}
    rows = {str(page.cell(row, 1).value): row for row in range(head[0].row + 1, page.max_row + 1)}
    for (first, title), value in cells.items():
        page.cell(rows[first], places[title]).value = value
    book.save(path)


def back(wb: Workbench, path: Path, amended: str = "") -> OfflineRound:
    return import_book(wb, read_offline_book(path), amended, files_in(evidence_folder(path)))


def said(item: str, note: str, conclusion: Conclusion = Conclusion.COMPLIANT) -> Response:
    return Response(item_id=item, conclusion=conclusion, note=note)


def test_one_file_holds_answers_evidence_leads_and_the_hand_in(wb: Workbench, path: Path) -> None:
    lead, other = raise_two_leads(wb)
    publish_fill_sheets(wb, UNIT, PERIOD, path)
    asked = [entry.item.id for entry in now(wb).items.values() if entry.asked]
    typed(path, {(item, "检查结论"): "符合" for item in asked})
    typed(path, {("c-ramp", "实测值"): "1.5米", ("c-proof", "佐证文件"): "公示牌.pdf"})
    typed(path, {(lead.id, "单位核实"): "不属实", (lead.id, "核实说明"): "凭证在档"}, "疑点")
    typed(path, {(SHEET, "提交"): "是"}, "提交")
    evidence_folder(path).mkdir()
    (evidence_folder(path) / "公示牌.pdf").write_bytes(PDF)
    (evidence_folder(path) / "别的.pdf").write_bytes(PDF + b"2")
    done = back(wb, path)
    assert (done.answers.saved, done.answers.files, done.conflicts) == (len(asked), 1, ())
    assert now(wb).state == "submitted", done.text()
    assert [file.file_name for file in now(wb).items["c-proof"].evidence] == ["公示牌.pdf"]
    assert now(wb).items["c-proof"].response.evidence
    campaign, _ = inspection(wb)
    decisions = wb.store.decisions(campaign.id)
    assert decisions[lead.id].answer is Disposition.REFUTED and other.id not in decisions
    assert "已提交" in done.text() and "别的.pdf" in done.text()
    assert wb.store.verify() == []


def test_a_sheet_that_is_not_complete_is_left_and_says_why_and_the_answers_stay(wb: Workbench, path: Path) -> None:
    publish_fill_sheets(wb, UNIT, PERIOD, path)
    typed(path, {("c-01", "检查结论"): "符合"})
    typed(path, {(SHEET, "提交"): "是"}, "提交")
    done = back(wb, path)
    assert "还没有检查结论" in done.handed_in[0].left
    assert (now(wb).state, now(wb).items["c-01"].response.conclusion) == ("draft", Conclusion.COMPLIANT)


def test_a_returned_sheet_carries_the_remarks_and_brings_back_how_they_were_met(wb: Workbench, path: Path) -> None:
    fill(wb, PERIOD)
    signing.submit(wb, now(wb))
    inspector = as_person(wb, INSPECTOR)
    signing.give_back(inspector, now(inspector), "请补", {"c-01": "登记簿缺三月"})
    publish_fill_sheets(wb, UNIT, PERIOD, path)
    page = openpyxl.load_workbook(path)[SHEET]
    assert any("登记簿缺三月" in str(cell.value) for row in page.iter_rows() for cell in row)
    typed(path, {("c-01", "检查结论"): "不适用", ("c-01", "理由"): "三月没有投诉"})
    with pytest.raises(InputError, match="须写明改动原因") as caught:
        back(wb, path)
    assert (caught.value.faults[0].row, caught.value.faults[0].column) == (5, "改动原因")
    typed(path, {("c-01", "改动原因"): "复核指出", ("c-01", "意见处理"): "已补登记"})
    typed(path, {(SHEET, "检查域"): DOMAIN}, "提交")  # as files of earlier versions have it
    typed(path, {(DOMAIN, "提交"): "是"}, "提交")
    done = back(wb, path)
    assert (done.answers.saved, done.answers.cleared) == (1, 1)
    [remark] = wb.store.remarks(now(wb).record.id)  # type: ignore[union-attr]
    assert (remark.cleared_note, remark.cleared_by) == ("已补登记", "张三")
    assert now(wb).items["c-01"].response.amended == "复核指出"
    assert now(wb).state == "submitted", done.text()


def test_a_faulty_lead_refuses_the_answers_too_and_every_fault_is_named_at_once(wb: Workbench, path: Path) -> None:
    lead, _ = raise_two_leads(wb)
    publish_fill_sheets(wb, UNIT, PERIOD, path)
    typed(path, {("c-01", "检查结论"): "符合", ("c-02", "检查结论"): "还行", ("c-03", "佐证文件"): "没有.pdf"})
    typed(path, {(lead.id, "单位核实"): "属实"}, "疑点")
    before = wb.store.events()
    with pytest.raises(InputError) as caught:
        back(wb, path)
    assert {fault.message for fault in caught.value.faults} == {
        "不在可选范围内",
        "旁边的文件夹里没有这个佐证文件",
        "须填写核实说明",
    }
    assert wb.store.events() == before


def both_answered(wb: Workbench, path: Path) -> OfflineRound:
    """c-01 and c-02 were filled offline, c-01 online too; c-03 was answered online alone; a lead by both."""
    lead, _ = raise_two_leads(wb)
    publish_fill_sheets(wb, UNIT, PERIOD, path)
    typed(path, {("c-01", "检查结论"): "不适用", ("c-01", "理由"): "离线所填", ("c-02", "检查结论"): "符合"})
    typed(path, {(lead.id, "单位核实"): "属实", (lead.id, "核实说明"): "离线核实"}, "疑点")
    other = as_person(wb, COLLEAGUE)
    filling.answer(other, now(other), said("c-01", "在线所填"), 0)
    filling.answer(other, now(other), said("c-03", "在线所填"), 0)
    answer_lead(other, lead.id, Disposition.REFUTED, "在线核实", 0)
    return back(wb, path)


def test_one_stale_row_does_not_refuse_the_book_and_comes_back_cell_by_cell(wb: Workbench, path: Path) -> None:
    done = both_answered(wb, path)
    assert (done.answers.saved, now(wb).items["c-02"].response.author) == (1, "张三")
    assert {(one.column, one.mine, one.theirs, one.by) for one in done.conflicts} == {
        ("检查结论", "不适用", "符合", "同事"),
        ("理由", "离线所填", "", "同事"),
        ("情况说明", "", "在线所填", "同事"),
        ("单位核实", "属实", "不属实", "同事"),
        ("核实说明", "离线核实", "在线核实", "同事"),
    }
    assert now(wb).items["c-01"].response.note == now(wb).items["c-03"].response.note == "在线所填"


def test_a_decision_takes_of_each_cell_one_side(wb: Workbench, path: Path) -> None:
    done = both_answered(wb, path)
    mine = [(one.key, one.column) for one in done.conflicts if one.column in ("检查结论", "理由", "核实说明")]
    again = decide_conflicts(wb, done, mine)
    assert again.conflicts == ()
    response = now(wb).items["c-01"].response
    assert (response.conclusion, response.reason, response.note) == (Conclusion.NOT_APPLICABLE, "离线所填", "在线所填")
    campaign, _ = inspection(wb)
    decided = wb.store.decisions(campaign.id)[done.lead_conflicts[0].entry.lead_id]
    assert (decided.answer, decided.answer_note) == (Disposition.REFUTED, "离线核实")


def test_a_mixture_that_is_no_answer_is_refused_and_a_later_change_asks_once_more(wb: Workbench, path: Path) -> None:
    done = both_answered(wb, path)
    key = next(one.key for one in done.conflicts if one.column == "检查结论")
    with pytest.raises(InputError, match=r"理由|原因"):
        decide_conflicts(wb, done, [(key, "检查结论")])
    other = as_person(wb, COLLEAGUE)
    filling.answer(other, now(other), said("c-01", "又改了"), 1)
    again = decide_conflicts(wb, done, [(key, "检查结论"), (key, "理由")])
    assert ("情况说明", "又改了") in {(one.column, one.theirs) for one in again.conflicts}
    assert now(wb).items["c-01"].response.note == "又改了"


def test_the_marked_workbook_decides_what_is_chosen_and_leaves_the_rest(
    wb: Workbench, path: Path, tmp_path: Path
) -> None:
    done = both_answered(wb, path)
    marked = tmp_path / "冲突.xlsx"
    assert publish_conflicts(wb, done, marked) == 5
    book = openpyxl.load_workbook(marked)
    page = book["冲突"]
    for row in page.iter_rows(min_row=4):
        if row[1].value != "单位核实" and row[1].value != "核实说明":
            row[6].value = "现在的" if row[1].value == "情况说明" else "我填的"
    book.save(marked)
    read = read_conflicts(marked)
    assert read.open == 2
    decide_book(wb, read)
    assert now(wb).items["c-01"].response.reason == "离线所填"
    campaign, _ = inspection(wb)
    assert {one.answer_note for one in wb.store.decisions(campaign.id).values()} == {"在线核实"}
    page.cell(4, 3).value = "别的"
    page.cell(4, 8).value = str(page.cell(4, 8).value).replace("离线所填", "改过的")
    book.save(marked)
    with pytest.raises(InputError, match="这一行被改动"):
        read_conflicts(marked)


def test_a_row_that_nobody_touched_never_meets_another_answer(wb: Workbench, path: Path) -> None:
    filling.answer(wb, now(wb), said("c-01", "先前"), 0)
    publish_fill_sheets(wb, UNIT, PERIOD, path)
    other = as_person(wb, COLLEAGUE)
    filling.answer(other, now(other), said("c-01", "后来"), 1)
    done = back(wb, path)
    assert (done.conflicts, done.answers.saved, now(wb).items["c-01"].response.note) == ((), 0, "后来")


def test_a_lead_that_was_withdrawn_meanwhile_is_told_and_does_no_harm(wb: Workbench, path: Path) -> None:
    lead, other = raise_two_leads(wb)
    publish_fill_sheets(wb, UNIT, PERIOD, path)
    typed(path, {("c-01", "检查结论"): "符合"})
    typed(path, {(lead.id, "单位核实"): "不属实", (lead.id, "核实说明"): "凭证在档"}, "疑点")
    _, record = inspection(wb)
    with wb.store.writing(wb.actor) as tx:
        tx.raise_leads(record.id, [CHECK], [other])
    done = back(wb, path)
    assert (done.gone, done.answers.saved) == (1, 1)
    assert "已撤销" in done.text()


def about(page: Any, old: str, new: str) -> None:
    page.cell(2, 1).value = str(page.cell(2, 1).value).replace(old, new)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda page: page.cell(5, 3, "随便填填即可"), "检查项的文字被改动"),
        (lambda page: page.cell(5, 6, "50"), "检查项的文字被改动"),
        (lambda page: about(page, "机构号：0101", "机构号：0102"), "被改动"),
        (lambda page: about(page, "2026H1", "2025H2"), "被改动"),
        (lambda page: about(page, "检查表：2026.1", "检查表：2026.2"), "一行被改动"),
    ],
)
def test_another_text_unit_period_or_version_is_refused(
    wb: Workbench, path: Path, spoil: Callable[[Any], object], message: str
) -> None:
    publish_fill_sheets(wb, UNIT, PERIOD, path)
    typed(path, {("c-01", "检查结论"): "符合"})
    book = openpyxl.load_workbook(path)
    spoil(book[SHEET])
    book.save(path)
    before = wb.store.events()
    with pytest.raises(InputError, match=message):
        back(wb, path)
    assert wb.store.events() == before


def test_what_hands_and_other_programs_do_to_a_book_comes_home(wb: Workbench, path: Path) -> None:
    """Sorted rows, a sheet beside, 98% as a number, units, full-width signs, `_x000D_`, other line ends and spaces."""
    publish_fill_sheets(wb, UNIT, PERIOD, path)
    typed(
        path,
        {
            ("c-ramp", "检查结论"): "符合",
            ("c-ramp", "实测值"): "1.5米",
            ("c-count", "检查结论"): "不符合",
            ("c-count", "情形和次数"): "逾期告知＝1次；",
            ("c-count", "理由"): "一件_x000D_\n逾期",
            ("c-01", "检查结论"): "符合 ",
            ("c-01", "情况说明"): "第一行\r\n第二行",
        },
    )
    book = openpyxl.load_workbook(path)
    page = book[SHEET]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=5)]
    for number, row in enumerate(sorted(rows, key=lambda one: str(one[1])), 5):
        for place, value in enumerate(row, 1):
            text = value.replace("\n", "\r\n") + " " if place == 3 and isinstance(value, str) else value
            page.cell(number, place).value = text
    book.create_sheet("汇总", 0).append(["合计", 12])
    book.save(path)
    done = back(wb, path)
    assert (done.answers.saved, done.answers.others) == (3, ("汇总",))
    items = now(wb).items
    assert items["c-count"].response.counts == {"late": 1}
    assert re.sub(r"\s+", "", items["c-count"].response.reason) == "一件逾期"
    assert items["c-ramp"].response.measured is not None


def test_the_file_offers_lists_help_and_colours_and_says_how_it_is_filled(wb: Workbench, path: Path) -> None:
    publish_fill_sheets(wb, UNIT, PERIOD, path)
    book = openpyxl.load_workbook(path)
    page = book[SHEET]
    rules = page.data_validations.dataValidation
    assert any(rule.type == "list" and "不适用" in str(rule.formula1) for rule in rules)
    assert any(rule.prompt and "次数" in rule.prompt for rule in rules)
    assert sum(len(one.rules) for one in page.conditional_formatting) >= 2
    assert any("-佐证" in str(cell.value) for row in book["填写说明"].iter_rows() for cell in row)
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
    assert not any("<f>" in sheet for sheet in sheets), "colours by rules, no cell computes"


def test_the_command_writes_the_conflicts_beside_and_takes_the_decision(
    wb: Workbench, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIAOBAO_HOME", str(wb.home))
    publish_fill_sheets(wb, UNIT, PERIOD, path)
    typed(path, {("c-01", "检查结论"): "不适用", ("c-01", "理由"): "离线所填"})
    other = as_person(wb, COLLEAGUE)
    filling.answer(other, now(other), said("c-01", "在线所填"), 0)
    told = CliRunner().invoke(app, ["sheet", "import", str(path)])
    assert (told.exit_code, "我填的：不适用；同事填的：符合" in told.output) == (1, True), told.output
    marked = path.with_name("填报-冲突.xlsx")
    book = openpyxl.load_workbook(marked)
    for row in book["冲突"].iter_rows(min_row=4):
        row[6].value = "我填的"
    book.save(marked)
    done = CliRunner().invoke(app, ["sheet", "import", str(marked)])
    assert (done.exit_code, "保存答复 1 项" in done.output) == (0, True), done.output
    assert now(wb).items["c-01"].response.reason == "离线所填"
