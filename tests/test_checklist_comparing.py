"""Two versions side by side: what changed is told as a compliance officer would sign it, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories.checklists import CHECKLIST, REGULATIONS, changed, written
from xiaobao.checklist.change_note import change_note, plain_comparison
from xiaobao.checklist.comparing import Comparison, NodeChange, compare
from xiaobao.checklist.models import Checklist
from xiaobao.checklist.reading import load_checklist
from xiaobao.errors import InputError

NEXT = ('version: "2026.1"', 'version: "2026.2"')
CITATIONS = "        citations:\n          - document: 3号令\n            article: 第十八条\n"


def compared(folder: Path, *changes: tuple[str, str]) -> Comparison:
    """Compare the factory's checklist with itself after `changes`, as version 2026.2."""
    before = load_checklist(written(folder, CHECKLIST))
    return compare(before, load_checklist(written(folder, changed(NEXT, *changes))), REGULATIONS)


def only_item(found: Comparison) -> NodeChange:
    [node] = found.items
    return node


@pytest.mark.parametrize(
    ("change", "kind", "field", "before", "after", "asks_anew"),
    [
        (
            ("requirement: 有接待区", "requirement: 有独立接待区"),
            "改写",
            "requirement",
            "有接待区",
            "有独立接待区",
            True,
        ),
        (("method: [现场查看]", "method: [现场查看, 访谈]"), "改写", "method", "现场查看", "现场查看、访谈", True),
        (("rate: 2", "rate: 3"), "变更计分方式", "rules", "扣分 2）", "扣分 3）", True),
        (("severity: low", "severity: high"), "变更严重程度", "severity", "低", "高", False),
        (
            (CITATIONS, "        practice: true\n"),
            "变更依据",
            "citations",
            "（银保监会令2020年第3号）第十八条",
            "行业做法，不对应条文",
            False,
        ),
        (
            ("        severity: low\n", "        severity: low\n        element: service\n"),
            "变更监管要素",
            "element",
            "",
            "消费者服务",
            False,
        ),
        (
            ("        severity: low\n", "        severity: low\n        sample: {population: 接待点, size: 5}\n"),
            "变更抽样",
            "sample",
            "",
            "抽样总体 接待点，抽样数量 5",
            True,
        ),
    ],
)
def test_one_change_is_one_named_field(
    change: tuple[str, str], kind: str, field: str, before: str, after: str, asks_anew: bool, tmp_path: Path
) -> None:
    """Each kind of change has its name and both wordings; what a person reads when answering asks for a new answer."""
    found = compared(tmp_path, change)
    node = only_item(found)
    told = {one.field: one for one in node.fields}
    assert node.kinds == (kind,)
    assert before in told[field].before and after in told[field].after
    assert node.asks_anew is asks_anew
    assert found.unchanged == 1


def test_points_moved_between_items_are_two_changes_of_weight(tmp_path: Path) -> None:
    found = compared(
        tmp_path, ("        points: 6\n", "        points: 7\n"), ("        points: 4\n", "        points: 3\n")
    )
    assert [(node.id, node.kinds, node.asks_anew) for node in found.items] == [
        ("C-01", ("调整分值",), False),
        ("C-02", ("调整分值",), False),
    ]
    assert "调整分值 2 项；其余 0 项未变" in change_note(found)


def test_an_item_under_another_id_is_another_item(tmp_path: Path) -> None:
    """Ids are the only thread from year to year."""
    found = compared(tmp_path, ("- id: C-02", "- id: C-09"))
    assert [(node.id, node.kinds) for node in found.items] == [("C-09", ("新增",)), ("C-02", ("删除",))]
    note = change_note(found, REGULATIONS)
    assert "· C-09　接待环境：新增，4 分" in note and "检查依据：行业做法，不对应条文" in note
    assert "· C-02　接待环境：删除，4 分" in note and "编号不再使用" in note


def test_a_section_renamed_moves_no_item(tmp_path: Path) -> None:
    found = compared(tmp_path, ("    title: 时限\n", "    title: 时限与环境\n"))
    assert not found.items and [node.id for node in found.sections] == ["S1"]
    assert "【" not in change_note(found)


def test_an_item_moved_to_another_section_says_from_where(tmp_path: Path) -> None:
    second = "  - id: S2\n    title: 环境\n    items:\n      - id: C-02"
    found = compared(tmp_path, ("      - id: C-02", second), ("    points: 10\n", ""))
    node = only_item(found)
    assert node.kinds == ("移动位置",) and not node.asks_anew
    assert (node.fields[0].before, node.fields[0].after) == ("时限", "环境")


def test_the_sheet_itself_and_its_vetoes_are_compared(tmp_path: Path) -> None:
    found = compared(tmp_path, ("purpose: 看投诉办得好不好", "purpose: 看投诉"), ("grade: C", "grade: D"))
    assert {change.field for change in found.sheet} == {"version", "purpose"}
    note = change_note(found)
    assert "检查目的　原：看投诉办得好不好" in note and "· V1　隐瞒重大投诉：变更等级" in note


def test_the_same_content_under_a_new_number_says_so(tmp_path: Path) -> None:
    found = compared(tmp_path)
    assert found.same and found.unchanged == 2
    assert "检查项：没有变化；其余 2 项未变" in change_note(found)


def test_two_different_checklists_are_not_compared(tmp_path: Path) -> None:
    other: Checklist = load_checklist(
        written(tmp_path, changed(("id: complaints\n", "id: other\n"), ("target: complaints", "target: other")))
    )
    with pytest.raises(InputError, match="不是同一张检查表"):
        compare(load_checklist(written(tmp_path, CHECKLIST)), other)


def test_the_plain_form_holds_everything_the_note_tells(tmp_path: Path) -> None:
    plain = plain_comparison(compared(tmp_path, ("- id: C-02", "- id: C-09"), ("rate: 2", "rate: 3")))
    assert plain["counts"] == {"新增": 1, "删除": 1, "变更计分方式": 1}
    assert (plain["before"]["version"], plain["after"]["version"]) == ("2026.1", "2026.2")
    assert [item["id"] for item in plain["items"]] == ["C-01", "C-09", "C-02"]
