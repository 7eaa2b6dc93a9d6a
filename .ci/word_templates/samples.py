"""The template of the 抽样底稿. A bank may edit the .docx in Word; this makes the shipped one anew.

Run `make templates` after a change here.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from docx.enum.text import WD_ALIGN_PARAGRAPH

from xiaobao.features.samples.sample_paper import ROWS
from xiaobao.word.layout import add_line, add_table, keep_row, new_paper

_FACTS = (
    ("抽样编号", "{{ number }}", "检查期间", "{{ period }}"),
    ("被检查机构", "{{ unit_name }}", "检查项", "{{ item }}"),
)
_SIGNERS = {"drawn": "抽样人", "redrawn": "复抽人", "checked": "检查人", "confirmed": "复核人"}


def make_template(path: Path) -> None:
    """Write the template to `path`."""
    paper = new_paper()
    add_line(paper, "{{ bank }}", "Title")
    add_line(paper, "抽样底稿", "Title")
    table = add_table(paper, {str(place): text for place, text in enumerate(_FACTS[0])}, (15, 35, 15, 35))
    for cells in _FACTS[1:]:
        for cell, text in zip(table.add_row().cells, cells, strict=True):
            cell.paragraphs[0].style = "No Spacing"
            cell.paragraphs[0].add_run(text)
    for row in table.rows:
        for place, cell in enumerate(row.cells):
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.LEFT
            for run in cell.paragraphs[0].runs:
                run.bold = place in (0, 2) or None
    add_line(paper, "一、抽查内容", "Heading 1")
    add_line(paper, "{{ title }}")
    add_line(paper, "二、总体", "Heading 1")
    add_line(
        paper,
        "来源：{{ source }}；筛选条件：{{ filters }}；共{{ population }}笔，金额{{ amount }}。"
        "{% if left_out %}金额不大于 0 的 {{ left_out }} 笔不参加货币单元抽样。{% endif %}",
    )
    add_line(paper, "总体摘要（SHA-256）：{{ digest }}", "No Spacing")
    add_line(paper, "{%p for one in stale %}")
    add_line(paper, "提示：{{ one }}")
    add_line(paper, "{%p endfor %}")
    add_line(paper, "三、抽样设计", "Heading 1")
    add_line(
        paper,
        "抽样方法：{{ method }}；样本量依据：{{ basis }}，样本量 {{ size }}；置信水平 {{ confidence }}，可容忍不符率 "
        "{{ tolerable }}，预计不符率 {{ expected }}，允许不符笔数 {{ allowed }}，可容忍错报 {{ tolerable_amount }}。",
    )
    add_line(paper, "随机种子 {{ seed }}。按编号排序后由种子确定样本，任何人按同一总体和种子抽取，结果相同。")
    add_line(paper, "四、样本和检查结果", "Heading 1")
    add_line(
        paper,
        "抽取{{ drawn }}笔，不符{{ exceptions }}笔，未检查{{ open }}笔。抽样人：{{ drawn_by }}；复抽：{{ redraws }}。",
    )
    add_line(paper, "样本摘要（SHA-256）：{{ draw_digest }}", "No Spacing")
    add_table(paper, ROWS, (9, 19, 34, 9, 19, 10), "rows")
    add_line(paper, "五、结论", "Heading 1")
    add_line(paper, "{{ conclusion }}")
    add_line(paper, "复核意见：{{ opinion }}{% if confirmed %}（{{ confirmed }}）{% endif %}")
    add_line(paper, "", "No Spacing")
    signers = add_table(paper, _SIGNERS, (1, 1, 1, 1))
    for cell in signers.add_row().cells:
        line = cell.paragraphs[0]
        line.text, line.style = "\n\n　　年　月　日", "No Spacing"
    keep_row(signers, 0)
    keep_row(signers, 1)
    add_line(paper, "{{ day }}", side=WD_ALIGN_PARAGRAPH.RIGHT)
    about = paper.core_properties
    about.author, about.comments, about.title = "xiaobao", "", "抽样底稿"
    about.created = about.modified = datetime(2026, 1, 1)
    about.last_modified_by = "xiaobao"
    paper.save(str(path))


if __name__ == "__main__":
    make_template(Path(sys.argv[1]) / "sample.docx")
