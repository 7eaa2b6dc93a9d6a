"""Measured values: which units go together and how many of the smallest each holds (whole numbers, so exact)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

_SIZES = {
    "mm": ("length", 1),
    "cm": ("length", 10),
    "m": ("length", 1000),
    "s": ("time", 1),
    "min": ("time", 60),
    "day": ("time", 86400),
    "percent": ("share", 1),
    "ratio": ("share", 100),
    "piece": ("pieces", 1),
}


def convertible(source: str, target: str) -> bool:
    """Tell whether a value in `source` can be expressed in `target`."""
    return source in _SIZES and target in _SIZES and _SIZES[source][0] == _SIZES[target][0]


def size(unit: str) -> int:
    """Return how many of the smallest unit of its kind one `unit` holds. Raises KeyError on an unknown unit."""
    return _SIZES[unit][1]


def convert(value: Decimal, source: str, target: str) -> Fraction:
    """Return `value` in `target`, exactly: 120 cm are 6/5 m. Raises KeyError on an unknown unit."""
    if not convertible(source, target):
        raise KeyError(f"{source!r} cannot be converted to {target!r}")
    return Fraction(value) * _SIZES[source][1] / _SIZES[target][1]


def units_like(target: str) -> tuple[str, ...]:
    """Return the units that convert to `target`."""
    return tuple(unit for unit in _SIZES if convertible(unit, target))
