"""Kill a command at a random moment, look, let the next one end the work, look again.

A `Work` says what is killed and what must hold. To soak something new (people, forms), write another `Work` in
`works.py` and name it in `WORKS` there: the harness does the rest.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xiaobao.errors import StoreError
from xiaobao.store.models import Head
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import open_workbench

# The interpreter is ready before the clock runs: a blow is to fall on the work, not on imports.
_CHILD = """
import sys
import xiaobao.batch.run, xiaobao.workbench.importing, xiaobao.workbench.backups, xiaobao.cli.runs
from xiaobao.cli import main
print("ready", flush=True)
main()
"""


class Work(Protocol):
    """A command to be killed. `prepare` is called before each blow, `unharmed` straight after it, `ended` at the end.

    The checks are assertions. `finish` is the command that ends the work, mostly the same one again.
    """

    name: str

    def prepare(self, home: Path, round: int) -> None: ...

    def words(self, home: Path, round: int) -> Sequence[str]: ...

    def finish(self, home: Path, round: int) -> Sequence[str]: ...

    def unharmed(self, home: Path, round: int) -> None: ...

    def ended(self, home: Path, round: int) -> None: ...


@dataclass(kw_only=True)
class Tally:
    """What came of the blows at one work: how many fell while it ran; seconds that it takes undisturbed."""

    name: str
    kills: int = 0
    late: int = 0
    seconds: float = 0.0

    def line(self) -> str:
        """Return one line to print."""
        return f"{self.name}: {self.kills} killed half way, {self.late} came too late, takes {self.seconds:.1f} s"


def begin(home: Path, words: Sequence[str]) -> subprocess.Popen[str]:
    """Start a command in its own process and return once its work begins."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CHILD, *words],
        env={**os.environ, "XIAOBAO_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finish(home: Path, words: Sequence[str]) -> float:
    """Run a command to its end, which must be a good one; return the seconds that it took."""
    process = begin(home, words)
    start = time.monotonic()
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 0, said
    return time.monotonic() - start


def heads(home: Path) -> Mapping[str, Head]:
    """Return the ends of the history as they stand; a store of older tables tells nobody before it is brought up."""
    try:
        wb = open_workbench(home, read_only=True)
    except StoreError:
        return {}
    try:
        return wb.store.heads()
    finally:
        wb.store.close()


def sound(home: Path, before: Mapping[str, Head], whole: bool = True) -> None:
    """Nothing of the history is lost, none of our papers is called altered; `whole`: verify says nothing at all."""
    try:
        wb = open_workbench(home, read_only=True)
    except StoreError:
        assert not whole
        return
    try:
        assert wb.store.verify(before) == []
        said = verify_workspace(wb)
        assert not [one for one in said if whole or "底稿" in one or "报告" in one], said
    finally:
        wb.store.close()


def soak(work: Work, home: Path, kills: int, chance: random.Random) -> Tally:
    """Kill a work `kills` times; after each blow hold what must hold, and end the work."""
    tally = Tally(name=work.name)
    work.prepare(home, 0)
    tally.seconds = finish(home, work.words(home, 0))
    number = 0
    while tally.kills < kills:
        number += 1
        assert number <= 3 * kills + 3, "most blows come too late: the work is too quick to be hit"
        work.prepare(home, number)
        before = heads(home)
        process = begin(home, work.words(home, number))
        time.sleep(chance.uniform(0, tally.seconds * 0.9))
        running = process.poll() is None
        if running:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=600)
        tally.kills += running
        tally.late += not running
        work.unharmed(home, number)
        sound(home, before, whole=False)
        finish(home, work.finish(home, number))
        work.ended(home, number)
        sound(home, before)
    return tally
