"""One unit's scorecard: built from recorded results alone, so that a frozen file is enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from xiaobao.checklist.models import Scheme
from xiaobao.labels import DOMAINS, label, level_of
from xiaobao.model import (
    FactState,
    Finding,
    PoolEntry,
    Score,
    Severity,
    ShownScore,
    Stage,
    Unit,
    Value,
    VetoEvent,
    to_compact,
)
from xiaobao.numbers import ZERO, median, plain, ranks
from xiaobao.policies import LeastAssessed
from xiaobao.scorecard.around import Around
from xiaobao.scorecard.losses import Loss, weighted_losses
from xiaobao.scoring import (
    assessed_as,
    coverage_words,
    grade_label,
    held_back,
    subtotal_sentences,
    total,
    unassessed,
    unscored,
)
from xiaobao.scoring.bridge import ScoreBridge
from xiaobao.scoring.total import weight_title

OUTDATED, DRAFT, OLDER = RESERVATIONS = "未更新", "草稿", "旧数据"
OF_TOTALS = {OUTDATED: OUTDATED, DRAFT: f"含{DRAFT}", OLDER: f"含{OLDER}"}


def marks(words: Iterable[str]) -> str:
    """Return the marks that stand behind a score, nothing where there are none."""
    said = "、".join(words)
    return f"（{said}）" if said else ""


def total_marks(words: Collection[str]) -> str:
    """Return the marks behind a total that rests on domains with these reservations."""
    return marks(OF_TOTALS[word] for word in RESERVATIONS if word in words)


def reserved_marks(reserved: Mapping[str, int]) -> str:
    """Return what stands behind a figure of many units, of which so many are not the last word."""
    said = "、".join(f"{word} {reserved[word]} 家" for word in RESERVATIONS if reserved.get(word))
    return f"（含{said}）" if said else ""


def counted_reservations(each: Iterable[Iterable[str]]) -> dict[str, int]:
    """Return word → how many of the scores have it, each given by its words."""
    found = Counter(word for words in each for word in words)
    return {word: found[word] for word in RESERVATIONS if found[word]}


class DomainScore(Value):
    """One domain of one unit. `peers` are the inspected units of its level that have a score in this domain.

    Once `reviewed`, `own_view` is what the unit had given itself (自评); until then `after` is that. `previous` is the
    former score; there is an arrow only between two scores. `failed` says why the last run of the paper failed: the
    score is then that of an earlier run. A `draft` is not handed in: its score rests on the data alone. `older`: the
    sheet rests on the data of its hand-in, newer ones came since, and nobody has said yet what is to be.
    `peer_reserved`: word → how many of the peers' scores are not the last word either.
    """

    domain: str
    title: str
    weight: Decimal
    after: Score
    before: Score
    previous: Decimal | None = None
    rank: int | None = None
    peers: int = 0
    peer_median: Decimal | None = None
    peer_reserved: Mapping[str, int] = {}
    open_leads: int = 0
    confirmed_leads: int = 0
    refuted_leads: int = 0
    findings: int = 0
    reviewed: bool = False
    own_view: Decimal | None = None
    failed: str = ""
    draft: bool = False
    older: bool = False

    @property
    def marks(self) -> str:
        """What stands behind this score wherever it is shown: “（未更新）”, “（草稿）”, mostly nothing."""
        return "" if self.after.value is None else marks(self.reservations)

    @property
    def peer_marks(self) -> str:
        """What stands behind rank and median among the peers: “（含未更新 2 家）”, mostly nothing."""
        return reserved_marks(self.peer_reserved)

    @property
    def reservations(self) -> tuple[str, ...]:
        """The words for what keeps this score from being the last one, in their order."""
        given = {OUTDATED: bool(self.failed), DRAFT: self.draft, OLDER: self.older}
        return tuple(word for word, holds in given.items() if holds)


class Scorecard(Value):
    """`own_total` is the total by the units' own answers, None before any review.

    `comparable` tells that this total and the `previous` one rest on the same domains; else there is no arrow.
    `around` is there where a person opened the page; it is no part of what a run records.
    """

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
    own_total: Decimal | None = None
    comparable: bool = False
    around: Around | None = None
    peer_reserved: Mapping[str, int] = {}

    @property
    def peer_marks(self) -> str:
        """As of a domain: what stands behind rank and median of the totals."""
        return reserved_marks(self.peer_reserved)

    @property
    def marks(self) -> str:
        """What stands behind the total: it is not the last word where a domain that it rests on is not."""
        return total_marks(self.reservations)

    @property
    def reservations(self) -> tuple[str, ...]:
        """The words for what keeps the total from being the last one, nothing without a total."""
        said = {word for one in self.domains if one.after.value is not None for word in one.reservations}
        return tuple(word for word in RESERVATIONS if word in said) if self.total.value is not None else ()

    def headline(self) -> tuple[str, Score]:
        """Return what this is about, and the score that counts."""
        return f"{self.unit.name} {self.period} 总分", self.total

    def result(self) -> dict[str, Any]:
        """Return what the run hands to the one writer."""
        return {
            "kind": "scorecard",
            "unit": self.unit.id,
            "period": self.period,
            "card": to_compact(replace(self, around=None)),
        }

    @property
    def reviewed(self) -> bool:
        """Whether every score is a reviewer's (复评); one that is not makes the whole the unit's own (自评)."""
        return bool(self.domains) and all(domain.reviewed for domain in self.domains)


class DomainResult(Value):
    """What the parent recorded of one domain of one unit. `standing` None: the peers are not in yet.

    Once `reviewed`, `own_view` is the score by the unit's own answers. `awaits_close`: items relative to peers are
    resolved with what is there today, and anew until the campaign closes.
    """

    before: Score
    after: Score
    findings: tuple[Finding, ...] = ()
    open_leads: int = 0
    confirmed_leads: int = 0
    refuted_leads: int = 0
    standing: Standing | None = None
    previous: Decimal | None = None
    reviewed: bool = False
    own_view: Score | None = None
    draft: bool = False
    older: bool = False
    awaits_close: bool = False


class CardInputs(Value):
    """All that a scorecard is built from. `history` holds earlier periods with their totals, oldest first.

    `not_for` are domains whose sheet is not for the unit: they have no result and are not missing either.
    `bridge` leads from the period before to this one; the parent makes it, since it takes the facts of both.
    `previous_domains` are those that the former total rests on. At least `least` percent must be assessed for a total.
    `data_notes` say on which data handed-in sheets rest, once there are newer ones. `failed`: domain → why the last run
    of its paper failed, whether an earlier one left a result or not.
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
    entries: tuple[PoolEntry, ...] = ()
    not_for: tuple[str, ...] = ()
    bridge: ScoreBridge | None = None
    previous_domains: tuple[str, ...] = ()
    least: Decimal = ZERO
    data_notes: tuple[str, ...] = ()
    failed: Mapping[str, str] = {}


def idle(stage: Stage) -> Score:
    """Return the score of a sheet that is not for a unit: not applicable, which is not missed."""
    return Score(
        value=None, unvetoed=None, grade="", stage=stage, possible=ZERO, earned=ZERO, coverage=None, provisional=False
    )


def scored_domains(domains: Mapping[str, ShownScore]) -> tuple[str, ...]:
    """Return the domains that have a score, on which a total rests."""
    return tuple(sorted(name for name, score in domains.items() if score.value is not None))


def weighable(results: Mapping[str, DomainResult], not_for: Iterable[str], stage: Stage) -> dict[str, Score]:
    """Return domain → score to weigh for a unit; a sheet that is not for it counts as not applicable, not as missed."""
    given = {name: result.after if stage is Stage.AFTER else result.before for name, result in results.items()}
    return {**dict.fromkeys(not_for, idle(stage)), **given}


def untraced(score: Score) -> Score:
    """Return a score without its lines: a card names what is measured before decisions, and details what counts."""
    return replace(score, trace=())


def build_card(inputs: CardInputs) -> Scorecard:
    """Build one unit's scorecard. Both totals are weighed here; only the one after decisions has a rank."""
    scheme, results = inputs.scheme, inputs.results
    after, before = (
        total(scheme, weighable(results, inputs.not_for, stage), stage, inputs.vetoes, inputs.entries, inputs.least)
        for stage in (Stage.AFTER, Stage.BEFORE)
    )
    before = assessed_as(before, after)
    standing = inputs.standing if after.value is not None else None
    rests_on = scored_domains({name: result.after for name, result in results.items()})
    comparable = None not in (after.value, inputs.previous) and rests_on == inputs.previous_domains
    return Scorecard(
        unit=inputs.unit,
        period=inputs.period,
        total=after,
        total_before=before,
        grade_label=grade_label(scheme, after.grade),
        rank=standing.rank if standing else None,
        peers=standing.peers if standing else 0,
        peer_median=standing.median if standing else None,
        peer_reserved=standing.reserved if standing else {},
        previous=inputs.previous,
        previous_rank=inputs.previous_rank,
        domains=tuple(
            _domain(name, result, scheme, inputs.failed.get(name, "")) for name, result in _in_order(scheme, results)
        ),
        losses=weighted_losses(after, {name: result.after for name, result in results.items()}),
        findings=tuple(sorted((f for r in results.values() for f in r.findings), key=_by_weight)),
        trend=(*inputs.history, (inputs.period, after.value)),
        notes=tuple(_notes(inputs, after, standing, comparable)),
        bridge=inputs.bridge,
        own_total=_own_total(inputs),
        comparable=comparable,
    )


def held_card(card: Scorecard, least: LeastAssessed) -> Scorecard:
    """Hold back scores of a card that was recorded before there was a limit, or under a lower one."""
    total, before = (held_back(score, least.total) for score in (card.total, card.total_before))
    domains = tuple(_held_domain(one, least.domain) for one in card.domains)
    if total is card.total:
        return replace(card, domains=domains, total_before=before)
    gone = {**_place(None), "own_total": None, "bridge": None, "comparable": False}
    trend = (*card.trend[:-1], (card.period, None))
    return replace(card, total=total, total_before=before, domains=domains, grade_label="", trend=trend, **gone)


def _held_domain(one: DomainScore, least: Decimal) -> DomainScore:
    after, before = held_back(one.after, least), held_back(one.before, least)
    if after is one.after:
        return replace(one, before=before)
    return replace(one, after=after, before=before, own_view=None, **_place(None))


def _own_total(inputs: CardInputs) -> Decimal | None:
    """Return the total as the units' own answers give it, where a reviewer's answers stand in some domain."""
    if not any(result.reviewed for result in inputs.results.values()):
        return None
    after = weighable(inputs.results, inputs.not_for, Stage.AFTER)
    own = {name: result.own_view for name, result in inputs.results.items() if result.own_view is not None}
    return total(inputs.scheme, {**after, **own}, Stage.AFTER, inputs.vetoes, inputs.entries, inputs.least).value


def _in_order(scheme: Scheme, results: Mapping[str, DomainResult]) -> list[tuple[str, DomainResult]]:
    order = dict.fromkeys([*DOMAINS, *scheme.weights, *sorted(results)])
    return [(name, results[name]) for name in order if name in results]


def _domain(name: str, result: DomainResult, scheme: Scheme, failed: str) -> DomainScore:
    standing = result.standing if result.after.value is not None else None
    return DomainScore(
        domain=name,
        title=weight_title(scheme, name),
        weight=scheme.weights.get(name, ZERO),
        after=result.after,
        before=untraced(result.before),
        previous=result.previous,
        rank=standing.rank if standing else None,
        peers=standing.peers if standing else 0,
        peer_median=standing.median if standing else None,
        peer_reserved=standing.reserved if standing else {},
        open_leads=result.open_leads,
        confirmed_leads=result.confirmed_leads,
        refuted_leads=result.refuted_leads,
        findings=len(result.findings),
        reviewed=result.reviewed,
        own_view=result.own_view.value if result.own_view else None,
        failed=failed,
        draft=result.draft,
        older=result.older,
    )


def _by_weight(finding: Finding) -> tuple[int, Decimal, str]:
    return list(Severity).index(finding.severity), -finding.points_lost, finding.id


def _notes(inputs: CardInputs, after: Score, standing: Standing | None, comparable: bool) -> Iterable[str]:
    """Say what a reader must know beside the number."""
    results = _in_order(inputs.scheme, inputs.results)
    if after.so_far is not None:
        limit = f"评分覆盖不足 {plain(after.least)} %，没有总分，不排名、不评等级，也不能说明没有问题"
        yield f"{'未检查' if unassessed(after.coverage) else coverage_words(after.coverage)}：{limit}。"
    yield from _failures(inputs)
    if not inputs.unit.businesses:
        yield "机构名单里没有填本机构的业务开办清单，各项业务的检查项全部按适用处理。"
    if standing:
        level = level_of(inputs.unit)
        peers = f"本批次有得分的同层级（{level}）受检机构，共 {standing.peers} 家"
        yield f"名次和中位数的比较范围：{peers}{reserved_marks(standing.reserved)}；名次只用按认定结果的得分。"
    drafts = [weight_title(inputs.scheme, name) for name, result in results if result.draft]
    if drafts:
        yield f"{'、'.join(drafts)}的检查表是草稿（未上报），人工答复不计分，不形成检查发现和整改。"
    waiting = [weight_title(inputs.scheme, name) for name, result in results if not (result.reviewed or result.draft)]
    if waiting:
        every = len(waiting) == len(inputs.results)
        yield f"{'全部检查域' if every else '、'.join(waiting)}尚未复核，得分为自评。"
    if inputs.previous is not None and after.value is not None and not comparable:
        yield "本期与上期有得分的检查域不同，两期总分不作升降比较。"
    known = {*inputs.results, *inputs.not_for}
    absent = [weight_title(inputs.scheme, name) for name in inputs.scheme.weights if name not in known]
    if absent:
        then = "" if after.value is None else "，其权重由其余检查域分担，总分为暂定"
        yield f"尚无结果的检查域：{'、'.join(absent)}{then}。"
    idle = [weight_title(inputs.scheme, name) for name in inputs.not_for if name in inputs.scheme.weights]
    if idle:
        yield f"检查表不适用于本机构的检查域：{'、'.join(idle)}，其权重由其余检查域分担。"
    yield from _domain_notes(inputs, results)
    yield from inputs.data_notes
    for veto in (*after.vetoes, *(veto for result in inputs.results.values() for veto in result.after.vetoes)):
        yield f"一票否决：{veto.words}。"
    for line in after.trace:
        if line.kind == "veto" and not line.deducted and line.node_id.startswith(f"{inputs.scheme.id}/"):
            yield f"{line.explanation}。"


def _domain_notes(inputs: CardInputs, results: Sequence[tuple[str, DomainResult]]) -> Iterable[str]:
    """Say of each domain why it has no score or a provisional one, and what its subtotals hide."""
    for name, result in results:
        title = weight_title(inputs.scheme, name)
        open_items = [line.state for line in unscored(result.after)]
        kinds = [f"{label(state)} {open_items.count(state)} 项" for state in FactState if state in open_items]
        if result.after.so_far is not None:
            yield f"{title}{coverage_words(result.after.coverage)}，没有得分：{'、'.join(kinds)}。"
        elif open_items:
            what = "没有得分" if result.after.value is None else "为暂定得分"
            yield f"{title}{what}：{'、'.join(kinds)}，未计入可得分值。"
        if result.awaits_close:
            yield f"{title}为暂定得分：与各机构比较的检查项按目前的数据暂算，批次结束时才确定。"
        for said in subtotal_sentences(result.after):
            yield f"{title}{said}"


def _failures(inputs: CardInputs) -> Iterable[str]:
    """Say of each paper that failed whether what stands here is an earlier run's, or nothing."""
    for name, why in inputs.failed.items():
        left = f"所示得分是此前运行的结果（{OUTDATED}）" if name in inputs.results else "没有结果"
        title = weight_title(inputs.scheme, name)
        yield f"{title}的底稿最近一次运行失败（{why}），{left}；请排除原因后重新运行。"


class Standing(Value):
    """Where a score stands among its peers: computed once for all units, so no card holds them.

    `reserved`: word → how many of the peers' scores are not the last word (未更新, 草稿, 旧数据).
    """

    rank: int
    peers: int
    median: Decimal
    reserved: Mapping[str, int] = {}


def standings(
    values: Mapping[str, Decimal | None], levels: Mapping[str, str], words: Mapping[str, Iterable[str]]
) -> dict[str, Standing]:
    """Rank shown scores after decisions within each level; units without a score have no standing.

    `words`: unit → what keeps its score from being the last word.
    """
    found: dict[str, Standing] = {}
    for level in dict.fromkeys(levels.values()):
        scored = {unit: value for unit, value in values.items() if value is not None and levels[unit] == level}
        middle = median(scored.values())
        if middle is not None:
            reserved = counted_reservations(words.get(unit, ()) for unit in scored)
            found |= {
                unit: Standing(rank=rank, peers=len(scored), median=middle, reserved=reserved)
                for unit, rank in ranks(scored).items()
            }
    return found


def placed(cards: Mapping[str, Scorecard]) -> dict[str, Scorecard]:
    """Return the cards with ranks and medians among all of them, whenever each was recorded."""
    levels = {unit: card.unit.level for unit, card in cards.items()}
    totals = standings(
        {unit: card.total.value for unit, card in cards.items()},
        levels,
        {unit: card.reservations for unit, card in cards.items()},
    )
    scores: dict[str, dict[str, Decimal | None]] = {}
    words: dict[str, dict[str, tuple[str, ...]]] = {}
    for unit, card in cards.items():
        for one in card.domains:
            scores.setdefault(one.domain, {})[unit] = one.after.value
            words.setdefault(one.domain, {})[unit] = one.reservations
    places = {domain: standings(values, levels, words[domain]) for domain, values in scores.items()}
    return {
        unit: replace(
            card,
            **_place(totals.get(unit)),
            domains=tuple(replace(one, **_place(places[one.domain].get(unit))) for one in card.domains),
        )
        for unit, card in cards.items()
    }


def _place(standing: Standing | None) -> dict[str, Any]:
    if standing is None:
        return {"rank": None, "peers": 0, "peer_median": None, "peer_reserved": {}}
    return {
        "rank": standing.rank,
        "peers": standing.peers,
        "peer_median": standing.median,
        "peer_reserved": standing.reserved,
    }
