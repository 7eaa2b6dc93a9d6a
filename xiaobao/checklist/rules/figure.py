"""(j) 按数据指标分档."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, ClassVar

from xiaobao.checklist.rules.actual import figure_title
from xiaobao.checklist.rules.rule import RuleBase, RuleLoss, ScoredItem, Share, lost_by_share
from xiaobao.checklist.shared_flaws import twice
from xiaobao.model import ItemFacts
from xiaobao.numbers import ZERO, plain
from xiaobao.written.nodes import Flaw, Place
from xiaobao.written.strict import Strict, bounds


class FigureBand(Strict):
    """From `at_least` (itself included) on, the item keeps `share` of its points."""

    at_least: Decimal
    share: Share


class Figure(RuleBase, tag="figure"):
    """(j) Fed by a figure from data; the highest band whose lower end is reached keeps its share, none keeps none."""

    figure: str
    bands: Annotated[tuple[FigureBand, ...], bounds(minItems=1)]

    word: ClassVar[str] = "按数据指标分档"
    words: ClassVar[Mapping[str, str]] = {
        "figure": "数据指标",
        "bands": "指标分档",
        "at_least": "不低于",
        "share": "得分比例",
    }
    by_data: ClassVar[bool] = True
    by_person: ClassVar[bool] = False

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield two bands with the same lower end; their order in the file does not matter."""
        yield from twice((((*place, "bands", n), plain(b.at_least)) for n, b in enumerate(self.bands)), "档")

    def reads(self) -> tuple[tuple[str, str], ...]:
        return (("figure", self.figure),)

    def lacks(self, item: ScoredItem, facts: ItemFacts) -> str:
        """It needs the figure: a check without data leaves the item 无数据, never 0 points."""
        return "" if self.figure in facts.figures else f"无数据：{figure_title(self.figure)}"

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take points × (1 − the share of the highest band that is reached); all of them below the lowest band."""
        value = facts.figures[self.figure]
        reached = [band for band in self.bands if band.at_least <= value]
        why = f"{figure_title(self.figure)}为 {plain(value)}"
        if not reached:
            return lost_by_share(self.kind, why + "，未达到最低一档", ZERO, item)
        band = max(reached, key=lambda band: band.at_least)
        return lost_by_share(self.kind, f"{why}，达到 {plain(band.at_least)} 一档", band.share, item)
