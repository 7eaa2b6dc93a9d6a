"""敏感性: whose grade changes if one weight moves by a point. Values in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from xiaobao.features.appraisal.trying_weights import WeightTrial
from xiaobao.model import Value
from xiaobao.numbers import ONE, ZERO


class Tipped(Value):
    """A unit whose grade changes when the weight of `domain` moves by `by` points."""

    domain: str
    by: Decimal
    unit: str
    before: Decimal | None
    after: Decimal | None
    before_grade: str
    after_grade: str


def tipped(trial: WeightTrial, by: Decimal = ONE) -> tuple[Tipped, ...]:
    """Return every change of grade when one weight of the scheme moves up or down by `by`; never below 0."""
    weights: Mapping[str, Decimal] = trial.scheme.weights
    found = []
    for domain, weight in weights.items():
        for step in (by, -by):
            if weight <= ZERO or weight + step < ZERO or (weight + step == ZERO and len(weights) == 1):
                continue
            found += [
                Tipped(
                    domain=domain,
                    by=step,
                    unit=row.unit,
                    before=row.before,
                    after=row.after,
                    before_grade=row.before_grade,
                    after_grade=row.after_grade,
                )
                for row in trial.with_weights({domain: weight + step}).rows
                if row.before_grade != row.after_grade
            ]
    return tuple(found)
