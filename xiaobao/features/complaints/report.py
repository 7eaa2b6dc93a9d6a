"""投诉分析报告: the complaint analysis of a period, of the bank or of one unit."""

from __future__ import annotations

from collections.abc import Iterator

from xiaobao.features.complaints.figures import LedgerFigures
from xiaobao.features.complaints.reading import bank_ledger, branch_ledger
from xiaobao.features.complaints.report_figures import complaint_figures
from xiaobao.features.complaints.report_sentences import analysis_sections
from xiaobao.model import Period
from xiaobao.publishing.reports import ReportKind, Source
from xiaobao.report_figures import FigureSet, draft_text
from xiaobao.word import Sentence
from xiaobao.workbench.results.reporting import read_inspected
from xiaobao.workbench.workspace import Workbench


def read_ledger(wb: Workbench, span: Period, unit: str) -> tuple[LedgerFigures | None, FigureSet]:
    """Return the statistics of the bank's ledger, or of a unit and those below it, and their figures."""
    ledger = branch_ledger(wb, span.code, unit) if unit else bank_ledger(wb, span.code)
    return ledger, complaint_figures(ledger, wb.settings.counting.share_places)


def ledger_notes(ledger: LedgerFigures | None, figures: FigureSet) -> Iterator[str | Sentence]:
    """Yield the rules of counting, what was compared with, and what was left out."""
    if ledger is None:
        return
    yield f"投诉统计口径：{'；'.join(ledger.rules)}。"
    if ledger.comparison_note:
        yield f"投诉增减：{ledger.comparison_note}。"
    yield from (f"{note}。" for note in ledger.notes)
    for one in ledger.totals.excluded:
        yield Sentence((f"台账中不计入的行：{one.reason} ", figures[f"投诉·不计入·{one.reason}"], "。"))


def _read(wb: Workbench, span: Period, unit: str, campaign: str | None) -> Source:
    ledger, figures = read_ledger(wb, span, unit)
    inspected = read_inspected(wb, span.code, unit, campaign)
    found = tuple(one for one in inspected.findings if one.domain == "complaints")
    text = draft_text(
        found, inspected.actions, [], wb.as_of(span.code), bool(inspected.overviews), len(inspected.unscored)
    )
    return Source(figures=figures, notes=tuple(ledger_notes(ledger, figures)), text=text, ledger=ledger)


KIND = ReportKind(
    kind="complaints",
    file="投诉分析报告",
    template="complaints.docx",
    read=_read,
    parts=analysis_sections,
    written=True,
    charts=True,
)
