"""Stated figures in a draft report: which number says what of which thing. Reading only; nothing is recomputed here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from xiaobao.features.draft_check.draft_kinds import clauses_of, label_of, number_kind, signed_number
from xiaobao.features.draft_check.draft_multiples import in_a_ratio, kind_of_multiple, multiplied, ratio_of
from xiaobao.features.draft_check.draft_numbers import COMPLAINT_UNITS, numbers, plain_text
from xiaobao.features.draft_check.draft_own import OwnWords
from xiaobao.features.draft_check.draft_turns import turned
from xiaobao.features.draft_check.draft_wholes import (
    base_carried,
    falls_short,
    in_a_count,
    is_measure,
    scope_of,
    scoped,
    stated_base,
    without_asides,
)
from xiaobao.features.draft_check.draft_words import (
    ALL,
    AMONG,
    AND,
    AVERAGES,
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
    NAME,
    NARROW,
    PLACE_FACETS,
    REST,
    SUM,
    TO,
    UNIT,
    UNKNOWN,
    UP,
    Lexicon,
    Token,
)
from xiaobao.features.draft_check.naming import (
    INSIDE,
    Spot,
    distinguished,
    is_apart,
    listed_behind,
    named_behind,
    names_in,
    of_reviews,
    scopes,
    subject_of,
    turns_to_a_name,
)
from xiaobao.features.draft_check.statement import (
    AMOUNT,
    CHANGE,
    CHANGE_RATE,
    COUNT,
    DAYS_LONG,
    EVERY,
    MOVES,
    ONE,
    PER_SO_MANY,
    POINTS_MOVED,
    PROPORTION,
    RATE,
    RATIO,
    TIMES,
    TIMES_MORE,
    TOTAL,
    State,
    Statement,
    Subject,
)
from xiaobao.written.blocks import Paragraph

_WITHIN_DAYS = r"(?:\d+|[一二三四五六七八九十]+)\s*个?(?:工作|自然)?[日天]以?内"


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
        tokens = distinguished(self.lexicon.cut(without_asides(text), found))
        state = State(units=self._units, moments=self._moments, recent=self._recent)
        start, used = 0, -1
        expected = self.own.expected(text, found) if self.own is not None else None
        for index, number in enumerate(found):
            lead = [token for token in tokens if start <= token.start < number.start and token.start > used]
            after = found[index + 1].start if index + 1 < len(found) else len(text)
            tail = _until_break([token for token in tokens if number.end <= token.start < after])
            spot = Spot(
                text=text,
                place=place,
                number=number,
                start=start,
                lead=lead,
                tail=tail,
                clauses=clauses_of(lead),
                left=found[index:],
                tokens=tokens,
            )
            made, used = self._statement(spot, state, used)
            made = replace(made, own=expected[index]) if expected else made
            made = self._paired(made, spot, state)
            self._remember(made, state)
            start = number.end
        if not found:
            self._facet_of(tokens)

    def _paired(self, made: Statement, spot: Spot, state: State) -> Statement:
        """Remember 由甲升至乙, so that a change behind it can be held against the two."""
        last = len(self.found) - 1
        earlier = self.found[-1] if self.found and self.found[-1].group == self.groups else None
        compared = any(token.kind == COMPARED for token in spot.last) and made.kind == COUNT
        if compared and earlier is not None and earlier.kind == COUNT and earlier.number.unit == made.number.unit:
            state.pair = (last + 1, last)
        elif any(token.kind == TO for token in spot.last):
            fits = earlier is not None and earlier.number.unit == made.number.unit
            state.pair = (last, last + 1) if fits else None
        elif made.kind in MOVES and state.pair is not None:
            unit = self.found[state.pair[1]].number.unit
            wanted = {CHANGE: made.number.unit, CHANGE_RATE: unit if unit != "%" else "", POINTS_MOVED: "%"}
            if wanted[made.kind] == unit:
                return replace(made, before=state.pair[0], counted=state.pair[1])
        elif made.kind == TIMES_MORE and made.subject is None and state.pair is not None:
            return replace(made, before=state.pair[0], counted=state.pair[1])
        else:
            state.pair = None
        return made

    def _facet_of(self, tokens: Sequence[Token]) -> str:
        for token in tokens:
            if token.kind == FACET:
                self.facet = token.refs[0][0]
        return self.facet

    def _statement(self, spot: Spot, state: State, used: int) -> tuple[Statement, int]:
        """Return what the number says, and the place of the last word that was taken to say it."""
        kind, compared, queued, goes_on = self._kind(spot, state)
        other = compared is None and self._other_than_time(spot.last, state)
        held, state.began = state.subject, False
        subject, sure, clause, used = _meant(spot, kind, state, other, used)
        if compared is not None:
            subject, sure = compared, compared.strong
        ratio = ratio_of(spot, state, self._counted_here()) if in_a_ratio(spot) else None
        if in_a_ratio(spot):
            kind, subject = RATIO, None
        base, based = base_carried(spot.last, kind, state, queued)
        if kind == PROPORTION and (pair := in_a_count(spot, state)):
            subject, base, based = *pair, True
            state.within, state.units = None, (self.unit,)
        moments, against = self._own_times(spot, kind, state)
        chained = subject is not None and subject is held and clause < 0
        short = falls_short(spot, kind)
        certain = _certain(spot, state, sure=sure, chained=chained, short=short)
        if kind == COUNT:
            state.apart = is_apart(subject, state.within) or re.search(_WITHIN_DAYS, spot.before) is not None
        elif not chained:
            state.apart = False
        falling = goes_on and state.queue_down
        made = Statement(
            place=spot.place,
            excerpt=spot.text[max(spot.number.start - 24, 0) : spot.number.end + 6].strip(),
            number=spot.number,
            kind=kind,
            value=_value(spot, kind, falling=falling),
            label=_labelled(spot, kind, state),
            subject=subject,
            sure=certain,
            base=base,
            based=based,
            within=state.within,
            moments=moments,
            against=against,
            units=scoped(subject, state),
            versus=state.versus if kind in MOVES else None,
            of_count=stated_base(spot, kind, self.found, self.groups),
            maybe_of=tuple(state.counts) if kind == PROPORTION else (),
            each=any(token.kind == EACH for token in spot.last),
            short=short,
            counted=state.count,
            moved=state.move,
            shared=state.share if kind in MOVES else None,
            group=self.groups,
            facet=self.facet,
            summed=any(token.kind == SUM for token in spot.last),
            narrowed=any(token.kind == REST for token in (*spot.last, *spot.tail)),
            apart=state.apart,
            level=any(token.kind == FLAT for token in (*spot.last, *spot.tail)),
            scope=scope_of(spot, subject),
            ratio=ratio,
        )
        made = turned(multiplied(made, spot, state), spot, self.found, state)
        if state.began:
            state.queue_kind, state.queue_down = kind, made.value < 0
        return made, used

    def _counted_here(self) -> list[Statement]:
        """Return the counts of this sentence that are of one thing each."""
        return [
            one
            for one in self.found
            if one.group == self.groups and one.kind == COUNT and one.subject is not None and one.subject.how == ONE
        ]

    def _kind(self, spot: Spot, state: State) -> tuple[str, Subject | None, bool, bool]:
        """Return its kind, what it is compared with, whether it stands in an enumeration and takes its kind from it."""
        queued = bool(state.queue) and spot.number.unit == state.queue_unit
        goes_on = queued and state.queue_kind in MOVES and all(token.kind in (AND, FILL) for token in spot.last)
        kind = self._entered(spot, state)
        if goes_on:
            return state.queue_kind, None, queued, True
        kind = kind_of_multiple(spot) or kind
        return kind, self._versus(spot, kind, state), queued, False

    def _versus(self, spot: Spot, kind: str, state: State) -> Subject | None:
        """Take up 比个人金融信息多10件, 2月较1月增加34件: what is compared, with another thing of the same period."""
        if kind == TIMES_MORE and all(token.kind != COMPARED for token in spot.last):
            return state.subject if state.versus is not None else None
        if kind not in MOVES:
            state.versus = None
            return None
        at = next((at for at, token in enumerate(spot.last) if token.kind == COMPARED), -1)
        if at < 0:
            return state.subject if state.versus is not None else None
        state.versus = None
        named = names_in([token for token in spot.last[at + 1 :] if token.text not in COMPARING])
        unknown = any(token.kind == REST or (token.kind == MOMENT and token.moment) for token in spot.last[at + 1 :])
        before = names_in(spot.last[:at])
        subject = before[-1] if before else state.subject
        if len(named) != 1 or unknown or subject is None or subject.how != ONE or subject == named[0]:
            return None
        state.versus = named[0]
        return subject

    def _entered(self, spot: Spot, state: State) -> str:
        """Take up what the words before a number say of facet, period, unit and whole; return what the number is."""
        lead = spot.lead
        _brackets(lead, state)
        self._facet_of(lead)
        state.reviewed |= any(ref[:2] == (METRIC, "reviews") for token in lead for ref in token.refs)
        if any(token.text == ";" for token in lead):
            state.within, state.base, state.moments, state.against = None, None, self._moments, ""
            state.changed = []
            state.units = self._units
        kind = number_kind(spot.number, spot.last, lead, state, spot.before)
        self._times(lead, spot.last, state, kind, not spot.start)
        self._places(spot.clauses, state)
        among = any(token.kind == AMONG for token in lead) or _parted(spot, state)
        inside = [one for one, after in pairwise(lead) if one.kind == NAME and after.text in INSIDE]
        if inside:
            state.within = Subject(parts=(inside[-1].refs,), strong=inside[-1].strong)
        elif among and state.subject is not None:
            state.within = state.subject if state.subject.how != EVERY else None
            state.weak |= not state.sure
            self._narrow(state)
        elif among and state.count is not None:
            state.weak = True
        return kind

    def _remember(self, made: Statement, state: State) -> None:
        """Keep a statement, and what the words behind it may go on from."""
        self.found.append(made)
        place = len(self.found) - 1
        another = made.subject is not None and made.subject != state.subject
        if made.kind in (COUNT, AMOUNT) and made.number.unit not in ("", *COMPLAINT_UNITS):
            state.speak_of(made.subject if made.sure else None, sure=False, count=place)
        elif made.kind == COUNT:
            _remember_count(made, place, state)
        elif made.kind in (TIMES, TIMES_MORE, PER_SO_MANY):
            state.speak_of(made.subject, sure=made.sure)
        elif made.kind == CHANGE:
            state.move = place
            state.changed += _one_thing(made)
            if another:
                state.speak_of(made.subject, sure=made.sure, move=place)
                self.found[place] = replace(made, counted=None)
        elif made.kind == PROPORTION:
            state.share = place
            if another:
                state.speak_of(made.subject, sure=made.sure, share=place)
                state.recent += _one_thing(made)
        elif made.kind in (RATE, DAYS_LONG) and made.subject is not None:
            state.speak_of(made.subject, sure=made.sure, share=place)

    def _times(self, lead: list[Token], last: list[Token], state: State, kind: str, first: bool) -> None:
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

    def _other_than_time(self, last: Sequence[Token], state: State) -> bool:
        """Take up 较目标值, 比银行卡, 较一季度: what is compared with is no period that we know."""
        at = next((at for at, token in enumerate(last) if token.kind == COMPARED), -1)
        if any(token.text in AVERAGES for token in last):
            return True
        after = [token for token in last[at + 1 :] if token.kind not in (FILL, UP, DOWN, AND)] if at >= 0 else []
        if not after or any(token.kind == MOMENT and token.moment and token.moment != CURRENT for token in last):
            return False
        if not any(token.kind in (REST, NAME) or token.refs for token in after):
            return False
        state.against = UNKNOWN
        return not any(token.kind in (UP, DOWN) for token in last[at:])

    def _own_times(self, spot: Spot, kind: str, state: State) -> tuple[tuple[str, ...], str]:
        """Return the periods that a number may be of, and the one that a change is against."""
        last, left, number = spot.last, spot.left, spot.number
        if kind in MOVES:
            return state.moments, state.against
        own = [token.moment for token in last if token.kind == MOMENT and token.moment]
        following = left[1].start if len(left) > 1 else 10**9
        between = [token for token in spot.tokens if number.end <= token.start < following]
        rises = any(token.kind == TO for token in between) and len(left) > 1
        if rises and any(token.kind == FROM for token in last):
            return ((own[-1] if own else state.against or "comparison"),), state.against
        if own:
            return (own[-1],), state.against
        if any(token.kind == TO for token in last):
            return (state.moments[0],), state.against
        return state.moments, state.against

    def _places(self, clauses: list[list[Token]], state: State) -> None:
        """A unit named beside another thing narrows it; alone it is itself what is counted."""
        for clause in clauses:
            units = [ref[1] for token in clause if token.kind == NAME for ref in token.refs if ref[0] == UNIT]
            others = [
                token
                for token in clause
                if token.kind == NAME and not any(ref[0] in PLACE_FACETS for ref in token.refs)
            ]
            counted = all(token.refs[0][:2] in ((METRIC, "valid"), (METRIC, "new")) for token in others)
            if units and others and not counted:
                state.units = self._units = scopes(units)
            elif units or any(token.text in ("全行", "我行", "本行", "全辖") for token in clause):
                state.units = self._units = (self.unit,)

    def _narrow(self, state: State) -> None:
        """其中 behind a unit's count: what follows is of that unit. Of a region nothing is counted apart."""
        refs = state.subject.parts[0] if state.subject is not None and state.subject.how == ONE else ()
        if refs and all(ref[0] in PLACE_FACETS for ref in refs):
            state.units = scopes([ref[1] for ref in refs if ref[0] == UNIT]) or ("?",)
            state.within = None


def _value(spot: Spot, kind: str, *, falling: bool) -> Decimal:
    """Return the number with its sign; behind a fall that a list goes on with (分别下降…、…) each of them falls."""
    return -abs(spot.number.value) if falling else signed_number(spot.number, kind, spot.last, spot.lead)


def _one_thing(made: Statement) -> list[Subject]:
    """Return what a statement is of where that is one thing, and not the whole."""
    subject = made.subject
    return [subject] if subject is not None and subject.how == ONE and not subject.total else []


def _remember_count(made: Statement, place: int, state: State) -> None:
    """Take up a count of complaints: whose it is, and whether what follows is of it or only of its subject."""
    subject = made.subject
    if made.number.unit in COMPLAINT_UNITS:
        state.counts.append(place)
        state.unread |= subject is None
        units = [ref[1] for ref in subject.parts[0] if ref[0] == UNIT] if subject and subject.how == ONE else []
        if units or (subject is not None and subject.total):
            state.place_units = scopes(units)
    current = made.moments[0] in ("", CURRENT)
    fresh = made.moments == state.moments or state.subject is None or current
    state.moments = made.moments if current else state.moments
    if fresh:
        state.speak_of(subject, sure=made.sure, count=place)
        state.recent += _one_thing(made)
    elif subject is not None and subject != state.subject:
        state.speak_of(subject, sure=made.sure)
    if subject is not None and subject.how == EVERY:
        state.recent += [Subject(parts=(part,), strong=subject.strong) for part in subject.parts]


def _brackets(lead: Sequence[Token], state: State) -> None:
    """What stands in brackets is an aside: behind them the sentence goes on with what it was about."""
    for token in lead:
        if token.text == "(":
            state.outside = state.kept()
        elif token.text == ")" and state.outside is not None:
            state.subject, state.sure, state.count, state.move, share = state.outside
            state.share, state.outside = state.share if share is None else share, None


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


def _parted(spot: Spot, state: State) -> bool:
    """Tell whether the words begin with 中: 甲18件中，… is of these eighteen."""
    first = spot.lead[0] if spot.lead else None
    beside = first is not None and first.text in INSIDE and not spot.text[spot.start : first.start].strip()
    return beside and state.subject is not None and not state.subject.total


def _meant(spot: Spot, kind: str, state: State, other: bool, used: int) -> tuple[Subject | None, bool, int, int]:
    """Return what a number is said of, before or behind it; whether it is sure; the clause; the last word taken."""
    last, tail = spot.last, spot.tail
    subject, sure, clause = subject_of(spot, kind, state)
    if 0 <= clause < len(spot.clauses) - 1:
        state.outside = None  # what stands in the brackets is of the name before them: no aside
    if is_measure(spot):
        state.subject, state.sure = subject, sure  # 100% is what it is measured by; how far it is, comes behind
        return None, False, clause, used
    if other:
        return None, False, clause, used
    done = named_behind(tail[1:]) if kind == COUNT and subject is None and tail and tail[0].kind == ALL else None
    if (
        done is not None
        and tail[1].kind == NAME
        and spot.text[tail[-1].end : tail[-1].end + 1] in (",", "。", ";", "、", ")", "")
    ):
        return done[0], False, clause, done[2]
    if kind == COUNT and subject is None and tail and tail[0].kind == ALL:
        subject, sure = TOTAL, not any(token.text in NARROW for token in (*last, *tail))
        used = max(token.start for token in tail)
    if kind in (COUNT, AMOUNT, PROPORTION) and (subject is None or turns_to_a_name(last, tail)):
        behind = listed_behind(spot.wide) or named_behind(tail)
        if behind is not None:
            subject, sure, used = behind[0], sure and behind[1], behind[2]
    return (of_reviews(subject) if state.reviewed and subject is not None else subject), sure, clause, used


def _labelled(spot: Spot, kind: str, state: State) -> str:
    """Return the words that name a figure; a change without words of its own is of the count before it."""
    if kind in (CHANGE, CHANGE_RATE) and not any(token.kind in (REST, NAME) for token in spot.last):
        return state.label
    label = label_of(spot.before)
    if kind == COUNT:
        state.label = label
    return label


def _certain(spot: Spot, state: State, *, sure: bool, chained: bool, short: bool) -> bool:
    """Tell whether it is sure what a number says; 其余 in a clause before makes all that follow it doubtful."""
    rest = any(token.kind == REST for token in (*spot.lead, *spot.tail)) and not short
    certain = sure and not rest and not state.weak and (state.sure or not chained)
    state.weak |= any(token.kind == REST for one in spot.clauses[:-1] for token in one)
    return certain
