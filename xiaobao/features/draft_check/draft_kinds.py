"""What a number of a sentence is, by its unit and the words before it: a count, a share, a rate, a change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from xiaobao.features.draft_check.draft_numbers import DAY_UNITS, MONEY_UNITS, POINTS, Number
from xiaobao.features.draft_check.draft_wholes import SHORT_OF_ALL
from xiaobao.features.draft_check.draft_words import BREAK, DOWN, FLAT, METRIC, NAME, OF, SHARE, TO, UP, Token
from xiaobao.features.draft_check.known_facts import RATES
from xiaobao.features.draft_check.naming import nearest_names
from xiaobao.features.draft_check.statement import (
    AMOUNT,
    CHANGE,
    CHANGE_RATE,
    COUNT,
    DAYS_LONG,
    POINTS_MOVED,
    PROPORTION,
    RATE,
    SCORE,
    State,
)

_RATED = re.compile(
    r"及时率|按期率|办结率|结案率|满意率|满意度|成功率|覆盖率|合格率|履约率|整改率|采纳率|执行率|参训率|销号率|得分率|完成率|"
    r"知晓率|通过率|占有率|响应率|接通率|回访率|参与率|达标率"
)


def number_kind(number: Number, last: list[Token], lead: list[Token], state: State, before: str) -> str:
    """Tell what a number is from its unit and the words since the number before it."""
    moved = any(token.kind in (UP, DOWN) for token in last) and not any(token.kind == TO for token in last)
    moved = moved or number.signed
    metrics = [token.refs[0][1] for token in last if token.kind == NAME and token.refs[0][0] == METRIC]
    moved = moved or (not number.value and any(token.kind == FLAT for token in lead))
    if number.unit == POINTS:
        if SHORT_OF_ALL.search(before) or before.endswith(("差", "低")):
            return POINTS_MOVED
        return POINTS_MOVED if moved or any(token.kind in (UP, DOWN) for token in lead) else PROPORTION
    if number.unit in ("%", "‰"):
        if moved:
            return CHANGE_RATE
        if any(metric in RATES for metric in metrics) or _RATED.search(before):
            return RATE
        chained = state.subject is not None and state.subject.parts[0][0][:1] == (METRIC,)
        rated = chained and state.subject is not None and state.subject.parts[0][0][1] in RATES
        own = nearest_names(clauses_of(lead), 0)[0]
        shares = any(token.kind in (OF, SHARE) for token in lead)
        return (
            RATE
            if (rated and not shares and not own) or any(ref[1] in RATES for one in own for ref in one.parts[0])
            else PROPORTION
        )
    if number.unit in MONEY_UNITS:
        return CHANGE if moved else AMOUNT
    if number.unit in (*DAY_UNITS, "小时"):
        return CHANGE if moved else DAYS_LONG
    if number.unit == "分":
        return SCORE
    return CHANGE if moved else COUNT


def signed_number(number: Number, kind: str, last: Sequence[Token], lead: Sequence[Token]) -> Decimal:
    """Return the number with its sign: below zero where a change (count, rate or points) is said to go down."""
    if kind not in (CHANGE, CHANGE_RATE, POINTS_MOVED):
        return number.value
    words = [token.kind for token in last if token.kind in (UP, DOWN)] or [
        token.kind for token in lead if token.kind in (UP, DOWN)
    ]
    return -abs(number.value) if words and words[-1] == DOWN else number.value


def clauses_of(lead: Sequence[Token]) -> list[list[Token]]:
    """Split the words before a number at its breaks; what stands in brackets right before it stays with its clause."""
    clauses: list[list[Token]] = [[]]
    for token in lead:
        if token.kind == BREAK:
            clauses.append([])
        else:
            clauses[-1].append(token)
    if len(clauses) > 2 and not clauses[-1] and lead[-1].text == ")":
        clauses[-3:] = [clauses[-3] + clauses[-2]]
    return clauses


def label_of(before: str) -> str:
    """Return the words that name the figure: since the last full break, figures' brackets and fillers off."""
    text = re.split(r"[。;!?\n]", before)[-1]
    text = re.sub(r"^[\s,，、)）]+", "", text)
    text = re.sub(r"[(（:：\s]+$", "", text)
    return text.strip()
