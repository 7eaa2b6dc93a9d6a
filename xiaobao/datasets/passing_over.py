"""Rows of a sheet that are no records: repeated heads, totals, notes, section titles. Each is named, none guessed.

A row is passed over only where its required cells are empty and its words say what it is; whatever else is incomplete
stays and is refused. What is not recognised can be said in the mapping.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from xiaobao.datasets.headers import Merges, NumberedRows, header_key

_TOTAL = re.compile(
    r"(?:本页|本月|本季|本期|本年|全年|全行|全部|期末|累计|总|各行)?(?:合计|总计|小计|共计|汇总|累计|总数|平均|平均值|平均数)(?:数|值|行)?"
    r"(?:[(（:：].{0,20}|\d.{0,20})?|[^\d,，。]{1,20}(?:小计|合计|总计|共计)(?:[(（:：].{0,20}|\d.{0,20})?"
)
_EXAMPLE = re.compile(
    r"[(（【\[]?(?:例|示例|样例|举例|填写示例|填报示例|范例)[)）】\]]?[:：].*|[(（【\[]?(?:示例|样例|填写示例|填报示例|范例)[)）】\]]?"
)
_SIGNED = re.compile(
    r"(?:填表|填报|制表|编制|经办|审核|复核|审批|负责|主管|制单|签字|签章)(?:人|人员)?[^\d,，:：]{0,6}"
)
_OF_A_UNIT = re.compile(
    r"[\u4e00-\u9fff]{2,24}(?:支行|分行|营业部|营业室|分理处|储蓄所|信用社|联社|分社)(?:本部|本级)?"
)
_DASHES = re.compile(r"[-—–－/\\]{1,3}")
_NOTE = re.compile(
    r"(?:注|备注|附注|说明|填表说明|填报说明|填写说明|填表|填报|制表|编制|经办|审核|复核|审批|负责|主管|单位负责|联系|报送|数据来源|来源"
    r"|口径|截至|截止|统计|打印|导出|查询|制单|签字|签章|盖章|日期|单位)[^,，]{0,8}?[:：].*|(?:注|备注|说明)\d*[:：、.．].*"
    r"|※.*|第\d+页.*|共\d+[页条行笔件].*|[(（]?(?:以下空白|以下无正文|本页以下空白|以上为.{0,20}|完|end)[)）]?|-{3,}.*|={3,}.*",
    re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(
    r"(?:[(（]?[一二三四五六七八九十]{1,3}[)）、.．].{1,40}|(?:\d{4}年)?(?:1[0-2]|0?[1-9])月份?|(?:\d{4}年)?第?[一二三四1-4]季度"
    r"|第[一二三四五六七八九十]+部分.{0,40}|[^\d]{1,30}[(（]\d+[件笔户条][)）])"
)


@dataclass(frozen=True, kw_only=True)
class PassedOver:
    """One row that was not read as a record: its number, what it is, and what it begins with."""

    row: int
    what: str
    text: str


def pass_over(
    rows: list[tuple[int, list[str]]],
    heads: Sequence[Sequence[str]],
    needed: Collection[int],
    known: Collection[int],
    merges: Merges = (),
) -> tuple[list[tuple[int, list[str]]], list[PassedOver]]:
    """Split rows below the head into records and rows passed over.

    `heads`: the cells of the rows that heads and titles above stood in. `needed`: positions of required columns.
    `known`: positions of all columns that are read.
    """
    if not needed:
        return rows, []
    first, *others = sorted(needed)
    furthest = max(needed)
    repeated = {signature for cells in heads if (signature := _signature(cells))}
    starts = {header_key(cells[first]) for cells in heads if len(cells) > first}
    kept: list[tuple[int, list[str]]] = []
    passed: list[PassedOver] = []
    last = _last_record(rows, needed)
    for place, (number, cells) in enumerate(rows):
        complete = furthest < len(cells) and cells[first] and all(map(cells.__getitem__, others))
        if complete and not _is_no_record(cells, first, starts):
            kept.append((number, cells))
            continue
        what = _HEAD if _repeats(cells, heads) else _what(cells, number, repeated, needed, known, merges, place > last)
        if not what and place > last and passed and passed[-1].what == _BELOW and _goes_on(cells):
            what = _BELOW
        if what:
            text = next((cell.strip() for cell in cells if cell.strip()), "")
            passed.append(PassedOver(row=number, what=what, text=" ".join(text.split())[:20]))
        else:
            kept.append((number, cells))
    return kept, passed


def passed_notices(passed: Sequence[PassedOver], where: str = "") -> list[str]:
    """Return one line for each row passed over; of many alike the rows are listed together."""
    lines = []
    for what in dict.fromkeys(one.what for one in passed):
        alike = [one for one in passed if one.what == what]
        if what == _HEAD or len(alike) > 20:
            rows = "、".join(str(one.row) for one in alike)
            lines.append(f"{where}第 {rows} 行是{what}，没有读取")
        else:
            lines += [f"{where}第 {one.row} 行“{one.text}”是{what}，没有读取" for one in alike]
    return lines


_HEAD, _BELOW = "重复的表头", "表下的说明"


def _is_no_record(cells: Sequence[str], first: int, starts: Collection[str]) -> bool:
    """Tell whether a row with all that a record needs may yet be a head, numbers of columns, an example or a total."""
    text = cells[first]
    if text.isascii() and len(text) > 2:  # most records begin with a number of theirs
        return False
    if header_key(text) in starts and len(text) <= 40:
        return True
    return bool(_EXAMPLE.fullmatch(text.strip()) or _are_places(cells) or _TOTAL.fullmatch("".join(text.split())))


def _are_places(cells: Sequence[str]) -> bool:
    """Tell the row below a head that numbers its columns: 1, 2, 3 … or A, B, C … or 甲, 乙, 1, 2 …."""
    given = [cell.strip().upper() for cell in cells if cell.strip() and cell.strip() != "栏次"]
    while given and given[0] in ("甲", "乙", "丙", "丁"):
        given.pop(0)
    if len(given) < 3:
        return False
    numbers = [str(number) for number in range(1, len(given) + 1)]
    letters = [chr(ord("A") + place) for place in range(min(len(given), 26))]
    return given in (numbers, letters, [f"({number})" for number in numbers])


def _repeats(cells: Sequence[str], heads: Sequence[Sequence[str]]) -> bool:
    """Tell whether whatever a row holds is the head of its own column."""
    filled = [(place, header_key(cell)) for place, cell in enumerate(cells) if cell.strip()]
    return len(filled) > 2 and any(
        all(place < len(head) and header_key(head[place]) == key for place, key in filled) for head in heads
    )


def _signature(cells: Sequence[str]) -> tuple[str, ...]:
    keys = [header_key(cell) for cell in cells]
    while keys and not keys[-1]:
        keys.pop()
    return tuple(keys) if any(keys) else ()


def _last_record(rows: NumberedRows, needed: Collection[int]) -> int:
    """Return the place of the last row that has most of what a record needs and is not made of notes alone."""
    for place in range(len(rows) - 1, -1, -1):
        cells = rows[place][1]
        filled = [cell for cell in cells if cell.strip()]
        have = sum(n < len(cells) and bool(cells[n].strip()) for n in needed)
        if have * 2 >= len(needed) and len(filled) > 1 and not all(_is_note(cell) for cell in filled):
            return place
    return -1


def _is_note(cell: str) -> bool:
    word = re.sub(r"\s+", "", cell)
    return bool(_NOTE.fullmatch(word) or _SIGNED.fullmatch(word))


def _goes_on(cells: Sequence[str]) -> bool:
    """Tell a further line of a note: one cell of Chinese words, below a note that is below the last record."""
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) == 1 and len(re.findall(r"[\u4e00-\u9fff]", filled[0])) >= 3


def _what(
    cells: Sequence[str],
    number: int,
    repeated: Collection[tuple[str, ...]],
    needed: Collection[int],
    known: Collection[int],
    merges: Merges,
    below: bool,
) -> str:
    """Say what a row that is no record is, "" where nobody can be sure."""
    filled = [place for place, cell in enumerate(cells) if cell.strip()]
    if not filled:
        return "空行"
    if _signature(cells) in repeated:
        return _HEAD
    if _are_places(cells):
        return "各列的编号"
    if _EXAMPLE.fullmatch(cells[min(needed)].strip() if min(needed) < len(cells) else ""):
        return "填写示例"
    words = [re.sub(r"\s+", "", cells[place]) for place in filled]
    lacking = [n for n in needed if n >= len(cells) or not _DASHES.sub("", cells[n].strip())]
    if not set(filled) & set(known) and all(len(word) <= 6 for word in words):
        return "只有序号等不读取的列的行"
    for place, word in zip(filled[:3], words, strict=False):
        if _TOTAL.fullmatch(word):
            rest = [n for n in needed if n != place]
            if not rest or len([n for n in rest if n in lacking]) * 2 >= len(rest):
                return "合计行"
    if below and len(filled) <= max(4, len(cells) // 2) and all(map(_is_note, words)):
        return _BELOW
    if len(lacking) < len(needed) - 1 or (len(needed) == 1 and len(filled) > 2):
        return ""
    if len(filled) == 1:
        wide = any(t <= number <= b and r - left >= 2 and left - 1 == filled[0] for t, left, b, r in merges)
        if _NOTE.fullmatch(words[0]) or (below and (wide or "。" in words[0] or "；" in words[0])):
            return _BELOW if below else "说明"
        if wide or _SECTION.fullmatch(words[0]) or _OF_A_UNIT.fullmatch(words[0]):
            return "分段标题"
    if below and _NOTE.fullmatch(words[0]) and len(filled) <= 2:
        return _BELOW
    return ""
