"""离线填报表: a unit's sheets out as Excel with drop-downs, and back; what should not be touched is checked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace as replace_fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from xiaobao.datasets.cells import Trouble
from xiaobao.datasets.workbooks import RawSheet, read_workbook
from xiaobao.errors import Fault, InputError
from xiaobao.labels import DOMAINS, domain_title
from xiaobao.workbench.inspections.filling import Form, FormItem
from xiaobao.workbench.inspections.offline import OfflineSheet, offline_items
from xiaobao.workbench.inspections.offline_round import OfflineBook
from xiaobao.workbench.inspections.offline_rows import (
    AMENDED,
    ANSWERS,
    CLEARED,
    CONCLUSION,
    CONCLUSIONS,
    COUNTS,
    FILES,
    LOOKS,
    MEASURED,
    NOTE,
    OPTION,
    POINTS,
    PROCEDURE,
    REASON,
    REMARKS,
    REQUIREMENT,
    TITLE,
    UNIT,
    OfflineRow,
    answer_cells,
    cells_mark,
    counts_hint,
    file_names,
    hint,
    item_texts,
    offline_units,
    option_labels,
)
from xiaobao.workbook.book import Book, SheetCell, SheetColumn
from xiaobao.workbook.hand_in_sheet import (
    HAND_IN,
    HELP,
    add_hand_in,
    add_help,
    advise,
    offer_list,
    read_hand_in,
    sheet_name,
)
from xiaobao.workbook.leads import LEAD_SHEET, add_leads, read_lead_sheet

if TYPE_CHECKING:
    from xiaobao.store.models import Remark
    from xiaobao.workbench.leads import LeadRow

_ROWS = 200_000
_MARK = "原值校验"
_WIDE = {COUNTS: 24, LOOKS: 24, NOTE: 30, REASON: 30}
_ASKED = (
    SheetColumn(title="编号", width=14),
    SheetColumn(title=TITLE, width=22),
    SheetColumn(title=REQUIREMENT, width=34),
    SheetColumn(title=PROCEDURE, width=34),
    SheetColumn(title="检查依据", width=26),
    SheetColumn(title=POINTS, width=7),
    SheetColumn(title="怎么填", width=22),
    *(SheetColumn(title=title, width=_WIDE.get(title, 10), answer=True) for title in ANSWERS),
    SheetColumn(title=FILES, width=24, answer=True),
)
_RETURNED = (
    SheetColumn(title=REMARKS, width=30),
    SheetColumn(title=CLEARED, width=24, answer=True),
    SheetColumn(title=AMENDED, width=24, answer=True),
)
_TIED = (
    SheetColumn(title="版次", width=6),
    SheetColumn(title="校验码", width=12, hidden=True),
    SheetColumn(title=_MARK, width=12, hidden=True),
)
# Every file has these; the others came with later versions, or only where a sheet was returned.
_TITLES = tuple(column.title for column in (*_ASKED[:-1], *_TIED[:-1]))
_ALL = tuple(column.title for column in (*_ASKED, *_RETURNED, *_TIED))
_ABOUT = re.compile(
    r"检查期间：(\S+)　检查批次：(.+)　机构号：(\S+)　检查域：(?:\S+（)?([^\s（）]+)）?　检查表：(\S+)　自设项：(\S+)　"
    r"共 (\d+) 项　校验：([0-9a-f]{12})"
)
_NO_OWN = "无"


def write_fill_sheets(
    forms: Sequence[Form],
    path: Path,
    *,
    bank: str,
    as_of: date,
    remarks: Mapping[str, Mapping[str, Sequence[Remark]]] | None = None,
    leads: Sequence[LeadRow] = (),
) -> int:
    """Write a worksheet for each form and return how many items they ask; only answer cells can be typed into.

    `remarks` are the reviewer's open ones, by domain and item; `leads` those that wait for the unit.
    """
    asked = 0
    with Book(path, f"{forms[0].unit.name}检查表填报（{forms[0].period.code}）", bank, as_of) as book:
        for form in forms:
            asked += _add_form(book, form, (remarks or {}).get(form.domain, {}))
        if leads:
            add_leads(book, leads, bank=bank, period=forms[0].period.code)
        add_hand_in(book, forms)
        add_help(book)
    return asked


def evidence_folder(path: Path) -> Path:
    """Return the folder beside a filled workbook in which its evidence lies."""
    return path.with_name(f"{path.stem}-佐证")


def is_offline_book(path: Path) -> bool:
    """Tell a workbook that was exported to be filled, also where it was damaged. Raises InputError for no book."""
    return any(_of_ours(sheet) for sheet in read_workbook(path, _ROWS).sheets)


def read_fill_sheets(path: Path) -> tuple[OfflineSheet, ...]:
    """Read the filled sheets of a file. Raises InputError as `read_offline_book` does."""
    return read_offline_book(path).sheets


def read_offline_book(path: Path) -> OfflineBook:
    """Read a filled file. Raises InputError with every fault: altered, added or missing rows, cells without text."""
    if not path.is_file():
        raise InputError(Fault("文件不存在", file=path.name))
    book = read_workbook(path, _ROWS)
    sheets = [sheet for sheet in book.sheets if sheet.state == "visible"]
    faults: list[Fault] = []
    read: list[OfflineSheet] = []
    beside = {name: next((one for one in sheets if one.name == name), None) for name in (LEAD_SHEET, HAND_IN)}
    apart = (LEAD_SHEET, HAND_IN, HELP)
    ours = [sheet for sheet in sheets if sheet.name not in apart and _of_ours(sheet)]
    for sheet in ours or [sheet for sheet in sheets if sheet.name not in apart] or sheets:
        try:
            read.append(_read_sheet(sheet, path.name))
        except InputError as error:
            faults += error.faults
    leads: tuple[Any, ...] = ()
    if (listed := beside[LEAD_SHEET]) is not None:
        try:
            _, leads = read_lead_sheet(listed, path)
        except InputError as error:
            faults += error.faults
    hand_in = tuple(read_hand_in(beside[HAND_IN], path.name, read, faults))
    if not sheets:
        faults.append(Fault("没有可以读取的工作表，请使用导出的填报表", file=path.name))
    if faults:
        raise InputError(faults)
    others = tuple(sheet.name for sheet in sheets if sheet not in ours and sheet.name not in apart)
    first = replace_fields(read[0], others=others, cleaned=book.cleaned)
    return OfflineBook(sheets=(first, *read[1:]), leads=leads, hand_in=hand_in)


def _add_form(book: Book, form: Form, remarks: Mapping[str, Sequence[Remark]]) -> int:
    items = offline_items(form)
    handed_in = form.record is not None and bool(form.record.submitted_by)
    columns = (*_ASKED, *(_RETURNED if handed_in else ()), *_TIED)
    above = (
        f"{form.unit.name}　{form.checklist.title}",
        _about(form, [entry.item.id for entry in items]),
        "请只填写黄底单元格，整行空白的不导入。其余内容不要改动、增删。填法见工作表“填写说明”。",
    )
    rows = [_row(form, entry, remarks.get(entry.item.id, ()), columns) for entry in items]
    sheet, head, count = book.table(sheet_name(form), columns, rows, above=above, freeze=2)
    titles = [column.title for column in columns]
    for row, entry in enumerate(items, head + 1):
        offer_list(sheet, row, titles.index(CONCLUSION), tuple(CONCLUSIONS), f"{TITLE}：{entry.item.title}")
        offer_list(sheet, row, titles.index(OPTION), option_labels(entry.item), hint(entry))
        offer_list(sheet, row, titles.index(UNIT), offline_units(entry.item), hint(entry))
        advise(sheet, row, titles.index(MEASURED), hint(entry) if offline_units(entry.item) else "")
        advise(
            sheet, row, titles.index(COUNTS), f"等号后{counts_hint(entry.item.asks())}" if entry.item.counted() else ""
        )
    if count:
        _colour(book, sheet, titles, head + 1, head + count)
    sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True, "sort": True})
    return len(items)


def _colour(book: Book, sheet: Any, titles: Sequence[str], first: int, last: int) -> None:
    """Let what is still to be said stand out: no conclusion, not applicable without a reason, a remark not met."""

    def cell(title: str) -> str:
        return f"${_letters(titles.index(title))}{first + 1}"

    rules = [
        (CONCLUSION, f"LEN(TRIM({cell(CONCLUSION)}))=0", "open"),
        (REASON, f'AND({cell(CONCLUSION)}="不适用",LEN(TRIM({cell(REASON)}))=0)', "wrong"),
    ]
    if REMARKS in titles:
        rules.append((CLEARED, f"AND(LEN({cell(REMARKS)})>0,LEN(TRIM({cell(CLEARED)}))=0)", "wrong"))
    for title, formula, look in rules:
        place = titles.index(title)
        sheet.conditional_format(
            first, place, last, place, {"type": "formula", "criteria": f"={formula}", "format": book.cell_format(look)}
        )


def _letters(place: int) -> str:
    """Return the letters of a column by its place from 0: 0 is A, 26 is AA."""
    letters = ""
    while place >= 0:
        letters, place = chr(65 + place % 26) + letters, place // 26 - 1
    return letters


def _of_ours(sheet: RawSheet) -> bool:
    """Tell a sheet that was exported, even where it was damaged since, from one that somebody put beside."""
    starts = [cells[0] for _, cells in sheet.rows[:10] if cells]
    return any(_ABOUT.fullmatch(cell) or cell.startswith("检查期间：") or cell == _TITLES[0] for cell in starts)


def _row(form: Form, entry: FormItem, remarks: Sequence[Remark], columns: Sequence[SheetColumn]) -> list[SheetCell]:
    item, cells, revision = entry.item, answer_cells(entry), str(entry.response.revision)
    texts = {
        "编号": item.id,
        **item_texts(entry),
        "检查依据": entry.citation,
        "怎么填": hint(entry),
        **cells,
        FILES: "\n".join(one.file_name for one in entry.evidence),
        REMARKS: "\n".join(f"{one.author}：{one.text}" for one in remarks),
        "版次": revision,
        "校验码": _check_code(item.id, form.unit.id, form.period.code, form.campaign.name, revision),
        _MARK: cells_mark(cells),
    }
    return [texts.get(column.title, "") for column in columns]


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
    title = "".join(domain_title(form.domain, form.checklist.title).split())
    shown = title if domain in DOMAINS else f"{title}（{domain}）"  # the key of a domain of ours follows from its word
    return (
        f"检查期间：{period}　检查批次：{campaign}　机构号：{unit}　检查域：{shown}　检查表：{version}　"
        f"自设项：{own}　共 {count} 项　校验：{_digest((*parts, *sorted(ids)))}"
    )


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


def _check_code(item: str, unit: str, period: str, campaign: str, revision: str) -> str:
    """Tie a row's ids together: it shows slips, not forgery; what may be answered is asked of the store."""
    return _digest(("item", item, unit, period, campaign, revision))


def _read_sheet(sheet: RawSheet, file: str) -> OfflineSheet:
    match = next((found for _, cells in sheet.rows[:5] if cells and (found := _ABOUT.fullmatch(cells[0]))), None)
    if match is None:
        raise InputError(Fault("缺少“检查期间……校验”一行，请使用导出的填报表", file=file, sheet=sheet.name))
    period, campaign, unit, domain, version, own, count, listed = match.groups()
    domain = next((known for known, word in DOMAINS.items() if word == domain), domain)
    head, places = _find_head(sheet, file)
    faults: list[Fault] = []
    rows: list[OfflineRow] = []
    for number, cells in sheet.rows:
        if number > head and any(cell.strip() for cell in cells):
            named = {title: cells[place] if place < len(cells) else "" for title, place in places.items()}
            wrong = _row_faults(named, (unit, period, campaign), Fault("", file=file, sheet=sheet.name, row=number))
            faults += wrong
            if not wrong:
                rows.append(_offline_row(named, number))
    ids = [row.item_id for row in rows]
    # Rows may be sorted; files of version 0.2 and earlier bear the digest of the rows as they stood.
    about = (period, campaign, unit, domain, version, own, count)
    if not faults and (len(ids) != int(count) or len(set(ids)) != len(ids)):
        message = f"填报表应有 {count} 项，读到 {len(ids)} 项，或有重复；请勿增删"
        faults.append(Fault(message, file=file, sheet=sheet.name))
    elif not faults and listed not in (_digest((*about, *sorted(ids))), _digest((*about, *ids))):
        message = "“检查期间……校验”一行被改动，请使用导出的填报表"
        faults.append(Fault(message, file=file, sheet=sheet.name, value=f"{period} {unit} {version}"))
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


def _offline_row(named: Mapping[str, str], number: int) -> OfflineRow:
    return OfflineRow(
        row=number,
        item_id=named["编号"],
        revision=int(named["版次"]),
        cells={title: str(named[title]) for title in ANSWERS},
        mark=named.get(_MARK, ""),
        texts={title: named[title] for title in (TITLE, REQUIREMENT, PROCEDURE, POINTS)},
        files=file_names(named.get(FILES, "")),
        cleared=named.get(CLEARED, ""),
        amended=named.get(AMENDED, ""),
    )


def _find_head(sheet: RawSheet, file: str) -> tuple[int, Mapping[str, int]]:
    for number, cells in sheet.rows[:10]:
        if cells and cells[0] == _TITLES[0]:
            places = {title: place for place, title in enumerate(cells) if title}
            missing = [title for title in _TITLES if title not in places]
            if missing:
                raise InputError(
                    Fault("缺少列", file=file, sheet=sheet.name, row=number, column=title) for title in missing
                )
            return number, {title: places[title] for title in _ALL if title in places}
    raise InputError(Fault(f"找不到以“{_TITLES[0]}”开头的表头", file=file, sheet=sheet.name))


def _row_faults(named: Mapping[str, str], about: tuple[str, str, str], where: Fault) -> list[Fault]:
    faults = []
    if named["校验码"] != _check_code(named["编号"], *about, named["版次"]) or not named["版次"].isdigit():
        faults.append(replace(where, message="编号或版次被改动，或者是后加的行", column="编号", value=named["编号"]))
    return faults + [
        replace(where, message="单元格读不出文字", column=title, item=named["编号"], value=str(named[title]))
        for title in (*ANSWERS, FILES, CLEARED, AMENDED)
        if isinstance(named.get(title), Trouble)
    ]
