"""What a number of a sentence is said of: the names before and behind it, in lists, sums and shares."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from xiaobao.features.draft_check.draft_numbers import Number
from xiaobao.features.draft_check.draft_words import (
    ALL,
    AMONG,
    AND,
    BREAK,
    DOWN,
    EACH,
    FILL,
    METRIC,
    MOMENT,
    MONTHS,
    NAME,
    NARROW,
    OF,
    PLACE_FACETS,
    RESPECTIVELY,
    REST,
    SHARE,
    SUM,
    TO,
    UNIT,
    UP,
    WHOLE,
    Token,
)
from xiaobao.features.draft_check.statement import (
    ADDED,
    AMOUNT,
    CHANGE,
    CHANGE_RATE,
    COUNT,
    EVERY,
    ONE,
    POINTS_MOVED,
    PROPORTION,
    RATE,
    TOTAL,
    State,
    Subject,
)

_HOW_MANY = re.compile(r"^[^,;]*?(\d+|[一二两三四五六七八九十]+)\s*(?:个|大|种|类|项|家|市|县|者|地|个地区|个渠道)")
_TURNING = frozenset(
    ("来自", "源自", "源于", "涉及", "为", "系", "属于", "属", "是", "集中在", "集中于", "主要涉及", "主要来自")
)
_TOGETHER = ("集中", "来自", "源自", "源于", "涉及")
INSIDE = ("中", "内", "里")
_NOT = frozenset("没未不无非")
_HAN = {name: n for n, name in enumerate(["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"], 1)} | {"两": 2}


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a number stands in its sentence: the words since the number before it, and those up to the next break.

    `start` is where the words before it begin, `clauses` are these parted at breaks; `left` are this number and those
    after it, `tokens` all words of the sentence.
    """

    text: str
    place: str
    number: Number
    start: int
    lead: list[Token]
    tail: list[Token]
    clauses: list[list[Token]]
    left: Sequence[Number]
    tokens: Sequence[Token]

    @property
    def last(self) -> list[Token]:
        """The words of its own clause."""
        return self.clauses[-1]

    @property
    def wide(self) -> list[Token]:
        """The words behind the number up to the next break or number, lists among them."""
        end = self.left[1].start if len(self.left) > 1 else len(self.text)
        behind = [token for token in self.tokens if self.number.end <= token.start < end]
        at = next((at for at, token in enumerate(behind) if token.kind == BREAK), len(behind))
        return behind[:at]

    @property
    def before(self) -> str:
        """The text since the number before it."""
        return self.text[self.start : self.number.start]


def subject_of(spot: Spot, kind: str, state: State) -> tuple[Subject | None, bool, int]:
    """Return what a number is said of, whether the words leave no doubt, and the clause that says so (-1: none)."""
    last, clauses, number = spot.last, spot.clauses, spot.number
    if any(token.kind == REST and token.text == "不" for token in last) and not names_any(last):
        return None, False, -1
    if state.queue and (number.unit == state.queue_unit or state.queue_mixed) and not names_any(last):
        return state.queue.pop(0), True, -1
    begun = _list_begun(spot, kind, state)
    if begun is not None:
        return begun
    each = any(token.kind == EACH for token in last)
    if kind in (COUNT, AMOUNT, PROPORTION) and any(token.kind == SUM for token in last) and not each:
        return _added(clauses, state, spot.text, number, kind)
    if kind in (CHANGE, CHANGE_RATE) and state.listed and any(token.kind == SUM for token in last):
        return Subject(parts=tuple(one.parts[0] for one in state.listed), how=ADDED), True, -1
    if kind == CHANGE and any(token.kind == SUM for token in last) and not names_any(last):
        together = _changed_together(last, state)
        if together is not None:
            return together, True, -1
    names, where = nearest_names(clauses, 0)
    if names and (where == len(clauses) - 1 or kind not in (CHANGE, CHANGE_RATE, POINTS_MOVED)):
        made = _of_names(names, clauses[where], last, state, kind)
        return made, made is not None and made.strong, where
    if kind in (COUNT, AMOUNT):
        return _counted(clauses, state, number)
    anew = state.subject is None or (bool(names) and any(token.text == ";" for token in spot.lead))
    if kind in (CHANGE, CHANGE_RATE) and anew:
        return _moved(names, where, spot)
    if kind in (PROPORTION, RATE) and any(token.kind == EACH for token in last) and len(state.recent) > 1:
        return Subject(parts=tuple(one.parts[0] for one in state.recent[-2:]), how=EVERY), True, -1
    return state.subject, True, -1


def _changed_together(last: Sequence[Token], state: State) -> Subject | None:
    """Read 甲增加4件，乙增加1件，合计增加5件: the sum of the changes just before, as many as the words say."""
    size = next((_HAN[t.text[0]] for t in last if t.kind == SUM and t.text[0] in _HAN), len(state.changed))
    if not 1 < size <= len(state.changed):
        return None
    return Subject(parts=tuple(one.parts[0] for one in state.changed[-size:]), how=ADDED)


def _list_begun(spot: Spot, kind: str, state: State) -> tuple[Subject | None, bool, int] | None:
    """Read 分别为 and the numbers in a row behind it; shares in a row behind such a list are of the same things."""
    number, last = spot.number, spot.last
    size = _run(number, spot.left, spot.tokens)
    each = any(token.kind == RESPECTIVELY for token in last)
    shares = kind == PROPORTION and any(token.kind in (OF, SHARE) or _is_of(token) for token in last)
    moves = kind in (CHANGE, CHANGE_RATE, POINTS_MOVED) and each
    again = (shares or moves) and not names_any(last) and size > 1 and len(state.listed) == size
    if not again and not each:
        return None
    names, where = (state.listed, -1) if again else nearest_names(spot.clauses, size)
    row = _row(number, spot.left, spot.tokens)
    names = (_each_month(spot.clauses, row) if row > size else []) or names
    mixed = len(names) == row > size
    size = row if mixed else size
    names = _at_each(names, size) or _each_month(spot.clauses, size) or names
    chosen = names[-size:] if len(names) >= size else state.recent[-size:] if not names else []
    if size > 1 and len(chosen) == size:
        state.queue, state.queue_unit, state.queue_mixed = list(chosen[1:]), number.unit, mixed
        state.listed, state.began = list(chosen), True
        return chosen[0], True, where
    return (None, False, -1) if size > 1 else None


def _at_each(names: list[Subject], size: int) -> list[Subject]:
    """Read 甲支行、乙支行贷款投诉分别为: one thing at as many units as there are numbers."""
    placed = [one for one in names if any(ref[0] == UNIT for ref in one.parts[0])]
    others = [one for one in names if one not in placed]
    if len(placed) != size or len(others) != 1 or others[0].parts[0][0][0] in PLACE_FACETS:
        return []
    units = [scopes([ref[1] for ref in one.parts[0] if ref[0] == UNIT]) for one in placed]
    return [replace(others[0], units=one) for one in units]


def _row(number: Number, left: Sequence[Number], tokens: Sequence[Token]) -> int:
    """Return how many numbers stand in a row with nothing but 、 and 和 between them, whatever their units."""
    size = 1
    for one, following in pairwise(left):
        between = [token for token in tokens if one.end <= token.start < following.start]
        if not between or any(token.kind != AND for token in between):
            break
        size += 1
    return size


def _moved(names: list[Subject], where: int, spot: Spot) -> tuple[Subject | None, bool, int]:
    """Read a change that no count stands before: 增幅最大的是甲，增加4件; 投诉总量较上期增加5件."""
    if len(names) == 1:
        return names[0], names[0].strong, where
    tokens = [token for clause in spot.clauses for token in clause]
    if not names and any(token.kind in (ALL, WHOLE) for token in tokens):
        return TOTAL, not any(token.text in NARROW or token.kind == REST for token in tokens), -1
    return None, True, -1


def is_apart(subject: Subject | None, within: Subject | None) -> bool:
    """Tell whether a part is of another kind than the whole it is said to be in: 省联社客服18件，其中贷款4件.

    Sources by business, months by channel: of these nothing is counted.
    """
    if subject is None or within is None or subject.total or within.total or within.how != ONE:
        return False
    if within.parts[0][0][:2] in ((METRIC, "valid"), (METRIC, "new")):
        return False
    own = {ref[0] for part in subject.parts for ref in part}
    return METRIC not in own and own.isdisjoint({ref[0] for ref in within.parts[0]})


def _of_names(names: list[Subject], clause: list[Token], last: list[Token], state: State, kind: str) -> Subject | None:
    if len(names) == 1:
        return in_part(names[0], state)
    strong = all(one.strong for one in names)
    metrics = [one for one in names if one.parts[0][0][0] == METRIC]
    others = [one for one in names if one.parts[0][0][0] != METRIC]
    if metrics and others:
        return crossed(metrics, others)
    months = [one for one in others if one.parts[0][0][0] == MONTHS]
    places = [one for one in others if any(ref[0] in PLACE_FACETS for ref in one.parts[0])]
    if months and len(months) < len(others):
        return None
    if places and len(places) < len(others):
        others = [one for one in others if one not in places]
        if len(others) == 1:
            only = all(ref[0] != UNIT for one in places for ref in one.parts[0])
            return None if only else others[0]
        names = others
    if len(metrics) > 1:
        return names[-1]
    each = any(
        token.kind in (EACH, RESPECTIVELY) for token in (*clause, *last)
    )  # a lone number behind 分别为 is of each
    return Subject(parts=tuple(one.parts[0] for one in names), how=EVERY if each else ADDED, strong=strong)


def _counted(clauses: list[list[Token]], state: State, number: Number) -> tuple[Subject | None, bool, int]:
    last = clauses[-1]
    own = any(token.kind == MOMENT and token.moment for token in last)
    moves = any(token.kind == TO for token in last)
    if state.subject is not None and (own or moves) and not any(token.kind == ALL for token in last):
        return state.subject, state.sure, -1
    tokens = [token for clause in clauses for token in clause]
    narrow = any(token.text in NARROW for token in tokens) or state.within is not None
    words = [token for token in tokens if token.kind in (ALL, WHOLE)]
    if words or (state.subject is None and any(token.text in ("全行", "我行", "本行", "共") for token in tokens)):
        return TOTAL, not narrow, len(clauses) - 1
    plain = all(token.kind in (BREAK, FILL, AND) for token in tokens)
    if state.subject is not None and state.count is None and state.share is not None and plain:
        return state.subject, state.sure, -1
    if own and not any(token.kind in (NAME, REST) for token in tokens):
        return TOTAL, False, -1
    return None, False, -1


def _added(
    clauses: list[list[Token]], state: State, text: str, number: Number, kind: str
) -> tuple[Subject | None, bool, int]:
    """Read 合计: the sum of what is named beside it, else of the things counted just before."""
    last = clauses[-1]
    names, where = nearest_names(clauses[-1:], 0)
    if names:
        if any(one.parts[0][0][0] == METRIC for one in names):
            return names[-1], True, where
        parts = tuple(one.parts[0] for one in names)
        return Subject(parts=parts, how=ADDED, strong=all(one.strong for one in names)), True, where
    words = text[min((token.start for token in last), default=number.start) : number.start]
    many = _HOW_MANY.match(words)
    size = (int(many[1]) if many[1].isdigit() else _HAN.get(many[1], 0)) if many else 0
    worded = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5}
    size = size or next((worded[t.text[0]] for t in last if t.kind == SUM and t.text[0] in worded), 0)
    if state.subject is not None and state.subject.how == ADDED and kind == PROPORTION and not size:
        return state.subject, state.sure, -1
    if size and len(state.recent) >= size:
        return Subject(parts=tuple(one.parts[0] for one in state.recent[-size:]), how=ADDED), True, -1
    named = nearest_names(clauses, 0)[0]
    if len(named) > 1 and len(named) == (size or len(named)):
        return (
            Subject(parts=tuple(one.parts[0] for one in named), how=ADDED, strong=all(n.strong for n in named)),
            True,
            -1,
        )
    if not size and state.subject is not None and state.subject.how == EVERY:
        return Subject(parts=state.subject.parts, how=ADDED, strong=state.subject.strong), True, -1
    if not size and state.unread:
        return None, False, -1  # one of the parts was not read: what they add up to is not known
    if not size and len(state.recent) > 1 and not any(token.kind == ALL for token in last):
        return Subject(parts=tuple(one.parts[0] for one in state.recent), how=ADDED), True, -1
    if not size and any(token.kind == ALL for clause in clauses for token in clause):
        return TOTAL, not any(token.text in NARROW for clause in clauses for token in clause), -1
    return None, False, -1


def in_part(name: Subject, state: State) -> Subject:
    """Behind the count of one part, 按期办结 may be the part's own: both are meant, and neither is sure."""
    facet, key, of = name.parts[0][0]
    outer = state.within if state.within is not None else state.subject
    if facet != METRIC or of or key in ("total", "valid", "new") or outer is None or outer.how != ONE:
        return name
    if outer.parts[0][0][0] == METRIC or outer.parts[0][0][2]:
        refs = tuple(ref for ref in outer.parts[0] if ref[2] and ref[0] != METRIC)
    else:
        refs = tuple(ref for ref in outer.parts[0] if ref[0] not in (MONTHS, METRIC))
    if not refs:
        return name
    own = tuple((facet, part, key) for facet, part, _ in refs)
    return Subject(parts=((*own, name.parts[0][0]),), strong=False)


def crossed(metrics: list[Subject], others: list[Subject]) -> Subject | None:
    """Join a figure and a part: the on-time rate of one source. What was not counted apart has no value."""
    key = metrics[-1].parts[0][0][1]
    if key in ("valid", "new") and len(metrics) == 1:
        return others[0] if len(others) == 1 else Subject(parts=tuple(one.parts[0] for one in others), how=ADDED)
    if len(others) != 1:
        return None
    if all(ref[0] == UNIT for ref in others[0].parts[0] if ref[0] not in PLACE_FACETS[1:]) and any(
        ref[0] == UNIT for ref in others[0].parts[0]
    ):
        return metrics[-1]
    return Subject(parts=(tuple((facet, name, key) for facet, name, _ in others[0].parts[0]),), strong=others[0].strong)


def scopes(units: Sequence[str]) -> tuple[str, ...]:
    """Return how a unit can be meant: its own rows, or it and those below."""
    return tuple(scope for unit in dict.fromkeys(units) for scope in (f"={unit}", unit))


def distinguished(tokens: Sequence[Token]) -> list[Token]:
    """Let names of one facet decide what a name means that two facets have."""
    sure = {token.refs[0][0] for token in tokens if token.kind == NAME and len({ref[0] for ref in token.refs}) == 1}
    made = []
    for token in tokens:
        fitting = tuple(ref for ref in token.refs if ref[0] in sure)
        several = (
            token.kind == NAME and len({ref[0] for ref in token.refs}) > 1 and token.refs[0][0] not in PLACE_FACETS
        )
        made.append(replace(token, refs=fitting) if several and fitting else token)
    return made


def of_reviews(subject: Subject) -> Subject:
    """Of a sentence on 核查, 按期 and 超期 are those of reviews."""
    own = {"on_time": "reviews_on_time", "late": "reviews_late", "in_hand": "reviews_open", "open": "reviews_open"}
    own["on_time_rate"] = "reviews_rate"
    facet, name, of = subject.parts[0][0]
    return Subject(parts=(((METRIC, own[name], of),),)) if facet == METRIC and name in own else subject


def _is_of(token: Token) -> bool:
    """Tell 占, and 各占, 分别占, 共占, which say of each or of all besides."""
    return token.kind == OF or (token.kind in (EACH, RESPECTIVELY, SUM) and token.text.endswith("占"))


def names_in(clause: Sequence[Token]) -> list[Subject]:
    """Return what a clause names as subjects, in order; what stands after 占 is a base."""
    found: list[Subject] = []
    based = negated = False
    for at, token in enumerate(clause):
        if token.kind == NAME and at + 2 < len(clause) and clause[at + 1].text in INSIDE:
            continue
        if token.kind == NAME and _reaches_on(clause[at + 1 :]):
            continue
        negated = (negated or (token.kind == REST and token.text in _NOT)) and token.kind != AND
        based = ((based or _is_of(token)) and token.kind != NAME) or (based and token.kind == NAME)
        if token.kind == NAME and not based and not negated:
            found.append(Subject(parts=(token.refs,), strong=token.strong))
        elif token.kind == MOMENT and token.refs and not token.moment and not based:
            found.append(Subject(parts=(token.refs,)))
    return found


def _reaches_on(after: Sequence[Token]) -> bool:
    """Tell whether a unit is only named as the one above another: 望江分行辖区内的云川支行."""
    return bool(after) and after[0].text in ("辖区", "辖内") and any(token.kind == NAME for token in after[:4])


def _each_month(clauses: Sequence[Sequence[Token]], size: int) -> list[Subject]:
    """Read 1月至6月分别为 as six months."""
    for token in (token for clause in reversed(clauses) for token in clause):
        codes = token.refs[0][1].split(",") if token.kind == MOMENT and token.refs else []
        if len(codes) == size > 1:
            return [Subject(parts=(((MONTHS, code, ""),),)) for code in codes]
    return []


def names_any(clause: Sequence[Token]) -> bool:
    """Tell whether a clause names anything that the data know."""
    return bool(names_in(clause))


def nearest_names(clauses: list[list[Token]], size: int) -> tuple[list[Subject], int]:
    """Return the names of the last clause that has any, and its place."""
    for place in range(len(clauses) - 1, -1, -1):
        names = names_in(clauses[place])
        if names:
            return names, place
    return [], -1


def _run(number: Number, left: Sequence[Number], tokens: Sequence[Token]) -> int:
    """Return how many numbers of the same unit follow one another in a list, what stands in brackets passed over."""
    size = 0
    for place, one in enumerate(left):
        if place:
            between = [token for token in tokens if left[place - 1].end <= token.start < one.start]
            stops = any(token.kind in (NAME, SUM, RESPECTIVELY, AMONG, OF, SHARE, ALL, TO) for token in between)
            inside = between[:1] and between[0].text == "("
            if (stops and not inside) or any(token.text == ";" for token in between):
                break
        if one.unit == number.unit:
            size += 1
    return size


def turns_to_a_name(last: Sequence[Token], tail: Sequence[Token]) -> bool:
    """Tell whether the words behind a number say what it is of: 28笔来自…, 而 nothing before it does."""
    before = any(token.kind in (NAME, OF, SHARE, SUM, UP, DOWN, EACH) or token.refs for token in last)
    name = next((at for at, token in enumerate(tail) if token.kind == NAME), 0)
    return not before and any(token.text in _TURNING for token in tail[:name])


def named_behind(tail: list[Token]) -> tuple[Subject, bool, int] | None:
    """Read 28笔为贷款投诉, 受理28笔贷款投诉: the name comes after the number."""
    names = names_in(tail)
    if len(names) != 1:
        return None
    before = [token for token in tail if token.kind == REST]
    return names[0], names[0].strong and not before, max(token.start for token in tail)


def listed_behind(wide: list[Token]) -> tuple[Subject, bool, int] | None:
    """Read 七成以上集中在贷款、银行卡和个人金融信息三类: the sum of what is named behind the number."""
    names = names_in(wide)
    together = any(token.text.startswith(_TOGETHER) for token in wide)
    if len(names) < 2 or not together or any(token.kind in (EACH, RESPECTIVELY, REST) for token in wide):
        return None
    last = max(token.start for token in wide if token.kind == NAME)
    parts = tuple(one.parts[0] for one in names)
    return Subject(parts=parts, how=ADDED, strong=all(one.strong for one in names)), True, last


def base_of(last: Sequence[Token], kind: str) -> tuple[Subject | None, bool]:
    """Return what a share is said to be of, and whether the words name a base at all."""
    if kind != PROPORTION:
        return None, False
    at = next((place for place, token in enumerate(last) if _is_of(token)), -1)
    if at < 0:
        return None, False
    after = [token for token in last[at + 1 :] if token.kind != FILL]
    names = [token for token in after if token.kind == NAME or (token.kind == MOMENT and token.refs)]
    if len(names) > 1 and len({ref[0] for name in names for ref in name.refs}) == 1:
        parts = tuple(name.refs for name in names)
        return Subject(parts=parts, how=ADDED, strong=all(name.strong for name in names)), True
    if names:
        return Subject(parts=(names[-1].refs,), strong=names[-1].strong), True
    if any(token.kind in (WHOLE, ALL) for token in after):
        return TOTAL, True
    return None, any(token.kind == REST for token in after)
