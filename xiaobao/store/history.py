"""操作留痕: every change is an event, chained by hash per inspection (or `workspace`), and never rewritten.

A hash covers the one before it, who, when, verb, object, revision and the payload's hash, not the payload: so a
payload can be erased by rule and the chain still holds. The first link starts from the store's own id, so that
a chain copied from another store does not fit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from msgspec.structs import asdict, replace
from sqlalchemy import Connection, Insert, Select, Table, Update, bindparam, insert, select, update

from xiaobao.errors import Fault, InputError
from xiaobao.labels import APPEAL_STATES
from xiaobao.model import Actor, digest
from xiaobao.personal.values import masked_plain
from xiaobao.store import security
from xiaobao.store.models import Event, Head
from xiaobao.store.tables import audit_events, chain_heads, payloads, store_info

WORKSPACE = "workspace"
INSPECTION = "inspection"
WITHDRAW = "withdraw"
ERASE = "erase"
ISSUE = "issue"
RELOCATE = "relocate"
MOVED = "moved"
CUT = "cut"
SIGN_IN = "sign_in"
APPEAL = "appeal"
OPEN = "open"
RESTORE = "restore"
_APPEALS = (f"{APPEAL}_{state}" for state in APPEAL_STATES)
# Verbs of events that stand for themselves: no current row answers to them.
ALONE = frozenset({ERASE, ISSUE, RELOCATE, MOVED, CUT, SIGN_IN, OPEN, RESTORE, *_APPEALS})
_CHUNK = 500
_UNWRITTEN = ("seq", "payload")
_LATER = ("login", "unit", "role")  # events before schema 0005 have none, and their hashes stay as they are
# Made once: every save runs these, and to make a statement anew takes longer than to run it.
_STORE_ID = select(store_info.c.value).where(store_info.c.key == "store_id")
_HEADS = (
    select(chain_heads)
    .where(chain_heads.c.chain.in_(bindparam("chains", expanding=True)))
    .order_by(chain_heads.c.chain)
    .with_for_update()
)
_MOVE_HEAD = (
    update(chain_heads)
    .where(chain_heads.c.chain == bindparam("key_chain"))
    .values(position=bindparam("position"), hash=bindparam("hash"))
)


def inspection_chain(inspection_id: int) -> str:
    """Return the name of an inspection's own chain of hashes."""
    return f"inspection:{inspection_id}"


def payload_text(plain: object) -> str:
    """Return the JSON text that is stored, for ever: personal data is masked here at the latest.

    Keys keep their order: that of a lead's columns means something.
    """
    return json.dumps(masked_plain(plain), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def sha256_of(text: str) -> str:
    """Hash a text as UTF-8. Raises InputError on a lone surrogate, which no file could hold."""
    try:
        return hashlib.sha256(text.encode()).hexdigest()
    except UnicodeEncodeError as error:
        raise InputError(Fault("文字中有无法保存的字符", value=ascii(error.object[error.start : error.end]))) from error


def first_hash(store_id: str, chain: str) -> str:
    """Return what the first link of a chain stands on."""
    return sha256_of(f"{store_id}\n{chain}")


def event_hash(event: Event) -> str:
    """Return the hash that `event` must carry."""
    fields = {name: value for name, value in asdict(event).items() if name not in ("seq", "hash", "payload")}
    fields = {name: value for name, value in fields.items() if value or name not in _LATER}
    fields["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return digest(fields)


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One object that takes its next revision. `seen` 0 means that there is no current row yet."""

    key: Mapping[str, Any]
    chain: str
    object: str
    verb: str
    plain: Any
    seen: int = 0
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AuditLog:
    """One writing transaction: rows change at once, their events are chained when it closes.

    Heads of chains are locked last and in order, so that two transactions never wait for each other's chain.
    """

    connection: Connection
    actor: Actor
    at: datetime
    pending: list[Event] = field(default_factory=list)
    held: set[str] = field(default_factory=set)

    def revise(self, table: Table, changes: Sequence[Revision]) -> None:
        """Write the current rows and note their events."""
        bodies = [payload_text(change.plain) for change in changes]
        shas = self.keep(bodies)
        made, changed = [], []
        for change, sha in zip(changes, shas, strict=True):
            row = {**change.columns, "revision": change.seen + 1, "payload": sha, "at": self.at}
            if change.seen:
                changed.append({**{f"key_{name}": value for name, value in change.key.items()}, **row})
            else:
                made.append({**change.key, **row})
            self.note(change, sha)
        if made:
            self.connection.execute(_made(table), made)
        if changed:
            self.connection.execute(_update(table, tuple(changes[0].key)), changed)

    def keep(self, bodies: Iterable[str]) -> list[str]:
        """Store payload texts, each once, and return their hashes."""
        texts = list(bodies)
        shas = [sha256_of(text) for text in texts]
        security.put_payloads(self.connection, dict(zip(shas, texts, strict=True)))
        return shas

    def note(self, change: Revision, sha: str) -> None:
        """Remember an event for the end of the transaction."""
        self.pending.append(
            Event(
                seq=0,
                chain=change.chain,
                position=0,
                at=self.at,
                actor=self.actor.name,
                verified=self.actor.verified,
                verb=change.verb,
                object=change.object,
                revision=change.seen + 1,
                payload_sha256=sha,
                previous_hash="",
                hash="",
                login=self.actor.login,
                unit=self.actor.unit,
                role=self.actor.role,
            )
        )

    def close(self) -> None:
        """Chain the events noted. Called once, right before the commit."""
        if not self.pending:
            return
        heads = self._lock_heads(sorted({event.chain for event in self.pending}))
        rows = []
        for event in self.pending:
            head = heads[event.chain]
            linked = replace(event, position=head.position + 1, previous_hash=head.hash)
            linked = replace(linked, hash=event_hash(linked))
            heads[event.chain] = Head(linked.position, linked.hash)
            unwritten = _UNWRITTEN if self.actor.login else (*_UNWRITTEN, *_LATER)
            rows.append({name: value for name, value in asdict(linked).items() if name not in unwritten})
        self.connection.execute(_made(audit_events), rows)
        self.connection.execute(
            _MOVE_HEAD,
            [{"key_chain": chain, "position": head.position, "hash": head.hash} for chain, head in heads.items()],
        )

    def _lock_heads(self, chains: Sequence[str]) -> dict[str, Head]:
        store_id = self.connection.execute(_STORE_ID).scalar_one()
        heads: dict[str, Head] = {}
        for start in range(0, len(chains), _CHUNK):
            part = chains[start : start + _CHUNK]
            rows = [{"chain": chain, "position": 0, "hash": first_hash(store_id, chain)} for chain in part]
            security.start_chains(self.connection, rows)
            locked = self.connection.execute(_HEADS, {"chains": part})
            heads |= {row.chain: Head(row.position, row.hash) for row in locked}
        return heads

    def lock(self, table: Table, **key: object) -> None:
        """Hold a row until the end, so that what is read after this stays true. SQLite holds the whole file already."""
        if self.connection.dialect.name != "sqlite":
            statement = select(table).where(*(table.c[name] == value for name, value in key.items()))
            self.connection.execute(statement.with_for_update()).first()

    def lock_workspace(self) -> None:
        """Let one transaction at a time change what belongs to the whole workspace."""
        if WORKSPACE not in self.held:  # a lock is kept to the end of the transaction
            self._lock_heads([WORKSPACE])
            self.held.add(WORKSPACE)

    def revisions(
        self, table: Table, name: str, values: Sequence[object], **key: object
    ) -> dict[object, tuple[int, str]]:
        """Return {value of `name`: (revision, payload text)} of current rows."""
        found: dict[object, tuple[int, str]] = {}
        for start in range(0, len(values), _CHUNK):
            wanted = {"values": list(values[start : start + _CHUNK]), **{f"key_{k}": v for k, v in key.items()}}
            rows = self.connection.execute(_revisions(table, name, tuple(key)), wanted)
            found |= {row[0]: (row[1], row[2]) for row in rows}
        return found


@lru_cache(maxsize=64)
def _revisions(table: Table, name: str, key: tuple[str, ...]) -> Select[tuple[Any, int, str]]:
    return (
        select(table.c[name], table.c.revision, payloads.c.body)
        .join(payloads, payloads.c.sha256 == table.c.payload)
        .where(table.c[name].in_(bindparam("values", expanding=True)))
        .where(*(table.c[k] == bindparam(f"key_{k}") for k in key))
    )


@lru_cache(maxsize=64)
def _made(table: Table) -> Insert:
    return insert(table)


@lru_cache(maxsize=64)
def _update(table: Table, key: tuple[str, ...]) -> Update:
    """An update of one current row; the chain's unique (object, revision) refuses whoever comes second."""
    return update(table).where(*(table.c[name] == bindparam(f"key_{name}") for name in key))
