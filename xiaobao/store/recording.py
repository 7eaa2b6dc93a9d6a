"""Writing what runs found: runs, results, scorecards; and the corrective actions that follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from msgspec.structs import replace
from sqlalchemy import Table, func, select

from xiaobao.errors import Fault, InputError, StaleRevision
from xiaobao.model import (
    CheckResult,
    CorrectiveAction,
    Finding,
    ItemFacts,
    Score,
    from_json,
    misplaced,
    to_compact,
    to_plain,
)
from xiaobao.personal import mask
from xiaobao.personal.values import masked
from xiaobao.store.history import (
    CUT,
    ISSUE,
    OPEN,
    RELOCATE,
    RESTORE,
    WORKSPACE,
    AuditLog,
    Revision,
    inspection_chain,
    payload_text,
)
from xiaobao.store.models import RecordedFindings, ResultRecord, RunRecord, summary_of
from xiaobao.store.queries import find_inspection, with_payload
from xiaobao.store.tables import actions, audit_events, inspections, results, runs, scorecards, store_info

_CHUNK = 500


class Recording:
    """Writing what runs found: runs, results, findings and scorecards, each as the latest of its kind."""

    ledger: AuditLog

    def record_run(self, run: RunRecord) -> None:
        """Record a run as the latest of its notebook and unit; earlier ones stay in the history."""
        self.ledger.lock_workspace()
        run = masked(run)
        key = {"campaign_id": run.campaign_id, "unit": run.unit, "notebook": run.notebook}
        name = f"run:{run.campaign_id}:{run.unit}:{run.notebook}"
        self._revise_latest(runs, key, WORKSPACE, name, to_plain(run))

    def record_result(
        self,
        inspection_id: int,
        digest: str,
        before: Score,
        after: Score,
        check_results: Sequence[CheckResult],
        findings: Sequence[Finding],
        own: Score | None = None,
        facts: Sequence[ItemFacts] = (),
        facts_before: Sequence[ItemFacts] = (),
        review: tuple[Score, Sequence[ItemFacts]] | None = None,
    ) -> None:
        """Record what a run of one inspection found. Leads live on their own and are left out here.

        `facts` is what scoring knew of each item, `facts_before` where it knew otherwise before decisions. `review`
        tells that the score is the reviewer's, with the unit's own score and the facts that it saw otherwise.
        Raises InputError where a score does not stand in the place of its stage.
        """
        if wrong := misplaced(before, after):
            raise InputError(Fault(wrong, allowed="before 处为认定前、after 处为认定后的得分"))
        self.ledger.lock(inspections, id=inspection_id)
        find_inspection(self.ledger.connection, inspection_id)
        bare = tuple(replace(result, leads=()) for result in check_results)
        own_view, facts_self = review or (None, ())
        record = ResultRecord(
            digest=digest,
            before=before,
            after=after,
            check_results=bare,
            findings=tuple(findings),
            own=own,
            facts=tuple(facts),
            facts_before=tuple(facts_before),
            facts_self=tuple(facts_self),
            own_view=own_view,
            reviewed=review is not None,
        )
        key = {"inspection_id": inspection_id}
        plain = to_compact(masked(record))
        columns = {"summary": summary_of(plain)}
        self._revise_latest(results, key, inspection_chain(inspection_id), "result", plain, columns)

    def record_scorecard(self, campaign_id: int, unit: str, digest: str, payload: Mapping[str, object]) -> None:
        """Record a unit's scorecard as made from inputs with `digest`."""
        self.ledger.lock_workspace()
        plain = {"digest": digest, "scorecard": to_compact(dict(payload))}
        key = {"campaign_id": campaign_id, "unit": unit}
        self._revise_latest(scorecards, key, WORKSPACE, f"scorecard:{campaign_id}:{unit}", plain)

    def record_file(self, what: str, file_name: str, sha256: str, path: str = "") -> None:
        """Record that a report or list was issued. The event is all there is: the file lies where its reader put it.

        `path` within the workspace is given of what is fixed from then on.
        """
        self.ledger.lock_workspace()
        what = mask(what)
        name = f"file:{what}"
        events = select(func.max(audit_events.c.revision)).where(audit_events.c.object == name)
        plain = {"what": what, "file_name": file_name, "sha256": sha256, **({"path": path} if path else {})}
        change = Revision(
            key={},
            chain=WORKSPACE,
            object=name,
            verb=ISSUE,
            plain=plain,
            seen=self.ledger.connection.scalar(events) or 0,
        )
        [sha] = self.ledger.keep([payload_text(plain)])
        self.ledger.note(change, sha)

    def mark_sample(self) -> None:
        """Mark the store as the sample bank's own: its people are invented. No other store is ever marked."""
        self.ledger.lock_workspace()
        plain = {"sample": True}
        change = Revision(key={}, chain=WORKSPACE, object="sample", verb=ISSUE, plain=plain, seen=0)
        [sha] = self.ledger.keep([payload_text(plain)])
        self.ledger.note(change, sha)
        self.ledger.connection.execute(store_info.insert().values(key="sample", value="1"))

    def note_relocation(self, plain: Mapping[str, object]) -> None:
        """Tell that files of the workspace were moved to other folders. The event is all there is."""
        self._note_alone("layout", RELOCATE, plain)

    def note_cut(self, period: str, sha256: str) -> None:
        """Tell that the data of a period were cut by unit anew: the digest of the list of what was cut."""
        self._note_alone(f"partitions:{period}", CUT, {"period": period, "sha256": sha256})

    def note_opening(self, unit: str, sha256: str, name: str, how: str) -> None:
        """Tell that a file of evidence that may hold personal data was opened: what, and how."""
        plain = {"unit": unit, "file_name": name, "how": how}
        self._note_alone(f"opening:{sha256}", OPEN, plain, f"opening:{unit}")

    def note_restoring(self, unit: str, lead_id: str, pseudonym: str, reason: str) -> None:
        """Tell that a pseudonym of a lead was turned back; what it stands for is written nowhere."""
        plain = {"unit": unit, "pseudonym": pseudonym, "reason": reason}
        self._note_alone(f"restoring:{lead_id}", RESTORE, plain, f"opening:{unit}")

    def _note_alone(self, name: str, verb: str, plain: Mapping[str, object], chain: str = WORKSPACE) -> None:
        self.ledger.lock_workspace()
        events = select(func.max(audit_events.c.revision)).where(
            audit_events.c.object == name, audit_events.c.chain == chain
        )
        seen = self.ledger.connection.scalar(events) or 0
        change = Revision(key={}, chain=chain, object=name, verb=verb, plain=plain, seen=seen)
        [sha] = self.ledger.keep([payload_text(plain)])
        self.ledger.note(change, sha)

    def _revise_latest(
        self,
        table: Table,
        key: Mapping[str, object],
        chain: str,
        name: str,
        plain: object,
        columns: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        row = select(table.c.revision).where(*(table.c[column] == value for column, value in key.items()))
        seen = self.ledger.connection.scalar(row) or 0
        change = Revision(key=key, chain=chain, object=name, verb="record", plain=plain, seen=seen, columns=columns)
        self.ledger.revise(table, [change])

    def save_action(self, action: CorrectiveAction, seen_revision: int) -> CorrectiveAction:
        """Save a corrective action for a recorded finding. Raises StaleRevision when it changed since."""
        return self.save_actions([replace(action, revision=seen_revision)])[0]

    def save_actions(self, offered: Iterable[CorrectiveAction]) -> tuple[CorrectiveAction, ...]:
        """Save several, each carrying the revision it was made on; all or none.

        Raises StaleRevision with both texts.
        """
        wanted = [masked(action) for action in offered]
        self.ledger.lock_workspace()
        known = self._saved_actions([one.id for one in wanted])
        homes = self._homes_of([one for one in wanted if one.id not in known])
        kept, changes = [], []
        for action in wanted:
            home, saved = known.get(action.id, (0, None))
            if (saved.revision if saved else 0) != action.revision:
                message = f"整改措施 {action.id} 在您打开之后已被他人保存，您的修改没有保存；请对照后重新保存"
                raise StaleRevision(message, saved, action)
            home = home or homes[action.unit, action.finding_id]
            new = replace(action, revision=action.revision + 1)
            columns = {"inspection_id": home, "unit": action.unit}
            key, name = {"id": action.id}, f"action:{action.id}"
            changes.append(
                Revision(
                    key=key,
                    chain=inspection_chain(home),
                    object=name,
                    verb="save",
                    plain=to_plain(new),
                    seen=action.revision,
                    columns=columns,
                )
            )
            kept.append(new)
        self.ledger.revise(actions, changes)
        return tuple(kept)

    def _saved_actions(self, ids: Sequence[str]) -> dict[str, tuple[int, CorrectiveAction]]:
        found: dict[str, tuple[int, CorrectiveAction]] = {}
        for start in range(0, len(ids), _CHUNK):
            statement = with_payload(actions).where(actions.c.id.in_(ids[start : start + _CHUNK]))
            for row in self.ledger.connection.execute(statement):
                found[row.id] = (row.inspection_id, from_json(CorrectiveAction, row.body))
        return found

    def _homes_of(self, wanted: Sequence[CorrectiveAction]) -> dict[tuple[str, str], int]:
        """Return (unit, finding) → the newest inspection that raised it. Raises InputError where none did.

        An action without a finding would hang in the air.
        """
        homes: dict[tuple[str, str], int] = {}
        units = sorted({one.unit for one in wanted})
        for start in range(0, len(units), _CHUNK):
            statement = (
                with_payload(results, results.c.inspection_id, inspections.c.unit)
                .join(inspections, inspections.c.id == results.c.inspection_id)
                .where(inspections.c.unit.in_(units[start : start + _CHUNK]))
                .order_by(results.c.inspection_id)
            )
            for row in self.ledger.connection.execute(statement):
                for finding in from_json(RecordedFindings, row.body).findings:
                    if not finding.draft:
                        homes[row.unit, finding.id] = int(row.inspection_id)
        missing = [one for one in wanted if (one.unit, one.finding_id) not in homes]
        if missing:
            raise InputError(Fault(f"机构 {one.unit} 没有这条检查发现", value=one.finding_id) for one in missing)
        return homes
