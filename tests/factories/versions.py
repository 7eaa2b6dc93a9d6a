"""The next version of the small checklist, and units' own items: what a head office and a branch would publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import convert, to_builtins

from tests.factories.inspections import DOMAIN, UNIT, checklist, item
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Checklist
from xiaobao.workbench.workspace import Workbench


def next_version(
    version: str = "2026.2",
    changed: Mapping[str, Mapping[str, Any]] = {},
    removed: tuple[str, ...] = (),
    added: tuple[dict[str, Any], ...] = (),
    base: Checklist | None = None,
    **sheet: Any,
) -> Checklist:
    """Return `base` (the tiny checklist) with items changed, removed, and added to its first section."""
    plain = to_builtins(base or checklist())
    for section in plain["sections"]:
        section["items"] = [one | changed.get(one["id"], {}) for one in section["items"] if one["id"] not in removed]
    plain["sections"][0]["items"] += added
    total = sum(float(one["points"]) for section in plain["sections"] for one in section["items"])
    return convert(plain | {"version": version, "total": str(total)} | sheet, Checklist)


def reworked(version: str = "2026.2", **sheet: Any) -> Checklist:
    """One item reworded, one re-weighted, one removed, one new; the rest as it was."""
    return next_version(
        version,
        {"c-01": {"requirement": "登记完整，并于当日录入系统。"}, "c-03": {"points": 8}},
        ("c-02",),
        (item("c-new", "回访有记录"),),
        **sheet,
    )


def own_items(unit: str = UNIT, version: str = "2026.1", number: int = 2) -> Checklist:
    """Return a unit's own sheet with `number` plain items."""
    items = [item(f"{unit}-{n:02}", f"本行加查第{n}项") for n in range(1, number + 1)]
    plain = {
        "id": f"{unit}.{DOMAIN}",
        "version": version,
        "title": "本机构自设投诉检查项",
        "domain": DOMAIN,
        "purpose": "本行另加的检查",
        "effective_from": "2026-01-01",
        "total": 5 * number,
        "sections": [{"id": f"{unit}-S", "title": "本行加查", "items": items}],
    }
    return convert(plain, Checklist)


def publish(wb: Workbench, *sheets: Checklist, kind: str = "checklist") -> None:
    with wb.store.writing(wb.actor) as tx:
        for sheet in sheets:
            tx.publish(kind, sheet.id, sheet.version, canonical(sheet))


def ids(entries: Any, of: Callable[[Any], str] = lambda entry: entry[0].id) -> list[str]:
    return [of(entry) for entry in entries]
