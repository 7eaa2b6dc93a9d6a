"""The way of a sheet: 确认, 提交, 退回, 复核, 审定; who signs each step, and who may not.

Whoever ever wrote an answer, attached a file or worded the unit's answer to a lead has filled, and who handed in has
too: who filled never reviews, who reviewed never approves. Two people differ by login; where one of two has none, by
the name as folded, so that “wang ” and “ＷＡＮＧ” are one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, func, or_, select

from xiaobao.errors import Fault, InputError, NotAllowed, StaleRevision
from xiaobao.labels import OPEN_STATES, SIGNATURES, STATES
from xiaobao.model import Actor, from_json, same_person, to_plain
from xiaobao.personal import mask
from xiaobao.store.appealing import list_appeals
from xiaobao.store.handing_in import HandingIn
from xiaobao.store.history import INSPECTION, AuditLog, Revision, inspection_chain
from xiaobao.store.models import Event, InspectionRecord, Remark, Signature
from xiaobao.store.queries import find_inspection, inspection_payload, list_remarks, refuse_final, with_payload
from xiaobao.store.tables import audit_events, evidence, inspections, remarks, responses, reviews

_STEPS = {
    "draft": ("confirmed", "submitted"),
    "confirmed": ("draft", "submitted"),
    "submitted": ("draft", "returned", "reviewed"),
    "returned": ("confirmed", "submitted"),
    "reviewed": ("returned", "approved"),
    "approved": ("returned",),
}


# What of the history makes somebody a filler: answers, files, answers to leads.
_FILLED = ("answer",), ("response:", "evidence:")
_SIGNED = ("confirmed", "submitted", "review", "reviewed")
_CHUNK = 500
_COUNT_SAVES = (
    inspections.update().where(inspections.c.id == bindparam("wanted")).values(revision=bindparam("revision"))
)


def acted(
    connection: Connection,
    inspection_id: int,
    verbs: Iterable[str],
    objects: Iterable[str] = (),
    pending: Iterable[Event] = (),
) -> list[Actor]:
    """Return whoever did one of `verbs`, or anything to `objects` (by their beginning), in the history of a sheet."""
    row, verbs, objects = audit_events.c, tuple(verbs), tuple(objects)
    wanted = or_(row.verb.in_(verbs), *(row.object.like(f"{beginning}%") for beginning in objects))
    chain = inspection_chain(inspection_id)
    found = select(row.login, row.actor).where(row.chain == chain).where(wanted).distinct()
    now = [one for one in pending if one.chain == chain and (one.verb in verbs or one.object.startswith(objects))]
    people = [(one.login, one.actor) for one in connection.execute(found)] + [(one.login, one.actor) for one in now]
    return [Actor(name=name, login=login) for login, name in people]


def four_eyes(
    connection: Connection, record: InspectionRecord, step: str, actor: Actor, pending: Sequence[Event] = ()
) -> str:
    """Return "" where `actor` may take a step beside the others of the sheet, else the reason to be shown."""

    def among(people: Iterable[Actor]) -> bool:
        return any(same_person(one, actor) for one in people)

    if step == "draft" and record.state == "submitted":
        signed = record.signed("submitted")  # sheets handed in before signatures bear a name alone
        mine = among([Actor(name=record.submitted_by, login=signed.login if signed else "")])
        return "" if mine else "只有提交人可以撤回提交；他人请用退回"
    answered = acted(connection, record.id, *_FILLED, pending) if step in SIGNATURES or step == "returned" else []
    if step == "confirmed" and among(answered):
        return f"{actor.name} 填写过本检查表，不能自己确认；请由机构负责人确认"
    if step not in ("returned", "reviewed", "approved"):
        return ""
    handed_in = acted(connection, record.id, ("confirmed", "submitted"), (), pending)
    if among([*answered, *handed_in]):
        what = "审定" if step == "approved" else "复核、退回"
        return f"填报人或提交人不得{what}自己的检查任务（{actor.name}）"
    if step == "approved" and among(acted(connection, record.id, ("review", "reviewed"), (), pending)):
        return f"{actor.name} 复核过本检查表，不能再审定；请由其他人审定"
    return ""


def sheets_taken_part_in(connection: Connection, inspection_ids: Iterable[int], selves: Iterable[Actor]) -> set[int]:
    """Return which inspections one of `selves` filled, confirmed, handed in or reviewed: no other bars him.

    Asked of many sheets at once, where `four_eyes` asks of one.
    """
    row, (verbs, objects), me = audit_events.c, _FILLED, tuple(selves)
    wanted = or_(row.verb.in_((*verbs, *_SIGNED)), *(row.object.like(f"{beginning}%") for beginning in objects))
    chains = {inspection_chain(one): one for one in inspection_ids}
    names, found = list(chains), set()
    for start in range(0, len(names), _CHUNK):
        among = row.chain.in_(names[start : start + _CHUNK])
        for one in connection.execute(select(row.chain, row.actor, row.login).where(among, wanted).distinct()):
            if any(same_person(Actor(name=one.actor, login=one.login), mine) for mine in me):
                found.add(chains[one.chain])
    return found


class Signing(HandingIn):
    """Writing the state of an inspection, its signatures and remarks.

    `own_saves` counts what this very transaction saved of an inspection: one's own save makes nothing stale.
    """

    ledger: AuditLog
    own_saves: dict[int, int]

    def set_state(self, inspection_id: int, state: str, seen_revision: int, reason: str = "") -> InspectionRecord:
        """Confirm, submit, return, review, approve or take back, signed by who acts. NotAllowed for the wrong person.

        Raises StaleRevision when answers or state changed since `seen_revision`; own saves of this transaction
        do not count.
        """
        record, reason = self._lock_inspection(inspection_id), mask(reason)
        own = self.own_saves.get(inspection_id, 0)
        if seen_revision not in (record.revision, record.revision - own):
            message = f"检查任务 {record.unit} {record.domain} 在您打开之后有改动，请刷新后再{STATES.get(state, state)}"
            raise StaleRevision(message, record, replace(record, state=state, reason=reason))
        self._check_step(record, state, reason)
        submitted_by = self.ledger.actor.name if state == "submitted" else record.submitted_by
        changed = replace(
            record,
            state=state,
            submitted_by=submitted_by,
            reason=reason,
            revision=record.revision + 1,
            signatures=self._signatures(record, state),
        )
        self._revise_inspection(changed, state)
        if state in OPEN_STATES:
            self._close_question(inspection_id, reason)
        self.own_saves[inspection_id] = own + 1
        return changed

    def _check_step(self, record: InspectionRecord, state: str, reason: str) -> None:
        allowed = _STEPS[record.state]
        if state not in allowed:
            names = "、".join(STATES[one] for one in allowed)
            message = f"检查任务 {record.unit} {record.domain} 现为{STATES[record.state]}，只能改为：{names}"
            raise NotAllowed(message)
        filed = list_appeals(self.ledger.connection, [record.id])[record.id]
        if any(one.state == "open" for one in filed):
            raise NotAllowed(f"检查任务 {record.unit} {record.domain} 申诉中，申诉处理以前不能退回、签字或撤回")
        if why := four_eyes(self.ledger.connection, record, state, self.ledger.actor, self.ledger.pending):
            raise NotAllowed(why)
        if state == "returned" and not reason.strip():
            raise InputError("退回须写明原因")
        if state in ("confirmed", "submitted"):
            self._refuse_open_remarks(record)

    def refuse_filler(self, inspection_id: int, what: str) -> None:
        """Raise NotAllowed where the actor filled or submitted the sheet: who fills never reviews."""
        record, ledger = self._lock_inspection(inspection_id), self.ledger
        if four_eyes(ledger.connection, record, "returned", ledger.actor, ledger.pending):
            raise NotAllowed(f"填报人或提交人不得{what}自己的检查任务（{ledger.actor.name}）")

    def _signatures(self, record: InspectionRecord, state: str) -> tuple[Signature, ...]:
        """Return the signatures after a step; going back begins another round."""
        if state not in SIGNATURES:
            return ()
        actor: Actor = self.ledger.actor
        signature = Signature(
            step=state,
            name=actor.name,
            at=self.ledger.at,
            digest=self._digest(record.id),
            login=actor.login,
            unit=actor.unit,
            role=actor.role,
            verified=actor.verified,
        )
        return (*record.signatures, signature)

    def _digest(self, inspection_id: int) -> str:
        """Return the digest of what is signed: every current answer, file and review of the sheet."""
        lines = []
        for table, key in ((responses, "item_id"), (evidence, "number"), (reviews, "item_id")):
            statement = select(table.c[key], table.c.payload).where(table.c.inspection_id == inspection_id)
            rows = self.ledger.connection.execute(statement.order_by(table.c[key]))
            lines += [f"{table.name} {row[0]} {row[1]}" for row in rows]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    # --- remarks ------------------------------------------------------------------------------------------------------

    def add_remarks(self, inspection_id: int, texts: Mapping[str, str]) -> None:
        """Record what the reviewer asks of items (item id → text); blank ones are left out."""
        self._lock_inspection(inspection_id)
        last = select(func.max(remarks.c.number)).where(remarks.c.inspection_id == inspection_id)
        number = self.ledger.connection.scalar(last) or 0
        for item_id, text in texts.items():
            if mask(text).strip():
                number += 1
                self._revise_remark(
                    inspection_id,
                    Remark(
                        number=number,
                        item_id=item_id,
                        text=mask(text).strip(),
                        author=self.ledger.actor.name,
                        at=self.ledger.at,
                    ),
                    "remark",
                    0,
                )

    def clear_remark(self, inspection_id: int, number: int, note: str) -> Remark:
        """Clear a remark by what was done. Raises InputError for an unknown or cleared one, or without a note."""
        record = self._lock_inspection(inspection_id)
        if record.state not in OPEN_STATES:
            raise NotAllowed(f"检查任务{STATES[record.state]}，不能再处理退回意见")
        statement = with_payload(remarks).where(remarks.c.inspection_id == inspection_id, remarks.c.number == number)
        row = self.ledger.connection.execute(statement).first()
        if row is None:
            raise InputError(Fault("没有这条退回意见", value=str(number)))
        remark = from_json(Remark, row.body)
        if not remark.open:
            raise InputError(Fault("这条退回意见已经处理", item=remark.item_id))
        if not (said := mask(note).strip()):
            raise InputError(Fault("处理退回意见须写明做了什么", item=remark.item_id))
        cleared = replace(remark, cleared_by=self.ledger.actor.name, cleared_note=said, cleared_at=self.ledger.at)
        self._revise_remark(inspection_id, cleared, "clear", row.revision)
        return cleared

    def _refuse_open_remarks(self, record: InspectionRecord) -> None:
        waiting = [one for one in list_remarks(self.ledger.connection, record.id) if one.open]
        if waiting:
            raise InputError(Fault(f"退回意见还没有处理：{one.text}", item=one.item_id) for one in waiting)

    def _revise_remark(self, inspection_id: int, remark: Remark, verb: str, seen: int) -> None:
        change = Revision(
            key={"inspection_id": inspection_id, "number": remark.number},
            chain=inspection_chain(inspection_id),
            object=f"remark:{remark.number}",
            verb=verb,
            plain=to_plain(remark),
            seen=seen,
            columns={"item_id": remark.item_id},
        )
        self.ledger.revise(remarks, [change])

    # --- the inspection's row -----------------------------------------------------------------------------------------

    def _lock_inspection(self, inspection_id: int) -> InspectionRecord:
        self.ledger.lock(inspections, id=inspection_id)
        record = find_inspection(self.ledger.connection, inspection_id)
        refuse_final(self.ledger.connection, record.campaign_id)
        return record

    def _count_saves(self, record: InspectionRecord, saves: int) -> None:
        """An answer saved makes a submission based on an older state stale, except within one transaction."""
        self.own_saves[record.id] = self.own_saves.get(record.id, 0) + saves
        self.ledger.connection.execute(_COUNT_SAVES, {"wanted": record.id, "revision": record.revision + saves})

    def _revise_inspection(self, changed: InspectionRecord, verb: str) -> None:
        key, chain = {"id": changed.id}, inspection_chain(changed.id)
        change = Revision(
            key=key,
            chain=chain,
            object=INSPECTION,
            verb=verb,
            plain=inspection_payload(changed),
            seen=changed.revision - 1,
        )
        self.ledger.revise(inspections, [change])
