"""Run a campaign: domain papers, then scorecards, since these need what the parent recorded of the peers."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from xiaobao.batch.executing import Executor, JobGroup, local_executor
from xiaobao.batch.journal import Journal
from xiaobao.batch.place import lay_out_notebooks, only_run, prepare_place
from xiaobao.batch.plan import Job, Planner, Unready, check_wanted
from xiaobao.feature_list import brought
from xiaobao.model import RunStatus, Unit, utc_now
from xiaobao.personal import mask
from xiaobao.store.models import Campaign, Question, RunRecord
from xiaobao.workbench import hooks
from xiaobao.workbench.campaigns import open_inspections, wanted_inspections
from xiaobao.workbench.cutting import renew_partitions
from xiaobao.workbench.places import SCORECARD, campaign_folder, name_recorded_papers, own_paper, place_papers
from xiaobao.workbench.results.cards import CardFreezer
from xiaobao.workbench.results.freezing import Freezer
from xiaobao.workbench.results.handing_in import keep_outstanding
from xiaobao.workbench.results.questions import ask_questions
from xiaobao.workbench.results.reading import stale_cards
from xiaobao.workbench.results.recording import Result, record_runs
from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """`per`: "notebook" gives each a process of its own, "unit" one for all notebooks of a unit. `kernel`: "" ours.

    `scheduler`: address of a Dask scheduler, "" for this machine; `jobs` counts here only.
    """

    units: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    jobs: int = 2
    rerun: str = ""
    kernel: str = ""
    per: str = "notebook"
    scheduler: str = ""


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """What a run did: `planned` papers in all, `skipped` whose inputs had not changed, failures with their reasons.

    `questions` are put by newer data to handed-in sheets and wait for an answer.
    """

    planned: int
    skipped: int
    done: int
    failed: tuple[tuple[str, str, str], ...]
    interrupted: bool
    seconds: float
    stopped_by: int = 0
    questions: int = 0
    final: bool = False

    def text(self) -> str:
        """Return one line in Chinese."""
        if self.final:
            asked = f"；数据已更新的检查表 {self.questions} 张" if self.questions else ""
            return f"批次已结束，结果为终稿，没有运行{asked}；要改动须先经批准重开（xiaobao campaign reopen）"
        stopped = "，运行被中断" if self.interrupted else ""
        asked = f"，已提交的检查表有 {self.questions} 张数据已更新、待复核人答复" if self.questions else ""
        return (
            f"应有 {self.planned} 本，未变化跳过 {self.skipped} 本，完成 {self.done} 本，失败 {len(self.failed)} 本，"
            f"用时 {self.seconds:.1f} 秒{stopped}{asked}"
        )

    def plain(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        failed = [{"unit": unit, "paper": paper, "error": error} for unit, paper, error in self.failed]
        return {
            "planned": self.planned,
            "skipped": self.skipped,
            "done": self.done,
            "failed": failed,
            "interrupted": self.interrupted,
            "seconds": round(self.seconds, 1),
            "questions": self.questions,
            "final": self.final,
        }


@dataclass(frozen=True, kw_only=True)
class RunProgress:
    """How far a stage has come: papers planned and settled, units settled; `run` is the paper just reported."""

    stage: str
    planned: int
    settled: int
    units: int
    run: RunRecord | None = None
    notice: str = ""


Report = Callable[[RunProgress], None]


def run_campaign(
    wb: Workbench, campaign: Campaign, options: RunOptions = RunOptions(), report: Report | None = None
) -> RunSummary:
    """Run what is not up to date. One failure never stops the others.

    Raises WorkspaceError when a run is under way, a unit or domain is unknown, or there is no room to write.
    """
    wb.look("papers.run")
    started = time.monotonic()
    if campaign.state == "closed":
        asked = ask_questions(Freezer(wb, campaign))
        return RunSummary(
            planned=0, skipped=0, done=0, failed=(), interrupted=False, seconds=0.0, questions=len(asked), final=True
        )
    check_wanted(wb, campaign, options.units, options.domains)
    folder = campaign_folder(wb.home, campaign)
    with only_run(folder):
        prepare_place(wb, campaign)
        notify = report or (lambda _: None)
        if named := name_recorded_papers(wb.home, campaign, wb.store.runs(campaign.id).values()):
            notice = f"上次运行被中断，已记录的 {named} 本底稿补上文件名"
            notify(RunProgress(stage="", planned=0, settled=0, units=0, notice=notice))
        if renewed := renew_partitions(wb, campaign.period, anew=options.rerun == "all"):
            notify(RunProgress(stage="", planned=0, settled=0, units=0, notice=renewed))
        runner = _Runner(wb, campaign, options, notify)
        with runner.executor, _stoppable(runner.stop):
            runner.run()
        return runner.summary(time.monotonic() - started)


class _Runner:
    """Takes the stages in turn and keeps the tally; the only place that hands results to the writer."""

    def __init__(self, wb: Workbench, campaign: Campaign, options: RunOptions, report: Report) -> None:
        self.wb, self.campaign, self.options, self.report = wb, campaign, options, report
        self.folder = campaign_folder(wb.home, campaign)
        self.journal = Journal(self.folder)
        self.stopping, self.stopped_by = threading.Event(), 0
        self.executor: Executor = self._executor()
        self.planned = self.done = self.skipped = self.questions = 0
        self.failed: list[tuple[str, str, str]] = []

    def _executor(self) -> Executor:
        notice = lambda text: self.report(RunProgress(stage="", planned=0, settled=0, units=0, notice=text))  # noqa: E731
        if self.options.scheduler:
            from xiaobao.batch.cluster import cluster_executor

            where = self.options.scheduler
            return cluster_executor(self.wb, self.campaign, where, self.options.kernel, self.stopping, notice)
        return local_executor(self.wb, self.options.jobs, self.options.kernel, self.stopping, notice)

    def stop(self, number: int) -> None:
        """End what runs and begin nothing more; `number` is the signal that asked for it."""
        self.stopped_by = number
        self.stopping.set()
        self.executor.stop()

    def run(self) -> None:
        """Run the domain papers of all chosen units, then their scorecards, which read what the papers recorded."""
        open_inspections(self.wb, self.campaign, "papers.run")
        planner = Planner(self.wb, self.campaign, self.options.rerun)
        chosen, domains = set(self.options.units), set(self.options.domains)
        pairs = [
            (unit, domain)
            for unit, domain in wanted_inspections(self.wb, self.campaign)
            if (not chosen or unit.id in chosen) and (not domains or domain in domains)
        ]
        self.journal.write("begin", pid=os.getpid(), planned=len(pairs))
        self.questions = len(self._hold_handed_in())
        lay_out_notebooks(self.wb, self.campaign)
        freezer = Freezer(self.wb, self.campaign)
        papers = (planner.job_or_fault(unit, domain, partial(freezer.paper, unit, domain)) for unit, domain in pairs)
        self.stage("检查底稿", papers, Counter(unit.id for unit, _ in pairs), planner)
        if not self.stopping.is_set():
            lay_out_notebooks(self.wb, self.campaign)
            cards = CardFreezer(self.wb, self.campaign)
            units = self._carded(cards.units)
            self.journal.write("begin", pid=os.getpid(), planned=self.planned + len(units))
            papers = (planner.job_or_fault(unit, SCORECARD, partial(cards.card, unit)) for unit in units)
            self.stage("得分表", papers, Counter(unit.id for unit in units), planner)
        own = [name for name in self.campaign.papers if not domains or own_paper(name) in domains]
        if own and not self.stopping.is_set():
            self._own_papers(planner, own)
        facts = {"done": self.done, "failed": len(self.failed), "skipped": self.skipped}
        self.journal.write("end", **facts, interrupted=self.stopping.is_set())

    def _own_papers(self, planner: Planner, names: Sequence[str]) -> None:
        """Run the analysts' own notebooks last: they may ask for what the others recorded."""
        lay_out_notebooks(self.wb, self.campaign)
        [freezer] = (make(self.wb, self.campaign) for make in brought("own_papers"))
        chosen = set(self.options.units)
        units = {unit.id: unit for unit, _ in wanted_inspections(self.wb, self.campaign)}.values()
        pairs = [(unit, name) for unit in units if not chosen or unit.id in chosen for name in names]
        self.journal.write("begin", pid=os.getpid(), planned=self.planned + len(pairs))
        papers = (planner.job_or_fault(unit, name, partial(freezer.tables, unit, name)) for unit, name in pairs)
        self.stage("自设底稿", papers, Counter(unit.id for unit, _ in pairs), planner)

    def _carded(self, units: Iterable[Unit]) -> list[Unit]:
        """Return the units whose scorecards this run makes: with domains chosen, those that have one already.

        A card that was left as it is would say of a domain something else than its new paper. With units chosen, the
        cards of others are made too where a score relative to peers moved with them.
        """
        chosen, domains = set(self.options.units), set(self.options.domains)
        known = self.wb.store.units_with_card(self.campaign.id) if domains and SCORECARD not in domains else None
        own = [one for one in units if (not chosen or one.id in chosen) and (known is None or one.id in known)]
        if not chosen:
            return own
        behind = set(stale_cards(self.wb, self.campaign)) - chosen
        others = [one for one in units if one.id in behind]
        if others:
            notice = f"另有 {len(others)} 家机构的得分随之变动（与各机构比较的检查项），其得分表一并重算"
            self.report(RunProgress(stage="", planned=0, settled=0, units=0, notice=notice))
        return [*own, *others]

    def _hold_handed_in(self) -> tuple[Question, ...]:
        """Keep what handed-in sheets rest on, and put the questions that newer data raise."""
        freezer = Freezer(self.wb, self.campaign)
        keep_outstanding(freezer)
        return ask_questions(freezer)

    def stage(self, title: str, jobs: Iterable[Job | Unready], expected: Counter[str], planner: Planner) -> None:
        """Run the jobs that are not up to date. They come one by one: frozen inputs of all units would fill memory."""
        tally = _Tally(title, expected, self.report)
        self.planned += tally.planned
        notice = lambda words: self.report(RunProgress(stage="", planned=0, settled=0, units=0, notice=words))  # noqa: E731
        writer = _Writer(self.wb, self.campaign, expected, notice)
        tally.show()
        try:
            for group, outcomes in self.executor.run(self._groups(jobs, planner, tally, writer)):
                for job, (run, result) in zip(group.jobs, outcomes, strict=True):
                    self._count(job, run)
                    writer.take(run, result)
                    tally.settle(job.unit.id, run)
        finally:
            writer.flush()

    def _groups(
        self, jobs: Iterable[Job | Unready], planner: Planner, tally: _Tally, writer: _Writer
    ) -> Iterator[JobGroup]:
        for _, of_unit in groupby(jobs, key=lambda job: job.unit.id):
            todo = []
            for job in of_unit:
                if isinstance(job, Unready):
                    self._fail(job, job.error, tally, writer)
                elif planner.outstanding(job):
                    if fault := planner.fault(job):
                        self._fail(job, fault, tally, writer)
                    else:
                        todo.append(job)
                else:
                    self.skipped += 1
                    self.journal.write("skipped", count=1)
                    writer.skip(job.unit.id)
                    tally.settle(job.unit.id)
            together = [todo] if self.options.per == "unit" else [[job] for job in todo]
            yield from (JobGroup(self.campaign, tuple(jobs)) for jobs in together if jobs)

    def _fail(self, job: Job | Unready, error: str, tally: _Tally, writer: _Writer) -> None:
        """Record a paper that cannot even begin; nothing else waits for it."""
        run = RunRecord(
            campaign_id=self.campaign.id,
            unit=job.unit.id,
            notebook=job.paper_name,
            digest=job.digest,
            status=RunStatus.FAILED,
            error=mask(error),
            started=utc_now(),
            seconds=0.0,
            paper="",
            paper_sha256="",
        )
        self._count(job, run)
        writer.take(run, None)
        tally.settle(job.unit.id, run)

    def _count(self, job: Job | Unready, run: RunRecord) -> None:
        facts = {"unit": run.unit, "paper": run.notebook, "status": run.status.value, "seconds": run.seconds}
        self.journal.write("paper", **facts, error=run.error)
        if run.status is RunStatus.DONE:
            self.done += 1
        else:
            self.failed.append((job.unit.id, job.paper_name, run.error))

    def summary(self, seconds: float) -> RunSummary:
        """Return what the run came to; `seconds` is wall time."""
        return RunSummary(
            planned=self.planned,
            skipped=self.skipped,
            done=self.done,
            failed=tuple(self.failed),
            interrupted=self.stopping.is_set(),
            stopped_by=self.stopped_by,
            seconds=seconds,
            questions=self.questions,
        )


class _Tally:
    """Counts papers and units of a stage and reports each step."""

    def __init__(self, title: str, expected: Counter[str], report: Report) -> None:
        self._title, self._left, self._report = title, Counter(expected), report
        self.planned = sum(expected.values())
        self._settled = self._units = 0

    def settle(self, unit: str, run: RunRecord | None = None) -> None:
        self._settled += 1
        self._left[unit] -= 1
        self._units += not self._left[unit]
        self.show(run)

    def show(self, run: RunRecord | None = None) -> None:
        self._report(
            RunProgress(stage=self._title, planned=self.planned, settled=self._settled, units=self._units, run=run)
        )


class _Writer:
    """Hands results to the store: all good papers of a unit in one transaction, a failure at once."""

    def __init__(
        self, wb: Workbench, campaign: Campaign, expected: Counter[str], notice: Callable[[str], None]
    ) -> None:
        self._wb, self._campaign, self._left, self._notice = wb, campaign, Counter(expected), notice
        self._pending: dict[str, list[tuple[RunRecord, Result | None]]] = {}

    def take(self, run: RunRecord, result: Result | None) -> None:
        """Hold a result until its unit is complete; a failure is recorded at once, with what waits of that unit."""
        self._pending.setdefault(run.unit, []).append((run, result))
        self._left[run.unit] -= 1
        if not self._left[run.unit] or run.status is not RunStatus.DONE:
            self._record(run.unit)

    def skip(self, unit: str) -> None:
        """Take note of a paper that is up to date; the last of its unit."""
        self._left[unit] -= 1
        if not self._left[unit]:
            self._record(unit)

    def flush(self) -> None:
        """Record what still waits, at the end of a stage or of an interrupted run."""
        for unit in list(self._pending):
            self._record(unit)

    def _record(self, unit: str) -> None:
        settled = self._pending.pop(unit, [])
        record_runs(self._wb, self._campaign, settled)
        place_papers(self._wb.home, self._campaign, (run for run, _ in settled))
        if settled:
            hooks.after(hooks.AFTER_RECORD, self._event(unit, [run for run, _ in settled]), self._notice)

    def _event(self, unit: str, runs: Sequence[RunRecord]) -> hooks.Recorded:
        papers = tuple(
            hooks.RecordedPaper(paper=run.notebook, status=run.status.value, error=run.error) for run in runs
        )
        return hooks.Recorded(period=self._campaign.period, campaign=self._campaign.name, unit=unit, papers=papers)


@contextmanager
def _stoppable(stop: Callable[[int], None]) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into a stop that marks running papers as interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, lambda number, _: stop(number)) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
