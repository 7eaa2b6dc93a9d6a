"""Word: the inspection report of a unit, drawn from its scorecard, and read back."""

from xiaobao.word.context import ReportContext, scorecard_figures
from xiaobao.word.report import read_report_figures, write_inspection_report

__all__ = ["ReportContext", "read_report_figures", "scorecard_figures", "write_inspection_report"]
