"""Exact arithmetic of scores: thirds are kept as fractions, and become decimals only where they are shown."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction

# A third has no last decimal place: in the trace it is cut here, and the rounding line carries the rest.
TRACE_PLACES = 12
# One context for all sums: making one for each would take longer than the sum.
_EXACT = Context(prec=80)
_ZERO = Decimal(0)


def to_decimal(value: Fraction) -> Decimal:
    """Return `value` exactly where a decimal can, else rounded half-up to `TRACE_PLACES`."""
    left = value.denominator
    for prime in (2, 5):
        while left % prime == 0:
            left //= prime
    if left != 1:
        return round_half_up(value, TRACE_PLACES)
    return _EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))


def round_half_up(value: Fraction, places: int) -> Decimal:
    """Round half away from zero, once, from the exact value."""
    scaled = int(abs(value) * 10**places + Fraction(1, 2))
    return Decimal(-scaled if value < 0 else scaled).scaleb(-places, _EXACT)


def add(*values: Decimal) -> Decimal:
    """Return the exact sum."""
    total = _ZERO
    for value in values:
        total = _EXACT.add(total, value)
    return total


def times(left: Decimal, right: Decimal) -> Decimal:
    """Return the exact product."""
    return _EXACT.multiply(left, right)
