"""What a draft states: a number, of what, of which period and unit, and the other numbers it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from xiaobao.features.draft_check.draft_numbers import Number
from xiaobao.features.draft_check.draft_own import Printed
from xiaobao.features.draft_check.draft_words import METRIC, Ref

COUNT, RATE, CHANGE, CHANGE_RATE, POINTS_MOVED, AMOUNT, DAYS_LONG, SCORE, PROPORTION = (
    "count",
    "rate",
    "change",
    "change_rate",
    "points",
    "amount",
    "days",
    "score",
    "share",
)
MOVES = (CHANGE, CHANGE_RATE, POINTS_MOVED)
TIMES, TIMES_MORE = "times", "times_more"  # 是上期的1.5倍, 增长0.5倍
OWN_ROWS, BELOW = "own", "below"
PER_SO_MANY = "per_so_many"  # 每10件中约有3件
RATIO = "ratio"  # 二者之比为4:1
UNITS_BEYOND = "units_beyond"  # 有3个网点投诉超过10件
ONE, ADDED, EVERY, LESS, TOP = "one", "added", "every", "less", "top"
_TOTAL: Ref = (METRIC, "total", "")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a number is said of: one thing, several added together, each of several, all LESS several, the TOP of one.

    A part lists its meanings.
    `units` are those it is counted at where the words beside it say so: 甲支行、乙支行贷款投诉分别为….
    `first` is the three of 前三大来源, whose facet is then the only part.
    """

    parts: tuple[tuple[Ref, ...], ...]
    how: str = ONE
    strong: bool = True
    units: tuple[str, ...] = ()
    first: int = 0

    @property
    def total(self) -> bool:
        """Whether it is said of all complaints, no part named."""
        return self.parts == ((_TOTAL,),)


TOTAL = Subject(parts=((_TOTAL,),))


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A ratio as written, 46:29:30: what stands on each side, each number, and which of them this is."""

    sides: tuple[Subject, ...]
    numbers: tuple[Decimal, ...]
    at: int


@dataclass(frozen=True, kw_only=True)
class Beyond:
    """有3个网点投诉超过10件: how many units, what they are called, and the number that each has more of, or as many."""

    many: Decimal
    word: str
    mark: Number
    is_mark: bool = False


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One stated figure. `label` are the words before it, `value` is signed for changes.

    `subject` None: nothing known is named. `sure`: no word is left over that could narrow what is meant. `base`: what a
    share is said to be of. `within`: the thing whose part the subject is (其中). `moments`: periods that it may be of,
    `against` what a change is against. `units`: codes of units, "" is the bank. `counted`, `moved`, `shared`: places of
    the statements that give the count, the change, and the share that it belongs to; `group` numbers the sentences.
    `before`: the place of the figure that a change begins with. `apart`: of a part that nothing counts apart.
    `versus`: the other thing that it is compared with (比银行卡多3件). `of_count`: place of the count that the words
    call the whole of a share (105件中…占, 占46件的…), `maybe_of` those that it may be of. `short`: how far from 100 %.
    `each`: the words say that of each. `scope`: of a unit's OWN_ROWS (本级) or of it and those BELOW (辖内), "" is
    either; `stated` is the count of it that the draft itself gives, which a share or a change then is of.
    `many` is the 10 of 每10件; `ratio` and `beyond` are what a RATIO and UNITS_BEYOND say.
    """

    place: str
    excerpt: str
    number: Number
    kind: str
    value: Decimal
    label: str
    subject: Subject | None = None
    sure: bool = True
    base: Subject | None = None
    based: bool = False
    within: Subject | None = None
    moments: tuple[str, ...] = ("",)
    against: str = ""
    units: tuple[str, ...] = ("",)
    counted: int | None = None
    moved: int | None = None
    shared: int | None = None
    before: int | None = None
    versus: Subject | None = None
    of_count: int | None = None
    maybe_of: tuple[int, ...] = ()
    short: bool = False
    each: bool = False
    apart: bool = False
    group: int = 0
    facet: str = ""
    row: tuple[int, int, int] | None = None
    summed: bool = False
    level: bool = False
    narrowed: bool = False
    own: Printed | None = None
    scope: str = ""
    stated: Decimal | None = None
    many: int = 0
    ratio: Ratio | None = None
    beyond: Beyond | None = None


@dataclass(kw_only=True)
class State:
    """What a sentence has said so far."""

    subject: Subject | None = None
    sure: bool = True
    count: int | None = None
    move: int | None = None
    share: int | None = None
    within: Subject | None = None
    moments: tuple[str, ...] = ("",)
    against: str = ""
    queue: list[Subject] = field(default_factory=list)
    queue_unit: str = ""
    queue_kind: str = ""
    queue_down: bool = False
    versus: Subject | None = None
    counts: list[int] = field(default_factory=list)
    place_units: tuple[str, ...] = ()
    queue_mixed: bool = False
    listed: list[Subject] = field(default_factory=list)
    began: bool = False
    apart: bool = False
    pair: tuple[int, int] | None = None
    queue_base: tuple[Subject | None, bool] = (None, False)
    recent: list[Subject] = field(default_factory=list)
    changed: list[Subject] = field(default_factory=list)
    unread: bool = False
    units: tuple[str, ...] = ("",)
    weak: bool = False
    base: Subject | None = None
    label: str = ""
    reviewed: bool = False
    outside: tuple[Subject | None, bool, int | None, int | None, int | None] | None = None

    def kept(self) -> tuple[Subject | None, bool, int | None, int | None, int | None]:
        """Return what goes on behind a bracket."""
        return self.subject, self.sure, self.count, self.move, self.share

    def speak_of(
        self,
        subject: Subject | None,
        *,
        sure: bool,
        count: int | None = None,
        move: int | None = None,
        share: int | None = None,
    ) -> None:
        """Let the words that follow be of `subject`; the rest: places of its figures, as `kept` has them."""
        self.subject, self.sure = subject, sure
        self.count, self.move, self.share = count, move, share
