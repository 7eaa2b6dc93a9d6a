"""数字核对: hold every stated figure of a draft against the ledger, or against the draft's other figures.

A figure agrees, differs (a slip of the last place is told apart), can be derived, or cannot be verified, with the
reason. What is not certain is only called wrong where other figures of the same sentence show what is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from xiaobao.features.draft_check import drafts
from xiaobao.features.draft_check.draft_numbers import COMPLAINT_UNITS, DAY_UNITS, POINTS, Number
from xiaobao.features.draft_check.draft_own import OwnWords, Printed
from xiaobao.features.draft_check.draft_tables import read_grid, totals_of
from xiaobao.features.draft_check.draft_words import CURRENT, METRIC, PLACES, UNIT, YEAR_BEFORE, Lexicon, Ref
from xiaobao.features.draft_check.drafts import ADDED, EVERY, Reader, Statement, Subject
from xiaobao.features.draft_check.facts import DAYS, PER, RATES, Fact, Facts, filled
from xiaobao.numbers import HUNDRED, half_up, share
from xiaobao.written.blocks import Block, Grid

AGREES, DIFFERS, ROUNDING, UNVERIFIABLE, DERIVED = "agrees", "differs", "rounding", "unverifiable", "derived"
LEDGER, DRAFT = "ledger", "draft"
_LOOSE_UNITS = ("",)
_MOVES = (drafts.CHANGE, drafts.CHANGE_RATE, drafts.POINTS_MOVED)


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
class _Meaning:
    """One reading of a figure: the exact value, and the words that tell it."""

    value: Decimal
    words: str
    derived: bool = False


@dataclass(frozen=True, kw_only=True)
class _Opinion:
    """A verdict before the sentence's other figures were weighed."""

    verdict: str
    meaning: _Meaning | None = None
    sure: bool = True
    basis: str = LEDGER
    reason: str = ""
    suspect: bool = False


def statements(
    blocks: Sequence[Block], lexicon: Lexicon, unit: str = "", own: OwnWords | None = None
) -> tuple[Statement, ...]:
    """Return every stated figure of a draft in order; dates, article numbers and time limits are none."""
    reader = Reader(lexicon=lexicon, unit=unit, own=own)
    for block in blocks:
        if isinstance(block, Grid):
            reader.found += read_grid(block, lexicon, reader.facet, unit, len(reader.found), reader.groups + 1, own)
            reader.groups += len(block.rows) + 1
        else:
            reader.paragraph(block)
    return tuple(reader.found)


def check_draft(
    blocks: Sequence[Block], facts: Facts, unit: str = "", own: OwnWords | None = None
) -> tuple[CheckedNumber, ...]:
    """Return a finding for every stated figure of the draft, in order, then what can be derived.

    `unit` is the code of the unit that the whole draft is of, "" is the bank; `own` is what our own reports say.
    """
    said = statements(blocks, facts.lexicon, unit, own)
    opinions = [_as_printed(one) or _opinion(one, facts, said) for one in said]
    opinions = _voted(said, opinions)
    opinions = [_among_themselves(one, opinion, said, facts) for one, opinion in zip(said, opinions, strict=True)]
    opinions = _sums(said, opinions)
    found = [_finding(one, opinion) for one, opinion in zip(said, opinions, strict=True)]
    return (*found, *_left_out(said, facts))


def _opinion(said: Statement, facts: Facts, every: Sequence[Statement]) -> _Opinion:
    unfit = _unit_fault(said, facts)
    if unfit is not None:
        return unfit
    meanings = _meanings(said, facts)
    if not meanings:
        unread = _Opinion(verdict=UNVERIFIABLE, reason=_unknown(said, facts))
        return _register(said, facts) or _wrong_period(said, facts) or unread
    if said.row is not None and said.subject is not None and said.subject.total:
        meanings += _column_sum(said, every)
    judged = [(_stands(said, one), one) for one in meanings]
    for wanted in (AGREES, ROUNDING):
        for verdict, one in judged:
            if verdict == wanted:
                return _Opinion(verdict=DERIVED if one.derived and wanted == AGREES else wanted, meaning=one)
    rounded = _sum_of_rounded(said, facts)
    if rounded is not None:
        return rounded
    register = _register(said, facts)
    if register is not None and (register.verdict != DIFFERS or not said.sure):
        return register
    return _Opinion(verdict=DIFFERS, meaning=meanings[0], sure=said.sure)


def _wrong_period(said: Statement, facts: Facts) -> _Opinion | None:
    """Of a period without data nothing is known; but a figure that is exactly this period's was meant for it."""
    code, against = facts.moment(said.moments[0]), facts.moment(said.against) if said.against else ""
    known = said.subject is not None and not facts.empty and not said.level and "?" not in (code, against)
    if not known or not said.sure or (not code and not against) or not said.value:
        return None
    meanings = _meanings(replace(said, moments=("",), against=""), facts)
    same = next((one for one in meanings if _holds(said, one.value) == AGREES), None)
    if same is None or said.number.bound != "exact":
        return None
    named = against if against and said.kind in _MOVES else code
    words = {YEAR_BEFORE: "上年同期"}.get(named, named)
    compared = f"与 {facts.compared} 比的" if said.kind in _MOVES else "本期的"
    reason = f"没有 {words} 的数据，数字却是{compared}，期间可能写错"
    return _Opinion(verdict=DIFFERS, meaning=same, sure=False, reason=reason, suspect=True)


def _column_sum(said: Statement, every: Sequence[Statement]) -> list[_Meaning]:
    """A row 合计 may be of the rows above it alone; rounded shares add up to what they add up to."""
    above = next((parts for total, parts in totals_of(every) if total is said), [])
    if len(above) < 2:
        return []
    added = sum((one.value for one in above), Decimal(0))
    return [_Meaning(value=added, words=f"表中各行相加为 {added:f}", derived=True)]


def _as_printed(said: Statement) -> _Opinion | None:
    """Hold a figure of a sentence of ours against the one that we print there."""
    own = said.own
    if own is None:
        return None
    meaning = _Meaning(value=own.value if said.kind in _MOVES else own.number.value, words="本产品报告中的同一句")
    if said.number.unit != own.number.unit:
        return _Opinion(verdict=DIFFERS, meaning=meaning, reason=f"单位应为{own.number.unit}")
    value = said.value if said.kind in _MOVES else said.number.value
    if own.way and (value < 0) != (own.value < 0) and value and own.value:
        return _Opinion(verdict=DIFFERS, meaning=meaning, reason="增减方向相反")
    exact = _ours_exact(own, meaning.value, said)
    # 评分覆盖不足3个: where ours reads the same, the word before the number bounds nothing.
    bound = "exact" if said.number.bound == own.number.bound else said.number.bound
    return _Opinion(verdict=replace(said.number, value=value, bound=bound).holds(exact), meaning=meaning)


def _ours_exact(own: Printed, value: Decimal, said: Statement) -> Decimal:
    """A figure written to the same place must be the same; one written shorter is compared at its own place."""
    return value if own.number.places >= said.number.places else half_up(value, own.number.places)


def _stands(said: Statement, one: _Meaning) -> str:
    """Hold a figure against one reading; 近, 超过 and the like bound how far something moved, whatever way."""
    bounded = said.number.bound != "exact" and said.kind in _MOVES
    return said.number.holds(abs(one.value)) if bounded else _holds(said, one.value)


def _holds(said: Statement, exact: Decimal) -> str:
    return replace(said.number, value=said.value).holds(exact)


def _unit_fault(said: Statement, facts: Facts) -> _Opinion | None:
    """Return a fault where a unit cannot be that of the thing: 件数 has no 百分点, days are no hours."""
    subject, unit = said.subject, said.number.unit
    if subject is None or facts.empty:
        return None
    ref = subject.parts[0][0]
    key = ref[2] or (ref[1] if ref[0] == METRIC else "")
    rate = key in RATES
    if said.kind == drafts.POINTS_MOVED and not rate and said.shared is None and subject.total and said.sure:
        return _Opinion(verdict=DIFFERS, reason="件数的增减不能用百分点表示")
    if said.kind == drafts.POINTS_MOVED and ref in ((METRIC, "valid", ""), (METRIC, "new", "")) and said.shared is None:
        return _Opinion(verdict=DIFFERS, reason="件数的增减不能用百分点表示")
    if said.kind == drafts.PROPORTION and unit in (POINTS, "‰"):
        shares = _meanings(said, facts)
        if said.sure or any(_holds(said, one.value) == AGREES for one in shares):
            return _Opinion(verdict=DIFFERS, reason="占比的单位应为 %")
    value = _plain_value(said, facts)
    same = value is not None and said.number.holds(value) == AGREES and value != 0
    days = key in DAYS
    if days and same and unit:
        working = "工作日" in unit
        counted = facts.figures.days if facts.figures else ""
        if (
            unit not in DAY_UNITS
            or (working and counted == "自然日")
            or (not working and counted == "工作日" and unit != "天")
        ):
            return _Opinion(verdict=DIFFERS, reason=f"{facts.words(ref)}的单位应为天（{counted}）")
    wrong = said.kind == drafts.COUNT and not days and not rate and unit not in (*COMPLAINT_UNITS, *_LOOSE_UNITS)
    measured = days or rate or key in PER
    wrong = (wrong and not measured) or (said.kind == drafts.AMOUNT and not measured)
    wrong = wrong or (said.kind == drafts.DAYS_LONG and not measured and ref[0] != METRIC)
    if wrong and same and value is not None and value > 5 and (said.sure or not said.narrowed):
        return _Opinion(verdict=DIFFERS, reason=f"{facts.words(ref)}的单位应为件，数据为 {value:f} 件")
    return None


def _plain_value(said: Statement, facts: Facts) -> Decimal | None:
    """Return the count or measure that a figure's subject has, whatever the unit that is written behind it."""
    subject, code = said.subject, facts.moment(said.moments[0])
    assert subject is not None
    values = [facts.value(_refs(facts, said, part)[0], code, said.units[-1]) for part in subject.parts]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    if subject.total and facts.figures is not None and said.number.value == facts.figures.totals.new:
        return Decimal(facts.figures.totals.new)
    return sum(known, Decimal(0)) if subject.how == ADDED else known[0]


def _meanings(said: Statement, facts: Facts) -> list[_Meaning]:
    """Return the readings of a figure by what the ledger knows."""
    if said.subject is None or facts.empty:
        return []
    found: list[_Meaning] = []
    for moment, unit in product(said.moments, said.units):
        code = facts.moment(moment)
        if said.kind == drafts.PROPORTION:
            found += _shares(said, facts, code, unit)
        elif said.kind in (drafts.CHANGE, drafts.CHANGE_RATE, drafts.POINTS_MOVED):
            found += _changes(said, facts, code, unit)
        else:
            found += _values(said, facts, code, unit)
    return found


def _fits(said: Statement, ref: Ref) -> bool:
    """Tell whether a figure of this kind and unit can be one of `ref`."""
    key = ref[2] or (ref[1] if ref[0] == METRIC else "")
    if key in RATES:
        return said.kind in (drafts.RATE, drafts.PROPORTION)
    if key in DAYS:
        return said.kind in (drafts.DAYS_LONG, drafts.CHANGE)
    if said.kind != drafts.COUNT:
        return False
    return said.number.unit in (*COMPLAINT_UNITS, *_LOOSE_UNITS)


def _refs(facts: Facts, said: Statement, part: tuple[Ref, ...]) -> list[Ref]:
    """Return the meanings of a name, those of the facet in question first; plain counts have near ones."""
    ordered = sorted(part, key=lambda ref: ref[0] != said.facet)
    if ordered[0][0] == said.facet and said.facet not in PLACES:
        ordered = [ref for ref in ordered if ref[0] == said.facet]
    near = [(METRIC, "new", "")] if (METRIC, "total", "") in ordered else []
    return [*ordered, *near]


def _values(said: Statement, facts: Facts, code: str, unit: str) -> list[_Meaning]:
    subject = said.subject
    assert subject is not None
    if said.kind in (drafts.AMOUNT, drafts.SCORE):
        return []
    found: list[_Meaning] = []
    if subject.how == EVERY:
        values = [facts.value(_refs(facts, said, part)[0], code, unit) for part in subject.parts]
        known = [value for value in values if value is not None]
        if len(known) == len(values) and all(_fits(said, part[0]) for part in subject.parts):
            off = next((value for value in known if _holds(said, value) == DIFFERS), known[0])
            words = "、".join(facts.words(part[0]) for part in subject.parts)
            return [_Meaning(value=off, words=f"{words}各为 {'、'.join(f'{value:f}' for value in known)}")]
        return []
    if subject.how == ADDED:
        return _added(said, facts, code, unit)
    for ref in _refs(facts, said, subject.parts[0]):
        value = facts.value(ref, code, unit) if _fits(said, ref) else None
        if value is not None:
            found.append(_Meaning(value=value, words=_told(facts, ref, code)))
        below = facts.value((METRIC, "total", ""), code, ref[1]) if ref[0] == UNIT and _fits(said, ref) else None
        if below is not None and below != value:
            found.append(_Meaning(value=below, words=f"{_told(facts, ref, code)}及下辖机构"))
    return found


def _told(facts: Facts, ref: Ref, code: str) -> str:
    words = facts.words(ref)
    if ref == (METRIC, "new", "") and facts.figures and facts.figures.totals.basis != "new":
        words = "新增投诉（未扣重复和撤诉）"
    return f"{code} {words}" if code else words


def _added(said: Statement, facts: Facts, code: str, unit: str) -> list[_Meaning]:
    subject = said.subject
    assert subject is not None
    if said.kind != drafts.COUNT or said.number.unit not in (*COMPLAINT_UNITS, *_LOOSE_UNITS):
        return []
    found: list[_Meaning] = []
    for refs in product(*(_refs(facts, said, part)[:2] for part in subject.parts)):
        values = [facts.value(ref, code, unit) for ref in refs]
        known = [value for value in values if value is not None]
        if len(known) == len(values) and (len({ref[0] for ref in refs}) == 1):
            names = "、".join(ref[1] for ref in refs)
            found.append(_Meaning(value=sum(known, Decimal(0)), words=f"{names}合计", derived=True))
    if said.summed and len(subject.parts) > 2:
        for size in range(2, len(subject.parts)):
            last = subject.parts[-size:]
            known = [
                value for part in last if (value := facts.value(_refs(facts, said, part)[0], code, unit)) is not None
            ]
            if len(known) == size:
                found.append(_Meaning(value=sum(known, Decimal(0)), words=f"最近 {size} 项合计", derived=True))
        total = facts.value((METRIC, "total", ""), code, unit)
        if total is not None:
            found.append(_Meaning(value=total, words="投诉总数"))
    return found


def _count_of(said: Statement, facts: Facts, code: str, unit: str) -> list[tuple[Decimal, Ref, str]]:
    """Return (count, first meaning, name) for each reading of a figure's subject."""
    subject = said.subject
    assert subject is not None
    if subject.how == ADDED:
        as_count = replace(said, kind=drafts.COUNT, number=replace(said.number, unit="件"))
        return [(one.value, subject.parts[0][0], one.words) for one in _added(as_count, facts, code, unit)]
    found = []
    for ref in _refs(facts, said, subject.parts[0]):
        value = facts.value(ref, code, unit)
        if value is not None and not _measured(ref):
            found.append((value, ref, _told(facts, ref, code)))
        below = facts.value((METRIC, "total", ""), code, ref[1]) if ref[0] == UNIT else None
        if below is not None and below != value:
            found.append((below, ref, f"{_told(facts, ref, code)}及下辖机构"))
    return found


def _measured(ref: Ref) -> bool:
    key = ref[2] or (ref[1] if ref[0] == METRIC else "")
    return key in RATES | DAYS | PER


def _shares(said: Statement, facts: Facts, code: str, unit: str) -> list[_Meaning]:
    found: list[_Meaning] = []
    assert said.subject is not None
    if said.subject.how == EVERY:
        each = [replace(said, subject=Subject(parts=(part,))) for part in said.subject.parts]
        lists = [_shares(one, facts, code, unit) for one in each]
        off = [ways[0] for ways in lists if ways and all(_holds(said, way.value) == DIFFERS for way in ways)]
        return off[:1] or [way for ways in lists for way in ways]
    counted = _count_of(said, facts, code, unit)
    facets = {ref[0] for part in said.base.parts for ref in part} if said.base is not None else set()
    for count, ref, words in [one for one in counted if one[1][0] in facets] or counted:
        for name, base in _bases(said, facts, ref, code, unit):
            if base:
                found.append(
                    _Meaning(value=HUNDRED * count / base, words=f"{words} {count:f} 件，占{name} {base:f} 件")
                )
    return found


def _bases(said: Statement, facts: Facts, ref: Ref, code: str, unit: str) -> list[tuple[str, Decimal]]:
    if said.base is not None and not said.base.total:
        bases = [(facts.words(one), facts.value(one, code, unit)) for part in said.base.parts for one in part]
        return [(name, value) for name, value in bases if value is not None]
    if said.based and said.base is None:
        return []
    usual = facts.bases(ref, code, unit)
    if said.base is not None:
        return usual[:1] if ref[0] != METRIC else usual
    whole = usual if ref[0] == METRIC else [usual[0], *usual[1:]]
    if said.within is not None and not said.within.total and said.within != said.subject:
        inner = [(facts.words(one), facts.value(one, code, unit)) for part in said.within.parts for one in part]
        whole = [*((name, value) for name, value in inner if value is not None and not _is_rate(value, name)), *whole]
    return whole


def _is_rate(value: Decimal, name: str) -> bool:
    return name.endswith("率")


def _changes(said: Statement, facts: Facts, code: str, unit: str) -> list[_Meaning]:
    against = [facts.moment(said.against)] if said.against else [facts.compared or YEAR_BEFORE]
    subject = said.subject
    assert subject is not None
    found: list[_Meaning] = []
    for other in against:
        if other in ("?", code):
            continue
        if said.kind == drafts.POINTS_MOVED or (said.kind == drafts.CHANGE and said.number.unit in DAY_UNITS):
            found += _points(said, facts, code, other, unit)
            continue
        befores = _count_of(said, facts, other, unit)
        for (now, _, words), (before, _, _) in zip(_count_of(said, facts, code, unit), befores, strict=False):
            moved = now - before
            told = f"{words}，{other if other != YEAR_BEFORE else '上年同期'} 为 {before:f}"
            if said.kind == drafts.CHANGE and said.number.unit in (*COMPLAINT_UNITS, *_LOOSE_UNITS):
                found.append(_Meaning(value=moved, words=told))
            elif said.kind == drafts.CHANGE_RATE and before:
                found.append(_Meaning(value=HUNDRED * moved / before, words=told))
        if said.kind == drafts.CHANGE_RATE and (said.shared is not None or any(_measured(r) for r in subject.parts[0])):
            found += _points(said, facts, code, other, unit)
    return found


def _points(said: Statement, facts: Facts, code: str, other: str, unit: str) -> list[_Meaning]:
    """Return how far a rate moved, or the share of a part: of the exact shares, and of those that are printed."""
    subject = said.subject
    assert subject is not None
    found: list[_Meaning] = []
    measured = [ref for ref in subject.parts[0] if _measured(ref)] if subject.how != ADDED else []
    for ref in measured:
        now, before = facts.value(ref, code, unit), facts.value(ref, other, unit)
        if now is not None and before is not None:
            found.append(_Meaning(value=now - before, words=f"{facts.words(ref)}由 {before:f} 变为 {now:f}"))
    if measured:
        return found
    as_share = replace(said, kind=drafts.PROPORTION)
    now_shares, before_shares = _shares(as_share, facts, code, unit), _shares(as_share, facts, other, unit)
    for one, old in zip(now_shares, before_shares, strict=False):
        printed = half_up(one.value, 2) - half_up(old.value, 2)
        words = f"占比由 {half_up(old.value, 2)}% 变为 {half_up(one.value, 2)}%"
        found += [_Meaning(value=printed, words=words), _Meaning(value=one.value - old.value, words=words)]
    return found


def _register(said: Statement, facts: Facts) -> _Opinion | None:
    """Hold a figure against one of the registers that its label names whole."""
    kind = {drafts.DAYS_LONG: drafts.COUNT}.get(said.kind, said.kind)
    fact = facts.fact(said.label, kind, said.number.unit)
    if fact is None or fact.value is None:
        return None
    if kind in (drafts.CHANGE, drafts.CHANGE_RATE):
        return _register_change(said, fact)
    exact = fact.value * 10_000 if fact.kind == drafts.AMOUNT else fact.value
    return _Opinion(verdict=said.number.holds(exact), meaning=_Meaning(value=exact, words=fact.words))


def _register_change(said: Statement, fact: Fact) -> _Opinion | None:
    if fact.before is None or fact.value is None or said.against not in ("", YEAR_BEFORE):
        return None
    moved = fact.value - fact.before
    words = f"{fact.words}，上年同期为 {fact.before:f}"
    if said.kind == drafts.CHANGE:
        return _Opinion(verdict=_holds(said, moved), meaning=_Meaning(value=moved, words=words))
    if not fact.before:
        return None
    rate = HUNDRED * moved / fact.before
    return _Opinion(verdict=_holds(said, rate), meaning=_Meaning(value=rate, words=words))


def _unknown(said: Statement, facts: Facts) -> str:
    if facts.empty:
        return "没有导入本期投诉台账"
    if said.subject is not None:
        ref = said.subject.parts[0][0]
        if _measured(ref) and facts.value(ref, "", said.units[0]) is None:
            return f"{facts.words(ref)}没有基数，无法计算"
        if said.kind in (drafts.CHANGE, drafts.CHANGE_RATE, drafts.POINTS_MOVED):
            return (facts.figures.comparison_note if facts.figures else "") or "没有可比期间的数据"
        if any(facts.moment(moment) for moment in said.moments):
            return f"没有 {facts.moment(said.moments[0])} 的数据"
    return f"数据中没有与“{said.label or said.excerpt}”对应的口径"


def _voted(said: Sequence[Statement], opinions: list[_Opinion]) -> list[_Opinion]:
    """Let the figures of a sentence show what is meant: an unsure difference stands only beside figures that agree."""
    groups: dict[int, list[int]] = {}
    for place, one in enumerate(said):
        groups.setdefault(one.group, []).append(place)
    made = list(opinions)
    for places in groups.values():
        for place in places:
            opinion = opinions[place]
            if opinion.verdict != DIFFERS or opinion.sure:
                continue
            made[place] = _weighed(place, places, said, opinions)
    return made


def _weighed(place: int, places: Sequence[int], said: Sequence[Statement], opinions: Sequence[_Opinion]) -> _Opinion:
    opinion, subject = opinions[place], said[place].subject
    own = [other for other in places if other != place and said[other].subject == subject]
    others = [other for other in places if other != place]
    agree = sum(_telling(said[other], opinions[other]) for other in own)
    against = sum(opinions[other].verdict == DIFFERS for other in own)
    wide = sum(_telling(said[other], opinions[other]) for other in others)
    against_wide = 1 + sum(opinions[other].verdict == DIFFERS for other in others)
    if opinion.suspect:
        alike = sum(opinions[other].suspect for other in others)
        if alike or said[place].number.places > 1:
            return replace(opinion, sure=True)
        return _Opinion(verdict=UNVERIFIABLE, reason=opinion.reason)
    by_others = not own and not said[place].narrowed and subject is not None and subject.strong
    if (agree and agree >= against) or (by_others and wide > against_wide):
        return replace(opinion, sure=True)
    assert opinion.meaning is not None
    words = opinion.meaning.words
    return _Opinion(verdict=UNVERIFIABLE, reason=f"不能确定说的是否为{words}（{half_up(opinion.meaning.value, 2):f}）")


def _telling(said: Statement, opinion: _Opinion) -> bool:
    """Tell whether a figure agrees, and not by chance: small counts prove nothing."""
    return opinion.verdict in (AGREES, ROUNDING, DERIVED) and (said.number.places > 0 or abs(said.value) >= 5)


def _among_themselves(said: Statement, opinion: _Opinion, every: Sequence[Statement], facts: Facts) -> _Opinion:
    """Hold a share or a rate of change, that the ledger could not judge, against the draft's own counts."""
    if opinion.verdict != UNVERIFIABLE:
        return opinion
    if said.kind == drafts.PROPORTION:
        return _own_share(said, opinion, every, facts)
    if said.kind == drafts.CHANGE and said.counted is not None and said.before is not None:
        now, before = every[said.counted].value, every[said.before].value
        words = f"文中 {now:f} − {before:f}"
        return _Opinion(
            verdict=_holds(said, now - before), meaning=_Meaning(value=now - before, words=words), basis=DRAFT
        )
    if said.kind == drafts.CHANGE_RATE and said.counted is not None:
        now = every[said.counted].value
        if said.before is not None:
            base = every[said.before].value
        elif said.moved is not None:
            base = now - every[said.moved].value
        else:
            return opinion
        if base:
            rate = HUNDRED * (now - base) / base
            words = f"文中增减 {now - base:f} ÷ 推算的上年数 {base:f}"
            return _Opinion(verdict=_holds(said, rate), meaning=_Meaning(value=rate, words=words), basis=DRAFT)
    return opinion


def _own_share(said: Statement, opinion: _Opinion, every: Sequence[Statement], facts: Facts) -> _Opinion:
    if said.counted is None or (said.based and said.base is None):
        return opinion
    count = every[said.counted]
    if count.number.unit not in (*COMPLAINT_UNITS, "") or (count.subject is not None and count.subject != said.subject):
        return opinion
    total = _draft_total(every, said)
    known = facts.value((METRIC, "total", "")) if not facts.empty else None
    bases = list(dict.fromkeys(base for base in (known, total) if base is not None))
    usable = [base for base in bases if base and base >= count.value]
    if not usable:
        return opinion
    ways = [
        _Meaning(value=HUNDRED * count.value / base, words=f"文中 {count.value:f} ÷ 总数 {base:f}") for base in usable
    ]
    for way in ways:
        if _holds(said, way.value) != DIFFERS:
            return _Opinion(verdict=_holds(said, way.value), meaning=way, basis=DRAFT)
    if not facts.empty and said.within is not None and not said.within.total:
        return opinion
    return _Opinion(verdict=DIFFERS, meaning=ways[0], basis=DRAFT)


def _draft_total(every: Sequence[Statement], said: Statement) -> Decimal | None:
    """Return the number of all complaints that the draft states; in a table that of its own row 合计."""
    if said.row is not None:
        count = every[said.counted] if said.counted is not None else None
        for total, _ in totals_of(every):
            if total.row and count and count.row and (total.row[0], total.row[2]) == (count.row[0], count.row[2]):
                return total.value
    for name in ("valid", "total", "new"):
        for one in every:
            named = one.subject is not None and one.subject.parts[0][0] == (METRIC, name, "")
            if one.kind == drafts.COUNT and named and one.row is None and one.moments[0] in ("", CURRENT):
                return one.value
    return None


def _sum_of_rounded(said: Statement, facts: Facts) -> _Opinion | None:
    """A sum of rounded shares need not be the rounded share of the sum: it is unverifiable, not wrong."""
    subject = said.subject
    if said.kind != drafts.PROPORTION or subject is None or subject.how != ADDED or said.counted is not None:
        return None
    code, unit = facts.moment(said.moments[0]), said.units[0]
    base = facts.value((METRIC, "total", ""), code, unit)
    counts = [facts.value(_refs(facts, said, part)[0], code, unit) for part in subject.parts]
    known = [count for count in counts if count is not None]
    if not base or len(known) < len(counts):
        return None
    places = said.number.places
    if sum((half_up(HUNDRED * count / base, places) for count in known), Decimal(0)) != said.value:
        return None
    exact = half_up(HUNDRED * sum(known) / base, places)
    words = f"是各项四舍五入后的占比相加，不能据以核对；按件数计算为 {exact}%"
    return _Opinion(verdict=UNVERIFIABLE, reason=words)


def _sums(said: Sequence[Statement], opinions: list[_Opinion]) -> list[_Opinion]:
    """Hold the row 合计 of a table against the rows above it, where the ledger could not judge it."""
    made = list(opinions)
    places = {id(one): place for place, one in enumerate(said)}
    for total, above in totals_of(said):
        place = places[id(total)]
        if made[place].verdict != UNVERIFIABLE or len(above) < 2 or total.kind != drafts.COUNT:
            continue
        added = sum((one.value for one in above), Decimal(0))
        meaning = _Meaning(value=added, words=f"表中各行相加为 {added:f}", derived=True)
        verdict = DERIVED if total.value == added else DIFFERS
        made[place] = _Opinion(verdict=verdict, meaning=meaning, basis=DRAFT)
    return made


def _finding(said: Statement, opinion: _Opinion) -> CheckedNumber:
    meaning = opinion.meaning
    stated = _shown(said.number, said.value)
    expected = difference = ""
    if meaning is not None and opinion.verdict != UNVERIFIABLE:
        exact = meaning.value
        loose = said.number.bound != "exact" or said.number.spoken
        shown = half_up(exact, 2 if said.number.unit in ("%", POINTS) else said.number.places) if loose else None
        expected = f"{shown:f}{said.number.unit}" if shown is not None else _shown(said.number, exact)
        gap = said.value - half_up(exact / said.number.scale, said.number.places) * said.number.scale
        unit = POINTS if said.number.unit == "%" else said.number.unit
        difference = f"{gap / said.number.scale:+f}{_scaled(said.number)}{unit}" if gap and not loose else ""
    words = meaning.words if meaning is not None else ""
    reason = "；".join(part for part in (words, opinion.reason) if part)
    if opinion.verdict == ROUNDING:
        reason += "；差在末位，属舍入差异"
    return CheckedNumber(
        verdict=opinion.verdict,
        place=said.place,
        excerpt=said.excerpt,
        stated=stated,
        expected=expected,
        difference=difference,
        basis=opinion.basis if opinion.verdict != UNVERIFIABLE else "",
        reason=reason,
    )


def _scaled(number: Number) -> str:
    return {10_000: "万", 100_000_000: "亿", 100: "百", 1000: "千"}.get(number.scale, "")


def _shown(number: Number, value: Decimal) -> str:
    at = half_up(value / number.scale, number.places)
    return f"{at:f}{_scaled(number)}{number.unit}"


def _left_out(said: Sequence[Statement], facts: Facts) -> list[CheckedNumber]:
    """Say what the draft leaves out: last year's count behind a change, and the one part missing from a total."""
    found = []
    for one in said:
        counted = said[one.counted] if one.counted is not None else None
        if counted is None or one.row is not None:
            continue
        if one.kind == drafts.CHANGE:
            before = counted.value - one.value
            reason = f"上年同期数由文中 {counted.value:f} 和增减 {one.value:+f} 推算"
            found.append(_missing(one.place, one.excerpt, f"{before:f}{one.number.unit}", reason))
        elif one.kind == drafts.CHANGE_RATE and one.moved is None:
            found += _base_of(one, counted.value)
    return found + _missing_parts(said, facts)


def _missing(place: str, excerpt: str, expected: str, reason: str) -> CheckedNumber:
    return CheckedNumber(
        verdict=DERIVED, place=place, excerpt=excerpt, stated="", expected=expected, basis=DRAFT, reason=reason
    )


def _base_of(said: Statement, counted: Decimal) -> list[CheckedNumber]:
    """Return last year's counts that fit a stated rate; when more than one does, the range."""
    if said.value <= -HUNDRED:
        return []
    guess = int(half_up(counted / (1 + said.value / HUNDRED), 0))
    near = range(max(guess - 60, 1), guess + 61)
    fits = [n for n in near if share(counted - n, n, said.number.places) == said.value]
    if not fits:
        return []
    words = str(fits[0]) if len(fits) == 1 else f"{fits[0]} 至 {fits[-1]}"
    reason = f"上年同期数由文中 {counted:f} 和增减率 {said.value:+f}% 推算"
    return [_missing(said.place, said.excerpt, words, reason)]


def _missing_parts(said: Sequence[Statement], facts: Facts) -> list[CheckedNumber]:
    """Name the one part of a facet that the draft does not write, from its total and the parts that it does."""
    if facts.figures is None:
        return []
    total = next((one.value for one in said if one.kind == drafts.COUNT and one.subject and one.subject.total), None)
    stated: dict[str, dict[str, Decimal]] = {}
    for one in said:
        if (
            one.kind == drafts.COUNT
            and one.subject is not None
            and one.subject.how == drafts.ONE
            and one.moments == ("",)
        ):
            refs = [ref for ref in one.subject.parts[0] if ref[0] in facts.figures.breakdowns and not ref[2]]
            ref = next((ref for ref in refs if ref[0] == one.facet), refs[0] if refs else None)
            if ref is not None:
                stated.setdefault(ref[0], {})[ref[1]] = one.value
    found = []
    for facet, parts in stated.items():
        rest = total - sum(parts.values(), Decimal(0)) if total is not None else Decimal(0)
        if len(parts) < 2 or rest <= 0 or facet not in facts.figures.breakdowns:
            continue
        missing = [name for name in filled(facts.figures, facet) if name not in parts]
        which = missing[0] if len(missing) == 1 else "未写出的各项合计"
        title = facts.figures.breakdowns[facet].title
        reason = f"{title}：文中总数 {total:f} 减去已写出的 {len(parts)} 项"
        found.append(_missing("全文", which, f"{rest:f}件", reason))
    return found


def counted_verdicts(findings: Iterable[CheckedNumber]) -> Mapping[str, int]:
    """Return how many findings there are of each verdict."""
    tally = dict.fromkeys((AGREES, ROUNDING, DIFFERS, UNVERIFIABLE, DERIVED), 0)
    for finding in findings:
        tally[finding.verdict] += 1
    return tally
