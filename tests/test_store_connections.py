"""One connection is kept at rest: reads do not pay for another, and it keeps nobody out and shows nothing stale."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.factories.store import FILLER, open_campaign
from xiaobao import store as storing
from xiaobao.model import Response
from xiaobao.store import Store


@pytest.fixture
def path(tmp_path: Path, made_file: Path) -> Path:
    place = tmp_path / "xiaobao.sqlite"
    shutil.copy(made_file, place)
    return place


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with storing.open(f"sqlite:///{path}") as opened:
        yield opened


def opened_by(store: Store) -> list[int]:
    """Return a list that grows with each connection that is opened from now on."""
    found: list[int] = []
    event.listen(store.engine, "connect", lambda *_: found.append(1))
    return found


def test_reads_and_writes_one_after_another_share_a_connection(store: Store) -> None:
    [inspection] = open_campaign(store)
    opened = opened_by(store)
    for revision in range(5):
        with store.writing(FILLER) as tx:
            tx.save_response(inspection.id, Response(item_id="CP-01"), revision)
        assert store.responses(inspection.id)["CP-01"].revision == revision + 1
        assert store.campaigns()
    assert opened == []


def test_at_rest_it_holds_no_lock(store: Store, path: Path) -> None:
    assert store.campaigns() == ()
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("ROLLBACK")
    other.close()


def test_what_another_process_wrote_is_read(store: Store, path: Path) -> None:
    assert store.campaigns() == ()
    with storing.open(f"sqlite:///{path}") as other:
        open_campaign(other)
    assert len(store.campaigns()) == 1


def test_where_another_file_was_put_in_its_place_that_one_is_read(store: Store, path: Path, tmp_path: Path) -> None:
    """As a restored backup is."""
    fresh = tmp_path / "restored.sqlite"
    shutil.copy(path, fresh)
    with storing.open(f"sqlite:///{fresh}") as other:
        open_campaign(other)
    assert store.campaigns() == ()
    fresh.replace(path)
    assert len(store.campaigns()) == 1


def test_a_published_version_is_read_once_until_another_file_stands_in_the_place(store: Store, path: Path) -> None:
    with store.writing(FILLER) as tx:
        tx.publish("checklist", "complaints", "1", '{"title":"first"}')
    known = store.published("checklist", "complaints", "1")
    assert store.published("checklist", "complaints", "1") is known
    with storing.open(f"sqlite:///{path.with_name('other.sqlite')}", create=True) as other, other.writing(FILLER) as tx:
        tx.publish("checklist", "complaints", "1", '{"title":"second"}')
    path.with_name("other.sqlite").replace(path)
    assert store.campaigns() == ()
    assert store.published("checklist", "complaints", "1").content == '{"title":"second"}'


def test_a_fork_opens_a_connection_of_its_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.campaigns() == ()
    opened = opened_by(store)
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert store.campaigns() == ()
    assert opened == [1]


def test_a_file_that_was_altered_by_its_bytes_is_found_though_it_was_read_before(store: Store, path: Path) -> None:
    open_campaign(store)
    assert store.verify() == []
    content = path.read_bytes()
    place = content.rindex(FILLER.name.encode())
    path.write_bytes(content[:place] + "龘".encode() + content[place + 3 :])
    assert store.verify()
