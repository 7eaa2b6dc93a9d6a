"""Pieces of a page beside tables: pickers, links, columns side by side, and what is folded until somebody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from xiaobao.model import Unit, Value
from xiaobao.pages.views.view_model import Bar, Block, Html, View, tag, view
from xiaobao.scorecard.around import Around, Choice

_MOST_OFFERED = 5000  # some 380 KB of a page, 33 on the wire; above them a number is typed, and 总览 finds by name


class Link(Value):
    """Words that lead to `address` ("" for none); what is said beside it, and what stands out."""

    words: str
    address: str = ""
    said: str = ""
    bad: str = ""

    def html(self) -> Html:
        name = tag("a", self.words, href=self.address, target="_self") if self.address else tag("span", self.words)
        parts = [
            tag("span", f"　{text}", class_=tone) for text, tone in ((self.said, "muted"), (self.bad, "bad")) if text
        ]
        return tag("li", name, *parts)

    def text(self) -> str:
        return "　".join(filter(None, (f"- {self.words}", self.said, self.bad)))


class Links(Value):
    """Lines that lead elsewhere."""

    lines: tuple[Link, ...]

    def html(self) -> Html:
        return tag("ul", *(one.html() for one in self.lines), class_="links")

    def text(self) -> str:
        return "\n".join(one.text() for one in self.lines)


class Ways(Value):
    """Links side by side in one line."""

    lines: tuple[Link, ...]

    def html(self) -> Html:
        return tag("ul", *(one.html() for one in self.lines), class_="ways")

    def text(self) -> str:
        return "　".join(one.words for one in self.lines)


class Side(Value):
    """Parts side by side, below each other on a phone; each has its heading."""

    parts: tuple[tuple[str, tuple[Block, ...]], ...]

    def html(self) -> Html:
        drawn = (tag("section", tag("h3", title), *(block.html() for block in blocks)) for title, blocks in self.parts)
        return tag("div", *drawn, class_="side")

    def text(self) -> str:
        return "\n".join(
            "\n".join([f"【{title}】", *(block.text() for block in blocks)]) for title, blocks in self.parts
        )


class Lane(Value):
    """A bar that is wide as its place, with what it means beside it."""

    words: str
    bar: Bar

    def html(self) -> Html:
        return tag("p", self.bar.html(), self.words, class_="muted")

    def text(self) -> str:
        return self.words


class Fold(Value):
    """What is shown when somebody opens it; paper shows what was open."""

    title: str
    blocks: tuple[Block, ...]
    opened: bool = False

    def html(self) -> Html:
        shown = "open" if self.opened else ""
        return tag("details", tag("summary", self.title), *(block.html() for block in self.blocks), open=shown)

    def text(self) -> str:
        return "\n".join([f"【{self.title}】", *(block.text() for block in self.blocks)])


class OnPaper(Value):
    """What stands on paper in the place of a drawing that only a screen can show; a terminal shows it, too."""

    blocks: tuple[Block, ...]

    def html(self) -> Html:
        return tag("div", *(block.html() for block in self.blocks), class_="on-paper")

    def text(self) -> str:
        return "\n".join(block.text() for block in self.blocks)


class Picker(Value):
    """Which period, campaign and unit a page shows, as a form of the page itself; its text names what is shown.

    A `unit` that the campaign does not inspect is offered first, so that the form still says what it shows.
    """

    page: str
    around: Around
    unit: Unit | None = None

    def html(self) -> Html:
        parts = [_choice("检查期间、批次", "period", self.around.periods, self.around.period)]
        if self.unit is not None:
            parts.append(self._picked(self.unit))
        parts.append(tag("button", "打开", type="submit"))
        return tag("form", *parts, method="get", action=f"{self.page}.ipynb", class_="pick", target="_self")

    def _picked(self, unit: Unit) -> Html:
        offered = self.around.units
        if unit.id not in [one.value for one in offered]:
            offered = (Choice(value=unit.id, title=unit.name), *offered)
        if len(offered) <= _MOST_OFFERED:
            return _choice("机构", "unit", offered, unit.id, letters=self.around.initials)
        field = Html(str(tag("input", name="unit", value=unit.id, size="12")).removesuffix("</input>"))
        return tag("label", "机构号", field)

    def text(self) -> str:
        return f"检查期间：{self.around.period}"


def _choice(
    title: str, name: str, offered: Sequence[Choice], chosen: str, letters: Mapping[str, str] | None = None
) -> Html:
    """Draw a list; with `letters` (name → initials) each title also says its number, and the page can search it."""
    options = (
        tag(
            "option",
            one.title if letters is None else f"{one.title}（{one.value}）",
            value=one.value,
            data_find="" if letters is None else letters.get(one.title, ""),
            selected="selected" if one.value == chosen else "",
        )
        for one in offered
    )
    return tag("label", title, tag("select", *options, name=name))


def folded(title: str, *shown: View, opened: bool = False) -> View:
    """Return views folded under one title."""
    blocks = tuple(block for one in shown for block in one.blocks)
    return view(Fold(title=title, blocks=blocks, opened=opened))  # type: ignore[arg-type]  # drawn as every block is


def address(page: str, around: Around | None, **asked: str) -> str:
    """Return where a page is, for the period of this one; "" where it is not known what lies around."""
    return "" if around is None else of_period(page, around.period, **asked)


def of_period(page: str, period: str, **asked: str) -> str:
    """Return where a page is for `period`, with the campaign behind a stroke where the period has several."""
    code, _, campaign = period.partition("/")
    return f"{page}.ipynb?{urlencode({'period': code, **({'campaign': campaign} if campaign else {}), **asked})}"
