"""What a self-evaluation is made from: every item by its element, with its evidence. Reads, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xiaobao.checklist.canonical import from_canonical
from xiaobao.checklist.models import Scheme
from xiaobao.errors import Fault, InputError
from xiaobao.features.self_evaluation.elements import ElementItem
from xiaobao.features.self_evaluation.evaluations import Evaluated
from xiaobao.features.self_evaluation.scoring import self_evaluation
from xiaobao.model import Unit
from xiaobao.store.models import Campaign
from xiaobao.workbench.results.reading import scorecards
from xiaobao.workbench.results.reporting import campaigns_within, inside, within_unit
from xiaobao.workbench.workspace import Workbench


def read_elements(wb: Workbench, period: str, unit: str = "", name: str | None = None) -> tuple[ElementItem, ...]:
    """Return every item of the last campaign within the period at every unit, with its element and its evidence."""
    campaigns = campaigns_within(wb, period, name)
    return tuple(_elements(wb, campaigns[-1], within_unit(wb, period, unit))) if campaigns else ()


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
    campaign, within = campaigns[-1], within_unit(wb, period, unit)
    sheets = {domain: wb.checklist(campaign, domain)[0] for domain in campaign.checklists}
    evaluated, reserved = {}, {}
    for code, card in scorecards(wb, campaign).items():
        if inside(code, within):
            scores = {one.domain: one.after for one in card.domains if one.domain in sheets}
            name = f"{card.unit.name}（{code}）"
            evaluated[name] = self_evaluation(scheme, sheets, scores, least=wb.settings.policies.coverage)
            reserved[name] = tuple(dict.fromkeys(word for one in card.domains for word in one.reservations))
    return Evaluated(scheme, evaluated, reserved)


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
        if not inside(unit, within):
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
                    nominal=line.nominal,
                )
