"""申诉: a unit objects to a reviewed result with its grounds; a third person decides, and only that moves the result.

What was decided are the answers, the leads and the vetoes that are other than they were; the next run shows before and
after (`xiaobao movements`). Once the campaign is closed (终稿) nobody appeals: it is reopened with approval first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.labels import APPEAL_STATES, OPEN_STATES, STATES
from xiaobao.model import Appeal, Disposition, Response, Review, folded_id
from xiaobao.scoring.responses import response_faults
from xiaobao.store.history import inspection_chain
from xiaobao.store.records import Campaign, InspectionRecord
from xiaobao.workbench.inspections.filling import Form, open_form
from xiaobao.workbench.inspections.reviewing import same_answer
from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True, kw_only=True)
class Outcome:
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
) -> Appeal:
    """File an appeal against a sheet's result. Raises InputError without grounds or items, and for one that is open.

    Raises NotAllowed before the review, for whoever reviewed, and once the campaign is final.
    """
    form, record = _reviewed(wb, campaign, unit, domain)
    faults = [] if grounds.strip() else [Fault("申诉须写明理由")]
    faults += [] if items else [Fault("申诉须指明检查项", allowed="--item 检查项编号，可多次给出")]
    faults += [Fault("检查表里没有这个检查项", value=one) for one in items if one not in form.items]
    known = appeals_of(wb, record)
    faults += [Fault("这张检查表有申诉还没有处理", value=f"第 {one.number} 件") for one in known if one.state == "open"]
    if faults:
        raise InputError(faults)
    if folded_id(wb.actor.name) in _reviewers(wb, record):
        raise NotAllowed(f"{wb.actor.name} 复核过本检查表，不能代机构申诉")
    appeal = Appeal(
        number=len(known) + 1,
        grounds=grounds.strip(),
        items=tuple(dict.fromkeys(items)),
        day=wb.today,
        filed_by=wb.actor.name,
        evidence=tuple(evidence),
    )
    with wb.writing("result.appeal", unit, domain, campaign) as tx:
        return tx.save_appeal(record.id, appeal)


def withdraw_appeal(wb: Workbench, campaign: Campaign, unit: str, domain: str, reason: str) -> Appeal:
    """Take the open appeal of a sheet back. Raises InputError without a reason, NotAllowed for all but the filer."""
    _, record = _reviewed(wb, campaign, unit, domain)
    appeal = _open(wb, record)
    if not reason.strip():
        raise InputError(Fault("撤回申诉须写明原因"))
    if folded_id(wb.actor.name) != folded_id(appeal.filed_by):
        raise NotAllowed(f"只有申诉人 {appeal.filed_by} 可以撤回")
    with wb.writing("result.appeal", unit, domain, campaign) as tx:
        return tx.save_appeal(record.id, replace(appeal, state="withdrawn", reason=reason.strip()))


def decide_appeal(
    wb: Workbench, campaign: Campaign, unit: str, domain: str, verdict: str, reason: str, outcome: Outcome = Outcome()
) -> Appeal:
    """Decide the open appeal of a sheet: `upheld`, `partly` or `rejected`, with what it changes; all or nothing.

    Raises InputError on all faults at once: no reason, nothing changed by an appeal that is upheld, or something by one
    that is not. Raises NotAllowed for whoever filed it, filled, reviewed or decided before: a third person decides.
    """
    form, record = _reviewed(wb, campaign, unit, domain)
    appeal = _open(wb, record)
    _refuse_parties(wb, form, record, appeal, outcome)
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


def _reviewed(wb: Workbench, campaign: Campaign, unit: str, domain: str) -> tuple[Form, InspectionRecord]:
    form = open_form(wb, unit, campaign.period, domain, campaign.name)
    record = form.record
    if record is None or record.state in {*OPEN_STATES, "submitted"}:
        state = STATES[record.state] if record else "没有填写"
        raise NotAllowed(Fault(f"检查表{state}，复核以后才可以申诉", item=f"{unit} {domain}"))
    return form, record


def _open(wb: Workbench, record: InspectionRecord) -> Appeal:
    found = [one for one in appeals_of(wb, record) if one.state == "open"]
    if not found:
        raise InputError(Fault("没有待处理的申诉", item=f"{record.unit} {record.domain}"))
    return found[0]


def _reviewers(wb: Workbench, record: InspectionRecord) -> set[str]:
    """Return who reviewed the sheet as it stands: those of its last review, and the authors of their own answers."""
    events = wb.store.events(1_000_000, inspection_chain(record.id))
    since = next((event.seq for event in events if event.verb == "submitted"), 0)
    verbs = {"reviewed", "review"}
    return {folded_id(event.actor) for event in events if event.verb in verbs and event.seq > since}


def _refuse_parties(wb: Workbench, form: Form, record: InspectionRecord, appeal: Appeal, outcome: Outcome) -> None:
    filled = {entry.response.author for entry in form.items.values() if entry.answered}
    decisions = wb.store.decisions(record.campaign_id, record.unit)
    leads = (decisions[one] for one in outcome.leads if one in decisions)
    said = {name for one in leads for name in (one.answered_by, one.decided_by)}
    parties = {folded_id(name) for name in (*filled, record.submitted_by, appeal.filed_by, *said) if name}
    if folded_id(wb.actor.name) in parties | _reviewers(wb, record):
        raise NotAllowed(f"{wb.actor.name} 参与过填报、复核、认定或申诉，不能处理这件申诉；请由第三人处理")


def _faults(form: Form, appeal: Appeal, verdict: str, reason: str, outcome: Outcome) -> Iterator[Fault]:
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


def _unknown(wb: Workbench, record: InspectionRecord, outcome: Outcome) -> Iterator[Fault]:
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
