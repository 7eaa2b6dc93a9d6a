"""Processes that try a function on unit after unit, several at once, for the pool of the batch.

Each is forked from here, so that a function written in a notebook needs no file. It reads the unit's table itself and
lets the function run in a confined child of its own; the function never runs in a worker, nor in the kernel.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, Never

from xiaobao.batch.workers import run_groups
from xiaobao.checks.confined import keep_only, ready
from xiaobao.errors import XiaobaoError

Line = dict[str, Any]
_Work = Callable[[int], Line]
MOST_WORKERS = 4
_LOST: Line = {"failed": "进程中断，没有结果", "stopped": True}
_PATIENCE = 2.0  # seconds in which a worker ends what it runs


def tried_by_workers(work: _Work, count: int) -> Generator[tuple[int, Line], None, None]:
    """Yield (number, what `work` gives of it) for 0 … count − 1 as they finish. A worker that dies loses one number."""
    workers = [TrialWorker(work) for _ in range(min(MOST_WORKERS, len(os.sched_getaffinity(0)), count))]
    if not workers:
        return
    yield from run_groups(range(count), workers, TrialWorker.ask, threading.Event())


class TrialWorker:
    """One process; `ask` gives it a number and waits for what its work says, JSON-ready."""

    def __init__(self, work: _Work) -> None:
        self._work, self._pid = work, 0
        self._asking = self._hearing = self._watch = -1
        self._begin()

    def ask(self, number: int) -> Line:
        """Return what the work says of a number, or that the process died over it; the next one has a new process."""
        if not self._pid:
            self._begin()
        try:
            os.write(self._asking, b"%d\n" % number)
            said = self._line()
        except OSError:
            said = b""
        if said.endswith(b"\n"):
            line: Line = json.loads(said)
            return line
        self.stop()
        return dict(_LOST)

    def stop(self) -> None:
        """End the process with what it runs, and wait for it."""
        pid, self._pid = self._pid, 0
        if not pid:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        if not ready(self._watch, time.monotonic() + _PATIENCE):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        for descriptor in (self._asking, self._hearing, self._watch):
            os.close(descriptor)

    def _line(self) -> bytes:
        parts: list[bytes] = []
        while not (parts and parts[-1].endswith(b"\n")):
            part = os.read(self._hearing, 1 << 16)
            if not part:
                break
            parts.append(part)
        return b"".join(parts)

    def _begin(self) -> None:
        asked, self._asking = os.pipe()
        self._hearing, saying = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads of a kernel: the child uses none of them
            pid = os.fork()
        if pid == 0:
            _be_worker(self._work, asked, saying)
        os.close(asked)
        os.close(saying)
        self._pid, self._watch = pid, os.pidfd_open(pid)


def _be_worker(work: _Work, asked: int, saying: int) -> Never:
    """Answer numbers until nobody asks any more; never return to the caller."""
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks is interrupted, and stops us
        signal.signal(signal.SIGTERM, _end)
        asking, answering = keep_only(asked, saying)
        with os.fdopen(asking, "rb", buffering=0) as numbers:
            for number in numbers:
                _send(answering, _answer(work, int(number)))
    finally:
        os._exit(0)


def _end(number: int, frame: object) -> Never:
    """Leave by an exception, so that a confined child is ended on the way."""
    raise SystemExit(number)


def _answer(work: _Work, number: int) -> Line:
    try:
        return work(number)
    except XiaobaoError as error:  # a partition that is lost or altered is this unit's matter
        return {"failed": str(error), "stopped": False}


def _send(descriptor: int, line: Line) -> None:
    data = json.dumps(line, ensure_ascii=True).encode("ascii") + b"\n"
    while data:
        data = data[os.write(descriptor, data) :]
