"""What only the parent can say: scores that depend on all units, and the way from one period's total to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xiaobao.checklist.applying import why_not_for
from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.model import ItemFacts, Period, Score, Stage, Unit, VetoEvent
from xiaobao.scoring import needs_peers, resolve_peers, score
from xiaobao.scoring import total as weigh
from xiaobao.scoring.bridge import ScoreBridge, Standpoint, score_bridge, sheet_changes
from xiaobao.store.records import Campaign, ResultRecord
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.vetoing import scheme_vetoes, sheet_vetoes
from xiaobao.workbench.workspace import Workbench, read_checklist

Recorded = Mapping[tuple[str, str], ResultRecord]


@dataclass(frozen=True)
class Results:
    """The results of one campaign with everything that depended on peers resolved."""

    wb: Workbench
    campaign: Campaign
    scheme: Scheme
    units: tuple[Unit, ...]
    sheets: Mapping[str, Checklist]
    moved: Mapping[tuple[str, str], Checklist]
    recorded: Recorded

    @classmethod
    def read(cls, wb: Workbench, campaign: Campaign) -> Results:
        """Read a campaign's results once, for all units."""
        sheets = {domain: wb.checklist(campaign, domain)[0] for domain in campaign.checklists}
        units = inspected_units(wb, campaign)
        scheme = wb.scheme(campaign)
        moved = _moved(wb, campaign)
        recorded = dict(wb.store.results(campaign.id))
        for domain, sheet in sheets.items():
            if needs_peers(sheet):
                expected = [unit.id for unit in units if not why_not_for(sheet.applies_to, unit)]
                vetoes = sheet_vetoes(wb, campaign, domain, sheet)
                alike = {unit: record for (unit, one), record in recorded.items() if one == domain and record.facts}
                alike = {unit: record for unit, record in alike.items() if (unit, domain) not in moved}
                for unit, record in _resolved(sheet, scheme, alike, expected, vetoes).items():
                    recorded[unit, domain] = record
        return cls(wb, campaign, scheme, units, sheets, moved, recorded)

    def sheet(self, unit: str, domain: str) -> Checklist:
        """Return the sheet that a unit's inspection stands on: the campaign's, unless it moved to another version."""
        return self.moved.get((unit, domain)) or self.sheets[domain]

    def by_unit(self) -> dict[str, dict[str, ResultRecord]]:
        """Return unit → domain → result, in one pass."""
        found: dict[str, dict[str, ResultRecord]] = {}
        for (unit, domain), record in self.recorded.items():
            found.setdefault(unit, {})[domain] = record
        return found


def facts_before(record: ResultRecord) -> tuple[ItemFacts, ...]:
    """Return the facts as they were before decisions."""
    other = {fact.item_id: fact for fact in record.facts_before}
    return tuple(other.get(fact.item_id, fact) for fact in record.facts)


def _moved(wb: Workbench, campaign: Campaign) -> dict[tuple[str, str], Checklist]:
    return {
        (record.unit, record.domain): read_checklist(
            wb.store.published("checklist", record.checklist_id, record.version).content
        )
        for record in wb.store.inspections(campaign.id)
        if campaign.checklists.get(record.domain) != (record.checklist_id, record.version)
    }


def _resolved(
    sheet: Checklist,
    scheme: Scheme,
    records: Mapping[str, ResultRecord],
    expected: Sequence[str],
    vetoes: Mapping[str, tuple[VetoEvent, ...]],
) -> dict[str, ResultRecord]:
    """Score one domain anew with the best of all units, both before and after decisions."""
    after = resolve_peers(sheet, {unit: record.facts for unit, record in records.items()}, expected)
    before = resolve_peers(sheet, {unit: facts_before(record) for unit, record in records.items()}, expected)
    return {
        unit: replace(
            record,
            after=score(sheet, after[unit], scheme, Stage.AFTER, vetoes.get(unit, ())),
            before=score(sheet, before[unit], scheme, Stage.BEFORE, vetoes.get(unit, ())),
            facts=after[unit],
            facts_before=before[unit],
        )
        for unit, record in records.items()
    }


def previous_campaign(wb: Workbench, campaign: Campaign) -> Campaign | None:
    """Return the campaign of the period before; None where there is none, or more than one."""
    period = Period.parse(campaign.period).previous()
    earlier = wb.store.campaigns(period.code) if period else ()
    return earlier[0] if len(earlier) == 1 else None


def bridges_of(now: Results, before: Results | None, totals: Mapping[str, Score]) -> dict[str, ScoreBridge]:
    """Return unit of `totals` → bridge from the period before, where the facts of both periods are at hand."""
    if before is None:
        return {}
    changes = sheet_changes(before.sheets, now.sheets)
    vetoes = scheme_vetoes(before.wb, before.campaign, before.scheme)
    were, found = before.by_unit(), {}
    for unit, results in now.by_unit().items():
        past = were.get(unit)
        if unit not in totals or not past or not _complete(past) or not _complete(results):
            continue
        scores = {domain: record.after for domain, record in past.items()}
        old = weigh(before.scheme, scores, Stage.AFTER, vetoes.get(unit, ()))
        here, there = _stand(now, unit, results, totals[unit]), _stand(before, unit, past, old)
        usual = all((unit, domain) not in side.moved for side in (now, before) for domain in (*past, *results))
        bridge = score_bridge(there, here, {d: changes[d] for d in {**past, **results}} if usual else None)
        if bridge is not None:
            found[unit] = bridge
    return found


def _complete(results: Mapping[str, ResultRecord]) -> bool:
    return all(record.facts for record in results.values())


def _stand(side: Results, unit: str, results: Mapping[str, ResultRecord], total: Score) -> Standpoint:
    return Standpoint(
        side.campaign.period,
        side.scheme,
        {domain: side.sheet(unit, domain) for domain in results},
        {domain: record.facts for domain, record in results.items()},
        {domain: record.after for domain, record in results.items()},
        total,
    )
