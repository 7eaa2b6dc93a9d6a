"""What people do wrong when they write a checklist: each is named once, where it stands, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.factories.scoring import ALL, item, section, sheet
from xiaobao.checklist.reading import load_checklist
from xiaobao.checklist.shared_flaws import chinese_number, nearest_article
from xiaobao.checklist.writing import to_yaml
from xiaobao.errors import InputError
from xiaobao.workbook.checklists import read_checklist_book, write_checklist

SHEET = sheet(section("S", *(item(f"I{n}", "10", ALL) for n in range(1, 6))))


def complaints(read: Callable[[Path], object], path: Path) -> list[str]:
    with pytest.raises(InputError) as refused:
        read(path)
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("purpose: ", "purpose：", "第 5 行：“purpose”后的冒号是全角的"),
        ("    title: ", "    title：", "第 10 行：“title”后的冒号是全角的"),
        ("- id: I1", "- id：I1", "第 12 行：“id”后的冒号是全角的"),
        ("domain: ", "domain:", "第 4 行：“domain”后的冒号后没有空格"),
    ],
)
def test_a_colon_is_named_where_it_stands(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    path = tmp_path / "sheet.yaml"
    path.write_text(to_yaml(SHEET).replace(right, wrong, 1))
    [fault] = complaints(load_checklist, path)
    assert said in fault
    assert "半角冒号，后面一个空格" in fault


def test_a_full_width_colon_within_a_text_is_nobodys_fault(tmp_path: Path) -> None:
    path = tmp_path / "sheet.yaml"
    path.write_text(to_yaml(SHEET).replace("purpose: 试验", "purpose: 目的：试验", 1))
    assert load_checklist(path).purpose == "目的：试验"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("第18条", "第十八条"),
        ("18", "第十八条"),
        ("第 １８ 条", "第十八条"),
        ("第110条", "第一百一十条"),
        ("第8条", "第八条"),
    ],
)
def test_an_article_in_digits_is_answered_with_the_one_in_words(written: str, meant: str) -> None:
    assert nearest_article(written, ["第八条", "第十八条", "第一百一十条"]) == f"，是否想写 {meant}（条号用汉字）"


def test_an_article_that_is_not_there_is_not_made_up() -> None:
    assert "第十九条" not in nearest_article("第19条", ["第八条", "第十八条"])


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "一"),
        (10, "十"),
        (18, "十八"),
        (20, "二十"),
        (99, "九十九"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
    ],
)
def test_numbers_of_articles_are_written_as_regulations_do(number: int, words: str) -> None:
    assert chinese_number(number) == words


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda book: book["检查项"].cell(1, 3, "题目"), ["列“名称”：缺少列，表头里的“题目”不认识，是否由它改名而来"]),
        (lambda book: book["评价要素"].cell(1, 2, "号"), ["列“编号”：缺少列，表头里的“号”不认识，是否由它改名而来"]),
        (lambda book: book["检查项"].merge_cells("A2:A4"), ["工作表 检查项，第 2 行：有合并的单元格（第 2 至 4 行）"]),
        (lambda book: book["计分规则"].merge_cells("B3:C3"), ["第 3 行：有合并的单元格（第 2 至 3 列）"]),
        (
            lambda book: book["检查项"].delete_rows(3),
            ["“检查项”表里没有这个编号，“计分规则”表第 3 行却属于它；是否写错，或删掉了那一行（读到 I2）"],
        ),
        (
            lambda book: book["评价要素"].delete_rows(2),
            ["“评价要素”表里没有这个编号，“检查项”表第 2、3、4、5、6 行却属于它；是否写错，或删掉了那一行（读到 S）"],
        ),
        (lambda book: book["计分规则"].delete_rows(2), ["“计分规则”表里没有检查项 I1 的行；是否删掉了"]),
    ],
)
def test_a_workbook_that_was_damaged_gets_one_line_a_mistake(
    tmp_path: Path, spoil: Callable[[Any], None], said: list[str]
) -> None:
    path = tmp_path / "sheet.xlsx"
    write_checklist(SHEET, path, bank="示例银行")
    book = openpyxl.load_workbook(path)
    spoil(book)
    book.save(path)
    faults = complaints(read_checklist_book, path)
    assert len(faults) == len(said)
    for fault, wanted in zip(faults, said, strict=True):
        assert wanted in fault
