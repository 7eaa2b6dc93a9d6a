"""Mask whole values and their plain form: every text but those that name things (ids, hashes, paths, people).

A field is masked unless its name stands in `KEYS`: a new field of free text cannot be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import msgspec

from xiaobao.personal.finding import mask

T = TypeVar("T")

# Names of things, and who did them: people of the bank's own register. `record` of a lead holds business keys; its
# texts were masked when the extract came in. `assessed` and `resolved` hold exact fractions that we computed: of twenty
# digits sixteen look like a card sooner or later, and a score that lost its share cannot be read.
KEYS = frozenset(
    {
        "actor", "answered_by", "assessed", "author", "by", "check_id", "checklist_id", "checklist_sha256",
        "complaint_no", "dataset", "decided_by", "digest", "domain", "file_sha256", "filers", "finding_id", "hash",
        "id", "item_id", "key", "kind", "lead_id", "notebook", "paper", "paper_sha256", "parent", "path",
        "payload_sha256", "period", "previous_hash", "public", "record", "resolved", "root", "scheme", "sha256",
        "sheet", "status", "storage", "store", "submitted_by", "unit", "unit_id", "verb", "version", "veto_id",
        "withdrawn_by",
    }
)  # fmt: skip


_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[Ee][+-]?\d+)?")


def masked_plain(plain: Any) -> Any:
    """Return JSON-ready data masked like the value that it came from. Numbers pass: decimals are texts."""
    if isinstance(plain, str):
        return plain if _NUMBER.fullmatch(plain) else mask(plain)
    if isinstance(plain, list):
        items = [masked_plain(item) for item in plain]
        return plain if all(new is old for new, old in zip(items, plain, strict=True)) else items
    if isinstance(plain, Mapping):
        pairs = {key: item if key in KEYS else masked_plain(item) for key, item in plain.items()}
        return plain if all(new is plain[key] for key, new in pairs.items()) else pairs
    return plain


def masked(value: T) -> T:
    """Return `value` with its free texts masked; the very same value where there is nothing to hide."""
    changed: T = _masked(value)
    return changed


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value) if type(value) is str else value  # codes are none of people's words
    if isinstance(value, msgspec.Struct):
        names = [name for name in value.__struct_fields__ if name not in KEYS]
        changed = {name: new for name in names if (new := _masked(old := getattr(value, name))) is not old}
        return msgspec.structs.replace(value, **changed) if changed else value
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value) if field.name not in KEYS]
        changed = {name: new for name in names if (new := _masked(old := getattr(value, name))) is not old}
        return replace(value, **changed) if changed else value
    if isinstance(value, tuple | list):
        items = [_masked(item) for item in value]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else type(value)(items)
    if isinstance(value, Mapping):
        pairs = {key: item if key in KEYS else _masked(item) for key, item in value.items()}
        return value if all(new is value[key] for key, new in pairs.items()) else pairs
    return value
