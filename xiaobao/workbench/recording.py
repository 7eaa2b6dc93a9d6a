"""The one writer of results: what a run found goes into the store, whole units at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from xiaobao.errors import Fault, InputError
from xiaobao.model import CheckResult, Finding, Score, from_plain
from xiaobao.store.records import Campaign, RunRecord
from xiaobao.workbench.freezing import Freezer
from xiaobao.workbench.paper import run_checks
from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True)
class LeadCounts:
    new: int = 0
    kept: int = 0
    withdrawn: int = 0

    def __add__(self, other: LeadCounts) -> LeadCounts:
        return LeadCounts(self.new + other.new, self.kept + other.kept, self.withdrawn + other.withdrawn)


def record_runs(wb: Workbench, campaign: Campaign, runs: Iterable[tuple[RunRecord, Mapping[str, Any] | None]]) -> None:
    """Record finished notebooks in one transaction: results first, "done" last. A failed one leaves no result."""
    with wb.store.writing(wb.actor) as tx:
        for run, result in runs:
            if result is not None:
                _record_result(tx, wb, campaign, run, result)
            tx.record_run(run)


def _record_result(tx: Any, wb: Workbench, campaign: Campaign, run: RunRecord, result: Mapping[str, Any]) -> None:
    if (result["unit"], result["period"]) != (run.unit, campaign.period):
        raise InputError(Fault("底稿结果与任务不一致", value=f"{result['unit']} {result['period']}"))
    if result["kind"] == "scorecard":
        tx.record_scorecard(campaign.id, run.unit, run.digest, result["card"])
        return
    record = wb.store.inspection(campaign.id, run.unit, result["domain"])
    if record is None:
        raise InputError(Fault("没有对应的检查任务", value=f"{run.unit} {result['domain']}"))
    checks = tuple(from_plain(CheckResult, plain) for plain in result["check_results"])
    _raise(tx, record.id, checks)
    tx.record_result(
        record.id, run.digest, from_plain(Score, result["before"]), from_plain(Score, result["after"]),
        tuple(replace(check, leads=()) for check in checks),
        tuple(from_plain(Finding, plain) for plain in result["findings"]),
    )


def _raise(tx: Any, inspection: int, checks: Iterable[CheckResult]) -> LeadCounts:
    """Raise leads of the checks that could be evaluated; where data is missing, known leads stay as they are."""
    evaluated = [check for check in checks if check.status in ("clear", "leads")]
    return LeadCounts(
        *tx.raise_leads(inspection, [c.check_id for c in evaluated], [lead for c in evaluated for lead in c.leads])
    )


def raise_leads(wb: Workbench, campaign: Campaign, freezer: Freezer | None = None) -> LeadCounts:
    """疑点下发: run every check over every unit without notebooks, and raise what they hit."""
    from xiaobao.workbench.campaigns import inspected_units, open_inspections

    open_inspections(wb, campaign)
    freezer = freezer or Freezer(wb, campaign)
    records = {(r.unit, r.domain): r.id for r in wb.store.inspections(campaign.id)}
    total = LeadCounts()
    for unit in inspected_units(wb, campaign):
        seen = {
            domain: run_checks(freezer.paper(unit, domain), freezer.sheets[domain].checklist)
            for domain in campaign.checklists
        }
        with wb.store.writing(wb.actor) as tx:
            for domain, results in seen.items():
                total += _raise(tx, records[unit.id, domain], results)
    return total
