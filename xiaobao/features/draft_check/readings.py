"""What a stated figure may mean by the ledger: counts, shares, changes, each with its exact value."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from itertools import product

from xiaobao.features.draft_check.draft_numbers import COMPLAINT_UNITS, DAY_UNITS, EXACT, LOOSE_UNITS, PEOPLE_UNITS
from xiaobao.features.draft_check.draft_words import METRIC, MONTHS, PLACE_FACETS, PREVIOUS, UNIT, YEAR_BEFORE, Ref
from xiaobao.features.draft_check.known_facts import DAYS, PER, RATES, KnownFacts
from xiaobao.features.draft_check.statement import (
    ADDED,
    AMOUNT,
    BELOW,
    CHANGE,
    CHANGE_RATE,
    COUNT,
    DAYS_LONG,
    EVERY,
    LESS,
    MOVES,
    ONE,
    OWN_ROWS,
    PER_SO_MANY,
    POINTS_MOVED,
    PROPORTION,
    RATE,
    RATIO,
    SCORE,
    TIMES,
    TIMES_MORE,
    TOP,
    UNITS_BEYOND,
    Statement,
    Subject,
)
from xiaobao.features.draft_check.verdicts import AGREES, DIFFERS, Meaning, holds
from xiaobao.numbers import HUNDRED, half_up

UNIT_WORDS = ("支行", "分理处", "分行", "储蓄所", "营业部")
_ASKED = re.compile(
    r"(?:满意|表态)的?(?:客户|消费者|投诉人)?(?:数量|数|共有|共|有|为|达)*$"
)  # 有76位表示满意 is named behind
_OWN, _WIDE = "机构自有的", "含下辖的"
_NEAREST = Decimal("0.6")  # 2.67 of ten are 约三件; 2.5 either


def readings(said: Statement, facts: KnownFacts) -> list[Meaning]:
    """Return the readings of a figure by what the ledger knows."""
    if facts.empty or (said.subject is None and said.ratio is None and said.beyond is None):
        return []
    found: list[Meaning] = []
    for moment, unit in product(said.moments, said.units):
        code = facts.moment(moment)
        if said.short:
            found += _short(said, facts, code, unit)
        elif said.kind == PROPORTION:
            found += _shares(said, facts, code, unit)
        elif said.kind in MOVES:
            found += _changes(said, facts, code, unit)
        elif said.kind == RATIO:
            found += _ratios(said, facts, code, unit)
        elif said.kind == UNITS_BEYOND:
            found += _units_beyond(said, facts) if not (code or unit) else []
        elif said.kind == PER_SO_MANY:
            found += _of_so_many(said, facts, code, unit)
        elif said.kind in (TIMES, TIMES_MORE):
            found += _multiples(said, facts, code, unit)
        else:
            found += _values(said, facts, code, unit)
    return found


def _fits(said: Statement, ref: Ref) -> bool:
    """Tell whether a figure of this kind and unit can be one of `ref`."""
    key = ref[2] or (ref[1] if ref[0] == METRIC else "")
    if key in RATES:
        return said.kind in (RATE, PROPORTION)
    if key in DAYS:
        return said.kind in (DAYS_LONG, CHANGE)
    if said.kind != COUNT:
        return False
    beside = asks_people(key, said.number.unit) and _ASKED.search(said.label) is not None
    return said.number.unit in (*COMPLAINT_UNITS, *LOOSE_UNITS) or beside


def asks_people(key: str, unit: str) -> bool:
    """Tell whether a count may as well be one of people: who was asked, satisfied or not, 76人次 as well as 76件."""
    return key in ("asked", "satisfied", "dissatisfied") and unit in PEOPLE_UNITS


def meant_refs(facts: KnownFacts, said: Statement, part: tuple[Ref, ...]) -> list[Ref]:
    """Return the meanings of a name, those of the facet in question first; plain counts have near ones."""
    ordered = sorted(part, key=lambda ref: ref[0] != said.facet)
    if ordered[0][0] == said.facet and said.facet not in PLACE_FACETS:
        ordered = [ref for ref in ordered if ref[0] == said.facet]
    near = [(METRIC, "new", "")] if (METRIC, "total", "") in ordered else []
    return [*ordered, *near]


def _values(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[Meaning]:
    subject = said.subject
    assert subject is not None
    if said.kind in (AMOUNT, SCORE):
        return []
    found: list[Meaning] = []
    if subject.how == EVERY:
        values = [facts.value(meant_refs(facts, said, part)[0], code, unit) for part in subject.parts]
        known = [value for value in values if value is not None]
        if len(known) == len(values) and all(_fits(said, part[0]) for part in subject.parts):
            off = next((value for value in known if holds(said, value) == DIFFERS), known[0])
            words = "、".join(facts.words(part[0]) for part in subject.parts)
            return [Meaning(value=off, words=f"{words}各为 {'、'.join(f'{value:f}' for value in known)}")]
        return []
    if subject.how == ADDED:
        return _added(said, facts, code, unit)
    if subject.how == LESS:
        return _all_but(said, facts, code, unit) if said.kind == COUNT else []
    if subject.how == TOP:
        return _of_the_first(said, facts, code, unit) if said.kind == COUNT else []
    for ref in meant_refs(facts, said, subject.parts[0]):
        if _fits(said, ref):
            found += [Meaning(value=value, words=words) for value, words in _scopes(said, facts, ref, code, unit)]
    return found


def _all_but(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[Meaning]:
    """Return all complaints less those of the named parts; where a value is missing, with these and without."""
    assert said.subject is not None
    refs = [meant_refs(facts, said, part)[0] for part in said.subject.parts]
    values = [facts.value(ref, code, unit) for ref in refs]
    known = [value for value in values if value is not None]
    whole = facts.value((METRIC, "total", ""), code, unit)
    if whole is None or len(known) < len(values) or len({ref[0] for ref in refs}) > 1:
        return []
    left, names = whole - sum(known, Decimal(0)), "、".join(facts.words(ref) for ref in refs)
    table = facts.figures.breakdowns.get(refs[0][0]) if facts.figures is not None and not (code or unit) else None
    unfilled = sum(row.count for row in table.rows if row.kind == "missing") if table is not None else 0
    ways = [Meaning(value=left, words=f"全部 {whole:f} 件减去{names}", derived=True)]
    return [*ways, Meaning(value=left - unfilled, words=f"{ways[0].words}和未填写的", derived=True)][
        : 1 + bool(unfilled)
    ]


def _of_the_first(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[Meaning]:
    """Return the sum of the largest parts of a facet: 前三大来源合计."""
    assert said.subject is not None
    facet, ledger = said.subject.parts[0][0][0], facts.ledger(code, unit)
    table = ledger.breakdowns.get(facet) if ledger is not None else None
    rows = sorted((row for row in table.rows if row.kind == "listed"), key=lambda row: -row.count) if table else []
    first = rows[: said.subject.first]
    if len(first) < said.subject.first:
        return []
    names = "、".join(row.name for row in first)
    return [Meaning(value=Decimal(sum(row.count for row in first)), words=f"{names}合计", derived=True)]


def _of_so_many(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[Meaning]:
    """Return how many of 每10件 are the named ones; what is nearest to that many may be said of it."""
    whole = facts.value((METRIC, "total", ""), code, unit)
    found = []
    for count, _, words in _count_of(said, facts, code, unit):
        if not whole:
            break
        exact = said.many * count / whole
        near = said.number.value if abs(exact - said.number.value) <= _NEAREST else exact
        found.append(
            Meaning(
                value=near,
                words=f"{words} {count:f} 件，全部 {whole:f} 件，每 {said.many} 件中 {half_up(exact, 2):f} 件",
                derived=True,
            )
        )
    return found


def _scopes(said: Statement, facts: KnownFacts, ref: Ref, code: str, unit: str) -> list[tuple[Decimal, str]]:
    """Return (count, words): of a unit its own rows, and those of the units below it too, as far as the words let."""
    if said.scope == OWN_ROWS and ref[0] in PLACE_FACETS and ref[0] != UNIT:
        return []
    value = facts.value(ref, code, unit)
    below = facts.value((METRIC, "total", ""), code, ref[1]) if ref[0] == UNIT else None
    own = [(value, _reference_words(facts, ref, code))] if value is not None else []
    if below is None or below == value:
        return own
    wide = [(below, f"{_reference_words(facts, ref, code)}及下辖机构")]
    return {OWN_ROWS: own, BELOW: wide}.get(said.scope, own + wide)


def _reference_words(facts: KnownFacts, ref: Ref, code: str) -> str:
    words = facts.words(ref)
    if ref == (METRIC, "new", "") and facts.figures and facts.figures.totals.basis != "new":
        words = "新增投诉（未扣重复和撤诉）"
    return f"{code} {words}" if code else words


def _added(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[Meaning]:
    subject = said.subject
    assert subject is not None
    if said.kind != COUNT or said.number.unit not in (*COMPLAINT_UNITS, *LOOSE_UNITS):
        return []
    found: list[Meaning] = []
    for refs in product(*(meant_refs(facts, said, part)[:2] for part in subject.parts)):
        values = [facts.value(ref, code, unit) for ref in refs]
        known = [value for value in values if value is not None]
        if len(known) == len(values) and (len({ref[0] for ref in refs}) == 1):
            names = "、".join(ref[1] for ref in refs)
            found.append(Meaning(value=sum(known, Decimal(0)), words=f"{names}合计", derived=True))
    if said.summed and len(subject.parts) > 2:
        for size in range(2, len(subject.parts)):
            last = subject.parts[-size:]
            known = [
                value
                for part in last
                if (value := facts.value(meant_refs(facts, said, part)[0], code, unit)) is not None
            ]
            if len(known) == size:
                found.append(Meaning(value=sum(known, Decimal(0)), words=f"最近 {size} 项合计", derived=True))
        total = facts.value((METRIC, "total", ""), code, unit)
        if total is not None:
            found.append(Meaning(value=total, words="投诉总数"))
    return found


def _count_of(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[tuple[Decimal, Ref, str]]:
    """Return (count, first meaning, name) for each reading of a figure's subject."""
    subject = said.subject
    assert subject is not None
    if subject.how == ADDED:
        as_count = replace(said, kind=COUNT, number=replace(said.number, unit="件"))
        return [(one.value, subject.parts[0][0], one.words) for one in _added(as_count, facts, code, unit)]
    if subject.how in (LESS, TOP):
        ways = _all_but(said, facts, code, unit) if subject.how == LESS else _of_the_first(said, facts, code, unit)
        return [(one.value, subject.parts[0][0], one.words) for one in ways]
    found = []
    for ref in meant_refs(facts, said, subject.parts[0]):
        if not is_measured(ref):
            found += [(value, ref, words) for value, words in _scopes(said, facts, ref, code, unit)]
    return found


def _stated_ones(said: Statement, counted: list[tuple[Decimal, Ref, str]]) -> list[tuple[Decimal, Ref, str]]:
    """Of a unit's own rows and those below, a share or a change is of the ones whose count the draft gives."""
    places = any(ref[0] == UNIT for _, ref, _ in counted)
    return [one for one in counted if one[0] == said.stated] or counted if places else counted


def is_measured(ref: Ref) -> bool:
    """Tell whether a reference is a rate, a number of days or a figure per something: such never add up over units."""
    key = ref[2] or (ref[1] if ref[0] == METRIC else "")
    return key in RATES | DAYS | PER


def _shares(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[Meaning]:
    found: list[Meaning] = []
    assert said.subject is not None
    if said.subject.how == EVERY:
        each = [replace(said, subject=Subject(parts=(part,))) for part in said.subject.parts]
        lists = [_shares(one, facts, code, unit) for one in each]
        off = [ways[0] for ways in lists if ways and all(holds(said, way.value) == DIFFERS for way in ways)]
        summed = _shares(replace(said, subject=replace(said.subject, how=ADDED)), facts, code, unit)
        fits = [replace(way, derived=True) for way in summed if holds(said, way.value) != DIFFERS]
        return fits[:1] if fits and not said.each else off[:1] or [way for ways in lists for way in ways]
    counted = _count_of(said, facts, code, unit)
    facets = {ref[0] for part in said.base.parts for ref in part} if said.base is not None else set()
    counted = _stated_ones(said, counted)
    for count, ref, words in [one for one in counted if one[1][0] in facets] or counted:
        for name, base in _bases(said, facts, ref, code, unit):
            if base:
                found.append(Meaning(value=HUNDRED * count / base, words=f"{words} {count:f} 件，占{name} {base:f} 件"))
    return found


def _bases(said: Statement, facts: KnownFacts, ref: Ref, code: str, unit: str) -> list[tuple[str, Decimal]]:
    if said.base is not None and said.base.how == ADDED:
        parts = [(facts.words(part[0]), facts.value(part[0], code, unit)) for part in said.base.parts]
        known = [value for _, value in parts if value is not None]
        return [("、".join(name for name, _ in parts), sum(known, Decimal(0)))] if len(known) == len(parts) else []
    if said.base is not None and not said.base.total:
        bases = [(facts.words(one), facts.value(one, code, unit)) for part in said.base.parts for one in part]
        return [(name, value) for name, value in bases if value is not None]
    if said.based and said.base is None:
        return []
    usual = facts.bases(ref, code, unit)
    if said.base is not None:
        return usual[:1] if ref[0] != METRIC else usual
    whole = list(usual)
    if said.within is not None and not said.within.total and said.within != said.subject:
        inner = [(facts.words(one), facts.value(one, code, unit)) for part in said.within.parts for one in part]
        whole = [*((name, value) for name, value in inner if value is not None and not _is_rate(value, name)), *whole]
    return whole


def _is_rate(value: Decimal, name: str) -> bool:
    return name.endswith("率")


def _short(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[Meaning]:
    """Return how far a rate is from 100 %."""
    assert said.subject is not None
    rates = [ref for ref in said.subject.parts[0] if is_measured(ref)]
    known = [(ref, value) for ref in rates if (value := facts.value(ref, code, unit)) is not None]
    return [
        Meaning(value=HUNDRED - value, words=f"{facts.words(ref)}为 {half_up(value, 2):f}%", derived=True)
        for ref, value in known
    ]


def _compared(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[Meaning]:
    """Return how far one thing is from another of the same period: 比个人金融信息多10件, 占比高9.53个百分点."""
    assert said.versus is not None
    over = replace(said, subject=said.versus)
    found: list[Meaning] = []
    if said.kind == POINTS_MOVED:
        mine, theirs = (_shares(replace(one, kind=PROPORTION), facts, code, unit) for one in (said, over))
        for a, b in zip(mine, theirs, strict=False):
            words = f"{a.words}；{b.words}"
            printed = half_up(a.value, 2) - half_up(b.value, 2)
            found += [Meaning(value=value, words=words, derived=True) for value in (printed, a.value - b.value)]
        return found
    for one, _, name in _count_of(said, facts, code, unit):
        for two, _, other in _count_of(over, facts, code, unit):
            words = f"{name} {one:f} 件，{other} {two:f} 件"
            if said.kind == CHANGE and said.number.unit in (*COMPLAINT_UNITS, *LOOSE_UNITS):
                found.append(Meaning(value=one - two, words=words, derived=True))
            elif said.kind == CHANGE_RATE and two:
                found.append(Meaning(value=HUNDRED * (one - two) / two, words=words, derived=True))
    return found


def _changes(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[Meaning]:
    if said.versus is not None:
        return _compared(said, facts, code, unit)
    against = [facts.moment(said.against)] if said.against else [facts.compared or YEAR_BEFORE]
    subject = said.subject
    assert subject is not None
    found: list[Meaning] = _since_the_months_before(said, facts, code, unit)
    for other in against:
        if found or other in ("?", code):
            continue
        if said.kind == POINTS_MOVED or (said.kind == CHANGE and said.number.unit in DAY_UNITS):
            found += _points(said, facts, code, other, unit)
            continue
        befores = _count_of(said, facts, other, unit)
        nows = _count_of(said, facts, code, unit)
        meant = {one[2] for one in _stated_ones(said, nows)}
        for (now, _, words), (before, _, _) in zip(nows, befores, strict=False):
            if words not in meant:
                continue
            moved = now - before
            derivation = f"{words}，{other if other != YEAR_BEFORE else '上年同期'} 为 {before:f}"
            if said.kind == CHANGE and said.number.unit in (*COMPLAINT_UNITS, *LOOSE_UNITS):
                found.append(Meaning(value=moved, words=derivation))
            elif said.kind == CHANGE_RATE and before:
                found.append(Meaning(value=HUNDRED * moved / before, words=derivation))
        if said.kind == CHANGE_RATE and (said.shared is not None or any(is_measured(r) for r in subject.parts[0])):
            moved_share = _points(said, facts, code, other, unit)
            found += [replace(one, fault="占比、比率的增减应以个百分点表示") for one in moved_share]
    return found


def _since_the_months_before(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[Meaning]:
    """Read 环比 of a month or a quarter: against the one before it, where that lies in the period."""
    subject = said.subject
    ref = subject.parts[0][0] if subject is not None and subject.how == ONE else (METRIC, "", "")
    if ref[0] != MONTHS or said.against != PREVIOUS or said.kind not in (CHANGE, CHANGE_RATE):
        return []
    codes = ref[1].split(",")
    first = int(codes[0][:4]) * 12 + int(codes[0][5:]) - 1
    earlier = [f"{n // 12}-{n % 12 + 1:02d}" for n in range(first - len(codes), first)]
    now, before = facts.value(ref, code, unit), facts.value((MONTHS, ",".join(earlier), ""), code, unit)
    if now is None or before is None or (said.kind == CHANGE_RATE and not before):
        return []
    moved = now - before if said.kind == CHANGE else HUNDRED * (now - before) / before
    return [Meaning(value=moved, words=f"{facts.words(ref)} {now:f} 件，前一段 {before:f} 件", derived=True)]


def _ratios(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[Meaning]:
    """Return what this side of a ratio would be by the ledger, the other side as it is written."""
    ratio = said.ratio
    if ratio is None:
        return []
    other = 0 if ratio.at else len(ratio.sides) - 1
    mine, theirs = (
        _count_of(replace(said, kind=COUNT, subject=ratio.sides[at]), facts, code, unit) for at in (ratio.at, other)
    )
    return [
        Meaning(value=ratio.numbers[other] * one / two, words=f"{name} {one:f} 件，{told} {two:f} 件", derived=True)
        for one, _, name in mine
        for two, _, told in theirs
        if two
    ]


def _units_beyond(said: Statement, facts: KnownFacts) -> list[Meaning]:
    """Return how many units have so many complaints; of the number itself, how many the last of these units has.

    A unit counts by its own rows, a branch also with those below it; 网点 may mean all units or those below a branch,
    支行 only what is called so.
    """
    beyond, table = said.beyond, facts.figures.breakdowns.get("unit") if facts.figures is not None else None
    if beyond is None or table is None:
        return []
    above = facts.figures.breakdowns.get("branch") if facts.figures is not None else None
    wide = {row.code: row for row in above.rows if row.kind == "listed"} if above is not None else {}
    own = [row for row in table.rows if row.kind == "listed"]
    ways = {_OWN: own, _WIDE: [wide.get(row.code, row) for row in own]}
    if beyond.word in UNIT_WORDS:
        groups = [(words, [row for row in rows if row.name.endswith(beyond.word)]) for words, rows in ways.items()]
    elif "网点" in beyond.word:
        groups = [(_OWN, own), (_OWN, [row for row in own if row.code not in wide])]
    else:
        groups = [*ways.items()]
    found = []
    for told, group in groups:
        counts = sorted((row.count for row in group), reverse=True)
        fits = [count for count in counts if beyond.mark.holds(Decimal(count)) == AGREES]
        words = f"按{told}投诉计，{len(fits)} 个"
        if not beyond.is_mark:
            found.append(Meaning(value=Decimal(len(fits)), words=words, derived=True))
        elif 0 < beyond.many <= len(counts) and beyond.mark.bound != EXACT:
            last = Decimal(counts[int(beyond.many) - 1])
            found.append(Meaning(value=last, words=f"第 {beyond.many:f} 多的有 {last:f} 件", derived=True))
        elif len(fits) == beyond.many:
            found.append(Meaning(value=said.value, words=words, derived=True))
    return found


def _multiples(said: Statement, facts: KnownFacts, code: str, unit: str) -> list[Meaning]:
    """Return how many times one count is another of the same period, or its own of another period."""
    others: list[tuple[Decimal, str]] = []
    if said.versus is not None:
        over = replace(said, subject=said.versus)
        others = [(count, words) for count, _, words in _count_of(over, facts, code, unit)]
    elif (other := facts.moment(said.against)) not in ("", "?", code):
        others = [(count, words) for count, _, words in _count_of(said, facts, other, unit)]
    less = Decimal(said.kind == TIMES_MORE)
    return [
        Meaning(value=now / before - less, words=f"{words} {now:f} 件，{told} {before:f} 件", derived=True)
        for now, _, words in _count_of(said, facts, code, unit)
        for before, told in others
        if before
    ]


def _points(said: Statement, facts: KnownFacts, code: str, other: str, unit: str) -> list[Meaning]:
    """Return how far a rate moved, or the share of a part: of the exact shares, and of those that are printed."""
    subject = said.subject
    assert subject is not None
    found: list[Meaning] = []
    measured = [ref for ref in subject.parts[0] if is_measured(ref)] if subject.how != ADDED else []
    for ref in measured:
        now, before = facts.value(ref, code, unit), facts.value(ref, other, unit)
        if now is not None and before is not None:
            found.append(Meaning(value=now - before, words=f"{facts.words(ref)}由 {before:f} 变为 {now:f}"))
    if measured:
        return found
    as_share = replace(said, kind=PROPORTION, stated=None)
    now_shares, before_shares = _shares(as_share, facts, code, unit), _shares(as_share, facts, other, unit)
    for one, old in zip(now_shares, before_shares, strict=False):
        printed = half_up(one.value, 2) - half_up(old.value, 2)
        words = f"占比由 {half_up(old.value, 2)}% 变为 {half_up(one.value, 2)}%"
        found += [Meaning(value=printed, words=words), Meaning(value=one.value - old.value, words=words)]
    return found
