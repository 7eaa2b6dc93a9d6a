"""Writing an inspection: answers, state, vetoes, evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace
from sqlalchemy import func, select

from xiaobao.errors import Fault, InputError, NotAllowed, StaleRevision
from xiaobao.labels import OPEN_STATES, STATES
from xiaobao.model import Response, Review, VetoEvent, from_json, to_plain
from xiaobao.personal import mask
from xiaobao.personal.values import masked
from xiaobao.store.history import WITHDRAW, Revision, inspection_chain
from xiaobao.store.models import Carried, EvidenceRecord, InspectionRecord, StoredVeto
from xiaobao.store.queries import beijing, list_evidence, list_vetoes, require_published, with_payload
from xiaobao.store.signing import Signing
from xiaobao.store.tables import evidence, responses, reviews, vetoes


class Inspecting(Signing):
    """Writing inspections and answers, each on the revision that was seen."""

    def save_response(self, inspection_id: int, response: Response, seen_revision: int) -> Response:
        """Save an answer. Raises StaleRevision when another one was saved since, NotAllowed once submitted."""
        return self.save_responses(inspection_id, [replace(response, revision=seen_revision)])[0]

    def save_responses(self, inspection_id: int, offered: Iterable[Response]) -> tuple[Response, ...]:
        """Save several answers of one inspection, each carrying the revision it was made on; all or none.

        Raises StaleRevision, NotAllowed once handed in.
        """
        answers = [masked(answer) for answer in offered]
        record = self._lock_inspection(inspection_id)
        if record.state not in OPEN_STATES:
            raise NotAllowed(f"检查任务{STATES[record.state]}，不能再改答案；需要修改请先退回")
        known = self.ledger.revisions(
            responses, "item_id", [one.item_id for one in answers], inspection_id=inspection_id
        )
        kept, changes = [], []
        for answer in answers:
            revision, body = known.get(answer.item_id, (0, ""))
            if revision != answer.revision:
                saved = from_json(Response, body) if body else None
                raise StaleRevision(_stale(f"检查项 {answer.item_id}", saved), saved, answer)
            new = replace(answer, revision=revision + 1, author=self.ledger.actor.name, at=self.ledger.at)
            key = {"inspection_id": inspection_id, "item_id": answer.item_id}
            name = f"response:{answer.item_id}"
            changes.append(
                Revision(
                    key=key,
                    chain=inspection_chain(inspection_id),
                    object=name,
                    verb="save",
                    plain=to_plain(new),
                    seen=revision,
                )
            )
            kept.append(new)
        self.ledger.revise(responses, changes)
        self._count_saves(record, len(changes))
        return tuple(kept)

    def save_review(self, inspection_id: int, review: Review, seen_revision: int) -> Review:
        """Save a reviewer's own answer to an item, beside the unit's; who filled or submitted does not review.

        Raises NotAllowed unless submitted, StaleRevision.
        """
        record, review = self._lock_inspection(inspection_id), masked(review)
        if record.state != "submitted":
            raise NotAllowed(f"检查任务{STATES[record.state]}，只有已提交、尚未复核通过的可以复评")
        self.refuse_filler(inspection_id, "复评")
        table, name = reviews, f"review:{review.item_id}"
        known = self.ledger.revisions(table, "item_id", [review.item_id], inspection_id=inspection_id)
        revision, body = known.get(review.item_id, (0, ""))
        if revision != seen_revision:
            saved = from_json(Review, body) if body else None
            raise StaleRevision(_stale_review(review.item_id, saved), saved, review)
        new = replace(review, revision=revision + 1, author=self.ledger.actor.name, at=self.ledger.at)
        key = {"inspection_id": inspection_id, "item_id": review.item_id}
        change = Revision(
            key=key,
            chain=inspection_chain(inspection_id),
            object=name,
            verb="review",
            plain=to_plain(new),
            seen=revision,
        )
        self.ledger.revise(table, [change])
        self._count_saves(record, 1)
        return new

    def require_sheets(self, inspection_id: int, version: str, own_version: str) -> None:
        """Hold an inspection to the sheets that its form shows. Raises NotAllowed when it moved to others since."""
        record = self._lock_inspection(inspection_id)
        if (record.version, record.own_version) != (version, own_version):
            now = record.version + (f"（自设项 {record.own_version}）" if record.own_version else "")
            raise NotAllowed(f"检查任务在您打开之后已换用检查表 {now} 版，您的修改没有保存；请刷新页面，按新内容作答")

    def move_inspection(
        self,
        inspection_id: int,
        version: str,
        own_version: str,
        carried: Mapping[str, Carried],
        seen_revision: int,
        reason: str,
    ) -> InspectionRecord:
        """Put a draft on other versions of its sheets; no answer is touched. Raises NotAllowed once submitted.

        `carried` are the answers that were given on other versions. Raises InputError on an unpublished version,
        StaleRevision when answers or state changed since `seen_revision`.
        """
        record, reason = self._lock_inspection(inspection_id), mask(reason)
        if record.state != "draft":
            raise NotAllowed(f"检查任务{STATES[record.state]}，只有填报中的可以换版本")
        if record.revision != seen_revision:
            message = f"检查任务 {record.unit} {record.domain} 在您打开之后有改动，请刷新后再换版本"
            raise StaleRevision(message, record, replace(record, version=version))
        require_published(self.ledger.connection, "checklist", record.checklist_id, version)
        changed = replace(
            record,
            version=version,
            own_version=own_version,
            carried=dict(carried),
            reason=reason,
            revision=record.revision + 1,
        )
        self._revise_inspection(changed, "move")
        return changed

    def record_veto(self, inspection_id: int, veto: VetoEvent) -> None:
        """Record an event that triggers a veto; the same one again is no change."""
        self._lock_inspection(inspection_id)
        connection, veto = self.ledger.connection, masked(veto)
        if veto in list_vetoes(connection, inspection_id):
            return
        last = select(func.max(vetoes.c.number)).where(vetoes.c.inspection_id == inspection_id)
        number = (connection.scalar(last) or 0) + 1
        self._revise_veto(inspection_id, number, StoredVeto(veto=veto), "veto", 0)

    def withdraw_veto(self, inspection_id: int, veto_id: str, reason: str) -> None:
        """Take back every recorded event of a veto. The events stay in the history. A reason is required.

        Raises InputError without a reason or a recorded event.
        """
        if not (reason := mask(reason)).strip():
            raise InputError("撤销一票否决须写明原因")
        self._lock_inspection(inspection_id)
        row = vetoes.c
        statement = with_payload(vetoes).where(
            row.inspection_id == inspection_id, row.veto_id == veto_id, row.withdrawn.is_(False)
        )
        found = self.ledger.connection.execute(statement).all()
        if not found:
            raise InputError(Fault("没有在生效的一票否决记录", value=veto_id))
        for one in found:
            veto = from_json(StoredVeto, one.body).veto
            self._revise_veto(inspection_id, one.number, StoredVeto(veto=veto, reason=reason), WITHDRAW, one.revision)

    def _revise_veto(self, inspection_id: int, number: int, stored: StoredVeto, verb: str, seen: int) -> None:
        key = {"inspection_id": inspection_id, "number": number}
        columns = {"veto_id": stored.veto.veto_id, "withdrawn": verb == WITHDRAW}
        chain = inspection_chain(inspection_id)
        change = Revision(
            key=key, chain=chain, object=f"veto:{number}", verb=verb, plain=to_plain(stored), seen=seen, columns=columns
        )
        self.ledger.revise(vetoes, [change])

    def add_evidence(
        self, inspection_id: int, item_id: str, file_name: str, sha256: str, size: int, path: str
    ) -> EvidenceRecord:
        """Record an evidence file by its hash; the same file for the same item again is no change."""
        self._lock_inspection(inspection_id)
        ledger = self.ledger
        for known in list_evidence(ledger.connection, inspection_id):
            if (known.item_id, known.sha256) == (item_id, sha256):
                return known
        last = select(func.max(evidence.c.number)).where(evidence.c.inspection_id == inspection_id)
        number = (ledger.connection.scalar(last) or 0) + 1
        record = EvidenceRecord(
            id=number,
            inspection_id=inspection_id,
            item_id=item_id,
            file_name=mask(file_name),
            sha256=sha256,
            size=size,
            path=path,
            at=ledger.at,
            actor=ledger.actor.name,
        )
        key = {"inspection_id": inspection_id, "number": number}
        columns = {"item_id": item_id, "sha256": sha256}
        chain = inspection_chain(inspection_id)
        change = Revision(
            key=key,
            chain=chain,
            object=f"evidence:{number}",
            verb="attach",
            plain=to_plain(record),
            seen=0,
            columns=columns,
        )
        ledger.revise(evidence, [change])
        return record


def _stale(what: str, saved: Response | None) -> str:
    if saved is None or saved.at is None:
        return f"{what} 的答案已被删除或恢复，请刷新后重填"
    said = f"{what} 已由 {saved.author} 于 {beijing(saved.at)} 保存过第 {saved.revision} 版"
    return f"{said}，您的修改没有保存；请对照后重新保存"


def _stale_review(item_id: str, saved: Review | None) -> str:
    who = f"已由 {saved.author} 保存过第 {saved.revision} 版" if saved else "已被恢复到较早的状态"
    return f"检查项 {item_id} 的复评{who}，您的修改没有保存；请刷新后对照"
