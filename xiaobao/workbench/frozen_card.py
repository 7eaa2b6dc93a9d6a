"""The frozen inputs of a scorecard notebook, apart from those of a paper: these need no scorecard."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from xiaobao.model import Extract, Unit
from xiaobao.scorecard import CardInputs
from xiaobao.workbench.frozen import FORMAT


@dataclass(frozen=True)
class FrozenScorecard:
    """Recorded results of the unit, and where it stands among its peers."""

    bank: str
    unit: Unit
    period: str
    as_of: date
    card: CardInputs
    root: str = ""
    notebook: str = ""
    format: int = FORMAT
    extracts: tuple[Extract, ...] = field(default=())
