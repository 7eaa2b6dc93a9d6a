"""申诉 as a part of a sheet's way: when, by whom, decided by whom, and that the sheet stands still meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from docx import Document
from msgspec import structs

from tests.factories.answering import fill, record_paper
from tests.factories.inspections import DOMAIN, FILLER, INSPECTOR, PERIOD, UNIT, as_person, tiny_workspace, workbench
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.history.history_lines import history_entries
from xiaobao.features.my_work.my_work import my_work
from xiaobao.forms.filling import FillForm
from xiaobao.forms.page_choice import PageChoice
from xiaobao.model import Actor, Appeal, Conclusion, Response
from xiaobao.pages.views.card import card_heading
from xiaobao.publishing import publish_report
from xiaobao.settings import Objecting, Signers
from xiaobao.workbench.evidence.attaching import attachments_of
from xiaobao.workbench.inspections import filling, signing
from xiaobao.workbench.inspections.appealing import (
    AppealOutcome,
    appeals_of,
    decide_appeal,
    file_appeal,
    last_appeal_day,
    standing_of,
    withdraw_appeal,
)
from xiaobao.workbench.inspections.filling import Form
from xiaobao.workbench.results.reading import scorecard
from xiaobao.workbench.results.resolving import close_campaign
from xiaobao.workbench.surroundings import around_unit
from xiaobao.workbench.workspace import Workbench

APPROVER, THIRD = Actor(name="赵审定", verified=True), Actor(name="孙三人", verified=True)
HERE = PageChoice(unit=UNIT, period=PERIOD, domain=DOMAIN)
GROUNDS = "登记簿另有一册"
NOTHING = AppealOutcome()


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"), FILLER)
    fill(bench, PERIOD)
    signing.submit(bench, now(bench))
    inspector = as_person(bench, INSPECTOR)
    signing.review(inspector, now(inspector))
    yield bench
    bench.store.close()


def now(wb: Workbench) -> Form:
    return filling.open_form(wb, UNIT, PERIOD, DOMAIN)


def appeal(wb: Workbench, **given: object) -> Appeal:
    return file_appeal(wb, now(wb).campaign, UNIT, DOMAIN, GROUNDS, ["c-01"], **given)  # type: ignore[arg-type]


def decide(wb: Workbench, verdict: str = "rejected", outcome: AppealOutcome = NOTHING) -> Appeal:
    return decide_appeal(wb, now(wb).campaign, UNIT, DOMAIN, verdict, "已核对", outcome)


def standing(wb: Workbench) -> str:
    record = now(wb).record
    assert record is not None
    return standing_of(record, appeals_of(wb, record), now(wb).campaign)


def test_a_sheet_is_appealed_then_final(wb: Workbench) -> None:
    assert standing(wb) == "reviewed"
    appeal(wb)
    assert standing(wb) == "appealed"
    assert FillForm(wb, HERE).state["head"]["stateLabel"] == "申诉中"
    with pytest.raises(NotAllowed, match="有申诉还没有处理"):
        close_campaign(as_person(wb, THIRD), now(wb).campaign, "结束")
    decide(as_person(wb, THIRD))
    assert standing(wb) == "reviewed"
    close_campaign(as_person(wb, THIRD), now(wb).campaign, "结束")
    assert standing(wb) == "final"
    page = FillForm(wb, HERE).state
    assert (page["head"]["stateLabel"], page["appeal"]["steps"]) == ("终稿", {})


def test_while_it_is_open_nobody_returns_or_signs_the_sheet(wb: Workbench) -> None:
    appeal(wb)
    inspector = as_person(wb, INSPECTOR)
    with pytest.raises(NotAllowed, match="申诉中，申诉处理以前不能退回"):
        signing.give_back(inspector, now(inspector), "重做")
    assert "申诉中" in signing.allowed_steps(inspector, now(inspector))["returned"]
    withdraw_appeal(wb, now(wb).campaign, UNIT, DOMAIN, "已认可")
    assert signing.allowed_steps(inspector, now(inspector))["returned"] == ""
    assert signing.give_back(inspector, now(inspector), "重做").state == "returned"


def test_where_three_sign_it_is_the_approval_that_is_appealed(wb: Workbench) -> None:
    level = wb.units(PERIOD)[UNIT].level
    wb = replace(wb, settings=structs.replace(wb.settings, signers={level: Signers(approve=True)}))
    with pytest.raises(NotAllowed, match="尚未审定，审定以后才可以申诉"):
        appeal(wb)
    approver = as_person(wb, APPROVER)
    signing.approve(approver, now(approver))
    with pytest.raises(NotAllowed, match="赵审定 复核、审定或退回过"):
        appeal(approver)
    appeal(wb)
    for who in (FILLER, INSPECTOR, APPROVER):
        with pytest.raises(NotAllowed, match="请由第三人处理"):
            decide(as_person(wb, who))
    assert decide(as_person(wb, THIRD)).decided_by == "孙三人"


def test_two_people_of_one_name_are_told_apart_by_login(wb: Workbench) -> None:
    """The namesake of the filler, by another login, is a third person; the filler under another name is not."""
    with wb.store.writing(Actor(name="王芳", login="wangfang1", verified=True)) as tx:
        record = now(wb).record
        assert record is not None
        tx.save_appeal(
            record.id, Appeal(number=1, grounds=GROUNDS, items=("c-01",), day=date(2026, 7, 5), filed_by="王芳")
        )
    with pytest.raises(NotAllowed, match="请由第三人处理"):
        decide(as_person(wb, Actor(name="王小芳", login="wangfang1", verified=True)))
    assert decide(as_person(wb, Actor(name="王芳", login="wangfang2", verified=True))).state == "rejected"


@pytest.mark.parametrize(("late", "said"), [(0, ""), (1, "申诉已于 .* 截止")])
def test_a_unit_appeals_for_the_days_of_the_setting(wb: Workbench, late: int, said: str) -> None:
    record = now(wb).record
    assert record is not None
    signed = record.signatures[-1].at.astimezone().date()
    wb = replace(wb, settings=structs.replace(wb.settings, appeals=Objecting(days=3)))
    last = last_appeal_day(wb, record)
    assert last is not None and abs((last - signed).days - 3) <= 1  # the day is that of Beijing
    wb = replace(wb, settings=structs.replace(wb.settings, as_of=last + timedelta(days=late)))
    if said:
        with pytest.raises(NotAllowed, match=said):
            appeal(wb)
        assert "截止" in FillForm(wb, HERE).state["appeal"]["steps"]["file_appeal"]
    else:
        appeal(wb)


def test_its_evidence_is_kept_with_it(wb: Workbench) -> None:
    with pytest.raises(InputError, match="不接受这种文件"):
        appeal(wb, files=[("程序.exe", b"MZ")])
    assert appeals_of(wb, now(wb).record) == ()  # type: ignore[arg-type]
    made = appeal(wb, evidence=["档案柜三"], files=[("登记簿.txt", "另册".encode())])
    assert made.evidence == ("档案柜三", "登记簿.txt")
    record = now(wb).record
    assert record is not None
    [kept] = attachments_of(wb, "appeal", f"{record.id}:1")
    assert (wb.home / kept.path).read_text("utf-8") == "另册"
    assert [file["name"] for file in FillForm(wb, HERE).state["appeal"]["files"]] == ["登记簿.txt"]


def test_the_page_files_and_decides_it_and_the_history_tells(wb: Workbench) -> None:
    page, inspector = FillForm(wb, HERE), FillForm(as_person(wb, INSPECTOR), HERE)
    assert page.state["appeal"]["steps"] == {"file_appeal": ""}
    assert "不能代机构申诉" in inspector.state["appeal"]["steps"]["file_appeal"]
    refused = page._safely({"type": "file_appeal", "remarks": {}}, ())
    assert (refused["type"], "指明检查项" in str(refused["faults"])) == ("refused", True)
    told = page.reply({"type": "file_appeal", "reason": "请复核", "remarks": {"c-01": GROUNDS, "c-02": " "}})
    [line] = told["state"]["appeal"]["lines"]  # type: ignore[index]
    assert line.startswith("第 1 件申诉（张三") and f"请复核；c-01：{GROUNDS}" in line
    third = FillForm(as_person(wb, THIRD), HERE)
    assert third.state["appeal"]["steps"]["decide_appeal"] == ""
    step = {"type": "decide_appeal", "verdict": "upheld", "reason": "另册属实"}
    assert "须写明改成什么" in str(third._safely(step, ())["faults"])
    changed = {"c-01": {"conclusion": "non_compliant", "deduction": ""}}
    answer = third._safely({**step, "answers": changed}, ())
    assert answer["type"] == "state", answer
    [decided] = appeals_of(wb, now(wb).record)  # type: ignore[arg-type]
    assert [(one.item_id, one.answer.conclusion) for one in decided.answers] == [("c-01", Conclusion.NON_COMPLIANT)]
    entries = history_entries(wb, now(wb).campaign, unit=UNIT, domain=DOMAIN)
    assert [one.act for one in entries if one.place.startswith("申诉")] == ["申诉成立", "提出"]


def test_it_waits_in_my_work_of_a_third_person_with_its_day(wb: Workbench) -> None:
    appeal(wb)

    def waiting(who: Actor) -> list[str]:
        parts = [part for part in my_work(as_person(wb, who)).parts if part.kind == "appeal"]
        return [f"{line.due} {line.said}" for part in parts for line in part.lines]

    assert waiting(FILLER) == waiting(INSPECTOR) == []
    [line] = waiting(THIRD)
    assert line == f"{wb.today + timedelta(days=10)} 张三 {wb.today} 提出，检查项 c-01"


def test_the_report_and_the_page_of_the_unit_tell_it_with_its_outcome(wb: Workbench) -> None:
    """In Word as in the page: which sheet and items, on what grounds, what was decided by whom, and why."""
    appeal(wb)
    third = as_person(wb, THIRD)
    waiting = around_unit(wb, now(wb).campaign, now(wb).unit).appeals
    assert [(one.about, one.outcome, one.why) for one in waiting] == [("第1项登记完整", "待处理", "")]
    answer = Response(item_id="c-01", conclusion=Conclusion.NON_COMPLIANT, reason="申诉")
    decide(third, "upheld", AppealOutcome(answers=(answer,)))
    record_paper(wb, UNIT, PERIOD)
    [told] = around_unit(wb, now(wb).campaign, now(wb).unit).appeals
    words = ("投诉处理", f"第 1 件（{wb.today} 张三 提出）", "第1项登记完整", GROUNDS, "成立（孙三人）", "已核对")
    assert (told.sheet, told.told, told.about, told.grounds, told.outcome, told.why) == words
    card = structs.replace(scorecard(wb, UNIT, PERIOD), around=around_unit(wb, now(wb).campaign, now(wb).unit))
    assert all(word in card_heading(card)._repr_html_() for word in (GROUNDS, "成立（孙三人）", "对结果的申诉"))
    released = publish_report(wb, "inspection", PERIOD, UNIT)
    paper = Document(str(released.report))
    rows = [tuple(cell.text for cell in row.cells) for table in paper.tables for row in table.rows]
    assert words in rows


def test_a_unit_that_did_not_appeal_has_no_such_table(wb: Workbench) -> None:
    record_paper(wb, UNIT, PERIOD)
    text = [line.text for line in Document(str(publish_report(wb, "inspection", PERIOD, UNIT).report)).paragraphs]
    assert not any("申诉及处理" in line for line in text)
