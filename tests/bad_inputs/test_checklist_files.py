"""A file that is no checklist at all, or is meant to choke its reader, is refused early and by line."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from tests.factories.checklists import CHECKLIST, changed, refused
from xiaobao.checklist.reading import load_checklist
from xiaobao.errors import ChecklistError

pytestmark = pytest.mark.timeout(20)


def test_aliases_do_not_multiply(tmp_path: Path) -> None:
    """Ten levels of aliases cost no memory; every anchor and alias is named by line."""
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    tracemalloc.start()
    error = refused(tmp_path, "\n".join(levels))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50_000_000
    assert {fault.row for fault in error.faults} == set(range(1, 11))
    assert "不能用锚点" in str(error)
    assert "不能用引用" in str(error)


def test_a_node_may_not_hold_itself(tmp_path: Path) -> None:
    """A list that names itself is two faults on its line, not an endless walk."""
    error = refused(tmp_path, "id: x\nsections: &s [*s]\n")
    assert [fault.row for fault in error.faults] == [2, 2]


@pytest.mark.parametrize("opening", ["[" * 5000, "{a: " * 5000, "- " * 5000, "sections: " + "[" * 900 + "]" * 900])
def test_deep_nesting_stops_early(opening: str, tmp_path: Path) -> None:
    """Thousands of brackets are refused on their line, without recursion."""
    error = refused(tmp_path, f"# 第一行\n{opening}\n")
    assert "嵌套过深" in str(error)
    assert error.faults[-1].row == 2


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"", 1, "文件是空的"),
        ("# 只有注释\n".encode(), 1, "文件是空的"),
        (b"\xef\xbb\xbf", 1, "文件是空的"),
        (b"- a\n- b\n", 1, "最外层不是"),
        ("只有一句话\n".encode(), 1, "最外层不是"),
        (CHECKLIST.encode() + b"---\nid: b\n", CHECKLIST.count("\n") + 1, "不止一份文档"),
        (b"id: a\n\ttitle: b\n", 2, "制表符"),
        ("id: a\ntitle: 投诉\n".encode("gbk"), 2, "不是 UTF-8"),
        ("id: a\n".encode("utf-16"), 1, "不是 UTF-8"),
        ('id: a\ntitle: "没有收尾\nother: 1\n'.encode(), 2, "引号没有闭合"),
        (b"id: a\ntitle: 'x' y\n", 2, "YAML 写法有误"),
        (b"id: a\nitems: [1, 2\nother: 3\n", 3, "YAML 写法有误"),
        (b"id: a\ntitle: \x00\n", 2, "控制字符"),
        (b"? [a, b]\n: c\n", 1, "键不是文字"),
    ],
)
def test_a_file_that_is_no_checklist_is_named_by_line(content: bytes, line: int, says: str, tmp_path: Path) -> None:
    """Empty, a list, two documents, tabs, another encoding, an open quote: each is said plainly."""
    error = refused(tmp_path, content)
    assert says in str(error)
    assert line in {fault.row for fault in error.faults}, str(error)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """The limit in bytes is named."""
    assert "1,000,000 字节" in str(refused(tmp_path, b"#" * 1_000_001))


def test_a_huge_text_is_named(tmp_path: Path) -> None:
    """One text of many thousand characters is refused, shown short."""
    error = refused(tmp_path, changed(("evidence: 照片", "evidence: " + "照" * 30_000)))
    assert "文字过长" in str(error)
    assert len(str(error)) < 300


def test_all_faults_come_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    """Three people's mistakes are one round of corrections."""
    error = refused(
        tmp_path,
        changed(
            ("total: 10\n", "total: 50%\n"),
            ("severity: high", "severity: highest"),
            ("- id: C-02", "- id: 002"),
            ("rate: 2", "rate: -2"),
        ),
    )
    rows = [fault.row for fault in error.faults]
    assert len(rows) == 4
    assert rows == sorted(rows)


def test_a_missing_file_is_said_plainly(tmp_path: Path) -> None:
    """No traceback where the file is gone or is a folder."""
    for path in (tmp_path / "没有.yaml", tmp_path):
        with pytest.raises(ChecklistError, match="文件无法读取"):
            load_checklist(path)


def test_thousands_of_faults_are_counted_not_printed(tmp_path: Path) -> None:
    """A file of nothing but misspelt keys is answered soon, and the message stays readable."""
    error = refused(tmp_path, "".join(f"titel{n}: x\n" for n in range(30_000)))
    assert len(str(error).splitlines()) <= 101
    assert "问题未列出" in str(error)
