"""The zygote: a clean process, started by exec, that imports once and then forks a child for each request.

It is single-threaded by law: forking beside a running Python thread can copy a lock that nobody will ever release, so
it refuses. Standard library only; what is preloaded is the parent's choice. `children.Zygote` is the other side.

The wire is one socket pair. A request is a JSON object with file descriptors beside it: the child's status pipe, its
event pipe, and its standard output and error. The zygote alone waits for children: when one ends, it writes
`{"exit": code}` to that child's status pipe. End-of-file there without a word means that the zygote itself died.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import ctypes
import gc
import importlib
import itertools
import json
import os
import random
import resource
import select
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PDEATHSIG, _SUBREAPER = 1, 36  # prctl(2)
_FDS = ("status", "events", "stdout", "stderr")
_MARK = "ZYGOTE_CHILD"
_SWEEPS = 5
_HEADER = 8
_LIBC = ctypes.CDLL(None, use_errno=True)


class Refusal(RuntimeError):
    """The zygote will not fork: a Python thread is alive."""


def refuse_threads() -> None:
    """Raise Refusal when any Python thread but this one is alive."""
    alive = [thread.name for thread in threading.enumerate() if thread is not threading.current_thread()]
    if alive:
        raise Refusal(f"threads are alive in the zygote: {', '.join(alive)}")


def receive(sock: socket.socket) -> tuple[Any, list[int]] | None:
    """Return the next message and its file descriptors, None when the other side is gone."""
    fds = array.array("i")
    room = socket.CMSG_SPACE(len(_FDS) * fds.itemsize)
    header, ancillary, _, _ = sock.recvmsg(_HEADER, room, socket.MSG_WAITALL | socket.MSG_CMSG_CLOEXEC)
    if len(header) < _HEADER:
        return None
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    size = int.from_bytes(header, "big")
    body = bytearray()
    while len(body) < size:
        part = sock.recv(size - len(body))
        if not part:
            return None
        body += part
    return json.loads(body), list(fds)


def send(sock: socket.socket, message: object, fds: tuple[int, ...] = ()) -> None:
    """Send a message with its file descriptors."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    sock.sendmsg([len(body).to_bytes(_HEADER, "big")], rights)
    sock.sendall(body)


def _find(target: str) -> Callable[..., Any]:
    """Return the function named as `module:name`."""
    module, _, name = target.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


@dataclass(frozen=True, kw_only=True)
class _Job:
    pid: int
    status: int
    mark: bytes  # stands in the environment of the child and of whatever it starts


class Zygote:
    """Forks on request, waits for what it forked, and ends everything when its parent is gone."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._numbers = itertools.count(1)
        self._jobs: dict[int, _Job] = {}  # by pidfd

    def serve(self) -> None:
        """Answer requests until the parent closes its end; then kill all that still runs."""
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        try:
            while True:
                for fd, _ in poll.poll():
                    if fd != self._sock.fileno():
                        poll.unregister(fd)
                        self._reap(fd)
                        continue
                    message = receive(self._sock)
                    if message is None:
                        return
                    self._fork(*message, poll)
        finally:
            self._end_all()

    def _fork(self, order: dict[str, Any], fds: list[int], poll: select.poll) -> None:
        status, *others = fds
        mark = f"{_MARK}={os.getpid()}.{next(self._numbers)}"
        order["env"][_MARK] = mark.partition("=")[2]
        pid = 0
        try:
            refuse_threads()
            pid = os.fork()
        except (Refusal, OSError) as error:
            self._report(status, {"refused": f"fork: {error}"})
        else:
            if pid == 0:
                self._close_inherited(status)
                become_child(order, others)
            self._report(status, {"pid": pid})
        for fd in others:
            os.close(fd)
        if not pid:
            os.close(status)
            return
        pidfd = os.pidfd_open(pid)
        self._jobs[pidfd] = _Job(pid=pid, status=status, mark=mark.encode())
        poll.register(pidfd, select.POLLIN)

    def _close_inherited(self, status: int) -> None:
        """Let go of what belongs to the zygote, so that only it can end a status pipe."""
        self._sock.close()
        os.close(status)
        for pidfd, job in self._jobs.items():
            os.close(pidfd)
            os.close(job.status)

    @staticmethod
    def _report(status: int, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the parent gave this child up
            os.write(status, json.dumps(message).encode() + b"\n")

    def _reap(self, pidfd: int) -> None:
        """Take the exit status, end what the child left behind, and tell."""
        job = self._jobs.pop(pidfd)
        os.close(pidfd)
        _kill_group(job.pid)  # before the wait: until then nobody else can get this number
        _, raw = os.waitpid(job.pid, 0)
        self._kill_orphans()
        self._report(job.status, {"exit": os.waitstatus_to_exitcode(raw)})
        os.close(job.status)

    def _kill_orphans(self) -> None:
        """Kill what dead children left: as subreaper the zygote inherits it, even from a session of its own."""
        running = {job.pid: job.mark for job in self._jobs.values()}
        for pid in _children_of(os.getpid()) - running.keys():
            with contextlib.suppress(OSError):
                surroundings = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
                if not any(mark in surroundings for mark in running.values()):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)

    def _end_all(self) -> None:
        for job in self._jobs.values():
            _kill_group(job.pid)
            with contextlib.suppress(OSError):
                os.kill(job.pid, signal.SIGKILL)
                os.waitpid(job.pid, 0)
        self._jobs.clear()
        for _ in range(_SWEEPS):  # the orphans of orphans come to us as these die
            self._kill_orphans()


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _children_of(pid: int) -> set[int]:
    try:
        return {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()}
    except OSError:  # a kernel without that file: sessions are killed all the same
        return set()


def become_child(order: dict[str, Any], fds: list[int]) -> None:
    """Turn a fresh fork into the child that was asked for, run its function, and exit; never returns."""
    code = 1
    try:
        _LIBC.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() == 1:
            os._exit(1)
        os.setsid()
        events, out, err = fds
        _redirect(out, err)
        os.environ.clear()
        os.environ.update(order["env"])
        os.chdir(order["cwd"])
        if order.get("memory"):
            limit_memory(order["memory"])
        reseed()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _find(order["target"])(order["payload"], events)
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except BaseException:  # noqa: BLE001  the child's last word goes to its standard error
        traceback.print_exc(file=sys.__stderr__)
    finally:
        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()
        for stream in (sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(BaseException):
                if stream is not None:
                    stream.flush()
        os._exit(code)


def _redirect(out: int, err: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    for fd, place in ((null, 0), (out, 1), (err, 2)):
        os.dup2(fd, place)
        os.close(fd)


def limit_memory(size: int) -> None:
    """Let this process grow by at most `size` bytes of address space beyond what it holds now."""
    held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + size, held + size))


def reseed() -> None:
    """Give this child random numbers of its own: Python reseeds nothing by itself that was drawn from already."""
    random.seed()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()


def main() -> None:
    """Preload, tell how it went, serve. The socket is file descriptor `argv[1]`; the first message is the order."""
    sock = socket.socket(fileno=int(sys.argv[1]))
    sock.set_inheritable(False)
    _LIBC.prctl(_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends with its parent, after its children
    first = receive(sock)
    if first is None:
        return
    order = first[0]
    try:
        for step in order["steps"]:
            if ":" in step:
                _find(step)()
            else:
                importlib.import_module(step)
        refuse_threads()
        gc.collect()
        gc.freeze()
    except BaseException as error:  # noqa: BLE001  whatever it is, the parent falls back
        send(sock, {"failed": "".join(traceback.format_exception_only(error)).strip()})
        return
    send(sock, {"ready": os.getpid()})
    Zygote(sock).serve()


if __name__ == "__main__":
    main()
