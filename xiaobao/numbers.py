"""Exact numbers: every figure that is shown or compared is a `Decimal`, rounded half-up, once.

Thirds are kept as fractions, and become decimals only where they are shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from fractions import Fraction

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
_LARGEST = Decimal(10) ** 9
# A third has no last decimal place: in the trace it is cut here, and the rounding line carries the rest.
TRACE_PLACES = 12
# One context for all sums: making one for each would take longer than the sum.
_EXACT = Context(prec=80)


def half_up(value: Decimal, places: int = 2) -> Decimal:
    """Round `value` half away from zero to `places` decimal places."""
    with localcontext(prec=max(28, value.adjusted() + places + 3)):
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def share(part: int | Decimal, whole: int | Decimal, places: int = 2) -> Decimal | None:
    """Return part ÷ whole in percent, or None on a zero base: a share is never typed, always counted."""
    if not whole:
        return None
    return half_up(HUNDRED * Decimal(part) / Decimal(whole), places)


def show(value: Decimal | int | None, places: int | None = None, dash: str = "—") -> str:
    """Return `value` as text with thousands separators; None becomes a dash."""
    if value is None:
        return dash
    number = Decimal(value)
    if places is not None:
        number = half_up(number, places)
    return f"{number:,f}"


def median(values: Iterable[Decimal]) -> Decimal | None:
    """Return the exact median (the mean of the middle two on an even count), None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def ranks_within(values: Mapping[str, Decimal], groups: Mapping[str, str]) -> dict[str, int]:
    """Rank the highest of each group first; who is in no group is ranked with the others of none."""
    by_group: dict[str, dict[str, Decimal]] = {}
    for key, value in values.items():
        by_group.setdefault(groups.get(key, ""), {})[key] = value
    return {key: rank for group in by_group.values() for key, rank in ranks(group).items()}


def ranks(values: dict[str, Decimal]) -> dict[str, int]:
    """Rank the highest first; ties share a rank and the next one is skipped: 1, 2, 2, 4."""
    ordered = sorted(values.values(), reverse=True)
    first = {value: position for position, value in reversed(list(enumerate(ordered, 1)))}
    return {key: first[value] for key, value in values.items()}


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
    above, below = abs(value.numerator), value.denominator  # in whole numbers: fractions would be shortened each time
    scaled = (2 * above * 10**places + below) // (2 * below)
    return Decimal(-scaled if value < 0 else scaled).scaleb(-places, _EXACT)


def add(*values: Decimal) -> Decimal:
    """Return the exact sum."""
    total = ZERO
    for value in values:
        total = _EXACT.add(total, value)
    return total


def times(left: Decimal, right: Decimal) -> Decimal:
    """Return the exact product."""
    return _EXACT.multiply(left, right)


def plain(value: Decimal) -> str:
    """Return `value` as people write it: no exponent, no trailing zeros."""
    if not value:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_number(value: object) -> tuple[Decimal | None, str]:
    """Return a number that is not negative, or what is wrong; blank is no number and no fault."""
    if value is None or value == "":
        return None, ""
    text = unicodedata.normalize("NFKC", str(value)).strip() if isinstance(value, str | int) else ""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None, "不是数字"
    if "_" in text or not number.is_finite() or number < 0 or number > _LARGEST:
        return None, "不在允许范围内"
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -6:
        return None, "小数位太多"
    return number, ""
