"""The inputs of an analyst's own notebook that became a work paper: the unit's tables, and what was recorded of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from xiaobao.model import Extract, Unit, Value
from xiaobao.paper.frozen import FORMAT


class FrozenTables(Value):
    """What the notebook `own_paper` may know: `extracts` are the unit's partitions and the registers of the bank.

    `records`: scores, findings, answers, leads → the unit's lines as they were recorded, JSON-ready.
    """

    bank: str
    unit: Unit
    period: str
    as_of: date
    own_paper: str
    extracts: tuple[Extract, ...]
    records: Mapping[str, tuple[Mapping[str, Any], ...]] = {}
    root: str = ""
    notebook: str = ""
    format: int = FORMAT
