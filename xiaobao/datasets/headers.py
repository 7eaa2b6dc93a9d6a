"""The heads of a table: how they are compared, which unit they state, and in which rows they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xiaobao.personal.cleaning import clean_text

HEADER_ROWS = 30
NumberedRows = Sequence[tuple[int, list[str]]]
Merges = Sequence[tuple[int, int, int, int]]
YUAN_PER_UNIT = {
    "元": Decimal(1),
    "角": Decimal("0.1"),
    "分": Decimal("0.01"),
    "百元": Decimal(100),
    "千元": Decimal(1000),
    "万元": Decimal(10_000),
    "百万元": Decimal(1_000_000),
    "亿元": Decimal(100_000_000),
}
_REMARK = re.compile(
    r"[(\[【<](?:必填|选填|可填|非必填|必录|选录|可空|不可空|下拉|单选|多选|文本|格式|示例|样例|例如|如[:：]|yyyy|y{2,4}|日期格式)"
    r"[^)\]】>]*[)\]】>]",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(?:[(（]?\d{1,2}[.．、)）:：]\s*(?!\d)|[①-⑳])")  # 1.投诉编号, （2）机构号, ③受理日期
_STATED = re.compile(
    r"(?:[(\[【:/_,-](?:单位)?[:：]?(?:人民币)?(?P<marked>元|角|分|百元|千元|万元|百万元|亿元)(?:人民币)?[)\]】]?"
    r"|(?P<bare>千元|万元|百万元|亿元))$"
)
_MONEY = "百万元|亿元|万元|千元|百元|角|元"
_ABOVE = re.compile(
    rf"(?<![报制送表管在])单位[|:：\s]*(?:[^|:：]{{1,8}}[、,/和])?\s*(?:人民币)?({_MONEY})(?![\u4e00-\u9fff])"
    rf"|(?:^|\|)\(?(?:人民币)?({_MONEY})\)?(?=\||$)"
)


@dataclass(frozen=True, kw_only=True)
class Header:
    """Where the heads stand: places of the first and last row among the rows, and the name of each column."""

    first: int
    last: int
    names: list[str]


def header_key(text: str) -> str:
    """Return the form in which headers are compared: NFKC, no blanks, no （必填） and its like, no unit of money."""
    if text.isascii() and text.isalnum():  # most cells of a first column are plain numbers of records
        return text.casefold()
    return _STATED.sub("", _bare(text))


def header_unit(text: str) -> str:
    """Return the unit of money that a head states, "" for none."""
    match = _STATED.search(_bare(text))
    return (match["marked"] or match["bare"]) if match else ""


def unit_above(rows: NumberedRows) -> str:
    """Return the unit of money that a line above the heads states for the whole table, "" for none."""
    for _, cells in rows:
        line = "|".join(unicodedata.normalize("NFKC", cell).strip() for cell in cells if cell.strip())
        if match := _ABOVE.search(line):
            return match[1] or match[2]
    return ""


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKC", _NUMBERED.sub("", clean_text(text)[0].strip()))
    return _REMARK.sub("", re.sub(r"[\s*※★☆]+", "", plain)).casefold()


def fit(cells: Sequence[str], wanted: set[str]) -> int:
    """Return how many of the wanted heads stand in a row."""
    return len({header_key(cell) for cell in cells if len(cell) <= 100} & wanted)


def find_header(rows: NumberedRows, wanted: set[str], merges: Merges = ()) -> Header | None:
    """Return the best fitting of the first rows, or of two rows read together; None where no head is known.

    Two rows are one head only where they fit better together than each alone.
    """
    best: tuple[int, Header] | None = None
    singles = [fit(cells, wanted) for _, cells in rows[:HEADER_ROWS]]
    for place, value in enumerate(singles):
        if value and (best is None or value > best[0]):
            best = value, Header(first=place, last=place, names=list(rows[place][1]))
    for place in range(max(0, min(len(singles), len(rows)) - 1)):
        if not singles[place] and not singles[place + 1]:
            continue
        names = _together(rows[place : place + 2], merges, wanted.__contains__)
        value = fit(names, wanted)
        if best is None or value > max(best[0], singles[place], singles[place + 1]):
            best = value, Header(first=place, last=place + 1, names=names)
    return best[1] if best else None


def stated_header(rows: NumberedRows, first: int, last: int, wanted: set[str], merges: Merges) -> Header | None:
    """Return the head in the rows that a mapping names (numbers in the file); None where they are not there."""
    places = [place for place, (number, _) in enumerate(rows) if first <= number <= last]
    if not places:
        return None
    chosen = rows[places[0] : places[-1] + 1]
    names = _together(chosen, merges, wanted.__contains__) if len(chosen) > 1 else list(chosen[0][1])
    return Header(first=places[0], last=places[-1], names=names)


def _together(rows: NumberedRows, merges: Merges, known: Callable[[str], bool]) -> list[str]:
    """Read several rows as one head: the whole way down where that is known, else the lowest name, else a known one."""
    width = max(len(cells) for _, cells in rows)
    filled = [_spread(number, cells, width, merges) for number, cells in rows]
    names = []
    for place in range(width):
        parts = list(dict.fromkeys(cells[place].strip() for cells in filled if cells[place].strip()))
        own = [cells[place].strip() for _, cells in rows if place < len(cells) and cells[place].strip()]
        lowest = own[-1] if own else ""
        choices = ["".join(parts), lowest, *own]
        names.append(next((name for name in choices if name and known(header_key(name))), lowest))
    return names


def _spread(number: int, cells: Sequence[str], width: int, merges: Merges) -> list[str]:
    """Return a row with the name of each merged group over all columns of it."""
    spread = [*cells, *[""] * (width - len(cells))]
    for top, left, bottom, right in merges:
        if top <= number <= bottom and left < right:
            for place in range(left, min(right, width)):
                spread[place] = spread[place] or spread[left - 1]
    return spread
