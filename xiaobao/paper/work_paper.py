"""工作底稿: from frozen inputs to check results, scores and findings. Pure but for reading its partitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.checks.registry import REGISTRY, Check, CheckContext, run_one
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.feature_list import load, named
from xiaobao.findings import raise_findings, with_drafts
from xiaobao.labels import domain_title
from xiaobao.model import (
    CheckResult,
    Extract,
    Finding,
    ItemFacts,
    LeadDecision,
    Period,
    Response,
    Score,
    Stage,
    Unit,
    Value,
    from_plain,
    misplaced,
    to_compact,
)
from xiaobao.paper.frozen import FrozenPaper
from xiaobao.personal import state_public
from xiaobao.policies import Policies
from xiaobao.scoring import applicability, assessed_as, gather_facts, score

if TYPE_CHECKING:
    import pandas as pd


class ExtractCoverage(Value):
    """One extract that checks of this paper need; `rows` None means 无数据.

    `unjudged` says of which checks how many of its rows were not judged (未判) for want of a column that decides.
    """

    dataset: str
    title: str
    rows: int | None
    sha256: str
    used_by: tuple[str, ...]
    unjudged: tuple[tuple[str, int], ...] = ()


class OwnSection(Value):
    """The unit's own items, scored apart: nothing here reaches the core's score, its findings or a rank."""

    checklist: Checklist
    facts: tuple[ItemFacts, ...]
    score: Score
    findings: tuple[Finding, ...]


class OwnView(Value):
    """自评 beside 复评: what the unit's own answers came to, and the answers that the reviewer put in their place."""

    facts: tuple[ItemFacts, ...]
    score: Score
    reviews: Mapping[str, Response]


class WorkPaper(Value):
    """Everything a domain notebook shows. `citations` item id → 依据 text ready to print.

    `part` is what a feature brings to this domain's paper, such as statistics of complaints; None: 无数据.
    `own_view` is None until the review is done: until then the scores are the unit's own (自评). Before the sheet is
    `handed_in` the answers are a draft, which scores nothing.
    `rests_on` says on which data a handed-in sheet rests, once there are newer ones.
    """

    bank: str
    unit: Unit
    period: Period
    as_of: date
    domain: str
    checklist: Checklist
    checklist_sha256: str
    scheme: Scheme
    policies: Policies
    coverage: tuple[ExtractCoverage, ...]
    responses: Mapping[str, Response]
    check_results: tuple[CheckResult, ...]
    decisions: Mapping[str, LeadDecision]
    facts: tuple[ItemFacts, ...]
    before: Score
    after: Score
    findings: tuple[Finding, ...]
    citations: Mapping[str, str]
    part: Any = None
    own: OwnSection | None = None
    facts_before: tuple[ItemFacts, ...] = ()
    own_view: OwnView | None = None
    handed_in: bool = True
    rests_on: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError where a score does not stand in the place of its stage: only the second one ranks."""
        if wrong := misplaced(self.before, self.after):
            raise ValueError(wrong)

    @property
    def domain_title(self) -> str:
        """The domain's Chinese word; of a bank's own domain the title of its sheet."""
        return domain_title(self.domain, self.checklist.title)

    @property
    def ledger(self) -> Any:
        """The part of the complaints domain, by the name that notebooks of version 0.1 ask for."""
        return self.part

    @property
    def reviewed(self) -> bool:
        """Whether a reviewer's answers (复评) stand in for the unit's; `own_view` then keeps what these scored."""
        return self.own_view is not None

    def headline(self) -> tuple[str, Score]:
        """Return what this is about, and the score that counts."""
        return f"{self.unit.name} {self.period.code} {self.checklist.title}", self.after

    def result(self) -> dict[str, Any]:
        """Return what the run hands to the one writer."""
        own = {"own": to_compact(self.own.score)} if self.own else {}
        return {
            "kind": "paper",
            "unit": self.unit.id,
            "period": self.period.code,
            "domain": self.domain,
            "before": to_compact(self.before),
            "after": to_compact(self.after),
            "check_results": [to_compact(result) for result in self.check_results],
            "findings": [to_compact(finding) for finding in self.findings],
            **own,
            **self._review(),
            "facts": [to_compact(fact) for fact in self.facts],
            "facts_before": [to_compact(fact) for fact in self.facts_before],
        }

    def _review(self) -> dict[str, Any]:
        """Return the unit's own score and what it saw otherwise, once reviewed."""
        if self.own_view is None:
            return {}
        otherwise = _changed(self.own_view.facts, self.facts)
        return {"own_view": to_compact(self.own_view.score), "facts_self": [to_compact(fact) for fact in otherwise]}


_NO_OWN: Mapping[str, Check] = {}


def own_of(plain: Iterable[Mapping[str, Any]]) -> Mapping[str, Check]:
    """Return id → the bank's own checks that inputs bring along. What they need loads only where there are some."""
    wanted = list(plain)
    if not wanted:
        return _NO_OWN
    from xiaobao.checks.own.running import OwnCheck, as_check

    return {check.id: check for check in (as_check(from_plain(OwnCheck, one)) for one in wanted)}


def _found(name: str, own: Mapping[str, Check]) -> Check:
    return own[name] if name in own else REGISTRY[name]


def needed_datasets(checklist: Checklist, own: Mapping[str, Check] = _NO_OWN) -> Mapping[str, tuple[str, ...]]:
    """Return dataset → titles of the checks of `checklist` that read it, in the order of the sheet."""
    needs: dict[str, list[str]] = {}
    for item in checklist.items():
        for name in item.checks:
            check = _found(name, own)
            for dataset in check.needs:
                needs.setdefault(dataset, []).append(check.title)
    return {dataset: tuple(titles) for dataset, titles in needs.items()}


def read_extracts(frozen: FrozenPaper) -> dict[str, pd.DataFrame]:
    """Return dataset → rows of the unit, or of the bank for a register; a dataset that nobody delivered has no entry.

    Frames are as `read_partition` gives them. Raises InputError on a partition whose digest is another than frozen.
    """
    from xiaobao.datasets.partitions import read_partition

    root = Path(frozen.root)
    return {extract.dataset: read_partition(root / extract.path, extract.sha256) for extract in frozen.extracts}


def run_checks(
    checklist: Checklist,
    context: CheckContext,
    extracts: Mapping[str, pd.DataFrame],
    own: Mapping[str, Check] = _NO_OWN,
) -> tuple[CheckResult, ...]:
    """Run every check of the items that apply to the unit, a result for each check of each item, in their order.

    `own` are those of the bank, by id. Whatever a check meets is a result: 无数据, 不适用, 运行出错.
    """
    return tuple(
        run_one(_found(name, own), item.id, extracts, context)
        for item in checklist.items()
        if not applicability(item, context.unit, context.period)
        for name in item.checks
    )


class _Said(Value):
    """What frozen inputs say, read: the sheet and the rules by which it is scored, and what people said of it."""

    checklist: Checklist
    scheme: Scheme
    policies: Policies
    period: Period
    responses: Mapping[str, Response]
    reviews: Mapping[str, Response]
    decisions: Mapping[str, LeadDecision]


def _said(frozen: FrozenPaper) -> _Said:
    return _Said(
        checklist=from_plain(Checklist, frozen.checklist),
        scheme=from_plain(Scheme, frozen.scheme),
        policies=from_plain(Policies, frozen.policies),
        period=Period.parse(frozen.period),
        responses={response.item_id: response for response in frozen.responses},
        reviews={review.item_id: review for review in frozen.reviews},
        decisions={decision.lead_id: decision for decision in frozen.decisions},
    )


def _judged(
    frozen: FrozenPaper, said: _Said, results: Sequence[CheckResult], stage: Stage, *, alone: bool = False
) -> tuple[tuple[ItemFacts, ...], Score]:
    """Return the facts and the score of a stage; `alone`: as the unit answered, before any reviewer."""
    facts = gather_facts(
        said.checklist,
        frozen.unit,
        said.period,
        said.responses,
        results,
        said.decisions,
        stage,
        said.policies,
        {} if alone else said.reviews,
        frozen.background,
        alone or frozen.handed_in,
    )
    least = said.policies.coverage.domain
    return facts, score(said.checklist, facts, said.scheme, stage, frozen.vetoes, least)


def _found_wrong(
    frozen: FrozenPaper, said: _Said, results: Sequence[CheckResult], facts: tuple[ItemFacts, ...], scored: Score
) -> tuple[Finding, ...]:
    """Return the findings that a score and decided leads come to; drafts where nobody has settled the sheet yet."""
    leads = {lead.id: lead for result in results for lead in result.leads}
    where = (frozen.unit.id, said.period.code, frozen.binding)
    found = raise_findings(said.checklist, facts, scored, frozen.citations, leads, said.decisions, *where)
    return with_drafts(found, said.decisions, _settled(frozen, said.policies))


def compute(frozen: FrozenPaper) -> WorkPaper:
    """Turn frozen inputs into the work paper."""
    state_public(frozen.public)
    said = _said(frozen)
    extracts, own = read_extracts(frozen), own_of(frozen.own_checks)
    context = CheckContext(unit=frozen.unit, period=said.period, as_of=frozen.as_of, policies=said.policies)
    results = run_checks(said.checklist, context, extracts, own)
    facts_before, before = _judged(frozen, said, results, Stage.BEFORE)
    facts, after = _judged(frozen, said, results, Stage.AFTER)
    own_view = None
    if frozen.reviewed:
        own_facts, own_score = _judged(frozen, said, results, Stage.AFTER, alone=True)
        own_view = OwnView(facts=own_facts, score=own_score, reviews=said.reviews)
    return WorkPaper(
        bank=frozen.bank,
        unit=frozen.unit,
        period=said.period,
        as_of=frozen.as_of,
        domain=frozen.domain,
        checklist=said.checklist,
        checklist_sha256=frozen.checklist_sha256,
        scheme=said.scheme,
        policies=said.policies,
        coverage=_coverage(frozen, said.checklist, results, own),
        responses=said.responses,
        check_results=results,
        decisions=said.decisions,
        facts=facts,
        before=assessed_as(before, after),
        after=after,
        findings=_found_wrong(frozen, said, results, facts, after),
        citations=frozen.citations,
        part=_part(frozen, extracts),
        own=_own_section(frozen, said.responses, said.scheme, said.policies) if frozen.own else None,
        facts_before=_changed(facts_before, facts),
        own_view=own_view,
        handed_in=frozen.handed_in,
        rests_on=frozen.rests_on,
    )


def _settled(frozen: FrozenPaper, policies: Policies) -> bool:
    """Tell whether a lost point of this sheet is a finding: once reviewed, or once handed in where the bank says so."""
    return frozen.reviewed or (policies.findings_from == "hand_in" and frozen.handed_in)


def _part(frozen: FrozenPaper, extracts: Mapping[str, pd.DataFrame]) -> Any:
    """Return what a feature makes of this domain's inputs, None where none does."""
    target = named("paper").get(frozen.domain)
    return load(target)(frozen, extracts) if target else None


def _changed(was: Sequence[ItemFacts], now: Sequence[ItemFacts]) -> tuple[ItemFacts, ...]:
    return tuple(one for one, other in zip(was, now, strict=True) if one != other)


def _own_section(
    frozen: FrozenPaper, responses: Mapping[str, Response], scheme: Scheme, policies: Policies
) -> OwnSection:
    """Score the unit's own items as a sheet of its own; only people answer them, so before and after are one."""
    own, period = from_plain(Checklist, frozen.own), Period.parse(frozen.period)
    facts = gather_facts(own, frozen.unit, period, responses, (), {}, Stage.AFTER, policies, handed_in=frozen.handed_in)
    scored = score(own, facts, scheme, Stage.AFTER, least=policies.coverage.domain)
    found = raise_findings(own, facts, scored, frozen.citations, {}, {}, frozen.unit.id, period.code, frozen.binding)
    found = with_drafts(found, {}, _settled(frozen, policies))
    return OwnSection(checklist=own, facts=facts, score=scored, findings=found)


def _coverage(
    frozen: FrozenPaper, checklist: Checklist, results: Sequence[CheckResult], own: Mapping[str, Check]
) -> tuple[ExtractCoverage, ...]:
    found = {extract.dataset: extract for extract in frozen.extracts}
    left_out = _unlooked(frozen, checklist, found, own)
    for result in results:
        if result.unjudged:
            check = _found(result.check_id, own)
            left_out.setdefault(check.needs[0], []).append((check.title, result.unjudged))
    rows = []
    for name, titles in needed_datasets(checklist, own).items():
        extract = found.get(name)
        rows.append(
            ExtractCoverage(
                dataset=name,
                title=DATASETS[name].title,
                rows=extract.rows if extract else None,
                sha256=extract.sha256 if extract else "",
                used_by=titles,
                unjudged=tuple(left_out.get(name, ())),
            )
        )
    return tuple(rows)


def _unlooked(
    frozen: FrozenPaper, checklist: Checklist, found: Mapping[str, Extract], own: Mapping[str, Check]
) -> dict[str, list[tuple[str, int]]]:
    """Return rows that the unit has and no check looks at: the item is not for it, or it does not run the business."""
    unit, period = frozen.unit, Period.parse(frozen.period)
    left_out: dict[str, list[tuple[str, int]]] = {}
    for item in checklist.items():
        why = applicability(item, unit, period)
        for check in (_found(name, own) for name in item.checks if _found(name, own).needs):
            shut = check.businesses and not set(check.businesses) & set(unit.businesses)
            dataset, extract = DATASETS[check.needs[0]], found.get(check.needs[0])
            by_unit = bool(dataset.unit) and not dataset.whole
            if (why or shut) and by_unit and extract and extract.rows:
                reason = why or "未开办：" + "、".join(check.businesses)
                left_out.setdefault(dataset.name, []).append((f"{check.title}（{reason}）", extract.rows))
    return left_out
