"""Which items of a sheet are asked: of this unit and period at all, and by what was answered to others (`relevant`)."""

from __future__ import annotations

from collections.abc import Mapping

from xiaobao.checklist.conditions import condition_text
from xiaobao.checklist.models import Checklist, Item, Relevant, why_not_for
from xiaobao.labels import label
from xiaobao.model import Conclusion, Period, Response, Unit, Value


def applicability(item: Item, unit: Unit, period: Period | None = None) -> str:
    """Return why `item` does not apply to `unit` in `period`, or nothing where it does."""
    if why := why_not_for(item.applies_to, unit, "本检查项"):
        return why
    if period and item.effective_from and item.effective_from > period.end:
        return f"自 {item.effective_from} 起适用，晚于检查期间"
    if period and item.effective_to and item.effective_to < period.start:
        return f"已于 {item.effective_to} 停止适用"
    return ""


class Unasked(Value):
    """Why an item is not asked. `waits`: the answer that it hangs on is not given yet, so nobody knows."""

    reason: str
    waits: bool = False


def unasked(
    checklist: Checklist, unit: Unit, period: Period | None, responses: Mapping[str, Response]
) -> dict[str, Unasked]:
    """Return item id → why a conditional item is not asked; items that apply to the unit and are asked are not named.

    An item that hangs on one that does not apply, or is not asked itself, does not apply either.
    """
    items = {item.id: item for item in checklist.items()}
    known: dict[str, Unasked | None] = {}

    def of(item: Item) -> Unasked | None:
        if item.id not in known:
            known[item.id] = None  # a published sheet has no circles: soundness refuses them
            why = applicability(item, unit, period)
            known[item.id] = Unasked(reason=why) if why else first(item)
        return known[item.id]

    def first(item: Item) -> Unasked | None:
        found = [one for condition in item.relevant if (one := held(condition)) is not None]
        return min(found, key=lambda one: one.waits, default=None)

    def held(condition: Relevant) -> Unasked | None:
        other = items[condition.item]
        above = of(other)
        if above is not None:
            if above.waits:
                return Unasked(reason=f"待“{other.title}”确定是否适用后再定", waits=True)
            return Unasked(reason=f"“{other.title}”不适用，本项随之不适用")
        return _answered(condition, other, responses.get(other.id))

    found = {item.id: of(item) for item in items.values() if item.relevant}
    return {id_: one for id_, one in found.items() if one is not None and not applicability(items[id_], unit, period)}


def _answered(condition: Relevant, other: Item, answer: Response | None) -> Unasked | None:
    """Return why the answer to `other` does not ask for more, None where it does."""
    condition_words = condition_text(condition, other)
    if answer is None or answer.conclusion is Conclusion.NOT_ASSESSED:
        return Unasked(reason=f"待“{other.title}”作答：{condition_words}时才检查", waits=True)
    if answer.conclusion.value in condition.conclusions or answer.option in condition.options:
        return None
    said = other.options().get(answer.option) if condition.options and answer.option else ""
    return Unasked(reason=f"{condition_words}时才检查，本次为“{said or label(answer.conclusion)}”，本项不适用")
