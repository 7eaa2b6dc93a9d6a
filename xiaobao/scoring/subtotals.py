"""并列小计: what some sections and items of a sheet come to together, shown beside the score and counted nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from xiaobao.checklist.models import Checklist
from xiaobao.model import SubtotalScore, TraceLine
from xiaobao.numbers import add, round_half_up


def subtotals(checklist: Checklist, trace: Sequence[TraceLine], places: int) -> tuple[SubtotalScore, ...]:
    """Return every subtotal in the points of the sheet, vetoes on its parts included, and out of 100.

    `value` is rounded half-up to `places`; None where nothing of it was scored.
    """
    found = []
    for one in checklist.subtotals:
        names = {name for part in one.within for name in (part, f"{part}#veto")}
        lines = [line for line in trace if line.node_id in names]
        possible, earned = add(*(line.possible for line in lines)), add(*(line.earned for line in lines))
        share = Fraction(earned) / Fraction(possible) * 100 if possible else None
        value = None if share is None else round_half_up(share, places)
        found.append(SubtotalScore(id=one.id, title=one.title, possible=possible, earned=earned, value=value))
    return tuple(found)
