"""Measure the service times that benchmarks/scale.py takes for its plan, on a copy of a workspace with data.

    python benchmarks/scale_costs.py WORKSPACE [--units N] [--rounds N] [--json FILE]

Runs one unit and then N of a sample bank, here and over two Dask workers, notebook by notebook and `--per unit`; the
difference is what a notebook costs without what a run pays once. Takes medians of the rounds.
Processor time is taken, not wall time: it hardly changes when others share the machine. The transaction, which waits
for the disk, is taken by the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inputs import PERIOD
from measuring import cpu_of_tree

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import xiaobao.batch.executing as executing
import xiaobao.batch.parcels as parcels
import xiaobao.batch.run as batch
from tests.factories.clusters import Cluster, running_cluster
from xiaobao.workbench.workspace import open_workbench


class Clock:
    """Wraps the recording of a unit and the writing of an input, and notes what they took."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.records: list[float] = []
        self.cpu = 0.0
        self.inputs: list[int] = []
        self.partitions: list[int] = []

    def recorded(self, record: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*words: Any) -> None:
            wall, cpu = time.perf_counter(), time.thread_time()
            record(*words)
            self.records.append(time.perf_counter() - wall)
            self.cpu += time.thread_time() - cpu

        return timed

    def written(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def noted(frozen: Any, path: Path) -> Any:
            answer = write(frozen, path)
            partitions = [self.home / extract.path for extract in frozen.extracts]
            self.inputs.append(path.stat().st_size)
            self.partitions.append(sum(one.stat().st_size for one in partitions if one.is_file()))
            return answer

        return noted


def _cpu(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def once(home: Path, units: int, per: str, cluster: Cluster | None) -> dict[str, Any]:
    """Run units anew; return seconds in all, papers done, seconds of each transaction and bytes."""
    wb, clock = open_workbench(home), Clock(home)
    chosen = tuple(sorted(u.id for u in wb.units(PERIOD).values() if u.inspected)[:units])
    place: Any = parcels if cluster else executing
    kept = batch.record_runs, place.write_frozen
    batch.record_runs, place.write_frozen = clock.recorded(kept[0]), clock.written(kept[1])
    workers = [process.pid for process in cluster.workers] if cluster else []
    before = _cpu(resource.RUSAGE_SELF), _cpu(resource.RUSAGE_CHILDREN), sum(map(cpu_of_tree, workers))
    try:
        options = batch.RunOptions(units=chosen, rerun="all", per=per, scheduler=cluster.address if cluster else "")
        summary = batch.run_campaign(wb, wb.campaign(PERIOD), options)
    finally:
        batch.record_runs, place.write_frozen = kept
    assert not summary.failed, summary.failed[:3]
    made = sum(map(cpu_of_tree, workers)) - before[2] if cluster else _cpu(resource.RUSAGE_CHILDREN) - before[1]
    return {
        "done": summary.done,
        "worker": made,
        "parent": _cpu(resource.RUSAGE_SELF) - before[0] - clock.cpu,
        "records": clock.records,
        "papers": [p.stat().st_size for unit in chosen for p in (home / "reports" / PERIOD / unit).glob("*.ipynb")],
        "inputs": clock.inputs,
        "partitions": clock.partitions,
    }


def paper(home: Path, units: int, per: str, cluster: Cluster | None) -> dict[str, float]:
    """Return what one notebook more costs, a transaction, and bytes: what a run pays once falls out."""
    few, many = once(home, 1, per, cluster), once(home, units, per, cluster)
    more = many["done"] - few["done"]
    return {
        "worker_ms": (many["worker"] - few["worker"]) / more * 1000,
        "parent_ms": (many["parent"] - few["parent"]) / more * 1000,
        "record_ms": statistics.median(many["records"]) * 1000,
        "paper_bytes": statistics.mean(many["papers"]),
        "input_bytes": statistics.mean(many["inputs"]),
        "partition_bytes": statistics.mean(many["partitions"]),
    }


def scheduled(cluster: Cluster, tasks: int = 1000) -> float:
    """Return milliseconds of the scheduler's processor time for a task that does nothing."""
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        before = cpu_of_tree(cluster.scheduler.pid)
        client.gather(client.map(abs, range(tasks), pure=False))
        return (cpu_of_tree(cluster.scheduler.pid) - before) / tasks * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--units", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="bench-") as name, running_cluster(Path(name), 2) as cluster:
        home = Path(name, "bank")
        shutil.copytree(options.workspace, home, symlinks=True)
        once(home, 1, "notebook", cluster)  # workers start their zygotes, files come into memory
        for _ in range(options.rounds):
            for per in ("notebook", "unit"):
                found[f"here, per {per}"].append(paper(home, options.units, per, None))
                far = paper(home, options.units, per, cluster)
                found[f"cluster, per {per}"].append({**far, "scheduler_ms": scheduled(cluster)})
    costs = {
        kind: {key: round(statistics.median(one[key] for one in rounds), 2) for key in rounds[0]}
        for kind, rounds in found.items()
    }
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    measured = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine, "rounds": options.rounds}
    text = json.dumps({"measured": measured, "costs": costs}, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
