"""How many times one count is another: 2月投诉量是1月的2.7倍, 较1月增长1.7倍; and what a number in a ratio is not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xiaobao.features.draft_check.draft_words import COMPARED, COMPARING, MOMENT, REST, UP, Token
from xiaobao.features.draft_check.naming import Spot, names_in
from xiaobao.features.draft_check.statement import ONE, TIMES, TIMES_MORE, TOTAL, State, Subject

_IS = ("是", "为", "达", "达到", "相当于", "即", "约为")
_RATIO = re.compile(r"(?:之比|比例|比值|比)[是为约]*\s*\d+(?:\.\d+)?\s*:\s*\d+(?:\.\d+)?")


def in_a_ratio(spot: Spot) -> bool:
    """Tell whether a number is one side of 6:1, which counts nothing."""
    return any(match.start() <= spot.number.start < match.end() for match in _RATIO.finditer(spot.text))


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
    if subject.how != ONE or len(named) > 1 or (not named and not moment):
        return None, None, "", False
    return subject, named[0] if named else None, "" if named else moment, not unknown


def _turn(last: Sequence[Token], kind: str) -> int:
    """Return the place of the word behind which the other thing is named."""
    turning = [at for at, token in enumerate(last) if token.kind == COMPARED or token.text in _IS]
    if kind == TIMES:
        turning = [at for at, token in enumerate(last) if token.text in _IS] or turning
    return turning[-1] if turning else -1
