"""The JSON Schema of a checklist, for editors that complete and check YAML while it is written."""

from __future__ import annotations

import inspect
from decimal import Decimal
from typing import Any

import msgspec

from xiaobao.checklist.models import Checklist
from xiaobao.written.reader import NUMBER


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
