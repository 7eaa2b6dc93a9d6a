"""What may be an id, and when two are the same."""

from __future__ import annotations

import re
import unicodedata

_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))}


def check_id_text(text: str) -> str | None:
    """Return why `text` cannot be an id (unit, item, check), or None. Ids become file names, so rules are narrow."""
    if not text.strip():
        return "编号为空"
    for ch in text:
        if not ch.isprintable() or unicodedata.category(ch) in {"Cf", "Zs", "Zl", "Zp", "Cn"}:
            return f"编号含不可见字符 U+{ord(ch):04X}"
    if len(text.encode()) > 64:
        return "编号过长，最多 64 字节"
    if text.split(".")[0].lower() in _RESERVED:
        return "编号与系统保留名相同"
    return None if _ID.fullmatch(text) else "编号只能用字母、数字、“-”“_”“.”，且首尾须为字母或数字"


def folded_name(text: str) -> str:
    """Return the form in which two names of people are compared: as ids are, without spaces and invisible signs."""
    return "".join(ch for ch in folded_id(text) if not ch.isspace() and unicodedata.category(ch) != "Cf")


def folded_id(text: str) -> str:
    """Return the form in which two ids are compared: NFKC, case-folded."""
    return unicodedata.normalize("NFKC", text).casefold()
