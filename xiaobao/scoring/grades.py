"""Grades and vetoes: bands closed at the lower end, on the shown score; of several vetoes the harshest wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from xiaobao.checklist.models import Scheme, Veto
from xiaobao.errors import Fault, InputError
from xiaobao.model import AppliedVeto, Value, VetoEvent


class Triggered(Value):
    """A veto of a sheet or scheme with the event that triggered it."""

    veto: Veto
    event: VetoEvent

    def applied(self, unvetoed: Decimal | None) -> AppliedVeto:
        return AppliedVeto(
            veto_id=self.veto.id,
            target=self.veto.target,
            effect=self.veto.effect,
            grade=self.veto.grade,
            event=self.event,
            unvetoed=unvetoed,
        )

    @property
    def sentence(self) -> str:
        return f"一票否决：{self.veto.event}（{self.event.day}，{self.event.description}）"


def triggered(vetoes: Sequence[Veto], events: Iterable[VetoEvent], known: set[str]) -> tuple[Triggered, ...]:
    """Pair events with their vetoes. Raises InputError naming every unknown veto or target."""
    by_id = {veto.id: veto for veto in vetoes}
    found, faults = [], []
    for event in sorted(events, key=lambda event: (event.veto_id, event.day, event.description)):
        veto = by_id.get(event.veto_id)
        if veto is None:
            faults.append(Fault("没有这一项一票否决", value=event.veto_id, allowed="、".join(by_id) or "无"))
        elif veto.target not in known:
            faults.append(Fault(f"一票否决 {veto.id} 所指的对象不存在", value=veto.target))
        else:
            found.append(Triggered(veto=veto, event=event))
    if faults:
        raise InputError(faults)
    return tuple(found)


def grade_of(scheme: Scheme, value: Decimal | None) -> str:
    """Return the grade id of a shown score; nothing when there is no score or no band reaches it."""
    if value is None:
        return ""
    reached = [grade for grade in scheme.grades if value >= grade.at_least]
    return max(reached, key=lambda grade: grade.at_least).id if reached else ""


def grade_label(scheme: Scheme, grade: str) -> str:
    """Return the bank's word for a grade id."""
    return next((band.label for band in scheme.grades if band.id == grade), "")


def harsher(scheme: Scheme, grade: str, vetoes: Iterable[Triggered]) -> str:
    """Return the worst of `grade` and the grades that `vetoes` name; a veto never lifts a grade."""
    order = {band.id: band.at_least for band in scheme.grades}
    named = [t.veto.grade for t in vetoes if t.veto.effect in ("grade", "not_above") and t.veto.grade in order]
    return min([grade, *named], key=lambda name: order[name]) if grade else grade


def ceiling(scheme: Scheme, veto: Veto) -> Fraction:
    """Return the share of its points that an item or section may keep: the top of the named band, or nothing."""
    if veto.effect == "zero":
        return Fraction(0)
    floors = {band.id: band.at_least for band in scheme.grades}
    above = [floor for floor in floors.values() if veto.grade in floors and floor > floors[veto.grade]]
    if not above:
        return Fraction(1)
    return (Fraction(min(above)) - Fraction(1, 10**scheme.places)) / 100
