"""换版本: a draft moves by an explicit act, no answer is lost or taken for one to another question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.factories.answering import as_draft, as_handed_in
from tests.factories.inspections import (
    CHECK,
    DOMAIN,
    INSPECTOR,
    PERIOD,
    UNIT,
    as_person,
    raise_two_leads,
    tiny_workspace,
    workbench,
)
from tests.factories.versions import ids, next_version, publish, reworked
from xiaobao.errors import InputError, NotAllowed, StaleRevision
from xiaobao.forms.filling import FillForm
from xiaobao.forms.page_choice import PageChoice
from xiaobao.model import Conclusion, FactState, Measured, Response, VetoEvent
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.inspections.filling import Form
from xiaobao.workbench.results.reading import work_paper
from xiaobao.workbench.versions.moving import move_sheet, newer_version, plan_move
from xiaobao.workbench.workspace import Workbench

REASON = "总行 8 月修订检查表"


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    yield bench
    bench.store.close()


@pytest.fixture
def filled(wb: Workbench) -> Form:
    """A draft on 2026.1 with answers to four items, while the head office has published 2026.2."""
    form = inspecting.open_form(wb, UNIT, PERIOD, DOMAIN)
    for item_id in ("c-01", "c-02", "c-03"):
        inspecting.answer(
            wb, form, Response(item_id=item_id, conclusion=Conclusion.COMPLIANT, note=f"已看 {item_id}"), 0
        )
    ramp = Response(
        item_id="c-ramp",
        conclusion=Conclusion.NON_COMPLIANT,
        measured=Measured(value=Decimal(1), unit="m"),
        reason="坡道窄",
    )
    inspecting.answer(wb, form, ramp, 0)
    publish(wb, reworked())
    return inspecting.reopen(wb, form)


def record_id(form: Form) -> int:
    assert form.record is not None
    return form.record.id


def test_the_plan_tells_every_answer_what_becomes_of_it_and_writes_nothing(wb: Workbench, filled: Form) -> None:
    events = len(wb.store.events())
    planned = plan_move(wb, filled)
    assert ids(planned.unchanged) == ["c-ramp"]
    assert [(item.id, carried.asks_anew) for item, _, carried in planned.changed] == [("c-01", True), ("c-03", False)]
    assert [aside.item.id for aside in planned.aside] == ["c-02"]
    assert [item.id for item in planned.added] == ["c-new"]
    assert len(wb.store.events()) == events


def test_no_stored_answer_changes_by_a_byte(wb: Workbench, filled: Form) -> None:
    """The answers, the removed one included, are the very ones that were there, and the history holds."""
    before = wb.store.responses(record_id(filled))
    moved = move_sheet(wb, filled, REASON)
    assert wb.store.responses(record_id(moved)) == before
    assert moved.checklist.version == "2026.2"
    assert wb.store.verify() == []


def test_the_move_is_an_event_with_who_why_and_where_answers_came_from(wb: Workbench, filled: Form) -> None:
    moved = move_sheet(wb, filled, REASON)
    [event] = [one for one in wb.store.events(chain=f"inspection:{record_id(moved)}") if one.verb == "move"]
    said = json.loads(event.payload or "")
    assert (event.actor, said["version"], said["reason"]) == (wb.actor.name, "2026.2", REASON)
    assert said["carried"]["c-02"] == {"sheet": DOMAIN, "version": "2026.1", "revision": 1}


def test_carried_answers_wait_for_confirmation_before_the_form_can_be_handed_in(wb: Workbench, filled: Form) -> None:
    """Unchanged, re-weighted and reworded alike: each is named, with the version it was given on."""
    moved = move_sheet(wb, filled, REASON)
    done = inspecting.progress(moved)
    assert {"c-01", "c-03", "c-ramp", "c-new"} <= set(done.missing) and done.answered == 0
    with pytest.raises(InputError, match=r"c-ramp 坡道宽度：沿用 2026\.1 版的答复，待确认"):
        signing.submit(wb, moved)
    inspecting.confirm(wb, moved, "c-ramp")
    answered = inspecting.reopen(wb, moved).items["c-ramp"]
    assert answered.answered and answered.carried is None
    assert (answered.response.reason, answered.response.revision) == ("坡道窄", 2)
    with pytest.raises(InputError, match="没有待确认的答复"):
        inspecting.confirm(wb, inspecting.reopen(wb, moved), "c-ramp")


def test_both_wordings_and_the_former_answer_are_at_hand(wb: Workbench, filled: Form) -> None:
    moved = move_sheet(wb, filled, REASON)
    carried = moved.items["c-01"].carried
    assert carried is not None
    [change] = carried.changes
    assert (change.before, change.after) == ("第1项登记完整，应有记录。", "登记完整，并于当日录入系统。")
    assert moved.aside[0].response.note == "已看 c-02"


def test_an_answer_to_a_former_wording_scores_nothing_until_it_is_given_anew(wb: Workbench, filled: Form) -> None:
    """A re-weighted item asks the same question: its answer counts; a reworded one does not."""
    moved = move_sheet(wb, filled, REASON)
    as_handed_in(wb, PERIOD)
    facts = {fact.item_id: fact.state for fact in work_paper(wb, UNIT, PERIOD, DOMAIN).facts}
    assert (facts["c-01"], facts["c-03"]) == (FactState.NOT_ASSESSED, FactState.ASSESSED)
    as_draft(wb, PERIOD)
    inspecting.answer(wb, moved, Response(item_id="c-01", conclusion=Conclusion.COMPLIANT, note="当日录入"), 1)
    as_handed_in(wb, PERIOD)
    paper = work_paper(wb, UNIT, PERIOD, DOMAIN)
    assert paper.checklist.version == "2026.2"
    assert {fact.item_id: fact.state for fact in paper.facts}["c-01"] is FactState.ASSESSED


def test_an_answer_never_confirmed_is_held_against_the_wording_it_was_given_on(wb: Workbench, filled: Form) -> None:
    """Two moves in a row: what the first changed stays changed, and what it removed can come back."""
    first = move_sheet(wb, filled, REASON)
    publish(
        wb, next_version("2026.3", {"c-01": {"requirement": "登记完整，并于当日录入系统。"}, "c-03": {"points": 8}})
    )
    second = move_sheet(wb, first, REASON)
    carried = {i: entry.carried for i, entry in second.items.items() if entry.carried}
    assert {i: (c.version, c.asks_anew) for i, c in carried.items()} == {
        "c-01": ("2026.1", True),
        "c-02": ("2026.1", False),
        "c-03": ("2026.1", False),
        "c-ramp": ("2026.1", False),
    }
    assert second.aside == ()


def test_a_page_opened_before_the_move_cannot_answer_the_new_wording(wb: Workbench, filled: Form) -> None:
    """Its answer was given on the former one."""
    move_sheet(wb, filled, REASON)
    with pytest.raises(NotAllowed, match=r"已换用检查表 2026\.2 版"):
        inspecting.answer(wb, filled, Response(item_id="c-01", conclusion=Conclusion.COMPLIANT), 1)


def test_what_was_handed_in_never_moves(wb: Workbench, filled: Form) -> None:
    """Neither submitted nor returned nor reviewed; the published next version changes nothing for them."""
    with wb.store.writing(wb.actor) as tx:
        tx.set_state(record_id(filled), "submitted", wb.store.inspections(filled.campaign.id)[0].revision)
    submitted = inspecting.reopen(wb, filled)
    for state in ("submitted", "returned"):
        assert newer_version(wb, submitted) == ""
        with pytest.raises(NotAllowed, match="只有填报中的可以换版本"):
            move_sheet(wb, submitted, REASON)
        if state == "submitted":
            signing.give_back(as_person(wb, INSPECTOR), submitted, "请补充")
            submitted = inspecting.reopen(wb, filled)
    assert submitted.checklist.version == "2026.1"


@pytest.mark.parametrize(
    ("version", "reason", "says"),
    [
        ("2026.2", " ", "须写明原因"),
        ("2026.1", REASON, "检查任务已在这个版本上"),
        ("2031.1", REASON, r"没有发布过这个版本.*2026\.1、2026\.2"),
        ("2026.8", REASON, "在检查期间 2026H1 不适用"),
        ("2026.9", REASON, "不能用于本机构：本检查表不适用于支行"),
    ],
)
def test_a_move_that_cannot_be_is_refused_with_its_reason(
    version: str, reason: str, says: str, wb: Workbench, filled: Form
) -> None:
    publish(wb, reworked("2026.8", effective_from=date(2027, 1, 1)))
    publish(wb, reworked("2026.9", applies_to={"levels": ["outlet"]}))
    with pytest.raises(InputError, match=says):
        move_sheet(wb, filled, reason, version)
    assert inspecting.reopen(wb, filled).checklist.version == "2026.1"


def test_a_draft_never_goes_back(wb: Workbench, filled: Form) -> None:
    moved = move_sheet(wb, filled, REASON)
    with pytest.raises(InputError, match="不能换回较早的版本"):
        move_sheet(wb, moved, REASON, "2026.1")


def test_a_move_planned_on_an_older_state_is_refused(wb: Workbench, filled: Form) -> None:
    """Somebody answered in between: the plan would not know that answer."""
    inspecting.answer(wb, filled, Response(item_id="c-count", conclusion=Conclusion.COMPLIANT), 0)
    with pytest.raises(StaleRevision):
        move_sheet(wb, filled, REASON)


def test_a_recorded_veto_holds_a_draft_on_the_version_that_knows_it(wb: Workbench) -> None:
    veto = {"id": "V1", "event": "隐瞒投诉", "target": DOMAIN, "effect": "zero"}
    publish(wb, next_version("2026.1a", vetoes=[veto]), reworked("2026.2"))
    form = inspecting.open_form(wb, UNIT, PERIOD, DOMAIN)
    inspecting.answer(wb, form, Response(item_id="c-01", conclusion=Conclusion.COMPLIANT), 0)
    form = move_sheet(wb, inspecting.reopen(wb, form), REASON, "2026.1a")
    with wb.store.writing(wb.actor) as tx:
        tx.record_veto(record_id(form), VetoEvent(veto_id="V1", day=date(2026, 5, 1), description="隐瞒"))
    with pytest.raises(InputError, match="一票否决在新版本中没有"):
        move_sheet(wb, inspecting.reopen(wb, form), REASON)


def test_leads_of_a_check_that_the_new_version_does_not_ask_are_withdrawn(wb: Workbench, filled: Form) -> None:
    raise_two_leads(wb)
    publish(
        wb,
        next_version("2026.3", {"c-overdue": {"checks": [], "answered_by": "person", "rules": [{"kind": "levels"}]}}),
    )
    assert plan_move(wb, inspecting.reopen(wb, filled)).dropped_checks == (CHECK,)
    move_sheet(wb, inspecting.reopen(wb, filled), REASON)
    assert wb.store.leads(filled.campaign.id) == ()
    assert len(wb.store.leads(filled.campaign.id, withdrawn=True)) == 2


def test_an_inspection_opened_after_publishing_stays_on_the_campaign_s_version(wb: Workbench) -> None:
    """Only the explicit act changes it."""
    publish(wb, reworked())
    assert inspecting.open_form(wb, UNIT, PERIOD, DOMAIN).checklist.version == "2026.1"


def test_the_page_offers_the_newer_version_and_shows_what_waits(wb: Workbench, filled: Form) -> None:
    page = FillForm(wb, PageChoice(unit=UNIT, period=PERIOD, domain=DOMAIN))
    assert page.state["head"]["newer"] == "2026.2"
    state = page.reply({"type": "move_version", "version": "2026.2", "reason": REASON})["state"]
    items = {item["id"]: item for section in state["sections"] for item in section["items"]}
    assert state["head"]["newer"] == "" and state["head"]["version"] == "2026.2"
    assert items["c-01"]["carried"]["asksAnew"] and items["c-01"]["response"]["conclusion"] == ""
    assert items["c-ramp"]["carried"]["answer"] == "不符合；实测 1 米；原因：坡道窄"
    assert [one["id"] for one in state["aside"]] == ["c-02"]
    state = page.reply({"type": "confirm", "item": "c-ramp"})["state"]
    ramp = next(item for section in state["sections"] for item in section["items"] if item["id"] == "c-ramp")
    assert ramp["carried"] is None and ramp["response"]["conclusion"] == "non_compliant"


def test_evidence_stays_with_its_item(wb: Workbench) -> None:
    form = inspecting.open_form(wb, UNIT, PERIOD, DOMAIN)
    file = inspecting.attach(wb, form, "c-proof", "照片.pdf", b"%PDF-1.7\n%x\n")
    inspecting.answer(
        wb, form, replace(Response(item_id="c-proof", conclusion=Conclusion.COMPLIANT), evidence=(file.sha256,)), 0
    )
    publish(wb, reworked())
    moved = move_sheet(wb, inspecting.reopen(wb, form), REASON)
    assert moved.items["c-proof"].evidence == (file,)
    assert inspecting.confirm(wb, moved, "c-proof").evidence == (file.sha256,)
