"""The one text of a checklist: what is published, hashed and kept with an inspection. No YAML is needed to read it."""

from __future__ import annotations

import hashlib
import inspect
import re
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from xiaobao.checklist.models import Checklist, Regulations, Scheme
from xiaobao.errors import ChecklistError, Fault
from xiaobao.model import canonical_json
from xiaobao.numbers import plain
from xiaobao.written.reader import NUMBER
from xiaobao.written.strict import stated

T = TypeVar("T", Checklist, Scheme, Regulations)


def canonical(value: Checklist | Scheme | Regulations) -> str:
    """Return canonical JSON: comments, key order, stated defaults and 5.0 for 5 make no difference."""
    written = value.as_written() if isinstance(value, Checklist) else value
    return canonical_json(_plain(stated(written)))


def sha256(value: Checklist | Scheme | Regulations) -> str:
    """Return the SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def from_canonical(text: str, kind: type[T] = Checklist) -> T:  # type: ignore[assignment]
    """Read back what `canonical` gave. Raises ChecklistError where the text is not of that kind."""
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ChecklistError(Fault("已发布的内容无法读取，可能已被改动", value=_place_in(error))) from error


def _place_in(error: Exception) -> str:
    """Return where msgspec stumbled: the last thing that it names."""
    named = re.findall(r"`([^`]*)`", str(error))
    return str(named[-1]) if named else ""


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | None) else str(value)


def json_schema() -> dict[str, Any]:
    """Return msgspec's schema of a checklist, where a decimal may be a number as well as text in quotes."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_written(msgspec.json.schema(Checklist))}


def _written(schema: Any) -> Any:
    """Turn each decimal into what YAML may hold; msgspec writes one as text alone, with bounds that bind numbers."""
    if isinstance(schema, list):
        return [_written(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("description"), str):
        schema["description"] = inspect.cleandoc(schema["description"])
    if schema.get("format") != "decimal":
        return {key: _written(inner) for key, inner in schema.items()}
    bounds = {key: inner for key, inner in schema.items() if key not in ("type", "format", "default")}
    default = {"default": _number(Decimal(schema["default"]))} if "default" in schema else {}
    return {"anyOf": [{"type": "number", **bounds}, {"type": "string", "pattern": f"^({NUMBER})$"}], **default}


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
