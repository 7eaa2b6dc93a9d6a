"""A document as mappings, lists and texts with their lines, before anybody says what it means."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal

from msgspec import Struct, field


class TextNode(Struct, frozen=True, kw_only=True):
    """A scalar as written. `plain` means without quotes, so that it might be read as something else than text."""

    value: str
    plain: bool
    line: int


class Listing(Struct, frozen=True):
    """A list as it was written; `line` is where it begins."""

    line: int
    values: list[Node] = field(default_factory=list)


class TableNode(Struct, frozen=True, kw_only=True):
    """A mapping; `lines` holds the line of each key."""

    line: int
    values: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


Node = TextNode | Listing | TableNode
Place = tuple[str | int, ...]


def line_of(root: Node, place: Place) -> int:
    """Return the line of the deepest node on the way to `place`, so that a missing key points at its parent."""
    line, node = root.line, root
    for step in place:
        if isinstance(node, TableNode) and step in node.values:
            line, node = node.lines[str(step)], node.values[str(step)]
        elif isinstance(node, Listing) and isinstance(step, int) and step < len(node.values):
            node = node.values[step]
            line = node.line
    return line


def as_nodes(plain: object, line: int = 1) -> Node:
    """Return what does not come out of YAML as nodes, all on one line: texts count as quoted, typed values do not."""
    if isinstance(plain, dict):
        return TableNode(
            line=line,
            values={key: as_nodes(value, line) for key, value in plain.items()},
            lines=dict.fromkeys(plain, line),
        )
    if isinstance(plain, list | tuple):
        return Listing(line, [as_nodes(value, line) for value in plain])
    return TextNode(value=_written(plain), plain=not isinstance(plain, str), line=line)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


class Flaw(Struct, frozen=True, kw_only=True):
    """A fault by its place in the document; who reads the file adds file and line, cell or dotted path."""

    place: Place
    message: str
    value: str = ""
    allowed: str = ""


def nearest(value: str, known: Iterable[str]) -> str:
    """Return a hint at the known words nearest to `value`, or nothing."""
    import difflib  # only a slip needs it

    close = difflib.get_close_matches(value[:80], list(known), n=3, cutoff=0.6)
    return "，是否想写 " + "、".join(close) if close else ""
