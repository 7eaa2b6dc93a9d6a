"""Execute one notebook in this process's kernel: papermill's parameters and records, nbclient's reading of messages."""

from __future__ import annotations

import asyncio
import queue
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyter_core.utils import run_sync
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode, write
from nbformat.v4 import new_code_cell, new_notebook
from papermill import execute_notebook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.log import logger

from .execution import execute_order
from .kernel import Kernel, KernelApp, adopt, build_kernel, end_rehearsal, rehearse
from .sniffing import attach_charts, stop_pretending

INNER_ENGINE = "zygote-child"
_REHEARSAL = ("from IPython.display import HTML, display\ndisplay(HTML('1'))", "print(1)\n1", "2 if name else 3")


class _Channel:
    """A channel of the client: its messages are there already, and what is sent waits until the kernel is free."""

    def __init__(self, messages: Any) -> None:
        self._messages = messages
        self.sent: list[dict[str, Any]] = []

    def send(self, message: dict[str, Any]) -> None:
        """Take a message of a widget that nbclient plays the front end of."""
        self.sent.append(message)

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:  # noqa: ASYNC109  as nbclient calls it
        """Return the next message. Raises queue.Empty at once where nbclient would wait: nothing can come later."""
        if not self._messages:
            raise queue.Empty
        message: dict[str, Any] = self._messages.popleft()
        return message


class _Connection:
    """What nbclient takes for a connected client: a request is handled before it returns."""

    allow_stdin = False

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.session = kernel.client_session
        self.shell_channel = _Channel(kernel.session.messages["shell"])
        self.iopub_channel = _Channel(kernel.session.messages["iopub"])

    async def execute(self, code: str, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Run a cell to its end and return the request's id. Raises DeadKernelError once the kernel has exited."""
        if self.kernel.exited:
            raise DeadKernelError("Kernel died")
        return await self._ask(
            "execute_request",
            {
                "code": code,
                "silent": False,
                "store_history": store_history,
                "user_expressions": {},
                "allow_stdin": self.allow_stdin,
                "stop_on_error": stop_on_error,
            },
        )

    def kernel_info(self) -> str:
        """Ask between cells, where no loop runs; papermill calls this one plainly."""
        return str(run_sync(self._ask)("kernel_info_request", {}))

    async def _ask(self, msg_type: str, content: dict[str, Any]) -> str:
        waiting, self.shell_channel.sent = self.shell_channel.sent, []
        for message in waiting:
            await self.kernel.dispatch(message)
        message = self.kernel.request(msg_type, content)
        await self.kernel.dispatch(message)
        return str(message["header"]["msg_id"])

    async def is_alive(self) -> bool:
        """Tell whether the kernel has not exited: code of a cell may call `exit()` or restart."""
        return not self.kernel.exited


class Client(PapermillNotebookClient):
    """Papermill's client on a kernel in this process; `on_cell` is given the index of each cell before it runs."""

    def __init__(self, nb_man: Any, kernel: Kernel, on_cell: Callable[[int], None], **options: Any) -> None:
        super().__init__(nb_man, **options)
        self._kernel = kernel
        self._on_cell = on_cell

    @contextmanager
    def setup_kernel(self, **kwargs: Any) -> Iterator[None]:
        """Connect; nothing is started and nothing has to be shut down: the process ends with its notebook."""
        self.kc = _Connection(self._kernel)
        yield

    def execute_cell(self, cell: NotebookNode, cell_index: int, **options: Any) -> NotebookNode:
        """Tell of a cell and execute it; nbclient would turn an event loop for each text, too."""
        if cell.cell_type != "code":
            return cell
        self._on_cell(cell_index)
        return super().execute_cell(cell, cell_index, **options)


class Manager(NotebookExecutionManager):
    """Papermill's record of an execution. Papermill reads a cell's start back with a parser of any date there is."""

    def cell_complete(self, cell: Any, cell_index: int | None = None, **options: Any) -> None:
        """Set the duration in seconds ourselves; both times are ISO 8601, which `fromisoformat` reads far quicker."""
        times = cell.metadata.papermill
        started, times["start_time"] = times["start_time"], None
        super().cell_complete(cell, cell_index, **options)
        if started:
            taken = datetime.fromisoformat(times["end_time"]) - datetime.fromisoformat(started)
            times.update(start_time=started, duration=taken.total_seconds())


class ChildEngine(Engine):
    """Papermill's engine inside a child. `on_cell` comes with the engine's keyword arguments."""

    @classmethod
    def execute_notebook(cls, nb: NotebookNode, kernel_name: str, **options: Any) -> NotebookNode:
        """Execute and record, as papermill's own engine does but for saving: a child writes its notebook once."""
        for unused in ("output_path", "progress_bar", "autosave_cell_every"):
            options.pop(unused, None)
        manager = Manager(nb, progress_bar=False)
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, **options)
        finally:
            manager.notebook_complete()
        return manager.nb

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Execute in the kernel that this process adopted, or adopts now."""
        timeout = options.pop("execution_timeout", None)
        for unused in ("input_path", "start_timeout"):
            options.pop(unused, None)
        on_cell = options.pop("on_cell", lambda index: None)
        client = Client(nb_man, the_kernel(), on_cell, kernel_name=kernel_name, log=logger, timeout=timeout, **options)
        return client.execute()


_adopted: list[Kernel] = []


def the_kernel() -> Kernel:
    """Return this process's kernel; a second notebook in the same process gets a fresh namespace in it."""
    if _adopted:
        _adopted[0].renew()
    else:
        _adopted.append(adopt())
    return _adopted[0]


papermill_engines.register(INNER_ENGINE, ChildEngine)


def prepare() -> None:
    """Make a kernel for the children of this process to adopt, once a whole notebook was rehearsed.

    The rehearsal runs a few plain cells to fill first-use caches, in a kernel that is then forgotten.
    """
    stop_pretending()
    app = build_kernel()
    copy_context().run(_rehearse, app)
    end_rehearsal(app)
    build_kernel()
    attach_charts()


def _rehearse(app: KernelApp) -> None:
    """Run in a context of its own: the event loop that it leaves must not be shared by processes."""
    _adopted.append(rehearse(app))
    notebook = new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}})
    notebook.cells = [new_code_cell("name = 1", metadata={"tags": ["parameters"]})]
    notebook.cells += [new_code_cell(text) for text in _REHEARSAL]
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "rehearsal.ipynb"))
        write(notebook, path)
        try:
            execute_notebook(
                path, None, {"name": 2}, engine_name=INNER_ENGINE, kernel_name="python3", progress_bar=False
            )
        finally:
            asyncio.get_event_loop_policy().get_event_loop().close()
            asyncio.set_event_loop(None)
            _adopted.clear()


def run_order(order: dict[str, Any], events: int) -> None:
    """Execute an order in this forked child, in its own kernel."""
    execute_order(order, events, INNER_ENGINE, kernel_name="python3")
