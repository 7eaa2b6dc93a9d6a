"""Read Office files and plain text as plain HTML: texts, headings, tables. No format, picture, formula or macro.

Runs in the child (`child`) on files of somebody else: archives are looked at before they are unpacked, XML is read
without entities, every text is escaped.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING

from defusedxml import ElementTree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ROWS, COLUMNS, PARAGRAPHS = 500, 40, 5000
_MOST = 200 * 2**20  # bytes of one part
_STYLE = """body{font:15px/1.7 "Microsoft YaHei","PingFang SC","Noto Sans CJK SC","Source Han Sans SC",sans-serif;
color:#1f2937;max-width:72em;margin:0 auto;padding:16px 24px;overflow-wrap:anywhere}
table{border-collapse:collapse;margin:8px 0}td{border:1px solid #cfd8e2;padding:2px 8px;vertical-align:top}
.note{color:#52606d;font-size:13px}pre{white-space:pre-wrap;font:inherit}h2{font-size:18px}h3{font-size:16px}"""
_NOTE = "预览由本系统读出文字和表格，不含版式、图片和公式；以下载的原文件为准。"
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})


def office_page(kind: str, data: bytes) -> bytes:
    """Return the page of a docx, xlsx, pptx or txt file. Raises ValueError, KeyError, BadZipFile on a broken one."""
    if kind == "txt":
        body = f"<pre>{escape(_decoded(data))}</pre>"
    else:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            body = "\n".join({"docx": _word, "xlsx": _workbook, "pptx": _slides}[kind](archive))
    head = f'<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>预览</title><style>{_STYLE}</style>'
    return f'{head}<main><p class="note">{_NOTE}</p>{body or "<p>文件里没有文字</p>"}</main>'.encode()


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _part(archive: zipfile.ZipFile, name: str) -> Element:
    if archive.getinfo(name).file_size > _MOST:
        raise MemoryError
    root: Element = ElementTree.fromstring(archive.read(name))
    return root


def _bare(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _named(element: Element, name: str) -> str:
    """Return an attribute by its bare name."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _cut(count: int, what: str) -> str:
    return f'<p class="note">共 {count} {what}，其余未显示，请下载原文件</p>'


# --- Word ---------------------------------------------------------------------------------------------------------


def _word(archive: zipfile.ZipFile) -> Iterator[str]:
    body = next(one for one in _part(archive, "word/document.xml") if _bare(one) == "body")
    blocks = list(body)
    for block in blocks[:PARAGRAPHS]:
        yield from _word_block(block)
    if len(blocks) > PARAGRAPHS:
        yield _cut(len(blocks), "段")


def _word_block(block: Element) -> Iterator[str]:
    name = _bare(block)
    if name == "p":
        text = escape(_word_text(block))
        style = next((_named(one, "val") for one in block.iter() if _bare(one) == "pStyle"), "")
        heading = re.fullmatch(r"(?:[Hh]eading\s?)?([1-3])", style)
        tag = f"h{int(heading[1]) + 1}" if heading else "p"
        if text.strip():
            yield f"<{tag}>{text}</{tag}>"
    elif name == "tbl":
        yield "<table>"
        for row in (one for one in block if _bare(one) == "tr"):
            cells = [one for one in row if _bare(one) == "tc"]
            inner = ("".join(part for inside in cell for part in _word_block(inside)) for cell in cells)
            yield f"<tr>{''.join(f'<td>{text}</td>' for text in inner)}</tr>"
        yield "</table>"
    elif name in ("sdt", "sdtContent", "ins", "customXml"):
        for inside in block:
            yield from _word_block(inside)


def _word_text(paragraph: Element) -> str:
    pieces = []
    for one in paragraph.iter():
        name = _bare(one)
        if name == "t":
            pieces.append(one.text or "")
        elif name in ("tab", "br"):
            pieces.append("　" if name == "tab" else "\n")
    return "".join(pieces)


# --- Excel --------------------------------------------------------------------------------------------------------


def _workbook(archive: zipfile.ZipFile) -> Iterator[str]:
    book = _part(archive, "xl/workbook.xml")
    targets = {_named(one, "Id"): _named(one, "Target") for one in _part(archive, "xl/_rels/workbook.xml.rels")}
    shared, dates = _shared(archive), _date_styles(archive)
    since_1904 = any(_bare(one) == "workbookPr" and _named(one, "date1904") in ("1", "true") for one in book.iter())
    for sheet in (one for one in book.iter() if _bare(one) == "sheet"):
        title = escape(_named(sheet, "name"))
        if _named(sheet, "state") in ("hidden", "veryHidden"):
            yield f'<p class="note">工作表“{title}”在原文件中是隐藏的，下面一并列出</p>'
        yield f"<h2>{title}</h2>"
        target = targets.get(_named(sheet, "id"), "")
        place = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if place in archive.namelist():
            yield from _sheet(_part(archive, place), shared, dates, since_1904)


def _shared(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    root = _part(archive, "xl/sharedStrings.xml")
    return [_runs(item) for item in root if _bare(item) == "si"]


def _runs(element: Element) -> str:
    """Return the text of runs; what is only the reading of a sign (phonetic) is left out."""
    if _bare(element) == "rPh":
        return ""
    own = element.text or "" if _bare(element) == "t" else ""
    return own + "".join(map(_runs, element))


def _date_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    """Return which cell styles show a day or time."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    root = _part(archive, "xl/styles.xml")
    own = {
        int(_named(one, "numFmtId") or 0): _named(one, "formatCode") for one in root.iter() if _bare(one) == "numFmt"
    }
    found = set()
    for styles in (one for one in root if _bare(one) == "cellXfs"):
        for number, style in enumerate(styles):
            code = int(_named(style, "numFmtId") or 0)
            plain = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", own.get(code, ""))
            if (code in _DATES and code not in own) or re.search(r"[yYdDhH]|mm:|:ss", plain):
                found.add(number)
    return frozenset(found)


def _sheet(root: Element, shared: list[str], dates: frozenset[int], since_1904: bool) -> Iterator[str]:
    rows = [one for one in root.iter() if _bare(one) == "row"]
    yield "<table>"
    widest = 0
    for row in rows[:ROWS]:
        cells: dict[int, str] = {}
        for place, cell in enumerate(one for one in row if _bare(one) == "c"):
            cells[_column(_named(cell, "r"), place)] = _value(cell, shared, dates, since_1904)
        widest = max([widest, *cells])
        texts = (cells.get(number, "") for number in range(min(max(cells, default=-1) + 1, COLUMNS)))
        yield f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in texts)}</tr>"
    yield "</table>"
    if len(rows) > ROWS:
        yield _cut(len(rows), "行")
    if widest >= COLUMNS:
        yield _cut(widest + 1, "列")


def _column(reference: str, otherwise: int) -> int:
    letters = re.match(r"[A-Z]{1,3}", reference)
    if not letters:
        return otherwise
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _value(cell: Element, shared: list[str], dates: frozenset[int], since_1904: bool) -> str:
    kind = _named(cell, "t")
    if kind == "inlineStr":
        return _runs(cell)
    text = next((one.text or "" for one in cell if _bare(one) == "v"), "")
    if kind == "s" and text:
        return shared[int(text)]
    if kind == "b":
        return "是" if text == "1" else "否"
    if kind in ("", "n") and text and int(_named(cell, "s") or 0) in dates:
        return _day(float(text), since_1904)
    return text


def _day(serial: float, since_1904: bool) -> str:
    if not 0 <= serial < 2_958_466:
        return str(serial)
    if not since_1904 and serial < 1:
        return f"{timedelta(seconds=round(serial * 86400))}"
    start = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30 if serial >= 60 else 31)
    at = start + timedelta(seconds=round(serial * 86400))
    return at.strftime("%Y-%m-%d") if serial == int(serial) else at.strftime("%Y-%m-%d %H:%M:%S")


# --- slides -------------------------------------------------------------------------------------------------------


def _slides(archive: zipfile.ZipFile) -> Iterator[str]:
    names = [one for one in archive.namelist() if re.fullmatch(r"ppt/slides/slide\d+\.xml", one)]
    names.sort(key=lambda name: int(re.sub(r"\D", "", name)))
    for number, name in enumerate(names, 1):
        yield f"<h2>第 {number} 页</h2>"
        for one in _part(archive, name).iter():
            if _bare(one) == "tbl":
                yield "<table>"
                for row in (inside for inside in one if _bare(inside) == "tr"):
                    texts = (_lines(cell) for cell in row if _bare(cell) == "tc")
                    yield f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in texts)}</tr>"
                yield "</table>"
            elif _bare(one) == "txBody":
                yield from (f"<p>{escape(text)}</p>" for text in _lines(one).splitlines() if text.strip())


def _lines(element: Element) -> str:
    paragraphs = (one for one in element.iter() if _bare(one) == "p")
    return "\n".join("".join(one.text or "" for one in line.iter() if _bare(one) == "t") for line in paragraphs)
