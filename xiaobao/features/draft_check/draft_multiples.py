"""How many times one count is another: 2月投诉量是1月的2.7倍, 较1月增长1.7倍; and what a number in a ratio is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from xiaobao.features.draft_check.draft_numbers import RATIO_WRITTEN
from xiaobao.features.draft_check.draft_words import COMPARED, COMPARING, MOMENT, REST, UP, Token
from xiaobao.features.draft_check.naming import Spot, names_in
from xiaobao.features.draft_check.statement import ONE, TIMES, TIMES_MORE, TOTAL, Ratio, State, Statement, Subject

_IS = ("是", "为", "达", "达到", "相当于", "即", "约为")
_BOTH = re.compile(
    r"(?:[二两三四五]者|它们|[二两三四五](?:个|类|项|市|县|家)[^,，。;；\d]{0,6})(?:数量|件数|投诉量|投诉)?之$"
)


def in_a_ratio(spot: Spot) -> bool:
    """Tell whether a number is one side of 6:1, which alone counts nothing."""
    return _ratio_at(spot) is not None


def _ratio_at(spot: Spot) -> re.Match[str] | None:
    written = RATIO_WRITTEN.finditer(spot.text)
    end = spot.number.end
    return next((match for match in written if match.start("sides") < end <= match.end("sides")), None)


def ratio_of(spot: Spot, state: State, counted: Sequence[Statement]) -> Ratio | None:
    """Return a ratio whose sides are named before it, or are what the sentence has just counted; `counted` are these.

    None where the words name something else: then nothing is known of it.
    """
    match = _ratio_at(spot)
    if match is None:
        return None
    numbers = tuple(Decimal(side) for side in re.split(r"\s*:\s*", match["sides"]))
    start = max((at + 1 for at in map(spot.text[: match.start()].rfind, ",，。;；")), default=0)
    tokens = [token for token in spot.tokens if start <= token.start < match.start()]
    sides = tuple(names_in(tokens))
    if not sides and _BOTH.search(spot.text[: match.start()]):
        sides = tuple(one.subject for one in counted[-len(numbers) :] if one.subject is not None)
    unknown = any(token.kind == REST and token.text not in "数之量" for token in tokens)
    plain = all(one.how == ONE and one.strong for one in sides)
    facets = [{ref[0] for ref in one.parts[0]} for one in sides]
    if len(sides) != len(numbers) or unknown or not plain or not set.intersection(*facets) or 0 in numbers:
        return None
    at = spot.text[match.start("sides") : spot.number.end].count(":")
    return Ratio(sides=sides, numbers=numbers, at=at)


def kind_of_multiple(spot: Spot) -> str:
    """Return TIMES for 是…的…倍, TIMES_MORE for 增长…倍, "" for anything else."""
    if spot.number.unit != "倍":
        return ""
    return TIMES_MORE if any(token.kind == UP for token in spot.last) else TIMES


def multiple_of(spot: Spot, kind: str, state: State) -> tuple[Subject | None, Subject | None, str, bool]:
    """Return what is counted, the other thing or the period that it is a multiple of, and whether that is sure."""
    last = spot.last
    at = _turn(last, kind)
    before, after = (last[:at], last[at + 1 :]) if at >= 0 else ([], last)
    named = names_in([token for token in after if token.text not in COMPARING])
    moment = next((token.moment for token in after if token.kind == MOMENT and token.moment), "")
    own = names_in(before) or [name for clause in spot.clauses[:-1] for name in names_in(clause)]
    subject = own[-1] if own else state.subject or TOTAL
    unknown = any(token.kind == REST for token in (*before, *after))
    if kind == TIMES_MORE and at < 0 and state.versus is not None and not named and not moment:
        return state.subject, state.versus, "", not unknown  # 2月较1月增加34件，增长1.7倍
    if subject.how != ONE or len(named) > 1 or (not named and not moment):
        return None, None, "", False
    return subject, named[0] if named else None, "" if named else moment, not unknown


def multiplied(made: Statement, spot: Spot, state: State) -> Statement:
    """Say of a number of 倍 what is a multiple of what."""
    if made.kind not in (TIMES, TIMES_MORE):
        return made
    subject, versus, against, sure = multiple_of(spot, made.kind, state)
    return replace(made, subject=subject, versus=versus, against=against, sure=sure, moments=state.moments)


def _turn(last: Sequence[Token], kind: str) -> int:
    """Return the place of the word behind which the other thing is named."""
    turning = [at for at, token in enumerate(last) if token.kind == COMPARED or token.text in _IS]
    if kind == TIMES:
        turning = [at for at, token in enumerate(last) if token.text in _IS] or turning
    return turning[-1] if turning else -1
