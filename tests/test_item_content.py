"""What the form holds at an item: last answer, findings, records, costs, wordings, a person's verdict, divided work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as changed

from tests.factories.answering import as_handed_in, fails, fill, fine
from tests.factories.inspections import (
    DOMAIN,
    INSPECTOR,
    PERIOD,
    UNIT,
    as_person,
    raise_two_leads,
    tiny_workspace,
    workbench,
)
from tests.factories.people import acting_as, entry, register
from tests.factories.scoring import OUTLET, cause, count, item, section, sheet
from tests.factories.versions import next_version, publish
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.my_work.my_work import my_work
from xiaobao.forms.filling import FillForm
from xiaobao.forms.page_choice import PageChoice
from xiaobao.model import CheckResult, CheckStatus, Conclusion, FactState, Lead, Period, Response, Role, Stage
from xiaobao.policies import Policies
from xiaobao.scoring import gather_facts
from xiaobao.workbench.campaigns import create_campaign
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections import filling
from xiaobao.workbench.inspections.assigning import assign, shares
from xiaobao.workbench.inspections.beside import confirm_last, last_answers
from xiaobao.workbench.inspections.wordings import drop_wording, keep_wording, wordings
from xiaobao.workbench.workspace import Workbench

NEXT = "2026H2"


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    yield bench
    bench.store.close()


def opened(wb: Workbench, period: str = PERIOD) -> filling.Form:
    return filling.open_form(wb, UNIT, period, DOMAIN)


def shown(wb: Workbench, period: str = PERIOD) -> dict[str, Any]:
    state = FillForm(wb, PageChoice(unit=UNIT, period=period, domain=DOMAIN)).state
    return {one["id"]: one for part in state["sections"] for one in part["items"]}


# --- last period ------------------------------------------------------------------------------------------------------


@pytest.fixture
def second(wb: Workbench) -> Workbench:
    """The half-year after one that was handed in, on a version in which c-03 reads otherwise."""
    fill(wb, PERIOD, c_01=changed(fails("缺页"), note="见登记簿"), c_03=fine())
    as_handed_in(wb, PERIOD)
    publish(wb, next_version("2026.2", {"c-03": {"requirement": "登记完整，当日录入。"}}))
    import_extract(wb, "units", [wb.home / "units.csv"], NEXT)
    create_campaign(wb, "下半年自查", NEXT, [(DOMAIN, "2026.2")])
    return wb


def test_the_last_answer_stands_beside_the_item_and_is_no_answer(second: Workbench) -> None:
    beside = shown(second, NEXT)["c-01"]["beside"]["last"]
    assert (beside["period"], beside["version"], beside["said"]) == (PERIOD, "2026.1", "不符合")
    assert "原因：缺页" in beside["answer"]
    form = opened(second, NEXT)
    assert form.record is None
    assert "c-01" in filling.progress(form).missing


def test_a_last_answer_counts_once_a_person_confirms_it(second: Workbench) -> None:
    kept = confirm_last(second, opened(second, NEXT), "c-01")
    assert (kept.conclusion, kept.reason, kept.author) == (Conclusion.NON_COMPLIANT, "缺页", second.actor.name)
    assert "c-01" not in filling.progress(opened(second, NEXT)).missing
    with pytest.raises(InputError, match="已有答复"):
        confirm_last(second, opened(second, NEXT), "c-01")


def test_an_answer_to_another_wording_is_shown_and_not_carried_over(second: Workbench) -> None:
    assert "改写" in last_answers(second, opened(second, NEXT))["c-03"].changed
    with pytest.raises(InputError, match="请重新作答"):
        confirm_last(second, opened(second, NEXT), "c-03")
    with pytest.raises(InputError, match="上期没有"):
        confirm_last(second, opened(second, NEXT), "c-overdue")


def test_the_first_period_has_no_last_one(wb: Workbench) -> None:
    assert last_answers(wb, opened(wb)) == {}


# --- records and costs ------------------------------------------------------------------------------------------------


def test_a_data_item_shows_its_records_by_month(wb: Workbench) -> None:
    leads = raise_two_leads(wb)
    data = shown(wb)["c-overdue"]["data"]
    assert (data["total"], data["waiting"]) == (len(leads), len(leads))
    assert [month for month, _ in data["months"]][:6] == [f"2026-{n:02}" for n in range(1, 7)]
    assert sum(number for _, number in data["months"]) == sum(one.business_date is not None for one in leads)
    assert {row["text"] for row in data["rows"]} == {one.summary for one in leads}


def test_what_an_answer_costs_comes_with_its_saving_and_with_its_refusal(wb: Workbench) -> None:
    page = FillForm(wb, PageChoice(unit=UNIT, period=PERIOD, domain=DOMAIN))
    bare = {"conclusion": "non_compliant", "counts": {"late": "3"}, "revision": 0}
    refused = page.reply({"type": "save", "items": {"c-count": bare}})
    assert refused["faults"]
    assert refused["costs"] == {"c-count": "本项扣 1.5 分，得 3.5 / 5 分"}
    saved = page.reply({"type": "save", "items": {"c-count": bare | {"counts": {"late": "20"}, "reason": "逾期"}}})
    assert saved["costs"] == {"c-count": "本项扣 5 分，得 0 / 5 分（应扣 10 分，扣完为止）"}
    assert shown(wb)["c-count"]["cost"] == "本项扣 5 分，得 0 / 5 分（应扣 10 分，扣完为止）"


# --- standard wording -------------------------------------------------------------------------------------------------


def test_mine_go_before_the_banks_and_these_before_the_shipped(wb: Workbench) -> None:
    folder = wb.home / "checklists" / "wording"
    folder.mkdir()
    (folder / "本行.yaml").write_text("wordings:\n  - {text: 台账未按月核对。, items: [c-01]}\n", "utf-8")
    keep_wording(wb, opened(wb), "经办人未签字。")
    offered = wordings(wb, opened(wb), "c-01")
    assert [(one.text, one.source) for one in offered[:2]] == [("经办人未签字。", "mine"), ("台账未按月核对。", "bank")]
    texts = {one.text for one in offered}
    assert "投诉处理答复没有写明救济途径。" in texts
    assert not any("双录" in text for text in texts)
    assert "台账未按月核对。" not in {one.text for one in wordings(wb, opened(wb), "c-02")}
    assert "mine" not in {one.source for one in wordings(as_person(wb, INSPECTOR), opened(wb), "c-01")}
    drop_wording(wb, opened(wb), "1")
    assert "经办人未签字。" not in {one.text for one in wordings(wb, opened(wb), "c-01")}
    assert wb.store.verify() == []


def test_a_wording_holds_nothing_personal(wb: Workbench) -> None:
    with pytest.raises(InputError, match="个人信息"):
        keep_wording(wb, opened(wb), "客户 13800138000 未留授权")
    folder = wb.home / "checklists" / "wording"
    folder.mkdir()
    (folder / "本行.yaml").write_text("wordings:\n  - text: 客户 13800138000 未留授权\n", "utf-8")
    with pytest.raises(InputError, match="个人信息"):
        wordings(wb, opened(wb), "c-01")


# --- a person's verdict over the data's -------------------------------------------------------------------------------

DATA = sheet(section("S", item("D", "10", count(cause("k", "2")), answered_by="data", checks=("k",)), item("I", "10")))
HIT = CheckResult(
    check_id="k",
    status=CheckStatus.LEADS,
    population=5,
    hits=1,
    leads=(Lead(id="L", check_id="k", item_id="D", unit="B01", period=PERIOD, summary="逾期", record={"编号": "1"}),),
)


def verdict(conclusion: Conclusion, stage: Stage = Stage.AFTER) -> tuple[FactState, str]:
    said = Response(item_id="D", conclusion=conclusion, reason="系统时钟有误", author="李四")
    span = Period.parse(PERIOD)
    facts = gather_facts(DATA, OUTLET, span, {}, (HIT,), {}, stage, Policies(), {"D": said})
    return facts[0].state, facts[0].reason


def test_a_verdict_keeps_both_with_author_and_reason() -> None:
    state, reason = verdict(Conclusion.COMPLIANT)
    assert state is FactState.ASSESSED
    assert reason.startswith("人工认定为“符合”（李四）：系统时钟有误；数据检查：")
    assert "疑点" in reason


def test_the_view_before_decisions_stays_that_of_the_data() -> None:
    assert "人工认定" not in verdict(Conclusion.COMPLIANT, Stage.BEFORE)[1]


def test_a_verdict_that_cannot_be_scored_leaves_that_of_the_data() -> None:
    assert "人工认定" not in verdict(Conclusion.NON_COMPLIANT)[1]


# --- divided work -----------------------------------------------------------------------------------------------------


def test_nobody_is_given_work_where_nobody_is_registered(wb: Workbench) -> None:
    state = FillForm(wb, PageChoice(unit=UNIT, period=PERIOD, domain=DOMAIN)).state
    assert state["work"] == {"may": False, "people": [], "given": {}, "mine": [], "told": []}


@pytest.fixture
def team(wb: Workbench) -> Workbench:
    """A branch with a head and two who fill."""
    seats = [entry("wang", Role.FILLER, UNIT, "王一"), entry("zhao", Role.FILLER, UNIT, "赵二")]
    register(wb, *seats, entry("head", Role.UNIT_HEAD, UNIT, "钱行长"))
    return wb


def test_the_head_gives_sections_and_items_and_sees_how_far_each_is(team: Workbench) -> None:
    head, wang = acting_as(team, "head"), acting_as(team, "wang")
    assign(head, opened(head), "s-plain", "wang")
    assign(head, opened(head), "c-02", "zhao")
    filling.answer(wang, opened(wang), changed(fine(), item_id="c-01"), 0)
    told = {one.login: (one.answered, one.asked, one.last_item) for one in shares(head, opened(head))}
    assert told == {"wang": (1, 2, "第1项登记完整"), "zhao": (0, 1, "")}
    state = FillForm(wang, PageChoice(unit=UNIT, period=PERIOD, domain=DOMAIN)).state
    assert not state["work"]["may"]
    assert "c-01" in state["work"]["mine"]
    assert "c-02" not in state["work"]["mine"]
    assert "c-judged" in state["work"]["mine"]
    assert team.store.verify() == []


def test_only_who_may_fill_is_given_work_and_only_the_head_gives_it(team: Workbench) -> None:
    head, wang = acting_as(team, "head"), acting_as(team, "wang")
    with pytest.raises(InputError, match="不能填报本检查表"):
        assign(head, opened(head), "c-01", "admin")
    with pytest.raises(InputError, match="没有这个部分或检查项"):
        assign(head, opened(head), "c-99", "wang")
    with pytest.raises(NotAllowed):
        assign(wang, opened(wang), "c-01", "wang")
    assign(head, opened(head), "c-01", "wang")
    assign(head, opened(head), "c-01", "")
    assert shares(head, opened(head)) == ()


def test_my_work_shows_a_sheet_only_to_whom_something_of_it_is_left(team: Workbench) -> None:
    head, wang, zhao = (acting_as(team, login) for login in ("head", "wang", "zhao"))
    for part in ("s-plain", "s-kinds"):
        assign(head, opened(head), part, "wang")
    assert "fill" in {part.kind for part in my_work(wang).parts}
    assert "fill" not in {part.kind for part in my_work(zhao).parts}
    assign(head, opened(head), "c-02", "zhao")
    assert "fill" in {part.kind for part in my_work(zhao).parts}
