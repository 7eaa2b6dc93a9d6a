"""Turn a bank's file into a table of text cells: which kind it is, which sheet, where the header stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from xiaobao.datasets.text_files import read_text
from xiaobao.datasets.workbooks import Book, Sheet, read_workbook
from xiaobao.errors import Fault, InputError

HEADER_ROWS = 30
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


@dataclass(frozen=True)
class Limits:
    """How large a file may be."""

    megabytes: int = 200
    rows: int = 2_000_000


@dataclass(kw_only=True)
class Table:
    """One sheet or text file below its header. `columns` maps a normalised header to its positions."""

    file: str
    sheet: str
    header_row: int
    headers: list[str]
    rows: list[tuple[int, list[str]]]
    epoch: date | None = None
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def merged(self, row: int, position: int) -> bool:
        """Tell whether a cell lies inside a merged range, so that it is empty by layout only."""
        column = position + 1
        return any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in self.merges)

    def fault(
        self, message: str, row: int | None = None, column: str = "", value: str = "", allowed: str = ""
    ) -> Fault:
        return Fault(message, file=self.file, sheet=self.sheet, row=row, column=column, value=value, allowed=allowed)


def header_key(text: str) -> str:
    """Return the form in which headers are compared: NFKC, no blanks, no required mark, no （元）."""
    text = re.sub(r"[\s\u200b\ufeff*]+", "", unicodedata.normalize("NFKC", text)).casefold()
    return text.removesuffix("(元)")


def read_table(path: Path, known: Iterable[str], limits: Limits) -> Table:
    """Read one file. `known` are the headers looked for. Raises InputError; row faults come back in the table."""
    name = path.name
    wanted = {header_key(title) for title in known}
    data = _load(path, limits)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if path.suffix.lower() not in (".xlsx", ".xlsm"):
            raise InputError(Fault("内容是 Excel 工作簿或压缩包，扩展名却不是 .xlsx", file=name, allowed=_WANTED))
        return _from_book(read_workbook(path, limits.rows), name, wanted)
    _refuse_other_kinds(data, path)
    text = read_text(data, name, limits.rows, lambda cells: _fit(cells, wanted))
    table = _below_header(name, "", text.rows, wanted, text.faults)
    table.faults += text.faults
    return _cell_counts(table)


def _load(path: Path, limits: Limits) -> bytes:
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
        kind = "有打开密码的工作簿" if encrypted else "旧版 Excel 文件（.xls）"
    elif start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<style")) or b"<html" in start:
        kind = "网页（HTML）"
    elif start.startswith(b"<?xml"):
        kind = "XML 文件"
    if kind:
        raise InputError(Fault(f"不是数据表，实际是{kind}", file=path.name, allowed=_WANTED))
    if data.strip() and path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".et", ".ods"):
        raise InputError(Fault(f"扩展名是 {path.suffix}，实际是文本（CSV）", file=path.name, allowed=_WANTED))
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff") and sum(byte < 9 or 13 < byte < 32 for byte in data[:4096]) > 200:
        raise InputError(Fault("不是数据表，实际是二进制文件", file=path.name, allowed=_WANTED))


def _from_book(book: Book, name: str, wanted: set[str]) -> Table:
    visible = [sheet for sheet in book.sheets if sheet.state == "visible"]
    fits = [max((_fit(cells, wanted) for _, cells in sheet.rows[:HEADER_ROWS]), default=0) for sheet in visible]
    enough = max(1, (max(fits, default=0) + 1) // 2)  # one word in common does not make a sheet of notes a table
    fitting = [sheet for sheet, fit in zip(visible, fits, strict=True) if fit >= enough]
    if not any(sheet.rows for sheet in visible):
        raise InputError(Fault("工作簿的可见工作表都是空的", file=name))
    sheet = fitting[0] if fitting else next(sheet for sheet in visible if sheet.rows)
    table = _below_header(name, sheet.name, sheet.rows, wanted, [])
    table.epoch, table.merges = book.epoch, sheet.merges
    table.notices += _book_notices(book, fitting, sheet, table.header_row)
    width = len(table.headers)
    for number, cells in table.rows:
        if any(cells[width:]):
            table.faults.append(table.fault(f"本行有 {len(cells)} 格，多于表头的 {width} 格", number))
        cells += [""] * (width - len(cells))
    return table


def _book_notices(book: Book, fitting: list[Sheet], chosen: Sheet, header_row: int) -> list[str]:
    notices = [f"隐藏的工作表“{sheet.name}”没有读取" for sheet in book.sheets if sheet.state != "visible"]
    notices += [f"工作表“{sheet.name}”也有同样的表头，没有读取" for sheet in fitting[1:]]
    hidden = [row for row in chosen.hidden_rows if row > header_row]
    if hidden:
        notices.append(f"工作表“{chosen.name}”的隐藏行也已读取：第 {some(hidden)} 行")
    return notices


def some(rows: list[int], limit: int = 10) -> str:
    """Return row numbers as text, the first few and how many there are."""
    text = "、".join(map(str, rows[:limit]))
    return text if len(rows) <= limit else f"{text} 等 {len(rows)}"


def _fit(cells: list[str], wanted: set[str]) -> int:
    return len({header_key(cell) for cell in cells if len(cell) <= 100} & wanted)


def _header_place(rows: list[tuple[int, list[str]]], wanted: set[str]) -> int | None:
    """Return where the header stands: the best fitting of the first rows, titles above it passed over."""
    fits = [_fit(cells, wanted) for _, cells in rows[:HEADER_ROWS]]
    if not fits or not max(fits):
        return None
    return fits.index(max(fits))


def _below_header(
    name: str, sheet: str, rows: list[tuple[int, list[str]]], wanted: set[str], faults: list[Fault]
) -> Table:
    place = _header_place(rows, wanted)
    if place is None:
        seen = "、".join(cell for cell in rows[0][1] if cell.strip())[:200] if rows else "无"
        first = rows[0][0] if rows else None
        fault = Fault(
            f"找不到表头；首行是：{seen}", file=name, sheet=sheet, row=first, allowed="含本数据集列名的表头行"
        )
        raise InputError([*faults, fault])
    header_row, headers = rows[place]
    while headers and not headers[-1].strip():
        headers = headers[:-1]
    table = Table(file=name, sheet=sheet, header_row=header_row, headers=headers, rows=rows[place + 1 :])
    if place:
        table.notices.append(f"表头在第 {header_row} 行，上方 {place} 行标题没有读取")
    return table


def _cell_counts(table: Table) -> Table:
    """Text rows must have as many cells as the header: a missing or extra comma shifts every value after it."""
    width, good = len(table.headers), []
    for number, cells in table.rows:
        if len(cells) == width:
            good.append((number, cells))
        elif any(cell.strip() for cell in cells[width:]):
            table.faults.append(table.fault(f"本行有 {len(cells)} 格，多于表头的 {width} 格", number))
        elif len(cells) < width:
            table.faults.append(table.fault(f"本行只有 {len(cells)} 格，少于表头的 {width} 格", number))
        else:
            good.append((number, cells[:width]))
    table.rows = good
    return table


def positions(table: Table) -> Mapping[str, list[int]]:
    """Return where each normalised header stands; more than one place means that it is there twice."""
    places: dict[str, list[int]] = {}
    for position, header in enumerate(table.headers):
        if header.strip():
            places.setdefault(header_key(header), []).append(position)
    return places
