"""整改: propose measures for findings, let the unit fill them, move them towards closure, list what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.corrective_actions import Mover, closing_faults, move, overdue, propose, redress_faults
from xiaobao.errors import Fault, InputError, NotAllowed, StaleRevision
from xiaobao.labels import ACTION_STATUSES, domain_title
from xiaobao.model import Actor, CorrectiveAction, FactState, Finding, Period, Redress, Seat, folded_name
from xiaobao.personal.values import masked
from xiaobao.rights import RIGHTS
from xiaobao.store.models import Campaign
from xiaobao.workbench.inspections.evidence import keep_file, refuse_file
from xiaobao.workbench.permitting import (
    acting,
    is_actor,
    known_units,
    open_domains,
    others_who_may,
    registered,
    seats_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    """Return the measures of a period: late ones first, then by due date.

    Raises NotAllowed for whoever may see none.
    """
    campaign = wb.campaign(period, name)
    seen = wb.sight("action.see", campaign)
    if seen.reason:
        raise NotAllowed(seen.reason)
    units = wb.units(campaign.period)
    findings = _findings(wb, campaign.id, unit)
    today = wb.settings.as_of or date.today()
    rows = []
    for action in wb.store.actions(campaign.id, unit):
        name = units[action.unit].name if action.unit in units else action.unit
        row = ActionRow(
            action=action, finding=findings.get(action.finding_id), unit_name=name, overdue=overdue(action, today)
        )
        if seen.shows(action.unit, row.domain) and (domain is None or row.domain == domain):
            rows.append(row)
    return tuple(sorted(rows, key=lambda row: (not row.overdue, row.action.due, row.action.unit, row.action.id)))


def propose_actions(
    wb: Workbench, period: str, unit: str | None = None, name: str | None = None, day: date | None = None
) -> int:
    """Propose measures for every finding that has none yet; drafts raise none. Returns how many were added.

    A business line proposes those of its own domains.

    Their days run from `day`, that of issue, today by default: nothing is overdue on its first day.
    """
    campaign = wb.campaign(period, name)
    domains = open_domains(wb, "action.propose", unit or "", campaign)
    known = {action.id for action in wb.store.actions(unit=unit)}  # one fact found by two campaigns needs one measure
    wanted = [
        action
        for finding in _findings(wb, campaign.id, unit).values()
        for action in propose(finding, day or wb.today, wb.settings.action_days)
        if action.id not in known and finding.domain in domains
    ]
    if wanted:
        with wb.writing("action.propose", unit or "", domains[0], campaign) as tx:
            tx.save_actions(wanted)
    return len(wanted)


def fill_action(
    wb: Workbench, action_id: str, measure: str, owner: str, due: date, note: str, seen_revision: int
) -> CorrectiveAction:
    """Save what is to be done, by whom and until when. Raises InputError with all faults, NotAllowed when under way.

    Where people are registered the owner is one of them, by login or by a name that only one of them has.
    """
    before = _present(wb, action_id)
    known, faults = _owner(wb, action_id, owner.strip())
    after = masked(replace(before, measure=measure.strip(), due=due, note=note.strip(), **known))
    if after == before:
        return before
    if before.status != "open":
        raise NotAllowed(Fault(f"整改措施{ACTION_STATUSES[before.status]}，不能再改内容", item=action_id))
    if not after.measure:
        faults.append(Fault("须填写整改措施", item=action_id, column="整改措施"))
    if due > before.due and not after.note:
        faults.append(Fault("延长期限须在备注中写明理由和批准人", item=action_id, column="整改期限"))
    if faults:
        raise InputError(faults)
    return _save(wb, "action.fill", before, after, seen_revision)


def move_action(
    wb: Workbench,
    action_id: str,
    to: str,
    note: str,
    seen_revision: int,
    redress: Redress | None = None,
    evidence: Sequence[tuple[str, bytes]] = (),
) -> CorrectiveAction:
    """Report done, verify, send back or close. Raises InputError on a wrong step, NotAllowed for the wrong person.

    `redress` and the files of `evidence` (name, content) go with the report of a case line.
    """
    before = _present(wb, action_id)
    mover = Mover(wb.actor.name, login=wb.actor.login)
    after = masked(move(before, to, mover, note.strip()))
    verb = STEP_VERBS[to] if to != "closed" or not _of_head_office(wb, before) else "action.close_own"
    place = _place(wb, before)
    if acting(wb).anybody:
        wb.look(verb, before.unit, place.domain, place.campaign)
        _refuse_same_person(wb, before, to, verb)
    if to == "done":
        after = _reported(wb, after, redress, evidence)
    if to == "closed" and acting(wb).anybody:
        clean = clean_since(wb, place.finding) if place.finding else "重新运行后已没有这条检查发现"
        if faults := closing_faults(after, clean):
            raise InputError(faults)
        after = replace(after, proof=clean)
    return _save(wb, verb, before, after, seen_revision)


STEP_VERBS = {"done": "action.report", "verified": "action.verify", "open": "action.verify", "closed": "action.close"}
_HEAD_OFFICE = frozenset({"head_office", "department"})


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a measure belongs: its campaign and domain, and its finding, None where no result has it any more."""

    campaign: Campaign | None = None
    domain: str = ""
    finding: Finding | None = None


def action_place(wb: Workbench, action_id: str) -> tuple[str, str, Campaign | None] | None:
    """Return unit, domain and campaign of a measure, None for an unknown one."""
    home = wb.store.home_of_action(action_id)
    if home is None:
        return None
    action = _present(wb, action_id)
    place = _place(wb, action)
    return action.unit, place.domain, place.campaign


def _place(wb: Workbench, action: CorrectiveAction) -> _Place:
    home = wb.store.home_of_action(action.id)
    if home is None:
        return _Place()
    campaign = next((one for one in wb.store.campaigns() if one.id == home.campaign_id), None)
    finding = _findings(wb, home.campaign_id, action.unit).get(action.finding_id)
    return _Place(campaign=campaign, domain=home.domain, finding=finding)


def _of_head_office(wb: Workbench, action: CorrectiveAction) -> bool:
    unit = known_units(wb).get(action.unit)
    return unit is not None and unit.level in _HEAD_OFFICE


def _owner(wb: Workbench, action_id: str, owner: str) -> tuple[dict[str, str], list[Fault]]:
    """Return the owner's name and login, and what is wrong with him."""
    people = registered(wb)
    if not people or not owner:
        return {"owner": owner, "owner_login": ""}, []
    name = folded_name(owner)
    found = [one for one in people.values() if one.login == name] or [
        one for one in people.values() if folded_name(one.name) == name
    ]
    if len(found) == 1 and not found[0].disabled:
        return {"owner": found[0].name, "owner_login": found[0].login}, []
    why = "责任人没有登记或已停用" if len(found) < 2 else f"有 {len(found)} 人叫这个名字，请写登录名"
    return {"owner": owner, "owner_login": ""}, [Fault(why, item=action_id, column="责任人", value=owner)]


def _reported(
    wb: Workbench, action: CorrectiveAction, redress: Redress | None, evidence: Sequence[tuple[str, bytes]]
) -> CorrectiveAction:
    """Lay the report over a measure: its files are kept, its statement is whole where there is one."""
    redress = redress or action.redress
    if redress is not None and (faults := redress_faults(action.id, redress)):
        raise InputError(faults)
    for name, data in evidence:
        refuse_file(name, data)
    wb.look("action.report", action.unit)
    kept = tuple(keep_file(wb.home, name, data).path for name, data in evidence)
    attached = [one for one in wb.store.kept("attachments", about="action", object=action.id) if one.path]
    replaced = {one.replaces for one in attached}
    there = tuple(one.path for one in attached if one.id not in replaced)
    return replace(action, redress=redress, evidence=tuple(dict.fromkeys((*action.evidence, *there, *kept))))


def _refuse_same_person(wb: Workbench, action: CorrectiveAction, to: str, verb: str) -> None:
    """Who ever reported a measure done never verifies it; neither he, the owner nor anybody of his unit closes it."""
    steps = wb.store.who_moved(action.id)
    place = _place(wb, action)
    reported = [who for status, who in steps if status == "done"]
    owner = [Actor(name=action.owner, login=action.owner_login)] if action.owner else []
    why = ""
    if to in ("verified", "open") and is_actor(wb, *reported, *owner):
        why = "责任人和报告完成的人不能验证自己的整改"
    elif to == "closed" and is_actor(wb, *reported, *owner):
        why = "责任人和报告完成的人不能为自己的整改销号"
    elif to == "closed" and (mine := _bound(verb, (seat for seat, _ in seats_of(acting(wb)))) & _around(wb, action)):
        why = f"被检查机构（{'、'.join(sorted(mine))}）的人不能为本机构的整改销号"
    if why:
        units = _around(wb, action) if to == "closed" else set()
        never = {one.login for one in (*reported, *owner) if one.login}
        never |= {login for login, one in registered(wb).items() if _bound(verb, one.seats) & units}
        others = others_who_may(wb, verb, action.unit, place.domain, place.campaign, never)
        raise NotAllowed(Fault(why + others, item=action.id))


def _bound(verb: str, seats: Iterable[Seat]) -> set[str]:
    """Return the units that these seats bind their holder to.

    A seat of internal audit or of a leader stands above head office's own findings, wherever in the bank it is.
    """
    free = RIGHTS[verb].granted if verb == "action.close_own" else {}
    return {seat.unit for seat in seats if not free.get(seat.role)}


def _around(wb: Workbench, action: CorrectiveAction) -> set[str]:
    """Return the units whose people never close a measure: the measure's own, and its owner's."""
    owner = registered(wb).get(action.owner_login)
    return {action.unit, *(seat.unit for seat in (owner.seats_on(date.today()) if owner else ()) if seat.unit)}


def clean_since(wb: Workbench, finding: Finding) -> str:
    """Return where a finding's item was looked at again and had nothing: later data, or a re-inspection; "" nowhere."""
    end = Period.parse(finding.period).end
    for campaign in wb.store.campaigns():
        later = Period.parse(campaign.period).start > end
        if not later and campaign.kind != "follow_up":
            continue
        result = wb.store.results(campaign.id, finding.unit, finding.domain).get((finding.unit, finding.domain))
        facts = {fact.item_id: fact for fact in result.facts} if result else {}
        looked = facts.get(finding.item_id)
        if result is None or looked is None or looked.state is not FactState.ASSESSED:
            continue
        if all(one.item_id != finding.item_id for one in result.findings):
            return f"{campaign.name}（{campaign.period}）未见同一问题"
    return ""


def _save(wb: Workbench, verb: str, before: CorrectiveAction, after: CorrectiveAction, seen: int) -> CorrectiveAction:
    if seen != before.revision:
        raise StaleRevision("这条整改措施已被他人更新，请先看最新内容再保存", before, after)
    place = _place(wb, before)
    with wb.writing(verb, before.unit, place.domain, place.campaign) as tx:
        return tx.save_action(after, seen)


def _present(wb: Workbench, action_id: str) -> CorrectiveAction:
    found = [action for action in wb.store.actions() if action.id == action_id]
    if not found:
        raise InputError(Fault("没有这条整改措施", value=action_id))
    return found[0]


def _findings(wb: Workbench, campaign_id: int, unit: str | None) -> Mapping[str, Finding]:
    recorded = wb.store.findings(campaign_id, unit)
    return {finding.id: finding for found in recorded.values() for finding in found}
