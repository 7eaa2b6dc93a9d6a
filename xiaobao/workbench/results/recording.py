"""The one writer of results: what a run found goes into the store, whole units at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import json
from msgspec.structs import astuple, replace

from xiaobao.checks.registry import CheckContext
from xiaobao.errors import Fault, InputError
from xiaobao.labels import HANDED_IN
from xiaobao.model import (
    CheckResult,
    Extract,
    Finding,
    ItemFacts,
    Period,
    Score,
    Unit,
    Value,
    from_plain,
    misplaced,
    to_compact,
)
from xiaobao.paper.work_paper import run_checks
from xiaobao.scorecard import Scorecard
from xiaobao.store.models import Campaign, InspectionRecord, RunRecord
from xiaobao.workbench.results.freezing import Freezer, kept_paper
from xiaobao.workbench.results.movements import acts_since, note_of, note_of_total
from xiaobao.workbench.results.questions import checks_on
from xiaobao.workbench.workspace import Workbench

if TYPE_CHECKING:
    import pandas as pd

V = TypeVar("V", bound=Value)


@dataclass(frozen=True, kw_only=True)
class RaiseCounts:
    """How many leads a run raised anew, met again, and took back."""

    new: int = 0
    kept: int = 0
    withdrawn: int = 0

    def __add__(self, other: RaiseCounts) -> RaiseCounts:
        return RaiseCounts(
            new=self.new + other.new, kept=self.kept + other.kept, withdrawn=self.withdrawn + other.withdrawn
        )


@dataclass(frozen=True, kw_only=True)
class PaperResult:
    """What a domain paper found, checked before it may be recorded."""

    domain: str
    before: Score
    after: Score
    check_results: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    own: Score | None = None
    facts: tuple[ItemFacts, ...] = ()
    facts_before: tuple[ItemFacts, ...] = ()
    review: tuple[Score, tuple[ItemFacts, ...]] | None = None


@dataclass(frozen=True)
class CardResult:
    """What a scorecard's notebook found, checked before it may be recorded."""

    card: Scorecard


@dataclass(frozen=True)
class OwnResult:
    """What an analyst's own notebook says in one line, "" where it says nothing; it moves no score."""

    conclusion: str = ""


Result = PaperResult | CardResult | OwnResult


def parse_result(plain: Mapping[str, Any], unit: str, period: str) -> Result:
    """Read what a notebook emitted.

    Raises ValueError or KeyError when it is not a result of this unit and period, and where a score does not stand in
    the place of its stage.
    """
    if (plain["unit"], plain["period"]) != (unit, period):
        raise ValueError(f"结果与任务不一致（{plain['unit']} {plain['period']}）")
    if plain["kind"] == "own":
        return OwnResult(str(plain["conclusion"]))
    if plain["kind"] == "scorecard":
        card = _sound(Scorecard, plain["card"])
        _in_place((card.total_before, card.total), *((domain.before, domain.after) for domain in card.domains))
        return CardResult(card)
    before, after = _sound(Score, plain["before"]), _sound(Score, plain["after"])
    _in_place((before, after))
    return PaperResult(
        domain=str(plain["domain"]),
        before=before,
        after=after,
        check_results=tuple(_sound(CheckResult, one) for one in plain["check_results"]),
        findings=tuple(_sound(Finding, one) for one in plain["findings"]),
        own=_sound(Score, plain["own"]) if "own" in plain else None,
        facts=tuple(_sound(ItemFacts, one) for one in plain.get("facts", ())),
        facts_before=tuple(_sound(ItemFacts, one) for one in plain.get("facts_before", ())),
        review=_review(plain) if "own_view" in plain else None,
    )


def _review(plain: Mapping[str, Any]) -> tuple[Score, tuple[ItemFacts, ...]]:
    facts = tuple(_sound(ItemFacts, one) for one in plain["facts_self"])
    return _sound(Score, plain["own_view"]), facts


def _in_place(*pairs: tuple[Score, Score]) -> None:
    for before, after in pairs:
        if wrong := misplaced(before, after):
            raise ValueError(wrong)


def _sound(kind: type[V], plain: object) -> V:
    """Read a value. Raises ValueError on NaN and infinity: a broken notebook can emit them, and decimals take them."""
    value = from_plain(kind, plain)
    text = json.encode(value)  # quick to search, where looking at each of a thousand numbers is not
    if (b"NaN" in text or b"Infinity" in text) and not _finite(value):
        raise ValueError("结果里有不是有限数的值")
    return value


def _finite(value: object) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    if isinstance(value, Value):
        value = astuple(value)
    elif isinstance(value, dict):
        value = tuple(value.values())
    return not isinstance(value, tuple) or all(map(_finite, value))


def record_runs(wb: Workbench, campaign: Campaign, runs: Iterable[tuple[RunRecord, Result | None]]) -> None:
    """Record finished notebooks in one transaction: results first, "done" last. A failed one leaves no result.

    Raises InputError for a paper whose inspection there is not.
    """
    runs = list(runs)
    if not runs:
        return
    units = sorted({run.unit for run, result in runs if isinstance(result, PaperResult)})
    records = {(r.unit, r.domain): r for unit in units for r in wb.store.inspections(campaign.id, unit)}
    moved = _movements(wb, campaign, runs, records)
    totals = [
        moved_total
        for run, result in runs
        if isinstance(result, CardResult)
        if (moved_total := _total(wb, campaign, result))
    ]
    with wb.writing("papers.run") as tx:
        for run, result in runs:
            if isinstance(result, CardResult):
                tx.record_scorecard(campaign.id, run.unit, run.digest, to_compact(result.card))
            elif isinstance(result, PaperResult):
                if (run.unit, result.domain) not in records:
                    raise InputError(Fault("没有对应的检查任务", value=f"{run.unit} {result.domain}"))
                _record_paper(tx, records[run.unit, result.domain].id, run, result, wb.today)
            tx.record_run(replace(run, said=result.conclusion) if isinstance(result, OwnResult) else run)
        for number, moved_total in moved.items():
            tx.note_moved(number, moved_total)
        for moved_total in totals:
            tx.note_total_moved(campaign.id, moved_total["unit"], moved_total)


def _movements(
    wb: Workbench,
    campaign: Campaign,
    runs: Iterable[tuple[RunRecord, Result | None]],
    records: Mapping[tuple[str, str], InspectionRecord],
) -> dict[int, dict[str, Any]]:
    """Return inspection → what the history shall tell of a handed-in result that these runs move."""
    moved = {}
    for run, result in runs:
        record = records.get((run.unit, result.domain)) if isinstance(result, PaperResult) else None
        if record is None or record.state not in HANDED_IN or not isinstance(result, PaperResult):
            continue
        before = wb.store.results(campaign.id, record.unit, record.domain).get((record.unit, record.domain))
        if before is not None and before.after != result.after:
            acts = acts_since(wb.store, [record], before.at)
            if note := note_of(record, before.after, result.after, acts):
                moved[record.id] = note
    return moved


def _total(wb: Workbench, campaign: Campaign, result: CardResult) -> dict[str, Any] | None:
    """Return what the history shall tell of a unit's total that acts on handed-in sheets moved."""
    card = result.card
    found = wb.store.events(1, object=f"scorecard:{campaign.id}:{card.unit.id}")
    sheets = wb.store.inspections(campaign.id, card.unit.id)
    if not found or all(one.state not in HANDED_IN for one in sheets):
        return None
    before = from_plain(Scorecard, wb.store.scorecards(campaign.id, card.unit.id)[card.unit.id]).total
    acts = acts_since(wb.store, sheets, found[0].at)
    return note_of_total(card.unit.id, before, card.total, acts) if acts else None


def _record_paper(tx: Any, inspection: int, run: RunRecord, result: PaperResult, day: date) -> None:
    _raise(tx, inspection, result.check_results, day)
    stripped = tuple(replace(check, leads=()) for check in result.check_results)
    tx.record_result(
        inspection,
        run.digest,
        result.before,
        result.after,
        stripped,
        result.findings,
        result.own,
        result.facts,
        result.facts_before,
        result.review,
    )


def _raise(tx: Any, inspection: int, checks: Iterable[CheckResult], day: date) -> RaiseCounts:
    """Raise leads of the checks that could be evaluated; where data is missing, known leads stay as they are."""
    evaluated = [check for check in checks if check.status in ("clear", "leads")]
    found = [lead for check in evaluated for lead in check.leads]
    raised = tx.raise_leads(inspection, [check.check_id for check in evaluated], found, day)
    return RaiseCounts(new=raised.new, kept=raised.kept, withdrawn=raised.withdrawn)


def raise_leads(wb: Workbench, campaign: Campaign, day: date | None = None) -> RaiseCounts:
    """疑点下发 on `day`, today by default: run every check over every unit without notebooks, raise what they hit.

    Raises InputError naming the units whose data are lost or damaged, once the leads of all others are raised.
    """
    from xiaobao.workbench.campaigns import open_inspections, wanted_inspections

    wb.look("lead.raise", campaign=campaign)
    open_inspections(wb, campaign)
    rounds = CheckRounds(wb, campaign)
    records = {(r.unit, r.domain): r.id for r in wb.store.inspections(campaign.id)}
    total, faults = RaiseCounts(), list[Fault]()
    for unit, sheets in groupby(wanted_inspections(wb, campaign), key=lambda pair: pair[0]):
        try:
            seen = rounds.of_unit(unit, [domain for _, domain in sheets])
        except InputError as error:
            faults += [Fault(f"{unit.id} 的疑点没有下发：{fault}") for fault in error.faults]
            continue
        with wb.writing("lead.raise", campaign=campaign) as tx:
            for domain, results in seen.items():
                total += _raise(tx, records[unit.id, domain], results, day or wb.today)
    if faults:
        raise InputError(faults)
    return total


class CheckRounds:
    """Runs the checks of one campaign. What is the whole bank's is read once for all units."""

    def __init__(self, wb: Workbench, campaign: Campaign) -> None:
        self._wb = wb
        self._freezer = Freezer(wb, campaign)
        self._period = Period.parse(campaign.period)
        self._of_bank: dict[str, pd.DataFrame] = {}

    def of_unit(self, unit: Unit, domains: Iterable[str]) -> dict[str, tuple[CheckResult, ...]]:
        """Return domain → results of the unit's checks. Raises InputError on a changed partition."""
        context = CheckContext(
            unit=unit, period=self._period, as_of=self._freezer.as_of, policies=self._wb.settings.policies
        )
        read: dict[str, pd.DataFrame] = {}
        results = {}
        for domain in domains:
            sheet, kept = self._freezer.sheet_of(unit.id, domain), self._freezer.kept(unit.id, domain)
            if kept is not None:
                paper = kept_paper(kept, sheet.plain, self._freezer.scheme)
                results[domain] = checks_on(self._freezer, sheet.checklist, paper, paper.extracts)
                continue
            for extract in self._freezer.extracts(unit, sheet.needs):
                if extract.dataset not in read:
                    read[extract.dataset] = self._read(extract)
            results[domain] = run_checks(sheet.checklist, context, read, sheet.own)
        return results

    def _read(self, extract: Extract) -> pd.DataFrame:
        from xiaobao.datasets.partitions import read_partition

        if extract.path in self._of_bank:
            return self._of_bank[extract.path]
        frame = read_partition(self._wb.home / extract.path, extract.sha256)
        if self._freezer.partitions.get(("", extract.dataset)) == extract:
            self._of_bank[extract.path] = frame
        return frame
