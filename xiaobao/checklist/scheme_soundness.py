"""What must hold of a scheme: weights, floors, grades, pools, and what an appraisal may not be made of."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from xiaobao.checklist.models import Checklist, Scheme, Veto
from xiaobao.checklist.shared_flaws import id_flaws, positive, twice
from xiaobao.labels import ELEMENTS, ORIGINS
from xiaobao.numbers import HUNDRED, ZERO, plain
from xiaobao.written.nodes import Flaw, Place, nearest

BY_VOLUME = (
    "投诉只按数量考核：不得简单以投诉数量为考核指标"
    "（《中国人民银行金融消费者权益保护实施办法》（中国人民银行令〔2020〕第5号）第十一条；银发〔2018〕243号四（三））"
)


def scheme_flaws(scheme: Scheme) -> Iterator[Flaw]:
    """Yield everything that does not hold together in a scheme."""
    yield from id_flaws([(("id",), scheme.id)])
    yield from id_flaws([(("weights", domain), domain) for domain in scheme.weights])
    yield from _weight_flaws(scheme)
    yield from _grade_flaws(scheme)
    targets = {scheme.id, *scheme.weights}
    yield from veto_flaws(scheme.vetoes, targets, {grade.id for grade in scheme.grades})
    yield from id_flaws([(("pools", n, "id"), pool.id) for n, pool in enumerate(scheme.pools)])
    for number, pool in enumerate(scheme.pools):
        if pool.minimum == pool.maximum == ZERO:
            yield Flaw(
                place=("pools", number), message=f"加减分项“{pool.title}”既不能加也不能减", allowed="minimum 或 maximum"
            )
    yield from _ceiling_flaws(scheme)
    yield from _share_flaws(scheme)
    for origin in scheme.origins:
        if origin not in ORIGINS:
            yield Flaw(
                place=("origins", origin),
                message=f"不认识的问题来源{nearest(origin, ORIGINS)}",
                value=origin,
                allowed="、".join(ORIGINS),
            )
    if scheme.kind == "appraisal":
        yield from _component_flaws(scheme)
    elif scheme.components:
        yield Flaw(place=("components",), message="只有考核方案可以写考核内容", allowed="kind: appraisal")
    if scheme.kind == "elements":
        yield from _crosswalk_flaws(scheme)


def veto_grade_flaws(checklist: Checklist, scheme: Scheme) -> Iterator[Flaw]:
    """Yield the vetoes of a sheet that would be without effect under a scheme: a grade it lacks, or its highest one."""
    grades = {grade.id: grade.at_least for grade in scheme.grades}
    if not grades or checklist.domain not in scheme.weights:
        return
    for number, veto in enumerate(checklist.vetoes):
        place: Place = ("vetoes", number, "grade")
        named = scheme.veto_grades.get(veto.grade, veto.grade)
        if named and named not in grades:
            yield Flaw(
                place=place,
                message=f"评分方案 {scheme.id} 没有这个等级，一票否决 {veto.id} 不起作用",
                value=veto.grade,
                allowed=f"{'、'.join(grades)}，或在方案的 veto_grades 写明对应哪一等级",
            )
        elif named and grades[named] == max(grades.values()):
            message = f"是评分方案 {scheme.id} 的最高等级，一票否决 {veto.id} 不起作用"
            yield Flaw(place=place, message=message, value=veto.grade, allowed="较低的等级")


def use_flaws(scheme: Scheme, checklists: Collection[Checklist]) -> Iterator[Flaw]:
    """Yield what does not hold between a scheme of inspections and the sheets that it weighs."""
    if scheme.kind != "inspection" or scheme.replaced_by:
        return
    domains = {checklist.domain for checklist in checklists}
    for domain in scheme.weights:
        if domain not in domains:
            hint = nearest(domain, domains)
            yield Flaw(place=("weights", domain), message=f"没有这个检查域的检查表{hint}", value=domain)
    for checklist in checklists:
        for flaw in veto_grade_flaws(checklist, scheme):
            message = f"{flaw.message}（检查表 {checklist.id}）"
            yield Flaw(place=("grades",), message=message, value=flaw.value, allowed=flaw.allowed)


def _ceiling_flaws(scheme: Scheme) -> Iterator[Flaw]:
    """Yield a ceiling above 100 under a scheme of the regulator's elements, whose total is 100 by rule."""
    if scheme.ceiling > HUNDRED and scheme.kind == "elements":
        message = "监管评价以 100 分为满分，自评方案不能另定得分上限"
        yield Flaw(place=("ceiling",), message=message, value=plain(scheme.ceiling), allowed="100")


def _share_flaws(scheme: Scheme) -> Iterator[Flaw]:
    """Yield shares of kinds of children that are not a whole."""
    shares = scheme.rollup.shares
    whole = sum(shares.values(), ZERO)
    if shares and whole != 1:
        yield Flaw(place=("rollup", "shares"), message="各层级所占比例之和不等于 1", value=plain(whole), allowed="1")


def _weight_flaws(scheme: Scheme) -> Iterator[Flaw]:
    total = sum(scheme.weights.values(), ZERO) + scheme.unassigned
    if total != HUNDRED:
        yield Flaw(place=("weights",), message="各检查域权重之和不等于 100", value=f"合计 {total}", allowed="100")
    yield from positive((("weights", domain), weight) for domain, weight in scheme.weights.items())
    for name, floor in scheme.floors.items():
        if name not in scheme.weights:
            yield Flaw(
                place=("floors", name), message=f"最低权重所指的要素不存在{nearest(name, scheme.weights)}", value=name
            )
        elif scheme.weights[name] < floor:
            title = scheme.titles.get(name, name)
            what = f"“{title}”的权重低于规定的最低值"
            yield Flaw(
                place=("weights", name), message=what, value=str(scheme.weights[name]), allowed=f"不低于 {plain(floor)}"
            )


def _grade_flaws(scheme: Scheme) -> Iterator[Flaw]:
    if not scheme.grades:
        if scheme.kind == "inspection":
            yield Flaw(place=("grades",), message="没有写等级", allowed="至少一个等级")
        return
    grades = [(("grades", n), grade) for n, grade in enumerate(scheme.grades)]
    yield from id_flaws([((*place, "id"), grade.id) for place, grade in grades])
    yield from twice(((place, plain(grade.at_least)) for place, grade in grades), "等级下限")
    known = {grade.id: grade.at_least for _, grade in grades}
    for name, grade in scheme.veto_grades.items():
        if grade not in known:
            allowed = "、".join(known)
            yield Flaw(place=("veto_grades", name), message="对应的等级不存在", value=grade, allowed=allowed)
    for number, veto in enumerate(scheme.vetoes):
        if veto.grade in known and known[veto.grade] == max(known.values()):
            message = f"是最高等级，一票否决 {veto.id} 不起作用"
            yield Flaw(place=("vetoes", number, "grade"), message=message, value=veto.grade, allowed="较低的等级")
    if min(grade.at_least for grade in scheme.grades) != ZERO:
        yield Flaw(place=("grades",), message="最低等级的下限不是 0，低分没有等级", allowed="最低等级 at_least: 0")


def _component_flaws(scheme: Scheme) -> Iterator[Flaw]:
    """Complaints may not be appraised by their number alone (5号令第十一条, 银发〔2018〕243号 四（三）)."""
    ids = [component.id for component in scheme.components]
    yield from id_flaws([(("components", n, "id"), identity) for n, identity in enumerate(ids)])
    for name in scheme.weights:
        if name not in ids:
            yield Flaw(place=("weights", name), message=f"考核内容里没有这一项{nearest(name, ids)}", value=name)
    for number, component in enumerate(scheme.components):
        if component.id not in scheme.weights:
            yield Flaw(place=("components", number, "id"), message="这项考核内容没有权重", value=component.id)
        counted = component.measure in ("responsible_complaints", "complaint_volume")
        if counted and not component.rate:
            yield Flaw(
                place=("components", number, "rate"), message="没有写每件扣几分", value=component.id, allowed="大于 0"
            )
    measures = {component.measure for component in scheme.components}
    if "complaint_volume" in measures and "responsible_complaints" not in measures:
        place = [component.measure for component in scheme.components].index("complaint_volume")
        yield Flaw(
            place=("components", place, "measure"),
            message=BY_VOLUME,
            value="complaint_volume",
            allowed="并列有责投诉 responsible_complaints",
        )


def _crosswalk_flaws(scheme: Scheme) -> Iterator[Flaw]:
    for element, target in scheme.crosswalk.items():
        if element not in ELEMENTS:
            yield Flaw(
                place=("crosswalk", element), message=f"检查表没有这个要素{nearest(element, ELEMENTS)}", value=element
            )
        if target not in scheme.weights:
            yield Flaw(
                place=("crosswalk", element), message=f"方案没有这个要素{nearest(target, scheme.weights)}", value=target
            )


def veto_flaws(vetoes: tuple[Veto, ...], targets: Collection[str], grades: Collection[str] | None) -> Iterator[Flaw]:
    """Yield what is wrong with a sheet's or a scheme's vetoes. `targets` are the ids that a veto may act on.

    `grades` are the scheme's; None on a checklist, which is not tied to one, so that its grades cannot be compared.
    """
    yield from id_flaws([(("vetoes", n, "id"), veto.id) for n, veto in enumerate(vetoes)])
    for number, veto in enumerate(vetoes):
        place: Place = ("vetoes", number)
        if veto.target not in targets:
            yield Flaw(
                place=(*place, "target"),
                message=f"一票否决的对象不存在{nearest(veto.target, targets)}",
                value=veto.target,
                allowed="检查表、部分或检查项的编号",
            )
        if veto.effect == "zero" and veto.grade:
            yield Flaw(place=(*place, "grade"), message="归零的一票否决不写等级", value=veto.grade)
        if veto.effect != "zero" and not veto.grade:
            yield Flaw(place=place, message="一票否决没有写等级“grade”")
        if veto.grade and grades is not None and veto.grade not in grades:
            yield Flaw(place=(*place, "grade"), message="等级不存在", value=veto.grade, allowed="、".join(grades))
        if veto.effect == "zero" and veto.reach in ("sheet", "total"):
            message = "归零只作用于对象本身，及于整表或总分的一票否决须写等级"
            yield Flaw(place=(*place, "reach"), message=message, value=str(veto.reach), allowed="effect: not_above")
