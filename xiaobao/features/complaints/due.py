"""Which complaints are due by a day, from the ledgers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from xiaobao.datasets.partitions import read_columns
from xiaobao.features.complaints.daily import COLUMNS, open_cases
from xiaobao.model import Period
from xiaobao.workbench.workspace import Workbench


def open_complaints(wb: Workbench, day: date, notes: list[str]) -> Iterator[tuple[str, str, str, str, date, str, str]]:
    """Yield the open complaints of the ledgers in force, as kind, number, title, unit, due day, note and period.

    The bank's complaint workflow is the source, and stays so. `notes` take what could not be looked at.
    """
    records = [r for r in wb.store.imports("complaints") if Period.parse(r.period).start <= day]
    if not records:
        notes.append("没有投诉台账，投诉未列入")
    for record in records:
        frame = read_columns(wb.home / record.path, record.file_sha256, COLUMNS)
        cases = open_cases(frame, day, wb.settings.policies.days == "working")
        if cases is None:
            notes.append(f"{record.period} 投诉台账没有处理决定日期，无法分辨是否办结，未列入")
            continue
        for case in cases:
            level = case.complexity or "未填复杂程度"
            title = f"{case.received_on} 受理，{level}，期限 {case.limit} 日（{case.rule}）"
            yield "complaint", case.complaint_no, title, case.unit, case.due, f"台账 {record.period}", record.period
