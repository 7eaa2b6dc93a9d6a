"""Clients that know a kernel is ready by its own word, not by two tenths of a second of silence.

jupyter_client asks for the kernel's information, then reads what the kernel broadcasts until nothing has come for
200 ms: every start of every kernel pays that. A kernel says `idle` behind all that a question brought about, so here
the client waits for the `idle` of its own question. That also proves that broadcasts arrive, which silence does not.
"""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.client import KernelClient
from jupyter_core.utils import ensure_async, run_sync

_PATIENCE = 1.0  # seconds until the question is asked again: the first may have come before the channels stood


class _Prompt(KernelClient):
    """Waits for a kernel to be ready, whichever way its channels are read."""

    async def until_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  as it is called
        """Wait until the kernel has answered and its answer was read. Raises RuntimeError as jupyter_client does."""
        deadline = float("inf") if timeout is None else time.monotonic() + timeout
        while not await self._answered(self.kernel_info()):
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")

    async def _answered(self, question: str) -> bool:
        try:
            reply = await _next(self.shell_channel)
            while reply["parent_header"].get("msg_id") != question:
                reply = await _next(self.shell_channel)
            while not _says_idle(await _next(self.iopub_channel), question):
                pass
        except Empty:
            return False
        self._handle_kernel_info_reply(reply)
        return True


async def _next(channel: Any) -> dict[str, Any]:
    message: dict[str, Any] = await ensure_async(channel.get_msg(timeout=_PATIENCE))
    return message


def _says_idle(message: dict[str, Any], question: str) -> bool:
    idle = message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
    return idle and message["parent_header"].get("msg_id") == question


class PromptAsyncClient(_Prompt, AsyncKernelClient):
    """What nbclient and papermill talk through."""

    wait_for_ready = _Prompt.until_ready


class PromptBlockingClient(_Prompt, BlockingKernelClient):
    """What nbval and scripts talk through."""

    wait_for_ready = run_sync(_Prompt.until_ready)


# The usual client → the one that takes its place; a client that somebody chose stays.
PROMPT: dict[type[KernelClient], type[KernelClient]] = {
    AsyncKernelClient: PromptAsyncClient,
    BlockingKernelClient: PromptBlockingClient,
}
