"""A real IPython kernel without sockets: what it sends goes straight to the client in the same process.

`build` makes the application, kernel and shell in the zygote, where it costs nobody anything; a child `adopts` them,
adds what belongs to one process (streams, identities, folder), and runs cells through the kernel's own dispatch. So
messages, their order and their timing are those of a kernel behind sockets.

This leans on parts of ipykernel that promise no stability; the range of versions is pinned, and the torture notebook
compares every output with a kernel behind sockets, on the oldest and the newest of them.
"""

from __future__ import annotations

import atexit
import os
import queue
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import traitlets
import zmq
from ipykernel import ipkernel
from ipykernel.iostream import IOPubThread
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session
from tornado.ioloop import IOLoop

from .sniffing import show_charts_inline, without_debugger
from .streams import DrainedStream

_KEY = os.urandom(16)  # messages never leave the process; a session without a key only complains
_IOPUB, _SHELL = "iopub", "shell"
_MAGICS = ("time", "matplotlib")  # IPython loads most with their first use, in a zygote once for all
_ARGUMENTS = ["--HistoryManager.hist_file=:memory:"]


class _Socket:
    """Stands where a kernel expects a socket; only its name matters, since the session sends nothing."""

    def __init__(self, channel: str) -> None:
        self.channel = channel


class HandingSession(Session):
    """Hands every message over instead of sending it, as a client would have read it from the wire."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(key=_KEY, **traits)
        self.messages: dict[str, deque[dict[str, Any]]] = {_IOPUB: deque(), _SHELL: deque()}

    def send(
        self,
        stream: Any,
        msg_or_type: dict[str, Any] | str,
        content: Any = None,
        parent: Any = None,
        ident: Any = None,
        buffers: Any = None,
        track: bool = False,
        header: Any = None,
        metadata: Any = None,
    ) -> dict[str, Any]:
        """Pack and unpack the message, so that what is shown cannot change any more, and keep it."""
        if isinstance(msg_or_type, dict):
            msg = dict(msg_or_type)
        else:
            msg = self.msg(msg_or_type, content=content, parent=parent, header=header, metadata=metadata)
        msg["content"] = self.unpack(self.pack(msg["content"]))
        msg["buffers"] = [memoryview(bytes(part)) for part in buffers or msg.get("buffers") or ()]
        self.messages[getattr(stream, "channel", _IOPUB)].append(msg)
        return msg


class _Timers:
    """Calls functions later from one thread, started with the first: what flushes a stream while a cell runs."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[float, Callable[[], None]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def call_later(self, delay: float, function: Callable[[], None]) -> None:
        """All delays are the same one flush interval, so a queue is in order."""
        self._waiting.put((time.monotonic() + delay, function))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="flush", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            when, function = self._waiting.get()
            time.sleep(max(0.0, when - time.monotonic()))
            function()


class _Never:
    """Timers of a kernel that only warms up: a zygote may have no thread."""

    def call_later(self, delay: float, function: Callable[[], None]) -> None:
        """Forget it: what runs while warming up has ended when it would be due."""


class _Publisher(IOPubThread):
    """Takes the place of the thread that publishes: calls what is scheduled at once, in the caller's thread."""

    def __init__(self, session: HandingSession) -> None:
        # Deliberately not IOPubThread's own: it opens sockets.
        self.session = session
        self.socket = _Socket(_IOPUB)
        self.io_loop: Any = _Timers()
        self.thread = threading.main_thread()

    def schedule(self, f: Callable[[], Any]) -> None:
        f()


class _Kernel(ipkernel.IPythonKernel):
    """The kernel itself, but that it waits for its captured descriptors before it says that a cell is done."""

    shell_stream = traitlets.Any()

    @property
    def _supports_kernel_subshells(self) -> bool:
        """There is one shell, in this thread, whoever asks for the thread of its channel."""
        return False

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """No request waits behind another."""

    def post_handler_hook(self) -> None:
        """Drain what is still on its way from the captured descriptors, so that it comes before the cell's end."""
        super().post_handler_hook()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, DrainedStream):
                stream.drain()


class KernelApp(IPKernelApp):
    """IPKernelApp with no socket, no heartbeat and no connection file; all else is its own."""

    def init_connection_file(self) -> None:
        """Nothing: messages go by calls, so there is no address to write down."""

    def init_poller(self) -> None:
        """Nothing: whoever ends the kernel ends its process."""

    def init_sockets(self) -> None:
        """Put objects that hand messages over in the place of sockets."""
        self.session = HandingSession(parent=self)
        self.client_session = Session(key=_KEY)
        self.iopub_thread = _Publisher(self.session)
        self.iopub_socket = self.iopub_thread.socket
        self.stdin_socket = _Socket("stdin")
        self.displayhook = sys.displayhook

    def init_heartbeat(self) -> None:
        """Nothing: the parent sees the process itself."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """Nothing, as `init_connection_file`."""

    def log_connection_info(self) -> None:
        """Nothing: there is nothing to connect to."""

    def init_io(self) -> None:
        """Nothing yet: streams belong to one process and come with `adopt`."""

    def init_signal(self) -> None:
        """Nothing: IPKernelApp would have SIGINT ignored from here on."""

    def init_code(self) -> None:
        """Nothing yet: start-up files of a profile may do anything, so they run in the child."""

    def init_kernel(self) -> None:
        """Make the kernel. A debugger would want sockets; nobody can debug a kernel that has none."""
        with without_debugger():
            self.kernel = _Kernel.instance(
                parent=self,
                session=self.session,
                iopub_thread=self.iopub_thread,
                iopub_socket=self.iopub_socket,
                shell_stream=_Socket(_SHELL),
                shell_channel_thread=SimpleNamespace(parent_thread=threading.main_thread()),
                stdin_socket=self.stdin_socket,
                log=self.log,
                profile_dir=self.profile_dir,
                user_ns=self.user_ns,
                _execute_sleep=0,  # what a cell published is with the client already
            )

    def open_streams(self, capture: bool) -> None:
        """Put the kernel's streams and display hook in place; `capture` also what is written to descriptors 1 and 2."""
        self.capture_fd_output = capture
        self.outstream_class = f"{DrainedStream.__module__}.{DrainedStream.__name__}"
        IPKernelApp.init_io(self)
        self.kernel._stdout, self.kernel._stderr = sys.stdout, sys.stderr
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count

    def run_start_up_files(self) -> None:
        """Do what IPKernelApp does before the first cell, but for noting which modules are loaded: `build` did."""
        self._run_startup_files()
        self._run_exec_lines()
        self._run_exec_files()
        shell: Any = self.shell
        if self.hide_initial_ns:
            shell.user_ns_hidden.update(shell.user_ns)


def build_kernel() -> KernelApp:
    """Build application, kernel and shell. Starts no thread, so that a zygote may do it."""
    app = KernelApp.instance()
    app.initialize(_ARGUMENTS)
    app.log.setLevel(app.log_level)  # else every message is spelt for a handler that drops it
    shell: Any = app.shell
    shell._sys_modules_keys = set(sys.modules)
    shell.display_formatter.format(None)  # makes the formatters of every kind
    for magic in _MAGICS:
        shell.find_line_magic(magic)
    return app


def rehearse(app: KernelApp) -> Kernel:
    """Open a kernel in the zygote itself, only to warm what is used first; `end_rehearsal` must follow."""
    app.iopub_thread.io_loop = _Never()
    app.open_streams(capture=False)
    return Kernel(app)


def end_rehearsal(app: KernelApp) -> None:
    """Put the process back, so that the next kernel is as new as the first and no child has this one to clean up."""
    app.reset_io()
    shell: Any = app.shell
    atexit.unregister(shell.atexit_operations)
    singletons: tuple[Any, ...] = (KernelApp, _Kernel, type(shell))
    for one in singletons:
        one.clear_instance()


class Kernel:
    """One child's kernel: runs code and keeps the messages in the order in which a client would get them."""

    def __init__(self, app: KernelApp) -> None:
        self.app = app
        self.kernel = app.kernel
        self.session: HandingSession = app.session
        self.client_session: Session = app.client_session

    @property
    def exited(self) -> bool:
        """Tell whether a cell asked the kernel to end, as `exit()` does."""
        return bool(self.kernel.shell.exit_now)

    def renew(self) -> None:
        """Begin anew for another notebook: an empty namespace, count and history; modules keep what was set in them."""
        for waiting in self.session.messages.values():
            waiting.clear()
        self.kernel.shell.reset(new_session=True)
        self.kernel.shell.user_ns["_dh"][:] = [str(Path.cwd())]

    def request(self, msg_type: str, content: dict[str, Any]) -> dict[str, Any]:
        """Return a message as a client would send it."""
        return self.client_session.msg(msg_type, content)

    async def dispatch(self, msg: dict[str, Any]) -> None:
        """Let the kernel handle a request to the end."""
        self.kernel.io_loop = IOLoop.current()
        await self.kernel.dispatch_shell([zmq.Frame(part) for part in self.client_session.serialize(msg)])


def adopt() -> Kernel:
    """Make the prepared kernel this process's own."""
    app = KernelApp.instance()
    kernel = app.kernel
    for one in (app.session, app.client_session):
        one.session = str(uuid.uuid4())
    kernel.ident = str(uuid.uuid4())
    app.open_streams(capture=True)
    kernel.shell.user_ns["_dh"][:] = [str(Path.cwd())]
    show_charts_inline()
    app.run_start_up_files()
    sys.stdout.flush()
    sys.stderr.flush()
    return Kernel(app)
