"""A workbook's archive, looked at before anything is unpacked: budgets, names, kinds, checksums, XML tricks."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from xiaobao.errors import Fault, InputError

MEMBERS = 2_000
UNPACKED = 400 * 2**20
ONE_MEMBER = 300 * 2**20
RATIO = 50
FREE = 2**20  # below one megabyte a high ratio is harmless
ANOTHER_SAVE = "请用 Excel 另存为 .xlsx 再交"
_WORKBOOK = re.compile(r"xl/workbook\d*\.xml", re.IGNORECASE)
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
    ("content.xml", "OpenDocument 文件（.ods）"),
)


def check_archive(path: Path) -> None:
    """Refuse what is not a plain .xlsx of bearable size. Every byte is read once, so checksums hold."""
    name = path.name
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _names(members, name)
            _kind({member.filename for member in members}, name)
            _budget(members, path.stat().st_size, name)
            for member in members:
                with archive.open(member) as stream:
                    _scan(stream, member, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        message = "工作簿文件已损坏、不完整或加密，无法读取"
        raise _refused(name, message, allowed=f"能用 Excel 打开的，{ANOTHER_SAVE}") from error


def _refused(name: str, message: str, value: str = "", allowed: str = "") -> InputError:
    return InputError(Fault(message, file=name, value=value, allowed=allowed))


def _names(members: list[zipfile.ZipInfo], name: str) -> None:
    if len(members) > MEMBERS:
        raise _refused(name, f"工作簿内有 {len(members)} 个部件，超过上限", allowed=f"最多 {MEMBERS} 个")
    seen: set[str] = set()
    for member in members:
        raw = member.orig_filename
        path = PurePosixPath(raw.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", raw) or "\x00" in raw:
            raise _refused(name, "工作簿内有指向外部的路径，已拒绝", raw)
        if str(path).casefold() in seen:
            raise _refused(name, "工作簿内同一部件出现两次，已拒绝", raw)
        seen.add(str(path).casefold())


def _kind(names: set[str], name: str) -> None:
    if any(PurePosixPath(member.lower()).name == "vbaproject.bin" for member in names):
        raise _refused(name, "工作簿含宏（vbaProject），不予读取", allowed=f"不含宏的 .xlsx 工作簿，{ANOTHER_SAVE}")
    if not any(_WORKBOOK.fullmatch(member) for member in names):
        kind = next((kind for member, kind in _OTHER_KINDS if member in names), "普通压缩包（zip）")
        raise _refused(name, f"不是 .xlsx 工作簿，实际是{kind}", allowed=f"CSV 或 .xlsx，{ANOTHER_SAVE}")


def _budget(members: list[zipfile.ZipInfo], size: int, name: str) -> None:
    total = sum(member.file_size for member in members)
    largest = max(members, key=lambda member: member.file_size)
    if total > UNPACKED or largest.file_size > ONE_MEMBER:
        raise _refused(name, f"解压后约 {total // 2**20} MB，超过上限", allowed=f"最多 {UNPACKED // 2**20} MB")
    steep = largest.file_size > FREE and largest.file_size > RATIO * max(largest.compress_size, 1)
    if steep or (total > FREE and total > RATIO * size):
        raise _refused(name, "压缩比过高，疑似压缩炸弹，已拒绝", allowed=f"不超过 {RATIO}:1")


def _scan(stream: IO[bytes], member: zipfile.ZipInfo, name: str) -> None:
    """Read a part through; in XML refuse document types and tokens so long that a parser's time explodes."""
    remarks, tail, since_tag, is_xml = _Remarks(), b"", 0, False
    while chunk := stream.read(_CHUNK):
        if not tail:
            is_xml = _may_be_xml(chunk, member.filename)
            declared = _ENCODING.match(chunk.lstrip(b"\xef\xbb\xbf"))
            if is_xml and declared and declared.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii"):
                raise _refused(name, "工作簿部件的编码不是 UTF-8", member.filename, ANOTHER_SAVE)
        text = tail + chunk
        tail = chunk[-16:]
        if not is_xml:
            continue
        if b"\x00" in chunk or _DOCTYPE.search(text):
            raise _refused(name, "工作簿部件含实体或文档类型声明，已拒绝", member.filename)
        last = chunk.rfind(b"<")
        since_tag = since_tag + len(chunk) if last < 0 else len(chunk) - last
        if since_tag > _TOKEN or remarks.longest(text) > _REMARK:
            raise _refused(name, "工作簿部件含超长内容，已拒绝", member.filename)


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
