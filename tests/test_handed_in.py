"""What was handed in stays: new data ask a question, and only a named act moves the result, with before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import structs

from tests.factories import tables
from tests.factories.answering import fill, hand_in, record_paper
from tests.factories.inspections import (
    CHECK,
    DOMAIN,
    FILLER,
    INSPECTOR,
    PERIOD,
    UNIT,
    as_person,
    tiny_workspace,
    workbench,
)
from xiaobao.errors import InputError, NotAllowed
from xiaobao.model import CheckStatus, Conclusion, Disposition, Response, Stage
from xiaobao.pages.views.paper import findings as paper_findings
from xiaobao.store.models import HandedIn, Question
from xiaobao.workbench.corrective_actions import actions_table, propose_actions
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.leads import decide_lead, leads_table
from xiaobao.workbench.results.freezing import Freezer
from xiaobao.workbench.results.handing_in import KEPT, keep_outstanding
from xiaobao.workbench.results.movements import movements
from xiaobao.workbench.results.questions import ask_questions, keep_sheet, return_sheet
from xiaobao.workbench.results.reading import findings as read_findings
from xiaobao.workbench.results.reading import work_paper
from xiaobao.workbench.results.recording import raise_leads
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import Workbench

HEAD = ["投诉编号", "机构号", "受理日期", "处理决定日期"]
LATE = ["T1", UNIT, "2026-01-05", "2026-03-01"]
IN_TIME = ["T2", UNIT, "2026-02-02", "2026-02-06"]
ALSO_LATE = ["T3", UNIT, "2026-03-02", "2026-05-06"]


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"), INSPECTOR)
    bring_in(bench, LATE, IN_TIME)
    yield bench
    bench.store.close()


def bring_in(wb: Workbench, *rows: list[str]) -> None:
    file = tables.write_csv(wb.home, [HEAD, *rows], name="complaints.csv")
    import_extract(wb, "complaints", [file], PERIOD, replace=True)


def run(wb: Workbench) -> tuple[Question, ...]:
    """Do what a run does, without notebooks."""
    freezer = Freezer(wb, wb.campaign(PERIOD))
    keep_outstanding(freezer)
    asked = ask_questions(freezer)
    record_paper(wb, UNIT, PERIOD)
    return asked


def recorded(wb: Workbench) -> Decimal | None:
    return wb.store.results(wb.campaign(PERIOD).id, UNIT)[UNIT, DOMAIN].after.value


def hits(wb: Workbench) -> int:
    [result] = work_paper(wb, UNIT, PERIOD, DOMAIN).check_results
    return result.hits


def kept(wb: Workbench) -> HandedIn:
    return wb.store.handed_in(wb.campaign(PERIOD).id)[UNIT, DOMAIN]


def reviewed(wb: Workbench) -> None:
    form = inspecting.open_form(wb, UNIT, PERIOD, DOMAIN)
    signing.review(wb, form)


def test_a_draft_follows_the_data(wb: Workbench) -> None:
    assert hits(wb) == 1
    bring_in(wb, LATE, IN_TIME, ALSO_LATE)
    assert hits(wb) == 2
    assert ask_questions(Freezer(wb, wb.campaign(PERIOD))) == ()


def test_answers_evidence_and_data_are_kept_at_hand_in(wb: Workbench) -> None:
    form = hand_in(wb, PERIOD)
    inputs = kept(wb)
    assert inputs.answers == {entry.item.id: 1 for entry in form.items.values() if entry.answered}
    assert [one.item_id for one in inputs.evidence] == ["c-proof"]
    [partition] = (wb.home / KEPT).rglob("*.parquet")
    assert partition.stem in str(inputs.frozen["extracts"])
    assert verify_workspace(wb) == ()
    partition.unlink()
    [fault] = verify_workspace(wb)
    assert "提交时固定的数据" in fault and "缺失" in fault


@pytest.mark.parametrize("review_first", [False, True], ids=["handed in", "reviewed"])
def test_an_import_afterwards_moves_nothing_and_asks(wb: Workbench, review_first: bool) -> None:
    hand_in(wb, PERIOD)
    if review_first:
        reviewed(wb)
    assert run(wb) == ()
    before = recorded(wb)
    bring_in(wb, LATE, IN_TIME, ALSO_LATE)

    [question] = run(wb)
    assert (recorded(wb), hits(wb)) == (before, 1)
    [check] = question.checks
    assert (check.check_id, check.hits_before, check.hits_now) == (CHECK, 1, 2)
    [data] = question.data
    assert (data.dataset, data.rows_before, data.rows_now) == ("complaints", 2, 3)
    said = work_paper(wb, UNIT, PERIOD, DOMAIN).rests_on
    assert "提交时" in said and "待答复" in said and "投诉台账 2 行 → 3 行" in said
    assert movements(wb.store, wb.campaign(PERIOD)) == ()
    assert len(wb.store.leads(wb.campaign(PERIOD).id, UNIT)) == 1
    assert run(wb) == (question,), "the same question is not put again"
    assert wb.store.verify() == []


def test_the_day_the_settings_and_the_register_move_nothing_either(wb: Workbench) -> None:
    hand_in(wb, PERIOD)
    before = work_paper(wb, UNIT, PERIOD, DOMAIN)
    policies = structs.replace(wb.settings.policies, partly_counts=Decimal(0), days="working")
    later = replace(wb, settings=structs.replace(wb.settings, policies=policies, as_of=date(2026, 6, 30)))
    register = wb.home / "again.csv"
    register.write_text("机构号,机构名称,层级,业务开办清单,是否检查对象\n0101,改名支行,支行,理财,是\n", "utf-8")
    import_extract(wb, "units", [register], PERIOD, replace=True)
    assert work_paper(later, UNIT, PERIOD, DOMAIN) == before


def test_a_question_is_answered_by_keeping_the_sheet_with_a_reason(wb: Workbench) -> None:
    hand_in(wb, PERIOD)
    bring_in(wb, LATE, IN_TIME, ALSO_LATE)
    run(wb)
    campaign = wb.campaign(PERIOD)
    with pytest.raises(InputError, match="理由"):
        keep_sheet(wb, campaign, UNIT, DOMAIN, " ")
    with pytest.raises(NotAllowed, match="填报人"):
        keep_sheet(as_person(wb, FILLER), campaign, UNIT, DOMAIN, "不影响")
    answered = keep_sheet(wb, campaign, UNIT, DOMAIN, "补报一件，下期处理")
    assert (answered.state, answered.answered_by) == ("kept", INSPECTOR.name)
    assert run(wb) == () and hits(wb) == 1
    assert "维持原结果" in work_paper(wb, UNIT, PERIOD, DOMAIN).rests_on
    bring_in(wb, LATE, ALSO_LATE)
    assert len(run(wb)) == 1, "other data again are another question"


def test_a_question_is_answered_by_returning_the_sheet_which_takes_the_new_data(wb: Workbench) -> None:
    hand_in(wb, PERIOD)
    bring_in(wb, LATE, IN_TIME, ALSO_LATE)
    run(wb)
    returned = return_sheet(wb, wb.campaign(PERIOD), UNIT, DOMAIN, "按新数据重查")
    assert returned.state == "returned" and "数据已更新" in returned.reason
    assert hits(wb) == 2
    signing.submit(as_person(wb, FILLER), inspecting.open_form(wb, UNIT, PERIOD, DOMAIN))
    assert run(wb) == () and hits(wb) == 2
    assert wb.store.questions(wb.campaign(PERIOD).id)[UNIT, DOMAIN].state == "returned"


def test_data_put_back_take_the_question_back(wb: Workbench) -> None:
    hand_in(wb, PERIOD)
    bring_in(wb, LATE, IN_TIME, ALSO_LATE)
    run(wb)
    bring_in(wb, LATE, IN_TIME)
    assert run(wb) == ()
    assert wb.store.questions(wb.campaign(PERIOD).id)[UNIT, DOMAIN].state == "gone"


def test_a_sheet_handed_in_before_this_was_kept_is_kept_before_new_data_come_in(wb: Workbench) -> None:
    """As in a workspace of an earlier version, which moved the state alone."""
    form = fill(as_person(wb, FILLER), PERIOD)
    assert form.record is not None
    with wb.store.writing(FILLER) as tx:
        tx.set_state(form.record.id, "submitted", form.record.revision)
    assert wb.store.handed_in(wb.campaign(PERIOD).id) == {}
    bring_in(wb, LATE, IN_TIME, ALSO_LATE)
    assert hits(wb) == 1
    assert len(run(wb)) == 1


def test_a_lead_decided_after_the_review_moves_the_score_and_the_history_says_from_what_to_what(wb: Workbench) -> None:
    hand_in(wb, PERIOD)
    run(wb)
    reviewed(wb)
    run(wb)
    before = recorded(wb)
    campaign = wb.campaign(PERIOD)
    [lead] = wb.store.leads(campaign.id, UNIT)
    decide_lead(wb, lead.id, Disposition.CONFIRMED, "经核台账属实", 0)
    assert recorded(wb) == before, "nothing moves before it is recorded"
    run(wb)
    after = recorded(wb)
    assert after != before
    [moved] = movements(wb.store, campaign)
    assert (moved.unit, moved.domain, moved.before, moved.after) == (UNIT, DOMAIN, before, after)
    assert moved.acts == (f"疑点认定（{INSPECTOR.name}）：经核台账属实",)
    assert wb.store.verify() == []


def test_before_and_after_are_those_of_the_score_that_counts(wb: Workbench) -> None:
    hand_in(wb, PERIOD)
    run(wb)
    run(wb)
    assert movements(wb.store, wb.campaign(PERIOD)) == ()
    assert work_paper(wb, UNIT, PERIOD, DOMAIN).after.stage is Stage.AFTER
    assert work_paper(wb, UNIT, PERIOD, DOMAIN).check_results[0].status is CheckStatus.LEADS


NOT_SO = Response(item_id="c-01", conclusion=Conclusion.NON_COMPLIANT, note="没有登记")


def findings(wb: Workbench) -> set[str]:
    return {one.item_id for one in read_findings(wb, wb.campaign(PERIOD))}


def drafts(wb: Workbench) -> set[str]:
    return {one.item_id for one in work_paper(wb, UNIT, PERIOD, DOMAIN).findings if one.draft}


def test_a_lost_point_is_a_draft_until_the_review_and_raises_no_measures(wb: Workbench) -> None:
    fill(as_person(wb, FILLER), PERIOD, c_01=NOT_SO)
    record_paper(wb, UNIT, PERIOD)
    assert (findings(wb), drafts(wb)) == (set(), set())  # nothing is assessed before the hand-in
    signing.submit(as_person(wb, FILLER), inspecting.open_form(wb, UNIT, PERIOD, DOMAIN))
    run(wb)
    assert (findings(wb), drafts(wb)) == (set(), {"c-01"})
    assert "〔草稿〕第1项登记完整" in str(paper_findings(work_paper(wb, UNIT, PERIOD, DOMAIN)))
    assert propose_actions(wb, PERIOD) == 0
    reviewed(wb)
    run(wb)
    assert (findings(wb), drafts(wb)) == ({"c-01"}, set())
    assert propose_actions(wb, PERIOD) > 0


def test_a_bank_may_call_it_a_finding_at_hand_in(wb: Workbench) -> None:
    policies = structs.replace(wb.settings.policies, findings_from="hand_in")
    bank = replace(wb, settings=structs.replace(wb.settings, policies=policies))
    fill(as_person(bank, FILLER), PERIOD, c_01=NOT_SO)
    record_paper(bank, UNIT, PERIOD)
    assert findings(bank) == set()
    signing.submit(as_person(bank, FILLER), inspecting.open_form(bank, UNIT, PERIOD, DOMAIN))
    run(bank)
    assert findings(bank) == {"c-01"}


@pytest.mark.parametrize("handed", [False, True], ids=["draft", "handed in"])
@pytest.mark.parametrize(
    ("decided", "finding"), [(Disposition.CONFIRMED, True), (Disposition.PARTLY, True), (Disposition.REFUTED, False)]
)
def test_a_lead_decided_true_is_a_finding_whatever_state_its_sheet_is_in(
    wb: Workbench, handed: bool, decided: Disposition, finding: bool
) -> None:
    fill(as_person(wb, FILLER), PERIOD)
    if handed:
        signing.submit(as_person(wb, FILLER), inspecting.open_form(wb, UNIT, PERIOD, DOMAIN))
    record_paper(wb, UNIT, PERIOD)
    [lead] = wb.store.leads(wb.campaign(PERIOD).id, UNIT)
    assert findings(wb) == set()
    decide_lead(wb, lead.id, decided, "经核台账", 0)
    record_paper(wb, UNIT, PERIOD)
    assert findings(wb) == ({"c-overdue"} if finding else set())


def test_days_run_from_issue_so_that_nothing_is_born_overdue(wb: Workbench) -> None:
    """Leads and measures of a period that ended long ago."""
    late = replace(wb, settings=structs.replace(wb.settings, as_of=date(2026, 11, 28)))
    fill(as_person(late, FILLER), PERIOD)
    raise_leads(late, late.campaign(PERIOD))
    [row] = leads_table(late, PERIOD)
    assert (row.due, row.overdue) == (date(2026, 12, 8), False)
    day_after = replace(wb, settings=structs.replace(wb.settings, as_of=date(2026, 12, 9)))
    raise_leads(day_after, wb.campaign(PERIOD))
    [row] = leads_table(day_after, PERIOD)
    assert (row.due, row.overdue) == (date(2026, 12, 8), True), "another round does not issue it anew"

    decide_lead(late, row.lead.id, Disposition.CONFIRMED, "经核台账", 0)
    record_paper(late, UNIT, PERIOD)
    propose_actions(late, PERIOD)
    rows = actions_table(late, PERIOD)
    days = late.settings.action_days
    assert rows and not any(one.overdue for one in rows)
    assert {one.action.due for one in rows} == {date(2026, 11, 28) + timedelta(days=days[rows[0].finding.severity])}  # type: ignore[union-attr]
