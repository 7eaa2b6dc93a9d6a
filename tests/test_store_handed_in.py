"""What a sheet rests on, and the questions put to it, are kept on both engines, each step in the history."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories.store import CHECK, FILLER, REVIEWER, open_campaign
from xiaobao.errors import InputError, NotAllowed, StaleRevision
from xiaobao.model import CheckStatus
from xiaobao.store import Store
from xiaobao.store.models import CheckChange, DataChange, HandedIn, Question

KEPT = HandedIn(day=date(2026, 7, 5), frozen={"as_of": "2026-07-05"}, answers={"CP-01": 1})


def question(inspection: int, **more: object) -> Question:
    change = CheckChange(check_id=CHECK, before=CheckStatus.CLEAR, hits_before=0, now=CheckStatus.LEADS, hits_now=2)
    data = DataChange(dataset="complaints", before="a" * 64, rows_before=1, now="b" * 64, rows_now=3)
    return Question(
        inspection_id=inspection,
        state="open",
        day=date(2026, 7, 9),
        data=(data,),
        checks=(change,),
        **more,  # type: ignore[arg-type]
    )


def test_what_a_sheet_rests_on_is_kept_from_its_hand_in_and_each_hand_in_stays_in_the_history(store: Store) -> None:
    [inspection] = open_campaign(store)
    with pytest.raises(NotAllowed, match="还没有提交"), store.writing(FILLER) as tx:
        tx.hand_in(inspection.id, KEPT)
    with store.writing(FILLER) as tx:
        submitted = tx.set_state(inspection.id, "submitted", inspection.revision)
        tx.hand_in(inspection.id, KEPT)
    with store.writing(REVIEWER) as tx:
        returned = tx.set_state(inspection.id, "returned", submitted.revision, "重查")
    with store.writing(FILLER) as tx:
        tx.set_state(inspection.id, "submitted", returned.revision)
        tx.hand_in(inspection.id, HandedIn(day=date(2026, 7, 8), frozen={}, answers={"CP-01": 2}))
    [kept] = store.handed_in(inspection.campaign_id).values()
    assert kept.answers == {"CP-01": 2}
    assert [event.revision for event in store.events(object="handed_in")] == [2, 1]
    assert store.verify() == []


def test_a_question_is_put_once_answered_with_a_reason_and_closed_by_a_return(store: Store) -> None:
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        submitted = tx.set_state(inspection.id, "submitted", inspection.revision)
        asked = tx.save_question(question(inspection.id))
    with pytest.raises(StaleRevision), store.writing(FILLER) as tx:
        tx.save_question(question(inspection.id))
    with pytest.raises(InputError, match="理由"), store.writing(REVIEWER) as tx:
        tx.answer_question(inspection.id, "kept", "")
    with store.writing(REVIEWER) as tx:
        kept = tx.answer_question(inspection.id, "kept", "不影响")
    assert (kept.state, kept.answered_by, kept.revision) == ("kept", REVIEWER.name, asked.revision + 1)
    with store.writing(REVIEWER) as tx:
        tx.set_state(inspection.id, "returned", submitted.revision, "重查")
    [closed] = store.questions(inspection.campaign_id).values()
    assert (closed.state, closed.reason) == ("returned", "重查")
    assert store.verify() == []


def test_a_question_taken_out_of_the_store_is_missed(store: Store) -> None:
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        tx.set_state(inspection.id, "submitted", inspection.revision)
        tx.hand_in(inspection.id, KEPT)
        tx.save_question(question(inspection.id))
    with store.engine.connect() as connection:
        connection.exec_driver_sql("DELETE FROM questions")
        connection.exec_driver_sql("DELETE FROM handed_in")
        connection.commit()
    assert len([fault for fault in store.verify() if "现行记录被删除" in fault]) == 2
