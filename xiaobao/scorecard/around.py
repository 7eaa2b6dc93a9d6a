"""What lies around a page that a person opened: where else he may go, and what is still to be done. Never recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from xiaobao.model import Value


class Choice(Value):
    """What a picker offers: the `value` that the page's address takes, its title."""

    value: str
    title: str


class AnalystPaper(Value):
    """A work paper that an analyst wrote, as a unit's page names it: how its last run ended, and what it says."""

    name: str
    state: str
    said: str = ""


class Objection(Value):
    """An appeal against one of the unit's sheets as it is shown: about what, on what grounds, what was decided."""

    sheet: str
    told: str
    about: str
    grounds: str
    outcome: str
    why: str = ""


class Earlier(Value):
    """A unit's measures of one campaign that are still open: `address` is its period as pages write it."""

    address: str
    measures: int
    late: int


class Around(Value):
    """Of the moment when a page was opened, and of what the person who opened it may see.

    `periods` are period and campaign as an address names them, newest first, `period` the one shown. `above` and
    `below` are units, `before` is the address of the period before, "" where there is none. `measures` still open,
    `late` of them overdue, the first due on `first_due`; `sheets` are the titles of those not handed in. `papers` are
    those of the unit that the bank's analysts wrote, `appeals` the unit's objections to its results. `earlier` are the
    open measures of campaigns before this one, `older_paper` says what the unit's
    executed card tells otherwise, "" where it tells the same. `initials`: name of a unit → first letters of its
    pinyin, by which it is searched, as far as they are known. `inspected`: whether this campaign inspects the unit;
    where it does not, `inspected_in` is the address of the newest campaign that does (one with results of it before
    one without), "" where none does.
    """

    period: str
    periods: tuple[Choice, ...]
    units: tuple[Choice, ...] = ()
    above: Choice | None = None
    below: tuple[Choice, ...] = ()
    before: str = ""
    measures: int = 0
    late: int = 0
    first_due: date | None = None
    sheets: tuple[str, ...] = ()
    papers: tuple[AnalystPaper, ...] = ()
    appeals: tuple[Objection, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    older_paper: str = ""
    initials: Mapping[str, str] = {}
    inspected: bool = True
    inspected_in: str = ""
