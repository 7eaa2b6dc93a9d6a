"""The scorecard's notebook: its frozen inputs and how it opens them. A paper loads none of this."""

from __future__ import annotations

from xiaobao.errors import Fault, InputError
from xiaobao.paper.from_frozen import frozen_inputs, only_as_recorded, refuse_numbers, refuse_other
from xiaobao.paper.frozen import Frozen
from xiaobao.scorecard import CardInputs, Scorecard, build_card


class FrozenScorecard(Frozen):
    """Recorded results of the unit, and where it stands among its peers."""

    card: CardInputs


def open_scorecard(*, unit: str, period: str, workspace: str = "", as_of: str = "") -> Scorecard:
    """打开一个机构的考评得分表；不写期间取最近有结果的一期，不写机构取第一个有得分表的。"""
    refuse_numbers(unit=unit, period=period)
    return card_of(frozen_inputs(), unit, period, as_of)


def card_of(frozen: Frozen, unit: str, period: str, as_of: str = "") -> Scorecard:
    """Return the scorecard that frozen inputs make. Raises InputError where they are of another than asked."""
    if not isinstance(frozen, FrozenScorecard):
        raise InputError(Fault("输入文件不是得分表的", value=unit))
    refuse_other(frozen, unit, period)
    only_as_recorded(as_of, frozen.as_of, "得分表")
    return build_card(frozen.card)
