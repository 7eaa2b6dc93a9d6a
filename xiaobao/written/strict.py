"""The base of all that people write, and what their values may be. Cheap to import: a kernel needs it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, dataclass_transform

from msgspec import NODEFAULT, Meta, Struct, StructMeta, field, structs


class KeywordOnly(StructMeta):
    """Makes every class of a family take its fields by name alone: msgspec does not hand `kw_only` down by itself."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any) -> KeywordOnly:
        """Make the class; one that says `kw_only=False` is let be."""
        made: KeywordOnly = super().__new__(cls, name, bases, namespace, **{"kw_only": True, **config})
        return made


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Strict(Struct, metaclass=KeywordOnly, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Unknown keys are faults, values are frozen; JSON leaves out what is at its default."""


def bounds(**schema: Any) -> Meta:
    """Say in the words of JSON Schema what a value may be; `written.reader` holds it, editors complete from it.

    msgspec's own words would not do: it refuses them on Decimal.
    """
    return Meta(extra_json_schema=schema)


def stated_fields(value: Struct) -> Iterator[tuple[str, Any]]:
    """Yield the fields that say something else than their defaults."""
    for name, default in _defaults(type(value)).items():
        inner = getattr(value, name)
        if default is NODEFAULT or inner != default:
            yield name, inner


def stated(value: Any) -> Any:
    """Return Structs as dicts of what they state, a rule's kind first; single values stay what they are."""
    if isinstance(value, Struct):
        config = value.__struct_config__
        kind = {config.tag_field: config.tag} if config.tag_field else {}
        return {**kind, **{name: stated(inner) for name, inner in stated_fields(value)}}
    if isinstance(value, tuple):
        return tuple(map(stated, value))
    if isinstance(value, dict):
        return {key: stated(inner) for key, inner in value.items()}
    return value


@cache
def _defaults(kind: type[Struct]) -> dict[str, Any]:
    fields = structs.fields(kind)
    return {f.name: f.default if f.default_factory is NODEFAULT else f.default_factory() for f in fields}
