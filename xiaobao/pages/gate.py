"""The gate before every handler: which names are answered, which origins may ask, and that somebody is signed in.

`guarded` puts it before a handler class; the app does so with each one it serves, so that no address can be forgotten.
"""

from __future__ import annotations

import inspect
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import tornado.web
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.utils import url_path_join

from xiaobao.pages.serve import is_loopback
from xiaobao.settings import Serving

EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  compared, not bound
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE = ("GET", "HEAD")
_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": _POLICY,
}
# A link on a page of another site: the browser holds our cookie back. Asked for again by our own page, it comes.
_AGAIN = """<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={url}">
<title>消保自查</title><p>正在打开…… <a href="{url}">点这里继续</a></p></html>"""
_STATUS = {
    400: "请求不完整，请重新打开页面",
    403: "没有权限打开这个页面，或页面已过期；请从总览重新打开",
    404: "没有这个页面",
    405: "不支持的操作",
    421: "不能用这个地址访问；请用系统管理员给的地址打开",
}
_PAGE = """<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>消保自查</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:;base64,=">
<style>body{{font:15px/1.7 "Microsoft YaHei","PingFang SC","Noto Sans CJK SC","Source Han Sans SC",sans-serif;
color:#1f2937;max-width:40em;margin:12vh auto;padding:0 24px}}a{{color:#144f8c}}</style>
<h1>{title}</h1><p><a href="{start}">返回总览</a></p></html>"""


@dataclass(frozen=True, kw_only=True)
class Names:
    """Under which names this server is asked for, where it listens, and which proxies it believes."""

    hosts: frozenset[str]
    ip: str
    proxies: frozenset[str] = frozenset()
    header: str = "X-Remote-User"

    @classmethod
    def of(cls, rules: Serving, ip: str, hosts: tuple[str, ...] = ()) -> Names:
        """Return the names by which the settings, the options (`hosts`) and the address listened on may be called."""
        own = {urlsplit(rules.address).hostname or ""} - {""}
        named = {host.lower().strip("[]") for host in (*rules.hosts, *hosts)}
        listens = {ip} - EVERYWHERE
        return cls(
            hosts=LOOPBACK | own | named | listens,
            ip=ip,
            proxies=frozenset(rules.proxy.addresses),
            header=rules.proxy.header,
        )

    @property
    def on_loopback(self) -> bool:
        """Tell whether only this machine can reach the server."""
        return is_loopback(self.ip)


def by_socket(request: Any) -> bool:
    """Tell whether a request came over the Unix socket that the settings name: no other is served."""
    context = getattr(request.connection, "context", None)
    return getattr(context, "address_family", None) == getattr(socket, "AF_UNIX", object())


def by_proxy(request: Any, names: Names) -> bool:
    """Tell whether a request came from a proxy that the settings name."""
    return by_socket(request) or request.connection.context.remote_ip in names.proxies


def client_address(request: Any, names: Names) -> str:
    """Return whose network address a request comes from: what a trusted proxy says last, else the peer's."""
    peer = "socket" if by_socket(request) else str(request.connection.context.remote_ip)
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded if forwarded and by_proxy(request, names) else peer


def host_of(request: Any) -> str:
    """Return the name that a request asks for, without port, "" for one that cannot be read."""
    try:
        return (urlsplit(f"//{request.host}").hostname or "").lower()
    except ValueError:
        return ""


def foreign_origin(headers: Mapping[str, str], own: str) -> bool:
    """Tell whether a request was made by a page of another site: its origin is not `own` (scheme://host)."""
    origin = headers.get("Origin", headers.get("Sec-Websocket-Origin"))
    return origin is not None and origin.lower() != own.lower()


class Gate:
    """Mixed in before a handler class."""

    async def prepare(self) -> None:
        """Let a request in by its host, origin and session, before its handler sees it.

        Raises HTTPError: 421 for a host that is not ours (DNS rebinding), 403 for another site's page or nobody's call.
        """
        handler: Any = self
        request, names = handler.request, handler.settings["names"]
        if by_proxy(request, names) and request.headers.get("X-Forwarded-Proto", "").lower() == "https":
            request.protocol = "https"
        if host_of(request) not in names.hosts:
            raise tornado.web.HTTPError(421)
        if foreign_origin(request.headers, f"{request.protocol}://{request.host}"):
            raise tornado.web.HTTPError(403)
        if request.headers.get("Sec-Fetch-Site", "same-origin") in ("cross-site", "same-site"):
            return self._asked_by_another_site()
        handler.current_user = await handler.settings["identity_provider"].get_user(handler)
        if handler.current_user is None and getattr(handler, "farewell", False):
            handler.set_status(204)  # a page left behind at sign-out; its kernel has ended with the session
            return handler.finish()
        if isinstance(handler, JupyterHandler):
            waiting: Any = super().prepare()  # type: ignore[misc]
        elif handler.current_user is None:
            if request.method not in _SAFE or not getattr(handler, "leads_to_login", False):
                raise tornado.web.HTTPError(403)
            next_page = tornado.escape.url_escape(request.uri)
            return handler.redirect(f"{handler.settings['login_url']}?next={next_page}")
        else:
            waiting = super().prepare()  # type: ignore[misc]
        if inspect.isawaitable(waiting):
            await waiting
        return None

    def _asked_by_another_site(self) -> None:
        """Let a link lead here, and nothing else: our own page asks again."""
        handler: Any = self
        request = handler.request
        if request.method not in _SAFE or request.headers.get("Sec-Fetch-Mode") != "navigate":
            raise tornado.web.HTTPError(403)
        if request.headers.get("Sec-Fetch-Dest") != "document":
            raise tornado.web.HTTPError(403)
        url = request.path.replace("//", "/") + (f"?{request.query}" if request.query else "")
        handler.set_header("Content-Type", "text/html; charset=utf-8")
        handler.set_header("Cache-Control", "no-store")
        handler.finish(_AGAIN.format(url=tornado.escape.xhtml_escape(url)))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say it in Chinese, without a link to anywhere but the start; to programs as jupyter_server does."""
        handler: Any = self
        if isinstance(handler, APIHandler):
            super().write_error(status_code, **kwargs)  # type: ignore[misc]
            return
        refusal(handler, status_code, _STATUS.get(status_code, "页面暂时打不开，请稍后再试"))

    def set_default_headers(self) -> None:
        """Send the security headers with every answer, and no word about which server this is."""
        super().set_default_headers()  # type: ignore[misc]
        for name, value in _HEADERS.items():
            self.set_header(name, value)  # type: ignore[attr-defined]
        self.clear_header("Server")  # type: ignore[attr-defined]


def refusal(handler: Any, status: int, words: str) -> None:
    """Answer with a page that says why in words, and leads back to the start."""
    start = tornado.escape.xhtml_escape(url_path_join(handler.settings["base_url"], "voila/render/overview.ipynb"))
    handler.set_status(status)
    handler.set_header("Content-Type", "text/html; charset=utf-8")
    handler.set_header("Cache-Control", "no-store")
    handler.finish(_PAGE.format(title=tornado.escape.xhtml_escape(words), start=start))


def guarded(handler: type[Any]) -> type[Any]:
    """Return a handler class with the gate before it, under its own name."""
    return type(handler.__name__, (Gate, handler), {})
