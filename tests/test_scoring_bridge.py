"""From one period's total to the next: fixed steps, each re-scored, that sum to the last digit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.factories.scoring import (
    D,
    cause,
    count,
    facts_of,
    filled,
    item,
    judged,
    scheme,
    section,
    sheet,
    told,
    untold,
)
from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.model import Conclusion, ItemFacts, PoolEntry, Stage, VetoEvent
from xiaobao.scoring import score, total
from xiaobao.scoring.bridge import BridgeStep, ScoreBridge, Standpoint, bridge_text, rounding_limit, score_bridge
from xiaobao.scoring.reshaping import reweighted, without_items

PARTLY = Conclusion.PARTIALLY_COMPLIANT
ONE = scheme(weights={"complaints": "100"})


def stand(
    period: str,
    checklist: Checklist,
    *facts: ItemFacts,
    of: Scheme = ONE,
    vetoes: tuple[VetoEvent, ...] = (),
    entries: tuple[PoolEntry, ...] = (),
    **others: tuple[Checklist, tuple[ItemFacts, ...]],
) -> Standpoint:
    sheets = {"complaints": (checklist, facts), **others}
    domains = {
        name: score(one, told_, of, Stage.AFTER, vetoes if name == "complaints" else ())
        for name, (one, told_) in sheets.items()
    }
    whole = total(of, domains, Stage.AFTER, (), entries)
    return Standpoint(
        period=period,
        scheme=of,
        sheets={name: one for name, (one, _) in sheets.items()},
        facts={name: told_ for name, (_, told_) in sheets.items()},
        domains=domains,
        total=whole,
        entries=entries,
    )


def bridge(before: Standpoint, after: Standpoint) -> ScoreBridge:
    found = score_bridge(before, after)
    assert found is not None
    assert found.before + sum((step.change for step in found.steps), D(0)) == found.after
    assert found.steps[-1].reached == found.after
    assert abs(found.steps[-1].change) <= rounding_limit(before, after)
    kinds = ["removed", "added", "applicability", "weights", "results", "deductions", "veto", "rounding"]
    assert [step.kind for step in found.steps] == kinds
    return found


def changes(found: ScoreBridge) -> dict[str, Decimal]:
    return {step.kind: step.change for step in found.steps if step.change}


def late(number: int) -> ItemFacts:
    return told("I1", PARTLY if number else Conclusion.COMPLIANT, counts={"late": D(number)})


FIRST = sheet(section("S", item("I1", "40", count(cause("late", "5"))), item("I2", "30"), item("I3", "30")))


def test_nothing_changed_moves_nothing() -> None:
    found = bridge(
        stand("2025H2", FIRST, late(2), told("I2"), told("I3")), stand("2026H1", FIRST, late(2), told("I2"), told("I3"))
    )
    assert (changes(found), found.before, found.after) == ({}, 90, 90)
    assert bridge_text(found) == "2025H2 90 分 → 2026H1 90 分：没有变动"


def test_each_cause_of_a_change_has_its_own_step() -> None:
    """Worked by hand, out of 100 each time."""
    before = stand("2025H2", FIRST, late(2), told("I2", Conclusion.NON_COMPLIANT), told("I3"))  # 30 + 0 + 30 = 60
    second = sheet(
        section("S", item("I1", "40", count(cause("late", "5"))), item("I2", "40")), section("N", item("I4", "20"))
    )
    after = stand("2026H1", second, late(3), told("I2"), told("I4", Conclusion.NON_COMPLIANT))  # 25 + 40 + 0 = 65
    found = bridge(before, after)
    # without I3: 30 of 70 = 42.857; with I4 (0 of 20): 30 of 90 = 33.333; I2 worth 40: 30 of 100 = 30;
    # I2 keeps its 40: 70; a third late one: 65
    assert changes(found) == {
        "removed": D("-17.1429"),
        "added": D("-9.5238"),
        "weights": D("-3.3333"),
        "results": D("40.0000"),
        "deductions": D("-5.0000"),
    }
    assert [step.items for step in found.steps if step.kind in ("removed", "added")] == [
        ("I3 检查项I3",),
        ("I4 检查项I4",),
    ]
    assert "取消的检查项 -17.1429" in bridge_text(found)


def test_an_item_that_no_longer_applies_has_the_applicability_step() -> None:
    before = stand("2025H2", FIRST, late(2), told("I2", Conclusion.NON_COMPLIANT), told("I3"))
    after = stand("2026H1", FIRST, late(2), untold("I2"), told("I3"))
    assert changes(bridge(before, after)) == {"applicability": D("25.7143"), "rounding": D("-0.0043")}  # 60 of 70


def test_other_weights_of_the_scheme_have_the_weights_step() -> None:
    other = {"disclosure": (sheet(section("S", item("X", "10"))), (told("X"),))}
    before = stand("2025H2", FIRST, late(2), told("I2"), told("I3"), of=scheme(), **other)
    equal = scheme(weights={"complaints": "50", "disclosure": "50"})
    after = stand("2026H1", FIRST, late(2), told("I2"), told("I3"), of=equal, **other)
    assert changes(bridge(before, after)) == {"weights": D(1)}  # 94 → 95


def test_a_veto_gone_and_a_veto_new_are_a_step_of_their_own() -> None:
    rules: Any = [{"id": "V", "event": "隐瞒投诉", "target": "complaints", "effect": "zero"}]
    vetoed = sheet(*FIRST.sections, vetoes=rules)
    event = VetoEvent(veto_id="V", day=date(2026, 3, 1), description="谎报一件", evidence=("认定书",))
    clean = stand("2025H2", vetoed, late(2), told("I2"), told("I3"))
    struck = stand("2026H1", vetoed, late(0), told("I2"), told("I3"), vetoes=(event,))
    found = bridge(clean, struck)
    assert changes(found) == {"results": D(10), "veto": D(-100)}
    assert found.steps[6].note.startswith("谎报一件（")
    assert changes(bridge(struck, clean)) == {"results": D(-10), "veto": D(100)}


def test_bonuses_of_the_scheme_go_with_the_deductions() -> None:
    pools: Any = [{"id": "Z", "title": "重点工作", "minimum": "-10", "maximum": "10"}]
    of = scheme(weights={"complaints": "100"}, pools=pools)
    before = stand("2025H2", FIRST, late(2), told("I2"), told("I3"), of=of)
    after = stand(
        "2026H1",
        FIRST,
        late(2),
        told("I2"),
        told("I3"),
        of=of,
        entries=(PoolEntry(pool="Z", points=D(4), what="表彰"),),
    )
    assert changes(bridge(before, after)) == {"deductions": D(4)}


def test_without_a_score_on_one_side_there_is_no_bridge() -> None:
    nothing = stand("2025H2", FIRST, untold("I1"), untold("I2"), untold("I3"))
    some = stand("2026H1", FIRST, late(0), told("I2"), told("I3"))
    assert score_bridge(nothing, some) is None
    assert score_bridge(some, nothing) is None


def test_facts_that_do_not_give_the_recorded_score_make_no_bridge() -> None:
    """Rather nothing than steps that explain another number."""
    some = stand("2025H2", FIRST, late(0), told("I2"), told("I3"))
    second = sheet(*FIRST.sections, section("N", item("I4", "20")))
    after = stand("2026H1", second, late(0), told("I2"), told("I3"), told("I4"))
    assert score_bridge(some, after) is not None
    forged = replace(some, facts={"complaints": (late(4), told("I2"), told("I3"))})
    assert score_bridge(forged, after) is None


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(filled(), st.data())
def test_what_the_traces_say_gives_the_same_steps_as_scoring_anew(drawn: Any, data: st.DataObject) -> None:
    """A sheet that did not change is summed from its lines; a twin that counts as another version is scored anew."""
    checklist, facts = drawn
    before = tuple(data.draw(facts_of(entry)) for entry in checklist.items())
    twin = replace(checklist, version="twin")
    short = score_bridge(stand("2025H2", checklist, *before), stand("2026H1", checklist, *facts))
    assert score_bridge(stand("2025H2", checklist, *before), stand("2026H1", twin, *facts)) == short


@st.composite
def two_periods(draw: st.DrawFn) -> tuple[Standpoint, Standpoint]:
    """A sheet and a later version of it: items gone and new, other points; and facts of both periods."""
    later, after = draw(filled())
    ids = [entry.id for entry in later.items()]
    gone = draw(st.sets(st.sampled_from(ids), max_size=len(ids) - 1))
    points = {
        entry.id: entry.points + draw(st.integers(0, 3))
        for entry in later.items()
        if entry.points and all(rule.kind not in ("additive", "cases") for rule in entry.rules)
    }
    earlier = without_items(reweighted(later, points), gone)
    before = tuple(draw(facts_of(entry)) for entry in earlier.items())
    if draw(st.booleans()):
        earlier, later, before, after = later, earlier, after, before
    return stand("2025H2", earlier, *before, of=scheme()), stand("2026H1", later, *after, of=draw(schemes()))


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    return scheme(weights={"complaints": str(draw(st.integers(1, 99)))}, places=draw(st.integers(0, 3)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(two_periods())
def test_the_steps_always_sum_exactly(drawn: tuple[Standpoint, Standpoint]) -> None:
    before, after = drawn
    if before.total.value is None or after.total.value is None:
        assert score_bridge(before, after) is None
    else:
        bridge(before, after)


def test_a_sheet_without_an_item_keeps_its_sums() -> None:
    whole = sheet(section("S", item("I1", "40", judged("40")), item("I2", "60"), points="100"))
    rest = without_items(whole, {"I2"})
    assert (rest.total, rest.sections[0].points, len(rest.items())) == (40, 40, 1)


def test_a_step_gives_the_points_of_each_item_largest_first_and_names_none_that_did_not_move() -> None:
    """I1 falls by 5 of 100, I2 by 10, I3 is only told in other words."""
    graded = sheet(section("S", *(item(f"I{n}", "40" if n == 1 else "30", judged("30")) for n in (1, 2, 3))))
    before = stand("2025H2", graded, *(told(f"I{n}", PARTLY, deduction=D(5)) for n in (1, 2, 3)))
    changed = [
        told("I1", PARTLY, deduction=D(10)),
        told("I2", PARTLY, deduction=D(15)),
        told("I3", PARTLY, deduction=D(5), reason="换了说法"),
    ]
    [step] = [one for one in bridge(before, stand("2026H1", graded, *changed)).steps if one.parts]
    assert [(part.section, part.item, part.change) for part in step.parts] == [
        ("要素S", "I2 检查项I2", D("-10.0000")),
        ("要素S", "I1 检查项I1", D("-5.0000")),
    ]
    assert (step.kind, step.change, step.rest, step.note) == ("deductions", D("-15.0000"), 0, "")


def step_of_equal_items(number: int, points: str) -> BridgeStep:
    """The step in which each of so many equal items loses one point of its sheet."""
    names = [f"I{n:02}" for n in range(number)]
    equal = sheet(section("S", *(item(name, points, judged(points)) for name in names)))
    before = stand("2025H2", equal, *(told(name) for name in names))
    after = stand("2026H1", equal, *(told(name, PARTLY, deduction=D(1)) for name in names))
    [step] = [one for one in bridge(before, after).steps if one.parts]
    return step


def test_items_beyond_the_tenth_are_summed() -> None:
    """Eleven items of 9 points, so that each lost point is 1.0101 of 100; ten leave no rest."""
    step = step_of_equal_items(11, "9")
    assert (len(step.parts), step.rest, step.note) == (10, D("-1.0101"), "共 11 项，列出前 10 项")
    assert step_of_equal_items(10, "9").rest == 0


def test_what_rounding_leaves_between_items_and_step_is_said() -> None:
    """Six times 1.1111 are 6.6666, the step is 6.6667."""
    step = step_of_equal_items(6, "15")
    assert (step.change, step.note) == (D("-6.6667"), "各项四舍五入，合计与本步相差 -0.0001")
    assert step_of_equal_items(5, "20").note == ""


def test_entries_beside_the_sheets_have_a_part_of_their_own() -> None:
    pools = scheme(weights={"complaints": "100"}, pools=[{"id": "p", "title": "加减分", "minimum": "-5"}])
    plain_ = stand("2025H2", FIRST, late(2), told("I2"), told("I3"), of=pools)
    entry = PoolEntry(pool="p", points=D(-3), what="迟报")
    taken = stand("2026H1", FIRST, late(2), told("I2"), told("I3"), of=pools, entries=(entry,))
    [step] = [one for one in bridge(plain_, taken).steps if one.parts]
    assert [(part.item, part.change) for part in step.parts] == [("加减分项", D("-3.0000"))]
