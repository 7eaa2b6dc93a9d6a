"""问题来源: how what costs points came to light, from who looked, what the unit had said, and what was found before.

A scheme may rate the sources apart (自查发现从轻, 被查发现从重). What the unit stated of itself is 自查, what others
found is 被查; what the unit had called compliant and others found wanting is 自查不实; what an earlier period had found
of the same unit and item already is 屡查. An item has one source: 自查不实 goes before 屡查, 屡查 before the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from msgspec.structs import replace

from xiaobao.checklist.models import Item
from xiaobao.model import Conclusion, Disposition, FactState, ItemFacts, LeadDecision, Value
from xiaobao.numbers import ZERO
from xiaobao.scoring.rules import item_loss

_OWNED_UP = (Disposition.CONFIRMED, Disposition.PARTLY)


class Background(Value):
    """What is known of a unit before its items are scored.

    `inspected` tells that others look, not the unit itself. `cleared` are items that the unit called compliant in its
    own self-inspection of the time. `earlier` item id → periods in which the same item of the unit was a finding.
    """

    inspected: bool = False
    cleared: tuple[str, ...] = ()
    earlier: Mapping[str, tuple[str, ...]] = {}


def with_origin(
    item: Item,
    facts: ItemFacts,
    background: Background,
    own: ItemFacts | None = None,
    decisions: Mapping[str, LeadDecision] | None = None,
) -> ItemFacts:
    """Return `facts` with their source where they cost points. `own` is what the unit said before a 复评 changed it."""
    lost = _lost(item, facts)
    if not lost:
        return facts
    if background.inspected:
        origin = "misreported" if item.id in background.cleared else "inspected"
    elif facts.leads:
        spoken = decisions or {}
        owned_up = all(lead in spoken and spoken[lead].answer in _OWNED_UP for lead in facts.leads)
        origin = "self" if owned_up else "inspected"
    elif own is None or _lost(item, own) >= lost:
        origin = "self"
    else:
        denied = own.conclusion is Conclusion.COMPLIANT and not _lost(item, own)
        origin = "misreported" if denied else "inspected"
    if origin != "misreported" and item.id in background.earlier:
        origin = "repeated"
    return replace(facts, origin=origin)


def _lost(item: Item, facts: ItemFacts) -> Decimal:
    return item_loss(item, facts).deducted if facts.state is FactState.ASSESSED else ZERO
