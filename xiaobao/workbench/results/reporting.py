"""What the reports of a period are written from: inspections, elements and evidence. Reads, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError
from xiaobao.model import CorrectiveAction, Disposition, Period, Unit
from xiaobao.personal import mask
from xiaobao.report_figures import Inspected
from xiaobao.scorecard import Overview
from xiaobao.store.models import Campaign
from xiaobao.workbench.results.reading import findings, overview, scorecards
from xiaobao.workbench.units import units_below
from xiaobao.workbench.workspace import Workbench


def read_inspected(wb: Workbench, period: str, unit: str = "", name: str | None = None) -> Inspected:
    """Return what the campaigns within a period found; with a unit, of it and of those below it alone."""
    campaigns = campaigns_within(wb, period, name)
    within = within_unit(wb, period, unit)
    decided = [one for campaign in campaigns for one in _dispositions(wb, campaign, within)]
    last = campaigns[-1] if campaigns else None
    return Inspected(
        as_of=wb.as_of(period),
        overviews=tuple(_part(overview(wb, campaign.period, campaign.name), within) for campaign in campaigns),
        cards={name: card for name, card in scorecards(wb, last).items() if inside(name, within)} if last else {},
        findings=tuple(one for campaign in campaigns for one in findings(wb, campaign) if inside(one.unit, within)),
        leads=tuple(decided),
        actions=tuple(
            action for campaign in campaigns for action in wb.store.actions(campaign.id) if inside(action.unit, within)
        ),
        earlier=tuple(one for one in _open_before(wb, period) if inside(one.unit, within)),
    )


def _open_before(wb: Workbench, period: str) -> Iterator[CorrectiveAction]:
    """Yield the measures of all campaigns before a period that are still to be carried out."""
    start = Period.parse(period).start
    for campaign in wb.store.campaigns():
        if Period.parse(campaign.period).end < start:
            yield from (action for action in wb.store.actions(campaign.id) if action.status == "open")


def campaigns_within(wb: Workbench, period: str, name: str | None = None) -> tuple[Campaign, ...]:
    """Return the campaigns of periods within `period`, oldest first, one a period: the one of that name, or the only.

    Raises InputError where a period has several and none is named, and for a name that no period has.
    """
    span, name = Period.parse(period), mask(name) if name else None
    found: dict[str, list[Campaign]] = {}
    for campaign in wb.store.campaigns():
        one = Period.parse(campaign.period)
        if span.start <= one.start and one.end <= span.end:
            found.setdefault(one.code, []).append(campaign)
    if name and all(campaign.name != name for own in found.values() for campaign in own):
        return (wb.campaign(span.code, name),)
    ordered = sorted(found, key=lambda code: (Period.parse(code).end, Period.parse(code).start))
    named = {code: any(campaign.name == name for campaign in own) for code, own in found.items()}
    return tuple(wb.campaign(code, name if named[code] else None) for code in ordered)


def _dispositions(wb: Workbench, campaign: Campaign, within: Mapping[str, Unit] | None) -> Iterator[Disposition | None]:
    decisions = wb.store.decisions(campaign.id)
    for lead in wb.store.leads(campaign.id):
        if inside(lead.unit, within):
            yield decisions[lead.id].decided if lead.id in decisions else None


def within_unit(wb: Workbench, period: str, unit: str) -> Mapping[str, Unit] | None:
    """Return a unit with all below it by id, None for the whole bank."""
    return units_below(wb.units(period), unit) if unit else None


def inside(unit: str, within: Mapping[str, Unit] | None) -> bool:
    """Tell whether a unit belongs to what is reported on; without bounds every one does."""
    return within is None or unit in within


def _part(whole: Overview, within: Mapping[str, Unit] | None) -> Overview:
    rows = tuple(row for row in whole.rows if inside(row.unit.id, within))
    return whole if within is None else replace(whole, rows=rows)


def unit_named(wb: Workbench, period: str, unit: str) -> Unit:
    """Return the unit. Raises InputError for an unknown one."""
    known = wb.units(period)
    if unit not in known:
        raise InputError(Fault("没有这个机构", value=unit))
    return known[unit]
