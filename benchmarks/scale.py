"""A plan on paper: how long 40,000 units of six notebooks take on how many machines, and what is full first.

    python benchmarks/scale.py [--units N] [--machines N …] [--costs FILE] [--json FILE] [--markdown]

Plays every errand through queues with the service times that benchmarks/scale_costs.py measured (scale_costs.json).
`--markdown` prints docs/scale.md. No notebook is run.
"""

from __future__ import annotations

import argparse
import heapq
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

COSTS = Path(__file__).with_name("scale_costs.json")
NOTEBOOKS = 6
TRANSACTIONS = 2  # of a unit: its papers, later its scorecard
TIMES = ("worker", "parent", "record", "scheduler")
CORES = 2  # of a machine, as where the costs were taken
BANDWIDTH = 110e6  # bytes a second: a network of 1 Gbit/s; assumed, not measured
AHEAD = 3  # errands on their way for each core, as xiaobao/batch/cluster.py keeps them
STATIONS = ("workers", "parent", "scheduler", "storage")
FULL = 0.95  # a station busy for this share of the time is what all others wait for


TEXT = """# How many machines make sense

Made by `python benchmarks/scale.py --markdown > docs/scale.md`. A plan on paper: service times were measured, the run
of {units:,} units × 6 = {notebooks:,} notebooks was simulated, not made.

## What was measured
{date}, {machine};
median of {rounds} rounds on a sample bank by
`python benchmarks/scale_costs.py WORKSPACE --json benchmarks/scale_costs.json`. Per notebook, but the transaction each
and the scheduler per errand (over a cluster the six of a unit; on one machine with `--per notebook` one notebook).

| | worker | parent | transaction | scheduler | paper | input | partitions |
|---|---|---|---|---|---|---|---|
{times}

Worker: processor time of the child, with zygote and Dask's worker. Parent: freezing, writing the input, taking in the
paper, with the threads of Dask's client. Both are the cost of one notebook more, without what a run pays once. That
leaves out what the parent does for each unit of the bank besides: opening its inspections, its standing, freezing its
card.
Transaction: by the clock, with journal and `fsync`.
Scheduler: processor time for a task that does nothing.

Assumed, not measured: {cores} cores a machine, all as fast as these; storage and network of {megabytes} MB/s
(1 Gbit/s), over which each input goes twice, partitions and paper once. A bank's partitions may be far larger than
the sample's.

## How it is simulated
Every errand passes queues, first come first served: parent (one thread), storage, scheduler, a core of a worker,
storage, parent; with the last errand of a unit the parent makes its two transactions (papers; scorecard). As in the
program, three errands a core are on their way and no more. One machine does all without Dask: the parent shares its
cores. Where there are more, parent, scheduler and storage stand on one machine besides those counted. Nothing fails.
The scorecard counts as a sixth notebook like the others; in truth it runs when all domains are done.

## What comes out
Busy: share of the time. The fullest is what the others wait for.

| `--per` | machines | hours | workers busy | parent | scheduler | storage | fullest |
|---|---|---|---|---|---|---|---|
{runs}

Machines from which each, were it alone, would be full (95 % busy):

| `--per` | parent, transactions included | transactions alone (the one writer) | scheduler | storage |
|---|---|---|---|---|
{full}

**The parent is full first**, from {machines_first} machines of {cores} cores on
({machines_first_by_unit} with `--per unit`). More add nothing: the one thread that
freezes, takes in and records cannot feed them. Transactions are {recording:.0%} of what it does.

## What to do then
1. Give the machine of `xiaobao run` the fastest cores there are, and the store a fast disk: its one thread sets the
   pace, and a transaction waits for the disk. Several units in one transaction would wait less often; the program
   does not do that, since a run that is killed would lose more.
2. `--per unit` spares workers and scheduler, not the parent: use it on one machine, where they share the cores, and
   where a process of its own for each notebook is not wanted.
3. A parent per region: a workspace, a store, a scheduler and a machine for them each, and as many workers as one parent
   feeds. Scorecards then compare with peers of that region only, and head office must bring the results together. The
   largest plan above, shared out so, each region with the same share of the units:

| `--per` | regions | machines each | hours | workers busy |
|---|---|---|---|---|
{regions}

4. A faster network or a second scheduler help only where the parents are not full.
"""


@dataclass(frozen=True)
class Costs:
    """Seconds of processor time: `worker` and `parent` a notebook, `record` a unit, `scheduler` an errand; `size` in
    bytes a notebook: its inputs written and read, its partitions read, its paper sent home."""

    worker: float
    parent: float
    record: float
    scheduler: float
    size: float
    together: bool  # all notebooks of a unit are one errand (`--per unit`, and either way over a cluster)

    @classmethod
    def of(cls, found: dict[str, float], together: bool) -> Costs:
        size = 2 * found["input_bytes"] + found["partition_bytes"] + found["paper_bytes"]
        worker, parent, record, scheduler = (found.get(f"{name}_ms", 0.0) / 1000 for name in TIMES)
        return cls(
            worker=worker,
            parent=parent,
            record=TRANSACTIONS * record,
            scheduler=scheduler,
            size=size,
            together=together,
        )


@dataclass(frozen=True)
class Outcome:
    """How a run went: seconds in all, errands and units done, busy share and seconds of work of each station."""

    machines: int
    seconds: float
    errands: int
    recorded: int
    busy: dict[str, float]
    work: dict[str, float]

    @property
    def fullest(self) -> str:
        return max(self.busy, key=lambda name: self.busy[name])


def simulate(costs: Costs, units: int, machines: int, *, here: bool = False, bandwidth: float = BANDWIDTH) -> Outcome:
    """Return how a run of `units` goes. Parent, scheduler and storage have a machine more of their own; `here`: one
    machine does all, so parent and notebooks share its cores and nothing travels."""
    size = NOTEBOOKS if costs.together else 1
    errands, cores = units * NOTEBOOKS // size, CORES * machines
    half, work, sent = size * costs.parent / 2, size * costs.worker, size * costs.size / bandwidth / 2
    servers = {"workers": cores} if here else {"workers": cores, "parent": 1, "scheduler": 1, "storage": 1}
    if here:
        route = [("workers", half), ("workers", work), ("workers", half)]
    else:
        route = [("parent", half), ("storage", sent), ("scheduler", costs.scheduler), ("workers", work)]
        route += [("storage", sent), ("parent", half)]
    free = {name: [0.0] * number for name, number in servers.items()}
    spent = dict.fromkeys(servers, 0.0)
    left = [errands // units] * units
    order, begun, recorded, now = count(), min(errands, max(4, AHEAD * cores)), 0, 0.0
    events = [(0.0, next(order), errand, 0) for errand in range(begun)]
    while events:
        now, _, errand, step = heapq.heappop(events)
        if step == len(route):  # home: the next one may begin
            if begun < errands:
                heapq.heappush(events, (now, next(order), begun, 0))
                begun += 1
            continue
        name, seconds = route[step]
        if step == len(route) - 1:
            unit = errand * size // NOTEBOOKS
            left[unit] -= 1
            if not left[unit]:
                seconds += costs.record
                recorded += 1
        end = max(now, free[name][0]) + seconds
        heapq.heapreplace(free[name], end)
        spent[name] += seconds
        heapq.heappush(events, (end, next(order), errand, step + 1))
    busy = {name: spent[name] / now / servers[name] for name in servers}
    return Outcome(machines=machines, seconds=now, errands=begun, recorded=recorded, busy=busy, work=spent)


def full_at(costs: Costs, station: str, units: int = 1000) -> int:
    """Return the least number of machines with which a station is full, were it the only one that can be."""
    alone = {"parent": 0.0, "record": 0.0, "scheduler": 0.0, "size": 0.0}
    keys, queue = {
        "parent": (("parent", "record"), "parent"),
        "writer": (("record",), "parent"),
        "scheduler": (("scheduler",), "scheduler"),
        "storage": (("size",), "storage"),
    }[station]
    alone |= {key: getattr(costs, key) for key in keys}
    only = Costs(worker=costs.worker, together=costs.together, **alone)
    low, high = 0, 1
    while simulate(only, max(units, 40 * high), high).busy[queue] < FULL:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        enough = simulate(only, max(units, 40 * high), middle).busy[queue] >= FULL
        low, high = (low, middle) if enough else (middle, high)
    return high


def plan(measured: dict[str, Any], units: int, machines: Sequence[int]) -> dict[str, Any]:
    """Return the figures of the plan for each way to run: the machines wanted, where each station is full, regions."""
    ways = {}
    for per in ("notebook", "unit"):
        here = Costs.of(measured["costs"][f"here, per {per}"], per == "unit")
        far = Costs.of(measured["costs"][f"cluster, per {per}"], together=True)
        runs = [simulate(here if number == 1 else far, units, number, here=number == 1) for number in machines]
        full = {name: full_at(far, name) for name in ("parent", "writer", "scheduler", "storage")}
        regions = max(1, max(machines) // min(full.values()))
        region = simulate(far, -(-units // regions), max(1, max(machines) // regions))
        ways[per] = {"runs": runs, "full": full, "regions": regions, "region": region}
    return {"units": units, "measured": measured, "ways": ways}


def as_markdown(figures: dict[str, Any]) -> str:
    """Return docs/scale.md."""
    measured, ways, units = figures["measured"], figures["ways"], figures["units"]
    assert all(min(way["full"], key=way["full"].get) == "parent" for way in ways.values()), "the text says otherwise"
    return TEXT.format(
        units=units,
        notebooks=units * NOTEBOOKS,
        cores=CORES,
        megabytes=round(BANDWIDTH / 1e6),
        times=cost_rows(measured["costs"]),
        runs="\n".join(_row(per, run) for per, way in ways.items() for run in way["runs"]),
        full="\n".join(_full(per, way["full"]) for per, way in ways.items()),
        regions="\n".join(_region(per, way) for per, way in ways.items()),
        recording=_recording(Costs.of(measured["costs"]["cluster, per notebook"], together=True)),
        machines_first=ways["notebook"]["full"]["parent"],
        machines_first_by_unit=ways["unit"]["full"]["parent"],
        **measured["measured"],
    )


def _recording(costs: Costs) -> float:
    return costs.record / (costs.record + NOTEBOOKS * costs.parent)


def cost_rows(costs: dict[str, dict[str, float]]) -> str:
    """Return the rows of the table of service times."""
    kinds = ("worker_ms", "parent_ms", "record_ms", "scheduler_ms", "paper_bytes", "input_bytes", "partition_bytes")
    rows = []
    for kind, found in costs.items():
        cells = (_quantity(key, found[key]) if key in found else "–" for key in kinds)
        rows.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _quantity(key: str, value: float) -> str:
    return f"{value / 1000:.0f} kB" if key.endswith("bytes") else f"{value:.1f} ms"


def _row(per: str, run: Outcome) -> str:
    shares = (f"{run.busy[name]:.0%}" if name in run.busy else "–" for name in STATIONS)
    return f"| {per} | {run.machines} | {run.seconds / 3600:.1f} | {' | '.join(shares)} | {run.fullest} |"


def _full(per: str, full: dict[str, int]) -> str:
    return f"| {per} | {full['parent']} | {full['writer']} | {full['scheduler']} | {full['storage']} |"


def _region(per: str, way: dict[str, Any]) -> str:
    run = way["region"]
    return f"| {per} | {way['regions']} | {run.machines} | {run.seconds / 3600:.2f} | {run.busy['workers']:.0%} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=40_000)
    parser.add_argument("--machines", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--costs", type=Path, default=COSTS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    figures = plan(json.loads(options.costs.read_text("utf-8")), options.units, options.machines)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, default=asdict) + "\n", "utf-8")
    if options.markdown:
        print(as_markdown(figures), end="")
        return
    print(f"per       machines   hours  {'  '.join(STATIONS)}   fullest")
    for per, way in figures["ways"].items():
        for run in way["runs"]:
            shares = "  ".join(f"{run.busy.get(name, 0):{len(name)}.0%}" for name in STATIONS)
            print(f"{per:9} {run.machines:8} {run.seconds / 3600:7.1f}  {shares}   {run.fullest}")
        print(f"{per:9} full at machines: {way['full']}")


if __name__ == "__main__":
    main()
