"""What runs inside a Dask worker: it fetches the inputs, forks a child of its own zygote, and sends the papers home.

The worker itself is never forked: it has threads and a loop. Its zygote is a clean process that it starts when the
first task comes, and that ends with it.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from pickle import PickleBuffer
from typing import Any, TypeAlias

from xiaobao.batch.executing import started_zygote
from xiaobao.batch.parcels import Parcel, unpack
from xiaobao.batch.workers import Execution, Order, Worker, WorkerBounds, run_patiently
from xiaobao.engine.children import ZygoteProcess
from xiaobao.paper.code import package_digest
from xiaobao.paper.frozen import INPUT_VARIABLE

_LOOK = 0.5  # seconds between two looks whether anybody still wants the task
Paper: TypeAlias = "bytes | memoryview | PickleBuffer"
_lock = threading.Lock()
_zygotes: list[ZygoteProcess | None] = []


@dataclass(frozen=True, kw_only=True)
class Task:
    """Notebooks of one unit to run in one child: where their inputs lie and with which parameters each starts."""

    code: str
    bounds: WorkerBounds
    kernel: str
    parcels: Sequence[Parcel]
    parameters: Sequence[Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Return:
    """What came of an task: how each notebook ended, with its paper's bytes; seconds that all took together.

    Papers travel beside what is pickled, where Dask neither copies nor searches them.
    """

    executions: Sequence[Execution]
    papers: Sequence[Paper | None] = field(repr=False)
    seconds: float


def run_tasks(tasks: Sequence[Task]) -> list[Return]:
    """Run tasks in this worker. Raises OSError when inputs cannot be fetched; trying elsewhere may help."""
    with _unless_forgotten() as wanted, tempfile.TemporaryDirectory(prefix="xiaobao-") as name:
        return [_run(task, Path(name, str(number)), wanted) for number, task in enumerate(tasks)]


def _run(task: Task, folder: Path, wanted: _Wanted) -> Return:
    started = time.monotonic()
    if (package_digest() if task.kernel else _code_of_zygote()) != task.code:
        executions: list[Execution] = [Execution(failed={"kind": "other_version"})] * len(task.parcels)
        return Return(executions=executions, papers=[None] * len(executions), seconds=0.0)
    folder.mkdir()
    orders = [
        Order(
            notebook=notebook,
            output=str(folder / f"{number}.ipynb"),
            parameters=parameters,
            env={INPUT_VARIABLE: inputs},
        )
        for number, ((notebook, inputs), parameters) in enumerate(
            zip(unpack(task.parcels, folder), task.parameters, strict=True)
        )
    ]
    zygote = None if task.kernel else _zygote()
    worker = Worker(zygote, folder / "run.log", task.bounds, task.kernel or "python3")
    with wanted.stopping(worker):
        executions = run_patiently(worker, orders, wanted.given_up.wait)
    papers = [
        PickleBuffer(Path(order.output).read_bytes()) if one.done else None
        for order, one in zip(orders, executions, strict=True)
    ]
    return Return(executions=executions, papers=papers, seconds=time.monotonic() - started)


@cache
def _code_of_zygote() -> str:
    """Return the digest of the code that this worker's zygote holds, whatever happens to the files later."""
    return package_digest()


def _zygote() -> ZygoteProcess | None:
    """Return the zygote of this worker process, None where there can be none: then kernels are started singly."""
    with _lock:
        if not _zygotes:
            # Dask tunes its workers' memory by the environment; that would cost children of ours page faults.
            env = {name: value for name, value in os.environ.items() if not name.startswith(("DASK_", "MALLOC_"))}
            zygote, reason = started_zygote(env)
            if zygote is None:
                logging.getLogger(__name__).warning("快速内核不可用，改用普通内核（较慢，结果相同）：%s", reason)
            _zygotes.append(zygote)
        return _zygotes[0]


class _Wanted:
    """Whether anybody still wants the tasks that run here, and what to stop when nobody does."""

    def __init__(self) -> None:
        self.given_up = threading.Event()
        self._lock = threading.Lock()
        self._worker: Worker | None = None

    @contextmanager
    def stopping(self, worker: Worker) -> Iterator[None]:
        """Have `worker` stopped as soon as its task is given up, at once where it was already."""
        with self._lock:
            self._worker = worker
            if self.given_up.is_set():
                worker.stop()
        try:
            yield
        finally:
            with self._lock:
                self._worker = None

    def give_up(self) -> None:
        """Stop the job from another thread, whether or not its worker has been made yet."""
        with self._lock:
            self.given_up.set()
            if self._worker is not None:
                self._worker.stop()


@contextmanager
def _unless_forgotten() -> Iterator[_Wanted]:
    """Stop what runs when its task was cancelled or its sender has died; Dask alone would let it run to the end."""
    from distributed import get_worker

    dask = get_worker()
    key = dask.get_current_task()
    done, wanted = threading.Event(), _Wanted()

    def look() -> None:
        while not done.wait(_LOOK):
            if _forgotten(dask, key):
                wanted.give_up()
                return

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    try:
        yield wanted
    finally:
        done.set()
        watch.join()


def _forgotten(dask: Any, key: Any) -> bool:
    task = dask.state.tasks.get(key)
    return task is None or task.state == "cancelled"
