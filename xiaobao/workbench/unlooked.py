"""Rows that no sheet of a campaign asks about: of units that are not inspected, or that no sheet is for."""

from __future__ import annotations

from dataclasses import dataclass

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.store.records import Campaign
from xiaobao.workbench.campaigns import wanted_domains
from xiaobao.workbench.results.freezing import Freezer
from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True, kw_only=True)
class Unlooked:
    """Rows of one unit and dataset that checks of this campaign read elsewhere, and nobody looks at here."""

    unit: str
    name: str
    dataset: str
    rows: int
    reason: str


def unlooked_rows(wb: Workbench, campaign: Campaign) -> tuple[Unlooked, ...]:
    """Return what stays 未判 because no sheet asks the unit, by unit and dataset: it must not look clean."""
    freezer, wanted, units = Freezer(wb, campaign), wanted_domains(wb, campaign), wb.units(campaign.period)
    needs = {domain: set(freezer.campaign_sheet(domain).needs) for domain in campaign.checklists}
    asked_somewhere = set().union(*needs.values())
    found = []
    for (unit, name), extract in sorted(freezer.partitions.items()):
        asked = {dataset for domain in wanted.get(unit, ()) for dataset in needs[domain]}
        if unit in units and name in asked_somewhere - asked and extract.rows:
            reason = "本批次没有适用的检查表" if unit in wanted else "不是检查对象"
            title = DATASETS[name].title
            found.append(Unlooked(unit=unit, name=units[unit].name, dataset=title, rows=extract.rows, reason=reason))
    return tuple(found)
