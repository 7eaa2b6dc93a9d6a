"""Coverage before praise: whether enough was assessed for a score. Asked here once; without, a score has no value.

Assessed is what was answered and handed in, or checked in the data and 未见异常, or with every lead decided. What is
not applicable leaves the denominator, bonus items are never in it. 并列小计 stand beside the score and count nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import TypeVar

from msgspec.structs import replace

from xiaobao.checklist.models import Checklist
from xiaobao.model import FactState, Score, ShownScore, SubtotalScore, TraceLine, recorded_share
from xiaobao.numbers import ONE, ZERO, add, plain, round_half_up, show

_Held = TypeVar("_Held", bound=ShownScore)
_PLACES = 2
_SAID = Decimal("0.1")
_NO = Fraction(0)


def share_of(items: Iterable[TraceLine]) -> Fraction | None:
    """Return assessed points ÷ applicable points; None when nothing applies. Items without points count one each."""
    weights, left = [], []
    for line in items:
        if line.state is FactState.NOT_APPLICABLE or line.bonus:
            continue
        weights.append(line.nominal)
        if line.state is not FactState.ASSESSED:
            left.append(line.nominal)
    if not any(weights):
        weights, left = [ONE] * len(weights), [ONE] * len(left)
    applicable = Fraction(add(*weights))
    return 1 - Fraction(add(*left)) / applicable if applicable else None


def reaches(share: Fraction | None, least: Decimal) -> bool:
    """Tell whether enough was assessed, compared exactly: of 60 percent, 60.0 is enough and 59.9 is not."""
    if share is None:
        return True
    numerator, denominator = least.as_integer_ratio()
    return share.numerator * 100 * denominator >= numerator * share.denominator


def total_share(
    weights: Mapping[str, Decimal], shares: Mapping[str, Fraction | None], held: Collection[str], least: Decimal
) -> Fraction | None:
    """Return the share of a total that was assessed; what is not in `shares` was not, what has None does not apply.

    A total never rests on less than `least` either: where the parts that are not `held` back for themselves do not
    reach it, what they come to is returned.
    """
    whole = _weighted(weights, shares)
    if not held:
        return whole
    resting = _weighted(weights, {name: Fraction(0) if name in held else share for name, share in shares.items()})
    return resting if reaches(whole, least) and not reaches(resting, least) else whole


def _weighted(weights: Mapping[str, Decimal], shares: Mapping[str, Fraction | None]) -> Fraction | None:
    """Return the mean of the shares that are known: in whole numbers over one denominator, thousands are asked for."""
    known = [
        (*weight.as_integer_ratio(), share)
        for name, weight in weights.items()
        if (share := shares.get(name, _NO)) is not None
    ]
    over = lcm(*(below * share.denominator for _, below, share in known))
    whole = sum(above * (over // below) for above, below, _ in known)
    part = sum(above * share.numerator * (over // (below * share.denominator)) for above, below, share in known)
    return Fraction(part, whole) if whole else None


def percent(share: Fraction | None) -> Decimal | None:
    """Return a share in percent as it is shown, rounded half up."""
    return None if share is None else round_half_up(share * 100, _PLACES)


def held_back(score: _Held, least: Decimal) -> _Held:
    """Return `score` without value and grade where less than `least` percent was assessed, compared exactly.

    A score recorded before there was a limit, or under a lower one, is held back just the same.
    """
    if score.value is None or _reached(score.assessed, score.coverage, least):
        return score
    share = score.share
    bare = replace(score, value=None, unvetoed=None, grade="", so_far=score.value, least=least, provisional=True)
    return replace(bare, coverage=below_limit(share))


@lru_cache(4096)
def _reached(assessed: str, coverage: Decimal | None, least: Decimal) -> bool:
    return reaches(recorded_share(assessed, coverage), least)


def below_limit(share: Fraction | None) -> Decimal | None:
    """Return a share below its limit in percent as it is shown, rounded down: 59.999 never reads 60.00."""
    return None if share is None else Decimal(int(share * 100 * 10**_PLACES)).scaleb(-_PLACES)


def assessed_as(score: Score, counted: Score) -> Score:
    """Return `score` with the coverage of `counted`: a lead that waits is not assessed, whatever it might cost."""
    return held_back(replace(score, assessed=counted.assessed, coverage=counted.coverage), counted.least)


def shown_outside(score: Score) -> Score:
    """Return what may leave explain and paper: a score held back goes without its lines and what they came to."""
    if score.so_far is None:
        return score
    return replace(score, so_far=None, possible=ZERO, earned=ZERO, trace=())


def coverage_words(coverage: Decimal | None) -> str:
    """Return what stands in a cell where a score is held back, “覆盖 59.9 %”; a dash where nothing applies."""
    return "—" if coverage is None else f"覆盖 {plain(coverage.quantize(_SAID, rounding=ROUND_DOWN))} %"


def value_or(value: Decimal | None, coverage: Decimal | None) -> str:
    """Return a shown value, or else the coverage for which it is missing."""
    return coverage_words(coverage) if value is None else show(value)


def value_words(score: ShownScore) -> str:
    """Return the shown value of a score, or else the coverage for which it has none."""
    return value_or(score.value, score.coverage)


def unassessed(coverage: Decimal | None) -> bool:
    """Tell whether nothing at all was assessed (未检查)."""
    return not coverage


def subtotals(checklist: Checklist, trace: Sequence[TraceLine], places: int) -> tuple[SubtotalScore, ...]:
    """Return every subtotal in the points of the sheet, vetoes on its parts included, and out of 100.

    `value` is rounded half-up to `places`; None where nothing of it was scored.
    """
    found = []
    for one in checklist.subtotals:
        names = {name for part in one.within for name in (part, f"{part}#veto")}
        lines = [line for line in trace if line.node_id in names]
        possible, earned = add(*(line.possible for line in lines)), add(*(line.earned for line in lines))
        share = Fraction(earned) / Fraction(possible) * 100 if possible else None
        value = None if share is None else round_half_up(share, places)
        found.append(SubtotalScore(id=one.id, title=one.title, possible=possible, earned=earned, value=value))
    return tuple(found)
