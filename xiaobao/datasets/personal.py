"""Personal data of customers in columns of their own: keyed pseudonyms, birth dates out of ID numbers, the key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import date
from pathlib import Path

from xiaobao.errors import Fault, WorkspaceError
from xiaobao.files import PRIVATE, write_new
from xiaobao.personal.forms import PROVINCES, id_checksum

PREFIXES = {"customer": "C", "mobile": "M"}
_KEY_BYTES = 32
_RESTORE = "把原来的密钥文件放回 secrets 文件夹；确实找不回的，先另建工作区重新导入"


def load_key(path: Path) -> bytes:
    """Return the pseudonym key, made on first use for its owner alone. It must not lie in a folder `data`.

    Raises WorkspaceError for a key that lies there, is damaged or cannot be read.
    """
    if "data" in path.resolve().parts[-3:-1]:
        raise WorkspaceError(Fault("化名密钥不能放在 data 目录下", file=path.name))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _create(path)
        text = path.read_text("ascii").strip()
        key = bytes.fromhex(text)
    except FileExistsError:
        return load_key(path)
    except (OSError, ValueError) as error:
        raise WorkspaceError(Fault("化名密钥无法读取或已损坏", file=path.name, allowed=_RESTORE)) from error
    if len(key) != _KEY_BYTES:
        raise WorkspaceError(Fault("化名密钥长度不对，可能已损坏", file=path.name, allowed=_RESTORE))
    return key


def _create(path: Path) -> None:
    """Write a new key whole: another process either sees all of it or nothing."""
    write_new(path, f"{secrets.token_hex(_KEY_BYTES)}\n".encode(), mode=PRIVATE)


def pseudonym(value: str, kind: str, key: bytes) -> str:
    """Return the stable stand-in of a customer number or mobile: same value, same key, same stand-in."""
    plain = "".join(unicodedata.normalize("NFKC", value).split()).upper()
    if kind == "mobile":
        plain = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", re.sub(r"[-()]", "", plain))
    mac = hmac.digest(key, f"{kind}\x1f{plain}".encode(), "sha256")
    return f"{PREFIXES.get(kind, 'P')}-{base64.b32encode(mac[:10])[:12].decode().lower()}"


def birth_date(id_number: str) -> date | None:
    """Return the birth date inside a resident ID number, None for other papers. Raises ValueError on a false number."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", id_number)).upper()
    if re.fullmatch(r"\d{15}", plain) and re.match(PROVINCES, plain):
        return _day("19" + plain[6:12])
    if not re.fullmatch(r"\d{17}[\dX]", plain):
        return None
    if not id_checksum(plain):
        raise ValueError("证件号码校验位不对")
    return _day(plain[6:14])


def _day(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise ValueError("证件号码中的出生日期不存在") from None


def known_key(path: Path, mark: str) -> bytes:
    """Return the key of a workspace whose imports in force carry `mark` ("": none yet; the key is made on first use).

    Raises WorkspaceError when the key is lost, damaged or another: pseudonyms would no longer match those of before.
    """
    if mark and not path.exists():
        raise WorkspaceError(Fault("化名密钥不见了，没有导入", file=path.name, allowed=_RESTORE))
    key = load_key(path)
    if mark and key_mark(key) != mark:
        raise WorkspaceError(Fault("化名密钥与已导入数据所用的不同，没有导入", file=path.name, allowed=_RESTORE))
    return key


def key_mark(key: bytes) -> str:
    """Return a short mark by which a key is recognised, from which it cannot be found."""
    return hmac.new(key, b"xiaobao key mark", hashlib.sha256).hexdigest()[:16]
