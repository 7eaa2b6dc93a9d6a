"""Whatever is killed at whatever moment, a rerun ends with what an undisturbed run gives: none lost, none twice.

`XIAOBAO_KILLS=50 XIAOBAO_UNITS=50` runs the long form.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import nbformat
import psutil
import pytest

from tests.factories.workspaces import PERIOD, UNITS, papers_of, replace_notebook, result_cell, seed_workspace
from xiaobao.batch.journal import under_way
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.workbench.campaigns import wanted_inspections
from xiaobao.workbench.workspace import Workbench, open_workbench

KILLS = int(os.environ.get("XIAOBAO_KILLS", "3"))
MANY = int(os.environ.get("XIAOBAO_UNITS", str(UNITS)))
DOMAINS = {"1_disclosure": "disclosure", "2_suitability": "suitability", "4_complaints": "complaints"}
WHAT = ("runner", "zygote", "child")

pytestmark = pytest.mark.timeout(3000 if KILLS > 8 else 600)


@pytest.fixture(scope="module")
def slow_workspace(seeded_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose notebooks take a moment, so that a blow finds something to hit."""
    home = tmp_path_factory.mktemp("slow") / "bank"
    if MANY == UNITS:
        shutil.copytree(seeded_workspace, home)
    else:
        seed_workspace(home, MANY)
    for name, domain in DOMAINS.items():
        replace_notebook(home, name, "import time; time.sleep(0.15)", "print(unit, period)", result_cell(domain))
    return home


def wanted(wb: Workbench) -> int:
    """Return how many papers there are to be: not every sheet is for every unit."""
    pairs = wanted_inspections(wb, wb.campaign(PERIOD))
    return sum(domain in DOMAINS.values() for _, domain in pairs)


def begin(home: Path) -> subprocess.Popen[bytes]:
    words = ["run", "--period", PERIOD, *(word for domain in DOMAINS.values() for word in ("--domain", domain))]
    code = "from xiaobao.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "XIAOBAO_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def below(process: subprocess.Popen[bytes]) -> dict[str, psutil.Process]:
    """Return the zygote and, where one runs, a child of it."""
    found: dict[str, psutil.Process] = {}
    try:
        for one in psutil.Process(process.pid).children():
            if "xiaobao.engine.zygote" in " ".join(one.cmdline()):
                found["zygote"] = one
                found.update(("child", child) for child in one.children())
    except psutil.NoSuchProcess:
        pass
    return found


def finished(wb: Workbench) -> dict[tuple[str, str], list[object]]:
    """Return what stands in the store as done, with the outputs of its paper."""
    runs = wb.store.runs(wb.campaign(PERIOD).id)
    papers = {}
    for key, run in runs.items():
        if run.status.value == "done":
            cells = nbformat.read(wb.home / run.paper, 4).cells
            papers[key] = [(cell.source, cell.get("outputs")) for cell in cells]
    return papers


@pytest.mark.long
def test_after_any_number_of_kills_a_rerun_ends_as_an_undisturbed_run(slow_workspace: Path, tmp_path: Path) -> None:
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    for home in (calm, rough):
        shutil.copytree(slow_workspace, home)
    options = RunOptions(domains=tuple(DOMAINS.values()))
    wb = open_workbench(calm)
    assert not run_campaign(wb, wb.campaign(PERIOD), options).failed
    expected = finished(wb)
    assert len(expected) == wanted(wb)

    rng = random.Random(20261126)
    struck: Counter[str] = Counter()
    seen: set[int] = set()
    while sum(struck.values()) < KILLS:
        process = begin(rough)
        what = WHAT[sum(struck.values()) % len(WHAT)]
        until = time.monotonic() + 60
        while "zygote" not in below(process) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 1.2) if what == "runner" else rng.uniform(0.8, 2.0))
        alive = below(process)
        seen |= {one.pid for one in alive.values()}
        target = process.pid if what == "runner" else alive[what].pid if what in alive else None
        if target is not None and process.poll() is None:
            os.kill(target, signal.SIGKILL)
            struck[what] += 1
        elif what == "child":
            struck["none was running"] += 1
        if process.wait(600) == 0:  # all is done, and a run with nothing to do begins nothing: from the start again
            shutil.rmtree(rough)
            shutil.copytree(slow_workspace, rough)
    assert struck["runner"] and struck["zygote"]

    again = open_workbench(rough)
    last = run_campaign(again, again.campaign(PERIOD), options)
    assert not last.failed and not last.interrupted
    assert finished(again) == expected
    assert under_way(papers_of(rough)) is None  # no lock outlived its run
    _, alive_still = psutil.wait_procs([psutil.Process(p) for p in seen if psutil.pid_exists(p)], timeout=10)
    assert not [p for p in alive_still if "xiaobao" in " ".join(p.cmdline())]
    assert not list(rough.rglob("*.tmp.ipynb"))
    second = run_campaign(again, again.campaign(PERIOD), options)
    assert (second.done, second.skipped) == (0, len(expected))


def test_a_run_can_be_watched_from_elsewhere_and_leaves_a_journal(slow_workspace: Path, tmp_path: Path) -> None:
    home = tmp_path / "bank"
    shutil.copytree(slow_workspace, home)
    process = begin(home)
    folder = papers_of(home)
    watched = None
    until = time.monotonic() + 90
    while time.monotonic() < until and process.poll() is None and not (watched and watched.settled):
        watched = under_way(folder) or watched
        time.sleep(0.02)
    process.wait(120)
    assert watched and watched.planned == wanted(open_workbench(home)) and 0 < watched.settled <= watched.planned
    assert watched.seconds_left is not None and "正在运行" in watched.text()
    events = [json.loads(line) for line in (folder / "journal.jsonl").read_text("utf-8").splitlines()]
    assert events[0]["event"] == "begin" and events[-1]["event"] == "end"
    papers = [e for e in events if e["event"] == "paper"]
    assert len(papers) == watched.planned and {e["status"] for e in papers} == {"done"}
