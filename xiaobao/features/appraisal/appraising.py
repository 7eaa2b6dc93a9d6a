"""考核: wider than inspection. Figures that other rooms counted become parts out of 100, then a weighted total.

Complaints count where the unit is responsible (有责); while the attribution is disputed (责任有争议) they do not count
and are shown. A scheme that looks at their number alone is refused on load (5号令第十一条, 银发〔2018〕243号 四（三）).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec import structs

from xiaobao.checklist.models import Component, Scheme
from xiaobao.errors import Fault, InputError
from xiaobao.labels import ORIGINS
from xiaobao.model import FactState, PoolEntry, Score, Stage, TraceLine, Value, VetoEvent
from xiaobao.numbers import HUNDRED, ONE, ZERO, add, plain, times
from xiaobao.scoring.coverage import shown_outside
from xiaobao.scoring.engine import Whole, finish
from xiaobao.scoring.total import total
from xiaobao.scoring.trace import UNSCORED, Amount, Branch


class SourcedFact(Value):
    """A problem found outside the inspection. `key` names the fact, however many sources tell of it.

    `rated` tells that the points follow from the source already: another scheme has seen to it.
    """

    key: str
    origin: str
    points: Decimal
    what: str
    rated: bool = False


class AppraisalFigures(Value):
    """What was counted of one unit; None is 无数据, never nothing. `inspected_facts` cost points in the inspection.

    `inspection_marks` stand behind the inspection's total where that is not the last word (未更新, 草稿, 旧数据).
    """

    unit: str
    inspection: Decimal | None = None
    inspection_marks: str = ""
    complaints: int | None = None
    responsible: int | None = None
    disputed: int = 0
    base: int | None = None
    filings_due: int | None = None
    filings_on_time: int | None = None
    training_due: int | None = None
    training_done: int | None = None
    education_planned: int | None = None
    education_done: int | None = None
    facts: tuple[SourcedFact, ...] | None = ()
    inspected_facts: tuple[str, ...] = ()
    entries: tuple[PoolEntry, ...] = ()
    vetoes: tuple[VetoEvent, ...] = ()


class AppraisalPart(Value):
    """One part of an appraisal out of 100; `earned` None says in `state` why there is no score."""

    earned: Fraction | None
    said: str
    state: FactState = FactState.ASSESSED


def figure_faults(figures: AppraisalFigures) -> tuple[Fault, ...]:
    """Return every count that cannot be: below 0, or a part that is more than its whole."""
    pairs = (
        ("有责投诉", figures.responsible, "投诉总件数", figures.complaints),
        ("按期报送", figures.filings_on_time, "应报送", figures.filings_due),
        ("已训人数", figures.training_done, "应训人数", figures.training_due),
    )
    counts = [figures.complaints, figures.responsible, figures.disputed, figures.education_planned]
    counts += [figures.filings_due, figures.training_due, figures.education_done, figures.filings_on_time]
    faults = [Fault("件数、人数不能小于 0", item=figures.unit, value=str(n)) for n in counts if n is not None and n < 0]
    for part, few, whole, many in pairs:
        if few is not None and many is not None and few > many:
            faults.append(Fault(f"{part}多于{whole}", item=figures.unit, value=str(few), allowed=f"不多于 {many}"))
    if figures.inspection is not None and not ZERO <= figures.inspection <= HUNDRED:
        faults.append(Fault("检查得分应在 0 至 100 之间", item=figures.unit, value=str(figures.inspection)))
    for fact in figures.facts or ():
        if fact.origin not in ORIGINS:
            faults.append(Fault("不认识的问题来源", item=figures.unit, value=fact.origin, allowed="、".join(ORIGINS)))
        if fact.points <= 0:
            faults.append(Fault("问题的扣分应大于 0", item=figures.unit, value=str(fact.points)))
    return tuple(faults)


def appraise(scheme: Scheme, figures: AppraisalFigures, least: Decimal = ZERO) -> Score:
    """Return the appraisal of one unit with its trace; without a score where parts below `least` percent have one.

    Raises InputError on impossible figures or another scheme.
    """
    faults = list(figure_faults(figures))
    if scheme.kind != "appraisal":
        faults.append(Fault("不是考核方案", value=scheme.id, allowed="kind: appraisal"))
    if faults:
        raise InputError(faults)
    parts = {one.id: _score(scheme, one, _PARTS[one.measure](scheme, one, figures)) for one in scheme.components}
    return shown_outside(total(scheme, parts, Stage.AFTER, figures.vetoes, figures.entries, least))


def part_scores(scheme: Scheme, figures: AppraisalFigures) -> dict[str, AppraisalPart]:
    """Return what each part came to, with its sentence."""
    return {one.id: _PARTS[one.measure](scheme, one, figures) for one in scheme.components}


def _score(scheme: Scheme, component: Component, part: AppraisalPart) -> Score:
    possible = HUNDRED if part.earned is not None else ZERO
    amount = Amount.of(Fraction(possible), part.earned or Fraction(0))
    lost = add(possible, -amount.shown_earned)
    line = TraceLine(
        node_id=component.id,
        parent_id="",
        title=component.title,
        kind="component",
        depth=0,
        state=part.state,
        nominal=HUNDRED,
        possible=possible,
        should_deduct=lost,
        deducted=lost,
        earned=amount.shown_earned,
        explanation=part.said,
        reason="",
        source="data",
    )
    root = Branch(after=amount, nominal=HUNDRED, should=lost, state=part.state, lines=(line,))
    covered = None if part.state is FactState.NOT_APPLICABLE else Fraction(part.earned is not None)
    ungraded = structs.replace(scheme, grades=())
    return finish(Whole(id=component.id, root=root), ungraded, Stage.AFTER, (), covered, part.state in UNSCORED)


def _missing(what: str) -> AppraisalPart:
    return AppraisalPart(earned=None, said=f"无数据：{what}", state=FactState.NO_DATA)


def _inspection(scheme: Scheme, component: Component, figures: AppraisalFigures) -> AppraisalPart:
    if figures.inspection is None:
        return _missing("检查得分")
    return AppraisalPart(earned=Fraction(figures.inspection), said=f"检查得分 {plain(figures.inspection)}")


def _complaints(number: int | None, what: str, component: Component, figures: AppraisalFigures) -> AppraisalPart:
    if number is None:
        return _missing(what)
    counted, said = Fraction(number), f"{what} {number} 件"
    if component.per is not None:
        if not figures.base:
            return _missing(f"{what}的折算基数")
        counted = counted * component.per / figures.base
        said += f"，基数 {figures.base}，折合每 {component.per} 为 {float(counted):.4f} 件"
    lost = min(counted * Fraction(component.rate), Fraction(100))
    return AppraisalPart(earned=100 - lost, said=f"{said}，每件扣 {plain(component.rate)} 分（百分制，扣完为止）")


def _responsible(scheme: Scheme, component: Component, figures: AppraisalFigures) -> AppraisalPart:
    part = _complaints(figures.responsible, "有责投诉", component, figures)
    if not figures.disputed:
        return part
    return AppraisalPart(
        earned=part.earned, said=f"{part.said}；责任有争议 {figures.disputed} 件，认定前不计", state=part.state
    )


def _volume(scheme: Scheme, component: Component, figures: AppraisalFigures) -> AppraisalPart:
    return _complaints(figures.complaints, "投诉", component, figures)


def _rate(done: int | None, due: int | None, what: str, of: str) -> AppraisalPart:
    if done is None or due is None:
        return _missing(what)
    if not due:
        return AppraisalPart(earned=None, said=f"本期没有{of}", state=FactState.NOT_APPLICABLE)
    return AppraisalPart(earned=min(Fraction(done, due), Fraction(1)) * 100, said=f"{of} {due}，{what} {done}")


def _filings(scheme: Scheme, component: Component, figures: AppraisalFigures) -> AppraisalPart:
    return _rate(figures.filings_on_time, figures.filings_due, "按期报送", "应报送")


def _training(scheme: Scheme, component: Component, figures: AppraisalFigures) -> AppraisalPart:
    return _rate(figures.training_done, figures.training_due, "已训人数", "应训人数")


def _education(scheme: Scheme, component: Component, figures: AppraisalFigures) -> AppraisalPart:
    return _rate(figures.education_done, figures.education_planned, "已办宣教", "计划宣教")


def _findings(scheme: Scheme, component: Component, figures: AppraisalFigures) -> AppraisalPart:
    """One fact loses points once: at its dearest source, and not again where the inspection took them."""
    if figures.facts is None:
        return _missing("检查以外发现的问题")
    dearest: dict[str, tuple[Decimal, SourcedFact]] = {}
    skipped: list[str] = []
    for fact in figures.facts:
        if fact.key in figures.inspected_facts:
            skipped.append(fact.key)
            continue
        points = fact.points if fact.rated else times(fact.points, scheme.origins.get(fact.origin, ONE))
        if fact.key not in dearest or points > dearest[fact.key][0]:
            dearest[fact.key] = (points, fact)
    lost = add(*(points for points, _ in dearest.values())) if dearest else ZERO
    said = [
        f"{fact.what}（{ORIGINS[fact.origin]}，{plain(fact.points)} 分，按来源计 {plain(points)} 分）"
        for points, fact in dearest.values()
    ] or ["没有须扣分的问题"]
    said += [f"{len(set(skipped))} 项已在检查得分中扣分，不重复扣"] if skipped else []
    return AppraisalPart(earned=100 - min(Fraction(lost), Fraction(100)), said="；".join(said))


_Measure = Callable[[Scheme, Component, AppraisalFigures], AppraisalPart]
_PARTS: dict[str, _Measure] = {
    "inspection": _inspection,
    "responsible_complaints": _responsible,
    "complaint_volume": _volume,
    "filings": _filings,
    "training": _training,
    "education": _education,
    "findings": _findings,
}


def appraise_all(scheme: Scheme, figures: Sequence[AppraisalFigures], least: Decimal = ZERO) -> dict[str, Score]:
    """Appraise every unit. Raises InputError with the faults of all of them, and on a unit given twice."""
    faults = [fault for one in figures for fault in figure_faults(one)]
    seen: set[str] = set()
    for one in figures:
        if one.unit in seen:
            faults.append(Fault("同一机构有两份考核数据", value=one.unit))
        seen.add(one.unit)
    if faults:
        raise InputError(faults)
    return {one.unit: appraise(scheme, one, least) for one in figures}
