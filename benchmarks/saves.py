"""Eight programs save at once into one SQLite store: how long a save takes, with turns and by SQLite's own waiting.

python benchmarks/saves.py [--quick] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from xiaobao import store as storing
from xiaobao.model import Actor
from xiaobao.store import security
from xiaobao.store.turns import Turn

WRITERS = 8


def save(url: str, times: int, turns: bool, out: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    with patch.object(security, "wait_for_turn", security.wait_for_turn if turns else lambda *_: Turn()):
        store, took = storing.open(url), []
        for number in range(times):
            start = time.perf_counter()
            with store.writing(Actor(name="评测")) as tx:
                tx.record_file(f"{multiprocessing.current_process().name} {number}", "a", "0" * 64, "")
            took.append(time.perf_counter() - start)
            time.sleep(0.02)
    out.put(took)


def measure(times: int, turns: bool) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/saves.sqlite"
        storing.open(url, create=True).close()
        out: multiprocessing.Queue = multiprocessing.Queue()  # type: ignore[type-arg]
        writers = [multiprocessing.Process(target=save, args=(url, times, turns, out)) for _ in range(WRITERS)]
        for one in writers:
            one.start()
        took = [second for _ in writers for second in out.get()]
        for one in writers:
            one.join()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rounds, times = (1, 20) if options.quick else (3, 60)
    found: dict[str, list[float]] = {"turns": [], "sqlite": []}
    for _ in range(rounds):  # interleaved
        for name in found:
            found[name] += measure(times, name == "turns")
    rows = {}
    for name, took in found.items():
        took.sort()
        rows[name] = {
            "saves": len(took),
            "median_ms": round(statistics.median(took) * 1000),
            "p99_ms": round(took[int(len(took) * 0.99)] * 1000),
            "max_ms": round(took[-1] * 1000),
        }
        print(f"{name:8}", rows[name])
    print("p99, SQLite's own waiting against turns:", round(rows["sqlite"]["p99_ms"] / rows["turns"]["p99_ms"], 1), "x")
    if options.json:
        options.json.write_text(json.dumps({"python": sys.version.split()[0], **rows}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
