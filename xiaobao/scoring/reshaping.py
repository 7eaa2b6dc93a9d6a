"""Sheets between two versions: without items, with items of a later version, with other points. Never stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from msgspec import structs

from xiaobao.checklist.models import Checklist, Item, Section, section_points
from xiaobao.numbers import ZERO, add


def item_ids(checklist: Checklist) -> tuple[str, ...]:
    """Return the item ids in the order of the sheet."""
    return tuple(item.id for item in checklist.items())


def without_items(checklist: Checklist, gone: Collection[str]) -> Checklist:
    """Return the sheet without some items; stated points shrink by what went."""

    def cut(section: Section) -> Section:
        items = tuple(item for item in section.items if item.id not in gone)
        return _resized(section, items, tuple(map(cut, section.sections)))

    return _retotalled(checklist, tuple(map(cut, checklist.sections))) if gone else checklist


def joined(checklist: Checklist, later: Checklist, new: Collection[str]) -> Checklist:
    """Return the sheet with the `new` items of a later version, each in its section, or in a new one at the end."""
    known = {section.id for section in _every(checklist.sections)}
    homes: dict[str, list[Item]] = {}
    fresh: list[Section] = []
    for section in _every(later.sections):
        items = [item for item in section.items if item.id in new]
        if items and section.id in known:
            homes[section.id] = items
        elif items:
            alone = structs.replace(section, sections=(), items=tuple(items))
            points = None if not section.pool and section.points is not None else section.points
            fresh.append(structs.replace(alone, points=points))

    def grow(section: Section) -> Section:
        items = (*section.items, *homes.get(section.id, ()))
        return _resized(section, items, tuple(map(grow, section.sections)))

    return _retotalled(checklist, (*map(grow, checklist.sections), *fresh)) if new else checklist


def reweighted(checklist: Checklist, points: Mapping[str, Decimal]) -> Checklist:
    """Return the sheet with other points for some items; stated points of sections and the total follow."""

    def weigh(section: Section) -> Section:
        items = tuple(
            structs.replace(item, points=points[item.id]) if item.id in points else item for item in section.items
        )
        return _resized(section, items, tuple(map(weigh, section.sections)))

    return _retotalled(checklist, tuple(map(weigh, checklist.sections))) if points else checklist


def _every(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    return tuple(one for section in sections for one in (section, *_every(section.sections)))


def _resized(section: Section, items: tuple[Item, ...], sections: tuple[Section, ...]) -> Section:
    changed = structs.replace(section, items=items, sections=sections)
    if section.points is None or section.pool:
        return changed
    grown = add(_below(changed), -_below(section))
    return structs.replace(changed, points=max(add(section.points, grown), ZERO))


def _below(section: Section) -> Decimal:
    return add(*(section_points(child) for child in section.sections), *(item.points for item in section.items))


def _retotalled(checklist: Checklist, sections: tuple[Section, ...]) -> Checklist:
    grown = add(*map(section_points, sections), *(-section_points(section) for section in checklist.sections))
    return structs.replace(checklist, sections=sections, total=add(checklist.total, grown))


def summable(sheet: Checklist) -> bool:
    """Tell whether the sheet is a plain sum: no clamp can bind, no pool, nothing spread, no endless fraction."""
    if sheet.not_applicable != "expand" or sheet.base:
        return False
    for item in sheet.items():
        if not item.floor or item.minimum or any(rule.endless for rule in item.rules):
            return False
    return all(map(_loose, sheet.sections)) and add(*map(_worth, sheet.sections)) <= sheet.total


def _loose(section: Section) -> bool:
    fits = section.points is None or (_children(section) <= section.points and section.minimum <= ZERO)
    return fits and not section.pool and all(map(_loose, section.sections))


def _worth(section: Section) -> Decimal:
    return section.points if section.points is not None else _children(section)


def _children(section: Section) -> Decimal:
    return add(*map(_worth, section.sections), *(item.points for item in section.items))
