"""What the reports of a period are written from: inspections, elements and evidence. Reads, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from xiaobao.checklist.canonical import from_canonical
from xiaobao.checklist.models import Scheme
from xiaobao.errors import Fault, InputError
from xiaobao.model import Disposition, Period, Unit
from xiaobao.personal import mask
from xiaobao.report_figures import ElementItem, Evaluated, Inspected
from xiaobao.scorecard import Overview
from xiaobao.scoring.self_evaluation import self_evaluation
from xiaobao.store.records import Campaign
from xiaobao.workbench.results.reading import findings, overview, scorecards
from xiaobao.workbench.units import units_below
from xiaobao.workbench.workspace import Workbench


def read_inspected(wb: Workbench, period: str, unit: str = "", name: str | None = None) -> Inspected:
    """Return what the campaigns within a period found; with a unit, of it and of those below it alone."""
    campaigns = campaigns_within(wb, period, name)
    within = _within(wb, period, unit)
    decided = [one for campaign in campaigns for one in _dispositions(wb, campaign, within)]
    last = campaigns[-1] if campaigns else None
    return Inspected(
        as_of=wb.as_of(period),
        overviews=tuple(_part(overview(wb, campaign.period, campaign.name), within) for campaign in campaigns),
        cards={name: card for name, card in scorecards(wb, last).items() if _inside(name, within)} if last else {},
        findings=tuple(one for campaign in campaigns for one in findings(wb, campaign) if _inside(one.unit, within)),
        leads=tuple(decided),
        actions=tuple(
            action for campaign in campaigns for action in wb.store.actions(campaign.id) if _inside(action.unit, within)
        ),
    )


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


def read_elements(wb: Workbench, period: str, unit: str = "", name: str | None = None) -> tuple[ElementItem, ...]:
    """Return every item of the last campaign within the period at every unit, with its element and its evidence."""
    campaigns = campaigns_within(wb, period, name)
    return tuple(_elements(wb, campaigns[-1], _within(wb, period, unit))) if campaigns else ()


def read_evaluated(wb: Workbench, period: str, unit: str = "", name: str | None = None) -> Evaluated:
    """Evaluate the units of the last campaign within the period by the elements of the bank's scheme for that.

    Raises InputError when that scheme is not published, does not weigh elements, or was replaced.
    """
    scheme = from_canonical(wb.store.published("scheme", wb.settings.evaluation).content, Scheme)
    if scheme.replaced_by:
        raise InputError(Fault("自评方案已被代替", value=scheme.id, allowed=scheme.replaced_by))
    campaigns = campaigns_within(wb, period, name)
    if not campaigns:
        return Evaluated(scheme)
    campaign, within = campaigns[-1], _within(wb, period, unit)
    sheets = {domain: wb.checklist(campaign, domain)[0] for domain in campaign.checklists}
    evaluated = {}
    for code, card in scorecards(wb, campaign).items():
        if _inside(code, within):
            scores = {one.domain: one.after for one in card.domains if one.domain in sheets}
            evaluated[f"{card.unit.name}（{code}）"] = self_evaluation(scheme, sheets, scores)
    return Evaluated(scheme, evaluated)


def _elements(wb: Workbench, campaign: Campaign, within: Mapping[str, Unit] | None) -> Iterator[ElementItem]:
    elements = {
        item.id: item.element or ""
        for domain in campaign.checklists
        for item in wb.checklist(campaign, domain)[0].items()
    }
    names = {one.id: one.name for one in wb.units(campaign.period).values()}
    places = {(record.unit, record.domain): record.id for record in wb.store.inspections(campaign.id)}
    results = wb.store.results(campaign.id)
    for unit, domain in sorted(results):
        if not _inside(unit, within):
            continue
        kept: dict[str, list[tuple[str, str]]] = {}
        for one in wb.store.evidence(places[unit, domain]):
            kept.setdefault(one.item_id, []).append((one.file_name, one.sha256))
        for line in results[unit, domain].after.trace:
            if line.kind == "item" and line.node_id in elements:
                proof = tuple(kept.get(line.node_id, ()))
                yield ElementItem(
                    element=elements[line.node_id],
                    item_id=line.node_id,
                    title=line.title,
                    unit=names.get(unit, unit),
                    state=line.state,
                    possible=line.possible,
                    earned=line.earned,
                    evidence=proof,
                )


def _dispositions(wb: Workbench, campaign: Campaign, within: Mapping[str, Unit] | None) -> Iterator[Disposition | None]:
    decisions = wb.store.decisions(campaign.id)
    for lead in wb.store.leads(campaign.id):
        if _inside(lead.unit, within):
            yield decisions[lead.id].decided if lead.id in decisions else None


def _within(wb: Workbench, period: str, unit: str) -> Mapping[str, Unit] | None:
    return units_below(wb.units(period), unit) if unit else None


def _inside(unit: str, within: Mapping[str, Unit] | None) -> bool:
    return within is None or unit in within


def _part(whole: Overview, within: Mapping[str, Unit] | None) -> Overview:
    rows = tuple(row for row in whole.rows if _inside(row.unit.id, within))
    return whole if within is None else replace(whole, rows=rows)


def unit_named(wb: Workbench, period: str, unit: str) -> Unit:
    """Return the unit. Raises InputError for an unknown one."""
    known = wb.units(period)
    if unit not in known:
        raise InputError(Fault("没有这个机构", value=unit))
    return known[unit]
