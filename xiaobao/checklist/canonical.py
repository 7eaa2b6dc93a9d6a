"""The one text of a checklist: what is published, hashed and kept with an inspection. No YAML is needed to read it."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import ValidationError

from xiaobao.checklist.models import Checklist, Regulations, Scheme
from xiaobao.errors import ChecklistError, Fault
from xiaobao.model import canonical_json

T = TypeVar("T", Checklist, Scheme, Regulations)


def canonical(value: Checklist | Scheme | Regulations) -> str:
    """Return canonical JSON: comments, key order, stated defaults and 5.0 for 5 make no difference."""
    return canonical_json(_plain(value.model_dump(exclude_defaults=True)))


def sha256(value: Checklist | Scheme | Regulations) -> str:
    """Return the SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def from_canonical(text: str, kind: type[T] = Checklist) -> T:  # type: ignore[assignment]
    """Read back what `canonical` gave. Raises ChecklistError where the text is not of that kind."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise ChecklistError(
            Fault("已发布的内容无法读取，可能已被改动", value=str(error.errors()[0]["loc"]))
        ) from error


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a checklist, for editors that complete and check YAML."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Checklist.model_json_schema()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | None) else str(value)
