"""离线填报表: a unit's sheets out as Excel with drop-downs, and back; what should not be touched is checked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace as replace_fields
from datetime import date
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from xiaobao.datasets.values import Trouble
from xiaobao.datasets.workbooks import Sheet, read_workbook
from xiaobao.errors import Fault, InputError
from xiaobao.labels import domain_title
from xiaobao.numbers import plain
from xiaobao.workbench.inspections.filling import Form, FormItem
from xiaobao.workbench.inspections.offline import (
    ANSWERS,
    CONCLUSION,
    CONCLUSIONS,
    COUNTS,
    LOOKS,
    NOTE,
    OPTION,
    REASON,
    OfflineRow,
    OfflineSheet,
    answer_cells,
    hint,
    offline_items,
    option_labels,
)
from xiaobao.workbook.sheets import Book, Cell, Column

_ROWS = 10_000
_WIDE = {COUNTS: 24, LOOKS: 24, NOTE: 30, REASON: 30}
_COLUMNS = (
    Column(title="编号", width=14),
    Column(title="检查项", width=22),
    Column(title="检查要求", width=34),
    Column(title="检查程序", width=34),
    Column(title="检查依据", width=26),
    Column(title="分值", width=7),
    Column(title="怎么填", width=22),
    *(Column(title=title, width=_WIDE.get(title, 10), answer=True) for title in ANSWERS),
    Column(title="版次", width=6),
    Column(title="校验码", width=12, hidden=True),
)
_TITLES = tuple(column.title for column in _COLUMNS)
_ABOUT = re.compile(
    r"检查期间：(\S+)　检查批次：(.+)　机构号：(\S+)　检查域：(\S+)　检查表：(\S+)　自设项：(\S+)　"
    r"共 (\d+) 项　校验：([0-9a-f]{12})"
)
_NO_OWN = "无"


def write_fill_sheets(forms: Sequence[Form], path: Path, *, bank: str, as_of: date) -> int:
    """Write a worksheet for each form and return how many items they ask; only answer cells can be typed into."""
    asked = 0
    with Book(path, f"{forms[0].unit.name}检查表填报（{forms[0].period.code}）", bank, as_of) as book:
        for form in forms:
            items = offline_items(form)
            asked += len(items)
            above = (
                f"{form.unit.name}　{form.checklist.title}",
                _about(form, [entry.item.id for entry in items]),
                "请只填写黄底单元格，整行空白的不导入。其余内容不要改动、增删。佐证材料在页面上传。",
            )
            rows = [_row(form, entry) for entry in items]
            sheet, head, _ = book.table(_name(form), _COLUMNS, rows, above=above, freeze=2)
            for place, entry in enumerate(items, head + 1):
                _choose(sheet, place, CONCLUSION, tuple(CONCLUSIONS))
                if options := option_labels(entry.item):
                    _choose(sheet, place, OPTION, options)
            sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})
    return asked


def read_fill_sheets(path: Path) -> tuple[OfflineSheet, ...]:
    """Read a filled file. Raises InputError with every fault: altered, added or missing rows, cells without text."""
    if not path.is_file():
        raise InputError(Fault("文件不存在", file=path.name))
    book = read_workbook(path, _ROWS)
    sheets = [sheet for sheet in book.sheets if sheet.state == "visible"]
    faults: list[Fault] = []
    read: list[OfflineSheet] = []
    ours = [sheet for sheet in sheets if _of_ours(sheet)]
    for sheet in ours or sheets:
        try:
            read.append(_read_sheet(sheet, path.name))
        except InputError as error:
            faults += error.faults
    if not sheets:
        faults.append(Fault("没有可以读取的工作表，请使用导出的填报表", file=path.name))
    if faults:
        raise InputError(faults)
    others = tuple(sheet.name for sheet in sheets if sheet not in ours)
    return (replace_fields(read[0], others=others, cleaned=book.cleaned), *read[1:])


def _of_ours(sheet: Sheet) -> bool:
    """Tell a sheet that was exported, even where it was damaged since, from one that somebody put beside."""
    starts = [cells[0] for _, cells in sheet.rows[:10] if cells]
    return any(_ABOUT.fullmatch(cell) or cell.startswith("检查期间：") or cell == _TITLES[0] for cell in starts)


def _name(form: Form) -> str:
    return domain_title(form.domain, form.checklist.title)[:31]


def _choose(sheet: Any, row: int, column: str, words: Sequence[str]) -> None:
    """Offer a list, where Excel can hold it; what is typed is checked on the way back in any case."""
    if len(",".join(words)) <= 255 and not any("," in word for word in words):
        place = _TITLES.index(column)
        sheet.data_validation(row, place, row, place, {"validate": "list", "source": list(words)})


def _row(form: Form, entry: FormItem) -> list[Cell]:
    item, cells, revision = entry.item, answer_cells(entry), str(entry.response.revision)
    return [
        item.id,
        item.title,
        item.requirement,
        item.procedure,
        entry.citation,
        plain(item.points),
        hint(entry),
        *(cells[title] for title in ANSWERS),
        revision,
        _check_code(item.id, form.unit.id, form.period.code, form.campaign.name, revision),
    ]


def _about(form: Form, ids: Sequence[str]) -> str:
    parts = (
        form.period.code,
        form.campaign.name,
        form.unit.id,
        form.domain,
        form.checklist.version,
        form.sheets.own_version or _NO_OWN,
        str(len(ids)),
    )
    period, campaign, unit, domain, version, own, count = parts
    return (
        f"检查期间：{period}　检查批次：{campaign}　机构号：{unit}　检查域：{domain}　检查表：{version}　"
        f"自设项：{own}　共 {count} 项　校验：{_digest((*parts, *ids))}"
    )


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


def _check_code(item: str, unit: str, period: str, campaign: str, revision: str) -> str:
    """Tie a row's ids together: it shows slips, not forgery; what may be answered is asked of the store."""
    return _digest(("item", item, unit, period, campaign, revision))


def _read_sheet(sheet: Sheet, file: str) -> OfflineSheet:
    match = next((found for _, cells in sheet.rows[:5] if cells and (found := _ABOUT.fullmatch(cells[0]))), None)
    if match is None:
        raise InputError(Fault("缺少“检查期间……校验”一行，请使用导出的填报表", file=file, sheet=sheet.name))
    period, campaign, unit, domain, version, own, count, listed = match.groups()
    head, places = _find_head(sheet, file)
    faults: list[Fault] = []
    rows: list[OfflineRow] = []
    for number, cells in sheet.rows:
        if number > head and any(cell.strip() for cell in cells):
            named = {title: cells[place] if place < len(cells) else "" for title, place in places.items()}
            wrong = _row_faults(named, (unit, period, campaign), Fault("", file=file, sheet=sheet.name, row=number))
            faults += wrong
            if not wrong:
                answers = {title: str(named[title]) for title in ANSWERS}
                rows.append(OfflineRow(row=number, item_id=named["编号"], revision=int(named["版次"]), cells=answers))
    ids = [row.item_id for row in rows]
    # Sorted rows are all there still: each is tied to its inspection by a code of its own.
    exact = _digest((period, campaign, unit, domain, version, own, count, *ids)) == listed
    if not faults and not exact and (len(ids) != int(count) or len(set(ids)) != len(ids)):
        message = f"填报表应有 {count} 项，读到 {len(ids)} 项，或有重复；请勿增删"
        faults.append(Fault(message, file=file, sheet=sheet.name))
    if faults:
        raise InputError(faults)
    own = "" if own == _NO_OWN else own
    return OfflineSheet(
        file=file,
        sheet=sheet.name,
        period=period,
        campaign=campaign,
        unit=unit,
        domain=domain,
        version=version,
        own_version=own,
        rows=tuple(rows),
    )


def _find_head(sheet: Sheet, file: str) -> tuple[int, Mapping[str, int]]:
    for number, cells in sheet.rows[:10]:
        if cells and cells[0] == _TITLES[0]:
            places = {title: place for place, title in enumerate(cells) if title}
            missing = [title for title in _TITLES if title not in places]
            if missing:
                raise InputError(
                    Fault("缺少列", file=file, sheet=sheet.name, row=number, column=title) for title in missing
                )
            return number, {title: places[title] for title in _TITLES}
    raise InputError(Fault(f"找不到以“{_TITLES[0]}”开头的表头", file=file, sheet=sheet.name))


def _row_faults(named: Mapping[str, str], about: tuple[str, str, str], where: Fault) -> list[Fault]:
    faults = []
    if named["校验码"] != _check_code(named["编号"], *about, named["版次"]) or not named["版次"].isdigit():
        faults.append(replace(where, message="编号或版次被改动，或者是后加的行", column="编号", value=named["编号"]))
    return faults + [
        replace(where, message="单元格读不出文字", column=title, item=named["编号"], value=str(named[title]))
        for title in ANSWERS
        if isinstance(named[title], Trouble)
    ]
