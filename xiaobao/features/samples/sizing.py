"""How many records to draw, and what so many exceptions say of the population: exact binomial and Poisson figures.

Attribute sampling is one-sided, as its published tables are: with confidence c the rate is at most the upper bound.
Its size is the least n for which k exceptions, k/n at least the expected rate, still keep the bound within the
tolerable rate. Monetary unit sampling takes Poisson factors and taints (Stringer bound). No table is kept: every
figure is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from xiaobao.errors import Fault, InputError
from xiaobao.model import Value
from xiaobao.numbers import half_up, to_decimal

_LARGEST = 100_000
_PLACES = 12


class Size(NamedTuple):
    """How many records to draw, and how many of them may be exceptions before the rate is no longer tolerable."""

    records: int
    allowed: int


class Taint(NamedTuple):
    """One wrong amount: booked and audited, in yuan, and whether it is as large as the interval or larger."""

    booked: Decimal
    audited: Decimal
    whole: bool


class MoneyBound(Value):
    """What wrong amounts say of the whole, in yuan: projected (most likely) and upper bound of what is overstated.

    `basic` is what remains possible where nothing wrong was found.
    """

    basic: Decimal
    projected: Decimal
    upper: Decimal


def attribute_size(tolerable: Decimal, expected: Decimal, confidence: Decimal) -> Size:
    """Return the size of an attribute sample; rates and confidence are shares (0.05, 0.01, 0.95).

    Raises InputError where the rates leave no room: the expected rate must lie below the tolerable one.
    """
    _refuse(tolerable, expected, confidence)
    allowed, records = 0, 0
    while records <= _LARGEST:
        records = _least(allowed, tolerable, confidence)
        if Fraction(allowed) >= Fraction(expected) * records:
            return Size(records, allowed)
        allowed += 1
    raise InputError(
        Fault("预计不符率离可容忍不符率太近，样本量过大", value=f"{expected}", allowed=f"明显低于 {tolerable}")
    )


def _refuse(tolerable: Decimal, expected: Decimal, confidence: Decimal) -> None:
    faults = []
    if not 0 < tolerable < 1:
        faults.append(Fault("可容忍不符率不对", value=f"{tolerable}", allowed="大于 0、小于 100%"))
    if not 0 <= expected < tolerable:
        faults.append(Fault("预计不符率应低于可容忍不符率", value=f"{expected}", allowed=f"0 至 {tolerable} 以下"))
    if not Decimal("0.5") <= confidence < 1:
        faults.append(Fault("置信水平不对", value=f"{confidence}", allowed="50% 至 99.9%"))
    if faults:
        raise InputError(faults)


def _least(allowed: int, rate: Decimal, confidence: Decimal) -> int:
    """Return the least n for which at most `allowed` exceptions have no more than 1 − confidence at that rate."""
    from scipy.special import bdtr

    low, high = allowed + 1, allowed + 2
    risk, share = float(1 - confidence), float(rate)
    while bdtr(allowed, high, share) > risk:
        low, high = high, high * 2
        if high > 4 * _LARGEST:
            return high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if bdtr(allowed, middle, share) <= risk else (middle + 1, high)
    return low


def upper_rate(exceptions: int, records: int, confidence: Decimal) -> Decimal:
    """Return the exact (Clopper-Pearson) one-sided upper bound of the rate as a share with 12 places.

    Raises InputError for counts that cannot be.
    """
    if not 0 <= exceptions <= records or not records:
        raise InputError(Fault("不符样本数不对", value=str(exceptions), allowed=f"0 至 {records}"))
    if exceptions == records:
        return Decimal(1)
    from scipy.special import betaincinv

    return _decimal(betaincinv(exceptions + 1, records - exceptions, float(confidence)))


def poisson_factor(errors: int, confidence: Decimal) -> Decimal:
    """Return the factor of so many errors: 3.00 for none, 4.75 for one at 95 %, in the tables to two places."""
    from scipy.special import gammaincinv

    return _decimal(gammaincinv(errors + 1, float(confidence)))


def monetary_size(amount: Decimal, tolerable: Decimal, confidence: Decimal) -> int:
    """Return how many monetary units to hit so that no error at all keeps the bound within `tolerable` yuan.

    Raises InputError unless `tolerable` lies above zero and within `amount`.
    """
    if not 0 < tolerable <= amount:
        raise InputError(Fault("可容忍错报金额不对", value=f"{tolerable}", allowed=f"大于 0、不超过总体金额 {amount}"))
    exact = amount * poisson_factor(0, confidence) / tolerable
    return int(exact.to_integral_value(rounding=ROUND_CEILING))


def money_bound(interval: Fraction, taints: Sequence[Taint], confidence: Decimal) -> MoneyBound:
    """Return the Stringer bound: taints largest first, each with its own step of the Poisson factor.

    Of what is as large as the interval every yuan was seen: its error counts as it is. Understated ones count nothing.
    """
    whole = [one for one in taints if one.whole]
    parts = sorted(
        (
            max(Fraction(one.booked - one.audited) / Fraction(one.booked), Fraction(0))
            for one in taints
            if not one.whole
        ),
        reverse=True,
    )
    known = sum((max(one.booked - one.audited, Decimal(0)) for one in whole), Decimal(0))
    factors = [Fraction(poisson_factor(place, confidence)) for place in range(len(parts) + 1)]
    steps = [after - before for before, after in pairwise(factors)]
    extra = sum((step * part for step, part in zip(steps, parts, strict=True)), Fraction(0))
    return MoneyBound(
        basic=half_up(to_decimal(interval * factors[0])),
        projected=half_up(known + to_decimal(interval * sum(parts, Fraction(0)))),
        upper=half_up(known + to_decimal(interval * (factors[0] + extra))),
    )


def _decimal(value: float) -> Decimal:
    return half_up(Decimal(float(value)), _PLACES)
