"""How far a sheet is, from its answers alone: stored answers n of m, and whether it could be confirmed."""

from __future__ import annotations

from collections.abc import Mapping

from xiaobao.checklist.models import Item
from xiaobao.features.my_work.matters import Bank, Matter
from xiaobao.model import Conclusion, Period, Response, Value
from xiaobao.scoring.facts import applicability
from xiaobao.store.records import Campaign, InspectionRecord
from xiaobao.workbench.versions.unit_sheets import unit_sheets


class Filled(Value):
    """Items that a person is asked, how many have a stored answer, and whether an answer lacks its evidence."""

    asked: int
    answered: int
    bare: bool = False

    @property
    def complete(self) -> bool:
        return self.answered == self.asked and not self.bare


class Sheets:
    """Which items the sheets of a campaign ask a person: read once for each version."""

    def __init__(self, shared: Bank) -> None:
        self._bank = shared
        self._asked: dict[tuple[object, ...], tuple[Item, ...]] = {}

    def filled(self, campaign: Campaign, matter: Matter, responses: Mapping[str, Response]) -> Filled:
        """Return how far the sheet of a matter is; a carried answer counts once somebody confirmed it."""
        record = matter.record
        unit = self._bank.units(campaign.period)[matter.unit]
        span = Period.parse(campaign.period)
        asked = [one for one in self._items(campaign, matter) if not applicability(one, unit, span)]
        answers = [(item, _said(item, record, responses)) for item in asked]
        said = [(item, answer) for item, answer in answers if answer is not None]
        bare = any(
            item.evidence_required and not answer.evidence and answer.conclusion is not Conclusion.NOT_APPLICABLE
            for item, answer in said
        )
        return Filled(asked=len(asked), answered=len(said), bare=bare)

    def _items(self, campaign: Campaign, matter: Matter) -> tuple[Item, ...]:
        record = matter.record
        own = record.own_version if record else "?"
        key = (campaign.id, matter.domain, record.version if record else "", own, matter.unit if own else "")
        if key not in self._asked:
            sheets = unit_sheets(self._bank.wb, campaign, matter.unit, matter.domain, record)
            items = [*sheets.core.items(), *(sheets.own.items() if sheets.own else ())]
            self._asked[key] = tuple(item for item in items if item.answered_by == "person")
        return self._asked[key]


def _said(item: Item, record: InspectionRecord | None, responses: Mapping[str, Response]) -> Response | None:
    answer = responses.get(item.id)
    if answer is None or answer.conclusion is Conclusion.NOT_ASSESSED:
        return None
    carried = record.carried.get(item.id) if record else None
    return None if carried is not None and carried.revision == answer.revision else answer
