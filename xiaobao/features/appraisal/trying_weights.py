"""试算: what other weights would do to a campaign. Reads recorded results, writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.errors import InputError
from xiaobao.features.appraisal.what_if import DomainFacts, UnitFacts, WhatIf, what_if
from xiaobao.policies import LeastAssessed
from xiaobao.store.records import Campaign
from xiaobao.workbench.campaigns import wanted_domains
from xiaobao.workbench.inspections.bonuses import scheme_entries
from xiaobao.workbench.inspections.vetoes import scheme_vetoes, sheet_vetoes
from xiaobao.workbench.results.failing import Reservations
from xiaobao.workbench.results.resolving import Results
from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a campaign's weights are tried on: read once, tried as often as somebody moves a weight.

    `left` are the units that cannot take part: without the facts of each item, or on another version of a sheet.
    `marks`: unit → what stands behind its total.
    """

    scheme: Scheme
    sheets: Mapping[str, Checklist]
    units: Mapping[str, UnitFacts]
    levels: Mapping[str, str]
    least: LeastAssessed
    left: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)

    def with_weights(self, weights: Mapping[str, Decimal]) -> WhatIf:
        """Return every unit before and after. Raises InputError on unknown or impossible weights."""
        found = what_if(self.scheme, self.sheets, self.units, weights, self.levels, self.least)
        found = replace(found, rows=tuple(replace(row, marks=self.marks.get(row.unit, "")) for row in found.rows))
        if not self.left:
            return found
        note = f"未参加试算：{'、'.join(self.left)}（没有逐项事实，或检查表已换版）。"
        return replace(found, notes=(*found.notes, note))


def try_weights(wb: Workbench, campaign: Campaign, weights: Mapping[str, Decimal]) -> WhatIf:
    """Re-score every unit of a campaign with other weights: `domain` or `domain/item` → points.

    Raises InputError on unknown or impossible weights, and where no result with its facts is recorded. Units whose
    facts are not at hand, or that stand on another version of a sheet, are left out and named in the notes.
    """
    return trial_of(wb, campaign).with_weights(weights)


def trial_of(wb: Workbench, campaign: Campaign) -> Trial:
    """Read what weights are tried on. Raises InputError where no result with its facts is recorded."""
    now = Results.of_campaign(wb, campaign)
    events = {domain: sheet_vetoes(wb, campaign, domain, sheet) for domain, sheet in now.sheets.items()}
    whole = scheme_vetoes(wb, campaign, now.scheme)
    added = scheme_entries(wb, campaign)
    wanted = wanted_domains(wb, campaign)
    reservations = Reservations.of_campaign(wb, campaign, wanted)
    units, left, marks = {}, [], {}
    for unit, results in now:
        if any(not record.facts or (unit, domain) in now.moved for domain, record in results.items()):
            left.append(unit)
            continue
        domains = {
            domain: DomainFacts(score=record.after, facts=record.facts, vetoes=events[domain].get(unit, ()))
            for domain, record in results.items()
        }
        marks[unit] = reservations.behind_total(unit, [d for d, r in results.items() if r.after.value is not None])
        idle = tuple(domain for domain in now.sheets if domain not in wanted[unit])
        units[unit] = UnitFacts(domains=domains, vetoes=whole.get(unit, ()), entries=added.get(unit, ()), not_for=idle)
    if not units:
        raise InputError(f"{campaign.period} 还没有可试算的结果，请先运行 xiaobao run")
    levels = {unit.id: unit.level for unit in now.units}
    return Trial(
        scheme=now.scheme,
        sheets=now.sheets,
        units=units,
        levels=levels,
        least=wb.settings.policies.coverage,
        left=tuple(sorted(left)),
        marks=marks,
    )
