"""What hangs where in the whole bank: counts by kind and unit, the units with most overdue, papers that failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from xiaobao.features.my_work.kinds import NOT_WAITING
from xiaobao.features.my_work.matters import Bank, WorkItem
from xiaobao.model import RunStatus, Value
from xiaobao.personal import mask
from xiaobao.workbench.workspace import Workbench

_MOST = 50
_WORST = 5


class UnitHanging(Value):
    """What waits in one unit: kind → count, and how much of it is overdue; unit "" is head office's own omission."""

    unit: str
    unit_name: str
    counts: dict[str, int]
    total: int
    late: int


class FailedPaper(Value):
    """A paper whose last run failed, and what it said."""

    unit: str
    unit_name: str
    notebook: str
    period: str
    error: str


class Hanging(Value):
    """`kinds` kind → (count, overdue) in the bank; `units` are the first of `places`, most overdue first."""

    kinds: dict[str, tuple[int, int]]
    units: tuple[UnitHanging, ...]
    places: int
    failed: int
    failures: tuple[FailedPaper, ...]

    @property
    def worst(self) -> tuple[UnitHanging, ...]:
        """Return the five units with most overdue."""
        return tuple(one for one in self.units[:_WORST] if one.late)


def hanging(wb: Workbench, shared: Bank, whole: Iterable[WorkItem], day: date) -> Hanging:
    """Count all that waits. Failed papers are shown to whoever may see how runs stand."""
    counts: Counter[tuple[str, str]] = Counter()
    late: Counter[tuple[str, str]] = Counter()
    for one in whole:
        if one.kind not in NOT_WAITING:
            counts[one.unit, one.kind] += one.count
            late[one.unit, one.kind] += one.count if one.late(day) else 0
    by_unit: dict[str, dict[str, int]] = {}
    overdue: Counter[str] = Counter()
    kinds: dict[str, tuple[int, int]] = {}
    for (unit, kind), count in counts.items():
        by_unit.setdefault(unit, {})[kind] = count
        overdue[unit] += late[unit, kind]
        before = kinds.get(kind, (0, 0))
        kinds[kind] = (before[0] + count, before[1] + late[unit, kind])
    rows = [
        UnitHanging(
            unit=unit,
            unit_name=shared.names.get(unit, unit) if unit else "总行",
            counts=own,
            total=sum(own.values()),
            late=overdue[unit],
        )
        for unit, own in by_unit.items()
    ]
    rows.sort(key=lambda row: (-row.late, -row.total, row.unit))
    failed = _failed(wb, shared) if not wb.may("status.see") else []
    return Hanging(
        kinds=kinds, units=tuple(rows[:_MOST]), places=len(rows), failed=len(failed), failures=tuple(failed[:_MOST])
    )


def _failed(wb: Workbench, shared: Bank) -> list[FailedPaper]:
    return [
        FailedPaper(
            unit=run.unit,
            unit_name=shared.names.get(run.unit, run.unit),
            notebook=run.notebook,
            period=campaign.period,
            error=mask(run.error.splitlines()[0] if run.error else ""),
        )
        for campaign in shared.campaigns
        if campaign.state == "open"
        for run in wb.store.runs(campaign.id).values()
        if run.status is not RunStatus.DONE
    ]
