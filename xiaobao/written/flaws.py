"""A fault of something written, by its place in the document, and the hint that helps to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from xiaobao.written.nodes import Place


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """A fault by its place in the document; who reads the file adds file and line, cell or dotted path."""

    place: Place
    message: str
    value: str = ""
    allowed: str = ""


def nearest(value: str, known: Iterable[str]) -> str:
    """Return a hint at the known words nearest to `value`, or nothing."""
    close = difflib.get_close_matches(value[:80], list(known), n=3, cutoff=0.6)
    return "，是否想写 " + "、".join(close) if close else ""
