"""What became of a figure: a verdict, the reading that gave it, and the line that people see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from xiaobao.features.draft_check.draft_numbers import POINTS, Number
from xiaobao.features.draft_check.statement import Statement
from xiaobao.numbers import half_up

AGREES, DIFFERS, ROUNDING, UNVERIFIABLE, DERIVED = "agrees", "differs", "rounding", "unverifiable", "derived"
LEDGER, DRAFT = "ledger", "draft"


@dataclass(frozen=True, kw_only=True)
class CheckedNumber:
    """What became of one stated figure. `basis`: recomputed from the ledger or from the draft's other figures.

    A finding without `stated` is no figure of the draft but one that it leaves out.
    """

    verdict: str
    place: str
    excerpt: str
    stated: str
    expected: str = ""
    difference: str = ""
    basis: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """One reading of a figure: the exact value, and the words that tell it; `fault` is what is wrong if it is meant."""

    value: Decimal
    words: str
    derived: bool = False
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """A verdict before the sentence's other figures were weighed."""

    verdict: str
    meaning: Meaning | None = None
    sure: bool = True
    basis: str = LEDGER
    reason: str = ""
    suspect: bool = False


def holds(said: Statement, exact: Decimal) -> str:
    """Return the verdict on what was said against the exact value: at the places and within the bound said."""
    return replace(said.number, value=said.value).holds(exact)


def finding(said: Statement, judged: Opinion) -> CheckedNumber:
    """Write a verdict in the draft's own scale and unit; beside 约 or 超过 no difference is claimed."""
    meaning = judged.meaning
    stated = _shown(said.number, said.value)
    expected = difference = ""
    if meaning is not None and judged.verdict != UNVERIFIABLE:
        exact = meaning.value
        loose = said.number.bound != "exact" or said.number.spoken
        shown = half_up(exact, 2 if said.number.unit in ("%", POINTS) else said.number.places) if loose else None
        expected = f"{shown:f}{said.number.unit}" if shown is not None else _shown(said.number, exact)
        gap = said.value - half_up(exact / said.number.scale, said.number.places) * said.number.scale
        unit = POINTS if said.number.unit == "%" else said.number.unit
        difference = f"{gap / said.number.scale:+f}{_scaled(said.number)}{unit}" if gap and not loose else ""
    words = meaning.words if meaning is not None else ""
    reason = "；".join(part for part in (words, judged.reason) if part)
    if judged.verdict == ROUNDING:
        reason += "；差在末位，属舍入差异"
    return CheckedNumber(
        verdict=judged.verdict,
        place=said.place,
        excerpt=said.excerpt,
        stated=stated,
        expected=expected,
        difference=difference,
        basis=judged.basis if judged.verdict != UNVERIFIABLE else "",
        reason=reason,
    )


def _scaled(number: Number) -> str:
    return {10_000: "万", 100_000_000: "亿", 100: "百", 1000: "千"}.get(number.scale, "")


def _shown(number: Number, value: Decimal) -> str:
    at = half_up(value / number.scale, number.places)
    return f"{at:f}{_scaled(number)}{number.unit}"


def counted_verdicts(findings: Iterable[CheckedNumber]) -> Mapping[str, int]:
    """Return how many findings there are of each verdict."""
    tally = dict.fromkeys((AGREES, ROUNDING, DIFFERS, UNVERIFIABLE, DERIVED), 0)
    for finding in findings:
        tally[finding.verdict] += 1
    return tally
