"""What only the parent can say: scores that depend on all units, and the way from one period's total to the next."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace

from xiaobao.checklist.models import Checklist, Scheme, why_not_for
from xiaobao.errors import Fault, NotAllowed
from xiaobao.model import ItemFacts, Period, PoolEntry, Score, Stage, Unit, VetoEvent
from xiaobao.scorecard import idle
from xiaobao.scoring import assessed_as, best_values, held_back, needs_peers, own_values, put_in, score
from xiaobao.scoring import total as weigh
from xiaobao.scoring.bridge import ScoreBridge, Standpoint, score_bridge, sheet_changes
from xiaobao.store.models import Campaign, InspectionRecord, ResultRecord
from xiaobao.workbench import hooks
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.inspections.bonuses import scheme_entries
from xiaobao.workbench.inspections.vetoes import scheme_vetoes, sheet_vetoes
from xiaobao.workbench.workspace import Workbench, read_checklist


@dataclass(frozen=True, kw_only=True)
class _Peers:
    """What a sheet with items scored against the best of all units needs to know of all: its bests in each view.

    `own` are those by the units' own answers, without the reviewers'. `settled`: found for good when
    the campaign was closed.
    """

    after: Mapping[str, Fraction | str]
    before: Mapping[str, Fraction | str]
    own: Mapping[str, Fraction | str]
    vetoes: Mapping[str, tuple[VetoEvent, ...]]
    settled: bool = False


@dataclass(frozen=True, kw_only=True)
class Results:
    """The results of one campaign with everything that depended on peers resolved, read a unit at a time.

    All of them at once would fill memory: those of one unit take megabytes, and there may be 40,000 units.
    """

    wb: Workbench
    campaign: Campaign
    scheme: Scheme
    units: tuple[Unit, ...]
    sheets: Mapping[str, Checklist]
    moved: Mapping[tuple[str, str], Checklist]
    peers: Mapping[str, _Peers]

    @classmethod
    def of_campaign(
        cls, wb: Workbench, campaign: Campaign, records: Iterable[InspectionRecord] | None = None
    ) -> Results:
        """Read what all units of a campaign share; `records` are its inspections, where somebody has read them."""
        sheets = {domain: wb.checklist(campaign, domain)[0] for domain in campaign.checklists}
        units = inspected_units(wb, campaign)
        moved = _moved(wb, campaign, wb.store.inspections(campaign.id) if records is None else records)
        peers = {
            domain: _peers(wb, campaign, domain, sheet, units, moved)
            for domain, sheet in sheets.items()
            if needs_peers(sheet)
        }
        return cls(
            wb=wb, campaign=campaign, scheme=wb.scheme(campaign), units=units, sheets=sheets, moved=moved, peers=peers
        )

    def sheet(self, unit: str, domain: str) -> Checklist:
        """Return the sheet that a unit's inspection stands on: the campaign's, unless it moved to another version."""
        return self.moved.get((unit, domain)) or self.sheets[domain]

    def of(self, unit: str) -> dict[str, ResultRecord]:
        """Return domain → result of one unit."""
        found = self.wb.store.results(self.campaign.id, unit)
        return {domain: self._held(self._resolved(unit, domain, record)) for (_, domain), record in found.items()}

    def scores(self, unit: str) -> dict[str, Score]:
        """Return domain → score of one unit after decisions; without traces, but where peers decide."""
        scores = self.wb.store.scores(self.campaign.id, unit)
        if self.peers.keys() & scores.keys():
            return {domain: record.after for domain, record in self.of(unit).items()}
        return {domain: held_back(score, self.least) for domain, score in scores.items()}

    @property
    def least(self) -> Decimal:
        """Percent of a sheet that must be assessed before it has a score."""
        return self.wb.settings.policies.coverage.domain

    def _held(self, record: ResultRecord) -> ResultRecord:
        """Hold back scores recorded before there was a limit, or under a lower one."""
        after = held_back(record.after, self.least)
        own = record.own_view
        return replace(
            record,
            after=after,
            before=assessed_as(record.before, after),
            own_view=held_back(own, self.least) if own is not None else None,
        )

    def __iter__(self) -> Iterator[tuple[str, dict[str, ResultRecord]]]:
        """Yield each unit that has results, with them."""
        for unit in self.units:
            if results := self.of(unit.id):
                yield unit.id, results

    def _resolved(self, unit: str, domain: str, record: ResultRecord) -> ResultRecord:
        """Score a result anew with the best of all units, both before and after decisions."""
        peers = self.peers.get(domain)
        if peers is None or not record.facts or (unit, domain) in self.moved:
            return record
        sheet, vetoes = self.sheets[domain], peers.vetoes.get(unit, ())
        after = put_in(sheet, record.facts, peers.after)
        before = put_in(sheet, facts_before(record), peers.before)
        own_view = record.own_view
        if own_view is not None:
            own = put_in(sheet, facts_own(record), peers.own)
            own_view = score(sheet, own, self.scheme, Stage.AFTER, vetoes, self.least)
        scores = {
            "after": score(sheet, after, self.scheme, Stage.AFTER, vetoes, self.least),
            "before": score(sheet, before, self.scheme, Stage.BEFORE, vetoes, self.least),
            "own_view": own_view,
        }
        if not peers.settled:  # until the campaign closes, what another unit does still moves this one
            scores = {name: replace(one, provisional=True) if one else None for name, one in scores.items()}
        return replace(record, **scores, facts=after, facts_before=before)

    def awaits_close(self, domain: str) -> bool:
        """Tell whether a domain's items relative to peers are not resolved for good yet."""
        return domain in self.peers and not self.peers[domain].settled


def _peers(
    wb: Workbench,
    campaign: Campaign,
    domain: str,
    sheet: Checklist,
    units: Iterable[Unit],
    moved: Container[tuple[str, str]],
) -> _Peers:
    """Read one domain of all units, one after another; keep only what competes."""
    vetoes = sheet_vetoes(wb, campaign, domain, sheet)
    if domain in campaign.resolved:
        fixed = {view: _bests(found) for view, found in campaign.resolved[domain].items()}
        return _Peers(after=fixed["after"], before=fixed["before"], own=fixed["own"], vetoes=vetoes, settled=True)
    expected = [unit.id for unit in units if not why_not_for(sheet.applies_to, unit)]
    after, before, own = {}, {}, {}
    for unit in units:
        record = wb.store.results(campaign.id, unit.id, domain).get((unit.id, domain))
        if record and record.facts and (unit.id, domain) not in moved:
            after[unit.id] = own_values(sheet, record.facts)
            before[unit.id] = own_values(sheet, facts_before(record))
            own[unit.id] = own_values(sheet, facts_own(record))
    return _Peers(
        after=best_values(sheet, after, expected),
        before=best_values(sheet, before, expected),
        own=best_values(sheet, own, expected),
        vetoes=vetoes,
    )


def close_campaign(
    wb: Workbench, campaign: Campaign, reason: str = "", notice: hooks.Notice = hooks.log_warning
) -> Campaign:
    """结束批次: from now on its results are final (终稿); items relative to peers are resolved once, and then stand.

    `notice` hears what a bank's own hooks did wrong afterwards.

    Raises NotAllowed where it is closed already, where handed-in sheets have questions of newer data unanswered, and
    where appeals are not decided.
    """
    if campaign.state == "closed":
        raise NotAllowed(f"检查批次 {campaign.name} 已经结束")
    asked = [key for key, question in wb.store.questions(campaign.id).items() if question.state == "open"]
    if asked:
        raise NotAllowed(Fault("有数据更新的问题还没有答复，不能结束批次", item=f"{u} {d}") for u, d in asked)
    records = {one.id: one for one in wb.store.inspections(campaign.id)}
    appealed = [number for number, own in wb.store.appeals(records).items() if any(one.state == "open" for one in own)]
    if appealed:
        whose = [f"{records[number].unit} {records[number].domain}" for number in appealed]
        raise NotAllowed(Fault("有申诉还没有处理，不能结束批次", item=one) for one in whose)
    bests = Results.of_campaign(wb, replace(campaign, resolved={})).peers
    resolved = {
        domain: {view: _written(getattr(peers, view)) for view in ("after", "before", "own")}
        for domain, peers in bests.items()
    }
    with wb.writing("campaign.close") as tx:
        closed = tx.change_campaign(replace(campaign, state="closed", reason=reason, resolved=resolved), "close")
    event = hooks.Closed(period=closed.period, campaign=closed.name, reason=closed.reason)
    hooks.after(hooks.AFTER_CLOSE, event, notice)
    return closed


def _written(bests: Mapping[str, Fraction | str]) -> dict[str, str]:
    return {item: f"!{best}" if isinstance(best, str) else str(best) for item, best in bests.items()}


def _bests(written: Mapping[str, str]) -> dict[str, Fraction | str]:
    return {item: text[1:] if text.startswith("!") else Fraction(text) for item, text in written.items()}


def facts_before(record: ResultRecord) -> tuple[ItemFacts, ...]:
    """Return the facts as they were before decisions."""
    other = {fact.item_id: fact for fact in record.facts_before}
    return tuple(other.get(fact.item_id, fact) for fact in record.facts)


def facts_own(record: ResultRecord) -> tuple[ItemFacts, ...]:
    """Return the facts as the unit's own answers give them (自评)."""
    other = {fact.item_id: fact for fact in record.facts_self}
    return tuple(other.get(fact.item_id, fact) for fact in record.facts)


def _moved(wb: Workbench, campaign: Campaign, records: Iterable[InspectionRecord]) -> dict[tuple[str, str], Checklist]:
    return {
        (record.unit, record.domain): read_checklist(
            wb.store.published("checklist", record.checklist_id, record.version).content
        )
        for record in records
        if campaign.checklists.get(record.domain) != (record.checklist_id, record.version)
    }


def previous_campaign(wb: Workbench, campaign: Campaign) -> Campaign | None:
    """Return the campaign of the period before and of the same kind; None where there is none, or more than one."""
    period = Period.parse(campaign.period).previous()
    found = wb.store.campaigns(period.code) if period else ()
    earlier = [one for one in found if one.kind == campaign.kind]
    return earlier[0] if len(earlier) == 1 else None


class Bridges:
    """Leads from the totals of one campaign to those of the next, where the facts of both are at hand."""

    def __init__(self, before: Results, now: Results) -> None:
        self._before, self._now = before, now
        self._changes = sheet_changes(before.sheets, now.sheets)
        self._vetoes = scheme_vetoes(before.wb, before.campaign, before.scheme)
        self._entries = {side.campaign.id: scheme_entries(side.wb, side.campaign) for side in (before, now)}
        self._were = {unit.id: unit for unit in before.units}

    def of(
        self, unit: str, past: Mapping[str, ResultRecord], results: Mapping[str, ResultRecord], total: Score
    ) -> ScoreBridge | None:
        """Return the bridge to a unit's `total`, None where facts of either period are missing."""
        past, results = _scored(past), _scored(results)
        if not past or past.keys() != results.keys() or not _complete(past) or not _complete(results):
            return None
        before, now = self._before, self._now
        scores = {domain: record.after for domain, record in past.items()}
        every = {**dict.fromkeys(self._not_for(unit), idle(Stage.AFTER)), **scores}
        limit = before.wb.settings.policies.coverage.total
        entries = [self._entries[side.campaign.id].get(unit, ()) for side in (before, now)]
        old = weigh(before.scheme, every, Stage.AFTER, self._vetoes.get(unit, ()), entries[0], limit)
        usual = all((unit, domain) not in side.moved for side in (now, before) for domain in (*past, *results))
        return score_bridge(
            _stand(before, unit, past, old, entries[0]),
            _stand(now, unit, results, total, entries[1]),
            {domain: self._changes[domain] for domain in {**past, **results}} if usual else None,
        )

    def _not_for(self, unit: str) -> tuple[str, ...]:
        """Return the domains whose sheet was not for the unit then."""
        was = self._were.get(unit)
        sheets = self._before.sheets.items() if was else ()
        return tuple(domain for domain, sheet in sheets if was and why_not_for(sheet.applies_to, was))


def _scored(results: Mapping[str, ResultRecord]) -> dict[str, ResultRecord]:
    """Return the domains that a total rests on."""
    return {domain: record for domain, record in results.items() if record.after.value is not None}


def _complete(results: Mapping[str, ResultRecord]) -> bool:
    return all(record.facts for record in results.values())


def _stand(
    side: Results, unit: str, results: Mapping[str, ResultRecord], total: Score, entries: tuple[PoolEntry, ...]
) -> Standpoint:
    return Standpoint(
        period=side.campaign.period,
        scheme=side.scheme,
        sheets={domain: side.sheet(unit, domain) for domain in results},
        facts={domain: record.facts for domain, record in results.items()},
        domains={domain: record.after for domain, record in results.items()},
        total=total,
        entries=entries,
    )
