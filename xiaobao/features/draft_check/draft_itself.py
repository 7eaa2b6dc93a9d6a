"""A draft held against itself: its counts, shares and totals, and what it leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from xiaobao.features.draft_check.draft_numbers import COMPLAINT_UNITS, POINTS
from xiaobao.features.draft_check.draft_tables import totals_of
from xiaobao.features.draft_check.draft_words import CURRENT, METRIC
from xiaobao.features.draft_check.known_facts import KnownFacts, filled_parts
from xiaobao.features.draft_check.statement import (
    CHANGE,
    CHANGE_RATE,
    COUNT,
    ONE,
    POINTS_MOVED,
    PROPORTION,
    TIMES,
    TIMES_MORE,
    Statement,
)
from xiaobao.features.draft_check.verdicts import (
    AGREES,
    DERIVED,
    DIFFERS,
    DRAFT,
    ROUNDING,
    UNVERIFIABLE,
    CheckedNumber,
    Meaning,
    Opinion,
    holds,
)
from xiaobao.numbers import HUNDRED, half_up, share


def among_themselves(said: Statement, judged: Opinion, every: Sequence[Statement], facts: KnownFacts) -> Opinion:
    """Hold a share or a rate of change, that the ledger could not judge, against the draft's own counts."""
    if judged.verdict != UNVERIFIABLE:
        return judged
    if said.kind == PROPORTION:
        ours = _own_share(said, judged, every, facts)
        misnamed = ours.verdict in (AGREES, ROUNDING) and ours is not judged and said.number.unit in (POINTS, "‰")
        return replace(ours, verdict=DIFFERS, reason="占比的单位应为 %") if misnamed else ours
    if said.kind in (CHANGE, POINTS_MOVED) and said.counted is not None and said.before is not None:
        now, before = every[said.counted].value, every[said.before].value
        words = f"文中 {now:f} − {before:f}"
        return Opinion(verdict=holds(said, now - before), meaning=Meaning(value=now - before, words=words), basis=DRAFT)
    if said.kind in (TIMES, TIMES_MORE) and said.counted is not None and said.before is not None:
        now, before = every[said.counted].value, every[said.before].value
        times = now / before - (said.kind == TIMES_MORE) if before else Decimal(0)
        meaning = Meaning(value=times, words=f"文中 {now:f} ÷ {before:f}")
        return Opinion(verdict=holds(said, times), meaning=meaning, basis=DRAFT) if before else judged
    if said.kind == CHANGE_RATE and said.counted is not None:
        now = every[said.counted].value
        if said.before is not None:
            base = every[said.before].value
        elif said.moved is not None:
            base = now - every[said.moved].value
        else:
            return judged
        if base:
            rate = HUNDRED * (now - base) / base
            words = f"文中增减 {now - base:f} ÷ 推算的上年数 {base:f}"
            return Opinion(verdict=holds(said, rate), meaning=Meaning(value=rate, words=words), basis=DRAFT)
    return judged


def of_a_count(said: Statement, every: Sequence[Statement], facts: KnownFacts) -> Opinion | None:
    """Hold a share against the count that the words call its whole: 84件中，2月54件，占64.29%; 占临川市46件的23.91%."""
    if said.of_count is None or (said.base is not None and said.base.how == ONE and said.based and not _of_it(said)):
        return None
    whole = every[said.of_count]
    parts = _counts_of_part(said, every, facts)
    wholes = list(dict.fromkeys([whole.value, *_known(whole, facts)]))
    ways = [
        Meaning(value=HUNDRED * part / base, words=f"{part:f} ÷ 文中的 {base:f} 件")
        for base in wholes
        for part in parts
        if base
    ]
    for verdict in (AGREES, ROUNDING):
        for way in ways:
            if holds(said, way.value) == verdict:
                return Opinion(verdict=verdict, meaning=way, basis=DRAFT)
    return Opinion(verdict=DIFFERS, meaning=ways[0], basis=DRAFT) if ways else None


def _of_it(said: Statement) -> bool:
    """Tell whether the count stands between 占 and the share, so that the base named there is the count's own name."""
    return said.of_count is not None and said.counted != said.of_count and said.excerpt.rfind("占") >= 0


def _counts_of_part(said: Statement, every: Sequence[Statement], facts: KnownFacts) -> list[Decimal]:
    counted = said.counted if said.counted != said.of_count else None
    if counted is None and said.of_count is not None and said.maybe_of:
        earlier = [place for place in said.maybe_of if place < said.of_count]
        counted = earlier[-1] if earlier and said.maybe_of[-1] == said.of_count else None
    written = [every[counted].value] if counted is not None else []
    return list(dict.fromkeys([*written, *_known(said, facts)]))


def _known(said: Statement, facts: KnownFacts) -> list[Decimal]:
    """Return the count of a figure's subject by the ledger."""
    if said.subject is None or facts.empty or said.subject.how != ONE:
        return []
    values = [
        facts.value(ref, facts.moment(said.moments[0]), unit) for ref in said.subject.parts[0] for unit in said.units
    ]
    return [value for value in values if value is not None]


def of_a_count_nearby(said: Statement, every: Sequence[Statement]) -> Opinion | None:
    """A share of no named whole may be of a count that its sentence states: 核查3件，其中超期2件，占66.67%."""
    if said.kind != PROPORTION or said.based or said.counted is None or said.number.spoken or said.number.places < 1:
        return None
    part = every[said.counted].value
    for place in said.maybe_of:
        base = every[place].value
        if place < said.counted and base > part and holds(said, HUNDRED * part / base) == AGREES:
            meaning = Meaning(value=HUNDRED * part / base, words=f"{part:f} ÷ 文中的 {base:f} 件", derived=True)
            return Opinion(verdict=DERIVED, meaning=meaning, basis=DRAFT)
    return None


def _own_share(said: Statement, judged: Opinion, every: Sequence[Statement], facts: KnownFacts) -> Opinion:
    if said.counted is None or (said.based and said.base is None):
        return judged
    count = every[said.counted]
    if count.number.unit not in (*COMPLAINT_UNITS, "") or (count.subject is not None and count.subject != said.subject):
        return judged
    total = _draft_total(every, said)
    known = facts.value((METRIC, "total", "")) if not facts.empty else None
    bases = list(dict.fromkeys(base for base in (known, total) if base is not None))
    usable = [base for base in bases if base and base >= count.value]
    if not usable:
        return judged
    ways = [
        Meaning(value=HUNDRED * count.value / base, words=f"文中 {count.value:f} ÷ 总数 {base:f}") for base in usable
    ]
    for way in ways:
        if holds(said, way.value) != DIFFERS:
            return Opinion(verdict=holds(said, way.value), meaning=way, basis=DRAFT)
    if not facts.empty and said.within is not None and not said.within.total:
        return judged
    return Opinion(verdict=DIFFERS, meaning=ways[0], basis=DRAFT)


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
            if one.kind == COUNT and named and one.row is None and one.moments[0] in ("", CURRENT):
                return one.value
    return None


def sums_of_rows(said: Sequence[Statement], opinions: list[Opinion]) -> list[Opinion]:
    """Hold the row 合计 of a table against the rows above it, where the ledger could not judge it."""
    made = list(opinions)
    places = {id(one): place for place, one in enumerate(said)}
    for total, above in totals_of(said):
        place = places[id(total)]
        if made[place].verdict != UNVERIFIABLE or len(above) < 2 or total.kind != COUNT:
            continue
        added = sum((one.value for one in above), Decimal(0))
        meaning = Meaning(value=added, words=f"表中各行相加为 {added:f}", derived=True)
        verdict = DERIVED if total.value == added else DIFFERS
        made[place] = Opinion(verdict=verdict, meaning=meaning, basis=DRAFT)
    return made


def left_out(said: Sequence[Statement], facts: KnownFacts) -> list[CheckedNumber]:
    """Say what the draft leaves out: last year's count behind a change, and the one part missing from a total."""
    found = []
    for one in said:
        counted = said[one.counted] if one.counted is not None else None
        if counted is None or one.row is not None:
            continue
        if one.kind == CHANGE:
            before = counted.value - one.value
            reason = f"上年同期数由文中 {counted.value:f} 和增减 {one.value:+f} 推算"
            found.append(_missing(one.place, one.excerpt, f"{before:f}{one.number.unit}", reason))
        elif one.kind == CHANGE_RATE and one.moved is None:
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


def _missing_parts(said: Sequence[Statement], facts: KnownFacts) -> list[CheckedNumber]:
    """Name the one part of a facet that the draft does not write, from its total and the parts that it does."""
    if facts.figures is None:
        return []
    total = next((one.value for one in said if one.kind == COUNT and one.subject and one.subject.total), None)
    stated: dict[str, dict[str, Decimal]] = {}
    for one in said:
        if one.kind == COUNT and one.subject is not None and one.subject.how == ONE and one.moments == ("",):
            refs = [ref for ref in one.subject.parts[0] if ref[0] in facts.figures.breakdowns and not ref[2]]
            ref = next((ref for ref in refs if ref[0] == one.facet), refs[0] if refs else None)
            if ref is not None:
                stated.setdefault(ref[0], {})[ref[1]] = one.value
    found = []
    for facet, parts in stated.items():
        rest = total - sum(parts.values(), Decimal(0)) if total is not None else Decimal(0)
        if len(parts) < 2 or rest <= 0 or facet not in facts.figures.breakdowns:
            continue
        missing = [name for name in filled_parts(facts.figures, facet) if name not in parts]
        which = missing[0] if len(missing) == 1 else "未写出的各项合计"
        title = facts.figures.breakdowns[facet].title
        reason = f"{title}：文中总数 {total:f} 减去已写出的 {len(parts)} 项"
        found.append(_missing("全文", which, f"{rest:f}件", reason))
    return found
