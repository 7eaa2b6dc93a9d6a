"""A checklist goes to Excel and comes back the same; whatever is wrong in it is named by sheet, row and column."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from tests.factories.checklists import KNOWN_CHECKS, REGULATIONS, changed, written
from tests.factories.inspections import tiny_workspace, workbench
from tests.factories.random_checklists import checklists
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Checklist
from xiaobao.checklist.reading import checklist_in, load_checklist
from xiaobao.checklist.writing import to_yaml
from xiaobao.datasets import spreadsheets, workbooks
from xiaobao.errors import ChecklistError, InputError
from xiaobao.publishing import publish_checklist
from xiaobao.workbench.versions.publishing import publish_all, write_checklist_draft
from xiaobao.workbook import checklists as sheets
from xiaobao.workbook.checklists import ITEMS, RULES, SECTIONS, SHEET, VETOES, read_checklist_book, write_checklist
from xiaobao.written.nodes import TableNode, as_nodes


def in_this_process(path: Path, rows: int) -> workbooks.ReadWorkbook:
    """Read as the child process does, without starting one for every example."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "cells"
        with out.open("w", encoding="utf-8") as lines:
            spreadsheets._dump(path, rows, lines)
        return workbooks._collect(out, path.name, clean=True)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "read_workbook", in_this_process)


_FREELY = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=15, deadline=None, suppress_health_check=_FREELY)
@given(checklist=checklists())
def test_any_checklist_survives_excel_and_yaml(checklist: Checklist, here: None, tmp_path: Path) -> None:
    """Texts that look like numbers, dates, formulas or separators, exact points, every kind of rule."""
    path = tmp_path / "x.xlsx"
    write_checklist(checklist, path, bank="样例银行")
    assert canonical(read_checklist_book(path)) == canonical(checklist)
    assert canonical(load_checklist(written(tmp_path, to_yaml(checklist)))) == canonical(checklist)


@pytest.fixture
def sound(tmp_path: Path) -> Checklist:
    text = changed(
        ("        severity: low\n", "        severity: low\n        sample: {population: 接待点, size: 3}\n")
    )
    return load_checklist(written(tmp_path, text), REGULATIONS, KNOWN_CHECKS)


def spoilt(checklist: Checklist, folder: Path, spoil: Callable[[Any], None]) -> Path:
    """Write the workbook, let somebody work on it, save."""
    path = folder / "投诉.xlsx"
    write_checklist(checklist, path, bank="样例银行", regulations=REGULATIONS)
    book = openpyxl.load_workbook(path)
    spoil(book)
    book.save(path)
    return path


def set_cell(sheet: str, title: str, row: int, value: object) -> Callable[[Any], None]:
    """Return what puts `value` under the column whose title begins with `title`."""

    def spoil(book: Any) -> None:
        place = next(cell.column for cell in book[sheet][1] if str(cell.value).startswith(title))
        book[sheet].cell(row, place).value = value

    return spoil


def test_a_reviewer_finds_frozen_heads_wrapped_texts_and_lists_to_choose_from(sound: Checklist, tmp_path: Path) -> None:
    path = spoilt(sound, tmp_path, lambda book: None)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [SHEET, SECTIONS, ITEMS, RULES, VETOES]
    items = book[ITEMS]
    assert items.freeze_panes == "D2" and items.max_row == 3
    assert all(cell.alignment.wrap_text for cell in items[2] if isinstance(cell.value, str))
    widths = {str(cell.value): items.column_dimensions[cell.column_letter].width for cell in items[1]}
    assert widths["检查要求"] > 40 and widths["检查程序"] > 40
    offered = [str(rule.formula1) for rule in items.data_validations.dataValidation]
    assert '"高,中,低"' in offered and '"人工,数据"' in offered and "'评价要素'!$B$2:$B$999" in offered
    kinds = [str(rule.formula1) for rule in book[RULES].data_validations.dataValidation]
    assert any("分档计分" in kind for kind in kinds)
    assert "银行业保险业消费投诉处理管理办法" in [c.value for c in items[2]][-1]


def test_what_a_reviewer_changes_comes_back(sound: Checklist, here: None, tmp_path: Path) -> None:
    """Words of the list, codes, a new line of a rule: all are taken."""

    def work(book: Any) -> None:
        set_cell(ITEMS, "严重程度", 3, "高")(book)
        set_cell(ITEMS, "检查方法", 3, "现场查看、访谈")(book)
        set_cell(ITEMS, "监管评价要素", 3, "service")(book)
        set_cell(RULES, "档次", 3, "full｜有｜1\nhalf｜有但不便｜0.5\nnone｜没有｜0")(book)
        set_cell(SHEET, "内容", 3, "2026.2")(book)

    back = read_checklist_book(spoilt(sound, tmp_path, work), REGULATIONS, KNOWN_CHECKS)
    item = back.items()[1]
    assert (back.version, item.severity, item.element) == ("2026.2", "high", "service")
    assert item.method == ("现场查看", "访谈")
    assert [option.id for option in item.rules[0].options] == ["full", "half", "none"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("sheet", "title", "row", "value", "says"),
    [
        (ITEMS, "严重程度", 3, "很高", "不是可选的内容（读到 很高）；应为：高、中、低"),
        (ITEMS, "检查方法", 3, "现场查看、看看", "不是可选的内容"),
        (ITEMS, "分值", 3, "四分", "“分值”不是普通数字（读到 四分）"),
        (ITEMS, "分值", 3, None, "“分值”没有写"),
        (ITEMS, "编号", 3, 7, "读到的是数字，前导零或末位零可能已丢失"),
        (ITEMS, "名称", 3, "=1/0", "公式没有存储计算结果"),
        (
            ITEMS,
            "所属要素编号",
            3,
            "S9",
            "“评价要素”表里没有这个编号，“检查项”表第 3 行却属于它；是否写错，或删掉了那一行（读到 S9）；应为：S1",
        ),
        (ITEMS, "起用日期", 3, "2026年6月31日", "“起用日期”不是有效的日期"),
        (ITEMS, "检查依据（", 2, "3号令｜第九十九条", "检查依据登记簿里没有这一条"),
        (ITEMS, "检查依据（", 2, "3号令｜第十八条｜是｜修订中｜多余", "一行有 5 段，多于 4 段"),
        (ITEMS, "检查依据（", 2, '"3号令', "引号没有成对"),
        (ITEMS, "数据检查", 2, "complaints.overdu", "不认识的数据检查，是否想写 complaints.overdue"),
        (ITEMS, "扣完为止", 3, "对", "应为：是、否"),
        (RULES, "规则种类", 3, "随便", "不是可选的规则种类"),
        (RULES, "检查项编号", 3, "C-77", "“检查项”表里没有这个编号"),
        (RULES, "最多扣分", 3, 2, "“分档计分”不用填这一列（读到 2）"),
        (RULES, "不低于", 4, 30, "下限高于上限"),
        (RULES, "计量单位", 4, "尺", "不是可选的内容"),
        (SECTIONS, "分值", 2, 11, "“时限”下分值之和不等于其分值（读到 合计 10）"),
        (SECTIONS, "上级要素编号", 2, "S7", "上方没有这个要素"),
        (VETOES, "作用对象", 2, "complaint", "一票否决的对象不存在，是否想写 complaints"),
        (SHEET, "项目", 3, "版本号", "不认识的项目"),
    ],
)
def test_a_bad_cell_is_named_by_sheet_row_and_column(
    sheet: str, title: str, row: int, value: object, says: str, sound: Checklist, here: None, tmp_path: Path
) -> None:
    with pytest.raises(ChecklistError) as caught:
        read_checklist_book(spoilt(sound, tmp_path, set_cell(sheet, title, row, value)), REGULATIONS, KNOWN_CHECKS)
    fitting = [fault for fault in caught.value.faults if says in str(fault)]
    assert fitting, str(caught.value)
    fault = fitting[0]
    assert (fault.file, fault.sheet, fault.row) == ("投诉.xlsx", sheet, row)
    assert fault.column.startswith(title.rstrip("（")) or fault.column == ""


def test_an_id_used_twice_names_both_rows(sound: Checklist, here: None, tmp_path: Path) -> None:
    def spoil(book: Any) -> None:
        for sheet, title, row in ((ITEMS, "编号", 3), (RULES, "检查项编号", 3), (RULES, "检查项编号", 4)):
            set_cell(sheet, title, row, "c-01")(book)

    with pytest.raises(ChecklistError) as caught:
        read_checklist_book(spoilt(sound, tmp_path, spoil))
    fault = next(fault for fault in caught.value.faults if "重复" in fault.message)
    assert (fault.sheet, fault.row, fault.column) == (ITEMS, 3, "编号")
    assert "只差大小写或全半角" in fault.message and "工作表“检查项”第 2 行已有" in fault.message


def test_bad_cells_of_all_sheets_come_at_once(sound: Checklist, here: None, tmp_path: Path) -> None:
    def spoil(book: Any) -> None:
        set_cell(ITEMS, "严重程度", 2, "x")(book)
        set_cell(ITEMS, "作答方式", 3, "机器")(book)
        set_cell(RULES, "规则种类", 2, "y")(book)
        set_cell(VETOES, "后果", 2, "z")(book)

    with pytest.raises(ChecklistError) as caught:
        read_checklist_book(spoilt(sound, tmp_path, spoil))
    assert [(f.sheet, f.row, f.column) for f in caught.value.faults] == [
        (ITEMS, 2, "严重程度"),
        (ITEMS, 3, "作答方式"),
        (RULES, 2, "规则种类"),
        (VETOES, 2, "后果"),
    ]


def test_a_missing_sheet_or_column_is_named(sound: Checklist, here: None, tmp_path: Path) -> None:
    def spoil(book: Any) -> None:
        del book[RULES]
        set_cell(ITEMS, "检查要求", 1, "要求")(book)

    with pytest.raises(ChecklistError) as caught:
        read_checklist_book(spoilt(sound, tmp_path, spoil))
    said = str(caught.value)
    assert "工作表 检查项，第 1 行，列“检查要求”：缺少列" in said and "工作表 计分规则：缺少工作表" in said


def test_the_workbook_goes_out_and_comes_home_as_a_draft(tmp_path: Path) -> None:
    """Through the front door, the reading process included: exported, read back, written as YAML, never overwritten."""
    home = tiny_workspace(tmp_path / "bank")
    wb = workbench(home)
    file = tmp_path / "投诉.xlsx"
    assert publish_checklist(wb, "complaints", file) == 10
    book = openpyxl.load_workbook(file)
    set_cell(ITEMS, "检查要求", 2, "登记要素齐全。")(book)
    book.save(file)
    changed_only = read_checklist_book(file, wb.regulations)
    with pytest.raises(InputError, match=r"版本 2026\.1 已发布，内容不能再改"):
        write_checklist_draft(wb, changed_only)
    set_cell(SHEET, "内容", 3, "2026.2")(book)
    book.save(file)
    path = write_checklist_draft(wb, read_checklist_book(file, wb.regulations), "由 Excel 导入")
    assert path.name == "complaints-2026.2.yaml" and path.read_text("utf-8").startswith("# 由 Excel 导入\n")
    with pytest.raises(InputError, match="已有同名草稿"):
        write_checklist_draft(wb, read_checklist_book(file, wb.regulations))
    assert publish_all(wb, home / "checklists") == ("complaints 2026.2",)
    wb.store.close()


def test_nodes_without_lines_are_held_to_the_same_rules() -> None:
    """What comes out of cells is checked as YAML is."""
    node = as_nodes({"id": "x", "titel": "y"})
    assert isinstance(node, TableNode)
    value, flaws = checklist_in(node)
    assert value is None and any("是否想写 title" in flaw.message for flaw in flaws)
