"""Whether there is a score: compared exactly, on either side of the limit, with nothing open counted as assessed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from msgspec.structs import replace

from tests.factories.scoring import D, item, judged, pool, scheme, section, sheet, told, untold
from xiaobao.model import FactState, Stage
from xiaobao.scoring import roll_up, score, total, value_words
from xiaobao.scoring.coverage import below_limit, coverage_words, held_back, reaches, total_share

SIXTY = D(60)
SHEET = sheet(section("S", item("I1", "599", judged("599")), item("I2", "1", judged("1")), item("I3", "400")))
OPEN = (FactState.NOT_ASSESSED, FactState.NO_DATA, FactState.ERROR, FactState.PENDING, FactState.AWAITING_PEERS)


def scored(*facts: object, least: Decimal = SIXTY, of: object = SHEET):  # type: ignore[no-untyped-def]
    return score(of, facts, scheme(), Stage.AFTER, least=least)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", OPEN)
def test_at_sixty_there_is_a_score_and_below_there_is_none(state: FactState) -> None:
    first, rest = told("I1", deduction=D(0)), untold("I3", state)
    enough = scored(first, told("I2", deduction=D(0)), rest)
    assert (enough.value, enough.coverage, enough.so_far) == (100, D("60.00"), None)
    below = scored(first, untold("I2", state), rest)
    assert (below.value, below.unvetoed, below.grade, below.coverage) == (None, None, "", D("59.90"))
    assert below.so_far == 100
    assert below.provisional
    assert value_words(below) == "覆盖 59.9 %"


def test_what_does_not_apply_leaves_the_denominator() -> None:
    made = scored(told("I1", deduction=D(0)), untold("I2", FactState.NO_DATA), untold("I3"))
    assert (made.value, made.assessed) == (100, "599/600")


def test_the_comparison_is_exact_where_two_places_would_round_up() -> None:
    assert not reaches(Fraction(59999, 100000), SIXTY)
    assert reaches(Fraction(3, 5), SIXTY)
    assert (below_limit(Fraction(59999, 100000)), coverage_words(D("59.99"))) == (D("59.99"), "覆盖 59.9 %")


def test_an_open_bonus_earns_nothing_is_in_no_coverage_and_keeps_no_score_provisional() -> None:
    bonus = sheet(
        section("S", item("I1", "10", judged("10"))), pool("P", item("B1", "5"), points="5", minimum="0"), total="10"
    )
    made = scored(told("I1", deduction=D(1)), untold("B1", FactState.NOT_ASSESSED), of=bonus)
    assert (made.value, made.coverage, made.provisional) == (D("90.00"), D("100.00"), False)


def test_an_open_deduct_only_item_keeps_the_score_provisional() -> None:
    malus = sheet(
        section("S", item("I1", "10", judged("10"))),
        pool("P", item("M1", "0", judged("5"), minimum="-5"), points="0", minimum="-5"),
        total="10",
    )
    made = scored(told("I1", deduction=D(1)), untold("M1", FactState.NOT_ASSESSED), of=malus)
    assert (made.value, made.provisional) == (D("90.00"), True)


def test_a_total_rests_on_domains_that_have_a_score_and_on_no_less_than_the_limit() -> None:
    """complaints weighs 60, disclosure 40: of 59.9 % in complaints nothing goes into a total."""
    held = scored(told("I1", deduction=D(0)))
    whole = scored(told("I1", deduction=D(0)), told("I2", deduction=D(0)), told("I3"))
    good = total(scheme(), {"complaints": whole, "disclosure": held}, Stage.AFTER, least=SIXTY)
    assert (good.value, good.coverage) == (100, D("83.96"))  # 60 + 40 × 59.9 %
    thin = total(scheme(), {"complaints": held, "disclosure": whole}, Stage.AFTER, least=SIXTY)
    assert (thin.value, thin.grade, thin.coverage) == (None, "", D("40.00"))
    missing = total(scheme(), {"disclosure": whole}, Stage.AFTER, least=D(40))
    assert (missing.value, missing.coverage) == (100, D("40.00"))
    assert total_share(scheme().weights, {"disclosure": None}, (), SIXTY) == 0  # complaints was never inspected


def test_a_parent_below_the_limit_has_no_score_by_its_children_and_names_those_below_it() -> None:
    parents = {"B1": "P", "B2": "P", "P": ""}
    own = {"P": D(90), "B1": D(80), "B2": None}
    made = roll_up(scheme(rollup={"own": "0.5"}), own, parents, below={"B2"})["P"]
    assert (made.value, made.children, made.excluded) == (D("85.00"), ("B1",), ("B2",))
    assert "未计入：B2" in made.explanation
    held = roll_up(scheme(rollup={"own": "0.5"}), {**own, "P": None}, parents, below={"B2", "P"})["P"]
    assert (held.value, held.held) == (None, True)
    assert "覆盖不足" in held.explanation
    apart = roll_up(scheme(rollup={"own": "0.5"}), {"B1": D(80), "B2": None}, parents, below={"B2"})["P"]
    assert apart.value == D("80.00")  # a parent that is not inspected itself has its children's mean


def test_a_score_of_an_older_version_is_held_back_by_the_coverage_that_it_tells() -> None:
    old = replace(scored(told("I1", deduction=D(0)), least=D(0)), assessed="")
    assert held_back(old, SIXTY).value is None
    assert held_back(replace(old, coverage=D("60.00")), SIXTY).value == 100
