"""我的工作: what waits for whoever acts, by kind, the most overdue first; for head office, what hangs where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from urllib.parse import urlencode

from msgspec.structs import replace

from xiaobao.features.my_work.hanging import Hanging, hanging
from xiaobao.features.my_work.kinds import MATTER_KINDS, NOT_WAITING
from xiaobao.features.my_work.matters import (
    Bank,
    Units,
    WorkItem,
    appraisal_matters,
    campaign_matters,
    filing_matters,
    visit_matters,
)
from xiaobao.features.my_work.progress import Filled, Sheets
from xiaobao.labels import REVIEWED, ROLES, STANDINGS
from xiaobao.model import Actor, Role, Value, same_person
from xiaobao.personal import mask
from xiaobao.settings import signers_of
from xiaobao.store.models import Acting, Campaign
from xiaobao.workbench.inspections.appealing import appeals_of, standing_of, why_not_decide
from xiaobao.workbench.inspections.assigning import assignments, owners
from xiaobao.workbench.permitting import Sight, acting, seats_of
from xiaobao.workbench.versions.unit_sheets import unit_sheets
from xiaobao.workbench.workspace import Workbench

_MOST = 30  # lines of one kind; the count says how many there are
_FEW = 40  # units that are read one by one
_LONGEST = 40
_SIGNED = ("review", "approve")
_WAY = {"confirm": "confirmed", "review": "reviewed", "approve": "approved"}


class WorkLine(Value):
    """One line: what, of which unit, how it stands, and the address of its page ("" where it has none).

    `campaign` names the campaign it belongs to, "" for what belongs to none. `due` and `late` (days) are of its last
    day, where it has one.
    """

    unit: str
    unit_name: str
    title: str
    campaign: str = ""
    said: str = ""
    due: date | None = None
    late: int = 0
    address: str = ""


class WorkPart(Value):
    """All of one kind: `count` things, `late` of them overdue; `lines` are the first of `places`."""

    kind: str
    title: str
    count: int
    late: int
    places: int
    lines: tuple[WorkLine, ...]


class MyWork(Value):
    """What waits for one person on `day`. `who` and `roles` are "" and () where nobody is registered.

    `reason` says why nothing is shown at all; `looks` that the person only looks, and begins with the overview.
    """

    day: date
    who: str = ""
    roles: tuple[str, ...] = ()
    parts: tuple[WorkPart, ...] = ()
    hanging: Hanging | None = None
    reason: str = ""
    looks: bool = False

    @property
    def waiting(self) -> tuple[WorkPart, ...]:
        """Return the parts that ask for something."""
        return tuple(part for part in self.parts if part.kind not in NOT_WAITING)


def my_work(wb: Workbench, day: date | None = None, shared: Bank | None = None) -> MyWork:
    """Return what waits for whoever acts; with nobody registered, for the one person that there is: everything.

    `shared` holds what the lists of several people share.
    """
    known = acting(wb)
    shared = shared or Bank(wb)
    moment = day or shared.day
    if known.anybody and known.person is None:
        return MyWork(day=moment, reason="您还没有登记为本系统的人员，请系统管理员登记")
    everything = wb.sight("today.see")
    hangs = everything.everything and not (known.anybody and _roles(known) <= {Role.COMPLIANCE, Role.ADMINISTRATOR})
    person = _Person(wb, shared, known, moment)
    mine, whole = person.gather(hangs)
    return MyWork(
        day=moment,
        who=known.person.name if known.person else "",
        roles=_titles(known),
        parts=tuple(person.parts(mine)),
        hanging=hanging(wb, shared, whole, moment) if hangs else None,
        looks=only_looks(_roles(known)),
    )


def only_looks(roles: Iterable[Role]) -> bool:
    """Tell whether somebody has the role of management alone: he begins with the overview."""
    return set(roles) == {Role.MANAGEMENT}


def _roles(known: Acting) -> set[Role]:
    return {seat.role for seat, _ in seats_of(known)}


def _titles(known: Acting) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ROLES[seat.role] for seat, _ in seats_of(known)))


class _Person:
    """Whoever acts: what is his by the table of rights, and by four eyes."""

    def __init__(self, wb: Workbench, shared: Bank, known: Acting, day: date) -> None:
        self._wb, self._bank, self._day = wb, shared, day
        self._sheets = Sheets(shared)
        names = known.person.names if known.person else frozenset()
        self._selves = (wb.actor, *(Actor(name=name) for name in names))
        self._units = {seat.unit for seat, _ in seats_of(known)} if known.anybody else set()
        self._registered = known.anybody

    def gather(self, hangs: bool) -> tuple[list[tuple[WorkItem, Campaign | None]], list[WorkItem]]:
        """Return what is this person's, each with its campaign, and, where asked for, all that waits in the bank."""
        mine: list[tuple[WorkItem, Campaign | None]] = []
        whole: list[WorkItem] = []
        for campaign in self._bank.campaigns:
            seen = self._sights(campaign)
            kinds = set(MATTER_KINDS) if hangs else {kind for kind, sight in seen.items() if _any(sight)}
            only = None if hangs else _few(seen.values())
            if not kinds or only == frozenset():
                continue
            found = list(campaign_matters(self._bank, campaign, only, kinds))
            whole += found if hangs else []
            mine += [(one, campaign) for one in self._own(campaign, found, seen)]
        seen = self._sights(None)
        if hangs or _any(seen["filing"]) or _any(seen["not_issued"]):
            filed = list(filing_matters(self._bank))
            whole += filed if hangs else []
            mine += [(one, None) for one in filed if _shows(seen[one.kind], one)]
        appraised = list(appraisal_matters(self._bank))
        whole += appraised if hangs else []
        mine += [(one, None) for one in appraised if _shows(seen[one.kind], one) and not self._not_his(one)]
        mine += [(one, None) for one in visit_matters(self._wb)]
        return mine, whole

    def parts(self, mine: list[tuple[WorkItem, Campaign | None]]) -> Iterator[WorkPart]:
        """Yield the kinds in their order, the most overdue first, then the newest."""
        for kind, about in MATTER_KINDS.items():
            own = [(matter, campaign) for matter, campaign in mine if matter.kind == kind]
            if not own:
                continue
            own.sort(key=lambda pair: -pair[0].late(self._day))  # stable: campaigns come newest first
            late = sum(matter.count for matter, _ in own if matter.late(self._day))
            count = sum(matter.count for matter, _ in own)
            lines = tuple(self._line(matter, campaign) for matter, campaign in own[:_MOST])
            yield WorkPart(kind=kind, title=about.title, count=count, late=late, places=len(own), lines=lines)

    def _sights(self, campaign: Campaign | None) -> dict[str, Sight]:
        asked = {kind: about.verb for kind, about in MATTER_KINDS.items()}
        seen = {verb: self._wb.sight(verb, campaign) for verb in dict.fromkeys(asked.values())}
        return {kind: seen[verb] for kind, verb in asked.items()}

    def _own(self, campaign: Campaign, found: list[WorkItem], seen: Mapping[str, Sight]) -> Iterator[WorkItem]:
        """Yield what of a campaign is this person's: a complete sheet is one to confirm as well."""
        homes = self._homes(campaign, found, seen)
        shown = [one for one in found if _shows(seen[one.kind], one, homes)]
        signed = [one for one in shown if one.kind in _SIGNED]
        to_confirm = [
            replace(one, kind="confirm")
            for one in found
            if one.kind == "fill" and one.record and self._confirms(campaign, one) and _shows(seen["confirm"], one)
        ]
        filled = self._filled(campaign, to_confirm)
        complete = [one for one, done in filled if done.complete and not self._remarks(one)]
        barred = self._barred([*signed, *complete])
        his = {one.record.id for one in complete if one.record and (one.record.id, "confirm") not in barred}
        own = [one for one in found if one.kind in _SIGNED and self._registered and _shows(seen["sheet"], one)]
        handed_in = [replace(one, kind="sheet") for one in own]
        for one in (*shown, *complete, *handed_in):
            if (one.record.id if one.record else 0, one.kind) not in barred and not self._not_his(one):
                if one.kind == "fill" and one.record and one.record.id in his:
                    continue  # complete: he confirms it, and has nothing to fill
                if one.kind == "fill" and self._all_others(campaign, one):
                    continue
                yield one

    def _confirms(self, campaign: Campaign, one: WorkItem) -> bool:
        return signers_of(self._wb.settings, self._bank.units(campaign.period)[one.unit].level).confirm

    def _barred(self, matters: Iterable[WorkItem]) -> set[tuple[int, str]]:
        """Return the sheets and steps that four eyes shut this person out of; only sheets that he touched are asked."""
        steps = {(one.record.id, one.kind) for one in matters if one.record}
        touched = self._wb.store.took_part({number for number, _ in steps}, self._selves)
        why = self._wb.store.why_not_signed
        return {(n, kind) for n, kind in steps if n in touched and why(n, _WAY[kind], self._wb.actor)}

    def _not_his(self, one: WorkItem) -> bool:
        """Who answered never decides, the owner never verifies, who appealed is no judge, nobody closes his unit's."""
        if one.kind == "appeal" and one.record and one.appeal:
            return bool(why_not_decide(self._wb, one.record, one.appeal))
        if one.kind in ("lead_decide", "verify", "close", "close_own", "request_decide", "appraisal_decide"):
            logins = {one.action.owner_login} if one.action else set()
            if self._wb.actor.login and self._wb.actor.login in logins:
                return True
            others = [Actor(name=name) for name in one.who]
            if any(same_person(me, other) for me in self._selves for other in others):
                return True
        return one.kind == "close" and one.unit in self._units

    def _all_others(self, campaign: Campaign, one: WorkItem) -> bool:
        """Tell whether every item that a sheet still lacks was given to somebody else (分工)."""
        given = assignments(self._wb, campaign, one.unit, one.domain) if self._wb.actor.login else {}
        if not given:
            return False
        sheets = unit_sheets(self._wb, campaign, one.unit, one.domain, one.record)
        whose = owners(given, sheets.core, sheets.own)
        [(_, filled)] = self._filled(campaign, [one])
        mine = [item for item in filled.lacking if whose.get(item, self._wb.actor.login) == self._wb.actor.login]
        return bool(filled.lacking) and not mine

    def _homes(self, campaign: Campaign, found: list[WorkItem], seen: Mapping[str, Sight]) -> Mapping[str, str]:
        """Return measure → domain of its finding, where a business line must be shown its own."""
        lines = any(seen[kind].lines and not seen[kind].everything for kind in ("measure", "verify", "close"))
        if not lines or not any(one.action for one in found):
            return {}
        each = self._wb.store.each_findings(campaign.id)
        of_finding = {finding.id: finding.domain for _, findings in each for finding in findings}
        return {one.action.id: of_finding.get(one.action.finding_id, "") for one in found if one.action}

    def _filled(self, campaign: Campaign, matters: list[WorkItem]) -> Iterator[tuple[WorkItem, Filled]]:
        """Yield how far each sheet is: of a few read one by one, of many in one reading."""
        store = self._wb.store
        whole = store.campaign_responses(campaign.id) if len(matters) > _FEW * 10 else None
        for one in matters:
            number = one.record.id if one.record else 0
            said = whole.get(number, {}) if whole is not None else store.responses(number) if number else {}
            yield one, self._sheets.filled(campaign, one, said)

    def _standing(self, one: WorkItem, campaign: Campaign | None) -> str:
        """Return how a sheet stands, an appeal included; only of what was reviewed is the store asked."""
        if one.record is None or campaign is None or one.record.state not in REVIEWED:
            return one.state
        return standing_of(one.record, appeals_of(self._wb, one.record), campaign)

    def _remarks(self, one: WorkItem) -> int:
        """Return how many remarks of a return are not cleared yet."""
        return sum(remark.open for remark in self._wb.store.remarks(one.record.id)) if one.record else 0

    def _line(self, one: WorkItem, campaign: Campaign | None) -> WorkLine:
        said = []
        if one.state:
            said.append(STANDINGS[self._standing(one, campaign)])
        if campaign is not None and one.kind in ("fill", "submit", "confirm"):
            [(_, filled)] = self._filled(campaign, [one])
            bare = len(filled.lacking) - (filled.asked - filled.answered)
            said.append(f"已答 {filled.answered} / {filled.asked} 项" + (f"，缺佐证 {bare} 项" if bare else ""))
            if one.state == "returned" and one.record:
                remarks = self._remarks(one)
                said.append(f"退回原因：{one.record.reason}" + (f"（待处理意见 {remarks} 条）" if remarks else ""))
        if one.count > 1 or one.kind.startswith("lead"):
            said.append(f"{one.count} 条")
        if one.kind == "lead_answer" and campaign is not None and (reminder := self._bank.reminded(campaign, one.unit)):
            said.append(reminder)
        if one.kind == "lead_decide":
            said.append("机构逾期未核实" if one.due else "机构已核实")
        if one.appeal:
            said.append(f"{one.appeal.filed_by} {one.appeal.day} 提出，检查项 {'、'.join(one.appeal.items)}")
        if one.action and one.action.owner:
            said.append(f"责任人 {one.action.owner}")
        return WorkLine(
            unit=one.unit,
            unit_name=self._bank.names.get(one.unit, one.unit),
            title=_shortened(mask(one.title)),
            campaign=campaign.name if campaign else "",
            said=mask("，".join(said)),
            due=one.due,
            late=one.late(self._day),
            address=_address(one),
        )


def _address(one: WorkItem) -> str:
    """Return the address of the page where a matter is done, relative to other pages."""
    page = MATTER_KINDS[one.kind].page
    named = {"unit": one.unit, "period": one.period, "domain": one.domain, "campaign": one.campaign}
    if page == "6_scorecard":
        named.pop("domain")
    return f"{page}.ipynb?{urlencode({key: value for key, value in named.items() if value})}" if page else ""


def _shortened(title: str) -> str:
    """Name a measure; what it says in full stands on its page."""
    words = " ".join(title.split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}……"


def _any(sight: Sight) -> bool:
    return sight.everything or bool(sight.units) or bool(sight.lines)


def _shows(sight: Sight, one: WorkItem, homes: Mapping[str, str] | None = None) -> bool:
    domain = (homes or {}).get(one.action.id, "") if one.action else one.domain
    return sight.shows(one.unit, domain)


def _few(sights: Iterable[Sight]) -> Units:
    """Return the units to read one by one, None where they are many, or lines and visits go over all units."""
    seen = list(sights)
    if any(sight.everything or sight.lines for sight in seen):
        return None
    units = frozenset(unit for sight in seen for unit in sight.units)
    return units if len(units) <= _FEW else None


__all__ = ["MyWork", "WorkLine", "WorkPart", "my_work", "only_looks"]
