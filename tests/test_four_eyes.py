"""Four eyes by person: who did one step never does the next, by whatever spelling, seat, unit or road."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import structs

from tests.factories.people import acting_as, entry
from tests.factories.rights import DOMAIN, HEAD, OTHER, OWN, SOMEBODY, Doors, _form, _save_answer, rights_bank
from xiaobao.errors import InputError, NotAllowed
from xiaobao.model import Disposition, LeadDecision, Redress, Role, Seat
from xiaobao.workbench.corrective_actions import fill_action, move_action
from xiaobao.workbench.inspections.signing import allowed_steps, review, submit
from xiaobao.workbench.leads import LeadEntry, answer_lead, apply_lead_rows, decide_lead
from xiaobao.workbench.people import PersonEntry, add_person, disable_person, end_seat, name_deputy
from xiaobao.workbench.workspace import Workbench

TODAY = date.today()
YES = Disposition.CONFIRMED
MADE_GOOD = Redress(made_good=True, refunded=Decimal(120), told_on=date(2026, 7, 1))


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    bench = rights_bank(tmp_path / "bank")
    yield Doors(bench)
    bench.store.close()


def as_(doors: Doors, login: str) -> Workbench:
    return acting_as(doors.wb, login)


def also(doors: Doors, login: str, role: Role, unit: str = "") -> None:
    """Give a person a further seat."""
    add_person(as_(doors, "admin"), entry(login, role, unit, name=f"姓名{login}"))


def test_who_ever_answered_never_decides_even_where_another_worded_it_last(doors: Doors) -> None:
    also(doors, "filler", Role.HEAD_OFFICE)
    lead = doors._before_lead_answer(OWN)
    first = answer_lead(as_(doors, "filler"), lead, YES, "属实", 0)
    second = answer_lead(as_(doors, "head"), lead, YES, "属实，已补办", first.revision)
    with pytest.raises(NotAllowed, match="核实人不能认定") as refused:
        decide_lead(as_(doors, "filler"), lead, YES, "同意", second.revision)
    assert "可以由" in str(refused.value) and "姓名office" in str(refused.value)
    rows = [LeadEntry(lead_id=lead, decided=YES, reason="同意", row=2)]
    with pytest.raises(InputError, match="核实人不能认定"):
        apply_lead_rows(as_(doors, "filler"), rows)
    assert decide_lead(as_(doors, "office"), lead, YES, "同意", second.revision).decided_by == "姓名office"


def test_a_name_that_two_people_share_stops_only_the_one_who_acted(doors: Doors) -> None:
    add_person(as_(doors, "admin"), entry("twin", Role.HEAD_OFFICE, name="姓名filler"))
    lead = doors._before_lead_answer(OWN)
    said = answer_lead(as_(doors, "filler"), lead, YES, "属实", 0)
    assert decide_lead(as_(doors, "twin"), lead, YES, "同意", said.revision).decided is YES


def test_who_answered_before_people_were_registered_is_known_by_another_spelling(doors: Doors) -> None:
    lead = doors._before_lead_answer(OWN)
    with doors.wb.store.writing(SOMEBODY) as tx:
        said = tx.save_decision(LeadDecision(lead_id=lead, answer=YES, answer_note="属实"), 0)
    add_person(as_(doors, "admin"), entry("later", Role.HEAD_OFFICE, name="别处 的人"))
    with pytest.raises(NotAllowed, match="核实人不能认定"):
        decide_lead(as_(doors, "later"), lead, YES, "同意", said.revision)


def test_a_lead_waits_for_the_units_answer_or_its_last_day(doors: Doors) -> None:
    lead = doors._before_lead_answer(OWN)
    office = as_(doors, "office")
    with pytest.raises(NotAllowed, match="机构还没有核实"):
        decide_lead(office, lead, YES, "同意", 0)
    days = doors.wb.settings.policies.lead_answer_days
    last = date(2026, 7, 5) + timedelta(days=days)
    on = replace(office, settings=structs.replace(office.settings, as_of=last))
    with pytest.raises(NotAllowed, match="机构还没有核实"):
        decide_lead(on, lead, YES, "同意", 0)
    after = replace(office, settings=structs.replace(office.settings, as_of=last + timedelta(days=1)))
    assert decide_lead(after, lead, YES, "逾期未核实，按查实认定", 0).decided is YES


def test_a_deputy_is_still_himself(doors: Doors) -> None:
    lead = doors._before_lead_answer(OWN)
    said = answer_lead(as_(doors, "filler"), lead, YES, "属实", 0)
    name_deputy(as_(doors, "admin"), "office", "filler", TODAY, TODAY)
    with pytest.raises(NotAllowed, match="核实人不能认定"):
        decide_lead(as_(doors, "filler"), lead, YES, "同意", said.revision)
    other = doors._before_lead_decide(OTHER)
    assert decide_lead(as_(doors, "filler"), other, YES, "同意", 1).decided_by == "姓名filler"


def test_who_reported_done_never_verifies_and_nobody_of_the_unit_closes(doors: Doors) -> None:
    for login in ("filler", "head"):
        also(doors, login, Role.HEAD_OFFICE)
    number = doors.measure(OWN, "open")
    filled = fill_action(as_(doors, "filler"), number, "逐笔补办", "head", date(2026, 9, 1), "", 1)
    assert (filled.owner, filled.owner_login) == ("姓名head", "head")
    done = move_action(as_(doors, "filler"), number, "done", "已补办", filled.revision, MADE_GOOD)
    for login in ("filler", "head"):
        with pytest.raises(NotAllowed, match="不能验证自己的整改"):
            move_action(as_(doors, login), number, "verified", "", done.revision)
    verified = move_action(as_(doors, "inspector"), number, "verified", "抽查", done.revision)
    also(doors, "reviewer", Role.HEAD_OFFICE)
    for login, why in (("filler", "报告完成的人不能"), ("head", "责任人"), ("reviewer", "被检查机构")):
        with pytest.raises(NotAllowed, match=why):
            move_action(as_(doors, login), number, "closed", "", verified.revision)
    assert move_action(as_(doors, "office"), number, "closed", "同意", verified.revision).status == "closed"


def test_the_owner_is_a_person_of_the_register(doors: Doors) -> None:
    number = doors.measure(OWN, "open")
    filler = as_(doors, "filler")
    with pytest.raises(InputError, match="责任人没有登记"):
        fill_action(filler, number, "补办", "张三", date(2026, 9, 1), "", 1)
    add_person(as_(doors, "admin"), entry("twin", Role.FILLER, OTHER, name="姓名head"))
    with pytest.raises(InputError, match="有 2 人叫这个名字"):
        fill_action(filler, number, "补办", "姓名head", date(2026, 9, 1), "", 1)
    assert fill_action(filler, number, "补办", " HEAD ", date(2026, 9, 1), "", 1).owner_login == "head"


@pytest.mark.parametrize(
    ("redress", "why"),
    [
        (None, "须写明补救情况"),
        (Redress(made_good=True), "告知消费者的日期"),
        (Redress(made_good=False), "没有补救的须写明原因"),
    ],
)
def test_a_case_line_closes_on_evidence_and_a_statement(doors: Doors, redress: Redress | None, why: str) -> None:
    number = doors.measure(OWN, "verified")
    now = next(one for one in doors.wb.store.actions() if one.id == number)
    with doors.wb.store.writing(SOMEBODY) as tx:
        bare = tx.save_action(structs.replace(now, redress=redress, evidence=()), now.revision)
    with pytest.raises(InputError) as refused:
        move_action(as_(doors, "office"), number, "closed", "", bare.revision)
    assert why in str(refused.value) and "没有佐证材料" in str(refused.value)


def test_a_mechanism_line_closes_when_the_same_item_was_clean_later(doors: Doors) -> None:
    number = doors.measure(OWN, "verified")
    now = next(one for one in doors.wb.store.actions() if one.id == number)
    with doors.wb.store.writing(SOMEBODY) as tx:
        [line] = tx.save_actions(
            [structs.replace(now, id=f"{now.finding_id}-M", line="mechanism", evidence=(), revision=0)]
        )
    with pytest.raises(InputError, match="以后的数据或复查"):
        move_action(as_(doors, "office"), line.id, "closed", "", line.revision)
    doors.clean(OWN)
    closed = move_action(as_(doors, "office"), line.id, "closed", "", line.revision)
    assert (closed.status, closed.proof) == ("closed", "复查（2026H2）未见同一问题")


def test_findings_of_head_office_itself_are_closed_by_audit_or_a_leader(doors: Doors) -> None:
    with doors.wb.store.writing(SOMEBODY) as tx:
        tx.ensure_inspections(doors.campaign.id, [(HEAD, DOMAIN)])
    number = doors.measure(HEAD, "verified")
    for login in ("office", "inspector", "compliance"):
        with pytest.raises(NotAllowed):
            move_action(as_(doors, login), number, "closed", "", 1)
    add_person(as_(doors, "admin"), _bank("audit2", Role.INTERNAL_AUDIT))
    assert move_action(as_(doors, "audit2"), number, "closed", "同意", 1).status == "closed"


@pytest.mark.parametrize("login", ["audit", "leader"])
def test_who_sits_in_head_office_as_audit_or_leader_closes_its_findings_unless_he_works_there_too(
    doors: Doors, login: str
) -> None:
    with doors.wb.store.writing(SOMEBODY) as tx:
        tx.ensure_inspections(doors.campaign.id, [(HEAD, DOMAIN)])
    number = doors.measure(HEAD, "verified")
    also(doors, login, Role.FILLER, HEAD)
    with pytest.raises(NotAllowed, match="的人不能为本机构的整改销号"):
        move_action(as_(doors, login), number, "closed", "同意", 1)
    end_seat(as_(doors, "admin"), login, HEAD, Role.FILLER, TODAY - timedelta(days=1))
    assert move_action(as_(doors, login), number, "closed", "同意", 1).status == "closed"


def test_whoever_filled_a_sheet_is_told_who_else_reviews_it_or_which_role_is_missing(doors: Doors) -> None:
    also(doors, "filler", Role.REVIEWER, OWN)
    doors.state(OWN, "returned")
    _save_answer(doors, as_(doors, "filler"), OWN, None)
    submit(as_(doors, "filler"), _form(as_(doors, "filler"), OWN))
    form = _form(as_(doors, "filler"), OWN)
    told = "不得复核.*；可以由姓名reviewer、.*办理"  # of the unit itself first, then of the level above
    with pytest.raises(NotAllowed, match=told):
        review(as_(doors, "filler"), form)
    assert re.search(told, allowed_steps(as_(doors, "filler"), form)["reviewed"])
    for login in ("reviewer", "office", "line"):
        disable_person(as_(doors, "admin"), login)
    with pytest.raises(NotAllowed, match="登记簿里没有别人可以复核检查表，请登记：复核人、总行消保部、条线部门"):
        review(as_(doors, "filler"), form)


def test_a_unit_with_too_few_people_is_told_who_is_missing(doors: Doors) -> None:
    also(doors, "filler", Role.HEAD_OFFICE)
    lead = doors._before_lead_answer(OWN)
    said = answer_lead(as_(doors, "filler"), lead, YES, "属实", 0)
    for login in ("office", "inspector", "line"):
        disable_person(as_(doors, "admin"), login)
    with pytest.raises(NotAllowed, match="登记簿里没有别人可以认定疑点，请登记：检查人员、总行消保部、条线部门"):
        decide_lead(as_(doors, "filler"), lead, YES, "同意", said.revision)


def test_a_person_disabled_with_a_form_open_saves_nothing(doors: Doors) -> None:
    lead = doors._before_lead_answer(OWN)
    mine = as_(doors, "filler")
    disable_person(as_(doors, "admin"), "filler")
    with pytest.raises(NotAllowed, match="已停用"):
        answer_lead(mine, lead, YES, "属实", 0)


def _bank(login: str, role: Role) -> PersonEntry:
    return PersonEntry(login=login, name=f"姓名{login}", seats=(Seat(unit="", role=role),))
