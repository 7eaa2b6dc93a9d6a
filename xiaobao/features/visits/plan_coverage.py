"""检查计划覆盖: which unit was last inspected when and for what, what is planned, and what is due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from xiaobao.features.visits.seeing import visits
from xiaobao.features.visits.visit import Visit
from xiaobao.model import Value
from xiaobao.numbers import share
from xiaobao.workbench.permitting import known_units
from xiaobao.workbench.workspace import Workbench

DUE = {"never": "从未检查", "due": "已到期", "planned": "已安排", "ok": "未到期"}


class CoveredUnit(Value):
    """One unit: its last visit (entered), what it was for, until when the next is due, and what is planned."""

    unit: str
    unit_name: str
    level: str
    last: Visit | None
    due: date | None
    planned: Visit | None
    state: str


class VisitCoverage(Value):
    """The plan of a year: units with a visit entered in it, of all that are inspected; and each unit's line."""

    year: int
    units: int
    visited: int
    planned: int
    done: int
    rows: tuple[CoveredUnit, ...]

    def sentence(self) -> str:
        """Return the coverage as one sentence."""
        part = share(self.visited, self.units)
        late = sum(row.state in ("never", "due") for row in self.rows)
        covered = f"{self.year} 年检查过 {self.visited} / {self.units} 家机构（{part if part is not None else '—'}%）"
        return f"{covered}；年度计划 {self.planned} 项，已进场 {self.done} 项；应查未查 {late} 家"


def plan_coverage(wb: Workbench, year: int | None = None) -> VisitCoverage:
    """Return the coverage of a year's plan, most overdue first. Raises NotAllowed for whoever may not see the bank."""
    wb.look("visit.coverage")
    chosen = year or wb.today.year
    found = [one for one in visits(wb) if one.state != "cancelled"]
    units = [one for one in known_units(wb).values() if one.inspected]
    rows = [_row(wb, unit.id, unit.name, unit.level, [v for v in found if _of(v, unit.id)]) for unit in units]
    mine = [one for one in found if one.year == str(chosen)]
    visited = {
        unit.id
        for unit in units
        if any(_of(one, unit.id) and one.entered_on and one.entered_on.year == chosen for one in found)
    }
    order = list(DUE)
    return VisitCoverage(
        year=chosen,
        units=len(units),
        visited=len(visited),
        planned=len(mine),
        done=sum(one.entered_on is not None for one in mine),
        rows=tuple(sorted(rows, key=lambda row: (order.index(row.state), row.due or date.min, row.unit))),
    )


def _of(visit: Visit, unit: str) -> bool:
    return unit == visit.unit or unit in visit.outlets


def _row(wb: Workbench, unit: str, name: str, level: str, found: Iterable[Visit]) -> CoveredUnit:
    all_visits = list(found)
    last = max((one for one in all_visits if one.entered_on), key=lambda one: str(one.entered_on), default=None)
    coming = [one for one in all_visits if one.state == "planned"]
    planned = min(coming, key=lambda one: (one.starts or date.max, one.number), default=None)
    due = _later(last.entered_on, _months(wb, level)) if last and last.entered_on else None
    if planned:
        state = "planned"
    elif due is None:
        state = "never"
    else:
        state = "due" if due <= wb.today else "ok"
    return CoveredUnit(unit=unit, unit_name=name, level=level, last=last, due=due, planned=planned, state=state)


def _months(wb: Workbench, level: str) -> int:
    rule = wb.settings.visits
    return rule.cycle_months.get(level, rule.default_cycle)


def _later(day: date, months: int) -> date:
    """Return the same day so many months later, the month's last where it has none."""
    from calendar import monthrange

    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
