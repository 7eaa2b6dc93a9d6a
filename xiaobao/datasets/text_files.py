"""Delimited text: find the encoding for sure, split strictly, and name the row of whatever does not fit."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from xiaobao.datasets.cells import CELL_LIMIT
from xiaobao.errors import Fault, InputError

_DELIMITERS = (",", "\t", ";", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, kw_only=True)
class TextRows:
    """Rows as (number in the file, cells); a quoted cell may span lines, its row still counts as one."""

    rows: list[tuple[int, list[str]]]
    encoding: str
    faults: list[Fault]


def read_text(data: bytes, name: str, rows: int, fit: Callable[[list[str]], int]) -> TextRows:
    """Split a delimited file. `fit` says how well a row serves as header, by which the delimiter is chosen.

    Raises InputError where the file cannot be split for sure; faults of single rows come back with the rows.
    """
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise InputError(Fault("文件是空的", file=name))
    text, encoding, odd_lines = _decode(data, name)
    delimiter = max(_DELIMITERS, key=lambda mark: _header_fit(text, mark, fit))
    lines = data.removeprefix(codecs.BOM_UTF8).split(b"\n") if odd_lines else []
    odd = {number: _odd(name, number, encoding, lines[number - 1], delimiter) for number in odd_lines}
    return _split(text, delimiter, encoding, odd, name, rows)


def decode_text(data: bytes, name: str) -> str:
    """Return the text of a file. Raises InputError naming every line that is written in another encoding."""
    text, encoding, odd = _decode(data, name)
    if odd:
        lines = data.removeprefix(codecs.BOM_UTF8).split(b"\n")
        raise InputError([_odd(name, number, encoding, lines[number - 1], "") for number in sorted(odd)])
    return text


def _decode(data: bytes, name: str) -> tuple[str, str, set[int]]:
    """Return text, encoding and the numbers of lines that are written in another one (empty when sure)."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            if encoding == "utf-8-sig":
                break
            try:
                return data.decode(encoding), encoding, set()
            except UnicodeDecodeError:
                raise InputError(Fault(f"按文件头应为 {encoding.upper()}，但内容不完整或已损坏", file=name)) from None
    if wide := _wide_without_mark(data):
        return data.decode(wide), wide, set()
    while data.startswith(codecs.BOM_UTF8):
        data = data.removeprefix(codecs.BOM_UTF8)
    data = data.removesuffix(b"\x1a")  # how DOS ended a text
    try:
        return data.decode("utf-8"), "utf-8", set()
    except UnicodeDecodeError:
        return _decode_by_line(data)


def _wide_without_mark(data: bytes) -> str:
    """Return the name of a UTF-16 that has no mark at its head, "" for every other text: each line end tells it."""
    for encoding, end in (("utf-16-le", b"\n\x00"), ("utf-16-be", b"\x00\n")):
        if end in data and len(data) % 2 == 0 and _decodes(data, encoding) and "\x00" not in data.decode(encoding):
            ends = data.count(b"\n")
            if data.decode(encoding).count("\n") >= ends - ends // 10 and data.count(b"\x00") > ends:
                return encoding
    return ""


def _decode_by_line(data: bytes) -> tuple[str, str, set[int]]:
    """Let the first line that is not plain ASCII decide, then name every line that disagrees with it."""
    lines = data.split(b"\n")
    first = next(line for line in lines if not line.isascii())
    main = "utf-8" if _decodes(first, "utf-8") else "gb18030"
    if main == "utf-8":
        odd = {number for number, line in enumerate(lines, 1) if not _decodes(line, "utf-8")}
    else:
        odd = {number for number, line in enumerate(lines, 1) if not _decodes(line, main) or _utf8_in_gbk(line)}
    return data.decode(main, errors="replace"), main, odd


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _utf8_in_gbk(line: bytes) -> bool:
    """Tell UTF-8 Chinese inside a GBK file: it reads well as UTF-8, and as GBK only in characters nobody uses."""
    if line.isascii() or not _decodes(line, "utf-8"):
        return False
    if not any("\u4e00" <= ch <= "\u9fff" for ch in line.decode("utf-8")):
        return False
    try:
        line.decode("gb18030").encode("gb2312")
    except UnicodeError:
        return True
    return False


def _header_fit(text: str, delimiter: str, fit: Callable[[list[str]], int]) -> int:
    best = 0
    reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
    try:
        for _, cells in zip(range(30), reader, strict=False):
            best = max(best, fit(cells))
    except csv.Error:
        pass
    return best


def _split(text: str, delimiter: str, encoding: str, odd: dict[int, Fault], name: str, limit: int) -> TextRows:
    rows: list[tuple[int, list[str]]] = []
    faults: list[Fault] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, line, nul = 0, 0, "\x00" in text
    try:
        for cells in reader:
            number += 1
            if odd and (wrong := [odd[n] for n in range(line + 1, reader.line_num + 1) if n in odd]):
                faults.append(replace(wrong[0], row=number))
            elif nul and any("\x00" in cell for cell in cells):
                faults.append(Fault("行内含 NUL 字节（U+0000）", file=name, row=number))
            elif "".join(cells).strip(" \u3000\t"):
                rows.append((number, cells))
            line = reader.line_num
            if len(rows) > limit + 100:
                raise InputError(Fault("行数超过上限", file=name, row=number, allowed=f"最多 {limit} 行"))
    except csv.Error as error:
        raise InputError([*faults, _broken(name, number + 1, str(error))]) from None
    return TextRows(rows=rows, encoding=encoding, faults=faults)


def _odd(name: str, row: int, encoding: str, line: bytes, delimiter: str) -> Fault:
    """Say what is wrong with a line that does not decode: cut inside a character, or in another encoding."""
    broken = line.decode(encoding, errors="replace")
    wrong, wide = broken.count("\ufffd"), sum(ch > "\u2e7f" and ch != "\ufffd" for ch in broken)
    other = "gb18030" if encoding == "utf-8" else "utf-8"
    elsewhere = _decodes(line, other) and (encoding == "utf-8" or _has_chinese(line))
    if wrong and wide >= wrong and not (elsewhere and encoding != "utf-8"):
        before = broken[: broken.index("\ufffd")]
        place = before.count(delimiter) + 1 if delimiter else 0
        message = f"第 {place} 列末尾的字被截断，只有半个汉字" if place else "有字被截断，只有半个汉字"
        return Fault(message, file=name, row=row, allowed="在来源系统放宽该列长度后重新导出")
    named = "GBK" if encoding == "utf-8" else "UTF-8"
    wanted = "UTF-8" if encoding == "utf-8" else "GBK（GB18030）"
    return Fault(f"本行的编码与全文不同，疑为 {named}", file=name, row=row, allowed=f"全文同一编码 {wanted}")


def _has_chinese(line: bytes) -> bool:
    return any("\u4e00" <= ch <= "\u9fff" for ch in line.decode("utf-8"))


def _broken(name: str, row: int, error: str) -> Fault:
    if "field larger" in error:
        return Fault("单元格过长，或引号没有闭合", file=name, row=row, allowed=f"每格最多 {CELL_LIMIT} 字")
    if "unexpected end" in error:
        return Fault("引号没有闭合", file=name, row=row, allowed="成对的英文双引号")
    return Fault("引号用法不对，无法分列", file=name, row=row, allowed="格内的双引号写两遍，并整格加引号")
