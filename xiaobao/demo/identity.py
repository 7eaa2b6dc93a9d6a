"""Invented customers. No names; ID numbers have a true check digit and a region code that no place has."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

_REGION = "990100"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_FIRST_BIRTH = date(1968, 3, 1)


class Customer(NamedTuple):
    """An invented person: our number, birth date, and an ID number and mobile that pass their checks."""

    number: str
    birth: date
    id_number: str
    mobile: str


def customer(unit: int, number: int, birth: date | None = None) -> Customer:
    """Return customer `number` of a unit, always the same; an adult below 60 unless `birth` says otherwise."""
    serial = unit * 100_000 + number
    born = birth or _FIRST_BIRTH + timedelta(days=serial * 7919 % 9000)
    return Customer(f"C{serial:010d}", born, id_number(born, serial), _mobile(serial))


def _mobile(serial: int) -> str:
    """Return a number in a range that was never given out to people."""
    block, rest = divmod(serial, 100_000_000)
    return f"{('154', '140', '142', '143')[block % 4]}{rest:08d}"


def id_number(birth: date, serial: int) -> str:
    """Return an 18-character ID number with a valid check digit."""
    body = f"{_REGION}{birth:%Y%m%d}{serial % 1000:03d}"
    return body + _CHECK[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def birthday(on: date, age: int, days_later: int = 0) -> date:
    """Return the birth date of somebody who turns `age` so many days after `on`."""
    moment = on + timedelta(days=days_later)
    return moment.replace(year=moment.year - age)
