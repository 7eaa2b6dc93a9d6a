"""Several people on one inspection: nobody's words are overwritten in silence, and who fills does not review."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.store import FILLER, OTHER, REVIEWER, Clock, open_campaign
from xiaobao import store as storing
from xiaobao.errors import InputError, NotAllowed, StaleRevision
from xiaobao.model import Actor, Response
from xiaobao.store import Store


@pytest.fixture
def second(store: Store, store_url: str) -> Iterator[Store]:
    """Another connection to the same store, as another process has."""
    with storing.open(store_url) as opened:
        yield opened


def test_a_save_on_an_old_revision_is_refused_with_both_texts(store: Store, second: Store) -> None:
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        saved = tx.save_response(inspection.id, Response(item_id="CP-01", note="甲说"), 0)
    offered = Response(item_id="CP-01", note="乙说")
    with pytest.raises(StaleRevision, match=r"填报人.*第 1 版") as stale, second.writing(OTHER) as tx:
        tx.save_response(inspection.id, offered, 0)
    assert stale.value.saved == saved
    assert stale.value.offered == offered
    assert second.responses(inspection.id)["CP-01"].note == "甲说"


def test_every_revision_of_an_answer_can_be_read_again(store: Store, second: Store) -> None:
    [inspection] = open_campaign(store)
    for revision, (opened, actor) in enumerate(((store, FILLER), (second, OTHER), (store, FILLER))):
        with opened.writing(actor) as tx:
            tx.save_response(inspection.id, Response(item_id="CP-01", note=f"第{revision}次"), revision)
    history = store.response_history(inspection.id, "CP-01")
    assert [(one.revision, one.note, one.author) for one in history] == [
        (1, "第0次", "填报人"),
        (2, "第1次", "另一填报人"),
        (3, "第2次", "填报人"),
    ]
    assert store.response_history(inspection.id, "CP-02") == ()


def test_of_several_answers_with_one_stale_none_is_saved(store: Store) -> None:
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        tx.save_response(inspection.id, Response(item_id="CP-02"), 0)
    with pytest.raises(StaleRevision), store.writing(FILLER) as tx:
        tx.save_responses(inspection.id, [Response(item_id="CP-01"), Response(item_id="CP-02")])
    assert set(store.responses(inspection.id)) == {"CP-02"}


def test_who_submitted_may_neither_review_nor_return(store: Store) -> None:
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        submitted = tx.set_state(inspection.id, "submitted", inspection.revision)
    for state in ("reviewed", "returned"):
        with pytest.raises(NotAllowed, match="不得复核"), store.writing(FILLER) as tx:
            tx.set_state(inspection.id, state, submitted.revision, "试一试")
    with store.writing(REVIEWER) as tx:
        assert tx.set_state(inspection.id, "reviewed", submitted.revision).state == "reviewed"
    assert store.verify() == []


def test_who_filled_one_answer_may_not_review_under_another_spelling_of_the_name(store: Store) -> None:
    [inspection] = open_campaign(store)
    with store.writing(Actor(name="Li Na", verified=True)) as tx:
        tx.save_response(inspection.id, Response(item_id="CP-01"), 0)
    with store.writing(FILLER) as tx:
        submitted = tx.set_state(inspection.id, "submitted", inspection.revision + 1)
    with pytest.raises(NotAllowed), store.writing(Actor(name="ＬＩ ＮＡ")) as tx:
        tx.set_state(inspection.id, "reviewed", submitted.revision)


def test_a_submitted_inspection_takes_no_answers_until_it_is_returned_with_a_reason(store: Store) -> None:
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        tx.save_response(inspection.id, Response(item_id="CP-01"), 0)
        submitted = tx.set_state(inspection.id, "submitted", inspection.revision)
    with pytest.raises(NotAllowed, match="已提交"), store.writing(FILLER) as tx:
        tx.save_response(inspection.id, Response(item_id="CP-01"), 1)
    with pytest.raises(InputError, match="原因"), store.writing(REVIEWER) as tx:
        tx.set_state(inspection.id, "returned", submitted.revision)
    with store.writing(REVIEWER) as tx:
        tx.set_state(inspection.id, "returned", submitted.revision, "缺佐证")
    assert store.inspections(1)[0].reason == "缺佐证"
    with store.writing(FILLER) as tx:
        assert tx.save_response(inspection.id, Response(item_id="CP-01"), 1).revision == 2


def test_only_the_submitter_takes_a_submission_back(store: Store) -> None:
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        submitted = tx.set_state(inspection.id, "submitted", inspection.revision)
    with pytest.raises(NotAllowed, match="提交人"), store.writing(OTHER) as tx:
        tx.set_state(inspection.id, "draft", submitted.revision)
    with store.writing(FILLER) as tx:
        assert tx.set_state(inspection.id, "draft", submitted.revision).state == "draft"


def test_a_state_out_of_order_is_refused_and_names_what_is_allowed(store: Store) -> None:
    [inspection] = open_campaign(store)
    with pytest.raises(NotAllowed, match="只能改为：已确认待提交、已提交"), store.writing(REVIEWER) as tx:
        tx.set_state(inspection.id, "reviewed", inspection.revision)


def test_an_answer_saved_after_the_form_was_opened_makes_the_submission_stale(store: Store, second: Store) -> None:
    [inspection] = open_campaign(store)
    with second.writing(OTHER) as tx:
        tx.save_response(inspection.id, Response(item_id="CP-01"), 0)
    with pytest.raises(StaleRevision, match="请刷新"), store.writing(FILLER) as tx:
        tx.set_state(inspection.id, "submitted", inspection.revision)
    assert store.inspections(1)[0].state == "draft"


def test_a_clock_set_back_does_not_change_the_order(store_url: str) -> None:
    clock = Clock()
    with storing.open(store_url, create=True, clock=clock) as store:
        [inspection] = open_campaign(store)
        for revision, year in enumerate((2026, 2025, 2036, 2026)):
            clock.now = clock.now.replace(year=year)
            with store.writing(FILLER) as tx:
                tx.save_response(inspection.id, Response(item_id="CP-01", note=str(revision)), revision)
        assert [one.note for one in store.response_history(inspection.id, "CP-01")] == ["0", "1", "2", "3"]
        assert store.verify() == []
        assert len(store.odd_times()) == 2
