"""What the parent freezes for the ledger's statistics in a paper, beside what its checks read."""

from __future__ import annotations

from typing import Any

from xiaobao.datasets.partitions import CLOSED
from xiaobao.features.complaints.paper_part import LEDGER
from xiaobao.features.complaints.reading import earlier_ledger
from xiaobao.model import Unit, to_plain
from xiaobao.workbench.results.freezing import Freezer


def frozen_ledger(freezer: Freezer, unit: Unit) -> dict[str, Any]:
    """Return fields of `FrozenPaper`: the rules of counting, and the ledger compared with."""
    period, parts = freezer.once("earlier ledger", lambda: earlier_ledger(freezer.wb, freezer.campaign.period))
    found = parts.get((unit.id, LEDGER))
    return {
        "counting": to_plain(freezer.wb.settings.counting),
        "earlier": found,
        "earlier_period": period if found else "",
        "closed": freezer.partitions.get((unit.id, LEDGER + CLOSED)),
        "earlier_closed": parts.get((unit.id, LEDGER + CLOSED)),
    }
