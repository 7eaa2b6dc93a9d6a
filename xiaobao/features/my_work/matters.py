"""What waits in the bank, as single matters: sheets, leads, measures, questions, appeals, filings; each of one kind.

A kind says by which verb of the table of rights somebody is asked to do it, and on which page. What all people share
(units, sheets, campaigns) is read once for a whole morning's lists; records only of the units that are asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date
from functools import cached_property

from msgspec.structs import replace

from xiaobao.errors import InputError
from xiaobao.features.appraisal.verbs import APPRAISAL_KIND, find_appraisal
from xiaobao.features.evidence.verbs import TABLE as REQUESTS
from xiaobao.features.filings.verbs import waiting
from xiaobao.features.visits.seeing import as_campaign, visible
from xiaobao.features.visits.visit import ANSWERED, PAPERS
from xiaobao.labels import REVIEWED, domain_title
from xiaobao.model import Appeal, CorrectiveAction, Period, Unit, Value
from xiaobao.settings import signers_of
from xiaobao.store.models import Campaign, InspectionRecord, LeadReminder
from xiaobao.workbench.campaigns import domain_titles, item_domains, wanted_domains
from xiaobao.workbench.inspections.appealing import decision_due
from xiaobao.workbench.lead_reminders import reminded_text, reminders
from xiaobao.workbench.leads import answer_due
from xiaobao.workbench.permitting import known_units
from xiaobao.workbench.workspace import Workbench

Units = frozenset[str] | None
"""The units that are read, None for all."""


_SHEETS = {"draft": "fill", "returned": "fill", "confirmed": "submit", "submitted": "review"}
_MEASURES = {"open": "measure", "done": "verify", "verified": "close"}


class WorkItem(Value):
    """One thing of one kind; `count` of them where they are shown together (leads of a sheet by their last day).

    `period` and `campaign` are those of its page's address, `who` are names of who did the step before.
    """

    kind: str
    unit: str = ""
    domain: str = ""
    domain_title: str = ""
    period: str = ""
    campaign: str = ""
    title: str = ""
    count: int = 1
    due: date | None = None
    state: str = ""
    record: InspectionRecord | None = None
    action: CorrectiveAction | None = None
    appeal: Appeal | None = None
    who: tuple[str, ...] = ()

    def late(self, day: date) -> int:
        """Return for how many days it is overdue on `day`, 0 where it is not."""
        return max(0, (day - self.due).days) if self.due else 0


class Bank:
    """What the lists of all people share, read when first asked for."""

    def __init__(self, wb: Workbench) -> None:
        self.wb = wb
        self.day = wb.today
        self._wanted: dict[int, Mapping[str, tuple[str, ...]]] = {}
        self._titles: dict[int, Mapping[str, str]] = {}
        self._homes: dict[int, Mapping[str, str]] = {}
        self._units: dict[str, Mapping[str, Unit]] = {}
        self._reminded: dict[int, Mapping[str, LeadReminder]] = {}

    @cached_property
    def campaigns(self) -> tuple[Campaign, ...]:
        """Every campaign, newest period first."""
        return tuple(
            sorted(self.wb.store.campaigns(), key=lambda one: (Period.parse(one.period).end, one.id), reverse=True)
        )

    def units(self, period: str) -> Mapping[str, Unit]:
        """Return the units of a period by id."""
        if period not in self._units:
            self._units[period] = known_units(self.wb, period)
        return self._units[period]

    def wanted(self, campaign: Campaign) -> Mapping[str, tuple[str, ...]]:
        """Return inspected unit → domains of its sheets; empty before a register of units was imported."""
        if campaign.id not in self._wanted:
            try:
                self._wanted[campaign.id] = wanted_domains(self.wb, campaign)
            except InputError:
                self._wanted[campaign.id] = {}
        return self._wanted[campaign.id]

    def titles(self, campaign: Campaign) -> Mapping[str, str]:
        """Return the titles of a campaign's domains by code."""
        if campaign.id not in self._titles:
            self._titles[campaign.id] = domain_titles(self.wb, campaign)
        return self._titles[campaign.id]

    def homes(self, campaign: Campaign) -> Mapping[str, str]:
        """Return item → domain over a campaign's sheets: a finding is of the sheet that asks its item."""
        if campaign.id not in self._homes:
            self._homes[campaign.id] = item_domains(self.wb, campaign)
        return self._homes[campaign.id]

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Unit → name in the newest register that has it: one that was merged since is named as it was."""
        periods = dict.fromkeys(one.period for one in reversed(self.campaigns)) or {"": None}
        return {unit.id: unit.name for period in periods for unit in self.units(period).values()}

    def reminded(self, campaign: Campaign, unit: str) -> str:
        """Return how often and when a unit was reminded of its leads, "" where it never was."""
        if campaign.id not in self._reminded:
            self._reminded[campaign.id] = reminders(self.wb, campaign)
        return reminded_text(self._reminded[campaign.id].get(unit))

    def address(self, campaign: Campaign) -> tuple[str, str]:
        """Return period and campaign of a page's address; the name only where the period has others."""
        alone = sum(one.period == campaign.period for one in self.campaigns) == 1
        return campaign.period, "" if alone else campaign.name


def campaign_matters(shared: Bank, campaign: Campaign, only: Units, kinds: Set[str]) -> Iterator[WorkItem]:
    """Yield what waits in one campaign of the units `only`, at least of `kinds`; of a closed one, measures alone."""
    if campaign.state == "open":
        records = [one for unit in _each(only) for one in shared.wb.store.inspections(campaign.id, unit)]
        yield from _sheets(shared, campaign, only, {(one.unit, one.domain): one for one in records})
        if kinds & {"lead_answer", "lead_decide"}:
            yield from _leads(shared, campaign, only)
        if kinds & {"request", "request_decide"}:
            yield from _requests(shared, campaign, only)
        if kinds & {"question", "appeal"}:
            yield from _asked(shared, campaign, only, {one.id: one for one in records})
    if kinds & {"measure", "verify", "close", "close_own"}:
        yield from _measures(shared, campaign, only)


def filing_matters(shared: Bank) -> Iterator[WorkItem]:
    """Yield filings that units owe, and what head office has not asked for."""
    for kind, number, title, unit, due, _note, _period in waiting(shared.wb, shared.day, []):
        yield WorkItem(kind=kind, unit=unit, title=title, due=due, period=number)


def appraisal_matters(shared: Bank) -> Iterator[WorkItem]:
    """Yield results of appraisals that their units may still object to, and appeals that wait to be decided."""
    for code in sorted({one.id for one in shared.wb.store.list_published(APPRAISAL_KIND)}):
        found = find_appraisal(shared.wb, code)
        if found is None or found.state != "published":
            continue
        appealed = [one.unit for one in found.open_appeals()]
        for one in found.open_appeals():
            title = f"{code} 考核：{one.grounds}"
            yield WorkItem(kind="appraisal_decide", unit=one.unit, title=title, period=code, who=(one.by,))
        if found.appeals_until is not None and shared.day <= found.appeals_until:
            for unit in found.scores:
                if unit not in appealed:
                    yield WorkItem(
                        kind="appraisal", unit=unit, title=f"{code} 考核结果", due=found.appeals_until, period=code
                    )


def visit_matters(wb: Workbench) -> Iterator[WorkItem]:
    """Yield what whoever acts has to do of visits: the team's steps, the unit's opinion of papers.

    Each is asked of the person's own rights, so that a surprise visit is in nobody's list who must not know of it.
    """
    for visit in visible(wb, wb.store.kept("visits")):
        team, period = as_campaign(visit), visit.period
        step = {"planned": "visit_enter", "entered": "visit_close"}.get(visit.state)
        if step and not wb.may("visit.work", visit.unit, campaign=team):
            due = visit.starts if step == "visit_enter" else visit.ends
            yield WorkItem(kind=step, unit=visit.unit, title=f"检查项目 {visit.number}", due=due, period=period)
        waiting_for = [one for one in visit.papers if one.kind in ANSWERED and one.agreed is None]
        if waiting_for and visit.entered_on and not wb.may("visit.opine", visit.unit, campaign=team):
            for one in waiting_for:
                title = f"{PAPERS[one.kind]} {one.number}"
                yield WorkItem(kind="visit_opinion", unit=visit.unit, title=title, period=period)


def _each(only: Units) -> Iterable[str | None]:
    return (None,) if only is None else sorted(only)


def _sheets(
    shared: Bank, campaign: Campaign, only: Units, records: Mapping[tuple[str, str], InspectionRecord]
) -> Iterator[WorkItem]:
    period, name = shared.address(campaign)
    titles, units, wanted = shared.titles(campaign), shared.units(campaign.period), shared.wanted(campaign)
    for unit in wanted if only is None else sorted(only & wanted.keys()):
        approves = signers_of(shared.wb.settings, units[unit].level).approve
        for domain in wanted[unit]:
            record = records.get((unit, domain))
            state = record.state if record else "draft"
            kind = "approve" if state == "reviewed" and approves else _SHEETS.get(state, "sheet")
            yield WorkItem(
                kind=kind,
                unit=unit,
                domain=domain,
                domain_title=titles[domain],
                period=period,
                campaign=name,
                title=titles[domain],
                due=campaign.closes if kind in ("fill", "submit") else None,
                state=state,
                record=record,
            )


def _requests(shared: Bank, campaign: Campaign, only: Units) -> Iterator[WorkItem]:
    """Yield what units were asked to hand over, and what lies there to be accepted."""
    period, name = shared.address(campaign)
    for one in shared.wb.store.kept(REQUESTS, campaign=str(campaign.id)):
        if (only is not None and one.unit not in only) or one.state == "accepted":
            continue
        yield WorkItem(
            kind="request" if one.waiting else "request_decide",
            unit=one.unit,
            domain=one.domain,
            period=period,
            campaign=name,
            title=one.wanted,
            due=one.due if one.waiting else None,
            who=(one.received_by,) if one.received_by else (),
        )


def _leads(shared: Bank, campaign: Campaign, only: Units) -> Iterator[WorkItem]:
    """Count undecided leads by sheet and last day: one that the unit has not answered in time waits for both sides."""
    store, homes, titles = shared.wb.store, shared.homes(campaign), shared.titles(campaign)
    period, name = shared.address(campaign)
    found: Counter[tuple[str, str, str, date | None, str]] = Counter()
    for unit in _each(only):
        decisions = store.decisions(campaign.id, unit)
        for lead in store.leads(campaign.id, unit):
            said = decisions.get(lead.id)
            if said is not None and said.decided is not None:
                continue
            home = homes.get(lead.item_id) or lead.check_id.split(".")[0]
            if said is not None and said.answer is not None:
                found["lead_decide", lead.unit, home, None, said.answered_by] += 1
                continue
            due = answer_due(shared.wb, lead)
            found["lead_answer", lead.unit, home, due, ""] += 1
            if shared.day > due:
                found["lead_decide", lead.unit, home, due, ""] += 1
    for (kind, owner, home, last, by), count in found.items():
        title = domain_title(home, titles.get(home, ""))
        yield WorkItem(
            kind=kind,
            unit=owner,
            domain=home,
            domain_title=title,
            period=period,
            campaign=name,
            title=title,
            count=count,
            due=last,
            who=(by,) if by else (),
        )


def _asked(
    shared: Bank, campaign: Campaign, only: Units, records: Mapping[int, InspectionRecord]
) -> Iterator[WorkItem]:
    """Yield open questions of newer data, and open appeals."""
    period, name = shared.address(campaign)
    titles = shared.titles(campaign)

    def matter(kind: str, unit: str, domain: str, who: tuple[str, ...] = ()) -> WorkItem:
        title = domain_title(domain, titles.get(domain, ""))
        return WorkItem(
            kind=kind, unit=unit, domain=domain, domain_title=title, period=period, campaign=name, title=title, who=who
        )

    for one in _each(only):
        for (unit, domain), question in shared.wb.store.questions(campaign.id, one).items():
            if question.state == "open":
                yield matter("question", unit, domain)
    reviewed = [one.id for one in records.values() if one.state in REVIEWED]
    for number, appeals in shared.wb.store.appeals(reviewed).items() if reviewed else ():
        for appeal in appeals:
            if appeal.state == "open":
                record, due = records[number], decision_due(shared.wb, appeal)
                made = matter("appeal", record.unit, record.domain)
                yield replace(made, record=record, due=due, appeal=appeal)


def _measures(shared: Bank, campaign: Campaign, only: Units) -> Iterator[WorkItem]:
    period, name = shared.address(campaign)
    units = shared.units("")
    for one in _each(only):
        for action in shared.wb.store.actions(campaign.id, one):
            kind = _MEASURES.get(action.status, "")
            owner = units.get(action.unit)
            if kind == "close" and owner is not None and owner.level in ("head_office", "department"):
                kind = "close_own"
            if kind:
                yield WorkItem(
                    kind=kind,
                    unit=action.unit,
                    period=period,
                    campaign=name,
                    title=action.measure or "尚未填写整改措施",
                    due=action.due,
                    action=action,
                    who=(action.owner,) if action.owner else (),
                )
