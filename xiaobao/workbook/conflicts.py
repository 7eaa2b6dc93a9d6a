"""冲突清单: cells that two people filled otherwise, mine and theirs side by side, out for a decision and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import json
from msgspec.structs import replace

from xiaobao.datasets.workbooks import RawSheet, read_workbook
from xiaobao.errors import Fault, InputError
from xiaobao.labels import label
from xiaobao.model import Disposition
from xiaobao.personal import mask
from xiaobao.workbench.inspections.offline import OfflineConflict, OfflineSheet
from xiaobao.workbench.inspections.offline_round import Conflict, MarkedBook, OfflineRound, answer_key
from xiaobao.workbench.inspections.offline_rows import ANSWERS, OfflineRow
from xiaobao.workbench.leads import LeadConflict, LeadEntry
from xiaobao.workbook.book import Book, SheetColumn

CONFLICT_SHEET = "冲突"
_ROWS, _MOST = 10_000, 8_000
_MINE, _THEIRS, _TAKE, _HELD, _CODE = "我填的", "现在的", "采用", "数据", "校验码"
_COLUMNS = (
    SheetColumn(title="哪一项", width=40),
    SheetColumn(title="列", width=12),
    SheetColumn(title=_MINE, width=34),
    SheetColumn(title=_THEIRS, width=34),
    SheetColumn(title="更新人", width=12),
    SheetColumn(title="更新时间", width=18),
    SheetColumn(title=_TAKE, width=12, answer=True),
    SheetColumn(title=_HELD, width=12, hidden=True),
    SheetColumn(title=_CODE, width=12, hidden=True),
)
_TITLES = tuple(column.title for column in _COLUMNS)
_DISPOSITIONS = {label(one): one for one in Disposition}


def write_conflicts(found: OfflineRound, path: Path, *, bank: str, as_of: date) -> int:
    """Write each cell that waits for a decision, marked, and return how many; only the choice can be typed into."""
    held = {answer_key(one): _held(one) for one in found.answers.conflicts}
    held |= {one.entry.lead_id: _held_lead(one) for one in found.lead_conflicts}
    title = "填报冲突清单"
    above = (
        title,
        "左边是您填的，右边是导出之后别人保存的。逐格在“采用”选一方，保存后再导入；没有选的保持现在的内容。",
    )
    with Book(path, title, bank, as_of) as book:
        rows = [_row(one, held[one.key]) for one in found.conflicts]
        sheet, head, count = book.table(CONFLICT_SHEET, _COLUMNS, rows, above=above, freeze=2)
        if count:
            place, last = _TITLES.index(_TAKE), head + count
            choice = {"validate": "list", "source": [_MINE, _THEIRS], "input_message": "选采用哪一方的内容"}
            sheet.data_validation(head + 1, place, last, place, choice)
            taken = f"${chr(65 + place)}{head + 2}"
            for side, column in ((_MINE, _MINE), (_THEIRS, _THEIRS)):
                at = _TITLES.index(column)
                rule = {"type": "formula", "criteria": f'={taken}="{side}"', "format": book.cell_format("taken")}
                sheet.conditional_format(head + 1, at, last, at, rule)
            rule = {"type": "formula", "criteria": f"=LEN(TRIM({taken}))=0", "format": book.cell_format("open")}
            sheet.conditional_format(head + 1, place, last, place, rule)
        sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True, "sort": True})
    return count


def is_conflict_book(path: Path) -> bool:
    """Tell a marked list of conflicts from a filled workbook. Raises InputError for a file that is no workbook."""
    if not path.is_file():
        raise InputError(Fault("文件不存在", file=path.name))
    return any(sheet.name == CONFLICT_SHEET for sheet in read_workbook(path, _MOST).sheets)


def read_conflicts(path: Path) -> MarkedBook:
    """Read what was decided. Raises InputError with every fault: another word than the two, an altered row."""
    if not path.is_file():
        raise InputError(Fault("文件不存在", file=path.name))
    sheet = next((one for one in read_workbook(path, _ROWS).sheets if one.name == CONFLICT_SHEET), None)
    if sheet is None:
        raise InputError(Fault(f"没有名为“{CONFLICT_SHEET}”的工作表，请使用导出的填报冲突清单", file=path.name))
    faults: list[Fault] = []
    held: dict[str, Any] = {}
    mine: dict[str, list[str]] = {}
    undecided: dict[str, int] = {}
    for row, named in _rows(sheet, path.name):
        where = Fault("", file=path.name, sheet=CONFLICT_SHEET, row=row)
        if named[_CODE] != _code(named["列"], named[_HELD]):
            faults.append(replace(where, message="这一行被改动，请使用导出的填报冲突清单", value=named["哪一项"]))
            continue
        word, key = named[_TAKE].strip(), json.decode(named[_HELD])["key"]
        held[key] = json.decode(named[_HELD]) | {"row": row}
        if word == _MINE:
            mine.setdefault(key, []).append(named["列"])
        elif word not in ("", _THEIRS):
            allowed = f"{_MINE}、{_THEIRS}"
            faults.append(replace(where, message="不在可选范围内", column=_TAKE, value=word, allowed=allowed))
        undecided[key] = undecided.get(key, 0) + (not word)
    if faults:
        raise InputError(faults)
    chosen = {key: tuple(columns) for key, columns in mine.items() if not undecided[key]}
    return MarkedBook(
        answers=tuple(_answer(path, one) for one in held.values() if "item" in one),
        leads=tuple(_lead(one) for one in held.values() if "lead" in one),
        mine=chosen,
        open=sum(undecided.values()),
    )


def _row(one: Conflict, held: str) -> list[str]:
    at = one.at.astimezone().strftime("%Y-%m-%d %H:%M") if one.at else ""
    return [one.title, one.column, one.mine, one.theirs, one.by, at, "", held, _code(one.column, held)]


def _held(one: OfflineConflict) -> str:
    sheet = one.sheet
    return json.encode(
        {
            "key": answer_key(one),
            "period": sheet.period,
            "campaign": sheet.campaign,
            "unit": sheet.unit,
            "domain": sheet.domain,
            "version": sheet.version,
            "own": sheet.own_version,
            "title": sheet.sheet,
            "item": one.row.item_id,
            "revision": one.revision,
            "cells": {title: mask(one.row.cells[title]) for title in ANSWERS},
        }
    ).decode()


def _held_lead(one: LeadConflict) -> str:
    entry = one.entry
    cells = {column: mask(mine) for column, mine, _ in one.columns()}
    return json.encode(
        {"key": entry.lead_id, "lead": entry.lead_id, "revision": one.now.revision, "cells": cells}
    ).decode()


def _code(column: str, held: str) -> str:
    """Tie a row to what was filled: it shows slips, not forgery; what may be answered is asked of the store."""
    return hashlib.sha256(f"{column}\x1f{held}".encode()).hexdigest()[:12]


def _rows(sheet: RawSheet, file: str) -> list[tuple[int, Mapping[str, str]]]:
    heads: Sequence[str] = ()
    found: list[tuple[int, Mapping[str, str]]] = []
    for number, cells in sheet.rows:
        if not heads and cells and cells[0] == _TITLES[0]:
            heads = cells
        elif heads and any(cell.strip() for cell in cells):
            found.append((number, dict.fromkeys(_TITLES, "") | dict(zip(heads, cells, strict=False))))
    if not heads or any(title not in heads for title in _TITLES):
        raise InputError(Fault("表头不全，请使用导出的填报冲突清单", file=file, sheet=CONFLICT_SHEET))
    return found


def _answer(path: Path, held: Mapping[str, Any]) -> tuple[OfflineSheet, OfflineRow, int]:
    sheet = OfflineSheet(
        file=path.name,
        sheet=held["title"],
        period=held["period"],
        campaign=held["campaign"],
        unit=held["unit"],
        domain=held["domain"],
        version=held["version"],
        own_version=held["own"],
        rows=(),
    )
    row = OfflineRow(row=held["row"], item_id=held["item"], revision=held["revision"], cells=held["cells"])
    return sheet, row, held["revision"]


def _lead(held: Mapping[str, Any]) -> LeadEntry:
    cells = held["cells"]
    return LeadEntry(
        lead_id=held["lead"],
        answer=_DISPOSITIONS.get(cells.get("单位核实", "")),
        answer_note=cells.get("核实说明", ""),
        decided=_DISPOSITIONS.get(cells.get("检查认定", "")),
        reason=cells.get("认定理由", ""),
        seen_revision=held["revision"],
        row=held["row"],
    )
