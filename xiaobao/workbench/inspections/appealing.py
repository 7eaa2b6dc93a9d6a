"""申诉: a unit objects to a reviewed result with its grounds; a third person decides, and only that moves the result.

It is a part of a sheet's way: after the last signature the unit may appeal for some days (`[appeals] days`), and while
one is open (申诉中) the sheet stands still: nobody returns or signs it, and the campaign does not end. What was decided
are the answers, the leads and the vetoes that are other than they were; the next run shows before and after (`xiaobao
movements`). Once the campaign is closed (终稿) nobody appeals: it is reopened with approval first.

People differ by login, by the name where one of two has none, as everywhere in four eyes: whoever ever filled,
confirmed, handed in, reviewed, returned, approved or answered a lead of the sheet does not decide, nor who appealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.labels import APPEAL_STATES, REVIEWED, STATES
from xiaobao.model import Actor, Appeal, Disposition, Response, Review, same_person
from xiaobao.scorecard.around import Objection
from xiaobao.scoring.responses import response_faults
from xiaobao.settings import signers_of
from xiaobao.store.history import inspection_chain
from xiaobao.store.models import Campaign, Event, InspectionRecord
from xiaobao.workbench.campaigns import domain_titles
from xiaobao.workbench.evidence.attaching import EvidenceSubject, attach_file
from xiaobao.workbench.inspections.evidence import refuse_file
from xiaobao.workbench.inspections.filling import Form, open_form
from xiaobao.workbench.inspections.reviewing import same_answer
from xiaobao.workbench.versions.unit_sheets import unit_sheets
from xiaobao.workbench.workspace import Workbench

_BEIJING = timezone(timedelta(hours=8))
_JUDGES = ("review", "reviewed", "returned", "approved")
_PARTIES = (*_JUDGES, "confirmed", "submitted", "answer")


@dataclass(frozen=True, kw_only=True)
class AppealOutcome:
    """What an appeal that is upheld changes: answers to items, decisions on leads, vetoes that are taken back."""

    answers: tuple[Response, ...] = ()
    leads: Mapping[str, Disposition] = field(default_factory=dict)
    vetoes: tuple[str, ...] = ()


def file_appeal(
    wb: Workbench,
    campaign: Campaign,
    unit: str,
    domain: str,
    grounds: str,
    items: Sequence[str],
    evidence: Sequence[str] = (),
    files: Sequence[tuple[str, bytes]] = (),
) -> Appeal:
    """File an appeal against a sheet's result, with files (name, content) and names of papers that lie elsewhere.

    Raises InputError without grounds or items, for one that is open, and for files that are not taken; NotAllowed
    before the last signature and after the last day, for whoever reviewed or approved, and once the campaign is final.
    """
    form, record = _signed(wb, campaign, unit, domain)
    wb.look("result.appeal", unit, domain, campaign)
    for name, data in files:
        refuse_file(name, data)
    faults = [] if grounds.strip() else [Fault("申诉须写明理由")]
    faults += [] if items else [Fault("申诉须指明检查项", allowed="--item 检查项编号，可多次给出")]
    faults += [Fault("检查表里没有这个检查项", value=one) for one in items if one not in form.items]
    known = appeals_of(wb, record)
    faults += [Fault("这张检查表有申诉还没有处理", value=f"第 {one.number} 件") for one in known if one.state == "open"]
    if faults:
        raise InputError(faults)
    if why := why_not_appeal(wb, record):
        raise NotAllowed(Fault(why, item=f"{unit} {domain}"))
    appeal = Appeal(
        number=len(known) + 1,
        grounds=grounds.strip(),
        items=tuple(dict.fromkeys(items)),
        day=wb.today,
        filed_by=wb.actor.name,
        evidence=tuple(dict.fromkeys([*evidence, *(name for name, _ in files)])),
    )
    with wb.writing("result.appeal", unit, domain, campaign) as tx:
        saved = tx.save_appeal(record.id, appeal)
    for name, data in files:
        attach_file(wb, _subject(record, campaign, saved), name, data)
    return saved


def add_to_appeal(wb: Workbench, campaign: Campaign, unit: str, domain: str, name: str, data: bytes) -> None:
    """Attach a file to the open appeal of a sheet. Raises InputError where there is none or the file is not taken."""
    _, record = _signed(wb, campaign, unit, domain)
    attach_file(wb, _subject(record, campaign, _open(wb, record)), name, data)


def last_appeal_day(wb: Workbench, record: InspectionRecord) -> date | None:
    """Return the last day on which a unit may appeal, None where nobody signed with a date (sheets of older stores)."""
    signed = [one.at for one in record.signatures if one.step in REVIEWED]
    if not signed:
        return None
    return (max(signed).astimezone(_BEIJING) + timedelta(days=wb.settings.appeals.days)).date()


def decision_due(wb: Workbench, appeal: Appeal) -> date:
    """Return the day by which an appeal is to be decided."""
    return appeal.day + timedelta(days=wb.settings.appeals.decide_days)


def standing_of(record: InspectionRecord | None, appeals: Iterable[Appeal], campaign: Campaign) -> str:
    """Return how a sheet stands on its whole way, a code of `STANDINGS`: beyond its state, appealed, and final."""
    state = record.state if record else "draft"
    if any(one.state == "open" for one in appeals):
        return "appealed"
    return "final" if campaign.state == "closed" and state in REVIEWED else state


def why_not_appeal(wb: Workbench, record: InspectionRecord) -> str:
    """Return "" where whoever acts may still appeal for the unit, else why not: he judged it, or the days are over."""
    if _among(wb.actor, _who(wb, record, _JUDGES)):
        return f"{wb.actor.name} 复核、审定或退回过本检查表，不能代机构申诉"
    last = last_appeal_day(wb, record)
    over = last is not None and wb.today > last
    return f"申诉已于 {last} 截止（最后一次签字后 {wb.settings.appeals.days} 天）" if over else ""


def why_not_withdraw(wb: Workbench, record: InspectionRecord, appeal: Appeal) -> str:
    """Return "" where whoever acts filed the appeal, else that only that person takes it back."""
    return "" if _among(wb.actor, _filers(wb, record, appeal)) else f"只有申诉人 {appeal.filed_by} 可以撤回"


def why_not_decide(wb: Workbench, record: InspectionRecord, appeal: Appeal) -> str:
    """Return "" where four eyes let whoever acts decide an appeal, else the reason to be shown."""
    known = [*_who(wb, record, _PARTIES), *_filers(wb, record, appeal)]
    names = {record.submitted_by, appeal.filed_by} - {"", *(one.name for one in known)}
    if _among(wb.actor, [*known, *(Actor(name=name) for name in names)]):
        return f"{wb.actor.name} 参与过填报、复核、审定、认定或申诉，不能处理这件申诉；请由第三人处理"
    return ""


def withdraw_appeal(wb: Workbench, campaign: Campaign, unit: str, domain: str, reason: str) -> Appeal:
    """Take the open appeal of a sheet back. Raises InputError without a reason, NotAllowed for all but the filer."""
    _, record = _signed(wb, campaign, unit, domain)
    appeal = _open(wb, record)
    if not reason.strip():
        raise InputError(Fault("撤回申诉须写明原因"))
    if why := why_not_withdraw(wb, record, appeal):
        raise NotAllowed(why)
    with wb.writing("result.appeal", unit, domain, campaign) as tx:
        return tx.save_appeal(record.id, replace(appeal, state="withdrawn", reason=reason.strip()))


def decide_appeal(
    wb: Workbench,
    campaign: Campaign,
    unit: str,
    domain: str,
    verdict: str,
    reason: str,
    outcome: AppealOutcome = AppealOutcome(),
) -> Appeal:
    """Decide the open appeal of a sheet: `upheld`, `partly` or `rejected`, with what it changes; all or nothing.

    Raises InputError on all faults at once: no reason, nothing changed by an appeal that is upheld, or something by one
    that is not. Raises NotAllowed for whoever filed it, filled, reviewed or decided before: a third person decides.
    """
    form, record = _signed(wb, campaign, unit, domain)
    appeal = _open(wb, record)
    wb.look("result.decide", unit, domain, campaign)
    if why := why_not_decide(wb, record, appeal) or _decided_leads(wb, record, outcome):
        raise NotAllowed(why)
    if faults := [*_faults(form, appeal, verdict, reason, outcome), *_unknown(wb, record, outcome)]:
        raise InputError(faults)
    why = f"{APPEAL_STATES[verdict]}：{reason.strip()}"
    answers = tuple(_answer(wb, form, one, why) for one in outcome.answers)
    decided = replace(
        appeal,
        state=verdict,
        reason=reason.strip(),
        decided_by=wb.actor.name,
        answers=answers,
        leads=dict(outcome.leads),
        vetoes=outcome.vetoes,
    )
    decisions = wb.store.decisions(campaign.id, unit)
    with wb.writing("result.decide", unit, domain, campaign) as tx:
        saved = tx.save_appeal(record.id, decided)
        for lead, what in outcome.leads.items():
            before = decisions[lead]
            after = replace(before, decided=what, reason=f"申诉{why}", decided_by=wb.actor.name)
            tx.save_decision(after, before.revision)
        for veto in outcome.vetoes:
            tx.withdraw_veto(record.id, veto, f"申诉{why}")
    return saved


def appeals_of(wb: Workbench, record: InspectionRecord) -> tuple[Appeal, ...]:
    """Return the appeals of one sheet, oldest first."""
    return wb.store.appeals([record.id])[record.id]


def objections(wb: Workbench, campaign: Campaign, unit: str) -> tuple[Objection, ...]:
    """Return a unit's appeals as its page and its report tell them, by sheet, oldest first."""
    records = [one for one in wb.store.inspections(campaign.id, unit) if one.state in REVIEWED]
    found = wb.store.appeals([one.id for one in records])
    titles = domain_titles(wb, campaign)
    return tuple(
        Objection(
            sheet=titles.get(record.domain, record.domain),
            told=f"第 {one.number} 件（{one.day} {one.filed_by} 提出）",
            about="、".join(_item_titles(wb, campaign, record, one.items)),
            grounds=one.grounds,
            outcome=APPEAL_STATES[one.state] + (f"（{one.decided_by}）" if one.decided_by else ""),
            why=one.reason,
        )
        for record in records
        for one in found[record.id]
    )


def _item_titles(wb: Workbench, campaign: Campaign, record: InspectionRecord, items: Iterable[str]) -> list[str]:
    known = unit_sheets(wb, campaign, record.unit, record.domain, record).items
    return [known[item].title if item in known else item for item in items]


def _signed(wb: Workbench, campaign: Campaign, unit: str, domain: str) -> tuple[Form, InspectionRecord]:
    form = open_form(wb, unit, campaign.period, domain, campaign.name)
    record = form.record
    if why := why_not_yet(wb, form):
        raise NotAllowed(Fault(why, item=f"{unit} {domain}"))
    assert record is not None
    return form, record


def why_not_yet(wb: Workbench, form: Form) -> str:
    """Return "" where a sheet bears the last signature that its level asks for, else what is still to come."""
    record = form.record
    if record is None or record.state not in REVIEWED:
        state = STATES[record.state] if record else "没有填写"
        return f"检查表{state}，复核以后才可以申诉"
    if record.state == "reviewed" and signers_of(wb.settings, form.unit.level).approve:
        return "检查表已复核，尚未审定，审定以后才可以申诉"
    return ""


def _open(wb: Workbench, record: InspectionRecord) -> Appeal:
    found = [one for one in appeals_of(wb, record) if one.state == "open"]
    if not found:
        raise InputError(Fault("没有待处理的申诉", item=f"{record.unit} {record.domain}"))
    return found[0]


def _subject(record: InspectionRecord, campaign: Campaign, appeal: Appeal) -> EvidenceSubject:
    return EvidenceSubject(
        about="appeal",
        id=f"{record.id}:{appeal.number}",
        unit=record.unit,
        domain=record.domain,
        campaign=campaign,
        verb="result.appeal",
    )


def _who(wb: Workbench, record: InspectionRecord, verbs: Sequence[str]) -> list[Actor]:
    """Return whoever took one of these steps of a sheet in any round; who wrote answers or files with `answer`."""

    def counts(event: Event) -> bool:
        filled = "answer" in verbs and event.object.startswith(("response:", "evidence:"))
        return event.verb in verbs or filled

    events = wb.store.events(1_000_000, inspection_chain(record.id))
    return [Actor(name=event.actor, login=event.login) for event in events if counts(event)]


def _filers(wb: Workbench, record: InspectionRecord, appeal: Appeal) -> list[Actor]:
    events = wb.store.events(1_000_000, inspection_chain(record.id), f"appeal:{appeal.number}")
    return [Actor(name=event.actor, login=event.login) for event in events if event.verb == "appeal_open"]


def _among(actor: Actor, people: Iterable[Actor]) -> bool:
    return any(same_person(one, actor) for one in people)


def _decided_leads(wb: Workbench, record: InspectionRecord, outcome: AppealOutcome) -> str:
    """Return why whoever acts may not decide these leads anew, "" where he decided none of them before."""
    wanted = {f"decision:{lead}" for lead in outcome.leads}
    events = wb.store.events(1_000_000, inspection_chain(record.id)) if wanted else ()
    said = [Actor(name=event.actor, login=event.login) for event in events if event.object in wanted]
    if _among(wb.actor, said):
        return f"{wb.actor.name} 认定过这些疑点，不能处理这件申诉；请由第三人处理"
    return ""


def _faults(form: Form, appeal: Appeal, verdict: str, reason: str, outcome: AppealOutcome) -> Iterator[Fault]:
    verdicts = ("upheld", "partly", "rejected")
    if verdict not in verdicts:
        yield Fault("没有这种处理结果", value=verdict, allowed="、".join(verdicts))
    if not reason.strip():
        yield Fault("处理申诉须写明理由")
    changed = bool(outcome.answers or outcome.leads or outcome.vetoes)
    if verdict in ("upheld", "partly") and not changed:
        yield Fault("申诉成立须写明改成什么", allowed="检查项的新结论、疑点的新认定或撤销的一票否决")
    if verdict == "rejected" and changed:
        yield Fault("申诉不成立，不能改结论")
    for answer in outcome.answers:
        yield from _answer_faults(form, appeal, answer)


def _answer_faults(form: Form, appeal: Appeal, answer: Response) -> Iterator[Fault]:
    entry = form.items.get(answer.item_id)
    if entry is None or answer.item_id not in appeal.items:
        yield Fault("申诉没有提到这个检查项", value=answer.item_id, allowed="、".join(appeal.items))
    elif not entry.reviewable:
        yield Fault("该项由数据得出结论，请改疑点的认定", value=answer.item_id)
    else:
        yield from response_faults(entry.item, answer)
        standing = entry.review.answer if entry.review else entry.response
        if same_answer(answer, standing):
            yield Fault("新结论与现在的相同", value=answer.item_id)


def _unknown(wb: Workbench, record: InspectionRecord, outcome: AppealOutcome) -> Iterator[Fault]:
    leads = {lead.id for lead in wb.store.leads(record.campaign_id, record.unit, record.domain)}
    decided = {name for name, one in wb.store.decisions(record.campaign_id, record.unit).items() if one.decided}
    for lead in outcome.leads:
        if lead not in leads & decided:
            yield Fault("这张检查表没有这条已认定的疑点", value=lead)
    vetoes = {event.veto_id for event in wb.store.vetoes(record.id)}
    yield from (Fault("没有在生效的一票否决记录", value=one) for one in outcome.vetoes if one not in vetoes)


def _answer(wb: Workbench, form: Form, answer: Response, why: str) -> Review:
    own = form.items[answer.item_id].response
    said = replace(answer, evidence=own.evidence, reason=f"申诉{why}", author=wb.actor.name)
    return Review(item_id=answer.item_id, answer=said, on=own.revision, author=wb.actor.name)
