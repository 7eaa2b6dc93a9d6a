"""(b) 分档计分."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from xiaobao.checklist.rules.rule import (
    BY_CONCLUSION,
    Ask,
    RuleBase,
    RuleLoss,
    ScoredItem,
    Share,
    conclusion_words,
    lost_by_share,
)
from xiaobao.checklist.shared_flaws import twice
from xiaobao.model import ItemFacts
from xiaobao.numbers import ONE, ZERO
from xiaobao.written.nodes import Flaw, Place
from xiaobao.written.strict import Strict, bounds


class LevelOption(Strict):
    """A level that can be chosen; it keeps `share` of the item's points."""

    id: str
    label: str
    share: Share


class Levels(RuleBase, tag="levels"):
    """(b) The chosen option keeps its share of the points. Without options: 符合 1, 部分符合 0.5, 不符合 0."""

    options: Annotated[tuple[LevelOption, ...], bounds(minItems=1)] = ()

    word: ClassVar[str] = "分档计分"
    words: ClassVar[Mapping[str, str]] = {"options": "档次", "share": "得分比例"}

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield an option named twice, and options of which none keeps all points: nobody could get full marks."""
        yield from twice((((*place, "options", n, "id"), o.id) for n, o in enumerate(self.options)), "选项")
        if self.options and all(option.share != ONE for option in self.options):
            most = max(option.share for option in self.options)
            message = "没有得满分的档次，符合要求的也得不了满分"
            yield Flaw(place=(*place, "options"), message=message, value=f"最高 {most}", allowed="有一档 share: 1")

    def asks(self) -> tuple[Ask, ...]:
        """Ask for the level, of 符合 too; without options the conclusion alone decides and nothing is asked."""
        options = tuple((option.id, option.label) for option in self.options)
        return (Ask(field="option", label="评定档次", options=options, always=True),) if options else ()

    def reads(self) -> tuple[tuple[str, str], ...]:
        """The level, even where it is read off the conclusion: two such rules would take the same points twice."""
        return (("option", ""),)

    def chosen(self, facts: ItemFacts) -> LevelOption | None:
        """Return the option taken. Without one, 符合 is the full option and 不符合 the empty one, where they exist."""
        share = BY_CONCLUSION.get(facts.conclusion) if facts.conclusion else None
        if not self.options:
            label = conclusion_words(facts)
            return None if share is None else LevelOption(id=str(facts.conclusion), label=label, share=share)
        if facts.option:
            return next((option for option in self.options if option.id == facts.option), None)
        if share not in (ZERO, ONE):
            return None
        return next((option for option in self.options if option.share == share), None)

    def lacks(self, item: ScoredItem, facts: ItemFacts) -> str:
        """It needs a level, chosen or read off the conclusion as `chosen` does."""
        if self.chosen(facts) is not None:
            return ""
        return "未选择档次" if self.options else "未给出检查结论"

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take points × (1 − the level's share)."""
        option = self.chosen(facts)
        assert option is not None
        return lost_by_share(self.kind, f"评为“{option.label}”", option.share, item)
