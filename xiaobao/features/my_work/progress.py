"""How far a sheet is, from its answers alone: stored answers n of m, and whether it could be confirmed."""

from __future__ import annotations

from collections.abc import Mapping

from xiaobao.checklist.models import Checklist, Item
from xiaobao.features.my_work.matters import Bank, WorkItem
from xiaobao.model import Conclusion, Period, Response, Value
from xiaobao.scoring.relevance import applicability, unasked
from xiaobao.store.models import Campaign, InspectionRecord
from xiaobao.workbench.versions.unit_sheets import unit_sheets


class Filled(Value):
    """Items that a person is asked, how many have a stored answer, and whether an answer lacks its evidence.

    `lacking` are the ids of items without an answer, or without the evidence that it needs.
    """

    asked: int
    answered: int
    bare: bool = False
    lacking: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return self.answered == self.asked and not self.bare


class Sheets:
    """Which items the sheets of a campaign ask a person: read once for each version."""

    def __init__(self, shared: Bank) -> None:
        self._bank = shared
        self._asked: dict[tuple[object, ...], tuple[tuple[Checklist, tuple[Item, ...]], ...]] = {}

    def filled(self, campaign: Campaign, matter: WorkItem, responses: Mapping[str, Response]) -> Filled:
        """Return how far the sheet of a matter is; a carried answer counts once somebody confirmed it."""
        record = matter.record
        unit = self._bank.units(campaign.period)[matter.unit]
        span = Period.parse(campaign.period)
        asked: list[Item] = []
        standing = {one: answer for one in responses if (answer := _said(one, record, responses)) is not None}
        for sheet, items in self._items(campaign, matter):
            left = unasked(sheet, unit, span, standing) if any(one.relevant for one in items) else {}
            asked += [one for one in items if one.id not in left and not applicability(one, unit, span)]
        said = [(item, standing[item.id]) for item in asked if item.id in standing]
        bare = {item.id for item, one in said if "evidence" in item.needs(one.conclusion) and not one.evidence}
        lacking = tuple(item.id for item in asked if item.id not in standing or item.id in bare)
        return Filled(asked=len(asked), answered=len(said), bare=bool(bare), lacking=lacking)

    def _items(self, campaign: Campaign, matter: WorkItem) -> tuple[tuple[Checklist, tuple[Item, ...]], ...]:
        """Return the sheets of a matter, each with the items that a person answers."""
        record = matter.record
        own = record.own_version if record else "?"
        key = (campaign.id, matter.domain, record.version if record else "", own, matter.unit if own else "")
        if key not in self._asked:
            sheets = unit_sheets(self._bank.wb, campaign, matter.unit, matter.domain, record)
            self._asked[key] = tuple(
                (sheet, tuple(item for item in sheet.items() if item.answered_by == "person"))
                for sheet in (sheets.core, sheets.own)
                if sheet is not None
            )
        return self._asked[key]


def _said(item_id: str, record: InspectionRecord | None, responses: Mapping[str, Response]) -> Response | None:
    answer = responses[item_id]
    if answer.conclusion is Conclusion.NOT_ASSESSED:
        return None
    carried = record.carried.get(item_id) if record else None
    return None if carried is not None and carried.revision == answer.revision else answer
