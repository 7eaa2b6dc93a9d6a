"""Fifty people signed in on one SQLite store: twenty fill and save every three seconds, thirty look every ten.

Minutes by XIAOBAO_MINUTES: ten in `make soak`, one in `make test`, after all other tests, for they share two cores.
Printed: p95 of saves and pages in the first and the last minute, memory of the whole tree of processes (PSS, what they
share counts once) at both, and kernels after everybody signed out.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import websocket

from tests.browser.conftest import Served, serving
from tests.browser.people import PASSWORD, Client, register_people
from tests.factories.inspections import DOMAIN, PERIOD, checklist, tiny_workspace, workbench
from tests.factories.page_notebooks import copy_notebooks
from xiaobao.model import Person, Role, Seat
from xiaobao.workbench.importing import import_extract

pytestmark = [pytest.mark.browser, pytest.mark.long]
MINUTES = float(os.environ.get("XIAOBAO_MINUTES", "10"))
FILLING, LOOKING = int(os.environ.get("XIAOBAO_FILLING", "20")), int(os.environ.get("XIAOBAO_LOOKING", "30"))
SAVE_EVERY, LOOK_EVERY = 3.0, 10.0
ITEMS = 200
PATIENCE = 60.0  # seconds after which a person would say that it hangs
UNITS = [f"1{number:04}" for number in range(FILLING)]
ROLES = (Role.REVIEWER, Role.UNIT_HEAD, Role.HEAD_OFFICE, Role.INTERNAL_AUDIT, Role.MANAGEMENT)


@dataclass
class Told:
    """What all of them saw: when each act began (seconds from the start) and how long it took; what went wrong."""

    begun: float = field(default_factory=time.monotonic)
    saves: list[tuple[float, float]] = field(default_factory=list)
    pages: list[tuple[float, float]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, where: list[tuple[float, float]], begun: float) -> None:
        with self.lock:
            where.append((begun - self.begun, time.monotonic() - begun))

    def fault(self, words: str) -> None:
        with self.lock:
            self.faults.append(words)


class Filler:
    """Somebody's browser on the form of his unit, as far as the server sees it."""

    def __init__(self, client: Client, unit: str) -> None:
        self.client, self.unit = client, unit
        self.kept: dict[str, int] = {}

    def open(self) -> None:
        address = f"/voila/render/fill.ipynb?unit={self.unit}&period={PERIOD}&domain={DOMAIN}"
        page = self.client.get(address)
        kernel, model = re.search(r'"kernelId": "([^"]+)"', page.text), re.search(r'"model_id": "([^"]+)"', page.text)
        assert page.status == 200 and kernel and model, page.text[-500:]
        self.model = model[1]
        self.socket = connected(self.client, kernel[1])

    def save(self, turn: int) -> None:
        """Answer an item, or answer it anew, and wait until that is called saved."""
        item = f"c-{turn % ITEMS + 1:02}"
        answer = {"conclusion": "compliant", "note": f"第 {turn} 次", "revision": self.kept.get(item, 0)}
        told = {"method": "custom", "content": {"type": "save", "seq": turn + 1, "items": {item: answer}}}
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "comm_msg", "username": "", "session": "s", "version": "5.3"}
        content = {"comm_id": self.model, "data": told}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.socket.send(json.dumps(message))
        last = time.monotonic() + PATIENCE
        while time.monotonic() < last:
            heard = json.loads(self.socket.recv())
            said = heard.get("content", {}).get("data", {}).get("content", {})
            if heard.get("msg_type") == "comm_msg" and said.get("seq") == turn + 1:
                assert item in said.get("saved", {}), said
                self.kept[item] = said["saved"][item]["revision"]
                return
        raise TimeoutError(f"not called saved within {PATIENCE:.0f} s")


def connected(client: Client, kernel: str) -> websocket.WebSocket:
    opened = websocket.WebSocket()
    opened.settimeout(60)
    address = f"ws://127.0.0.1:{client.port}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
    opened.connect(address, cookie=client.cookie(), origin=f"http://127.0.0.1:{client.port}")
    return opened


def look(client: Client, address: str) -> None:
    """Open a page as a browser does, and leave it: its kernel ends. A drawn page asks no kernel and loads no script."""
    page = client.get(address)
    assert page.status == 200 and 'class="xb-error"' not in page.text, page.text[-500:]
    if "window.voila_finish();" not in page.text:
        return
    kernel = re.search(r'"kernelId": ?"([^"]+)"', page.text)
    assert kernel, page.text[-500:]
    connected(client, kernel[1]).close()
    left = client.ask("POST", f"/voila/api/shutdown/{kernel[1]}", Origin=f"http://127.0.0.1:{client.port}")
    assert left.status < 300, (left.status, left.text[:300])


def work(told: Told, until: float, every: float, kind: list[tuple[float, float]], act: Callable[[int], None]) -> None:
    """Act again and again, at the pace of a person, until the end."""
    turn = 0
    while time.monotonic() < until:
        begun = time.monotonic()
        try:
            act(turn)
        except Exception as error:  # noqa: BLE001 — whatever a person would see is counted
            told.fault(f"{type(error).__name__}: {error}"[:400])
        told.note(kind, begun)
        turn += 1
        time.sleep(max(0.0, min(begun + every, until) - time.monotonic()))


def p95(found: list[tuple[float, float]], since: float, until: float) -> float:
    took = sorted(seconds for begun, seconds in found if since <= begun < until)
    return took[int(len(took) * 0.95)] if took else 0.0


def server_of(served: Served) -> psutil.Process:
    mark = f"--port={served.port}"
    return next(one for one in psutil.process_iter(["cmdline"]) if mark in (one.info["cmdline"] or ()))


def memory_of(server: psutil.Process) -> int:
    """Return bytes of the server and its kernels, what they share counted once."""
    total = 0
    for one in (server, *server.children(recursive=True)):
        try:
            lines = Path(f"/proc/{one.pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
    return total


def processes_of(server: psutil.Process) -> int:
    return len(server.children(recursive=True))


def settled(server: psutil.Process) -> int:
    """Return how many processes there are with nobody's page open: what starts and waits warm."""
    seen = [processes_of(server)]
    while len(seen) < 6 or len(set(seen[-6:])) > 1:
        time.sleep(0.5)
        seen.append(processes_of(server))
    return seen[-1]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    home = tiny_workspace(tmp_path / "bank", sheet=checklist(ITEMS))
    copy_notebooks(home, "fill", "my_work")
    wb = workbench(home)
    head = "机构号,机构名称,层级,上级机构号,地区,业务开办清单,是否检查对象\n01,总行,总行,,,储蓄,否\n"
    rows = "".join(f"{unit},支行{unit},支行,01,城关,储蓄,是\n" for unit in UNITS)
    (home / "all.csv").write_text(head + rows, "utf-8")
    import_extract(wb, "units", [home / "all.csv"], PERIOD, replace=True)
    fill = [Person(login=f"f{n}", name=f"联络员{n}", seats=(Seat(unit=n, role=Role.FILLER),)) for n in UNITS]
    lookers = [
        Person(login=f"l{n}", name=f"查看{n}", seats=(Seat(unit="01", role=ROLES[n % len(ROLES)]),))
        for n in range(LOOKING)
    ]
    wb.store.close()
    register_people(home, *fill, *lookers)
    return home


@pytest.fixture
def served(bank: Path) -> Iterator[Served]:
    running: AbstractContextManager[Served] = serving(bank / "notebooks", bank, bank / "voila.log", people=True)
    with running as up:
        yield up


def signed_in(served: Served, login: str) -> Client:
    client = Client(served.port)
    assert client.sign_in(login, PASSWORD).status == 302, login
    return client


@pytest.mark.timeout(int(MINUTES * 60) + 900)
def test_fifty_people_on_sqlite_without_an_error(bank: Path, served: Served) -> None:
    server = server_of(served)
    look(warm := signed_in(served, "l0"), "/voila/render/my_work.ipynb")
    warm.post_out("my_work")
    idle = settled(server)
    fillers = [Filler(signed_in(served, f"f{unit}"), unit) for unit in UNITS]
    lookers = [signed_in(served, f"l{number}") for number in range(LOOKING)]
    for one in fillers:
        one.open()
    told = Told()
    until = told.begun + MINUTES * 60
    looked = [
        "/voila/render/my_work.ipynb",
        f"/voila/render/fill.ipynb?unit={UNITS[0]}&period={PERIOD}&domain={DOMAIN}",
    ]
    everybody: list[Any] = [
        *((SAVE_EVERY, told.saves, one.save) for one in fillers),
        *((LOOK_EVERY, told.pages, lambda turn, one=one: look(one, looked[turn % 2])) for one in lookers),
    ]
    threads = []
    for number, (every, kind, act) in enumerate(everybody):
        threads.append(threading.Thread(target=_late, args=(number * every / 50, work, told, until, every, kind, act)))
        threads[-1].start()
    memory: list[int] = []
    while any(one.is_alive() for one in threads):
        memory.append(memory_of(server))
        time.sleep(5)
    for client in (*(one.client for one in fillers), *lookers):  # the token of a form is good for the next one too
        assert client.ask("POST", "/logout", {"_xsrf": client.cookies[f"_xsrf-{client.port}"]}).status == 302
    for one in fillers:
        one.socket.shutdown()
    deadline = time.monotonic() + 60
    while (left := processes_of(server) - idle) > 0 and time.monotonic() < deadline:
        time.sleep(1)
    last = MINUTES * 60 - 60
    for name, kind in (("saves", told.saves), ("pages", told.pages)):
        first, end = p95(kind, 0, 60), p95(kind, max(last, 0), MINUTES * 60)
        print(f"{len(kind)} {name}: p95 {first:.2f} s in the first minute, {end:.2f} s in the last")
    print(
        f"memory {memory[min(12, len(memory) - 1)] / 1e9:.2f} GB after a minute, {memory[-1] / 1e9:.2f} GB at the end"
    )
    print(f"{len(told.faults)} errors; {max(left, 0)} kernels left after everybody signed out")
    assert told.faults == []
    assert left <= 0
    held_to_what_was_saved(bank, fillers)


def held_to_what_was_saved(bank: Path, fillers: list[Filler]) -> None:
    wb = workbench(bank)
    campaign = wb.campaign(PERIOD)
    for one in fillers:
        record = wb.store.inspection(campaign.id, one.unit, DOMAIN)
        assert record is not None
        known = wb.store.responses(record.id)
        assert {item: known[item].revision for item in one.kept} == one.kept
    assert wb.store.verify() == []
    wb.store.close()


def _late(wait: float, act: Callable[..., None], *given: Any) -> None:
    time.sleep(wait)
    act(*given)
