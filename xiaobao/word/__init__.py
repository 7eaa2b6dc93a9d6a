"""Word: papers drawn from values by templates, and read back."""

from xiaobao.word.context import ReportContext, scorecard_figures
from xiaobao.word.report import read_report_figures, write_inspection_report
from xiaobao.word.supervision import SupervisionOrder, read_supervision, supervision_figures, write_supervision

__all__ = [
    "ReportContext",
    "SupervisionOrder",
    "read_report_figures",
    "read_supervision",
    "scorecard_figures",
    "supervision_figures",
    "write_inspection_report",
    "write_supervision",
]
