"""Excel: the batch summary, leads and sheets that go out to units and come back, checklists for review."""

from xiaobao.workbook.charts import draw_chart
from xiaobao.workbook.checklists import read_checklist, write_checklist
from xiaobao.workbook.conflicts import is_conflict_book, read_conflicts, write_conflicts
from xiaobao.workbook.figures import expected_figures, read_figures, write_figures
from xiaobao.workbook.fill_sheets import (
    evidence_folder,
    is_offline_book,
    read_fill_sheets,
    read_offline_book,
    write_fill_sheets,
)
from xiaobao.workbook.leads import LeadSheet, read_leads, write_leads
from xiaobao.workbook.own_sheets import is_own_sheet, read_own_sheet
from xiaobao.workbook.summary import BatchSummary, read_summary_figures, summary_figures, write_batch_summary

__all__ = [
    "BatchSummary",
    "LeadSheet",
    "draw_chart",
    "evidence_folder",
    "expected_figures",
    "is_conflict_book",
    "is_offline_book",
    "is_own_sheet",
    "read_checklist",
    "read_conflicts",
    "read_figures",
    "read_fill_sheets",
    "read_leads",
    "read_offline_book",
    "read_own_sheet",
    "read_summary_figures",
    "summary_figures",
    "write_batch_summary",
    "write_checklist",
    "write_conflicts",
    "write_figures",
    "write_fill_sheets",
    "write_leads",
]
