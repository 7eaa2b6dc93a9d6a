"""The frozen inputs of a scorecard notebook, apart from those of a paper: these need no scorecard."""

from __future__ import annotations

from datetime import date

from xiaobao.model import Extract, Unit, Value
from xiaobao.paper.frozen import FORMAT
from xiaobao.scorecard import CardInputs


class FrozenScorecard(Value):
    """Recorded results of the unit, and where it stands among its peers."""

    bank: str
    unit: Unit
    period: str
    as_of: date
    card: CardInputs
    root: str = ""
    notebook: str = ""
    format: int = FORMAT
    extracts: tuple[Extract, ...] = ()
