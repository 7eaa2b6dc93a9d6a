"""What is wrong with an answer, before it is saved or imported: every fault at once, nothing corrected silently."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from msgspec.structs import replace

from xiaobao.checklist.models import Item
from xiaobao.checklist.rules import Ask
from xiaobao.checklist.rules.measures import convertible, inverse
from xiaobao.errors import Fault
from xiaobao.labels import label
from xiaobao.model import Conclusion, FactState, ItemFacts, Response
from xiaobao.numbers import ZERO, plain
from xiaobao.personal import mask
from xiaobao.scoring.rules import item_loss, lacking

MOST_LOOKS, LONGEST_NAME = 500, 40
_UNSCORED = {Conclusion.NOT_APPLICABLE, Conclusion.NOT_ASSESSED}


def as_facts(item: Item, response: Response) -> ItemFacts:
    """Put a person's answer into the shape that rules read, unjudged; its text is masked, since traces are shown."""
    return ItemFacts(
        item_id=item.id,
        state=FactState.ASSESSED,
        source="person",
        conclusion=response.conclusion,
        option=response.option,
        deduction=response.deduction,
        counts=dict(response.counts),
        missing=response.missing,
        measured=response.measured,
        looks=tuple(replace(look, name=mask(look.name)) for look in response.looks),
        reason=mask(response.reason.strip() or response.note.strip()),
    )


def response_faults(item: Item, response: Response) -> tuple[Fault, ...]:
    """Return all that is wrong with `response`: values out of range, what is missing, points lost without a reason."""
    values = value_faults(item, response)
    return values or tuple(_conclusion_faults(item, response))


def response_notices(item: Item, response: Response) -> tuple[str, ...]:
    """Return what an inspector should know but what costs no points."""
    if "evidence" in item.needs(response.conclusion) and not response.evidence:
        return (f"未附佐证材料（要求：{item.evidence}）",)
    return ()


def value_faults(item: Item, response: Response) -> tuple[Fault, ...]:
    """Return the values that no rule of `item` can take; such an answer cannot be scored."""
    faults = list(_number_faults(item, response))
    options = item.options()
    if response.item_id != item.id:
        faults.append(Fault("答案与检查项编号不一致", item=item.id, value=response.item_id))
    if response.option and response.option not in options:
        faults.append(_fault(item, "档次", "没有这个档次", response.option, "、".join(sorted(options)) or "不填"))
    faults += _measured_faults(item, response)
    faults += _look_faults(item, response)
    return tuple(faults)


def _fault(item: Item, column: str, message: str, value: object = "", allowed: str = "") -> Fault:
    return Fault(message, item=item.id, column=column, value=str(value), allowed=allowed)


def _asked(item: Item, field: str) -> list[Ask]:
    return [ask for ask in item.asks() if ask.field == field]


def _number_faults(item: Item, response: Response) -> Iterator[Fault]:
    if response.deduction is not None:
        most = sum((ask.most or ZERO for ask in _asked(item, "deduction")), ZERO)
        if not response.deduction.is_finite() or not ZERO <= response.deduction <= most:
            yield _fault(item, "扣分", "扣分超出范围", response.deduction, f"0 至 {plain(most)}")
    most_times = {ask.key: ask.most for ask in _asked(item, "counts")}
    for cause, count in response.counts.items():
        most_often = most_times.get(cause)
        if cause not in most_times:
            yield _fault(item, "扣分情形", "没有这种扣分情形", cause, "、".join(sorted(most_times)) or "不填")
        elif most_often is not None and count.is_finite() and count > most_often:
            yield _fault(item, "次数", "次数超出上限", count, f"0 至 {most_often}")
        if not _whole(count):
            yield _fault(item, "次数", "次数应为不小于零的整数", count, "0、1、2……")
    if response.missing is not None:
        most = sum((ask.most or ZERO for ask in _asked(item, "missing")), ZERO)
        if not _whole(response.missing) or response.missing > most:
            yield _fault(item, "缺项数", "缺项数超出范围", response.missing, f"0 至 {plain(most)} 的整数")


def _whole(number: Decimal) -> bool:
    return number.is_finite() and number >= 0 and number == number.to_integral_value()


def _measured_faults(item: Item, response: Response) -> Iterator[Fault]:
    measured = response.measured
    if measured is None:
        return
    wanted = _asked(item, "measured")
    if not wanted:
        yield _fault(item, "实测值", "本检查项不需要实测值", measured.value, "不填")
    if not measured.value.is_finite():
        yield _fault(item, "实测值", "实测值不是有效的数", measured.value)
    elif inverse(measured.unit) and measured.value <= 0:
        yield _fault(item, "实测值", "“1 比几”的后一数应大于 0", measured.value, "如 12，即 1:12")
    for ask in wanted:
        if not convertible(measured.unit, ask.unit):
            allowed = "、".join(f"{unit}（{words}）" for unit, words in ask.options)
            yield _fault(item, "实测单位", "实测值的单位无法换算", measured.unit, allowed)


def _look_faults(item: Item, response: Response) -> Iterator[Fault]:
    """Yield marks that the item has not, looks without a name, and one that is named twice."""
    asked = _asked(item, "looks")
    known = {code: words for ask in asked for code, words in ask.options}
    if response.looks and not asked:
        yield _fault(item, "逐次结果", "本检查项不逐次（逐人）记录", f"{len(response.looks)} 条", "不填")
        return
    if len(response.looks) > MOST_LOOKS:
        yield _fault(item, "逐次结果", "逐次（逐人）结果太多", f"{len(response.looks)} 条", f"不超过 {MOST_LOOKS} 条")
        return
    names: set[str] = set()
    for look in response.looks:
        name = look.name.strip()
        if not name or len(name) > LONGEST_NAME:
            yield _fault(item, "逐次结果", "没有写名称，或名称太长", look.name[:LONGEST_NAME], "名称=结果")
        elif name in names:
            yield _fault(item, "逐次结果", "同一名称写了两次", name, "名称各不相同，如“第1次”“第2次”")
        names.add(name)
        if look.mark not in known:
            allowed = "、".join(known.values())
            yield _fault(item, "逐次结果", "没有这种结果", f"{name}={look.mark}", allowed)


def _conclusion_faults(item: Item, response: Response) -> Iterator[Fault]:
    said = response.conclusion
    if said is Conclusion.NOT_APPLICABLE and not response.reason.strip():
        yield _fault(item, "原因", "结论为“不适用”，须说明原因", allowed="不适用的原因")
    if "note" in item.needs(said) and not response.note.strip():
        message = f"结论为“{label(said)}”，本项须填写检查情况说明"
        yield _fault(item, "情况说明", message, allowed="检查情况说明")
    if said in _UNSCORED:
        return
    facts = as_facts(item, response)
    lacks = lacking(item, facts)
    for lack in lacks:
        yield _fault(item, "检查结论", lack)
    if lacks:
        return
    lost = item_loss(item, facts).should
    if lost and said is Conclusion.COMPLIANT:
        message = f"结论为“{label(said)}”，但按填写内容应扣 {plain(lost)} 分"
        yield _fault(item, "检查结论", message, allowed="部分符合、不符合")
    if lost and not (response.reason.strip() or response.note.strip()):
        yield _fault(item, "扣分原因", "有扣分，须填写扣分原因", allowed="扣分原因")
