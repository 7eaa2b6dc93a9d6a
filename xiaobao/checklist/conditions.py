"""When an item is asked at all (`relevant`), and what a conclusion makes compulsory (`requires`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xiaobao import labels
from xiaobao.checklist.models import Item, Relevant
from xiaobao.model import Conclusion
from xiaobao.written.nodes import Flaw, Place, nearest


def condition_text(condition: Relevant, other: Item) -> str:
    """Return a condition as a phrase: “…”为“不符合”或“部分符合”."""
    words = [labels.label(Conclusion(one)) for one in condition.conclusions]
    words += [other.options().get(one, one) for one in condition.options]
    return f"“{other.title}”为" + "或".join(f"“{word}”" for word in words)


def condition_flaws(items: Sequence[tuple[Place, Item]]) -> Iterator[Flaw]:
    """Yield conditions on what the sheet has not, on what cannot answer them, and those that go in a circle."""
    known = {item.id: item for _, item in items}
    for place, item in items:
        if item.relevant and item.answered_by == "data":
            message = "由数据作答的检查项不写适用条件"
            yield Flaw(place=(*place, "relevant"), message=message, allowed="answered_by: person，或用 applies_to")
        for number, condition in enumerate(item.relevant):
            yield from _one_flaws(item, condition, (*place, "relevant", number), known)
        yield from _needs_flaws(item, place)
    yield from _circle_flaws(items, known)


def _one_flaws(item: Item, condition: Relevant, place: Place, known: Mapping[str, Item]) -> Iterator[Flaw]:
    other = known.get(condition.item)
    if other is None:
        message = f"适用条件所指的检查项不在本检查表里{nearest(condition.item, known)}"
        yield Flaw(place=(*place, "item"), message=message, value=condition.item)
        return
    if other.answered_by == "data":
        message = f"适用条件所指的“{other.title}”由数据作答，没有可以依据的答复"
        yield Flaw(place=(*place, "item"), message=message, value=condition.item, allowed="由人作答的检查项")
    if not condition.conclusions and not condition.options:
        yield Flaw(place=place, message="适用条件没有写答复", allowed="conclusions 或 options 至少写一个")
    options = other.options()
    for n, option in enumerate(condition.options):
        if option not in options:
            message = f"“{other.title}”没有这个档次{nearest(option, options)}"
            yield Flaw(
                place=(*place, "options", n),
                message=message,
                value=option,
                allowed="、".join(options) or "不写 options",
            )


def _needs_flaws(item: Item, place: Place) -> Iterator[Flaw]:
    if item.requires and item.answered_by == "data":
        message = "由数据作答的检查项不写答复后必填"
        yield Flaw(place=(*place, "requires"), message=message, allowed="answered_by: person")
    for number, one in enumerate(item.requires):
        if "evidence" in one.needs and "not_applicable" in one.conclusions:
            message = "结论为“不适用”时只要求原因，不收佐证材料"
            yield Flaw(place=(*place, "requires", number, "conclusions"), message=message, value="not_applicable")


def _circle_flaws(items: Sequence[tuple[Place, Item]], known: Mapping[str, Item]) -> Iterator[Flaw]:
    """Yield each circle of conditions once, at the item of it that stands first on the sheet."""
    reported: set[str] = set()
    for place, item in items:
        circle = () if item.id in reported else _circle(item.id, known)
        if circle:
            reported.update(circle)
            way = "→".join((*circle, circle[0]))
            message = "适用条件互相循环，这些检查项永远不会被问到"
            yield Flaw(place=(*place, "relevant"), message=message, value=way)


def _circle(start: str, known: Mapping[str, Item]) -> tuple[str, ...]:
    """Return the ids of a circle through `start`, nothing where there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for condition in known[way[-1]].relevant:
            if condition.item == start:
                return way
            if condition.item in known and condition.item not in seen:
                seen.add(condition.item)
                ways.append((*way, condition.item))
    return ()
