"""The one module that may hold SQL of a single engine: durability, locks, and what forbids changing history."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import QueuePool

from xiaobao.store.tables import chain_heads, payloads
from xiaobao.store.turns import Turn, wait_for_turn

BUSY_SECONDS = 20.0
_OPENING_LOCK = 7_204_117
# recursive_triggers: without it an INSERT OR REPLACE would delete history past its triggers.
# cache_spill off: a large write must not shut out readers before it commits.
_PRAGMAS = ("foreign_keys=ON", "synchronous=FULL", "recursive_triggers=ON", "trusted_schema=OFF", "cell_size_check=ON")


def sqlite_engine(path: Path, read_only: bool) -> Engine:
    """Engine on a file: rollback journal, FULL, a transaction that writes begins as a writing one.

    One connection is kept at rest, without a lock: to open one costs more than what most reads ask of it. It is let go
    where the process is a fork of its own, or another file stands in the place.
    """
    mode = "ro" if read_only else "rw"

    def connect() -> sqlite3.Connection:
        address = f"file:{quote(str(path))}?mode={mode}"
        return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=-1)
    event.listen(engine, "connect", _durable(read_only))
    event.listen(engine, "connect", lambda _, record: record.info.update(of=_process_and_file(path)))
    event.listen(engine, "checkout", _refuse_foreign(path))
    event.listen(engine, "begin", _begin(path))
    event.listen(engine, "checkin", _leave)
    return engine


def _durable(read_only: bool) -> Callable[[sqlite3.Connection, object], None]:
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if not read_only:
            connection.execute("PRAGMA cache_spill=OFF")
            # WAL could lose pages before SQLite 3.51.3, so the rollback journal is the rule.
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "delete":
                connection.execute("PRAGMA journal_mode=DELETE")

    return prepare


def _process_and_file(path: Path) -> tuple[int, int, int]:
    """Return what a connection belongs to: this process, and the file that stands at `path` now."""
    try:
        place = path.stat()
    except OSError:
        return os.getpid(), 0, 0
    return os.getpid(), place.st_dev, place.st_ino


def _refuse_foreign(path: Path) -> Callable[[object, Any, Any], None]:
    def look(_connection: object, record: Any, _fairy: object) -> None:
        if record.info["of"] != _process_and_file(path):
            raise DisconnectionError  # the pool opens another

    return look


def _begin(path: Path) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("xiaobao_writing"):
            connection.exec_driver_sql("BEGIN")
            return
        connection.info["turn"] = wait_for_turn(path, BUSY_SECONDS)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return begin


def _leave(_connection: object, record: Any) -> None:
    turn: Turn | None = record.info.pop("turn", None)
    if turn is not None:
        turn.leave()


def create_sqlite_file(path: Path) -> None:
    """Make an empty database readable by its owner only; one that is there stays as it is."""
    path.touch(mode=0o600, exist_ok=True)


def roll_back_journal(path: Path) -> None:
    """Undo what a killed writer left half-done: a connection that may only read cannot do so itself."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=BUSY_SECONDS)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    finally:
        connection.close()


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a live database by SQLite's online backup: a whole state, whoever writes meanwhile."""
    live = sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    try:
        copy = sqlite3.connect(target)
        try:
            live.backup(copy)
        finally:
            copy.close()
    finally:
        live.close()


def postgres_engine(url: URL, read_only: bool) -> Engine:
    """Engine on a server; a read-only one cannot write, whatever is asked of it."""
    engine = create_engine(url, pool_pre_ping=True, pool_size=5, connect_args={"connect_timeout": 10})
    return engine.execution_options(postgresql_readonly=True) if read_only else engine


def lock_schema(connection: Connection) -> None:
    """Let one process at a time make or upgrade tables (SQLite: the writing transaction does)."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_OPENING_LOCK})")


def integrity_faults(connection: Connection) -> list[str]:
    """Return what the engine itself finds broken."""
    if connection.dialect.name != "sqlite":
        return []
    rows = connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars().all()
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    faults = [str(row) for row in rows if row != "ok"]
    return faults + [f"{row[0]} 第 {row[1]} 行指向不存在的 {row[2]}" for row in dangling[:5]]


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@lru_cache(maxsize=4)
def _put_payloads(dialect: str) -> sqlite.Insert | postgresql.Insert:
    statement = _insert(dialect, payloads)
    return statement.on_conflict_do_update(
        index_elements=[payloads.c.sha256], set_={"body": statement.excluded.body}, where=payloads.c.body.is_(None)
    )


@lru_cache(maxsize=4)
def _start_chains(dialect: str) -> sqlite.Insert | postgresql.Insert:
    return _insert(dialect, chain_heads).on_conflict_do_nothing(index_elements=[chain_heads.c.chain])


def put_payloads(connection: Connection, bodies: Mapping[str, str]) -> None:
    """Store bodies under their hashes; one that is there stays, one that was erased and is said again comes back."""
    if not bodies:
        return
    connection.execute(
        _put_payloads(connection.dialect.name), [{"sha256": sha, "body": bodies[sha]} for sha in sorted(bodies)]
    )


def start_chains(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Make the heads of chains that have none, also when another session does the same now."""
    connection.execute(_start_chains(connection.dialect.name), list(rows))


def guard_history(connection: Connection) -> None:
    """Forbid changing history: events for ever, payloads except erasing and restoring a body."""
    statements = _SQLITE_GUARDS if connection.dialect.name == "sqlite" else _POSTGRES_GUARDS
    for statement in statements:
        connection.exec_driver_sql(statement)


def missing_guards(connection: Connection) -> list[str]:
    """Return the triggers against changing history that are not there any more."""
    if connection.dialect.name == "sqlite":
        statements, query = _SQLITE_GUARDS, "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        statements, query = (
            _POSTGRES_GUARDS,
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
        )
    wanted = [match[1] for statement in statements if (match := re.search(r"CREATE TRIGGER (\w+)", statement))]
    present = set(connection.exec_driver_sql(query).scalars())
    return [name for name in wanted if name not in present]


_REWRITES = "(NEW.sha256 <> OLD.sha256 OR (NEW.body IS NOT NULL AND OLD.body IS NOT NULL))"


def _sqlite_guards(fixed: Iterable[str]) -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'xiaobao: history is append-only'); END"
    guards = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {refuse}"
        for table in fixed
        for verb in ("UPDATE", "DELETE")
    ]
    return [
        *guards,
        f"CREATE TRIGGER payloads_no_delete BEFORE DELETE ON payloads {refuse}",
        f"CREATE TRIGGER payloads_no_update BEFORE UPDATE ON payloads WHEN {_REWRITES} {refuse}",
    ]


_POSTGRES_REFUSAL = """
CREATE FUNCTION xiaobao_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'xiaobao: history is append-only'; END $$
"""


def _postgres_guards(fixed: Iterable[str]) -> list[str]:
    refuse = "EXECUTE FUNCTION xiaobao_refuse()"
    guards = [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}"
        for table in fixed
    ]
    return [
        _POSTGRES_REFUSAL,
        *guards,
        *(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}"
            for table in (*fixed, "payloads")
        ),
        f"CREATE TRIGGER payloads_no_delete BEFORE DELETE ON payloads FOR EACH ROW {refuse}",
        f"CREATE TRIGGER payloads_no_update BEFORE UPDATE ON payloads FOR EACH ROW WHEN {_REWRITES} {refuse}",
    ]


_FIXED = ("audit_events", "published", "store_info")
_SQLITE_GUARDS = _sqlite_guards(_FIXED)
_POSTGRES_GUARDS = _postgres_guards(_FIXED)
