"""A run over two Dask workers beside the same run here: processor time of a notebook, everything counted.

    python benchmarks/cluster.py [--quick] [--rounds N] [--json FILE] [--bank FOLDER]

Runs are interleaved, each of the same units anew. This process, children, zygotes, workers and scheduler are counted;
what a run pays once falls out: a run of one unit is taken off one of many.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from inputs import PERIOD, make_bank
from measuring import cpu_of_tree

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.factories.clusters import Cluster, running_cluster
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.workbench.workspace import Workbench, open_workbench


def _used(cluster: Cluster | None) -> float:
    """Return seconds of processor time so far. Children of a run here were waited for when it has ended."""
    whose = (resource.RUSAGE_SELF,) if cluster else (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ours = sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, whose))
    far = (cluster.scheduler, *cluster.workers) if cluster else ()
    return ours + sum(cpu_of_tree(process.pid) for process in far)


def once(wb: Workbench, units: tuple[str, ...], per: str, cluster: Cluster | None) -> tuple[float, int]:
    """Run units anew; return seconds of processor time and the number of notebooks."""
    before = _used(cluster)
    options = RunOptions(units=units, rerun="all", per=per, scheduler=cluster.address if cluster else "")
    summary = run_campaign(wb, wb.campaign(PERIOD), options)
    assert not summary.failed, summary.failed[:3]
    return _used(cluster) - before, summary.done


def notebook(wb: Workbench, units: tuple[str, ...], per: str, cluster: Cluster | None) -> float:
    """Return milliseconds of one notebook more."""
    few, few_done = once(wb, units[:1], per, cluster)
    many, many_done = once(wb, units, per, cluster)
    return (many - few) / (many_done - few_done) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--bank", type=Path, help="a demo that was run already, of one period; else one is made")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rounds = options.rounds or (2 if options.quick else 5)
    report: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name, running_cluster(Path(name), 2) as cluster:
        home = Path(name, "bank")
        if options.bank:
            shutil.copytree(options.bank, home, symlinks=True)
        else:
            make_bank(home, 4 if options.quick else 8)
        wb = open_workbench(home)
        units = tuple(sorted(unit.id for unit in wb.units(PERIOD).values() if unit.inspected))
        once(wb, units, "notebook", cluster)  # workers start their zygotes, files come into memory
        for per in ("notebook", "unit"):
            pairs = [(notebook(wb, units, per, None), notebook(wb, units, per, cluster)) for _ in range(rounds)]
            here, far = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratio = statistics.median(b / a for a, b in pairs)
            report[per] = {"here_ms": here, "cluster_ms": far, "ratio": ratio}
            print(f"--per {per}: here {here:.0f} ms, over 2 workers {far:.0f} ms CPU a notebook, {ratio:.2f}x")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), "utf-8")


if __name__ == "__main__":
    main()
