"""Word: papers drawn from values by templates, and read back."""

from xiaobao.features.today.supervision import (
    SupervisionOrder,
    read_supervision,
    supervision_figures,
    write_supervision,
)
from xiaobao.word.change_note import ChangeNote, read_change_note, write_change_note
from xiaobao.word.charts import ChartFile
from xiaobao.word.context import ReportContext, unit_inspected
from xiaobao.word.documents import (
    Cover,
    Document,
    appraisal_report,
    complaint_report,
    evaluation_report,
    work_report,
    write_document,
)
from xiaobao.word.drafts import read_free_text, write_free_text
from xiaobao.word.rendering import PrintedLine, read_back
from xiaobao.word.report import write_inspection_report
from xiaobao.word.sentences import Sentence

__all__ = [
    "ChangeNote",
    "ChartFile",
    "Cover",
    "Document",
    "PrintedLine",
    "ReportContext",
    "Sentence",
    "SupervisionOrder",
    "appraisal_report",
    "complaint_report",
    "evaluation_report",
    "read_back",
    "read_change_note",
    "read_free_text",
    "read_supervision",
    "supervision_figures",
    "unit_inspected",
    "work_report",
    "write_change_note",
    "write_document",
    "write_free_text",
    "write_inspection_report",
    "write_supervision",
]
