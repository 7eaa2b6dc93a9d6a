"""A kind of rule answers for itself: who adds one writes one class, and every room can use it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import ClassVar

from msgspec import structs

from tests.factories.scoring import D, item, told
from xiaobao.checklist.models import Item
from xiaobao.checklist.rules import RULE_KINDS, Ask, RuleBase, RuleLoss
from xiaobao.checklist.wording import value_text
from xiaobao.forms.showing import rule_inputs
from xiaobao.model import Conclusion, ItemFacts, Response
from xiaobao.scoring import item_loss, response_faults
from xiaobao.scoring.rules import lacking


class Stars(RuleBase, tag="stars"):
    """A kind that no room has heard of: so many of five stars keep their share of the points."""

    best: int = 5

    word: ClassVar[str] = "按星级得分"
    words: ClassVar[Mapping[str, str]] = {"best": "最高星级"}

    def asks(self) -> tuple[Ask, ...]:
        return (Ask(field="missing", label="少几颗星", suffix="颗", aim=f"共 {self.best} 颗", most=D(self.best)),)

    def lacks(self, item: Item, facts: ItemFacts) -> str:
        return "未填写星级" if facts.missing is None else ""

    def loss(self, item: Item, facts: ItemFacts) -> RuleLoss:
        assert facts.missing is not None
        deduct = item.points * facts.missing / self.best
        return RuleLoss(kind=self.kind, deduct=deduct, explanation=f"少 {facts.missing} 颗星，扣 {deduct} 分")


STARRED = structs.replace(item("I", "10"), rules=(Stars(),))


def test_an_unheard_of_kind_is_asked_refused_and_scored_without_a_change_anywhere_else() -> None:
    [widget] = rule_inputs(STARRED, STARRED.rules[0])
    assert (widget["widget"], widget["field"], widget["hint"]) == ("number", "missing", "共 5 颗")
    said = {"conclusion": Conclusion.PARTIALLY_COMPLIANT, "reason": "设施陈旧"}
    assert response_faults(STARRED, Response(item_id="I", missing=D(2), **said)) == ()  # type: ignore[arg-type]
    [most] = response_faults(STARRED, Response(item_id="I", missing=D(6), **said))  # type: ignore[arg-type]
    assert (most.value, most.allowed) == ("6", "0 至 5 的整数")
    [none] = response_faults(STARRED, Response(item_id="I", **said))  # type: ignore[arg-type]
    assert none.message == "未填写星级"
    facts = told("I", Conclusion.PARTIALLY_COMPLIANT, missing=D(2))
    assert lacking(STARRED, facts) == ()
    assert (item_loss(STARRED, facts).deducted, item_loss(STARRED, facts).explanation) == (4, "少 2 颗星，扣 4 分")


# The letters of the specification, and the kinds that came after them: published sheets in a bank's store name them so.
LETTERS = {
    "a": "all_or_nothing",
    "b": "levels",
    "c": "judged",
    "d": "count",
    "e": "missing",
    "f": "additive",
    "g": "threshold",
    "h": "proportion",
    "i": "peers",
    "j": "figure",
}
LATER = {"any_of", "cases", "looks", "rank", "shortfall"}


def test_a_kind_keeps_its_name_and_its_letter() -> None:
    """A renamed kind could not be read in what is published any more; a letter given twice leads a reader astray."""
    assert set(RULE_KINDS) == {*LETTERS.values(), *LATER}
    lettered = [
        (letter[1], name)
        for name, kind in RULE_KINDS.items()
        for text in (kind.__doc__, sys.modules[kind.__module__].__doc__)
        if (letter := re.match(r"\((\w)\) ", text or ""))
    ]
    assert sorted(lettered) == sorted(2 * list(LETTERS.items()))  # the class and the module say the same


def test_each_kind_has_a_word_of_its_own_and_kinds_that_share_a_field_share_its_word() -> None:
    """Excel puts kinds that share a field into one column."""
    assert len({kind.word for kind in RULE_KINDS.values()}) == len(RULE_KINDS)
    words: dict[str, set[str]] = {}
    for kind in RULE_KINDS.values():
        for name, word in kind.words.items():
            words.setdefault(name, set()).add(word)
    assert {name: found for name, found in words.items() if len(found) > 1} == {}


def test_a_rule_reads_in_words() -> None:
    rule = RULE_KINDS["judged"](max=D("2.50"))  # type: ignore[call-arg]
    assert value_text("rules", rule) == "酌情扣分（最多扣分 2.5）"
