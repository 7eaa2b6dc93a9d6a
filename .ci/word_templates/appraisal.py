"""The template of the 考核结果确认（申诉）表. A bank may edit the .docx in Word; this makes the shipped one anew.

Run `make templates` after a change here.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from docx.enum.text import WD_ALIGN_PARAGRAPH

from xiaobao.features.appraisal.confirmation import CONFIRMATION, ENTRIES, PARTS, TITLE
from xiaobao.word.layout import add_line, add_table, align_column, keep_row, new_paper

_RIGHT, _LEFT = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT
_SIGNERS = ("承办人", "部门负责人", "审定人")


def make_template(path: Path) -> None:
    """Write the template to `path`."""
    paper = new_paper()
    add_line(paper, "{{ bank }}", "Title")
    add_line(paper, TITLE, "Title")
    add_line(paper, "{{ unit_name }}（{{ unit }}）：")
    add_line(paper, "一、考核结果", "Heading 1")
    add_line(
        paper,
        "考核期间：{{ start }}至{{ end }}；按《{{ scheme }}》考核，得分：{{ total }}；等级：{{ grade }}。"
        "结果{{ state }}，申诉截止{{ until }}。",
        side=_LEFT,
    )
    align_column(add_table(paper, PARTS, (22, 8, 9, 9, 52), "parts"), (1, 2, 3), _RIGHT)
    add_line(paper, "{%p if entries %}")
    add_line(paper, "加分和减分：").paragraph_format.keep_with_next = True
    align_column(add_table(paper, ENTRIES, (16, 12, 44, 28), "entries"), (1,), _RIGHT)
    add_line(paper, "{%p endif %}")
    add_line(paper, "二、被考核单位意见", "Heading 1")
    add_line(paper, "□ 确认　　□ 申诉，事项和理由：").paragraph_format.keep_with_next = True
    add_line(paper, "{%p for one in appeals %}")
    add_line(paper, "{{ one.said }}　佐证材料：{{ one.evidence }}", side=_LEFT)
    add_line(paper, "{%p endfor %}")
    add_line(paper, "").paragraph_format.keep_with_next = True
    add_line(paper, "负责人（签字）：　　　　　　　　（单位盖章）").paragraph_format.keep_with_next = True
    add_line(paper, "　　年　月　日", side=_RIGHT)
    add_line(paper, "三、申诉处理决定", "Heading 1")
    add_line(paper, "{%p for one in appeals %}")
    add_line(paper, "{{ one.decided }}", side=_LEFT)
    add_line(paper, "{%p endfor %}")
    add_line(paper, "□ 维持　　□ 调整为：　　　　　").paragraph_format.keep_with_next = True
    add_line(paper, "", "No Spacing").paragraph_format.keep_with_next = True
    table = add_table(paper, {str(place): title for place, title in enumerate(_SIGNERS)}, (1, 1, 1))
    for cell in table.add_row().cells:
        line = cell.paragraphs[0]
        line.text, line.style = "\n\n　　年　月　日", "No Spacing"
    keep_row(table, 0)
    keep_row(table, 1)
    add_line(paper, "", "No Spacing").paragraph_format.keep_with_next = True
    add_line(paper, "{{ bank }}（签章）", side=_RIGHT).paragraph_format.keep_with_next = True
    add_line(paper, "{{ day }}", side=_RIGHT)
    about = paper.core_properties
    about.author, about.comments, about.title = "xiaobao", "", TITLE
    about.created = about.modified = datetime(2026, 1, 1)
    about.last_modified_by = "xiaobao"
    paper.save(str(path))


if __name__ == "__main__":
    make_template(Path(sys.argv[1]) / CONFIRMATION)
