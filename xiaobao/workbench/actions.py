"""整改: propose measures for findings, let the unit fill them, move them towards closure, list what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.corrective_actions import Mover, move, overdue, propose
from xiaobao.errors import Fault, InputError, NotAllowed, StaleRevision
from xiaobao.labels import ACTION_STATUSES, domain_title
from xiaobao.model import CorrectiveAction, Finding
from xiaobao.personal import masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True, kw_only=True)
class ActionRow:
    """One measure with the finding it answers. `overdue` is seen from the workspace's clock."""

    action: CorrectiveAction
    finding: Finding | None
    unit_name: str
    overdue: bool

    @property
    def finding_title(self) -> str:
        """The finding's title, or its id where a later run no longer finds it."""
        return self.finding.title if self.finding else self.action.finding_id

    @property
    def domain(self) -> str:
        """The finding's domain, "" where it is no longer found."""
        return self.finding.domain if self.finding else ""

    @property
    def domain_title(self) -> str:
        return domain_title(self.domain, self.finding.domain_title) if self.finding else ""


def actions_table(
    wb: Workbench, period: str, unit: str | None = None, domain: str | None = None, name: str | None = None
) -> tuple[ActionRow, ...]:
    """Return the measures of a period: late ones first, then by due date."""
    campaign = wb.campaign(period, name)
    units = wb.units(campaign.period)
    findings = _findings(wb, campaign.id, unit)
    today = wb.settings.as_of or date.today()
    rows = []
    for action in wb.store.actions(campaign.id, unit):
        name = units[action.unit].name if action.unit in units else action.unit
        row = ActionRow(
            action=action, finding=findings.get(action.finding_id), unit_name=name, overdue=overdue(action, today)
        )
        if domain is None or row.domain == domain:
            rows.append(row)
    return tuple(sorted(rows, key=lambda row: (not row.overdue, row.action.due, row.action.unit, row.action.id)))


def propose_actions(
    wb: Workbench, period: str, unit: str | None = None, name: str | None = None, day: date | None = None
) -> int:
    """Propose measures for every finding that has none yet; drafts raise none. Returns how many were added.

    Their days run from `day`, that of issue, today by default: nothing is born overdue.
    """
    campaign = wb.campaign(period, name)
    known = {action.id for action in wb.store.actions(unit=unit)}  # one fact found by two campaigns needs one measure
    wanted = [
        action
        for finding in _findings(wb, campaign.id, unit).values()
        for action in propose(finding, day or wb.today, wb.settings.action_days)
        if action.id not in known
    ]
    if wanted:
        with wb.store.writing(wb.actor) as tx:
            tx.save_actions(wanted)
    return len(wanted)


def fill_action(
    wb: Workbench, action_id: str, measure: str, owner: str, due: date, note: str, seen_revision: int
) -> CorrectiveAction:
    """Save what is to be done, by whom and until when. Raises InputError with all faults, NotAllowed when under way."""
    before = _present(wb, action_id)
    after = masked(replace(before, measure=measure.strip(), owner=owner.strip(), due=due, note=note.strip()))
    if after == before:
        return before
    if before.status != "open":
        raise NotAllowed(Fault(f"整改措施{ACTION_STATUSES[before.status]}，不能再改内容", item=action_id))
    faults = []
    if not after.measure:
        faults.append(Fault("须填写整改措施", item=action_id, column="整改措施"))
    if due > before.due and not after.note:
        faults.append(Fault("延长期限须在备注中写明理由和批准人", item=action_id, column="整改期限"))
    if faults:
        raise InputError(faults)
    return _save(wb, before, after, seen_revision)


def move_action(wb: Workbench, action_id: str, to: str, note: str, seen_revision: int) -> CorrectiveAction:
    """Report done, verify, send back or close. Raises InputError on a wrong step, NotAllowed for the wrong person."""
    before = _present(wb, action_id)
    after = move(before, to, Mover(wb.actor.name), note.strip())
    return _save(wb, before, after, seen_revision)


def _save(wb: Workbench, before: CorrectiveAction, after: CorrectiveAction, seen: int) -> CorrectiveAction:
    if seen != before.revision:
        raise StaleRevision("这条整改措施已被他人更新，请先看最新内容再保存", before, after)
    with wb.store.writing(wb.actor) as tx:
        return tx.save_action(after, seen)


def _present(wb: Workbench, action_id: str) -> CorrectiveAction:
    found = [action for action in wb.store.actions() if action.id == action_id]
    if not found:
        raise InputError(Fault("没有这条整改措施", value=action_id))
    return found[0]


def _findings(wb: Workbench, campaign_id: int, unit: str | None) -> Mapping[str, Finding]:
    recorded = wb.store.findings(campaign_id, unit)
    return {finding.id: finding for found in recorded.values() for finding in found}
