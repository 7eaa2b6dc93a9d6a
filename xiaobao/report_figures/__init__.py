"""Every figure of every report, computed once from figures of ledger, registers, results, findings and measures.

A `ReportFigure` has a name that stays, a value, a unit, a base and a source; a `FigureSet` holds those of one report.
Word, Excel and charts print them and compute nothing; what was printed is read back and compared with them.
"""

from xiaobao.report_figures.drafting import FreeText, draft_text
from xiaobao.report_figures.figures import FigureCell, FigureSet, FigureTable, ReportFigure, gather_figures, of_source
from xiaobao.report_figures.inspections import Inspected, appraisal_figures, inspection_figures
from xiaobao.report_figures.unit_report import DataUsed, ItemReviewed, SheetUsed, UnitInspected, unit_figures

__all__ = [
    "DataUsed",
    "FigureCell",
    "FigureSet",
    "FigureTable",
    "FreeText",
    "Inspected",
    "ItemReviewed",
    "ReportFigure",
    "SheetUsed",
    "UnitInspected",
    "appraisal_figures",
    "draft_text",
    "gather_figures",
    "inspection_figures",
    "of_source",
    "unit_figures",
]
