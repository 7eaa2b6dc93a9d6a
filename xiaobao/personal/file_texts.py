"""The texts of files that people keep, each with its place: Word, Excel, pages, notebooks, tables, logs.

Read as archives and markup, without the libraries that make them: a scan must see what lies in a file, whatever a
reader would show of it. What is cut into runs or cells is put together as people read it.
"""

from __future__ import annotations

import html
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from defusedxml import ElementTree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_Text = tuple[str, str]  # place, text

_TEXT_KINDS = frozenset(
    {".csv", ".txt", ".md", ".json", ".jsonl", ".log", ".toml", ".yaml", ".yml", ".js", ".css", ".xml", ".svg", ".tsv"}
)
_TAGS = re.compile(r"</?(?:b|i|u|em|strong|span|a|wbr|mark|font|sup|sub)\b[^>]*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_BLOCKS = re.compile(r"<[^>]*>")
_LONGEST_LINE = 20_000  # longer ones are data that pages carry: looked at in parts that overlap
_OVERLAP = 100


def texts_of(path: Path) -> Iterator[_Text]:
    """Yield the texts of a file with their places; nothing for kinds that hold none. Raises OSError, ValueError."""
    kind = path.suffix.lower()
    if kind in _PARTS_OF:
        try:
            with zipfile.ZipFile(path) as archive:
                yield from _PARTS_OF[kind](archive)
        except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, IndexError) as error:
            raise ValueError(f"{type(error).__name__}") from error
    elif kind in (".sqlite", ".db"):
        yield from _database(path)
    elif kind == ".ipynb":
        yield from _notebook(json.loads(path.read_text("utf-8")))
    elif kind in (".html", ".htm"):
        yield from _page(path.read_text("utf-8", errors="replace"), "")
    elif kind in _TEXT_KINDS or not kind:
        for number, line in enumerate(_decoded(path.read_bytes()).splitlines(), 1):
            yield from _parts(line, f"第 {number} 行")


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _parts(text: str, place: str) -> Iterator[_Text]:
    for start in range(0, max(1, len(text)), _LONGEST_LINE):
        yield place, text[max(0, start - _OVERLAP) : start + _LONGEST_LINE]


def texts_in(plain: Any, place: str = "") -> Iterator[_Text]:
    """Yield the texts of JSON-ready data, each with its path of keys."""
    if isinstance(plain, str):
        yield place, plain
    elif isinstance(plain, dict):
        for key, inner in plain.items():
            yield from texts_in(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(plain, list):
        for number, inner in enumerate(plain, 1):
            yield from texts_in(inner, f"{place}[{number}]")


def _notebook(plain: Any) -> Iterator[_Text]:
    for number, cell in enumerate(plain.get("cells", ()), 1):
        yield f"第 {number} 格", _joined(cell.get("source", ""))
        for output in cell.get("outputs", ()):
            place = f"第 {number} 格的输出"
            yield place, _joined(output.get("text", ""))
            yield place, "\n".join([*map(str, output.get("traceback", ())), str(output.get("evalue", ""))])
            for kind, data in output.get("data", {}).items():
                if kind.startswith("image/"):
                    continue
                if kind == "text/html":
                    yield from _page(_joined(data), place)
                elif isinstance(data, dict):
                    yield from ((f"{place} {inner}", text) for inner, text in texts_in(data))
                else:
                    yield place, _joined(data)
    yield from texts_in(plain.get("metadata", {}), "元数据")


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _page(text: str, place: str) -> Iterator[_Text]:
    """Yield what stands between the tags that part texts; a tag of emphasis parts none."""
    flat = _TAGS.sub("", text)
    start, line = 0, 1
    for tag in [*_BLOCKS.finditer(flat), None]:
        end = tag.start() if tag else len(flat)
        piece = flat[start:end]
        if piece.strip():
            yield from _parts(html.unescape(piece), place or f"第 {line} 行")
        if tag:
            line += flat.count("\n", start, tag.end())
            if "=" in tag.group():
                yield place or f"第 {line} 行", html.unescape(tag.group())
            start = tag.end()


def _bare(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _word(archive: zipfile.ZipFile) -> Iterator[_Text]:
    for name in archive.namelist():
        if not name.endswith((".xml", ".rels")):
            continue
        root = ElementTree.fromstring(archive.read(name))
        if name.startswith("word/"):
            paragraphs = [element for element in root.iter() if _bare(element) == "p"]
            for number, paragraph in enumerate(paragraphs, 1):
                text = "".join(
                    one.text or "" for one in paragraph.iter() if _bare(one) in ("t", "instrText", "delText")
                )
                yield f"{Path(name).stem} 第 {number} 段", text
        else:
            yield from _loose(root, name)


def _excel(archive: zipfile.ZipFile) -> Iterator[_Text]:
    names = archive.namelist()
    shared: list[str] = []
    if "xl/sharedStrings.xml" in names:
        root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        shared = [_text_of(item) for item in root if _bare(item) == "si"]
    for name in names:
        if not name.endswith((".xml", ".rels")) or name == "xl/sharedStrings.xml":
            continue
        root = ElementTree.fromstring(archive.read(name))
        if name.startswith("xl/worksheets/sheet"):
            yield from _cells(root, Path(name).stem, shared)
        elif "comment" in name.lower() or name.startswith("xl/drawings/"):  # cut into runs as people coloured it
            for note in (one for one in root.iter() if _bare(one) in ("text", "p")):
                yield name, _text_of(note)
        else:
            yield from _loose(root, name)


def _cells(root: Element, sheet: str, shared: list[str]) -> Iterator[_Text]:
    for cell in root.iter():
        if _bare(cell) != "c":
            continue
        place = f"{sheet} {cell.get('r', '')}"
        for part in cell:
            if _bare(part) == "is":
                yield place, _text_of(part)
            elif _bare(part) == "v" and cell.get("t") == "s":
                yield place, shared[int(part.text or 0)]
            elif _bare(part) == "f" or cell.get("t") in ("str", "d"):
                yield place, part.text or ""


def _slides(archive: zipfile.ZipFile) -> Iterator[_Text]:
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            root = ElementTree.fromstring(archive.read(name))
            for paragraph in (one for one in root.iter() if _bare(one) == "p"):
                yield Path(name).stem, _text_of(paragraph)
            yield from _loose(root, name)


def _database(path: Path) -> Iterator[_Text]:
    """Yield the texts of the tables of an SQLite file by table and column; JSON in them by its keys."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
            for (table,) in tables:
                quoted = table.replace('"', '""')
                rows = connection.execute(f'select * from "{quoted}"')  # noqa: S608 - a name that the file itself gives
                names = [column[0] for column in rows.description]
                for row in rows:
                    for name, value in zip(names, row, strict=True):
                        if isinstance(value, str):
                            yield from _field(f"{table} {name}", value)
    except sqlite3.Error as error:
        raise ValueError("不是完整的 SQLite 文件") from error


def _field(place: str, text: str) -> Iterator[_Text]:
    if text[:1] in ("{", "["):
        with suppress(ValueError):
            yield from texts_in(json.loads(text), place)
            return
    yield place, text


def _text_of(element: Element) -> str:
    return "".join(one.text or "" for one in element.iter() if _bare(one) == "t")


_PARTS_OF = {".docx": _word, ".docm": _word, ".xlsx": _excel, ".xlsm": _excel, ".pptx": _slides}


def _loose(root: Element, name: str) -> Iterator[_Text]:
    """Yield the texts of other parts: properties, comments, names of sheets, links."""
    for element in root.iter():
        if element.text and element.text.strip():
            yield name, element.text
        for key, value in element.attrib.items():
            if key.rpartition("}")[2] in ("name", "Target", "title", "descr", "author"):
                yield name, value
