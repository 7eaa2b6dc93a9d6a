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
_TOKEN = 2**20
_REMARK = 2**16
_CHUNK = 2**16
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([^"']+)""")
_OTHER_KINDS = (
    ("xl/workbook.bin", "二进制工作簿（.xlsb）"), ("word/document.xml", "Word 文档"),
    ("ppt/presentation.xml", "演示文稿"), ("content.xml", "OpenDocument 文件（.ods）"),
)  # fmt: skip


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
        raise _refused(name, "工作簿文件已损坏、不完整或加密，无法读取") from error


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
        raise _refused(name, "工作簿含宏（vbaProject），不予读取", allowed="不含宏的 .xlsx 工作簿")
    if "xl/workbook.xml" not in names:
        kind = next((kind for member, kind in _OTHER_KINDS if member in names), "普通压缩包（zip）")
        raise _refused(name, f"不是 .xlsx 工作簿，实际是{kind}", allowed="CSV 或 .xlsx")


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
    is_xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
    tail, since_tag, remark = b"", 0, 0
    while chunk := stream.read(_CHUNK):
        if not is_xml:
            continue
        if not tail and (declared := _ENCODING.match(chunk.lstrip(b"\xef\xbb\xbf"))):
            if declared.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii"):
                raise _refused(name, "工作簿部件的编码不是 UTF-8，已拒绝", member.filename)
        text = tail + chunk
        if b"\x00" in chunk or _DOCTYPE.search(text):
            raise _refused(name, "工作簿部件含实体或文档类型声明，已拒绝", member.filename)
        last = chunk.rfind(b"<")
        since_tag = since_tag + len(chunk) if last < 0 else len(chunk) - last
        remark = _open_remark(text, len(chunk), remark)
        if since_tag > _TOKEN or remark > _REMARK:
            raise _refused(name, "工作簿部件含超长内容，已拒绝", member.filename)
        tail = chunk[-16:]


def _open_remark(text: bytes, fresh: int, before: int) -> int:
    """Return how long the comment or instruction open at the end of `text` is by now; 0 when none is."""
    start = max(text.rfind(b"<!--"), text.rfind(b"<?"))
    end = max(text.rfind(b"-->"), text.rfind(b"?>"))
    if end >= 0 and end > start:
        return 0
    if before:
        return before + fresh
    return len(text) - start if start >= 0 else 0
