"""Excel: the batch summary, the list of leads that goes out to units and comes back, checklists for review."""

from xiaobao.workbook.checklists import read_checklist, write_checklist
from xiaobao.workbook.leads import LeadSheet, read_leads, write_leads
from xiaobao.workbook.summary import BatchSummary, read_summary_figures, summary_figures, write_batch_summary

__all__ = [
    "BatchSummary",
    "LeadSheet",
    "read_checklist",
    "read_leads",
    "read_summary_figures",
    "summary_figures",
    "write_batch_summary",
    "write_checklist",
    "write_leads",
]
