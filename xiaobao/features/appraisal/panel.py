"""Many units' sheets as whole numbers in arrays: points scaled by a power of ten, so that sums are exact."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Raw

from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.model import FactState, ItemFacts, PoolEntry, Score, Value, VetoEvent, from_json
from xiaobao.numbers import ONE, ZERO, add
from xiaobao.scoring.reshaping import item_ids, summable
from xiaobao.scoring.rules import item_loss, settled

_Whole = npt.NDArray[np.int64]
_MOST_PLACES = 6
_LIMIT = 2**62


class _Named(Value):
    """Which item facts are of."""

    item_id: str


@dataclass(frozen=True)
class StoredFacts(Sequence[ItemFacts]):
    """The facts of a result as they are stored, read anew each time: most are asked for once, many never."""

    stored: bytes

    def __iter__(self) -> Iterator[ItemFacts]:
        return iter(self._read())

    def __getitem__(self, place: Any) -> Any:
        return self._read()[place]

    def __len__(self) -> int:
        return len(self._read())

    def __bool__(self) -> bool:
        return self.stored != b"[]"

    def of(self, items: Container[str]) -> dict[str, ItemFacts]:
        """Return item → facts of some items; of the others no more is read than which they are of."""
        every = zip(from_json(tuple[_Named, ...], self.stored), from_json(tuple[Raw, ...], self.stored), strict=True)
        return {one.item_id: from_json(ItemFacts, bytes(raw)) for one, raw in every if one.item_id in items}

    def _read(self) -> tuple[ItemFacts, ...]:
        return from_json(tuple[ItemFacts, ...], self.stored)


class DomainFacts(Value):
    """What one unit's sheet of one domain came to, and from which facts.

    Where only weights of domains are tried, the score of a `bare` unit may come without its trace and facts.
    """

    score: Score
    facts: Sequence[ItemFacts]
    vetoes: tuple[VetoEvent, ...] = ()

    def facts_of(self, items: Container[str]) -> dict[str, ItemFacts]:
        """Return item → facts of some items."""
        if isinstance(self.facts, StoredFacts):
            return self.facts.of(items)
        return {fact.item_id: fact for fact in self.facts if fact.item_id in items}


class UnitFacts(Value):
    """All domains of one unit, with the events and entries that reach its total; `not_for` do not apply to it."""

    domains: Mapping[str, DomainFacts]
    vetoes: tuple[VetoEvent, ...] = ()
    entries: tuple[PoolEntry, ...] = ()
    not_for: tuple[str, ...] = ()

    @property
    def bare(self) -> bool:
        """Whether nothing but points makes the total and its grade: a sheet's veto may hold down the grade, too."""
        return not self.vetoes and not self.entries and not any(one.vetoes for one in self.domains.values())


@dataclass(frozen=True, kw_only=True)
class _Block:
    """One domain of the units that a plain sum can score. Arrays are units × items, points times 10**places."""

    units: tuple[str, ...]
    columns: Mapping[str, int]
    places: int
    possible: _Whole
    earned: _Whole


@dataclass(frozen=True)
class Panel:
    """The blocks of all domains; `places` are those that scores are shown with."""

    scheme: Scheme
    blocks: Mapping[str, _Block]

    @classmethod
    def of(cls, scheme: Scheme, sheets: Mapping[str, Checklist], units: Mapping[str, UnitFacts]) -> Panel:
        """Read the item lines of every unit's trace into arrays."""
        blocks = {}
        for domain, sheet in sheets.items():
            if summable(sheet):
                block = _block(sheet, domain, units)
                if block is not None:
                    blocks[domain] = block
        return cls(scheme, blocks)

    def values(
        self, domain: str, sheet: Checklist, points: Mapping[str, Decimal], units: Mapping[str, UnitFacts]
    ) -> dict[str, Decimal | None]:
        """Return unit → shown value of one domain, with other points for some items; units left out need the engine."""
        block = self.blocks.get(domain)
        if block is None or not summable(sheet):
            return {}
        if points:
            block = _repointed(block, sheet, points, domain, units, self.scheme)
        if block is None:
            return {}
        possible, earned = block.possible.sum(axis=1), block.earned.sum(axis=1)
        factor = 200 * 10**self.scheme.places
        if not _fits(earned, factor) or not _fits(possible, 2):
            return {}
        shown = _half_up(earned * (factor // 2), possible)
        return dict(zip(block.units, _decimals(shown, possible > 0, self.scheme.places), strict=True))

    def totals(
        self, scheme: Scheme, values: Mapping[str, Mapping[str, Decimal | None]], units: Collection[str]
    ) -> dict[str, Decimal | None]:
        """Return unit → shown total of shown values; nothing where the numbers would not fit."""
        names = [domain for domain in values if scheme.weights.get(domain)]
        weights, places = _scaled([scheme.weights[name] for name in names])
        order = list(units)
        if not names or places > _MOST_PLACES or not order:
            return {} if order and names else dict.fromkeys(order)
        one = Decimal(1).scaleb(scheme.places)
        table = [[values[name].get(unit) for name in names] for unit in order]
        shown = np.array([[-1 if v is None else int(v * one) for v in row] for row in table], dtype=np.int64)
        known = np.array([[v is not None for v in row] for row in table], dtype=bool)
        if not _fits(shown, 2 * len(names) * max(int(w) for w in weights)):
            return {}
        earned = np.where(known, shown, 0) @ weights
        whole = known.astype(np.int64) @ weights
        totals = _decimals(_half_up(earned, whole), whole > 0, scheme.places)
        held = [None if value is None else min(value, scheme.ceiling) for value in totals]
        return dict(zip(order, held, strict=True))


def _block(sheet: Checklist, domain: str, units: Mapping[str, UnitFacts]) -> _Block | None:
    ids = item_ids(sheet)
    names: list[str] = []
    possible: list[Decimal] = []
    earned: list[Decimal] = []
    order: tuple[str, ...] = ()
    for unit, facts in units.items():
        one = facts.domains.get(domain)
        if one is None or one.vetoes:
            continue
        lines = [line for line in one.score.trace if line.kind == "item"]
        if not names:
            order = tuple(line.node_id for line in lines)
        if len(lines) != len(ids) or lines[0].node_id != order[0]:
            continue  # scored on another version of the sheet
        names.append(unit)
        possible += [line.possible for line in lines]
        earned += [line.earned for line in lines]
    if not names or set(order) != set(ids):
        return None
    whole, places = _scaled([*possible, *earned])
    if places > _MOST_PLACES:
        return None
    first, second = whole[: len(possible)], whole[len(possible) :]
    shape = (len(names), len(ids))
    columns = {item_id: number for number, item_id in enumerate(order)}
    return _Block(
        units=tuple(names), columns=columns, places=places, possible=first.reshape(shape), earned=second.reshape(shape)
    )


def _repointed(
    block: _Block,
    sheet: Checklist,
    points: Mapping[str, Decimal],
    domain: str,
    units: Mapping[str, UnitFacts],
    scheme: Scheme,
) -> _Block | None:
    """Put other points into a block: these items are scored anew from the facts, all others stay."""
    items = {item.id: item for item in sheet.items() if item.id in points}
    fresh: dict[str, list[tuple[Decimal, Decimal]]] = {item_id: [] for item_id in items}
    for unit in block.units:
        facts = units[unit].domains[domain].facts_of(items)
        for item_id, item in items.items():
            fact = settled(item, facts.get(item_id) or ItemFacts(item_id=item_id))
            if fact.state is FactState.ASSESSED:
                loss = item_loss(item, fact, scheme.origins.get(fact.origin, ONE) if fact.origin else ONE)
                fresh[item_id].append((item.points, add(item.points, -loss.deducted)))
            else:
                fresh[item_id].append((ZERO, ZERO))
    flat = [value for rows in fresh.values() for pair in rows for value in pair]
    places = max(block.places, _places(flat))
    if places > _MOST_PLACES:
        return None
    up = 10 ** (places - block.places)
    possible, earned = block.possible * up, block.earned * up
    one = Decimal(1).scaleb(places)
    for item_id, rows in fresh.items():
        column = block.columns[item_id]
        possible[:, column] = [int(pair[0] * one) for pair in rows]
        earned[:, column] = [int(pair[1] * one) for pair in rows]
    return _Block(units=block.units, columns=block.columns, places=places, possible=possible, earned=earned)


def _places(values: Iterable[Decimal]) -> int:
    return max((-int(value.normalize().as_tuple().exponent) for value in set(values)), default=0)


def _scaled(values: Sequence[Decimal]) -> tuple[_Whole, int]:
    """Return the values as whole numbers of 10**−places, each distinct one converted once."""
    distinct = set(values)
    places = max(0, _places(distinct))
    if places > _MOST_PLACES:
        return np.zeros(0, dtype=np.int64), places
    one = Decimal(1).scaleb(places)
    known = {value: int(value * one) for value in distinct}
    return np.fromiter(map(known.__getitem__, values), dtype=np.int64, count=len(values)), places


def _fits(values: _Whole, factor: int) -> bool:
    return not values.size or int(np.abs(values).max()) * factor < _LIMIT


def _half_up(part: _Whole, whole: _Whole) -> _Whole:
    """Divide, half up. Nothing here is below 0; where `whole` is 0 the answer means nothing."""
    safe = np.where(whole > 0, whole, 1)
    rounded: _Whole = (2 * part + safe) // (2 * safe)
    return rounded


def _decimals(shown: _Whole, known: npt.NDArray[Any], places: int) -> list[Decimal | None]:
    return [
        Decimal(value).scaleb(-places) if there else None
        for value, there in zip(shown.tolist(), known.tolist(), strict=True)
    ]
