"""Which filings are due by a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from xiaobao.features.filings.verbs import filing_rows, not_issued
from xiaobao.workbench.workspace import Workbench


def waiting(wb: Workbench, day: date, notes: list[str]) -> Iterator[tuple[str, str, str, str, date, str, str]]:
    """Yield what units have still to file and what nobody has asked for, as rows of what is due."""
    for row in filing_rows(wb, day=day):
        if row.filing.waiting:
            one = row.filing
            note = f"{one.kind}：{one.reason}" if one.reason else one.kind
            yield "filing", one.period, f"{one.title}（{one.period}）", one.unit, one.due, note, one.period
    for line in not_issued(wb, day):
        title = f"{line.title}（{line.period}）尚未下发"
        yield "not_issued", line.period, title, "", line.due, line.kind, line.period
