"""Writing and reading appeals. An appeal is its events in the chain of its inspection; no other table holds it.

The last event of `appeal:<number>` is how it stands, and the chain's order keeps two people from taking one step twice.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace
from sqlalchemy import Connection, select

from xiaobao.errors import StaleRevision
from xiaobao.model import Appeal, from_json, to_plain
from xiaobao.personal.values import masked
from xiaobao.store.history import APPEAL, AuditLog, Revision, inspection_chain, payload_text
from xiaobao.store.queries import find_inspection, refuse_final
from xiaobao.store.tables import audit_events, inspections, payloads

_CHUNK = 500


class Appealing:
    ledger: AuditLog

    def save_appeal(self, inspection_id: int, offered: Appeal) -> Appeal:
        """Save one step of an appeal, carrying the revision it was made on (0: a new one); one step a transaction.

        Raises NotAllowed once the campaign is final, StaleRevision when somebody took a step since.
        """
        self.ledger.lock(inspections, id=inspection_id)
        record, offered = find_inspection(self.ledger.connection, inspection_id), masked(offered)
        refuse_final(self.ledger.connection, record.campaign_id)
        known = {one.number: one for one in list_appeals(self.ledger.connection, [inspection_id])[inspection_id]}
        saved = known.get(offered.number)
        if (saved.revision if saved else 0) != offered.revision:
            raise StaleRevision("这件申诉在您打开之后已有变化，没有保存；请看最新内容后再做", saved, offered)
        new = replace(offered, revision=offered.revision + 1)
        plain = to_plain(new)
        [sha] = self.ledger.keep([payload_text(plain)])
        change = Revision(
            key={},
            chain=inspection_chain(inspection_id),
            object=f"{APPEAL}:{new.number}",
            verb=f"{APPEAL}_{new.state}",
            plain=plain,
            seen=offered.revision,
        )
        self.ledger.note(change, sha)
        return new


def list_appeals(connection: Connection, inspection_ids: Iterable[int]) -> dict[int, tuple[Appeal, ...]]:
    """Return inspection → its appeals as they stand, by number; one whose last step was erased is left out."""
    numbers = {inspection_chain(one): one for one in inspection_ids}
    chains, row = list(numbers), audit_events.c
    found: dict[int, dict[str, Appeal]] = {one: {} for one in numbers.values()}
    for start in range(0, len(chains), _CHUNK):
        statement = (
            select(row.chain, row.object, payloads.c.body)
            .join(payloads, payloads.c.sha256 == row.payload_sha256)
            .where(row.chain.in_(chains[start : start + _CHUNK]), row.object.startswith(f"{APPEAL}:"))
            .order_by(row.chain, row.position)
        )
        for one in connection.execute(statement):
            own = found[numbers[one.chain]]
            if one.body is None:
                own.pop(one.object, None)
            else:
                own[one.object] = from_json(Appeal, one.body)
    return {one: tuple(sorted(own.values(), key=lambda appeal: appeal.number)) for one, own in found.items()}
