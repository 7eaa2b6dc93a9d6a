"""History shown to people: who, when, old, new and why, on every sheet, item, lead and measure; in words, not codes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from tests.factories.answering import hand_in
from tests.factories.inspections import (
    DOMAIN,
    FILLER,
    INSPECTOR,
    OTHER,
    PERIOD,
    UNIT,
    as_person,
    raise_two_leads,
    tiny_workspace,
    workbench,
)
from tests.factories.people import acting_as, entry, register
from xiaobao.checklist.reading import load_checklist
from xiaobao.cli.app import app
from xiaobao.errors import NotAllowed
from xiaobao.features.filings.filing import Filing
from xiaobao.features.history.history_lines import HistoryEntry, answer_words, history_entries, workspace_entries
from xiaobao.features.history.page import history
from xiaobao.features.history.wording import OBJECTS, act_title, object_title, value_text
from xiaobao.model import Actor, Conclusion, Disposition, Response, Role
from xiaobao.store.tables import KEPT
from xiaobao.workbench.inspections import filling, signing
from xiaobao.workbench.leads import answer_lead, decide_lead
from xiaobao.workbench.workspace import Workbench

SHIPPED = Path(__file__).parents[1] / "checklists"
LATIN = re.compile(r"[a-z_]{3,}")


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"), FILLER)
    yield bench
    bench.store.close()


def told(wb: Workbench, **asked: str) -> tuple[HistoryEntry, ...]:
    return history_entries(wb, wb.campaign(PERIOD), **asked)  # type: ignore[arg-type]


def answer(wb: Workbench, conclusion: Conclusion, note: str, revision: int) -> None:
    form = filling.open_form(wb, UNIT, PERIOD, DOMAIN)
    filling.answer(wb, form, Response(item_id="c-01", conclusion=conclusion, note=note), revision)


def test_a_changed_answer_is_told_with_old_and_new(wb: Workbench) -> None:
    answer(wb, Conclusion.COMPLIANT, "登记完整", 0)
    answer(wb, Conclusion.NON_COMPLIANT, "缺两笔", 1)
    newest, first, *_ = told(wb, unit=UNIT, subject="c-01")
    assert newest.seq > first.seq
    assert (newest.who, newest.verified, newest.act) == ("张三", True, "保存")
    assert newest.place == "检查结论 c-01　第1项登记完整"
    assert newest.changed() == "检查结论：符合 → 不符合；说明：登记完整 → 缺两笔"
    assert first.changed() == "检查结论：符合；说明：登记完整"


def test_what_an_answer_counts_and_chooses_is_told_in_the_items_own_words() -> None:
    """Of every shipped sheet: causes that are counted, options, marks of looks."""
    said = []
    for path in sorted(SHIPPED.glob("*-2026.*.yaml")):
        for item in load_checklist(path).items():
            words = answer_words(item)
            said.append(value_text("counts", dict.fromkeys(item.counted(), "1"), words))
            said += [value_text("option", code, words) for code in item.options()]
            said.append(value_text("looks", [{"name": "柜面", "mark": code} for code in item.marks()], words))
    assert len([one for one in said if one]) > 200
    assert not [one for one in said if LATIN.search(one)]


def test_a_return_is_told_with_its_reason(wb: Workbench) -> None:
    hand_in(wb, PERIOD)
    inspector = as_person(wb, INSPECTOR)
    signing.give_back(inspector, filling.open_form(inspector, UNIT, PERIOD, DOMAIN), "第一项佐证不足")
    returned, handed_in, _ = (one for one in told(wb, unit=UNIT) if one.place == "检查表")
    assert (returned.who, returned.act, returned.reason) == ("李四", "退回", "第一项佐证不足")
    assert returned.changed() == "状态：已提交 → 已退回"
    assert (handed_in.who, handed_in.changed()) == ("张三", "状态：填报中 → 已提交")


def test_a_lead_is_told_from_raising_to_decision(wb: Workbench) -> None:
    lead, other = raise_two_leads(wb)
    answer_lead(wb, lead.id, Disposition.CONFIRMED, "系经办人漏登", 0)
    decide_lead(as_person(wb, INSPECTOR), lead.id, Disposition.PARTLY, "部分有凭证", 1)
    decided, answered, raised = told(wb, unit=UNIT, subject=lead.id)
    assert (raised.act, answered.act, decided.act) == ("下发", "核实", "认定")
    assert (answered.changed(), answered.reason) == ("单位核实：属实", "系经办人漏登")
    assert (decided.who, decided.changed(), decided.reason) == ("李四", "检查认定：部分属实", "部分有凭证")
    assert other.id not in {one.place for one in (decided, answered, raised)}


def test_what_the_program_records_is_told_only_on_asking(wb: Workbench) -> None:
    hand_in(wb, PERIOD)
    assert not any(one.act.startswith("程序") for one in told(wb, unit=UNIT))
    machine = history_entries(wb, wb.campaign(PERIOD), unit=UNIT, machine=True)
    assert [one.act for one in machine if one.place == "提交时的依据"] == ["程序固定"]


def test_what_belongs_to_the_whole_bank_is_told_by_kind(wb: Workbench) -> None:
    [imported] = workspace_entries(wb, "import")
    assert (imported.who, imported.act, imported.place) == ("管理员", "导入", "数据 1　units.csv")


def test_the_command_prints_json_and_excel_with_every_word(wb: Workbench, tmp_path: Path) -> None:
    long = "登记簿缺页，" * 40
    answer(wb, Conclusion.NON_COMPLIANT, long, 0)
    runner = CliRunner(env={"XIAOBAO_HOME": str(wb.home)})
    asked = ["history", "--period", PERIOD, "--unit", UNIT, "--item", "c-01"]
    shown = runner.invoke(app, asked)
    assert (shown.exit_code, long in shown.output, "…" in shown.output) == (0, False, True)
    [plain] = json.loads(runner.invoke(app, [*asked, "--json"]).output)
    assert {"field": "说明", "old": "", "new": long} in plain["changes"]
    file = tmp_path / "留痕.xlsx"
    assert runner.invoke(app, [*asked, "-o", str(file)]).exit_code == 0
    rows = list(load_workbook(file).active.iter_rows(values_only=True))
    head = next(place for place, row in enumerate(rows) if row[0] == "序号")
    assert f"说明：{long}" in rows[head + 1][8]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "二者择一"),
        (("--period", PERIOD, "--of", "people"), "二者择一"),
        (("--of", "nothing"), "没有这种事项"),
        (("--period", PERIOD, "--unit", "9999"), "没有这个机构"),
        (("--period", PERIOD, "-o", "留痕.csv"), "输出文件须是 Excel"),
    ],
)
def test_a_wrong_question_is_refused_in_words(wb: Workbench, words: tuple[str, ...], said: str) -> None:
    done = CliRunner(env={"XIAOBAO_HOME": str(wb.home)}).invoke(app, ["history", *words])
    assert done.exit_code
    assert said in str(done.exception)


def test_the_page_lists_the_newest_first_and_offers_the_acts_as_filters(wb: Workbench) -> None:
    answer(wb, Conclusion.COMPLIANT, "登记完整", 0)
    answer(wb, Conclusion.NON_COMPLIANT, "缺两笔", 1)
    page = history(unit=UNIT, period=PERIOD, workspace=str(wb.home))
    cells = page.state["rows"][0]["cells"]
    assert (cells["who"], cells["place"]) == ("张三", "检查结论 c-01　第1项登记完整")
    assert cells["changes"] == {"检查结论": "符合 → 不符合", "说明": "登记完整 → 缺两笔"}
    assert page.state["filters"][0]["values"] == ["保存", "建立"]
    assert "机构不存在" in history(unit="9999", period=PERIOD, workspace=str(wb.home)).state["fault"]


def test_every_act_and_object_that_the_store_knows_has_a_chinese_word() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in Path("xiaobao").rglob("*.py"))
    verbs = set(re.findall(r'\bverb="(\w+)"', sources)) | set(re.findall(r'save_kept\(\s*"\w+", "(\w+)"', sources))
    assert len(verbs) > 8
    untold = {one for one in verbs if all(LATIN.search(act_title(kind, one)) for kind in ("inspection", "filing"))}
    assert untold == set()
    prefixes = {one.prefix for one in KEPT.values()} | set(OBJECTS)
    assert [one for one in prefixes if LATIN.search(object_title(one))] == []


@pytest.fixture
def registered(wb: Workbench) -> Workbench:
    """Two outlets' liaison officers and an auditor who sees all; each outlet has a filing and a moved total."""
    register(wb, entry("jia", Role.FILLER, UNIT), entry("yi", Role.FILLER, OTHER), entry("shen", Role.INTERNAL_AUDIT))
    for unit in (UNIT, OTHER):
        filed = Filing(kind="monthly", period="2026-06", unit=unit, title="月报", due=date(2026, 7, 5))
        with wb.store.writing(INSPECTOR) as tx:
            tx.save_kept("filings", "request", [filed])
            tx.note_total_moved(wb.campaign(PERIOD).id, unit, {"unit": unit, "before": {}, "after": {}, "acts": []})
    raise_two_leads(wb, OTHER)
    return wb


def test_what_one_may_not_see_is_told_by_no_question(registered: Workbench) -> None:
    mine, auditor = acting_as(registered, "jia"), acting_as(registered, "shen")
    assert told(mine, unit=OTHER) == ()
    assert {one.place for one in told(auditor, unit=OTHER)} >= {"总分变动"}
    assert {one.place for one in told(mine, unit=UNIT)} >= {"总分变动"}
    assert [one.unit for one in workspace_entries(mine, "filing")] == [UNIT]
    assert sorted(one.unit for one in workspace_entries(auditor, "filing")) == sorted([UNIT, OTHER])
    for kind in ("people", "import", "lead", "decision", "campaign"):
        assert workspace_entries(mine, kind) == (), kind
    assert len(workspace_entries(auditor, "people")) == 4


def test_whom_nobody_registered_is_told_nothing(registered: Workbench) -> None:
    with pytest.raises(NotAllowed, match="没有登记"):
        workspace_entries(as_person(registered, Actor(name="路人")), "people")
