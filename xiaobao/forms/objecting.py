"""申诉 on the page of a sheet: what was objected to and decided, and who may take the next step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xiaobao import labels
from xiaobao.errors import Fault, InputError
from xiaobao.forms.patches import read_response
from xiaobao.model import Appeal, Conclusion, Response
from xiaobao.workbench.evidence.attaching import attachments_of, file_of, present
from xiaobao.workbench.inspections import appealing
from xiaobao.workbench.inspections.appealing import AppealOutcome
from xiaobao.workbench.inspections.filling import Form

if TYPE_CHECKING:
    from xiaobao.store.models import InspectionRecord
    from xiaobao.workbench.workspace import Workbench

_VERDICTS = ("upheld", "partly", "rejected")
_ANSWERS = (Conclusion.COMPLIANT, Conclusion.PARTIALLY_COMPLIANT, Conclusion.NON_COMPLIANT)


def standing(wb: Workbench, form: Form) -> str:
    """Return how the sheet stands on its whole way, a code of `STANDINGS`."""
    record = form.record
    filed = appealing.appeals_of(wb, record) if record else ()
    return appealing.standing_of(record, filed, form.campaign)


def appeal_state(wb: Workbench, form: Form) -> dict[str, object] | None:
    """Return the appeals of a sheet and the steps that whoever looks may take; None before its last signature."""
    record = form.record
    if record is None or appealing.why_not_yet(wb, form):
        return None
    filed = appealing.appeals_of(wb, record)
    waiting = next((one for one in filed if one.state == "open"), None)
    last = appealing.last_appeal_day(wb, record)
    steps = _steps(wb, form, record, waiting)
    until = f"申诉截止 {last}" if last and not waiting and not filed and form.campaign.state == "open" else ""
    return {
        "lines": [_line(wb, one) for one in filed],
        "files": [file for one in filed for file in _files(wb, record, one)],
        "until": until,
        "steps": steps,
        "items": [[name, form.items[name].item.title] for name in waiting.items if name in form.items]
        if waiting
        else [],
        "verdicts": [[code, labels.APPEAL_STATES[code]] for code in _VERDICTS],
        "answers": [[one.value, labels.label(one)] for one in _ANSWERS],
    }


def _steps(wb: Workbench, form: Form, record: InspectionRecord, waiting: Appeal | None) -> dict[str, str]:
    """Return the steps of the appeal → "" or why whoever looks may not take it."""
    if form.campaign.state == "closed":
        return {}
    place = (form.unit.id, form.domain, form.campaign)
    if waiting is None:
        return {"file_appeal": wb.may("result.appeal", *place) or appealing.why_not_appeal(wb, record)}
    return {
        "withdraw_appeal": wb.may("result.appeal", *place) or appealing.why_not_withdraw(wb, record, waiting),
        "decide_appeal": wb.may("result.decide", *place) or appealing.why_not_decide(wb, record, waiting),
    }


def _line(wb: Workbench, one: Appeal) -> str:
    objection = f"第 {one.number} 件申诉（{one.filed_by}　{one.day}，检查项 {'、'.join(one.items)}）：{one.grounds}"
    if one.state == "open":
        return f"{objection}　应于 {appealing.decision_due(wb, one)} 前处理"
    by = f"（{one.decided_by}）" if one.decided_by else ""
    return f"{objection}　{labels.APPEAL_STATES[one.state]}{by}：{one.reason}"


def _files(wb: Workbench, record: InspectionRecord, one: Appeal) -> list[dict[str, object]]:
    return [file_of(found) for found in present(attachments_of(wb, "appeal", f"{record.id}:{one.number}"))]


def take_step(wb: Workbench, form: Form, kind: str, content: Mapping[str, object]) -> None:
    """File, withdraw or decide the appeal of a sheet as the page says. Raises like the verbs."""
    reason = str(content.get("reason") or "")
    place = (wb, form.campaign, form.unit.id, form.domain)
    if kind == "file_appeal":
        said = content.get("remarks")
        each = {str(item): str(text).strip() for item, text in said.items()} if isinstance(said, dict) else {}
        each = {item: text for item, text in each.items() if text}
        grounds = [reason.strip(), *(f"{item}：{text}" for item, text in each.items())]
        appealing.file_appeal(*place, "；".join(filter(None, grounds)), tuple(each))
    elif kind == "withdraw_appeal":
        appealing.withdraw_appeal(*place, reason)
    else:
        outcome = AppealOutcome(answers=tuple(_answers(form, content.get("answers"))))
        appealing.decide_appeal(*place, str(content.get("verdict")), reason, outcome)


def _answers(form: Form, said: object) -> list[Response]:
    """Return the new conclusions that the page gives by item; an item left blank stays as it is."""
    found = said if isinstance(said, dict) else {}
    unknown = [str(item) for item in found if item not in form.items]
    if unknown:
        raise InputError(Fault("检查表里没有这个检查项", value=item) for item in unknown)
    return [
        read_response(str(item), {**fields, "reason": "申诉"}, form.items[str(item)].item.marks())
        for item, fields in found.items()
        if isinstance(fields, dict) and fields.get("conclusion")
    ]


def add_to_appeal(wb: Workbench, form: Form, name: str, data: bytes) -> None:
    """Attach a file to the open appeal of a sheet. Raises like attaching."""
    appealing.add_to_appeal(wb, form.campaign, form.unit.id, form.domain, name, data)
