"""The kernel provisioner, for every Jupyter client: forks kernels from a zygote of the process that asks.

JupyterLab, Voila, nbval, nbclient and papermill as it is get a full ipykernel, sockets, debugger and all, without its
start-up. The first kernel of a process starts the zygote; whenever that cannot be, the kernel is started plainly.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Unicode

from .children import EngineFailure, ForkedChild, Preparation, ZygoteProcess, forks_here
from .client import PROMPT
from .sniffing import attach_charts, stop_pretending

LAUNCHER = "ipykernel_launcher"
# What a kernel imports in its first second; learnt from sys.modules after a run, less what starts threads.
_KERNEL_STEPS = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "faulthandler",
    "sqlite3",
    "tornado.platform.asyncio",
    f"{__package__}.provisioner",
    f"{__package__}.sniffing:stop_pretending",
)
_PATIENCE = 5.0  # seconds; whoever waits longer finds out in the client's own way
_A_MOMENT = 0.5  # a kernel that is not idle takes longer to end, and whoever restarts it should not wait twice
_zygotes: dict[tuple[tuple[str, ...], ...], ZygoteProcess] = {}


def zygote_for(preload: tuple[str, ...], passing: tuple[str, ...]) -> ZygoteProcess:
    """Return this process's zygote for a preload list; it ends with the process."""
    key = (preload, passing)
    if key not in _zygotes:
        steps = (f"{__package__}.sniffing:pretend", *preload, *_KERNEL_STEPS)
        _zygotes[key] = ZygoteProcess(Preparation(steps=steps, passing=passing))
    return _zygotes[key]


class ForkedProcess:
    """A forked kernel with the face of subprocess.Popen that LocalProvisioner knows."""

    stdin = stdout = stderr = None

    def __init__(self, child: ForkedChild) -> None:
        self._child = child
        self.pid = child.pid

    def poll(self) -> int | None:
        """Return the exit code, None while the kernel runs."""
        return self._child.poll()

    def wait(self) -> int:
        """Wait for the end and return the exit code, negative for a signal; the pipes are closed by then."""
        code = self._child.wait()
        self._child.close()
        return code

    def send_signal(self, number: int) -> None:
        """Signal the kernel; one that has ended is let be, as Popen does."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    terminate = kill

    def fileno(self) -> int:
        """As `ForkedChild.fileno`: an event loop may watch for the end."""
        return self._child.fileno()


class ZygoteProvisioner(LocalProvisioner):
    """Forks the kernel; everything else is LocalProvisioner's.

    `preload` names the modules that kernels of this kernelspec will want, in the order of import; `passing` the
    environment variables for which no zygote is started anew. `transport` "ipc"
    (the default) talks through sockets in a private folder, which other users of the machine cannot reach; "" leaves
    what the client chose.
    """

    preload = List(
        Unicode(), config=True, help="Modules to import, or module:function to call, before any kernel is forked."
    )
    passing = List(
        Unicode(), config=True, help="Environment variables that may differ from kernel to kernel of one zygote."
    )
    transport = Unicode("ipc", config=True, help="ipc, or empty for the client's own choice.")

    process: Any = None
    _folder: tempfile.TemporaryDirectory[str] | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Called before each start: private sockets and a prompt client, unless whoever starts it chose its own."""
        manager = self.parent
        if manager is not None:
            manager.client_factory = PROMPT.get(manager.client_factory, manager.client_factory)
        if self.transport == "ipc" and manager is not None and manager.transport == "tcp" and forks_here():
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="k")  # short: a socket's path holds 107 bytes
            manager.transport = "ipc"
            manager.ip = str(Path(self._folder.name, "s"))
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel that `cmd` would start; start it plainly where that cannot be."""
        if not forks_here() or LAUNCHER not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        order = {"argv": cmd[cmd.index(LAUNCHER) + 1 :]}
        zygote = zygote_for(tuple(self.preload), tuple(self.passing))
        target, cwd = f"{__package__}.provisioner:run_kernel", kwargs.get("cwd") or Path.cwd()
        try:
            child = await asyncio.to_thread(zygote.fork, target, order, cwd=cwd, env=kwargs.get("env"))
        except EngineFailure as error:
            self.log.warning("Fast kernels are not to be had, starting a plain one: %s", error)
            return await super().launch_kernel(cmd, **kwargs)
        self.process = ForkedProcess(child)
        self.pid = self.pgid = child.pid  # a session of its own, so its own group
        self.cwd = kwargs.get("cwd")
        await _readable(child.fileno_of_events, child.fileno())
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Called when the kernel was asked to end: wait for that here, since the client only looks now and then."""
        if isinstance(self.process, ForkedProcess):
            await _readable(self.process.fileno(), seconds=_A_MOMENT)

    async def wait(self) -> int | None:
        """Wait for the exit status, which comes by itself; a plain kernel is polled as ever."""
        if not isinstance(self.process, ForkedProcess):
            return await super().wait()
        process = self.process
        await _readable(process.fileno(), seconds=None)
        code = process.wait()
        self.process = None
        return code

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the folder of the kernel's sockets; a restart keeps it, so that clients find the same addresses."""
        await super().cleanup(restart)
        if self._folder is not None and not restart:
            self._folder.cleanup()
            self._folder = None


async def _readable(*fds: int, seconds: float | None = _PATIENCE) -> None:
    """Wait until one of the pipes has something to say, or its end to tell."""
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    for fd in fds:
        loop.add_reader(fd, readable.set)
    try:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(readable.wait(), seconds)
    finally:
        for fd in fds:
            loop.remove_reader(fd)


def run_kernel(order: dict[str, Any], events: int) -> None:
    """Be a kernel, in a forked child: what `python -m ipykernel_launcher` would have been."""
    stop_pretending()
    sys.argv = [LAUNCHER, *order["argv"]]
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance(parent_handle=0)  # the system ends a child with its zygote; nothing has to be polled
    app.log_connection_info = lambda: None  # type: ignore[method-assign]  # it would explain Ctrl-C on the terminal
    app.initialize(order["argv"])
    attach_charts()
    os.close(events)  # the parent takes it for the word that sockets are bound: a client would knock too early
    app.start()


class ForkedByDefault(KernelSpecManager):
    """Gives the kernelspec named `forked` to whoever asks for the usual one; without it the usual one it is."""

    forked = Unicode("", config=True, help="The kernelspec whose kernels are forked; empty for none.")

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the forked spec for `python3`, the plain one with a warning where the forked one is not installed."""
        if self.forked and kernel_name == NATIVE_KERNEL_NAME:
            try:
                return super().get_kernel_spec(self.forked)
            except NoSuchKernel:
                self.log.warning("Kernelspec %s is not installed; kernels start plainly.", self.forked)
        return super().get_kernel_spec(kernel_name)
