"""The inspection report's template. A bank may edit the .docx in Word; this makes the shipped one anew.

Run `make templates` after a change here; a test holds the two equal.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from docx.enum.text import WD_ALIGN_PARAGRAPH

from xiaobao.word.layout import add_line, add_table, align_column, new_paper

if TYPE_CHECKING:
    from docx.document import Document as Paper

_RIGHT, _CENTER = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER
_SHEETS = {
    "title": "检查域",
    "checklist": "检查表及版本",
    "manual": "人工检查项",
    "by_data": "数据检查项",
    "sha256": "内容校验",
}
_DOMAINS = {
    "title": "检查域",
    "weight": "权重",
    "own": "自评得分",
    "after": "按认定结果得分",
    "coverage": "评分覆盖（%）",
    "before": "按疑点测算得分",
    "grade": "等级",
    "rank": "同层级名次",
    "median": "同层级中位数",
    "findings": "检查发现",
}
_REVIEWS = {
    "domain": "检查域",
    "title": "检查项",
    "own": "自评",
    "review": "复评",
    "own_points": "自评得分",
    "points": "复评得分",
    "why": "差异理由",
}
_COVERAGE = {"domain": "检查域", "title": "数据", "rows": "记录数", "used_by": "用于检查"}
_LEAD_COUNTS = {
    "title": "数据检查",
    "hits": "疑点",
    "confirmed": "属实",
    "partly": "部分属实",
    "refuted": "不属实",
    "open": "未认定",
}
_ACTIONS = {"finding": "问题", "line": "类别", "measure": "整改措施", "owner": "责任人", "due": "完成期限"}
_SIGNERS = {"preparer": "编制人", "reviewer": "复核人", "approver": "审定人", "head": "被查机构负责人"}
_APPEALS = {
    "sheet": "检查表",
    "told": "申诉",
    "about": "检查项",
    "grounds": "申诉理由",
    "outcome": "处理结果",
    "why": "处理理由",
}
_LOSSES = {"domain": "检查域", "title": "检查项", "lost": "扣分/满分", "weighted": "占总分", "why": "原因"}
_OTHERS = {
    "nature": "定性",
    "domain": "检查域",
    "title": "问题",
    "severity": "严重程度",
    "lost": "扣分",
    "fact": "事实（节选）",
}
_LEADS = {
    "id": "疑点编号",
    "check": "数据检查",
    "day": "业务日期",
    "summary": "情况",
    "record": "业务记录",
    "state": "认定",
}


def make_template(path: Path) -> None:
    """Write the template to `path`."""
    paper = new_paper()
    _head(paper)
    _basis_and_method(paper)
    _assessment(paper)
    _reviews(paper)
    _appeals(paper)
    _findings(paper)
    _leads_and_actions(paper)
    _signatures(paper)
    _appendix(paper)
    about = paper.core_properties
    about.author, about.comments, about.title = "xiaobao", "", "消费者权益保护自查报告"
    about.created = about.modified = datetime(2026, 1, 1)
    about.last_modified_by = "xiaobao"
    paper.save(str(path))


def _head(paper: Paper) -> None:
    add_line(paper, "{{ bank }}", "Title")
    add_line(paper, "{{ unit.name }}消费者权益保护自查报告", "Title")
    add_line(paper, "{{ number }}", side=_CENTER).paragraph_format.first_line_indent = 0


def _basis_and_method(paper: Paper) -> None:
    add_line(paper, "一、检查依据与范围", "Heading 1")
    add_line(paper, "{%p if basis %}")
    add_line(paper, "本次自查依据以下规定，具体条文见各检查发现：{{ basis | join('、') }}。")
    add_line(paper, "{%p else %}")
    add_line(paper, "本次自查依据本行消费者权益保护检查制度。")
    add_line(paper, "{%p endif %}")
    add_line(
        paper,
        "检查对象为{{ unit.name }}（机构号{{ unit.id }}，{{ level }}），检查期间为"
        "{{ start }}至{{ end }}（{{ period }}），未了事项截至{{ as_of }}。采用的检查表如下：",
    )
    table = add_table(paper, _SHEETS, (18, 32, 13, 13, 24), "sheets")
    align_column(table, (2, 3), _RIGHT)
    add_line(paper, "二、检查方法与数据覆盖", "Heading 1")
    add_line(
        paper,
        "人工检查项采用查阅、现场查看、访谈、测试等方法；数据检查项对业务数据全量比对，命中记录先列为疑点，"
        "经机构核实、检查人员认定后方计入得分。缺少数据的检查项列为“无数据”，不视为通过。",
    )
    add_line(paper, "全部数据的行数和用途见“数字”工作簿。")
    add_line(paper, "{%p if gaps %}")
    add_line(paper, "缺少或有未判记录的数据如下：")
    table = add_table(paper, _COVERAGE, (16, 20, 12, 52), "gaps")
    align_column(table, (2,), _RIGHT)
    add_line(paper, "{%p endif %}")


def _assessment(paper: Paper) -> None:
    add_line(paper, "三、总体评价", "Heading 1")
    add_line(paper, "{{ judgement }}")
    add_line(paper, "{%p for remark in remarks %}")
    add_line(paper, "{{ remark }}")
    add_line(paper, "{%p endfor %}")
    table = add_table(paper, {"name": "评价指标", "value": "数值"}, (60, 40), "totals")
    align_column(table, (1,), _RIGHT)
    add_line(paper, "四、各域得分", "Heading 1")
    table = add_table(paper, _DOMAINS, (16, 8, 11, 12, 11, 12, 7, 9, 12, 8), "domains")
    align_column(table, (1, 2, 3, 4, 5, 8, 9), _RIGHT)
    align_column(table, (6, 7), _CENTER)
    add_line(
        paper,
        "注：得分按百分制；名次为“名次/同层级参评机构数”，同分同名次；中位数为同层级参评机构得分的中位数；"
        "“覆盖 n %”表示已评分的检查项不足限额，没有得分；“—”表示没有可以计算的数据。",
        "No Spacing",
    )


def _reviews(paper: Paper) -> None:
    add_line(paper, "{%p if reviews %}")
    add_line(paper, "复核与自评不同的检查项如下，自评答复原样保留。")
    table = add_table(paper, _REVIEWS, (13, 20, 10, 10, 9, 9, 29), "reviews")
    align_column(table, (4, 5), _RIGHT)
    add_line(paper, "{%p endif %}")


def _appeals(paper: Paper) -> None:
    add_line(paper, "{%p if appeals %}")
    add_line(paper, "被检查机构对结果的申诉及处理如下；申诉成立的，得分已按处理结果计算。")
    add_table(paper, _APPEALS, (13, 20, 14, 22, 10, 21), "appeals")
    add_line(paper, "{%p endif %}")


def _findings(paper: Paper) -> None:
    add_line(paper, "五、发现的问题", "Heading 1")
    add_line(paper, "{%p if not natures %}")
    add_line(paper, "本期未形成检查发现。")
    add_line(paper, "{%p endif %}")
    add_line(paper, "{%p for nature in gravest %}")
    add_line(paper, "{{ nature.head }}", "Heading 2")
    add_line(paper, "{%p for finding in nature.findings %}")
    add_line(paper, "{{ finding.head }}", "Heading 3")
    about = ("检查域：{{ finding.domain }}", "严重程度：{{ finding.severity }}", "来源：{{ finding.origin }}")
    add_line(paper, f"{'；'.join(about)}；扣{{{{ finding.lost }}}}分。")
    add_line(paper, "标准：{{ finding.criteria }}")
    add_line(paper, "事实：{{ finding.condition }}")
    add_line(paper, "{%p if finding.effect %}")
    add_line(paper, "影响：{{ finding.effect }}")
    add_line(paper, "{%p endif %}")
    add_line(paper, "建议：{{ finding.recommendation }}")
    add_line(paper, "{%p endfor %}")
    add_line(paper, "{%p endfor %}")
    add_line(paper, "{%p if others %}")
    add_line(paper, "以上逐项写明最严重的问题，其余问题按定性列表如下；标准、事实、影响和建议的全文见“数字”工作簿。")
    table = add_table(paper, _OTHERS, (11, 13, 27, 9, 8, 32), "others")
    align_column(table, (4,), _RIGHT)
    add_line(paper, "{%p endif %}")


def _leads_and_actions(paper: Paper) -> None:
    add_line(paper, "六、疑点核实情况", "Heading 1")
    add_line(paper, "{%p if lead_counts %}")
    add_line(paper, "数据检查提示的疑点核实与认定情况如下，清单节选见附表2，全部见“数字”工作簿。")
    table = add_table(paper, _LEAD_COUNTS, (50, 10, 10, 10, 10, 10), "lead_counts")
    align_column(table, (1, 2, 3, 4, 5), _RIGHT)
    add_line(paper, "{%p else %}")
    add_line(paper, "本期数据检查没有提示疑点。")
    add_line(paper, "{%p endif %}")
    add_line(paper, "七、整改要求", "Heading 1")
    add_line(paper, "{%p if actions %}")
    add_line(paper, "请责任部门按下表落实个案整改和机制整改，整改完成后提交佐证材料，由检查部门验证后销号。")
    add_table(paper, _ACTIONS, (26, 9, 31, 12, 22), "first_actions")
    add_line(paper, "{%p if actions_left %}")
    add_line(paper, "其余{{ actions_left }}项整改措施见整改台账。")
    add_line(paper, "{%p endif %}")
    add_line(paper, "{%p elif natures %}")
    add_line(
        paper,
        "请被查机构针对上述问题逐项制定整改措施，明确责任人和完成期限，整改完成后提交佐证材料，由检查部门验证后销号。",
    )
    add_line(paper, "{%p else %}")
    add_line(paper, "本期没有需要整改的检查发现。")
    add_line(paper, "{%p endif %}")
    add_line(paper, "{%p if earlier_actions %}")
    add_line(paper, "以前期间的整改也要一并完成：{{ earlier_actions }}。")
    add_line(paper, "{%p endif %}")


def _signatures(paper: Paper) -> None:
    add_line(paper, "")
    table = add_table(paper, _SIGNERS, (1, 1, 1, 1))
    blank = table.add_row()
    for cell in blank.cells:
        cell.paragraphs[0].text = "\n\n　　年　月　日"
        cell.paragraphs[0].style = "No Spacing"
    add_line(paper, "")
    add_line(paper, "{{ unit.name }}（签章）", side=_RIGHT)
    add_line(paper, "{{ as_of }}", side=_RIGHT)


def _appendix(paper: Paper) -> None:
    add_line(paper, "附表", "Heading 1").paragraph_format.page_break_before = True
    add_line(paper, "附表1　扣分最多的检查项", "Caption")
    table = add_table(paper, _LOSSES, (14, 32, 14, 10, 30), "first_losses")
    align_column(table, (2, 3), _RIGHT)
    add_line(paper, "附表2　疑点清单（节选）", "Caption")
    add_table(paper, _LEADS, (18, 13, 13, 17, 29, 10), "first_leads")
    add_line(paper, "检查项得分明细、全部扣分、检查发现全文和全部疑点记录见与本报告同名的“数字”工作簿。", "No Spacing")


if __name__ == "__main__":
    make_template(Path(sys.argv[1]) / "inspection.docx")
