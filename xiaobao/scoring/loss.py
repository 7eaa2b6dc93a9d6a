"""What the rules of an item ask together, as a value."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from xiaobao.model import Value


class ItemLoss(Value):
    """What all rules of an item ask (`should`) and what was taken (`deducted`, 扣完为止 unless the floor is off)."""

    should: Decimal
    deducted: Decimal
    explanation: str
    exact: Fraction | None = None
