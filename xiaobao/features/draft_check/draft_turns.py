"""Turns of speech whose shape leaves no doubt what their number says, whatever else stands in the sentence.

除贷款外其余合计77件; 每10件中约有3件; 较3月份的10件; 是1月份20件的2.7倍; 为一季度的四分之一; 超过云陵市16件.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from xiaobao.features.draft_check.draft_numbers import COMPLAINT_UNITS, EXACT, han_number
from xiaobao.features.draft_check.draft_units import UNIT_TURNS
from xiaobao.features.draft_check.draft_words import METRIC, MOMENT, MONTHS, NAME, REST
from xiaobao.features.draft_check.naming import Spot, names_in
from xiaobao.features.draft_check.statement import (
    CHANGE,
    CHANGE_RATE,
    COUNT,
    LESS,
    ONE,
    PER_SO_MANY,
    PROPORTION,
    RATE,
    TIMES,
    TIMES_MORE,
    State,
    Statement,
    Subject,
)

_ALL_BUT = re.compile(
    r"除了?(?P<but>[^,，;；。]{2,40}?)(?:以外|之外|外)[,，]?\s*(?:其余|其他|其它|剩余|余下)(?P<rest>[^,，;；。]*)$"
)
_OTHERS = re.compile(r"(?:其余|其他|其它)[^,，;；。]*?(?:总和|之和|合计|总数|总量)\s*[(（]?\s*(?:为|共|共计)?\s*$")
_OF_EACH = re.compile(r"均|各(?!类|项|种|业务|渠道)|都|分别|最|平均")
_SO_MANY = re.compile(r"每\s*(?P<many>\d+|[一二两三四五六七八九十百]+)\s*[件笔起宗](?P<of>[^,，;；。\d]*)$")
_THAN_ITS = re.compile(r"(?:较|比|与|同)(?P<other>[^,，;；。()（）\d]*(?:\d{1,2}月[^,，;；。()（）\d]*)?)的\s*$")
_PART_OF = re.compile(r"(?:仅|约|只)?(?:为|是|相当于|等于)(?P<whole>[^,，;；。]*)的\s*(?:近|约|将近)?\s*$")
_BEYOND = re.compile(r"(?P<way>超过|超出|高于|多于|高出|领先|少于|低于|落后于?)(?P<other>[^,，;；。的\d]{2,})\s*$")
_TAKEN_OFF = re.compile(r"(?:剔除|扣除|去除|减去|不含|不计|除去)\s*$")
_WHAT_IS_TAKEN = re.compile(r"\s*(?:客户)?(?:撤诉|重复)")
_UNFILLED = re.compile(r"\s*(?:投诉)?(?:未填写?|没有填写?|未注明|未登记)(?:投诉)?原因")
_OPEN = re.compile(r"\s*(?:投诉)?(?:尚|仍|还)?(?:未办结|在办|正在办理|在办理|处理中)")
_MINDED = re.compile(r"\s*的?(?:客户|消费者|投诉人|受访客户)(?:表示)?(?P<not>不)?满意")
_EACH_THAN = re.compile(
    r"分别(?:比|较)(?P<others>[^,，;；。\d]*?)(?P<way>多|少|高出|高|低)\s*(?P<done>(?:\d+\s*[件笔起]\s*[、和及]\s*)*)$"
)
_AS_BEFORE = re.compile(r"持平[,，]\s*(?:均为|都是|同为|均是|都为)\s*$")
_DONE = re.compile(r"\s*(?:投诉)?(?:均?已|已全部)?(?:按期|超期|逾期)?办结")


def turned(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement:
    """Return the statement as its turn of speech has it, as it was where there is none. `found` are those before."""
    for turn in _TURNS:
        other = turn(made, spot, found, state)
        if other is not None:
            return other
    return made


def _before(spot: Spot) -> str:
    return spot.text[: spot.number.start]


def _names(spot: Spot, start: int, end: int) -> list[Subject]:
    return names_in([token for token in spot.tokens if start <= token.start < end])


def _one_other(spot: Spot, start: int, end: int) -> Subject | None:
    """Return the one thing that is named between two places; None where several are, or words that nobody knows."""
    inside = [token for token in spot.tokens if start <= token.start < end]
    unknown = any(token.kind == REST or (token.kind == MOMENT and token.moment) for token in inside)
    names = names_in(inside)
    return names[0] if len(names) == 1 and not unknown else None


def _facets(subject: Subject) -> set[str]:
    return {ref[0] for part in subject.parts for ref in part}


def _all_but(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    match = _ALL_BUT.search(_before(spot))
    fits = made.kind == COUNT and made.number.unit in COMPLAINT_UNITS
    if match is None or not (fits or made.kind == PROPORTION) or _OF_EACH.search(match["rest"]):
        return None
    names, beside = _names(spot, *match.span("but")), _names(spot, *match.span("rest"))
    if not names or beside or len({tuple(sorted(_facets(one))) for one in names}) > 1 or METRIC in _facets(names[0]):
        return None
    parts = tuple(one.parts[0] for one in names)
    sure = all(one.strong for one in names) and state.within is None
    return replace(made, subject=Subject(parts=parts, how=LESS), sure=sure, apart=False, summed=False, narrowed=False)


def _others(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    subject = state.subject if state.subject is not None else found[-1].subject if found else None
    if _OTHERS.search(_before(spot)) is None or made.kind != COUNT or made.number.unit not in COMPLAINT_UNITS:
        return None
    named = _names(spot, spot.start, spot.number.start)
    subject = named[-1] if named else subject
    if subject is None or subject.how != ONE or subject.total or METRIC in _facets(subject):
        return replace(made, subject=None)
    return replace(made, subject=replace(subject, how=LESS), sure=subject.strong and state.within is None, apart=False)


def _so_many(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    match = _SO_MANY.search(_before(spot))
    if match is None or made.number.unit not in COMPLAINT_UNITS:
        return None
    behind = names_in(spot.tail)
    many = int(match["many"]) if match["many"].isdigit() else han_number(match["many"])
    if _names(spot, *match.span("of")) or len(behind) != 1 or state.within is not None:
        return replace(made, subject=None)
    number = replace(made.number, bound=EXACT)
    return replace(
        made, kind=PER_SO_MANY, number=number, subject=behind[0], sure=behind[0].strong, many=many, apart=False
    )


def _than_its(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    match = _THAN_ITS.search(_before(spot))
    if match is None or made.kind != COUNT or made.number.unit not in COMPLAINT_UNITS:
        return None
    other = _one_other(spot, *match.span("other"))
    if other is None:
        return None
    return replace(made, subject=other, sure=other.strong and state.within is None, moments=state.moments)


def _multiple_of_a_count(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """是1月份20件的2.7倍: of the two counts that the draft writes."""
    counts = [place for place, one in enumerate(found) if one.group == made.group and one.kind == COUNT]
    beside = re.fullmatch(r"\s*的\s*(?:约|近)?\s*", spot.before) is not None
    moved = re.fullmatch(r"\s*(?:增长|增加|上升|多)了?\s*", spot.before) is not None
    if made.kind not in (TIMES, TIMES_MORE) or not (beside or moved) or len(counts) < 2 or counts[-1] != len(found) - 1:
        return None
    now, before = found[counts[-2]], found[counts[-1]]
    between = spot.text[now.number.end : before.number.start]
    if now.number.unit != before.number.unit or not re.search(r"是|为|达|相当于|较|比", between):
        return None
    return replace(made, subject=None, versus=None, counted=counts[-2], before=counts[-1])


def _part_of(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """仅为第一季度的四分之一: a share of what is named, not of all."""
    match = _PART_OF.search(_before(spot))
    if match is None or made.kind != PROPORTION or made.number.unit != "%" or state.subject is None:
        return None
    inside = [token for token in spot.tokens if match.start("whole") <= token.start < match.end("whole")]
    if not any(token.kind in (NAME, MOMENT) for token in inside):
        return None
    whole = _one_other(spot, *match.span("whole"))
    if whole is None or state.subject.how != ONE or whole == state.subject or METRIC in _facets(whole):
        return replace(made, subject=None)
    return replace(made, subject=state.subject, base=whole, based=True, sure=whole.strong and state.sure)


def _beyond(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """超过云陵市16件 says by how much; 超过云陵市的30件 would say how many those are."""
    match = _BEYOND.search(_before(spot))
    if match is None or made.kind not in (COUNT, CHANGE) or made.number.unit not in COMPLAINT_UNITS:
        return None
    named = _names(spot, *match.span("other"))
    if not named:
        return None
    other = _one_other(spot, *match.span("other"))
    subject = next((one.subject for one in reversed(found) if one.group == made.group and one.kind == COUNT), None)
    if other is None or subject is None or subject.how != ONE or _facets(subject).isdisjoint(_facets(other)):
        return replace(made, subject=None)
    value = -abs(made.value) if match["way"] in ("少于", "低于", "落后", "落后于") else abs(made.value)
    sure = other.strong and state.within is None
    return replace(made, kind=CHANGE, value=value, subject=subject, versus=other, against="", sure=sure, apart=False)


def _each_than(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """分别比云陵市、望江市多16件和17件: each number is how far the thing counted before is from one of them."""
    match = _EACH_THAN.search(_before(spot))
    if match is None or made.kind not in (COUNT, CHANGE) or made.number.unit not in COMPLAINT_UNITS:
        return None
    others, at = _names(spot, *match.span("others")), len(re.findall(r"\d+\s*[件笔起]", match["done"]))
    earlier = found[: len(found) - at]
    subject = next((one.subject for one in reversed(earlier) if one.group == made.group and one.kind == COUNT), None)
    if at >= len(others) or subject is None or subject.how != ONE or _facets(subject).isdisjoint(_facets(others[at])):
        return replace(made, subject=None)
    value = -abs(made.value) if match["way"] in ("少", "低") else abs(made.value)
    other = others[at]
    return replace(made, kind=CHANGE, value=value, subject=subject, versus=other, against="", sure=other.strong)


def _between_spans(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """一季度84件，二季度21件，降幅75%: of the two spans of months just counted."""
    pair = [one for one in found[-2:] if one.group == made.group and one.kind == COUNT and one.subject is not None]
    if made.kind not in (CHANGE, CHANGE_RATE) or len(pair) < 2 or len(found) < 2:
        return None
    spans = [one.subject.parts[0][0] for one in pair if one.subject is not None and one.subject.how == ONE]
    alike = len(spans) == 2 and all(ref[0] == MONTHS for ref in spans)
    alike = alike and len(spans[0][1].split(",")) == len(spans[1][1].split(",")) and spans[0] < spans[1]
    named = any(token.kind in (NAME, MOMENT, REST) for token in spot.lead)
    if not alike or named or re.search(r"同比|环比|较|比", spot.before):
        return None
    return replace(made, subject=None, versus=None, against="", counted=len(found) - 1, before=len(found) - 2)


def _of_customers(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """近三成客户不满意."""
    match = _MINDED.match(spot.text[spot.number.end :])
    if match is None or made.number.unit != "%" or state.within is not None:
        return None
    ref = (METRIC, "dissatisfied_rate" if match["not"] else "satisfied_rate", "")
    return replace(made, kind=RATE, subject=Subject(parts=((ref,),)), sure=made.units == ("",), base=None, based=False)


def _said_behind(made: Statement, spot: Spot, found: Sequence[Statement], state: State) -> Statement | None:
    """剔除3件撤诉, 2件未填写原因, and 104件已办结 where nothing but all complaints was spoken of."""
    after = spot.text[spot.number.end :]
    if made.kind != COUNT or made.number.unit not in COMPLAINT_UNITS or made.subject is None:
        return None
    facets = _facets(made.subject)
    earlier = [token for token in spot.tokens if token.start < spot.number.start]
    plain = all(ref[0] == METRIC for token in earlier if token.kind == NAME for ref in token.refs)
    plain = plain and not any(token.kind == REST or (token.kind == MOMENT and token.refs) for token in earlier)
    taken = METRIC in facets and _TAKEN_OFF.search(_before(spot)) and _WHAT_IS_TAKEN.match(after)
    unfilled = "reason" in facets and _UNFILLED.match(after)
    done = METRIC in facets and _DONE.match(after) and (state.within is None or state.within.total)
    level = made.subject.total and _AS_BEFORE.search(_before(spot))
    if plain and made.units == ("",) and (taken or unfilled or done or level):
        return replace(made, sure=True, apart=False, narrowed=False)
    if plain and made.units == ("",) and METRIC in facets and state.within is None and _OPEN.match(after):
        return replace(made, subject=Subject(parts=(((METRIC, "open", ""),),)), sure=True, apart=False)
    return None


_TURNS = (
    *UNIT_TURNS,
    _all_but,
    _others,
    _so_many,
    _than_its,
    _multiple_of_a_count,
    _part_of,
    _beyond,
    _each_than,
    _between_spans,
    _of_customers,
    _said_behind,
)
