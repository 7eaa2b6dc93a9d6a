"""Offline sheets: out to Excel, filled there, back as answers; a bad cell is named and nothing is half-stored."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from tests.factories.workspaces import PERIOD, take_back
from xiaobao.cli.app import app
from xiaobao.errors import Fault, InputError
from xiaobao.labels import DOMAINS
from xiaobao.model import Actor, Conclusion, Response
from xiaobao.publishing import publish_fill_sheets
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.inspections.filling import Form, answer, open_form
from xiaobao.workbench.inspections.offline import OfflineCounts, apply_offline
from xiaobao.workbench.workspace import Workbench, open_workbench
from xiaobao.workbook.fill_sheets import read_fill_sheets

DOMAIN, SHEET = "complaints", "投诉处理"


@pytest.fixture
def wb(seeded_workspace: Path, tmp_path: Path) -> Workbench:
    shutil.copytree(seeded_workspace, tmp_path / "bank")
    take_back(tmp_path / "bank")
    return replace(open_workbench(tmp_path / "bank"), actor=Actor(name="联络员"))


def unit(wb: Workbench) -> str:
    """A branch whose sheet on complaints is still open."""
    branches = (one.id for one in inspected_units(wb, wb.campaign(PERIOD)) if one.level == "branch")
    return next(one for one in branches if open_form(wb, one, PERIOD, DOMAIN).open)


def another(wb: Workbench) -> Form:
    """Another sheet of the unit that is open, with an answer that a person gave."""
    forms = (open_form(wb, unit(wb), PERIOD, name) for name in ("disclosure", "suitability", "information_security"))
    return next(one for one in forms if one.open)


def form(wb: Workbench) -> Form:
    return open_form(wb, unit(wb), PERIOD, DOMAIN)


def exported(wb: Workbench, tmp_path: Path, *domains: str) -> Path:
    path = tmp_path / "填报.xlsx"
    publish_fill_sheets(wb, unit(wb), PERIOD, path, domains)
    return path


def typed(path: Path, cells: Mapping[tuple[str, str], Any], sheet: str = SHEET) -> dict[str, int]:
    """Type into cells named by (item, column) and return the row of each item."""
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    titles = {cell.value: cell.column for cell in page[4]}
    rows = {page.cell(row, 1).value: row for row in range(5, page.max_row + 1)}
    for (item, title), value in cells.items():
        page.cell(rows[item], titles[title]).value = value  # None clears it
    book.save(path)
    return rows


def back(wb: Workbench, path: Path) -> OfflineCounts:
    return apply_offline(wb, read_fill_sheets(path))


def person_items(wb: Workbench) -> list[str]:
    return [entry.item.id for entry in form(wb).items.values() if entry.answerable]


def clear(*items: str) -> dict[tuple[str, str], Any]:
    titles = ("检查结论", "评定档次", "酌情扣分", "情形和次数", "缺少项数", "实测值", "计量单位", "情况说明", "理由")
    return {(item, title): None for item in items for title in titles}


def test_every_answer_of_every_domain_comes_home_as_it_went(wb: Workbench, tmp_path: Path) -> None:
    """Levels, judged deductions, counted cases, missing things, measures: nothing is changed by the way."""
    path = exported(wb, tmp_path)
    sheets = read_fill_sheets(path)
    assert len(sheets) > 10
    before = len(wb.store.events())
    counts = back(wb, path)
    assert (counts.saved, counts.blank) == (0, 0)
    assert counts.unchanged == sum(len(sheet.rows) for sheet in sheets) > 100
    assert len(wb.store.events()) == before


def test_what_is_filled_is_saved_as_the_form_would_save_it(wb: Workbench, tmp_path: Path) -> None:
    path = exported(wb, tmp_path, DOMAIN)
    first, second, third = person_items(wb)[:3]
    typed(
        path,
        clear(first, second, third)
        | {
            (first, "检查结论"): "不适用",
            (first, "理由"): "本期没有此项业务",
            (second, "检查结论"): "符合",
            (second, "情况说明"): "+已查看",
        },
    )
    now = form(wb).items
    counts = back(wb, path)
    later = form(wb).items
    assert (later[first].response.conclusion, later[first].response.reason) == (
        Conclusion.NOT_APPLICABLE,
        "本期没有此项业务",
    )
    assert later[second].response.note == "+已查看"
    assert later[first].response.author == "联络员"
    assert later[first].response.revision == now[first].response.revision + 1
    assert later[third].response == now[third].response  # a blank row says nothing
    assert (counts.saved, counts.blank) == (2, 1)
    assert wb.store.verify() == []


def test_invisible_characters_are_taken_out_counted_and_told(wb: Workbench, tmp_path: Path) -> None:
    """Line breaks and the joiners of emoji stay."""
    path = exported(wb, tmp_path, DOMAIN)
    first = person_items(wb)[0]
    said = "已\u200b查看\n联系 138\u200b0013\u20608000 👨\u200d👩\u200d👧"
    typed(path, clear(first) | {(first, "检查结论"): "不适用", (first, "理由"): said})
    counts = back(wb, path)
    assert counts.cleaned == 1
    assert "1 格去掉了看不见的字符" in counts.text()
    assert form(wb).items[first].response.reason == "已查看\n联系 【手机号已隐去】 👨\u200d👩\u200d👧"


def test_each_bad_cell_is_named_and_nothing_is_stored(wb: Workbench, tmp_path: Path) -> None:
    beside = another(wb)
    path = exported(wb, tmp_path, DOMAIN, beside.domain)
    first, second, third, fourth = person_items(wb)[:4]
    rows = typed(
        path,
        clear(first, second, third, fourth)
        | {
            (first, "检查结论"): "还行",
            (second, "情况说明"): "没有结论",
            (third, "检查结论"): "符合",
            (third, "酌情扣分"): "两分",
            (fourth, "检查结论"): "不适用",
        },
    )
    other = next(entry.item.id for entry in beside.items.values() if entry.asked and entry.answered)
    typed(path, {(other, "情况说明"): "这一格是对的"}, DOMAINS[beside.domain])
    before = wb.store.events()
    with pytest.raises(InputError) as caught:
        back(wb, path)
    named = {(fault.file, fault.sheet, fault.row, fault.column) for fault in caught.value.faults}
    assert named == {
        (path.name, SHEET, rows[first], "检查结论"),
        (path.name, SHEET, rows[second], "检查结论"),
        (path.name, SHEET, rows[third], "酌情扣分"),
        (path.name, SHEET, rows[fourth], "理由"),
    }
    assert wb.store.events() == before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda page: page.delete_rows(6), "请勿增删"),
        (lambda page: page.insert_rows(6), ""),
        (lambda page: page.cell(5, 1, "C-99"), "编号或版次被改动"),
        (lambda page: page.move_range("A6:Z6", rows=200), ""),
        (lambda page: page.cell(2, 1, "检查期间：2026H1"), "缺少“检查期间"),
        (lambda page: page.cell(4, 8, "结论"), "缺少列"),
    ],
)
def test_a_sheet_that_was_taken_apart_is_refused(wb: Workbench, tmp_path: Path, spoil: Any, said: str) -> None:
    path = exported(wb, tmp_path, DOMAIN)
    book = openpyxl.load_workbook(path)
    spoil(book[SHEET])
    book.save(path)
    if not said:  # an empty line between does no harm, nor do sorted rows
        assert back(wb, path).saved == 0
        return
    with pytest.raises(InputError, match=said):
        back(wb, path)


def test_what_somebody_else_saved_meanwhile_is_not_written_over(wb: Workbench, tmp_path: Path) -> None:
    path = exported(wb, tmp_path, DOMAIN)
    item = person_items(wb)[0]
    rows = typed(path, clear(item) | {(item, "检查结论"): "不适用", (item, "理由"): "离线所填"})
    other = replace(wb, actor=Actor(name="同事"))
    now = form(wb).items[item].response
    offered = Response(item_id=item, conclusion=Conclusion.NOT_APPLICABLE, reason="在线所填")
    answer(other, form(other), offered, now.revision)
    counts = back(wb, path)
    [conflict] = counts.conflicts
    assert (conflict.row.row, conflict.row.item_id, conflict.author) == (rows[item], item, "同事")
    assert "1 项导出之后已被他人更新" in counts.text()
    assert form(wb).items[item].response.reason == "在线所填"


def test_a_sheet_that_was_handed_in_is_closed(wb: Workbench, tmp_path: Path) -> None:
    path = exported(wb, tmp_path, DOMAIN)
    item = person_items(wb)[0]
    typed(path, clear(item) | {(item, "检查结论"): "不适用", (item, "理由"): "晚了"})
    done = form(wb)
    with wb.store.writing(wb.actor) as tx:
        assert done.record is not None
        tx.set_state(done.record.id, "submitted", done.record.revision, "")
    with pytest.raises(InputError, match="已提交"):
        back(wb, path)
    with pytest.raises(InputError, match="已提交"):
        publish_fill_sheets(wb, done.unit.id, PERIOD, tmp_path / "再.xlsx", [DOMAIN])


def test_the_commands_go_there_and_back(wb: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOBAO_HOME", str(wb.home))
    path = tmp_path / "表.xlsx"
    words = ["sheet", "export", "--period", PERIOD, "--unit", unit(wb), "--domain", DOMAIN, "-o", str(path)]
    assert f"已导出 {len(person_items(wb))} 项" in CliRunner().invoke(app, words).output
    again = CliRunner().invoke(app, words)
    assert isinstance(again.exception, InputError) and "不会被覆盖" in str(again.exception)
    item = person_items(wb)[0]
    typed(path, clear(item) | {(item, "检查结论"): "不适用", (item, "理由"): "没有此项业务"})
    assert "保存答复 1 项" in CliRunner().invoke(app, ["sheet", "import", str(path)]).output
    unknown = CliRunner().invoke(app, [*words[:5], "999999", "-o", str(tmp_path / "无.xlsx")])
    assert isinstance(unknown.exception, InputError)
    assert isinstance(unknown.exception.faults[0], Fault)


def test_a_sheet_put_beside_is_named_and_does_no_harm(wb: Workbench, tmp_path: Path) -> None:
    path = exported(wb, tmp_path, DOMAIN)
    book = openpyxl.load_workbook(path)
    book.create_sheet("汇总", 0).append(["合计", 12])
    book.save(path)
    assert "没有读取另加的工作表：汇总" in back(wb, path).text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("98%", ("98", "%")),
        ("35分钟", ("35", "分钟")),
        ("１.2米", ("1.2", "米")),
        ("12", ("12", "")),
        ("约3米", ("约3米", "")),
    ],
)
def test_a_measured_value_may_bring_its_unit(text: str, said: tuple[str, str]) -> None:
    from xiaobao.workbench.inspections.offline_rows import without_unit

    assert without_unit(text) == said


@pytest.mark.parametrize("text", ["a=1\nb=0", "a＝1；b＝0", "a=1次;b=0次", "a=1\r\nb=0"])
def test_counts_may_stand_on_one_line(text: str) -> None:
    from xiaobao.workbench.inspections.offline_rows import counted_lines

    assert dict(counted_lines(text)) == {"a": "1", "b": "0"}
