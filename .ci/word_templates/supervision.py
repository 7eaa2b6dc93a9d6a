"""The template of the 督办单. A bank may edit the .docx in Word; this makes the shipped one anew.

Run `make templates` after a change here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from docx.enum.text import WD_ALIGN_PARAGRAPH

from xiaobao.features.today.supervision import SUPERVISED_COLUMNS
from xiaobao.word.layout import add_line, add_table, align_column, keep_row, new_paper

_RIGHT, _CENTER = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER
_ANSWER = {"place": "序号", "done": "办理情况和结果", "finished": "办结日期", "evidence": "佐证材料"}
_SIGNERS = {"handler": "承办人", "head": "承办机构负责人", "supervisor": "督办人", "closed": "销号意见"}


def make_template(path: Path) -> None:
    """Write the template to `path`."""
    paper = new_paper()
    add_line(paper, "{{ bank }}", "Title")
    add_line(paper, "消费者权益保护督办单", "Title")
    add_line(paper, "{{ number }}", side=_CENTER).paragraph_format.first_line_indent = 0
    add_line(paper, "{{ unit_name }}（{{ unit }}）：")
    add_line(
        paper,
        "截至{{ day }}，你机构有下列{{ count }}项消费者权益保护工作事项到期或者逾期，其中逾期{{ overdue }}项。"
        "请明确承办人，逐项办理，并于{{ answer_by }}前将办理情况连同佐证材料书面反馈。",
    )
    add_line(paper, "一、督办事项", "Heading 1")
    align_column(add_table(paper, SUPERVISED_COLUMNS, (7, 8, 19, 36, 19, 11), "matters"), (5,), _RIGHT)
    add_line(paper, "二、办理情况（承办机构填写）", "Heading 1")
    add_table(paper, _ANSWER, (10, 50, 16, 24), "matters")
    add_line(paper, "", "No Spacing")
    signers = add_table(paper, _SIGNERS, (1, 1, 1, 1))
    _blank(signers.add_row().cells, "\n\n　　年　月　日")
    keep_row(signers, 0)
    keep_row(signers, 1)
    add_line(paper, "", "No Spacing").paragraph_format.keep_with_next = True
    add_line(paper, "{{ bank }}（签章）", side=_RIGHT).paragraph_format.keep_with_next = True
    add_line(paper, "{{ day }}", side=_RIGHT)
    about = paper.core_properties
    about.author, about.comments, about.title = "xiaobao", "", "消费者权益保护督办单"
    about.created = about.modified = datetime(2026, 1, 1)
    about.last_modified_by = "xiaobao"
    paper.save(str(path))


def _blank(cells: Sequence[object], text: str) -> None:
    for cell in cells:
        line = cell.paragraphs[0]  # type: ignore[attr-defined]
        line.text, line.style = text, "No Spacing"


if __name__ == "__main__":
    make_template(Path(sys.argv[1]) / "supervision.docx")
