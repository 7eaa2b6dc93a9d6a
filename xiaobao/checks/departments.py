"""部室: what departments submit, manage and publish is judged by the same rules where the duty lies.

A check's domain is the first part of its id, so the same rules stand here under ids of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from xiaobao.checks.registry import REGISTRY, Check, CheckContext, CheckFunction, Hits, check

_BORNE_HERE = (
    "product_review.launched_before_opinion",
    "product_review.launched_against_opinion",
    "product_review.opinion_ignored",
    "partners.not_admitted",
    "partners.agreement_expired",
)


def _here(function: CheckFunction, first: str) -> CheckFunction:
    """Let the rule look at departments alone: other units answer for theirs under the rule's own id."""

    def at_departments(extracts: Mapping[str, pd.DataFrame], context: CheckContext) -> Hits:
        whole = extracts[first]
        return function({**extracts, first: whole if context.unit.level == "department" else whole.iloc[:0]}, context)

    return at_departments


def _again(known: Check) -> Any:
    return check(
        "departments." + known.id.partition(".")[2],
        known.title,
        needs=known.needs,
        key=known.key,
        shown=known.shown,
        bases=known.bases,
        day=known.day,
        relies_on=known.relies_on,
        practice=known.practice,
        population=known.population,
    )(_here(known.function, known.needs[0]))


for _name in _BORNE_HERE:
    _again(REGISTRY[_name])
