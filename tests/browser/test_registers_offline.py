"""登记簿 and 离线填报 in the browser: a row entered, amended and taken back; a filled book taken in and decided on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.factories.answering import PDF
from tests.factories.inspections import DOMAIN, PERIOD, UNIT, as_person, tiny_workspace
from tests.factories.page_notebooks import copy_notebooks
from xiaobao.features.registers.entering import register_lines
from xiaobao.model import Actor, Conclusion, Response
from xiaobao.workbench.inspections import filling
from xiaobao.workbench.workspace import Workbench

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tiny_workspace(tmp_path_factory.mktemp("registers") / "bank", 3)
    copy_notebooks(home, "registers", "offline")
    return home


def opened(page: Page, served: Any, name: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(served.at(name, f"unit={UNIT}&period={PERIOD}"))
    expect(page.locator(".xf-tables")).to_be_visible(timeout=60_000)


def choose(page: Page, row: str, part: str, value: str) -> None:
    page.locator(f'[data-row="{row}"] [data-part="{part}"]').select_option(value)


def type_in(page: Page, row: str, part: str, text: str) -> None:
    page.locator(f'[data-row="{row}"] [data-part="{part}"]').fill(text)


def exported(page: Page, button: str, path: Path) -> Path:
    """Press a button that hands out a workbook; return where it was put."""
    with page.expect_download() as caught:
        page.locator("button", has_text=button).click()
    caught.value.save_as(path)
    return path


def fill_book(path: Path, rows: dict[str, dict[str, str]]) -> None:
    """Type into a workbook of ours: item → title of the column → text."""
    book = openpyxl.load_workbook(path)
    sheet = book["投诉处理"]
    titles = {cell.value: cell.column for cell in sheet[4]}
    for item, cells in rows.items():
        row = next(row[0].row for row in sheet.iter_rows(min_row=5) if row[0].value == item)
        for title, text in cells.items():
            sheet.cell(row, titles[title]).value = text
    book.save(path)


def take_in(page: Page, *files: Path) -> None:
    page.set_input_files('[name="files"]', list(files))
    expect(page.locator(".xf-notices")).to_contain_text(f"已选择：{'、'.join(one.name for one in files)}")
    page.locator("button", has_text=f"导入所选 {len(files)} 个文件").click()


def test_a_row_is_entered_amended_and_taken_back_and_nothing_is_saved_before_a_step_is_chosen(
    page: Page, served: Any, wb: Workbench, traffic: Any
) -> None:
    opened(page, served, "registers")
    page.locator("button", has_text="登记一行").click()
    expect(page.locator('[data-row="new"]')).to_be_visible()
    type_in(page, "new", "event_no", "SJ01")
    choose(page, "new", "record", "事件")
    type_in(page, "new", "known_at", "2026-03-01 09:30")
    expect(page.locator(".xf-save")).to_contain_text("未保存 1 条")
    assert register_lines(wb, "重大事件", PERIOD) == ()
    choose(page, "new", "to", "enter")
    expect(page.locator('[data-row="new"] .xf-faults')).to_contain_text("事件类别")
    choose(page, "new", "kind", "系统中断")
    expect(page.locator('[data-row="SJ01"]')).to_be_visible()
    expect(page.locator('[data-row="new"]')).to_have_count(0)
    [line] = register_lines(wb, "重大事件", PERIOD)
    assert (line.unit, line.cells["known_at"]) == (UNIT, "2026-03-01 09:30")
    type_in(page, "SJ01", "people", "12")
    choose(page, "SJ01", "to", "amend")
    expect(page.locator('[data-row="SJ01"] .xf-faults')).to_contain_text("须写明原因")
    type_in(page, "SJ01", "reason", "补记人数")
    expect(page.locator('[data-row="SJ01"]')).to_contain_text("更正，补记人数")
    assert register_lines(wb, "重大事件", PERIOD)[0].cells["people"] == "12"
    page.select_option('[name="domain"]', "work_plan")
    expect(page.locator(".xf-empty")).to_contain_text("本期没有登记")
    page.select_option('[name="domain"]', "major_events")
    type_in(page, "SJ01", "reason", "误登")
    choose(page, "SJ01", "to", "withdraw")
    expect(page.locator(".xf-empty")).to_be_visible()
    assert register_lines(wb, "重大事件", PERIOD) == ()
    traffic.assert_clean()


def test_a_filled_book_is_taken_in_with_its_files_and_decided_cell_by_cell(
    page: Page, served: Any, wb: Workbench, tmp_path: Path, traffic: Any
) -> None:
    opened(page, served, "offline")
    path = exported(page, "导出填报表", tmp_path / "填报.xlsx")
    fill_book(
        path,
        {"c-01": {"检查结论": "不适用", "理由": "离线所填"}, "c-02": {"检查结论": "符合", "佐证文件": "登记簿.pdf"}},
    )
    (tmp_path / "登记簿.pdf").write_bytes(PDF)
    other = as_person(wb, Actor(name="同事", verified=True))
    said = Response(item_id="c-01", conclusion=Conclusion.COMPLIANT, note="在线所填")
    filling.answer(other, filling.open_form(other, UNIT, PERIOD, DOMAIN), said, 0)
    take_in(page, path, tmp_path / "登记簿.pdf")
    expect(page.locator(".xf-notices")).to_contain_text("1 项导出之后已被他人更新", timeout=60_000)
    expect(page.locator("[data-row]")).to_have_count(3)
    for row in page.locator("[data-row]").all():
        row.locator("select").select_option("theirs" if "情况说明" in row.inner_text() else "mine")
    expect(page.locator(".xf-save")).to_contain_text("已保存")
    page.locator("button", has_text="按选定的保存").click()
    expect(page.locator("[data-row]")).to_have_count(0)
    items = filling.open_form(wb, UNIT, PERIOD, DOMAIN).items
    now = items["c-01"].response
    assert (now.conclusion, now.reason, now.note) == (Conclusion.NOT_APPLICABLE, "离线所填", "在线所填")
    assert [file.file_name for file in items["c-02"].evidence] == ["登记簿.pdf"]
    traffic.assert_clean()


def test_a_conflict_goes_out_as_marked_excel_and_what_was_chosen_there_is_taken_back(
    page: Page, served: Any, wb: Workbench, tmp_path: Path, traffic: Any
) -> None:
    """The stale row refuses nothing of the book; mine and theirs stand side by side, only the choice can be typed."""
    opened(page, served, "offline")
    path = exported(page, "导出填报表", tmp_path / "填报.xlsx")
    fill_book(path, {"c-03": {"检查结论": "不适用", "理由": "离线所填"}, "c-02": {"情况说明": "离线另记"}})
    other = as_person(wb, Actor(name="同事", verified=True))
    said = Response(item_id="c-03", conclusion=Conclusion.COMPLIANT, note="在线所填")
    filling.answer(other, filling.open_form(other, UNIT, PERIOD, DOMAIN), said, 0)
    take_in(page, path)
    expect(page.locator(".xf-notices")).to_contain_text("保存答复 1 项", timeout=60_000)
    expect(page.locator(".xf-notices")).to_contain_text("1 项导出之后已被他人更新，没有覆盖")
    assert filling.open_form(wb, UNIT, PERIOD, DOMAIN).items["c-02"].response.note == "离线另记"

    marked = exported(page, "导出冲突清单", tmp_path / "填报冲突清单.xlsx")
    page.screenshot(path=tmp_path / "conflicts.png")
    book = openpyxl.load_workbook(marked)
    sheet = book["冲突"]
    heads = {cell.value: cell.column for cell in sheet[3]}
    found = {row[heads["列"] - 1].value: row for row in sheet.iter_rows(min_row=4) if row[0].value}
    shown = {column: (row[heads["我填的"] - 1].value, row[heads["现在的"] - 1].value) for column, row in found.items()}
    assert shown["检查结论"] == ("不适用", "符合")
    assert (shown["理由"][0], shown["情况说明"][1]) == ("离线所填", "在线所填")
    assert sheet.protection.sheet and sheet.conditional_formatting
    for column, row in found.items():
        row[heads["采用"] - 1].value = "现在的" if column == "情况说明" else "我填的"
    book.save(marked)
    take_in(page, marked)
    expect(page.locator("[data-row]")).to_have_count(0, timeout=60_000)
    now = filling.open_form(wb, UNIT, PERIOD, DOMAIN).items["c-03"].response
    assert (now.conclusion, now.reason, now.note) == (Conclusion.NOT_APPLICABLE, "离线所填", "在线所填")
    traffic.assert_clean()
