"""Small checklists as YAML text, sound until a test breaks one thing."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import convert

from xiaobao.checklist.models import Regulations
from xiaobao.checklist.reading import load_checklist
from xiaobao.errors import ChecklistError

KNOWN_CHECKS = frozenset({"complaints.overdue", "complaints.handler_is_subject"})

CHECKLIST = """\
id: complaints
version: "2026.1"
title: 投诉处理
domain: complaints
purpose: 看投诉办得好不好
effective_from: 2026-01-01
effective_to: 2026-12-31
total: 10
vetoes:
  - id: V1
    event: 隐瞒重大投诉
    target: complaints
    effect: not_above
    grade: C
sections:
  - id: S1
    title: 时限
    points: 10
    items:
      - id: C-01
        title: 按期办结
        requirement: 按期决定并告知
        citations:
          - document: 3号令
            article: 第十八条
        procedure: 逐件计日
        method: [复核验证]
        evidence: 台账
        severity: high
        points: 6
        answered_by: data
        checks: [complaints.overdue]
        rules:
          - kind: count
            causes:
              - id: complaints.overdue
                label: 超期
                rate: 2
      - id: C-02
        title: 接待环境
        requirement: 有接待区
        practice: true
        procedure: 现场看
        method: [现场查看]
        evidence: 照片
        severity: low
        points: 4
        answered_by: person
        rules:
          - kind: levels
            options:
              - id: full
                label: 有
                share: 1
              - id: none
                label: 没有
                share: 0
          - kind: threshold
            unit: min
            at_least: 0
            at_most: 20
"""

REGULATIONS = convert(
    {
        "documents": [
            {
                "id": "3号令",
                "name": "银行业保险业消费投诉处理管理办法",
                "number": "银保监会令2020年第3号",
                "issuer": "原银保监会",
                "effective_from": "2020-03-01",
                "articles": [
                    {"number": "第十八条", "duty": "按期决定", "verified": True},
                    {"number": "第三十三条", "duty": "监管转送", "verified": True, "binds": "regulator"},
                ],
            },
            {
                "id": "适当性办法",
                "name": "金融机构产品适当性管理办法",
                "number": "国家金融监督管理总局令2025年第7号",
                "issuer": "国家金融监督管理总局",
                "effective_from": "2026-02-01",
                "articles": [{"number": "第二十九条", "duty": "测评次数", "verified": True}],
            },
            {
                "id": "老年人权益保障法",
                "name": "中华人民共和国老年人权益保障法",
                "issuer": "全国人民代表大会常务委员会",
                "articles": [{"number": "第五十八条", "duty": "提倡优先", "verified": True, "binding": False}],
            },
            {
                "id": "110号",
                "name": "销售专区录音录像管理暂行规定",
                "number": "银监办发〔2017〕110号",
                "issuer": "原银监会办公厅",
                "articles": [{"number": "第四条", "duty": "设专区", "verified": False}],
            },
        ]
    },
    Regulations,
)


def changed(*changes: tuple[str, str], text: str = CHECKLIST) -> str:
    """Return the sound checklist with each `old` text, which must occur just once, replaced by `new`."""
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
        text = text.replace(old, new)
    return text


def written(folder: Path, content: str | bytes, name: str = "投诉.yaml") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def line_in(text: str, part: str) -> int:
    """Return the line that the last `part` starts on, as an editor counts."""
    return text[: text.rindex(part)].count("\n") + 1


def refused(folder: Path, content: str | bytes) -> ChecklistError:
    """Write a faulty checklist, see it refused and return why; every fault names the file."""
    path = written(folder, content)
    with pytest.raises(ChecklistError) as caught:
        load_checklist(path, REGULATIONS, KNOWN_CHECKS, grades={"A", "B", "C", "D"})
    assert all(fault.file == path.name for fault in caught.value.faults)
    return caught.value
