"""From domains to a unit's total, and from units up the tree, both from shown numbers: a reader can redo them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from msgspec.structs import replace

from xiaobao.checklist.models import Scheme
from xiaobao.errors import Fault, InputError
from xiaobao.labels import LEVELS, ROLLUPS, domain_title
from xiaobao.model import AppliedVeto, FactState, PoolEntry, Score, Stage, TraceLine, Value, VetoEvent
from xiaobao.numbers import HUNDRED, ONE, ZERO, add, plain, round_half_up, times, to_decimal
from xiaobao.scoring.coverage import coverage_words, total_share
from xiaobao.scoring.engine import Whole, finish
from xiaobao.scoring.grades import Triggered, ceiling, triggered
from xiaobao.scoring.pools import scheme_pools
from xiaobao.scoring.trace import Amount, Branch, TreePlace, adjustment, state_of


def total(
    scheme: Scheme,
    domain_scores: Mapping[str, Score],
    stage: Stage,
    vetoes: Sequence[VetoEvent] = (),
    entries: Sequence[PoolEntry] = (),
    least: Decimal = ZERO,
) -> Score:
    """Weigh the shown domain scores; a domain without a score is expanded over the others.

    At least `least` percent of all must be assessed, and in domains that have a score: a total rests on no less.
    A domain of the scheme that was not inspected makes the total provisional; one that does not apply does not.
    Scheme vetoes reach the total (target: scheme id or `total`) or a domain (target: its name). A sheet's veto holds
    down the grade of the total too, where it does not say that it stays in its sheet. `entries` add to or
    take from what is weighed, within the scheme's pools. Raises InputError on unknown vetoes and pools.
    """
    found = triggered(scheme.vetoes, vetoes, {scheme.id, "total", *scheme.weights})
    pools = scheme_pools(scheme, entries) if entries else ()
    unvetoed = _total(scheme, domain_scores, stage, (), pools, least)
    if not found:
        return unvetoed
    vetoed = _total(scheme, domain_scores, stage, found, pools, least)
    applied = tuple(
        t.applied(scheme, "section", domain_scores[t.veto.target].value)
        if t.veto.target in domain_scores
        else t.applied(scheme, "total", unvetoed, vetoed.grade)
        for t in found
    )
    return replace(vetoed, unvetoed=unvetoed.value, vetoes=applied)


def _total(
    scheme: Scheme,
    scores: Mapping[str, Score],
    stage: Stage,
    vetoes: tuple[Triggered, ...],
    pools: tuple[Branch, ...] = (),
    least: Decimal = ZERO,
) -> Score:
    below = TreePlace().under(scheme.id)
    known = {domain: scheme.weights.get(domain, ZERO) for domain in (*scheme.weights, *scores)}
    domains = {domain: _domain(scheme, domain, scores.get(domain), below) for domain in known}
    branches = [_vetoed(scheme, domain, branch, below, vetoes) for domain, branch in domains.items()]
    amount = Amount.total(branch.after for branch in branches)
    weights = add(*known.values())
    should = add(*(branch.should for branch in branches))
    state = state_of(branch.state for branch in branches)
    line = TraceLine(
        node_id=scheme.id,
        parent_id="",
        title=scheme.title,
        kind="total",
        depth=0,
        state=state,
        nominal=weights,
        possible=amount.shown_possible,
        should_deduct=should,
        deducted=add(amount.shown_possible, -amount.shown_earned),
        earned=amount.shown_earned,
    )
    root = Branch(
        after=amount,
        nominal=weights,
        should=should,
        state=state,
        lines=(line, *(line for b in branches for line in b.lines)),
    )
    reach = tuple(t for t in vetoes if t.veto.target in (scheme.id, "total"))
    weighed = [domain for domain, weight in known.items() if weight]
    provisional = any(domain not in scores or scores[domain].provisional for domain in weighed)
    provisional = provisional or scheme.unassigned > 0
    whole = Whole(id=scheme.id, root=root, pools=pools, ceiling=scheme.ceiling)
    held = [domain for domain, score in scores.items() if score.so_far is not None]
    covered = total_share(scheme.weights, {domain: score.share for domain, score in scores.items()}, held, least)
    return finish(whole, scheme, stage, reach, covered, provisional, _carried(scheme, scores), least)


def _carried(scheme: Scheme, scores: Mapping[str, Score]) -> list[tuple[str, AppliedVeto]]:
    """Return the vetoes of sheets that hold down the grade of the total, each with the name of its domain."""
    return [
        (weight_title(scheme, domain), veto)
        for domain, score in scores.items()
        if score.value is not None and scheme.weights.get(domain)
        for veto in score.vetoes
        if veto.reach == "total" and veto.effect != "zero"
    ]


def exact_total(
    scheme: Scheme, values: Mapping[str, Fraction | None], entries: Sequence[PoolEntry] = ()
) -> Fraction | None:
    """Return the weighted total of exact domain values, pools added, without vetoes and before rounding."""
    known = [(Fraction(scheme.weights.get(name, ZERO)), value) for name, value in values.items() if value is not None]
    whole = sum((weight for weight, _ in known), Fraction(0))
    if not whole:
        return None
    exact = sum((weight * value for weight, value in known), Fraction(0)) / whole
    if not entries:
        return min(exact, Fraction(scheme.ceiling))
    added = sum((branch.after.earned for branch in scheme_pools(scheme, entries)), Fraction(0))
    return min(max(exact + added, Fraction(0)), Fraction(scheme.ceiling))


def weight_title(scheme: Scheme, name: str) -> str:
    """Return the Chinese name of what a scheme weighs: its own word, else that of the domain."""
    return scheme.titles.get(name) or domain_title(name)


def _domain(scheme: Scheme, domain: str, score: Score | None, place: TreePlace) -> Branch:
    weight, title = scheme.weights.get(domain, ZERO), weight_title(scheme, domain)
    value = score.value if score else None
    state = FactState.ASSESSED
    if value is None:
        idle = score is not None and not score.provisional
        state = FactState.NOT_APPLICABLE if idle else FactState.NOT_ASSESSED
    possible = ZERO if value is None else weight
    earned = to_decimal(Fraction(weight) * Fraction(value) / 100) if value is not None else ZERO
    lost = add(possible, -earned)
    held = f"{coverage_words(score.coverage)}，" if score and score.so_far is not None else ""
    said = (
        f"权重 {plain(weight)}，得分 {plain(value)}" if value is not None else f"{held}没有得分，权重由其余检查域分担"
    )
    if not weight:
        said = "方案未给权重，不计入总分"
    line = TraceLine(
        node_id=domain,
        parent_id=place.parent,
        title=title,
        kind="domain",
        depth=place.depth,
        state=state,
        nominal=weight,
        possible=possible,
        should_deduct=lost,
        deducted=lost,
        earned=earned,
        explanation=said,
    )
    return Branch(
        after=Amount(
            possible=Fraction(possible), earned=Fraction(earned), shown_possible=possible, shown_earned=earned
        ),
        nominal=weight,
        should=lost,
        state=state,
        lines=(line,),
    )


def _vetoed(scheme: Scheme, domain: str, branch: Branch, place: TreePlace, vetoes: tuple[Triggered, ...]) -> Branch:
    found = [t for t in vetoes if t.veto.target == domain]
    if not found:
        return branch
    kept = min(ceiling(scheme, t.veto) for t in found)
    after = Amount.of(branch.after.possible, min(branch.after.earned, branch.after.possible * kept))
    line = adjustment(domain, "veto", place, branch.after, after, "；".join(t.sentence for t in found))
    return replace(branch, after=after, lines=(*branch.lines, line))


class RolledUp(Value):
    """A unit's score with its children's; `children_mean` is what they come to, as the scheme says.

    `excluded` children have no score, or one that the scheme leaves out.
    `held` tells that too little of the unit's own points was assessed: then its children give it no score either.

    """

    value: Decimal | None
    own: Decimal | None
    children_mean: Decimal | None
    children: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    explanation: str = ""
    how: str = "mean"
    held: bool = False


def roll_up(
    scheme: Scheme,
    own: Mapping[str, Decimal | None],
    parents: Mapping[str, str],
    vetoed: Collection[str] = (),
    levels: Mapping[str, str] = MappingProxyType({}),
    below: Collection[str] = (),
    titles: Mapping[str, str] = LEVELS,
) -> dict[str, RolledUp]:
    """Roll scores up the tree: own share × own + the rest × what the children come to, rounded at each unit.

    What children come to is said by the scheme, for all or by the parent's level in `levels` (unit → level), which the
    sentence calls by their `titles`.

    Without children the own score stands alone, without own points the children do. Units `below` the limit of
    coverage, of their own points, have no score by their children, and are named at their parents. `vetoed` units are
    left out of their parents where the scheme does not count them. Raises InputError naming units that are their own
    ancestors.
    """
    children: dict[str, list[str]] = {}
    for unit, parent in parents.items():
        if parent:
            children.setdefault(parent, []).append(unit)
    rolled: dict[str, RolledUp] = {}
    for unit in _leaves_first({*own, *parents, *children}, parents):
        mine = tuple(sorted(children.get(unit, ())))
        skip = () if scheme.rollup.counts_vetoed else tuple(child for child in mine if child in vetoed)
        named = scheme.rollup.shares
        skip += tuple(child for child in mine if named and not named.get(levels.get(child, "")))  # type: ignore[call-overload]
        values = {child: rolled[child].value for child in mine if child not in skip}
        counted = {child: value for child, value in values.items() if value is not None}
        excluded = tuple(child for child in mine if child not in counted)
        how = scheme.rollup.levels.get(levels.get(unit, ""), scheme.rollup.how)  # type: ignore[call-overload]
        weights = {child: _weight_of(scheme, child, levels) for child in counted}
        kinds = {child: levels.get(child, "") for child in counted}
        come_to = _come_to(scheme, how, counted, weights, kinds, titles)
        rolled[unit] = _rolled(scheme, own.get(unit), counted, excluded, come_to, how, unit in below)
    return rolled


def _weight_of(scheme: Scheme, unit: str, levels: Mapping[str, str]) -> Decimal:
    stated = scheme.rollup.weights
    return stated.get(unit, stated.get(levels.get(unit, ""), ONE))


def _children(how: str, counted: Mapping[str, Decimal], weights: Mapping[str, Decimal]) -> Fraction | None:
    """Return what children come to; None of none, and where all that are counted weigh nothing."""
    values = {unit: Fraction(value) for unit, value in counted.items()}
    if not values:
        return None
    if how == "weighted":
        whole = Fraction(add(*weights.values()))
        weighed = sum((Fraction(weights[unit]) * value for unit, value in values.items()), Fraction(0))
        return weighed / whole if whole else None
    together = sum(values.values(), Fraction(0))
    return {"sum": together, "min": min(values.values()), "max": max(values.values())}.get(how, together / len(values))


def _come_to(
    scheme: Scheme,
    how: str,
    counted: Mapping[str, Decimal],
    weights: Mapping[str, Decimal],
    kinds: Mapping[str, str],
    titles: Mapping[str, str],
) -> tuple[Fraction | None, str]:
    """Return what children come to with words how: all together, or each kind by its share.

    A kind without children, or that is not named, has no part; its share goes to the others in their proportion.
    """
    shares = {kind: share for kind, share in scheme.rollup.shares.items() if share}
    if not shares:
        stated = "、".join(f"{unit} 权重 {plain(weight)}" for unit, weight in weights.items())
        return _children(how, counted, weights), f"（{stated}）" if how == "weighted" and counted else ""
    whole, came, parts = Fraction(0), Fraction(0), []
    for kind, share in shares.items():
        mine = {unit: value for unit, value in counted.items() if kinds[unit] == kind}
        value = _children(how, mine, {unit: weights[unit] for unit in mine})
        if value is not None:
            whole, came = whole + Fraction(share), came + Fraction(share) * value
            shown = plain(round_half_up(value, scheme.places))
            title, part = titles.get(kind, LEVELS[kind]), plain(times(share, HUNDRED))
            parts.append(f"{title} {len(mine)} 家{ROLLUPS[how]} {shown} × {part}%")
    if not whole:
        return None, ""
    spread = f"，其余层级没有得分，按比例折算（÷ {plain(to_decimal(whole * 100))}%）" if whole != 1 else ""
    return came / whole, f"（{' + '.join(parts)}{spread}）"


def _rolled(
    scheme: Scheme,
    own: Decimal | None,
    counted: Mapping[str, Decimal],
    excluded: tuple[str, ...],
    come_to: tuple[Fraction | None, str],
    how: str,
    held: bool = False,
) -> RolledUp:
    share = Fraction(scheme.rollup.own)
    mean, aside = come_to
    word = "按层级合计" if scheme.rollup.shares else ROLLUPS[how]
    if held:
        exact, said = None, "本级评分覆盖不足，不汇总"
    elif own is None and mean is None:
        exact, said = None, "本级与下级均无得分"
    elif mean is None:
        assert own is not None
        exact, said = Fraction(own), "没有可汇总的下级，取本级得分"
    elif own is None:
        exact, said = mean, f"本级无得分，取 {len(counted)} 家下级的{word}{'分' if how == 'mean' else ''}{aside}"
    else:
        exact = share * Fraction(own) + (1 - share) * mean
        percent = plain(times(scheme.rollup.own, HUNDRED))
        rest = plain(times(1 - scheme.rollup.own, HUNDRED))
        said = f"本级 {plain(own)} × {percent}% + {len(counted)} 家下级{word}{aside} × {rest}%"
    if excluded:
        said += f"；下级共 {len(counted) + len(excluded)} 家，未计入：{'、'.join(excluded)}"
    places = scheme.places
    return RolledUp(
        value=None if exact is None else round_half_up(exact, places),
        own=own,
        children_mean=None if mean is None else round_half_up(mean, places),
        children=tuple(counted),
        excluded=excluded,
        explanation=said,
        how=how,
        held=held,
    )


def _leaves_first(units: Collection[str], parents: Mapping[str, str]) -> list[str]:
    depths: dict[str, int] = {}
    looped = []
    for unit in sorted(units):
        seen = [unit]
        while (parent := parents.get(seen[-1], "")) and parent not in seen:
            seen.append(parent)
        if parent:
            looped.append(unit)
        depths[unit] = len(seen)
    if looped:
        raise InputError(Fault("机构的上级关系成环", value=unit) for unit in looped)
    return sorted(units, key=lambda unit: (-depths[unit], unit))
