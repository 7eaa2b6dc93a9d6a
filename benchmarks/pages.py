"""Pages: what writing static scorecards costs, how soon they show their numbers, and how a filter answers.

    python benchmarks/pages.py [--quick] [--rounds N] [--json FILE] [--no-peers] [--no-store] [--peers PYTHON]

Runs on the development environment of the checkout with Chromium. Rounds are taken in turns over all subjects, medians
are given; each page is opened with an empty cache and again with a warm one, until ranking and heat map show their
numbers. Peers show the same units, figures and filters, and before anything is measured the page of each is read back:
Streamlit and Panel from `.venv-page-peers` (`make pagepeers`), stock Voila over the product's own notebook with and
without kernels heated before, and two static pages from npm, of Observable Framework and of Vite. A server has come to
rest before its page is asked for: what it heats for the next viewer is on nobody's account. What is read through a
store comes from `large_bank.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import re
import shutil
import statistics
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
from msgspec.structs import replace
from playwright.async_api import async_playwright
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.large_bank import write_bank as write_large_bank
from benchmarks.measuring import pss_of_tree
from benchmarks.page_peers import build_static, running, voila, write_rows
from tests.browser.conftest import CHROMIUM, serving
from tests.factories.page_notebooks import write_page_workspace
from tests.factories.pages import make_card, make_overview
from tests.factories.static_pages import book_of, bridge
from xiaobao.features.appraisal.trying_weights import try_weights
from xiaobao.features.scorecards.composing import compose
from xiaobao.features.scorecards.packing import Pack
from xiaobao.features.scorecards.unit_page import MADE
from xiaobao.workbench.results.reading import overview


@dataclass(frozen=True)
class Subject:
    """A page, what must stand on it, and with which cookies it is asked for; `pid` of the server that makes it."""

    address: str
    shown: str
    cookies: list[Any] = field(default_factory=list)
    filters: bool = False
    pid: int = 0


PEERS = Path(__file__).resolve().parents[1] / ".venv-page-peers" / "bin" / "python"
PERIODS = ("2024H2", "2025H1", "2025H2", "2026H1")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
_IDLE, _LONGEST_WAIT = 0.05, 30.0  # of one processor; seconds
_FILTERS = """() => [['region', '县域'], ['grade', 'D'], ['level', 'outlet']].map(([name, value]) => {
  const select = document.querySelector(`select[name=${name}]`); const from = performance.now();
  select.value = value; select.dispatchEvent(new Event('change')); document.body.offsetHeight;
  return performance.now() - from; })"""
_TEXTS = """() => { const found = [];
  const walk = (node) => { for (const one of node.childNodes) {
    if (one.nodeType === Node.TEXT_NODE) found.push(one.data);
    else if (one.nodeType === Node.ELEMENT_NODE && !["SCRIPT", "STYLE"].includes(one.tagName)) {
      if (one.shadowRoot) walk(one.shadowRoot);
      walk(one); } } };
  walk(document.body); return found.join("\\n"); }"""
_FIGURE = re.compile(r"(?<![0-9.])[0-9]+\.[0-9]{2}(?![0-9])")


def write_bank(folder: Path, units: int) -> tuple[Path, dict[str, float]]:
    """Write all pages of the newest of four periods; return the overview, ms a unit on the clock and of processor."""
    whole = make_overview(units)
    card = replace(make_card(), bridge=bridge(*(f"{n}.25" for n in range(-6, 7) if n)))
    tops = [row.unit.id for row in whole.rows[:: max(1, units // 40)]]
    subtrees = {
        top: frozenset(row.unit.id for row in whole.rows[at * (units // len(tops)) : (at + 1) * (units // len(tops))])
        for at, top in enumerate(tops)
    }
    earlier: list[Pack] = []
    told: dict[str, float] = {}
    for number, period in enumerate(PERIODS, 1):
        book = book_of(replace(whole, period=period), subtrees=subtrees)
        book = replace(book, campaign=replace(book.campaign, id=number, period=period))
        home = folder / period / f"批次{number}"
        newest = period == PERIODS[-1]
        written: list[str] = []

        def put(name: str, text: str, home: Path = home, newest: bool = newest, written: list[str] = written) -> None:
            if newest:
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                (home / name).write_text(text.replace(MADE, "2026-07-06 09:30"), "utf-8")
                written.append(name)

        begun, busy = time.perf_counter(), time.process_time()
        earlier = [compose(book, ((row.unit.id, card) for row in whole.rows), earlier, put), *earlier]
        took = {"ms a unit": time.perf_counter() - begun, "of processor": time.process_time() - busy}
        told = {name: round(seconds / units * 1000, 2) for name, seconds in took.items()} | {"pages": len(written)}
    return home / "overview.html", told


class _Gzipped(SimpleHTTPRequestHandler):
    """Gives files out compressed, as the product's own server does."""

    def do_GET(self) -> None:
        place = Path(self.translate_path(self.path))
        if not place.is_file():
            self.send_error(404)
            return
        body = gzip.compress(place.read_bytes(), 6)
        self.send_response(200)
        for name, value in (("Content-Type", self.guess_type(str(place))), ("Content-Encoding", "gzip")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def giving_out(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback; yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Gzipped, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def come_to_rest(pid: int) -> None:
    """Wait until a server and all its kernels have nothing more to do, at most half a minute."""
    busy, until = _seconds_of_tree(pid), time.perf_counter() + _LONGEST_WAIT
    while pid and time.perf_counter() < until:
        time.sleep(0.5)
        before, busy = busy, _seconds_of_tree(pid)
        if busy - before < _IDLE / 2:
            break


def _seconds_of_tree(pid: int) -> float:
    if not pid:
        return 0.0
    server = psutil.Process(pid)
    spent = 0.0
    for one in (server, *server.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            spent += sum(one.cpu_times()[:2])
    return spent


def missing(page: Page, rows: list[dict[str, Any]]) -> list[str]:
    """Return the names and figures of `rows` (as the peers are given them) that stand nowhere on a page."""
    text = page.evaluate(_TEXTS)
    wanted = Counter(figure for row in rows for value in row.values() for figure in _FIGURE.findall(str(value)))
    lacking = wanted - Counter(_FIGURE.findall(text))
    return [row["机构"] for row in rows if row["机构"] not in text] + sorted(lacking.elements())


def same_data(subjects: dict[str, Subject], rows: list[dict[str, Any]]) -> dict[str, int]:
    """Read every page back; return the bytes that each had sent to an empty cache. Raises SystemExit for what lacks."""
    weights = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        for name, subject in subjects.items():
            come_to_rest(subject.pid)
            context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
            context.add_cookies(subject.cookies)
            page = context.new_page()
            sent: list[Any] = []
            page.on("requestfinished", lambda request, sent=sent: sent.append(request))
            page.goto(subject.address, wait_until="commit")
            page.wait_for_selector(subject.shown, timeout=120_000)
            page.wait_for_timeout(1000)
            if lacking := missing(page, rows):
                raise SystemExit(f"{name} lacks {len(lacking)} of what the others show: {lacking[:5]}")
            weights[name] = sum(one.sizes()["responseBodySize"] for one in sent)
            context.close()
        browser.close()
    return weights


def open_page(browser: Browser, subject: Subject) -> tuple[float, float, list[float]]:
    """Return seconds until what is waited for stands there, with an empty and a warm cache, and of three filters."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.add_cookies(subject.cookies)
    taken = []
    page = context.new_page()
    for _ in range(2):
        come_to_rest(subject.pid)
        begun = time.perf_counter()
        page.goto(subject.address, wait_until="commit")
        page.wait_for_selector(subject.shown, timeout=120_000)
        taken.append(time.perf_counter() - begun)
    filters = page.evaluate(_FILTERS) if subject.filters else []
    context.close()
    return taken[0], taken[1], filters


def measure(subjects: dict[str, Subject], rounds: int) -> dict[str, dict[str, float]]:
    """Open every subject once a round, in turns, after one round that counts for nothing; return medians in ms."""
    found: dict[str, list[tuple[float, float, list[float]]]] = {name: [] for name in subjects}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        for number in range(rounds + 1):
            for name, subject in subjects.items():
                told = open_page(browser, subject)
                progress(f"round {number}, {name}: {told[0]:.2f} s, warm {told[1]:.2f} s")
                if number:
                    found[name].append(told)
        browser.close()
    return {
        name: {"empty": _middle(one[0] for one in runs), "warm": _middle(one[1] for one in runs)}
        | ({"filter": round(statistics.median(t for one in runs for t in one[2]), 1)} if runs[0][2] else {})
        for name, runs in found.items()
    }


def progress(words: str) -> None:
    """Say how far it is: what was measured is not lost with a run that is stopped."""
    print(f"{time.strftime('%H:%M:%S')} load {psutil.getloadavg()[0]:.1f}  {words}", file=sys.stderr, flush=True)


def _middle(seconds: Iterable[float]) -> float:
    return round(statistics.median(seconds) * 1000, 1)


def memory_of_viewers(subject: Subject, viewers: int = 4) -> float:
    """Return MB (PSS of the server with all its kernels) that each viewer adds after the first."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        sizes = []
        for _ in range(viewers + 1):
            context = browser.new_context(viewport={"width": 1366, "height": 768})
            context.add_cookies(subject.cookies)
            page = context.new_page()
            page.goto(subject.address, wait_until="commit")
            page.wait_for_selector(subject.shown, timeout=120_000)
            page.wait_for_timeout(2000)
            come_to_rest(subject.pid)
            sizes.append(pss_of_tree(subject.pid))
        browser.close()
    return round((sizes[-1] - sizes[0]) / viewers / 2**20, 1)


async def arriving(subject: Subject, viewers: int, seconds: float) -> list[float]:
    """Let viewers come evenly over `seconds`; return how long each waited for the page."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)

        async def one(place: int) -> float:
            await asyncio.sleep(seconds * place / viewers)
            context = await browser.new_context(viewport={"width": 1366, "height": 768})
            await context.add_cookies(subject.cookies)
            page = await context.new_page()
            begun = time.perf_counter()
            await page.goto(subject.address, wait_until="commit")
            await page.wait_for_selector(subject.shown, timeout=120_000)
            return time.perf_counter() - begun

        waited = await asyncio.gather(*(one(place) for place in range(viewers)))
        await browser.close()
    return list(waited)


def through_the_store(folder: Path, units: int) -> dict[str, dict[str, float]]:
    """Return seconds of wall and of processor for the overview and for other weights, read from a store."""
    wb = write_large_bank(folder, units)
    known = wb.campaign("2026H1")
    point = f"complaints/{wb.checklist(known, 'complaints')[0].items()[0].id}"
    works: dict[str, Callable[[], object]] = {
        "overview": lambda: overview(wb, "2026H1"),
        "what-if, weights": lambda: try_weights(wb, known, {"complaints": Decimal(40)}),
        "what-if, points of an item": lambda: try_weights(wb, known, {point: Decimal(5)}),
    }
    told = {}
    for name, work in works.items():
        walls, busy = [], []
        for _ in range(3):
            wall, cpu = time.perf_counter(), time.process_time()
            work()
            walls.append(time.perf_counter() - wall)
            busy.append(time.process_time() - cpu)
        told[name] = {"wall": round(statistics.median(walls), 2), "cpu": round(statistics.median(busy), 2)}
    return told


@contextmanager
def peers(
    python: Path, modules: Path | None, folder: Path, home: Path, rows: Path, last: str
) -> Iterator[dict[str, Subject]]:
    """Start every peer; yield their pages and our own Voila's, on which `last` stands as the last unit.

    Each shows its name twice, in the ranking and in the heat map; the second is waited for.
    """
    name = f"text={last} >> nth=1"
    with ExitStack() as stack:
        found = {
            f"{peer} 40": Subject(f"{stack.enter_context(giving_out(built))}/index.html", name)
            for peer, built in build_static(folder / "observable", rows, modules).items()
        }
        alone = folder / "alone"  # kernels are heated for each notebook of a folder: for no other one here
        alone.mkdir()
        shutil.copy(home / "notebooks" / "overview.ipynb", alone)
        for peer, preheated in (("plain Voila 40", False), ("preheated Voila 40", True)):
            address, pid = stack.enter_context(voila(alone, home, preheated=preheated))
            found[peer] = Subject(address, name, pid=pid)
        ours = stack.enter_context(serving(home / "notebooks", home, folder / "ours.log"))
        pid = next(
            p.pid for p in psutil.process_iter(["cmdline"]) if f"--port={ours.port}" in (p.info["cmdline"] or ())
        )
        found["our Voila 40"] = Subject(ours.at("overview"), name, ours.cookies, pid=pid)
        for peer in ("streamlit", "panel"):
            address, pid = stack.enter_context(running(python, peer, rows))
            found[f"{peer} 40"] = Subject(address, name, pid=pid)
        yield found


def compared(opened: dict[str, dict[str, float]], many: int) -> dict[str, float]:
    """Return the ratios of the table that the pages are held to, with an empty cache."""
    took = {name: figures["empty"] for name, figures in opened.items()}
    ratios = {f"static {many} / static 40": took[f"static {many}"] / took["static 40"]}
    dynamic = [name for name in took if name.partition(" ")[0] in ("plain", "preheated", "streamlit", "panel")]
    if dynamic:
        quick = min((took[name], name) for name in dynamic)
        heated = [took[name] for name in dynamic if not name.startswith("plain")]
        ratios |= {
            f"fastest dynamic ({quick[1]}) / static 40": quick[0] / took["static 40"],
            "static 40 / Observable Framework": took["static 40"] / took["Observable Framework 40"],
            "static 40 / Vite and Plot": took["static 40"] / took["Vite and Plot 40"],
            "plain Voila / our Voila": took["plain Voila 40"] / took["our Voila 40"],
            "our Voila / fastest of Streamlit, Panel, preheated": took["our Voila 40"] / min(heated),
        }
    return {name: round(ratio, 2) for name, ratio in ratios.items()}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="400 units in place of 4,000, three rounds")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out")
    parser.add_argument("--peers", type=Path, default=PEERS, help="their interpreter")
    parser.add_argument("--modules", type=Path, help="a node_modules with what page_peers/observable needs")
    parser.add_argument("--no-store", action="store_true", help="leave out what is read through a store")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def main() -> None:
    given = arguments()
    many, rounds = (400, 3) if given.quick else (4000, max(7, given.rounds))
    told: dict[str, Any] = {"units": many, "rounds": rounds, "load at the start": psutil.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        if not given.no_store:
            told["seconds through the store"] = through_the_store(folder / "bank", many)
            progress(json.dumps(told, ensure_ascii=False))
        subjects = {}
        with giving_out(folder) as root:
            for units in (40, many // 4, many):
                page, told[f"write {units}"] = write_bank(folder / str(units), units)
                body = page.read_bytes()
                progress(f"{units} units written: {told[f'write {units}']}")
                told[f"size {units}"] = {"KB": len(body) // 1024, "gzip KB": len(gzip.compress(body, 6)) // 1024}
                place = f"{root}/{urllib.request.quote(page.relative_to(folder).as_posix())}"
                subjects[f"static {units}"] = Subject(place, "#ranking summary, #ranking td.heat", filters=True)
            del subjects[f"static {many // 4}"]
            if given.no_peers:
                told["open"] = measure(subjects, rounds)
            else:
                told |= beside_peers(given, folder, subjects, rounds)
    told["ratios"] = compared(told["open"], many)
    told["load at the end"] = psutil.getloadavg()[0]
    text = json.dumps(told, ensure_ascii=False, indent=1)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", "utf-8")


def beside_peers(given: argparse.Namespace, folder: Path, subjects: dict[str, Subject], rounds: int) -> dict[str, Any]:
    """Measure all pages in turns, what a viewer costs in memory, and twenty viewers within a minute."""
    home = folder / "voila"
    home.mkdir()
    whole = make_overview(40)
    write_page_workspace(home, whole, make_card())
    rows = write_rows(folder, whole)
    modules = given.modules and given.modules.absolute()
    with peers(given.peers.absolute(), modules, folder, home, rows, whole.rows[-1].unit.name) as others:
        alike = {"static 40": subjects["static 40"]} | others
        weights = same_data(alike, json.loads(rows.read_text("utf-8"))["rows"])
        progress(f"bytes sent: {weights}")
        told: dict[str, Any] = {"KB sent to an empty cache": {name: size // 1024 for name, size in weights.items()}}
        told["open"] = measure(subjects | others, rounds)
        told["MB a further viewer"] = {
            name: memory_of_viewers(others[name]) for name in ("our Voila 40", "plain Voila 40")
        }
        progress(json.dumps(told, ensure_ascii=False))
        waited = asyncio.run(arriving(others["our Voila 40"], 20, 60))
        alone = told["open"]["our Voila 40"]["empty"] / 1000
        told["20 viewers over 60 s"] = {
            "median / alone": round(statistics.median(waited) / alone, 2),
            "slowest / alone": round(max(waited) / alone, 2),
        }
    return told


if __name__ == "__main__":
    main()
