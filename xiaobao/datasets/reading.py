"""Turn a bank's file into a table of text cells: which kind it is, which sheet, where the header stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from xiaobao.datasets.archives import ANOTHER_SAVE
from xiaobao.datasets.headers import (
    HEADER_ROWS,
    Header,
    find_header,
    fit,
    header_key,
    header_unit,
    stated_header,
    unit_above,
)
from xiaobao.datasets.passing_over import pass_over, passed_notices
from xiaobao.datasets.text_files import read_text
from xiaobao.datasets.workbooks import RawSheet, ReadWorkbook, read_workbook
from xiaobao.errors import Fault, InputError

__all__ = [
    "HEADER_ROWS",
    "FileLimits",
    "Layout",
    "ReadTable",
    "WantedColumns",
    "header_key",
    "header_unit",
    "read_table",
    "read_tables",
]

_SIGNATURES = (
    (b"\x89PNG", "PNG 图片"),
    (b"\xff\xd8\xff", "JPEG 图片"),
    (b"GIF8", "GIF 图片"),
    (b"BM", "BMP 图片"),
    (b"%PDF", "PDF 文件"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\x1f\x8b", "gzip 压缩包"),
    (b"SQLite format 3", "SQLite 数据库"),
    (b"PAR1", "Parquet 文件"),
    (b"MZ", "可执行程序"),
    (b"\x7fELF", "可执行程序"),
    (b"{\\rtf", "RTF 文档"),
)
_OLE = b"\xd0\xcf\x11\xe0"
_WANTED = "CSV（UTF-8、GBK、GB18030、UTF-16）或 .xlsx"
_WANTED_BOOK = f"CSV 或 .xlsx，{ANOTHER_SAVE}"


@dataclass(frozen=True)
class FileLimits:
    """How large a file may be."""

    megabytes: int = 200
    rows: int = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a mapping says of where the records stand: all by number in the file, empty where it leaves that open."""

    sheets: tuple[str, ...] = ()
    header_rows: tuple[int, int] | None = None
    first_row: int | None = None
    last_row: int | None = None
    skip_rows: frozenset[int] = frozenset()
    skip_starting: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WantedColumns:
    """The heads looked for, compared by `header_key`; `required`: those of each column that must be filled.

    `keys`: those of each column that identifies a record.
    """

    known: frozenset[str]
    required: tuple[frozenset[str], ...] = ()
    keys: tuple[frozenset[str], ...] = ()

    @classmethod
    def of(cls, titles: Iterable[str]) -> WantedColumns:
        """Look for these heads without requiring any."""
        return cls(known=frozenset(header_key(title) for title in titles))


@dataclass(kw_only=True)
class ReadTable:
    """One sheet or text file below its header. `short` rows end before the header does: row → cells written.

    `money`: the unit of money that a line above the header states for the whole table.
    """

    file: str
    sheet: str
    header_row: int
    headers: list[str]
    rows: list[tuple[int, list[str]]]
    epoch: date | None = None
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    short: dict[int, int] = field(default_factory=dict)
    money: str = ""

    def merged(self, row: int, position: int) -> bool:
        """Tell whether a cell lies inside a merged range, so that it is empty by layout only."""
        column = position + 1
        return any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in self.merges)

    def fault(
        self, message: str, row: int | None = None, column: str = "", value: str = "", allowed: str = ""
    ) -> Fault:
        """Return a fault of this file and sheet; `row` as Excel counts it."""
        return Fault(message, file=self.file, sheet=self.sheet, row=row, column=column, value=value, allowed=allowed)


def read_table(path: Path, known: Iterable[str], limits: FileLimits) -> ReadTable:
    """Read one file as one table. `known` are the headers looked for. Raises InputError as `read_tables` does."""
    return read_tables(path, WantedColumns.of(known), limits)[0]


def read_tables(path: Path, wanted: WantedColumns, limits: FileLimits, layout: Layout | None = None) -> list[ReadTable]:
    """Read one file; a workbook gives a table for each sheet with the same header.

    Raises InputError where the file cannot be read for sure; row faults come back in the tables.
    """
    name, layout = path.name, layout or Layout()
    data = _load(path, limits)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _from_book(read_workbook(path, limits.rows, clean=False), name, wanted, layout)
    _refuse_other_kinds(data, path)
    if layout.sheets:
        raise InputError(Fault("映射写明了工作表，文件却是文本（CSV）", file=name, value="、".join(layout.sheets)))
    text = read_text(data, name, limits.rows, lambda cells: fit(cells, set(wanted.known)))
    table = _below_header(RawSheet(name="", state="visible", rows=text.rows), name, wanted, layout, text.faults)
    table.faults += text.faults
    _short_rows(table)
    return [table]


def _load(path: Path, limits: FileLimits) -> bytes:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise InputError(Fault("不是文件", file=path.name))
        if size > limits.megabytes << 20:
            raise InputError(
                Fault(f"文件有 {size >> 20} MB，超过上限", file=path.name, allowed=f"最多 {limits.megabytes} MB")
            )
        return path.read_bytes()
    except OSError as error:
        reason = "文件不存在" if isinstance(error, FileNotFoundError) else "文件无法读取"
        raise InputError(Fault(reason, file=path.name)) from error


def _refuse_other_kinds(data: bytes, path: Path) -> None:
    """Name the real kind of a file that is no text table, whatever its name says."""
    kind = next((kind for mark, kind in _SIGNATURES if data.startswith(mark)), "")
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(_OLE):
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        old = "旧版 Excel 文件（.xls），或者有打开密码" if path.suffix.lower() == ".xlsx" else "旧版 Excel 文件（.xls）"
        kind = "有打开密码的工作簿" if encrypted else old
        wanted = f"{_WANTED_BOOK}（去掉密码）" if encrypted else _WANTED_BOOK
        raise InputError(Fault(f"不是数据表，实际是{kind}", file=path.name, allowed=wanted))
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<style")) or b"<html" in start:
        kind = "网页（HTML）"
    elif start.startswith(b"<?xml"):
        kind = "XML 文件"
    elif start.startswith(b"mime-version:") or b"multipart/related" in start:
        kind = "单个文件的网页（MHT）"
    if kind:
        allowed = _WANTED_BOOK if kind.endswith(("（HTML）", "XML 文件", "（MHT）")) else _WANTED
        raise InputError(Fault(f"不是数据表，实际是{kind}", file=path.name, allowed=allowed))
    if data.strip() and path.suffix.lower() in (".xlsx", ".xlsm", ".ods"):
        raise InputError(Fault(f"扩展名是 {path.suffix}，实际是文本（CSV）", file=path.name, allowed=_WANTED_BOOK))
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff") and sum(byte < 9 or 13 < byte < 32 for byte in data[:4096]) > 200:
        raise InputError(Fault("不是数据表，实际是二进制文件", file=path.name, allowed=_WANTED))


def _from_book(book: ReadWorkbook, name: str, wanted: WantedColumns, layout: Layout) -> list[ReadTable]:
    visible = [sheet for sheet in book.sheets if sheet.state == "visible"]
    if not visible:
        raise InputError(Fault("工作簿没有可见的工作表", file=name, allowed=ANOTHER_SAVE))
    if not any(sheet.rows for sheet in visible):
        raise InputError(Fault("工作簿的可见工作表里没有读到内容", file=name, allowed=f"里面有内容的，{ANOTHER_SAVE}"))
    chosen = _stated_sheets(book, name, layout) if layout.sheets else _fitting_sheets(visible, name, wanted, layout)
    tables = [_below_header(sheet, name, wanted, layout, []) for sheet in chosen]
    for table, sheet in zip(tables, chosen, strict=True):
        table.epoch = book.epoch
        width = len(table.headers)
        for number, cells in table.rows:
            if any(cells[width:]):
                table.faults.append(table.fault(f"本行有 {len(cells)} 格，多于表头的 {width} 格", number))
            cells += [""] * (width - len(cells))
        hidden = [row for row in sheet.hidden_rows if row > table.header_row]
        if hidden:
            table.notices.append(f"工作表“{sheet.name}”的隐藏行也已读取：第 {some(hidden)} 行")
    tables[0].notices = _book_notices(book, tables) + tables[0].notices
    return tables


def _stated_sheets(book: ReadWorkbook, name: str, layout: Layout) -> list[RawSheet]:
    """Return the sheets that the mapping names; a hidden one cannot be read."""
    visible = {sheet.name: sheet for sheet in book.sheets if sheet.state == "visible"}
    missing = [wanted for wanted in layout.sheets if wanted not in visible]
    if missing:
        have = "、".join(visible)
        raise InputError(Fault("没有映射写明的可见工作表", file=name, value=one, allowed=have) for one in missing)
    return [visible[wanted] for wanted in dict.fromkeys(layout.sheets)]


def _fitting_sheets(visible: list[RawSheet], name: str, wanted: WantedColumns, layout: Layout) -> list[RawSheet]:
    """Return every sheet with the header looked for, in their order; refuse what may be a part of the table or not."""
    if layout.header_rows:
        heads = [_head_of(sheet, wanted, layout) for sheet in visible]
        fits = [fit(head.names, set(wanted.known)) if head else 0 for head in heads]
    else:
        heads = [find_header(sheet.rows, set(wanted.known), sheet.merges) for sheet in visible]
        fits = [fit(head.names, set(wanted.known)) if head else 0 for head in heads]
    best = max(fits)
    if not best:
        return [next(sheet for sheet in visible if sheet.rows)]  # whose header is then reported missing
    enough = max(1, (best + 1) // 2)  # one word in common does not make a sheet of notes a table
    chosen, faults = [], []
    for sheet, head, fitting in zip(visible, heads, fits, strict=True):
        if head is None:
            continue
        keys = {header_key(cell) for cell in head.names}
        lacks = [names for names in wanted.required if not names & keys]
        if fitting >= enough and (not lacks or fitting == best):
            chosen.append(sheet)
        elif len(sheet.rows) > head.last + 1 and _may_be_a_part(keys, lacks, wanted, fitting >= enough):
            message = f"工作表“{sheet.name}”的表头与别的工作表不同，分不清是不是同一张表"
            faults.append(Fault(message, file=name, sheet=sheet.name, allowed="在映射文件用 sheets 写明读哪些工作表"))
    if faults:
        raise InputError(faults)
    return chosen


def _may_be_a_part(keys: set[str], lacks: Sequence[frozenset[str]], wanted: WantedColumns, alike: bool) -> bool:
    """Tell whether a sheet that lacks columns may yet hold records: most of what is needed is there under its key."""
    if wanted.keys and all(names & keys for names in wanted.keys):
        return alike or len(lacks) * 2 < len(wanted.required)
    return alike and all(any(names == key for key in wanted.keys) for names in lacks)


def _book_notices(book: ReadWorkbook, tables: list[ReadTable]) -> list[str]:
    read = [table.sheet for table in tables]
    notices = [f"隐藏的工作表“{sheet.name}”没有读取" for sheet in book.sheets if sheet.state != "visible"]
    others = [s.name for s in book.sheets if s.state == "visible" and s.name not in read and s.rows and not _ours(s)]
    notices += [f"工作表“{name}”的表头不同，没有读取" for name in others]
    if len(tables) > 1:
        counts = "、".join(f"“{table.sheet}” {len(table.rows)} 行" for table in tables)
        notices.append(f"{len(tables)} 张表头相同的工作表作为一张表读取：{counts}")
    return notices


def some(rows: list[int], limit: int = 10) -> str:
    """Return row numbers as text, the first few and how many there are."""
    text = "、".join(map(str, rows[:limit]))
    return text if len(rows) <= limit else f"{text} 等 {len(rows)}"


def _ours(sheet: RawSheet) -> bool:
    """Tell the sheet that explains the columns in a template of ours."""
    return tuple(sheet.rows[0][1][:3]) == ("字段", "必填", "格式")


def _head_of(sheet: RawSheet, wanted: WantedColumns, layout: Layout) -> Header | None:
    if layout.header_rows:
        return stated_header(sheet.rows, *layout.header_rows, set(wanted.known), sheet.merges)
    return find_header(sheet.rows, set(wanted.known), sheet.merges)


def _below_header(sheet: RawSheet, name: str, wanted: WantedColumns, layout: Layout, faults: list[Fault]) -> ReadTable:
    rows = sheet.rows
    head = _head_of(sheet, wanted, layout)
    if head is None:
        seen = "、".join(cell for cell in rows[0][1] if cell.strip())[:200] if rows else "无"
        first = rows[0][0] if rows else None
        message = f"找不到表头；首行是：{seen}"
        if layout.header_rows:
            message = "映射写明的表头行不存在"
        fault = Fault(message, file=name, sheet=sheet.name, row=first, allowed="含本数据集列名的表头行")
        raise InputError([*faults, fault])
    headers = [" ".join(cell.split()) for cell in head.names]
    while headers and not headers[-1]:
        headers = headers[:-1]
    number = rows[head.last][0]
    table = ReadTable(file=name, sheet=sheet.name, header_row=number, headers=headers, rows=[], merges=sheet.merges)
    table.money = unit_above(rows[: head.first])
    if head.first:
        table.notices.append(f"表头在第 {rows[head.first][0]} 行，上方 {head.first} 行标题没有读取")
    if head.last > head.first:
        table.notices.append(f"第 {rows[head.first][0]} 至 {number} 行合起来作为表头")
    records = _within(table, rows[head.last + 1 :], layout)
    found = positions(table)
    known = [place for key, places in found.items() if key in wanted.known for place in places]
    needed = [places[0] for names in wanted.required if (places := [p for k in names for p in found.get(k, [])])]
    heads = [cells for _, cells in rows[: head.last + 1] if sum(bool(cell.strip()) for cell in cells) > 1]
    table.rows, passed = pass_over(records, heads, needed, known, sheet.merges)
    table.notices += passed_notices(passed)
    return table


def _within(table: ReadTable, rows: Sequence[tuple[int, list[str]]], layout: Layout) -> list[tuple[int, list[str]]]:
    """Return the rows that the mapping leaves; say which ones it took out."""
    if not (layout.first_row or layout.last_row or layout.skip_rows or layout.skip_starting):
        return list(rows)
    first, last = layout.first_row or 0, layout.last_row or 1 << 60
    kept, out = [], []
    for number, cells in rows:
        start = next((cell.strip() for cell in cells if cell.strip()), "")
        skipped = number in layout.skip_rows or (layout.skip_starting and start.startswith(layout.skip_starting))
        if skipped or not first <= number <= last:
            out.append(number)
        else:
            kept.append((number, cells))
    if out:
        table.notices.append(f"按映射略过 {len(out)} 行：第 {some(out, 50)} 行")
    return kept


def _short_rows(table: ReadTable) -> None:
    """Text rows need as many cells as the header: one comma too many shifts every value after it.

    Cells missing at the end are remembered: whether they may be empty is known by their columns.
    """
    width, good = len(table.headers), []
    for number, cells in table.rows:
        if len(cells) == width:
            good.append((number, cells))
        elif any(cell.strip() for cell in cells[width:]):
            table.faults.append(table.fault(f"本行有 {len(cells)} 格，多于表头的 {width} 格", number))
        else:
            if len(cells) < width:
                table.short[number] = len(cells)
            good.append((number, [*cells[:width], *[""] * (width - len(cells))]))
    table.rows = good


def positions(table: ReadTable) -> Mapping[str, list[int]]:
    """Return where each normalised header stands; more than one place means that it is there twice."""
    places: dict[str, list[int]] = {}
    for position, header in enumerate(table.headers):
        if header.strip():
            places.setdefault(header_key(header), []).append(position)
    return places
