"""Writing filings (报送): one current row a kind, period and unit; every step is an event of that request's chain."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace
from sqlalchemy import Connection

from xiaobao.errors import Fault, InputError, StaleRevision
from xiaobao.features.filings.filing import Filing
from xiaobao.model import from_json, to_plain
from xiaobao.personal import masked
from xiaobao.store.history import Change, Ledger
from xiaobao.store.queries import with_payload
from xiaobao.store.tables import filings


def filing_chain(kind: str, period: str) -> str:
    return f"filing:{kind}:{period}"


def list_filings(
    connection: Connection, kind: str | None = None, period: str | None = None, unit: str | None = None
) -> tuple[Filing, ...]:
    """Return filings by period, kind and unit."""
    row = filings.c
    statement = with_payload(filings).order_by(row.period, row.kind, row.unit)
    for column, value in ((row.kind, kind), (row.period, period), (row.unit, unit)):
        if value is not None:
            statement = statement.where(column == value)
    return tuple(from_json(Filing, one.body) for one in connection.execute(statement))


class Filings:
    ledger: Ledger

    def save_filings(self, verb: str, offered: Iterable[Filing]) -> tuple[Filing, ...]:
        """Save filings, each carrying the revision it was made on (0: a new one); all or none. `verb` names the step:
        request, file, return, accept or remind.

        Raises StaleRevision when one changed since, InputError when one is there already or comes twice.
        """
        wanted = [masked(one) for one in offered]
        self.ledger.lock_workspace()
        known: dict[tuple[str, str, str], Filing] = {}
        for kind, period in sorted({(one.kind, one.period) for one in wanted}):
            known |= {one.key: one for one in list_filings(self.ledger.connection, kind, period)}
        changes, kept = [], []
        for one in wanted:
            saved = known.get(one.key)
            _refuse_stale(one, saved)
            new = replace(one, revision=one.revision + 1)
            known[one.key] = new
            key = {"kind": one.kind, "period": one.period, "unit": one.unit}
            columns = {"state": new.state}
            name = f"filing:{one.unit}"
            chain = filing_chain(one.kind, one.period)
            changes.append(
                Change(
                    key=key,
                    chain=chain,
                    object=name,
                    verb=verb,
                    plain=to_plain(new),
                    seen=one.revision,
                    columns=columns,
                )
            )
            kept.append(new)
        self.ledger.revise(filings, changes)
        return tuple(kept)


def _refuse_stale(offered: Filing, saved: Filing | None) -> None:
    if (saved.revision if saved else 0) == offered.revision:
        return
    name = f"{offered.title} {offered.period} {offered.unit}"
    if not offered.revision:
        raise InputError(Fault("这项报送已经下发", item=name))
    raise StaleRevision(f"{name} 在您打开之后已被他人更新，没有保存；请看最新内容后再做", saved, offered)
