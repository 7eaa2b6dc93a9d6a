"""疑点核实清单: out to a unit as Excel with drop-downs, back as entries; what should not be touched is checked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from xiaobao import labels
from xiaobao.datasets.cells import Trouble
from xiaobao.datasets.workbooks import RawSheet, read_workbook
from xiaobao.errors import Fault, InputError
from xiaobao.model import Disposition, LeadDecision
from xiaobao.workbench.leads import LEAD_COLUMNS, LeadEntry, LeadRow
from xiaobao.workbook.book import Book, SheetCell, SheetColumn

LEAD_SHEET = "疑点"
_ROWS = 200_000
_MARK = "原值校验"  # not in lists of version 0.2 and earlier
_COLUMNS = (
    SheetColumn(title="疑点编号", width=19),
    SheetColumn(title="机构号", width=9),
    SheetColumn(title="机构", width=16),
    SheetColumn(title="检查域", width=12),
    SheetColumn(title="数据检查", width=20),
    SheetColumn(title="检查项", width=20),
    SheetColumn(title="业务日期", width=11),
    SheetColumn(title="情况", width=36),
    SheetColumn(title="业务记录", width=36),
    SheetColumn(title="核实期限", width=11),
    SheetColumn(title="单位核实", width=10, answer=True),
    SheetColumn(title="核实说明", width=30, answer=True),
    SheetColumn(title="检查认定", width=10, answer=True),
    SheetColumn(title="认定理由", width=30, answer=True),
    SheetColumn(title="版次", width=6),
    SheetColumn(title="校验码", width=12, hidden=True),
    SheetColumn(title=_MARK, width=12, hidden=True),
)
_TITLES = tuple(column.title for column in _COLUMNS)
_ANSWERS = {labels.label(disposition): disposition for disposition in Disposition}
_ABOUT = re.compile(r"检查期间：(\S+)　共 (\d+) 条　清单校验：([0-9a-f]{12})")


@dataclass(frozen=True)
class LeadSheet:
    """A filled list: the period it was made for, what it says of each lead, and how many cells were cleaned."""

    period: str
    entries: tuple[LeadEntry, ...]
    cleaned: int = 0


def write_leads(rows: Sequence[LeadRow], path: Path, *, bank: str, period: str, as_of: date) -> None:
    """Write the list: only the four answer columns can be typed into, two of them by choice."""
    with Book(path, f"{bank}疑点核实清单（{period}）", bank, as_of) as book:
        add_leads(book, rows, bank=bank, period=period)


def add_leads(book: Book, rows: Sequence[LeadRow], *, bank: str, period: str) -> None:
    """Add the list as a sheet of a book."""
    above = (
        f"{bank}疑点核实清单（{period}）",
        _about(period, [row.lead.id for row in rows]),
        "请只填写黄底单元格：机构填“单位核实”“核实说明”，检查人员填“检查认定”“认定理由”。其余内容不要改动、增删。",
    )
    sheet, head, count = book.table(LEAD_SHEET, _COLUMNS, [_row(row) for row in rows], above=above)
    for title in ("单位核实", "检查认定"):
        place = _TITLES.index(title)
        choice = {
            "validate": "list",
            "source": list(_ANSWERS),
            "input_message": "请选择：" + "、".join(_ANSWERS),
            "error_title": "请从列表选择",
            "error_message": "只能填 " + "、".join(_ANSWERS),
        }
        sheet.data_validation(head + 1, place, head + max(count, 1), place, choice)
    sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})


def read_leads(path: Path) -> LeadSheet:
    """Read a filled list. Raises InputError with every fault: wrong choices, altered, added or missing rows."""
    if not path.is_file():
        raise InputError(Fault("文件不存在", file=path.name))
    book = read_workbook(path, _ROWS)
    sheets = [sheet for sheet in book.sheets if sheet.state == "visible" and sheet.name == LEAD_SHEET]
    if not sheets:
        raise InputError(Fault(f"没有名为“{LEAD_SHEET}”的工作表，请使用导出的疑点核实清单", file=path.name))
    return LeadSheet(*read_lead_sheet(sheets[0], path), book.cleaned)


def read_lead_sheet(sheet: RawSheet, path: Path) -> tuple[str, tuple[LeadEntry, ...]]:
    """Return the period of a list and what it says of each lead. Raises InputError as `read_leads` does."""
    period, count, listed = _read_about(sheet, path.name)
    head, places = _find_head(sheet, path.name)
    faults: list[Fault] = []
    entries: list[LeadEntry] = []
    for number, cells in sheet.rows:
        if number > head and any(cell.strip() for cell in cells):
            named = {title: cells[place] if place < len(cells) else "" for title, place in places.items()}
            found = _row_faults(named, period, number, path.name)
            faults += found
            if not found:
                entries.append(_entry(named, number))
    ids = [entry.lead_id for entry in entries]
    faults += [
        Fault("疑点编号重复", file=path.name, sheet=LEAD_SHEET, row=entry.row, column="疑点编号", value=entry.lead_id)
        for place, entry in enumerate(entries)
        if entry.lead_id in ids[:place]
    ]
    # Sorted rows are all there still: each is tied to its lead by a code of its own.
    if not faults and _digest(ids) != listed and len(ids) != count:
        message = f"清单应有 {count} 条疑点，读到 {len(ids)} 条；请勿增删行"
        faults.append(Fault(message, file=path.name, sheet=LEAD_SHEET))
    if faults:
        raise InputError(faults)
    return period, tuple(entries)


def _row(row: LeadRow) -> list[SheetCell]:
    lead, decision = row.lead, row.decision
    revision = decision.revision if decision else 0
    record = "；".join(f"{title}：{value}" for title, value in lead.record.items() if value)
    return [
        lead.id,
        lead.unit,
        row.unit_name,
        row.domain_title,
        row.check_title,
        row.item_title,
        lead.business_date.isoformat() if lead.business_date else "",
        lead.summary,
        record,
        row.due.isoformat(),
        *_said(decision),
        str(revision),
        _check_code(lead.id, lead.unit, lead.period, str(revision)),
        _said_mark(*_said(decision)),
    ]


def _said(decision: LeadDecision | None) -> tuple[str, str, str, str]:
    """Return the four cells that may be typed into, as they are now."""
    if decision is None:
        return "", "", "", ""
    answer, decided = (labels.label(one) if one else "" for one in (decision.answer, decision.decided))
    return answer, decision.answer_note, decided, decision.reason


def _said_mark(*cells: str) -> str:
    """Return the mark by which a row that nobody touched is known, whatever was saved meanwhile."""
    return _digest(["".join(cell.split()) for cell in cells])


def _about(period: str, ids: Sequence[str]) -> str:
    return f"检查期间：{period}　共 {len(ids)} 条　清单校验：{_digest(ids)}"


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


def _check_code(lead_id: str, unit: str, period: str, revision: str) -> str:
    """Tie a row's ids together: it shows slips, not forgery; whether the lead exists is asked of the store."""
    return _digest(("lead", lead_id, unit, period, revision))


def _read_about(sheet: RawSheet, file: str) -> tuple[str, int, str]:
    for _, cells in sheet.rows[:5]:
        match = _ABOUT.fullmatch(cells[0]) if cells else None
        if match:
            return match[1], int(match[2]), match[3]
    raise InputError(Fault("缺少“检查期间……清单校验”一行，请使用导出的疑点核实清单", file=file, sheet=LEAD_SHEET))


def _find_head(sheet: RawSheet, file: str) -> tuple[int, Mapping[str, int]]:
    for number, cells in sheet.rows[:10]:
        if cells and cells[0] == _TITLES[0]:
            places = {title: place for place, title in enumerate(cells) if title}
            missing = [title for title in _TITLES if title not in places and title != _MARK]
            if missing:
                raise InputError(
                    Fault("缺少列", file=file, sheet=LEAD_SHEET, row=number, column=title) for title in missing
                )
            return number, {title: places[title] for title in _TITLES if title in places}
    raise InputError(Fault(f"找不到以“{_TITLES[0]}”开头的表头", file=file, sheet=LEAD_SHEET))


def _row_faults(named: Mapping[str, str], period: str, row: int, file: str) -> list[Fault]:
    def fault(message: str, column: str, allowed: str = "") -> Fault:
        return Fault(message, file=file, sheet=LEAD_SHEET, row=row, column=column, value=named[column], allowed=allowed)

    expected = _check_code(named["疑点编号"], named["机构号"], period, named["版次"])
    faults = []
    if named["校验码"] != expected or not named["版次"].isdigit():
        faults.append(fault("疑点编号、机构号或版次被改动，或者是后加的行", "疑点编号"))
    faults += [
        fault("不是可选的结果", column, "、".join(_ANSWERS))
        for column in ("单位核实", "检查认定")
        if named[column].strip() and named[column].strip() not in _ANSWERS
    ]
    notes = ("核实说明", "认定理由")
    return faults + [fault("单元格读不出文字", column) for column in notes if isinstance(named[column], Trouble)]


def _entry(named: Mapping[str, Any], row: int) -> LeadEntry:
    if named.get(_MARK) == _said_mark(*(str(named[title]) for title in LEAD_COLUMNS)):
        return LeadEntry(lead_id=named["疑点编号"], seen_revision=int(named["版次"]), row=row)
    return LeadEntry(
        lead_id=named["疑点编号"],
        answer=_ANSWERS.get(named["单位核实"].strip()),
        answer_note=str(named["核实说明"]).strip(),
        decided=_ANSWERS.get(named["检查认定"].strip()),
        reason=str(named["认定理由"]).strip(),
        seen_revision=int(named["版次"]),
        row=row,
    )
