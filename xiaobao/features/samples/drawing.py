"""The draw: from rows and a seed, the same records on every machine. Chance comes from SHA-256 of seed and key alone.

简单随机: records in the order of SHA-256(seed, key), the first n. 等距: a start from the seed, then every N/n-th record
in the order of keys. 分层: places by the strata's shares (largest remainders, at least one each), random within.
货币单元: a start from the seed, then every yuan at the interval over the amounts in the order of keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from xiaobao.errors import Fault, InputError
from xiaobao.features.samples.sample import Design, Drawn

_WHOLE = 2**256


def draw(rows: Sequence[Drawn], design: Design) -> tuple[Drawn, ...]:
    """Return the drawn records in the order of their keys. `rows` are the whole population in that order.

    Raises InputError on an empty population.
    """
    if not rows:
        raise InputError(Fault("总体没有记录，不能抽样"))
    size = design.size if design.method == "monetary" else min(design.size, len(rows))
    return tuple(sorted(_METHODS[design.method](rows, size, design.seed), key=lambda one: one.record))


def chance(seed: str, *parts: str) -> int:
    """Return a number below 2^256 that seed and words fix."""
    return int.from_bytes(hashlib.sha256("\x1f".join((seed, *parts)).encode()).digest(), "big")


def interval_of(rows: Sequence[Drawn], size: int) -> Fraction:
    """Return the interval of monetary units, in yuan."""
    return Fraction(sum((one.amount or Decimal(0) for one in rows), Decimal(0))) / size


def _random(rows: Sequence[Drawn], size: int, seed: str) -> list[Drawn]:
    return sorted(rows, key=lambda one: (chance(seed, one.record), one.record))[:size]


def _systematic(rows: Sequence[Drawn], size: int, seed: str) -> list[Drawn]:
    step = Fraction(len(rows), size)
    start = step * Fraction(chance(seed), _WHOLE)
    return [rows[int(start + step * turn)] for turn in range(size)]


def _stratified(rows: Sequence[Drawn], size: int, seed: str) -> Iterator[Drawn]:
    strata: dict[str, list[Drawn]] = {}
    for one in rows:
        strata.setdefault(one.stratum, []).append(one)
    for name, places in allocation({name: len(found) for name, found in strata.items()}, size).items():
        yield from _random(strata[name], places, f"{seed}\x1f{name}")


def allocation(sizes: dict[str, int], size: int) -> dict[str, int]:
    """Return stratum → places: at least one each, the rest by largest remainders. Raises InputError for too few."""
    if size < len(sizes):
        raise InputError(Fault("样本量少于层数，每层至少一笔", value=str(size), allowed=f"不少于 {len(sizes)}"))
    whole = sum(sizes.values())
    exact = {name: Fraction(count * size, whole) for name, count in sizes.items()}
    places = {name: max(1, int(share)) for name, share in exact.items()}
    order = sorted(sizes, key=lambda name: (int(exact[name]) - exact[name], name))
    while sum(places.values()) < size:
        name = next(name for name in order if places[name] < sizes[name])
        places[name] += 1
        order = [*(one for one in order if one != name), name]
    while sum(places.values()) > size:  # small strata were lifted to one: the largest give way
        spare = [name for name, given in places.items() if given > 1]
        places[max(spare, key=lambda name: (places[name] - exact[name], places[name], name))] -= 1
    return {name: places[name] for name in sorted(places)}


def _monetary(rows: Sequence[Drawn], size: int, seed: str) -> Iterator[Drawn]:
    from msgspec.structs import replace

    if any(one.amount is None or one.amount <= 0 for one in rows):
        raise InputError(Fault("货币单元抽样的总体只能有大于 0 的金额"))
    step = interval_of(rows, size)
    at, passed = step * Fraction(chance(seed), _WHOLE), Fraction(0)
    for one in rows:
        passed += Fraction(one.amount or 0)
        hits = 0
        while at < passed:
            hits, at = hits + 1, at + step
        if hits:
            yield replace(one, hits=hits)


_METHODS = {"random": _random, "systematic": _systematic, "stratified": _stratified, "monetary": _monetary}
