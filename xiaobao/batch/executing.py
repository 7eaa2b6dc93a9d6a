"""From frozen jobs to papers in place: on this machine, N at once. `cluster` does the same over many."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from msgspec.structs import replace

from xiaobao.batch.place import notebook_path
from xiaobao.batch.plan import Job
from xiaobao.batch.wording import why_failed
from xiaobao.batch.workers import Execution, Order, Worker, WorkerBounds, new_zygote, run_groups, run_patiently
from xiaobao.engine.children import EngineFailure, ZygoteProcess, forks_here
from xiaobao.errors import machine_words
from xiaobao.files import put_in_place
from xiaobao.model import RunStatus, utc_now
from xiaobao.paper.frozen import INPUT_VARIABLE, FrozenTables, write_frozen
from xiaobao.personal import mask
from xiaobao.personal.finding import mask_log
from xiaobao.store.models import Campaign, RunRecord
from xiaobao.workbench.places import OTHER_DOMAIN, paper_path, pending_paper, run_folder
from xiaobao.workbench.results.recording import OwnResult, Result, parse_result
from xiaobao.workbench.workspace import Workbench

RunOutcome = tuple[RunRecord, Result | None]
Notice = Callable[[str], None]
PLAIN_VARIABLE = "XIAOBAO_ENGINE"  # "plain": never fork


@dataclass(frozen=True)
class JobGroup:
    """Jobs of one unit that share a child."""

    campaign: Campaign
    jobs: tuple[Job, ...]


class Executor(Protocol):
    """Runs groups somewhere. `run` yields each with one outcome a job; papers are in place by then."""

    def run(self, groups: Iterable[JobGroup]) -> Iterator[tuple[JobGroup, Sequence[RunOutcome]]]:
        """Yield each group with one outcome a job, in the order of their ends; papers are in place by then."""

    def stop(self) -> None:
        """Stop what runs now; called by the signal handler while `run` is under way."""

    def __enter__(self) -> Any: ...

    def __exit__(self, *_: object) -> None: ...


def bounds_of(wb: Workbench) -> WorkerBounds:
    """Return the bank's `[limits]` of one paper: seconds a cell and a notebook, megabytes of memory and of its file."""
    limits = wb.settings.limits
    return WorkerBounds(
        cell_seconds=limits.cell_seconds,
        notebook_seconds=limits.notebook_seconds,
        memory_megabytes=limits.memory_megabytes,
        paper_megabytes=limits.paper_megabytes,
    )


def local_executor(wb: Workbench, count: int, kernel: str, stopping: threading.Event, notice: Notice) -> Executor:
    """Return an executor of this machine: forking where that is possible, one process a notebook otherwise."""
    return _Local(wb, count, kernel, stopping, notice)


def started_zygote(env: Mapping[str, str] | None = None) -> tuple[ZygoteProcess | None, str]:
    """Return a zygote that is known to be ready, started in `env` or ours, or why there is none."""
    if os.environ.get(PLAIN_VARIABLE) == "plain":
        return None, f"{PLAIN_VARIABLE}=plain"
    if not forks_here():
        return None, "本系统不支持快速内核"
    zygote = new_zygote(env)
    try:
        zygote.start()
    except EngineFailure as error:
        zygote.close()
        return None, str(error)
    return zygote, ""


class _Local:
    """The zygote is made for the first notebook: a run that finds nothing to do starts none."""

    def __init__(self, wb: Workbench, count: int, kernel: str, stopping: threading.Event, notice: Notice) -> None:
        self._wb, self._count, self._kernel = wb, count, kernel
        self._stopping, self._notice = stopping, notice
        self._bounds = bounds_of(wb)
        self._log = wb.home / ".run" / "run.log"
        self._workers: list[Worker] = []
        self._zygote: ZygoteProcess | None = None

    def run(self, groups: Iterable[JobGroup]) -> Iterator[tuple[JobGroup, Sequence[RunOutcome]]]:
        """Run on this machine; says so once where kernels cannot be forked and start plainly, with the same results."""
        waiting = iter(groups)
        first = next(waiting, None)
        if first is None:
            return
        if not self._workers:
            self._begin()
        if not self._stopping.is_set():
            yield from run_groups(chain((first,), waiting), self._workers, self._execute, self._stopping)

    def _begin(self) -> None:
        if not self._kernel:
            self._zygote, why = started_zygote()
            if self._zygote is None:
                self._notice(f"快速内核不可用，改用普通内核（较慢，结果相同）：{why}")
        make = partial(Worker, self._zygote, self._log, self._bounds, self._kernel or "python3")
        self._workers = [make() for _ in range(self._count)]

    def stop(self) -> None:
        for worker in self._workers:
            worker.stop()

    def __enter__(self) -> _Local:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._zygote is not None:
            self._zygote.close()
        mask_log(self._log)

    def _execute(self, worker: Worker, group: JobGroup) -> Sequence[RunOutcome]:
        """Write the inputs, run the group, put what came out in place."""
        started, start = utc_now(), time.monotonic()
        drafts = [PaperDraft.of(self._wb, group.campaign, job) for job in group.jobs]
        try:
            for draft, job in zip(drafts, group.jobs, strict=True):
                write_frozen(replace(job.frozen, notebook=job.notebook), draft.inputs)
            executions = run_patiently(worker, [draft.order(self._wb) for draft in drafts], self._stopping.wait)
        except OSError as error:
            executions = [Execution(failed={"kind": "not_written", "text": machine_words(error)})] * len(drafts)
        seconds = (time.monotonic() - start) / len(drafts)
        try:
            return [
                settle(self._wb, draft, one, self._bounds, started, seconds)
                for draft, one in zip(drafts, executions, strict=True)
            ]
        finally:
            for draft in drafts:
                draft.clear()


@dataclass(frozen=True, kw_only=True)
class PaperDraft:
    """One job on its way: its input file, its paper under a temporary name, and where that will lie."""

    campaign: Campaign
    job: Job
    inputs: Path
    temporary: Path
    final: Path

    @classmethod
    def of(cls, wb: Workbench, campaign: Campaign, job: Job) -> PaperDraft:
        """Name the files of a job and make the paper's folder.

        The temporary name carries our process id, so that two runs never meet in one file.
        """
        final = paper_path(wb.home, campaign, job.unit.id, job.paper_name)
        final.parent.mkdir(parents=True, exist_ok=True)
        inputs = run_folder(wb.home, campaign) / job.unit.id / f"{job.paper_name}.json"
        return cls(
            campaign=campaign,
            job=job,
            inputs=inputs,
            temporary=final.with_name(f".{final.name}.{os.getpid()}.tmp.ipynb"),
            final=final,
        )

    def order(self, wb: Workbench) -> Order:
        """Return what the engine needs to execute it. The kernel learns of its inputs by `XIAOBAO_INPUT` alone."""
        notebook = notebook_path(wb, self.campaign, self.job.notebook)
        env = {INPUT_VARIABLE: str(self.inputs)}
        return Order(
            notebook=str(notebook),
            output=str(self.temporary),
            parameters=parameters_of(self.job, self.campaign),
            env=env,
        )

    def clear(self) -> None:
        """Remove the inputs and whatever of the paper still bears its temporary name; the finished paper stays."""
        self.temporary.unlink(missing_ok=True)
        self.inputs.unlink(missing_ok=True)


def parameters_of(job: Job, campaign: Campaign) -> dict[str, str]:
    """Return the parameters of a job's notebook, always as text: `0010` stays what it is."""
    parameters = {"unit": job.unit.id, "period": campaign.period}
    if job.notebook == OTHER_DOMAIN:
        parameters["domain"] = getattr(job.frozen, "domain", "")
    return parameters


def _result(emitted: Any, job: Job, campaign: Campaign) -> Result:
    """Read what a notebook emitted. Raises ValueError where an analyst's own gives a score, or another gives none."""
    found = parse_result(emitted, job.unit.id, campaign.period)
    if isinstance(found, OwnResult) != isinstance(job.frozen, FrozenTables):
        raise ValueError("自设底稿不能交回得分结果" if isinstance(job.frozen, FrozenTables) else "没有交回得分结果")
    return found


def settle(
    wb: Workbench, draft: PaperDraft, execution: Execution, bounds: WorkerBounds, started: Any, seconds: float
) -> RunOutcome:
    """Check what a notebook gave, put its paper beside its place, and return what the store is to record."""
    job = draft.job
    run = RunRecord(
        campaign_id=draft.campaign.id,
        unit=job.unit.id,
        notebook=job.paper_name,
        digest=job.digest,
        status=RunStatus.FAILED,
        error="",
        started=started,
        seconds=round(seconds, 3),
        paper="",
        paper_sha256="",
    )
    if execution.done is None:
        failed = execution.failed or {"kind": "died", "exit": None}
        if failed["kind"] == "stopped":
            return replace(run, status=RunStatus.INTERRUPTED, error="运行被中断"), None
        return replace(run, error=why_failed(failed, bounds)), None
    try:
        result = _result(execution.done["result"], job, draft.campaign)
        waiting = pending_paper(draft.final, execution.done["sha256"])
        put_in_place(draft.temporary, waiting, durable=False)  # its hash tells, and a run makes it again
    except (OSError, ValueError, KeyError, TypeError) as fault:
        return replace(run, error=mask(f"底稿不完整：{fault}")), None
    paper = draft.final.relative_to(wb.home).as_posix()
    return replace(run, status=RunStatus.DONE, paper=paper, paper_sha256=execution.done["sha256"]), result
