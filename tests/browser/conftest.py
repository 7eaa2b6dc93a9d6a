"""A real Chromium and a real Voila on loopback; whatever a page asks of another host is recorded, never answered."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pypdf
import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Route, expect, sync_playwright

from tests.browser.people import PASSWORD, Client
from tests.factories.inspections import workbench
from xiaobao.pages.serve import voila_command, voila_environment
from xiaobao.workbench.workspace import Workbench

ROOT = Path(__file__).resolve().parents[2]
# The same Chromium without a surface of its own draws the same pages for a third of the processor.
CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
START_SECONDS = 90
expect.set_options(timeout=30_000)  # a loaded machine draws late; what is there already is not waited for


@dataclass
class Traffic:
    """What a page did that it should not: errors and warnings on the console, requests to other hosts."""

    console: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def assert_clean(self) -> None:
        assert self.outside == []
        assert self.console == []


# What each running server gave this test process for its one-time link: every page of the tests carries them all.
COOKIES: dict[int, list[SetCookieParam]] = {}


@dataclass(frozen=True)
class Served:
    """A running Voila: `address` of a notebook is `served.at("fill")`, with a query if wanted."""

    port: int
    log: Path
    cookies: list[SetCookieParam] = field(default_factory=list)

    def link(self) -> str:
        """Return the link that the server told last."""
        return re.findall(rf"http://127\.0\.0\.1:{self.port}/\S*enter\?token=\S+", self.log.read_text("utf-8"))[-1]

    def at(self, notebook: str, query: str = "") -> str:
        return f"http://127.0.0.1:{self.port}/voila/render/{notebook}.ipynb{'?' + query if query else ''}"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one driver of a test process: a second beside it is refused."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


@pytest.fixture
def page(chromium: Browser, traffic: Traffic) -> Iterator[Page]:
    """A page whose requests to other hosts are refused at once."""
    yield from _watched(chromium, traffic, lambda route: route.abort())


@pytest.fixture
def hanging_page(chromium: Browser, traffic: Traffic) -> Iterator[Page]:
    """A page whose requests to other hosts get no answer at all, as behind a firewall that drops packets."""
    yield from _watched(chromium, traffic, lambda route: None)


def _watched(browser: Browser, traffic: Traffic, outside: Callable[[Route], None]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.set_default_timeout(60_000)
    context.add_cookies([cookie for cookies in COOKIES.values() for cookie in cookies])

    def sort(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in {"data", "blob"} or address.hostname in LOOPBACK:
            route.continue_()
        else:
            traffic.outside.append(route.request.url)
            outside(route)

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            traffic.console.append(f"{message.text} {message.location.get('url', '')}".rstrip())

    context.route("**/*", sort)
    page = context.new_page()
    page.on("console", hear)
    page.on("pageerror", lambda error: traffic.console.append(str(error)))
    yield page
    context.unroute_all(behavior="ignoreErrors")
    context.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"Voila ended early:\n{log.read_text('utf-8', 'replace')[-4000:]}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=5).close()
            return
        except urllib.error.HTTPError:  # it answers, if only that one must come by the link
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"Voila did not come up:\n{log.read_text('utf-8', 'replace')[-4000:]}")


def enter(served: Served) -> list[SetCookieParam]:
    """Come in by the one-time link; return the cookie for browsers."""
    with urllib.request.urlopen(served.link(), timeout=30) as answer:
        told = SimpleCookie(next(text for text in answer.headers.get_all("Set-Cookie") if text.startswith("xiaobao-")))
    address = f"http://127.0.0.1:{served.port}/"
    return [{"name": name, "value": one.value, "url": address, "sameSite": "Strict"} for name, one in told.items()]


def choose(served: Served, login: str) -> list[SetCookieParam]:
    """Come in as one of a demo's people; return the cookie for browsers."""
    client = Client(served.port)
    assert client.post("/login", {"choice": login}).status == 302
    address = f"http://127.0.0.1:{served.port}/"
    return [{"name": name, "value": value, "url": address} for name, value in client.cookies.items()]


def kernel_processes(served: Served) -> list[psutil.Process]:
    """Return the kernels that a server holds: each a child of its zygote."""
    command = f"--port={served.port}"
    [server] = [one for one in psutil.process_iter(["cmdline"]) if command in (one.info["cmdline"] or ())]
    zygotes = [one for one in server.children() if "zygote" in _words_of(one)]
    return [child for zygote in zygotes for child in zygote.children() if "zygote" in _words_of(child)]


def _words_of(process: psutil.Process) -> str:
    """Return a process' command, "" of one that has ended."""
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


@contextlib.contextmanager
def serving(folder: Path, home: Path, log: Path, *, people: bool = False, chosen: str = "") -> Iterator[Served]:
    """Run Voila over the notebooks of `folder` for the workspace `home`; its process group ends with the block.

    With `people` registered nobody is signed in; without, the tests come in by the link that the server tells, or as
    whom of a demo's people was `chosen`.
    """
    port = free_port()
    base = {**os.environ, "NO_PROXY": "*", "PYTHONWARNINGS": "default", "PYTHONPATH": str(ROOT)}
    environment = voila_environment(home, base)
    with log.open("wb") as output:
        process = subprocess.Popen(
            voila_command(home, port, notebooks=folder),
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=str(folder),
            start_new_session=True,
        )
    try:
        _wait_until_up(process, port, log)
        served = Served(port, log)
        if not people:
            served.cookies.extend(choose(served, chosen) if chosen else enter(served))
            COOKIES[port] = served.cookies
        yield served
    finally:
        COOKIES.pop(port, None)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(15)


# What a person cannot get past, or only with trouble; `minor` is left out.
GRAVE = ("moderate", "serious", "critical")
AXE = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations.flatMap(fault =>
    fault.nodes.map(node => [fault.impact, fault.id, node.target.join(' '), node.failureSummary]))"""


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """Return a function that names what axe-core holds against a page as it stands: impact, rule, element, why.

    `assert axe(page) == []` means: nothing moderate, serious or critical. Open what is folded before asking.
    """
    source = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")

    def ask(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate(AXE)
        assert page.evaluate("axe.version"), "axe did not load"
        return [
            f"{impact}: {rule}: {where}: {' '.join(why.split())}"
            for impact, rule, where, why in found
            if impact in GRAVE
        ]

    return ask


def printed(page: Page) -> list[str]:
    """Return the text of each sheet as the PDF has it, without blanks; all are A4."""
    found = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert {tuple(sorted((round(one.mediabox.width), round(one.mediabox.height)))) for one in found} == {(595, 842)}
    return ["".join(unicodedata.normalize("NFKC", one.extract_text()).split()) for one in found]


@pytest.fixture(scope="session")
def serve_notebooks() -> Callable[..., contextlib.AbstractContextManager[Served]]:
    """Return `serving`, for fixtures of one file: `with serve_notebooks(folder, home, log) as served`."""
    return serving


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Served]:
    """The notebooks of the file's `home`, a workspace; where people are registered nobody is signed in yet."""
    wb = workbench(home)
    people = bool(wb.store.kept("people"))
    wb.store.close()
    with serving(home / "notebooks", home, home / "voila.log", people=people) as served:
        yield served


@pytest.fixture
def wb(home: Path) -> Iterator[Workbench]:
    """The file's `home` from the other side: what its pages stored."""
    bench = workbench(home)
    yield bench
    bench.store.close()


SignedIn = Callable[[str], Page]


@contextlib.contextmanager
def browsers(chromium: Browser, served: Served, wait: int = 60_000) -> Iterator[SignedIn]:
    """Return what signs somebody in by the login page, in a browser of his own, and leaves him where he lands.

    `wait` is the patience of each, in milliseconds; all close with the block.
    """
    contexts = []

    def sign_in(login: str) -> Page:
        context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        context.set_default_timeout(wait)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{served.port}/")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.locator(".xb-who")).to_be_visible(timeout=wait)
        return page

    yield sign_in
    for context in contexts:
        context.close()


@pytest.fixture
def signed_in(chromium: Browser, served: Served) -> Iterator[SignedIn]:
    """What signs somebody in, in a browser of his own, for one test."""
    with browsers(chromium, served) as sign_in:
        yield sign_in
