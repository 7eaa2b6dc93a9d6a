"""Leads are raised, withdrawn and come back; what people said of them stays."""

from __future__ import annotations

import pytest

from tests.factories.store import CHECK, FILLER, OTHER, make_lead, open_campaign
from xiaobao.errors import InputError, StaleRevision
from xiaobao.model import Disposition, LeadDecision
from xiaobao.store import Store


def test_a_lead_raised_again_keeps_its_decision_when_withdrawn_and_when_it_comes_back(store: Store) -> None:
    [inspection] = open_campaign(store)
    first, second = make_lead(1), make_lead(2)
    with store.writing(FILLER) as tx:
        assert tx.raise_leads(inspection.id, [CHECK], [first, second]) == (2, 0, 0)
        decided = tx.save_decision(LeadDecision(lead_id=first.id, decided=Disposition.REFUTED, reason="已办结"), 0)
    with store.writing(FILLER) as tx:
        assert tx.raise_leads(inspection.id, [CHECK], [second]) == (0, 1, 1)
    assert store.leads(1) == (second,)
    assert store.leads(1, withdrawn=True) == (first, second)
    assert store.decisions(1) == {first.id: decided}
    with store.writing(FILLER) as tx:
        assert tx.raise_leads(inspection.id, [CHECK], [first, second]) == (0, 2, 0)
    assert store.leads(1) == (first, second)
    assert store.decisions(1, unit="0010") == {first.id: decided}
    assert store.verify() == []


def test_raising_the_same_again_leaves_no_event(store: Store) -> None:
    [inspection] = open_campaign(store)
    for _ in range(2):
        with store.writing(FILLER) as tx:
            tx.raise_leads(inspection.id, [CHECK], [make_lead()])
    assert len(store.events(chain=f"inspection:{inspection.id}")) == 2


def test_leads_of_a_check_that_was_not_evaluated_stay(store: Store) -> None:
    [inspection] = open_campaign(store)
    other = make_lead(9, check="complaints.review_overdue")
    with store.writing(FILLER) as tx:
        tx.raise_leads(inspection.id, [CHECK, other.check_id], [make_lead(), other])
        assert tx.raise_leads(inspection.id, [CHECK], []) == (0, 0, 1)
        assert tx.raise_leads(inspection.id, [], []) == (0, 0, 0)
    assert store.leads(1) == (other,)


def test_a_changed_text_is_taken_over_and_columns_keep_their_order(store: Store) -> None:
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        tx.raise_leads(inspection.id, [CHECK], [make_lead()])
        assert tx.raise_leads(inspection.id, [CHECK], [make_lead(summary="超期 3 天")]) == (0, 1, 0)
    [lead] = store.leads(1)
    assert lead.summary == "超期 3 天"
    assert list(lead.record) == ["投诉编号", "业务类别"]


def test_a_thousand_leads_are_raised_and_withdrawn_at_once(store: Store) -> None:
    [inspection] = open_campaign(store)
    many = [make_lead(number) for number in range(1000)]
    with store.writing(FILLER) as tx:
        assert tx.raise_leads(inspection.id, [CHECK], many) == (1000, 0, 0)
        saved = tx.save_decisions(LeadDecision(lead_id=lead.id, answer=Disposition.CONFIRMED) for lead in many)
    assert len(saved) == len(store.decisions(1)) == 1000
    with store.writing(FILLER) as tx:
        assert tx.raise_leads(inspection.id, [CHECK], []) == (0, 0, 1000)
    assert store.leads(1) == ()
    assert store.verify() == []


def test_leads_are_read_by_unit_and_domain(store: Store) -> None:
    one, two = open_campaign(store, ["0010", "0020"])
    with store.writing(FILLER) as tx:
        tx.raise_leads(one.id, [CHECK], [make_lead(1)])
        tx.raise_leads(two.id, [CHECK], [make_lead(1, "0020")])
    assert [lead.unit for lead in store.leads(1)] == ["0010", "0020"]
    assert [lead.unit for lead in store.leads(1, unit="0020", domain="complaints")] == ["0020"]
    assert store.leads(1, domain="disclosure") == ()


def test_foreign_and_repeated_leads_are_refused_all_at_once(store: Store) -> None:
    [inspection] = open_campaign(store)
    wrong = [make_lead(1, "0020"), make_lead(2, check="complaints.x"), make_lead(3), make_lead(3)]
    with pytest.raises(InputError) as refused, store.writing(FILLER) as tx:
        tx.raise_leads(inspection.id, [CHECK], wrong)
    assert len(refused.value.faults) == 3
    assert store.leads(1) == ()


def test_unit_and_inspector_sign_what_each_said(store: Store) -> None:
    [inspection] = open_campaign(store)
    lead = make_lead()
    with store.writing(FILLER) as tx:
        tx.raise_leads(inspection.id, [CHECK], [lead])
        answered = tx.save_decision(
            LeadDecision(lead_id=lead.id, answer=Disposition.REFUTED, answer_note="客户申请延期"), 0
        )
    from msgspec.structs import replace

    with store.writing(OTHER) as tx:
        decided = tx.save_decision(replace(answered, decided=Disposition.CONFIRMED, reason="无审批"), 1)
    assert (decided.answered_by, decided.decided_by, decided.revision) == ("填报人", "另一填报人", 2)
    with store.writing(OTHER) as tx:
        changed = tx.save_decision(replace(decided, answer_note="改了说法"), 2)
    assert (changed.answered_by, changed.decided_by) == ("另一填报人", "另一填报人")


def test_a_decision_on_an_old_revision_or_an_unknown_lead_is_refused(store: Store) -> None:
    [inspection] = open_campaign(store)
    lead = make_lead()
    with store.writing(FILLER) as tx:
        tx.raise_leads(inspection.id, [CHECK], [lead])
        saved = tx.save_decision(LeadDecision(lead_id=lead.id, answer=Disposition.CONFIRMED), 0)
    with pytest.raises(StaleRevision, match="填报人") as stale, store.writing(OTHER) as tx:
        tx.save_decision(LeadDecision(lead_id=lead.id, answer=Disposition.REFUTED), 0)
    assert stale.value.saved == saved
    with pytest.raises(InputError) as refused, store.writing(OTHER) as tx:
        tx.save_decisions([LeadDecision(lead_id="Lx"), LeadDecision(lead_id="Ly")])
    assert [fault.value for fault in refused.value.faults] == ["Lx", "Ly"]


def test_one_fact_seen_by_two_campaigns_is_decided_once(store: Store) -> None:
    [first] = open_campaign(store)
    [second] = open_campaign(store, name="专项检查")
    lead = make_lead()
    with store.writing(FILLER) as tx:
        tx.raise_leads(first.id, [CHECK], [lead])
        tx.raise_leads(second.id, [CHECK], [lead])
        saved = tx.save_decision(LeadDecision(lead_id=lead.id, decided=Disposition.PARTLY), 0)
    assert store.decisions(1) == store.decisions(2) == {lead.id: saved}
    assert store.verify() == []
