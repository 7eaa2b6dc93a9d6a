"""试算: what other weights would do to a campaign. Reads recorded results, writes nothing."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from msgspec import Raw, structs
from msgspec.structs import asdict

from xiaobao.checklist.canonical import from_canonical
from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.errors import Fault, InputError
from xiaobao.features.appraisal.panel import DomainFacts, StoredFacts, UnitFacts
from xiaobao.features.appraisal.what_if import WhatIf, what_if
from xiaobao.model import FactState, ItemFacts, Score, Value
from xiaobao.numbers import ONE, ZERO
from xiaobao.policies import LeastAssessed
from xiaobao.scorecard.board import ShortScore
from xiaobao.scoring import held_back
from xiaobao.store.models import Campaign, ResultSummary
from xiaobao.workbench.campaigns import wanted_domains
from xiaobao.workbench.inspections.bonuses import scheme_entries
from xiaobao.workbench.inspections.vetoes import scheme_vetoes, sheet_vetoes
from xiaobao.workbench.results.failing import Reservations
from xiaobao.workbench.results.resolving import Results
from xiaobao.workbench.versions.publishing import write_weights
from xiaobao.workbench.workspace import Workbench

R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class WeightTrial:
    """What a campaign's weights are tried on: read once, tried as often as somebody moves a weight.

    `units` suffice for weights of domains, and for points of items of the `traced` ones; `whole` reads them with the
    facts of each item of other domains (None: they have them). `left` are the units that cannot take part: without
    those facts, or on another version of a sheet. `marks`: unit → what stands behind its total.
    """

    scheme: Scheme
    sheets: Mapping[str, Checklist]
    units: Mapping[str, UnitFacts]
    levels: Mapping[str, str]
    least: LeastAssessed
    whole: Callable[[Collection[str]], Mapping[str, UnitFacts]] | None = None
    traced: Collection[str] = ()
    left: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)

    def with_weights(self, weights: Mapping[str, Decimal]) -> WhatIf:
        """Return every unit before and after. Raises InputError on unknown or impossible weights."""
        of_items = {name.partition("/")[0] for name in weights if "/" in name}
        units = self.whole(of_items) if self.whole and not of_items <= set(self.traced) else self.units
        found = what_if(self.scheme, self.sheets, units, weights, self.levels, self.least)
        found = replace(found, rows=tuple(replace(row, marks=self.marks.get(row.unit, "")) for row in found.rows))
        if not self.left:
            return found
        note = f"未参加试算：{'、'.join(self.left)}（没有逐项事实，或检查表已换版）。"
        return replace(found, notes=(*found.notes, note))


def try_weights(wb: Workbench, campaign: Campaign, weights: Mapping[str, Decimal]) -> WhatIf:
    """Re-score every unit of a campaign with other weights: `domain` or `domain/item` → points.

    Raises InputError on unknown or impossible weights, and where no result with its facts is recorded. Units whose
    facts are not at hand, or that stand on another version of a sheet, are left out and named in the notes.
    """
    with _without_collecting():
        return trial_of(wb, campaign, {name.partition("/")[0] for name in weights if "/" in name}).with_weights(weights)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let nobody look for cycles meanwhile: half a million objects come into being that all stay, and hold none."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def draft_weights(wb: Workbench, campaign: Campaign, weights: Mapping[str, Decimal], version: str) -> Path:
    """Write the campaign's scheme with other weights of domains as a draft. Raises like `write_weights`, NotAllowed."""
    wb.look("checklist.publish")
    if of_items := [name for name in weights if "/" in name]:
        raise InputError(Fault("检查项的分值在检查表里改，不在评分方案里", value="、".join(of_items)))
    as_published = from_canonical(wb.store.published("scheme", *campaign.scheme).content, Scheme)
    return write_weights(wb, as_published, weights, version)


def trial_of(wb: Workbench, campaign: Campaign, traced: Collection[str] = ()) -> WeightTrial:
    """Read what weights are tried on, with each item of the domains `traced`, whose points are to be tried at once.

    Raises InputError where no result with its facts is recorded.
    """
    reading = _Reading(wb, campaign)
    now = reading.now
    reservations = Reservations.of_campaign(wb, campaign, reading.wanted, reading.records)
    units, left, marks, whole = {}, [], {}, set()
    for unit, results in reading.short():
        if any(not one.has_facts or (unit, domain) in now.moved for domain, one in results.items()):
            left.append(unit)
        else:
            units[unit] = reading.facts(unit, {domain: (one.after, ()) for domain, one in results.items()})
            scored = [domain for domain, one in results.items() if one.after.value is not None]
            marks[unit] = reservations.behind_total(unit, scored)
            if now.peers or not units[unit].bare or any(one.vetoed for one in results.values()):
                units[unit] = reading.whole(unit)
                whole.add(unit)
    if not units:
        raise InputError(f"{campaign.period} 还没有可试算的结果，请先运行 xiaobao run")
    return WeightTrial(
        scheme=now.scheme,
        sheets=now.sheets,
        units=reading.every(units, traced, whole) if traced else units,
        levels={unit.id: unit.level for unit in now.units},
        least=wb.settings.policies.coverage,
        whole=lambda domains: reading.every(units, domains, whole),
        traced=traced,
        left=tuple(sorted(left)),
        marks=marks,
    )


class _ShortLine(Value, gc=False):
    """What a sum of points wants of a trace line. Of a bank there are millions, and nothing in them to collect."""

    node_id: str
    kind: str
    state: FactState
    nominal: Decimal
    possible: Decimal
    earned: Decimal
    bonus: bool = False


class _TracedScore(ShortScore):
    """A score with the lines that points of items are summed from."""

    trace: tuple[_ShortLine, ...] = ()


class _TracedResult(Value):
    """What points of items want of a result: its score with lines, and its facts, read when they are asked for."""

    after: _TracedScore
    facts: Raw = Raw(b"[]")

    def held_back(self, least: Decimal) -> tuple[Score, Sequence[ItemFacts]]:
        """Return the score, without a value where too little was assessed, and the facts that it was made from."""
        score = Score(**(asdict(self.after) | {"vetoes": ()}))
        return held_back(score, least), StoredFacts(bytes(self.facts))


class _Reading:
    """Reads units of a campaign: all of them short, in one reading; or one with the facts of every item."""

    def __init__(self, wb: Workbench, campaign: Campaign) -> None:
        self.records = wb.store.inspections(campaign.id)
        self.now = Results.of_campaign(wb, campaign, self.records)
        self._store, self._id = wb.store, campaign.id
        self._events = {domain: sheet_vetoes(wb, campaign, domain, sheet) for domain, sheet in self.now.sheets.items()}
        self._whole = scheme_vetoes(wb, campaign, self.now.scheme)
        self._added = scheme_entries(wb, campaign)
        self.wanted = wanted_domains(wb, campaign)

    def short(self) -> Iterator[tuple[str, dict[str, ResultSummary]]]:
        """Yield the inspected units that have results, with what totals want of them."""
        return ((unit, own) for unit, own in _by_unit(self._store.each_summary(self._id)) if unit in self.wanted)

    def every(
        self, units: Mapping[str, UnitFacts], domains: Collection[str], whole: Collection[str]
    ) -> dict[str, UnitFacts]:
        """Return these units with the facts of every item of some domains; those that are `whole` are as they were."""
        found = dict(units)
        for unit, own in _by_unit(self._store.each_result(self._id, _TracedResult, domains=domains)):
            if unit in units and unit not in whole:
                scores = {domain: one.held_back(self.now.least) for domain, one in own.items()}
                parts = {**units[unit].domains, **self.facts(unit, scores).domains}
                found[unit] = structs.replace(units[unit], domains=parts)
        return found

    def whole(self, unit: str) -> UnitFacts:
        """Return one unit with the facts of every item, and what hangs on its peers resolved."""
        return self.facts(unit, {domain: (one.after, one.facts) for domain, one in self.now.of(unit).items()})

    def facts(self, unit: str, scores: Mapping[str, tuple[Score, Sequence[ItemFacts]]]) -> UnitFacts:
        return UnitFacts(
            domains={
                domain: DomainFacts(score=score, facts=facts, vetoes=self._events[domain].get(unit, ()))
                for domain, (score, facts) in scores.items()
            },
            vetoes=self._whole.get(unit, ()),
            entries=self._added.get(unit, ()),
            not_for=tuple(domain for domain in self.now.sheets if domain not in self.wanted[unit]),
        )


def _by_unit(rows: Iterable[tuple[tuple[str, str], R]]) -> Iterator[tuple[str, dict[str, R]]]:
    for unit, own in groupby(rows, key=lambda row: row[0][0]):
        yield unit, {domain: one for (_, domain), one in own}


class Tipped(Value):
    """A unit whose grade changes when the weight of `domain` moves by `by` points."""

    domain: str
    by: Decimal
    unit: str
    before: Decimal | None
    after: Decimal | None
    before_grade: str
    after_grade: str


def tipped(trial: WeightTrial, by: Decimal = ONE) -> tuple[Tipped, ...]:
    """Return every change of grade when one weight of the scheme moves up or down by `by`; never below 0."""
    weights: Mapping[str, Decimal] = trial.scheme.weights
    found = []
    for domain, weight in weights.items():
        for step in (by, -by):
            if weight <= ZERO or weight + step < ZERO or (weight + step == ZERO and len(weights) == 1):
                continue
            found += [
                Tipped(
                    domain=domain,
                    by=step,
                    unit=row.unit,
                    before=row.before,
                    after=row.after,
                    before_grade=row.before_grade,
                    after_grade=row.after_grade,
                )
                for row in trial.with_weights({domain: weight + step}).rows
                if row.before_grade != row.after_grade
            ]
    return tuple(found)
