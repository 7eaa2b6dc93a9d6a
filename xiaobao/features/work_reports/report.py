"""消保工作报告 of a half-year and of a year, for the bank or for one unit and those below it."""

from __future__ import annotations

from dataclasses import replace

from xiaobao.features.complaints.report import ledger_notes, read_ledger
from xiaobao.features.registers.event_figures import event_figures
from xiaobao.features.registers.lacking import lacking_words, lacks
from xiaobao.features.registers.reading import read_clusters, read_registers
from xiaobao.features.registers.report_figures import register_report_figures
from xiaobao.features.work_reports.report_sentences import sections
from xiaobao.model import Period
from xiaobao.publishing.reports import ReportKind, Source
from xiaobao.report_figures import draft_text, inspection_figures
from xiaobao.workbench.results.reporting import read_inspected
from xiaobao.workbench.workspace import Workbench


def _read(wb: Workbench, span: Period, unit: str, campaign: str | None) -> Source:
    inspected = read_inspected(wb, span.code, unit, campaign)
    ledger, figures = read_ledger(wb, span, unit)
    registers = read_registers(wb, span.code, unit)
    clusters = None if unit else read_clusters(wb, span.code)  # they count over the whole bank
    figures = figures | register_report_figures(registers) | inspection_figures(inspected)
    figures = figures | event_figures(
        registers.major_events, clusters, registers.settings, registers.lacking.get("major_events", ())
    )
    notes = list(ledger_notes(ledger, figures))
    if registers.missing:
        notes.append(f"本期没有提供、列为无数据的登记簿：{'、'.join(registers.missing)}。")
    if lacking := lacking_words(registers):
        notes.append(f"登记簿没有提供下列列，用到它们的数字列为无数据：{'；'.join(lacking)}。")
    plan = registers.work_plan if not lacks(registers, "work_plan", "tasks") else None
    tasks = plan.tasks if plan else ()
    open_tasks = [(task.task, task.due_on) for task in tasks if task.done_on is None]
    as_of = wb.as_of(span.code)
    text = draft_text(
        inspected.findings, inspected.actions, open_tasks, as_of, bool(inspected.overviews), len(inspected.unscored)
    )
    return Source(figures=figures, notes=tuple(notes), text=text, ledger=ledger)


HALF_YEAR = ReportKind(
    kind="half-year",
    file="消保工作报告",
    template="work-report.docx",
    read=_read,
    parts=sections,
    length="半年",
    endings=("H1", "H2"),
    example="2026H1、2026H2",
    written=True,
    charts=True,
)
ANNUAL = replace(HALF_YEAR, kind="annual", length="一年", endings=("",), example="2026")
