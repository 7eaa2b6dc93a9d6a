"""What a share is of where the draft says so itself: 105件中…占, 占46件的…; how far a rate is from 100 %."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xiaobao.features.draft_check.draft_words import PLACE_FACETS, UNIT, Token
from xiaobao.features.draft_check.naming import Spot, base_of
from xiaobao.features.draft_check.statement import (
    BELOW,
    COUNT,
    OWN_ROWS,
    POINTS_MOVED,
    PROPORTION,
    State,
    Statement,
    Subject,
)

# 按期办结率较100%还差3.85个百分点.
SHORT_OF_ALL = re.compile(
    r"(?:较|比|距离?|离|与)\s*100%\s*(?:目标)?(?:还|尚|仍|相|仅|只)*(?:差|低|少)(?:了|距)?\s*(?:约|近)?$"
)
MEASURE = re.compile(r"(?:较|比|距|离|与)\s*100%\s*(?:目标)?(?:还|尚|仍|相|仅|只|差|低|少)")
# 105件有效投诉中，…占; 占临川市46件的23.91%.
_COUNT_OF_PART = re.compile(r"^[^,，。;；:：、()（）\d]{0,8}(?:中|里)(?!后台)")
_SHARE_OF_COUNT = re.compile(r"占[^,，。;；\d]*$")


def stated_base(spot: Spot, kind: str, found: Sequence[Statement], group: int) -> int | None:
    """Return the place of the count that the words around it call the whole of this share."""
    if kind != PROPORTION or spot.number.unit != "%" or IN_A_COUNT.search(spot.text[: spot.number.start]):
        return None
    chosen = None
    for place, one in enumerate(found):
        if one.group != group or one.kind != COUNT or one.row is not None:
            continue
        between = spot.text[one.number.end : spot.number.start]
        of_it = re.fullmatch(r"(?:笔|件)?(?:投诉)?的(?:约|近)?\s*", between)
        if of_it and _SHARE_OF_COUNT.search(spot.text[: one.number.start]):
            return place
        if _COUNT_OF_PART.match(between) and not re.search(r"[;；]", between):
            chosen = place
    return chosen


def scoped(subject: Subject | None, state: State) -> tuple[str, ...]:
    """Return the units that a figure may be of: behind a unit's own count, 贷款3件 may be the unit's."""
    if subject is not None and subject.units:
        return subject.units
    plain = subject is not None and not any(ref[0] in PLACE_FACETS for part in subject.parts for ref in part)
    if plain and subject is not None and not subject.total and len(state.units) == 1 and state.place_units:
        return (*state.place_units, *state.units)
    return state.units


# 柳溪支行 11 件，在临川分行 46 件中占 23.91%: a share of the second count, of what was counted before it.
IN_A_COUNT = re.compile(r"[,，]在[^,，。;；]*\d[^\d,，。;；]{0,6}中(?:约|所|仅)?占(?:比)?$")


def in_a_count(spot: Spot, state: State) -> tuple[Subject, Subject] | None:
    """Return the part and the whole of 84件中…占: the two things named last, or the one and the subject that is all."""
    if not IN_A_COUNT.search(spot.text[: spot.number.start]):
        return None
    whole = state.subject if state.subject is not None and state.subject.total else None
    pair = [*state.recent[-2:], whole][-2:] if whole is not None else state.recent[-2:]
    return (pair[0], pair[1]) if len(pair) == 2 else None


def base_carried(last: Sequence[Token], kind: str, state: State, queued: bool) -> tuple[Subject | None, bool]:
    """Return what a share is said to be of; the later ones of a list are of the same."""
    base, based = base_of(last, kind)
    if state.began:
        state.queue_base = base, based
    elif queued and base is None and not based:
        base, based = state.queue_base
    if base is not None:
        state.base = base
    elif based:
        state.base = None
    return base, based


def falls_short(spot: Spot, kind: str) -> bool:
    """Tell whether a number says how far a rate is from 100 %."""
    return kind == POINTS_MOVED and SHORT_OF_ALL.search(spot.text[: spot.number.start]) is not None


def is_measure(spot: Spot) -> bool:
    """Tell whether a number is the 100 % that a rate is measured by."""
    end = spot.number.start + 4 + len(spot.number.text)
    return spot.number.value == 100 and MEASURE.search(spot.text[:end]) is not None


_ASIDE = re.compile(
    r"\(含[^()\d]*(?:辖|下级|下属)[^()\d]*\)"
    r"|(?:[及和含与、]其?|其)?(?:下辖|所辖|辖属|下属|管辖)的?各?级?(?:支行|网点|机构|分理处|营业网点|分支机构|[及和、])*"
)
_SCOPES = re.compile(r"(?P<own>本级|本部|自身|自收|自行受理|直接受理)|(?P<below>辖|下属|下级)")


def without_asides(text: str) -> str:
    """Blank out 及所辖网点 and the like: they say how far a unit reaches, and name no channel."""
    return _ASIDE.sub(lambda match: " " * len(match[0]), text)


def scope_of(spot: Spot, subject: Subject | None) -> str:
    """Return OWN_ROWS or BELOW where the words before a number of a unit say which, else nothing."""
    if subject is None or all(ref[0] != UNIT for part in subject.parts for ref in part):
        return ""
    named = [token.end for token in spot.lead if any(ref[0] == UNIT for ref in token.refs)]
    words = spot.text[named[-1] if named else spot.start : spot.number.start]
    told = list(_SCOPES.finditer(re.split("[;。]", words)[-1]))
    if not told:
        return ""
    return OWN_ROWS if told[-1]["own"] else BELOW
