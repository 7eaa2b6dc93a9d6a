"""The parent's side of the zygote: start it, ask it for children, read their events and how they end.

A child is read on two pipes: `events` carries what it says, `status` is held by the zygote alone and carries its exit
status. Both are waited for by `poll`, so that a death is known at once and nothing is asked twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil

from .zygote import receive, send

_START_SECONDS = 120
_STARTS = 2  # a zygote that was killed while it got ready gets another chance
_CHUNK = 1 << 16
# One thread each: two notebooks on two cores gain nothing from more, and a BLAS thread may not be forked over.
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Of the moment only: what pytest and Jupyter say of the test or notebook that wants a kernel. A child is given it, as
# all of its environment, when it is forked. An application names more in `Preparation.passing`.
_PASSING = frozenset({"PYTEST_CURRENT_TEST", "JPY_SESSION_NAME"})
_QUIET = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}  # else a preloaded debugger warns on the terminal


class EngineFailure(RuntimeError):
    """The machine, not the notebook, is at fault: no zygote, no fork. Trying again may help."""


class Overdue(Exception):
    """Nothing was received until the deadline."""


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What a zygote does before it forks, in this order: modules to import, `module:function` to call.

    `watch`: a zygote whose code has changed since is started anew; without, a run ends on the code it began with.
    `passing`: environment variables that differ from child to child and are nothing to what is preloaded.
    """

    steps: tuple[str, ...] = ()
    path: tuple[str, ...] = field(default_factory=lambda: tuple(filter(None, sys.path)))
    watch: bool = True
    passing: tuple[str, ...] = ()

    def fingerprint(self, env: Mapping[str, str]) -> str:
        """Return what tells two zygotes apart: steps, environment, and the age of the code that they load."""
        packages = sorted({step.partition(":")[0].partition(".")[0] for step in self.steps}) if self.watch else []
        ages = [_age(package) for package in packages]
        lasting = sorted((name, value) for name, value in env.items() if name not in {*_PASSING, *self.passing})
        text = json.dumps([self.steps, self.path, lasting, ages, sys.executable])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _age(top: str) -> int:
    """Return the newest change below a package, 0 where it has no files. Asked before every fork, so it is quick."""
    module = sys.modules.get(top)
    roots = [os.fspath(place) for place in getattr(module, "__path__", ())]
    if top in sys.stdlib_module_names or any("site-packages" in Path(root).parts for root in roots):
        return 0  # installed code changes with its environment, which is another interpreter path or a new session
    return max((age for root in roots for age in _ages_below(root)), default=0)


def _ages_below(folder: str) -> Iterator[int]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                yield entry.stat().st_mtime_ns
            elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir(follow_symlinks=False):
                yield from _ages_below(entry.path)


Deadline = Callable[[], float]  # asked before each wait, in time.monotonic() seconds


def _seconds_left(deadline: Deadline | None) -> float | None:
    left = math.inf if deadline is None else deadline() - time.monotonic()
    return None if math.isinf(left) else max(0.0, left)


class Child(Protocol):
    """A running child, forked or started: what it says, how it ended, and the way to end it."""

    pid: int
    exit_code: int | None

    def messages(self, deadline: Deadline | None = None) -> Iterator[dict[str, Any]]:
        """Yield what the child says until it ends. Raises Overdue once `deadline` has passed, and EngineFailure."""

    def kill(self) -> None:
        """End the child and all that it started, at once."""

    def close(self) -> None:
        """Give back pipes and process; call it once the child has ended."""


class ForkedChild:
    """A child of a zygote. `exit_code` is None until its end is known."""

    def __init__(self, pid: int, status: int, events: int, said: bytes) -> None:
        self.pid = pid
        self.exit_code: int | None = None
        self._status, self._events = status, events
        self._said = said
        self._received = b""
        self._read_status()  # a quick child's end may have come along with its process id

    def messages(self, deadline: Deadline | None = None) -> Iterator[dict[str, Any]]:
        """Yield what the child says until it has ended; `exit_code` is set then.

        Raises Overdue at `deadline`, EngineFailure when the zygote died.
        """
        poll = select.poll()
        poll.register(self._events, select.POLLIN)
        poll.register(self._status, select.POLLIN)
        while self.exit_code is None:
            left = _seconds_left(deadline)
            ready = poll.poll(None if left is None else left * 1000)
            if not ready:
                raise Overdue
            for fd, _ in ready:
                part = os.read(fd, _CHUNK)
                if fd == self._events:
                    if not part:
                        poll.unregister(fd)
                    yield from self._spoken(part)
                elif not part:
                    raise EngineFailure("the zygote died")
                else:
                    self._said += part
                    self._read_status()
        os.set_blocking(self._events, False)
        with contextlib.suppress(BlockingIOError):  # a process that the child left behind may hold the pipe open
            while part := os.read(self._events, _CHUNK):
                yield from self._spoken(part)

    def _spoken(self, part: bytes) -> Iterator[dict[str, Any]]:
        *lines, self._received = (self._received + part).split(b"\n")
        yield from map(json.loads, lines)

    def _read_status(self) -> None:
        for line in self._said.split(b"\n")[:-1]:
            self.exit_code = json.loads(line).get("exit", self.exit_code)

    def poll(self) -> int | None:
        """Return the exit code, None while the child runs. Asks nobody: the zygote has spoken, or it has not."""
        poll = select.poll()  # select(2) knows no descriptor above 1023, and a server of many kernels has more
        poll.register(self._status, select.POLLIN)
        while self.exit_code is None and poll.poll(0):
            part = os.read(self._status, _CHUNK)
            if not part:
                self.exit_code = -signal.SIGKILL  # the zygote is dead, and its children with it
            self._said += part
            self._read_status()
        return self.exit_code

    def wait(self, deadline: Deadline | None = None) -> int:
        """Wait for the end; return the exit code, negative for a signal. Raises as `messages`."""
        for _ in self.messages(deadline):
            pass
        assert self.exit_code is not None
        return self.exit_code

    def send_signal(self, number: int) -> None:
        """Signal the child's whole group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """Kill the child and its group; the zygote ends what it left in other groups."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Close the pipes. A child that still runs goes on, unread."""
        for fd in (self._status, self._events):
            os.close(fd)

    def fileno(self) -> int:
        """Return the status pipe: readable when the child has ended."""
        return self._status

    @property
    def fileno_of_events(self) -> int:
        """Return the pipe that carries what the child says: readable, too, once it has said all."""
        return self._events


class ZygoteProcess:
    """A zygote process, started when first needed and again when it died or what it is made of changed."""

    def __init__(self, preparation: Preparation, env: Mapping[str, str] | None = None) -> None:
        self.preparation = preparation
        self._env = env
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._sock: socket.socket | None = None
        self._made_of = ""

    @property
    def pid(self) -> int:
        """Return the process id, 0 when none runs."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start the process unless it runs and is what it should be. Raises EngineFailure."""
        with self._lock:
            self._start()

    def fork(
        self,
        target: str,
        payload: object,
        *,
        cwd: str | os.PathLike[str],
        env: Mapping[str, str] | None = None,
        memory: int = 0,
        stdout: int = 1,
        stderr: int = 2,
    ) -> ForkedChild:
        """Run `target` (`module:name`, called with payload and event pipe) in a fresh child.

        `memory`: bytes it may grow by, 0 for no limit. Raises EngineFailure when there is no zygote or no fork.
        """
        status_read, status_write = os.pipe()
        events_read, events_write = os.pipe()
        order = {
            "target": target,
            "payload": payload,
            "cwd": os.fspath(cwd),
            "env": dict(os.environ if env is None else env),
            "memory": memory,
        }
        try:
            with self._lock:
                self._start()
                assert self._sock
                send(self._sock, order, (status_write, events_write, stdout, stderr))
        except (OSError, EngineFailure) as error:
            os.close(status_read)
            os.close(events_read)
            raise error if isinstance(error, EngineFailure) else EngineFailure(f"zygote: {error}") from error
        finally:
            os.close(status_write)
            os.close(events_write)
        return _accepted(status_read, events_read)

    def _start(self) -> None:
        env = {**(os.environ if self._env is None else self._env), **_ONE_THREAD}
        made_of = self.preparation.fingerprint(env)
        if self._process is not None and self._process.poll() is None and made_of == self._made_of:
            return
        for _ in range(_STARTS):
            said = self._prepared(env)
            if "ready" in said:
                self._made_of = made_of
                return
            self._stop()
            if "failed" in said:
                break  # it would fail again
        raise EngineFailure("zygote: " + said.get("failed", "died while preloading"))

    def _prepared(self, env: Mapping[str, str]) -> dict[str, Any]:
        """Start a process in the place of any other; return what it says once it has preloaded, {} when it died."""
        self._stop()
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.zygote", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            env={**env, **_QUIET, "PYTHONPATH": os.pathsep.join(self.preparation.path)},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._sock = ours
        ours.settimeout(_START_SECONDS)
        try:
            send(ours, {"steps": self.preparation.steps})
            answer = receive(ours)
        except TimeoutError:
            return {"failed": f"not ready after {_START_SECONDS} s"}
        except OSError:  # killed before it could listen
            return {}
        ours.settimeout(None)
        return answer[0] if answer else {}

    def close(self) -> None:
        """End the zygote and every child of it."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._sock is not None:
            self._sock.close()
        if self._process is not None:
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = self._sock = None

    def __enter__(self) -> ZygoteProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _accepted(status: int, events: int) -> ForkedChild:
    """Wait for the zygote's first word about a child. Raises EngineFailure when it refused or died."""
    said = b""
    while b"\n" not in said:
        part = os.read(status, _CHUNK)
        if not part:
            break
        said += part
    first = json.loads(said.split(b"\n")[0]) if said else {}
    if "pid" not in first:
        os.close(status)
        os.close(events)
        raise EngineFailure(first.get("refused", "the zygote died"))
    return ForkedChild(int(first["pid"]), status, events, said)


class StartedChild:
    """A process started for one order, without a fork: `plain` speaks on its standard output."""

    def __init__(self, order: Mapping[str, Any], *, cwd: str, env: Mapping[str, str], stderr: int) -> None:
        self.exit_code: int | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.plain"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=cwd,
            env={**env, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError), self._process.stdin as orders:
            orders.write(json.dumps(order).encode() + b"\n")

    def _listen(self) -> None:
        """Pass on what is said: a thread, since not every system can wait for a pipe with a deadline."""
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def messages(self, deadline: Deadline | None = None) -> Iterator[dict[str, Any]]:
        """Yield what the process says until it has ended. Raises Overdue."""
        while True:
            try:
                line = self._lines.get(timeout=_seconds_left(deadline))
            except queue.Empty:
                raise Overdue from None
            if not line:
                break
            yield json.loads(line)
        self.exit_code = self._process.wait()

    def kill(self) -> None:
        """Kill the process and everything below it, kernels included: these have sessions of their own."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for below in psutil.Process(self.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    below.kill()
        self._process.kill()

    def close(self) -> None:
        """Wait for the process, so that it stays no zombie, and close its pipe."""
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()


def forks_here() -> bool:
    """Tell whether this machine can have a zygote at all."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")
