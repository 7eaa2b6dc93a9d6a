"""Sentences whose numbers are figures: each knows which ones it prints, so that all can be read back and compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xiaobao.numbers import ZERO
from xiaobao.report_figures import FigureSet, FigureTable, ReportFigure

_SLOT = re.compile(r"\{([^{}]+)\}")
_APART = ("未归类", "未填写", "合计")
_TOP = 3


@dataclass(frozen=True)
class Sentence:
    """Text and figures in turn; printed, each figure is its number with its unit."""

    parts: tuple[str | ReportFigure, ...]

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else part.words for part in self.parts)

    @property
    def figures(self) -> tuple[ReportFigure, ...]:
        """The figures it prints, in order."""
        return tuple(part for part in self.parts if isinstance(part, ReportFigure))


@dataclass(frozen=True)
class SentenceWriter:
    """Makes sentences over one set of figures."""

    figures: FigureSet

    def say(self, *pieces: str | ReportFigure | Sentence) -> Sentence:
        """Join pieces; in our own words `{name}` stands for the figure of that name. Text of data comes as Sentence."""
        parts: list[str | ReportFigure] = []
        for piece in pieces:
            if isinstance(piece, Sentence):
                parts += piece.parts
            elif isinstance(piece, ReportFigure):
                parts.append(piece)
            else:
                words = _SLOT.split(piece)
                parts += [self.figures[word] if place % 2 else word for place, word in enumerate(words)]
        return Sentence(tuple(part for part in parts if part != ""))

    def known(self, name: str) -> bool:
        """Tell whether the source of a figure was delivered."""
        return self.figures[name].known

    def some(self, *names: str) -> bool:
        """Tell whether any of the figures is there and not zero."""
        return any(name in self.figures and bool(self.figures[name].value) for name in names)

    def given(self, name: str) -> bool:
        """Tell whether a figure is declared and has a value, 0 included."""
        return name in self.figures and self.figures[name].value is not None

    def listed(self, prefix: str) -> Sentence:
        """Return “甲 3 件、乙 1 件” over the figures below `prefix` that are not zero."""
        return _joined((name, one) for name, one in self.figures.below(prefix) if one.value)

    def changed(self, name: str, up: str, down: str) -> Sentence:
        """Return “增长 12.00%” or “下降 12.00%”, “持平” on zero."""
        figure = self.figures[name]
        if not figure.value:
            return Sentence(("持平",))
        return Sentence((up if figure.value > ZERO else down, figure.magnitude))

    def leading(self, table: FigureTable) -> Sentence:
        """Return the first rows of a breakdown by count, “甲 38 件（占 35.19%）、…”; what has no place stays out."""
        rows = [row for row in table.rows if row["name"] not in _APART and _count(row["count"])]
        rows.sort(key=lambda row: -_count(row["count"]))
        parts: list[str | ReportFigure] = []
        for row in rows[:_TOP]:
            count, share = row["count"], row["share"]
            assert isinstance(count, ReportFigure)
            assert isinstance(share, ReportFigure)
            parts += ["、" if parts else "", _apart(str(row["name"])), count, "（占", share, "）"]
        return Sentence(tuple(part for part in parts if part != ""))


def _count(cell: str | ReportFigure) -> int:
    return int(cell.value or 0) if isinstance(cell, ReportFigure) else 0


def _joined(named: Iterable[tuple[str, ReportFigure]], mark: str = "、") -> Sentence:
    """Return “甲 3 件、乙 1 件”."""
    parts: list[str | ReportFigure] = []
    for name, figure in named:
        parts += [mark, _apart(name), figure] if parts else [_apart(name), figure]
    return Sentence(tuple(parts))


def _apart(name: str) -> str:
    """Keep a number of a name clear of the figure that follows it."""
    return f"{name} " if name[-1:].isascii() else name


Lines = Sequence[Sentence]


def reserved_lines(w: SentenceWriter) -> Lines:
    """Say how many units' scores are not the last word, and why; nothing where all are."""
    said = w.listed("检查·保留")
    if not said.parts:
        return ()
    words = "未更新是底稿运行失败、此前运行的得分，草稿是检查表未上报，旧数据是提交后数据已更新、待复核人答复"
    return (w.say("得分有保留的机构：", said, f"；{words}。"),)
