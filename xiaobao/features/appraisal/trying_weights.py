"""试算: what other weights would do to a campaign. Reads recorded results, writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from xiaobao.errors import InputError
from xiaobao.features.appraisal.what_if import DomainFacts, UnitFacts, WhatIf, what_if
from xiaobao.store.records import Campaign
from xiaobao.workbench.campaigns import wanted_domains
from xiaobao.workbench.inspections.bonuses import scheme_entries
from xiaobao.workbench.inspections.vetoes import scheme_vetoes, sheet_vetoes
from xiaobao.workbench.results.resolving import Results
from xiaobao.workbench.workspace import Workbench


def try_weights(wb: Workbench, campaign: Campaign, weights: Mapping[str, Decimal]) -> WhatIf:
    """Re-score every unit of a campaign with other weights: `domain` or `domain/item` → points.

    Raises InputError on unknown or impossible weights, and where no result with its facts is recorded. Units whose
    facts are not at hand, or that stand on another version of a sheet, are left out and named in the notes.
    """
    now = Results.of_campaign(wb, campaign)
    events = {domain: sheet_vetoes(wb, campaign, domain, sheet) for domain, sheet in now.sheets.items()}
    whole = scheme_vetoes(wb, campaign, now.scheme)
    added = scheme_entries(wb, campaign)
    wanted = wanted_domains(wb, campaign)
    units, left = {}, []
    for unit, results in now:
        if any(not record.facts or (unit, domain) in now.moved for domain, record in results.items()):
            left.append(unit)
            continue
        domains = {
            domain: DomainFacts(score=record.after, facts=record.facts, vetoes=events[domain].get(unit, ()))
            for domain, record in results.items()
        }
        idle = tuple(domain for domain in now.sheets if domain not in wanted[unit])
        units[unit] = UnitFacts(domains=domains, vetoes=whole.get(unit, ()), entries=added.get(unit, ()), not_for=idle)
    if not units:
        raise InputError(f"{campaign.period} 还没有可试算的结果，请先运行 xiaobao run")
    levels = {unit.id: unit.level for unit in now.units}
    found = what_if(now.scheme, now.sheets, units, weights, levels, wb.settings.policies.coverage)
    if left:
        note = f"未参加试算：{'、'.join(sorted(left))}（没有逐项事实，或检查表已换版）。"
        return replace(found, notes=(*found.notes, note))
    return found
