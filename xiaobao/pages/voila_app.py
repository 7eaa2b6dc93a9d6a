"""Voila as xiaobao runs it: behind a gate, only the app notebooks, error texts in Chinese, no tree of files.

Run by `xiaobao.pages.serve`; imports Voila, so nothing else imports it.
"""

from __future__ import annotations

import xiaobao.engine.without_grammar  # noqa: F401  before all that imports nbformat

# isort: split
import contextlib
import hashlib
import logging
import os
import ssl
import webbrowser
from collections.abc import Awaitable
from dataclasses import replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar, cast
from urllib.parse import quote, urlsplit

import tornado.httpserver
import tornado.ioloop
import tornado.netutil
import tornado.web
import voila.handler
import voila.notebook_renderer
from jupyter_server import CallContext
from jupyter_server.utils import url_path_join
from traitlets import Bool, List, Unicode
from traitlets.config import Config
from voila.app import Voila
from voila.execute import VoilaExecutor
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler

from xiaobao import errors
from xiaobao.model import Role
from xiaobao.pages.board_script import SCRIPT, BoardScript
from xiaobao.pages.drawn_pages import PageRenderer
from xiaobao.pages.evidence import route
from xiaobao.pages.gate import EVERYWHERE, Names, guarded
from xiaobao.pages.hub import hub_client
from xiaobao.pages.identity import OwnKernelsOnly, SessionIdentity, SignedIn, words_of
from xiaobao.pages.login import OneTimeLink
from xiaobao.pages.overview import SERVED
from xiaobao.pages.owned_kernels import MESSAGES, OwnedKernels, PageConnection
from xiaobao.pages.serve import FIXED, JUPYTER
from xiaobao.pages.static_pages import ADDRESS, Refused, Renewing, StaticPage, bench_of, first_page
from xiaobao.pages.unit_names import ask_names
from xiaobao.pages.work_starter import LOOK_MILLISECONDS, WorkStarter
from xiaobao.rights import RIGHTS
from xiaobao.store.tickets import Signer
from xiaobao.workbench.acting import as_actor
from xiaobao.workbench.permitting import acting, seats_of
from xiaobao.workbench.signing_in import SERVER, Caller, Entrance
from xiaobao.workbench.workspace import Workbench, open_workbench

OVERVIEW, MY_WORK, DESK, HEAD_OFFICE, CARD = "overview", "my_work", "desk", "head_office", "6_scorecard"
PAGES = (
    MY_WORK,
    OVERVIEW,
    CARD,
    "fill",
    "leads",
    "corrective_actions",
    "evidence",
    "registers",
    "offline",
    "samples",
    "visits",
    "filings",
    "appraisal",
    "history",
    HEAD_OFFICE,
    DESK,
    "explore",
)
PERSON, RELEASE = "Xiaobao-Person", "Xiaobao-Release"
_SOCKETS = 65_536  # of all kernels and pages together: about ten a kernel, and as many files
_LOOK_MILLISECONDS = 10_000
_RENEW_MILLISECONDS = 20_000
_GENERAL = "程序出错，原因已记入服务器日志。请把页面地址和时间告诉系统管理员。"
_OURS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.XiaobaoError)
}
REFUSED, TOLD = "refused", "told"


class QuietExecutor(VoilaExecutor):
    """Show what our own errors say to people, and of all others only that something broke."""

    def strip_code_cell_errors(self, cell: Any) -> Any:
        """Put our Chinese sentence, or a general one for errors of others, in the place of name and traceback.

        The name is `REFUSED` where somebody may not see what he asked for, `TOLD` where something is missing or asked
        wrongly: nothing is broken then, and the page does not look as if it were.
        """
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                kind = _OURS.get(output["ename"])
                said = output["evalue"] if kind else _GENERAL
                told = "" if kind is None else REFUSED if issubclass(kind, errors.NotAllowed) else TOLD
                output.update(ename=told, evalue=said, traceback=[said])
        return cell


class EndKernel(VoilaShutdownKernelHandler):
    """A closed or reloaded page ends its kernel.

    Voila's front end sends no cross-site token, so its own handler answers 403 and the kernel stays. A page of another
    site is known by its Origin instead; another person by the session that the kernel was made for.
    """

    farewell = True

    def check_xsrf_cookie(self) -> None:
        """Raise HTTPError 403 unless the request's Origin is this very host."""
        origin = urlsplit(self.request.headers.get("Origin", ""))
        if origin.netloc.lower() != self.request.host.lower():
            raise tornado.web.HTTPError(403)

    async def post(self, kernel_id: str) -> None:
        """End the kernel of a page that is left. 404 for the kernel of another session."""
        if kernel_id not in self.kernel_manager:  # it ended before its page said so
            self.set_status(204)
            return
        user = self.current_user
        if not isinstance(user, SignedIn) or self.kernel_manager.owner_of(kernel_id) != user.session:
            raise tornado.web.HTTPError(404)
        await cast("Awaitable[None]", super().post(kernel_id))


class StartPage(tornado.web.RequestHandler):
    """`/` leads a person to his work; who only looks to the static overview, who is alone to that of the kernel."""

    leads_to_login = True

    def initialize(self, workbench: Workbench) -> None:
        self.workbench = workbench

    def head(self) -> None:
        """Say who is in: a page left behind comes back by itself only to whom it belongs."""
        user = self.current_user
        person = user.caller.person if isinstance(user, SignedIn) and user.caller else None
        self.set_header(PERSON, quote(person.login if person else ""))
        self.finish()

    def get(self) -> None:
        """Lead on: who has work to it, who only looks to the static overview, who is alone to the kernel's."""
        base = self.settings["base_url"]
        if not self._has_work() and (page := self._written()):
            self.redirect(url_path_join(base, ADDRESS, quote(page)))
            return
        page = MY_WORK if self.settings["has_my_work"] and self._has_work() else OVERVIEW
        self.redirect(url_path_join(base, "voila/render", f"{page}.ipynb"))

    def _written(self) -> str:
        """Return the static page that somebody who only looks begins with, "" where none was written."""
        user = self.current_user
        if not isinstance(user, SignedIn) or user.caller is None or not user.caller.person.login:
            return ""
        try:
            return first_page(bench_of(self.workbench, user)[0])
        except Refused:
            return ""

    def _has_work(self) -> bool:
        user = self.current_user
        person = user.caller.person if isinstance(user, SignedIn) and user.caller else None
        if person is None or not person.login:
            return False
        return {seat.role for seat in person.seats_on(date.today())} != {Role.MANAGEMENT}


class NotFound(tornado.web.RequestHandler):
    """Whatever no handler is for. Voila's own answer would be an English page."""

    leads_to_login = True

    def get(self) -> None:
        raise tornado.web.HTTPError(404)


class AppPage(TornadoVoilaHandler):
    """One app notebook; every other file of the folder does not exist here.

    A form that wakes says for whom and for which scripts it wants a new kernel: another person gets none, and where
    the scripts are of another release the page is loaded anew.
    """

    async def get(self, path: str | None = None) -> None:
        """Render one of our pages. Raises HTTPError 404 for every other path, 409 and 412 where a form cannot wake."""
        if path not in {f"{name}.ipynb" for name in PAGES}:
            raise tornado.web.HTTPError(404)
        expects, user = self.request.headers, self.current_user
        login = user.caller.person.login if isinstance(user, SignedIn) and user.caller else ""
        if expects.get(PERSON) not in (None, quote(login)):
            raise tornado.web.HTTPError(409)
        if expects.get(RELEASE) not in (None, release()):
            raise tornado.web.HTTPError(412)
        await cast("Awaitable[None]", super().get(path))


class XiaobaoPages(Voila):
    """Voila with our handlers in place of its tree, contents and error pages, each behind the gate."""

    hidden: ClassVar[tuple[str, ...]] = ("TornadoVoilaTreeHandler", "VoilaContentsHandler", "AllowListFileHandler")
    certfile = Unicode("", config=True, help="Certificate for TLS.")
    keyfile = Unicode("", config=True, help="Key of the certificate.")
    hosts = List(Unicode(), config=True, help="Names that are answered besides this machine's own.")
    show_link = Bool(False, config=True, help="Open the way in in a browser.")

    workbench: Workbench

    def init_settings(self) -> Any:
        """Let tornado answer unknown paths by `NotFound`."""
        store, rules = self.workbench.store, self.workbench.settings.serve
        self.entrance, self.signer = Entrance(store=store, rules=rules), Signer(store.store_id())
        with store.writing(SERVER) as tx:
            tx.access.add_key(self.signer.id, self.signer.public)
        settings = super().init_settings()
        names = Names.of(rules, self.ip, tuple(self.hosts))
        self.identity_provider.entrance, self.identity_provider.names = self.entrance, names
        self.kernel_manager.entrance, self.kernel_manager.signer = self.entrance, self.signer
        self.kernel_manager.most_awake = rules.awake
        self.kernel_manager.context.max_sockets = _SOCKETS
        self.kernel_manager.allowed_message_types = list(MESSAGES)
        base = self.base_url
        return {
            **settings,
            "names": names,
            "port": self.port,
            "has_my_work": (Path(self.root_dir) / f"{MY_WORK}.ipynb").is_file(),
            "bank": self.workbench.settings.bank,
            "hub": hub_client(rules.hub, self.workbench.home, rules.address, base),
            "login_url": url_path_join(base, "login"),
            "xsrf_cookie_name": f"_xsrf-{self.port}",
            "xsrf_cookie_kwargs": {"httponly": True, "samesite": "Strict", "path": base},
            "kernel_websocket_connection_class": PageConnection,
            "default_handler_class": guarded(NotFound),
            "default_handler_args": {},
        }

    def init_handlers(self) -> list[Any]:
        """Return Voila's handlers without those that list files, two of them replaced by ours, `/` first."""
        kept = [rule for rule in super().init_handlers() if rule[1].__name__ not in self.hidden]
        ours = {TornadoVoilaHandler: AppPage, VoilaShutdownKernelHandler: EndKernel}
        given = {"workbench": self.workbench}
        static = (url_path_join(self.server_url, ADDRESS, "(.*)"), StaticPage, given)
        files = route(self.server_url, self.workbench)
        kept = [
            (self.server_url, StartPage, given),
            static,
            (url_path_join(self.server_url, SCRIPT), BoardScript),
            files,
            *((rule[0], ours.get(rule[1], rule[1]), *rule[2:]) for rule in kept),
        ]
        return [(rule[0], guarded(rule[1]), *rule[2:]) for rule in kept]

    def listen(self) -> None:
        """Serve on the port, and on the proxy's socket where the settings name one, until asked to stop."""
        server = tornado.httpserver.HTTPServer(self.app, ssl_options=self._tls())
        server.listen(self.port, self.ip)
        if path := self.workbench.settings.serve.proxy.socket:
            plain = tornado.httpserver.HTTPServer(self.app)
            plain.add_socket(tornado.netutil.bind_unix_socket(path, mode=0o660))
        address = self.workbench.settings.serve.address.rstrip("/") or self._own_address()
        self._announce(f"{address}{self.base_url}" if not self.entrance.alone() else "")
        self.ioloop = tornado.ioloop.IOLoop.current()
        looking = tornado.ioloop.PeriodicCallback(self.kernel_manager.end_what_is_over, _LOOK_MILLISECONDS)
        looking.start()
        self.renewing = Renewing(self.workbench)
        renewing = tornado.ioloop.PeriodicCallback(self.renewing.look, _RENEW_MILLISECONDS)
        renewing.start()
        starter = WorkStarter(self.workbench.home, self.entrance, self.signer)
        starting = tornado.ioloop.PeriodicCallback(starter.look, LOOK_MILLISECONDS)
        starting.start()
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            self.log.info("Stopping...")
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop, and end the key that this server signed its kernels' tickets with."""
        super().stop()
        self.renewing.stop()
        with self.workbench.store.writing(SERVER) as tx:
            tx.access.end_key(self.signer.id)

    def _tls(self) -> ssl.SSLContext | None:
        if not self.certfile:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certfile, self.keyfile or None)
        return context

    def _own_address(self) -> str:
        named = "127.0.0.1" if self.ip in EVERYWHERE else self.ip
        named = f"[{named}]" if ":" in named else named
        return f"{'https' if self.certfile else 'http'}://{named}:{self.port}"

    def _announce(self, address: str) -> None:
        """Say where to open the pages: where nobody is registered, by a link that is good once."""
        link = OneTimeLink(f"{self._own_address()}{self.base_url}", self._say_link)
        self.app.settings["one_time_link"] = link
        if address:
            print(f"登录页面：{address}", flush=True)  # noqa: T201  whoever runs it reads this
        if self.show_link:
            webbrowser.open(address or link.address)

    def _say_link(self, address: str) -> None:
        if self.entrance.alone():
            print(f"打开页面（单机，未认证；本链接只能用一次）：{address}", flush=True)  # noqa: T201


@cache
def release() -> str:
    """Return what names the scripts of the forms as this server gives them out."""
    scripts = sorted((path.name, path.read_bytes()) for path in (JUPYTER.parents[1] / "forms").glob("*.js"))
    return hashlib.sha256(repr(scripts).encode()).hexdigest()[:16]


def not_his(workbench: Workbench, caller: Caller) -> tuple[str, ...]:
    """Return the pages that the menu leaves out for whoever may see nothing on them; 总行 where not all of it."""
    if not caller.person.login:
        return ()
    if caller.session.unit:
        return (DESK, HEAD_OFFICE)
    bench = replace(workbench, actor=as_actor(caller.person))
    refused = {DESK: bench.may("status.see"), HEAD_OFFICE: bench.may("complaint.see", domain="complaints")}
    granted = RIGHTS["result.see"].granted
    results = any(granted[seat.role] for seat, _ in seats_of(acting(bench)))
    return (*(page for page, why in refused.items() if why), *(() if results else (OVERVIEW, CARD)))


def who_asks(
    page_config: dict[str, Any], workbench: Workbench, units: dict[str, str], rest: int = 0, **_: Any
) -> dict[str, Any]:
    """Tell the page who is signed in, with which token its form signs him out, and after how many seconds it rests."""
    handler = CallContext.get(CallContext.JUPYTER_HANDLER)
    user = handler.current_user
    if isinstance(user, SignedIn) and user.caller is not None:
        words = words_of(user.caller, date.today(), units)
        signs_out = bool(user.caller.person.login) and user.caller.session.kind != "proxy"
        page_config["xiaobao"] = {
            "who": words,
            "login": user.caller.person.login,
            "signs_out": signs_out,
            "xsrf": handler.xsrf_token.decode(),
            "rest": rest,
            "asked": bool(handler.request.query),
            "not_his": list(not_his(workbench, user.caller)),
            "release": release(),
        }
    return page_config


def _allow_many_files() -> None:
    """Open as many files as the system lets this process: a shell allows 1024, enough for seventy kernels."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # where there is no such limit
        import resource

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        least = _SOCKETS if most == resource.RLIM_INFINITY else min(most, _SOCKETS)
        resource.setrlimit(resource.RLIMIT_NOFILE, (least, most))


def main() -> None:
    """Start the server with the arguments of the command line."""
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(JUPYTER), os.environ.get("JUPYTER_PATH", "")]))
    voila.notebook_renderer.VoilaExecutor = QuietExecutor
    voila.handler.NotebookRenderer = PageRenderer
    os.environ[SERVED] = "1"
    logging.getLogger("tornado").setLevel(logging.ERROR)
    _allow_many_files()
    XiaobaoPages.workbench = open_workbench(Path(os.environ["XIAOBAO_HOME"]))
    app = XiaobaoPages.instance()
    app.identity_provider_class, app.authorizer_class = SessionIdentity, OwnKernelsOnly
    app.update_config(Config(FIXED))
    app.initialize()
    there = sorted(path.stem for path in Path(app.root_dir).glob("*.ipynb"))
    voila_settings = app.voila_configuration
    voila_settings.multi_kernel_manager_class = OwnedKernels
    voila_settings.page_config_hook = partial(
        who_asks, workbench=app.workbench, units=ask_names(), rest=app.workbench.settings.serve.rest_seconds
    )
    voila_settings.config.VoilaConfiguration.resources = {
        "bank": app.workbench.settings.bank,
        "pages": [name for name in PAGES if name in there],
    }
    app.start()


if __name__ == "__main__":
    main()
