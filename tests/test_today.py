"""今日待办: what is due today and what is overdue, of complaints, corrective actions, filings and leads."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from word_templates.supervision import make_template

from tests.factories.extracts import frame
from xiaobao import cli
from xiaobao.errors import InputError, XiaobaoError
from xiaobao.features.complaints.daily import OpenCase, open_cases
from xiaobao.features.filings.verbs import issue_filings
from xiaobao.features.today.due import DueItem, Today, due_today
from xiaobao.features.today.issuing import publish_supervision
from xiaobao.features.today.view import today as today_view
from xiaobao.model import CorrectiveAction
from xiaobao.workbench.workspace import Workbench, open_workbench

DAY = date(2026, 7, 5)
TEMPLATE = Path(__file__).parents[1] / "reports" / "templates" / "supervision.docx"


def one(working: bool = False, day: date = DAY, **fields: Any) -> OpenCase | None:
    """Return how an open complaint of 2 March 2026 stands, None when nothing is open."""
    row = {"received_on": "2026-03-02", "decided_on": None, "notified_on": None, **fields}
    found = open_cases(frame("complaints", row), day, working)
    assert found is not None
    return found[0] if found else None


APPROVED = {"extension_level": "总行高管", "extension_on": "2026-03-20", "extension_notified_on": "2026-03-20"}
BY_HEAD = {**APPROVED, "extension_level": "本机构负责人"}


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({}, "2026-03-17"),
        ({"complexity": None}, "2026-03-17"),
        ({"complexity": "复杂"}, "2026-04-01"),
        ({"complexity": "特别复杂"}, "2026-04-01"),
        ({"complexity": "特别复杂", **APPROVED}, "2026-05-01"),
        ({"complexity": "特别复杂", **BY_HEAD}, "2026-04-01"),
        ({"source": "人民银行转办", "complexity": "复杂"}, "2026-03-17"),
        ({"source": "人民银行转办", "complexity": "复杂", **BY_HEAD}, "2026-05-01"),
        ({"mediation_from": "2026-03-10", "mediation_to": "2026-03-19", "mediation_proof": "T1"}, "2026-03-27"),
        ({"mediation_from": "2026-03-10", "mediation_to": "2026-03-19"}, "2026-03-17"),
        ({"mediation_from": "2026-04-10", "mediation_to": "2026-04-19", "mediation_proof": "T1"}, "2026-03-17"),
        ({"mediation_from": "2026-03-10", "mediation_proof": "T1"}, "2026-07-13"),
        ({"appraisal_from": "2026-03-10", "appraisal_to": "2026-03-19", "appraisal_proof": "J1"}, "2026-03-27"),
        ({"appraisal_from": "2026-03-10", "appraisal_to": "2026-03-19"}, "2026-03-17"),
        ({"new_material_on": "2026-03-17"}, "2026-04-01"),
        ({"new_material_on": "2026-03-18"}, "2026-03-17"),
    ],
)
def test_the_last_day_follows_regulation_complexity_approval_and_mediation(fields: Mapping[str, Any], due: str) -> None:
    case = one(**fields)
    assert case is not None and case.due.isoformat() == due


def test_working_days_leave_out_weekends_and_the_qingming_holiday() -> None:
    case = one(working=True, received_on="2026-03-30")
    assert case is not None and case.due == date(2026, 4, 21)
    with pytest.raises(InputError, match="工作日历没有 2039 年"):
        one(working=True, received_on="2039-01-01", day=date(2039, 2, 1))


@pytest.mark.parametrize(
    "fields",
    [
        {"decided_on": "2026-07-05"},
        {"withdrawn_on": "2026-07-01"},
        {"accepted": False},
        {"nature": "咨询"},
        {"received_on": "2026-07-06"},
    ],
)
def test_what_is_settled_or_no_complaint_is_not_listed(fields: Mapping[str, Any]) -> None:
    assert one(**fields) is None


def test_what_was_decided_later_was_open_on_the_day() -> None:
    case = one(decided_on="2026-07-06")
    assert case is not None and case.rule == "3号令第十八条"


def test_a_ledger_without_decision_dates_cannot_tell_what_is_open() -> None:
    assert open_cases(frame("complaints", {}, absent=("decided_on",)), DAY) is None


@settings(deadline=None, max_examples=15)
@given(st.dates(date(2026, 1, 1), date(2026, 6, 30)), st.integers(0, 60), st.integers(0, 30))
def test_mediation_moves_the_last_day_by_its_days_inside_the_term(received: date, after: int, length: int) -> None:
    start, stop = received + timedelta(days=after), received + timedelta(days=after + length)
    case = one(
        received_on=received.isoformat(),
        mediation_from=start.isoformat(),
        mediation_to=stop.isoformat(),
        mediation_proof="T1",
        day=date(2026, 12, 31),
    )
    assert case is not None
    free = [d for n in range(1, 200) if not start <= (d := received + timedelta(days=n)) <= stop]
    assert case.due == free[14]


@pytest.fixture
def wb(seeded_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    home = tmp_path / "bank"
    shutil.copytree(seeded_workspace, home)
    monkeypatch.setenv("XIAOBAO_HOME", str(home))
    return open_workbench(home)


def kinds(wb: Workbench, **asked: Any) -> dict[str, tuple[int, int]]:
    return due_today(wb, **asked).counts


def test_a_filing_is_due_on_its_day_overdue_after_it_and_head_office_is_told_what_it_never_asked_for(
    wb: Workbench,
) -> None:
    before = kinds(wb, day=DAY)
    issue_filings(wb, "monthly", "2026-06")
    assert kinds(wb, day=DAY)["filing"][0] - before["filing"][0] == 3
    assert kinds(wb, day=DAY + timedelta(days=1))["filing"][1] >= 3
    assert kinds(wb, day=DAY)["not_issued"][0] == before["not_issued"][0] - 1


def test_an_open_action_is_listed_and_a_done_one_is_not(wb: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    action = CorrectiveAction(
        id="F1-M",
        finding_id="F1",
        unit="010000",
        line="mechanism",
        measure="完善制度",
        owner="张三",
        due=DAY - timedelta(days=3),
    )
    newest = wb.campaign("2026H1").id
    both = (action, replace(action, id="F2-M", status="done"))
    monkeypatch.setattr(type(wb.store), "actions", lambda self, campaign: both if campaign == newest else ())
    found = [item for item in due_today(wb, DAY, "010000").items if item.kind == "action"]
    assert [(item.number, item.late, item.note) for item in found] == [("F1-M", 3, "张三")]
    assert [(item.words, item.period) for item in found] == [("完善制度", "2026H1")]


def test_leads_are_counted_by_unit_and_only_the_silent_ones(wb: Workbench) -> None:
    campaign = wb.campaign("2026H1")
    said = wb.store.decisions(campaign.id)
    silent = {lead.id for lead in wb.store.leads(campaign.id) if lead.id not in said}
    due = [item for item in due_today(wb, date(2026, 7, 16)).items if item.kind == "lead"]
    assert sum(int(item.title.split()[1]) for item in due) == len(silent) > 0
    assert {item.late for item in due} == {1}
    assert not [item for item in due_today(wb, date(2026, 7, 14)).items if item.kind == "lead"]
    assert [item for item in due_today(wb, date(2026, 7, 14), ahead=1).items if item.kind == "lead"]


@pytest.fixture
def run(wb: Workbench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def at(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["xiaobao", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return at


def test_the_command_lists_all_kinds_and_says_the_same_in_json(run: Callable[..., Any], wb: Workbench) -> None:
    code, shown, _ = run("today", "--date", "2026-07-20")
    assert code == 0 and shown.startswith("2026-07-20 今日到期 / 逾期：")
    plain = json.loads(run("today", "--date", "2026-07-20", "--json")[1])
    found = due_today(wb, date(2026, 7, 20))
    assert len(plain["items"]) == len(found.items) > 0
    assert plain["counts"]["lead"]["overdue"] == found.counts["lead"][1]
    assert "首诉处理结案率" in shown and plain["resolved"]["period"] == "2026H1"
    mine = json.loads(run("today", "--date", "2026-07-20", "--unit", "010000", "--json")[1])
    assert {item["unit"] for item in mine["items"]} == {"010000"}


def test_the_command_fits_a_screen_and_lists_the_rest_on_asking(run: Callable[..., Any], wb: Workbench) -> None:
    """24 lines of a terminal and the title of each table: counts by unit and kind, the five worst."""
    found = due_today(wb, date(2026, 9, 1))
    assert len(found.items) > len(found.worst) > 1
    _, shown, _ = run("today", "--date", "2026-09-01")
    assert len(shown.splitlines()) <= 28
    assert f"待办 {len(found.items)} 项，{len(found.units)} 家机构（件数 / 其中逾期）" in shown
    assert all(item.number[:8] in shown for item in found.worst)
    assert "xiaobao today --all" in shown
    _, every, _ = run("today", "--date", "2026-09-01", "--all")
    assert every.count("2026-") >= len(found.items) and "--all" not in every


def test_counts_by_unit_add_up_and_the_worst_are_of_different_units_first() -> None:
    def item(unit: str, kind: str, late: int) -> DueItem:
        return DueItem(kind=kind, number=f"{unit}{kind}{late}", title="", unit=unit, unit_name=unit, due=DAY, late=late)

    items = [*(item("A", "action", 90 - n) for n in range(6)), item("B", "action", 9), item("B", "filing", 0)]
    found = Today(day=DAY, items=tuple(items))
    assert [(one.unit, one.total, one.overdue) for one in found.units] == [("A", 6, 6), ("B", 2, 1)]
    assert sum(one.total for one in found.units) == len(items)
    assert [(one.unit, one.late) for one in found.worst] == [("A", 90), ("A", 89), ("A", 88), ("A", 87), ("B", 9)]
    assert Today(day=DAY, items=()).units == Today(day=DAY, items=()).worst == ()


def test_the_page_section_shows_counts_and_the_list(wb: Workbench) -> None:
    found = due_today(wb, date(2026, 7, 20))
    made = today_view(found)
    assert f"2026-07-20 共 {len(found.items)} 项" in repr(made)
    assert found.items[0].number in made._repr_html_()


def test_a_supervision_order_holds_every_matter_and_room_for_the_answer(wb: Workbench, tmp_path: Path) -> None:
    path = publish_supervision(wb, "010000", date(2026, 7, 20), None, "青禾督〔2026〕1号", tmp_path / "督办单.docx")
    paper = Document(str(path))
    matters = due_today(wb, date(2026, 7, 20), "010000").items
    heads, *rows = [[cell.text for cell in row.cells] for row in paper.tables[0].rows]
    assert heads == ["序号", "事项", "编号", "内容", "期限", "逾期天数"]
    assert [(row[2], row[4], row[5]) for row in rows] == [
        (item.number, item.due.isoformat(), str(item.late or "—")) for item in matters
    ]
    words = "\n".join(line.text for line in paper.paragraphs)
    assert "青禾督〔2026〕1号" in words and f"{len(matters)}项" in words and "2026年7月25日前" in words
    assert [cell.text for cell in paper.tables[1].rows[0].cells] == ["序号", "办理情况和结果", "办结日期", "佐证材料"]
    assert wb.store.events(1)[0].verb == "issue"


@pytest.mark.parametrize(
    ("unit", "answer_by", "said"),
    [
        ("999999", None, "没有这个机构"),
        ("000001", None, "没有到期或逾期的事项"),
        ("010000", date(2026, 7, 1), "早于督办日期"),
    ],
)
def test_an_order_over_nothing_is_not_written(
    wb: Workbench, tmp_path: Path, unit: str, answer_by: date | None, said: str
) -> None:
    path = tmp_path / "督办单.docx"
    with pytest.raises(XiaobaoError, match=said):
        publish_supervision(wb, unit, date(2026, 7, 20), answer_by, "", path)
    assert not path.exists()


def test_the_shipped_template_is_what_the_package_makes(tmp_path: Path) -> None:
    make_template(tmp_path / "made.docx")

    def parts(path: Path) -> list[str]:
        return [part.blob.decode("utf-8", "replace") for part in Document(str(path)).part.package.iter_parts()]

    assert parts(tmp_path / "made.docx") == parts(TEMPLATE)
