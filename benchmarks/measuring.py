"""What a round of a runner costs: wall time, processor time of its whole tree of processes, memory of that tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).resolve().parent
_TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Seconds of wall and of processor time."""

    wall: float
    cpu: float


def _tree(pid: int) -> list[int]:
    try:
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def _cpu_of(pid: int) -> float:
    """Return the time of a process and of all its descendants that were waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) * _TICK


def cpu_of_tree(pid: int) -> float:
    """Return seconds of user and system time of the tree so far, processes that ended in it included."""
    return sum(map(_cpu_of, _tree(pid)))


def pss_of_tree(pid: int) -> int:
    """Return bytes of memory of the tree, what processes share counted once (PSS)."""
    total = 0
    for one in _tree(pid):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
    return total


@contextmanager
def peak_memory() -> Iterator[Callable[[], int]]:
    """Watch this process and all below it; the function tells the most bytes that were seen, once a second."""
    seen, ended = [0], threading.Event()

    def look() -> None:
        while not ended.wait(1):
            seen.append(pss_of_tree(os.getpid()))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield lambda: max(seen)
    finally:
        ended.set()
        thread.join()


class Runner:
    """One runner in a process of its own, kept for all rounds."""

    def __init__(self, name: str, setting: dict[str, Any], env: dict[str, str], folder: Path) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), name, json.dumps(setting)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / f"{name}.log").open("ab"),
            text=True,
            env={**os.environ, **env},
        )

    def run(self, tasks: list[dict[str, Any]]) -> Cost:
        """Run tasks. Raises RuntimeError with what went wrong inside."""
        assert self.process.stdin
        assert self.process.stdout
        before = cpu_of_tree(self.process.pid)
        self.process.stdin.write(json.dumps(tasks) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "the process died"}')
        if answer["error"]:
            raise RuntimeError(answer["error"])
        return Cost(answer["seconds"], cpu_of_tree(self.process.pid) - before)

    def peak(self, tasks: list[dict[str, Any]]) -> int:
        """Run tasks once more, untimed, and return the highest memory of the tree that was seen."""
        seen = [0]
        ended = threading.Event()

        def look() -> None:
            while not ended.is_set():
                seen.append(pss_of_tree(self.process.pid))
                time.sleep(0.02)

        thread = threading.Thread(target=look)
        thread.start()
        try:
            self.run(tasks)
        finally:
            ended.set()
            thread.join()
        return max(seen)

    def close(self) -> None:
        """End the whole tree."""
        tree = _tree(self.process.pid)
        assert self.process.stdin
        self.process.stdin.close()
        for pid in reversed(tree):
            try:
                psutil.Process(pid).kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait()
