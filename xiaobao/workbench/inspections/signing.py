"""签字: a sheet once filled: 确认, 提交, 退回 with remarks, 复核, 审定; one at a time, or all of a unit at once.

Who may take a step is said by the table of rights and by four eyes (`xiaobao.store.signing`); how many sign is a
setting by level (`[signers.<level>]`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from xiaobao.errors import Fault, InputError, NotAllowed, XiaobaoError
from xiaobao.labels import REVIEWED
from xiaobao.settings import signers_of
from xiaobao.workbench.acting import as_actor
from xiaobao.workbench.inspections.appealing import appeals_of
from xiaobao.workbench.inspections.filling import Form, lack, open_form, progress
from xiaobao.workbench.permitting import others_who_may, who_may
from xiaobao.workbench.results.freezing import Freezer
from xiaobao.workbench.results.handing_in import keep_inputs

if TYPE_CHECKING:
    from xiaobao.store.models import InspectionRecord, Remark
    from xiaobao.workbench.workspace import Workbench

VERBS = {
    "confirmed": "sheet.confirm",
    "submitted": "sheet.submit",
    "draft": "sheet.submit",
    "returned": "sheet.return",
    "reviewed": "sheet.review",
    "approved": "sheet.approve",
}


class Step(NamedTuple):
    """What became of one sheet when all of a unit were taken together: "" or why it was left as it is."""

    domain: str
    title: str
    left: str


def confirm_sheet(wb: Workbench, form: Form) -> InspectionRecord:
    """Let the unit's head confirm a complete sheet before it is handed in.

    Raises InputError naming what is missing, NotAllowed where nobody confirms, or for whoever filled it.
    """
    if not signers_of(wb.settings, form.unit.level).confirm:
        raise NotAllowed("这一层级的检查表不需要机构负责人确认，直接提交即可")
    _refuse_incomplete(form)
    return _step(wb, form, "confirmed")


def submit(wb: Workbench, form: Form) -> InspectionRecord:
    """Hand the form in; what it rests on is kept from then on.

    Raises InputError naming every item still missing and every remark not cleared, NotAllowed before it is confirmed.
    """
    _refuse_incomplete(form)
    record = _record(form)
    if signers_of(wb.settings, form.unit.level).confirm and record.state != "confirmed":
        raise NotAllowed("须先由机构负责人确认，再提交")
    wb.look("sheet.submit", form.unit.id, form.domain, form.campaign)
    kept = keep_inputs(Freezer(wb, form.campaign, form.unit.id), record)
    with wb.writing("sheet.submit", form.unit.id, form.domain, form.campaign) as tx:
        moved = tx.set_state(record.id, "submitted", record.revision)
        tx.hand_in(moved.id, kept)
    return moved


def take_back(wb: Workbench, form: Form) -> InspectionRecord:
    """Take a confirmed or handed-in sheet back; only who handed it in takes it back after that."""
    return _step(wb, form, "draft")


def give_back(wb: Workbench, form: Form, reason: str, remarks: Mapping[str, str] | None = None) -> InspectionRecord:
    """Return a sheet to be put right, with remarks by item id. Raises InputError without a reason, on unknown items."""
    if not reason.strip():
        raise InputError(Fault("退回须写明原因"))
    unknown = [item for item in remarks or () if item not in form.items]
    if unknown:
        raise InputError(Fault("检查表里没有这个检查项", value=item) for item in unknown)
    record = _record(form)
    with wb.writing("sheet.return", form.unit.id, form.domain, form.campaign) as tx:
        moved = tx.set_state(record.id, "returned", record.revision, reason.strip())
        tx.add_remarks(record.id, remarks or {})
    return moved


def clear_remark(wb: Workbench, form: Form, number: int, note: str) -> Remark:
    """Clear a remark by saying what was done. Raises like `Writing.clear_remark`."""
    record = _record(form)
    with wb.writing("answer.save", form.unit.id, form.domain, form.campaign) as tx:
        return tx.clear_remark(record.id, number, note)


def review(wb: Workbench, form: Form, reason: str = "") -> InspectionRecord:
    """Accept a handed-in form. Raises NotAllowed for whoever filled, confirmed or submitted it."""
    return _step(wb, form, "reviewed", reason)


def approve(wb: Workbench, form: Form, reason: str = "") -> InspectionRecord:
    """Approve a reviewed form. Raises NotAllowed where nobody approves, and for whoever filled or reviewed it."""
    if not signers_of(wb.settings, form.unit.level).approve:
        raise NotAllowed("这一层级的检查表复核通过即可，不需要审定")
    return _step(wb, form, "approved", reason)


def allowed_steps(wb: Workbench, form: Form) -> dict[str, str]:
    """Return the steps that the sheet's state allows → "" or why whoever acts may not take it, as far as seen here."""
    signers, state = signers_of(wb.settings, form.unit.level), form.state
    offered = {
        "confirmed": state in ("draft", "returned") and signers.confirm,
        "submitted": state == "confirmed" or (state in ("draft", "returned") and not signers.confirm),
        "draft": state == "confirmed" or state == "submitted",
        "returned": state in ("submitted", "reviewed", "approved"),
        "reviewed": state == "submitted",
        "approved": state == "reviewed" and signers.approve,
    }
    return {step: _why_not(wb, form, step) for step, there in offered.items() if there}


def confirm_all(wb: Workbench, period: str, unit: str, name: str | None = None) -> tuple[Step, ...]:
    """Confirm every complete sheet of a unit, each by itself; those left say why."""
    return _all(wb, period, unit, name, ("draft", "returned"), lambda form: confirm_sheet(wb, form))


def submit_all(wb: Workbench, period: str, unit: str, name: str | None = None) -> tuple[Step, ...]:
    """Hand in every complete sheet of a unit, each by itself; those left say why."""
    return _all(wb, period, unit, name, ("draft", "returned", "confirmed"), lambda form: submit(wb, form))


def review_all(wb: Workbench, period: str, unit: str, name: str | None = None) -> tuple[Step, ...]:
    """Pass every clean sheet of a unit, each by itself: no open question, no lead undecided, no other answer given."""

    def pass_clean(form: Form) -> InspectionRecord:
        if doubts := _doubts(wb, form):
            raise InputError(doubts)
        return review(wb, form)

    return _all(wb, period, unit, name, ("submitted",), pass_clean)


def approve_all(wb: Workbench, period: str, unit: str, name: str | None = None) -> tuple[Step, ...]:
    """Approve every reviewed sheet of a unit, each by itself; those left say why."""
    return _all(wb, period, unit, name, ("reviewed",), lambda form: approve(wb, form))


def _all(
    wb: Workbench, period: str, unit: str, name: str | None, states: Iterable[str], act: Callable[[Form], object]
) -> tuple[Step, ...]:
    campaign = wb.campaign(period, name)
    done = []
    for domain in campaign.checklists:
        try:
            form = open_form(wb, unit, campaign.period, domain, campaign.name)
        except InputError:
            if unit not in wb.units(campaign.period):
                raise
            continue  # a sheet that is not for this unit
        if form.state not in states:
            continue
        done.append(try_step(form, act))
    return tuple(done)


def try_step(form: Form, act: Callable[[Form], object]) -> Step:
    """Take a step with one sheet, and say why where it is left as it is."""
    left = ""
    try:
        act(form)
    except XiaobaoError as error:
        faults = list(error.faults)
        left = str(faults[0]) + (f"（共 {len(faults)} 处）" if len(faults) > 1 else "")
    return Step(domain=form.domain, title=form.checklist.title, left=left)


def _doubts(wb: Workbench, form: Form) -> list[Fault]:
    """Return why a sheet is not clean."""
    record = _record(form)
    doubts = []
    question = wb.store.questions(form.campaign.id, form.unit.id).get((form.unit.id, form.domain))
    if question is not None and question.state == "open":
        doubts.append(Fault("有数据更新的问题待答复"))
    decisions = wb.store.decisions(form.campaign.id, form.unit.id)
    leads = wb.store.leads(form.campaign.id, form.unit.id, form.domain)
    waiting = sum(1 for lead in leads if lead.id not in decisions or decisions[lead.id].decided is None)
    if waiting:
        doubts.append(Fault(f"有疑点 {waiting} 条没有认定"))
    differing = [entry for entry in form.items.values() if entry.review is not None]
    if differing:
        doubts.append(Fault(f"有复评不同意见 {len(differing)} 项，请逐项确认后单独复核"))
    if any(one.open for one in wb.store.remarks(record.id)):
        doubts.append(Fault("有退回意见没有处理"))
    return doubts


def _refuse_incomplete(form: Form) -> None:
    done = progress(form)
    faults = [Fault(lack(form.items[i]), item=f"{i} {form.items[i].item.title}") for i in done.missing]
    faults += [Fault("缺少佐证材料", item=f"{i} {form.items[i].item.title}") for i in done.missing_evidence]
    if faults:
        raise InputError(faults)


def _why_not(wb: Workbench, form: Form, step: str) -> str:
    """Return what the table of rights, and the signatures of this round, have against the step."""
    why = wb.may(VERBS[step], form.unit.id, form.domain, form.campaign)
    if why or form.record is None:
        return why
    if form.state in REVIEWED and any(one.state == "open" for one in appeals_of(wb, form.record)):
        return "申诉中，申诉处理以前不能退回、签字或撤回"
    why = wb.store.why_not_signed(form.record.id, step, wb.actor)
    return why + _others(wb, form, step) if why else ""


def _others(wb: Workbench, form: Form, step: str) -> str:
    """Return who of the unit or of a level above may take a step instead of whoever acts, or who lacks."""
    record, place = _record(form), (VERBS[step], form.unit.id, form.domain, form.campaign)
    able = who_may(wb, *place)
    never = {one.login for one in able if wb.store.why_not_signed(record.id, step, as_actor(one))}
    return others_who_may(wb, *place, never)


def _record(form: Form) -> InspectionRecord:
    if form.record is None:
        raise NotAllowed("本检查表还没有填写")
    return form.record


def _step(wb: Workbench, form: Form, state: str, reason: str = "") -> InspectionRecord:
    record = _record(form)
    try:
        with wb.writing(VERBS[state], form.unit.id, form.domain, form.campaign) as tx:
            return tx.set_state(record.id, state, record.revision, reason.strip())
    except NotAllowed as error:
        why = wb.store.why_not_signed(record.id, state, wb.actor)
        if not why or why not in str(error):
            raise
        raise NotAllowed(Fault(f"{error}{_others(wb, form, state)}")) from error
