"""疑点核实与认定: the unit answers each lead, the inspector decides it; only then may it cost points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao import labels
from xiaobao.checks.registry import REGISTRY
from xiaobao.errors import Fault, InputError, NotAllowed, StaleRevision
from xiaobao.labels import domain_title
from xiaobao.model import Actor, Disposition, Lead, LeadDecision, Period
from xiaobao.personal import mask
from xiaobao.workbench.campaigns import domain_titles, item_domains
from xiaobao.workbench.permitting import acting, is_actor, others_who_may

if TYPE_CHECKING:
    from xiaobao.store.models import Campaign
    from xiaobao.workbench.workspace import Workbench


from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from xiaobao.store.models import Campaign
from xiaobao.workbench.workspace import Workbench

LEAD_COLUMNS = ("单位核实", "核实说明", "检查认定", "认定理由")


@dataclass(frozen=True, kw_only=True)
class LeadRow:
    """One lead with what was said of it. `due` is the unit's last day to answer; only unanswered ones are overdue."""

    lead: Lead
    decision: LeadDecision | None
    unit_name: str
    domain: str
    check_title: str
    item_title: str
    due: date
    overdue: bool
    domain_title: str

    @property
    def state(self) -> str:
        """Return 待核实, 待认定 or 已认定."""
        if self.decision is None or (self.decision.answer is None and self.decision.decided is None):
            return "待核实"
        return "待认定" if self.decision.decided is None else "已认定"


@dataclass(frozen=True, kw_only=True)
class LeadEntry:
    """What a table offers for one lead; None and blank leave a field as it is. `row` is where the table has it.

    `seen_revision` None takes the entry as given on the present state, as from a sheet without revisions.
    """

    lead_id: str
    answer: Disposition | None = None
    answer_note: str = ""
    decided: Disposition | None = None
    reason: str = ""
    seen_revision: int | None = None
    row: int | None = None


@dataclass(frozen=True, kw_only=True)
class LeadCounts:
    answered: int
    decided: int
    unchanged: int

    def text(self) -> str:
        """Say it in one line."""
        return f"核实 {self.answered} 条，认定 {self.decided} 条，未变 {self.unchanged} 条"


def leads_table(
    wb: Workbench, period: str, unit: str | None = None, domain: str | None = None, campaign: str | None = None
) -> tuple[LeadRow, ...]:
    """Return the leads in force, by unit, domain, check and business date; of the campaign named, else the only one.

    Raises NotAllowed for whoever may see none.
    """
    chosen = wb.campaign(period, campaign)
    seen = wb.sight("lead.see", chosen)
    if seen.reason:
        raise NotAllowed(seen.reason)
    units = wb.units(chosen.period)
    decisions = wb.store.decisions(chosen.id, unit)
    titles = _item_titles(wb, chosen)
    homes, names = item_domains(wb, chosen), domain_titles(wb, chosen)
    today, own = wb.today, own_check_titles(wb)
    rows = []
    for lead in wb.store.leads(chosen.id, unit, domain):
        check = REGISTRY.get(lead.check_id)
        check_title = check.title if check else own.get(lead.check_id, lead.check_id)
        home = homes.get(lead.item_id) or lead.check_id.split(".")[0]
        if not seen.shows(lead.unit, home):
            continue
        decision = decisions.get(lead.id)
        silent = decision is None or (decision.answer is None and decision.decided is None)
        rows.append(
            LeadRow(
                lead=lead,
                decision=decision,
                unit_name=units[lead.unit].name if lead.unit in units else lead.unit,
                domain=home,
                domain_title=domain_title(home, names.get(home, "")),
                check_title=check_title,
                item_title=titles.get(lead.item_id, lead.item_id),
                due=answer_due(wb, lead),
                overdue=silent and today > answer_due(wb, lead),
            )
        )
    return tuple(sorted(rows, key=_order))


def answer_due(wb: Workbench, lead: Lead) -> date:
    """Return the last day of a unit's answer: the policy's days from that on which the lead was issued.

    Of leads whose day is not known (version 0.2 and earlier) it is taken to be the period's cut-off.
    """
    issued = lead.issued or Period.parse(lead.period).end + timedelta(days=wb.settings.cut_off_days)
    return issued + timedelta(days=wb.settings.policies.lead_answer_days)


def answer_lead(wb: Workbench, lead_id: str, answer: Disposition, note: str, seen_revision: int) -> LeadDecision:
    """Save the unit's answer. Raises InputError without an explanation, NotAllowed once decided, StaleRevision."""
    return save_entry(wb, LeadEntry(lead_id=lead_id, answer=answer, answer_note=note, seen_revision=seen_revision))


def decide_lead(wb: Workbench, lead_id: str, decided: Disposition, reason: str, seen_revision: int) -> LeadDecision:
    """Save the inspector's decision. Raises InputError without a reason, NotAllowed for who answered, StaleRevision."""
    return save_entry(wb, LeadEntry(lead_id=lead_id, decided=decided, reason=reason, seen_revision=seen_revision))


@dataclass(frozen=True, kw_only=True)
class LeadConflict:
    """An entry whose lead somebody else changed since the export: what was filled, and how it stands now."""

    entry: LeadEntry
    now: LeadDecision
    place: LeadPlace

    def columns(self) -> tuple[tuple[str, str, str], ...]:
        """Return (column, mine, theirs) of the cells that differ."""
        mine = (_word(self.entry.answer), self.entry.answer_note, _word(self.entry.decided), self.entry.reason)
        theirs = (_word(self.now.answer), self.now.answer_note, _word(self.now.decided), self.now.reason)
        pairs = zip(LEAD_COLUMNS, mine, theirs, strict=True)
        return tuple((title, one, other) for title, one, other in pairs if one and one != other)


@dataclass(frozen=True, kw_only=True)
class LeadPlan:
    """What a table of entries comes to before anything is saved.

    `gone` are entries of leads that were withdrawn or never were; `stale` those that somebody else changed since.
    """

    changes: tuple[tuple[LeadDecision, LeadDecision], ...]
    faults: tuple[Fault, ...]
    stale: tuple[LeadConflict, ...]
    gone: tuple[LeadEntry, ...]
    where: LeadPlace | None

    def counts(self, rows: int) -> LeadCounts:
        """Return what saving it does, out of so many rows."""
        answered = sum(_said(after) != _said(before) for before, after in self.changes)
        decided = sum(_ruled(after) != _ruled(before) for before, after in self.changes)
        return LeadCounts(answered=answered, decided=decided, unchanged=rows - len(self.changes))


def plan_lead_rows(wb: Workbench, rows: Sequence[LeadEntry]) -> LeadPlan:
    """Return what a table of entries would change, with the faults of every row; nothing is saved."""
    known = _said_of_all(wb)
    faults = _repeated(rows)
    changes: list[tuple[LeadDecision, LeadDecision]] = []
    stale: list[LeadConflict] = []
    gone: list[LeadEntry] = []
    eyes = _Eyes(wb, [entry.lead_id for entry in rows if entry.lead_id in known])
    where = None
    for entry in rows:
        before = known.get(entry.lead_id)
        if before is None or before.lead_id not in eyes.places:
            gone.append(entry)
            continue
        after = _applied(entry, before, wb.actor.name)
        if after != before and entry.seen_revision not in (None, before.revision):
            stale.append(LeadConflict(entry=entry, now=before, place=eyes.places[entry.lead_id]))
            continue
        found = _faults(entry, before, after, eyes)
        faults += found
        if not found and after != before:
            changes.append((before, after))
            where = eyes.places[entry.lead_id]
    return LeadPlan(changes=tuple(changes), faults=tuple(faults), stale=tuple(stale), gone=tuple(gone), where=where)


def save_lead_plan(wb: Workbench, plan: LeadPlan) -> None:
    """Save what was planned, all or nothing. Raises StaleRevision where a lead changed in between."""
    if plan.where is None:
        return
    place, verb = plan.where, _verb(*plan.changes[-1])
    with wb.writing(verb, place.lead.unit, place.domain, place.campaign) as tx:
        tx.save_decisions(after for _, after in plan.changes)


def apply_lead_rows(wb: Workbench, rows: Sequence[LeadEntry]) -> LeadCounts:
    """Apply a whole table, all or nothing. Raises InputError with the faults of every row at once."""
    plan = plan_lead_rows(wb, rows)
    faults = list(plan.faults)
    faults += [
        Fault("没有这条疑点，或已撤销", row=entry.row, column="疑点编号", value=entry.lead_id) for entry in plan.gone
    ]
    faults += [
        Fault(
            "导出之后已被他人更新，请重新导出" if one.entry.row else "打开之后已被他人更新，请刷新后再选",
            row=one.entry.row,
            column="版次",
            item="" if one.entry.row else one.entry.lead_id,
            value=str(one.entry.seen_revision),
        )
        for one in plan.stale
    ]
    if faults:
        raise InputError(sorted(faults, key=lambda fault: fault.row or 0))
    save_lead_plan(wb, plan)
    return plan.counts(len(rows))


def _word(disposition: Disposition | None) -> str:
    return labels.label(disposition) if disposition else ""


def save_many(
    wb: Workbench, seen: Mapping[str, int], said: Disposition, words: str, *, decide: bool = False
) -> LeadCounts:
    """Answer or decide many leads alike: lead → the revision it was seen at; one act each in the history.

    All or nothing: raises InputError naming each lead that was changed meanwhile, is closed, or that four eyes or the
    table of rights keep from whoever acts.
    """
    if not seen:
        raise InputError(Fault("没有选中疑点"))
    entries = [
        LeadEntry(lead_id=one, decided=said, reason=words, seen_revision=revision)
        if decide
        else LeadEntry(lead_id=one, answer=said, answer_note=words, seen_revision=revision)
        for one, revision in seen.items()
    ]
    return apply_lead_rows(wb, entries)


def save_entry(wb: Workbench, entry: LeadEntry) -> LeadDecision:
    """Save what one row offers. Raises like `answer_lead` and `decide_lead`; nothing new saves nothing."""
    before = _said_of_all(wb).get(entry.lead_id)
    if before is None:
        raise InputError(Fault("没有这条疑点，或已撤销", value=entry.lead_id))
    after = _applied(entry, before, wb.actor.name)
    if after == before:
        return before
    if entry.seen_revision is not None and entry.seen_revision != before.revision:
        raise StaleRevision("这条疑点已被他人更新，请先看最新内容再保存", before, after)
    eyes = _Eyes(wb, [entry.lead_id])
    faults = _faults(entry, before, after, eyes)
    if faults:
        closed = any(fault.message == _ANSWER_CLOSED for fault in faults)
        raise (NotAllowed if eyes.refused or closed else InputError)(faults)
    verb, where = _verb(before, after), eyes.places[entry.lead_id]
    with wb.writing(verb, where.lead.unit, where.domain, where.campaign) as tx:
        return tx.save_decision(after, before.revision)


def _said_of_all(wb: Workbench) -> Mapping[str, LeadDecision]:
    """Return the present decision of every lead in force, in whatever campaign; a lead's id names its period too."""
    said: dict[str, LeadDecision] = {}
    for campaign in wb.store.campaigns():
        decisions = wb.store.decisions(campaign.id)
        for lead in wb.store.leads(campaign.id):
            said[lead.id] = decisions.get(lead.id, LeadDecision(lead_id=lead.id))
    return said


_ANSWER_CLOSED = "已认定的疑点不能再改核实意见"
_SAME_PERSON = "核实人不能认定自己核实的疑点，请由检查人员认定"


@dataclass(frozen=True, kw_only=True)
class LeadPlace:
    """Where a lead belongs: its campaign and the domain of its sheet."""

    lead: Lead
    campaign: Campaign
    domain: str


class _Eyes:
    """Four eyes and the table of rights over the leads of one table, each asked once for each unit and domain."""

    def __init__(self, wb: Workbench, ids: Sequence[str]) -> None:
        self.wb = wb
        self.registered = acting(wb).anybody
        self.answered = wb.store.who_answered(ids)
        self.places = _places(wb, set(ids))
        self.refused = False
        self._may: dict[tuple[str, str, str, int], str] = {}

    def may(self, verb: str, lead_id: str) -> str:
        """Return "" where whoever acts may answer or decide this lead, else why not."""
        place = self.places[lead_id]
        key = (verb, place.lead.unit, place.domain, place.campaign.id)
        if key not in self._may:
            self._may[key] = self.wb.may(verb, place.lead.unit, place.domain, place.campaign)
        return self._refused(self._may[key])

    def same_person(self, before: LeadDecision, after: LeadDecision) -> str:
        """Return why whoever ever answered this lead may not decide it, "" for anybody else."""
        named = [Actor(name=name) for name in {before.answered_by, after.answered_by} if name]
        if not self.answered.get(before.lead_id) and not named:
            return ""
        if not is_actor(self.wb, *(self.answered.get(before.lead_id) or named), *self._now(before, after)):
            return ""
        place = self.places[before.lead_id]
        never = {who.login for who in self.answered.get(before.lead_id, ()) if who.login}
        others = others_who_may(self.wb, "lead.decide", place.lead.unit, place.domain, place.campaign, never)
        return self._refused(_SAME_PERSON + others)

    def too_early(self, before: LeadDecision) -> str:
        """Return why a lead that the unit has not answered may not be decided yet; with nobody registered it may."""
        due = answer_due(self.wb, self.places[before.lead_id].lead)
        if not self.registered or before.answer is not None or self.wb.today > due:
            return ""
        return self._refused(f"机构还没有核实，核实期限 {due} 过后才能认定")

    def _now(self, before: LeadDecision, after: LeadDecision) -> tuple[Actor, ...]:
        return (self.wb.actor,) if _said(after) != _said(before) else ()

    def _refused(self, why: str) -> str:
        self.refused = self.refused or bool(why)
        return why


def lead_place(wb: Workbench, lead_id: str) -> LeadPlace | None:
    """Return where a lead in force belongs, None for an unknown one or one taken back."""
    return _places(wb, {lead_id}).get(lead_id)


def _places(wb: Workbench, ids: set[str]) -> dict[str, LeadPlace]:
    found: dict[str, LeadPlace] = {}
    for campaign in wb.store.campaigns() if ids else ():
        homes = item_domains(wb, campaign)
        for lead in wb.store.leads(campaign.id):
            if lead.id in ids:
                home = homes.get(lead.item_id) or lead.check_id.split(".")[0]
                found[lead.id] = LeadPlace(lead=lead, campaign=campaign, domain=home)
    return found


def _verb(before: LeadDecision, after: LeadDecision) -> str:
    return "lead.decide" if _ruled(after) != _ruled(before) else "lead.answer"


def _said(decision: LeadDecision) -> tuple[Disposition | None, str]:
    return decision.answer, decision.answer_note


def _ruled(decision: LeadDecision) -> tuple[Disposition | None, str]:
    return decision.decided, decision.reason


def _applied(entry: LeadEntry, before: LeadDecision, actor: str) -> LeadDecision:
    """Return the decision with the entry's fields laid over it; authors change only where something is new."""
    after = replace(
        before,
        answer=entry.answer or before.answer,
        answer_note=mask(entry.answer_note.strip()) or before.answer_note,
        decided=entry.decided or before.decided,
        reason=mask(entry.reason.strip()) or before.reason,
    )
    if _said(after) != _said(before):
        after = replace(after, answered_by=actor)
    if _ruled(after) != _ruled(before):
        after = replace(after, decided_by=actor)
    return after


def _faults(entry: LeadEntry, before: LeadDecision, after: LeadDecision, eyes: _Eyes) -> list[Fault]:
    def fault(message: str, column: str, value: str = "") -> Fault:
        return Fault(
            message, row=entry.row, column=column, item=entry.lead_id if entry.row is None else "", value=value
        )

    faults = []
    if _said(after) != _said(before):
        if why := eyes.may("lead.answer", entry.lead_id):
            faults.append(fault(why, "单位核实"))
        if before.decided is not None:
            faults.append(fault(_ANSWER_CLOSED, "单位核实"))
        if after.answer is None:
            faults.append(fault("有核实说明，但没有选择核实结果", "单位核实"))
        if not after.answer_note:
            faults.append(fault("须填写核实说明", "核实说明"))
    if _ruled(after) != _ruled(before):
        if after.decided is None:
            faults.append(fault("有认定理由，但没有选择认定结果", "检查认定"))
        if not after.reason:
            faults.append(fault("须填写认定理由", "认定理由"))
        why = eyes.may("lead.decide", entry.lead_id) or eyes.same_person(before, after) or eyes.too_early(before)
        if why:
            faults.append(fault(why, "检查认定"))
    return faults


def _repeated(rows: Sequence[LeadEntry]) -> list[Fault]:
    seen: set[str] = set()
    faults = []
    for entry in rows:
        if entry.lead_id in seen:
            faults.append(Fault("疑点编号重复", row=entry.row, column="疑点编号", value=entry.lead_id))
        seen.add(entry.lead_id)
    return faults


def own_check_titles(wb: Workbench) -> Mapping[str, str]:
    """Return id → title of the bank's own checks that were published; loads nothing where there are none."""
    if not wb.store.kept("own_checks"):
        return {}
    from xiaobao.checks.own.running import as_check
    from xiaobao.workbench.own_checks.source_files import own_checks

    return {name: as_check(one).title for name, one in own_checks(wb).items()}


def _item_titles(wb: Workbench, campaign: Campaign) -> Mapping[str, str]:
    sheets = (wb.checklist(campaign, domain)[0] for domain in campaign.checklists)
    return {item.id: item.title for sheet in sheets for item in sheet.items()}


def _order(row: LeadRow) -> tuple[str, int, str, str, str]:
    domains = list(labels.DOMAINS)
    place = domains.index(row.domain) if row.domain in domains else len(domains)
    day = row.lead.business_date.isoformat() if row.lead.business_date else ""
    return row.lead.unit, place, row.lead.check_id, day, row.lead.id


# Titles of columns that name who did it, and for whom (by pseudonym), in the records of leads.
_TELLERS = ("柜员号", "查询员工号", "经办员工号", "客户经理号", "员工号", "工号", "操作员", "销售人员", "处理人员")
_CUSTOMERS = ("客户号", "投保人客户号", "被保险人客户号", "手机号")


class Siblings(NamedTuple):
    """Other leads that share something with one lead: in words what, and their ids."""

    title: str
    ids: tuple[str, ...]


def siblings(leads: Iterable[Lead]) -> Mapping[str, tuple[Siblings, ...]]:
    """Return lead → what it shares with others of its unit; leads that share nothing are left out."""
    whole = tuple(leads)
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for lead in whole:
        for kind, value in _shared(lead):
            groups[lead.unit, kind, value].append(lead.id)
    found: dict[str, tuple[Siblings, ...]] = {}
    for lead in whole:
        mine = []
        for kind, value in _shared(lead):
            others = tuple(one for one in groups[lead.unit, kind, value] if one != lead.id)
            if others:
                mine.append(Siblings(f"{kind} {value} 另有 {len(others)} 条", others))
        if mine:
            found[lead.id] = tuple(mine)
    return found


def _shared(lead: Lead) -> Iterator[tuple[str, str]]:
    for kind, titles in (("同一柜员", _TELLERS), ("同一客户", _CUSTOMERS)):
        value = next((lead.record[title] for title in titles if lead.record.get(title)), "")
        if value:
            yield kind, value
    if lead.business_date:
        yield "同一天", lead.business_date.isoformat()
