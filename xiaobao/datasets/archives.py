"""The archive of an Office file, looked at before it is unpacked: budgets, names, kinds, checksums, XML tricks."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from xiaobao.errors import Fault, InputError

MEMBERS = 2_000
UNPACKED = 400 * 2**20
ONE_MEMBER = 300 * 2**20
EXPANSION = 50
FREE = 2**20  # below one megabyte a high ratio is harmless
ANOTHER_SAVE = "请用 Excel 另存为 .xlsx 再交"


@dataclass(frozen=True, kw_only=True)
class Office:
    """A kind of Office file: what it is called, its main part, how far it may be packed, what nobody reads in it."""

    name: str
    ending: str
    main: re.Pattern[str]
    ratio: int
    save: str
    unread: tuple[str, ...] = ()


WORKBOOK = Office(
    name="工作簿",
    ending=".xlsx 工作簿",
    main=re.compile(r"xl/workbook\d*\.xml", re.IGNORECASE),
    ratio=EXPANSION,
    save=ANOTHER_SAVE,
)
# The long tables of a report repeat themselves: they pack much better than a workbook's cells.
WORD = Office(
    name="Word 文件",
    ending=".docx 文件",
    main=re.compile(r"word/document\d*\.xml", re.IGNORECASE),
    ratio=300,
    save="请用 Word 另存为 .docx 再交",
    unread=("customXml/",),
)
_TOKEN = 2**19
_REMARK = 2**18
_CHUNK = 2**16
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_XML_NAMES = (".xml", ".rels", ".vml")
_CLOSERS = {b"<!--": b"-->", b"<?": b"?>", b"<![CDATA[": b"]]>"}
_OPENERS = re.compile(rb"<!--|<\?|<!\[CDATA\[")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([^"']+)""")
_OTHER_KINDS = (
    ("xl/workbook.bin", "二进制工作簿（.xlsb）"),
    ("word/document.xml", "Word 文档"),
    ("ppt/presentation.xml", "演示文稿"),
    ("xl/workbook.xml", "Excel 工作簿"),
    ("content.xml", "OpenDocument 文件"),
)


def check_archive(path: Path, office: Office = WORKBOOK) -> None:
    """Refuse what is no plain file of its kind and of bearable size. Every byte is read once, so checksums hold."""
    look = _Look(path.name, office)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            look.names(members)
            look.kind({member.filename for member in members})
            look.budget(members, path.stat().st_size)
            for member in members:
                with archive.open(member) as stream:
                    look.scan(stream, member)
    except OSError as error:
        raise look.refused(f"文件无法读取：{error.strerror}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise look.refused("{}已损坏、不完整或加密，无法读取", allowed="能打开的文件") from error


def refuse_bomb(members: list[zipfile.ZipInfo], size: int) -> None:
    """Raise InputError for an archive that unpacks beyond all measure, by its list of contents."""
    if members:
        _Look("", WORD).budget(members, size)


@dataclass(frozen=True)
class _Look:
    """One look into one file; every message names its kind and how to save it anew."""

    file: str
    office: Office

    def refused(self, message: str, value: str = "", allowed: str = "") -> InputError:
        allowed_forms = "，".join(part for part in (allowed, self.office.save) if part)
        return InputError(Fault(message.format(self.office.name), file=self.file, value=value, allowed=allowed_forms))

    def names(self, members: list[zipfile.ZipInfo]) -> None:
        if len(members) > MEMBERS:
            raise self.refused(f"{{}}内有 {len(members)} 个部件，超过上限", allowed=f"最多 {MEMBERS} 个")
        seen: set[str] = set()
        for member in members:
            raw = member.orig_filename
            path = PurePosixPath(raw.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", raw) or "\x00" in raw:
                raise self.refused("{}内有指向外部的路径，已拒绝", raw)
            if str(path).casefold() in seen:
                raise self.refused("{}内同一部件出现两次，已拒绝", raw)
            seen.add(str(path).casefold())

    def kind(self, names: set[str]) -> None:
        if any(PurePosixPath(member.lower()).name == "vbaproject.bin" for member in names):
            raise self.refused("{}含宏（vbaProject），不予读取", allowed="不含宏的文件")
        if not any(self.office.main.fullmatch(member) for member in names):
            kind = next((kind for member, kind in _OTHER_KINDS if member in names), "普通压缩包（zip）")
            raise self.refused(f"不是 {self.office.ending}，实际是{kind}")

    def budget(self, members: list[zipfile.ZipInfo], size: int) -> None:
        total, ratio = sum(member.file_size for member in members), self.office.ratio
        largest = max(members, key=lambda member: member.file_size)
        if total > UNPACKED or largest.file_size > ONE_MEMBER:
            raise self.refused(f"解压后约 {total // 2**20} MB，超过上限", allowed=f"最多 {UNPACKED // 2**20} MB")
        steep = largest.file_size > FREE and largest.file_size > ratio * max(largest.compress_size, 1)
        if steep or (total > FREE and total > ratio * size):
            raise self.refused("压缩比过高，疑似压缩炸弹，已拒绝", allowed=f"不超过 {ratio}:1")

    def scan(self, stream: IO[bytes], member: zipfile.ZipInfo) -> None:
        """Read a part through; in XML refuse document types and tokens so long that a parser's time explodes."""
        remarks, tail, since_tag, is_xml = _Remarks(), b"", 0, False
        while chunk := stream.read(_CHUNK):
            if not tail:
                is_xml = _may_be_xml(chunk, member.filename) and not member.filename.startswith(self.office.unread)
                declared = _ENCODING.match(chunk.lstrip(b"\xef\xbb\xbf"))
                if is_xml and declared and declared.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii"):
                    raise self.refused("{}部件的编码不是 UTF-8", member.filename)
            text = tail + chunk
            tail = chunk[-16:]
            if not is_xml:
                continue
            if b"\x00" in chunk or _DOCTYPE.search(text):
                raise self.refused("{}部件含实体或文档类型声明，已拒绝", member.filename)
            last = chunk.rfind(b"<")
            since_tag = since_tag + len(chunk) if last < 0 else len(chunk) - last
            if since_tag > _TOKEN or remarks.longest(text) > _REMARK:
                raise self.refused("{}部件含超长内容，已拒绝", member.filename)


def _may_be_xml(start: bytes, filename: str) -> bool:
    """A part's name proves nothing: whatever begins like XML may be read as XML."""
    plain = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return not plain or plain.startswith((b"<", b"\xff\xfe", b"\xfe\xff")) or filename.lower().endswith(_XML_NAMES)


class _Remarks:
    """Follows comments, instructions and raw sections over chunks, to know how long the open one has grown."""

    def __init__(self) -> None:
        self.closer = b""
        self.length = 0

    def longest(self, text: bytes) -> int:
        """Take the next bytes (the last few may come twice); return the length of what is still open."""
        place = 0
        while True:
            if self.closer:
                end = text.find(self.closer, place)
                if end < 0:
                    self.length += len(text) - place
                    return self.length
                place, self.closer, self.length = end + len(self.closer), b"", 0
            opener = _OPENERS.search(text, place)
            if not opener:
                return 0
            self.closer, place = _CLOSERS[opener.group()], opener.end()
