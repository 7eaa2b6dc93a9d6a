"""Sentences and tables that xiaobao itself writes: a draft edited from our report is held against them word by word.

A sentence of the draft that is ours but for its numbers says the same things; each number then has one true value. The
words for up and down, and the units, may be wrong too: they count as part of the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from xiaobao.features.draft_check.draft_numbers import Number, numbers, plain_text
from xiaobao.written.blocks import DocumentBlock, Grid, Paragraph

_UP = ("增加", "增长", "上升", "提高", "升高")
_DOWN = ("减少", "下降", "降低", "下滑", "回落")
_WAY = re.compile("|".join((*_UP, *_DOWN)))
_GAP = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True)
class Printed:
    """One number as we print it, with the direction that the word before it gives: 1, −1, or 0 for none."""

    number: Number
    way: int = 0

    @property
    def value(self) -> Decimal:
        """The number with the sign of its direction: “下降 3.2%” is −3.2."""
        return -self.number.value if self.way < 0 else self.number.value


_Line = tuple[Printed, ...]


@dataclass(kw_only=True)
class OwnWords:
    """What our own reports of the period say, by their words without numbers."""

    lines: dict[str, list[_Line]] = field(default_factory=dict)
    cells: dict[tuple[tuple[str, ...], tuple[str, ...]], list[tuple[str, ...]]] = field(default_factory=dict)

    def expected(self, sentence: str, found: Sequence[Number]) -> _Line | None:
        """Return what we print in place of the numbers of a plain sentence, None when it is none of ours."""
        known = self.lines.get(_skeleton(sentence, found))
        if not known or not found:
            return None
        return max(known, key=lambda line: sum(a.number.value == b.value for a, b in zip(line, found, strict=True)))

    def row(self, heads: Sequence[str], cells: Sequence[str], labels: Sequence[int]) -> tuple[str, ...] | None:
        """Return our row of a table with these heads and labels."""
        key = tuple(map(_bare, heads)), tuple(_bare(cells[at]) for at in labels if at < len(cells))
        known = self.cells.get(key, [])
        return known[0] if len(known) == 1 else None


def _printed(sentence: str, found: Sequence[Number]) -> _Line:
    """Return the numbers of a sentence with their directions."""
    start, made = 0, []
    for one in found:
        ways = _WAY.findall(sentence[start : one.start])
        made.append(Printed(number=one, way=0 if not ways else 1 if ways[-1] in _UP else -1))
        start = one.end
    return tuple(made)


def own_words(blocks: Iterable[DocumentBlock]) -> OwnWords:
    """Gather what our reports say."""
    own = OwnWords()
    for block in blocks:
        if isinstance(block, Paragraph):
            for sentence in sentences(block.text):
                found = numbers(sentence)
                line = _printed(sentence, found)
                known = own.lines.setdefault(_skeleton(sentence, found), [])
                if found and line not in known:
                    known.append(line)
        else:
            _take_table(own, block)
    return own


def _take_table(own: OwnWords, grid: Grid) -> None:
    heads = tuple(map(_bare, grid.rows[0]))
    labels = word_columns(grid)
    for row in grid.rows[1:]:
        key = heads, tuple(_bare(row[at]) for at in labels)
        known = own.cells.setdefault(key, [])
        if tuple(row) not in known:
            known.append(tuple(row))


def word_columns(grid: Grid) -> list[int]:
    """Return the columns of a table that hold no numbers at all."""
    width = min(len(row) for row in grid.rows)
    return [
        at
        for at in range(width)
        if not all(re.fullmatch(r"[-—\d.,%+\s]*", plain_text(row[at]).strip()) for row in grid.rows[1:])
    ]


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text in plain form."""
    for sentence in re.split(r"(?<=[。!?])", plain_text(text)):
        if sentence.strip():
            yield sentence


def _skeleton(sentence: str, found: Sequence[Number]) -> str:
    parts, start = [], 0
    for one in found:
        parts.append(sentence[start : one.start])
        start = one.end
    parts.append(sentence[start:])
    return _GAP.sub("", "#".join(_WAY.sub("↕", part) for part in parts))


def _bare(cell: str) -> str:
    return _GAP.sub("", plain_text(cell))
