"""The papermill engine: executes a notebook in a forked child, without sockets.

The notebook goes to the child as it stands; each cell comes back when it is done, so that papermill's own saving,
progress and metadata work as ever. A kernel of another language, or a machine that cannot fork, gets papermill's
default engine.
"""

from __future__ import annotations

import json
import logging
import math
import os
import time
from pathlib import Path
from typing import Any, ClassVar

import nbformat
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager, NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import Engine, NBClientEngine

from .children import EngineFailure, ForkedChild, Overdue, Preparation, ZygoteProcess, forks_here

_log = logging.getLogger(__name__)
_zygotes: dict[str, ZygoteProcess] = {}


def the_zygote(kernelspec: str = "") -> ZygoteProcess:
    """Return this process's zygote for a kernelspec: it preloads what that names, nothing where there is none."""
    if kernelspec not in _zygotes:
        config = _config_of(kernelspec) if kernelspec else {}
        room = __package__
        own = (f"{room}.without_grammar", "papermill", f"{room}.papermill_engine", f"{room}.notebook:prepare")
        steps = (f"{room}.sniffing:pretend", *config.get("preload", ()), *own)
        _zygotes[kernelspec] = ZygoteProcess(Preparation(steps=steps, passing=tuple(config.get("passing", ()))))
    return _zygotes[kernelspec]


def _config_of(kernelspec: str) -> dict[str, Any]:
    try:
        metadata = KernelSpecManager().get_kernel_spec(kernelspec).metadata
        config: dict[str, Any] = metadata["kernel_provisioner"]["config"]
    except (NoSuchKernel, KeyError):
        return {}
    return config


class ZygoteEngine(Engine):
    """Papermill calls `execute_managed_notebook`; afterwards `nb_man.nb` holds what a plain kernel would have left.

    `kernelspec` names the one whose preload list is used; a subclass that an application registers sets it.
    """

    kernelspec: ClassVar[str] = ""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Execute in a child. Raises DeadKernelError and CellTimeoutError as papermill's own engine does."""
        forkable = forks_here() and kernel_name in {NATIVE_KERNEL_NAME, cls.kernelspec}
        child = _fork(nb_man, cls.kernelspec, options) if forkable else None
        if child is None:
            return NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **options)
        timeout = options.get("execution_timeout")
        try:
            _follow(nb_man, child, timeout)
        finally:
            child.kill()
            child.close()
        return nb_man.nb


def _fork(nb_man: Any, kernelspec: str, options: dict[str, Any]) -> ForkedChild | None:
    names = ("log_output", "raise_on_iopub_timeout", "store_widget_state", "record_timing", "allow_errors")
    order = {
        "notebook": nbformat.writes(nb_man.nb),
        "options": {name: options[name] for name in names if name in options},
    }
    try:
        return the_zygote(kernelspec).fork(f"{__package__}.papermill_engine:run_inside", order, cwd=Path.cwd())
    except EngineFailure as error:
        _log.warning("Fast kernels are not to be had, papermill starts a plain one: %s", error)
        return None


def _follow(nb_man: Any, child: ForkedChild, timeout: float | None) -> None:
    """Take over each cell as it comes, and everything at the end: displays may change outputs of earlier cells."""
    since = [time.monotonic()]
    running: Any = None
    ended = False
    try:
        for message in child.messages(lambda: since[0] + timeout if timeout else math.inf):
            since[0] = time.monotonic()
            index = message.get("cell")
            if message["event"] == "start":
                running = nb_man.nb.cells[index]
                nb_man.cell_start(running, cell_index=index)
            elif message["event"] == "exception":
                _take_over(nb_man.nb.cells[index], message["content"])
                nb_man.cell_exception(nb_man.nb.cells[index], cell_index=index)
            elif message["event"] == "complete":
                _take_over(nb_man.nb.cells[index], message["content"])
                nb_man.cell_complete(nb_man.nb.cells[index], cell_index=index)
            elif message["event"] == "end":
                ended = True
                for cell, content in zip(nb_man.nb.cells, message["cells"], strict=True):
                    _take_over(cell, content)
                nb_man.nb.metadata.update(nbformat.from_dict(message["metadata"]))
    except Overdue:
        raise CellTimeoutError.error_from_timeout_and_cell(
            "Cell execution timed out", int(timeout or 0), running
        ) from None
    except EngineFailure as error:
        raise DeadKernelError(f"Kernel died: {error}") from error
    if not ended:
        raise DeadKernelError("Kernel died")


def _take_over(cell: nbformat.NotebookNode, content: dict[str, Any]) -> None:
    if cell.cell_type == "code":
        cell.outputs = [nbformat.from_dict(output) for output in content["outputs"]]
        cell.execution_count = content["execution_count"]
    if "execution" in content["metadata"]:
        cell.metadata["execution"] = nbformat.from_dict(content["metadata"]["execution"])


class _ForwardingManager:
    """Stands in for papermill's manager inside the child, and sends the parent what the real one has to do."""

    def __init__(self, notebook: nbformat.NotebookNode, events: int) -> None:
        self.nb = notebook
        self._events = events

    def cell_start(self, cell: Any, cell_index: int, **_: Any) -> None:
        self.send("start", cell=cell_index)

    def cell_exception(self, cell: Any, cell_index: int, **_: Any) -> None:
        """Send the failed cell with its outputs: the parent records it before papermill raises."""
        self.send("exception", cell=cell_index, content=cell)

    def cell_complete(self, cell: Any, cell_index: int, **_: Any) -> None:
        """Send the cell with its outputs, its count and its times."""
        self.send("complete", cell=cell_index, content=cell)

    def autosave_cell(self) -> None: ...

    def send(self, event: str, **facts: Any) -> None:
        """Write one JSON line to the parent, all of it: a pipe may take less at once."""
        line = memoryview(json.dumps({"event": event, **facts}).encode() + b"\n")
        while line:
            line = line[os.write(self._events, line) :]


def run_inside(order: dict[str, Any], events: int) -> None:
    """Execute the notebook of an order in this forked child."""
    from papermill.log import logger

    from .notebook import Client, the_kernel

    manager = _ForwardingManager(nbformat.reads(order["notebook"], as_version=4), events)
    client = Client(manager, the_kernel(), lambda index: None, kernel_name="python3", log=logger, **order["options"])
    notebook = client.execute()
    metadata = {key: notebook.metadata[key] for key in ("language_info", "widgets") if key in notebook.metadata}
    manager.send("end", cells=notebook.cells, metadata=metadata)
