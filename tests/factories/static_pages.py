"""Books of static pages made of chosen overviews, and a bridge of chosen movers: no store, no run."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from xiaobao.features.scorecards.gathering import CampaignBook
from xiaobao.scorecard import Overview, standings
from xiaobao.scoring.bridge import BridgePart, BridgeStep, ScoreBridge
from xiaobao.store.models import Campaign

D = Decimal
CAMPAIGN = Campaign(id=7, name="自查", period="2026H1", scheme=("s", "1"), checklists={})


def book_of(whole: Overview, **more: Any) -> CampaignBook:
    """The book of an overview whose units all stand below the first."""
    top = whole.rows[0].unit.id if whole.rows else ""
    units = {row.unit.id: replace(row.unit, parent="" if row.unit.id == top else top) for row in whole.rows}
    whole = replace(whole, rows=tuple(replace(row, unit=units[row.unit.id]) for row in whole.rows))
    levels = {unit.id: unit.level for unit in units.values()}
    given: dict[str, Any] = {
        "bank": whole.bank,
        "campaign": CAMPAIGN,
        "made": datetime(2026, 7, 6, 1, 30, tzinfo=UTC),
        "as_of": date(2026, 7, 5),
        "whole": whole,
        "units": units,
        "totals": standings(
            {row.unit.id: row.total for row in whole.rows},
            levels,
            {row.unit.id: row.reservations for row in whole.rows},
        ),
        "places": {},
        "states": {},
        "behind": {},
        "actions": {},
        "subtrees": {top: frozenset(units)} if len(units) > 1 else {},
    }
    return CampaignBook(**{**given, **more})


def bridge(*moved: str) -> ScoreBridge:
    changes = [D(text) for text in moved]
    parts = tuple(BridgePart(section="要素", item=f"X-{n:02} 项", change=one) for n, one in enumerate(changes))
    moved_by, rounding = sum(changes, D(0)), D("-0.0030")
    after = D("90.00") + moved_by
    steps = (
        BridgeStep(kind="results", title="检查结论变化", change=moved_by, reached=after, parts=parts),
        BridgeStep(kind="rounding", title="四舍五入", change=rounding, reached=after + rounding),
    )
    ends = {"before": D("90.00"), "after": after + rounding}
    return ScoreBridge(before_period="2025H2", after_period="2026H1", **ends, steps=steps)
