"""Kernels of people: made with a ticket for one session, ended with it; their sockets take only what a page sends."""

from __future__ import annotations

import asyncio
import json
import os
import time
import uuid
import weakref
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
_LOOK_AGAIN = 1.0  # seconds between two looks at a session whose page keeps sending


class OwnedKernels(AsyncMappingKernelManager):
    """Makes each kernel for whoever asks, and remembers for whom."""

    entrance: Entrance
    signer: Signer

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._owners: dict[str, str] = {}
        self.pages: weakref.WeakSet[PageConnection] = weakref.WeakSet()

    async def start_kernel(  # type: ignore[override]
        self, *, kernel_id: str | None = None, path: Any = None, **kwargs: Any
    ) -> str:
        handler = CallContext.get(CallContext.JUPYTER_HANDLER)
        user = getattr(handler, "current_user", None)
        # One made for nobody, warm and waiting, carries an empty ticket: it acts for nobody, not for the server.
        env = {**(os.environ if (given := kwargs.pop("env", None)) is None else given), VARIABLE: ""}
        kernel_id = kernel_id or str(uuid.uuid4())
        if isinstance(user, SignedIn) and user.caller is not None:
            env[VARIABLE] = self.signer.ticket(user.caller.session, kernel_id)
            self._owners[kernel_id] = user.session
        started: str = await super().start_kernel(kernel_id=kernel_id, path=path, env=env, **kwargs)
        return started

    def owner_of(self, kernel_id: str) -> str | None:
        """Return the session that a kernel was made for, None for one that is nobody's."""
        return self._owners.get(kernel_id)

    def remove_kernel(self, kernel_id: str) -> Any:
        self._owners.pop(kernel_id, None)
        return super().remove_kernel(kernel_id)

    async def end_of(self, session: str) -> None:
        """End the sockets and kernels of a session that is over."""
        theirs = [kernel for kernel, owner in self._owners.items() if owner == session]
        for page in list(self.pages):
            if page.kernel_id in theirs:
                page.websocket_handler.close(4401, "signed out")
        for kernel in theirs:
            if kernel in self:
                await self.shutdown_kernel(kernel, now=True)

    async def end_what_is_over(self) -> None:
        """End the kernels of all sessions that no longer hold."""
        for session in set(self._owners.values()):
            if not await asyncio.to_thread(self.holds, session):
                await self.end_of(session)

    def holds(self, session: str) -> bool:
        """Tell whether a session still holds; asking does not prolong it."""
        found = self.entrance.store.session(session, self.entrance.store.now())
        return found is not None and found[1] is not None


class PageConnection(ZMQChannelsWebsocketConnection):
    """The way from a page's socket to its kernel."""

    _looked = 0.0

    def connect(self) -> Any:
        self.multi_kernel_manager.pages.add(self)
        return super().connect()

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        try:
            channel, kind = self._kind_of(incoming_msg)
        except Exception:  # noqa: BLE001  whatever a stranger sends: it is not a message
            self.websocket_handler.close(1003, "not a message")
            return
        if channel != "shell" or kind not in MESSAGES:
            self.log.warning("Refused %r on %r from a page.", kind, channel)
            return
        if time.monotonic() - self._looked > _LOOK_AGAIN:
            self._looked = time.monotonic()
            asyncio.get_running_loop().create_task(self._look_again())
        super().handle_incoming_message(incoming_msg)

    def _kind_of(self, sent: Any) -> tuple[str, str]:
        if self.subprotocol == "v1.kernel.websocket.jupyter.org":
            channel, parts = deserialize_msg_from_ws_v1(sent)
            return str(channel), str(self.get_part("header", None, parts)["msg_type"])
        told = deserialize_binary_message(sent) if isinstance(sent, bytes) else json.loads(sent)
        return str(told["channel"]), str(told["header"]["msg_type"])

    async def _look_again(self) -> None:
        """Whoever types is not idle; whoever was shown out types for nobody."""
        number = self.websocket_handler.get_cookie(
            self.websocket_handler.settings["identity_provider"].get_cookie_name(self.websocket_handler)
        )
        manager = self.multi_kernel_manager
        owner = manager.owner_of(self.kernel_id)
        if await asyncio.to_thread(manager.entrance.caller, number or "") is None and owner is not None:
            await manager.end_of(owner)
