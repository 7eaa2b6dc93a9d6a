"""Turns of speech that count units, tell a unit's own rows from those below it, or add up the first of a facet.

有3个网点投诉超过10件; 其中本级14件; 自收9件，辖内30件; 前三大来源合计占54.29%; 3月投诉由2月的54件降至10件.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from xiaobao.features.draft_check.draft_numbers import ABOVE, AT_LEAST, COMPLAINT_UNITS, EXACT, han_number
from xiaobao.features.draft_check.draft_words import METRIC, MONTHS, NAME, REST, UNIT
from xiaobao.features.draft_check.naming import Spot, names_in
from xiaobao.features.draft_check.statement import (
    BELOW,
    CHANGE,
    CHANGE_RATE,
    COUNT,
    ONE,
    OWN_ROWS,
    PROPORTION,
    TOP,
    TOTAL,
    UNITS_BEYOND,
    Beyond,
    State,
    Statement,
    Subject,
)

_UNITS_WITH = re.compile(
    r"(?P<word>营业网点|网点|分支机构|机构|单位|支行|分理处|分行|储蓄所|营业部)的?(?:有效|消费|消费者)?(?:投诉量?|受理量?)?"
    r"(?:件数|数量|总量)?(?:各为|均为|都为|均|各|都|达到|达|在)?\s*$"
)
_SAME_UNIT = re.compile(
    r"[,，;；:：(（]\s*(?:其中)?[,，:：]?\s*(?:(?P<own>本级|本部|自收|自身)|辖内|全辖|辖区内?)"
    r"(?:机构|投诉|受理|收到|发生|合计|共计|共|总计|为|有)*\s*$"
)
_FIRST = re.compile(
    r"前(?P<many>[二两三四五六]|[2-6])(?:大|位|名|类|项|个|家)?的?(?:投诉)?(?P<facet>来源|渠道|原因|业务|地区|机构)?(?:类别|类)?"
    r"(?:投诉|的)*(?:合计|共计|总计|累计|之和)(?:投诉|受理)*(?:占比|占全部投诉的|占全部的|占|达到|达|为)*\s*$"
)
_FACETS = {"来源": "source", "渠道": "channel", "原因": "reason", "业务": "business_class", "地区": "region"}
_MOVED_TO = r"(?:增加|上升|增长|减少|下降|降低|回落|增|升|减|降)(?:至|到|为)"
_FROM_ANOTHER = re.compile(  # begun anew at every letter, a paragraph of thousands would take seconds
    rf"(?:^|(?<=[,，;；。]))(?P<own>[^,，;；。]*?)[由从](?P<other>[^,，;；。\d]*(?:\d{{1,2}}月份?)?[^,，;；。\d]*)的\s*"
    rf"(?P<done>\d+\s*[件笔起]\s*{_MOVED_TO}\s*)?$"
)
_MOVES_ON = re.compile(rf"\s*{_MOVED_TO}\s*\d")
_MOST_MOVED = re.compile(
    r"(?:^|(?<=[,，;；。\d]))(?P<name>[^,，;；。\d]*)(?P<way>增|涨|升|降)[幅速](?:最大|最高|最快|最明显|最为明显|居首|居首位)[,，]\s*(?:达到|达|为|约为)?\s*$"
)
_ON_TIME = re.compile(r"(?:^|[,，、:：])\s*(?:其中)?[,，:：]?\s*按期(?:的)?\s*$")
_DECIDED = Subject(parts=(((METRIC, "decided", ""),),))
_ALL_LEVEL = re.compile(r"(?:投诉量|投诉总量|受理量|投诉件数)[^,，;；。]*持平[,，]\s*(?:均为|都是|同为|均是|都为)\s*$")


def units_beyond(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """Read 有3个网点投诉超过10件: the three by the ledger, the ten by the third of them."""
    if made.number.unit in ("个", "家") and len(spot.left) > 1:
        many, mark, is_mark = spot.number, spot.left[1], False
    elif found and found[-1].kind == UNITS_BEYOND and found[-1].group == made.group and found[-1].beyond is not None:
        many, mark, is_mark = found[-1].number, spot.number, not found[-1].beyond.is_mark
        if not is_mark:
            return None
    else:
        return None
    match = _UNITS_WITH.fullmatch(spot.text[many.end : mark.start].strip())
    bounded = mark.bound in (ABOVE, AT_LEAST) or (
        mark.bound == EXACT and match is not None and match[0][-1] in "为均各都"
    )
    if match is None or mark.unit not in COMPLAINT_UNITS or not bounded or many.bound != EXACT or state.within:
        return None
    beyond = Beyond(many=many.value, word=match["word"], mark=mark, is_mark=is_mark)
    return replace(
        made, kind=UNITS_BEYOND, subject=None, beyond=beyond, sure=made.units == ("",), moments=state.moments
    )


def same_unit(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """Read 临川分行辖内46件，其中本级14件: of the unit counted right before."""
    match = _SAME_UNIT.search(spot.text[: spot.number.start])
    before = found[-1] if found and found[-1].group == made.group else None
    if match is None or before is None or before.kind != COUNT or made.kind != COUNT:
        return None
    unit = before.subject
    if made.number.unit not in COMPLAINT_UNITS or unit is None or unit.how != ONE or names_in(spot.last):
        return None
    if all(ref[0] != UNIT for ref in unit.parts[0]):
        return None
    scope = OWN_ROWS if match["own"] else BELOW
    return replace(made, subject=unit, scope=scope, sure=unit.strong, apart=False, units=("",), within=None)


def of_the_first(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """Read 前三大来源合计占54.29%, where nothing says which three they are."""
    match = _FIRST.search(spot.text[: spot.number.start])
    if match is None or made.kind not in (COUNT, PROPORTION) or names_in(spot.last) or made.units != ("",):
        return None
    facet = _FACETS.get(match["facet"] or "", made.facet if not match["facet"] else "")
    counted = [one for one in found if one.group == made.group and one.kind == COUNT]
    if not facet or counted or (made.kind == COUNT and made.number.unit not in COMPLAINT_UNITS):
        return None
    first = int(match["many"]) if match["many"].isdigit() else han_number(match["many"])
    subject = Subject(parts=(((facet, "", ""),),), how=TOP, first=first)
    return replace(made, subject=subject, sure=True, apart=False, summed=False, narrowed=False)


def from_another(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """Read 3月投诉由2月的54件降至10件: the one is of February, the other of March."""
    match = _FROM_ANOTHER.search(spot.text[: spot.number.start])
    if match is None or made.kind != COUNT or made.number.unit not in COMPLAINT_UNITS:
        return None
    if not match["done"] and not _MOVES_ON.match(spot.text[spot.number.end :]):
        return None
    own, other = (
        names_in([token for token in spot.tokens if match.start(side) <= token.start < match.end(side)])
        for side in ("own", "other")
    )
    months = len(other) == 1 and other[0].parts[0][0][0] == MONTHS
    if len(other) != 1 or own == other or len(own) > 1 or (not own and (match["done"] or not months)):
        return None
    meant = own[0] if match["done"] else other[0]
    return replace(made, subject=meant, sure=meant.strong and state.within is None, moments=state.moments, apart=False)


def most_moved(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """Read 其中省联社客服增幅最大，达28.57%: how far it moved, no share."""
    match = _MOST_MOVED.search(spot.text[: spot.number.start])
    if match is None or made.kind not in (PROPORTION, COUNT) or made.number.unit not in ("%", *COMPLAINT_UNITS):
        return None
    names = names_in([token for token in spot.tokens if match.start("name") <= token.start < match.end("name")])
    if len(names) != 1:
        return None
    value = abs(made.value) * (-1 if match["way"] == "降" else 1)
    kind = CHANGE_RATE if made.number.unit == "%" else CHANGE
    return replace(made, kind=kind, value=value, subject=names[0], sure=names[0].strong, base=None, based=False)


def on_time_of(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """Read 特别复杂投诉3件，其中按期1件, 首诉办结102件中，结案99件: of what was counted right before."""
    whole = state.within
    if made.kind != COUNT or made.number.unit not in COMPLAINT_UNITS or whole is None or whole.how != ONE:
        return None
    if made.subject == _DECIDED and whole.parts[0][0] == (METRIC, "first_decided", ""):
        return replace(made, subject=Subject(parts=(((METRIC, "settled", ""),),)), apart=False)
    if not _ON_TIME.search(spot.before) or made.subject is not None:
        return None
    facet, name, of = whole.parts[0][0]
    if facet == METRIC and name == "reviews":
        ref = (METRIC, "reviews_on_time", "")
    elif facet != METRIC and not of:
        ref = (facet, name, "on_time")
    else:
        ref = (METRIC, "on_time", "")
    return replace(
        made, subject=Subject(parts=((ref,),)), sure=whole.strong and state.sure, apart=False, narrowed=False
    )


def all_level(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """Read 投诉量连续两个半年持平，均为105件: of all complaints, where nothing else is named."""
    earlier = [token for token in spot.tokens if token.start < spot.number.start]
    named = any(token.kind in (NAME, REST) and token.text not in ("连", "续") for token in earlier)
    if made.kind != COUNT or made.number.unit not in COMPLAINT_UNITS or named or made.units != ("",):
        return None
    if not _ALL_LEVEL.search(spot.text[: spot.number.start]) or state.within is not None:
        return None
    return replace(made, subject=TOTAL, sure=True, apart=False, narrowed=False, moments=state.moments)


UNIT_TURNS = (units_beyond, same_unit, of_the_first, from_another, most_moved, on_time_of, all_level)
