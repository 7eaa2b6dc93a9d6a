"""What holds of every sheet: it adds up, more faults never help, and a slow, obvious reference gives the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.factories.scoring import assert_adds_up, filled, scheme, untold
from xiaobao.checklist.models import Checklist, Item, Section, Veto
from xiaobao.model import Conclusion, FactState, ItemFacts, Score, Stage, VetoEvent
from xiaobao.scoring import score, unscored

SCHEME = scheme(origins={"self": "0.5", "repeated": "2"})
some = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Sheet = tuple[Checklist, tuple[ItemFacts, ...]]


def scored(checklist: Checklist, facts: tuple[ItemFacts, ...], vetoes: tuple[VetoEvent, ...] = ()) -> Score:
    return score(checklist, facts, SCHEME, Stage.AFTER, vetoes)


@some
@given(filled())
def test_the_trace_always_adds_up_to_the_shown_number(drawn: Sheet) -> None:
    result = scored(*drawn)
    assert_adds_up(result)
    rounding = [line for line in result.trace if line.kind == "rounding"]
    assert all(abs(line.earned) <= Decimal("0.00500001") for line in rounding)


@some
@given(filled())
def test_a_score_stays_between_0_and_100_and_says_what_it_left_out(drawn: Sheet) -> None:
    checklist, facts = drawn
    result = scored(checklist, facts)
    assert result.value is None or 0 <= result.value <= 100
    bonus = {item.id for section in checklist.sections if section.pool for item in section.items if item.points > 0}
    pending = [fact for fact in facts if fact.state is FactState.PENDING and fact.item_id not in bonus]
    assert {line.node_id for line in unscored(result)} == {fact.item_id for fact in pending}
    assert result.provisional is bool(pending)
    assert result.coverage is None or 0 <= result.coverage <= 100


def worse(entry: Item, facts: ItemFacts) -> list[ItemFacts]:
    """Every way in which `facts` can have one more fault."""
    found = []
    for rule in entry.rules:
        match rule.kind:
            case "all_or_nothing" | "levels" if not getattr(rule, "options", ()):
                found.append(replace(facts, conclusion=Conclusion.NON_COMPLIANT))
            case "levels":
                lowest = min(rule.options, key=lambda option: option.share)
                found.append(replace(facts, option=lowest.id))
            case "judged":
                found.append(replace(facts, deduction=rule.max))
            case "count":
                for cause in rule.causes:
                    more = facts.counts.get(cause.id, Decimal(0)) + 1
                    found.append(replace(facts, counts={**facts.counts, cause.id: more}))
            case "missing":
                found.append(replace(facts, missing=Decimal(rule.of)))
            case "threshold":
                assert facts.measured is not None
                if all(other.kind not in ("proportion", "peers") for other in entry.rules):
                    found.append(replace(facts, measured=replace(facts.measured, value=Decimal(1))))
            case "figure":
                found.append(replace(facts, figures={**facts.figures, "rate": Decimal(0)}))
            case "additive":
                found.append(replace(facts, counts={part.id: Decimal(0) for part in rule.parts}))
    return found


@some
@given(filled(), st.data())
def test_more_faults_never_raise_a_score(drawn: Sheet, data: st.DataObject) -> None:
    checklist, facts = drawn
    assessed = [n for n, fact in enumerate(facts) if fact.state is FactState.ASSESSED]
    assume(assessed)
    index = data.draw(st.sampled_from(assessed))
    before = scored(checklist, facts).value
    for fault in worse(checklist.items()[index], facts[index]):
        after = scored(checklist, (*facts[:index], fault, *facts[index + 1 :])).value
        assert (after is None) == (before is None)
        assert after is None or before is None or after <= before


def without(checklist: Checklist, gone: str) -> Checklist:
    def cut(part: Section) -> Section:
        kept = tuple(entry for entry in part.items if entry.id != gone)
        return replace(part, items=kept, sections=tuple(map(cut, part.sections)))

    return replace(checklist, sections=tuple(map(cut, checklist.sections)))


@some
@given(filled(policies=("expand",)), st.data())
def test_an_inapplicable_item_never_counts(drawn: Sheet, data: st.DataObject) -> None:
    """Under `expand` the sheet without the item gives the same score."""
    checklist, facts = drawn
    index = data.draw(st.integers(0, len(facts) - 1))
    gone = facts[index].item_id
    rest = (*facts[:index], *facts[index + 1 :])
    marked = scored(checklist, (*rest, untold(gone)))
    removed = scored(without(checklist, gone), rest)
    assert (marked.value, marked.grade, marked.coverage) == (removed.value, removed.grade, removed.coverage)


def turned(checklist: Checklist) -> Checklist:
    def turn(part: Section) -> Section:
        sections = tuple(map(turn, reversed(part.sections)))
        return replace(part, items=part.items[::-1], sections=sections)

    return replace(checklist, sections=tuple(map(turn, reversed(checklist.sections))))


@some
@given(filled())
def test_the_order_of_items_does_not_matter(drawn: Sheet) -> None:
    checklist, facts = drawn
    first, second = scored(checklist, facts), scored(turned(checklist), facts[::-1])
    kept = [{line.node_id: line for line in result.trace} for result in (first, second)]
    assert kept[0] == kept[1]
    assert replace(first, trace=()) == replace(second, trace=())


@some
@given(filled(), st.data())
def test_a_veto_never_lifts_a_score_and_its_removal_restores_everything(drawn: Sheet, data: st.DataObject) -> None:
    checklist, facts = drawn
    nodes = [line.node_id for line in scored(checklist, facts).trace if "#" not in line.node_id]
    effects = st.sampled_from([("zero", ""), ("grade", "D"), ("not_above", "B")])
    vetoes = []
    for number in range(data.draw(st.integers(1, 3))):
        effect, grade = data.draw(effects)
        target = data.draw(st.sampled_from(nodes))
        vetoes.append(Veto(id=f"V{number}", event="试验", target=target, effect=effect, grade=grade))
    ruled = replace(checklist, vetoes=tuple(vetoes))
    events = tuple(VetoEvent(veto_id=veto.id, day=date(2026, 3, 1), description="发生") for veto in vetoes)
    before, after = scored(ruled, facts), scored(ruled, facts, events)
    assert before == scored(checklist, facts)
    assert_adds_up(after)
    assert len(after.vetoes) == len(events)
    assert after.unvetoed == before.value
    if before.value is not None and after.value is not None:
        assert after.value <= before.value
        assert after.grade >= before.grade, "grades A to D: a later letter is a worse grade"
    assert scored(ruled, facts, ()) == before


# --- the slow reference: one plain formula a line, written from design section 6, not from the engine ---------------


def reference(checklist: Checklist, facts: tuple[ItemFacts, ...]) -> Decimal | None:
    told = {fact.item_id: fact for fact in facts}
    spread = checklist.not_applicable == "redistribute"

    def node(parts: list[tuple[Fraction, Fraction, Fraction]], low: Decimal | None, high: Decimal | None, some: bool):
        whole = sum((part[0] for part in parts), Fraction(0))
        possible = sum((part[1] for part in parts), Fraction(0))
        earned = sum((part[2] for part in parts), Fraction(0))
        if spread and possible > 0:
            earned, possible = earned * whole / possible, whole
        if low is not None and high is not None and some:
            possible = min(possible, Fraction(high))
            earned = min(earned, possible)
            earned = max(earned, min(Fraction(low), possible))
        return (whole if high is None else Fraction(high)), possible, earned

    def section(part: Section):
        if part.pool:
            return Fraction(0), Fraction(0), pooled(part)
        parts = [section(child) for child in part.sections] + [leaf(entry) for entry in part.items]
        return node(parts, None if part.points is None else part.minimum, part.points, assessed(part))

    def assessed(part: Section) -> bool:
        return any(map(assessed, part.sections)) or any(told[e.id].state is FactState.ASSESSED for e in part.items)

    def pooled(part: Section) -> Fraction:
        got = [leaf(entry)[2] for entry in part.items]
        plus = sum((one for one in got if one > 0), Fraction(0))
        if part.bonus_cap is not None:
            plus = min(plus, Fraction(part.bonus_cap))
        net = plus + sum((one for one in got if one < 0), Fraction(0))
        return max(min(net, Fraction(part.points)), Fraction(part.minimum))

    def leaf(entry: Item) -> tuple[Fraction, Fraction, Fraction]:
        points, fact = Fraction(entry.points), told[entry.id]
        if fact.state is not FactState.ASSESSED:
            return points, Fraction(0), Fraction(0)
        fixed = [c for r in entry.rules if r.kind == "cases" for c in r.cases if fact.counts[c.id] > 0]
        asked, everything = Fraction(0), False
        for rule in entry.rules:
            loss = LOSSES[rule.kind](rule, points, fact)
            everything = everything or loss is None
            times = {"self": Fraction(1, 2), "repeated": Fraction(2)}.get(fact.origin, Fraction(1))
            asked += (loss or 0) * (times if rule.kind in ("count", "judged", "missing") else 1)
        if everything or any(forfeited(rule, fact) for rule in entry.rules):
            asked = max(asked, points)
        kept = Fraction(fixed[0].points) if fixed else points - asked
        return points, points, (max(kept, Fraction(entry.minimum)) if entry.floor else kept)

    parts = [section(part) for part in checklist.sections if not part.pool]
    started = any(assessed(part) for part in checklist.sections if not part.pool)
    base = Fraction(checklist.base) if started else Fraction(0)
    _, possible, earned = node([*parts, (base, base, base)], Decimal(0), checklist.total, started)
    if not possible:
        return None
    added = sum((pooled(part) for part in checklist.sections if part.pool), Fraction(0))
    exact = earned * 100 / possible
    if any(part.pool for part in checklist.sections):
        exact = max(min(exact + added * 100 / Fraction(checklist.total), Fraction(100)), Fraction(0))
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def levels_loss(rule, points, fact):
    shares = {"compliant": "1", "partially_compliant": "0.5", "non_compliant": "0"}
    share = next((o.share for o in rule.options if o.id == fact.option), None)
    return points * (1 - Fraction(share if rule.options else shares[fact.conclusion]))


def count_loss(rule, points, fact):
    asked = Fraction(0)
    for cause in rule.causes:
        if not cause.forfeits:
            one = Fraction(fact.counts[cause.id] * cause.rate)
            asked += one if cause.limit is None else min(one, Fraction(cause.limit))
    return asked


def forfeited(rule, fact):
    """A forfeit takes all points; more is asked only where other causes ask more (it shows without a floor)."""
    return rule.kind == "count" and any(cause.forfeits and fact.counts[cause.id] for cause in rule.causes)


def additive_loss(rule, points, fact):
    return points - sum(Fraction(part.points) * int(fact.counts[part.id]) for part in rule.parts)


def proportion_loss(rule, points, fact):
    """Measured in centimetres, the target in metres."""
    metres = Fraction(fact.measured.value) / 100
    share = Fraction(rule.target) / metres if rule.reversed else metres / Fraction(rule.target)
    return points * (1 - min(share, Fraction(1)))


def peers_loss(rule, points, fact):
    """The best of the drawn lengths: 121 cm, or 89 cm where less is better."""
    share = 89 / Fraction(fact.measured.value) if rule.reversed else Fraction(fact.measured.value) / 121
    return points * (1 - share)


def figure_loss(rule, points, fact):
    share = max((band.share for band in rule.bands if band.at_least <= fact.figures["rate"]), default=Decimal(0))
    return points * (1 - Fraction(share))


LOSSES: dict[str, Callable[..., Fraction | None]] = {
    "all_or_nothing": lambda rule, points, fact: Fraction(0) if fact.conclusion == "compliant" else None,
    "levels": levels_loss,
    "judged": lambda rule, points, fact: Fraction(fact.deduction),
    "count": count_loss,
    "missing": lambda rule, points, fact: Fraction(fact.missing * rule.rate),
    "threshold": lambda rule, points, fact: Fraction(0) if 90 <= fact.measured.value <= 120 else None,
    "figure": figure_loss,
    "additive": additive_loss,
    "proportion": proportion_loss,
    "peers": peers_loss,
    "cases": lambda rule, points, fact: Fraction(0),
}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(filled())
def test_the_engine_agrees_with_the_slow_reference(drawn: Sheet) -> None:
    checklist, facts = drawn
    assert scored(checklist, facts).value == reference(checklist, facts)
