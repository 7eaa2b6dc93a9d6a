"""Evidence files: what they are is read from their first bytes, where they lie is their hash, never their name."""

from __future__ import annotations

import hashlib
import io
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xiaobao.datasets.archives import refuse_bomb
from xiaobao.errors import Fault, InputError, WorkspaceError, machine_words, shorten
from xiaobao.files import PRIVATE, write_bytes
from xiaobao.personal import mask

MEGABYTES = 50
ALLOWED = (
    "PDF，图片（JPG、PNG、HEIC、WEBP、GIF），录音（MP3、M4A、WAV、OGG），录像（MP4、MOV、WEBM），DOCX、XLSX、PPTX、TXT；"
    "每个不超过 50 MB"
)
_SIGNATURES = {
    b"%PDF-": "pdf",
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"ID3": "mp3",
    b"\xff\xfb": "mp3",
    b"\xff\xf3": "mp3",
    b"\xff\xf2": "mp3",
    b"OggS": "ogg",
    b"\x1aE\xdf\xa3": "webm",
}
_RIFF = {b"WEBP": "webp", b"WAVE": "wav"}
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_MP4 = (b"isom", b"iso", b"mp4", b"avc1", b"MSNV", b"3gp", b"M4V", b"dash")
_OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_NAME_LENGTH = 120


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """`path` is relative to the workspace; `name` is what the person called it, for display only."""

    name: str
    sha256: str
    size: int
    path: str


def refuse_file(name: str, data: bytes) -> str:
    """Return the kind of a file that may be kept. Raises InputError naming what is allowed; nothing is written."""
    shown = display_name(name)
    if not data:
        raise InputError(Fault("文件是空的", file=shown))
    if len(data) > MEGABYTES * 1024 * 1024:
        raise InputError(Fault("文件太大", file=shown, value=f"{len(data) / 1048576:.1f} MB", allowed=ALLOWED))
    kind = file_kind(data)
    if kind is None:
        raise InputError(Fault("不接受这种文件（按内容判断，与扩展名无关）", file=shown, allowed=ALLOWED))
    return kind


def keep_file(home: Path, name: str, data: bytes) -> KeptFile:
    """Write `data` under `evidence/` and return where. Raises InputError naming what is allowed."""
    kind = refuse_file(name, data)
    sha = hashlib.sha256(data).hexdigest()
    path = PurePosixPath("evidence") / sha[:2] / f"{sha}.{kind}"
    _write_once(home / path, data)
    return KeptFile(name=display_name(name), sha256=sha, size=len(data), path=str(path))


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the contents of a folder's files by name, none where it is not there; hidden files and links are left out.

    Raises InputError for a file that is larger than evidence may be, or cannot be read.
    """
    found: dict[str, bytes] = {}
    faults = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_symlink() or not path.is_file() or path.name.startswith((".", "~$")) or path.name == "Thumbs.db":
            continue
        if path.stat().st_size > MEGABYTES * 1024 * 1024:
            faults.append(Fault("文件太大", file=display_name(path.name), allowed=ALLOWED))
            continue
        try:
            found[unicodedata.normalize("NFC", path.name)] = path.read_bytes()
        except OSError as error:
            faults.append(Fault(f"文件无法读取：{machine_words(error)}", file=display_name(path.name)))
    if faults:
        raise InputError(faults)
    return found


def display_name(name: str) -> str:
    """Return the last part of a file name on one line, without control or direction marks and personal data."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1].strip()
    return shorten(mask(last), _NAME_LENGTH) or "未命名"


def file_kind(data: bytes) -> str | None:
    """Return the kind of a file: pdf, image, sound, film, Office, txt; None for programs, macros, archives."""
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return kind
    if data.startswith(b"RIFF") and data[8:12] in _RIFF:
        return _RIFF[data[8:12]]
    if data[4:8] == b"ftyp":
        return _boxed_kind(data[8:12])
    if data.startswith(b"PK\x03\x04"):
        return _office_kind(data)
    return "txt" if _is_text(data) else None


def _boxed_kind(brand: bytes) -> str | None:
    """Return what a file of boxes (ISO 14496-12) is by its brand, None for one that we do not know."""
    if brand in _HEIC:
        return "heic"
    if brand in (b"M4A ", b"M4B "):
        return "m4a"
    return "mov" if brand == b"qt  " else "mp4" if brand.startswith(_MP4) else None


def _office_kind(data: bytes) -> str | None:
    """Look into the archive's list of names only; a book with macros is not taken.

    Raises InputError for one that nobody could open: evidence is opened by people years later.
    """
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    refuse_bomb(members, len(data))
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names or any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((kind for part, kind in _OFFICE.items() if part in names), None)


def _is_text(data: bytes) -> bool:
    """Plain text is what decodes and holds no control characters; scripts for a machine (#!) and markup are not."""
    if data[:2] in {b"#!", b"MZ"} or data.lstrip()[:1] == b"<":
        return False
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not any(ord(ch) < 32 and ch not in "\t\r\n\f" for ch in text)
    return False


def _write_once(path: Path, data: bytes) -> None:
    """Write the file, for its owner alone; the same content is there already: nothing to do."""
    if path.exists() and path.stat().st_size == len(data):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, data, mode=PRIVATE)
    except OSError as error:
        raise WorkspaceError(Fault(f"佐证材料没有保存：{machine_words(error)}", file=path.name)) from error
