"""The kernelspec gives every Jupyter client a forked, full kernel on private sockets, and a plain one in need."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from typing import Any

import jupyter_kernel_test
import psutil
import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import AsyncKernelManager, start_new_async_kernel, start_new_kernel

from xiaobao.engine import provisioner
from xiaobao.engine.client import PromptAsyncClient, PromptBlockingClient
from xiaobao.engine.provisioner import ForkedByDefault, ForkedProcess, ZygoteProvisioner
from xiaobao.pages.kernels import FILE, ServedKernels, kernelspec_text


class TestProtocol(jupyter_kernel_test.KernelTests):
    """What the Jupyter project asks of any kernel."""

    kernel_name = "xiaobao"
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('test', file=sys.stderr)"
    completion_samples = [{"text": "zi", "matches": {"zip"}}]
    complete_code_samples = ["1", "print('hello, world')", "def f(x):\n  return x*2\n\n\n"]
    incomplete_code_samples = ["print('''hello", "def f(x):\n  x*2"]
    invalid_code_samples = ["import = 7q"]
    code_page_something = "zip?"
    code_generate_error = "raise"
    code_execute_result = [{"code": "1+2+3", "result": "6"}]
    code_display_data = [
        {"code": "from IPython.display import HTML, display; display(HTML('<b>x</b>'))", "mime": "text/html"}
    ]
    code_history_pattern = "1?2*"
    code_clear_output = "from IPython.display import clear_output; clear_output()"
    supported_history_operations = ("tail", "search")  # what ipykernel holds itself to
    code_inspect_sample = "zip"


Session = tuple[AsyncKernelManager, Any]


def with_kernel(do: Callable[[AsyncKernelManager, Any], Awaitable[None]], **options: Any) -> None:
    """Start a kernel of our kernelspec, do something with it, and shut it down."""

    async def run() -> None:
        manager, client = await start_new_async_kernel(kernel_name="xiaobao", **options)
        try:
            await do(manager, client)
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)

    with ThreadPoolExecutor(1) as thread:  # a browser test of the same process may have left a loop running in this one
        thread.submit(lambda: asyncio.run(asyncio.wait_for(run(), 90))).result()


async def ask(client: Any, code: str) -> str:
    """Execute code and return what it printed."""
    printed: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    reply = await client._async_execute_interactive(code, timeout=30, output_hook=hear)
    assert reply["content"]["status"] == "ok", reply["content"]
    return "".join(printed)


def process_of(manager: AsyncKernelManager) -> Any:
    assert isinstance(manager.provisioner, ZygoteProvisioner)
    return manager.provisioner.process


def test_a_kernel_is_forked_and_talks_through_sockets_that_only_its_owner_can_reach() -> None:
    async def do(manager: AsyncKernelManager, client: Any) -> None:
        assert isinstance(process_of(manager), ForkedProcess)
        assert manager.transport == "ipc"
        sockets = list(Path(manager.ip).parent.iterdir())
        assert len(sockets) >= 5
        assert Path(manager.ip).parent.stat().st_mode & 0o077 == 0
        assert (
            await ask(client, "import os; print(os.getppid())") == f"{next(iter(provisioner._zygotes.values())).pid}\n"
        )

    with_kernel(do)


CHATTER = """
import threading, time
def chatter():
    while True:
        print("…", flush=True)
        time.sleep(0.02)
threading.Thread(target=chatter, daemon=True).start()
"""


def test_a_kernel_is_ready_when_it_says_so_however_much_it_talks() -> None:
    """jupyter_client waits for 200 ms of silence, which never come here."""

    async def do(manager: AsyncKernelManager, client: Any) -> None:
        assert isinstance(client, PromptAsyncClient)
        await ask(client, CHATTER)
        await asyncio.wait_for(client.wait_for_ready(timeout=60), 20)
        reply = await client.execute("1", reply=True, timeout=20)
        assert reply["content"]["status"] == "ok"

    with_kernel(do)


def test_a_question_whose_broadcasts_were_lost_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def do(manager: AsyncKernelManager, client: Any) -> None:
        hear = client.iopub_channel.get_msg
        lost: list[Any] = []

        async def lose_the_first(timeout: float | None = None) -> Any:  # noqa: ASYNC109  as it is called
            message = await hear(timeout=timeout)
            if len(lost) < 2:  # busy and idle of the first question
                lost.append(message)
                raise Empty
            return message

        monkeypatch.setattr(client.iopub_channel, "get_msg", lose_the_first)
        await asyncio.wait_for(client.wait_for_ready(timeout=60), 20)
        assert len(lost) == 2
        assert await ask(client, "print('heard')") == "heard\n"

    with_kernel(do)


def test_a_kernel_that_died_before_it_was_ready_is_said_to_be_dead() -> None:
    async def do(manager: AsyncKernelManager, client: Any) -> None:
        os.kill(process_of(manager).pid, signal.SIGKILL)
        with pytest.raises(RuntimeError, match="Kernel died before replying"):
            await client.wait_for_ready(timeout=60)

    with_kernel(do)


def test_scripts_and_nbval_get_a_prompt_client_and_a_client_that_somebody_chose_stays() -> None:
    manager, client = start_new_kernel(kernel_name="xiaobao")
    try:
        assert isinstance(client, PromptBlockingClient)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

    class Chosen(AsyncKernelClient):
        pass

    async def do() -> None:
        manager = AsyncKernelManager(kernel_name="xiaobao", client_factory=Chosen)
        await manager.start_kernel()
        assert type(manager.client()) is Chosen
        await manager.shutdown_kernel(now=True)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(asyncio.wait_for(do(), 60))).result()


def test_two_kernels_share_nothing_but_their_imports() -> None:
    async def do(manager: AsyncKernelManager, client: Any) -> None:
        await ask(client, "import pandas as pd, os; x = 1; pd.set_option('display.max_rows', 7); os.environ['A'] = '1'")
        other, second = await start_new_async_kernel(kernel_name="xiaobao")
        seen = await ask(
            second,
            "import pandas as pd, os; print('x' in globals(), pd.get_option('display.max_rows'), 'A' in os.environ)",
        )
        second.stop_channels()
        await other.shutdown_kernel(now=True)
        assert seen == "False 60 False\n"

    with_kernel(do)


def test_a_kernel_has_the_folder_and_environment_it_was_started_with(tmp_path: Path) -> None:
    async def do(manager: AsyncKernelManager, client: Any) -> None:
        assert await ask(client, "import os; print(os.getcwd(), os.environ['ONLY'])") == f"{tmp_path} this\n"

    with_kernel(do, cwd=str(tmp_path), env={**os.environ, "ONLY": "this"})


def test_what_a_server_says_of_the_moment_starts_no_other_zygote() -> None:
    """JupyterLab names the notebook in the environment of its kernel, Voila the address that was asked for."""
    parents = []
    for moment in ({"JPY_SESSION_NAME": "a.ipynb"}, {"JPY_SESSION_NAME": "b.ipynb", "QUERY_STRING": "unit=010000"}):

        async def do(manager: AsyncKernelManager, client: Any) -> None:
            parents.append(await ask(client, "import os; print(os.getppid(), os.environ.get('QUERY_STRING'))"))

        with_kernel(do, env={**os.environ, **moment})
    (first, asked), (second, later) = (said.split() for said in parents)
    assert (first, asked, later) == (second, "None", "unit=010000")


def test_a_server_can_give_the_forked_kernel_to_notebooks_that_name_the_usual_one() -> None:
    specs = ServedKernels()
    assert specs.get_kernel_spec("python3").metadata["kernel_provisioner"]["provisioner_name"] == "xiaobao-zygote"
    assert "python3" in specs.get_all_specs()
    with pytest.raises(NoSuchKernel):
        specs.get_kernel_spec("cobol")


def test_without_the_kernelspec_notebooks_get_the_kernel_that_they_name() -> None:
    for specs in (ServedKernels(kernel_dirs=[]), ForkedByDefault()):
        assert not specs.get_kernel_spec("python3").metadata.get("kernel_provisioner")


def test_the_committed_kernelspec_is_what_the_application_says() -> None:
    assert FILE.read_text("utf-8") == kernelspec_text()


def test_a_kernel_can_be_interrupted_and_restarted() -> None:
    async def do(manager: AsyncKernelManager, client: Any) -> None:
        client.execute("import time\ntime.sleep(60)")
        await asyncio.sleep(0.5)
        await manager.interrupt_kernel()
        reply = await client.get_shell_msg(timeout=20)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        first = process_of(manager).pid
        await manager.restart_kernel(now=True)
        await client.wait_for_ready(timeout=30)
        assert process_of(manager).pid != first
        assert await ask(client, "print('back')") == "back\n"

    with_kernel(do)


def test_a_killed_kernel_is_known_to_be_dead_and_a_stopped_one_leaves_no_process() -> None:
    async def do(manager: AsyncKernelManager, client: Any) -> None:
        process = process_of(manager)
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.wait_for(manager.provisioner.wait(), 10)  # type: ignore[union-attr]
        assert process.poll() == -signal.SIGKILL

    with_kernel(do)
    zygotes = {zygote.pid for zygote in provisioner._zygotes.values()}
    left = [p for pid in zygotes for p in psutil.Process(pid).children(recursive=True)]
    _, alive = psutil.wait_procs(left, timeout=10)
    assert not alive


def test_without_a_zygote_a_plain_kernel_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioner, "forks_here", lambda: False)

    async def do(manager: AsyncKernelManager, client: Any) -> None:
        assert not isinstance(process_of(manager), ForkedProcess)
        assert await ask(client, "print('plain')") == "plain\n"

    with_kernel(do)
