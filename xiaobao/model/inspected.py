"""What an inspection is made of: units, answers, leads with their decisions, results of checks, events, extracts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from xiaobao.model.codes import CheckStatus, Conclusion, Disposition
from xiaobao.model.value import Value


class Unit(Value):
    """机构: a node of the tree. `level` is head_office, department, branch, sub_branch or outlet.

    `level_name` is what the bank itself calls that level (分理处), where it does not speak of it as we do.
    No `businesses` (业务开办清单) means that nobody has said which ones it runs; a unit that runs none says 无.
    """

    id: str
    name: str
    level: str
    parent: str = ""
    region: str = ""
    businesses: tuple[str, ...] = ()
    inspected: bool = True
    level_name: str = ""

    def runs_none_of(self, businesses: Collection[str]) -> bool:
        """Tell whether the unit said that it runs none of these. Of one that said nothing everything is asked."""
        return bool(businesses and self.businesses) and not set(businesses) & set(self.businesses)


class Measured(Value):
    """A value as a person measured it, in the unit chosen on the form; compared after conversion only."""

    value: Decimal
    unit: str


class Look(Value):
    """One of several looks at an item, or one of the persons under it: its name and the option that it was given."""

    name: str
    mark: str


class Response(Value):
    """检查结论 given by a person. `counts` cause → occurrences; `missing` how many of N are missing.

    `looks` are the marks of each look or person, where an item asks for several.
    `amended` says why the answer was changed after the sheet had been handed in.
    """

    item_id: str
    conclusion: Conclusion = Conclusion.NOT_ASSESSED
    option: str = ""
    deduction: Decimal | None = None
    counts: Mapping[str, Decimal] = {}
    missing: Decimal | None = None
    measured: Measured | None = None
    looks: tuple[Look, ...] = ()
    note: str = ""
    reason: str = ""
    evidence: tuple[str, ...] = ()
    amended: str = ""
    revision: int = 0
    author: str = ""
    at: datetime | None = None


class Review(Value):
    """复评 of one item: the reviewer's own answer beside the unit's, with the reason in `answer.reason`.

    `on` is the revision of the answer that was reviewed: once the unit changes it, the review no longer counts. An
    answer that is not assessed takes the review back.
    """

    item_id: str
    answer: Response
    on: int
    revision: int = 0
    author: str = ""
    at: datetime | None = None


class Lead(Value):
    """疑点: one record hit by one check. `record` holds business keys and facts, keyed by Chinese title.

    `issued` is the day it was put to the unit (下发日), from which the days to answer run; None in a result, and for
    leads of version 0.2 and earlier.
    """

    id: str
    check_id: str
    item_id: str
    unit: str
    period: str
    summary: str
    record: Mapping[str, str]
    business_date: date | None = None
    issued: date | None = None


class LeadDecision(Value):
    """What unit and inspector said of a lead; `decided` counts only when the inspector has spoken."""

    lead_id: str
    answer: Disposition | None = None
    answer_note: str = ""
    answered_by: str = ""
    decided: Disposition | None = None
    reason: str = ""
    decided_by: str = ""
    at: datetime | None = None
    revision: int = 0


class CheckResult(Value):
    """数据检查 of one unit. `population` rows could have failed, `hits` did; both are counted, never typed.

    `unjudged` rows (未判) lacked a column that decides whether the article governs them, or what it asks. `title` is
    that of a check of the bank's own; those of shipped ones are in the registry.
    """

    check_id: str
    status: CheckStatus
    population: int = 0
    hits: int = 0
    leads: tuple[Lead, ...] = ()
    figures: Mapping[str, Decimal] = {}
    note: str = ""
    unjudged: int = 0
    title: str = ""


class VetoEvent(Value):
    """A recorded event that triggers veto `veto_id` of a checklist or scheme."""

    veto_id: str
    day: date
    description: str
    evidence: tuple[str, ...] = ()


class PoolEntry(Value):
    """One bonus (points above 0) or malus (below 0) of a scheme's pool, with what it is for; `fact` names the fact."""

    pool: str
    points: Decimal
    what: str
    day: date | None = None
    evidence: tuple[str, ...] = ()
    fact: str = ""


class Extract(Value):
    """One dataset as frozen for one unit: where its partition lies, its digest and row count."""

    dataset: str
    path: str
    sha256: str
    rows: int


class Actor(Value):
    """Who acts. `verified` is False for an operating-system user: shown as 未认证.

    A person of the register acts by `login`, and in the `unit` and `role` of that day; "" where nobody is registered.
    """

    name: str
    verified: bool = False
    login: str = ""
    unit: str = ""
    role: str = ""

    def __str__(self) -> str:
        return self.name if self.verified else f"{self.name}（未认证）"


class Appeal(Value):
    """One objection to the result of one sheet. `number` counts those of the sheet; `items` are what it is about.

    `state` is of `APPEAL_STATES`. Where it was upheld, wholly or in part, `answers` stand in the place of the unit's
    and the reviewer's, each as long as the unit's own answer is the one that it was given `on`; `leads` lead id → what
    it was decided to be now; `vetoes` are those taken back. `revision` grows with each step.
    """

    number: int
    grounds: str
    items: tuple[str, ...]
    day: date
    filed_by: str
    evidence: tuple[str, ...] = ()
    state: str = "open"
    reason: str = ""
    decided_by: str = ""
    answers: tuple[Review, ...] = ()
    leads: Mapping[str, Disposition] = {}
    vetoes: tuple[str, ...] = ()
    revision: int = 0

    @property
    def upheld(self) -> bool:
        """Whether it changes anything."""
        return self.state in ("upheld", "partly")


def upheld_answers(appeals: Iterable[Appeal]) -> dict[str, Review]:
    """Return item → the answer that appeals put in the place of others, the latest of each."""
    return {one.item_id: one for appeal in appeals if appeal.upheld for one in appeal.answers}
