"""From facts to a score: nested sections, N/A policies, normalising, vetoes, grade, and the trace that adds up.

Points are computed exactly and rounded once. What is not applicable or not scored yet counts neither as possible nor
as earned. Without anything scored, or with less than `least` percent assessed, there is no score, veto or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace

from xiaobao.checklist.models import Checklist, Item, Scheme, Section
from xiaobao.errors import Fault, InputError
from xiaobao.model import AppliedVeto, FactState, ItemFacts, Score, Stage, TraceLine, Value, VetoEvent
from xiaobao.numbers import HUNDRED, ONE, ZERO, add, half_up, plain, round_half_up
from xiaobao.scoring.coverage import held_back, percent, share_of, subtotals
from xiaobao.scoring.grades import Triggered, ceiling, grade_change, grade_of, harsher, triggered
from xiaobao.scoring.pools import pool
from xiaobao.scoring.rules import item_loss, settled
from xiaobao.scoring.trace import UNSCORED, Amount, Branch, TreePlace, adjustment, state_of

# 1: first engine: rules a–e, g, j; expand and redistribute; clamp by level; vetoes.
# 2: rules f, h, i and cases; items below zero; base points; pools after weighting; rates by source of the finding.
#    What version 1 could score comes out the same.
# 3: a veto of a sheet holds down the grade of the total too; a grade that the scheme lacks counts as its lowest.
#    No score below a share of points assessed; an open bonus keeps none provisional. Points are those of version 2.
# 4: leads that are partly so count by the bank's share under every kind of rule, all_or_nothing and cases included;
#    tolerances of data items; a total above 100 where sheet or scheme says so. Sheets that use none come out the same.
ENGINE = "4"


class _Sheet(Value):
    checklist: Checklist
    facts: Mapping[str, ItemFacts]
    scheme: Scheme
    vetoes: tuple[Triggered, ...]
    least: Decimal = ZERO

    @property
    def keeps(self) -> bool:
        """Whether what does not apply keeps its points; where nothing at all was assessed there is nothing to keep."""
        kept = self.checklist.not_applicable == "keep"
        return kept and any(fact.state is FactState.ASSESSED for fact in self.facts.values())

    def vetoes_of(self, target: str) -> tuple[Triggered, ...]:
        """Return the triggered vetoes that act on a node or on the sheet."""
        return tuple(t for t in self.vetoes if t.veto.target == target)


def engine_mark(scheme: Scheme) -> str:
    """Return what a score keeps to say what made it: engine and scheme version."""
    return f"{ENGINE}/{scheme.id}@{scheme.version}"


def score(
    checklist: Checklist,
    facts: Iterable[ItemFacts],
    scheme: Scheme,
    stage: Stage,
    vetoes: Sequence[VetoEvent] = (),
    least: Decimal = ZERO,
) -> Score:
    """Score one sheet of which at least `least` percent must be assessed.

    Raises InputError on facts of unknown items, items given twice, unknown vetoes.
    """
    found = triggered(checklist.vetoes, vetoes, _node_ids(checklist))
    sheet = _Sheet(checklist=checklist, facts=_by_item(checklist, facts), scheme=scheme, vetoes=(), least=least)
    unvetoed = _finish(sheet, stage)
    if not found:
        return unvetoed
    vetoed = _finish(replace(sheet, vetoes=found), stage)
    before = {line.node_id: line.earned for line in unvetoed.trace}
    kinds = {line.node_id: "item" if line.kind == "item" else "section" for line in unvetoed.trace}
    applied = tuple(
        t.applied(scheme, "total", unvetoed, vetoed.grade)
        if t.veto.target == checklist.id
        else t.applied(scheme, kinds.get(t.veto.target, "item"), before.get(t.veto.target))
        for t in found
    )
    return replace(vetoed, unvetoed=unvetoed.value, vetoes=applied)


def exact_value(checklist: Checklist, facts: Iterable[ItemFacts], scheme: Scheme) -> Fraction | None:
    """Return the sheet's value out of 100 without vetoes and before rounding; None where nothing is scored."""
    sheet = _Sheet(checklist=checklist, facts=_by_item(checklist, facts), scheme=scheme, vetoes=())
    return _out_of_hundred(_root(sheet).after, _pools(sheet), checklist.total, checklist.ceiling)


def _by_item(checklist: Checklist, facts: Iterable[ItemFacts]) -> dict[str, ItemFacts]:
    items = {item.id: item for item in checklist.items()}
    found: dict[str, ItemFacts] = {}
    faults = []
    for fact in facts:
        if fact.item_id not in items:
            faults.append(Fault("检查表中没有这个检查项", item=fact.item_id))
        elif fact.item_id in found:
            faults.append(Fault("同一检查项有两份事实", item=fact.item_id))
        else:
            found[fact.item_id] = settled(items[fact.item_id], fact)
    if faults:
        raise InputError(faults)
    return found


def _node_ids(checklist: Checklist) -> set[str]:
    def below(section: Section) -> set[str]:
        return {section.id}.union(*(below(child) for child in section.sections))

    return {checklist.id}.union((item.id for item in checklist.items()), *map(below, checklist.sections))


def _root(sheet: _Sheet) -> Branch:
    checklist = sheet.checklist
    place = TreePlace()
    below = place.under(checklist.id)
    children = [_section(section, below, sheet) for section in checklist.sections if not section.pool]
    if checklist.base and any(child.state is FactState.ASSESSED for child in children):
        start = Amount.of(Fraction(checklist.base), Fraction(checklist.base))
        line = adjustment(checklist.id, "base", below, Amount(), start, "每个受检机构都从基准分起算")
        children.insert(
            0, Branch(after=start, nominal=checklist.base, should=ZERO, state=FactState.ASSESSED, lines=(line,))
        )
    return _node(
        checklist.id, checklist.title, "checklist", place, children, checklist.total, (ZERO, checklist.total), sheet
    )


def _pools(sheet: _Sheet) -> list[Branch]:
    """Return the pools of the whole sheet: they stand beside it, in its points, and come after normalising."""
    return [_section(section, TreePlace(), sheet) for section in sheet.checklist.sections if section.pool]


def _section(section: Section, place: TreePlace, sheet: _Sheet) -> Branch:
    below = place.under(section.id)
    if section.pool:
        entries = [_item(item, below, sheet, pooled=True) for item in section.items]
        interval = (section.minimum, section.points or ZERO)
        branch = pool(section.id, section.title, place, entries, interval, section.bonus_cap)
        return _with_veto(section.id, branch, place, sheet)
    children = [_section(child, below, sheet) for child in section.sections]
    children += [_item(item, below, sheet) for item in section.items]
    bounds = None if section.points is None else (section.minimum, section.points)
    nominal = add(*(child.nominal for child in children)) if section.points is None else section.points
    branch = _node(section.id, section.title, "section", place, children, nominal, bounds, sheet)
    return _with_veto(section.id, branch, place, sheet)


def _node(
    id: str,
    title: str,
    kind: str,
    place: TreePlace,
    children: Sequence[Branch],
    nominal: Decimal,
    bounds: tuple[Decimal, Decimal] | None,
    sheet: _Sheet,
) -> Branch:
    """Sum the children, adjust the sum as the sheet says, and set the node's own line before them."""
    amount, adjustments = _adjusted(id, place.under(id), children, bounds, sheet.checklist.not_applicable)
    should = add(*(child.should for child in children))
    state = state_of(child.state for child in children)
    line = TraceLine(
        node_id=id,
        parent_id=place.parent,
        title=title,
        kind=kind,
        depth=place.depth,
        state=state,
        nominal=nominal,
        possible=amount.shown_possible,
        should_deduct=should,
        deducted=add(amount.shown_possible, -amount.shown_earned),
        earned=amount.shown_earned,
    )
    lines = (line, *(entry for child in children for entry in child.lines), *adjustments)
    return Branch(after=amount, nominal=nominal, should=should, state=state, lines=lines)


def _adjusted(
    id: str, below: TreePlace, children: Sequence[Branch], bounds: tuple[Decimal, Decimal] | None, policy: str
) -> tuple[Amount, list[TraceLine]]:
    """Redistribute what is not scored if the policy says so, then clamp; each step is a line of its own."""
    amount = Amount.total(child.after for child in children)
    whole = Fraction(add(*(child.nominal for child in children)))
    lines = []
    if policy == "redistribute" and 0 < amount.possible < whole:
        spread = Amount.of(whole, amount.earned * whole / amount.possible)
        points = f"{plain(amount.shown_possible)} 分摊至 {plain(spread.shown_possible)} 分"
        why = f"不适用及未评分的分值由其余部分按分值分担：可得 {points}"
        lines.append(adjustment(id, "redistribute", below, amount, spread, why))
        amount = spread
    if bounds and any(child.state is FactState.ASSESSED for child in children):
        held = _clamp(amount, bounds)
        if held != amount:
            why = f"得分限于 {plain(bounds[0])} 至 {plain(bounds[1])} 分"
            lines.append(adjustment(id, "clamp", below, amount, held, why))
            amount = held
    return amount, lines


def _clamp(amount: Amount, bounds: tuple[Decimal, Decimal]) -> Amount:
    """Hold the points within the stated interval. The lower bound never lifts a node above what was possible."""
    low, high = (Fraction(bound) for bound in bounds)
    possible = min(amount.possible, high)
    earned = max(min(amount.earned, possible), min(low, possible))
    same = (possible, earned) == (amount.possible, amount.earned)
    return amount if same else Amount.of(possible, earned)


def _item(item: Item, place: TreePlace, sheet: _Sheet, pooled: bool = False) -> Branch:
    """Score one item. In a pool nothing is possible: what the item earns is added, what it loses is taken."""
    facts = sheet.facts.get(item.id) or ItemFacts(item_id=item.id, reason="未检查")
    possible = should = deducted = ZERO
    explanation, exact = "", None
    if facts.state is FactState.ASSESSED:
        loss = item_loss(item, facts, sheet.scheme.origins.get(facts.origin, ONE) if facts.origin else ONE)
        possible, should, deducted, explanation = item.points, loss.should, loss.deducted, loss.explanation
        exact = None if loss.exact is None else Fraction(item.points) - loss.exact
        if pooled:
            possible, should, deducted = ZERO, add(should, -item.points), add(deducted, -item.points)
    elif facts.state is FactState.NOT_APPLICABLE and not pooled and sheet.keeps:
        possible, explanation = item.points, "不适用，不扣分"
    earned = add(possible, -deducted)
    nominal = ZERO if pooled else item.points
    line = TraceLine(
        node_id=item.id,
        parent_id=place.parent,
        title=item.title,
        kind="item",
        depth=place.depth,
        state=facts.state,
        nominal=nominal,
        possible=possible,
        should_deduct=should,
        deducted=deducted,
        earned=earned,
        explanation=explanation,
        reason=facts.reason,
        source=facts.source,
        leads=facts.leads,
        bonus=pooled and item.points > 0,
        basis=_basis(item) if deducted > ZERO else "",
    )
    amount = Amount(
        possible=Fraction(possible),
        earned=Fraction(earned) if exact is None else exact,
        shown_possible=possible,
        shown_earned=earned,
    )
    return _with_veto(
        item.id, Branch(after=amount, nominal=nominal, should=should, state=facts.state, lines=(line,)), place, sheet
    )


def _basis(item: Item) -> str:
    """Return the requirement with the articles that stand behind it; no number of one that nobody verified."""
    cited = [f"{one.document}{'（引用未核实）' if one.unverified else one.article}" for one in item.citations]
    return f"{item.requirement.rstrip('。')}（{'、'.join(dict.fromkeys(cited)) or '行业做法'}）"


def _with_veto(target: str, branch: Branch, place: TreePlace, sheet: _Sheet) -> Branch:
    """Let the harshest veto on an item or section take its points; the line before it keeps the unvetoed ones."""
    found = sheet.vetoes_of(target)
    if not found:
        return branch
    amount = branch.after
    kept = min(ceiling(sheet.scheme, t.veto) for t in found)
    after = Amount.of(amount.possible, min(amount.earned, amount.possible * kept))
    if after.earned == amount.earned:
        after = amount
    line = adjustment(target, "veto", place, amount, after, "；".join(t.sentence for t in found))
    return replace(branch, after=after, lines=(*branch.lines, line))


def _finish(sheet: _Sheet, stage: Stage) -> Score:
    """Turn a sheet into a score out of 100, with the lines that lead from its points to the shown number."""
    root, pools = _root(sheet), _pools(sheet)
    items = [line for branch in (root, *pools) for line in branch.lines if line.kind == "item"]
    reach = tuple(t for t in sheet.vetoes if _reaches_whole(t, sheet.checklist))
    open_items = any(line.state in UNSCORED and not line.bonus for line in items)
    table = sheet.checklist
    whole = Whole(id=table.id, root=root, pools=tuple(pools), total=table.total, ceiling=table.ceiling)
    done = finish(whole, sheet.scheme, stage, reach, share_of(items), open_items, least=sheet.least)
    return replace(done, subtotals=subtotals(table, done.trace, sheet.scheme.places)) if table.subtotals else done


def _reaches_whole(found: Triggered, checklist: Checklist) -> bool:
    """Tell whether a veto holds down the whole sheet: it is on it, or on a part and says so."""
    wide = found.veto.effect != "zero" and found.veto.reach in ("sheet", "total")
    return found.veto.target == checklist.id or wide


class Whole(Value):
    """A root with the pools beside it; a pool's points are of `total`, which 100 stands for.

    `ceiling` is the most that the score out of 100 may come to, 100 or more.
    """

    id: str
    root: Branch
    pools: tuple[Branch, ...] = ()
    total: Decimal = HUNDRED
    ceiling: Decimal = HUNDRED


def _out_of_hundred(
    amount: Amount, pools: Sequence[Branch], total: Decimal, ceiling: Decimal = HUNDRED
) -> Fraction | None:
    if not amount.possible:
        return None
    value = amount.earned / amount.possible * 100
    if not pools:
        return min(value, Fraction(ceiling))
    added = sum((branch.after.earned for branch in pools), Fraction(0)) * 100 / Fraction(total)
    return min(max(value + added, Fraction(0)), Fraction(ceiling))


def _carried_lines(
    whole: str, scheme: Scheme, bare: str, amount: Amount, carried: Sequence[tuple[str, AppliedVeto]]
) -> Iterator[TraceLine]:
    """Yield the line of each veto of a part: it holds down the grade of the whole, which is `bare` without it."""
    for title, veto in carried:
        capped = harsher(scheme, bare, [veto.grade])
        why = f"一票否决（{title}）：{replace(veto, outcome='').words}，总评{grade_change(scheme, bare, capped)}"
        yield adjustment(f"{whole}/{veto.veto_id}", "veto", TreePlace(), amount, amount, why)


def finish(
    whole: Whole,
    scheme: Scheme,
    stage: Stage,
    vetoes: tuple[Triggered, ...],
    covered: Fraction | None,
    provisional: bool,
    carried: Sequence[tuple[str, AppliedVeto]] = (),
    least: Decimal = ZERO,
) -> Score:
    """Normalise to 100, add the pools, round once, apply the vetoes that reach the whole, and grade what is shown.

    `carried` are vetoes of parts, with the part's name, that hold down the grade of the whole too. `covered` is the
    share assessed; below `least` percent the score is held back, and only its lines tell of it.
    """
    root, amount, place = whole.root, whole.root.after, TreePlace()
    lines = [*root.lines]
    every = tuple(line for branch in (root, *whole.pools) for line in branch.lines)
    shown = _without_value(amount, scheme, stage, covered, provisional, least, every)
    exact = _out_of_hundred(amount, whole.pools, whole.total, whole.ceiling)
    if exact is None:
        return shown
    hundred = amount
    if amount.possible != 100:
        hundred = Amount.of(Fraction(100), amount.earned / amount.possible * 100)
        why = f"可得 {plain(amount.shown_possible)} 分，按 100 分折算；不适用及未评分的部分不计入"
        lines.append(adjustment(whole.id, "normalise", place, amount, hundred, why))
    hundred = _pooled(whole, hundred, exact, lines)
    value = round_half_up(exact, scheme.places)
    rounded = replace(hundred, shown_earned=value)
    if rounded.shown_earned != hundred.shown_earned:
        lines.append(adjustment(whole.id, "rounding", place, hundred, rounded, f"四舍五入到 {scheme.places} 位小数"))
    final = half_up(ZERO, scheme.places) if any(t.veto.effect == "zero" for t in vetoes) else value
    bare = grade_of(scheme, value)
    named = [t.veto.grade for t in vetoes if t.veto.grade]
    grade = harsher(scheme, grade_of(scheme, final), [*named, *(veto.grade for _, veto in carried)])
    if vetoes:
        why = "；".join((*(t.sentence for t in vetoes), *filter(None, (grade_change(scheme, bare, grade),))))
        lines.append(adjustment(whole.id, "veto", place, rounded, replace(rounded, shown_earned=final), why))
    lines += _carried_lines(whole.id, scheme, bare, rounded, carried)
    return held_back(replace(shown, value=final, unvetoed=value, grade=grade, trace=tuple(lines)), least)


def _without_value(
    amount: Amount,
    scheme: Scheme,
    stage: Stage,
    covered: Fraction | None,
    provisional: bool,
    least: Decimal,
    trace: tuple[TraceLine, ...],
) -> Score:
    """Return what is known before there is a value, and stays where there is none: points, coverage and lines."""
    return Score(
        value=None,
        unvetoed=None,
        grade="",
        stage=stage,
        possible=amount.shown_possible,
        earned=amount.shown_earned,
        coverage=percent(covered),
        provisional=provisional,
        assessed="" if covered is None else str(covered),
        least=least,
        trace=trace,
        engine=engine_mark(scheme),
    )


def _pooled(whole: Whole, hundred: Amount, exact: Fraction, lines: list[TraceLine]) -> Amount:
    """Lay the pools on what is out of 100, each with its lines; the sum stays within 0 and the ceiling."""
    for branch in whole.pools:
        lines += branch.lines
        scaled = Amount.of(Fraction(0), branch.after.earned * 100 / Fraction(whole.total))
        if scaled.earned != branch.after.earned:
            why = f"按总分 {plain(whole.total)} 分折算为百分制"
            lines.append(adjustment(branch.lines[0].node_id, "normalise", TreePlace(), branch.after, scaled, why))
        hundred = Amount.total((hundred, scaled))
    held = Amount.of(hundred.possible, exact)
    if exact != hundred.earned:
        after = "加减分后限于" if whole.pools else "限于"
        why = f"{after} 0 至 {plain(whole.ceiling)} 分"
        lines.append(adjustment(whole.id, "clamp", TreePlace(), hundred, held, why))
        return held
    return hundred
