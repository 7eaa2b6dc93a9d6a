"""What only the parent can say: scores that depend on all units, and the way from one period's total to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.model import ItemFacts, Period, Score, Stage, Unit
from xiaobao.scoring import ScoreBridge, Standpoint, needs_peers, resolve_peers, score, score_bridge, sheet_changes
from xiaobao.scoring import total as weigh
from xiaobao.store.records import Campaign, ResultRecord
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.vetoing import scheme_vetoes, sheet_vetoes
from xiaobao.workbench.workspace import Workbench

Recorded = Mapping[tuple[str, str], ResultRecord]


@dataclass(frozen=True)
class Results:
    """The results of one campaign with everything that depended on peers resolved."""

    wb: Workbench
    campaign: Campaign
    scheme: Scheme
    units: tuple[Unit, ...]
    sheets: Mapping[str, Checklist]
    recorded: Recorded

    @classmethod
    def read(cls, wb: Workbench, campaign: Campaign) -> Results:
        """Read a campaign's results once, for all units."""
        sheets = {domain: wb.checklist(campaign, domain)[0] for domain in campaign.checklists}
        units = inspected_units(wb, campaign)
        scheme = wb.scheme(campaign)
        recorded = dict(wb.store.results(campaign.id))
        for domain, sheet in sheets.items():
            if needs_peers(sheet):
                recorded |= _resolved(wb, campaign, scheme, sheet, domain, recorded, units)
        return cls(wb, campaign, scheme, units, sheets, recorded)

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


def _resolved(
    wb: Workbench,
    campaign: Campaign,
    scheme: Scheme,
    sheet: Checklist,
    domain: str,
    recorded: Recorded,
    units: tuple[Unit, ...],
) -> dict[tuple[str, str], ResultRecord]:
    """Score one domain anew with the best of all units, both before and after decisions."""
    mine = {unit: record for (unit, one), record in recorded.items() if one == domain and record.facts}
    expected = [unit.id for unit in units]
    after = resolve_peers(sheet, {unit: record.facts for unit, record in mine.items()}, expected)
    before = resolve_peers(sheet, {unit: facts_before(record) for unit, record in mine.items()}, expected)
    vetoes = sheet_vetoes(wb, campaign, domain, sheet)
    return {
        (unit, domain): replace(
            record,
            after=score(sheet, after[unit], scheme, Stage.AFTER, vetoes.get(unit, ())),
            before=score(sheet, before[unit], scheme, Stage.BEFORE, vetoes.get(unit, ())),
            facts=after[unit],
            facts_before=before[unit],
        )
        for unit, record in mine.items()
    }


def previous_campaign(wb: Workbench, campaign: Campaign) -> Campaign | None:
    """Return the campaign of the period before; None where there is none, or more than one."""
    period = Period.parse(campaign.period).previous()
    earlier = wb.store.campaigns(period.code) if period else ()
    return earlier[0] if len(earlier) == 1 else None


def bridges_of(now: Results, before: Results | None, totals: Mapping[str, Score]) -> dict[str, ScoreBridge]:
    """Return unit → bridge from the period before, where the facts of both periods are at hand."""
    if before is None:
        return {}
    changes = sheet_changes(before.sheets, now.sheets)
    vetoes = scheme_vetoes(before.wb, before.campaign, before.scheme)
    were, found = before.by_unit(), {}
    for unit, results in now.by_unit().items():
        past = were.get(unit)
        if not past or not _complete(past) or not _complete(results):
            continue
        scores = {domain: record.after for domain, record in past.items()}
        old = weigh(before.scheme, scores, Stage.AFTER, vetoes.get(unit, ()))
        bridge = score_bridge(_stand(before, past, old), _stand(now, results, totals[unit]), changes)
        if bridge is not None:
            found[unit] = bridge
    return found


def _complete(results: Mapping[str, ResultRecord]) -> bool:
    return all(record.facts for record in results.values())


def _stand(side: Results, results: Mapping[str, ResultRecord], total: Score) -> Standpoint:
    return Standpoint(
        side.campaign.period,
        side.scheme,
        {domain: side.sheets[domain] for domain in results},
        {domain: record.facts for domain, record in results.items()},
        {domain: record.after for domain, record in results.items()},
        total,
    )
