"""Kernels of people: made with a ticket for one session, ended with it; their sockets take only what a page sends.

A form takes a new kernel by itself when it is touched, so of too many those rest that were not touched for longest.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
import uuid
import weakref
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from jupyter_server import CallContext
from jupyter_server.services.kernels.connection.base import deserialize_binary_message, deserialize_msg_from_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from xiaobao.pages.identity import SignedIn
from xiaobao.store.tickets import VARIABLE, Signer
from xiaobao.workbench.signing_in import Entrance

# What a page of widgets sends; all of it on the shell channel.
MESSAGES = ("comm_open", "comm_close", "comm_msg", "comm_info_request", "kernel_info_request")
# Pages that take a new kernel by themselves: of forms, and those that only show.
RESTING = frozenset(
    {"fill", "leads", "corrective_actions", "evidence", "my_work", "overview", "6_scorecard", "head_office"}
)
_LOOK_AGAIN = 1.0  # seconds between two looks at a session whose page keeps sending
_UNSEEN = 40.0  # seconds that a kernel without its page is kept: one that comes at all comes sooner
_JUST_TOUCHED = 10.0  # seconds for which no other page takes a kernel's place
_OF_ITSELF = ("look", "ping")  # what a page asks without being touched


@dataclass(kw_only=True)
class Owned:
    """A kernel of a session: for which page, when a person last did something there, and when it last had its page or
    was computing it (monotonic seconds)."""

    session: str
    page: str
    touched: float
    seen: float = 0.0


def to_rest(owned: Mapping[str, Owned], idle: Collection[str], most: int, now: float) -> list[str]:
    """Return which of more than `most` kernels rest: idle ones of forms, those that were not touched for longest first.

    One that was touched a moment ago stays, however many there are.
    """
    longest = sorted(owned, key=lambda kernel: owned[kernel].touched)
    may = [k for k in longest if k in idle and owned[k].page in RESTING and now - owned[k].touched > _JUST_TOUCHED]
    return may[: max(len(owned) - most, 0)]


def unseen(owned: Mapping[str, Owned], now: float) -> list[str]:
    """Return which kernels have been without their page for too long, of pages that take a new one by themselves."""
    return [kernel for kernel, one in owned.items() if one.page in RESTING and now - one.seen > _UNSEEN]


class OwnedKernels(AsyncMappingKernelManager):
    """Makes each kernel for whoever asks, and remembers for whom."""

    entrance: Entrance
    signer: Signer
    most_awake = 10_000

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._owners: dict[str, Owned] = {}
        self.pages: weakref.WeakSet[PageConnection] = weakref.WeakSet()

    async def start_kernel(  # type: ignore[override]
        self, *, kernel_id: str | None = None, path: Any = None, **kwargs: Any
    ) -> str:
        """Start a kernel for the session that asks; its signed ticket is all that the environment says of who it is."""
        handler = CallContext.get(CallContext.JUPYTER_HANDLER)
        user = getattr(handler, "current_user", None)
        # One made for nobody, warm and waiting, carries an empty ticket: it acts for nobody, not for the server.
        env = {**(os.environ if (given := kwargs.pop("env", None)) is None else given), VARIABLE: ""}
        kernel_id = kernel_id or str(uuid.uuid4())
        if isinstance(user, SignedIn) and user.caller is not None:
            env[VARIABLE] = self.signer.ticket(user.caller.session, kernel_id)
            page, now = PurePosixPath(handler.request.path).stem, time.monotonic()
            self._owners[kernel_id] = Owned(session=user.session, page=page, touched=now, seen=now)
            await self.make_room()
        started: str = await super().start_kernel(kernel_id=kernel_id, path=path, env=env, **kwargs)
        return started

    def touch(self, kernel_id: str) -> None:
        """Note that a person did something in a kernel's page."""
        if kernel_id in self._owners:
            self._owners[kernel_id].touched = time.monotonic()

    async def make_room(self) -> None:
        """Let forms rest where more kernels are awake than may be."""
        idle = {kernel for kernel in self._owners if kernel in self and self._state(kernel) == "idle"}
        for kernel in to_rest(self._owners, idle, self.most_awake, time.monotonic()):
            await self._end(kernel, 4410, "resting")

    def _state(self, kernel: str) -> str:
        return getattr(self.get_kernel(kernel), "execution_state", "")

    async def _end(self, kernel: str, code: int, why: str) -> None:
        for page in list(self.pages):
            if page.kernel_id == kernel:
                page.websocket_handler.close(code, why)
        if kernel in self:
            await self.shutdown_kernel(kernel, now=True)

    def owner_of(self, kernel_id: str) -> str | None:
        """Return the session that a kernel was made for, None for one that is nobody's."""
        owned = self._owners.get(kernel_id)
        return owned.session if owned is not None else None

    def remove_kernel(self, kernel_id: str) -> Any:
        """Forget whose a kernel was once it is gone."""
        self._owners.pop(kernel_id, None)
        return super().remove_kernel(kernel_id)

    async def end_of(self, session: str) -> None:
        """End the sockets and kernels of a session that is over."""
        for kernel in [kernel for kernel, owned in self._owners.items() if owned.session == session]:
            await self._end(kernel, 4401, "signed out")

    async def end_what_is_over(self) -> None:
        """End the kernels of all sessions that no longer hold, and those whose page is gone without a word."""
        await self._end_unseen()
        for session in {owned.session for owned in self._owners.values()}:
            if not await asyncio.to_thread(self.holds, session):
                await self.end_of(session)

    async def _end_unseen(self) -> None:
        now = time.monotonic()
        with_page = {page.kernel_id for page in self.pages if page.websocket_handler.ws_connection is not None}
        for kernel, owned in self._owners.items():
            if kernel in with_page or (kernel in self and self._state(kernel) != "idle"):
                owned.seen = now
        for kernel in unseen(self._owners, now):
            await self._end(kernel, 4410, "resting")

    def holds(self, session: str) -> bool:
        """Tell whether a session still holds; asking does not prolong it."""
        found = self.entrance.store.session(session, self.entrance.store.now())
        return found is not None and found[1] is not None


class PageConnection(ZMQChannelsWebsocketConnection):
    """The way from a page's socket to its kernel."""

    _looked = 0.0

    def connect(self) -> Any:
        """Join a page to its kernel and count it as just touched."""
        self.multi_kernel_manager.pages.add(self)
        self.multi_kernel_manager.touch(self.kernel_id)  # a page that took long to compute is as new as any
        return super().connect()

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """Pass on what a page may send; anything else is refused, and what is no message closes the socket.

        What only a person does counts as a touch: a page that asks by itself keeps no kernel awake.
        """
        try:
            channel, kind, asked = self._kind_of(incoming_msg)
        except Exception:  # noqa: BLE001  whatever a stranger sends: it is not a message
            self.websocket_handler.close(1003, "not a message")
            return
        if channel != "shell" or kind not in MESSAGES:
            self.log.warning("Refused %r on %r from a page.", kind, channel)
            return
        if kind == "comm_msg" and asked not in _OF_ITSELF:
            self.multi_kernel_manager.touch(self.kernel_id)
        if time.monotonic() - self._looked > _LOOK_AGAIN:
            self._looked = time.monotonic()
            asyncio.get_running_loop().create_task(self._look_again())
        super().handle_incoming_message(incoming_msg)

    def _kind_of(self, sent: Any) -> tuple[str, str, str]:
        """Return the channel, the type of the message, and the type of what a page of ours asks by it ("" for none)."""
        if self.subprotocol == "v1.kernel.websocket.jupyter.org":
            channel, parts = deserialize_msg_from_ws_v1(sent)
            header, content = self.get_part("header", None, parts), self.get_part("content", None, parts)
        else:
            message = deserialize_binary_message(sent) if isinstance(sent, bytes) else json.loads(sent)
            channel, header, content = message["channel"], message["header"], message.get("content")
        return str(channel), str(header["msg_type"]), _asked(content)

    async def _look_again(self) -> None:
        """Whoever types is not idle; whoever was shown out types for nobody."""
        number = self.websocket_handler.get_cookie(
            self.websocket_handler.settings["identity_provider"].get_cookie_name(self.websocket_handler)
        )
        manager = self.multi_kernel_manager
        owner = manager.owner_of(self.kernel_id)
        if await asyncio.to_thread(manager.entrance.caller, number or "") is None and owner is not None:
            await manager.end_of(owner)


def _asked(content: object) -> str:
    """Return the `type` of a custom message of a widget, "" where there is none."""
    for step in ("data", "content", "type"):
        content = content.get(step) if isinstance(content, Mapping) else None
    return content if isinstance(content, str) else ""
