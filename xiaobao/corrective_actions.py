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
from xiaobao.model import Actor, CorrectiveAction, Finding, Nature, Redress, Severity, same_person

_DAYS: Mapping[Severity, int] = {Severity.HIGH: 30, Severity.MEDIUM: 60, Severity.LOW: 90}
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
    login: str = ""


def propose(finding: Finding, issued: date, days: Mapping[Severity, int] = _DAYS) -> tuple[CorrectiveAction, ...]:
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
    own = same_person(Actor(name=mover.name, login=mover.login), Actor(name=action.owner, login=action.owner_login))
    if to in ("verified", "open") and own:
        raise NotAllowed(Fault("责任人不能验证自己的整改", item=action.id, value=mover.name))
    if to == "closed" and (own or (mover.unit and mover.unit == action.unit)):
        raise NotAllowed(Fault("责任人和被检查机构不能为自己的整改销号", item=action.id, value=mover.name))


def overdue(action: CorrectiveAction, as_of: date) -> bool:
    """Tell whether the owner is late: due has passed and the measure is not reported done."""
    return action.status == "open" and as_of > action.due


def closing_faults(action: CorrectiveAction, clean: str) -> list[Fault]:
    """Return what is missing before a measure may be closed; `clean` tells where its item was found clean later.

    A case line closes on its evidence and a statement, a mechanism line on later data or a re-inspection alone.
    """
    if action.line != "case":
        without = "同一检查项还没有在以后的数据或复查中查过且未见问题，不能销号"
        return [] if clean else [Fault(without, item=action.id)]
    faults = [] if action.evidence else [Fault("个案没有佐证材料，不能销号", item=action.id)]
    return faults + redress_faults(action.id, action.redress)


def redress_faults(action_id: str, redress: Redress | None) -> list[Fault]:
    """Return what a case line's statement lacks: made good and informed when, or why that cannot be."""
    if redress is None:
        return [Fault("个案须写明补救情况：是否补救、退还金额、告知日期，或无法补救的原因", item=action_id)]
    if redress.refunded < 0:
        return [Fault("退还金额不能是负数", item=action_id, value=str(redress.refunded))]
    if not redress.made_good:
        return [] if redress.why_not.strip() else [Fault("没有补救的须写明原因", item=action_id)]
    return [] if redress.told_on else [Fault("已补救的须写明告知消费者的日期", item=action_id)]
