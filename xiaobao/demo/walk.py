"""`xiaobao demo`: a sample bank goes the whole way that a real one goes, through the same verbs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from msgspec import structs

from xiaobao.batch.run import Report, RunOptions, RunSummary, run_campaign
from xiaobao.demo.answers import as_handed_in, dispositions, responses, reviews
from xiaobao.demo.evidence import show_items, show_lead, show_measure, with_required
from xiaobao.demo.extracts import DemoBank, write_bank
from xiaobao.demo.sample_bank import BANK_NAME
from xiaobao.demo.staff import INSPECTOR, INSPECTORS, LIAISON, acting_as, register_people
from xiaobao.errors import Fault, WorkspaceError
from xiaobao.feature_list import brought
from xiaobao.model import Finding, LeadDecision, Review, Role
from xiaobao.scorecard import Overview
from xiaobao.store.models import Campaign
from xiaobao.workbench.campaigns import create_campaign, inspected_units, wanted_inspections
from xiaobao.workbench.corrective_actions import propose_actions
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.new_workspace import init_workspace
from xiaobao.workbench.places import campaign_folder
from xiaobao.workbench.results.reading import findings, overview, worst_first
from xiaobao.workbench.results.recording import raise_leads
from xiaobao.workbench.workspace import KEY_FILE, SETTINGS_FILE, Workbench, open_workbench

AS_OF = date(2026, 7, 5)
_MARK = ".demo.json"
_WORST = 10
_REVIEWED = "disclosure"
_WAITING = "records"
_FIRST_IN = ("disclosure", "governance")
_SOME_BEHIND_FROM = 6


@dataclass(frozen=True, kw_only=True)
class DemoSummary:
    """What `xiaobao demo` made: overview, worst findings and runs of all periods, and the leads still to be decided."""

    home: Path
    overviews: tuple[Overview, ...]
    worst: tuple[Finding, ...]
    runs: tuple[RunSummary, ...]
    open_leads: int

    @property
    def failed(self) -> tuple[tuple[str, str, str], ...]:
        """(unit, paper, why) of every period; any makes the command exit 1."""
        return tuple(failure for run in self.runs for failure in run.failed)

    def lines(self) -> tuple[str, ...]:
        """Return where things lie and how to go on, a line each."""
        done, skipped = sum(r.done for r in self.runs), sum(r.skipped for r in self.runs)
        seconds = sum(r.seconds for r in self.runs)
        papers = f"本次运行 {done} 本，未变化跳过 {skipped} 本，失败 {len(self.failed)} 本"
        return (
            f"待核实疑点 {self.open_leads} 条",
            f"底稿 {done + skipped} 本（{papers}），用时 {seconds:.0f} 秒",
            "示例为求快，同一机构的底稿在一个进程里依次运行（--per unit）；xiaobao run 默认每本底稿各用一个进程",
            *(f"  失败 {unit} {paper}：{why}" for unit, paper, why in self.failed),
            f"工作底稿在 {self.home}/reports/<期间>/批次<编号>/<机构号>/",
            f"植入问题清单在 {self.home}/extracts/plants.csv",
            "打开页面：make serve（或在工作区内运行 xiaobao serve --open）",
        )


def run_demo(
    folder: Path,
    units: int,
    periods: int,
    seed: int,
    jobs: int,
    batch: bool,
    say: Callable[[str], None],
    report: Report | None = None,
    people: bool = True,
) -> DemoSummary:
    """Make the sample bank in `folder` and run it; its people are registered unless `people` says otherwise.

    A finished demo of the same size is only brought up to date."""
    order = {"units": units, "periods": periods, "seed": seed}
    wb = _standing(folder, order) if (folder / SETTINGS_FILE).exists() else _make(folder, order, people, say)
    runs = []
    for campaign in _campaigns(wb) if batch else ():
        say(f"运行 {campaign.period} 的检查底稿和得分表……")
        runs.append(run_campaign(wb, campaign, RunOptions(jobs=jobs, per="unit"), report))
        _follow_up(wb, campaign, runs[-1].done > 0)
        if campaign == _campaigns(wb)[-1]:
            show_measure(wb, campaign)
    overviews = tuple(overview(wb, campaign.period) for campaign in _campaigns(wb))
    if batch:
        for follow in brought("demo_scored"):
            follow(wb)
        _sample_report(wb, runs[-1].done > 0)
        for renew in brought("renews"):
            renew(wb)
    found = [f for campaign in _campaigns(wb) for f in findings(wb, campaign)]
    worst = sorted(found, key=worst_first)[:_WORST]
    open_leads = sum(row.open_leads for one in overviews for row in one.rows)
    return DemoSummary(home=folder, overviews=overviews, worst=tuple(worst), runs=tuple(runs), open_leads=open_leads)


def _campaigns(wb: Workbench) -> tuple[Campaign, ...]:
    return tuple(sorted(wb.store.campaigns(), key=lambda c: c.period))


def _standing(folder: Path, order: dict[str, int]) -> Workbench:
    mark = folder / _MARK
    if not mark.is_file():
        raise WorkspaceError(Fault("这里已有工作区，但不是完整的示例银行；请换文件夹或删除后重来", file=str(folder)))
    if json.loads(mark.read_text("utf-8")) != order:
        raise WorkspaceError(Fault("这里的示例银行规模或种子不同；请换文件夹或删除后重来", file=str(folder)))
    return open_workbench(folder)


def _make(folder: Path, order: dict[str, int], people: bool, say: Callable[[str], None]) -> Workbench:
    _fix_key(folder, order["seed"])
    wb = init_workspace(folder, BANK_NAME, AS_OF)
    say("生成示例数据……")
    bank = write_bank(folder / "extracts", order["units"], order["periods"], order["seed"])
    for dataset, period, path in bank.files:
        done = import_extract(wb, dataset, [path], period)
        say(f"已导入 {done.title} {period}：{done.rows} 行")
    wb = register_people(wb) if people else wb
    newest = max(bank.periods)
    for period in sorted(bank.periods):
        campaign = create_campaign(wb, f"{period}自查", period, inspectors=INSPECTORS if people else ())
        counts = raise_leads(wb, campaign, wb.as_of(period))
        say(f"{period} 下发疑点 {counts.new} 条")
        standing = _Standing.of(wb, campaign, period == newest)
        _fill(wb, campaign, order["seed"], standing)
        if period == newest:
            show_items(wb, campaign, standing.waiting[0])
        _hand_in(wb, campaign, standing)
        _review(wb, campaign, order["seed"])
        _dispose(wb, campaign, bank, period == newest, order["seed"])
        if period == newest:
            show_lead(wb, campaign, standing.waiting[0])
        for follow in brought("demo_after"):
            follow(wb, period, period == newest)
    (folder / _MARK).write_text(json.dumps(order), "utf-8")
    return wb


def _fix_key(folder: Path, seed: int) -> None:
    """Give the sample bank a known pseudonym key: its customers are invented, its papers shall repeat everywhere."""
    path = folder / KEY_FILE
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(hashlib.sha256(f"xiaobao demo {seed}".encode()).hexdigest() + "\n", "ascii")
    path.chmod(0o600)


@dataclass(frozen=True)
class _Standing:
    """How far the units of a campaign have come: one that nobody inspected yet, and one with most sheets in draft.

    In the newest period the first unit keeps one sheet in draft, for whoever tries the form.
    """

    untouched: str
    half: str
    waiting: tuple[str, str]

    @classmethod
    def of(cls, wb: Workbench, campaign: Campaign, newest: bool) -> _Standing:
        """Choose who lags in the newest period; earlier ones are complete."""
        outlets = [unit.id for unit in inspected_units(wb, campaign) if unit.level != "department"]
        behind = outlets[-2:] if newest and len(outlets) >= _SOME_BEHIND_FROM else ["", ""]
        return cls(untouched=behind[1], half=behind[0], waiting=(outlets[0] if newest else "", _WAITING))

    def filled(self, unit: str) -> bool:
        return unit != self.untouched

    def handed_in(self, unit: str, domain: str) -> bool:
        if unit == self.half:
            return domain in _FIRST_IN
        return self.filled(unit) and (unit, domain) != self.waiting


def _fill(wb: Workbench, campaign: Campaign, seed: int, standing: _Standing) -> None:
    """Fill the sheets as the units' liaison officers would."""
    sheets = {domain: wb.checklist(campaign, domain)[0] for domain in campaign.checklists}
    records = {(r.unit, r.domain): r.id for r in wb.store.inspections(campaign.id)}
    for unit, wanted in groupby(wanted_inspections(wb, campaign), key=lambda pair: pair[0]):
        if not standing.filled(unit.id):
            continue
        clerk = acting_as(wb, Role.FILLER, LIAISON, unit.id)
        with clerk.writing("answer.save", unit.id, campaign=campaign) as tx:
            for _, domain in wanted:
                record, sheet = records[unit.id, domain], sheets[domain]
                said = responses(sheet, unit, campaign.period, seed)
                if standing.handed_in(unit.id, domain):
                    whole = as_handed_in(said)
                    said = tuple(with_required(wb, tx, record, sheet, whole, unit.id == standing.waiting[0]))
                tx.save_responses(record, said)


def _hand_in(wb: Workbench, campaign: Campaign, standing: _Standing) -> None:
    """Hand the sheets in, but for those that are still drafts."""
    for unit, records in groupby(wb.store.inspections(campaign.id), key=lambda record: record.unit):
        clerk = acting_as(wb, Role.FILLER, LIAISON, unit)
        with clerk.writing("sheet.submit", unit, campaign=campaign) as tx:
            for record in records:
                if standing.handed_in(record.unit, record.domain):
                    tx.set_state(record.id, "submitted", record.revision)


def _review(wb: Workbench, campaign: Campaign, seed: int) -> None:
    """Let one domain be reviewed; the others wait for their review, as in the middle of a campaign."""
    sheet, units = wb.checklist(campaign, _REVIEWED)[0], wb.units(campaign.period)
    submitted = [one for one in wb.store.inspections(campaign.id) if one.state == "submitted"]
    records = [one for one in submitted if one.domain == _REVIEWED]
    answers = wb.store.campaign_responses(campaign.id)
    reviewer = acting_as(wb, Role.INSPECTOR, INSPECTOR)
    for record in records:
        with reviewer.writing("sheet.review", record.unit, record.domain, campaign) as tx:
            own = answers.get(record.id, {})
            for said in reviews(sheet, own, units[record.unit], campaign.period, seed):
                tx.save_review(record.id, Review(item_id=said.item_id, answer=said, on=own[said.item_id].revision), 0)
            tx.set_state(record.id, "reviewed", record.revision)


def _dispose(wb: Workbench, campaign: Campaign, bank: DemoBank, newest: bool, seed: int) -> None:
    """Let the units answer and the inspector decide, each under a name of its own."""
    spoken = dispositions(wb.store.leads(campaign.id), bank.plants, newest, seed)
    units = {lead.id: lead.unit for lead in wb.store.leads(campaign.id)}
    answers = sorted((one for one in spoken if one.answer), key=lambda one: units[one.lead_id])
    for unit, answered in groupby(answers, key=lambda one: units[one.lead_id]):
        clerk = acting_as(wb, Role.FILLER, LIAISON, unit)
        with clerk.writing("lead.answer", unit, campaign=campaign) as tx:
            tx.save_decisions(
                LeadDecision(lead_id=one.lead_id, answer=one.answer, answer_note=one.answer_note) for one in answered
            )
    said = wb.store.decisions(campaign.id)
    with acting_as(wb, Role.INSPECTOR, INSPECTOR).writing("lead.decide", campaign=campaign) as tx:
        tx.save_decisions(
            structs.replace(
                said.get(one.lead_id, LeadDecision(lead_id=one.lead_id)), decided=one.decided, reason=one.reason
            )
            for one in spoken
            if one.decided
        )


def _follow_up(wb: Workbench, campaign: Campaign, anew: bool) -> None:
    """Propose measures, write the period's summary, and the Word report of its lowest unit as a sample.

    What was issued is fixed: only new results (`anew`) give another edition.
    """
    from xiaobao.publishing import publish_report, publish_summary

    folder = campaign_folder(wb.home, campaign)
    propose_actions(acting_as(wb, Role.INSPECTOR, INSPECTOR), campaign.period, day=wb.as_of(campaign.period))
    if not anew and (folder / "汇总.xlsx").exists():
        return
    publish_summary(wb, campaign.period)
    scored = [row for row in overview(wb, campaign.period).rows if row.total is not None]
    if scored:
        lowest = min(scored, key=lambda row: (row.total, row.unit.id)).unit.id
        publish_report(wb, "inspection", campaign.period, lowest)


def _sample_report(wb: Workbench, anew: bool) -> None:
    """Write the bank's work report on the newest half-year, with the workbook of its figures."""
    from xiaobao.publishing import publish_report
    from xiaobao.publishing.reports import report_folder

    newest = _campaigns(wb)[-1].period
    if anew or not (report_folder(wb, newest) / "消保工作报告.docx").exists():
        publish_report(wb, "half-year", newest)
