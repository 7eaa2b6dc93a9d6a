"""The way of a sheet: confirmed by the unit's head, handed in, returned with remarks, cleared, reviewed, approved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs
from openpyxl import load_workbook
from typer.testing import CliRunner

from tests.factories.answering import fill
from tests.factories.inspections import (
    DOMAIN,
    FILLER,
    INSPECTOR,
    PERIOD,
    UNIT,
    as_person,
    raise_two_leads,
    tiny_workspace,
    workbench,
)
from xiaobao.cli.app import app
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.history.history_lines import history_entries
from xiaobao.forms.filling import FillForm
from xiaobao.forms.page_choice import PageChoice
from xiaobao.model import Actor, Conclusion, Disposition, Response
from xiaobao.publishing import publish_fill_sheets
from xiaobao.settings import Signers
from xiaobao.workbench.inspections import filling, signing
from xiaobao.workbench.inspections.filling import Form
from xiaobao.workbench.inspections.offline import apply_offline
from xiaobao.workbench.leads import answer_lead
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.fill_sheets import read_fill_sheets

HEAD = Actor(name="王行长", verified=True)
APPROVER = Actor(name="赵审定", verified=True)


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"), FILLER)
    yield bench
    bench.store.close()


def signed_by_all(wb: Workbench) -> Workbench:
    """Let the level of the outlets ask for a confirmation and an approval."""
    level = wb.units(PERIOD)[UNIT].level
    return replace(wb, settings=structs.replace(wb.settings, signers={level: Signers(confirm=True, approve=True)}))


def now(wb: Workbench) -> Form:
    return filling.open_form(wb, UNIT, PERIOD, DOMAIN)


def handed_in(wb: Workbench) -> None:
    fill(wb, PERIOD)
    signing.submit(wb, now(wb))


def test_the_whole_way_is_signed_step_by_step(wb: Workbench) -> None:
    wb = signed_by_all(wb)
    fill(wb, PERIOD)
    with pytest.raises(NotAllowed, match="须先由机构负责人确认"):
        signing.submit(wb, now(wb))
    with pytest.raises(NotAllowed, match="不能自己确认"):
        signing.confirm_sheet(wb, now(wb))
    head, inspector, approver = (as_person(wb, one) for one in (HEAD, INSPECTOR, APPROVER))
    assert signing.confirm_sheet(head, now(head)).state == "confirmed"
    with pytest.raises(NotAllowed, match="已确认待提交"):
        filling.answer(wb, now(wb), Response(item_id="c-01", conclusion=Conclusion.NON_COMPLIANT, reason="漏记"), 1)
    signing.submit(wb, now(wb))
    for who in (wb, head):
        with pytest.raises(NotAllowed, match="不得复核"):
            signing.review(who, now(who))
    signing.review(inspector, now(inspector))
    with pytest.raises(NotAllowed, match="复核过本检查表，不能再审定"):
        signing.approve(inspector, now(inspector))
    record = signing.approve(approver, now(approver), "同意")
    assert [(one.step, one.name) for one in record.signatures] == [
        ("confirmed", "王行长"),
        ("submitted", "张三"),
        ("reviewed", "李四"),
        ("approved", "赵审定"),
    ]
    assert len({one.digest for one in record.signatures}) == 1, "nothing was changed in between"
    assert verify_workspace(wb) == ()


def test_without_a_setting_filler_and_reviewer_are_enough(wb: Workbench) -> None:
    handed_in(wb)
    with pytest.raises(NotAllowed, match="不需要机构负责人确认"):
        signing.confirm_sheet(as_person(wb, HEAD), now(wb))
    inspector = as_person(wb, INSPECTOR)
    signing.review(inspector, now(inspector))
    with pytest.raises(NotAllowed, match="不需要审定"):
        signing.approve(as_person(wb, APPROVER), now(wb))


@pytest.mark.parametrize("name", ["张三", " 张 三 ", "张\u200b三"])
def test_one_person_by_another_spelling_is_still_one_person(wb: Workbench, name: str) -> None:
    handed_in(wb)
    with pytest.raises(NotAllowed, match="不得复核"):
        signing.review(as_person(wb, Actor(name=name)), now(wb))


def test_whoever_ever_answered_attached_or_answered_a_lead_has_filled(wb: Workbench) -> None:
    early, third = as_person(wb, Actor(name="钱早", verified=True)), as_person(wb, Actor(name="孙答", verified=True))
    filling.answer(early, now(early), Response(item_id="c-01", conclusion=Conclusion.COMPLIANT), 0)
    filling.answer(wb, now(wb), Response(item_id="c-01", conclusion=Conclusion.COMPLIANT, note="重写"), 1)
    lead, _ = raise_two_leads(wb)
    answer_lead(third, lead.id, Disposition.REFUTED, "凭证在档", 0)
    handed_in(wb)
    for who in (early, third):
        with pytest.raises(NotAllowed, match="不得复核"):
            signing.review(who, now(who))


def test_a_return_carries_remarks_that_are_cleared_one_by_one(wb: Workbench) -> None:
    handed_in(wb)
    inspector = as_person(wb, INSPECTOR)
    with pytest.raises(InputError, match="检查表里没有这个检查项"):
        signing.give_back(inspector, now(inspector), "请补", {"c-99": "没有这一项"})
    signing.give_back(inspector, now(inspector), "请补", {"c-01": "登记簿缺三月", "c-02": "  "})
    [remark] = wb.store.remarks(now(wb).record.id)  # type: ignore[union-attr]
    assert (remark.item_id, remark.text, remark.author, remark.open) == ("c-01", "登记簿缺三月", "李四", True)
    with pytest.raises(InputError, match="退回意见还没有处理：登记簿缺三月"):
        signing.submit(wb, now(wb))
    with pytest.raises(InputError, match="须写明做了什么"):
        signing.clear_remark(wb, now(wb), 1, " ")
    cleared = signing.clear_remark(wb, now(wb), 1, "已补三月登记")
    assert (cleared.cleared_by, cleared.cleared_note, cleared.open) == ("张三", "已补三月登记", False)
    with pytest.raises(InputError, match="已经处理"):
        signing.clear_remark(wb, now(wb), 1, "再来")
    assert signing.submit(wb, now(wb)).signatures[0].step == "submitted"
    told = history_entries(wb, wb.campaign(PERIOD), unit=UNIT)
    assert {"退回意见 1"} & {one.place.split("　")[0] for one in told}
    assert verify_workspace(wb) == ()


def test_a_changed_answer_after_a_hand_in_says_why_and_anew_each_time(wb: Workbench) -> None:
    handed_in(wb)
    inspector = as_person(wb, INSPECTOR)
    changed = Response(item_id="c-01", conclusion=Conclusion.NON_COMPLIANT, reason="漏记")
    for revision, why in ((1, "复核指出"), (2, "再次核对")):
        signing.give_back(inspector, now(inspector), "请核实")
        offered = structs.replace(changed, note=why)
        with pytest.raises(InputError, match="须写明改动原因"):
            filling.answer(wb, now(wb), structs.replace(offered, amended="复核指出" if revision == 2 else ""), revision)
        saved = filling.answer(wb, now(wb), structs.replace(offered, amended=why), revision)
        assert saved.amended == why
        signing.submit(wb, now(wb))


def test_all_complete_sheets_are_handed_in_and_all_clean_ones_passed_in_one_act(wb: Workbench) -> None:
    [left] = signing.submit_all(wb, PERIOD, UNIT)
    assert "还没有检查结论" in left.left
    fill(wb, PERIOD)
    assert [step.left for step in signing.submit_all(wb, PERIOD, UNIT)] == [""]
    raise_two_leads(wb)
    inspector = as_person(wb, INSPECTOR)
    [waiting] = signing.review_all(inspector, PERIOD, UNIT)
    assert "有疑点 2 条没有认定" in waiting.left
    assert now(wb).state == "submitted"


def test_the_page_offers_what_may_be_done_and_says_why_the_rest_may_not(wb: Workbench) -> None:
    handed_in(wb)
    here = PageChoice(unit=UNIT, period=PERIOD, domain=DOMAIN)
    mine = FillForm(wb, here).state["rounds"]
    assert mine["steps"]["draft"] == ""
    assert "不得复核" in mine["steps"]["reviewed"]
    page = FillForm(as_person(wb, INSPECTOR), here)
    assert page.state["rounds"]["steps"]["reviewed"] == ""
    page.reply({"type": "give_back", "reason": "请补", "remarks": {"c-01": "缺三月"}})
    back = FillForm(wb, here)
    assert (back.state["rounds"]["reason"], back.state["rounds"]["remarks"][0]["text"]) == ("请补", "缺三月")
    assert back.reply({"type": "clear_remark", "number": 1, "note": "已补"})["type"] == "state"
    answer = back.reply({"type": "submit_all"})
    assert answer["told"] == ["投诉处理检查表：完成"]


def test_the_command_takes_one_sheet_or_all_of_a_unit(wb: Workbench) -> None:
    fill(wb, PERIOD)
    runner = CliRunner(env={"XIAOBAO_HOME": str(wb.home)})
    asked = ["--period", PERIOD, "--unit", UNIT]
    done = runner.invoke(app, ["sheet", "submit", *asked])
    assert (done.exit_code, "提交 1 张，没有办理 0 张" in done.output) == (0, True), done.output
    refused = runner.invoke(app, ["sheet", "review", *asked])
    assert (refused.exit_code, "没有办理 1 张" in refused.output) == (1, True), "who handed in does not review"
    assert "写法不对" in str(
        runner.invoke(
            app, ["sheet", "return", *asked, "--domain", DOMAIN, "--reason", "请补", "--remark", "c-01"]
        ).exception
    )


def test_two_people_of_one_name_are_two_people(wb: Workbench) -> None:
    """By their logins: a namesake of the filler may review, and takes back nothing that he did not hand in."""
    wb = as_person(wb, Actor(name="张三", verified=True, login="zhangsan1"))
    handed_in(wb)
    namesake = as_person(wb, Actor(name="张三", verified=True, login="zhangsan2"))
    with pytest.raises(NotAllowed, match="只有提交人可以撤回"):
        signing.take_back(namesake, now(namesake))
    assert signing.review(namesake, now(namesake)).state == "reviewed"


def test_a_reason_for_changes_is_kept_only_where_something_had_been_handed_in(wb: Workbench, tmp_path: Path) -> None:
    file = tmp_path / "填报.xlsx"
    publish_fill_sheets(wb, UNIT, PERIOD, file)
    book = load_workbook(file)
    sheet = book.worksheets[0]
    heads = next(row for row in sheet.iter_rows() if any(cell.value == "检查结论" for cell in row))
    column = next(cell.column for cell in heads if cell.value == "检查结论")
    sheet.cell(heads[0].row + 1, column, "符合")
    book.save(file)
    apply_offline(wb, read_fill_sheets(file), "退回后补正")
    [said] = wb.store.responses(now(wb).record.id).values()  # type: ignore[union-attr]
    assert (said.conclusion, said.amended) == (Conclusion.COMPLIANT, "")
