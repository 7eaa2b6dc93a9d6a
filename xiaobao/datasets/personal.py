"""Personal data of customers: keyed pseudonyms, birth dates out of ID numbers, masks over free text."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import date
from pathlib import Path

from xiaobao.errors import Fault, InputError, WorkspaceError
from xiaobao.files import PRIVATE, write_new

PREFIXES = {"customer": "C", "mobile": "M"}
_KEY_BYTES = 32
_PROVINCES = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"


def load_key(path: Path) -> bytes:
    """Return the pseudonym key, made on first use for its owner alone. It must not lie in a folder `data`."""
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
        raise WorkspaceError(Fault("化名密钥无法读取或已损坏", file=path.name)) from error
    if len(key) != _KEY_BYTES:
        raise WorkspaceError(Fault("化名密钥长度不对，可能已损坏", file=path.name))
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
    if re.fullmatch(r"\d{15}", plain) and re.match(_PROVINCES, plain):
        return _day("19" + plain[6:12])
    if not re.fullmatch(r"\d{17}[\dX]", plain):
        return None
    if not _id_checksum(plain):
        raise ValueError("证件号码校验位不对")
    return _day(plain[6:14])


def _id_checksum(plain: str) -> bool:
    from stdnum.iso7064 import mod_11_2  # loads ssl and pydoc, and few texts hold such a number

    return mod_11_2.is_valid(plain)


def _day(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise ValueError("证件号码中的出生日期不存在") from None


# One character for one, so that spans found in the narrowed text fit the original.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    0xA0: 0x20,
    0x2010: 0x2D,
    0x2011: 0x2D,
    0x2012: 0x2D,
    0x2013: 0x2D,
    0x2014: 0x2D,
    0x2212: 0x2D,
}
_GAP = r"[ \t\r\n-]{0,3}"
_BREAK = r"(?:[ \t]*\r?\n[ \t]*)?"


def _run(*digits: str) -> str:
    return _GAP.join(digits)


_D = r"\d"
_DATE4 = rf"(?:1{_GAP}[89]|2{_GAP}0){_GAP}\d{_GAP}\d"
_MONTH_DAY = rf"(?:0{_GAP}[1-9]|1{_GAP}[0-2]){_GAP}(?:0{_GAP}[1-9]|[12]{_GAP}\d|3{_GAP}[01])"
_AREA = rf"[1-9]{_GAP}\d{_GAP}" + _run(*[_D] * 4)
_ID18 = re.compile(
    rf"(?<![0-9A-Za-z]){_AREA}{_GAP}{_DATE4}{_GAP}{_MONTH_DAY}{_GAP}{_run(_D, _D, _D, '[0-9Xx]')}(?![0-9A-Za-z])"
)
_ID15 = re.compile(
    rf"(?<![0-9A-Za-z]){_AREA}{_GAP}{_run(_D, _D)}{_GAP}{_MONTH_DAY}{_GAP}{_run(_D, _D, _D)}(?![0-9A-Za-z])"
)
_TIGHT = _BREAK.join
_MOBILE = re.compile(
    r"(?<![0-9A-Za-z.,])(?:(?:\+|00)?86[ \t-]{0,2})?(?:"
    + _TIGHT(["1", "[3-9]", _D])
    + r"[ \t-]?"
    + _BREAK
    + _TIGHT([_D] * 4)
    + r"[ \t-]?"
    + _BREAK
    + _TIGHT([_D] * 4)
    + r"|1[3-9]\d[ -]\d{3}[ -]\d{5}|1[3-9]\d{2}[ -]\d{3}[ -]\d{4}|1[ -][3-9](?:[ -]\d){9}"
    + r")(?![0-9A-Za-z])(?!\.\d)(?![ \t]*(?:元|万|亿|美元|%))"
)
_CARD = re.compile(r"(?<![0-9A-Za-z.,¥$])\d(?:[ \t\r\n-]{0,2}\d){12,18}(?![0-9A-Za-z])(?!\.\d)(?![ \t]*(?:元|万|亿|%))")
_ISSUER = re.compile(r"62|60|65|81|4|5[1-5]|35|3[0467]|2[2-7][2-9]")
_KEY_LABEL = re.compile(r"(?:流水|单|文|合同|保单|借据|凭证|票|订单|编|序|批|录像|工)号[为是:： ]{0,3}$")
_ACCOUNT = re.compile(r"(?:账号|帐号|账户|卡号|存折号)[为是:： ]{0,3}(\d(?:[ -]?\d){9,22})(?![0-9A-Za-z])")


def mask(text: str) -> str:
    """Return `text` without ID numbers, mobiles and bank cards. Amounts, dates, company codes and serials stay."""
    if not any(ch.isdecimal() for ch in text):
        return text
    for pattern, accept, word in _RULES:
        narrowed = text.translate(_NARROW)
        pieces, end = [], 0
        for found in pattern.finditer(narrowed):
            group = 1 if pattern is _ACCOUNT else 0
            if not accept(narrowed, found):
                continue
            pieces += [text[end : found.start(group)], word]
            end = found.end(group)
        text = "".join([*pieces, text[end:]])
    return text


def _any(text: str, found: re.Match[str]) -> bool:
    return True


def _resident(text: str, found: re.Match[str]) -> bool:
    """A plausible date and either a province or a true check digit: a mistyped number is personal too."""
    plain = re.sub(r"[ \t\r\n-]", "", found.group()).upper()
    return re.match(_PROVINCES, plain) is not None or (len(plain) == 18 and _id_checksum(plain))


def _old_resident(text: str, found: re.Match[str]) -> bool:
    return _resident(text, found) and not _KEY_LABEL.search(text[max(0, found.start() - 12) : found.start()])


def _card(text: str, found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found.group())
    if not _ISSUER.match(digits) or _KEY_LABEL.search(text[max(0, found.start() - 12) : found.start()]):
        return False
    from stdnum import luhn

    return luhn.is_valid(digits)


_RULES = (
    (_ID18, _resident, "【证件号已隐去】"),
    (_ID15, _old_resident, "【证件号已隐去】"),
    (_ACCOUNT, _any, "【账号已隐去】"),
    (_CARD, _card, "【卡号已隐去】"),
    (_MOBILE, _any, "【手机号已隐去】"),
)


def refuse_key_change(known: str, key: bytes) -> None:
    """Raise when the workspace's imports were made with another key: pseudonyms would no longer match."""
    if known and known != key_mark(key):
        raise InputError("化名密钥与已导入数据所用的不同，请恢复原密钥文件")


def key_mark(key: bytes) -> str:
    """Return a short mark by which a key is recognised, from which it cannot be found."""
    return hmac.new(key, b"xiaobao key mark", hashlib.sha256).hexdigest()[:16]
