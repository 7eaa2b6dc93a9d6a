"""操作留痕 cannot be changed by the program; who changes it past the program is found out, the place named."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import asdict, replace
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.factories.store import CHECK, FILLER, OTHER, make_finding, make_lead, make_score, open_campaign
from xiaobao import store as storing
from xiaobao.errors import InputError, NotAllowed
from xiaobao.model import Disposition, LeadDecision, Response, Stage
from xiaobao.store import Store
from xiaobao.store.history import event_hash
from xiaobao.store.models import Event
from xiaobao.store.security import guard_history
from xiaobao.store.tables import audit_events, chain_heads, decisions, imports, leads, payloads, responses

CHAIN = "inspection:1"


def fill(store: Store) -> None:
    """Two units with answers, leads, decisions and results: a history of some twenty events."""
    first, second = open_campaign(store, ["0010", "0020"])
    for revision in range(3):
        with store.writing(FILLER) as tx:
            tx.save_response(first.id, Response(item_id="CP-01", note=f"第{revision}次"), revision)
            tx.save_response(second.id, Response(item_id="CP-01", note=f"第{revision}次"), revision)
    with store.writing(OTHER) as tx:
        tx.raise_leads(first.id, [CHECK], [make_lead(1), make_lead(2)])
        tx.save_decision(LeadDecision(lead_id=make_lead(1).id, answer=Disposition.CONFIRMED, answer_note="属实"), 0)
        tx.record_result(first.id, "d", make_score(stage=Stage.BEFORE), make_score(), (), (make_finding(),))
        tx.add_import("complaints", "2026H1", "台账.xlsx", "a" * 64, 3, "data/a.parquet")


@contextmanager
def tampering(store: Store) -> Iterator[Connection]:
    """A connection of somebody with full rights on the database, who first puts the guards out of action."""
    with store.engine.connect().execution_options(xiaobao_writing=True) as connection:
        if connection.dialect.name == "sqlite":
            connection.connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[attr-defined]
        with connection.begin():
            _disarm(connection)
            yield connection
            if connection.dialect.name == "sqlite":
                guard_history(connection)
            else:
                connection.execute(text("SET session_replication_role = DEFAULT"))


def _disarm(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in names:
            connection.execute(text(f"DROP TRIGGER {name}"))
    else:
        connection.execute(text("SET session_replication_role = replica"))


def event_at(connection: Connection, position: int, chain: str = CHAIN) -> Event:
    row = connection.execute(
        select(audit_events).where(audit_events.c.chain == chain, audit_events.c.position == position)
    ).one()
    return Event(**row._asdict())


def change_event(position: int, rehash: bool = False, **values: object) -> Callable[[Connection], None]:
    def tamper(connection: Connection) -> None:
        event = replace(event_at(connection, position), **values)  # type: ignore[arg-type]
        if rehash:
            values["hash"] = event_hash(event)
        connection.execute(update(audit_events).where(audit_events.c.seq == event.seq).values(**values))

    return tamper


def drop_event(position: int) -> Callable[[Connection], None]:
    def tamper(connection: Connection) -> None:
        event = event_at(connection, position)
        connection.execute(audit_events.delete().where(audit_events.c.seq == event.seq))

    return tamper


def cut_tail(connection: Connection) -> None:
    connection.execute(audit_events.delete().where(audit_events.c.chain == CHAIN, audit_events.c.position > 4))


def cut_tail_and_head(connection: Connection) -> None:
    cut_tail(connection)
    last = event_at(connection, 4)
    connection.execute(update(chain_heads).where(chain_heads.c.chain == CHAIN).values(position=4, hash=last.hash))


def swap_two(connection: Connection) -> None:
    second, third = event_at(connection, 2), event_at(connection, 3)
    for event, position in ((second, 902), (third, 2), (second, 3)):
        connection.execute(update(audit_events).where(audit_events.c.seq == event.seq).values(position=position))


def insert_one(connection: Connection) -> None:
    head = connection.execute(select(chain_heads).where(chain_heads.c.chain == CHAIN)).one()
    forged = replace(
        event_at(connection, 2), seq=9000, position=head.position + 1, revision=99, previous_hash=head.hash
    )
    row = asdict(replace(forged, hash=event_hash(forged)))
    row.pop("payload")
    connection.execute(insert(audit_events), [row])


def copy_from_other_chain(connection: Connection) -> None:
    foreign = event_at(connection, 2, "inspection:2")
    values = {name: value for name, value in asdict(foreign).items() if name not in ("seq", "payload", "chain")}
    connection.execute(update(audit_events).where(audit_events.c.seq == event_at(connection, 2).seq).values(**values))


def change_payload(connection: Connection) -> None:
    sha = event_at(connection, 2).payload_sha256
    connection.execute(update(payloads).where(payloads.c.sha256 == sha).values(body='{"note":"改过"}'))


def empty_payload(connection: Connection) -> None:
    sha = event_at(connection, 2).payload_sha256
    connection.execute(update(payloads).where(payloads.c.sha256 == sha).values(body=None))


def drop_payload(connection: Connection) -> None:
    connection.execute(payloads.delete().where(payloads.c.sha256 == event_at(connection, 2).payload_sha256))


def old_answer_back(connection: Connection) -> None:
    old = event_at(connection, 2)
    connection.execute(
        update(responses).where(responses.c.inspection_id == 1).values(payload=old.payload_sha256, revision=1)
    )


def drop_answer(connection: Connection) -> None:
    connection.execute(responses.delete().where(responses.c.inspection_id == 1))


def drop_decision(connection: Connection) -> None:
    connection.execute(decisions.delete())


def hide_lead(connection: Connection) -> None:
    connection.execute(update(leads).where(leads.c.id == make_lead(1).id).values(withdrawn=True))


def move_lead(connection: Connection) -> None:
    connection.execute(update(leads).where(leads.c.id == make_lead(2).id).values(inspection_id=2))


def smuggle_answer(connection: Connection) -> None:
    row = connection.execute(select(responses).where(responses.c.inspection_id == 1)).one()
    connection.execute(insert(responses), [{**row._mapping, "item_id": "CP-99"}])


def smuggle_payload(connection: Connection) -> None:
    connection.execute(insert(payloads).values(sha256="f" * 64, body="{}"))


def set_state_by_hand(connection: Connection) -> None:
    connection.execute(text("UPDATE inspections SET unit = '0099' WHERE id = 1"))


def import_period_by_hand(connection: Connection) -> None:
    connection.execute(text("UPDATE imports SET period = '2025H2'"))


def drop_head(connection: Connection) -> None:
    connection.execute(chain_heads.delete().where(chain_heads.c.chain == CHAIN))


def new_store_id(connection: Connection) -> None:
    connection.execute(text("UPDATE store_info SET value = 'other'"))


TAMPERINGS: dict[str, tuple[Callable[[Connection], None], str]] = {
    "actor changed": (change_event(2, actor="别人"), r"inspection:1 第 2 条.*内容被改动"),
    "actor changed and hashed again": (change_event(2, rehash=True, actor="别人"), r"inspection:1 第 3 条.*接不上"),
    "last event hashed again": (change_event(8, rehash=True, verb="x"), r"inspection:1：链尾登记与第 8 条不符"),
    "verified set": (change_event(3, verified=False), r"第 3 条.*内容被改动"),
    "time changed": (change_event(3, at=datetime(2026, 1, 1, tzinfo=UTC)), r"第 3 条.*内容被改动"),
    "object changed": (change_event(4, object="response:CP-02"), r"第 4 条.*内容被改动"),
    "event deleted": (drop_event(3), r"inspection:1 第 4 条.*第 3 条被删除"),
    "first event deleted": (drop_event(1), r"第 2 条.*第 1 条被删除"),
    "tail cut": (cut_tail, r"末尾第 5 至 \d+ 条被删除"),
    "tail and head cut": (cut_tail_and_head, r"疑点.*没有留痕|版次|不符"),
    "events swapped": (swap_two, r"inspection:1 第 2 条|次序被调换"),
    "event added": (insert_one, r"inspection:1：第 \d+ 条起是绕过程序添加的"),
    "event from another chain": (copy_from_other_chain, r"inspection:1 第 2 条.*内容被改动"),
    "payload changed": (change_payload, r"第 2 条.*所附内容被改动"),
    "payload emptied": (empty_payload, r"被清除而没有清除记录"),
    "payload deleted": (drop_payload, r"被删除"),
    "payload smuggled in": (smuggle_payload, r"没有任何留痕提到"),
    "old answer put back": (old_answer_back, r"检查结论 inspection:1 response:CP-01：现行内容与留痕第 3 版不符"),
    "answer deleted": (drop_answer, r"inspection:1 的 response:CP-01：现行记录被删除"),
    "answer smuggled in": (smuggle_answer, r"response:CP-99：现行记录没有留痕"),
    "decision deleted": (drop_decision, r"decision:L001000001：现行记录被删除"),
    "lead hidden": (hide_lead, r"疑点 inspection:1 lead:L001000001：是否撤销与留痕不符"),
    "lead moved": (move_lead, r"疑点 inspection:2 lead:L001000002：现行记录没有留痕"),
    "inspection given to another unit": (set_state_by_hand, r"检查任务 inspection:1 inspection：字段 unit"),
    "import moved to another period": (import_period_by_hand, r"导入记录 workspace import:1：字段 period"),
    "head deleted": (drop_head, r"inspection:1：链尾登记被删除"),
    "chains of another store": (new_store_id, r"第 1 条.*来自别的数据库"),
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_tampering_is_found_and_named(store: Store, kind: str) -> None:
    tamper, expected = TAMPERINGS[kind]
    fill(store)
    assert store.verify() == []
    with tampering(store) as connection:
        tamper(connection)
    faults = store.verify()
    assert faults
    assert re.search(expected, "\n".join(faults)), faults


def test_a_payload_that_can_no_longer_be_read_is_named_and_the_rest_is_still_looked_at(store: Store) -> None:
    fill(store)
    with tampering(store) as connection:
        sha = connection.scalar(select(imports.c.payload))
        connection.execute(update(payloads).where(payloads.c.sha256 == sha).values(body='{"dataset_": "complaints"}'))
        drop_decision(connection)
    faults = "\n".join(store.verify())
    assert "导入记录 workspace import:1：所附内容读不出来" in faults
    assert "decision:L001000001：现行记录被删除" in faults


def test_a_dropped_guard_is_named(store: Store) -> None:
    fill(store)
    with store.engine.begin() as connection:
        on = "" if connection.dialect.name == "sqlite" else " ON payloads"
        connection.execute(text(f"DROP TRIGGER payloads_no_update{on}"))
    assert store.verify() == ["防止改动历史的触发器 payloads_no_update 被删除"]


def test_a_checkpoint_kept_elsewhere_shows_a_store_put_back_and_a_rewritten_history(tmp_path: Path) -> None:
    path, old = tmp_path / "a.sqlite", tmp_path / "old.sqlite"
    with storing.open(f"sqlite:///{path}", create=True) as store:
        fill(store)
        early = store.checkpoint()
        store.backup(old)
        with store.writing(FILLER) as tx:
            tx.save_response(1, Response(item_id="CP-01", note="更差的结论"), 3)
        late = store.checkpoint()
        assert [store.checkpoint_faults(kept) for kept in (early, late)] == [[], []]
        with tampering(store) as connection:
            connection.execute(update(audit_events).where(audit_events.c.chain == CHAIN).values(hash="0" * 64))
        assert any("历史被改写" in fault for fault in store.checkpoint_faults(late))
        with pytest.raises(InputError, match="检查点写法不对"):
            store.checkpoint_faults("昨天")
    shutil.copy(old, path)
    with storing.open(f"sqlite:///{path}") as store:
        assert store.checkpoint() == early
        assert any("换回旧库" in fault for fault in store.checkpoint_faults(late))


def test_an_old_copy_is_sound_in_itself_and_found_by_an_anchor_kept_elsewhere(tmp_path: Path) -> None:
    path, old = tmp_path / "a.sqlite", tmp_path / "old.sqlite"
    with storing.open(f"sqlite:///{path}", create=True) as store:
        fill(store)
        store.backup(old)
        with store.writing(FILLER) as tx:
            tx.save_response(1, Response(item_id="CP-01", note="更差的结论"), 3)
        anchor = store.heads()
        assert store.verify(anchor) == []
    shutil.copy(old, path)
    with storing.open(f"sqlite:///{path}") as store:
        assert store.verify() == []
        assert any("被截短或换回旧库" in fault for fault in store.verify(anchor))


def test_a_rewritten_history_does_not_fit_an_earlier_anchor(store: Store) -> None:
    fill(store)
    anchor = store.heads()
    with tampering(store) as connection:
        change_event(8, rehash=True, actor="别人")(connection)
        last = event_at(connection, 8)
        connection.execute(update(chain_heads).where(chain_heads.c.chain == CHAIN).values(hash=last.hash))
    assert store.verify() == []
    assert any("与另处保存的登记不符" in fault for fault in store.verify(anchor))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET actor = 'x'",
        "DELETE FROM audit_events",
        "DELETE FROM payloads",
        "UPDATE payloads SET body = '{}' WHERE body IS NOT NULL",
        "UPDATE published SET version = '9'",
        "DELETE FROM published",
        "UPDATE store_info SET value = 'x'",
    ],
)
def test_the_database_itself_refuses_to_change_history(store: Store, statement: str) -> None:
    fill(store)
    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(text(statement))
    assert store.verify() == []


def test_every_change_leaves_one_event_with_who_when_and_what(store: Store) -> None:
    [inspection] = open_campaign(store)
    before = len(store.events(1000))
    with store.writing(OTHER) as tx:
        tx.save_response(inspection.id, Response(item_id="CP-01", note="好"), 0)
    assert len(store.events(1000)) == before + 1
    [event] = store.events(1)
    assert (event.actor, event.verified, event.verb, event.object) == ("另一填报人", True, "save", "response:CP-01")
    assert event.payload is not None
    assert "好" in event.payload
    assert [one.seq for one in store.events(object="response:CP-01")] == [event.seq]


def test_an_erased_text_is_gone_and_the_chain_still_holds(store: Store) -> None:
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        tx.save_response(inspection.id, Response(item_id="CP-01", note="客户张某"), 0)
    [event] = store.events(1)
    with pytest.raises(NotAllowed, match="现行内容"), store.writing(FILLER) as tx:
        tx.erase_payload(event.seq, "含个人信息")
    with store.writing(FILLER) as tx:
        tx.save_response(inspection.id, Response(item_id="CP-01", note="客户"), 1)
    with pytest.raises(InputError, match="原因"), store.writing(OTHER) as tx:
        tx.erase_payload(event.seq, "")
    with store.writing(OTHER) as tx:
        tx.erase_payload(event.seq, "含个人信息")
    assert store.verify() == []
    assert [one.note for one in store.response_history(inspection.id, "CP-01")] == ["客户"]
    with store.engine.connect() as connection:
        assert connection.scalar(select(func.count()).where(payloads.c.body.contains("张某"))) == 0
    assert store.events(1)[0].verb == "erase"


def test_clean_stores_raise_no_alarm(store: Store) -> None:
    assert store.verify() == []
    fill(store)
    assert store.verify(store.heads()) == []
