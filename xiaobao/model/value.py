"""What every value is made of, and its plain form: what is stored, printed and hashed."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, dataclass_transform

import msgspec

from xiaobao.written.strict import KeywordOnly


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Value(msgspec.Struct, metaclass=KeywordOnly, frozen=True, omit_defaults=True, gc=False):
    """A frozen value: quick to declare and to read and write as JSON, where fields at their defaults are left out.

    Fields are given by name, so that two of one type can never change places unnoticed.
    A default is recognised by identity, which holds for what exists once: None, flags, small numbers, codes, "" and
    (), and an empty `{}`.
    Whoever collects garbage passes values by (`gc=False`): what is frozen when it is made cannot lead back to itself,
    and to look through the hundred thousands of a large bank again and again took a third of the time.
    """


T = TypeVar("T")

_AS_IS = frozenset({str, int, float, bool, type(None)})
_MANY = (tuple, list, set, frozenset)
_READERS: dict[object, msgspec.json.Decoder[Any]] = {}


def reader(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Return the reader of a type's JSON: what it has to learn of the type is dear, so it is made once."""
    if kind not in _READERS:
        _READERS[kind] = msgspec.json.Decoder(kind, strict=False)
    return _READERS[kind]


def to_plain(value: object) -> Any:
    """Return JSON-ready data with every field: decimals and dates as text, mappings and sequences as they are."""
    if type(value) in _AS_IS:
        return value
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        plain = {config.tag_field: config.tag} if config.tag_field else {}
        return plain | {name: to_plain(inner) for name, inner in msgspec.structs.asdict(value).items()}
    if isinstance(value, _MANY):
        return [to_plain(inner) for inner in value]
    if isinstance(value, Mapping):
        return {str(to_compact(key)): to_plain(inner) for key, inner in value.items()}
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    return to_compact(value)


def to_compact(value: object) -> Any:
    """Return what `to_plain` gives without a value's fields at their defaults; `from_plain` reads it back the same."""
    return msgspec.to_builtins(value, str_keys=True, enc_hook=_write)


def from_plain(kind: type[T], plain: object) -> T:
    """Build `kind` from what `to_plain` gave. Raises ValueError on other data."""
    return msgspec.convert(plain, kind, strict=False)


def from_json(kind: type[T], text: str | bytes) -> T:
    """Build `kind` from JSON text at once: much faster than by way of `from_plain` on large values."""
    return reader(kind).decode(text)


def _write(value: object) -> object:
    """Return what msgspec knows in place of what it does not."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no plain form of {type(value).__name__}")


def canonical_json(value: object) -> str:
    """Return the one JSON text of `value`: sorted keys, no blanks, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def utc_now() -> datetime:
    """Return the time to record, aware and in UTC; dates of business never come from it."""
    return datetime.now(UTC)


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
