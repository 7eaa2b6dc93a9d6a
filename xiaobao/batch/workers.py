"""A worker runs orders of notebooks one after another, each order in one child, and says how each notebook ended."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from xiaobao.engine.children import Child, EngineFailure, Overdue, Preparation, StartedChild, ZygoteProcess
from xiaobao.pages.result import RESULT_TYPE

# In this order: pandas looks around for a kernel when it is imported, and papermill comes before its engine.
_STEPS = (
    "xiaobao.engine.sniffing:pretend",
    "xiaobao.batch.warming:warm",
    "xiaobao.engine.without_grammar",
    "papermill",
    "xiaobao.engine.notebook",
    "xiaobao.engine.notebook:prepare",
)
_MEGABYTE = 1 << 20
_STOPPED = {"kind": "stopped"}


@dataclass(frozen=True, kw_only=True)
class Order:
    """One notebook to execute: where it lies, where its paper goes, its parameters and its input file."""

    notebook: str
    output: str
    parameters: Mapping[str, str]
    env: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class WorkerBounds:
    """What a child may use: seconds a cell and a notebook, megabytes it may grow by, megabytes of a paper."""

    cell_seconds: int
    notebook_seconds: int
    memory_megabytes: int
    paper_megabytes: int


@dataclass(frozen=True)
class Execution:
    """How one notebook ended: `done` holds sha256 and result, `failed` a kind with its facts; one of them is None."""

    done: Mapping[str, Any] | None = None
    failed: Mapping[str, Any] | None = None


def new_zygote(env: Mapping[str, str] | None = None) -> ZygoteProcess:
    """Return the zygote of the shipped notebooks; it starts with the first fork, in `env` or ours."""
    return ZygoteProcess(Preparation(steps=_STEPS, watch=False), env)


class Worker:
    """Runs orders in children of `zygote`, or in processes of their own where that is None, with `kernel`."""

    def __init__(self, zygote: ZygoteProcess | None, log: Path, bounds: WorkerBounds, kernel: str = "python3") -> None:
        self._zygote, self._log, self._bounds, self._kernel = zygote, log, bounds, kernel
        self._child: Child | None = None
        self._stopped = threading.Event()

    def run(self, orders: Sequence[Order]) -> list[Execution]:
        """Run notebooks in one child; return how each ended. A child that dies ends the list with the one it died in.

        Raises EngineFailure when the machine is at fault; nothing was executed then, and trying again is safe.
        """
        with tempfile.TemporaryDirectory(prefix="xiaobao-") as folder, self._log.open("ab") as log:
            child = self._child = self._begin(orders, folder, log.fileno())
            try:
                return self._listen(child, len(orders))
            finally:
                self._child = None
                child.kill()
                child.close()

    def stop(self) -> None:
        """End what runs, at once and for good."""
        self._stopped.set()
        child = self._child
        if child is not None:
            child.kill()

    def _begin(self, orders: Sequence[Order], folder: str, log: int) -> Child:
        memory = self._bounds.memory_megabytes * _MEGABYTE
        order = {
            "notebooks": [
                {"notebook": o.notebook, "output": o.output, "parameters": dict(o.parameters), "env": dict(o.env)}
                for o in orders
            ],
            "result_type": RESULT_TYPE,
            "output_bytes": self._bounds.paper_megabytes * _MEGABYTE,
            "kernel": self._kernel,
            "cell_seconds": self._bounds.cell_seconds,
            "memory": memory,
        }
        if self._zygote is None:
            return StartedChild(order, cwd=folder, env=os.environ, stderr=log)
        target = "xiaobao.engine.notebook:run_order"
        return self._zygote.fork(target, order, cwd=folder, memory=memory, stdout=log, stderr=log)

    def _listen(self, child: Child, count: int) -> list[Execution]:
        """Read the child's messages to its end, with a deadline for the running cell and one for its notebook."""
        executions: list[Execution] = []
        clock = _Clock(self._bounds, cells=self._zygote is not None)
        ending: dict[str, Any] = {}
        try:
            for message in child.messages(clock.deadline):
                clock.on_message(message)
                if "cell" not in message:
                    executions.append(Execution(message.get("done"), message.get("failed")))
        except Overdue:
            ending = clock.overdue()
            child.kill()
            with suppress(EngineFailure):
                for _ in child.messages():
                    continue
        if self._stopped.is_set():
            ending = dict(_STOPPED)
        elif not ending:
            ending = {"kind": "died", "exit": child.exit_code}
        if len(executions) < count:
            executions.append(Execution(failed=ending))
        return executions


class _Clock:
    """Deadlines of the cell and the notebook that run now."""

    def __init__(self, bounds: WorkerBounds, cells: bool) -> None:
        self._bounds, self._cells = bounds, cells
        self._notebook_since = self._cell_since = time.monotonic()

    def on_message(self, message: Mapping[str, Any]) -> None:
        """Begin the cell's time anew, and the notebook's where one begins or ends."""
        self._cell_since = time.monotonic()
        if message.get("cell", -1) < 0:  # a notebook begins, or one has ended and the next is to begin
            self._notebook_since = self._cell_since

    def deadline(self) -> float:
        """The bound of the notebook or of the cell, whichever is first, in `time.monotonic()` seconds."""
        notebook = self._notebook_since + self._bounds.notebook_seconds
        return min(notebook, self._cell_since + self._bounds.cell_seconds) if self._cells else notebook

    def overdue(self) -> dict[str, Any]:
        """Say which of the two bounds it was, the notebook's where both are passed."""
        late = time.monotonic() - self._notebook_since >= self._bounds.notebook_seconds
        return {"kind": "notebook_overdue" if late else "cell_overdue"}


Patience = Callable[[float], bool]


def run_patiently(worker: Worker, orders: Sequence[Order], wait: Patience) -> list[Execution]:
    """Run all orders, each to an end of its own: after a death the rest goes on in a new child.

    Faults of the machine are tried again, later each time; the notebook's own never are. `wait(seconds)` says whether
    to give up, as `threading.Event.wait` does.
    """
    executions: list[Execution] = []
    delays = iter((0.1, 0.5, 2.0))
    while len(executions) < len(orders):
        try:
            news = worker.run(orders[len(executions) :])
        except EngineFailure as error:
            news = [Execution(failed={"kind": "machine", "name": "EngineFailure", "text": str(error)})]
        ill = next((n for n, one in enumerate(news) if one.failed and one.failed["kind"] == "machine"), None)
        delay = next(delays, None) if ill is not None else None
        if ill is None or delay is None or wait(delay):
            executions += news
            if news and news[-1].failed and news[-1].failed["kind"] == "stopped":
                executions += [Execution(failed=_STOPPED)] * (len(orders) - len(executions))
        else:
            executions += news[:ill]
    return executions


class Stoppable(Protocol):
    """What does the work of one group at a time and can be ended."""

    def stop(self) -> None:
        """End what runs, at once and for good."""


G = TypeVar("G")
W = TypeVar("W", bound=Stoppable)


def run_groups(
    groups: Iterable[G], workers: Sequence[W], work: Callable[[W, G], Any], stop: threading.Event
) -> Iterator[tuple[G, Any]]:
    """Yield (group, outcome) as they finish, one group at a time for each worker.

    After `stop` nothing new begins. However this ends, every worker is stopped with what it runs.
    """
    idle = list(workers)
    running: dict[Future[Any], tuple[G, W]] = {}
    waiting = iter(groups)
    with ThreadPoolExecutor(len(workers)) as threads:
        try:
            while True:
                while idle and not stop.is_set():
                    group = next(waiting, None)
                    if group is None:
                        break
                    worker = idle.pop()
                    running[threads.submit(work, worker, group)] = (group, worker)
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    group, worker = running.pop(future)
                    idle.append(worker)
                    yield group, future.result()
        finally:
            for worker in workers:
                worker.stop()
