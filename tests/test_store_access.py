"""Sessions, links and locks as the store keeps them: hashes, ends that never move later, tickets of one kernel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from tests.factories.store import open_campaign
from xiaobao import store as storing
from xiaobao.errors import NotAllowed
from xiaobao.model import Actor, Person, Response, Role, Seat
from xiaobao.store import Store
from xiaobao.store.models import SKEW, AccessLink, Session
from xiaobao.store.tickets import Signer

NOON = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
WANG = Person(login="wang", name="王五", seats=(Seat(unit="0010", role=Role.FILLER),))
ACTOR = Actor(name="王五", verified=True, login="wang", unit="0010", role="filler")
SYSTEM = Actor(name="系统")
KERNEL = "11111111-1111-1111-1111-111111111111"


def session(**changed: object) -> Session:
    made = {"hash": "a" * 64, "login": "wang", "kind": "password", "made": NOON, "seen": NOON}
    return Session(**{**made, "until": NOON + timedelta(hours=12), "idle": 1800, **changed})  # type: ignore[arg-type]


@pytest.fixture
def clocked(store_url: str):  # type: ignore[no-untyped-def]
    """A store with 王五 in it, whose clock stands at noon until the test sets it."""

    class Clock:
        now = NOON

        def __call__(self) -> datetime:
            return self.now

    clock = Clock()
    with storing.open(store_url, create=True, clock=clock) as opened:
        [inspection] = open_campaign(opened)
        with opened.writing(SYSTEM) as tx:
            tx.save_kept("people", "add", [WANG])
            tx.access.open_session(session())
        yield opened, clock, inspection.id


@pytest.mark.parametrize(
    ("at", "changed", "alive"),
    [
        (timedelta(minutes=29, seconds=59), {}, True),
        (timedelta(minutes=30), {}, False),  # idle
        (timedelta(hours=11, minutes=59), {"seen": NOON + timedelta(hours=11, minutes=59)}, True),
        (timedelta(hours=12), {"seen": NOON + timedelta(hours=11, minutes=59)}, False),  # over
        (-SKEW, {}, True),
        (-SKEW - timedelta(seconds=1), {}, False),  # the clock was set back
        (timedelta(hours=1), {"seen": NOON + timedelta(hours=3)}, False),  # so it was
        (timedelta(minutes=1), {"ended": NOON}, False),
    ],
)
def test_a_session_holds_until_it_is_idle_over_ended_or_the_clock_goes_back(
    at: timedelta, changed: dict[str, object], alive: bool
) -> None:
    assert session(**changed).alive(NOON + at) is alive


def test_a_link_opens_until_its_end() -> None:
    link = AccessLink(hash="b" * 64, login="wang", kind="first", made=NOON, until=NOON + timedelta(days=1))
    assert link.open(NOON + timedelta(hours=23, minutes=59))
    assert not link.open(NOON + timedelta(days=1))
    assert not link.open(NOON - SKEW - timedelta(seconds=1))
    assert not replace(link, ended=NOON).open(NOON)


def test_what_happens_is_noted_and_verify_has_nothing_to_say(clocked) -> None:  # type: ignore[no-untyped-def]
    store, _, _ = clocked
    link = AccessLink(hash="b" * 64, login="wang", kind="first", made=NOON, until=NOON + timedelta(days=1))
    with store.writing(SYSTEM) as tx:
        tx.access.add_link(link)
        tx.access.set_password("wang", "$argon2id$secret")
        tx.access.note("wang", "locked")
        tx.access.add_key("k", "00")
    assert store.verify() == []
    told = [event.payload for event in store.each_event() if event.verb == "sign_in"]
    assert [text.split('"')[3] for text in told] == ["link_made", "password_set", "locked"]
    assert not any(secret in text for text in told for secret in ("argon2", "b" * 64, "a" * 64))
    assert store.link("b" * 64).ended is not None
    assert store.session("a" * 64, NOON)[1] is None


def test_the_fifth_failure_locks_for_a_quarter_of_an_hour_and_survives_reopening(
    clocked,  # type: ignore[no-untyped-def]
    store_url: str,
) -> None:
    store, clock, _ = clocked
    quarter = timedelta(minutes=15)

    def fail() -> bool:
        with store.writing(SYSTEM) as tx:
            return bool(tx.access.count_failure("login:wang", 5, quarter, quarter))

    assert [fail() for _ in range(5)] == [False] * 4 + [True]
    with storing.open(store_url) as again:
        assert again.locked("login:wang", NOON + quarter - timedelta(seconds=1))
        assert not again.locked("login:wang", NOON + quarter)
        assert [one.subject for one in again.locks(NOON)] == ["login:wang"]
    clock.now = NOON + timedelta(minutes=10)
    assert fail() is False  # and a lock that stands is not made longer
    assert not store.locked("login:wang", NOON + quarter)
    clock.now = NOON + quarter
    assert [fail() for _ in range(5)] == [False] * 4 + [True]


def test_failures_far_apart_never_lock(clocked) -> None:  # type: ignore[no-untyped-def]
    store, clock, _ = clocked
    for number in range(12):
        clock.now = NOON + number * timedelta(minutes=4)
        with store.writing(SYSTEM) as tx:
            assert not tx.access.count_failure("login:wang", 5, timedelta(minutes=15), timedelta(minutes=15))


def signer_of(store: Store) -> Signer:
    signer = Signer(store.store_id())
    with store.writing(SYSTEM) as tx:
        tx.access.add_key(signer.id, signer.public)
    return signer


def test_a_ticket_lets_its_person_write_in_its_kernel(clocked) -> None:  # type: ignore[no-untyped-def]
    store, _, home = clocked
    signer = signer_of(store)
    assert store.present(signer.ticket(session(), KERNEL), KERNEL).person == replace(WANG, revision=1)
    with store.writing(ACTOR) as tx:
        tx.save_response(home, Response(item_id="CP-01"), 0)
    with pytest.raises(NotAllowed, match="操作人与登录的人不一致"), store.writing(replace(ACTOR, login="li")):
        pass
    with pytest.raises(NotAllowed, match="操作人与登录的人不一致"), store.writing(Actor(name="王五", verified=True)):
        pass


@pytest.mark.parametrize("wrong", ["kernel", "no kernel", "body", "signature", "unknown key", "ended key", "by hand"])
def test_a_ticket_that_is_not_this_kernels_is_refused_in_words(clocked, wrong: str) -> None:  # type: ignore[no-untyped-def]
    store, _, _ = clocked
    signer = signer_of(store)
    ticket, kernel = signer.ticket(session(), KERNEL), KERNEL
    if wrong == "kernel":
        kernel = KERNEL.replace("1", "2")
    elif wrong == "no kernel":
        ticket, kernel = signer.ticket(session(), ""), ""
    elif wrong == "body":
        other = signer.ticket(session(login="li"), KERNEL)
        ticket = f"{other.partition('.')[0]}.{ticket.partition('.')[2]}"
    elif wrong == "signature":
        ticket = ticket[:-4] + ("AAAA" if ticket[-4:] != "AAAA" else "BBBB")
    elif wrong == "unknown key":
        ticket = Signer(store.store_id()).ticket(session(), KERNEL)
    elif wrong == "ended key":
        with store.writing(SYSTEM) as tx:
            tx.access.end_key(signer.id)
    else:
        ticket = "wang"
    with pytest.raises(NotAllowed, match="XIAOBAO_TICKET 不是本服务为这个内核签发的"):
        store.present(ticket, kernel)


@pytest.mark.parametrize("why", ["signed out", "idle", "disabled", "clock set back", "password changed", "gone"])
def test_a_form_that_is_open_when_its_session_ends_saves_nothing(clocked, why: str) -> None:  # type: ignore[no-untyped-def]
    store, clock, home = clocked
    signer = signer_of(store)
    store.present(signer.ticket(session(), KERNEL), KERNEL)
    elsewhere = storing.open(str(store.engine.url) if store.path is None else f"sqlite:///{store.path}", clock=clock)
    if store.path is None:
        elsewhere.engine.dispose()
        elsewhere = Store(store.engine, None, False, clock)
    with elsewhere.writing(SYSTEM) as tx:
        if why == "signed out":
            tx.access.end_session("a" * 64)
        elif why == "disabled":
            tx.save_kept("people", "disable", [replace(WANG, disabled=True, revision=1)])
        elif why == "password changed":
            tx.access.set_password("wang", "$argon2id$")
        elif why == "gone":
            tx.ledger.connection.execute(text("DELETE FROM sessions"))
    clock.now += {"idle": timedelta(minutes=30), "clock set back": timedelta(days=-1)}.get(why, timedelta())
    with pytest.raises(NotAllowed, match="登录已结束"), store.writing(ACTOR) as tx:
        tx.save_response(home, Response(item_id="CP-01"), 0)
    assert store.responses(home) == {}


def test_a_personal_link_writes_only_as_filler_of_its_unit(clocked) -> None:  # type: ignore[no-untyped-def]
    store, _, home = clocked
    linked = session(hash="c" * 64, kind="link", unit="0010")
    with store.writing(SYSTEM) as tx:
        tx.access.open_session(linked)
    store.present(signer_of(store).ticket(linked, KERNEL), KERNEL)
    with store.writing(ACTOR) as tx:
        tx.save_response(home, Response(item_id="CP-01"), 0)
    for other in (replace(ACTOR, unit="0020"), replace(ACTOR, role="reviewer"), replace(ACTOR, unit="", role="")):
        with pytest.raises(NotAllowed, match="个人链接只能为机构 0010"), store.writing(other):
            pass


def test_what_is_brought_back_from_a_backup_lets_nobody_in(clocked, tmp_path) -> None:  # type: ignore[no-untyped-def]
    store, _, _ = clocked
    if store.path is None:
        return  # PostgreSQL is backed up by its own means
    store.backup(tmp_path / "copy.sqlite")
    assert storing.restore_store(tmp_path / "copy.sqlite", tmp_path / "back.sqlite") == []
    with storing.open(f"sqlite:///{tmp_path / 'back.sqlite'}") as back:
        assert back.session("a" * 64, NOON)[1] is None
    assert store.session("a" * 64, NOON)[1] is not None
