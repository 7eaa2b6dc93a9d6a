"""Which sheets an inspection stands on: a version of the head office's core, and the unit's own items if any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xiaobao.checklist.models import Checklist, Item
from xiaobao.checklist.own_items import own_sheet_id
from xiaobao.model import Period
from xiaobao.store.models import Campaign, InspectionRecord
from xiaobao.workbench.workspace import Workbench, read_checklist


@dataclass(frozen=True)
class UnitSheets:
    """The core, whose score is compared, and the unit's own items, which are scored apart."""

    core: Checklist
    own: Checklist | None = None

    @property
    def own_version(self) -> str:
        """Return the version of the unit's own sheet, "" without one."""
        return self.own.version if self.own else ""

    @property
    def items(self) -> dict[str, Item]:
        """Return every item by id, the core's first; own ids carry the unit's prefix and cannot meet the core's."""
        own = self.own.items() if self.own else ()
        return {item.id: item for item in (*self.core.items(), *own)}


def unit_sheets(
    wb: Workbench, campaign: Campaign, unit: str, domain: str, record: InspectionRecord | None
) -> UnitSheets:
    """Return the sheets of an inspection, or those that it would be opened on."""
    if record is None:
        own = own_versions(wb, campaign, [(unit, domain)]).get((unit, domain), "")
        return UnitSheets(wb.checklist(campaign, domain)[0], _own(wb, unit, domain, own))
    core = read_checklist(wb.store.published("checklist", record.checklist_id, record.version).content)
    return UnitSheets(core, _own(wb, unit, domain, record.own_version))


def own_versions(wb: Workbench, campaign: Campaign, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return (unit, domain) → newest published version of the unit's own sheet in force in the campaign's period."""
    span = Period.parse(campaign.period)
    newest = {
        one.id: one.version
        for one in wb.store.list_published("own_items")
        if in_force(read_checklist(one.content), span)
    }
    named = {pair: newest.get(own_sheet_id(*pair), "") for pair in pairs} if newest else {}
    return {pair: version for pair, version in named.items() if version}


def open_inspections_of(wb: Workbench, campaign: Campaign, pairs: Sequence[tuple[str, str]], verb: str) -> None:
    """Make the inspections (unit, domain) that are not there yet, each on its newest sheets: the one way of opening.

    `verb` is what they are opened for. Raises InputError for a domain that the campaign has not, NotAllowed.
    """
    if pairs:
        [unit, *others], [domain, *more] = ({pair[place] for pair in pairs} for place in (0, 1))
        of_one = ("" if others else unit, "" if others or more else domain)
        with wb.writing(verb, *of_one, campaign) as tx:
            tx.ensure_inspections(campaign.id, pairs, own_versions(wb, campaign, pairs))


def in_force(checklist: Checklist, span: Period) -> bool:
    """Tell whether a version is in force on some day of the period."""
    end = checklist.effective_to
    return checklist.effective_from <= span.end and (end is None or end >= span.start)


def _own(wb: Workbench, unit: str, domain: str, version: str) -> Checklist | None:
    if not version:
        return None
    return read_checklist(wb.store.published("own_items", own_sheet_id(unit, domain), version).content)
