"""What a page sends is not trusted: each field is read strictly, every fault is said in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType

from xiaobao.checklist.rules.looks import read_looks
from xiaobao.checklist.rules.measures import read_ratio
from xiaobao.errors import Fault, InputError
from xiaobao.model import Conclusion, Measured, Response
from xiaobao.numbers import read_number

LONGEST_TEXT = 4000
_NONE: Mapping[str, str] = MappingProxyType({})


def read_response(item_id: str, patch: Mapping[str, object], marks: Mapping[str, str] = _NONE) -> Response:
    """Return the response that `patch` describes; `marks` are those that a look may get, id → label.

    Raises InputError with the faults of every field.
    """
    faults: list[Fault] = []

    def text(name: str, title: str, limit: int = LONGEST_TEXT) -> str:
        value = patch.get(name) or ""
        if not isinstance(value, str):
            faults.append(Fault(f"{title}不是文字", item=item_id))
            return ""
        if len(value) > limit:
            faults.append(Fault(f"{title}太长", item=item_id, value=f"{len(value)} 字", allowed=f"不超过 {limit} 字"))
        return value.strip()

    def number(value: object, title: str) -> Decimal | None:
        found, fault = read_number(value)
        if fault:
            faults.append(Fault(f"{title}{fault}", item=item_id, value=str(value), allowed="0 或正数，如 3、0.5"))
        return found

    ratio = read_ratio(str(patch.get("measured") or ""))
    unit = "one_to" if ratio else text("measuredUnit", "计量单位", 16)
    measured = number(ratio or patch.get("measured"), "实测值")
    response = Response(
        item_id=item_id,
        conclusion=_conclusion(item_id, patch.get("conclusion"), faults),
        option=text("option", "评定档次", 64),
        deduction=number(patch.get("deduction"), "扣分"),
        counts=_counts(patch.get("counts"), number),
        missing=number(patch.get("missing"), "缺少项数"),
        measured=None if measured is None else Measured(value=measured, unit=unit),
        looks=read_looks(text("looks", "逐次（逐人）结果"), marks),
        note=text("note", "情况说明"),
        reason=text("reason", "理由"),
        amended=text("amended", "改动原因"),
        evidence=_evidence(patch.get("evidence")),
    )
    if faults:
        raise InputError(faults)
    return response


def _conclusion(item_id: str, value: object, faults: list[Fault]) -> Conclusion:
    try:
        return Conclusion(str(value)) if value else Conclusion.NOT_ASSESSED
    except ValueError:
        allowed = "符合、部分符合、不符合、不适用"
        faults.append(Fault("检查结论不在允许范围内", item=item_id, value=str(value), allowed=allowed))
        return Conclusion.NOT_ASSESSED


def _counts(value: object, number: Callable[[object, str], Decimal | None]) -> dict[str, Decimal]:
    if not isinstance(value, Mapping):
        return {}
    read = {str(cause): number(times, "次数") for cause, times in list(value.items())[:50]}
    return {cause: times for cause, times in read.items() if times is not None}


def _evidence(value: object) -> tuple[str, ...]:
    return tuple(str(sha)[:64] for sha in value[:50]) if isinstance(value, list) else ()
