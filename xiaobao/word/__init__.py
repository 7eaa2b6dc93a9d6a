"""Word: papers drawn from values by templates, and read back.

Templates are .docx files that a bank may replace (`bounds` says what one may do). `rendering` fills one and reads back
what it printed; a value that differs is an error, and no file is kept. `layout` sets Chinese official papers.
"""

from xiaobao.word.change_note import ChangeNote, read_change_note, write_change_note
from xiaobao.word.charts import ChartFile
from xiaobao.word.context import ReportContext, unit_inspected
from xiaobao.word.documents import Charts, Cover, Document, Notes, report_document, write_document
from xiaobao.word.drafts import read_free_text, write_free_text
from xiaobao.word.rendering import PrintedLine, carry_checkpoint, read_back, write_inspection_report
from xiaobao.word.sentences import Lines, Sentence, SentenceWriter

__all__ = [
    "ChangeNote",
    "ChartFile",
    "Charts",
    "Cover",
    "Document",
    "Lines",
    "Notes",
    "PrintedLine",
    "ReportContext",
    "Sentence",
    "SentenceWriter",
    "carry_checkpoint",
    "read_back",
    "read_change_note",
    "read_free_text",
    "report_document",
    "unit_inspected",
    "write_change_note",
    "write_document",
    "write_free_text",
    "write_inspection_report",
]
