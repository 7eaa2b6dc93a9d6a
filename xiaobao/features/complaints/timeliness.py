"""How fast complaints are decided, by regulation and complexity, with approvals, notices and mediation.

3号令第十八条: 15 days; 30 when complex; 30 more when extremely complex, approved by the unit above or a senior manager
of head office, and the complainant informed. 5号令第四十三条 (passed on by the People's Bank): 15 days; up to 60 when
complex, approved by the head of the unit and the complainant informed. 第二十三条: mediation on paper does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np

from xiaobao.features.complaints.counting import Counted
from xiaobao.features.complaints.facets import PEOPLES_BANK, REGULATOR
from xiaobao.features.complaints.figures import Reviews, Timeliness
from xiaobao.features.complaints.ledger import NEVER, Days, Flags, Ledger, RowPlaces
from xiaobao.model import Value
from xiaobao.numbers import half_up, share
from xiaobao.workdays import is_working_day

SIMPLE, COMPLEX, EXTREME = 15, 30, 60
REVIEW = 30
COMMON_RULE = "3号令第十八条（简单 15 日、复杂 30 日、特别复杂经批准并告知 60 日）"
BANK_RULE = "5号令第四十三条（15 日，复杂且经批准并告知的最长 60 日）"
_HIGH = {"上级机构", "总行高管"}
_LEVELS = ("简单", "复杂", "特别复杂")
Elapsed = Callable[[Days, Days], Days]


def calendar_days(start: Days, end: Days) -> Days:
    """Return natural days: the end counts, the start does not."""
    return end - start


def working_days(start: Days, end: Days) -> Days:
    """Count the working days after `start` up to and with `end`. Raises InputError for years without a calendar."""
    known = (start != NEVER) & (end != NEVER)
    if not known.any():
        return np.zeros(len(start), dtype="int64")
    first, last = int(min(start[known].min(), end[known].min())), int(max(start[known].max(), end[known].max()))
    epoch = date(1970, 1, 1)
    days = [is_working_day(epoch + timedelta(days=day)) for day in range(first, last + 1)]
    upto = np.cumsum(np.array(days, dtype="int64"))
    return np.where(known, upto[np.clip(end - first, 0, None)] - upto[np.clip(start - first, 0, None)], 0)


class Clock(Value, dict=True, gc=True):
    """The days of every complaint: used, allowed, and how it stands. `as_of` closes what is open."""

    ledger: Ledger
    new: Flags
    peoples_bank: Flags
    as_of: int
    elapsed: Elapsed

    @cached_property
    def open(self) -> Flags:
        """Without a decision. A withdrawn one is open too; `withdrawn` tells it apart."""
        return self.ledger.decided == NEVER

    @cached_property
    def end(self) -> Days:
        """The day counted to: the decision, else `as_of`."""
        return np.where(self.open, self.as_of, self.ledger.decided)

    @cached_property
    def faulty(self) -> Flags:
        """Dates that cannot be: closed or withdrawn before received, received after the day of judging."""
        ledger = self.ledger
        early = (ledger.withdrawn_on != NEVER) & (ledger.withdrawn_on < ledger.received)
        return self.new & ((self.end < ledger.received) | (ledger.received == NEVER) | early)

    @cached_property
    def withdrawn(self) -> Flags:
        """Withdrawal ends the procedure on its day (3号令第十五条); what was decided before stays decided."""
        return self.new & ~self.faulty & self.open & (self.ledger.withdrawn_on != NEVER)

    @cached_property
    def judged(self) -> Flags:
        """New, with dates that can be, not withdrawn: the base of every rate."""
        return self.new & ~self.faulty & ~self.withdrawn

    @cached_property
    def used(self) -> Days:
        """Days to the end, the first not counted, mediation and appraisal taken off; 0 where not judged."""
        taken = np.maximum(self.elapsed(self._start, np.maximum(self.end, self._start)) - self._aside, 0)
        return np.where(self.judged, taken, 0)

    @cached_property
    def _start(self) -> Days:
        """Receipt, or new material received within the limit (3号令第十八条第三款): the limit then starts anew."""
        ledger = self.ledger
        renewed = ledger.days("new_material_on")
        within = (renewed != NEVER) & (renewed > ledger.received) & (renewed <= ledger.received + self.limit)
        return np.where(within, renewed, ledger.received)

    @cached_property
    def _aside(self) -> Days:
        """Days of mediation and of appraisal, ends included, counted once; without papers nothing is taken off."""
        spans = [self._span("mediation_from", "mediation_to"), self._span("appraisal_from", "appraisal_to")]
        proofs = ("mediation_proof", "appraisal_proof")
        taken, found = np.zeros(self.ledger.size, dtype="int64"), []
        for (first, last, real), proof in zip(spans, proofs, strict=True):
            if real.any():
                real = real & self.ledger.given(proof)
            found.append((first, last, real))
            taken = taken + self._days(first, last, real)
        (one, until, here), (other, end, there) = found
        both = here & there
        return taken - self._days(np.maximum(one, other), np.minimum(until, end), both) if both.any() else taken

    def _span(self, began: str, stopped: str) -> tuple[Days, Days, Flags]:
        start, stop = self.ledger.days(began), self.ledger.days(stopped)
        stop = np.minimum(np.where(stop == NEVER, self.end, stop), self.end)
        first = np.maximum(start, self._start + 1)
        return first, stop, (start != NEVER) & (self.ledger.received != NEVER) & (stop >= first)

    def _days(self, first: Days, last: Days, real: Flags) -> Days:
        if not real.any():
            return np.zeros(self.ledger.size, dtype="int64")
        real = real & (last >= first)
        before, until = np.where(real, first - 1, self.as_of), np.where(real, last, self.as_of)
        return np.where(real, self.elapsed(before, until), 0)

    @cached_property
    def complexity(self) -> tuple[Flags, ...]:
        """Flags of 简单, 复杂, 特别复杂, in this order; a row with none of the words is in none."""
        codes, values = self.ledger.values("complexity")
        return tuple(codes == values.index(level) if level in values else codes == -2 for level in _LEVELS)

    @cached_property
    def _informed(self) -> Flags:
        return self.ledger.days("extension_notified_on") != NEVER

    def _approved(self, levels: set[str]) -> Flags:
        codes, values = self.ledger.values("extension_level")
        wanted = np.array([value in levels for value in values] + [False], dtype=bool)
        return wanted[codes] & (self.ledger.days("extension_on") != NEVER)

    @cached_property
    def limit(self) -> Days:
        """Days allowed by the rule that the case came under; a longer limit has to be approved and made known.

        Nobody saying how complex a case is, the shortest limit holds: 15 days.
        """
        _, complex_, extreme = self.complexity
        granted = self._approved(_HIGH) & self._informed
        common = np.where(extreme, np.where(granted, EXTREME, COMPLEX), np.where(complex_, COMPLEX, SIMPLE))
        by_head = self._approved({"本机构负责人", *_HIGH}) & self._informed
        bank = np.where((complex_ | extreme) & by_head, EXTREME, SIMPLE)
        return np.where(self.peoples_bank, bank, common)

    @cached_property
    def unapproved(self) -> Flags:
        """Cases over the shorter limit that approval and notice would have allowed."""
        _, complex_, extreme = self.complexity
        could = np.where(self.peoples_bank, complex_ | extreme, extreme)
        return self.judged & could & (self.limit < EXTREME) & (self.used > self.limit) & (self.used <= EXTREME)

    def table(self, group: str, rule: str, rows: Flags) -> Timeliness:
        """Count one group of new complaints."""
        rows = rows & self.new
        judged = rows & self.judged
        over = self.used > self.limit
        decided, waiting = judged & ~self.open, judged & self.open
        on_time, late, overdue = (int(f.sum()) for f in (decided & ~over, decided & over, waiting & over))
        in_hand = int(waiting.sum()) - overdue
        gone, faulty = int((rows & self.withdrawn).sum()), int((rows & self.faulty).sum())
        taken = self.used[decided]
        by, cases = np.unique((self.used - self.limit)[judged & over], return_counts=True)
        done = on_time + late
        return Timeliness(
            group=group,
            rule=rule,
            cases=int(rows.sum()),
            on_time=on_time,
            late=late,
            in_hand=in_hand,
            in_hand_overdue=overdue,
            withdrawn=gone,
            faulty=faulty,
            on_time_rate=share(on_time, done),
            on_time_rate_due=share(on_time, done + overdue),
            closed_rate=share(done, done + overdue + in_hand),
            late_by=tuple(zip(by.tolist(), cases.tolist(), strict=True)),
            mean=mean_of(taken),
            median=median_of(taken),
            longest=int(taken.max()) if len(taken) else None,
            unapproved=int((rows & self.unapproved).sum()),
        )


def mean_of(values: Days) -> Decimal | None:
    """Return the mean in days, half-up to 2 places; None where nothing was decided."""
    return half_up(Decimal(int(values.sum())) / len(values)) if len(values) else None


def median_of(values: Days) -> Decimal | None:
    """Return the exact median: the mean of the middle two on an even count, so that .5 stays .5."""
    if not len(values):
        return None
    half = len(values) // 2
    middle = np.partition(values, [half - 1, half] if len(values) % 2 == 0 else [half])
    if len(values) % 2:
        return Decimal(int(middle[half]))
    return Decimal(int(middle[half - 1]) + int(middle[half])) / 2


def timeliness(
    ledger: Ledger, counted: Counted, source: RowPlaces, as_of: int, working: bool
) -> tuple[tuple[Timeliness, ...], Clock]:
    """Count all cases, each regulation, each complexity, and those that the regulator passed on; empty groups stay out.

    Raises InputError when working days are wanted for years without a holiday calendar.
    """
    bank = source.codes == source.facet.find(PEOPLES_BANK)
    regulator = source.codes == source.facet.find(REGULATOR)
    clock = Clock(
        ledger=ledger,
        new=counted.new,
        peoples_bank=bank,
        as_of=as_of,
        elapsed=working_days if working else calendar_days,
    )
    simple, complex_, extreme = clock.complexity
    unsaid = ~simple & ~complex_ & ~extreme
    groups = (
        ("3号令投诉", COMMON_RULE, ~bank),
        ("人民银行转交投诉", BANK_RULE, bank),
        ("简单", "", simple),
        ("复杂", "", complex_),
        ("特别复杂", "", extreme),
        ("未填复杂程度", "按简单计算", unsaid),
        ("金融监管转办", COMMON_RULE, regulator),
    )
    everything = np.ones(ledger.size, dtype=bool)
    tables = [clock.table("全部", "按各件适用的期限", everything)]
    tables += [clock.table(name, rule, rows) for name, rule, rows in groups if (rows & counted.new).any()]
    return tuple(tables), clock


def review_counts(ledger: Ledger, counted: Counted, as_of: int) -> Reviews:
    """Count requests for review of the complaints of the period, in natural days (3号令第二十条)."""
    asked_on, ended_on = ledger.days("review_requested_on"), ledger.days("review_decided_on")
    asked = counted.new & (asked_on != NEVER)
    if not asked.any():
        return Reviews(
            asked=0,
            asked_in_time=0,
            asked_late=0,
            on_time=0,
            late=0,
            in_hand=0,
            in_hand_overdue=0,
            faulty=0,
            on_time_rate=None,
            longest=None,
        )
    end = np.where(ended_on == NEVER, as_of, ended_on)
    faulty = asked & ((end < asked_on) | ((ledger.decided != NEVER) & (asked_on < ledger.decided)))
    good = asked & ~faulty
    timely = (ledger.decided != NEVER) & (asked_on - ledger.decided <= REVIEW)
    over, done = end - asked_on > REVIEW, ended_on != NEVER
    on_time, late = int((good & done & ~over).sum()), int((good & done & over).sum())
    overdue, waiting = int((good & ~done & over).sum()), int((good & ~done & ~over).sum())
    taken = (end - asked_on)[good & done]
    return Reviews(
        asked=int(asked.sum()),
        asked_in_time=int((good & timely).sum()),
        asked_late=int((good & ~timely).sum()),
        on_time=on_time,
        late=late,
        in_hand=waiting,
        in_hand_overdue=overdue,
        faulty=int(faulty.sum()),
        on_time_rate=share(on_time, on_time + late + overdue),
        longest=int(taken.max()) if len(taken) else None,
    )
