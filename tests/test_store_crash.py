"""Killed programs lose nothing that was acknowledged; several at once lose nothing of each other's."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TextIO

import pytest

from tests.factories.store import open_campaign
from tests.factories.store_writers import save_contested, save_own, save_without_end, submit_or_edit
from xiaobao import store as storing
from xiaobao.store import Store

ROOT = Path(__file__).parents[1]
KILLS = 20
RACES = 25


def fork(work: Callable[[Store, Callable[[str], object]], None], url: str) -> tuple[int, TextIO]:
    """Another process, without the cost of a new interpreter: it opens the store anew and tells what it did."""
    outlet, inlet = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(outlet)
            work(storing.open(url), lambda line: os.write(inlet, f"{line}\n".encode()))
            status = 0
        finally:
            os._exit(status)
    os.close(inlet)
    return child, os.fdopen(outlet)


def finish(process: tuple[int, TextIO]) -> list[str]:
    child, said = process
    lines = said.read().split()
    said.close()
    assert os.waitpid(child, 0)[1] == 0
    return lines


def kill_some(store: Store, url: str, kills: int) -> int:
    """Kill a writer again and again at random moments; whatever it said was saved must be there, whole."""
    chance = random.Random(7)
    acknowledged: set[int] = set()
    for _ in range(kills):
        child, said = fork(partial(save_without_end, "w"), url)
        first = said.readline()
        time.sleep(chance.uniform(0.0, 0.1))
        os.kill(child, 9)
        os.waitpid(child, 0)
        acknowledged |= {int(line) for line in (first + said.read()).split()}
        said.close()
    whole = store.responses(1)
    for number in acknowledged:
        assert all(f"w-{number}-{part}" in whole for part in range(5))
    assert len(whole) % 5 == 0
    assert len(store.leads(1)) * 5 == len(whole) * 2
    return len(acknowledged)


def test_nothing_acknowledged_is_lost_when_the_program_is_killed(store: Store, store_url: str) -> None:
    open_campaign(store)
    kills = KILLS if store_url.startswith("sqlite") else KILLS // 4
    assert kill_some(store, store_url, kills) > 0
    assert store.verify() == []


def test_four_programs_saving_different_answers_lose_none(store: Store, store_url: str) -> None:
    open_campaign(store)
    writers = [fork(partial(save_own, f"w{index}"), store_url) for index in range(4)]
    assert [len(finish(writer)) for writer in writers] == [25] * 4
    assert set(store.responses(1)) == {f"w{index}-{number}" for index in range(4) for number in range(25)}
    assert store.inspections(1)[0].revision == 101
    assert store.verify() == []


def test_contested_saves_add_up_to_the_revisions(store: Store, store_url: str) -> None:
    open_campaign(store)
    writers = [fork(partial(save_contested, f"w{index}"), store_url) for index in range(4)]
    won = sum(int(finish(writer)[0]) for writer in writers)
    answers = store.responses(1)
    assert won == sum(answer.revision for answer in answers.values())
    for item, answer in answers.items():
        history = store.response_history(1, item)
        assert [one.revision for one in history] == list(range(1, answer.revision + 1))
    assert store.verify() == []


def test_of_a_submission_and_an_edit_at_the_same_moment_exactly_one_wins(store: Store, store_url: str) -> None:
    inspections = open_campaign(store, [f"{number:04d}" for number in range(RACES)])
    barrier = get_context("fork").Barrier(2)
    racers = [fork(partial(submit_or_edit, name, inspections, barrier), store_url) for name in ("submit", "edit")]
    submitted, edited = (finish(racer) for racer in racers)
    assert [first != second for first, second in zip(submitted, edited, strict=True)] == [True] * RACES
    states = {one.id: one.state for one in store.inspections(1)}
    for inspection, outcome in zip(inspections, submitted, strict=True):
        assert states[inspection.id] == ("submitted" if outcome == "won" else "draft")
        assert len(store.responses(inspection.id)) == (0 if outcome == "won" else 1)
    assert store.verify() == []


@pytest.mark.parametrize("kills", [5])
def test_making_a_store_can_be_killed_and_done_again(tmp_path: Path, kills: int) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    code = "import sys; from xiaobao import store; store.open(sys.argv[1], create=True); print('made')"
    for attempt in range(kills):
        process = subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT)
        time.sleep(0.35 + 0.08 * attempt)
        process.kill()
        process.wait()
    with storing.open(url, create=True) as store:
        open_campaign(store)
        assert store.verify() == []
