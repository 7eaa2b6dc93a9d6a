"""Which requests are due by a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from xiaobao.features.evidence.verbs import TABLE
from xiaobao.workbench.surroundings import address_of
from xiaobao.workbench.workspace import Workbench


def waiting(wb: Workbench, day: date, notes: list[str]) -> Iterator[tuple[str, str, str, str, date, str, str]]:
    """Yield what units have still to hand over: kind, number, title, unit, due day, note, period."""
    where = {str(one.id): address_of(wb, one) for one in wb.store.campaigns() if one.state == "open"}
    for one in wb.store.kept(TABLE):
        if one.waiting and one.campaign in where:
            note = f"已退回：{one.reason}" if one.state == "rejected" else ""
            yield "request", one.id, f"调阅：{one.wanted}", one.unit, one.due, note, where[one.campaign]
