"""整改: what is proposed for a finding, which way a measure may go, and who may move it.

A case line 个案 closes on its evidence, a mechanism line 机制 on the check staying clean. The owner reports a measure
done; somebody else verifies it; neither the owner nor the owner's unit closes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.labels import ACTION_STATUSES
from xiaobao.model import CorrectiveAction, Finding, Nature, Severity

DAYS: Mapping[Severity, int] = {Severity.HIGH: 30, Severity.MEDIUM: 60, Severity.LOW: 90}
_MOVES: Mapping[str, tuple[str, ...]] = {
    "open": ("done",),
    "done": ("verified", "open"),
    "verified": ("closed", "open"),
    "closed": (),
}


@dataclass(frozen=True)
class Mover:
    """Who moves a measure, and of which unit where that is known."""

    name: str
    unit: str = ""


def propose(finding: Finding, issued: date, days: Mapping[Severity, int] = DAYS) -> tuple[CorrectiveAction, ...]:
    """Return the lines that a finding needs: case and mechanism, the mechanism alone for a suggestion.

    The owner is left empty: the unit names a person before work begins.
    """
    due = issued + timedelta(days=days[finding.severity])
    mechanism = CorrectiveAction(
        id=f"{finding.id}-M",
        finding_id=finding.id,
        unit=finding.unit,
        line="mechanism",
        measure=f"完善与“{finding.title}”有关的制度、系统、流程和培训，防止再次发生。{finding.recommendation}",
        owner="",
        due=due,
    )
    if finding.nature is Nature.SUGGESTION:
        return (mechanism,)
    case = CorrectiveAction(
        id=f"{finding.id}-C",
        finding_id=finding.id,
        unit=finding.unit,
        line="case",
        measure=f"逐笔纠正“{finding.title}”所涉情形：补办手续或退还费用，告知消费者；无法纠正的说明原因。",
        owner="",
        due=due,
    )
    return case, mechanism


def allowed_moves(action: CorrectiveAction) -> tuple[str, ...]:
    """Return the states that `action` may go to next."""
    return _MOVES[action.status]


def move(action: CorrectiveAction, to: str, mover: Mover, note: str = "") -> CorrectiveAction:
    """Return `action` in state `to`. Raises InputError on a step that does not exist, NotAllowed for this person."""
    if to not in _MOVES:
        raise InputError(Fault("没有这个整改状态", value=to, allowed="、".join(_MOVES)))
    if to not in _MOVES[action.status]:
        allowed = "、".join(ACTION_STATUSES[state] for state in _MOVES[action.status]) or "不能再变"
        where = f"“{ACTION_STATUSES[action.status]}”不能直接变为“{ACTION_STATUSES[to]}”"
        raise InputError(Fault(where, item=action.id, allowed=allowed))
    _check_person(action, to, mover)
    if to == "open" and not note.strip():
        raise InputError(Fault("退回整改须说明原因", item=action.id))
    if to == "done" and not action.owner.strip():
        raise InputError(Fault("尚未指定责任人，不能报告完成", item=action.id))
    return replace(action, status=to, note=note or action.note)


def _check_person(action: CorrectiveAction, to: str, mover: Mover) -> None:
    if to == "done":
        return
    own = mover.name == action.owner
    if to in ("verified", "open") and own:
        raise NotAllowed(Fault("责任人不能验证自己的整改", item=action.id, value=mover.name))
    if to == "closed" and (own or (mover.unit and mover.unit == action.unit)):
        raise NotAllowed(Fault("责任人和被检查机构不能为自己的整改销号", item=action.id, value=mover.name))


def overdue(action: CorrectiveAction, as_of: date) -> bool:
    """Tell whether the owner is late: due has passed and the measure is not reported done."""
    return action.status == "open" and as_of > action.due
