"""What the sample bank's people say: answers to the sheets, and what units and inspectors make of the leads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random

from msgspec.structs import replace

from xiaobao.checklist.models import Checklist, Item, why_not_for
from xiaobao.checklist.rules import Count, Figure, Judged, Levels, Missing, Threshold
from xiaobao.demo.plants import Plant
from xiaobao.demo.sample_bank import SEED
from xiaobao.model import Conclusion, Disposition, Lead, LeadDecision, Measured, Response, Unit
from xiaobao.numbers import half_up

_GOOD = (
    "按程序查阅了台账和凭证，抽查 10 份，未发现问题",
    "现场查看并与经办人员访谈，做法与制度一致",
    "抽查检查期内资料，手续齐全，日期相符",
    "调阅系统记录和影像资料核对，内容完整",
)
_FAULTY = (
    "抽查 10 份，发现 {n} 处不符：登记不完整，责任岗位未复核",
    "现场查看发现 {n} 处未落实，已要求当场改正",
    "查阅资料发现 {n} 处缺失，经办人员称交接时遗漏",
    "访谈与台账比对有 {n} 处不一致，须补正并重新学习制度",
)
_REASONS = (
    "制度已有规定，执行不到位，影响有限",
    "属个别情形，抽查其余资料未见，未造成消费者损失",
    "同类问题上期已提示，整改不彻底",
)
_NOT_APPLICABLE = "本机构检查期内未办理该项业务，经上级机构确认"
_NOT_ASSESSED = "检查期间系统升级，资料未能调取，列入下期检查"
_REVIEWED = (
    "复核时另抽 5 份，其中 1 份资料不全，自评未发现",
    "现场复核与台账不符，自评结论不予采信",
    "佐证材料日期晚于检查期间，不能证明期内已落实",
)
_CONFIRMED = (
    "经核对原始凭证，情况属实，系经办人员未按流程操作",
    "情况属实，已约谈经办人员并补办手续",
    "情况属实，系统未作控制，已提出改造需求",
)
_PARTLY = ("系统记录缺失属实，但有纸质凭证可以证明已办理", "登记日期有误属实，实际办理时间在规定期限内")
_REFUTED = (
    "凭证已补录系统，原件日期在交易之前，见附件",
    "系统重复生成记录，业务只发生一笔，已由科技部门出具说明",
    "已取得客户书面确认，确认书在档案室，编号未录入系统",
)


def _weakness(unit: Unit, seed: int) -> float:
    """Return the chance that an item of this unit has a fault: a few units are clearly weaker than the rest."""
    place = Random(f"{seed}:{unit.id}").random()
    if place < 0.15:
        return 0.09
    return 0.05 if place < 0.5 else 0.025


def as_handed_in(said: Iterable[Response]) -> Iterator[Response]:
    """Yield answers as they are handed in: none is 未检查, and what could not be looked at is not applicable."""
    for one in said:
        unseen = one.conclusion is Conclusion.NOT_ASSESSED
        yield replace(one, conclusion=Conclusion.NOT_APPLICABLE, reason=_NOT_APPLICABLE) if unseen else one


def responses(checklist: Checklist, unit: Unit, period: str, seed: int = SEED) -> tuple[Response, ...]:
    """Return what the liaison officer fills in: an answer to every item that applies and that a person answers.

    Now and then one is still 未检查, which only a draft may hold; `as_handed_in` makes of them what is handed in.
    """
    return tuple(
        _response(item, unit, period, seed)
        for item in checklist.items()
        if item.answered_by == "person" and not why_not_for(item.applies_to, unit)
    )


def _response(item: Item, unit: Unit, period: str, seed: int) -> Response:
    rng = Random(f"{seed}:{period}:{unit.id}:{item.id}")
    draw = rng.random()
    if draw < 0.012:
        return Response(item_id=item.id, conclusion=Conclusion.NOT_APPLICABLE, reason=_NOT_APPLICABLE)
    if draw < 0.02:
        return Response(item_id=item.id, conclusion=Conclusion.NOT_ASSESSED, reason=_NOT_ASSESSED)
    if rng.random() < _weakness(unit, seed):
        return _faulty(item, rng)
    return _sound(item, rng)


def _sound(item: Item, rng: Random) -> Response:
    """Return an answer that keeps every point. Each rule gets the input that it asks for."""
    answer = Response(item_id=item.id, conclusion=Conclusion.COMPLIANT, note=rng.choice(_GOOD))
    for rule in item.rules:
        if isinstance(rule, Levels) and rule.options:
            answer = replace(answer, option=max(rule.options, key=lambda option: option.share).id)
        elif isinstance(rule, Judged):
            answer = replace(answer, deduction=Decimal(0))
        elif isinstance(rule, Count):
            answer = replace(answer, counts={cause.id: Decimal(0) for cause in rule.causes})
        elif isinstance(rule, Missing):
            answer = replace(answer, missing=Decimal(0))
        elif isinstance(rule, Threshold):
            answer = replace(answer, measured=Measured(value=_inside(rule), unit=rule.unit))
    return answer


def _faulty(item: Item, rng: Random) -> Response:
    """Lay a fault over a sound answer, in one of the item's rules; the others stay as they are."""
    sound = _sound(item, rng)
    rule = rng.choice([rule for rule in item.rules if not isinstance(rule, Figure)] or list(item.rules))
    number, severe = rng.choice((1, 1, 1, 2, 2, 3)), rng.random() < 0.3
    note = rng.choice(_FAULTY).format(n=number)
    worse = Conclusion.NON_COMPLIANT if severe else Conclusion.PARTIALLY_COMPLIANT
    answer = replace(sound, conclusion=worse, note=note, reason=rng.choice(_REASONS))
    if isinstance(rule, Levels):
        if not rule.options:
            return answer
        ranked = sorted(rule.options, key=lambda option: -option.share)
        return replace(answer, option=ranked[-1 if severe else min(1, len(ranked) - 1)].id)
    if isinstance(rule, Judged):
        step = rule.max / 4
        return replace(answer, deduction=half_up(step * rng.randint(1, 4), 2))
    if isinstance(rule, Count):
        harmless = [cause for cause in rule.causes if not cause.forfeits] or list(rule.causes)
        struck = rng.choice(harmless)
        return replace(answer, counts={c.id: Decimal(number if c.id == struck.id else 0) for c in rule.causes})
    if isinstance(rule, Missing):
        return replace(answer, missing=Decimal(min(number, rule.of)))
    if isinstance(rule, Threshold):
        return replace(
            answer, conclusion=Conclusion.NON_COMPLIANT, measured=Measured(value=_outside(rule), unit=rule.unit)
        )
    return replace(answer, conclusion=Conclusion.NON_COMPLIANT)


def reviews(
    checklist: Checklist, answers: Mapping[str, Response], unit: Unit, period: str, seed: int = SEED
) -> tuple[Response, ...]:
    """Return what the reviewer says otherwise: now and then a fault where the unit had seen none."""
    found = []
    for item in checklist.items():
        said = answers.get(item.id)
        rng = Random(f"{seed}:review:{period}:{unit.id}:{item.id}")
        if said is not None and said.conclusion is Conclusion.COMPLIANT and rng.random() < 0.015:
            found.append(replace(_faulty(item, rng), reason=rng.choice(_REVIEWED)))
    return tuple(found)


def _inside(rule: Threshold) -> Decimal:
    if rule.at_least is not None and rule.at_most is not None:
        return (rule.at_least + rule.at_most) / 2
    if rule.at_least is not None:
        return rule.at_least
    return rule.at_most if rule.at_most is not None else Decimal(0)


def _outside(rule: Threshold) -> Decimal:
    """Return a value a fifth beyond the interval's end."""
    if rule.at_most is not None:
        return rule.at_most * Decimal("1.2")
    return (rule.at_least or Decimal(0)) * Decimal("0.8")


def dispositions(
    leads: Sequence[Lead], plants: Iterable[Plant], newest: bool, seed: int = SEED
) -> tuple[LeadDecision, ...]:
    """Return what unit and inspector said: mostly confirmed, some partly, a few refuted; of the newest some are open.

    A lead that was not planted is refuted by both. An open lead has an answer of the unit or none, never a decision.
    """
    planted = {(plant.check_id, plant.unit, plant.period, plant.key) for plant in plants}
    return tuple(
        spoken
        for lead in sorted(leads, key=lambda one: one.id)
        if (spoken := _spoken(lead, _is_planted(lead, planted), newest, seed)) is not None
    )


def _is_planted(lead: Lead, planted: set[tuple[str, str, str, str]]) -> bool:
    key = next(iter(lead.record.values()), "")
    return (lead.check_id, lead.unit, lead.period, key) in planted


def _spoken(lead: Lead, planted: bool, newest: bool, seed: int) -> LeadDecision | None:
    rng = Random(f"{seed}:{lead.id}")
    draw, still_open, answered = rng.random(), rng.random() < 0.3, rng.random() < 0.5
    if not planted or draw > 0.92:
        verdict, words = Disposition.REFUTED, rng.choice(_REFUTED)
    elif draw > 0.78:
        verdict, words = Disposition.PARTLY, rng.choice(_PARTLY)
    else:
        verdict, words = Disposition.CONFIRMED, rng.choice(_CONFIRMED)
    if newest and still_open:
        return LeadDecision(lead_id=lead.id, answer=verdict, answer_note=words) if answered else None
    return LeadDecision(
        lead_id=lead.id, answer=verdict, answer_note=words, decided=verdict, reason=f"同意机构核实意见：{words}"
    )
