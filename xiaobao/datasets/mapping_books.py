"""A mapping as a workbook: one sheet for columns, one for values, one for the rest; a row counts once it says 是."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.templates import new_book
from xiaobao.datasets.workbooks import read_workbook
from xiaobao.errors import Fault, InputError

COLUMNS, VALUES, REST = "列", "取值", "其他"
_HEADS = {
    COLUMNS: ("采用", "本系统的列", "文件中的列", "依据"),
    VALUES: ("采用", "本系统的列", "文件中的值", "改为", "依据"),
    REST: ("采用", "设置", "列或内容", "值", "说明"),
}
_LISTS = ("blanks", "ignore", "sheets", "skip_rows", "skip_starting", "verbatim")
_BY_COLUMN = ("constants", "unlisted", "unit", "take")
_SINGLE = ("dataset", "confirmed", "date_format", "number_rows", "header_rows", "first_row", "last_row")
_WORDS = {
    "dataset": "数据集",
    "confirmed": "是否已逐行核对",
    "blanks": "表示没有的写法",
    "ignore": "不读取的列",
    "sheets": "读哪张工作表",
    "skip_rows": "略过的行",
    "skip_starting": "以这些字开头的行略过",
    "verbatim": "编号就是这样写的列",
    "constants": "全部行同一个值的列",
    "unlisted": "没有列出的值怎么办（拒绝、留空）",
    "unit": "金额的单位",
    "take": "从文字中取出（日期、编号、括号内、机构）",
    "date_format": "日期格式",
    "number_rows": "按行号编号的式样",
    "header_rows": "表头行",
    "first_row": "数据首行",
    "last_row": "数据末行",
}
_NAMES = {words.split("（")[0]: name for name, words in _WORDS.items()}
_VALUES = {"unlisted": {"拒绝": "refuse", "留空": "blank"}}
_Rows = Sequence[Sequence[str]]
Where = dict[tuple[str | int, ...], tuple[str, int | None]]


def write_mapping_book(path: Path, columns: _Rows, values: _Rows, rest: _Rows) -> None:
    """Write rows for each sheet (without heads): 采用 first. Raises InputError when the file is there already."""
    if path.exists():
        raise InputError(Fault("文件已经存在，没有覆盖", file=path.name, allowed="用 -o 另指定一个文件"))
    with new_book(path) as book:
        head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for name, rows in ((COLUMNS, columns), (VALUES, values), (REST, [_in_words(row) for row in rest])):
            sheet = book.add_worksheet(name)
            for place, title in enumerate(_HEADS[name]):
                sheet.set_column(place, place, 8 if place == 0 else 26, text)
                sheet.write_string(0, place, title, head)
            for number, row in enumerate(rows, 1):
                for place, cell in enumerate(row):
                    sheet.write_string(number, place, cell, text)
            sheet.data_validation(1, 0, len(rows) + 200, 0, {"validate": "list", "source": ["是", "否"]})
            sheet.freeze_panes(1, 0)


def setting_words() -> Iterable[tuple[str, str]]:
    """Yield each setting of a mapping with what it says, for the sheet that a person fills."""
    return _WORDS.items()


def _in_words(row: Sequence[str]) -> Sequence[str]:
    """Return a row of settings as a person reads it; the files of YAML have the short English names."""
    use, setting, of, value, *words = row
    shown = DATASETS[value].title if setting == "dataset" and value in DATASETS else value
    return use, _WORDS[setting].split("（")[0], of, shown, *words


def read_mapping_book(path: Path) -> tuple[dict[str, Any], Where]:
    """Return a mapping as plain values with the sheet and row of each. Raises InputError for another kind of book."""
    if not path.is_file():
        raise InputError(Fault("文件不存在", file=path.name))
    sheets = {sheet.name: sheet for sheet in read_workbook(path, 20_000).sheets if sheet.state == "visible"}
    faults: list[Fault] = []
    plain: dict[str, Any] = {}
    where: Where = {(): (REST, None)}
    for name, heads in _HEADS.items():
        rows = sheets[name].rows if name in sheets else []
        if not rows or [cell.strip() for cell in rows[0][1][: len(heads)]] != list(heads):
            faults.append(Fault(f"不是映射：缺少工作表“{name}”或表头已改", file=path.name, allowed="、".join(heads)))
            continue
        for number, cells in rows[1:]:
            said, first, second, third, *_ = [*(cell.strip() for cell in cells), *[""] * 5]
            if said == "是" and (place := _take(plain, name, first, second, third)):
                where[place] = (name, number)
            elif said not in ("是", "否", ""):
                faults.append(Fault("不是 是 或 否", file=path.name, sheet=name, row=number, column="采用", value=said))
            elif said == "是":
                known = "、".join(_NAMES)
                faults.append(Fault("不认识的设置", file=path.name, sheet=name, row=number, value=first, allowed=known))
    if faults:
        raise InputError(faults)
    return plain, where


def _take(plain: dict[str, Any], sheet: str, first: str, second: str, third: str) -> tuple[str | int, ...] | None:
    """Put one row where the mapping has it; return the place, None for a setting that there is not."""
    if sheet == COLUMNS:
        plain.setdefault("columns", {})[first] = second
        return ("columns", first)
    if sheet == VALUES:
        plain.setdefault("values", {}).setdefault(first, {})[second] = third
        return ("values", first, second)
    first = _NAMES.get(first.split("（")[0], first)
    third = _VALUES.get(first, {}).get(third, third)
    if first == "dataset":
        third = next((one.name for one in DATASETS.values() if one.title == third), third)
    if first in _LISTS:
        plain.setdefault(first, []).append(second or third)
        return (first, len(plain[first]) - 1)
    if first in _BY_COLUMN:
        plain.setdefault(first, {})[second] = third
        return (first, second)
    if first in _SINGLE:
        plain[first] = third or second
        return (first,)
    return None
