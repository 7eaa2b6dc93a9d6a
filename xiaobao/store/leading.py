"""Writing leads (疑点) and what was said of them. A lead is never deleted: it is withdrawn, and may come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace
from sqlalchemy import func, select

from xiaobao.errors import Fault, InputError, StaleRevision
from xiaobao.model import Lead, LeadDecision, from_json, to_plain
from xiaobao.personal.values import masked
from xiaobao.store.history import WITHDRAW, AuditLog, Revision, inspection_chain
from xiaobao.store.models import InspectionRecord, Raised
from xiaobao.store.queries import beijing, find_inspection, refuse_final, with_payload
from xiaobao.store.tables import decisions, inspections, leads

_CHUNK = 500


@dataclass(frozen=True, kw_only=True)
class _Known:
    lead: Lead
    withdrawn: bool
    revision: int


class Leading:
    """Writing leads and decisions; nothing is deleted."""

    ledger: AuditLog

    def raise_leads(
        self, inspection_id: int, checks: Iterable[str], leads_hit: Iterable[Lead], day: date | None = None
    ) -> Raised:
        """Take over what the evaluated `checks` hit. Their leads no longer hit are withdrawn, not deleted.

        `day` is that on which new ones, and those hit again after a withdrawal, are issued; the others keep theirs.
        """
        evaluated, hit = set(checks), [masked(lead) for lead in leads_hit]
        ledger = self.ledger
        ledger.lock(inspections, id=inspection_id)
        record = find_inspection(ledger.connection, inspection_id)
        refuse_final(ledger.connection, record.campaign_id)
        _refuse_foreign(record, evaluated, hit)
        known = self._known(inspection_id, evaluated)
        changes, new, kept = [], 0, 0
        for lead in hit:
            old = known.pop(lead.id, None)
            lead = replace(lead, issued=day if old is None or old.withdrawn else old.lead.issued)
            new, kept = (new + 1, kept) if old is None else (new, kept + 1)
            if old is None or old.withdrawn or old.lead != lead:
                verb = "return" if old is not None and old.withdrawn else "raise"
                changes.append(_change(inspection_id, lead, verb, old.revision if old else 0))
        gone = [one for one in known.values() if not one.withdrawn]
        changes += [_change(inspection_id, one.lead, WITHDRAW, one.revision) for one in gone]
        ledger.revise(leads, changes)
        return Raised(new, kept, len(gone))

    def _known(self, inspection_id: int, checks: set[str]) -> dict[str, _Known]:
        statement = with_payload(leads).where(leads.c.inspection_id == inspection_id, leads.c.check_id.in_(checks))
        rows = self.ledger.connection.execute(statement)
        return {
            row.id: _Known(lead=from_json(Lead, row.body), withdrawn=row.withdrawn, revision=row.revision)
            for row in rows
        }

    def save_decision(self, decision: LeadDecision, seen_revision: int) -> LeadDecision:
        """Save what the unit answered or the inspector decided. Raises StaleRevision when it changed since."""
        return self.save_decisions([replace(decision, revision=seen_revision)])[0]

    def save_decisions(self, offered: Iterable[LeadDecision]) -> tuple[LeadDecision, ...]:
        """Save several decisions, each carrying the revision it was made on; all or none.

        Who answered and who decided is the actor where the value does not name anyone.
        Raises StaleRevision, InputError for a lead that there is not, NotAllowed once the result is final.
        """
        wanted = [masked(decision) for decision in offered]
        ids = [one.lead_id for one in wanted]
        homes = self._homes(ids)
        unknown = [one for one in ids if one not in homes]
        if unknown:
            raise InputError(Fault("没有这条疑点", value=one) for one in unknown)
        for home in sorted(set(homes.values())):
            self.ledger.lock(inspections, id=home)
            refuse_final(self.ledger.connection, find_inspection(self.ledger.connection, home).campaign_id)
        known = self.ledger.revisions(decisions, "lead_id", ids)
        kept, changes = [], []
        for one in wanted:
            revision, body = known.get(one.lead_id, (0, ""))
            saved = from_json(LeadDecision, body) if body else None
            if revision != one.revision:
                raise StaleRevision(_stale(one.lead_id, saved), saved, one)
            new = self._signed(one, saved)
            home = homes[one.lead_id]
            columns = {"inspection_id": home}
            name, verb = f"decision:{one.lead_id}", "decide" if new.decided else "answer"
            change = Revision(
                key={"lead_id": one.lead_id},
                chain=inspection_chain(home),
                object=name,
                verb=verb,
                plain=to_plain(new),
                seen=revision,
                columns=columns,
            )
            changes.append(change)
            kept.append(new)
        self.ledger.revise(decisions, changes)
        return tuple(kept)

    def _signed(self, decision: LeadDecision, saved: LeadDecision | None) -> LeadDecision:
        before = saved or LeadDecision(lead_id=decision.lead_id)
        me = self.ledger.actor.name
        answered = (decision.answer, decision.answer_note) != (before.answer, before.answer_note)
        decided = (decision.decided, decision.reason) != (before.decided, before.reason)
        return replace(
            decision,
            answered_by=_signature(answered, decision.answered_by, before.answered_by, me),
            decided_by=_signature(decided, decision.decided_by, before.decided_by, me),
            at=self.ledger.at,
            revision=decision.revision + 1,
        )

    def _homes(self, ids: Sequence[str]) -> dict[str, int]:
        """Return the inspection whose chain tells of a lead: the first that raised it, so one fact is decided once."""
        homes: dict[str, int] = {}
        for start in range(0, len(ids), _CHUNK):
            statement = (
                select(leads.c.id, func.min(leads.c.inspection_id))
                .where(leads.c.id.in_(ids[start : start + _CHUNK]))
                .group_by(leads.c.id)
            )
            homes |= {row[0]: row[1] for row in self.ledger.connection.execute(statement)}
        return homes


def _signature(changed: bool, offered: str, before: str, actor: str) -> str:
    """A name given stands; one merely carried over from the last revision does not sign what it never said."""
    if not changed:
        return before
    return actor if offered in ("", before) else offered


def _change(inspection_id: int, lead: Lead, verb: str, seen: int) -> Revision:
    key = {"inspection_id": inspection_id, "id": lead.id}
    columns = {"check_id": lead.check_id, "withdrawn": verb == WITHDRAW}
    return Revision(
        key=key,
        chain=inspection_chain(inspection_id),
        object=f"lead:{lead.id}",
        verb=verb,
        plain=to_plain(lead),
        seen=seen,
        columns=columns,
    )


def _refuse_foreign(record: InspectionRecord, checks: set[str], hit: Sequence[Lead]) -> None:
    """A lead of another unit or of a check that was not evaluated would be withdrawn by the wrong run."""
    faults = [Fault("疑点不属于本次检查的机构", item=one.id, value=one.unit) for one in hit if one.unit != record.unit]
    strange = [one for one in hit if one.check_id not in checks]
    faults += [Fault("疑点的数据检查不在本次范围", item=one.id, value=one.check_id) for one in strange]
    times = Counter(one.id for one in hit)
    faults += [Fault("同一疑点出现多次", item=name) for name, count in times.items() if count > 1]
    if faults:
        raise InputError(faults)


def _stale(lead_id: str, saved: LeadDecision | None) -> str:
    if saved is None or saved.at is None:
        return f"疑点 {lead_id} 的核实与认定已被恢复到旧版，请刷新后重填"
    who = saved.decided_by or saved.answered_by
    said = f"疑点 {lead_id} 已由 {who} 于 {beijing(saved.at)} 保存过第 {saved.revision} 版"
    return f"{said}，您的修改没有保存；请对照后重新保存"
