"""Values as JSON-ready data and back, and the one text that is hashed."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


_ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def adapter(kind: object) -> TypeAdapter[Any]:
    """Return pydantic's reader and writer of a type: dear to make, so made once."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)  # type: ignore[arg-type]
    return _ADAPTERS[kind]


def to_plain(value: object) -> Any:
    """Return JSON-ready data: decimals and dates as text, mappings and sequences as they are."""
    return adapter(type(value)).dump_python(value, mode="json")


def to_compact(value: object) -> Any:
    """Return what `to_plain` gives without fields at their defaults; `from_plain` reads it back the same."""
    return adapter(type(value)).dump_python(value, mode="json", exclude_defaults=True)


def from_plain(kind: type[T], plain: object) -> T:
    """Build `kind` from what `to_plain` gave. Raises pydantic's ValidationError on other data."""
    result: T = adapter(kind).validate_python(plain, strict=False)
    return result


def from_json(kind: type[T], text: str) -> T:
    """Build `kind` from JSON text at once: much faster than by way of `from_plain` on large values."""
    result: T = adapter(kind).validate_json(text, strict=False)
    return result


def canonical_json(value: object) -> str:
    """Return the one JSON text of `value`: sorted keys, no blanks, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def utc_now() -> datetime:
    return datetime.now(UTC)
