"""检查项目 with people and store: plan, change, enter, close, matters, requests, the unit's opinion, signed scans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.features.visits import visit as rules
from xiaobao.features.visits.seeing import as_campaign, visit_of
from xiaobao.features.visits.visit import (
    ANSWERED,
    MODES,
    PAPERS,
    VISIT_KINDS,
    IssuedPaper,
    Matter,
    RequestRow,
    SignedScan,
    Visit,
)
from xiaobao.findings import facts_alone
from xiaobao.labels import DOMAINS
from xiaobao.labels import label as coded
from xiaobao.model import Finding, Nature, Period, Person, Unit
from xiaobao.personal import mask
from xiaobao.personal.values import masked
from xiaobao.store.models import Attachment, Campaign
from xiaobao.workbench.evidence.attaching import EvidenceSubject, attach_file
from xiaobao.workbench.evidence.listing import EvidenceRow, evidence_rows
from xiaobao.workbench.inspections.evidence import keep_file, refuse_file
from xiaobao.workbench.permitting import above, is_actor, known_units, registered
from xiaobao.workbench.results.reading import findings
from xiaobao.workbench.units import units_below
from xiaobao.workbench.workspace import Workbench

NATURES = {one.value: coded(one) for one in Nature}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What is said of a visit when it is planned or changed; None leaves as it is."""

    kind: str | None = None
    mode: str | None = None
    period: str | None = None
    starts: date | None = None
    ends: date | None = None
    leader: str | None = None
    inspectors: Sequence[str] | None = None
    outlets: Sequence[str] | None = None
    domains: Sequence[str] | None = None
    campaign: str | None = None
    background: str | None = None
    basis: str | None = None
    method: str | None = None
    timetable: str | None = None
    contact: str | None = None
    requirements: str | None = None

    def given(self) -> dict[str, Any]:
        """Return what is said."""
        return {
            name: tuple(value) if isinstance(value, (list, tuple)) else value
            for name, value in vars(self).items()
            if value is not None
        }


def plan_visit(wb: Workbench, unit: str, year: int, said: Planned) -> Visit:
    """Put a visit into the plan of a year. Raises InputError naming every fault."""
    wb.look("visit.plan")
    fresh = Visit(
        number=_next(wb, year),
        year=str(year),
        unit=unit,
        kind="regular",
        mode="on_site",
        period=f"{year - 1}",
        contact=wb.settings.visits.contact,
    )
    return _save(wb, "plan", "visit.plan", _checked(wb, replace(fresh, **said.given())))


def change_visit(wb: Workbench, number: str, said: Planned) -> Visit:
    """Change what is planned. Raises InputError naming every fault; mode and unit stand once it was entered."""
    before = _allowed(wb, number, "visit.plan")
    if before.state in ("closed", "cancelled"):
        raise InputError(Fault("已结束或取消的检查项目不再改动", item=number))
    changed = _checked(wb, replace(before, **said.given()))
    if before.entered_on and changed.mode != before.mode:
        raise InputError(Fault("进场以后不能改检查方式", item=number))
    return _save(wb, "change", "visit.plan", changed)


def _checked(wb: Workbench, visit: Visit) -> Visit:
    units, people = known_units(wb), registered(wb)
    faults = [*_place_faults(visit, units), *rules.dates_faults(visit)]
    try:
        visit = replace(visit, period=Period.parse(visit.period).code)
    except InputError as error:
        faults += error.faults
    team, team_faults = _team(visit, people, units)
    faults += team_faults
    campaigns = [one.name for one in wb.store.campaigns(visit.period)]
    if not visit.campaign and len(campaigns) == 1:
        visit = replace(visit, campaign=campaigns[0])
    if visit.campaign and visit.campaign not in campaigns:
        faults.append(Fault("这个检查期间没有这个检查批次", value=visit.campaign, allowed=visit.period))
    if faults:
        raise InputError(faults)
    return replace(visit, leader=team.get(visit.leader, ""), inspectors=tuple(team[one] for one in visit.inspectors))


def _place_faults(visit: Visit, units: Any) -> Iterator[Fault]:
    if visit.kind not in VISIT_KINDS:
        yield Fault("没有这种检查", value=visit.kind, allowed="、".join(VISIT_KINDS))
    if visit.mode not in MODES:
        yield Fault("没有这种检查方式", value=visit.mode, allowed="、".join(MODES))
    if visit.unit not in units:
        yield Fault("没有这个机构", value=visit.unit)
        return
    below = units_below(units, visit.unit)
    yield from (
        Fault("抽查网点不是该机构或其下级", value=one, item=visit.unit) for one in visit.outlets if one not in below
    )
    yield from (
        Fault("没有这个检查域", value=one, allowed="、".join(DOMAINS)) for one in visit.domains if one not in DOMAINS
    )


def _team(visit: Visit, people: dict[str, Person], units: Any) -> tuple[dict[str, str], list[Fault]]:
    """Return name or login as given → as kept; nobody inspects the unit that he works in or that lies below it."""
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for one in dict.fromkeys((visit.leader, *visit.inspectors)):
        if not people or not one:
            found[one] = mask(one)
            continue
        mine = [person for person in people.values() if one in (person.login, person.name)]
        if len(mine) != 1:
            faults.append(Fault("登记簿里没有这个人" if not mine else "登记簿里有几个同名的人，请写登录名", value=one))
            found[one] = one
            continue
        found[one] = mine[0].login
        within = {visit.unit, *(units_below(units, visit.unit) if visit.unit in units else ())}
        seats = {seat.unit for seat in mine[0].seats}
        if seats & within and visit.unit not in _tops(units):
            faults.append(
                Fault("在被检查机构任职的人不能检查本机构", value=f"{mine[0].name}（{one}）", item=visit.unit)
            )
    return found, faults


def _tops(units: dict[str, Unit]) -> set[str]:
    """Return head office: whoever sits there sits over everything."""
    return {one for one in units if not above(units, one)}


def enter_visit(wb: Workbench, number: str, day: date | None = None) -> Visit:
    """Enter the unit; from then on a surprise visit is seen there."""
    return _save(wb, "arrive", "visit.work", rules.enter(_allowed(wb, number, "visit.work"), day or wb.today))


def close_visit(wb: Workbench, number: str, summary: str, day: date | None = None) -> Visit:
    """Close the visit with what it found as a whole."""
    visit = _allowed(wb, number, "visit.work")
    return _save(wb, "close", "visit.work", rules.close(visit, day or wb.today, mask(summary)))


def cancel_visit(wb: Workbench, number: str, reason: str) -> Visit:
    """Call a planned visit off."""
    return _save(wb, "cancel", "visit.plan", rules.cancel(_allowed(wb, number, "visit.plan"), mask(reason)))


def add_matter(wb: Workbench, number: str, matter: Matter, files: Iterable[tuple[str, bytes]] = ()) -> Visit:
    """Write down one matter (一事); `files`, name and content, are kept as its evidence and named by their digests.

    Raises InputError naming what is missing; then nothing is kept.
    """
    visit = _entered(_allowed(wb, number, "visit.work"))
    wanted = (("title", "事项"), ("facts", "事实"), ("basis", "依据"))
    faults = [Fault("没有写", column=word) for name, word in wanted if not getattr(matter, name).strip()]
    if matter.nature not in NATURES:
        faults.append(Fault("没有这种定性", value=matter.nature, allowed="、".join(NATURES)))
    faults += [
        Fault("不能小于 0", column=word, value=str(value))
        for word, value in (("笔数", matter.count), ("金额", matter.amount))
        if value is not None and value < 0
    ]
    if faults:
        raise InputError(faults)
    kept = [attach_file(wb, _subject(visit), name, data) for name, data in files]
    told = tuple(f"{one.name}（SHA-256 {one.sha256[:12]}）" for one in kept)
    matter = replace(matter, evidence=(*matter.evidence, *told))
    named = replace(masked(matter), number=str(len(visit.matters) + 1), inspector=matter.inspector or wb.actor.name)
    return _save(wb, "matter", "visit.work", replace(visit, matters=(*visit.matters, named)))


def attach_evidence(wb: Workbench, number: str, name: str, data: bytes) -> Attachment:
    """Keep a file as evidence of a visit. Raises InputError before it was entered, NotAllowed."""
    return attach_file(wb, evidence_subject(wb, number), name, data)


def evidence_subject(wb: Workbench, number: str) -> EvidenceSubject:
    """Return a visit as what evidence hangs on. Raises InputError before entry: its unit may not know of it yet."""
    visit = _allowed(wb, number, "visit.work")
    if visit.entered_on is None:
        raise InputError(Fault("进场以后才能上传佐证材料", item=number, value=rules.VISIT_STATES[visit.state]))
    return _subject(visit)


def _subject(visit: Visit) -> EvidenceSubject:
    team = as_campaign(visit)
    return EvidenceSubject(about="visit", id=visit.number, unit=visit.unit, campaign=team, verb="visit.work")


def matters_from_findings(wb: Workbench, number: str) -> int:
    """Take over the findings of the visit's campaign at the unit and its outlets; return how many matters are new.

    Raises InputError without a campaign.
    """
    visit = _entered(_allowed(wb, number, "visit.work"))
    if not visit.campaign:
        allowed = "在“变更安排”里选定，或 xiaobao visit change --campaign"
        raise InputError(Fault("检查项目没有对应的检查批次", item=number, allowed=allowed))
    campaign = wb.campaign(visit.period, visit.campaign)
    known = {one.finding for one in visit.matters}
    new: list[Matter] = []
    files = () if wb.sight("sheet.see", campaign).reason else evidence_rows(wb, campaign)
    for unit in dict.fromkeys((visit.unit, *visit.outlets)):
        due = _first_due(wb, campaign, unit)
        for one in findings(wb, campaign, unit):
            if one.draft or one.id in known or (visit.domains and one.domain not in visit.domains):
                continue
            made = Matter(
                number=str(len(visit.matters) + len(new) + 1),
                title=one.title,
                facts=facts_alone(one),
                nature=one.nature.value,
                basis=one.criteria,
                count=len(one.leads) or None,
                evidence=_evidence_of(one, files),
                requirement=one.recommendation,
                due=due.get(one.id),
                inspector=wb.actor.name,
                finding=one.id,
            )
            new.append(made)
    if new:
        _save(wb, "matter", "visit.work", replace(visit, matters=(*visit.matters, *new)))
    return len(new)


def _first_due(wb: Workbench, campaign: Campaign, unit: str) -> dict[str, date]:
    """Return finding → the day by which its first measure is due."""
    found: dict[str, date] = {}
    for action in wb.store.actions(campaign.id, unit):
        found[action.finding_id] = min(action.due, found.get(action.finding_id, action.due))
    return found


def _evidence_of(finding: Finding, files: Iterable[EvidenceRow]) -> tuple[str, ...]:
    """Return what hangs on a finding, its item or one of its leads, each file tied to its content by its digest."""
    of = {"finding": {finding.id}, "lead": set(finding.leads), "item": {finding.item_id}}
    mine = [
        one
        for one in files
        if (one.unit, one.domain) == (finding.unit, finding.domain)
        and one.used
        and not one.replaced
        and one.number in of.get(one.about, ())
    ]
    return tuple(
        f"{one.name}（SHA-256 {one.sha256[:12]}）" if one.sha256 else f"{one.name}（{one.note}）" for one in mine
    )


def ask_for(wb: Workbench, number: str, rows: Iterable[RequestRow]) -> Visit:
    """Put documents on the 调阅清单. Raises InputError for a line without what is asked."""
    visit, wanted = _allowed(wb, number, "visit.work"), [masked(one) for one in rows]
    if visit.state in ("closed", "cancelled"):
        raise InputError(Fault("已结束或取消的检查项目不再调阅", item=number))
    if not wanted or any(not one.item.strip() for one in wanted):
        raise InputError(Fault("没有写调阅的材料", item=number))
    return _save(wb, "ask", "visit.work", replace(visit, requests=(*visit.requests, *wanted)))


def give_opinion(wb: Workbench, number: str, paper: str, agreed: bool, text: str) -> Visit:
    """Keep the unit's opinion of a paper: it agrees, or says why not. Who is of the team does not speak for it.

    Raises NotAllowed for who made papers out, InputError for a kind that is not answered or a refusal without words.
    """
    visit = visit_of(wb, number)
    if is_actor(wb, *(one.by for one in visit.papers)):
        raise NotAllowed(Fault("出具文书的人不能替被检查单位填写意见", item=number))
    if not agreed and not text.strip():
        raise InputError(Fault("不同意的须写明理由", item=number))
    found = issued_paper(visit, paper)
    if found.kind not in ANSWERED:
        raise InputError(Fault(f"{PAPERS[found.kind]}不须被检查单位填写意见", item=found.number))
    said = replace(found, agreed=agreed, opinion=mask(text.strip()), opinion_by=wb.actor)
    return _save(wb, "opine", "visit.opine", _with(visit, said))


def return_scan(wb: Workbench, number: str, paper: str, file: Path) -> Visit:
    """Keep the signed scan of a paper as evidence, tied to the digest of what was issued. Raises InputError."""
    visit = visit_of(wb, number)
    wb.look("visit.scan", visit.unit, campaign=as_campaign(visit))
    found = issued_paper(visit, paper)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(Fault("文件无法读取", file=file.name)) from error
    if refuse_file(file.name, data) not in ("pdf", "png", "jpg"):
        raise InputError(Fault("签字盖章件须是扫描件", file=file.name, allowed="PDF、PNG、JPG"))
    kept = keep_file(wb.home, file.name, data)
    if any(one.sha256 == kept.sha256 for one in found.scans):
        raise InputError(Fault("这份扫描件已经交回", file=file.name, item=found.number))
    scan = SignedScan(name=kept.name, path=kept.path, sha256=kept.sha256, of=found.sha256, by=wb.actor, day=wb.today)
    return _save(wb, "scan", "visit.scan", _with(visit, replace(found, scans=(*found.scans, scan))))


def issued_paper(visit: Visit, paper: str) -> IssuedPaper:
    """Return an issued paper by its 文号, or the newest of a kind. Raises InputError for one that was not issued."""
    mine = [one for one in visit.papers if paper in (one.number, one.kind, PAPERS[one.kind])]
    if not mine:
        raise InputError(
            Fault(
                "没有出具过这份文书", item=visit.number, value=paper, allowed="、".join(o.number for o in visit.papers)
            )
        )
    return mine[-1]


def keep_paper(wb: Workbench, visit: Visit, paper: IssuedPaper) -> Visit:
    """Record an issued paper with its visit."""
    return _save(wb, "issue", "visit.issue", replace(visit, papers=(*visit.papers, paper)))


def next_serial(wb: Workbench, kind: str, year: int) -> int:
    """Return the next number of a kind of paper within a year, over all visits."""
    taken = (
        one.serial
        for visit in wb.store.kept("visits")
        for one in visit.papers
        if one.kind == kind and one.day.year == year
    )
    return max(taken, default=0) + 1


def kept_scans(wb: Workbench) -> Iterator[tuple[str, str, str]]:
    """Yield signed scans: place within the workspace, SHA-256, and what it is."""
    for visit in wb.store.kept("visits"):
        for paper in visit.papers:
            for scan in paper.scans:
                yield scan.path, scan.sha256, f"签字件 {paper.number} {visit.number}"


def names_of(wb: Workbench, logins: Iterable[str]) -> dict[str, str]:
    """Return login → name, the login itself where nobody of it is registered."""
    people = registered(wb)
    return {one: people[one].name if one in people else one for one in logins}


def _with(visit: Visit, paper: IssuedPaper) -> Visit:
    return replace(visit, papers=tuple(paper if one.number == paper.number else one for one in visit.papers))


def _entered(visit: Visit) -> Visit:
    if visit.state != "entered":
        raise InputError(
            Fault("只有检查中的项目可以登记查出的问题", item=visit.number, value=rules.VISIT_STATES[visit.state])
        )
    return visit


def _next(wb: Workbench, year: int) -> str:
    taken = [one.number for one in wb.store.kept("visits", year=str(year))]
    return f"JC{year}-{max((int(number.rpartition('-')[2]) for number in taken), default=0) + 1:03}"


def _allowed(wb: Workbench, number: str, row: str) -> Visit:
    """Return a visit to be worked on: who may not is told so before anything else is told. Raises NotAllowed."""
    visit = visit_of(wb, number)
    wb.look(row, visit.unit, campaign=as_campaign(visit))
    return visit


def _save(wb: Workbench, verb: str, row: str, visit: Visit) -> Visit:
    with wb.writing(row, visit.unit, campaign=as_campaign(visit)) as tx:
        saved: Visit = tx.save_kept("visits", verb, [visit])[0]
    return saved
