"""Attach files and links to a lead, finding, measure, visit or item; a later version stands beside the earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.personal import mask
from xiaobao.store.models import Attachment
from xiaobao.workbench.corrective_actions import action_place
from xiaobao.workbench.evidence.holding import kind_of_path, way_of
from xiaobao.workbench.inspections.evidence import keep_file, refuse_file
from xiaobao.workbench.leads import lead_place

if TYPE_CHECKING:
    from xiaobao.store.models import Campaign
    from xiaobao.workbench.workspace import Workbench

TABLE = "attachments"
ABOUT = {
    "item": "检查项",
    "lead": "疑点",
    "finding": "检查发现",
    "action": "整改措施",
    "visit": "检查项目",
    "request": "调阅",
    "appeal": "申诉",
    "appraisal": "考核申诉",
}
_ADDS = {
    "item": "evidence.add",
    "lead": "lead.attach",
    "finding": "evidence.add",
    "action": "action.attach",
    "appeal": "result.appeal",
}
_OPEN = ("draft", "returned")


@dataclass(frozen=True, kw_only=True)
class EvidenceSubject:
    """What evidence is attached to: `about` and `id` name it, the rest says whose it is and by which right."""

    about: str
    id: str
    unit: str
    domain: str = ""
    campaign: Campaign | None = None
    verb: str = "evidence.add"


def find_subject(wb: Workbench, about: str, number: str) -> EvidenceSubject:
    """Return a lead, finding, measure or item (`<sheet>:<item>`) by its id. Raises InputError for none."""
    verb = _ADDS.get(about, "evidence.add")
    if about == "lead" and (lead := lead_place(wb, number)):
        return EvidenceSubject(
            about=about, id=number, unit=lead.lead.unit, domain=lead.domain, campaign=lead.campaign, verb=verb
        )
    if about == "action" and (measure := action_place(wb, number)):
        unit, domain, campaign = measure
        return EvidenceSubject(about=about, id=number, unit=unit, domain=domain, campaign=campaign, verb=verb)
    if about == "appeal":
        return _appeal(wb, number, verb)
    if about in ("finding", "item"):
        for one in wb.store.campaigns():
            if found := _finding(wb, one, number) if about == "finding" else _item(wb, one, number):
                return EvidenceSubject(about=about, id=number, unit=found[0], domain=found[1], campaign=one, verb=verb)
    if about == "visit":
        there = "页面“检查项目”，或 xiaobao visit matter 编号 --file 文件"
        raise InputError(Fault("检查项目的材料在检查项目上附加", value=number, allowed=there))
    if about == "appraisal":
        there = "页面“考核结果”的“提出申诉”，或 xiaobao appraisal appeal --file 文件"
        raise InputError(Fault("考核申诉的材料在提出申诉时附加", value=number, allowed=there))
    known = "、".join(f"{name} {ABOUT[name]}" for name in _ADDS)
    raise InputError(Fault(f"没有这个{ABOUT.get(about, '对象')}", value=number, allowed=known))


def attachments_of(wb: Workbench, about: str, number: str) -> tuple[Attachment, ...]:
    """Return what is attached to one subject, earlier versions too, in the order it came. Rights are the caller's."""
    found = wb.store.kept(TABLE, about=about, object=number)
    return tuple(sorted(found, key=_order))


def present(found: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Return the attachments that no later version replaces."""
    gone = {one.replaces for one in found}
    return tuple(one for one in found if one.id not in gone)


def file_of(one: Attachment) -> dict[str, object]:
    """Return what a page needs to offer an attachment."""
    way = "link" if one.url else way_of(kind_of_path(one.path))
    return {"sha": one.sha256, "name": one.name or one.note, "size": one.size, "way": way, "url": one.url, "id": one.id}


def attach_file(
    wb: Workbench, subject: EvidenceSubject, name: str, data: bytes, note: str = "", replaces: str = ""
) -> Attachment:
    """Keep a file as evidence of `subject`; `replaces` names the attachment that it is the later version of.

    Raises InputError on other kinds or sizes or for no such earlier one, NotAllowed. The same file twice is no change.
    """
    refuse_file(name, data)
    _refuse(wb, subject)
    known = attachments_of(wb, subject.about, subject.id)
    _refuse_unknown(known, replaces)
    kept = keep_file(wb.home, name, data)
    same = [one for one in present(known) if one.sha256 == kept.sha256]
    if same:
        return same[0]
    made = _new(wb, subject, len(known), note, replaces)
    return _save(wb, subject, replace(made, name=kept.name, sha256=kept.sha256, size=kept.size, path=kept.path))


def attach_link(wb: Workbench, subject: EvidenceSubject, url: str, note: str, replaces: str = "") -> Attachment:
    """Keep a link or the place in an archive, with a note that says what lies there. Raises InputError, NotAllowed."""
    faults = [
        Fault(message)
        for message, wrong in (
            ("须写明链接地址或档案存放位置", not url.strip()),
            ("链接须有说明：是什么、哪几页", not note.strip()),
        )
        if wrong
    ]
    if faults:
        raise InputError(faults)
    _refuse(wb, subject)
    known = attachments_of(wb, subject.about, subject.id)
    _refuse_unknown(known, replaces)
    return _save(wb, subject, replace(_new(wb, subject, len(known), note, replaces), url=mask(url.strip())[:500]))


def _order(one: Attachment) -> int:
    return int(one.id.rpartition(":")[2])


def _new(wb: Workbench, subject: EvidenceSubject, known: int, note: str, replaces: str) -> Attachment:
    return Attachment(
        id=f"{subject.about}:{subject.id}:{known + 1}",
        about=subject.about,
        object=subject.id,
        unit=subject.unit,
        domain=subject.domain,
        campaign=str(subject.campaign.id) if subject.campaign else "",
        note=mask(note.strip())[:500],
        replaces=replaces,
        added_by=wb.actor.name,
        added=wb.today,
    )


def _refuse(wb: Workbench, subject: EvidenceSubject) -> None:
    verb = subject.verb
    wb.look(verb, subject.unit, subject.domain, subject.campaign)
    if subject.about != "item" or subject.campaign is None:
        return
    record = wb.store.inspection(subject.campaign.id, subject.unit, subject.domain)
    if record is not None and record.state not in _OPEN:
        raise NotAllowed(Fault("检查表已提交，佐证材料不能再加；需要补充的请先退回或撤回提交"))


def _refuse_unknown(known: Sequence[Attachment], replaces: str) -> None:
    if replaces and replaces not in {one.id for one in present(known)}:
        raise InputError(Fault("没有这一份现行的附件可以替换", value=replaces))


def _save(wb: Workbench, subject: EvidenceSubject, made: Attachment) -> Attachment:
    verb = subject.verb
    with wb.writing(verb, subject.unit, subject.domain, subject.campaign) as tx:
        kept: Attachment = tx.save_kept(TABLE, "attach", [made])[0]
    return kept


def _finding(wb: Workbench, campaign: Campaign, number: str) -> tuple[str, str] | None:
    for place, found in wb.store.each_findings(campaign.id):
        if any(one.id == number for one in found):
            return place
    return None


def _appeal(wb: Workbench, number: str, verb: str) -> EvidenceSubject:
    """Return an appeal by `<sheet>:<number>`. Raises InputError for none, and for one that is decided."""
    sheet, _, which = number.partition(":")
    for campaign in wb.store.campaigns():
        for record in wb.store.inspections(campaign.id):
            if str(record.id) != sheet:
                continue
            if any(
                str(one.number) == which and one.state == "open" for one in wb.store.appeals([record.id])[record.id]
            ):
                return EvidenceSubject(
                    about="appeal", id=number, unit=record.unit, domain=record.domain, campaign=campaign, verb=verb
                )
    raise InputError(Fault("没有这件待处理的申诉", value=number))


def _item(wb: Workbench, campaign: Campaign, number: str) -> tuple[str, str] | None:
    sheet, _, item = number.partition(":")
    for record in wb.store.inspections(campaign.id):
        if str(record.id) == sheet and item:
            return record.unit, record.domain
    return None
