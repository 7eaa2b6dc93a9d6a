"""多次查看、逐人检查: several marks on one item, taken together as their mean, as the worst, or one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from xiaobao.checklist.rules.actual import lost_by_part
from xiaobao.checklist.rules.levels import LevelOption
from xiaobao.checklist.rules.rule import Ask, Points, RuleBase, RuleLoss, ScoredItem
from xiaobao.checklist.shared_flaws import twice
from xiaobao.model import ItemFacts, Look
from xiaobao.numbers import HUNDRED, ONE, ZERO, plain, times, to_decimal
from xiaobao.written.nodes import Flaw, Place
from xiaobao.written.strict import bounds

LOOKS_TAKEN_AS = {"mean": "平均", "worst": "最差一次", "each": "逐个扣分"}
_PLAIN = (
    LevelOption(id="compliant", label="符合", share=ONE),
    LevelOption(id="partially_compliant", label="部分符合", share=Decimal("0.5")),
    LevelOption(id="non_compliant", label="不符合", share=ZERO),
)
_TAKEN = {"mean": "取平均", "worst": "取最差一次", "each": "逐个扣分"}
_SHOWN = 12


def looks_text(looks: Iterable[Look], marks: Mapping[str, str]) -> str:
    """Return looks as people write them, one a line: 第1次=符合. `marks` is option id → label."""
    return "\n".join(f"{look.name}={marks.get(look.mark, look.mark)}" for look in looks)


def read_looks(text: str, marks: Mapping[str, str]) -> tuple[Look, ...]:
    """Return the looks that lines of “name=label” tell; a word that is no label stays the mark, to be refused."""
    known = {label: mark for mark, label in marks.items()}
    lines = [line for whole in text.splitlines() for line in re.split("[;；]", whole) if line.strip()]
    parts = [[*re.split("[=＝:：]", line.strip(), maxsplit=1), ""][:2] for line in lines]
    return tuple(Look(name=name.strip(), mark=known.get(mark.strip(), mark.strip())) for name, mark in parts)


class Looks(RuleBase, tag="looks"):
    """Several looks at one item, or several persons under it, each marked with an option.

    `mean`: the item keeps the mean of their shares; `worst`: the least; `each`: `rate` × (1 − share) for every one.
    Without options: 符合 1, 部分符合 0.5, 不符合 0. `least` is how many have to be looked at.
    """

    each: str = "次"
    how: Literal["mean", "worst", "each"] = "mean"
    options: tuple[LevelOption, ...] = ()
    least: Annotated[int, bounds(minimum=1)] = 1
    rate: Points | None = None

    word: ClassVar[str] = "多次查看或逐人检查"
    words: ClassVar[Mapping[str, str]] = {
        "each": "逐什么记",
        "options": "档次",
        "least": "至少几项（次、人）",
        "rate": "每次（每项）扣分",
    }
    rated: ClassVar[bool] = True
    endless: ClassVar[bool] = True

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield options that cannot give full marks, a rate where none is taken, and none where one is needed."""
        yield from twice((((*place, "options", n, "id"), o.id) for n, o in enumerate(self.options)), "选项")
        yield from twice((((*place, "options", n, "label"), o.label) for n, o in enumerate(self.options)), "档次名称")
        if self.options and all(option.share != ONE for option in self.options):
            message = "没有得满分的档次，符合要求的也得不了满分"
            yield Flaw(place=(*place, "options"), message=message, allowed="有一档 share: 1")
        if self.how == "each" and not self.rate:
            yield Flaw(place=(*place, "rate"), message="逐个扣分没有写每个扣几分", allowed="大于 0")
        if self.how != "each" and self.rate is not None:
            yield Flaw(place=(*place, "rate"), message="只有逐个扣分才写每个扣几分", allowed="how: each")

    @property
    def marks(self) -> tuple[LevelOption, ...]:
        """What one look may be marked with."""
        return self.options or _PLAIN

    def asks(self) -> tuple[Ask, ...]:
        """Ask for each look's name and mark, one a line."""
        named = "、".join(option.label for option in self.marks)
        few = f"，至少 {self.least} {self.each}" if self.least > 1 else ""
        return (
            Ask(
                field="looks",
                label=f"逐{self.each}结果",
                aim=f"每行一{self.each}，写“名称=结果”；结果可填{named}；{_TAKEN[self.how]}{few}",
                brief=f"，每行一{self.each}：名称=结果（{named}）",
                options=tuple((option.id, option.label) for option in self.marks),
                always=True,
            ),
        )

    def lacks(self, item: ScoredItem, facts: ItemFacts) -> str:
        """It needs the looks, as many as the sheet says, each with a mark that the sheet knows."""
        if not facts.looks:
            return f"未填写逐{self.each}结果"
        if len(facts.looks) < self.least:
            return f"只填写了 {len(facts.looks)} {self.each}，至少要 {self.least} {self.each}"
        known = {option.id for option in self.marks}
        return "" if known.issuperset(look.mark for look in facts.looks) else f"逐{self.each}结果中有检查表没有的档次"

    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Take points × (1 − mean), points × (1 − least), or the sum of rate × (1 − share) over all looks."""
        marks = {option.id: option for option in self.marks}
        seen = {look.name: marks[look.mark] for look in facts.looks}
        why = f"共 {len(seen)} {self.each}：{self._listed(seen)}，{_TAKEN[self.how]}"
        shares = [Fraction(option.share) for option in seen.values()]
        if self.how == "each":
            exact = Fraction(self.rate or ZERO) * sum((1 - share for share in shares), Fraction(0))
            deduct = to_decimal(exact)
            took = f"每{self.each}最多扣 {plain(self.rate or ZERO)} 分，扣 {plain(deduct)} 分" if exact else "不扣分"
            return RuleLoss(kind=self.kind, deduct=deduct, explanation=f"{why}，{took}")
        share = min(shares) if self.how == "worst" else sum(shares, Fraction(0)) / len(shares)
        return lost_by_part(self.kind, why, share, item)

    def _listed(self, seen: Mapping[str, LevelOption]) -> str:
        """Name what was marked below full first; the rest is counted."""
        below = [(name, option) for name, option in seen.items() if option.share != ONE]
        named = [f"{name}“{option.label}”（{plain(times(option.share, HUNDRED))}%）" for name, option in below[:_SHOWN]]
        if len(below) > _SHOWN:
            counted = {option.label: sum(o.label == option.label for _, o in below[_SHOWN:]) for _, option in below}
            named += [f"其余“{label}” {number} {self.each}" for label, number in counted.items() if number]
        full = len(seen) - len(below)
        return "、".join(named + ([f"得满分 {full} {self.each}"] if full else []))
