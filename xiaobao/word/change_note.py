"""检查表变更说明 as a paper to sign: both wordings of every change side by side, and three signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, replace
from datetime import datetime
from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH

from xiaobao.checklist.change_note import NoteRow
from xiaobao.word.layout import add_line, add_table, keep_row, new_paper
from xiaobao.word.rendering import printable_text

_HEADS = {"place": "位置", "what": "检查项", "kinds": "变更", "field": "内容", "before": "原", "after": "现"}
_WIDTHS = (11, 17, 9, 10, 27, 27)
_LONG = 60
_SIGNERS = {"preparer": "编制人", "reviewer": "复核人", "approver": "审定人", "day": "日期"}


@dataclass(frozen=True, kw_only=True)
class ChangeNote:
    """`head` are the lines above the table."""

    bank: str
    head: Sequence[str]
    rows: Sequence[NoteRow]

    @property
    def printed(self) -> tuple[NoteRow, ...]:
        """Return the rows as they stand on paper, with what XML cannot hold made visible."""
        return tuple(
            NoteRow(
                **{name: printable_text(text) for name, text in asdict(replace(row, kinds=row.kinds or "修改")).items()}
            )
            for row in self.rows
        )


def write_change_note(note: ChangeNote, path: Path) -> None:
    """Write the note to `path`."""
    paper = new_paper()
    add_line(paper, note.bank, "Title")
    add_line(paper, "检查表变更说明", "Title")
    for line in note.head:
        style = "No Spacing" if len(line) > _LONG else "Normal"  # a hash has no place to break at
        add_line(paper, printable_text(line).strip(), style, WD_ALIGN_PARAGRAPH.LEFT)
    add_line(paper, "变更明细", "Heading 1")
    if note.rows:
        table = add_table(paper, _HEADS, _WIDTHS)
        for row in note.printed:
            for cell, text in zip(table.add_row().cells, astuple(row), strict=True):
                cell.paragraphs[0].text, cell.paragraphs[0].style = text, paper.styles["No Spacing"]
    else:
        add_line(paper, "除版本号外没有变化。")
    add_line(paper, "", "No Spacing")
    signers = add_table(paper, _SIGNERS, (1, 1, 1, 1))
    for cell in signers.add_row().cells:
        cell.paragraphs[0].text, cell.paragraphs[0].style = "\n\n", paper.styles["No Spacing"]
    keep_row(signers, 0)
    add_line(paper, f"{note.bank}（签章）", side=WD_ALIGN_PARAGRAPH.RIGHT)
    about = paper.core_properties
    about.author, about.comments, about.title = "xiaobao", "", "检查表变更说明"
    about.created = about.modified = datetime(2026, 1, 1)
    about.last_modified_by = "xiaobao"
    paper.save(str(path))


def read_change_note(path: Path) -> tuple[NoteRow, ...]:
    """Return the rows of a note as they stand in the file."""
    heads = list(_HEADS.values())
    for table in Document(str(path)).tables:
        lines = [[cell.text for cell in row.cells] for row in table.rows]
        if lines and lines[0] == heads:
            return tuple(NoteRow(**dict(zip(_HEADS, line, strict=True))) for line in lines[1:])
    return ()
