"""Pages that the server draws itself: what a notebook shows stands in the page before any script of Voila.

A page on which nothing asks its kernel needs neither: the scripts are not loaded and the kernel ends at once. Imports
Voila, so only `voila_app` imports it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from voila.notebook_renderer import NotebookRenderer

from xiaobao.pages.board_script import SCRIPT, board_script
from xiaobao.pages.initials import with_initials
from xiaobao.pages.overview import DRAWN
from xiaobao.pages.sliders import EARLY

_WIDGET = "application/vnd.jupyter.widget-view+json"
_SILENT = "application/vnd.xiaobao.result+json"  # what a run takes in; a page has nothing to show of it
_SHOWN = ("display_data", "execute_result")
_OURS = '<div class="xb-view"'


def way_to_draw(output: Mapping[str, Any]) -> str:
    """Return how the template draws an output.

    `board`, `view` (ours), `html` (of others) and `text` stand in the page; `silent` shows nothing; `early` is drawn at
    once and taken over by its widget; `voila` is left to Voila.
    """
    data = output.get("data", {})
    if EARLY in data:
        return "early"
    if DRAWN in data:
        return "board"
    if _SILENT in data:
        return "silent"
    if _WIDGET in data or any(kind.startswith("application/") for kind in data):
        return "voila"
    if "text/html" in data:
        return "view" if data["text/html"].startswith(_OURS) else "html"
    return "text" if set(data) == {"text/plain"} else "voila"


class CompiledTemplates(BytecodeCache):
    """Templates as they were compiled once: Voila makes an environment for each page, which compiled them all anew."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from the very same source."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._kept[bucket.key, bucket.checksum] = bucket.code


_COMPILED = CompiledTemplates()


def ready_for_pages(environment: Environment, compiled: CompiledTemplates = _COMPILED) -> None:
    """Let an environment take templates compiled before, and draw from what it is given in the order that it has."""
    environment.bytecode_cache = compiled
    environment.policies["json.dumps_kwargs"] = {}  # as it comes, it sorts the keys of every table's facts


class PageRenderer(NotebookRenderer):
    """Voila's renderer, which also tells the template how each output is drawn, and ends kernels nobody will ask."""

    ending: set[asyncio.Task[None]] = set()  # noqa: RUF012  tasks that are not held are lost

    async def initialize(self, **kwargs: Any) -> None:
        """Load notebook and template."""
        await super().initialize(**kwargs)
        self.ways: set[str] = set()
        told = {"way_to_draw": way_to_draw, "ways": self.ways, "board": self._board, "with_initials": with_initials}
        ready_for_pages(self.exporter.environment)
        self.exporter.environment.globals.update(told)  # what stands in `resources` would be copied

    def _board(self) -> str:
        return f"{self.base_url}{SCRIPT}?v={board_script().digest}"

    async def _jinja_cell_generator(self, nb: Any, kernel_id: str) -> AsyncIterator[Any]:
        async for cell in super()._jinja_cell_generator(nb, kernel_id):
            self.ways |= {way_to_draw(one) for one in cell.get("outputs", ()) if one["output_type"] in _SHOWN}
            yield cell
        if not self.ways & {"early", "voila"}:
            task = asyncio.ensure_future(self._give_back(kernel_id))
            self.ending.add(task)
            task.add_done_callback(self.ending.discard)

    async def _give_back(self, kernel_id: str) -> None:
        kernels = self.request_handler.kernel_manager
        if kernel_id in kernels:
            await kernels.shutdown_kernel(kernel_id, now=True)
