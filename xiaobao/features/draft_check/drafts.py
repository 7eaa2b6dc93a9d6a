"""Stated figures in a draft report: which number says what of which thing. Reading only; nothing is recomputed here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from xiaobao.features.draft_check.draft_numbers import (
    COMPLAINT_UNITS,
    DAY_UNITS,
    MONEY_UNITS,
    POINTS,
    Number,
    numbers,
    plain_text,
)
from xiaobao.features.draft_check.draft_own import OwnWords, Printed
from xiaobao.features.draft_check.draft_words import (
    ALL,
    AMONG,
    AND,
    BREAK,
    COMPARED,
    COMPARING,
    CURRENT,
    DOWN,
    EACH,
    FACET,
    FILL,
    FLAT,
    FROM,
    METRIC,
    MOMENT,
    MONTHS,
    NAME,
    NARROW,
    OF,
    PLACES,
    RESPECTIVELY,
    REST,
    SHARE,
    SUM,
    TO,
    UNIT,
    UNKNOWN,
    UP,
    WHOLE,
    Lexicon,
    Ref,
    Token,
)
from xiaobao.written.blocks import Block, Grid, Paragraph

COUNT, RATE, CHANGE, CHANGE_RATE, POINTS_MOVED, AMOUNT, DAYS_LONG, SCORE, PROPORTION = (
    "count",
    "rate",
    "change",
    "change_rate",
    "points",
    "amount",
    "days",
    "score",
    "share",
)
ONE, ADDED, EVERY = "one", "added", "every"
_RATES = frozenset({"on_time_rate", "closed_rate", "satisfied_rate", "settled_rate", "reviews_rate"})
_TOTAL: Ref = (METRIC, "total", "")
_RATED = re.compile(
    r"及时率|按期率|办结率|结案率|满意率|满意度|成功率|覆盖率|合格率|履约率|整改率|采纳率|执行率|参训率|销号率|得分率|完成率|"
    r"知晓率|通过率|占有率|响应率|接通率|回访率|参与率|达标率"
)
_HOW_MANY = re.compile(r"^[^,;]*?(\d+|[一二两三四五六七八九十]+)\s*(?:个|大|种|类|项|家|市|县|者|地|个地区|个渠道)")
__all__ = ["Block", "Grid", "Paragraph", "Reader", "Statement", "Subject"]
_TURNING = frozenset(
    ("来自", "源自", "源于", "涉及", "为", "系", "属于", "属", "是", "集中在", "集中于", "主要涉及", "主要来自")
)
_INSIDE = ("中", "内", "里")
_NOT = frozenset("没未不无非")
_HAN = {name: n for n, name in enumerate(["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"], 1)} | {"两": 2}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a number is said of: one thing, several added together, or each of several. A part lists its meanings."""

    parts: tuple[tuple[Ref, ...], ...]
    how: str = ONE
    strong: bool = True

    @property
    def total(self) -> bool:
        """Whether it is said of all complaints, no part named."""
        return self.parts == ((_TOTAL,),)


TOTAL = Subject(parts=((_TOTAL,),))


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One stated figure. `label` are the words before it, `value` is signed for changes.

    `subject` None: nothing known is named. `sure`: no word is left over that could narrow what is meant. `base`: what a
    share is said to be of. `within`: the thing whose part the subject is (其中). `moments`: periods that it may be of,
    `against` what a change is against. `units`: codes of units, "" is the bank. `counted`, `moved`, `shared`: places of
    the statements that give the count, the change, and the share that it belongs to; `group` numbers the sentences.
    """

    place: str
    excerpt: str
    number: Number
    kind: str
    value: Decimal
    label: str
    subject: Subject | None = None
    sure: bool = True
    base: Subject | None = None
    based: bool = False
    within: Subject | None = None
    moments: tuple[str, ...] = ("",)
    against: str = ""
    units: tuple[str, ...] = ("",)
    counted: int | None = None
    moved: int | None = None
    shared: int | None = None
    before: int | None = None
    group: int = 0
    facet: str = ""
    row: tuple[int, int, int] | None = None
    summed: bool = False
    level: bool = False
    narrowed: bool = False
    own: Printed | None = None


@dataclass(kw_only=True)
class _State:
    """What a sentence has said so far."""

    subject: Subject | None = None
    sure: bool = True
    count: int | None = None
    move: int | None = None
    share: int | None = None
    within: Subject | None = None
    moments: tuple[str, ...] = ("",)
    against: str = ""
    queue: list[Subject] = field(default_factory=list)
    queue_unit: str = ""
    queue_base: tuple[Subject | None, bool] = (None, False)
    recent: list[Subject] = field(default_factory=list)
    units: tuple[str, ...] = ("",)
    weak: bool = False
    base: Subject | None = None
    label: str = ""
    reviewed: bool = False
    outside: tuple[Subject | None, bool, int | None, int | None, int | None] | None = None

    def kept(self) -> tuple[Subject | None, bool, int | None, int | None, int | None]:
        """Return what goes on behind a bracket."""
        return self.subject, self.sure, self.count, self.move, self.share


@dataclass(frozen=True, kw_only=True)
class _Spot:
    """One number in its sentence: words since the number before it (`lead`), those behind it up to a break (`tail`).

    `left` is it with all numbers that follow; `start` is where the number before it ends, 0 for the first.
    """

    text: str
    place: str
    tokens: Sequence[Token]
    number: Number
    lead: list[Token]
    tail: list[Token]
    left: Sequence[Number]
    start: int

    @property
    def before(self) -> str:
        """The text between the number before it and this one."""
        return self.text[self.start : self.number.start]


@dataclass(kw_only=True)
class Reader:
    """Reads blocks in order; facets and units that a passage speaks of are carried on."""

    lexicon: Lexicon
    own: OwnWords | None = None
    unit: str = ""
    facet: str = ""
    found: list[Statement] = field(default_factory=list)
    groups: int = 0
    _units: tuple[str, ...] = ("",)
    _moments: tuple[str, ...] = ("",)
    _recent: list[Subject] = field(default_factory=list)

    def paragraph(self, block: Paragraph) -> None:
        """Read the figures of one paragraph, sentence by sentence."""
        self._units, self._moments, self._recent = (self.unit,), ("",), []
        for sentence in re.split(r"(?<=[。!?])", plain_text(block.text)):
            if sentence.strip():
                self._sentence(sentence, block.place)

    def _sentence(self, text: str, place: str) -> None:
        self.groups += 1
        found = numbers(text)
        tokens = _told_apart(self.lexicon.cut(text, found))
        state = _State(units=self._units, moments=self._moments, recent=self._recent)
        start, used = 0, -1
        expected = self.own.expected(text, found) if self.own is not None else None
        for index, number in enumerate(found):
            lead = [token for token in tokens if start <= token.start < number.start and token.start > used]
            after = found[index + 1].start if index + 1 < len(found) else len(text)
            tail = _until_break([token for token in tokens if number.end <= token.start < after])
            spot = _Spot(
                text=text,
                place=place,
                tokens=tokens,
                number=number,
                lead=lead,
                tail=tail,
                left=found[index:],
                start=start,
            )
            made, used = self._statement(spot, state, used)
            made = replace(made, own=expected[index]) if expected else made
            self._remember(made, state)
            start = number.end
        if not found:
            self._facet_of(tokens)

    def _facet_of(self, tokens: Sequence[Token]) -> str:
        for token in tokens:
            if token.kind == FACET:
                self.facet = token.refs[0][0]
        return self.facet

    def _statement(self, spot: _Spot, state: _State, used: int) -> tuple[Statement, int]:
        """Read one number; `used` is the start of the last word behind a number that was taken for it."""
        number, lead, tail = spot.number, spot.lead, spot.tail
        self._begin(lead, state)
        clauses = _clauses(lead)
        last = clauses[-1]
        kind = _kind(number, last, lead, state.subject, spot.before)
        self._times(lead, last, state, kind, not spot.start)
        self._places(clauses, state)
        self._within(lead, state)
        queued = bool(state.queue) and number.unit == state.queue_unit
        subject, sure, clause, used = self._said_of(spot, kind, clauses, state, used)
        base, based = _base_said(last, kind, state, queued)
        moments, against = self._own_times(spot, last, kind, state)
        rest = any(token.kind == REST for token in (*lead, *tail))
        chained = subject is not None and subject is state.subject and clause < 0
        certain = sure and not rest and not state.weak and (state.sure or not chained)
        if any(token.kind == REST for one in clauses[:-1] for token in one):
            state.weak = True
        made = Statement(
            place=spot.place,
            excerpt=spot.text[max(number.start - 24, 0) : number.end + 6].strip(),
            number=number,
            kind=kind,
            value=_signed(number, kind, last, lead),
            label=_label_of(spot.before, kind, last, state),
            subject=subject,
            sure=certain,
            base=base,
            based=based,
            within=state.within,
            moments=moments,
            against=against,
            units=state.units,
            counted=state.count,
            moved=state.move,
            shared=state.share if kind in (POINTS_MOVED, CHANGE, CHANGE_RATE) else None,
            group=self.groups,
            facet=self.facet,
            summed=any(token.kind == SUM for token in last),
            narrowed=any(token.kind == REST for token in (*last, *tail)),
            level=any(token.kind == FLAT for token in (*last, *tail)),
        )
        return made, used

    def _begin(self, lead: list[Token], state: _State) -> None:
        """Take up brackets, facets and 核查 among the words before a number; behind a semicolon begin anew."""
        _brackets(lead, state)
        self._facet_of(lead)
        state.reviewed |= any(ref[:2] == (METRIC, "reviews") for token in lead for ref in token.refs)
        if any(token.text == ";" for token in lead):
            state.within, state.base, state.moments, state.against = None, None, self._moments, ""
            state.units = self._units

    def _within(self, lead: list[Token], state: _State) -> None:
        """Take up 贷款投诉中 and 其中: what follows is a part of that."""
        inside = [one for one, after in pairwise(lead) if one.kind == NAME and after.text in _INSIDE]
        if inside:
            state.within = Subject(parts=(inside[-1].refs,), strong=inside[-1].strong)
        elif any(token.kind == AMONG for token in lead) and state.subject is not None:
            state.within = state.subject if state.subject.how != EVERY else None
            state.weak |= not state.sure
            self._narrow(state)
        elif any(token.kind == AMONG for token in lead) and state.count is not None:
            state.weak = True

    def _said_of(
        self, spot: _Spot, kind: str, clauses: list[list[Token]], state: _State, used: int
    ) -> tuple[Subject | None, bool, int, int]:
        """Return the subject, whether it is sure, the clause that names it (-1: none), and `used` moved on."""
        last, tail = clauses[-1], spot.tail
        other = self._other_than_time(last, state)
        subject, sure, clause = self._subject(spot, kind, clauses, state)
        if 0 <= clause < len(clauses) - 1:
            state.outside = None  # what stands in the brackets is of the name before them: no aside
        if other:
            subject, sure = None, False
        if kind == COUNT and subject is None and not other and tail and tail[0].kind == ALL:
            subject, sure = TOTAL, not any(token.text in NARROW for token in (*last, *tail))
            used = max(token.start for token in tail)
        if kind in (COUNT, AMOUNT, PROPORTION) and not other and (subject is None or _turns(last, tail)):
            turned = _turned(tail)
            if turned is not None:
                subject, sure, used = turned[0], sure and turned[1], turned[2]
        if state.reviewed and subject is not None:
            subject = _of_reviews(subject)
        return subject, sure, clause, used

    def _remember(self, made: Statement, state: _State) -> None:
        self.found.append(made)
        place = len(self.found) - 1
        if made.kind in (COUNT, AMOUNT) and made.number.unit not in ("", *COMPLAINT_UNITS):
            kept = made.subject if made.sure else None
            state.subject, state.sure, state.count, state.move, state.share = kept, False, place, None, None
        elif made.kind == COUNT:
            current = made.moments[0] in ("", CURRENT)
            fresh = made.moments == state.moments or state.subject is None or current
            state.moments = made.moments if current else state.moments
            if fresh:
                state.count, state.move, state.share = place, None, None
                state.subject, state.sure = made.subject, made.sure
            elif made.subject is not None and made.subject != state.subject:
                state.subject, state.sure, state.count, state.move, state.share = (
                    made.subject,
                    made.sure,
                    None,
                    None,
                    None,
                )
            if made.subject is not None and fresh and made.subject.how == ONE and not made.subject.total:
                state.recent.append(made.subject)
            elif made.subject is not None and made.subject.how == EVERY:
                state.recent += [Subject(parts=(part,), strong=made.subject.strong) for part in made.subject.parts]
        elif made.kind == CHANGE:
            state.move = place
            if made.subject is not None and made.subject != state.subject:
                state.subject, state.sure, state.count, state.share = made.subject, made.sure, None, None
                made_again = replace(made, counted=None)
                self.found[place] = made_again
        elif made.kind == PROPORTION:
            state.share = place
            if made.subject is not None and made.subject != state.subject:
                state.subject, state.sure, state.count, state.move = made.subject, made.sure, None, None
                if made.subject.how == ONE and not made.subject.total:
                    state.recent.append(made.subject)
        elif made.kind in (RATE, DAYS_LONG) and made.subject is not None:
            state.subject, state.sure, state.share = made.subject, made.sure, place
            state.count = state.move = None

    def _times(self, lead: list[Token], last: list[Token], state: _State, kind: str, first: bool) -> None:
        """Take up what the words say of periods: a time at the head of a sentence, a comparison before a change."""
        for at, token in enumerate(lead):
            if token.kind != MOMENT or not token.moment:
                continue
            before = lead[at - 1] if at else None
            after = lead[at + 1] if at + 1 < len(lead) else None
            beside = (before is not None and before.kind == COMPARED) or (after is not None and after.kind == COMPARED)
            if token.text in COMPARING or beside:
                state.against = token.moment
            elif first and kind in (COUNT, RATE, DAYS_LONG, PROPORTION, CHANGE, CHANGE_RATE) and at == _first(lead):
                state.moments = (token.moment,)
                self._moments = (token.moment,)
            elif kind in (CHANGE, CHANGE_RATE, POINTS_MOVED) and token in last:
                state.against = token.moment

    def _other_than_time(self, last: Sequence[Token], state: _State) -> bool:
        """Take up 较目标值, 比银行卡, 较一季度: what is compared with is no period that we know."""
        at = next((at for at, token in enumerate(last) if token.kind == COMPARED), -1)
        after = [token for token in last[at + 1 :] if token.kind not in (FILL, UP, DOWN, AND)] if at >= 0 else []
        if not after or any(token.kind == MOMENT and token.moment and token.moment != CURRENT for token in last):
            return False
        if not any(token.kind in (REST, NAME) or token.refs for token in after):
            return False
        state.against = UNKNOWN
        return not any(token.kind in (UP, DOWN) for token in last[at:])

    def _own_times(self, spot: _Spot, last: list[Token], kind: str, state: _State) -> tuple[tuple[str, ...], str]:
        """Return the periods that a number may be of, and what a change is against."""
        if kind in (CHANGE, CHANGE_RATE, POINTS_MOVED):
            return state.moments, state.against
        own = [token.moment for token in last if token.kind == MOMENT and token.moment]
        following = spot.left[1].start if len(spot.left) > 1 else 10**9
        between = [token for token in spot.tokens if spot.number.end <= token.start < following]
        rises = any(token.kind == TO for token in between) and len(spot.left) > 1
        if rises and any(token.kind == FROM for token in last):
            return ((own[-1] if own else state.against or "comparison"),), state.against
        if own:
            return (own[-1],), state.against
        if any(token.kind == TO for token in last):
            return (state.moments[0],), state.against
        return state.moments, state.against

    def _places(self, clauses: list[list[Token]], state: _State) -> None:
        """A unit named beside another thing narrows it; alone it is itself what is counted."""
        for clause in clauses:
            units = [ref[1] for token in clause if token.kind == NAME for ref in token.refs if ref[0] == UNIT]
            others = [
                token for token in clause if token.kind == NAME and not any(ref[0] in PLACES for ref in token.refs)
            ]
            counted = all(token.refs[0][:2] in ((METRIC, "valid"), (METRIC, "new")) for token in others)
            if units and others and not counted:
                state.units = self._units = _scopes(units)
            elif units or any(token.text in ("全行", "我行", "本行", "全辖") for token in clause):
                state.units = self._units = (self.unit,)

    def _narrow(self, state: _State) -> None:
        """其中 behind a unit's count: what follows is of that unit. Of a region nothing is counted apart."""
        refs = state.subject.parts[0] if state.subject is not None and state.subject.how == ONE else ()
        if refs and all(ref[0] in PLACES for ref in refs):
            state.units = _scopes([ref[1] for ref in refs if ref[0] == UNIT]) or ("?",)
            state.within = None

    def _subject(
        self, spot: _Spot, kind: str, clauses: list[list[Token]], state: _State
    ) -> tuple[Subject | None, bool, int]:
        """Return what a number is said of, whether the words leave no doubt, and the clause that says so (-1: none)."""
        last, number = clauses[-1], spot.number
        if any(token.kind == REST and token.text == "不" for token in last) and not _named(last):
            return None, False, -1
        if state.queue and number.unit == state.queue_unit and not _named(last):
            return state.queue.pop(0), True, -1
        if any(token.kind == RESPECTIVELY for token in last):
            size = _run(number, spot.left, spot.tokens)
            names, where = _nearest(clauses, size)
            names = _each_month(clauses, size) or names
            chosen = names[-size:] if len(names) >= size else state.recent[-size:] if not names else []
            if size > 1 and len(chosen) == size:
                state.queue, state.queue_unit = list(chosen[1:]), number.unit
                return chosen[0], True, where
            if size > 1:
                return None, False, -1
        each = any(token.kind == EACH for token in last)
        if kind in (COUNT, AMOUNT, PROPORTION) and any(token.kind == SUM for token in last) and not each:
            return self._added(clauses, state, spot, kind)
        names, where = _nearest(clauses, 0)
        if names and (where == len(clauses) - 1 or kind not in (CHANGE, CHANGE_RATE, POINTS_MOVED)):
            made = self._of_names(names, clauses[where], last, state, kind)
            return made, made is not None and made.strong, where
        if kind in (COUNT, AMOUNT):
            return self._counted(clauses, state, number)
        if kind in (PROPORTION, RATE) and any(token.kind == EACH for token in last) and len(state.recent) > 1:
            return Subject(parts=tuple(one.parts[0] for one in state.recent[-2:]), how=EVERY), True, -1
        return state.subject, True, -1

    def _of_names(
        self, names: list[Subject], clause: list[Token], last: list[Token], state: _State, kind: str
    ) -> Subject | None:
        if len(names) == 1:
            return _in_part(names[0], state)
        strong = all(one.strong for one in names)
        metrics = [one for one in names if one.parts[0][0][0] == METRIC]
        others = [one for one in names if one.parts[0][0][0] != METRIC]
        if metrics and others:
            return _crossed(metrics, others)
        months = [one for one in others if one.parts[0][0][0] == MONTHS]
        places = [one for one in others if any(ref[0] in PLACES for ref in one.parts[0])]
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
        each = any(token.kind == EACH for token in (*clause, *last))
        return Subject(parts=tuple(one.parts[0] for one in names), how=EVERY if each else ADDED, strong=strong)

    def _counted(self, clauses: list[list[Token]], state: _State, number: Number) -> tuple[Subject | None, bool, int]:
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
        self, clauses: list[list[Token]], state: _State, spot: _Spot, kind: str
    ) -> tuple[Subject | None, bool, int]:
        """Read 合计: the sum of what is named beside it, else of the things counted just before."""
        last = clauses[-1]
        names, where = _nearest(clauses[-1:], 0)
        if names:
            if any(one.parts[0][0][0] == METRIC for one in names):
                return names[-1], True, where
            parts = tuple(one.parts[0] for one in names)
            return Subject(parts=parts, how=ADDED, strong=all(one.strong for one in names)), True, where
        words = spot.text[min((token.start for token in last), default=spot.number.start) : spot.number.start]
        many = _HOW_MANY.match(words)
        size = (int(many[1]) if many[1].isdigit() else _HAN.get(many[1], 0)) if many else 0
        worded = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5}
        size = size or next((worded[t.text[0]] for t in last if t.kind == SUM and t.text[0] in worded), 0)
        if state.subject is not None and state.subject.how == ADDED and kind == PROPORTION and not size:
            return state.subject, state.sure, -1
        if size and len(state.recent) >= size:
            return Subject(parts=tuple(one.parts[0] for one in state.recent[-size:]), how=ADDED), True, -1
        named = _nearest(clauses, 0)[0]
        if len(named) > 1 and len(named) == (size or len(named)):
            return (
                Subject(parts=tuple(one.parts[0] for one in named), how=ADDED, strong=all(n.strong for n in named)),
                True,
                -1,
            )
        if not size and state.subject is not None and state.subject.how == EVERY:
            return Subject(parts=state.subject.parts, how=ADDED, strong=state.subject.strong), True, -1
        if not size and len(state.recent) > 1 and not any(token.kind == ALL for token in last):
            return Subject(parts=tuple(one.parts[0] for one in state.recent), how=ADDED), True, -1
        if not size and any(token.kind == ALL for clause in clauses for token in clause):
            return TOTAL, not any(token.text in NARROW for clause in clauses for token in clause), -1
        return None, False, -1


def _in_part(name: Subject, state: _State) -> Subject:
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


def _crossed(metrics: list[Subject], others: list[Subject]) -> Subject | None:
    """Join a figure and a part: the on-time rate of one source. What was not counted apart has no value."""
    key = metrics[-1].parts[0][0][1]
    if key in ("valid", "new") and len(metrics) == 1:
        return others[0] if len(others) == 1 else Subject(parts=tuple(one.parts[0] for one in others), how=ADDED)
    if len(others) != 1:
        return None
    if all(ref[0] == UNIT for ref in others[0].parts[0] if ref[0] not in PLACES[1:]) and any(
        ref[0] == UNIT for ref in others[0].parts[0]
    ):
        return metrics[-1]
    return Subject(parts=(tuple((facet, name, key) for facet, name, _ in others[0].parts[0]),), strong=others[0].strong)


def _brackets(lead: Sequence[Token], state: _State) -> None:
    """What stands in brackets is an aside: behind them the sentence goes on with what it was about."""
    for token in lead:
        if token.text == "(":
            state.outside = state.kept()
        elif token.text == ")" and state.outside is not None:
            state.subject, state.sure, state.count, state.move, share = state.outside
            state.share, state.outside = state.share if share is None else share, None


def _scopes(units: Sequence[str]) -> tuple[str, ...]:
    """Return how a unit can be meant: its own rows, or it and those below."""
    return tuple(scope for unit in dict.fromkeys(units) for scope in (f"={unit}", unit))


def _told_apart(tokens: Sequence[Token]) -> list[Token]:
    """Let names of one facet decide what a name means that two facets have."""
    sure = {token.refs[0][0] for token in tokens if token.kind == NAME and len({ref[0] for ref in token.refs}) == 1}
    made = []
    for token in tokens:
        fitting = tuple(ref for ref in token.refs if ref[0] in sure)
        several = token.kind == NAME and len({ref[0] for ref in token.refs}) > 1 and token.refs[0][0] not in PLACES
        made.append(replace(token, refs=fitting) if several and fitting else token)
    return made


def _of_reviews(subject: Subject) -> Subject:
    """Of a sentence on 核查, 按期 and 超期 are those of reviews."""
    own = {"on_time": "reviews_on_time", "late": "reviews_late", "in_hand": "reviews_open", "open": "reviews_open"}
    own["on_time_rate"] = "reviews_rate"
    facet, name, of = subject.parts[0][0]
    return Subject(parts=(((METRIC, own[name], of),),)) if facet == METRIC and name in own else subject


def _first(lead: Sequence[Token]) -> int:
    """Return the place of the first word that is not filling."""
    return next((at for at, token in enumerate(lead) if token.kind not in (FILL, BREAK)), -1)


def _until_break(tail: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    for token in tail:
        if token.kind in (BREAK, AND):
            break
        kept.append(token)
    return kept


def _clauses(lead: Sequence[Token]) -> list[list[Token]]:
    clauses: list[list[Token]] = [[]]
    for token in lead:
        if token.kind == BREAK:
            clauses.append([])
        else:
            clauses[-1].append(token)
    if len(clauses) > 2 and not clauses[-1] and lead[-1].text == ")":
        clauses[-3:] = [clauses[-3] + clauses[-2]]
    return clauses


def _names_in(clause: Sequence[Token]) -> list[Subject]:
    """Return what a clause names as subjects, in order; what stands after 占 is a base."""
    found: list[Subject] = []
    based = negated = False
    for at, token in enumerate(clause):
        if token.kind == NAME and at + 2 < len(clause) and clause[at + 1].text in _INSIDE:
            continue
        negated = (negated or (token.kind == REST and token.text in _NOT)) and token.kind != AND
        based = ((based or token.kind == OF) and token.kind != NAME) or (based and token.kind == NAME)
        if token.kind == NAME and not based and not negated:
            found.append(Subject(parts=(token.refs,), strong=token.strong))
        elif token.kind == MOMENT and token.refs and not token.moment and not based:
            found.append(Subject(parts=(token.refs,)))
    return found


def _each_month(clauses: Sequence[Sequence[Token]], size: int) -> list[Subject]:
    """Read 1月至6月分别为 as six months."""
    for token in (token for clause in reversed(clauses) for token in clause):
        codes = token.refs[0][1].split(",") if token.kind == MOMENT and token.refs else []
        if len(codes) == size > 1:
            return [Subject(parts=(((MONTHS, code, ""),),)) for code in codes]
    return []


def _named(clause: Sequence[Token]) -> bool:
    return bool(_names_in(clause))


def _nearest(clauses: list[list[Token]], size: int) -> tuple[list[Subject], int]:
    """Return the names of the last clause that has any, and its place."""
    for place in range(len(clauses) - 1, -1, -1):
        names = _names_in(clauses[place])
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


def _turns(last: Sequence[Token], tail: Sequence[Token]) -> bool:
    """Tell whether the words behind a number say what it is of: 28笔来自…, 而 nothing before it does."""
    before = any(token.kind in (NAME, OF, SHARE, SUM, UP, DOWN, EACH) or token.refs for token in last)
    name = next((at for at, token in enumerate(tail) if token.kind == NAME), 0)
    return not before and any(token.text in _TURNING for token in tail[:name])


def _turned(tail: list[Token]) -> tuple[Subject, bool, int] | None:
    """Read 28笔为贷款投诉, 受理28笔贷款投诉: the name comes after the number."""
    names = _names_in(tail)
    if len(names) != 1:
        return None
    before = [token for token in tail if token.kind == REST]
    return names[0], names[0].strong and not before, max(token.start for token in tail)


def _base(last: Sequence[Token], kind: str) -> tuple[Subject | None, bool]:
    """Return what a share is said to be of, and whether the words name a base at all."""
    if kind != PROPORTION:
        return None, False
    at = next((place for place, token in enumerate(last) if token.kind == OF), -1)
    if at < 0:
        return None, False
    after = [token for token in last[at + 1 :] if token.kind != FILL]
    names = [token for token in after if token.kind == NAME or (token.kind == MOMENT and token.refs)]
    if names:
        return Subject(parts=(names[-1].refs,), strong=names[-1].strong), True
    if any(token.kind in (WHOLE, ALL) for token in after):
        return TOTAL, True
    return None, any(token.kind == REST for token in after)


def _base_said(last: list[Token], kind: str, state: _State, queued: bool) -> tuple[Subject | None, bool]:
    """Return the base of a share as `_base` does; in 分别占 the first names it for all that follow."""
    base, based = _base(last, kind)
    if any(token.kind == RESPECTIVELY for token in last):
        state.queue_base = base, based
    elif queued and base is None and not based:
        base, based = state.queue_base
    if base is not None:
        state.base = base
    elif based:
        state.base = None
    return base, based


def _label_of(before: str, kind: str, last: list[Token], state: _State) -> str:
    """Return the words that name the figure; a change without a name of its own takes that of the count before it."""
    label = _label(before)
    if kind in (CHANGE, CHANGE_RATE) and not any(token.kind in (REST, NAME) for token in last):
        return state.label
    if kind == COUNT:
        state.label = label
    return label


def _kind(number: Number, last: list[Token], lead: list[Token], carried: Subject | None, before: str) -> str:
    """Tell what a number is from its unit, the words since the number before it, and what the sentence is about."""
    moved = any(token.kind in (UP, DOWN) for token in last) and not any(token.kind == TO for token in last)
    moved = moved or number.signed
    metrics = [token.refs[0][1] for token in last if token.kind == NAME and token.refs[0][0] == METRIC]
    if number.unit == POINTS:
        return POINTS_MOVED if moved or any(token.kind in (UP, DOWN) for token in lead) else PROPORTION
    if number.unit in ("%", "‰"):
        if moved:
            return CHANGE_RATE
        if any(metric in _RATES for metric in metrics) or _RATED.search(before):
            return RATE
        chained = carried is not None and carried.parts[0][0][:1] == (METRIC,)
        rated = chained and carried is not None and carried.parts[0][0][1] in _RATES
        own = _nearest(_clauses(lead), 0)[0]
        shares = any(token.kind in (OF, SHARE) for token in lead)
        return (
            RATE
            if (rated and not shares and not own) or any(ref[1] in _RATES for one in own for ref in one.parts[0])
            else PROPORTION
        )
    if number.unit in MONEY_UNITS:
        return CHANGE if moved else AMOUNT
    if number.unit in (*DAY_UNITS, "小时"):
        return CHANGE if moved else DAYS_LONG
    if number.unit == "分":
        return SCORE
    return CHANGE if moved else COUNT


def _signed(number: Number, kind: str, last: Sequence[Token], lead: Sequence[Token]) -> Decimal:
    if kind not in (CHANGE, CHANGE_RATE, POINTS_MOVED):
        return number.value
    words = [token.kind for token in last if token.kind in (UP, DOWN)] or [
        token.kind for token in lead if token.kind in (UP, DOWN)
    ]
    return -abs(number.value) if words and words[-1] == DOWN else number.value


def _label(before: str) -> str:
    """Return the words that name the figure: since the last full break, figures' brackets and fillers off."""
    text = re.split(r"[。;!?\n]", before)[-1]
    text = re.sub(r"^[\s,，、)）]+", "", text)
    text = re.sub(r"[(（:：\s]+$", "", text)
    return text.strip()
