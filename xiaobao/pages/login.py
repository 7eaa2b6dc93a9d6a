"""The pages by which people come in and go out, on jupyter_server's own login and logout handlers."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tornado.web
from jinja2 import Environment, FileSystemLoader
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.login import LoginFormHandler
from jupyter_server.auth.logout import LogoutHandler
from jupyter_server.utils import url_path_join

from xiaobao.errors import InputError, NotAllowed
from xiaobao.labels import ROLES
from xiaobao.model import Person, Role
from xiaobao.pages.gate import by_proxy, client_address
from xiaobao.pages.hub import CALLBACK, HUB_REFUSED
from xiaobao.pages.identity import SessionIdentity, SignedIn
from xiaobao.store.models import Session
from xiaobao.workbench.signing_in import LINK_REFUSED, RULES, hash_of

_HERE = Path(__file__).parent
_TEMPLATES = Environment(loader=FileSystemLoader(_HERE / "entrance"), autoescape=True)
_OFFERED = 60
_LATER = 180 * 24 * 3600
_AT_ONCE = asyncio.Semaphore(2)  # a hash takes 64 MB for a moment


class OneTimeLink:
    """The link by which the only person of this machine comes in: each is good once, then there is another."""

    def __init__(self, address: str, announce: Callable[[str], None]) -> None:
        self._address, self._announce = address, announce
        self.renew()

    def renew(self) -> None:
        """Make the next link and announce it where only the operator of this machine reads it."""
        self._token = secrets.token_urlsafe(24)
        self.address = f"{self._address}enter?token={self._token}"
        self._announce(self.address)

    def take(self, token: str) -> bool:
        """Use the link up. False for another's."""
        if not hmac.compare_digest(token.encode("utf-8", "surrogatepass"), self._token.encode()):
            return False
        self.renew()
        return True


class EntrancePage(LoginFormHandler):
    """What the pages share: they are drawn without a session, and hand out one."""

    @property
    def identity(self) -> SessionIdentity:
        found = self.identity_provider
        assert isinstance(found, SessionIdentity)
        return found

    @property
    def kernels(self) -> Any:
        return self.kernel_manager

    def draw(self, name: str, status: int = 200, **words: Any) -> None:
        """Answer with a page of the entrance, never cached; `words` fill its template, which escapes them."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        template = _TEMPLATES.get_template(f"{name}.html")
        style = (_HERE / "entrance" / "entrance.css").read_text("utf-8")
        given = {"bank": self.settings["bank"], "base": self.base_url, "xsrf": self.xsrf_token.decode(), **words}
        self.finish(template.render(style=style, **given))

    async def come_in(self, number: str) -> None:
        """End the session that this browser had, with its kernels, and give it the new one."""
        user = self.current_user
        if isinstance(user, SignedIn) and user.caller is not None:
            await self.end(user.caller.session)
        self.identity.give(self, number)

    async def end(self, session: Session) -> None:
        """End a session for good, then its kernels: a page left open can do nothing more."""
        entrance = self.identity.entrance
        await asyncio.to_thread(entrance.end, session.hash)
        await self.kernels.end_of(session.hash)

    def start(self) -> str:
        return self.base_url

    def field(self, name: str) -> str:
        """Return a field of the form, as it was typed; a form has each field once, and none of them is long."""
        try:
            return str(self.get_body_argument(name, "", strip=False))[:2000]
        except tornado.web.HTTPError:  # not UTF-8
            return ""


class LoginPage(EntrancePage):
    """登录: login and password; a choice of people in the demo's own store; else how to get in."""

    @allow_unauthenticated
    async def get(self) -> None:
        if self.current_user:
            return self._redirect_safe(self.get_argument("next", default=self.base_url))
        return await self.show()

    @allow_unauthenticated
    async def post(self) -> None:
        """Come in by password, in the demo on this machine by choice. A refusal never says which part was wrong."""
        entrance, address = self.identity.entrance, client_address(self.request, self.identity.names)
        chosen = self.field("choice") if self.identity.own_machine(self.request) else ""
        try:
            if chosen:
                number = await asyncio.to_thread(entrance.by_choice, chosen)
            else:
                async with _AT_ONCE:
                    words = (self.field("login"), self.field("password"), address)
                    number = await asyncio.to_thread(entrance.by_password, *words)
        except NotAllowed as error:
            return await self.show(str(error), 403)
        await self.come_in(number)
        return self._redirect_safe(self.get_argument("next", default=self.base_url))

    async def show(self, refusal: str = "", status: int = 200) -> None:
        """Draw the page with what was typed, never the password; the choice of people only on this machine."""
        entrance = self.identity.entrance
        if await asyncio.to_thread(entrance.alone):
            return self.draw("alone", 403)
        people = await asyncio.to_thread(entrance.offered) if self.identity.own_machine(self.request) else ()
        offered = [(one.login, one.name, _seats(one)) for one in sorted(people, key=_of_a_unit)[:_OFFERED]]
        refused, typed = refusal or getattr(self, "refusal", ""), self.field("login")[:64]
        next_page = self.get_argument("next", default=self.base_url)
        proxied = by_proxy(self.request, self.identity.names)
        hub = url_path_join(self.base_url, "hub") if self.settings["hub"] is not None else ""
        words = {
            "refusal": refused,
            "people": offered,
            "login": typed,
            "next": next_page,
            "proxied": proxied,
            "hub": hub,
        }
        return self.draw("login", status, **words)


def _of_a_unit(person: Person) -> bool:
    return any(seat.role in (Role.FILLER, Role.UNIT_HEAD) for seat in person.seats)


def _seats(person: Person) -> str:
    return "、".join(dict.fromkeys(f"{ROLES[seat.role]} {seat.unit}".strip() for seat in person.seats))


class EnterPage(EntrancePage):
    """The one-time link of the only person of this machine."""

    SUPPORTED_METHODS = ("GET",)

    @allow_unauthenticated
    async def get(self) -> None:
        """Use the link up and come in. Where people are registered it leads to 登录 instead."""
        entrance = self.identity.entrance
        if not await asyncio.to_thread(entrance.alone):
            return self.redirect(self.settings["login_url"])
        if self.current_user is None:
            mine = self.identity.own_machine(self.request)
            if not mine or not self.settings["one_time_link"].take(self.get_query_argument("token", "")):
                return self.draw("alone", 403)
            await self.come_in(await asyncio.to_thread(entrance.by_own_machine))
        return self.draw("opening", url=self.start())


class FirstPage(EntrancePage):
    """设置密码, by a link that is good once. What opens it stands after the #, so that no log ever holds it."""

    @allow_unauthenticated
    def get(self) -> None:
        self.draw("first", rules=RULES, faults=(), link="")

    @allow_unauthenticated
    async def post(self) -> None:
        """Set the password and come in; a refusal keeps the link in the form and lists every fault of the password."""
        link, password = self.field("link"), self.field("password")
        entrance, address = self.identity.entrance, client_address(self.request, self.identity.names)
        try:
            async with _AT_ONCE:
                words = (link, password, self.field("again"), address)
                number = await asyncio.to_thread(entrance.set_password, *words)
        except (NotAllowed, InputError) as error:
            return self.draw("first", 403, rules=RULES, faults=[fault.message for fault in error.faults], link=link)
        await self.come_in(number)
        return self.redirect(self.base_url)


class PersonalLinkPage(EntrancePage):
    """个人链接: fills for one unit. The browser that opens it first is the only one that it opens in."""

    def browser_cookie(self) -> str:
        """Return the name of the cookie that holds which browser opened the link first."""
        return f"{self.identity.get_cookie_name(self)}-browser"

    @allow_unauthenticated
    def get(self) -> None:
        self.draw("link", refusal="", link="")

    @allow_unauthenticated
    async def post(self) -> None:
        """Come in to fill for the unit of the link; another browser than the first is refused."""
        link = self.field("link")
        browser = self.get_cookie(self.browser_cookie()) or secrets.token_urlsafe(32)
        entrance, address = self.identity.entrance, client_address(self.request, self.identity.names)
        try:
            number = await asyncio.to_thread(entrance.by_personal_link, link, browser, address)
        except NotAllowed:
            return self.draw("link", 403, refusal=LINK_REFUSED, link=link)
        flags = self.identity.cookie_flags(self)
        self.set_cookie(self.browser_cookie(), browser, max_age=_LATER, **flags)
        await self.come_in(number)
        return self.redirect(url_path_join(self.base_url, "voila/render/fill.ipynb"))


class HubLoginPage(LoginPage):
    """Sends a browser to the Hub, with a number that must come back by the same browser."""

    SUPPORTED_METHODS = ("GET",)

    def state_cookie(self) -> str:
        """Return the name of the cookie that holds the number sent to the Hub."""
        return f"{self.identity.get_cookie_name(self)}-hub"

    @allow_unauthenticated
    async def get(self) -> None:
        hub = self.settings["hub"]
        if hub is None:
            raise tornado.web.HTTPError(404)
        state = secrets.token_urlsafe(32)
        self.set_cookie(self.state_cookie(), state, **self.identity.cookie_flags(self))
        self.redirect(hub.way(state))


class HubCallbackPage(HubLoginPage):
    """Where the Hub sends a browser back: the code is good for the browser that was sent, once."""

    @allow_unauthenticated
    async def get(self) -> None:
        """Compare the number that came back with the one that was sent, change the code for a login, and come in."""
        hub, sent = self.settings["hub"], self.get_cookie(self.state_cookie()) or ""
        if hub is None:
            raise tornado.web.HTTPError(404)
        self.clear_cookie(self.state_cookie(), path=self.base_url)
        entrance, address = self.identity.entrance, client_address(self.request, self.identity.names)
        state, code = self.get_query_argument("state", ""), self.get_query_argument("code", "")
        if not sent or not code or not hmac.compare_digest(sent.encode(), state.encode("utf-8", "surrogatepass")):
            return await self.show(HUB_REFUSED, 403)
        try:
            number = await asyncio.to_thread(entrance.by_hub, await hub.login_of(code), address)
        except NotAllowed as error:
            return await self.show(str(error), 403)
        await self.come_in(number)
        return self.redirect(self.base_url)


class LogoutPage(EntrancePage, LogoutHandler):
    """退出: only by a form of our own pages, so that no other page shows anybody out."""

    @allow_unauthenticated
    def get(self) -> None:
        self.redirect(self.base_url)

    @allow_unauthenticated
    async def post(self) -> None:
        """End the session and its kernels, then show 登录."""
        number = self.get_cookie(self.identity.get_cookie_name(self))
        if number:
            await asyncio.to_thread(self.identity.entrance.leave, number)
            await self.kernels.end_of(hash_of(number))
        self.identity.clear_login_cookie(self)
        self.redirect(self.settings["login_url"])


ENTRANCE_PAGES: dict[str, type[EntrancePage]] = {
    "/login": LoginPage,
    "/logout": LogoutPage,
    "/enter": EnterPage,
    "/first": FirstPage,
    "/link": PersonalLinkPage,
    "/hub": HubLoginPage,
    f"/{CALLBACK}": HubCallbackPage,
}
