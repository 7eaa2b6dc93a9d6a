"""Excel: the batch summary, leads and sheets that go out to units and come back, checklists for review."""

from xiaobao.workbook.charts import draw_chart
from xiaobao.workbook.checklists import read_checklist, write_checklist
from xiaobao.workbook.figures import expected_figures, read_figures, write_figures
from xiaobao.workbook.fill_sheets import read_fill_sheets, write_fill_sheets
from xiaobao.workbook.leads import LeadSheet, read_leads, write_leads
from xiaobao.workbook.own_sheets import is_own_sheet, read_own_sheet
from xiaobao.workbook.summary import BatchSummary, read_summary_figures, summary_figures, write_batch_summary

__all__ = [
    "BatchSummary",
    "LeadSheet",
    "draw_chart",
    "expected_figures",
    "is_own_sheet",
    "read_checklist",
    "read_figures",
    "read_fill_sheets",
    "read_leads",
    "read_own_sheet",
    "read_summary_figures",
    "summary_figures",
    "write_batch_summary",
    "write_checklist",
    "write_figures",
    "write_fill_sheets",
    "write_leads",
]
