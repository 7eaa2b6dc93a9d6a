"""今日待办: what is due on a day and what is overdue — complaints, corrective actions, filings, unanswered leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from xiaobao.errors import InputError, NotAllowed
from xiaobao.feature_list import brought
from xiaobao.features.complaints.reading import bank_ledger
from xiaobao.labels import DUE_KINDS
from xiaobao.model import CorrectiveAction, Period
from xiaobao.paper.from_frozen import read_day
from xiaobao.workbench.campaigns import newest_period
from xiaobao.workbench.corrective_actions import actions_table
from xiaobao.workbench.from_workspace import bench_at
from xiaobao.workbench.leads import answer_due, leads_table
from xiaobao.workbench.permitting import Sight
from xiaobao.workbench.surroundings import campaign_address
from xiaobao.workbench.workspace import Workbench

DueRow = tuple[str, str, str, str, date, str, str]
"""kind, number, title, unit, due day, note, period as addresses of pages write it"""


@dataclass(frozen=True, kw_only=True)
class DueItem:
    """One thing to be done. `kind` is a key of `DUE_KINDS`; `late` counts natural days, 0 when due today or later.

    `period` is where it belongs, as addresses of pages write it.
    """

    kind: str
    number: str
    title: str
    unit: str
    unit_name: str
    due: date
    late: int
    note: str = ""
    period: str = ""

    @property
    def words(self) -> str:
        """Return what it is, briefly: a measure by what is to be done, as its number says nothing to a reader."""
        if self.kind != "action":
            return self.number
        title = " ".join(self.title.split())
        return title if len(title) <= _LONGEST else f"{title[:_LONGEST]}……"


@dataclass(frozen=True, kw_only=True)
class UnitDue:
    """What one unit has due: kind → how many, kind → how many of them overdue. Unit "" is head office itself."""

    unit: str
    unit_name: str
    counts: dict[str, int]
    late: dict[str, int]

    @property
    def overdue(self) -> int:
        return sum(self.late.values())

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """首诉处理结案率 and 回访满意度 of the newest ledger, percent; None on a zero base."""

    period: str
    settled: int
    first_decided: int
    settled_rate: Decimal | None
    satisfied: int
    asked: int
    satisfied_rate: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Today:
    """What is due on `day` or before, most overdue first. `notes` say what could not be looked at."""

    day: date
    items: tuple[DueItem, ...]
    notes: tuple[str, ...] = ()
    resolved: Resolved | None = None

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Return kind → (due today, overdue)."""
        due = Counter(item.kind for item in self.items if item.due == self.day)
        late = Counter(item.kind for item in self.items if item.late)
        return {kind: (due[kind], late[kind]) for kind in DUE_KINDS}

    @property
    def units(self) -> tuple[UnitDue, ...]:
        """Return the counts of every unit that has something due, most overdue first."""
        counts: dict[str, Counter[str]] = {}
        late: dict[str, Counter[str]] = {}
        for item in self.items:
            counts.setdefault(item.unit, Counter())[item.kind] += 1
            late.setdefault(item.unit, Counter())[item.kind] += bool(item.late)
        names = {item.unit: item.unit_name for item in self.items}
        found = [
            UnitDue(unit=unit, unit_name=names[unit], counts=dict(own), late=dict(late[unit]))
            for unit, own in counts.items()
        ]
        return tuple(sorted(found, key=lambda one: (-one.overdue, -one.total, one.unit)))

    @property
    def worst(self) -> tuple[DueItem, ...]:
        """Return the five most overdue, each unit and kind once as long as there are others."""
        late = [item for item in self.items if item.late]
        first: dict[tuple[str, str], DueItem] = {}
        for item in late:
            first.setdefault((item.unit, item.kind), item)
        rest = [item for item in late if item is not first[item.unit, item.kind]]
        chosen = [*first.values(), *rest][:WORST]
        return tuple(sorted(chosen, key=lambda item: -item.late))

    def line(self) -> str:
        """Return the counts as a sentence."""
        said = [f"{DUE_KINDS[kind]}{due} / {late}" for kind, (due, late) in self.counts.items() if due or late]
        return f"{self.day} 今日到期 / 逾期：" + ("、".join(said) or "没有")


WORST = 5
_LONGEST = 22
_DOMAINS = {"complaint": "complaints"}


def status_line(wb: Workbench) -> str:
    """Return what `xiaobao status` says of what is due; "" for the administrator, who sees only how runs go."""
    return "" if wb.sight("today.see").reason else due_today(wb).line() + "（明细见 xiaobao today）"


def due_today(wb: Workbench, day: date | None = None, unit: str | None = None, ahead: int = 0) -> Today:
    """Return what is due by `day` (the workspace's day when None) or within `ahead` days after it.

    Raises NotAllowed for whoever may see no duties.
    """
    moment = day or wb.today
    names = _names(wb)
    notes: list[str] = []
    seen = wb.sight("today.see")
    if seen.reason:
        raise NotAllowed(seen.reason)
    found = (
        [*_of_lines(wb, seen)] if seen.lines else [row for row in (*_actions(wb), *_leads(wb)) if seen.shows(row[3])]
    )
    for due in brought("due"):
        found += (row for row in due(wb, moment, notes) if seen.shows(row[3], _DOMAINS.get(row[0], "")))
    last = moment + timedelta(days=ahead)
    items = [
        DueItem(
            kind=kind,
            number=number,
            title=title,
            unit=owner,
            unit_name=names.get(owner, owner),
            due=due,
            late=max(0, (moment - due).days),
            note=note,
            period=period,
        )
        for kind, number, title, owner, due, note, period in found
        if due <= last and unit in (None, owner)
    ]
    return Today(
        day=moment,
        items=tuple(sorted(items, key=lambda i: (-i.late, i.due, i.kind, i.unit, i.number))),
        notes=tuple(notes),
    )


def _names(wb: Workbench) -> dict[str, str]:
    try:
        return {unit.id: unit.name for unit in wb.units(newest_period(wb)).values()}
    except InputError:
        return {}


def _actions(wb: Workbench) -> Iterator[DueRow]:
    for campaign in wb.store.campaigns():
        for action in wb.store.actions(campaign.id):
            if action.status == "open":
                yield _measure(action, campaign_address(wb, campaign))


def _leads(wb: Workbench) -> Iterator[DueRow]:
    """Count the unanswered leads of each unit, campaign and last day: one line each, not one a lead."""
    for campaign in wb.store.campaigns():
        decisions = wb.store.decisions(campaign.id)
        silent: Counter[tuple[str, date]] = Counter()
        for lead in wb.store.leads(campaign.id):
            said = decisions.get(lead.id)
            silent[lead.unit, answer_due(wb, lead)] += said is None or (said.answer is None and said.decided is None)
        for (owner, due), count in sorted(silent.items()):
            if count:
                yield _unanswered(campaign.name, owner, due, count, campaign_address(wb, campaign))


def _of_lines(wb: Workbench, seen: Sight) -> Iterator[DueRow]:
    """Yield the measures and unanswered leads that a business line is shown: of its own domains, in all units."""
    for campaign in wb.store.campaigns():
        for row in actions_table(wb, campaign.period, name=campaign.name):
            one = row.action
            if one.status == "open" and seen.shows(one.unit, row.domain):
                yield _measure(one, campaign_address(wb, campaign))
        leads = leads_table(wb, campaign.period, campaign=campaign.name)
        silent = Counter(
            (row.lead.unit, row.due) for row in leads if row.state == "待核实" and seen.shows(row.lead.unit, row.domain)
        )
        where = campaign_address(wb, campaign)
        yield from (_unanswered(campaign.name, *key, count, where) for key, count in sorted(silent.items()))


def _measure(action: CorrectiveAction, period: str) -> DueRow:
    return "action", action.id, action.measure or "尚未填写整改措施", action.unit, action.due, action.owner, period


def _unanswered(campaign: str, unit: str, due: date, count: int, period: str) -> DueRow:
    return "lead", campaign, f"{campaign}：未核实疑点 {count} 条", unit, due, "", period


def resolved(wb: Workbench) -> Resolved | None:
    """Return the newest ledger's first-time resolution and call-back satisfaction; None where there is no ledger."""
    records = wb.store.imports("complaints")
    if not records:
        return None
    newest = max((Period.parse(r.period) for r in records), key=lambda p: (p.end, p.start)).code
    figures = bank_ledger(wb, newest)
    if figures is None:
        return None
    said = figures.resolution
    return Resolved(
        period=newest,
        settled=said.settled,
        first_decided=said.first_decided,
        settled_rate=said.settled_rate,
        satisfied=said.satisfied,
        asked=said.asked,
        satisfied_rate=said.satisfied_rate,
    )


def open_today(*, workspace: str = "", as_of: str = "") -> Today:
    """列出当天（或 as_of 那天）到期和逾期的事项。"""
    return due_today(bench_at(workspace), read_day(as_of) if as_of else None)
