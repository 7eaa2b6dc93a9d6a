"""The scorecard's notebook: its frozen inputs and how it opens them. A paper loads none of this."""

from __future__ import annotations

from datetime import date

from xiaobao.errors import Fault, InputError
from xiaobao.model import Extract, Unit, Value
from xiaobao.paper.frozen import FORMAT, Frozen
from xiaobao.paper.opening import given, only_as_recorded, refuse_numbers, refuse_other
from xiaobao.scorecard import CardInputs, Scorecard, build


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


def open_scorecard(*, unit: str, period: str, workspace: str = "", as_of: str = "") -> Scorecard:
    """Return the scorecard of one unit. Raises InputError for inputs of another."""
    refuse_numbers(unit=unit, period=period)
    return card_of(given(), unit, period, as_of)


def card_of(frozen: Frozen, unit: str, period: str, as_of: str = "") -> Scorecard:
    """Return the scorecard that frozen inputs make. Raises InputError where they are of another than asked."""
    if not isinstance(frozen, FrozenScorecard):
        raise InputError(Fault("输入文件不是得分表的", value=unit))
    refuse_other(frozen, unit, period)
    only_as_recorded(as_of, frozen.as_of, "得分表")
    return build(frozen.card)
