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
        Case(f"82 tag {tag}", "purpose: 看投诉办得好不好", f"purpose: {tag} 看", "purpose", ("不能用标签", shown))
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
        "83 repeated key in an item",
        "        title: 按期办结\n",
        "        title: 甲\n        title: 乙\n",
        "        title: 乙",
        ("键“title”重复", "第 21 行"),
    ),
    Case(
        "83 repeated key at top",
        "title: 投诉处理\n",
        "title: 甲\ntitle: 乙\n",
        "title: 乙",
        ("键“title”重复", "第 3 行"),
    ),
    Case("83 merge key", "        evidence: 台账\n", "        <<: 台账\n", "        <<", ("合并键",)),
    # 84 sums
    Case("84 section above its items", "    points: 10\n", "    points: 99\n", "    points: 99", ("合计 10", "99")),
    Case("84 total below", "total: 10\n", "total: 9.99999999\n", "total", ("各部分分值之和不等于总分", "合计 10")),
    Case("84 total 200", "total: 10\n", "total: 200\n", "total", ("合计 10", "200")),
    # 85 points
    *(
        Case(
            f"85 points {bad}",
            "        points: 6\n",
            f"        points: {bad}\n",
            f"        points: {bad}",
            ("points", bad),
            "C-01",
        )
        for bad in [".nan", ".inf", "-.inf", "六", "0:50", "0o62", "0x10", "50%", "1e5", "1_000", "６", "007", "1,000"]
    ),
    Case("85 points negative", "        points: 6\n", "        points: -6\n", "points: -6", ("不能小于 0",), "C-01"),
    Case("85 points zero", "        points: 6\n", "        points: 0\n", "points: 0\n", ("分值不能为 0",), "C-01"),
    Case("85 points missing", "        points: 6\n", "", "- id: C-01", ("“points”没有写",), "C-01"),
    Case(
        "85 points empty",
        "        points: 6\n",
        "        points:\n",
        "        points:\n",
        ("“points”没有填写",),
        "C-01",
    ),
    # 86 ids
    Case("86 id twice", "- id: C-02", "- id: C-01", "- id: C-01", ("编号“C-01”重复", "第 20 行已有"), "C-01"),
    Case("86 id by case", "- id: C-02", "- id: c-01", "- id: c-01", ("编号“c-01”重复", "只差大小写"), "c-01"),
    Case("86 id by width", "- id: C-02", "- id: Ｃ-01", "- id: Ｃ-01", ("重复", "只差大小写或全半角"), "Ｃ-01"),
    Case("86 id with steps", "- id: C-02", "- id: ../C", "- id: ../C", ("编号只能用",), "../C"),
    # 87 unquoted
    *(
        Case(f"87 id {bad}", "- id: C-02", f"- id: {bad}", f"- id: {bad}\n", ("请加引号", f'"{bad}"'))
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
    Case("87 version", 'version: "2026.1"', "version: 2026.10", "version", ("请加引号", '"2026.10"')),
    # 88 dependencies, 90 expressions, 91 patterns, 96 templates: the format has none of these
    *(
        Case(
            f"{number} {key}",
            "        evidence: 台账\n",
            f"        evidence: 台账\n        {key}: {value}\n",
            f"        {key}:",
            (f"不认识的键“{key}”",),
            "C-01",
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
            f"89 check {bad}",
            "checks: [complaints.overdue]",
            f"checks: [{bad}]",
            "checks: [",
            ("不认识的数据检查", "complaints.handler_is_subject"),
            "C-01",
        )
        for bad in ["complaints.overdu", "os.system", "'__import__(\"os\")'", "'lambda x: 1'", "../overdue"]
    ),
    Case(
        "89 nearest check",
        "checks: [complaints.overdue]",
        "checks: [complaints.overdu]",
        "checks: [",
        ("是否想写 complaints.overdue",),
        "C-01",
    ),
    Case(
        "89 check on a person's item",
        "        practice: true\n",
        "        practice: true\n        checks: [complaints.overdue]\n",
        "checks: [complaints.overdue]\n        procedure: 现场看",
        ("人工作答的检查项不能挂数据检查",),
        "C-02",
    ),
    Case(
        "89 data item without checks",
        "        checks: [complaints.overdue]\n",
        "",
        "- id: C-01",
        ("没有写“checks”",),
        "C-01",
    ),
    Case(
        "89 cause is no check",
        "              - id: complaints.overdue",
        "              - id: late",
        "              - id: late",
        ("扣分事由不是该项的数据检查",),
        "C-01",
    ),
    Case(
        "89 rule for persons on data",
        "          - kind: count\n",
        "          - {kind: judged, max: 1}\n          - kind: count\n",
        "          - {kind: judged",
        ("不能用于数据检查",),
        "C-01",
    ),
    # 92 basis
    Case(
        "92 no basis", "        citations:\n" + CITATION, "", "- id: C-01", ("没有写检查依据", "practice: true"), "C-01"
    ),
    Case(
        "92 empty list",
        "        citations:\n" + CITATION,
        "        citations: []\n",
        "- id: C-01",
        ("没有写检查依据",),
        "C-01",
    ),
    Case("92 blank document", "document: 3号令", 'document: "  "', "document:", ("“document”不能为空",), "C-01"),
    Case(
        "92 full-width blank article", "article: 第十八条", 'article: "　"', "article:", ("“article”不能为空",), "C-01"
    ),
    Case(
        "92 unknown document",
        "document: 3号令",
        "document: 4号令",
        "document:",
        ("登记簿里没有这个文件", "3号令"),
        "C-01",
    ),
    Case("92 unknown article", "article: 第十八条", "article: 第十九条", "article:", ("登记簿里没有这一条",), "C-01"),
    Case(
        "92 unverified",
        CITATION,
        "          - {document: 110号, article: 第四条}\n",
        "110号",
        ("未经核实", "verified: true"),
        "C-01",
    ),
    Case("92 binds the regulator", "article: 第十八条", "article: 第三十三条", "article:", ("约束监管机构",), "C-01"),
    Case(
        "92 not yet in force",
        CITATION,
        "          - {document: 适当性办法, article: 第二十九条}\n",
        "citations:",
        ("自 2026-02-01 起施行", "effective_from: 2026-02-01"),
        "C-01",
    ),
    Case(
        "92 practice and articles",
        "        practice: true\n",
        "        practice: true\n        citations:\n" + CITATION,
        "        citations:\n          - document: 3号令\n            article: 第十八条\n        procedure: 现场看",
        ("二者取一",),
        "C-02",
    ),
    # 93 misspelt
    Case(
        "93 misspelt item key",
        "        requirement: 有接待区",
        "        requirment: 有接待区",
        "requirment",
        ("不认识的键“requirment”", "是否想写 requirement"),
        "C-02",
    ),
    Case("93 misspelt top key", "purpose: 看投诉办得好不好", "purpos: 看", "purpos:", ("是否想写 purpose",)),
    Case(
        "93 misspelt rule key",
        CAUSE_RATE,
        "                rat: 2\n",
        "                rat:",
        ("是否想写 rate",),
        "C-01",
    ),
    Case("93 unknown rule kind", "- kind: count", "- kind: counts", "- kind: counts", ("的值不认识", "count"), "C-01"),
    Case(
        "93 unknown method",
        "method: [现场查看]",
        "method: [现场看看]",
        "method: [现场看看]",
        ("的值不认识", "现场查看"),
        "C-02",
    ),
    Case("93 unknown severity", "severity: low", "severity: lowest", "severity: lowest", ("的值不认识", "low"), "C-02"),
    # 94 ranges and options
    Case(
        "94 lowest above highest",
        "            at_least: 0\n",
        "            at_least: 30\n",
        "at_least: 30",
        ("下限高于上限",),
        "C-02",
    ),
    Case(
        "94 section minimum", "    points: 10\n", "    points: 10\n    minimum: 11\n", "minimum", ("最低分高于最高分",)
    ),
    Case("94 option twice", "- id: none", "- id: FULL", "- id: FULL", ("选项“FULL”重复", "第 52 行已有"), "C-02"),
    Case("94 option unquoted no", "- id: none", "- id: no", "- id: no\n", ("请加引号",), "C-02"),
    Case(
        "94 options yes, no",
        "            options:\n",
        "            option: [yes, no]\n            options:\n",
        "option: [",
        ("是否想写 options",),
        "C-02",
    ),
    Case("94 yes is not true", "practice: true", "practice: yes", "practice: yes", ("只能是 true 或 false",), "C-02"),
    Case("94 share above one", "share: 1\n", "share: 1.5\n", "share: 1.5", ("不能大于 1",), "C-02"),
    # 95 days
    Case("95 to before from", "effective_to: 2026-12-31", "effective_to: 2025-12-31", "effective_to", ("早于",)),
    Case(
        "95 31 June",
        "effective_to: 2026-12-31",
        "effective_to: 2026-06-31",
        "effective_to",
        ("不是有效的日期", "2026-06-31"),
    ),
    Case(
        "95 a number for a day",
        "effective_to: 2026-12-31",
        "effective_to: 1735689600",
        "effective_to",
        ("不是有效的日期",),
    ),
    # 97 structure
    Case("97 list for a mapping", "- id: V1\n", "- [V1]\n  - id: V1\n", "- [V1]", ("应为“键: 值”",)),
    Case("97 text for a list", "method: [现场查看]", "method: 现场查看", "method: 现场查看", ("应为列表",), "C-02"),
    Case("97 mapping for a text", "evidence: 照片", "evidence: {a: b}", "evidence: {a", ("应为一个值",), "C-02"),
    Case("97 zero-width in a text", "title: 接待环境", "title: 接待\u200b环境", "title: 接待", ("U+200B",)),
    Case(
        "veto without target",
        "target: complaints",
        "target: complaint",
        "target:",
        ("一票否决的对象不存在", "是否想写 complaints"),
    ),
    Case("veto with unknown grade", "grade: C", "grade: E", "grade:", ("等级不存在", "E")),
    Case("veto to zero with grade", "effect: not_above", "effect: zero", "grade:", ("归零的一票否决不写等级",)),
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
