"""What rules ask of an item, as values."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from xiaobao.model import Value


class RuleLoss(Value):
    """What one rule asks. `forfeits` means that the item keeps no points, whatever `deduct` adds up to.

    `exact` is the deduction where no decimal says it, a third for instance; `deduct` is then what is shown of it.
    """

    kind: str
    deduct: Decimal
    explanation: str
    forfeits: bool = False
    exact: Fraction | None = None


class ItemLoss(Value):
    """What all rules of an item ask (`should`) and what was taken (`deducted`, 扣完为止 unless the floor is off)."""

    should: Decimal
    deducted: Decimal
    explanation: str
    exact: Fraction | None = None
