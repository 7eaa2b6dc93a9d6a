"""Measured values: which units go together and how many of the smallest each holds (whole numbers, so exact)."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from xiaobao.labels import MEASURES
from xiaobao.numbers import plain

_SIZES = {
    "mm": ("length", 1),
    "cm": ("length", 10),
    "m": ("length", 1000),
    "s": ("time", 1),
    "min": ("time", 60),
    "day": ("time", 86400),
    "percent": ("share", 1),
    "ratio": ("share", 100),
    "one_to": ("share", 100),
    "piece": ("pieces", 1),
}


_INVERSE = "one_to"  # 1:N is said by its N: the larger the number, the smaller the value


def read_ratio(text: str) -> str:
    """Return the N of a text “1:N” (half or full width), nothing for any other."""
    match = re.fullmatch(r"\s*[1１]\s*[:：]\s*(\S+)\s*", text)
    return match[1] if match else ""


def convertible(source: str, target: str) -> bool:
    """Tell whether a value in `source` can be expressed in `target`."""
    return source in _SIZES and target in _SIZES and _SIZES[source][0] == _SIZES[target][0]


def in_smallest(value: Decimal | Fraction, unit: str) -> Fraction:
    """Return `value` in the smallest unit of its kind: 1.2 m are 1200 mm, 1:12 are 100/12 %.

    Raises KeyError on an unknown unit, ZeroDivisionError on 1:0.
    """
    return _SIZES[unit][1] / Fraction(value) if unit == _INVERSE else Fraction(value) * _SIZES[unit][1]


def in_unit(value: Fraction, unit: str) -> Fraction:
    """Return what stands in the smallest unit of its kind in `unit`. Raises as `in_smallest` does."""
    return _SIZES[unit][1] / value if unit == _INVERSE else value / _SIZES[unit][1]


def inverse(unit: str | None) -> bool:
    """Tell whether a larger number of `unit` is a smaller value, so that no two of them may be subtracted."""
    return unit == _INVERSE


def measured_text(value: Decimal, unit: str) -> str:
    """Return a measured value with its unit, as people write it: 1.2 米, 1:12."""
    return f"1:{plain(value)}" if unit == _INVERSE else f"{plain(value)} {MEASURES.get(unit, unit)}"


def convert(value: Decimal, source: str, target: str) -> Fraction:
    """Return `value` in `target`, exactly: 120 cm are 6/5 m. Raises KeyError on an unknown unit."""
    if not convertible(source, target):
        raise KeyError(f"{source!r} cannot be converted to {target!r}")
    return in_unit(in_smallest(value, source), target)


def units_like(target: str) -> tuple[str, ...]:
    """Return the units that are offered for `target`; 1:N only where a ratio is wanted, not for every percentage."""
    ratios = ("ratio", _INVERSE)
    return tuple(unit for unit in _SIZES if convertible(unit, target) and (unit != _INVERSE or target in ratios))
