"""Run a campaign: domain papers, then scorecards, since these need what the parent recorded of the peers."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from filelock import FileLock, Timeout

from xiaobao.batch.plan import SCORECARD, Job, code_digest, job, notebook_of, outstanding
from xiaobao.batch.pool import Worker, run_jobs
from xiaobao.errors import Fault, WorkspaceError
from xiaobao.model import RunStatus, utc_now
from xiaobao.pages.result import RESULT_TYPE
from xiaobao.store.records import Campaign, RunRecord
from xiaobao.workbench.campaigns import inspected_units, open_inspections
from xiaobao.workbench.freezing import Freezer
from xiaobao.workbench.frozen import write_frozen
from xiaobao.workbench.recording import Result, parse_result, record_runs
from xiaobao.workbench.scorecards import freeze_scorecards
from xiaobao.workbench.workspace import Workbench

_RECORD_EVERY = 20


@dataclass(frozen=True)
class RunOptions:
    units: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    jobs: int = 2
    rerun: str = ""
    kernel: str = "python3"


@dataclass(frozen=True)
class RunSummary:
    """What a run did: `planned` papers in all, `skipped` whose inputs had not changed, failures with their reasons."""

    planned: int
    skipped: int
    done: int
    failed: tuple[tuple[str, str, str], ...]
    interrupted: bool
    seconds: float

    def text(self) -> str:
        """Return one line in Chinese."""
        stopped = "，运行被中断" if self.interrupted else ""
        return (
            f"应有 {self.planned} 本，未变化跳过 {self.skipped} 本，完成 {self.done} 本，失败 {len(self.failed)} 本，"
            f"用时 {self.seconds:.1f} 秒{stopped}"
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
        }


Progress = Callable[[str, int, int, RunRecord | None], None]


def run_campaign(
    wb: Workbench, campaign: Campaign, options: RunOptions = RunOptions(), progress: Progress | None = None
) -> RunSummary:
    """Run what is not up to date. One failure never stops the others. Raises WorkspaceError when a run is under way."""
    started = time.monotonic()
    runner = _Runner(wb, campaign, options, progress or (lambda *_: None))
    with _only_run(wb.home / "reports" / campaign.period), _stoppable(runner.stop):
        open_inspections(wb, campaign)
        freezer = Freezer(wb, campaign)
        code = code_digest(wb.home / "notebooks")
        runner.stage("检查底稿", _paper_jobs(wb, campaign, freezer, options, code))
        if not runner.stop.is_set() and not (options.domains and SCORECARD not in options.domains):
            frozen = freeze_scorecards(wb, campaign)
            wanted = [f for f in frozen if not options.units or f.unit.id in options.units]
            runner.stage("得分表", [job(f.unit, SCORECARD, f, code) for f in wanted])
    return runner.summary(time.monotonic() - started)


def _paper_jobs(
    wb: Workbench, campaign: Campaign, freezer: Freezer, options: RunOptions, code: Mapping[str, str]
) -> Iterator[Job]:
    known = {unit.id: unit for unit in inspected_units(wb, campaign)}
    faults = [Fault("没有这个被检查机构", value=unit) for unit in options.units if unit not in known]
    domains = [d for d in campaign.checklists if not options.domains or d in options.domains]
    faults += [
        Fault("本批次没有这个检查域", value=d, allowed="、".join(campaign.checklists))
        for d in options.domains
        if d not in campaign.checklists and d != SCORECARD
    ]
    if faults:
        raise WorkspaceError(faults)
    return (
        job(known[unit], notebook_of(domain), freezer.paper(known[unit], domain), code)
        for unit in (options.units or tuple(known))
        for domain in domains
    )


class _Runner:
    """Executes stages and keeps the tally; the only place that hands results to the writer."""

    def __init__(self, wb: Workbench, campaign: Campaign, options: RunOptions, progress: Progress) -> None:
        self.wb, self.campaign, self.options, self.progress = wb, campaign, options, progress
        self.stop = threading.Event()
        self.planned = self.done = self.skipped = 0
        self.failed: list[tuple[str, str, str]] = []
        self.folder = wb.home / "reports" / campaign.period

    def stage(self, title: str, jobs: Iterator[Job] | Sequence[Job]) -> None:
        everything = list(jobs)
        todo = list(outstanding(everything, self.wb.store.runs(self.campaign.id), self.wb.home, self.options.rerun))
        self.planned += len(everything)
        self.skipped += len(everything) - len(todo)
        pending: list[tuple[RunRecord, Result | None]] = []
        self.progress(title, 0, len(todo), None)
        outcomes = run_jobs(todo, self.options.jobs, self.folder / "run.log", partial(self._execute), self.stop)
        try:
            for number, (one, (run, result)) in enumerate(outcomes, 1):
                pending.append((run, result))
                self._count(one, run)
                self.progress(title, number, len(todo), run)
                if len(pending) >= _RECORD_EVERY:
                    record_runs(self.wb, self.campaign, pending)
                    pending = []
        finally:
            record_runs(self.wb, self.campaign, pending)

    def summary(self, seconds: float) -> RunSummary:
        return RunSummary(self.planned, self.skipped, self.done, tuple(self.failed), self.stop.is_set(), seconds)

    def _count(self, one: Job, run: RunRecord) -> None:
        if run.status is RunStatus.DONE:
            self.done += 1
        else:
            self.failed.append((one.unit.id, one.paper_name, run.error))

    def _execute(self, worker: Worker, one: Job) -> tuple[RunRecord, Result | None]:
        """Execute one job in a worker, check what came out, rename it into place."""
        final = self.folder / one.unit.id / f"{one.paper_name}.ipynb"
        temporary = final.with_name(f".{final.name}.{os.getpid()}.tmp.ipynb")
        inputs = self.wb.home / ".run" / self.campaign.period / one.unit.id / f"{one.paper_name}.json"
        run = RunRecord(
            self.campaign.id, one.unit.id, one.paper_name, one.digest, RunStatus.FAILED, "", utc_now(), 0.0, "", ""
        )
        start = time.monotonic()
        result: Result | None = None
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            write_frozen(replace(one.frozen, notebook=one.notebook), inputs)
            error = worker.run(self._order(one, inputs, temporary), self.wb.settings.limits.notebook_seconds)
            if not error:
                plain, digest = _read_result(temporary)
                result = parse_result(plain, one.unit.id, self.campaign.period)
                temporary.replace(final)
                paper = final.relative_to(self.wb.home).as_posix()
                run = replace(run, status=RunStatus.DONE, paper=paper, paper_sha256=digest)
        except (OSError, ValueError, KeyError) as fault:
            error = f"底稿不完整：{fault}"
        finally:
            temporary.unlink(missing_ok=True)
            inputs.unlink(missing_ok=True)
        if error and self.stop.is_set():
            run = replace(run, status=RunStatus.INTERRUPTED, error="运行被中断")
        elif error:
            run = replace(run, error=error)
        return replace(run, seconds=round(time.monotonic() - start, 3)), result

    def _order(self, one: Job, inputs: Path, output: Path) -> dict[str, Any]:
        parameters = {"unit": one.unit.id, "period": self.campaign.period}
        if one.paper_name.startswith("domain-"):
            parameters["domain"] = getattr(one.frozen, "domain", "")
        return {
            "notebook": str(self.wb.home / "notebooks" / f"{one.notebook}.ipynb"),
            "output": str(output),
            "input": str(inputs),
            "parameters": parameters,
            "kernel": self.options.kernel,
            "cell_seconds": self.wb.settings.limits.cell_seconds,
        }


def _read_result(path: Path) -> tuple[Mapping[str, Any], str]:
    """Return the result that the last cell emitted, and the paper's hash. Raises ValueError where there is none."""
    raw = path.read_bytes()
    notebook = nbformat.reads(raw.decode("utf-8"), as_version=4)
    nbformat.validate(notebook)
    for output in reversed(notebook.cells[-1].get("outputs", [])):
        if RESULT_TYPE in output.get("data", {}):
            value = output["data"][RESULT_TYPE]
            return (json.loads(value) if isinstance(value, str) else value), hashlib.sha256(raw).hexdigest()
    raise ValueError("最后一格没有给出结果")


@contextmanager
def _only_run(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two runs of a period never mix. The lock goes with the process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout:
        raise WorkspaceError(Fault("同一检查期间已有一次运行在进行，请等它结束", file=str(folder))) from None
    except PermissionError as error:
        raise WorkspaceError(Fault(f"不能写入底稿文件夹：{error.strerror}", file=str(folder))) from error


@contextmanager
def _stoppable(stop: threading.Event) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into a stop that marks running papers as interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
