"""投诉台账统计 of one unit, in its work paper: from the frozen partition and inputs, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.datasets.partitions import read_columns
from xiaobao.features.complaints.analysing import LedgerScope, analyse, with_comparison
from xiaobao.features.complaints.figures import LedgerFigures
from xiaobao.features.complaints.hot_spots import hot_spots
from xiaobao.features.complaints.ledger import COLUMNS
from xiaobao.model import Extract, Period, from_plain
from xiaobao.paper.frozen import FrozenPaper
from xiaobao.policies import Counting

if TYPE_CHECKING:
    import pandas as pd

LEDGER = "complaints"


def unit_ledger(frozen: FrozenPaper, extracts: Mapping[str, pd.DataFrame]) -> LedgerFigures | None:
    """Return the statistics of a unit's ledger, made from the partition of `complaints`; None without one (无数据).

    Compared with the earlier ledger that is frozen beside it, where there is one; both by the frozen rules of counting.
    """
    frame = extracts.get(LEDGER)
    if frame is None:
        return None
    rules = from_plain(Counting, frozen.counting)
    scope = LedgerScope(name=frozen.unit.name, unit=frozen.unit.id)
    root = Path(frozen.root)
    whole = together(frame, ledger_rows(root, frozen.closed))
    assert whole is not None
    now = analyse(whole, Period.parse(frozen.period), rules, frozen.as_of, scope)
    old = together(ledger_rows(root, frozen.earlier), ledger_rows(root, frozen.earlier_closed))
    if old is None:
        return with_comparison(now, None, rules)
    before = analyse(old, Period.parse(frozen.earlier_period), rules, frozen.as_of, scope)
    compared = with_comparison(now, before, rules)
    return replace(compared, hot_spots=hot_spots(now, before, rules)) if compared.compared else compared


def ledger_rows(root: Path, extract: Extract | None) -> pd.DataFrame | None:
    """Read the columns that are counted of a partition, held to its hash; None where none was delivered."""

    return read_columns(root / extract.path, extract.sha256, COLUMNS) if extract is not None else None


def together(frame: pd.DataFrame | None, closed: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return a ledger with what was received before and closed in its period; no ledger stays none."""
    if frame is None or closed is None or closed.empty:
        return frame
    import pandas as pd

    whole = pd.concat([frame[list(closed.columns)], closed], ignore_index=True)
    whole.attrs = dict(frame.attrs)
    return whole
