"""Rows of registers that people enter: checked as an import is, amended with a reason, and met by imports by key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.factories.inspections import FILLER, OTHER, PERIOD, UNIT, tiny_workspace, workbench
from tests.factories.people import acting_as, entry, register
from xiaobao.cli.app import app
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.errors import InputError, NotAllowed, StaleRevision
from xiaobao.features.history.history_lines import workspace_entries
from xiaobao.features.registers.entered import REGISTERS_ENTERED
from xiaobao.features.registers.entering import amend_row, enter_row, register_lines, withdraw_row
from xiaobao.features.registers.reading import read_registers
from xiaobao.labels import Role
from xiaobao.workbench.importing import ImportSummary, import_extract
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import Workbench

EVENT = {
    "事件编号": "SJ01",
    "机构号": UNIT,
    "登记类型": "事件",
    "事件类别": "系统中断",
    "知悉时间": "2026年3月1日 9:00",
    "事件等级": "较大",
}
SMALL: Mapping[str, Mapping[str, str]] = {
    "major_events": EVENT,
    "work_plan": {"任务编号": "R1", "责任机构号": UNIT, "工作任务": "修订制度", "完成期限": "2026-05-31"},
    "training": {
        "培训编号": "P1",
        "主办机构号": UNIT,
        "培训日期": "2026-04-01",
        "培训主题": "消保",
        "培训形式": "现场",
    },
    "education": {
        "活动编号": "H1",
        "举办网点号": UNIT,
        "活动日期": "2026-03-15",
        "活动名称": "3·15",
        "活动形式": "网点宣传",
        "受众": "老年人",
    },
    "reviews": {
        "审查编号": "S1",
        "送审机构号": UNIT,
        "审查对象类别": "产品",
        "审查事项": "理财",
        "送审日期": "2026-02-01",
    },
    "partners": {"合作机构编号": "Z1", "管理机构号": UNIT, "合作机构名称": "某保险", "合作类别": "保险"},
    "suggestions": {"意见编号": "Y1", "机构号": UNIT, "收到日期": "2026-03-01", "来源": "意见簿"},
}


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"), FILLER)
    yield bench
    bench.store.close()


def brought(wb: Workbench, tmp_path: Path, rows: Sequence[Mapping[str, str]], **how: Any) -> ImportSummary:
    """Import a file of major events."""
    titles = list(dict.fromkeys(title for row in rows for title in row))
    lines = [",".join(titles), *(",".join(row.get(title, "") for title in titles) for row in rows)]
    number = len(list(tmp_path.glob("*.csv"))) + 1
    file = tmp_path / f"事件{number}.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return import_extract(wb, "major_events", [file], PERIOD, **how)


def cells(wb: Workbench, key: str = "SJ01") -> Mapping[str, str]:
    return next(one.cells for one in register_lines(wb, "重大事件", PERIOD) if one.key == key)


@pytest.mark.parametrize("name", REGISTERS_ENTERED)
def test_a_row_of_every_register_is_entered_and_counts_where_reports_read_it(wb: Workbench, name: str) -> None:
    enter_row(wb, name, PERIOD, SMALL[name])
    [line] = register_lines(wb, DATASETS[name].title, PERIOD)
    assert (line.unit, line.source, line.revision) == (UNIT, "登记", 1)
    assert DATASETS[name].title not in read_registers(wb, PERIOD).missing
    assert verify_workspace(wb) == ()


def test_a_row_is_read_as_an_import_reads_it_and_every_faulty_cell_is_named(wb: Workbench) -> None:
    enter_row(wb, "重大事件", PERIOD, EVENT)
    assert cells(wb)["known_at"] == "2026-03-01 09:00"
    [event] = read_registers(wb, PERIOD).major_events.events  # type: ignore[union-attr]
    assert (event.number, event.known_at) == ("SJ01", datetime(2026, 3, 1, 9))
    before = wb.store.events()
    wrong = {
        **EVENT,
        "事件编号": "SJ02",
        "机构号": "9999",
        "事件类别": "别的",
        "知悉时间": "2025-03-01",
        "登记类型": "",
    }
    with pytest.raises(InputError) as caught:
        enter_row(wb, "重大事件", PERIOD, wrong)
    assert {fault.column for fault in caught.value.faults} == {"机构号", "事件类别", "知悉时间", "登记类型"}
    with pytest.raises(InputError, match="没有这一列"):
        enter_row(wb, "重大事件", PERIOD, {**EVENT, "好坏": "好"})
    with pytest.raises(InputError, match="已有这个编号"):
        enter_row(wb, "重大事件", PERIOD, {**EVENT, "事件编号": "ｓj01"})
    with pytest.raises(InputError, match="没有可以登记的这个登记簿"):
        enter_row(wb, "经费", PERIOD, EVENT)
    assert wb.store.events() == before


def test_an_amendment_says_why_and_the_history_holds_old_and_new(wb: Workbench, tmp_path: Path) -> None:
    brought(wb, tmp_path, [EVENT, {**EVENT, "事件编号": "SJ02"}])
    with pytest.raises(InputError, match="须写明原因"):
        amend_row(wb, "重大事件", PERIOD, "SJ01", {"事件等级": "重大"}, "")
    with pytest.raises(InputError, match="没有改动"):
        amend_row(wb, "重大事件", PERIOD, "SJ01", {"事件等级": "较大"}, "看错")
    with pytest.raises(InputError, match="编号不能改"):
        amend_row(wb, "重大事件", PERIOD, "SJ01", {"事件编号": "SJ09"}, "看错")
    amend_row(wb, "重大事件", PERIOD, "SJ01", {"事件等级": "重大"}, "升级")
    amend_row(wb, "重大事件", PERIOD, "SJ01", {"事件等级": "", "涉及人数": "12"}, "未定级")
    assert (cells(wb)["grade"], cells(wb)["people"], cells(wb, "SJ02")["grade"]) == ("", "12", "较大")
    told = workspace_entries(wb, "register")
    assert [(one.act, one.reason, one.unit) for one in told] == [("更正", "未定级", UNIT), ("更正", "升级", UNIT)]
    assert {change.text() for change in told[0].changes} >= {"事件等级：重大 → （空）", "涉及人数：12"}
    assert "事件等级：较大 → 重大" in {change.text() for change in told[1].changes}


def test_what_somebody_changed_meanwhile_is_not_written_over(wb: Workbench) -> None:
    enter_row(wb, "重大事件", PERIOD, EVENT)
    amend_row(wb, "重大事件", PERIOD, "SJ01", {"涉及人数": "3"}, "补", 1)
    with pytest.raises(StaleRevision, match="已被他人更新"):
        amend_row(wb, "重大事件", PERIOD, "SJ01", {"涉及人数": "5"}, "补", 1)
    assert cells(wb)["people"] == "3"


def test_an_import_meets_entered_rows_by_their_key_and_loses_none(wb: Workbench, tmp_path: Path) -> None:
    """What was entered stands, its blank cells are filled by the file, and each cell that differs is told."""
    enter_row(wb, "重大事件", PERIOD, EVENT)
    enter_row(wb, "重大事件", PERIOD, {**EVENT, "事件编号": "SJ05"})
    other = {**EVENT, "事件编号": "SJ02"}
    filed = {**EVENT, "事件编号": "sj01", "事件等级": "一般", "涉及产品或服务": "手机银行"}
    done = brought(wb, tmp_path, [filed, other])
    assert done.rows == 3
    assert (cells(wb)["grade"], cells(wb)["product"]) == ("较大", "手机银行")
    assert [one for one in done.notices if "文件是“一般”，页面登记为“较大”" in one]
    assert [one.key for one in register_lines(wb, "重大事件", PERIOD)] == ["SJ01", "SJ02", "SJ05"]
    again = brought(wb, tmp_path, [{**filed, "涉及产品或服务": "网上银行"}], replace=True)
    assert again.rows == 2 and cells(wb)["product"] == "网上银行"
    withdraw_row(wb, "重大事件", PERIOD, "SJ01", "以台账为准")
    assert cells(wb)["grade"] == "一般"
    with pytest.raises(InputError, match="没有登记或更正可以撤回"):
        withdraw_row(wb, "重大事件", PERIOD, "SJ01", "再来")
    assert verify_workspace(wb) == ()


def test_a_corrected_row_that_the_next_file_leaves_out_stays_and_is_told(wb: Workbench, tmp_path: Path) -> None:
    brought(wb, tmp_path, [EVENT])
    amend_row(wb, "重大事件", PERIOD, "SJ01", {"涉及人数": "3"}, "补")
    done = brought(wb, tmp_path, [{**EVENT, "事件编号": "SJ02"}], replace=True)
    assert any("文件里没有这一行" in one for one in done.notices)
    assert (cells(wb)["people"], cells(wb)["kind"]) == ("3", "系统中断")


def test_a_row_that_another_import_holds_is_refused_as_ever(wb: Workbench, tmp_path: Path) -> None:
    brought(wb, tmp_path, [{**EVENT, "事件编号": "SJ02"}])
    enter_row(wb, "重大事件", PERIOD, EVENT)
    with pytest.raises(InputError, match="重复"):
        brought(wb, tmp_path, [{**EVENT, "事件编号": "SJ02"}, {**EVENT, "事件编号": "SJ03"}])


def test_a_plan_without_a_day_joins_the_list_that_stands(wb: Workbench, tmp_path: Path) -> None:
    """The year's plan was imported for the year: a task entered in its half-year does not hide the others."""
    file = tmp_path / "计划.csv"
    file.write_text("任务编号,责任机构号,工作任务,完成期限\nR9,0101,宣传,2026-03-31\n", "utf-8")
    import_extract(wb, "work_plan", [file], "2026")
    enter_row(wb, "工作计划", PERIOD, SMALL["work_plan"])
    lines = register_lines(wb, "工作计划", PERIOD)
    assert [(one.key, one.period, one.source) for one in lines] == [("R1", "2026", "登记"), ("R9", "2026", "导入")]


def test_a_customer_is_kept_as_a_pseudonym_and_what_is_personal_is_hidden(wb: Workbench) -> None:
    said = {**SMALL["suggestions"], "客户号": "C0012345", "意见内容": "请回电 13800138000"}
    enter_row(wb, "意见建议", PERIOD, said)
    first = register_lines(wb, "意见建议", PERIOD)[0].cells
    assert "C0012345" not in str(first) and first["content"] == "请回电 【手机号已隐去】"
    amend_row(wb, "意见建议", PERIOD, "Y1", {"是否采纳": "是"}, "答复 13800138000")
    assert register_lines(wb, "意见建议", PERIOD)[0].cells["customer"] == first["customer"]
    kept = "".join(str(event.payload) for event in wb.store.events(10_000))
    assert "C0012345" not in kept and "13800138000" not in kept


def test_a_unit_enters_and_sees_its_own_rows_and_head_office_all(wb: Workbench) -> None:
    register(wb, entry("jia", Role.FILLER, UNIT), entry("yi", Role.FILLER, OTHER), entry("ban", Role.HEAD_OFFICE))
    mine, other, office = (acting_as(wb, login) for login in ("jia", "yi", "ban"))
    enter_row(mine, "重大事件", PERIOD, EVENT)
    with pytest.raises(NotAllowed):
        enter_row(mine, "重大事件", PERIOD, {**EVENT, "事件编号": "SJ02", "机构号": OTHER})
    with pytest.raises(NotAllowed):
        amend_row(mine, "重大事件", PERIOD, "SJ01", {"机构号": OTHER}, "移交")
    with pytest.raises(InputError, match="没有这个编号"):
        amend_row(other, "重大事件", PERIOD, "SJ01", {"涉及人数": "3"}, "补")
    assert [len(register_lines(one, "重大事件", PERIOD)) for one in (mine, other, office)] == [1, 0, 1]
    amend_row(office, "重大事件", PERIOD, "SJ01", {"机构号": OTHER}, "移交")
    assert [len(register_lines(one, "重大事件", PERIOD)) for one in (mine, other)] == [0, 1]


def test_the_commands_enter_amend_show_and_withdraw(wb: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOBAO_HOME", str(wb.home))

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["registers", *words, "--period", PERIOD])
        assert done.exit_code == 0, done.exception
        return done.output

    run("enter", "重大事件", *(word for title, text in EVENT.items() for word in ("--set", f"{title}={text}")))
    run("amend", "重大事件", "SJ01", "--set", "涉及人数=3", "--reason", "补记")
    [line] = json.loads(run("show", "--register", "重大事件", "--json"))
    assert (line["cells"]["people"], line["source"]) == ("3", "登记")
    assert "SJ01" in run("show", "--register", "重大事件")
    assert "已撤回" in run("withdraw", "重大事件", "SJ01", "--reason", "误登")
    assert json.loads(run("show", "--register", "重大事件", "--json")) == []
