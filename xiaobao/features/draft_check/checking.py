"""数字核对: hold every stated figure of a draft against the ledger, or against the draft's other figures.

A figure agrees, differs (a slip of the last place is marked as such), can be derived, or cannot be verified, with the
reason. What is not certain is only called wrong where other figures of the same sentence show what is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from xiaobao.features.draft_check.draft_itself import (
    among_themselves,
    left_out,
    of_a_count,
    of_a_count_nearby,
    sums_of_rows,
)
from xiaobao.features.draft_check.draft_numbers import COMPLAINT_UNITS, DAY_UNITS, LOOSE_UNITS, POINTS
from xiaobao.features.draft_check.draft_own import OwnWords, Printed
from xiaobao.features.draft_check.draft_tables import read_grid, totals_of
from xiaobao.features.draft_check.draft_words import METRIC, YEAR_BEFORE, Lexicon
from xiaobao.features.draft_check.drafts import Reader
from xiaobao.features.draft_check.known_facts import DAYS, PER, RATES, Fact, KnownFacts
from xiaobao.features.draft_check.readings import asks_people, is_measured, meant_refs, readings
from xiaobao.features.draft_check.statement import (
    ADDED,
    AMOUNT,
    CHANGE,
    CHANGE_RATE,
    COUNT,
    DAYS_LONG,
    LESS,
    MOVES,
    POINTS_MOVED,
    PROPORTION,
    Statement,
)
from xiaobao.features.draft_check.verdicts import (
    AGREES,
    DERIVED,
    DIFFERS,
    ROUNDING,
    UNVERIFIABLE,
    CheckedNumber,
    Meaning,
    Opinion,
    finding,
    holds,
)
from xiaobao.numbers import HUNDRED, half_up
from xiaobao.written.blocks import DocumentBlock, Grid


def statements(
    blocks: Sequence[DocumentBlock], lexicon: Lexicon, unit: str = "", own: OwnWords | None = None
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
    blocks: Sequence[DocumentBlock], facts: KnownFacts, unit: str = "", own: OwnWords | None = None
) -> tuple[CheckedNumber, ...]:
    """Return a finding for every stated figure of the draft, in order, then what can be derived.

    `unit` is the code of the unit that the whole draft is of, "" is the bank; `own` is what our own reports say.
    """
    said = statements(blocks, facts.lexicon, unit, own)
    opinions = [_as_printed(one) or _opinion(one, facts, said) for one in said]
    opinions = _voted(said, _one_scope(said, opinions, facts))
    opinions = [among_themselves(one, opinion, said, facts) for one, opinion in zip(said, opinions, strict=True)]
    opinions = sums_of_rows(said, opinions)
    found = [finding(one, opinion) for one, opinion in zip(said, opinions, strict=True)]
    return (*found, *left_out(said, facts))


def _opinion(said: Statement, facts: KnownFacts, every: Sequence[Statement]) -> Opinion:
    unfit = _unit_fault(said, facts)
    if unfit is not None:
        return unfit
    ours = of_a_count(said, every, facts)
    if ours is not None:
        return ours
    meanings = readings(_with_count(said, every), facts)
    if not meanings:
        unread = Opinion(verdict=UNVERIFIABLE, reason=_unknown(said, facts))
        return _register(said, facts) or _wrong_period(said, facts) or unread
    if said.row is not None and said.subject is not None and said.subject.total:
        meanings += _column_sum(said, every)
    judged = [(_stands(said, one), one) for one in meanings]
    for wanted in (AGREES, ROUNDING):
        for verdict, one in judged:
            if verdict == wanted and one.fault and said.number.unit == "%":
                return Opinion(verdict=DIFFERS, reason=f"{one.words}，{one.fault}")
            if verdict == wanted:
                return Opinion(verdict=DERIVED if one.derived and wanted == AGREES else wanted, meaning=one)
    written = of_a_count_nearby(said, every)
    if written is not None:
        return written
    rounded = _sum_of_rounded(said, facts)
    if rounded is not None:
        return rounded
    register = _register(said, facts)
    if register is not None and (register.verdict != DIFFERS or not said.sure):
        return register
    if said.apart:
        return Opinion(verdict=UNVERIFIABLE, reason=f"{meanings[0].words}是全部，文中说的是其中一部分，没有分别统计")
    return Opinion(verdict=DIFFERS, meaning=meanings[0], sure=said.sure)


def _with_count(said: Statement, every: Sequence[Statement]) -> Statement:
    """Let a share or a change know the count that the draft gives of the same thing."""
    counted = every[said.counted] if said.counted is not None else None
    if counted is None or said.kind == COUNT or counted.subject != said.subject or counted.number.bound != "exact":
        return said
    return replace(said, stated=counted.value)


def _one_scope(said: Sequence[Statement], opinions: Sequence[Opinion], facts: KnownFacts) -> list[Opinion]:
    """A unit's own rows, or those below it too: one sentence means one of them, the one that more of it agrees with."""
    made = list(opinions)
    groups: dict[tuple[int, tuple[str, ...]], list[int]] = {}
    for place, one in enumerate(said):
        if len(one.units) > 1 and one.own is None:
            groups.setdefault((one.group, one.units), []).append(place)
    for (_, units), places in groups.items():
        ways = [[_opinion(replace(said[at], units=(unit,)), facts, said) for at in places] for unit in units]
        agreed = [sum(opinion.verdict in (AGREES, ROUNDING, DERIVED) for opinion in way) for way in ways]
        if max(agreed) > 1 and agreed.count(max(agreed)) == 1:
            for at, opinion in zip(places, ways[agreed.index(max(agreed))], strict=True):
                made[at] = opinion
    return made


def _wrong_period(said: Statement, facts: KnownFacts) -> Opinion | None:
    """Of a period without data nothing is known; but a figure that is exactly this period's was meant for it."""
    code, against = facts.moment(said.moments[0]), facts.moment(said.against) if said.against else ""
    known = said.subject is not None and not facts.empty and not said.level and "?" not in (code, against)
    if not known or not said.sure or (not code and not against) or not said.value:
        return None
    meanings = readings(replace(said, moments=("",), against=""), facts)
    same = next((one for one in meanings if holds(said, one.value) == AGREES), None)
    if same is None or said.number.bound != "exact":
        return None
    named = against if against and said.kind in MOVES else code
    words = {YEAR_BEFORE: "上年同期"}.get(named, named)
    compared = f"与 {facts.compared} 比的" if said.kind in MOVES else "本期的"
    reason = f"没有 {words} 的数据，数字却是{compared}，期间可能写错"
    return Opinion(verdict=DIFFERS, meaning=same, sure=False, reason=reason, suspect=True)


def _column_sum(said: Statement, every: Sequence[Statement]) -> list[Meaning]:
    """A row 合计 may be of the rows above it alone; rounded shares add up to what they add up to."""
    above = next((parts for total, parts in totals_of(every) if total is said), [])
    if len(above) < 2:
        return []
    added = sum((one.value for one in above), Decimal(0))
    whole = (
        [Meaning(value=HUNDRED, words="合计行的占比", derived=True)] if said.kind == PROPORTION and said.based else []
    )
    return [Meaning(value=added, words=f"表中各行相加为 {added:f}", derived=True), *whole]


def _as_printed(said: Statement) -> Opinion | None:
    """Hold a figure of a sentence of ours against the one that we print there."""
    own = said.own
    if own is None:
        return None
    meaning = Meaning(value=own.value if said.kind in MOVES else own.number.value, words="本产品报告中的同一句")
    if said.number.unit != own.number.unit:
        return Opinion(verdict=DIFFERS, meaning=meaning, reason=f"单位应为{own.number.unit}")
    value = said.value if said.kind in MOVES else said.number.value
    if own.way and (value < 0) != (own.value < 0) and value and own.value:
        return Opinion(verdict=DIFFERS, meaning=meaning, reason="增减方向相反")
    exact = _ours_exact(own, meaning.value, said)
    # 评分覆盖不足3个: where ours reads the same, the word before the number bounds nothing.
    bound = "exact" if said.number.bound == own.number.bound else said.number.bound
    return Opinion(verdict=replace(said.number, value=value, bound=bound).holds(exact), meaning=meaning)


def _ours_exact(own: Printed, value: Decimal, said: Statement) -> Decimal:
    """A figure written to the same place must be the same; one written shorter is compared at its own place."""
    return value if own.number.places >= said.number.places else half_up(value, own.number.places)


def _stands(said: Statement, one: Meaning) -> str:
    """Hold a figure against one reading; 近, 超过 and the like bound how far something moved, whatever way."""
    bounded = said.number.bound != "exact" and said.kind in MOVES
    return said.number.holds(abs(one.value)) if bounded else holds(said, one.value)


def _unit_fault(said: Statement, facts: KnownFacts) -> Opinion | None:
    """Return a fault where a unit cannot be that of the thing: 件数 has no 百分点, days are no hours."""
    subject, unit = said.subject, said.number.unit
    if subject is None or facts.empty:
        return None
    ref = subject.parts[0][0]
    key = ref[2] or (ref[1] if ref[0] == METRIC else "")
    rate = key in RATES
    if said.kind == POINTS_MOVED and not rate and said.shared is None and subject.total and said.sure:
        return Opinion(verdict=DIFFERS, reason="件数的增减不能用百分点表示")
    if said.kind == POINTS_MOVED and ref in ((METRIC, "valid", ""), (METRIC, "new", "")) and said.shared is None:
        return Opinion(verdict=DIFFERS, reason="件数的增减不能用百分点表示")
    if said.kind == PROPORTION and unit in (POINTS, "‰"):
        shares = readings(said, facts)
        if said.sure or any(holds(said, one.value) == AGREES for one in shares):
            return Opinion(verdict=DIFFERS, reason="占比的单位应为 %")
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
            return Opinion(verdict=DIFFERS, reason=f"{facts.words(ref)}的单位应为天（{counted}）")
    if key in PER and said.kind == COUNT and same and unit not in (*COMPLAINT_UNITS, *LOOSE_UNITS):
        return Opinion(verdict=DIFFERS, reason=f"{facts.words(ref)}的单位应为件")
    wrong = said.kind == COUNT and not days and not rate and unit not in (*COMPLAINT_UNITS, *LOOSE_UNITS)
    measured = days or rate or key in PER
    wrong = wrong and not asks_people(key, unit)
    wrong = (wrong and not measured) or (said.kind == AMOUNT and not measured)
    wrong = wrong or (said.kind == DAYS_LONG and not measured and ref[0] != METRIC)
    if wrong and same and value is not None and value > 5 and (said.sure or not said.narrowed):
        return Opinion(verdict=DIFFERS, reason=f"{facts.words(ref)}的单位应为件，数据为 {value:f} 件")
    return None


def _plain_value(said: Statement, facts: KnownFacts) -> Decimal | None:
    """Return the count or measure that a figure's subject has, whatever the unit that is written behind it."""
    subject, code = said.subject, facts.moment(said.moments[0])
    assert subject is not None
    values = [facts.value(meant_refs(facts, said, part)[0], code, said.units[-1]) for part in subject.parts]
    known = [value for value in values if value is not None]
    if len(known) < len(values) or subject.how == LESS:
        return None
    if subject.total and facts.figures is not None and said.number.value == facts.figures.totals.new:
        return Decimal(facts.figures.totals.new)
    return sum(known, Decimal(0)) if subject.how == ADDED else known[0]


def _register(said: Statement, facts: KnownFacts) -> Opinion | None:
    """Hold a figure against one of the registers that its label names whole."""
    kind = {DAYS_LONG: COUNT}.get(said.kind, said.kind)
    fact = facts.fact(said.label, kind, said.number.unit)
    if fact is None or fact.value is None:
        return None
    if kind in (CHANGE, CHANGE_RATE):
        return _register_change(said, fact)
    exact = fact.value * 10_000 if fact.kind == AMOUNT else fact.value
    return Opinion(verdict=said.number.holds(exact), meaning=Meaning(value=exact, words=fact.words))


def _register_change(said: Statement, fact: Fact) -> Opinion | None:
    if fact.before is None or fact.value is None or said.against not in ("", YEAR_BEFORE):
        return None
    moved = fact.value - fact.before
    words = f"{fact.words}，上年同期为 {fact.before:f}"
    if said.kind == CHANGE:
        return Opinion(verdict=holds(said, moved), meaning=Meaning(value=moved, words=words))
    if not fact.before:
        return None
    rate = HUNDRED * moved / fact.before
    return Opinion(verdict=holds(said, rate), meaning=Meaning(value=rate, words=words))


def _unknown(said: Statement, facts: KnownFacts) -> str:
    if facts.empty:
        return "没有导入本期投诉台账"
    if said.subject is not None:
        ref = said.subject.parts[0][0]
        if is_measured(ref) and facts.value(ref, "", said.units[0]) is None:
            return f"{facts.words(ref)}没有基数，无法计算"
        if said.kind in MOVES:
            return (facts.figures.comparison_note if facts.figures else "") or "没有可比期间的数据"
        if any(facts.moment(moment) for moment in said.moments):
            return f"没有 {facts.moment(said.moments[0])} 的数据"
    return f"数据中没有与“{said.label or said.excerpt}”对应的口径"


def _voted(said: Sequence[Statement], opinions: list[Opinion]) -> list[Opinion]:
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


def _weighed(place: int, places: Sequence[int], said: Sequence[Statement], opinions: Sequence[Opinion]) -> Opinion:
    opinion, subject = opinions[place], said[place].subject
    own = [other for other in places if other != place and said[other].subject == subject]
    others = [other for other in places if other != place]
    agree = sum(_decides(said[other], opinions[other]) for other in own)
    against = sum(opinions[other].verdict == DIFFERS for other in own)
    wide = sum(_decides(said[other], opinions[other]) for other in others)
    against_wide = 1 + sum(opinions[other].verdict == DIFFERS for other in others)
    if opinion.suspect:
        alike = sum(opinions[other].suspect for other in others)
        if alike or said[place].number.places > 1:
            return replace(opinion, sure=True)
        return Opinion(verdict=UNVERIFIABLE, reason=opinion.reason)
    by_others = not own and not said[place].narrowed and subject is not None and subject.strong
    if (agree and agree >= against) or (by_others and wide > against_wide):
        return replace(opinion, sure=True)
    assert opinion.meaning is not None
    words = opinion.meaning.words
    return Opinion(verdict=UNVERIFIABLE, reason=f"不能确定说的是否为{words}（{half_up(opinion.meaning.value, 2):f}）")


def _decides(said: Statement, opinion: Opinion) -> bool:
    """Tell whether a figure agrees, and not by chance: small counts prove nothing."""
    return opinion.verdict in (AGREES, ROUNDING, DERIVED) and (said.number.places > 0 or abs(said.value) >= 5)


def _sum_of_rounded(said: Statement, facts: KnownFacts) -> Opinion | None:
    """A sum of rounded shares need not be the rounded share of the sum: it is unverifiable, not wrong."""
    subject = said.subject
    if said.kind != PROPORTION or subject is None or subject.how != ADDED or said.counted is not None:
        return None
    code, unit = facts.moment(said.moments[0]), said.units[0]
    base = facts.value((METRIC, "total", ""), code, unit)
    counts = [facts.value(meant_refs(facts, said, part)[0], code, unit) for part in subject.parts]
    known = [count for count in counts if count is not None]
    if not base or len(known) < len(counts):
        return None
    places = said.number.places
    if sum((half_up(HUNDRED * count / base, places) for count in known), Decimal(0)) != said.value:
        return None
    exact = half_up(HUNDRED * sum(known) / base, places)
    words = f"是各项四舍五入后的占比相加，不能据以核对；按件数计算为 {exact}%"
    return Opinion(verdict=UNVERIFIABLE, reason=words)
