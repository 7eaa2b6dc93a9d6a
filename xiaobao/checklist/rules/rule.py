"""What every kind of scoring rule is: its fields, and what else the rest of the house asks of it.

A kind is one class in one file of this folder and one line in `xiaobao.checklist.rules`. It holds its fields as YAML
writes them, its faults (`flaws`), what it asks of a person (`asks`), what it lacks before it can be applied (`lacks`),
what it costs (`loss`), and its Chinese words (`word`, `words`). Forms, Excel, scoring and change notes know no kind by
name: they read these.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, Protocol

from xiaobao.labels import label
from xiaobao.model import Conclusion, ItemFacts, Value
from xiaobao.numbers import HUNDRED, ONE, ZERO, plain, times
from xiaobao.written.nodes import Flaw, Place
from xiaobao.written.strict import Strict, bounds

Measure = Literal["m", "cm", "mm", "min", "s", "day", "percent", "ratio", "one_to", "piece"]
Points = Annotated[Decimal, bounds(minimum=0)]
Share = Annotated[Decimal, bounds(minimum=0, maximum=1)]
AnswerField = Literal["option", "deduction", "counts", "missing", "measured", "looks"]

BY_CONCLUSION: Mapping[Conclusion, Decimal] = {
    Conclusion.COMPLIANT: ONE,
    Conclusion.PARTIALLY_COMPLIANT: Decimal("0.5"),
    Conclusion.NON_COMPLIANT: ZERO,
}


class ScoredItem(Protocol):
    """What a rule reads of the item that it stands in: an item knows its rules, a rule no more of it than this."""

    @property
    def id(self) -> str: ...
    @property
    def points(self) -> Decimal: ...
    @property
    def minimum(self) -> Decimal: ...
    @property
    def floor(self) -> bool: ...
    @property
    def answered_by(self) -> str: ...


class RuleLoss(Value):
    """What one rule asks. `forfeits` means that the item keeps no points, whatever `deduct` adds up to.

    `exact` is the deduction where no decimal says it, a third for instance; `deduct` is then what is shown of it.
    """

    kind: str
    deduct: Decimal
    explanation: str
    forfeits: bool = False
    exact: Fraction | None = None


class Ask(Value):
    """One thing that a rule asks of a person beside the conclusion; a page draws a widget of it, Excel a cell.

    `field` is where it goes in the answer; `key` names one of several counts. `most` is the largest number that it
    takes, None without an end. `options` are the choices as (id, words). `unit` is what a measured value is held in.
    `aim` says what is wanted, `brief` the same within one cell. `always`: asked of 符合 too.
    """

    field: AnswerField
    label: str
    key: str = ""
    suffix: str = ""
    aim: str = ""
    brief: str = ""
    most: Decimal | None = None
    options: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    always: bool = False


class RuleBase(Strict, tag_field="kind"):
    """A rule is known among the others by its `kind`, the first word of it in YAML."""

    word: ClassVar[str]
    words: ClassVar[Mapping[str, str]] = {}
    by_data: ClassVar[bool] = False
    by_person: ClassVar[bool] = True
    rated: ClassVar[bool] = False  # counts or weighs mistakes, so that the source of a finding may rate it apart
    endless: ClassVar[bool] = False  # its loss may be a fraction that no decimal says
    counts_checks: ClassVar[bool] = False  # on a data item its causes are the item's checks
    relative: ClassVar[bool] = False  # held against all units, so that it is known only when every unit is in

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)

    def flaws(self, place: Place, item: ScoredItem) -> Iterator[Flaw]:
        """Yield what does not hold within the rule, written at `place` of `item`."""
        yield from ()

    def asks(self) -> tuple[Ask, ...]:
        """Return what a person has to say beside the conclusion."""
        return ()

    def reads(self) -> tuple[tuple[str, str], ...]:
        """Return the answers and figures that the rule takes points for; no two rules of an item may share one."""
        return tuple((ask.field, ask.key) for ask in self.asks())

    def lacks(self, item: ScoredItem, facts: ItemFacts) -> str:
        """Return what the rule needs and assessed `facts` do not say; nothing where it can be applied."""
        return ""

    def value(self, facts: ItemFacts) -> Fraction | None:
        """Return the unit's own value that a `relative` rule holds against those of others; None while unknown."""
        return None

    def standards(self, values: Collection[Fraction]) -> Mapping[str, Fraction] | str:
        """Return what a `relative` rule holds a unit against, `best` among them, or why nothing can be said.

        `values` are those of all units that compete, at least one.
        """
        return {}

    def fixes(self, facts: ItemFacts) -> bool:
        """Tell whether the rule sets the points outright, so that the others do not count."""
        return False

    @abstractmethod
    def loss(self, item: ScoredItem, facts: ItemFacts) -> RuleLoss:
        """Return the points (of `item.points`) that the rule takes on facts that lack nothing, and a sentence why."""
        raise NotImplementedError(self.kind)


def seen_part(counted: Decimal) -> Decimal:
    """Return how far something happened that counts once: wholly at 1 or more, in part by leads partly so."""
    return min(max(counted, ZERO), ONE)


def conclusion_words(facts: ItemFacts) -> str:
    """Return the conclusion in words."""
    return label(facts.conclusion or Conclusion.NOT_ASSESSED)


def lost_by_share(kind: str, why: str, share: Decimal, item: ScoredItem) -> RuleLoss:
    """Return the loss where `share` (0 to 1) of the item's points is kept."""
    deduct = times(item.points, ONE - share)
    took = f"扣 {plain(deduct)} 分" if deduct else "不扣分"
    return RuleLoss(
        kind=kind, deduct=deduct, explanation=f"{why}，得该项分值的 {plain(times(share, HUNDRED))}%，{took}"
    )
