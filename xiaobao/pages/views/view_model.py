"""A view is a short document of facts, texts and tables; its HTML and its text form are made from the same cells."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from pathlib import Path

from xiaobao.model import Value

STYLE = "".join(Path(__file__).with_name("view.css").read_text("utf-8").splitlines()[1:])


class Html(str):
    """Text that is markup already; made by `tag` and `join` alone."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str) -> Html:
    """Return element `name` with `children`; plain text is escaped. `class_` gives the class, empty ones are left."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items() if value
    )
    return Html(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: str) -> Html:
    """Put pieces together; text that is not Html yet is escaped."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))


def sheet(*children: str) -> Html:
    """Return the frame of a view, with the one style that all views share."""
    return tag("div", Html(f"<style>{STYLE}</style>"), *children, class_="xb-view", lang="zh-CN")


class Bar(Value):
    """A bar of `length` percent of its lane from `start`, with a mark (the peers' median) where there is one."""

    length: Decimal | None
    mark: Decimal | None = None
    bad: bool = False
    start: Decimal = Decimal(0)

    def html(self) -> Html:
        """Draw it, nothing without a length. It is hidden from screen readers: the number stands beside it."""
        if self.length is None:
            return Html("")
        from_left = f"left:{_percent(self.start)}%;" if self.start else ""
        parts = [tag("b", style=f"{from_left}width:{_percent(self.length)}%", class_="bad" if self.bad else "")]
        if self.mark is not None:
            parts.append(tag("i", style=f"left:{_percent(self.mark)}%"))
        return tag("span", *parts, class_="bar", aria_hidden="true")


def _percent(value: Decimal) -> str:
    return f"{min(max(value, Decimal(0)), Decimal(100)):.1f}"


# JupyterLab takes the shared style away from a paper that it does not trust, but leaves what stands at a cell.
_HEAD_LAYOUT = {"": "text-align:left", "short": "text-align:left", "num": ""}
_LAYOUT = _HEAD_LAYOUT | {"short": "text-align:left;white-space:nowrap"}


class Cell(Value):
    """What stands in a cell. `tone` is good, bad or muted; the words say it too, never colour alone.

    `link` is where the words lead, "" for nowhere; `anchor` is what an address names the cell by, behind its #.
    """

    text: str
    tone: str = ""
    bar: Bar | None = None
    link: str = ""
    anchor: str = ""


class TableColumn(Value):
    """A heading; `kind` is num (right-aligned), short (never wrapped) or nothing."""

    title: str
    kind: str = ""


class TableBlock(Value):
    """Rows of as many cells as there are columns; `note` is its caption."""

    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def html(self) -> Html:
        """Draw it; fewer than five columns stay as narrow as their text."""
        heads = (tag("th", c.title, class_=c.kind, scope="col", style=_HEAD_LAYOUT[c.kind]) for c in self.columns)
        rows = (
            tag("tr", *(self._cell(column, cell) for column, cell in zip(self.columns, row, strict=True)))
            for row in self.rows
        )
        caption = [tag("caption", self.note)] if self.note else []
        narrow = "narrow" if len(self.columns) < 5 else ""
        drawn = tag("table", *caption, tag("thead", tag("tr", *heads)), tag("tbody", *rows), class_=narrow)
        return drawn if narrow else tag("div", drawn, class_="scroll", tabindex="0", role="group", aria_label="表格")

    @staticmethod
    def _cell(column: TableColumn, cell: Cell) -> Html:
        bar = cell.bar.html() if cell.bar else Html("")
        words = tag("a", cell.text, href=cell.link, target="_self") if cell.link else cell.text
        classes = f"{column.kind} {cell.tone}".strip()
        return tag("td", words, bar, id=cell.anchor, class_=classes, style=_LAYOUT[column.kind])

    def text(self) -> str:
        """Lay it out in columns for a terminal, a Chinese character two wide; the note comes last."""
        lines = [[c.title for c in self.columns], *([" ".join(c.text.split()) for c in row] for row in self.rows)]
        taken = [[_width(text) for text in line] for line in lines]
        widths = [max(column) for column in zip(*taken, strict=True)]
        kinds = [column.kind for column in self.columns]
        drawn = [
            "  ".join(map(_padded, line, map(int.__sub__, widths, own), kinds)).rstrip()
            for line, own in zip(lines, taken, strict=True)
        ]
        return "\n".join(
            [drawn[0], "─" * min(sum(widths) + 2 * len(widths) - 2, 100), *drawn[1:]]
            + ([self.note] if self.note else [])
        )


class Text(Value):
    """A sentence or two."""

    words: str
    tone: str = ""

    def html(self) -> Html:
        return tag("p", self.words, class_=self.tone)

    def text(self) -> str:
        return self.words


class Title(Value):
    """A heading; `top` is the first of a page that has no section of its own around it."""

    words: str
    top: bool = False

    def html(self) -> Html:
        return tag("h2" if self.top else "h3", self.words)

    def text(self) -> str:
        return f"【{self.words}】"


class Facts(Value):
    """Named figures side by side; the first may be shown big."""

    pairs: tuple[tuple[str, Cell], ...]
    big: int = 0

    def html(self) -> Html:
        return tag(
            "dl",
            *(
                tag(
                    "div",
                    tag("dt", name),
                    tag("dd", cell.text, class_=f"{'big' if place < self.big else ''} {cell.tone}".strip()),
                )
                for place, (name, cell) in enumerate(self.pairs)
            ),
            class_="facts",
        )

    def text(self) -> str:
        return "\n".join(f"{name}：{cell.text}" for name, cell in self.pairs)


Block = TableBlock | Text | Title | Facts


class View(Value):
    """What a notebook cell ends in. The same input gives the same HTML and the same text, to the letter."""

    blocks: tuple[Block, ...]

    def _repr_html_(self) -> str:
        return str(sheet(*(block.html() for block in self.blocks)))

    def __repr__(self) -> str:
        return "\n".join(block.text() for block in self.blocks)


def view(*blocks: Block) -> View:
    """Return what a notebook's cell shows: the blocks from top to bottom."""
    return View(blocks=blocks)


def columns(*titles: str) -> tuple[TableColumn, ...]:
    """Read headings written as `title`, `title:num` or `title:short`."""
    parts = (title.partition(":") for title in titles)
    return tuple(TableColumn(title=title, kind=kind) for title, _, kind in parts)


def cells(*values: str | Cell) -> tuple[Cell, ...]:
    """Return a row; plain strings become cells without tone."""
    return tuple(value if isinstance(value, Cell) else Cell(text=value) for value in values)


def table_or(empty: str, heads: Sequence[TableColumn], rows: Iterable[tuple[Cell, ...]], note: str = "") -> Block:
    """Return a table, or the sentence that says why there is nothing to show."""
    made = tuple(rows)
    return TableBlock(columns=tuple(heads), rows=made, note=note) if made else Text(words=empty, tone="muted")


class _Widths(dict[int, str]):
    """Which characters take two places, as a table for `str.translate`: wide ones become two letters."""

    def __missing__(self, code: int) -> str:
        self[code] = drawn = "xx" if unicodedata.east_asian_width(chr(code)) in "WF" else "x"
        return drawn


_WIDTHS = _Widths()


def _width(text: str) -> int:
    """Return how many places `text` takes where Chinese takes two."""
    return len(text) if text.isascii() else len(text.translate(_WIDTHS))


def _padded(text: str, blanks: int, kind: str) -> str:
    return " " * blanks + text if kind == "num" else text + " " * blanks
