"""What is known of a ledger, as plain values: the one face that pages, reports and checks read. Nothing here computes.

Counts are `int`. Shares, rates and means are `Decimal`, rounded half-up once, in percent where the name says share or
rate; None means that there is no base, and is shown as “—”.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from xiaobao.model import Value


class YearChange(Value):
    """Against the period before: `note` says why there is no figure, or that the base was typed by hand."""

    before: int | None
    difference: int | None
    rate: Decimal | None


class BreakdownRow(Value):
    """One row of a breakdown. `count` follows the basis of the ledger; `share` is of the breakdown's base.

    Of the rows in `parts`, shares are of this row's count. `kind`: listed, group (its members are `parts`),
    unclassified (the values are `parts`) or missing. `rank` is by count, ties share a rank and the next is skipped.
    `valid = new − repeats − withdrawn`. `bent`: the share was moved so that the column makes 100.
    """

    name: str
    count: int
    share: Decimal | None
    new: int
    repeats: int
    withdrawn: int
    valid: int
    code: str = ""
    kind: str = "listed"
    rank: int = 0
    bent: bool = False
    parts: tuple[BreakdownRow, ...] = ()
    change: YearChange | None = None


class Breakdown(Value):
    """A table by one facet. `base` is what shares are of, named in the table's head; zero rows stand where listed.

    `recognised`: values given a level higher than they belong, and how often. `share_sum` is the sum as it comes.
    """

    facet: str
    title: str
    base_name: str
    base: int
    rows: tuple[BreakdownRow, ...]
    share_sum: Decimal | None = None
    forced: bool = False
    unclassified: int = 0
    missing: int = 0
    recognised: tuple[tuple[str, str, int], ...] = ()

    def row(self, name: str) -> BreakdownRow:
        """Return the row of that name. Raises KeyError when there is none."""
        for part in self.rows:
            if part.name == name:
                return part
        raise KeyError(name)


class Excluded(Value):
    """Rows of the extract that are not counted, with the reason and the first of their numbers."""

    reason: str
    count: int
    numbers: tuple[str, ...]


class Totals(Value):
    """`rows` were read, `new` are complaints of the period; valid = new − repeats − withdrawn. `notes`: not deducted.

    `returned`: withdrawn, then complained of again. `escalated`: again by another way after a decision.
    """

    rows: int
    new: int
    repeats: int
    withdrawn: int
    valid: int
    escalated: int
    returned: int
    basis: str
    excluded: tuple[Excluded, ...] = ()
    notes: tuple[tuple[str, int], ...] = ()

    @property
    def count(self) -> int:
        """The figure that the basis names: what reports call the number of complaints."""
        return self.valid if self.basis == "valid" else self.new


class Timeliness(Value):
    """How the cases of one group stand against their limit; the first six counts add up to `cases`.

    `on_time_rate` is of decided cases; `on_time_rate_due` also counts overdue open ones against the unit. `late_by`:
    days over the limit → cases, decided and open. `mean`, `median`, `longest` are days of decided cases.
    `unapproved`: extremely complex cases judged by the shorter limit, approval or notice lacking.
    """

    group: str
    rule: str
    cases: int
    on_time: int
    late: int
    in_hand: int
    in_hand_overdue: int
    withdrawn: int
    faulty: int
    on_time_rate: Decimal | None
    on_time_rate_due: Decimal | None
    closed_rate: Decimal | None
    late_by: tuple[tuple[int, int], ...]
    mean: Decimal | None
    median: Decimal | None
    longest: int | None
    unapproved: int = 0

    @property
    def decided(self) -> int:
        """Decided ones, in time or late: the base of `on_time_rate`."""
        return self.on_time + self.late


class Reviews(Value):
    """核查: asked within 30 days of the decision or later; decided within 30 days of the asking, late, or open."""

    asked: int
    asked_in_time: int
    asked_late: int
    on_time: int
    late: int
    in_hand: int
    in_hand_overdue: int
    faulty: int
    on_time_rate: Decimal | None
    longest: int | None


class Resolution(Value):
    """首诉处理: decided first complaints that nobody came back about. 回访满意度: of those who gave an answer."""

    first_decided: int
    settled: int
    settled_rate: Decimal | None
    asked: int
    satisfied: int
    dissatisfied: int
    unclassified: int
    satisfied_rate: Decimal | None


class Concentration(Value):
    """How few units hold how much. `top`: first n units, their count and share; `half`: fewest units with 50 %."""

    units: int
    without: int
    top: tuple[tuple[int, int, Decimal | None], ...]
    half: int
    herfindahl: Decimal | None
    median: Decimal | None
    largest: tuple[str, int] | None


class Rates(Value):
    """Per outlet and month, and per 10,000 customers; None where the base is not known."""

    outlets: int
    months: int
    per_outlet_month: Decimal | None
    customers: int | None
    per_ten_thousand: Decimal | None


class HotSpot(Value):
    """One unit and class (either may be empty: all) against the period before or against the bank's mix.

    `verdict`: risen, usual or few (too few cases to judge). `chance` is the probability of so many or more, were
    nothing different; `adjusted` is the same after allowing for how many were tested (Benjamini–Hochberg).
    """

    unit: str
    name: str
    business_class: str
    count: int
    before: int | None
    expected: Decimal
    chance: Decimal | None
    adjusted: Decimal | None
    verdict: str


class HotSpots(Value):
    """`method` says the test and its base; `tested` were judged, `few` had too few cases.

    `spots` are the first of them, `risen` every unit that rose, in all its complaints or in a class of them.
    """

    method: str
    against: str
    minimum: int
    significance: Decimal
    tested: int
    few: int
    spots: tuple[HotSpot, ...]
    few_names: tuple[str, ...] = ()
    risen: tuple[str, ...] = ()


class LedgerFigures(Value):
    """Everything that a report needs of one ledger: a unit's or the bank's, for one period.

    `rules` are the rules of counting in words, to be printed beside the figures. `breakdowns` by name: source, channel,
    channel_front (shares of the front-office subtotal), business_class, reason, complexity, month, and for the bank
    unit, branch, region. `groups` hold the same facets with the bank's report groups. `timeliness` begins with all
    cases. `compared` names the period that changes are against, empty when there is none, and `comparison_note` says
    why. `notes` are what a reader must know. `cells`: unit → class → count, zeros left out. `unknown`: measures
    (repeats, withdrawn, escalated, returned, reviews, resolution, satisfaction) that need columns no file held.
    """

    unit: str
    name: str
    period: str
    start: date
    end: date
    as_of: date
    rules: tuple[str, ...]
    totals: Totals
    breakdowns: Mapping[str, Breakdown]
    groups: Mapping[str, Breakdown]
    timeliness: tuple[Timeliness, ...]
    days: str
    reviews: Reviews
    resolution: Resolution
    rates: Rates
    cells: Mapping[str, Mapping[str, int]]
    concentration: Concentration | None = None
    compared: str = ""
    comparison_note: str = ""
    total_change: YearChange | None = None
    hot_spots: HotSpots | None = None
    notes: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()

    def known(self, measure: str) -> bool:
        """Tell whether the columns that a measure needs were delivered; without them there is 无数据, not zero."""
        return measure not in self.unknown
