"""数字核对: hold every stated figure of a draft against the ledger, or against the draft's other figures.

A figure agrees, differs (a slip of the last place is told apart), or cannot be verified, with the reason. What the
draft leaves out but its figures give is derived, and marked so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from xiaobao.features.draft_check import drafts
from xiaobao.features.draft_check.drafts import Statement
from xiaobao.features.draft_check.facts import Fact, Facts
from xiaobao.numbers import HUNDRED, half_up, share
from xiaobao.written.blocks import Block

AGREES, DIFFERS, ROUNDING, UNVERIFIABLE, DERIVED = "agrees", "differs", "rounding", "unverifiable", "derived"
LEDGER, DRAFT = "ledger", "draft"
_TENTHS = {"元": Decimal(10_000), "亿元": Decimal("0.0001")}  # amounts are known in 万元


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of one stated figure. `basis`: recomputed from the ledger or from the draft's other figures."""

    verdict: str
    place: str
    excerpt: str
    stated: str
    expected: str = ""
    difference: str = ""
    basis: str = ""
    reason: str = ""


@dataclass(kw_only=True)
class _Draft:
    """What the draft has said so far: counts by what they count, and shares as written."""

    total: Decimal | None = None
    counts: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    shares: dict[tuple[str, str], tuple[Decimal, int]] = field(default_factory=dict)
    before: Decimal | None = None


def check_draft(blocks: Sequence[Block], facts: Facts) -> tuple[Finding, ...]:
    """Return a finding for every stated figure of the draft, in order, then what can be derived."""
    said = drafts.statements(blocks)
    known = _gather(said, facts)
    found = [_check(statement, facts, known) for statement in said]
    return (*found, *_derived(said, facts, known))


def _gather(said: Iterable[Statement], facts: Facts) -> _Draft:
    known = _Draft()
    for statement in said:
        fact = facts.find(statement)
        if statement.kind == drafts.COUNT:
            if fact is not None and fact.facet:
                known.counts.setdefault((fact.facet, fact.name), statement.value)
            elif fact is not None and fact.name == facts.total_name and known.total is None:
                known.total = statement.value
            elif fact is None:
                known.counts.setdefault((statement.context, statement.label), statement.value)
        elif statement.kind == drafts.SHARE and fact is not None and fact.facet:
            known.shares.setdefault((fact.facet, fact.name), (statement.value, statement.places))
    return known


def _check(said: Statement, facts: Facts, known: _Draft) -> Finding:
    if said.kind == drafts.SHARE:
        return _check_share(said, facts, known)
    if said.kind in {drafts.CHANGE, drafts.CHANGE_RATE}:
        return _check_change(said, facts, known)
    fact = facts.find(said)
    if fact is None or fact.value is None:
        return _unverifiable(said, _why_unknown(said, fact, facts))
    expected = fact.value if said.kind == drafts.COUNT else half_up(fact.value * _TENTHS.get(said.unit, 1), said.places)
    finding = _judged(said, expected, LEDGER, fact.words)
    if finding.verdict == DIFFERS and fact.also:
        name = next((name for name, value in fact.also if value == said.value), "")
        return _with_reason(finding, f"{fact.words}；与{name}一致，请核对口径") if name else finding
    return finding


def _why_unknown(said: Statement, fact: Fact | None, facts: Facts) -> str:
    if facts.empty:
        return "没有导入本期投诉台账"
    if fact is not None:
        return f"{fact.words}没有基数，无法计算"
    return f"数据中没有与“{said.label or said.excerpt}”对应的口径"


def _judged(said: Statement, expected: Decimal, basis: str, words: str) -> Finding:
    """Compare; a slip of one in the last decimal place of a share or rate is a matter of rounding, not of counting."""
    gap = said.value - expected
    if not gap:
        return _finding(AGREES, said, expected, basis, words)
    step = Decimal(1).scaleb(-said.places)
    small = said.kind not in {drafts.COUNT, drafts.CHANGE} and abs(gap) <= step
    reason = f"{words}；差在末位，属舍入差异" if small else words
    return _finding(ROUNDING if small else DIFFERS, said, expected, basis, reason)


def _finding(verdict: str, said: Statement, expected: Decimal, basis: str, reason: str) -> Finding:
    gap = said.value - expected
    unit = "个百分点" if said.unit == "%" else said.unit
    return Finding(
        verdict=verdict,
        place=said.place,
        excerpt=said.excerpt,
        stated=f"{said.value:f}{said.unit}",
        expected=f"{expected:f}{said.unit}",
        difference=f"{gap:+f}{unit}" if gap else "",
        basis=basis,
        reason=reason,
    )


def _with_reason(finding: Finding, reason: str) -> Finding:
    return replace(finding, reason=reason)


def _unverifiable(said: Statement, reason: str) -> Finding:
    return Finding(
        verdict=UNVERIFIABLE, place=said.place, excerpt=said.excerpt, stated=f"{said.value:f}{said.unit}", reason=reason
    )


def _check_share(said: Statement, facts: Facts, known: _Draft) -> Finding:
    together = facts.named(said)
    if facts.says_sum(said):
        return _check_sum(said, facts, known, together)
    fact = facts.find(said)
    if fact is not None and fact.value is not None and fact.bases:
        results = [(share(fact.value, base, said.places), name) for name, base in fact.bases]
        usable = [(value, name) for value, name in results if value is not None]
        if not usable:
            return _unverifiable(said, f"{fact.words}的基数为 0，没有占比")
        for value, name in usable:
            if value == said.value:
                return _judged(said, value, LEDGER, f"{fact.words}，占{name}")
        value, name = usable[0]
        return _judged(said, value, LEDGER, f"{fact.words} {fact.value:f} 件，占{name}")
    if said.counted is not None and known.total:
        recomputed = share(said.counted, known.total, said.places)
        assert recomputed is not None
        return _judged(said, recomputed, DRAFT, f"文中 {said.counted:f} ÷ 文中总数 {known.total:f}")
    return _unverifiable(said, "没有可核对的件数" if facts.empty else _why_unknown(said, fact, facts))


def _check_sum(said: Statement, facts: Facts, known: _Draft, together: Sequence[Fact]) -> Finding:
    """A sum of rounded shares need not be the rounded share of the sum: it is unverifiable, not wrong."""
    places = said.places
    values = [fact.value for fact in together]
    if len(together) > 1 and together[0].bases and all(value is not None for value in values):
        whole = sum((value for value in values if value is not None), Decimal(0))
        base_name, base = together[0].bases[0]
        exact = share(whole, base, places)
        if exact == said.value:
            return _judged(said, exact, LEDGER, f"{len(together)} 项合计 {whole:f} 件，占{base_name}")
        added = sum((share(v, base, places) or Decimal(0) for v in values if v is not None), Decimal(0))
        if added == said.value:
            words = f"是各项四舍五入后的占比相加，不能据以核对；按件数计算为 {exact}%"
            return _unverifiable(said, words)
        if exact is not None:
            return _judged(said, exact, LEDGER, f"{len(together)} 项合计 {whole:f} 件，占{base_name}")
    return _unverifiable(said, "合计占比可能由四舍五入后的占比相加，又没有写明合计件数，不能核对")


def _check_change(said: Statement, facts: Facts, known: _Draft) -> Finding:
    fact = facts.find(said)
    if fact is not None and fact.before is not None and fact.value is not None and facts.compares_like(said):
        moved = fact.value - fact.before
        if said.kind == drafts.CHANGE:
            return _judged(said, moved, LEDGER, f"{fact.words}，{facts.compared} 为 {fact.before:f}")
        rate = share(moved, fact.before, said.places)
        if rate is None:
            return _unverifiable(said, f"{fact.words}上年同期为 0，没有增减率")
        return _judged(said, rate, LEDGER, f"{fact.words}，{facts.compared} 为 {fact.before:f}")
    if said.kind == drafts.CHANGE_RATE and said.counted is not None and said.moved is not None:
        base = said.counted - said.moved
        rate = share(said.moved, base, said.places)
        if rate is not None:
            return _judged(said, rate, DRAFT, f"文中增减 {said.moved:f} ÷ 推算的上年数 {base:f}")
    return _unverifiable(said, facts.comparison_note or "没有可比期间的数据")


def _derived(said: Sequence[Statement], facts: Facts, known: _Draft) -> list[Finding]:
    """Say what the draft leaves out: last year's count behind a change, and the one part missing from a total."""
    found = []
    for statement in said:
        if statement.kind == drafts.CHANGE and statement.counted is not None:
            before = statement.counted - statement.value
            found.append(
                Finding(
                    verdict=DERIVED,
                    place=statement.place,
                    excerpt=statement.excerpt,
                    stated="",
                    expected=f"{before:f}{statement.unit}",
                    basis=DRAFT,
                    reason=f"上年同期数由文中 {statement.counted:f} 和增减 {statement.value:+f} 推算",
                )
            )
        elif statement.kind == drafts.CHANGE_RATE and statement.counted is not None and statement.moved is None:
            found += _base_of(statement)
    return found + _missing_parts(facts, known)


def _base_of(said: Statement) -> list[Finding]:
    """Return last year's counts that fit a stated rate; when more than one does, the range."""
    assert said.counted is not None
    if said.value <= -HUNDRED:
        return []
    guess = int(half_up(said.counted / (1 + said.value / HUNDRED), 0))
    near = range(max(guess - 60, 1), guess + 61)
    fits = [n for n in near if share(said.counted - n, n, said.places) == said.value]
    if not fits:
        return []
    words = str(fits[0]) if len(fits) == 1 else f"{fits[0]} 至 {fits[-1]}"
    reason = f"上年同期数由文中 {said.counted:f} 和增减率 {said.value:+f}% 推算"
    return [
        Finding(
            verdict=DERIVED,
            place=said.place,
            excerpt=said.excerpt,
            stated="",
            expected=words,
            basis=DRAFT,
            reason=reason,
        )
    ]


def _missing_parts(facts: Facts, known: _Draft) -> list[Finding]:
    if known.total is None:
        return []
    stated: dict[str, dict[str, Decimal]] = {}
    for (facet, name), value in known.counts.items():
        stated.setdefault(facet, {})[name] = value
    found = []
    for facet, parts in stated.items():
        rest = known.total - sum(parts.values(), Decimal(0))
        if facet not in facts.titles or len(parts) < 2 or rest <= 0:
            continue
        missing = [name for name in facts.filled(facet) if name not in parts]
        which = missing[0] if len(missing) == 1 else "未写出的各项合计"
        reason = f"{facts.titles[facet]}：文中总数 {known.total:f} 减去已写出的 {len(parts)} 项"
        found.append(
            Finding(
                verdict=DERIVED,
                place="全文",
                excerpt=which,
                stated="",
                expected=f"{rest:f}件",
                basis=DRAFT,
                reason=reason,
            )
        )
    return found


def counted_verdicts(findings: Iterable[Finding]) -> Mapping[str, int]:
    """Return how many findings there are of each verdict."""
    tally = dict.fromkeys((AGREES, ROUNDING, DIFFERS, UNVERIFIABLE, DERIVED), 0)
    for finding in findings:
        tally[finding.verdict] += 1
    return tally
