"""Writing and reading the values that features keep."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec.structs import replace
from sqlalchemy import Connection

from xiaobao.errors import Fault, InputError, StaleRevision
from xiaobao.model import Value, from_json, to_plain
from xiaobao.personal.values import masked
from xiaobao.store.history import AuditLog, Revision
from xiaobao.store.kept_tables import KeptTable
from xiaobao.store.queries import with_payload
from xiaobao.store.tables import KEPT, metadata

V = TypeVar("V", bound=Value)


def list_kept(connection: Connection, name: str, **wanted: str | None) -> tuple[Any, ...]:
    """Return the current values of a kept table, those with the `wanted` columns, in the order of its key."""
    declared, table = KEPT[name], metadata.tables[name]
    order = [*declared.chain[::-1], *(column for column in declared.key if column not in declared.chain)]
    statement = with_payload(table).order_by(*(table.c[column] for column in order))
    for column, value in wanted.items():
        if value is not None:
            statement = statement.where(table.c[column] == value)
    return tuple(from_json(declared.value, row.body) for row in connection.execute(statement))


class Keeping:
    """The verb by which a feature saves what it keeps."""

    ledger: AuditLog

    def save_kept(self, name: str, verb: str, offered: Iterable[V]) -> tuple[V, ...]:
        """Save values, each carrying the revision it was made on (0: a new one); all or none. `verb` names the step.

        Raises StaleRevision when one changed since, InputError when one is there already or comes twice.
        """
        wanted, declared = [masked(one) for one in offered], KEPT[name]
        self.ledger.lock_workspace()
        known: dict[tuple[str, ...], Any] = {}
        for place in sorted({tuple(getattr(one, part) for part in declared.chain) for one in wanted}):
            chosen = dict(zip(declared.chain, place, strict=True))
            known |= {_key(declared, one): one for one in list_kept(self.ledger.connection, name, **chosen)}
        changes, kept = [], []
        for one in wanted:
            _refuse_stale(declared, one, known.get(_key(declared, one)))
            seen: int = one.revision  # type: ignore[attr-defined]
            new = replace(one, revision=seen + 1)
            known[_key(declared, one)] = new
            changes.append(
                Revision(
                    key={column: getattr(one, column) for column in declared.key},
                    chain=declared.chain_of(one),
                    object=declared.object_of(one),
                    verb=verb,
                    plain=to_plain(new),
                    seen=seen,
                    columns={column: getattr(new, column) for column in declared.columns},
                )
            )
            kept.append(new)
        self.ledger.revise(metadata.tables[name], changes)
        return tuple(kept)


def _key(declared: KeptTable, one: Any) -> tuple[str, ...]:
    return tuple(getattr(one, column) for column in declared.key)


def _refuse_stale(declared: KeptTable, offered: Any, saved: Any) -> None:
    if (saved.revision if saved else 0) == offered.revision:
        return
    if not offered.revision:
        raise InputError(Fault(declared.exists, item=declared.named(offered)))
    message = f"{declared.named(offered)} 在您打开之后已被他人更新，没有保存；请看最新内容后再做"
    raise StaleRevision(message, saved, offered)
