"""What the tested records say: rate, exact upper bound, wrong amounts projected, the answer of a checklist's item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from xiaobao.checklist.models import Item
from xiaobao.checklist.rules import Count, Looks, Threshold
from xiaobao.errors import Fault, InputError
from xiaobao.features.samples.sample import METHODS, OUTCOMES, DrawnSample
from xiaobao.features.samples.sizing import MoneyBound, Taint, money_bound, upper_rate
from xiaobao.model import Conclusion, FactState, ItemFacts, Look, Measured, Response, Value
from xiaobao.numbers import HUNDRED, ZERO, half_up, plain, show


class Evaluation(Value):
    """`rate` and `upper` are percent, two places; None while records are untested. `tolerable` tells the conclusion.

    `open` counts records without a result; `whole`: every record was drawn, so the rate itself is the bound.
    """

    records: int
    open: int
    exceptions: int
    rate: Decimal | None
    upper: Decimal | None
    confidence: Decimal
    tolerable: bool | None = None
    limit: Decimal | None = None
    whole: bool = False
    kinds: tuple[tuple[str, int], ...] = ()
    money: MoneyBound | None = None
    money_limit: Decimal | None = None
    method: str = "random"

    def sentence(self) -> str:
        """Return the conclusion as one sentence."""
        if self.open:
            return f"尚有 {self.open} 笔样本没有结果，不作结论"
        return "；".join(self._parts()) + "。"

    def _parts(self) -> Iterator[str]:
        yield f"检查 {self.records} 笔，不符 {self.exceptions} 笔，样本不符率 {show(self.rate, 2)}%"
        if self.whole:
            yield "总体全部检查，不符率即总体不符率"
        elif self.upper is not None:
            level = f"在 {plain(self.confidence * HUNDRED)}% 置信水平下"
            said = f"{level}，总体不符率上限 {show(self.upper, 2)}%（单侧精确上限）"
            near = "，按简单随机近似计算" if self.method in ("systematic", "stratified") else ""
            yield said + near
        if self.tolerable is not None and self.limit is not None:
            yield f"{'不超过' if self.tolerable else '超过'}可容忍不符率 {plain(self.limit)}%"
        if self.money is not None:
            yield f"推断高估金额 {show(self.money.projected, 2)} 元，上限 {show(self.money.upper, 2)} 元"
            if self.money_limit is not None:
                within = self.money.upper <= self.money_limit
                yield f"{'不超过' if within else '超过'}可容忍错报 {show(self.money_limit, 2)} 元"


def evaluate(sample: DrawnSample) -> Evaluation:
    """Return what the sample says by now."""
    tested, design = sample.tested, sample.design
    count = len(sample.drawn)
    failed = [one for one in tested.values() if one.outcome == "exception"]
    left, whole = count - len(tested), count == sample.population.count
    done = count > 0 and not left
    money = _money(sample) if done and design.method == "monetary" else None
    by_rate = done and design.method != "monetary"
    rate = half_up(HUNDRED * len(failed) / Decimal(count)) if done else None
    exact = Fraction(len(failed), count) if whole and count else None
    bound = upper_rate(len(failed), count, design.confidence) if by_rate and not whole else None
    limit = design.tolerable
    within = None
    if by_rate and limit is not None:
        within = exact <= Fraction(limit) if exact is not None else bound is not None and bound <= limit
    return Evaluation(
        records=count,
        open=left,
        exceptions=len(failed),
        rate=rate,
        upper=half_up(bound * HUNDRED) if bound is not None else rate if by_rate else None,
        confidence=design.confidence,
        tolerable=within,
        limit=limit * HUNDRED if limit is not None else None,
        whole=whole,
        kinds=tuple(sorted(Counter(one.kind or "未写明" for one in failed).items())),
        money=money,
        money_limit=design.tolerable_amount,
        method=design.method,
    )


def _money(sample: DrawnSample) -> MoneyBound:
    """Bound what is overstated; a record that fails without an amount found right counts as wholly wrong."""
    total = sample.population.total or ZERO
    interval = Fraction(total) / sample.design.size
    taints = []
    for one in sample.drawn:
        found, booked = sample.tested[one.record], one.amount or ZERO
        if found.outcome == "exception":
            audited = found.audited if found.audited is not None else ZERO
            taints += [Taint(booked, audited, Fraction(booked) >= interval)]
    return money_bound(interval, taints, sample.design.confidence)


def answer_of(sample: DrawnSample, item: Item) -> Response:
    """Return the answer of the item that the sample's exceptions give by its rule. Raises InputError where none fits.

    按次扣分 takes counts, by 不符情形 where the item has several causes; 逐次查看 takes one mark a record; 实测值达标
    in percent takes the share of passing records where it asks at least, of failing ones where it asks at most.
    """
    found = evaluate(sample)
    if found.open or not sample.drawn:
        raise InputError(Fault(found.sentence() if sample.drawn else "还没有抽取样本", item=sample.number))
    failed = found.exceptions
    conclusion = Conclusion.COMPLIANT if not failed else Conclusion.PARTIALLY_COMPLIANT
    conclusion = Conclusion.NON_COMPLIANT if failed == found.records else conclusion
    fields: dict[str, object] = {}
    for rule in item.rules:
        if isinstance(rule, Count):
            fields["counts"] = _counts(sample, rule)
        elif isinstance(rule, Looks):
            fields["looks"] = _looks(sample, rule)
        elif isinstance(rule, Threshold) and rule.unit == "percent":
            shown = found.rate or ZERO
            fields["measured"] = Measured(value=shown if rule.at_most is not None else HUNDRED - shown, unit="percent")
        else:
            raise InputError(
                Fault(
                    f"检查项的计分规则是{rule.word}，不按不符样本的件数或比例扣分，请在检查表中填写结论",
                    item=item.id,
                    allowed="按次扣分、多次查看或逐人检查、以百分比计的实测值达标",
                )
            )
    note = f"抽样 {sample.number}（{METHODS[sample.design.method]}，种子 {sample.design.seed}）：{found.sentence()}"
    return Response(item_id=item.id, conclusion=conclusion, note=note, **fields)  # type: ignore[arg-type]


def _facts_of(answer: Response) -> ItemFacts:
    """Return the answer as scoring takes it."""
    return ItemFacts(
        item_id=answer.item_id,
        state=FactState.ASSESSED,
        conclusion=answer.conclusion,
        counts=answer.counts,
        measured=answer.measured,
        looks=answer.looks,
    )


def _counts(sample: DrawnSample, rule: Count) -> dict[str, Decimal]:
    failed = [one for one in sample.tests if one.outcome == "exception"]
    if len(rule.causes) == 1:
        return {rule.causes[0].id: Decimal(len(failed))}
    known = {cause.label: cause.id for cause in rule.causes}
    faults = [
        Fault("不符情形不是检查项的扣分事由", item=one.record, value=one.kind, allowed="、".join(known))
        for one in failed
        if one.kind not in known
    ]
    if faults:
        raise InputError(faults)
    return {name: Decimal(sum(known[one.kind] == name for one in failed)) for name in known.values()}


def _looks(sample: DrawnSample, rule: Looks) -> tuple[Look, ...]:
    marks = {option.share: option.id for option in rule.marks}
    worst, best = marks[min(marks)], marks[max(marks)]
    return tuple(
        Look(name=one.record, mark=worst if sample.tested[one.record].outcome == "exception" else best)
        for one in sample.drawn
    )


def outcome_code(word: str) -> str:
    """Return the code of 符合 or 不符, "" for nothing. Raises InputError for another word."""
    text = word.strip()
    found = {title: code for code, title in OUTCOMES.items()} | dict.fromkeys(OUTCOMES, "") | {"": ""}
    if text in OUTCOMES:
        return text
    if text not in found:
        raise InputError(Fault("结果写法不对", value=text, allowed="、".join(OUTCOMES.values())))
    return found[text]
