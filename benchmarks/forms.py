"""Many open forms on one server: memory while they rest and while some are worked on, and how soon one is awake.

    python benchmarks/forms.py [--quick] [--forms N] [--active N] [--awake N] [--json FILE]

Each person has a unit and a session of his own, opens the form over HTTP, connects to its kernel and answers one item;
then it is as good as left alone. Of more than `awake` kernels the server lets the longest untouched rest. Then `active`
of the people come back, the longest rested first, in the way that a form wakes, and answer an item every few seconds.
Memory is PSS of the server's whole tree (what processes share counts once). The last part types in a real Chromium:
200 answers at 20 a second, and how soon a form of 120 items is usable beside an empty page of Voila as it comes, with
its own server and template. Our own empty page stands beside them: it needs no script of Voila, so it is no yardstick.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import nbformat
import psutil
import websocket
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.measuring import pss_of_tree
from tests.browser.conftest import ARGUMENTS, CHROMIUM, ROOT, Served, free_port, serving
from tests.factories.inspections import DOMAIN, PERIOD, checklist, tiny_workspace, workbench
from xiaobao.model import Actor, Person, Role, Seat
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.signing_in import Entrance

ITEMS, ANSWERS = 120, 200
_FURTHER = 5  # items of the sheet beside those that only ask for a conclusion
_PACE = 4.0  # seconds between two answers of somebody at work
# Answer one item after another, 20 a second; note when each card is called saved.
_TYPING = """async (count) => {
  const cards = [...document.querySelectorAll('.xf-item')].filter((card) => card.querySelector('input[type=radio]'));
  const told = [];
  const open = new Map();
  new MutationObserver(() => {
    for (const [card, at] of open) {
      if (card.classList.contains('xf-unsaved') || !card.querySelector('.xf-meta').textContent) continue;
      told.push(performance.now() - at);
      open.delete(card);
    }
  }).observe(document.querySelector('.xf-main'), { subtree: true, attributes: true, childList: true });
  const begun = performance.now();
  for (let number = 0; number < count; number += 1) {
    const wait = begun + number * 50 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    open.set(cards[number], performance.now());
    cards[number].querySelector('input[type=radio]').click();
  }
  const took = performance.now() - begun;
  while (open.size && performance.now() - begun < 90000) await new Promise((resolve) => setTimeout(resolve, 20));
  return { told, took, open: open.size };
}"""


class Liaison:
    """Somebody's browser as far as the server sees it: a cookie, a kernel, a socket."""

    def __init__(self, port: int, number: str, unit: str) -> None:
        self.port, self.unit = port, unit
        self.cookie = f"xiaobao-{port}={number}"
        self.socket: websocket.WebSocket | None = None
        self.answers = 0

    def open(self, waking: bool = False) -> None:
        """Open the form, or take a new kernel for one that rests, as its page does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=180)
        page = (
            f"/voila/render/fill.ipynb?unit={self.unit}&period={PERIOD}&domain={DOMAIN}{'&waking=1' if waking else ''}"
        )
        connection.request("GET", page, headers={"Cookie": self.cookie})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status == 200, answer.status
        kernel, model = re.search(r'"kernelId": "([^"]+)"', text), re.search(r'"model_id": "([^"]+)"', text)
        assert kernel, text[-2000:]
        assert model, text[-2000:]
        self.model = model[1]
        self.socket = websocket.WebSocket()
        self.socket.settimeout(120)
        address = f"ws://127.0.0.1:{self.port}/api/kernels/{kernel[1]}/channels?session_id={uuid.uuid4().hex}"
        self.socket.connect(address, cookie=self.cookie, origin=f"http://127.0.0.1:{self.port}")

    def answer(self) -> float:
        """Answer one more item; return seconds until it was called saved."""
        assert self.socket is not None
        self.answers += 1
        seq, begun = self.answers, time.perf_counter()
        items = {f"c-{self.answers:02}": {"conclusion": "compliant", "revision": 0}}
        told = {"method": "custom", "content": {"type": "save", "seq": seq, "items": items}}
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "comm_msg", "username": "", "session": "s", "version": "5.3"}
        content = {"comm_id": self.model, "data": told}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.socket.send(json.dumps(message))
        while True:
            heard = json.loads(self.socket.recv())
            said = heard.get("content", {}).get("data", {}).get("content", {})
            if heard.get("msg_type") == "comm_msg" and said.get("seq") == seq:
                assert said.get("saved"), said
                return time.perf_counter() - begun

    def alive(self) -> bool:
        """Tell whether the kernel is still there: the server closes the socket of one that rests."""
        assert self.socket is not None
        try:
            self.socket.settimeout(0.01)
            while self.socket.recv():
                pass
        except websocket.WebSocketTimeoutException:
            self.socket.settimeout(120)
            return True
        except (websocket.WebSocketException, OSError):
            pass
        return False


def bank(folder: Path, items: int, units: int, awake: int) -> tuple[Path, list[tuple[str, str]]]:
    """Return a workspace of so many units with a person each, and (number of a session, unit) of each."""
    home = tiny_workspace(folder / str(items), sheet=checklist(items))
    shutil.copy(ROOT / "notebooks" / "fill.ipynb", home / "notebooks")
    with (home / "xiaobao.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[serve]\nawake = {awake}\n")
    empty = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# 空页\n\n没有内容")])
    empty.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(empty, home / "notebooks" / "overview.ipynb")
    wb = workbench(home, Actor(name="评测", verified=True))
    names = [f"1{number:04}" for number in range(units)]
    rows = [f"{name},支行{name},支行,01,城关,储蓄、贷款,是" for name in names]
    head = "机构号,机构名称,层级,上级机构号,地区,业务开办清单,是否检查对象\n01,总行,总行,,,储蓄,否\n"
    (home / "all.csv").write_text(head + "\n".join(rows) + "\n", "utf-8")
    import_extract(wb, "units", [home / "all.csv"], PERIOD, replace=True)
    people = [Person(login=f"p{n}", name=f"联络员{n}", seats=(Seat(unit=n, role=Role.FILLER),)) for n in names]
    with wb.store.writing(wb.actor) as tx:
        tx.save_kept("people", "add", people)
        tx.mark_sample()
    entrance = Entrance(store=wb.store, rules=wb.settings.serve)
    numbers = [(entrance.by_choice(f"p{name}"), name) for name in names]
    wb.store.close()
    return home, numbers


def server_of(served: Served) -> int:
    """Return the process of the server."""
    mark = f"--port={served.port}"
    return next(one.pid for one in psutil.process_iter(["cmdline"]) if mark in (one.info["cmdline"] or ()))


def quantile(values: list[float], share: float) -> float:
    return round(sorted(values)[min(int(len(values) * share), len(values) - 1)], 2)


def many_forms(served: Served, numbers: list[tuple[str, str]], active: int) -> dict[str, Any]:
    """Open all forms, answer each once, let them rest; wake `active` of them and work on."""
    pid, peak = server_of(served), 0
    people = [Liaison(served.port, number, unit) for number, unit in numbers]
    begun = time.perf_counter()
    for number, person in enumerate(people):
        person.open()
        person.answer()
        if number % 10 == 9:
            peak = max(peak, pss_of_tree(pid))
            print(number + 1, "opened", f"{peak / 1e9:.2f} GB", flush=True)
    opening = time.perf_counter() - begun
    resting = [one for one in people if not one.alive()]
    woken, saved, woke_all = [], [], threading.Event()

    def work(person: Liaison) -> None:
        """Answer on and on, from one's waking until half a minute after the last one's: a socket left alone closes."""
        ended = float("inf")
        while time.monotonic() < ended and person.answers < ANSWERS:
            time.sleep(_PACE)
            saved.append(person.answer())
            if woke_all.is_set():
                ended = min(ended, time.monotonic() + 30)

    threads = []
    for person in resting[:active]:
        before = time.perf_counter()
        person.open(waking=True)
        person.answer()
        woken.append(time.perf_counter() - before)
        threads.append(threading.Thread(target=work, args=(person,)))
        threads[-1].start()
    woke_all.set()
    while any(one.is_alive() for one in threads):
        peak = max(peak, pss_of_tree(pid))
        time.sleep(2)
    return {
        "forms": len(people),
        "opened_s": round(opening),
        "at_rest": len(resting),
        "awake_s": {"median": round(statistics.median(woken), 2), "p95": quantile(woken, 0.95)} if woken else None,
        "active": len(threads),
        "saves": len(saved),
        "saved_s": {"median": round(statistics.median(saved), 2), "p95": quantile(saved, 0.95)} if saved else None,
        "peak_GB": round(peak / 1e9, 2),
    }


def form_page(browser: Browser, served: Served, number: str) -> Page:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.set_default_timeout(120_000)
    address = f"http://127.0.0.1:{served.port}/"
    context.add_cookies([{"name": f"xiaobao-{served.port}", "value": number, "url": address}])
    return context.new_page()


def typing(browser: Browser, served: Served, number: str, unit: str) -> dict[str, Any]:
    """Give 200 answers at 20 a second; return how many were called saved, and when.

    The form is drawn before its way to the kernel stands, and holds what is answered till then; that wait is told by
    itself, and the typing begins after it.
    """
    page = form_page(browser, served, number)
    page.goto(served.at("fill", f"unit={unit}&period={PERIOD}&domain={DOMAIN}"))
    page.wait_for_selector(".xf-item")
    drawn = time.perf_counter()
    page.wait_for_selector(".xf:not(.xf-early)")
    connected = time.perf_counter() - drawn
    found = page.evaluate(_TYPING, ANSWERS)
    told = [one / 1000 for one in found["told"]]
    page.context.close()
    return {
        "connected_after_s": round(connected, 2),
        "answers": ANSWERS,
        "acknowledged": len(told),
        "typed_in_s": round(found["took"] / 1000, 1),
        "median_s": round(statistics.median(told), 2),
        "p95_s": quantile(told, 0.95),
    }


@contextlib.contextmanager
def bare_voila(folder: Path) -> Iterator[str]:
    """Run Voila as it comes over an empty notebook; yield the address of its page."""
    port = free_port()
    command = [sys.executable, "-m", "voila", str(folder / "notebooks" / "overview.ipynb"), f"--port={port}"]
    with (folder / "bare.log").open("wb") as log:
        process = subprocess.Popen([*command, "--no-browser"], stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(600):
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(address, timeout=60).close()
                break
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def usable(browser: Browser, served: Served, number: str, unit: str, bare: str, rounds: int) -> dict[str, Any]:
    """Open the form and empty pages in turns; return medians of the seconds until each can be used."""
    subjects = {
        "voila": (bare, "h1"),
        "empty": (served.at("overview"), "#rendered_cells h1"),
        "form": (served.at("fill", f"unit={unit}&period={PERIOD}&domain={DOMAIN}"), ".xf-item input[type=radio]"),
    }
    took: dict[str, list[float]] = {name: [] for name in subjects}
    page = form_page(browser, served, number)
    for turn in range(rounds + 1):
        for name, (address, ready) in subjects.items():
            begun = time.perf_counter()
            page.goto(address, wait_until="commit")
            page.wait_for_selector(ready)
            if turn:  # the first fills the caches
                took[name].append(time.perf_counter() - begun)
    page.context.close()
    middle = {name: round(statistics.median(values), 2) for name, values in took.items()}
    return {**middle, "items": ITEMS, "rounds": rounds, "ratio": round(middle["form"] / middle["voila"], 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="24 forms of which 6 are awake, three rounds")
    parser.add_argument("--forms", type=int, default=400)
    parser.add_argument("--active", type=int, default=40)
    parser.add_argument("--awake", type=int, default=80)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    forms, active, awake, rounds = (24, 6, 8, 3) if given.quick else (given.forms, given.active, given.awake, 9)
    told: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as kept, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        home, numbers = bank(Path(kept), ITEMS - _FURTHER, 1, awake)
        with serving(home / "notebooks", home, home / "voila.log", people=True) as served, bare_voila(home) as bare:
            told["open"] = usable(browser, served, *numbers[0], bare, rounds)
            print(told["open"], flush=True)
        home, numbers = bank(Path(kept), ANSWERS, forms + 1, awake)
        with serving(home / "notebooks", home, home / "voila.log", people=True) as served:
            told["typing"] = typing(browser, served, *numbers[-1])
            print(told["typing"], flush=True)
            browser.close()
            told["forms"] = many_forms(served, numbers[:-1], active)
            print(told["forms"], flush=True)
    if given.json:
        given.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
