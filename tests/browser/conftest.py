"""A real Chromium and a real Voila on loopback; whatever a page asks of another host is recorded, never answered."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

from xiaobao.pages.serve import voila_command, voila_environment

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
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


@dataclass
class Traffic:
    """What a page did that it should not: errors on the console, requests to other hosts."""

    console_errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def assert_clean(self) -> None:
        assert self.outside == []
        assert self.console_errors == []


@dataclass(frozen=True)
class Served:
    """A running Voila: `address` of a notebook is `served.at("fill")`, with a query if wanted."""

    port: int
    log: Path

    def at(self, notebook: str, query: str = "") -> str:
        return f"http://127.0.0.1:{self.port}/voila/render/{notebook}.ipynb{'?' + query if query else ''}"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
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

    def sort(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in {"data", "blob"} or address.hostname in LOOPBACK:
            route.continue_()
        else:
            traffic.outside.append(route.request.url)
            outside(route)

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            traffic.console_errors.append(message.text)

    context.route("**/*", sort)
    page = context.new_page()
    page.on("console", hear)
    page.on("pageerror", lambda error: traffic.console_errors.append(str(error)))
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
            urllib.request.urlopen(f"http://127.0.0.1:{port}/voila/render/none.ipynb", timeout=2).close()
        except urllib.error.HTTPError:  # it answers, and no kernel was started for the question
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"Voila did not come up:\n{log.read_text('utf-8', 'replace')[-4000:]}")


@contextlib.contextmanager
def serving(folder: Path, home: Path, log: Path) -> Iterator[Served]:
    """Run Voila over the notebooks of `folder` for the workspace `home`; its process group ends with the block."""
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
        yield Served(port, log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(15)


@pytest.fixture(scope="session")
def serve_notebooks() -> Callable[..., contextlib.AbstractContextManager[Served]]:
    """Return `serving`, for fixtures of one file: `with serve_notebooks(folder, home, log) as served`."""
    return serving
