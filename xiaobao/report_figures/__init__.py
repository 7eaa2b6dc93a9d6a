"""Every figure of every report, computed once from figures of ledger, registers, results, findings and measures."""

from xiaobao.features.complaints.report_figures import base_name, complaint_figures
from xiaobao.features.draft_check.stated import stated_facts
from xiaobao.features.filings.report_figures import filing_figures
from xiaobao.features.registers.event_figures import event_figures
from xiaobao.features.registers.report_figures import register_report_figures
from xiaobao.report_figures.drafting import FreeText, draft_text
from xiaobao.report_figures.elements import ElementItem, element_figures
from xiaobao.report_figures.evaluations import Evaluated, evaluation_figures
from xiaobao.report_figures.figures import Cell, Figure, FigureSet, Table, gather, of_source
from xiaobao.report_figures.inspections import Inspected, appraisal_figures, inspection_figures
from xiaobao.report_figures.unit_report import DataUsed, ItemReviewed, SheetUsed, UnitInspected, unit_figures

__all__ = [
    "Cell",
    "DataUsed",
    "ElementItem",
    "Evaluated",
    "Figure",
    "FigureSet",
    "FreeText",
    "Inspected",
    "ItemReviewed",
    "SheetUsed",
    "Table",
    "UnitInspected",
    "appraisal_figures",
    "base_name",
    "complaint_figures",
    "draft_text",
    "element_figures",
    "evaluation_figures",
    "event_figures",
    "filing_figures",
    "gather",
    "inspection_figures",
    "of_source",
    "register_report_figures",
    "stated_facts",
    "unit_figures",
]
