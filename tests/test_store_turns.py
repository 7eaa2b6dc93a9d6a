"""Whoever asked first writes first; nobody waits for ever, and a program that dies holds nobody up."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from xiaobao.store.turns import wait_for_turn


def test_the_first_to_ask_is_the_first_to_write(tmp_path: Path) -> None:
    store, order = tmp_path / "xiaobao.sqlite", []
    held = wait_for_turn(store, 5)

    def write(name: int) -> None:
        turn = wait_for_turn(store, 5)
        order.append(name)
        turn.leave()

    waiting = [threading.Thread(target=write, args=(name,)) for name in range(5)]
    for one in waiting:
        one.start()
        time.sleep(0.05)
    held.leave()
    for one in waiting:
        one.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_turn_that_does_not_come_is_given_up_and_blocks_nobody_afterwards(tmp_path: Path) -> None:
    store = tmp_path / "xiaobao.sqlite"
    held, start = wait_for_turn(store, 5), time.monotonic()
    wait_for_turn(store, 0.2).leave()
    assert time.monotonic() - start < 2
    held.leave()
    last = wait_for_turn(store, 5)
    assert last.taken
    last.leave()


def test_a_program_that_is_killed_gives_its_turn_on(tmp_path: Path) -> None:
    store = tmp_path / "xiaobao.sqlite"
    script = f"""
import time; from pathlib import Path; from xiaobao.store.turns import wait_for_turn
turn = wait_for_turn(Path({str(store)!r}), 5); print("mine", flush=True); time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "mine\n"
        other.kill()
        turn = wait_for_turn(store, 5)
    assert turn.taken
    turn.leave()


def test_a_folder_that_cannot_be_locked_stops_no_writing(tmp_path: Path) -> None:
    assert not wait_for_turn(tmp_path / "gone" / "xiaobao.sqlite", 1).taken
