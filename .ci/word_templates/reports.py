"""Templates of the reports that are written from figures. A bank may edit the .docx in Word; this makes them anew.

Run `make templates` after a change here; a test holds the two equal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from docx.enum.text import WD_ALIGN_PARAGRAPH

from xiaobao.word.documents import CHARTS
from xiaobao.word.layout import add_line, add_table, align_column, new_paper

if TYPE_CHECKING:
    from docx.document import Document as Paper

_RIGHT, _CENTER = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER
_FACET = {
    "name": "项目",
    "count": "件数",
    "share": "占比（%）",
    "before": "对比期",
    "difference": "增减",
    "rate": "增幅（%）",
}
_TIMELINESS = {
    "name": "范围",
    "cases": "件数",
    "on_time": "按期办结",
    "late": "超期办结",
    "in_hand": "在办未超期",
    "overdue": "在办超期",
    "rate": "按期办结率（%）",
    "mean": "平均天数",
    "median": "中位天数",
    "longest": "最长天数",
}
_SUBCLASS = {"above": "大类", "name": "小类", "count": "件数", "share": "占大类比（%）"}
_HOT = {"unit": "机构", "name": "业务类别", "count": "本期件数", "before": "对比期件数", "expected": "预期件数"}
_POLICIES = {"title": "制度名称", "number": "文号", "kind": "类别", "change": "订立方式", "day": "印发日期"}
_PLAN = {"task": "工作任务", "department": "责任部门", "due": "完成期限", "done": "完成日期", "state": "完成情况"}
_FINDINGS = {"domain": "检查域", "count": "检查发现", "high": "其中高风险", "units": "涉及机构"}
_EVENTS = {
    "number": "事件编号",
    "unit": "机构",
    "kind": "类别",
    "grade": "级别",
    "known": "知悉时间",
    "首报": "首报",
    "late": "迟报",
}
_CLUSTERS = {
    "product": "产品或服务",
    "unit": "机构",
    "first": "首日",
    "last": "末日",
    "people": "投诉人数",
    "complaints": "投诉件数",
}
_RANKS = {
    "level": "层级",
    "rank": "名次",
    "unit": "机构",
    "total": "得分",
    "coverage": "评分覆盖（%）",
    "grade": "等级",
    "change": "较上期",
    "findings": "检查发现",
    "open": "待认定疑点",
    "state": "备注",
}
_UNSCORED = {
    "level": "层级",
    "unit": "机构",
    "standing": "状态",
    "findings": "检查发现",
    "open": "待认定疑点",
    "state": "备注",
}
_DOMAINS = {
    "domain": "检查域",
    "scored": "参评机构",
    "mean": "平均分",
    "median": "中位数",
    "top": "最高分",
    "low": "最低分",
    "lowest": "得分最低的机构",
}
_LOSSES = {"unit": "机构", "domain": "检查域", "item": "检查项", "lost": "扣分", "weighted": "占总分", "why": "原因"}
_VETOES = {"unit": "机构", "day": "日期", "event": "事件", "before": "否决前得分", "after": "否决后得分"}
_ELEMENTS = {
    "element": "评价要素",
    "asked": "检查项",
    "answers": "应查项次",
    "assessed": "已评分项次",
    "possible": "可得分值",
    "earned": "得分",
    "rate": "得分率（%）",
    "evidence": "佐证份数",
}
_SCORES = {
    "element": "评价要素",
    "weight": "权重",
    "scored": "有得分机构",
    "mean": "平均分",
    "low": "最低分",
    "top": "最高分",
}
_UNIT_SCORES = {"unit": "机构", "total": "自评总分", "state": "备注"}
_SHORTFALLS = {"element": "评价要素", "item": "检查项", "units": "失分机构", "lost": "失分", "state": "未评分项次"}
_EVIDENCE = {"element": "评价要素", "item": "检查项", "unit": "机构", "name": "佐证材料", "sha256": "内容校验"}


def make_templates(folder: Path) -> None:
    """Write every template to `folder`."""
    for name, make in TEMPLATES.items():
        paper = new_paper()
        make(paper)
        about = paper.core_properties
        about.author, about.comments, about.title = "xiaobao", "", "消费者权益保护报告"
        about.created = about.modified = datetime(2026, 1, 1)
        about.last_modified_by = "xiaobao"
        paper.save(str(folder / name))


def _head(paper: Paper) -> None:
    add_line(paper, "{{ title }}", "Title")
    add_line(paper, "{{ number }}", side=_CENTER).paragraph_format.first_line_indent = 0


def _part(paper: Paper, name: str, lists: str = "parts") -> None:
    add_line(paper, f"{{%p for line in {lists}.{name} %}}")
    add_line(paper, "{{ line }}")
    add_line(paper, "{%p endfor %}")


def _table(
    paper: Paper,
    name: str,
    title: str,
    columns: Mapping[str, str],
    widths: Sequence[int],
    numbers: Sequence[int],
    empty: str = "",
) -> None:
    """Add a captioned table that stands only where it has rows; `empty` is said where it has none."""
    add_line(paper, f"{{%p if tables.{name} %}}")
    add_line(paper, title, "Caption").paragraph_format.keep_with_next = True
    align_column(add_table(paper, columns, widths, f"tables.{name}"), numbers, _RIGHT)
    add_line(paper, f"{{%p if table_notes.{name} %}}")
    add_line(paper, f"注：{{{{ table_notes.{name} }}}}", "No Spacing")
    add_line(paper, "{%p endif %}")
    if empty:
        add_line(paper, "{%p else %}")
        add_line(paper, empty).paragraph_format.keep_with_next = True
    add_line(paper, "{%p endif %}")


def _chart(paper: Paper, name: str) -> None:
    add_line(paper, f"{{%p if charts.{name} %}}")
    add_line(paper, f"{{{{ charts.{name} }}}}", "No Spacing", _CENTER)
    add_line(paper, "{%p endif %}")


def _facet(paper: Paper, name: str, title: str) -> None:
    """Add the chart and the table of a breakdown, the changes beside it where there is a period to compare with."""
    head = {**_FACET, "name": title.removeprefix("投诉").removesuffix("情况")}
    short = {field: head[field] for field in ("name", "count", "share")}
    add_line(paper, f"{{%p if tables.{name} is defined %}}")
    if name in CHARTS:
        _chart(paper, name)
    add_line(paper, "{%p if compared %}")
    _table(paper, name, title, head, (36, 12, 14, 12, 12, 14), range(1, 6))
    add_line(paper, "{%p else %}")
    _table(paper, name, title, short, (50, 25, 25), (1, 2))
    add_line(paper, "{%p endif %}")
    add_line(paper, "{%p endif %}")


def _foot(paper: Paper) -> None:
    add_line(paper, "{%p if notes %}")
    add_line(paper, "统计说明", "Heading 1")
    add_line(paper, "{%p for note in notes[:-1] %}")
    add_line(paper, "{{ note }}")
    add_line(paper, "{%p endfor %}")
    add_line(paper, "{{ notes[-1] }}").paragraph_format.keep_with_next = True  # a signature never stands alone
    add_line(paper, "{%p endif %}")
    add_line(paper, "{%p if due %}")
    add_line(paper, "报送期限：{{ due }}。").paragraph_format.keep_with_next = True
    add_line(paper, "{%p endif %}")
    add_line(paper, "").paragraph_format.keep_with_next = True
    add_line(paper, "{{ author }}", side=_RIGHT).paragraph_format.keep_with_next = True
    add_line(paper, "{{ day }}", side=_RIGHT)


def _work_report(paper: Paper) -> None:
    _head(paper)
    add_line(paper, "现将{{ author }}{{ start }}至{{ end }}的消费者权益保护工作情况报告如下，未了事项截至{{ as_of }}。")
    add_line(paper, "一、工作开展情况", "Heading 1")
    heads = {
        "governance": "体制机制",
        "policies": "制度建设",
        "reviews": "消费者权益保护审查",
        "conduct": "信息披露与适当性管理",
        "personal_information": "个人信息保护",
        "complaints": "投诉处理",
        "disputes": "纠纷多元化解",
        "education": "金融知识宣传教育",
        "training": "培训",
        "special_groups": "特殊群体服务",
        "inspections": "内部考核与检查",
        "plan": "工作计划完成情况",
    }
    for number, (name, head) in zip("一二三四五六七八九十", heads.items(), strict=False):
        _work_part(paper, name, f"（{number}）{head}")
    for number, name in (("十一", "inspections"), ("十二", "plan")):
        _work_part(paper, name, f"（{number}）{heads[name]}")
    add_line(paper, "二、存在的问题与不足", "Heading 1")
    _part(paper, "problems", "text")
    add_line(paper, "三、下期工作计划", "Heading 1")
    _part(paper, "plans", "text")
    _foot(paper)


def _work_part(paper: Paper, name: str, head: str) -> None:
    add_line(paper, head, "Heading 2")
    _part(paper, name)
    if name == "policies":
        _table(paper, "policies", "本期订立、修订和废止的制度", _POLICIES, (30, 20, 16, 12, 22), ())
    elif name == "complaints":
        for facet, title in (("business_class", "投诉业务类别情况"), ("reason", "投诉原因情况")):
            _facet(paper, facet, title)
    elif name == "inspections":
        _unscored(paper)
        _table(paper, "findings", "检查发现按检查域分布", _FINDINGS, (40, 20, 20, 20), (1, 2, 3))
        add_line(paper, "{%p if tables.events is defined %}")
        _table(paper, "events", "重大事件报告情况", _EVENTS, (19, 12, 13, 8, 18, 18, 12), ())
        _table(paper, "clusters", "集中投诉预警", _CLUSTERS, (24, 12, 19, 19, 13, 13), (4, 5))
        add_line(paper, "{%p endif %}")
    elif name == "plan":
        _table(paper, "plan", "工作计划完成情况", _PLAN, (32, 14, 20, 20, 14), ())


def _complaints(paper: Paper) -> None:
    _head(paper)
    add_line(paper, "现将{{ author }}{{ start }}至{{ end }}的消费投诉情况分析如下，未办结投诉截至{{ as_of }}。")
    add_line(paper, "一、总体情况", "Heading 1")
    _part(paper, "summary")
    _part(paper, "month")
    _facet(paper, "month", "投诉月份情况")
    add_line(paper, "二、投诉分析", "Heading 1")
    facets = {"source": "来源", "channel": "渠道", "business_class": "业务类别", "reason": "原因"}
    for number, (name, head) in zip("一二三四", facets.items(), strict=True):
        add_line(paper, f"（{number}）{head}", "Heading 2")
        _part(paper, name)
        _facet(paper, name, f"投诉{head}情况")
        if name == "channel":
            _facet(paper, "channel_front", "投诉前台业务渠道情况")
    add_line(paper, "{%p if tables.subclass is defined %}")
    _table(paper, "subclass", "投诉业务小类情况", _SUBCLASS, (34, 34, 14, 18), (2, 3))
    add_line(paper, "{%p endif %}")
    add_line(paper, "（五）地区和机构", "Heading 2")
    _part(paper, "place")
    _facet(paper, "region", "投诉地区情况")
    _facet(paper, "branch", "投诉分行及直属机构情况")
    add_line(paper, "三、办理情况", "Heading 1")
    _part(paper, "timeliness")
    _part(paper, "service")
    add_line(paper, "{%p if tables.timeliness is defined %}")
    _table(paper, "timeliness", "投诉办理时限情况", _TIMELINESS, (15, 7, 8, 8, 9, 8, 12, 12, 10, 9), range(1, 10))
    add_line(paper, "{%p endif %}")
    add_line(paper, "四、投诉显著升高的机构和类别", "Heading 1")
    _part(paper, "hot")
    add_line(paper, "{%p if tables.hot is defined %}")
    _table(paper, "hot", "投诉显著升高的机构和类别", _HOT, (32, 26, 14, 14, 14), (2, 3, 4))
    add_line(paper, "{%p endif %}")
    add_line(paper, "五、存在的问题与不足", "Heading 1")
    _part(paper, "problems", "text")
    add_line(paper, "六、改进措施", "Heading 1")
    _part(paper, "plans", "text")
    _foot(paper)


def _unscored(paper: Paper) -> None:
    _table(paper, "unscored", "未检查和覆盖不足的机构", _UNSCORED, (10, 30, 16, 12, 14, 18), (3, 4))


def _appraisal(paper: Paper) -> None:
    _head(paper)
    add_line(paper, "现将{{ start }}至{{ end }}消费者权益保护考核结果通报如下，疑点认定和整改情况截至{{ as_of }}。")
    add_line(paper, "一、总体情况", "Heading 1")
    _part(paper, "summary")
    add_line(paper, "二、考核结果", "Heading 1")
    _table(
        paper,
        "ranks",
        "各机构考核结果",
        _RANKS,
        (8, 6, 21, 9, 11, 8, 9, 9, 9, 10),
        (3, 4, 6, 7, 8),
        "没有一个机构有得分，不排名。",
    )
    _unscored(paper)
    add_line(paper, "三、各检查域情况", "Heading 1")
    _table(paper, "domains", "各检查域得分情况", _DOMAINS, (21, 11, 11, 11, 11, 11, 24), range(1, 6), "没有检查域。")
    add_line(paper, "四、一票否决", "Heading 1")
    _table(paper, "vetoes", "一票否决事项", _VETOES, (22, 14, 36, 14, 14), (3, 4), "没有触发一票否决的事项。")
    add_line(paper, "五、扣分及原因", "Heading 1")
    _table(paper, "losses", "各机构主要扣分", _LOSSES, (18, 12, 20, 11, 11, 28), (3, 4), "没有可以列出的扣分。")
    last = add_line(paper, "对考核结果有异议的，请在本行规定的期限内书面申诉。")
    last.paragraph_format.keep_with_next = True
    _foot(paper)


def _evaluation(paper: Paper) -> None:
    _head(paper)
    add_line(
        paper,
        "{{ author }}对照监管评价的七个要素，依据{{ start }}至{{ end }}的检查结果开展自评估，截至{{ as_of }}。"
        "自评得分由检查结果按各要素的权重计算，监管评价结果以监管部门的评价为准。",
    )
    add_line(paper, "一、总体情况", "Heading 1")
    _part(paper, "summary")
    add_line(paper, "二、各评价要素情况", "Heading 1")
    _table(paper, "elements", "七个评价要素自评情况", _ELEMENTS, (20, 9, 10, 11, 15, 14, 12, 9), range(1, 8))
    _table(paper, "element_scores", "各评价要素自评得分", _SCORES, (28, 12, 18, 14, 14, 14), range(1, 6))
    _table(paper, "unit_scores", "各机构自评得分", _UNIT_SCORES, (56, 22, 22), (1,))
    _unscored(paper)
    add_line(paper, "三、存在的不足", "Heading 1")
    _table(
        paper,
        "shortfalls",
        "失分和未评分的检查项",
        _SHORTFALLS,
        (18, 40, 10, 12, 20),
        (2, 3),
        "没有失分和未评分的检查项。",
    )
    add_line(paper, "四、佐证材料清单", "Heading 1")
    _table(paper, "evidence", "佐证材料清单", _EVIDENCE, (18, 26, 12, 26, 18), (), "没有登记佐证材料。")
    _foot(paper)


TEMPLATES: Mapping[str, Callable[[Paper], None]] = {
    "work-report.docx": _work_report,
    "complaints.docx": _complaints,
    "appraisal.docx": _appraisal,
    "self-evaluation.docx": _evaluation,
}


if __name__ == "__main__":
    make_templates(Path(sys.argv[1]))
