"""A text that people wrote, as its blocks: paragraphs and tables, each with its place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """One line of text; `place` says where it stands in the draft."""

    text: str
    place: str


@dataclass(frozen=True)
class Grid:
    """One table, header first."""

    rows: tuple[tuple[str, ...], ...]
    place: str


DocumentBlock = Paragraph | Grid
