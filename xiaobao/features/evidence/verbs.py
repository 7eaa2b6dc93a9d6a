"""调阅清单: what is asked of a unit, handed over, accepted or rejected; the rules are in `request`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.features.evidence import request as rules
from xiaobao.features.evidence.request import DocumentRequest
from xiaobao.model import Actor
from xiaobao.store.models import Attachment, Campaign
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.evidence.attaching import EvidenceSubject, attach_file, attachments_of, present
from xiaobao.workbench.permitting import is_actor, others_who_may
from xiaobao.workbench.surroundings import campaign_address
from xiaobao.workbench.workspace import Workbench

TABLE = "document_requests"
_DAYS = 3  # until what is asked for must be there, where no day is named


def requests(wb: Workbench, campaign: Campaign, unit: str | None = None) -> tuple[DocumentRequest, ...]:
    """Return the requests that whoever asks may see, by unit and number. Raises NotAllowed for none."""
    seen = wb.sight("request.see", campaign)
    if seen.reason:
        raise NotAllowed(seen.reason)
    found = wb.store.kept(TABLE, campaign=str(campaign.id), unit=unit)
    shown = [one for one in found if seen.shows(one.unit, one.domain)]
    return tuple(sorted(shown, key=lambda one: (one.unit, int(one.number))))


def ask_for(
    wb: Workbench, campaign: Campaign, unit: str, wanted: Sequence[str], due: date | None = None, domain: str = ""
) -> tuple[DocumentRequest, ...]:
    """Ask a unit for several things, a line each. Raises InputError with every fault, NotAllowed."""
    lines = [line.strip() for line in wanted if line.strip()]
    faults = [] if lines else [Fault("须写明调阅什么，一行一项")]
    if unit not in {one.id for one in inspected_units(wb, campaign)}:
        faults.append(Fault(f"{campaign.period} 没有这个被检查机构", value=unit))
    if domain and domain not in campaign.checklists:
        faults.append(Fault("这个批次没有这个检查域", value=domain, allowed="、".join(campaign.checklists)))
    if faults:
        raise InputError(faults)
    known = wb.store.kept(TABLE, campaign=str(campaign.id), unit=unit)
    new = [
        DocumentRequest(
            campaign=str(campaign.id),
            unit=unit,
            number=str(len(known) + place),
            wanted=line,
            domain=domain,
            due=due or wb.today + timedelta(days=_DAYS),
            asked_by=wb.actor.name,
            asked_on=wb.today,
        )
        for place, line in enumerate(lines, 1)
    ]
    with wb.writing("request.ask", unit, domain, campaign) as tx:
        return tx.save_kept(TABLE, "request", new)


def add_document(wb: Workbench, campaign: Campaign, one: DocumentRequest, name: str, data: bytes) -> Attachment:
    """Keep a file for a request that the unit has still to answer. Raises InputError, NotAllowed."""
    if not one.waiting:
        raise InputError(Fault("已提交的调阅不能再加文件；需要补充的请检查人员先退回", item=one.wanted))
    return attach_file(wb, subject(campaign, one), name, data)


def documents_of(wb: Workbench, one: DocumentRequest) -> tuple[Attachment, ...]:
    """Return the files of a request that no later version replaces."""
    return present(attachments_of(wb, "request", one.id))


def hand_over(wb: Workbench, campaign: Campaign, one: DocumentRequest, note: str = "") -> DocumentRequest:
    """Tell that what was asked for is there: its files, or where the papers lie. Raises InputError, NotAllowed."""
    wb.look("request.hand_over", one.unit, one.domain, campaign)
    anything = bool(documents_of(wb, one))
    after = rules.hand_over(one, wb.actor.name, wb.actor.login, wb.today, note, anything=anything)
    with wb.writing("request.hand_over", one.unit, one.domain, campaign) as tx:
        return tx.save_kept(TABLE, "hand_over", [after])[0]


def decide_request(
    wb: Workbench, campaign: Campaign, one: DocumentRequest, *, accepted: bool, reason: str = ""
) -> DocumentRequest:
    """Accept what was handed over, or reject it with a reason. Raises InputError, NotAllowed for who handed it over."""
    wb.look("request.decide", one.unit, one.domain, campaign)
    if one.received_by and is_actor(wb, Actor(name=one.received_by, login=one.received_login)):
        others = others_who_may(wb, "request.decide", one.unit, one.domain, campaign, {one.received_login})
        raise NotAllowed(Fault("提交资料的人不能验收或退回自己的资料" + others, item=one.wanted))
    after = rules.decide(one, wb.actor.name, wb.today, reason, accepted=accepted)
    with wb.writing("request.decide", one.unit, one.domain, campaign) as tx:
        return tx.save_kept(TABLE, "accept" if accepted else "reject", [after])[0]


def give_papers_back(wb: Workbench, campaign: Campaign, one: DocumentRequest, words: str) -> DocumentRequest:
    """Note that papers went back to the unit. Raises InputError, NotAllowed."""
    after = rules.give_papers_back(one, wb.actor.name, wb.today, words)
    with wb.writing("request.decide", one.unit, one.domain, campaign) as tx:
        return tx.save_kept(TABLE, "give_back", [after])[0]


def find_request(wb: Workbench, campaign: Campaign, number: str) -> DocumentRequest:
    """Return a request by its id, such as `3-0101-2`. Raises InputError for none that may be seen."""
    found = next((one for one in requests(wb, campaign) if one.id == number), None)
    if found is None:
        raise InputError(Fault("没有这一条调阅，或您不能查看", value=number))
    return found


def subject(campaign: Campaign, one: DocumentRequest) -> EvidenceSubject:
    """Return what the files of a request are attached to."""
    return EvidenceSubject(
        about="request", id=one.id, unit=one.unit, domain=one.domain, campaign=campaign, verb="request.hand_over"
    )


def waiting(wb: Workbench, day: date, notes: list[str]) -> Iterator[tuple[str, str, str, str, date, str, str]]:
    """Yield what units have still to hand over: kind, number, title, unit, due day, note."""
    where = {str(one.id): campaign_address(wb, one) for one in wb.store.campaigns() if one.state == "open"}
    for one in wb.store.kept(TABLE):
        if one.waiting and one.campaign in where:
            note = f"已退回：{one.reason}" if one.state == "rejected" else ""
            yield "request", one.id, f"调阅：{one.wanted}", one.unit, one.due, note, where[one.campaign]
