"""Exact numbers: every figure that is shown or compared is a `Decimal`, rounded half-up, once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
_LARGEST = Decimal(10) ** 9


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


def plain(value: Decimal) -> str:
    """Return `value` as people write it: no exponent, no trailing zeros."""
    if not value:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


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


def read_number(value: object) -> tuple[Decimal | None, str]:
    """Return a number that is not negative, or what is wrong; blank is no number and no fault."""
    if value is None or value == "":
        return None, ""
    plain = unicodedata.normalize("NFKC", str(value)).strip() if isinstance(value, str | int) else ""
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None, "不是数字"
    if "_" in plain or not number.is_finite() or number < 0 or number > _LARGEST:
        return None, "不在允许范围内"
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -6:
        return None, "小数位太多"
    return number, ""
