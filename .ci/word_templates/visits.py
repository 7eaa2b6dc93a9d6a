"""The templates of the papers of a visit (检查文书). A bank may edit each .docx in Word.

This makes the shipped ones anew: run `make templates` after a change here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH

from xiaobao.features.visits.visit import PAPERS
from xiaobao.features.visits.visit_papers import EVIDENCE, MATTER_COLUMNS, REQUEST_COLUMNS, REQUIRED, TEAM
from xiaobao.word.layout import add_line, add_table, align_column, keep_row, new_paper

_RIGHT, _CENTER, _LEFT = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT
_TO = "{{ unit_name }}（{{ unit }}）："
_VISIT = "检查项目编号 {{ visit }}，{{ kind }}，{{ mode }}。"
_ASKED = "{{ one.place }}. {% if one.item %}{{ one.item }}（{{ one.period }}）{% endif %}"
_FIGURES = "笔数：{{ matter.count }}；金额：{{ matter.amount }}{% if matter.amount != '—' %} 元{% endif %}。"
_BLANK_DAY = "\n\n　　年　月　日"


def _head(kind: str, to: bool = True) -> Any:
    paper = new_paper()
    add_line(paper, "{{ bank }}", "Title")
    add_line(paper, f"消费者权益保护{PAPERS[kind]}", "Title")
    add_line(paper, "{{ number }}", side=_CENTER).paragraph_format.first_line_indent = 0
    if to:
        add_line(paper, _TO)
    return paper


def _part(paper: Any, title: str, *lines: str, side: Any = None) -> None:
    add_line(paper, title, "Heading 1")
    for line in lines:
        add_line(paper, line, side=side)


def _stated(paper: Any, title: str, *lines: str) -> None:
    """Add what inspectors wrote: serial numbers and amounts in it would be spaced out over a justified line."""
    _part(paper, title, *lines, side=_LEFT)


def _signatures(paper: Any, titles: Sequence[str]) -> None:
    add_line(paper, "", "No Spacing").paragraph_format.keep_with_next = True
    table = add_table(paper, {str(place): title for place, title in enumerate(titles)}, [1] * len(titles))
    for cell in table.add_row().cells:
        line = cell.paragraphs[0]
        line.text, line.style = _BLANK_DAY, "No Spacing"
    keep_row(table, 0)
    keep_row(table, 1)


def _seal(paper: Any, who: str = "{{ bank }}（签章）") -> None:
    add_line(paper, "", "No Spacing").paragraph_format.keep_with_next = True
    add_line(paper, who, side=_RIGHT).paragraph_format.keep_with_next = True
    add_line(paper, "{{ day }}", side=_RIGHT)


def _opinion(paper: Any, title: str = "被检查单位意见") -> None:
    add_line(paper, title, "Heading 1")
    add_line(paper, "□ 同意　　□ 不同意，理由：").paragraph_format.keep_with_next = True
    add_line(paper, "").paragraph_format.keep_with_next = True
    add_line(paper, "负责人（签字）：　　　　　　　　（单位盖章）").paragraph_format.keep_with_next = True
    add_line(paper, "　　年　月　日", side=_RIGHT).paragraph_format.keep_with_next = True  # the signatures


def _matters(paper: Any) -> None:
    align_column(add_table(paper, MATTER_COLUMNS, (9, 17, 11, 40, 8, 15), "matters"), (4, 5), _RIGHT)


def _plan() -> Any:
    paper = _head("plan", to=False)
    _part(paper, "一、检查背景", "{{ background }}")
    _part(paper, "二、检查依据", "{{ basis }}")
    _part(paper, "三、检查对象", "{{ unit_name }}（{{ unit }}）；抽查网点：{{ outlets }}。", _VISIT)
    _part(paper, "四、检查范围和业务期间", "{{ domains }}；业务期间：{{ start }}至{{ end }}，必要时可以追溯或者延伸。")
    _part(paper, "五、检查方法", "{{ method }}")
    _part(paper, "六、检查组和分工", "组长：{{ leader }}；检查人员：{{ inspectors }}。")
    add_table(paper, TEAM, (20, 20, 60), "team")
    _part(paper, "七、时间安排", "{{ entry }}进场，{{ closing }}结束。{{ timetable }}")
    _signatures(paper, ("拟稿人", "部门负责人", "审批人"))
    _seal(paper)
    return paper


def _notice() -> Any:
    paper = _head("notice")
    add_line(
        paper, "根据{{ basis_clause }}，现决定对你单位开展消费者权益保护{{ kind }}（{{ mode }}），有关事项通知如下。"
    )
    _part(paper, "一、检查范围", "{{ domains }}；抽查网点：{{ outlets }}。")
    _part(paper, "二、业务期间", "{{ start }}至{{ end }}，必要时可以追溯或者延伸。")
    _part(paper, "三、进场时间", "{{ entry }}进场，预计{{ closing }}结束。")
    _part(paper, "四、检查组", "组长：{{ leader }}；检查人员：{{ inspectors }}。")
    add_table(paper, TEAM, (20, 20, 60), "team")
    _part(paper, "五、需要准备的材料")
    add_line(paper, "{%p for one in requests %}")
    add_line(paper, _ASKED)
    add_line(paper, "{%p endfor %}")
    _part(paper, "六、配合要求", "请指定联系人，如实、及时、完整提供材料，不得拒绝、阻碍检查，不得毁损、隐匿材料。")
    add_line(paper, "联系方式：{{ contact }}")
    _seal(paper)
    _signatures(paper, ("签收人", "签收单位（盖章）"))
    return paper


def _requests() -> Any:
    paper = _head("requests")
    add_line(paper, "因检查需要（检查项目编号 {{ visit }}），请提供下列材料，移交和归还时双方签字。")
    add_table(paper, REQUEST_COLUMNS, (9, 29, 19, 13, 15, 15), "requests")
    _signatures(paper, ("调阅人（检查组）", "移交人（被检查单位）", "归还核对人"))
    add_line(paper, "{{ day }}", side=_RIGHT)
    return paper


def _working() -> Any:
    paper = _head("working", to=False)
    add_line(paper, "被检查单位：{{ unit_name }}（{{ unit }}）　检查项目：{{ visit }}　问题序号：{{ matter.place }}")
    _part(paper, "一、检查事项", "{{ matter.title }}（定性：{{ matter.nature }}）")
    _stated(paper, "二、检查程序和方法", "{{ matter.procedure }}")
    _stated(paper, "三、查出的事实", "{{ matter.facts }}", _FIGURES)
    _stated(paper, "四、依据", "{{ matter.basis }}")
    _stated(paper, "五、附件", "{{ matter.evidence }}")
    add_line(paper, "检查人：{{ matter.inspector }}")
    _opinion(paper, "六、被检查单位意见")
    _signatures(paper, ("检查人", "经办人（被检查单位）", "主管（被检查单位）", "复核人"))
    add_line(paper, "{{ day }}", side=_RIGHT)
    return paper


def _facts() -> Any:
    paper = _head("facts")
    add_line(
        paper,
        "检查组对你单位{{ start }}至{{ end }}的{{ domains }}进行了检查，查出{{ matter_count }}个问题，请核对下列事实。",
    )
    _part(paper, "一、事实")
    _matters(paper)
    _part(paper, "二、证据清单")
    add_table(paper, EVIDENCE, (10, 60, 30), "evidence")
    _opinion(paper, "三、被检查单位意见")
    _signatures(paper, ("检查人员", "检查人员", "组长"))
    return paper


def _report() -> Any:
    paper = _head("report", to=False)
    add_line(paper, "被检查单位：{{ unit_name }}（{{ unit }}）；检查项目：{{ visit }}（{{ kind }}，{{ mode }}）。")
    _part(
        paper,
        "一、检查情况",
        "检查组（组长 {{ leader }}，检查人员 {{ inspectors }}）于{{ entry }}至{{ closing }}，对{{ start }}至{{ end }}的"
        "{{ domains }}进行了检查。抽查网点：{{ outlets }}。{{ method }}",
        "{{ summary }}",
    )
    _part(paper, "二、查出的问题", "共查出{{ matter_count }}个问题，其中：{{ natures }}。")
    _matters(paper)
    _part(paper, "三、整改要求", "{{ requirements }}")
    add_table(paper, REQUIRED, (8, 20, 50, 22), "required")
    _appeals(paper)
    _signatures(paper, ("检查人员", "组长", "部门负责人"))
    _seal(paper, "检查组")
    return paper


def _appeals(paper: Any) -> None:
    """Add the unit's appeals and what was decided, where there are any."""
    add_line(paper, "{%p if appeals %}")
    _part(paper, "四、被检查单位的申诉和处理")
    add_line(paper, "{%p for line in appeals %}")
    add_line(paper, "{{ line }}")
    add_line(paper, "{%p endfor %}")
    add_line(paper, "{%p endif %}")


def _opinion_paper() -> Any:
    paper = _head("opinion")
    add_line(paper, "检查组于{{ entry }}至{{ closing }}对你单位{{ domains }}进行了检查。经研究，提出检查意见如下。")
    _part(paper, "一、总体情况", "{{ summary }}")
    _part(paper, "二、存在的问题", "共{{ matter_count }}个，其中：{{ natures }}。")
    _matters(paper)
    _part(paper, "三、要求", "{{ requirements }}")
    add_table(paper, REQUIRED, (8, 20, 50, 22), "required")
    _appeals(paper)
    _seal(paper)
    _signatures(paper, ("签收人", "签收单位（盖章）"))
    return paper


def _confirmation() -> Any:
    paper = _head("confirmation")
    _part(paper, "一、考核结果", "检查期间：{{ start }}至{{ end }}；得分：{{ total }}；等级：{{ grade }}。")
    _part(paper, "二、被考核单位意见", "□ 确认　　□ 申诉")
    add_line(paper, "申诉事项和理由：")
    add_line(paper, "")
    add_line(paper, "负责人（签字）：　　　　　　　　（单位盖章）").paragraph_format.keep_with_next = True
    add_line(paper, "　　年　月　日", side=_RIGHT)
    _part(paper, "三、申诉处理决定", "□ 维持　　□ 调整为：　　　　　")
    add_line(paper, "理由：")
    _signatures(paper, ("承办人", "部门负责人", "审定人"))
    _seal(paper)
    return paper


MAKERS = {
    "plan": _plan,
    "notice": _notice,
    "requests": _requests,
    "working": _working,
    "facts": _facts,
    "report": _report,
    "opinion": _opinion_paper,
    "confirmation": _confirmation,
}


def make_template(kind: str, path: Path) -> None:
    """Write the template of a kind of paper to `path`."""
    paper = MAKERS[kind]()
    about = paper.core_properties
    about.author, about.comments, about.title = "xiaobao", "", PAPERS[kind]
    about.created = about.modified = datetime(2026, 1, 1)
    about.last_modified_by = "xiaobao"
    paper.save(str(path))


if __name__ == "__main__":
    for one in MAKERS:
        make_template(one, Path(sys.argv[1]) / f"visit-{one}.docx")
