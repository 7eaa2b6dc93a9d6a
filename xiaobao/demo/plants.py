"""The list of planted faults: which unit, in which period, which record. The tests hold the leads against it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random
from typing import Any

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.demo.builders import BUILDERS
from xiaobao.demo.recipe_numbers import recipe_number
from xiaobao.demo.recipes import DISCLOSURE, SUITABILITY, PlantedFields, Recipe
from xiaobao.demo.recipes_sales import SALES
from xiaobao.demo.recipes_security import INFORMATION_SECURITY
from xiaobao.demo.recipes_service import COMPLAINTS, NOTICES, SPECIAL_GROUPS
from xiaobao.demo.sample_bank import UnitRecords
from xiaobao.feature_list import brought

RECIPES = (
    *(*DISCLOSURE, *SUITABILITY, *SALES, *INFORMATION_SECURITY, *COMPLAINTS, *SPECIAL_GROUPS, *NOTICES),
    *chain.from_iterable(brought("demo_recipes")),
)
Overlay = dict[tuple[int, str], dict[int, dict[int, dict[str, Any]]]]
"""(period turn, dataset) → unit index → slot → fields laid over the clean record."""
_IN_THE_LEDGER = frozenset({"special_groups.proxy_complaint_refused"})


@dataclass(frozen=True, kw_only=True)
class Plant:
    """One planted fault; `key` is the business key that the lead must carry."""

    check_id: str
    unit: str
    period: str
    key: str


def plant(desks: Sequence[Sequence[UnitRecords]], seed: int) -> tuple[tuple[Plant, ...], Overlay]:
    """Choose units for each recipe and period, faults first on weaker units, and one near miss beside them."""
    overlay: Overlay = {}
    plants: list[Plant] = []
    for turn, period_desks in enumerate(desks):
        known = {desk.unit.id for desk in period_desks}
        for recipe in RECIPES:
            rng = Random(f"{seed}:{turn}:{recipe.check_id}")
            fit = _eligible(recipe, period_desks, turn)
            count = min(_faults(recipe, len(period_desks)), len(fit))
            chosen = _choose(rng, fit, count, recipe_number(recipe.check_id))
            for desk in chosen:
                changes = recipe.hit(desk)
                bearer = desk.unit.parent if recipe.borne_above else desk.unit.id
                if bearer in known:
                    key = _key(desk, changes[0])
                    plants.append(Plant(check_id=recipe.check_id, unit=bearer, period=desk.period.code, key=key))
                _lay(overlay, turn, desk, changes, len(period_desks))
            near = [desk for desk in fit if turn or not recipe.needs_past]
            if near:
                desk = rng.choice(near)
                _lay(overlay, turn, desk, recipe.near(desk), len(period_desks))
    return tuple(plants), overlay


def _faults(recipe: Recipe, units: int) -> int:
    """Return how many units a fault is planted in. The complaint ledger is denser: its statistics want something."""
    if recipe.check_id.startswith("complaints.") or recipe.check_id in _IN_THE_LEDGER:
        return max(2, units // 10)
    return max(1, units // 20)


def _eligible(recipe: Recipe, period_desks: Sequence[UnitRecords], turn: int) -> list[UnitRecords]:
    first = period_desks[0].period
    if recipe.since and first.end < recipe.since:
        return []
    fit = [desk for desk in period_desks if desk.runs(*recipe.businesses)]
    return [desk for desk in fit if not recipe.levels or desk.unit.level in recipe.levels]


def _choose(rng: Random, fit: list[UnitRecords], count: int, number: int) -> list[UnitRecords]:
    """Draw units, the weaker ones (every fourth) three times as likely, the recipe's own one always."""
    if not fit:
        return []
    chosen = {fit[number % len(fit)].index: fit[number % len(fit)]}
    while len(chosen) < count:
        desk = rng.choices(fit, [3 if is_weak(one.index) else 1 for one in fit])[0]
        chosen.setdefault(desk.index, desk)
    return list(chosen.values())


def is_weak(index: int) -> bool:
    """Tell whether a unit is one of the weaker ones, in data and in what people answer alike."""
    return index % 4 == 2


def _key(desk: UnitRecords, change: PlantedFields) -> str:
    if change.dataset == "price_list":
        return f"{change.values['fee_code']} {change.values['version']}"
    key = DATASETS[change.dataset].key[0]
    builder = BUILDERS[change.dataset][0]
    return str({**builder(desk, change.slot), **change.values}[key])


def _lay(overlay: Overlay, turn: int, desk: UnitRecords, changes: Iterable[PlantedFields], units: int) -> None:
    for change in changes:
        index = (desk.index + change.away) % units
        place = overlay.setdefault((turn - change.back, change.dataset), {}).setdefault(index, {})
        place.setdefault(change.slot, {}).update(change.values)
