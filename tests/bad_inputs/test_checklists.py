"""A faulty checklist is refused whole, and its author is told file, line, item and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.factories.checklists import changed, line_in, refused, written
from xiaobao.checklist.reading import load_checklist

pytestmark = pytest.mark.timeout(20)


@dataclass(frozen=True)
class Case:
    """One text replaced by another; `says` must all stand in one line of the message, with the line of `at`."""

    name: str
    old: str
    new: str
    at: str
    says: tuple[str, ...]
    item: str = ""


CAUSE_RATE = "                rate: 2\n"
CITATION = "          - document: 3号令\n            article: 第十八条\n"

CASES = [
    # 82 tags
    *(
        Case(
            name=f"82 tag {tag}",
            old="purpose: 看投诉办得好不好",
            new=f"purpose: {tag} 看",
            at="purpose",
            says=("不能用标签", shown),
        )
        for tag, shown in [
            ("!!python/object:os.system", "python/object"),
            ("!!python/name:os.system", "python/name"),
            ("!custom", "!custom"),
            ("!include", "!include"),
            ("!ENV", "!ENV"),
            ("!!str", "str"),
        ]
    ),
    # 83 keys
    Case(
        name="83 repeated key in an item",
        old="        title: 按期办结\n",
        new="        title: 甲\n        title: 乙\n",
        at="        title: 乙",
        says=("键“title”重复", "第 21 行"),
    ),
    Case(
        name="83 repeated key at top",
        old="title: 投诉处理\n",
        new="title: 甲\ntitle: 乙\n",
        at="title: 乙",
        says=("键“title”重复", "第 3 行"),
    ),
    Case(
        name="83 merge key", old="        evidence: 台账\n", new="        <<: 台账\n", at="        <<", says=("合并键",)
    ),
    # 84 sums
    Case(
        name="84 section above its items",
        old="    points: 10\n",
        new="    points: 99\n",
        at="    points: 99",
        says=("合计 10", "99"),
    ),
    Case(
        name="84 total below",
        old="total: 10\n",
        new="total: 9.99999999\n",
        at="total",
        says=("各部分分值之和不等于总分", "合计 10"),
    ),
    Case(name="84 total 200", old="total: 10\n", new="total: 200\n", at="total", says=("合计 10", "200")),
    # 85 points
    *(
        Case(
            name=f"85 points {bad}",
            old="        points: 6\n",
            new=f"        points: {bad}\n",
            at=f"        points: {bad}",
            says=("points", bad),
            item="C-01",
        )
        for bad in [".nan", ".inf", "-.inf", "六", "0:50", "0o62", "0x10", "50%", "1e5", "1_000", "６", "007", "1,000"]
    ),
    Case(
        name="85 points negative",
        old="        points: 6\n",
        new="        points: -6\n",
        at="points: -6",
        says=("不能小于 0",),
        item="C-01",
    ),
    Case(
        name="85 points zero",
        old="        points: 6\n",
        new="        points: 0\n",
        at="points: 0\n",
        says=("分值不能为 0",),
        item="C-01",
    ),
    Case(
        name="85 points missing",
        old="        points: 6\n",
        new="",
        at="- id: C-01",
        says=("“points”没有写",),
        item="C-01",
    ),
    Case(
        name="85 points empty",
        old="        points: 6\n",
        new="        points:\n",
        at="        points:\n",
        says=("“points”没有填写",),
        item="C-01",
    ),
    # 86 ids
    Case(
        name="86 id twice",
        old="- id: C-02",
        new="- id: C-01",
        at="- id: C-01",
        says=("编号“C-01”重复", "第 20 行已有"),
        item="C-01",
    ),
    Case(
        name="86 id by case",
        old="- id: C-02",
        new="- id: c-01",
        at="- id: c-01",
        says=("编号“c-01”重复", "只差大小写"),
        item="c-01",
    ),
    Case(
        name="86 id by width",
        old="- id: C-02",
        new="- id: Ｃ-01",
        at="- id: Ｃ-01",
        says=("重复", "只差大小写或全半角"),
        item="Ｃ-01",
    ),
    Case(
        name="86 id with steps", old="- id: C-02", new="- id: ../C", at="- id: ../C", says=("编号只能用",), item="../C"
    ),
    # 87 unquoted
    *(
        Case(
            name=f"87 id {bad}",
            old="- id: C-02",
            new=f"- id: {bad}",
            at=f"- id: {bad}\n",
            says=("请加引号", f'"{bad}"'),
        )
        for bad in [
            "001",
            "1.10",
            "no",
            "yes",
            "off",
            "2025-06-30",
            "1e5",
            "0x1F",
            "null",
            "~",
            "12:30",
            "1_000",
            "TRUE",
        ]
    ),
    Case(
        name="87 version", old='version: "2026.1"', new="version: 2026.10", at="version", says=("请加引号", '"2026.10"')
    ),
    # 88 dependencies, 90 expressions, 91 patterns, 96 templates: the format has none of these
    *(
        Case(
            name=f"{number} {key}",
            old="        evidence: 台账\n",
            new=f"        evidence: 台账\n        {key}: {value}\n",
            at=f"        {key}:",
            says=(f"不认识的键“{key}”",),
            item="C-01",
        )
        for number, key, value in [
            ("88", "depends_on", "[C-01]"),
            ("88", "depends_on", "[C-02, C-01, C-99]"),
            ("90", "expression", '\'__import__("os").system("ls")\''),
            ("90", "formula", "9**9**9**9"),
            ("90", "when", "'[x for x in iter(int, 1)]'"),
            ("91", "pattern", "'(a+)+$'"),
            ("91", "pattern", "'(['"),
            ("96", "template", "../../etc/passwd"),
        ]
    ),
    # 89 checks
    *(
        Case(
            name=f"89 check {bad}",
            old="checks: [complaints.overdue]",
            new=f"checks: [{bad}]",
            at="checks: [",
            says=("不认识的数据检查", "complaints.handler_is_subject"),
            item="C-01",
        )
        for bad in ["complaints.overdu", "os.system", "'__import__(\"os\")'", "'lambda x: 1'", "../overdue"]
    ),
    Case(
        name="89 nearest check",
        old="checks: [complaints.overdue]",
        new="checks: [complaints.overdu]",
        at="checks: [",
        says=("是否想写 complaints.overdue",),
        item="C-01",
    ),
    Case(
        name="89 check on a person's item",
        old="        practice: true\n",
        new="        practice: true\n        checks: [complaints.overdue]\n",
        at="checks: [complaints.overdue]\n        procedure: 现场看",
        says=("人工作答的检查项不能挂数据检查",),
        item="C-02",
    ),
    Case(
        name="89 data item without checks",
        old="        checks: [complaints.overdue]\n",
        new="",
        at="- id: C-01",
        says=("没有写“checks”",),
        item="C-01",
    ),
    Case(
        name="89 cause is no check",
        old="              - id: complaints.overdue",
        new="              - id: late",
        at="              - id: late",
        says=("扣分事由不是该项的数据检查",),
        item="C-01",
    ),
    Case(
        name="89 rule for persons on data",
        old="          - kind: count\n",
        new="          - {kind: judged, max: 1}\n          - kind: count\n",
        at="          - {kind: judged",
        says=("不能用于数据检查",),
        item="C-01",
    ),
    # 92 basis
    Case(
        name="92 no basis",
        old="        citations:\n" + CITATION,
        new="",
        at="- id: C-01",
        says=("没有写检查依据", "practice: true"),
        item="C-01",
    ),
    Case(
        name="92 empty list",
        old="        citations:\n" + CITATION,
        new="        citations: []\n",
        at="- id: C-01",
        says=("没有写检查依据",),
        item="C-01",
    ),
    Case(
        name="92 blank document",
        old="document: 3号令",
        new='document: "  "',
        at="document:",
        says=("“document”不能为空",),
        item="C-01",
    ),
    Case(
        name="92 full-width blank article",
        old="article: 第十八条",
        new='article: "　"',
        at="article:",
        says=("“article”不能为空",),
        item="C-01",
    ),
    Case(
        name="92 unknown document",
        old="document: 3号令",
        new="document: 4号令",
        at="document:",
        says=("登记簿里没有这个文件", "3号令"),
        item="C-01",
    ),
    Case(
        name="92 unknown article",
        old="article: 第十八条",
        new="article: 第十九条",
        at="article:",
        says=("登记簿里没有这一条",),
        item="C-01",
    ),
    Case(
        name="92 unverified",
        old=CITATION,
        new="          - {document: 110号, article: 第四条}\n",
        at="110号",
        says=("未经核实", "verified: true"),
        item="C-01",
    ),
    Case(
        name="92 binds the regulator",
        old="article: 第十八条",
        new="article: 第三十三条",
        at="article:",
        says=("约束监管机构",),
        item="C-01",
    ),
    Case(
        name="92 not yet in force",
        old=CITATION,
        new="          - {document: 适当性办法, article: 第二十九条}\n",
        at="citations:",
        says=("自 2026-02-01 起施行", "effective_from: 2026-02-01"),
        item="C-01",
    ),
    Case(
        name="92 practice and articles",
        old="        practice: true\n",
        new="        practice: true\n        citations:\n" + CITATION,
        at="        citations:\n          - document: 3号令\n            article: 第十八条\n        procedure: 现场看",
        says=("二者取一",),
        item="C-02",
    ),
    # 93 misspelt
    Case(
        name="93 misspelt item key",
        old="        requirement: 有接待区",
        new="        requirment: 有接待区",
        at="requirment",
        says=("不认识的键“requirment”", "是否想写 requirement"),
        item="C-02",
    ),
    Case(
        name="93 misspelt top key",
        old="purpose: 看投诉办得好不好",
        new="purpos: 看",
        at="purpos:",
        says=("是否想写 purpose",),
    ),
    Case(
        name="93 misspelt rule key",
        old=CAUSE_RATE,
        new="                rat: 2\n",
        at="                rat:",
        says=("是否想写 rate",),
        item="C-01",
    ),
    Case(
        name="93 unknown rule kind",
        old="- kind: count",
        new="- kind: counts",
        at="- kind: counts",
        says=("的值不认识", "count"),
        item="C-01",
    ),
    Case(
        name="93 unknown method",
        old="method: [现场查看]",
        new="method: [现场看看]",
        at="method: [现场看看]",
        says=("的值不认识", "现场查看"),
        item="C-02",
    ),
    Case(
        name="93 unknown severity",
        old="severity: low",
        new="severity: lowest",
        at="severity: lowest",
        says=("的值不认识", "low"),
        item="C-02",
    ),
    # 94 ranges and options
    Case(
        name="94 lowest above highest",
        old="            at_least: 0\n",
        new="            at_least: 30\n",
        at="at_least: 30",
        says=("下限高于上限",),
        item="C-02",
    ),
    Case(
        name="94 section minimum",
        old="    points: 10\n",
        new="    points: 10\n    minimum: 11\n",
        at="minimum",
        says=("最低分高于最高分",),
    ),
    Case(
        name="94 option twice",
        old="- id: none",
        new="- id: FULL",
        at="- id: FULL",
        says=("选项“FULL”重复", "第 52 行已有"),
        item="C-02",
    ),
    Case(
        name="94 option unquoted no", old="- id: none", new="- id: no", at="- id: no\n", says=("请加引号",), item="C-02"
    ),
    Case(
        name="94 options yes, no",
        old="            options:\n",
        new="            option: [yes, no]\n            options:\n",
        at="option: [",
        says=("是否想写 options",),
        item="C-02",
    ),
    Case(
        name="94 yes is not true",
        old="practice: true",
        new="practice: yes",
        at="practice: yes",
        says=("只能是 true 或 false",),
        item="C-02",
    ),
    Case(
        name="94 share above one",
        old="share: 1\n",
        new="share: 1.5\n",
        at="share: 1.5",
        says=("不能大于 1",),
        item="C-02",
    ),
    # 95 days
    Case(
        name="95 to before from",
        old="effective_to: 2026-12-31",
        new="effective_to: 2025-12-31",
        at="effective_to",
        says=("早于",),
    ),
    Case(
        name="95 31 June",
        old="effective_to: 2026-12-31",
        new="effective_to: 2026-06-31",
        at="effective_to",
        says=("不是有效的日期", "2026-06-31"),
    ),
    Case(
        name="95 a number for a day",
        old="effective_to: 2026-12-31",
        new="effective_to: 1735689600",
        at="effective_to",
        says=("不是有效的日期",),
    ),
    # 97 structure
    Case(
        name="97 list for a mapping", old="- id: V1\n", new="- [V1]\n  - id: V1\n", at="- [V1]", says=("应为“键: 值”",)
    ),
    Case(
        name="97 text for a list",
        old="method: [现场查看]",
        new="method: 现场查看",
        at="method: 现场查看",
        says=("应为列表",),
        item="C-02",
    ),
    Case(
        name="97 mapping for a text",
        old="evidence: 照片",
        new="evidence: {a: b}",
        at="evidence: {a",
        says=("应为一个值",),
        item="C-02",
    ),
    Case(
        name="97 zero-width in a text",
        old="title: 接待环境",
        new="title: 接待\u200b环境",
        at="title: 接待",
        says=("U+200B",),
    ),
    Case(
        name="veto without target",
        old="target: complaints",
        new="target: complaint",
        at="target:",
        says=("一票否决的对象不存在", "是否想写 complaints"),
    ),
    Case(name="veto with unknown grade", old="grade: C", new="grade: E", at="grade:", says=("等级不存在", "E")),
    Case(
        name="veto to zero with grade",
        old="effect: not_above",
        new="effect: zero",
        at="grade:",
        says=("归零的一票否决不写等级",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_single_fault_is_named_with_its_line_item_and_cure(case: Case, tmp_path: Path) -> None:
    """Whatever is wrong, one line of the message says where it stands and what would be right."""
    text = changed((case.old, case.new))
    faults = refused(tmp_path, text).faults
    fitting = [fault for fault in faults if all(part in str(fault) for part in case.says)]
    assert fitting, [str(fault) for fault in faults]
    lines = {fault.row for fault in fitting}
    assert line_in(text, case.at) in lines, lines
    assert not case.item or case.item in {fault.item for fault in fitting}


def test_sums_are_exact_in_decimals(tmp_path: Path) -> None:
    """0.1 + 0.2 is 0.3 here: what floats would miss by a hair is taken."""
    text = changed(
        ("        points: 6\n", "        points: 0.1\n"),
        ("        points: 4\n", "        points: 0.2\n"),
        ("    points: 10\n", "    points: 0.3\n"),
        ("total: 10\n", "total: 0.30\n"),
    )
    assert len(load_checklist(written(tmp_path, text)).items()) == 2
