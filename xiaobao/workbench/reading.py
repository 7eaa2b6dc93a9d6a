"""Readings for pages, reports and apps: what was recorded, put together, nothing written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from xiaobao.checklist.applying import why_not_for
from xiaobao.checklist.models import Scheme
from xiaobao.errors import Fault, InputError
from xiaobao.labels import DOMAINS
from xiaobao.model import Finding, Unit, from_plain
from xiaobao.scorecard import Overview, Scorecard, build, empty_row, overview_row
from xiaobao.scorecard import overview as compose_overview
from xiaobao.scoring import RolledUp, roll_up
from xiaobao.store.records import Campaign
from xiaobao.workbench.campaigns import inspected_units, wanted_domains
from xiaobao.workbench.freezing import Freezer
from xiaobao.workbench.frozen import FrozenPaper
from xiaobao.workbench.frozen_card import FrozenScorecard
from xiaobao.workbench.paper import WorkPaper, compute
from xiaobao.workbench.scorecards import CardFreezer
from xiaobao.workbench.workspace import Workbench

_WORST = 20


def frozen_paper(wb: Workbench, unit: str, period: str, domain: str, name: str | None = None) -> FrozenPaper:
    """Freeze one paper from the workspace, of the campaign `name` where a period has several.

    Raises InputError for a unit or domain that the campaign has not.
    """
    [paper] = _frozen_papers(wb, unit, period, [domain], name)
    return paper


def _frozen_papers(
    wb: Workbench, unit: str, period: str, domains: Iterable[str], name: str | None
) -> Iterator[FrozenPaper]:
    campaign = wb.campaign(period, name)
    known = _unit(wb, campaign, unit)
    freezer = Freezer(wb, campaign, unit)
    for domain in domains:
        if domain not in campaign.checklists:
            allowed = "、".join(campaign.checklists)
            raise InputError(Fault("本批次没有这个检查域", value=domain, allowed=allowed))
        if why := why_not_for(freezer.campaign_sheet(domain).checklist.applies_to, known):
            raise InputError(Fault(f"{why}，没有这本底稿", value=f"{unit} {domain}"))
        yield freezer.paper(known, domain)


def work_paper(wb: Workbench, unit: str, period: str, domain: str, name: str | None = None) -> WorkPaper:
    """Return the work paper as it would come out now."""
    return compute(frozen_paper(wb, unit, period, domain, name))


def work_papers(
    wb: Workbench, unit: str, period: str, domains: Iterable[str], name: str | None = None
) -> tuple[WorkPaper, ...]:
    """Return several work papers of one unit; what they share is read once."""
    return tuple(compute(frozen) for frozen in _frozen_papers(wb, unit, period, domains, name))


def frozen_scorecard(wb: Workbench, unit: str, period: str, name: str | None = None) -> FrozenScorecard:
    """Freeze one unit's card, "" the first, from recorded results. Raises InputError before its papers were run."""
    campaign = wb.campaign(period, name)
    if unit:
        _unit(wb, campaign, unit)
    cards = CardFreezer(wb, campaign)
    for one in cards.units:
        if unit in {one.id, ""}:
            return cards.card(one)
    raise InputError(Fault(f"{campaign.period} 还没有这个机构的结果，请先运行 xiaobao run", value=unit))


def scorecard(wb: Workbench, unit: str, period: str, name: str | None = None) -> Scorecard:
    return build(frozen_scorecard(wb, unit, period, name).card)


def scorecards(wb: Workbench, campaign: Campaign) -> dict[str, Scorecard]:
    """Return the recorded card of every unit that has one."""
    recorded = wb.store.scorecards(campaign.id)
    return {unit: from_plain(Scorecard, recorded[unit]) for unit in sorted(recorded)}


def overview(wb: Workbench, period: str, name: str | None = None) -> Overview:
    """Return all inspected units: recorded cards, and empty rows that name what is missing."""
    campaign = wb.campaign(period, name)
    cards = scorecards(wb, campaign)
    recorded_findings = wb.store.findings(campaign.id)
    wanted = wanted_domains(wb, campaign)
    rows = []
    for unit in inspected_units(wb, campaign):
        missing = tuple(DOMAINS.get(d, d) for d in wanted[unit.id] if (unit.id, d) not in recorded_findings)
        if unit.id in cards:
            rows.append(overview_row(cards[unit.id], missing))
        else:
            rows.append(empty_row(unit, missing or ("得分表" if wanted[unit.id] else "适用的检查表",)))
    whole = compose_overview(wb.settings.bank, campaign.period, wb.scheme(campaign), rows, tuple(campaign.checklists))
    found = [finding for one in recorded_findings.values() for finding in one]
    units = wb.units(campaign.period)
    return replace(
        whole,
        worst=tuple(sorted(found, key=worst_first)[:_WORST]),
        rolled=_rolled(wb.scheme(campaign), whole, units, cards),
        unit_names={unit.id: unit.name for unit in units.values()},
    )


def _rolled(
    scheme: Scheme, whole: Overview, units: Mapping[str, Unit], cards: Mapping[str, Scorecard]
) -> dict[str, RolledUp]:
    """Roll the totals up the tree and keep the units that have others below them."""
    vetoed = [unit for unit, card in cards.items() if card.total.vetoes]
    own = {row.unit.id: row.total for row in whole.rows}
    parents = {unit.id: unit.parent for unit in units.values()}
    rolled = roll_up(scheme, own, parents, vetoed)
    return {unit: one for unit, one in rolled.items() if one.children or one.excluded}


def worst_first(finding: Finding) -> tuple[Decimal, str, str, str]:
    """Order findings by points lost, then by period, unit and item."""
    return (-finding.points_lost, finding.period, finding.unit, finding.item_id)


def findings(wb: Workbench, campaign: Campaign, unit: str | None = None) -> tuple[Finding, ...]:
    """Return recorded findings, by unit and domain."""
    recorded = wb.store.findings(campaign.id, unit)
    return tuple(finding for key in sorted(recorded) for finding in recorded[key])


def _unit(wb: Workbench, campaign: Campaign, unit: str) -> Unit:
    for known in inspected_units(wb, campaign):
        if known.id == unit:
            return known
    raise InputError(Fault(f"{campaign.period} 没有这个被检查机构", value=unit))
