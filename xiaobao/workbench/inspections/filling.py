"""填报: open an inspection, answer its items, attach evidence. What follows is signed (`signing`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import structs

from xiaobao import labels
from xiaobao.checklist.citations import citation_text
from xiaobao.checklist.conditions import condition_text
from xiaobao.checklist.models import Checklist, Item, Section, why_not_for
from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.model import CheckResult, CheckStatus, Conclusion, Period, Response, Review, Unit
from xiaobao.scoring.relevance import applicability, unasked
from xiaobao.scoring.responses import response_faults
from xiaobao.workbench.inspections.evidence import keep_file, refuse_file
from xiaobao.workbench.versions.carrying import Aside, CarriedAnswer, carried_answers, set_aside, standing_reviews
from xiaobao.workbench.versions.unit_sheets import UnitSheets, open_inspections_of, unit_sheets

if TYPE_CHECKING:
    from xiaobao.store.models import Campaign, EvidenceRecord, InspectionRecord
    from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True, kw_only=True)
class FormItem:
    """One item as the person sees it. `not_applicable` is the reason by rule; then it cannot be answered.

    `waiting` says what has to be answered first, of an item that is asked only if another answer is so; `conditional`
    that its condition is not met, or not known yet, `conditions` its conditions as phrases. `carried` an answer brought
    along from another version: it is no answer until somebody confirms or changes it.
    `review` is the reviewer's own answer where it differs (复评), as far as it was given on the present answer;
    `review_seen` is the revision that the next one goes by.
    """

    item: Item
    section: str
    citation: str
    not_applicable: str
    response: Response
    results: tuple[CheckResult, ...] = ()
    evidence: tuple[EvidenceRecord, ...] = ()
    carried: CarriedAnswer | None = None
    review: Review | None = None
    review_seen: int = 0
    handed_in: bool = False
    waiting: str = ""
    conditional: bool = False
    conditions: tuple[str, ...] = ()

    @property
    def asked(self) -> bool:
        """A person must say something here before the form can be handed in."""
        return self.item.answered_by == "person" and not self.not_applicable and not self.waiting

    @property
    def by_hand(self) -> bool:
        """Where the data cannot speak, a person may: a sampled check by hand."""
        silent = {CheckStatus.NO_DATA, CheckStatus.ERROR}
        unheard = any(result.status in silent for result in self.results)
        return self.item.answered_by == "data" and not self.not_applicable and unheard

    @property
    def answerable(self) -> bool:
        """Whether a person may answer: asked to, or in place of data that cannot speak."""
        return self.asked or self.by_hand

    @property
    def answered(self) -> bool:
        """Whether somebody gave a conclusion here; one carried from another version counts once it is confirmed."""
        return self.carried is None and self.response.conclusion is not Conclusion.NOT_ASSESSED

    @property
    def reviewable(self) -> bool:
        """A reviewer may say otherwise of what a person answered, once the sheet was handed in."""
        return self.handed_in and self.answerable and self.answered

    @property
    def overridable(self) -> bool:
        """A reviewer may put his own verdict beside that of the data (人工认定), once the sheet was handed in."""
        by_data = self.item.answered_by == "data" and not self.not_applicable
        return self.handed_in and by_data and bool(self.results) and not self.answered

    @property
    def lacks_evidence(self) -> bool:
        """Evidence is asked of whoever says something about the item; not applicable needs a reason instead."""
        needed = self.answered and "evidence" in self.item.needs(self.response.conclusion)
        return needed and not self.response.evidence


@dataclass(frozen=True, kw_only=True)
class FormSection:
    """`own` says that a unit's own items stand in it: they are scored apart from the core."""

    id: str
    title: str
    depth: int
    points: Decimal
    items: tuple[FormItem, ...]
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a form is. `missing` and `missing_evidence` are item ids in the order of the sheet."""

    total: int
    answered: int
    missing: tuple[str, ...]
    missing_evidence: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Form:
    """One inspection as it stands. `record` is None until something is written: opening writes nothing."""

    campaign: Campaign
    unit: Unit
    period: Period
    domain: str
    sheets: UnitSheets
    record: InspectionRecord | None
    sections: tuple[FormSection, ...]
    aside: tuple[Aside, ...] = ()

    @property
    def checklist(self) -> Checklist:
        """The bank's sheet, without the unit's own items."""
        return self.sheets.core

    @property
    def state(self) -> str:
        """draft until something is written, then what the store says."""
        return self.record.state if self.record else "draft"

    @property
    def open(self) -> bool:
        return self.state in labels.OPEN_STATES

    @property
    def items(self) -> Mapping[str, FormItem]:
        """Items of all sections, own ones too, by id in the order of the sheet."""
        return {entry.item.id: entry for section in self.sections for entry in section.items}


def open_form(wb: Workbench, unit: str, period: str, domain: str, name: str | None = None) -> Form:
    """Return the form of one unit, period and domain, of the campaign `name` where the period has several.

    Raises InputError naming what is not there.
    """
    campaign = wb.campaign(period, name)
    units = wb.units(campaign.period)
    faults = []
    if unit not in units or not units[unit].inspected:
        faults.append(
            Fault("没有这个被检查机构", value=unit, allowed=_some(i for i, u in units.items() if u.inspected))
        )
    if domain not in campaign.checklists:
        faults.append(Fault("这个批次没有该检查域", value=domain, allowed="、".join(campaign.checklists)))
    if faults:
        raise InputError(faults)
    wb.look("sheet.see", unit, domain, campaign)
    sheets = unit_sheets(wb, campaign, unit, domain, find_inspection(wb, campaign, unit, domain))
    if why := why_not_for(sheets.core.applies_to, units[unit]):
        raise InputError(Fault(why, value=f"{units[unit].name} {sheets.core.title}"))
    span = Period.parse(campaign.period)
    return reopen(
        wb,
        Form(campaign=campaign, unit=units[unit], period=span, domain=domain, sheets=sheets, record=None, sections=()),
    )


def reopen(wb: Workbench, form: Form) -> Form:
    """Return the same form as the store holds it now, on the sheets that the inspection stands on by now."""
    record = find_inspection(wb, form.campaign, form.unit.id, form.domain)
    sheets = unit_sheets(wb, form.campaign, form.unit.id, form.domain, record)
    seen = _Seen.read(wb, form.campaign, record, sheets)
    sections = _sections(wb, sheets.core, form.unit, form.period, seen)
    if sheets.own:
        own = _sections(wb, sheets.own, form.unit, form.period, seen)
        sections += tuple(replace(section, own=True) for section in own)
    aside = set_aside(wb, record, seen.responses, sheets)
    return replace(form, sheets=sheets, record=record, sections=sections, aside=aside)


def with_answers(form: Form, kept: Sequence[Response]) -> Form | None:
    """Return the form with answers that were just saved on it, read from nothing: somebody types, and waits for it.

    None where more of the form follows from them: an inspection that came into being, an item on which others hang.
    What others saved meanwhile is not in it.
    """
    said = {one.item_id: one for one in kept}
    hinges = {one.item for entry in form.items.values() for one in entry.item.relevant}
    if form.record is None or hinges & said.keys():
        return None
    sections = tuple(
        replace(
            section,
            items=tuple(
                replace(entry, response=said[entry.item.id], carried=None) if entry.item.id in said else entry
                for entry in section.items
            ),
        )
        for section in form.sections
    )
    return replace(form, sections=sections)


def find_inspection(wb: Workbench, campaign: Campaign, unit: str, domain: str) -> InspectionRecord | None:
    """Return the inspection as stored, or None when nothing was written for it yet."""
    return wb.store.inspection(campaign.id, unit, domain)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What the store holds of one inspection."""

    responses: Mapping[str, Response]
    results: tuple[CheckResult, ...]
    evidence: tuple[EvidenceRecord, ...]
    carried: Mapping[str, CarriedAnswer]
    reviews: Mapping[str, Review]
    standing: Mapping[str, Review]
    handed_in: bool

    @classmethod
    def read(cls, wb: Workbench, campaign: Campaign, record: InspectionRecord | None, sheets: UnitSheets) -> _Seen:
        """Read everything of one inspection from the store; nothing where there is none yet."""
        if record is None:
            return cls(responses={}, results=(), evidence=(), carried={}, reviews={}, standing={}, handed_in=False)
        result = wb.store.results(campaign.id, record.unit).get((record.unit, record.domain))
        responses, evidence = wb.store.responses(record.id), wb.store.evidence(record.id)
        carried = carried_answers(wb, record, responses, sheets)
        reviews = wb.store.reviews(record.id)
        checked = tuple(result.check_results) if result else ()
        standing = standing_reviews(reviews, responses)
        handed_in = record.state in labels.HANDED_IN
        return cls(
            responses=responses,
            results=checked,
            evidence=tuple(evidence),
            carried=carried,
            reviews=reviews,
            standing=standing,
            handed_in=handed_in,
        )


def _sections(wb: Workbench, checklist: Checklist, unit: Unit, period: Period, seen: _Seen) -> tuple[FormSection, ...]:
    hanging = unasked(checklist, unit, period, _counting(seen))
    titled = {item.id: item for item in checklist.items()}

    def entry(item: Item, section: Section) -> FormItem:
        why = hanging.get(item.id)
        return FormItem(
            item=item,
            section=section.id,
            citation=citation_text(wb.regulations, item),
            not_applicable=applicability(item, unit, period) or (why.reason if why and not why.waits else ""),
            waiting=why.reason if why and why.waits else "",
            conditional=why is not None,
            conditions=tuple(condition_text(one, titled[one.item]) for one in item.relevant),
            response=seen.responses.get(item.id, Response(item_id=item.id)),
            results=tuple(result for result in seen.results if result.check_id in item.checks),
            evidence=tuple(file for file in seen.evidence if file.item_id == item.id),
            carried=seen.carried.get(item.id),
            review=seen.standing.get(item.id),
            review_seen=seen.reviews[item.id].revision if item.id in seen.reviews else 0,
            handed_in=seen.handed_in,
        )

    def walk(sections: tuple[Section, ...], depth: int) -> tuple[FormSection, ...]:
        flat: list[FormSection] = []
        for section in sections:
            items = tuple(entry(item, section) for item in section.items)
            points = sum((item.points for item in section.items), Decimal(0))
            flat.append(
                FormSection(
                    id=section.id, title=section.title, depth=depth, points=section.points or points, items=items
                )
            )
            flat += walk(section.sections, depth + 1)
        return tuple(flat)

    return walk(checklist.sections, 0)


def _counting(seen: _Seen) -> dict[str, Response]:
    """Return the answers that count as given here: one brought along from another version waits to be confirmed."""
    return {item_id: answer for item_id, answer in seen.responses.items() if item_id not in seen.carried}


def progress(form: Form) -> Progress:
    """Count what a person has to answer; items of data and items that do not apply are not asked."""
    asked = [entry for entry in form.items.values() if entry.asked]
    missing = tuple(entry.item.id for entry in asked if not entry.answered)
    bare = tuple(entry.item.id for entry in asked if entry.lacks_evidence)
    return Progress(total=len(asked), answered=len(asked) - len(missing), missing=missing, missing_evidence=bare)


def answer(wb: Workbench, form: Form, response: Response, seen_revision: int) -> Response:
    """Save one answer as a new revision. Raises InputError on faults, NotAllowed when closed, StaleRevision."""
    return answer_all(wb, form, [structs.replace(response, revision=seen_revision)])[0]


def answer_all(wb: Workbench, form: Form, offered: Sequence[Response]) -> tuple[Response, ...]:
    """Save several answers, each carrying the revision that it was made on; all or none. Raises like `answer`."""
    faults: list[Fault] = []
    for response in offered:
        entry = _item(form, response.item_id)
        if not entry.answerable:
            why = entry.not_applicable or entry.waiting or "该项由数据检查得出结论"
            raise NotAllowed(Fault(f"该项不由人工填写：{why}", item=response.item_id))
        faults += [*response_faults(entry.item, response), *_unknown_evidence(wb, form, response)]
    if faults:
        raise InputError(faults)
    record = _require_open(wb, form, "answer.save")
    if faults := amendment_faults(wb, record, offered):
        raise InputError(faults)
    with wb.writing("answer.save", form.unit.id, form.domain, form.campaign) as tx:
        tx.require_sheets(record.id, form.sheets.core.version, form.sheets.own_version)
        return tx.save_responses(record.id, [structs.replace(one, author=wb.actor.name) for one in offered])


def amendment_faults(wb: Workbench, record: InspectionRecord, offered: Iterable[Response]) -> list[Fault]:
    """Return a fault for each answer that changes what was handed in without saying why; the reason must be new."""
    if not record.submitted_by or (kept := wb.store.hand_in_of(record.id)) is None:
        return []
    now, faults = wb.store.responses(record.id), []
    for response in offered:
        saved = now.get(response.item_id, Response(item_id=response.item_id))
        if _content(response) == _content(saved):
            continue
        revision = kept.answers.get(response.item_id, 0)
        then = [one.amended for one in wb.store.response_history(record.id, response.item_id)[:revision]][-1:]
        if response.amended.strip() in ("", *then):
            faults.append(Fault("提交之后改动答复须写明改动原因", item=response.item_id, column="改动原因"))
    return faults


def _content(response: Response) -> Response:
    """Return what an answer says, without who, when and why it was changed."""
    return structs.replace(response, revision=0, author="", at=None, amended="")


def attach(wb: Workbench, form: Form, item_id: str, name: str, data: bytes) -> EvidenceRecord:
    """Keep an evidence file under its hash and list it at the item. Raises InputError on other kinds or sizes.

    A file that is refused leaves no trace: not even an inspection that nobody has opened yet comes into being.
    """
    _item(form, item_id)
    refuse_file(name, data)
    wb.look("evidence.add", form.unit.id, form.domain, form.campaign)
    record = _require_open(wb, form, "evidence.add")
    kept = keep_file(wb.home, name, data)
    known = [file for file in wb.store.evidence(record.id) if (file.item_id, file.sha256) == (item_id, kept.sha256)]
    if known:
        return known[0]
    with wb.writing("evidence.add", form.unit.id, form.domain, form.campaign) as tx:
        tx.add_evidence(record.id, item_id, kept.name, kept.sha256, kept.size, kept.path)
    return next(f for f in wb.store.evidence(record.id) if (f.item_id, f.sha256) == (item_id, kept.sha256))


def lack(entry: FormItem) -> str:
    """Say what an item still needs before the sheet may be handed in."""
    if entry.carried is None:
        return "还没有检查结论"
    return f"沿用 {entry.carried.version} 版的答复，待确认"


def confirm(wb: Workbench, form: Form, item_id: str) -> Response:
    """Save a carried answer anew, as said on the present wording. Raises like `answer`, InputError where none waits."""
    entry = _item(form, item_id)
    if entry.carried is None:
        raise InputError(Fault("该项没有待确认的答复", item=item_id))
    return answer(wb, form, entry.response, entry.response.revision)


def _item(form: Form, item_id: str) -> FormItem:
    entry = form.items.get(item_id)
    if entry is None:
        raise InputError(Fault("检查表里没有这个检查项", value=item_id))
    return entry


def _unknown_evidence(wb: Workbench, form: Form, response: Response) -> list[Fault]:
    """An answer may only name files that were attached to its item."""
    if not response.evidence:
        return []
    record = find_inspection(wb, form.campaign, form.unit.id, form.domain)
    files = wb.store.evidence(record.id) if record else ()
    known = {file.sha256 for file in files if file.item_id == response.item_id}
    return [
        Fault("佐证材料没有上传到本检查项", item=response.item_id, value=sha)
        for sha in response.evidence
        if sha not in known
    ]


def _require_open(wb: Workbench, form: Form, verb: str) -> InspectionRecord:
    """Return the inspection as it is now, not as the form saw it; the first writing brings it into being."""
    record = find_inspection(wb, form.campaign, form.unit.id, form.domain)
    if record is None:
        open_inspections_of(wb, form.campaign, [(form.unit.id, form.domain)], verb)
        record = find_inspection(wb, form.campaign, form.unit.id, form.domain)
        assert record is not None
    if record.state not in labels.OPEN_STATES:
        raise NotAllowed(f"本检查表{labels.STATES[record.state]}，不能再修改；需要修改请先由复核人退回")
    return record


def _some(ids: Iterable[str], limit: int = 10) -> str:
    known = list(ids)
    return "、".join(known[:limit]) + ("……" if len(known) > limit else "")
