"""Filings in the store: every step stays in the history, on both engines; a stale step is refused with both texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from tests.factories.filings import issued
from tests.factories.store import FILLER, OTHER, REVIEWER
from xiaobao.errors import InputError, StaleRevision
from xiaobao.features.filings.filing import FiledDocument, FilingActor, accept, file, send_back
from xiaobao.store import Store

ON = date(2026, 7, 3)
PAPER = FiledDocument(name="报告.docx", sha256="ab" * 32, path="evidence/ab/x.docx")


def put(store: Store, *units: str) -> None:
    with store.writing(REVIEWER) as tx:
        tx.save_kept("filings", "request", [issued(unit, wanted=("受理投诉件数",)) for unit in units])


def step(store: Store, unit: str, verb: str, change: Callable[[Any], Any]) -> None:
    [before] = store.kept("filings", kind="half-year", period="2026H1", unit=unit)
    with store.writing(OTHER) as tx:
        tx.save_kept("filings", verb, [change(before)])


def test_what_was_filed_comes_back_the_same_and_every_step_is_in_the_history(store: Store) -> None:
    put(store, "0101", "0102")
    numbers = {"受理投诉件数": Decimal("3.50")}
    step(store, "0101", "file", lambda one: file(one, FilingActor(name="填报人"), ON, PAPER, numbers, "余额<100万元"))
    step(store, "0101", "return", lambda one: send_back(one, FilingActor(name="总行"), "缺附表", date(2026, 7, 9)))
    step(store, "0101", "file", lambda one: file(one, FilingActor(name="填报人"), ON, PAPER, numbers))
    step(store, "0101", "accept", lambda one: accept(one, FilingActor(name="总行")))
    first, second = store.kept("filings", kind="half-year", period="2026H1")
    assert (first.state, first.returns, first.figures, first.document) == ("accepted", 1, numbers, PAPER)
    assert (first.revision, first.due, second.state) == (5, date(2026, 7, 9), "issued")
    verbs = [event.verb for event in store.events(chain="filing:half-year:2026H1", object="filing:0101")]
    assert verbs == ["accept", "file", "return", "file", "request"]
    assert store.verify() == []


def test_the_same_filing_is_issued_once_and_a_batch_is_all_or_nothing(store: Store) -> None:
    put(store, "0101")
    with pytest.raises(InputError, match=r"已经下发.*|.*已经下发"):
        put(store, "0102", "0101")
    assert [one.unit for one in store.kept("filings")] == ["0101"]


def test_a_step_on_an_old_revision_is_refused_with_both_texts(store: Store) -> None:
    put(store, "0101")
    [seen] = store.kept("filings")
    step(store, "0101", "file", lambda one: file(one, FilingActor(name="甲"), ON, None, {"受理投诉件数": Decimal(1)}))
    offered = file(seen, FilingActor(name="乙"), ON, None, {"受理投诉件数": Decimal(2)})
    with pytest.raises(StaleRevision, match="已被他人更新") as stale, store.writing(FILLER) as tx:
        tx.save_kept("filings", "file", [offered])
    assert (stale.value.saved, stale.value.offered) == (store.kept("filings")[0], offered)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        ("UPDATE filings SET state = 'accepted'", "字段 state 与所附内容不符"),
        ("DELETE FROM filings", "现行记录被删除"),
        ("UPDATE filings SET unit = '0109'", "现行记录没有留痕"),
    ],
)
def test_a_filing_changed_behind_the_programs_back_is_named(store: Store, spoil: str, complaint: str) -> None:
    put(store, "0101")
    with store.engine.connect() as connection, connection.begin():
        connection.execute(text(spoil))
    assert any(complaint in fault and "filing:half-year:2026H1" in fault for fault in store.verify())


def test_nothing_is_saved_when_the_block_fails(store: Store) -> None:
    put(store, "0101")
    [before] = store.kept("filings")
    with pytest.raises(InputError, match="已经下发"), store.writing(FILLER) as tx:
        tx.save_kept("filings", "remind", [replace(before, reminders=(ON,)), issued("0101")])
    assert store.kept("filings") == (before,)
