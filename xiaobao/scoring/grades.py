"""Grades and vetoes: bands closed at the lower end, on the shown score; of several vetoes the harshest wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from xiaobao.checklist.models import Scheme, Veto
from xiaobao.errors import Fault, InputError
from xiaobao.model import AppliedVeto, Score, Value, VetoEvent


class Triggered(Value):
    """A veto of a sheet or scheme with the event that triggered it."""

    veto: Veto
    event: VetoEvent

    def applied(self, scheme: Scheme, reach: str, before: Score | Decimal | None, grade: str = "") -> AppliedVeto:
        """Return the veto as it took effect on a target that had been `before`, with the grade that it has now."""
        whole = before if isinstance(before, Score) else None
        unvetoed = before.value if isinstance(before, Score) else before
        return AppliedVeto(
            veto_id=self.veto.id,
            target=self.veto.target,
            effect=self.veto.effect,
            grade=self.veto.grade,
            event=self.event,
            unvetoed=unvetoed,
            reach=self.veto.reach or reach,
            grade_before=whole.grade if whole else "",
            outcome=_outcome(scheme, self.veto, whole.grade, grade) if whole else "",
        )

    @property
    def sentence(self) -> str:
        """The event as papers and cards tell it: day, what happened, and the evidence where there is some."""
        proof = f"；佐证：{'、'.join(self.event.evidence)}" if self.event.evidence else ""
        return f"一票否决：{self.veto.event}（{self.event.day}，{self.event.description}{proof}）"


def _outcome(scheme: Scheme, veto: Veto, before: str, after: str) -> str:
    """Say what a veto of the whole did to its grade, and how a grade that the scheme does not know is taken."""
    zero = "得分归零" if veto.effect == "zero" else ""
    return "，".join(filter(None, (zero, grade_change(scheme, before, after), stranger(scheme, veto.grade))))


def grade_change(scheme: Scheme, before: str, after: str) -> str:
    """Say from which grade to which; nothing without grades."""
    if not before or not after:
        return ""
    if before == after:
        return f"等级仍为“{grade_label(scheme, after)}”"
    return f"等级由“{grade_label(scheme, before)}”改为“{grade_label(scheme, after)}”"


def stranger(scheme: Scheme, grade: str) -> str:
    """Say of a grade that the scheme has neither among its own nor mapped how it is taken; nothing of one it has."""
    known = not grade or not scheme.grades or veto_grade(scheme, grade) == scheme.veto_grades.get(grade, grade)
    return "" if known else f"方案没有等级“{grade}”，按最低等级计"


def veto_grade(scheme: Scheme, grade: str) -> str:
    """Return the scheme's own grade for one that a veto names: the mapped one, the same, or the lowest.

    A veto is never without effect: what is published with a grade that the scheme lacks holds down to the lowest.
    """
    named = scheme.veto_grades.get(grade, grade)
    bands = {band.id: band.at_least for band in scheme.grades}
    return named if named in bands or not bands else min(bands, key=lambda one: bands[one])


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


def harsher(scheme: Scheme, grade: str, named: Iterable[str]) -> str:
    """Return the worst of `grade` and the grades that vetoes have `named`; a veto never lifts a grade."""
    order = {band.id: band.at_least for band in scheme.grades}
    known = [veto_grade(scheme, one) for one in named]
    return min([grade, *known], key=lambda name: order[name]) if grade else grade


def ceiling(scheme: Scheme, veto: Veto) -> Fraction:
    """Return the share of its points that an item or section may keep: the top of the named band, or nothing."""
    if veto.effect == "zero":
        return Fraction(0)
    floors = {band.id: band.at_least for band in scheme.grades}
    grade = veto_grade(scheme, veto.grade)
    above = [floor for floor in floors.values() if grade in floors and floor > floors[grade]]
    if not above:
        return Fraction(1)
    return (Fraction(min(above)) - Fraction(1, 10**scheme.places)) / 100
