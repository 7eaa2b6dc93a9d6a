"""Write a notebook as nbformat does, byte for byte, but neither copied first nor spelt by slow generators."""

from __future__ import annotations

import json
from json.encoder import encode_basestring
from typing import Any

from nbformat import NotebookNode
from nbformat.v4.rwbase import split_lines, strip_transient


def written(notebook: NotebookNode) -> str:
    """Return the text of a notebook. Its texts are split into lines in place: whoever goes on with it must not mind."""
    return _spelt(strip_transient(split_lines(notebook)), "\n")


def _spelt(value: Any, gap: str) -> str:
    """Return JSON with sorted keys and an indent of one; `gap` is a line break and the indent of where it stands."""
    if isinstance(value, str):
        return encode_basestring(value)
    inner = gap + " "
    if isinstance(value, dict):
        pairs = [f"{encode_basestring(key)}: {_spelt(value[key], inner)}" for key in sorted(value)]
        return "{" + inner + ("," + inner).join(pairs) + gap + "}" if pairs else "{}"
    if isinstance(value, list | tuple):
        parts = [_spelt(one, inner) for one in value]
        return "[" + inner + ("," + inner).join(parts) + gap + "]" if parts else "[]"
    return json.dumps(value)
