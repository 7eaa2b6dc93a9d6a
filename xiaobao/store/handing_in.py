"""Writing what a sheet rests on from its hand-in on, what newer data ask of its reviewer, and how results moved."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace
from sqlalchemy import func, select

from xiaobao.errors import Fault, InputError, NotAllowed, StaleRevision
from xiaobao.labels import HANDED_IN, QUESTION_STATES
from xiaobao.model import from_json, to_compact, to_plain
from xiaobao.personal.values import masked
from xiaobao.store.history import MOVED, WORKSPACE, AuditLog, Revision, inspection_chain, payload_text
from xiaobao.store.models import HandedIn, Question
from xiaobao.store.queries import find_inspection, with_payload
from xiaobao.store.tables import audit_events, handed_in, inspections, questions


class HandingIn:
    """Writing what a sheet rests on from its hand-in on."""

    ledger: AuditLog

    def hand_in(self, inspection_id: int, kept: HandedIn) -> None:
        """Keep what a sheet rests on. Only the history tells of an earlier hand-in. Raises NotAllowed for a draft."""
        self.ledger.lock(inspections, id=inspection_id)
        record = find_inspection(self.ledger.connection, inspection_id)
        if record.state not in HANDED_IN:
            raise NotAllowed(f"检查任务 {record.unit} {record.domain} 还没有提交，不能固定其依据")
        seen = self._seen(handed_in, inspection_id)
        change = Revision(
            key={"inspection_id": inspection_id},
            chain=inspection_chain(inspection_id),
            object="handed_in",
            verb="keep",
            plain=to_compact(kept),
            seen=seen,
        )
        self.ledger.revise(handed_in, [change])

    def save_question(self, offered: Question) -> Question:
        """Save a question, carrying the revision it was made on. Raises StaleRevision when it changed since."""
        self.ledger.lock(inspections, id=offered.inspection_id)
        saved = self._question(offered.inspection_id)
        if (saved.revision if saved else 0) != offered.revision:
            raise StaleRevision("这个数据更新的问题在您打开之后已有变化，没有保存；请刷新后再答复", saved, offered)
        new = masked(replace(offered, revision=offered.revision + 1))
        change = Revision(
            key={"inspection_id": offered.inspection_id},
            chain=inspection_chain(offered.inspection_id),
            object="question",
            verb=f"question_{new.state}",
            plain=to_plain(new),
            seen=offered.revision,
            columns={"state": new.state},
        )
        self.ledger.revise(questions, [change])
        return new

    def answer_question(self, inspection_id: int, state: str, reason: str) -> Question:
        """Answer the open question of a sheet. Raises InputError without one or without a reason."""
        saved = self._question(inspection_id)
        if saved is None or saved.state != "open":
            raise InputError("这张检查表没有待答复的数据更新")
        if not reason.strip():
            raise InputError(Fault(f"{QUESTION_STATES[state]}须写明理由"))
        answered = replace(saved, state=state, reason=reason.strip(), answered_by=self.ledger.actor.name)
        return self.save_question(answered)

    def _close_question(self, inspection_id: int, reason: str) -> None:
        """A sheet that goes back takes the newer data when it comes in again: its question is answered by that."""
        saved = self._question(inspection_id)
        if saved is not None and saved.state in ("open", "kept"):
            self.save_question(
                replace(saved, state="returned", reason=reason.strip(), answered_by=self.ledger.actor.name)
            )

    def note_moved(self, inspection_id: int, plain: Mapping[str, object]) -> None:
        """Tell how the result of a sheet that was handed in moved: before, after, and by which acts."""
        self._note_moved(inspection_chain(inspection_id), "result_moved", plain)

    def note_total_moved(self, campaign_id: int, unit: str, plain: Mapping[str, object]) -> None:
        """Tell how a unit's total moved once something of it was handed in."""
        self._note_moved(WORKSPACE, f"total_moved:{campaign_id}:{unit}", plain)

    def _note_moved(self, chain: str, name: str, plain: Mapping[str, object]) -> None:
        events = select(func.max(audit_events.c.revision)).where(
            audit_events.c.chain == chain, audit_events.c.object == name
        )
        seen = self.ledger.connection.scalar(events) or 0
        [sha] = self.ledger.keep([payload_text(plain)])
        self.ledger.note(Revision(key={}, chain=chain, object=name, verb=MOVED, plain=plain, seen=seen), sha)

    def _question(self, inspection_id: int) -> Question | None:
        statement = with_payload(questions).where(questions.c.inspection_id == inspection_id)
        row = self.ledger.connection.execute(statement).first()
        return None if row is None else from_json(Question, row.body)

    def _seen(self, table: object, inspection_id: int) -> int:
        row = select(table.c.revision).where(table.c.inspection_id == inspection_id)  # type: ignore[attr-defined]
        return self.ledger.connection.scalar(row) or 0
