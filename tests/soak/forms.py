"""Somebody fills a form while kernel, server or browser is killed: what he was told is saved, and what he typed."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path

import psutil
from playwright.sync_api import BrowserContext, Error, Page, Playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, ROOT, free_port
from tests.browser.people import LI, WANG, Client, register_people
from tests.factories.inspections import DOMAIN, PERIOD, UNIT, tiny_workspace, workbench
from tests.factories.page_notebooks import copy_notebooks
from xiaobao.model import Actor
from xiaobao.pages.serve import voila_command, voila_environment
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.workspace import Workbench

ITEMS = 40
BACK_SECONDS = 5.0  # after the recovery: by then what was typed stands on the page again
_STORED_SECONDS = 60.0
_WORDS = "抽查业务资料十件逐件核对办理时限答复内容客户签收情况均与登记一致未见异常"
# Every item with a note, whether the page calls it unsaved, and whether its answer is stored.
_SHOWN = """() => [...document.querySelectorAll('.xf-item')].map(card => {
  const box = card.querySelector('[data-name=note]');
  return [card.dataset.item, box ? box.value : '', card.classList.contains('xf-unsaved')]; })"""


@dataclass
class Tally:
    """Blows by kind; characters typed that were not yet called saved, those that were back in time; answers lost."""

    blows: dict[str, int] = field(default_factory=dict)
    typed: int = 0
    back: int = 0
    lost: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def line(self) -> str:
        return (
            f"{self.blows}: {len(self.lost)} acknowledged answers lost, {self.back} of {self.typed} characters not yet "
            f"saved back within {BACK_SECONDS:.0f} s, all stored after {self.slowest:.1f} s at the latest"
        )


def bank(folder: Path) -> Path:
    """Return a workspace with one form of forty items and 王五, who fills it."""
    home = tiny_workspace(folder / "bank", ITEMS)
    copy_notebooks(home, "fill")
    register_people(home, WANG, LI)
    return home


class Server:
    """The pages' server on one port, however often it is killed."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self.start()

    def start(self) -> None:
        """Start it and return once it answers."""
        base = {**os.environ, "NO_PROXY": "*", "PYTHONPATH": str(ROOT)}
        with (self.home / "voila.log").open("ab") as log:
            self.process = subprocess.Popen(
                voila_command(self.home, self.port),
                stdout=log,
                stderr=log,
                env=voila_environment(self.home, base),
                cwd=self.home / "notebooks",
                start_new_session=True,
            )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/login", timeout=5).close()
                return
            time.sleep(0.1)
        raise AssertionError((self.home / "voila.log").read_text("utf-8", "replace")[-3000:])

    def kernels(self) -> list[psutil.Process]:
        zygotes = [one for one in psutil.Process(self.process.pid).children() if "zygote" in " ".join(one.cmdline())]
        return [child for zygote in zygotes for child in zygote.children()]

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(15)


class Desk:
    """A browser with a profile that outlives it, and 王五's form in it."""

    def __init__(self, playwright: Playwright, server: Server, folder: Path) -> None:
        self.playwright, self.server, self.folder = playwright, server, folder / "profile"
        client = Client(server.port)
        assert client.sign_in("wang").status == 302
        self.cookies = client.cookies
        self.open()

    def open(self) -> None:
        """Start the browser and open the form."""
        self.context: BrowserContext = self.playwright.chromium.launch_persistent_context(
            str(self.folder), executable_path=CHROMIUM, headless=True, args=ARGUMENTS, locale="zh-CN"
        )
        self.context.set_default_timeout(90_000)
        address = f"http://127.0.0.1:{self.server.port}"
        self.context.add_cookies([{"name": n, "value": v, "url": f"{address}/"} for n, v in self.cookies.items()])
        self.page: Page = self.context.pages[0]
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.goto(f"{address}/voila/render/fill.ipynb?unit={UNIT}&period={PERIOD}&domain={DOMAIN}")
        self.page.wait_for_selector(".xf-item")

    def kill(self) -> None:
        """Kill the browser as the system does: nothing is written any more."""
        mark = f"--user-data-dir={self.folder}"
        for one in psutil.process_iter(["cmdline"]):
            line = one.info["cmdline"] or []
            if mark in line and not any(word.startswith("--type=") for word in line):
                one.kill()

    def reopen(self) -> None:
        with contextlib.suppress(Error):
            self.context.close()
        (self.folder / "SingletonLock").unlink(missing_ok=True)
        self.open()

    def notes(self) -> dict[str, tuple[str, bool]]:
        """Return note by item as it stands on the page, and whether the page calls it unsaved."""
        return {item: (note, unsaved) for item, note, unsaved in self.page.evaluate(_SHOWN)}


@contextlib.contextmanager
def at_work(playwright: Playwright, folder: Path) -> Iterator[tuple[Server, Desk]]:
    server = Server(bank(folder))
    try:
        desk = Desk(playwright, server, folder)
        yield server, desk
        desk.context.close()
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.kill()


def strike(kind: str, server: Server, desk: Desk) -> None:
    if kind == "server":
        server.kill()
    elif kind == "browser":
        desk.kill()
    else:
        for kernel in server.kernels():
            with contextlib.suppress(psutil.NoSuchProcess):
                kernel.kill()


def fill(
    desk: Desk, chance: random.Random, number: int, until: threading.Event
) -> tuple[dict[str, str], dict[str, str]]:
    """Answer and write until the blow has fallen; return what was called saved, and what stood on the page, by item."""
    acknowledged: dict[str, str] = {}
    shown: dict[str, str] = {}
    with contextlib.suppress(Error):  # the browser is gone
        while not until.is_set():
            item = f"c-{chance.randint(1, ITEMS):02}"
            card = desk.page.locator(f'[data-item="{item}"]')
            if chance.random() < 0.5:
                card.get_by_role("radio", name="符合", exact=True).check(timeout=2000)
            card.locator("[data-name=note]").fill("", timeout=2000)
            text = f"{number}之{len(shown)}：" + "".join(chance.sample(_WORDS, chance.randint(4, 16)))
            for at in range(0, len(text), 3):
                desk.page.keyboard.type(text[at : at + 3], delay=chance.uniform(5, 60))
                for name, (note, unsaved) in desk.notes().items():
                    if note:
                        shown[name] = note
                        if not unsaved:
                            acknowledged[name] = note
                if until.is_set():
                    break
    return acknowledged, shown


def blow(
    kind: str, server: Server, desk: Desk, wb: Workbench, chance: random.Random, number: int, tally: Tally
) -> None:
    """One blow while he fills the form, the recovery, and what came of it."""
    fallen = threading.Event()

    def fall() -> None:
        strike(kind, server, desk)
        fallen.set()

    timer = threading.Timer(chance.uniform(0.2, 2.0), fall)
    timer.start()
    acknowledged, shown = fill(desk, chance, number, fallen)
    timer.join()
    if kind == "server":
        server.start()
    if kind == "browser":
        desk.reopen()
    recovered = time.monotonic()
    open_notes = {item: note for item, note in shown.items() if acknowledged.get(item) != note}
    tally.typed += sum(map(len, open_notes.values()))
    back = 0
    while (back := _back(desk, open_notes)) < sum(map(len, open_notes.values())):
        if time.monotonic() - recovered > BACK_SECONDS:
            break
        time.sleep(0.1)
    tally.back += back
    while not re.match("已保存|没有", said := desk.page.inner_text(".xf-save")):
        words = desk.page.locator(".xf-banner, .xf-faults, .xf-both").all_inner_texts()
        assert time.monotonic() - recovered < _STORED_SECONDS, f"{kind} {number}: {said} {[w for w in words if w]}"
        time.sleep(0.1)
    tally.slowest = max(tally.slowest, time.monotonic() - recovered)
    kept = stored_notes(wb)
    later = {item: note for item, (note, _) in desk.notes().items()}
    tally.lost += [
        f"{kind} {number} {i}: {n}" for i, n in acknowledged.items() if kept.get(i) not in (n, shown[i], later[i])
    ]
    tally.lost += [f"{kind} {number} {i}: not stored" for i, note in later.items() if note and kept.get(i) != note]
    tally.blows[kind] = tally.blows.get(kind, 0) + 1


def _back(desk: Desk, expected: dict[str, str]) -> int:
    """Return how many characters of the notes stand on the page, from each beginning on."""
    there = desk.notes()
    alike = 0
    for item, note in expected.items():
        pairs = zip(note, there.get(item, ("", False))[0], strict=False)
        alike += len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    return alike


def stored_notes(wb: Workbench) -> dict[str, str]:
    sheet = inspecting.open_form(wb, UNIT, PERIOD, DOMAIN)
    return {item: entry.response.note for item, entry in sheet.items.items() if entry.response.note}


def bench(home: Path) -> Workbench:
    """The workbench in the hands of 王五."""
    return replace(workbench(home), actor=Actor(name=WANG.name, verified=True, login=WANG.login))
