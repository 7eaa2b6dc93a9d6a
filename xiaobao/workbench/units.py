"""The register of units: the newest `units` extract that is not later than the period."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache
from pathlib import Path

from xiaobao import labels
from xiaobao.errors import Fault, InputError
from xiaobao.model import Period, Unit
from xiaobao.store import Store

_LEVELS = {title: code for code, title in labels.LEVELS.items()}


def read_units(home: Path, store: Store, period: Period) -> Mapping[str, Unit]:
    """Return unit id → Unit. Raises InputError when no register is there."""
    records = [r for r in store.imports("units") if Period.parse(r.period).start <= period.end]
    if not records:
        raise InputError(
            Fault(f"{period.code} 没有机构名单，请先运行 xiaobao import units 文件 --period {period.code}")
        )
    newest = max(Period.parse(r.period) for r in records).code
    units: dict[str, Unit] = {}
    for record in records:
        if record.period == newest:
            units |= {unit.id: unit for unit in _register(home / record.path, record.file_sha256)}
    return dict(sorted(units.items()))


@lru_cache(maxsize=8)
def _register(path: Path, sha256: str) -> tuple[Unit, ...]:
    """Read one extract, which never changes: nearly everything that a person does asks for the units."""
    from xiaobao.datasets.partitions import read_partition

    try:
        rows = read_partition(path, sha256).to_dict("records")
    except InputError as error:
        advice = "用备份恢复，或运行 xiaobao import units 文件 --replace"
        raise InputError(Fault("机构名单的数据文件丢失或已被改动", file=path.name, allowed=advice)) from error
    return tuple(_unit(row) for row in rows)


def _unit(row: Mapping[Hashable, object]) -> Unit:
    def text(name: str) -> str:
        value = row.get(name)
        return value if isinstance(value, str) else ""

    businesses = tuple(part.strip() for part in text("businesses").split("、") if part.strip())
    return Unit(
        id=text("unit"),
        name=text("name"),
        level=_LEVELS[text("level")],
        parent=text("parent"),
        region=text("region"),
        businesses=businesses,
        inspected=row.get("inspected") is not False,
        level_name=text("level_name"),
    )


def units_below(units: Mapping[str, Unit], top: str) -> dict[str, Unit]:
    """Return `top` and every unit below it, by id. Raises InputError for an unknown one."""
    if top not in units:
        raise InputError(Fault("没有这个机构", value=top))

    def under(unit: Unit) -> bool:
        seen: set[str] = set()
        while unit.id != top and unit.parent in units and unit.id not in seen:
            seen.add(unit.id)
            unit = units[unit.parent]
        return unit.id == top

    return {name: unit for name, unit in units.items() if under(unit)}
