"""考评得分表: what a manager sees of one unit, and of all units. Every figure that a page shows is computed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from xiaobao.checklist.models import Scheme
from xiaobao.labels import DOMAINS, LEVELS, label
from xiaobao.model import FactState, Finding, Score, Severity, Stage, TraceLine, Unit, VetoEvent, to_compact
from xiaobao.numbers import ZERO, median, ranks
from xiaobao.scoring import RolledUp, grade_label, total, unscored
from xiaobao.scoring.bridge import ScoreBridge
from xiaobao.scoring.exact import add, round_half_up


@dataclass(frozen=True)
class Loss:
    """Points lost on one item, in points of its sheet; `weighted` is what that took from the total of 100."""

    domain: str
    item_id: str
    title: str
    lost: Decimal
    of: Decimal
    weighted: Decimal
    explanation: str
    reason: str = ""
    leads: tuple[str, ...] = ()


@dataclass(frozen=True)
class DomainScore:
    """One domain of one unit. `peers` are all inspected units of the campaign that have a score in this domain."""

    domain: str
    title: str
    weight: Decimal
    after: Score
    before: Score
    previous: Decimal | None = None
    rank: int | None = None
    peers: int = 0
    peer_median: Decimal | None = None
    open_leads: int = 0
    confirmed_leads: int = 0
    refuted_leads: int = 0
    findings: int = 0


@dataclass(frozen=True)
class Scorecard:
    unit: Unit
    period: str
    total: Score
    total_before: Score
    grade_label: str
    rank: int | None
    peers: int
    peer_median: Decimal | None
    previous: Decimal | None
    previous_rank: int | None
    domains: tuple[DomainScore, ...]
    losses: tuple[Loss, ...]
    findings: tuple[Finding, ...]
    trend: tuple[tuple[str, Decimal | None], ...] = ()
    notes: tuple[str, ...] = ()
    bridge: ScoreBridge | None = None

    def headline(self) -> tuple[str, Score]:
        """Return what this is about, and the score that counts."""
        return f"{self.unit.name} {self.period} 总分", self.total

    def result(self) -> dict[str, Any]:
        """Return what the run hands to the one writer."""
        return {"kind": "scorecard", "unit": self.unit.id, "period": self.period, "card": to_compact(self)}


@dataclass(frozen=True)
class OverviewRow:
    """One unit on the overview. `domains` domain → shown score after decisions, None where nothing was scored."""

    unit: Unit
    total: Decimal | None
    before: Decimal | None
    grade: str
    rank: int | None
    previous: Decimal | None
    domains: Mapping[str, Decimal | None]
    open_leads: int
    high_findings: int
    findings: int
    provisional: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Means, medians and counts of one filter group (a level, a region, or all), precomputed."""

    key: str
    title: str
    units: int
    scored: int
    mean: Decimal | None
    median: Decimal | None
    grades: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Overview:
    bank: str
    period: str
    rows: tuple[OverviewRow, ...]
    groups: tuple[Group, ...]
    grade_labels: Mapping[str, str]
    domain_titles: Mapping[str, str]
    notes: tuple[str, ...] = ()
    worst: tuple[Finding, ...] = ()
    rolled: Mapping[str, RolledUp] = field(default_factory=dict)
    unit_names: Mapping[str, str] = field(default_factory=dict)


# --- inputs: plain data, so that a frozen file is enough to build a scorecard -------------------------------------


@dataclass(frozen=True)
class Standing:
    """Where a score stands among all that have one: computed once for all units, so no card holds its peers."""

    rank: int
    peers: int
    median: Decimal


@dataclass(frozen=True)
class DomainResult:
    """What the parent recorded of one domain of one unit. `standing` None: the peers are not in yet."""

    before: Score
    after: Score
    findings: tuple[Finding, ...] = ()
    open_leads: int = 0
    confirmed_leads: int = 0
    refuted_leads: int = 0
    standing: Standing | None = None
    previous: Decimal | None = None


@dataclass(frozen=True)
class CardInputs:
    """All that a scorecard is built from. `history` holds earlier periods with their totals, oldest first.

    `not_for` are domains whose sheet is not for the unit: they have no result and are not missing either.
    `bridge` leads from the period before to this one; the parent makes it, since it takes the facts of both.
    """

    unit: Unit
    period: str
    scheme: Scheme
    results: Mapping[str, DomainResult]
    standing: Standing | None = None
    previous: Decimal | None = None
    previous_rank: int | None = None
    history: tuple[tuple[str, Decimal | None], ...] = ()
    vetoes: tuple[VetoEvent, ...] = ()
    not_for: tuple[str, ...] = ()
    bridge: ScoreBridge | None = None


def untraced(score: Score) -> Score:
    """Return a score without its lines: a card names what is measured before decisions, and details what counts."""
    return replace(score, trace=())


def weighable(results: Mapping[str, DomainResult], not_for: Iterable[str], stage: Stage) -> dict[str, Score]:
    """Return domain → score to weigh for a unit; a sheet that is not for it counts as not applicable, not as missed."""
    idle = Score(None, None, "", stage, ZERO, ZERO, None, provisional=False)
    given = {name: result.after if stage is Stage.AFTER else result.before for name, result in results.items()}
    return {**dict.fromkeys(not_for, idle), **given}


def standings(values: Mapping[str, Decimal | None]) -> dict[str, Standing]:
    """Rank shown scores after decisions; units without a score have no standing."""
    scored = {unit: value for unit, value in values.items() if value is not None}
    middle = median(scored.values())
    if middle is None:
        return {}
    return {unit: Standing(rank, len(scored), middle) for unit, rank in ranks(scored).items()}


def build(inputs: CardInputs) -> Scorecard:
    """Build one unit's scorecard. Both totals are weighed here; only the one after decisions has a rank."""
    scheme, results = inputs.scheme, inputs.results
    after, before = (
        total(scheme, weighable(results, inputs.not_for, stage), stage, inputs.vetoes)
        for stage in (Stage.AFTER, Stage.BEFORE)
    )
    standing = inputs.standing if after.value is not None else None
    return Scorecard(
        inputs.unit,
        inputs.period,
        after,
        before,
        grade_label(scheme, after.grade),
        standing.rank if standing else None,
        standing.peers if standing else 0,
        standing.median if standing else None,
        inputs.previous,
        inputs.previous_rank,
        tuple(_domain(name, result, scheme) for name, result in _in_order(scheme, results)),
        _losses(after, results),
        tuple(sorted((f for r in results.values() for f in r.findings), key=_by_weight)),
        (*inputs.history, (inputs.period, after.value)),
        tuple(_notes(inputs, after, standing)),
        inputs.bridge,
    )


def _in_order(scheme: Scheme, results: Mapping[str, DomainResult]) -> list[tuple[str, DomainResult]]:
    order = dict.fromkeys([*DOMAINS, *scheme.weights, *sorted(results)])
    return [(name, results[name]) for name in order if name in results]


def _domain(name: str, result: DomainResult, scheme: Scheme) -> DomainScore:
    standing = result.standing if result.after.value is not None else None
    return DomainScore(
        name,
        DOMAINS.get(name, name),
        scheme.weights.get(name, ZERO),
        result.after,
        untraced(result.before),
        result.previous,
        standing.rank if standing else None,
        standing.peers if standing else 0,
        standing.median if standing else None,
        result.open_leads,
        result.confirmed_leads,
        result.refuted_leads,
        len(result.findings),
    )


def _by_weight(finding: Finding) -> tuple[int, Decimal, str]:
    return list(Severity).index(finding.severity), -finding.points_lost, finding.id


def _losses(whole: Score, results: Mapping[str, DomainResult]) -> tuple[Loss, ...]:
    """Return what was lost, the dearest for the total first. Clamps aside, weighted losses add up to 100 − total."""
    domains = {line.node_id: line for line in whole.trace if line.kind == "domain"}
    scored = Fraction(add(*(line.possible for line in domains.values())))
    losses = [
        _loss("", line, Fraction(line.deducted) * (100 / scored if line.parent_id else 1))
        for line in whole.trace
        if line.kind == "veto"
    ]
    for name, result in results.items():
        weight = Fraction(domains[name].possible)
        if not scored or not weight or not result.after.possible:
            continue
        each = weight / scored * 100 / Fraction(result.after.possible)
        losses += [
            _loss(name, line, Fraction(line.deducted) * (weight / scored if _top(line) else each * scale))
            for line, scale in _scaled(result.after.trace)
            if line.deducted > 0
        ]
    return tuple(sorted(losses, key=lambda loss: (-loss.weighted, -loss.lost, loss.domain, loss.item_id)))


def _top(line: TraceLine) -> bool:
    """Tell whether a veto reaches the whole sheet: it takes from the shown score, not from points of the sheet."""
    return line.kind == "veto" and not line.parent_id


def _scaled(trace: Sequence[TraceLine]) -> list[tuple[TraceLine, Fraction]]:
    """Return items and vetoes, each with how much redistribution above it stretches its points."""
    stretched: dict[str, Fraction] = {}
    for line in trace:
        if line.kind == "redistribute":
            own = [c for c in trace if c.parent_id == line.parent_id and c.kind not in ("redistribute", "clamp")]
            base = Fraction(add(*(child.possible for child in own)))
            stretched[line.parent_id] = (base + Fraction(line.possible)) / base
    pools = {line.node_id for line in trace if line.kind == "pool" and not line.parent_id}
    root = next((line for line in trace if line.kind == "checklist"), None)
    scales: dict[str, Fraction] = {"": Fraction(1)}
    found = []
    for line in trace:
        above = scales.get(line.parent_id, Fraction(1))
        scales[line.node_id] = above * stretched.get(line.node_id, Fraction(1))
        if line.node_id in pools and root is not None:  # a pool's points are of the sheet's total, whatever applies
            scales[line.node_id] = Fraction(root.possible) / Fraction(root.nominal)
        if line.kind in ("item", "veto"):
            found.append((line, above))
    return found


def _loss(domain: str, line: TraceLine, weighted: Fraction) -> Loss:
    return Loss(
        domain,
        line.node_id.partition("#")[0],
        line.title,
        line.deducted,
        line.nominal,
        round_half_up(weighted, 2),
        line.explanation,
        line.reason,
        line.leads,
    )


def _notes(inputs: CardInputs, after: Score, standing: Standing | None) -> Iterable[str]:
    """Say what a reader must know beside the number."""
    if standing:
        yield f"名次和中位数的比较范围：本批次全部有得分的受检机构，共 {standing.peers} 家；名次只用按认定结果的得分。"
    known = {*inputs.results, *inputs.not_for}
    absent = [DOMAINS.get(name, name) for name in inputs.scheme.weights if name not in known]
    if absent:
        yield f"尚无结果的检查域：{'、'.join(absent)}，其权重由其余检查域分担，总分为暂定。"
    idle = [DOMAINS.get(name, name) for name in inputs.not_for if name in inputs.scheme.weights]
    if idle:
        yield f"检查表不适用于本机构的检查域：{'、'.join(idle)}，其权重由其余检查域分担。"
    for name, result in _in_order(inputs.scheme, inputs.results):
        open_items = [line.state for line in unscored(result.after)]
        if open_items:
            kinds = [f"{label(state)} {open_items.count(state)} 项" for state in FactState if state in open_items]
            yield f"{DOMAINS.get(name, name)}为暂定得分：{'、'.join(kinds)}，未计入可得分值。"
    for veto in (*after.vetoes, *(veto for result in inputs.results.values() for veto in result.after.vetoes)):
        yield f"一票否决：{veto.event.day} {veto.event.description}。"


# --- overview -----------------------------------------------------------------------------------------------------


def overview_row(card: Scorecard, missing: Sequence[str] = ()) -> OverviewRow:
    """Return the line of one unit. Small on purpose: thousands of them are kept without their traces."""
    return OverviewRow(
        card.unit,
        card.total.value,
        card.total_before.value,
        card.total.grade,
        card.rank,
        card.previous,
        {domain.domain: domain.after.value for domain in card.domains},
        sum(domain.open_leads for domain in card.domains),
        sum(finding.severity is Severity.HIGH for finding in card.findings),
        len(card.findings),
        card.total.provisional,
        tuple(missing),
    )


def empty_row(unit: Unit, missing: Sequence[str]) -> OverviewRow:
    """Return the line of a unit that has no scorecard yet: no score and no rank, never zero."""
    return OverviewRow(unit, None, None, "", None, None, {}, 0, 0, 0, True, tuple(missing))


def overview(
    bank: str, period: str, scheme: Scheme, rows: Iterable[OverviewRow], domains: Sequence[str] = ()
) -> Overview:
    """Rank all units, best first, and count the groups that the page filters by."""
    found = list(rows)
    places = ranks({row.unit.id: row.total for row in found if row.total is not None})
    ranked = [replace(row, rank=places.get(row.unit.id)) for row in found]
    ranked.sort(key=lambda row: (row.rank is None, row.rank or 0, row.unit.id))
    names = tuple(domains) or tuple(scheme.weights)
    idle = [row for row in ranked if row.total is None]
    notes = [f"名次按全部 {len(places)} 家有得分的机构排列，同分同名次；筛选只选取和排序，不重新计算。"]
    if idle:
        notes.append(f"{len(idle)} 家机构没有得分，不参加排名。")
    if any(row.provisional for row in ranked if row.total is not None):
        notes.append("标为暂定的得分尚有未评分的检查项（待核实、无数据、未检查或运行出错）。")
    return Overview(
        bank,
        period,
        tuple(ranked),
        _groups(ranked, scheme),
        {grade.id: grade.label for grade in scheme.grades},
        {name: DOMAINS.get(name, name) for name in names},
        tuple(notes),
    )


def _groups(rows: Sequence[OverviewRow], scheme: Scheme) -> tuple[Group, ...]:
    levels = [level for level in LEVELS if any(row.unit.level == level for row in rows)]
    regions = sorted({row.unit.region for row in rows if row.unit.region})
    groups = [_group("all", "全部机构", rows, scheme)]
    groups += [
        _group(f"level:{level}", LEVELS[level], [row for row in rows if row.unit.level == level], scheme)
        for level in levels
    ]
    groups += [
        _group(f"region:{region}", region, [row for row in rows if row.unit.region == region], scheme)
        for region in regions
    ]
    return tuple(groups)


def _group(key: str, title: str, rows: Sequence[OverviewRow], scheme: Scheme) -> Group:
    values = [row.total for row in rows if row.total is not None]
    mean = round_half_up(Fraction(add(*values)) / len(values), scheme.places) if values else None
    grades = [row.grade for row in rows]
    counts = {grade.id: grades.count(grade.id) for grade in scheme.grades}
    return Group(key, title, len(rows), len(values), mean, median(values), counts)
