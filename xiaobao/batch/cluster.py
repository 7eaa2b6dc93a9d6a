"""The same plan over many machines: Dask takes tasks to its workers, papers and results come back to the one writer.

Dask may run an task twice, after a worker was lost; it comes back once, and only what comes back is recorded.
"""

from __future__ import annotations

import hashlib
import logging
import queue
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby, islice
from typing import Any

from xiaobao.batch.executing import JobGroup, Notice, PaperDraft, RunOutcome, bounds_of, parameters_of, settle
from xiaobao.batch.parcels import Carrier, Parcel, carrier
from xiaobao.batch.remote import Paper, Return, Task, run_tasks
from xiaobao.batch.workers import Execution
from xiaobao.errors import Fault, WorkspaceError, machine_words
from xiaobao.model import utc_now
from xiaobao.paper.code import package_digest
from xiaobao.store.models import Campaign
from xiaobao.workbench.workspace import Workbench

_CONNECT_SECONDS = 10
_WORKERS_SECONDS = 30
_AHEAD = 3  # trips on their way for each thread of a worker: enough that none waits for us, few enough to forget
_TOGETHER = 6  # tasks of a unit on one trip: what Dask does for each trip costs about a tenth of what a notebook takes
_COUNT_EVERY = 5.0  # seconds between two counts of the workers' threads
_RETRIES = 2
_STOPPED = Execution(failed={"kind": "stopped"})


def cluster_executor(
    wb: Workbench, campaign: Campaign, address: str, kernel: str, stopping: threading.Event, notice: Notice
) -> _Cluster:
    """Return an executor over the workers of the scheduler at `address` (`tcp://` or `tls://`).

    Raises WorkspaceError when Dask is not installed, the scheduler or its workers are out of reach, workers hold
    another version of this package, or inputs cannot be put into the storage.
    """
    client = _connect(address)
    try:
        _same_code(client, address)
        return _Cluster(
            wb=wb, client=client, carrier=carrier(wb, campaign), kernel=kernel, stopping=stopping, notice=notice
        )
    except BaseException:
        client.close()
        raise


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        how = "pip install 'xiaobao[cluster]'"
        raise WorkspaceError(Fault("多机运行需要 Dask，本机没有安装", value="--scheduler", allowed=how)) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is said in our own words
    allowed = "已启动的调度器的地址，如 tcp://10.1.2.3:8786 或 tls://10.1.2.3:8786"
    if not address.startswith(("tcp://", "tls://")):
        raise WorkspaceError(Fault("--scheduler 写法不对，运行没有开始", value=address, allowed=allowed))
    try:
        return Client(address, timeout=_CONNECT_SECONDS, set_as_default=False, direct_to_workers=True)
    except (OSError, ValueError, TypeError) as error:
        fault = Fault("连不上 Dask 调度器，运行没有开始", value=address, allowed=allowed)
        raise WorkspaceError(fault) from error


def _same_code(client: Any, address: str) -> None:
    """Refuse workers with other code: a paper's digest names the code that made it."""
    try:
        client.wait_for_workers(1, timeout=_WORKERS_SECONDS)
    except TimeoutError:
        raise WorkspaceError(Fault("调度器上没有工作机，运行没有开始", value=address)) from None
    ours = package_digest()
    found = client.run(package_digest, on_error="return")
    faults = [
        Fault(
            "工作机上的消保自查与本机不是同一版本，运行没有开始", value=worker, allowed="各机安装同一版本并重启工作进程"
        )
        for worker, theirs in sorted(found.items())
        if theirs != ours
    ]
    if faults:
        raise WorkspaceError(faults)


@dataclass(frozen=True)
class _Sent:
    group: JobGroup
    drafts: Sequence[PaperDraft]


_Trip = Sequence[_Sent]  # one call for Dask; each group still gets a child of its own


class _Cluster:
    """Keeps a bounded number of trips on their way, however many there are to come."""

    def __init__(
        self, *, wb: Workbench, client: Any, carrier: Carrier, kernel: str, stopping: threading.Event, notice: Notice
    ) -> None:
        self._wb, self._client, self._carrier, self._kernel = wb, client, carrier, kernel
        self._stopping, self._notice = stopping, notice
        self._bounds, self._code = bounds_of(wb), package_digest()
        self._away: dict[Any, _Trip] = {}  # by future
        self._news: queue.SimpleQueue[Any] = queue.SimpleQueue()  # futures that ended; None wakes up
        self._threads, self._counted = 0, 0.0

    def run(self, groups: Iterable[JobGroup]) -> Iterator[tuple[JobGroup, Sequence[RunOutcome]]]:
        """Keep the cluster's workers busy with groups and yield each as it comes back, in the order of their ends.

        When the scheduler is lost the run stops with a notice: what came back by then stays recorded.
        """
        waiting = _by_unit(groups)
        while not self._stopping.is_set():
            yield from self._send(waiting)
            if not self._away:
                return
            future = self._next()
            if future is None:
                continue
            came = self._came(future)
            if came is None:
                self._stopping.set()
                self._notice("与 Dask 调度器失去联系，运行中断；已完成的都已记录，恢复后再次运行即可")
                continue
            for sent, what in zip(self._away.pop(future), came, strict=True):
                yield sent.group, self._home(sent, what)
            future.release()
        yield from self._call_off()

    def stop(self) -> None:
        """Wake `run`, which calls off what is away. Safe in a signal handler."""
        self._news.put(None)

    def __enter__(self) -> _Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        for _ in self._call_off():
            continue
        with suppress(OSError):
            self._carrier.close()
        self._client.close(timeout=_CONNECT_SECONDS)

    def _send(self, waiting: Iterator[Sequence[JobGroup]]) -> Iterator[tuple[JobGroup, Sequence[RunOutcome]]]:
        """Fill up what is on its way, many at once; yield groups whose inputs could not be sent."""
        window = max(4, _AHEAD * self._thread_count())
        if len(self._away) > window * 2 // 3:
            return
        trips: list[_Trip] = []
        loads: list[list[Task]] = []
        for groups in islice(waiting, window - len(self._away)):
            trip: list[_Sent] = []
            load: list[Task] = []
            for group in groups:
                drafts = [PaperDraft.of(self._wb, group.campaign, job) for job in group.jobs]
                sent = _Sent(group, drafts)
                try:
                    load.append(self._task(group, [self._carrier.send(draft) for draft in drafts]))
                except OSError as error:
                    lost = Execution(failed={"kind": "not_written", "text": machine_words(error)})
                    yield group, self._home(sent, _all_alike(sent, lost))
                else:
                    trip.append(sent)
            if trip:
                trips.append(trip)
                loads.append(load)
        if not trips:
            return
        keys = [f"xiaobao-{uuid.uuid4()}" for _ in trips]
        futures = self._client.map(run_tasks, loads, key=keys, pure=False, retries=_RETRIES)
        for future, away in zip(futures, trips, strict=True):
            self._away[future] = away
            future.add_done_callback(self._news.put)

    def _task(self, group: JobGroup, parcels: Sequence[Parcel]) -> Task:
        parameters = [parameters_of(job, group.campaign) for job in group.jobs]
        return Task(code=self._code, bounds=self._bounds, kernel=self._kernel, parcels=parcels, parameters=parameters)

    def _thread_count(self) -> int:
        if time.monotonic() - self._counted > _COUNT_EVERY:
            with suppress(OSError):
                threads = sum(self._client.nthreads().values())
                if not threads and self._threads:
                    self._notice("没有可用的工作机，等待工作机恢复")
                self._threads = threads
            self._counted = time.monotonic()
        return self._threads

    def _next(self) -> Any:
        """Return the next future that ended; None to look around again."""
        try:
            return self._news.get(timeout=_COUNT_EVERY)
        except queue.Empty:
            self._thread_count()
            return None

    def _came(self, future: Any) -> Sequence[Return] | None:
        """Return what each task of a trip brought; None when the scheduler no longer knows of it."""
        from distributed.scheduler import KilledWorker

        try:
            error = future.exception() if future.status == "error" else None
            if error is None:
                came: Sequence[Return] = future.result()
                return came
        except (CancelledError, OSError):
            return None
        failed = {"kind": "machine", "name": type(error).__name__, "text": str(error)}
        if isinstance(error, KilledWorker):
            failed = {"kind": "workers_lost"}
        elif isinstance(error, OSError):
            failed["kind"] = "out_of_reach"
        return [_all_alike(sent, Execution(failed=failed)) for sent in self._away[future]]

    def _home(self, sent: _Sent, came: Return) -> Sequence[RunOutcome]:
        """Lay papers that came back beside their place, and settle as for those made here."""
        started = utc_now() - timedelta(seconds=came.seconds)
        seconds = came.seconds / len(sent.drafts)
        outcomes = []
        for draft, execution, paper in zip(sent.drafts, came.executions, came.papers, strict=True):
            try:
                execution = _kept(draft, execution, paper)
                outcomes.append(settle(self._wb, draft, execution, self._bounds, started, seconds))
            finally:
                self._clear(draft)
        return outcomes

    def _clear(self, draft: PaperDraft) -> None:
        draft.clear()
        with suppress(OSError):
            self._carrier.clear(draft)

    def _call_off(self) -> Iterator[tuple[JobGroup, Sequence[RunOutcome]]]:
        """Cancel what is away; workers end their children soon after."""
        away, self._away = self._away, {}
        if away and self._client.status == "running":
            with suppress(OSError, CancelledError):
                self._client.cancel(list(away))
        for trip in away.values():
            for sent in trip:
                yield sent.group, self._home(sent, _all_alike(sent, _STOPPED))


def _by_unit(groups: Iterable[JobGroup]) -> Iterator[Sequence[JobGroup]]:
    """Yield groups of one unit together, `_TOGETHER` at the most."""
    for _, of_unit in groupby(groups, key=lambda group: group.jobs[0].unit.id):
        while some := tuple(islice(of_unit, _TOGETHER)):
            yield some


def _all_alike(sent: _Sent, execution: Execution) -> Return:
    """Return what comes of an task without any paper."""
    return Return(executions=[execution] * len(sent.drafts), papers=[None] * len(sent.drafts), seconds=0.0)


def _kept(draft: PaperDraft, execution: Execution, paper: Paper | None) -> Execution:
    """Write a paper under its temporary name, once it is known to be the one that was made."""
    if execution.done is None or paper is None:
        return execution
    if hashlib.sha256(paper).hexdigest() != execution.done["sha256"]:
        return Execution(failed={"kind": "not_written", "text": "传回的底稿与工作机上的不一致"})
    try:
        draft.temporary.write_bytes(paper)
    except OSError as error:
        return Execution(failed={"kind": "not_written", "text": machine_words(error)})
    return replace(execution, failed=None)
