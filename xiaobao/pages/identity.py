"""Who asks, for jupyter_server: the person of a session, and that a kernel answers to its own session alone."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import tornado.web
from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join

from xiaobao.errors import NotAllowed
from xiaobao.labels import ROLES
from xiaobao.pages.gate import LOOPBACK, Names, by_proxy, client_address, host_of
from xiaobao.pages.serve import is_loopback
from xiaobao.workbench.signing_in import Caller, Entrance

_JUST_NOW = 2.0  # seconds
_ALONE = "单机，未认证"
_SIGNED_BY = {"link": "个人链接，只能填报", "demo": "演示", "proxy": "", "hub": "", "password": ""}


@dataclass
class SignedIn(User):
    """A person with a session, as jupyter_server knows users."""

    caller: Caller | None = None

    @property
    def session(self) -> str:
        """The hash of the session, which kernels belong to."""
        assert self.caller is not None
        return self.caller.session.hash


def user_of(caller: Caller) -> SignedIn:
    """Return a caller as the user that handlers see; on a machine with nobody registered it is `alone`."""
    return SignedIn(username=caller.person.login or "alone", name=caller.person.name or _ALONE, caller=caller)


def words_of(caller: Caller, today: Any, units: dict[str, str]) -> str:
    """Return who is signed in, for the head of a page: name, roles with units, and how where that limits."""
    if not caller.person.login:
        return _ALONE
    seats = caller.person.seats_on(today)
    if caller.session.unit:
        seats = tuple(s for s in seats if (s.unit, s.role.value) == (caller.session.unit, "filler"))
    held = dict.fromkeys(f"{ROLES[seat.role]}（{units.get(seat.unit, seat.unit)}）" for seat in seats)
    shown = [caller.person.name, *list(held)[:2], "等" if len(held) > 2 else "", _SIGNED_BY[caller.session.kind]]
    return " · ".join(part for part in shown if part)


class SessionIdentity(IdentityProvider):
    """Knows people by the session in their cookie, or by what a trusted proxy says of them."""

    entrance: Entrance
    names: Names

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._just_now: dict[str, tuple[float, Caller | None]] = {}

    def get_handlers(self) -> list[tuple[str, object]]:
        """Return the pages of the entrance, in place of jupyter_server's own."""
        from xiaobao.pages import login  # its pages ask for this class

        app: Any = self.parent
        base = app.server_url
        return [(url_path_join(base, path), page) for path, page in login.ENTRANCE_PAGES.items()]

    def get_user(self, handler: Any) -> Any:
        """Return who asks (to be awaited), None for nobody. HTTPError 403 where who is no proxy names somebody."""
        return self._find(handler)

    async def _find(self, handler: Any) -> User | None:
        if not hasattr(handler, "found_user"):  # asked by the gate, then by jupyter_server
            handler.found_user = await self._look(handler)
        found: User | None = handler.found_user
        return found

    async def _look(self, handler: Any) -> User | None:
        number = handler.get_cookie(self.get_cookie_name(handler)) or ""
        caller = await self._caller(number, isinstance(handler, tornado.web.StaticFileHandler)) if number else None
        login = handler.request.headers.get(self.names.header)
        if login is not None:
            return await self._named_by_proxy(handler, login, caller)
        if caller is not None and caller.session.kind == "proxy":
            return None  # it held only by the proxy's word
        return user_of(caller) if caller is not None else None

    async def _caller(self, number: str, static: bool) -> Caller | None:
        """Ask the store whose session it is. A page's scripts and styles, dozens at once, take the last answer."""
        at, caller = self._just_now.get(number, (0.0, None))
        if not static or time.monotonic() - at > _JUST_NOW:
            caller = await asyncio.to_thread(self.entrance.caller, number)
            self._just_now = {n: one for n, one in self._just_now.items() if time.monotonic() - one[0] < _JUST_NOW}
            self._just_now[number] = (time.monotonic(), caller)
        return caller

    async def _named_by_proxy(self, handler: Any, login: str, caller: Caller | None) -> User | None:
        address = client_address(handler.request, self.names)
        if not by_proxy(handler.request, self.names):
            await asyncio.to_thread(self.entrance.refuse_proxy, address)
            raise tornado.web.HTTPError(403)
        try:
            number = await asyncio.to_thread(self.entrance.by_proxy_again, login, caller, address)
        except NotAllowed as error:
            handler.refusal = str(error)
            return None
        if number:
            self.give(handler, number)
            caller = await asyncio.to_thread(self.entrance.caller, number)
        return user_of(caller) if caller is not None else None

    def give(self, handler: Any, number: str) -> None:
        """Give a browser the number of its session, for as long as it is open; forms opened before no longer count."""
        handler.set_cookie(self.get_cookie_name(handler), number, **self.cookie_flags(handler))
        handler.clear_cookie(handler.settings["xsrf_cookie_name"], path=handler.settings["base_url"])

    def cookie_flags(self, handler: Any) -> dict[str, Any]:
        """Return what every cookie of ours carries."""
        secure = handler.request.protocol == "https"
        return {
            "httponly": True,
            "samesite": "Strict",
            "path": handler.settings["base_url"],
            **({"secure": True} if secure else {}),
        }

    def get_cookie_name(self, handler: Any) -> str:
        """Cookies know no ports: two servers on one machine must not show each other's people out."""
        return f"xiaobao-{handler.settings['port']}"

    def clear_login_cookie(self, handler: Any) -> None:
        handler.clear_cookie(self.get_cookie_name(handler), path=handler.settings["base_url"])

    def is_token_authenticated(self, handler: Any) -> bool:
        return False  # nobody is let past the comparison of origins

    def own_machine(self, request: Any) -> bool:
        """Tell whether a request comes from this machine to a server that only this machine can reach."""
        near = is_loopback(client_address(request, self.names)) and not by_proxy(request, self.names)
        return near and self.names.on_loopback and host_of(request) in LOOPBACK


class OwnKernelsOnly(Authorizer):
    """A kernel and its socket answer to the session that they were made for; of the API pages need nothing more."""

    def is_authorized(self, handler: JupyterHandler, user: User, action: str, resource: str) -> bool:
        """Tell whether a session may reach a kernel: its own, to read or to execute, and nothing else of the API."""
        kernel = (handler.path_kwargs or {}).get("kernel_id", "")
        manager: Any = handler.kernel_manager
        asked = (resource, action) in (("kernels", "read"), ("kernels", "execute"))
        reads = action == "read" or handler.request.method in ("GET", "HEAD")
        return asked and reads and isinstance(user, SignedIn) and manager.owner_of(kernel) == user.session
