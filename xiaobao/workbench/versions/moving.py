"""换版本: a draft moves to a newer published version of its sheets, by an explicit act with a reason.

No answer is touched. Those to unchanged items wait for 确认, changed ones are shown side by side, those to removed
items are set aside; who moved what, when and why is an event of the inspection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from xiaobao.checklist.models import Item, why_not_for
from xiaobao.checklist.own_items import own_sheet_id
from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.labels import STATES
from xiaobao.model import Conclusion, Period, Response
from xiaobao.store.models import Carried, InspectionRecord
from xiaobao.workbench.inspections.filling import Form, reopen
from xiaobao.workbench.versions.carrying import Aside, CarriedAnswer, carried_answers, response_text, set_aside
from xiaobao.workbench.versions.unit_sheets import UnitSheets, in_force, own_versions
from xiaobao.workbench.workspace import Workbench, read_checklist


@dataclass(frozen=True, kw_only=True)
class Move:
    """What a move would do. Answers: `unchanged` wait for 确认, `changed` are asked anew or shown changed, `aside`."""

    before: UnitSheets
    after: UnitSheets
    unchanged: tuple[tuple[Item, Response], ...]
    changed: tuple[tuple[Item, Response, CarriedAnswer], ...]
    aside: tuple[Aside, ...]
    added: tuple[Item, ...]
    carried: Mapping[str, Carried]
    dropped_checks: tuple[str, ...]


def newer_version(wb: Workbench, form: Form) -> str:
    """Return the newest published version of the core that a draft could move to, "" when there is none."""
    try:
        version = plan_move(wb, form).after.core.version
    except (InputError, NotAllowed):
        return ""
    return version if version != form.checklist.version else ""


def plan_move(wb: Workbench, form: Form, version: str = "") -> Move:
    """Return what moving a draft to `version` (the newest) and to the unit's newest own items would do; writes nothing.

    Raises NotAllowed for what was handed in, InputError for a version that is not there, older, not in force, not for
    this unit, or lacks a veto that was recorded.
    """
    record = _draft(form)
    after = _target(wb, form, record, version)
    responses = wb.store.responses(record.id)
    carried = {item_id: _carried(form, record, item_id, said) for item_id, said in responses.items()}
    _require_vetoes(wb, record, after)
    moved = _moved(record, after, carried)
    waiting = carried_answers(wb, moved, responses, after)
    kept = [(after.items[i], responses[i], one) for i, one in waiting.items() if _answered(responses[i])]
    old_checks = {check for item in form.sheets.core.items() for check in item.checks}
    new_checks = {check for item in after.core.items() for check in item.checks}
    return Move(
        before=form.sheets,
        after=after,
        unchanged=tuple((item, said) for item, said, one in kept if not one.changes),
        changed=tuple(one for one in kept if one[2].changes),
        aside=set_aside(wb, moved, responses, after),
        added=tuple(item for item_id, item in after.items.items() if item_id not in form.sheets.items),
        carried=carried,
        dropped_checks=tuple(sorted(old_checks - new_checks)),
    )


def move_sheet(wb: Workbench, form: Form, reason: str, version: str = "") -> Form:
    """Move a draft and return its form. Raises like `plan_move`, InputError without a reason, StaleRevision."""
    if not reason.strip():
        raise InputError(Fault("换版本须写明原因"))
    wb.look("sheet.move", form.unit.id, form.domain, form.campaign)
    planned, record = plan_move(wb, form, version), _draft(form)
    after = planned.after
    with wb.writing("sheet.move", form.unit.id, form.domain, form.campaign) as tx:
        tx.move_inspection(
            record.id, after.core.version, after.own_version, planned.carried, record.revision, reason.strip()
        )
        tx.raise_leads(record.id, planned.dropped_checks, ())
    return reopen(wb, form)


def _draft(form: Form) -> InspectionRecord:
    if form.record is None:
        raise NotAllowed("本检查表还没有填写，尚无检查任务可换版本；新版本从下一批次起使用")
    if form.record.state != "draft":
        raise NotAllowed(f"本检查表{STATES[form.record.state]}，只有填报中的可以换版本")
    return form.record


def _target(wb: Workbench, form: Form, record: InspectionRecord, version: str) -> UnitSheets:
    """Return the sheets to move to. The core never goes back; the unit's own items always go to their newest."""
    span = Period.parse(form.period.code)
    published = [one for one in wb.store.list_published("checklist") if one.id == record.checklist_id]
    versions = [one.version for one in published]
    newest = [one.version for one in published if in_force(read_checklist(one.content), span)]
    wanted = version or (newest[-1] if newest else record.version)
    if wanted not in versions:
        raise InputError(
            Fault("没有发布过这个版本", item=record.checklist_id, value=wanted, allowed="、".join(versions))
        )
    if versions.index(wanted) < versions.index(record.version):
        raise InputError(Fault(f"不能换回较早的版本，现为 {record.version}", value=wanted))
    core = read_checklist(published[versions.index(wanted)].content)
    if not in_force(core, span):
        raise InputError(Fault(f"该版本在检查期间 {span.code} 不适用", value=wanted))
    if core.domain != form.domain:
        raise InputError(Fault("该版本改了检查域，不能换用", value=core.domain, allowed=form.domain))
    if why := why_not_for(core.applies_to, form.unit):
        raise InputError(Fault(f"该版本不能用于本机构：{why}", value=wanted))
    pair = (form.unit.id, form.domain)
    own_version = own_versions(wb, form.campaign, [pair]).get(pair, "") or record.own_version
    own = wb.store.published("own_items", own_sheet_id(*pair), own_version) if own_version else None
    after = UnitSheets(core, read_checklist(own.content) if own else None)
    if (after.core.version, after.own_version) == (record.version, record.own_version):
        raise InputError(Fault("检查任务已在这个版本上", value=wanted))
    return after


def _carried(form: Form, record: InspectionRecord, item_id: str, said: Response) -> Carried:
    """Return where an answer was given: before an earlier move if nobody confirmed it since, else on today's sheets."""
    before = record.carried.get(item_id)
    if before is not None and (before.revision == said.revision or item_id not in form.sheets.items):
        return before
    core = {item.id for item in form.sheets.core.items()}
    if item_id in core or form.sheets.own is None:
        return Carried(sheet=record.checklist_id, version=record.version, revision=said.revision)
    return Carried(sheet=form.sheets.own.id, version=record.own_version, revision=said.revision)


def _moved(record: InspectionRecord, after: UnitSheets, carried: Mapping[str, Carried]) -> InspectionRecord:
    return replace(record, version=after.core.version, own_version=after.own_version, carried=carried)


def _require_vetoes(wb: Workbench, record: InspectionRecord, after: UnitSheets) -> None:
    known = {veto.id for veto in after.core.vetoes}
    lost = [veto.veto_id for veto in wb.store.vetoes(record.id) if veto.veto_id not in known]
    if lost:
        raise InputError(Fault("已登记的一票否决在新版本中没有，请先撤销登记", value=one) for one in lost)


def _answered(response: Response) -> bool:
    return response.conclusion is not Conclusion.NOT_ASSESSED


def move_rows(planned: Move) -> tuple[tuple[str, str, str, str], ...]:
    """Return (item id, title, what becomes of it, former answer) for every item that a person has to look at."""
    rows = [(item.id, item.title, "沿用，待确认", response_text(item, said)) for item, said in planned.unchanged]
    for item, said, carried in planned.changed:
        what = "、".join(change.title for change in carried.changes)
        todo = "须重新作答" if carried.asks_anew else "沿用，待确认"
        rows.append((item.id, item.title, f"{what}有变化，{todo}", response_text(carried.former, said)))
    rows += [(a.item.id, a.item.title, "已删除，另行保留", response_text(a.item, a.response)) for a in planned.aside]
    rows += [(item.id, item.title, "新增，待作答", "") for item in planned.added]
    return tuple(rows)
