"""Erasing a payload by rule (say, personal data typed into a note): the text goes, its hash and the record stay."""

from __future__ import annotations

from sqlalchemy import func, select, update

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.personal import mask
from xiaobao.store.history import ERASE, AuditLog, Revision, payload_text
from xiaobao.store.queries import is_current
from xiaobao.store.tables import audit_events, payloads


class Erasing:
    """The one verb of the store that takes text away; the chain of hashes stays whole."""

    ledger: AuditLog

    def erase_payload(self, seq: int, reason: str) -> None:
        """Erase the text of an event that no current row needs. Who, when, why are kept; a reason is required.

        Raises InputError without a reason or for an event that there is not, NotAllowed where a current row needs it.
        """
        if not (reason := mask(reason)).strip():
            raise InputError("清除留痕内容须写明原因")
        self.ledger.lock_workspace()
        connection = self.ledger.connection
        event = connection.execute(select(audit_events).where(audit_events.c.seq == seq)).first()
        if event is None:
            raise InputError(Fault("没有这条操作留痕", value=str(seq)))
        if is_current(connection, event.payload_sha256):
            raise NotAllowed("这是现行内容，不能清除；请先保存改正后的新版本")
        name = f"payload:{event.payload_sha256}"
        earlier = select(func.max(audit_events.c.revision)).where(
            audit_events.c.chain == event.chain, audit_events.c.object == name
        )
        plain = {"seq": seq, "object": event.object, "payload_sha256": event.payload_sha256, "reason": reason}
        change = Revision(
            key={}, chain=event.chain, object=name, verb=ERASE, plain=plain, seen=connection.scalar(earlier) or 0
        )
        [sha] = self.ledger.keep([payload_text(plain)])
        self.ledger.note(change, sha)
        connection.execute(update(payloads).where(payloads.c.sha256 == event.payload_sha256).values(body=None))
