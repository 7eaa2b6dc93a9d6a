"""A store that cannot be used says so plainly; one that can is durable before the first save."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from msgspec import structs
from sqlalchemy import inspect, text

from tests.factories.store import FILLER, make_score, open_campaign
from xiaobao import store as storing
from xiaobao.errors import StoreError
from xiaobao.model import AppliedVeto, ItemFacts, Response, Stage, VetoEvent
from xiaobao.store import opening, security
from xiaobao.store.opening import is_network, mount_type, network_notice
from xiaobao.store.tables import metadata

_STRUCK = AppliedVeto(
    veto_id="V",
    target="total",
    effect="grade",
    grade="D",
    event=VetoEvent(veto_id="V", day=date(2026, 3, 1), description="隐瞒重大投诉"),
)


@pytest.fixture
def made(tmp_path: Path, made_file: Path) -> Path:
    """A store file with a campaign and an answer."""
    path = tmp_path / "xiaobao.sqlite"
    shutil.copy(made_file, path)
    with storing.open(f"sqlite:///{path}") as store:
        [inspection] = open_campaign(store)
        with store.writing(FILLER) as tx:
            tx.save_response(inspection.id, Response(item_id="CP-01"), 0)
    return path


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Locks are given up on at once."""
    monkeypatch.setattr(security, "BUSY_SECONDS", 0.1)
    return


def test_migrations_make_exactly_the_tables_that_the_code_names(empty_url: str) -> None:
    with storing.open(empty_url, create=True) as store, store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert opening.schema_of(connection) == opening.SCHEMA


def test_making_a_store_twice_keeps_what_is_there(empty_url: str) -> None:
    with storing.open(empty_url, create=True) as store:
        open_campaign(store)
    with storing.open(empty_url, create=True) as store:
        assert len(store.campaigns()) == 1


def test_every_new_store_has_an_id_of_its_own(tmp_path: Path) -> None:
    found = set()
    for name in ("a", "b"):
        with storing.open(f"sqlite:///{tmp_path / name}", create=True) as store, store.engine.connect() as connection:
            found.add(connection.scalar(text("SELECT value FROM store_info WHERE key = 'store_id'")))
    assert len(found) == 2


@pytest.mark.parametrize("read_only", [False, True])
def test_every_connection_waits_for_the_disk_and_for_others(made: Path, read_only: bool) -> None:
    with storing.open(f"sqlite:///{made}", read_only=read_only) as store, store.engine.connect() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("synchronous", "journal_mode", "busy_timeout", "foreign_keys")
        }
    assert pragmas["synchronous"] == 2
    assert pragmas["journal_mode"] == "delete"
    assert pragmas["busy_timeout"] >= 5000
    assert pragmas["foreign_keys"] == 1


def test_a_store_left_in_wal_mode_goes_back_to_the_rollback_journal(made: Path) -> None:
    connection = sqlite3.connect(made)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    with storing.open(f"sqlite:///{made}") as store, store.engine.connect() as opened:
        assert opened.execute(text("PRAGMA journal_mode")).scalar() == "delete"


def test_a_new_store_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    storing.open(f"sqlite:///{path}", create=True).close()
    assert path.stat().st_mode & 0o077 == 0


def test_a_missing_store_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="请先运行 xiaobao init"):
        storing.open(f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert not (tmp_path / "none.sqlite").exists()


def test_an_empty_place_says_what_to_run(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / "数据 1.sqlite").touch()
    with pytest.raises(StoreError, match="请先运行 xiaobao init"):
        storing.open(empty_url)


def test_a_newer_schema_is_refused_with_its_number(store_url: str) -> None:
    with storing.open(store_url) as store, store.engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=f"9999.*比本程序认识的 {opening.SCHEMA} 新"):
        storing.open(store_url)


def test_a_text_file_is_not_a_store(tmp_path: Path) -> None:
    path = tmp_path / "xiaobao.sqlite"
    path.write_text("机构,得分\n", "utf-8")
    with pytest.raises(StoreError, match="不是消保自查的数据库文件"):
        storing.open(f"sqlite:///{path}", create=True)
    assert path.read_text("utf-8") == "机构,得分\n"


def test_a_store_of_another_program_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="没有消保自查的数据表"):
        storing.open(f"sqlite:///{path}")


@pytest.mark.parametrize("left", [0.9, 0.5, 0.05])
def test_a_file_cut_short_is_refused(made: Path, left: float) -> None:
    whole = made.read_bytes()
    made.write_bytes(whole[: int(len(whole) * left)])
    with pytest.raises(StoreError, match=r"不完整|损坏"):
        storing.open(f"sqlite:///{made}")


@pytest.mark.usefixtures("impatient")
def test_a_store_locked_by_another_program_says_so(made: Path) -> None:
    other = sqlite3.connect(made, isolation_level=None)
    with storing.open(f"sqlite:///{made}") as store:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="正被其他程序占用"):
            store.campaigns()
        with pytest.raises(StoreError, match="正被其他程序占用"), store.writing(FILLER):
            pass
    with pytest.raises(StoreError, match="正被其他程序占用"):
        storing.open(f"sqlite:///{made}")
    other.close()


def test_reading_goes_on_while_somebody_writes(made: Path) -> None:
    with storing.open(f"sqlite:///{made}") as store, store.writing(FILLER) as tx:
        tx.ensure_inspections(1, [(f"{number:04d}", "complaints") for number in range(3000)])
        assert len(store.inspections(1)) == 1


def test_half_a_write_of_a_killed_program_is_undone_even_for_a_reader(made: Path) -> None:
    code = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA cache_size=1'); c.execute('BEGIN IMMEDIATE')\n"
        "c.execute('CREATE TABLE junk (x)')\n"
        "c.executemany('INSERT INTO junk VALUES (?)', [('x' * 900,) for _ in range(3000)])\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(made)], check=False)
    assert made.with_name(made.name + "-journal").stat().st_size > 0
    with storing.open(f"sqlite:///{made}", read_only=True) as store:
        assert store.verify() == []
        assert not inspect(store.engine).has_table("junk")


def test_a_full_disk_is_an_error_and_not_damage(made: Path) -> None:
    code = (
        "import resource, signal, sys\n"
        "from tests.factories.store import CHECK, FILLER, make_lead\n"
        "from xiaobao import store as storing\n"
        "from xiaobao.errors import StoreError\n"
        "store = storing.open('sqlite:///' + sys.argv[1])\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "try:\n"
        "    with store.writing(FILLER) as tx:\n"
        "        tx.raise_leads(1, [CHECK], [make_lead(n) for n in range(3000)])\n"
        "except StoreError as error:\n"
        "    sys.stdout.buffer.write(str(error).encode())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code, str(made)], capture_output=True, check=False, env=environment)
    assert "磁盘" in done.stdout.decode(), done.stderr.decode()
    with storing.open(f"sqlite:///{made}") as store:
        assert store.verify() == []
        assert store.leads(1) == ()


def test_a_wrong_address_or_engine_is_refused() -> None:
    with pytest.raises(StoreError, match="地址写法不对"):
        storing.open("xiaobao.sqlite")
    with pytest.raises(StoreError, match="不支持这种数据库"):
        storing.open("mysql://x/y")
    with pytest.raises(StoreError, match="不支持内存数据库"):
        storing.open("sqlite://")


def test_a_server_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="连不上数据库服务"):
        storing.open(f"postgresql://nobody@/none?host={tmp_path}")


def test_an_older_schema_is_kept_aside_before_the_upgrade(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "SCHEMA", "9999")
    monkeypatch.setattr(opening, "upgrade", lambda engine: None)
    with pytest.raises(StoreError, match="只读方式不能升级"):
        storing.open(f"sqlite:///{made}", read_only=True)
    storing.open(f"sqlite:///{made}").close()
    monkeypatch.undo()
    with storing.open(f"sqlite:///{made.with_name(made.name + f'.before-{opening.SCHEMA}')}") as copy:
        assert copy.verify() == []
        assert len(copy.campaigns()) == 1


def test_a_store_of_the_first_schema_opens_with_all_its_rows(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = opening.upgrade
    monkeypatch.setattr(opening, "SCHEMA", "0001")
    monkeypatch.setattr(opening, "upgrade", lambda engine: upgrade(engine, "0001"))
    with storing.open(empty_url, create=True) as old:
        [inspection] = open_campaign(old)
        with old.writing(FILLER) as tx:
            saved = tx.save_response(inspection.id, Response(item_id="CP-01", note="旧库中的一条"), 0)
        heads = old.heads()
        with old.engine.connect() as connection:
            assert opening.schema_of(connection) == "0001"
            assert not inspect(connection).has_table("filings")
    monkeypatch.undo()
    with storing.open(empty_url) as new:
        assert new.responses(inspection.id) == {"CP-01": saved}
        assert new.heads() == heads
        assert new.kept("filings") == ()
        assert new.verify(heads) == []


def test_results_of_an_older_store_get_what_totals_want_of_them(empty_url: str) -> None:
    with storing.open(empty_url, create=True) as store:
        inspections = open_campaign(store, [f"{number:04}" for number in range(450)])
        before, vetoed = make_score(stage=Stage.BEFORE), structs.replace(make_score("60"), vetoes=(_STRUCK,))
        with store.writing(FILLER) as tx:
            for number, one in enumerate(inspections):
                after = make_score(f"{number % 100}.50") if number else vetoed
                facts = (ItemFacts(item_id="CP-01"),) if number % 2 else ()
                tx.record_result(one.id, "d", before, after, (), (), facts=facts)
        known = list(store.each_summary(1))
        assert [one.vetoed for _, one in known].count(True) == 1
        with store.engine.connect() as connection, connection.begin():
            connection.execute(text("ALTER TABLE results DROP COLUMN summary"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0014'"))
    with storing.open(empty_url) as store:
        assert list(store.each_summary(1)) == known
        assert store.verify() == []


def test_a_backup_made_while_somebody_writes_restores_to_the_same(made: Path, tmp_path: Path) -> None:
    backup, restored = tmp_path / "备份.sqlite", tmp_path / "恢复.sqlite"
    with storing.open(f"sqlite:///{made}") as store:
        heads = store.heads()
        with store.writing(FILLER) as tx:
            tx.save_response(1, Response(item_id="CP-02"), 0)
            store.backup(backup)
        with pytest.raises(StoreError, match="已存在"):
            store.backup(backup)
    assert storing.restore_store(backup, restored) == []
    with storing.open(f"sqlite:///{restored}") as store:
        assert store.heads() == heads
        assert set(store.responses(1)) == {"CP-01"}
    with pytest.raises(StoreError, match="已存在"):
        storing.restore_store(backup, made)


def test_a_backup_that_was_changed_is_not_restored(made: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(made)
    connection.execute("UPDATE responses SET revision = 9")
    connection.commit()
    connection.close()
    assert storing.restore_store(made, tmp_path / "new.sqlite") != []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["xiaobao.sqlite"]


def test_a_server_is_backed_up_by_its_own_tool(postgres: object, made_database: str, tmp_path: Path) -> None:
    from tests.postgres import Server

    assert isinstance(postgres, Server)
    with storing.open(postgres.new_database(made_database)) as store, pytest.raises(StoreError, match="pg_dump"):
        store.backup(tmp_path / "x")


MOUNTS = """/dev/sda1 / ext4 rw 0 0
server:/export /mnt/share nfs4 rw 0 0
//server/盘 /mnt/my\\040disk cifs rw 0 0
sshfs /home/a/remote fuse.sshfs rw 0 0
tmpfs /tmp tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind", "network"),
    [
        ("/work/x.sqlite", "ext4", False),
        ("/mnt/share/a/x.sqlite", "nfs4", True),
        ("/mnt/share2/x.sqlite", "ext4", False),
        ("/mnt/my disk/x.sqlite", "cifs", True),
        ("/home/a/remote/x.sqlite", "fuse.sshfs", True),
        ("/tmp/x.sqlite", "tmpfs", False),
    ],
)
def test_a_network_share_is_recognised_by_its_mount(path: str, kind: str, network: bool) -> None:
    assert mount_type(PurePosixPath(path), MOUNTS) == kind
    assert is_network(kind) is network


def test_a_store_on_a_network_share_carries_a_warning(
    made: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path} nfs rw 0 0\n", "utf-8")
    monkeypatch.setattr("xiaobao.store.opening._MOUNTS", mounts)
    with storing.open(f"sqlite:///{made}") as store:
        assert "PostgreSQL" in store.notices[0]
    monkeypatch.setattr("xiaobao.store.opening._MOUNTS", tmp_path / "none")
    assert network_notice(made) == ()
