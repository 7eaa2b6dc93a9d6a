"""The pages without a browser: what they send and take, what they refuse, and that they look the same on every run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import pytest
from sqlalchemy import event

from tests.factories import tables
from tests.factories.answering import hand_in
from tests.factories.inspections import (
    CHECK,
    DOMAIN,
    FILLER,
    INSPECTOR,
    PERIOD,
    UNIT,
    as_person,
    inspection,
    raise_two_leads,
    record_finding,
    tiny_workspace,
    workbench,
)
from xiaobao.errors import InputError, NotAllowed
from xiaobao.forms.action_table import ActionTable
from xiaobao.forms.filling import FillForm
from xiaobao.forms.lead_table import LeadTable
from xiaobao.forms.page_choice import PageChoice, choose
from xiaobao.forms.patches import read_response
from xiaobao.forms.uploads import Uploads
from xiaobao.model import Conclusion, Disposition, Lead
from xiaobao.numbers import read_number
from xiaobao.workbench.corrective_actions import propose_actions
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.leads import decide_lead
from xiaobao.workbench.results.freezing import Freezer
from xiaobao.workbench.results.questions import ask_questions
from xiaobao.workbench.results.resolving import close_campaign
from xiaobao.workbench.workspace import Workbench

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
HERE = PageChoice(unit=UNIT, period=PERIOD, domain=DOMAIN)
PDF = b"%PDF-1.7\n" + b"x" * 50


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    yield bench
    bench.store.close()


def reply(page: Any, **content: object) -> Mapping[str, Any]:
    return page.reply(content)  # type: ignore[no-any-return]


def test_opening_pages_writes_nothing_and_shows_the_same_text_every_time(wb: Workbench) -> None:
    before = len(wb.store.events())
    shown = {repr(FillForm(wb, HERE)) for _ in range(2)}
    assert shown == {"<检查表填报 城关支行 2026H1 投诉处理检查表 已答 0/8>"}
    assert repr(LeadTable(wb, HERE)) == "<疑点核实与认定 0101 2026H1 complaints 共 0 条>"
    assert repr(ActionTable(wb, HERE)) == "<整改台账 0101 2026H1 complaints 共 0 条>"
    assert len(wb.store.events()) == before


def test_a_page_that_wakes_draws_nothing_and_goes_on_where_it_was(wb: Workbench) -> None:
    reply(FillForm(wb, HERE), type="save", items={"c-01": {"conclusion": "compliant", "revision": 0}})
    page = FillForm(wb, HERE, waking=True)
    assert page.state == {}
    told = reply(page, type="look", known={}, state="draft")
    assert (set(told["items"]), told["moved"]) == ({"c-01"}, "")
    answer = reply(page, type="save", items={"c-01": {"conclusion": "non_compliant", "reason": "漏记", "revision": 1}})
    assert answer["saved"]["c-01"]["revision"] == 2
    assert answer["progress"]["answered"] == 1
    lost = FillForm(wb, PageChoice(unit="没有", period=PERIOD, domain=DOMAIN), waking=True)
    assert "没有这个被检查机构" in str(lost._safely({"type": "look"}, []))


def test_after_a_save_the_form_is_what_reading_it_anew_would_give(wb: Workbench) -> None:
    """Somebody types: nothing is read again. Where the answer says more than itself, everything is."""
    page = FillForm(wb, HERE)
    reply(page, type="save", items={"c-01": {"conclusion": "compliant", "revision": 0}})
    seen: list[str] = []
    event.listen(wb.store.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    needs = {
        "c-02": {},
        "c-count": {"counts": {"late": "1"}, "reason": "漏"},
        "c-missing": {"missing": "1", "reason": "缺"},
        "c-proof": {},
    }
    for item, more in needs.items():
        patch = {"conclusion": "partially_compliant" if more else "compliant", "note": item, "revision": 0, **more}
        answer = reply(page, type="save", items={item: patch})
        assert item in answer["saved"], answer
        anew = FillForm(wb, HERE)
        assert page._form is not None
        assert anew._form is not None
        assert page._form.items == anew._form.items
        assert answer["progress"] == anew.state["progress"]
    del seen[:]
    reply(page, type="save", items={"c-03": {"conclusion": "compliant", "revision": 0}})
    assert not [one for one in seen if "FROM published" in one], "the sheet was read again"


def test_a_patch_is_saved_item_by_item(wb: Workbench) -> None:
    """A good item is saved though its neighbour is refused; the refusal is Chinese and stays at its item."""
    page = FillForm(wb, HERE)
    items = {
        "c-01": {"conclusion": "compliant", "revision": 0},
        "c-02": {"conclusion": "not_applicable", "revision": 0},
    }
    answer = reply(page, type="save", items=items)
    assert answer["saved"]["c-01"]["revision"] == 1
    assert "须说明原因" in answer["faults"]["c-02"][0]
    assert answer["progress"]["answered"] == 1


def test_the_same_patch_again_is_acknowledged_and_not_stored_twice(wb: Workbench) -> None:
    """An acknowledgement that got lost must not look like a conflict."""
    page = FillForm(wb, HERE)
    items = {"c-01": {"conclusion": "compliant", "note": "齐全", "revision": 0}}
    reply(page, type="save", items=items)
    assert reply(page, type="save", items=items)["saved"]["c-01"]["revision"] == 1


def test_another_persons_answer_is_shown_and_not_overwritten(wb: Workbench) -> None:
    mine, theirs = FillForm(wb, HERE), FillForm(as_person(wb, INSPECTOR), HERE)
    reply(theirs, type="save", items={"c-01": {"conclusion": "compliant", "note": "他", "revision": 0}})
    answer = reply(mine, type="save", items={"c-01": {"conclusion": "compliant", "note": "我", "revision": 0}})
    assert answer["saved"] == {}
    assert answer["stale"]["c-01"]["saved"]["note"] == "他"


def test_a_form_is_submitted_only_when_complete(wb: Workbench) -> None:
    with pytest.raises(InputError, match="还没有检查结论"):
        reply(FillForm(wb, HERE), type="submit")


def test_what_cannot_be_opened_is_said_on_the_page(wb: Workbench) -> None:
    """An unknown unit is named, never replaced by another one."""
    page = FillForm(wb, PageChoice(unit="9999", period=PERIOD, domain=DOMAIN))
    assert "机构不存在" in page.state["fault"]
    assert page.state["chooser"]["unit"] == ""
    assert "head" not in page.state


def test_an_address_goes_before_the_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose("0101", PERIOD, "") == PageChoice(unit="0101", period=PERIOD, domain="")
    monkeypatch.setenv("VOILA_REQUEST_URL", "http://127.0.0.1")
    monkeypatch.setenv("QUERY_STRING", "unit=0102&domain=complaints")
    assert choose("0101", PERIOD, "") == PageChoice(unit="0102", period=PERIOD, domain="complaints")


@pytest.mark.parametrize("text", ["abc", "-1", "1e99", "NaN", "Infinity", "1_000", "0.00000001", "--2", [1], True])
def test_what_is_no_plain_number_is_refused(text: object) -> None:
    number, fault = read_number(text)
    assert number is None
    assert fault


@pytest.mark.parametrize(("text", "number"), [("1.5", "1.5"), ("３", "3"), (" 0 ", "0"), (2, "2")])
def test_numbers_are_read_exactly(text: object, number: str) -> None:
    assert read_number(text) == (Decimal(number), "")


def test_every_fault_of_a_patch_is_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        read_response("c-01", {"conclusion": "fine", "deduction": "x", "note": "长" * 5000, "reason": 7})
    assert len(caught.value.faults) == 4


def test_a_blank_patch_is_not_assessed() -> None:
    assert read_response("c-01", {}).conclusion is Conclusion.NOT_ASSESSED


def test_pieces_of_a_file_are_joined_and_compared_with_the_browsers_hash() -> None:
    uploads = Uploads()
    told = {"upload": "u1", "size": len(PDF), "sha256": hashlib.sha256(PDF).hexdigest()}
    assert uploads.take({**told, "offset": 0}, PDF[:20]) is None
    assert uploads.take({**told, "offset": 20}, PDF[20:]) == PDF
    with pytest.raises(InputError, match="损坏"):
        uploads.take({**told, "offset": 0, "sha256": "0" * 64}, PDF)
    with pytest.raises(InputError, match="上传中断"):
        uploads.take({**told, "offset": 20}, PDF[20:])
    with pytest.raises(InputError, match="文件太大"):
        uploads.take({**told, "offset": 0, "size": 60 * 1024 * 1024}, PDF)


def test_a_lead_is_answered_and_then_locked_by_the_decision(wb: Workbench) -> None:
    first, _ = raise_two_leads(wb)
    unit, inspector = LeadTable(wb, HERE), LeadTable(as_person(wb, INSPECTOR), HERE)
    said = {first.id: {"revision": 0, "cells": {"answer": "confirmed", "answer_note": "属实"}}}
    assert reply(unit, type="save", items=said)["saved"][first.id]["cells"]["state"] == "待认定"
    ruled = {first.id: {"revision": 1, "cells": {"decided": "partly", "reason": "已补登"}}}
    row = reply(inspector, type="save", items=ruled)["saved"][first.id]
    assert row["locked"] == ["answer", "answer_note"]
    stale = {first.id: {"revision": 1, "cells": {"reason": "另一个理由"}}}
    assert first.id in reply(inspector, type="save", items=stale)["stale"]


def test_several_leads_are_answered_and_decided_with_one_reason_or_none_is(wb: Workbench) -> None:
    """One act each in the history; the second person's tick of a lead that has changed since refuses all."""
    leads = raise_two_leads(wb)
    unit, inspector = LeadTable(wb, HERE), LeadTable(as_person(wb, INSPECTOR), HERE)
    both = {one.id: 0 for one in leads}
    [act] = [one for one in unit.state["bulk"] if one["name"] == "answer"]
    assert sorted(act["rows"]) == sorted(both)
    with pytest.raises(InputError, match="须写明理由"):
        reply(unit, type="bulk", name="answer", said="confirmed", why=" ", rows=both)
    shown = reply(unit, type="bulk", name="answer", said="confirmed", why="均系漏登", rows=both)["state"]
    assert {row["cells"]["state"] for row in shown["rows"]} == {"待认定"}
    assert not [one for one in shown["bulk"] if one["name"] == "answer"]
    seen = {one.id: 1 for one in leads}
    with pytest.raises(InputError, match="核实人不能认定"):
        reply(unit, type="bulk", name="decided", said="confirmed", why="同意", rows=seen)
    decide_lead(as_person(wb, INSPECTOR), leads[0].id, Disposition.PARTLY, "部分有凭证", 1)
    with pytest.raises(InputError, match="有 1 条已被他人更新"):
        reply(inspector, type="bulk", name="decided", said="confirmed", why="同意", rows=seen)
    assert wb.store.decisions(wb.campaign(PERIOD).id)[leads[1].id].decided is None
    done = reply(inspector, type="bulk", name="decided", said="confirmed", why="同意", rows={leads[1].id: 1})
    assert {row["cells"]["state"] for row in done["state"]["rows"]} == {"已认定"}


def test_a_lead_names_others_of_the_same_person_and_day(wb: Workbench) -> None:
    _, record = inspection(wb)
    same = {"柜员号": "T000001"}
    leads = [
        Lead(id=f"S{n}", check_id=CHECK, item_id="c-overdue", unit=UNIT, period=PERIOD, summary="", record=held,
             business_date=date(2026, 3, day))
        for n, (held, day) in enumerate(((same, 1), (same, 2), ({"柜员号": "T2"}, 2)))
    ]  # fmt: skip
    with wb.store.writing(wb.actor) as tx:
        tx.raise_leads(record.id, [CHECK], leads)
    rows = {row["id"]: row["cells"]["siblings"] for row in LeadTable(wb, HERE).state["rows"]}
    told = {lead: [(one["title"], one["ids"]) for one in found] for lead, found in rows.items()}
    assert told["S0"] == [("同一柜员 T000001 另有 1 条", ["S1"])]
    assert ("同一柜员 T000001 另有 1 条", ["S0"]) in told["S1"]
    assert any("2026-03-02" in title and ids == ["S1"] for title, ids in told["S2"])


def test_a_measure_takes_owner_and_step_together(wb: Workbench) -> None:
    record_finding(wb)
    propose_actions(wb, PERIOD)
    page = ActionTable(wb, HERE)
    row = page.state["rows"][0]
    patch = {row["id"]: {"revision": row["revision"], "cells": {"owner": "王五", "to": "done", "note": "已补办"}}}
    saved = reply(page, type="save", items=patch)["saved"][row["id"]]
    assert saved["cells"]["status"] == "已整改待验证"
    assert "measure" in saved["locked"]


def test_a_message_without_shape_is_refused_in_chinese(wb: Workbench) -> None:
    page = LeadTable(wb, HERE)
    answer = reply(page, type="save", items={"L1": "x"})
    assert "页面内容不完整" in answer["faults"]["L1"][0]


@pytest.mark.parametrize("name", ["fill", "leads", "corrective_actions"])
def test_the_notebooks_are_thin(name: str) -> None:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert "parameters" in code[0].metadata.tags
    assert code[1].source == "import xiaobao as xb"
    assert all(len(cell.source.splitlines()) <= 8 for cell in code)


def test_the_form_asks_what_each_new_kind_of_rule_needs() -> None:
    from tests.factories.scoring import additive, cases, item, peers, proportion
    from xiaobao.forms.showing import rule_inputs

    parts = item("I", "10", additive(("a", "4"), ("b", "3", 2)))
    asked = [inputs for rule in parts.rules for inputs in rule_inputs(parts, rule)]
    assert [(one["cause"], one["hint"]) for one in asked] == [
        ("a", "做到得 4 分，做到填 1"),
        ("b", "做到得 3 分，最多 2 次"),
    ]
    mixed = item("I", "8", cases(("bad", "-3")), proportion("40"), peers("day"), minimum="-4")
    hints = [inputs["hint"] for rule in mixed.rules for inputs in rule_inputs(mixed, rule)]
    assert hints == ["出现填 1，该项直接定为 -3 分", "目标 40 个", "与全部受检机构的最好值比较"]


# --- 数据已更新 -----------------------------------------------------------------------------------------------------


def import_late(wb: Workbench, *rows: list[str]) -> None:
    """Import the ledger, each row a complaint that took long, and let a run put its questions."""
    head = ["投诉编号", "机构号", "受理日期", "处理决定日期"]
    file = tables.write_csv(wb.home, [head, *rows], name="complaints.csv")
    import_extract(wb, "complaints", [file], PERIOD, replace=True)
    ask_questions(Freezer(wb, wb.campaign(PERIOD)))


def asked_by_data(wb: Workbench) -> None:
    import_late(wb, ["T1", UNIT, "2026-01-05", "2026-03-01"])
    hand_in(as_person(wb, FILLER), PERIOD)
    import_late(wb, ["T1", UNIT, "2026-01-05", "2026-03-01"], ["T2", UNIT, "2026-01-05", "2026-04-01"])


def test_the_page_says_what_newer_data_ask_and_who_may_answer(wb: Workbench) -> None:
    asked_by_data(wb)
    question = FillForm(as_person(wb, INSPECTOR), HERE).state["question"]
    assert (question["open"], question["mayAnswer"], question["why"]) == (True, True, "")
    assert "依据 2026-07-05 提交时的数据" in question["title"]
    assert any("投诉台账 1 行 → 2 行" in line for line in question["lines"])
    assert any("提交时 疑点待核实 1 条，现在 疑点待核实 2 条" in line for line in question["lines"])
    filler = FillForm(as_person(wb, FILLER), HERE)
    assert filler.state["question"]["mayAnswer"] is False
    assert "复核人答复" in filler.state["question"]["why"]
    with pytest.raises(NotAllowed, match="填报人"):
        reply(filler, type="answer_question", answer="kept", reason="不影响")


def test_the_page_keeps_the_sheet_with_a_reason_and_says_on_which_data_it_rests(wb: Workbench) -> None:
    asked_by_data(wb)
    page = FillForm(as_person(wb, INSPECTOR), HERE)
    with pytest.raises(InputError, match="理由"):
        reply(page, type="answer_question", answer="kept", reason=" ")
    state = reply(page, type="answer_question", answer="kept", reason="补报一件，下期处理")["state"]
    assert (state["question"]["open"], state["question"]["mayAnswer"]) == (False, False)
    assert state["question"]["why"] == f"维持原结果：补报一件，下期处理（{INSPECTOR.name}）"
    assert state["head"]["state"] == "submitted"
    with pytest.raises(InputError, match="没有待答复"):
        reply(page, type="answer_question", answer="kept", reason="再来一次")


def test_the_page_returns_the_sheet_which_then_takes_the_newer_data(wb: Workbench) -> None:
    asked_by_data(wb)
    page = FillForm(as_person(wb, INSPECTOR), HERE)
    state = reply(page, type="answer_question", answer="returned", reason="按新数据重查")["state"]
    assert (state["head"]["state"], state["question"]) == ("returned", None)
    assert wb.store.questions(wb.campaign(PERIOD).id)[UNIT, DOMAIN].state == "returned"
    with pytest.raises(InputError, match="不认识"):
        reply(page, type="answer_question", answer="gone", reason="x")


def test_after_the_campaign_is_closed_the_page_shows_the_question_and_offers_no_answer(wb: Workbench) -> None:
    import_late(wb, ["T1", UNIT, "2026-01-05", "2026-03-01"])
    hand_in(as_person(wb, FILLER), PERIOD)
    close_campaign(wb, wb.campaign(PERIOD))
    import_late(wb, ["T1", UNIT, "2026-01-05", "2026-03-01"], ["T2", UNIT, "2026-01-05", "2026-04-01"])
    page = FillForm(as_person(wb, INSPECTOR), HERE)
    assert page.state["question"]["mayAnswer"] is False
    assert "终稿" in page.state["question"]["why"]
    with pytest.raises(NotAllowed, match="终稿"):
        reply(page, type="answer_question", answer="kept", reason="不影响")
