"""Pages: what writing static scorecards costs, how soon they show their numbers, and how a filter answers.

    python benchmarks/pages.py [--quick] [--rounds N] [--json FILE] [--no-voila]

Runs on the locked environment of the checkout with Chromium. Rounds are taken in turns over all subjects, medians are
given; each page is opened with an empty cache and again with a warm one, until ranking and heat map show their numbers.
The dynamic peer is the same overview on plain Voila: the same notebook and figures, the stock server and kernel.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from msgspec.structs import replace
from playwright.sync_api import Browser, sync_playwright

from tests.factories.page_notebooks import write_page_workspace
from tests.factories.pages import make_card, make_overview
from tests.factories.static_pages import book_of, bridge
from xiaobao.features.scorecards.composing import compose
from xiaobao.features.scorecards.packing import Pack
from xiaobao.features.scorecards.unit_page import MADE

PERIODS = ("2024H2", "2025H1", "2025H2", "2026H1")
CHROMIUM = "/usr/bin/chromium"
_FILTERS = """() => [['region', '县域'], ['grade', 'D'], ['level', 'outlet']].map(([name, value]) => {
  const select = document.querySelector(`select[name=${name}]`); const from = performance.now();
  select.value = value; select.dispatchEvent(new Event('change')); document.body.offsetHeight;
  return performance.now() - from; })"""


def write_bank(folder: Path, units: int) -> tuple[Path, float, int]:
    """Write all pages of the newest of four periods; return the overview, seconds for all pages, how many they are."""
    whole = make_overview(units)
    card = replace(make_card(), bridge=bridge(*(f"{n}.25" for n in range(-6, 7) if n)))
    tops = [row.unit.id for row in whole.rows[:: max(1, units // 40)]]
    subtrees = {
        top: frozenset(row.unit.id for row in whole.rows[at * (units // len(tops)) : (at + 1) * (units // len(tops))])
        for at, top in enumerate(tops)
    }
    earlier: list[Pack] = []
    seconds, count = 0.0, 0
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

        begun = time.perf_counter()
        earlier = [compose(book, ((row.unit.id, card) for row in whole.rows), earlier, put), *earlier]
        seconds, count = time.perf_counter() - begun, len(written)
    return home / "overview.html", seconds, count


class _Gzipped(SimpleHTTPRequestHandler):
    """Gives files out compressed, as the product's own server does."""

    def do_GET(self) -> None:
        body = gzip.compress(Path(self.translate_path(self.path)).read_bytes(), 6)
        self.send_response(200)
        for name, value in (("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip")):
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


@contextmanager
def plain_voila(home: Path) -> Iterator[str]:
    """Run stock Voila over the overview notebook of the workspace `home`; yield the page's address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "XIAOBAO_HOME": str(home), "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    command = [sys.executable, "-m", "voila", "overview.ipynb", f"--port={port}", "--no-browser"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=home / "notebooks", env=environment, **quiet)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/static/favicon.ico", timeout=1).close()
                break
            except OSError as error:
                if getattr(error, "code", 0):
                    break
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(20)


def open_page(browser: Browser, address: str, shown: str) -> tuple[float, float, list[float]]:
    """Return seconds until `shown` stands on the page, with an empty and with a warm cache, and of three filters."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    taken = []
    page = context.new_page()
    for _ in range(2):
        begun = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_selector(shown, timeout=120_000)
        taken.append(time.perf_counter() - begun)
    filters = page.evaluate(_FILTERS) if "select[name=grade]" in shown or "#ranking" in shown else []
    context.close()
    return taken[0], taken[1], filters


def measure(subjects: dict[str, tuple[str, str]], rounds: int) -> dict[str, dict[str, float]]:
    """Open every subject once a round, in turns; return medians in milliseconds."""
    found: dict[str, list[tuple[float, float, list[float]]]] = {name: [] for name in subjects}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(rounds):
            for name, (address, shown) in subjects.items():
                found[name].append(open_page(browser, address, shown))
        browser.close()
    middle: Callable[[list[float]], float] = lambda values: round(statistics.median(values) * 1000, 1)  # noqa: E731
    return {
        name: {"empty": middle([one[0] for one in runs]), "warm": middle([one[1] for one in runs])}
        | ({"filter": round(statistics.median(t for one in runs for t in one[2]), 1)} if runs[0][2] else {})
        for name, runs in found.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="400 units in place of 4,000, three rounds")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-voila", action="store_true", help="leave the dynamic peer out")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    many, rounds = (400, 3) if given.quick else (4000, max(7, given.rounds))
    told: dict[str, Any] = {"units": many, "rounds": rounds}
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        places = {}
        for units in (40, many // 4, many):
            overview, seconds, pages = write_bank(folder / str(units), units)
            body = overview.read_bytes()
            told[f"write {units}"] = {"ms a unit": round(seconds / units * 1000, 2), "pages": pages}
            told[f"size {units}"] = {"KB": len(body) // 1024, "gzip KB": len(gzip.compress(body, 6)) // 1024}
            places[units] = overview.relative_to(folder).as_posix()
        ready = "#ranking summary, #ranking td.heat"
        with giving_out(folder) as root:
            subjects = {
                f"static {units}": (f"{root}/{urllib.request.quote(places[units])}", ready) for units in (40, many)
            }
            if given.no_voila:
                told["open"] = measure(subjects, rounds)
            else:
                home = folder / "voila"
                home.mkdir()
                write_page_workspace(home, make_overview(40), make_card())
                with plain_voila(home) as address:
                    subjects["plain Voila 40"] = (address, "[data-chart=matrix] svg text")
                    told["open"] = measure(subjects, rounds)
    opened = told["open"]
    told["ratios"] = {f"{many} / 40 units": round(opened[f"static {many}"]["empty"] / opened["static 40"]["empty"], 2)}
    if "plain Voila 40" in opened:
        ratio = opened["plain Voila 40"]["empty"] / opened["static 40"]["empty"]
        told["ratios"]["plain Voila / static, 40 units"] = round(ratio, 1)
    text = json.dumps(told, ensure_ascii=False, indent=1)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
