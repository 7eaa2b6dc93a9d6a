"""The plan on paper of docs/scale.md: its queues add up."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from scale import COSTS as MEASURED
from scale import Costs, cost_rows, full_at, simulate

COSTS = Costs(worker=0.4, parent=0.08, record=0.03, scheduler=0.002, size=300_000, together=False)
PER_UNIT = Costs(worker=0.3, parent=0.07, record=0.03, scheduler=0.002, size=300_000, together=True)
UNITS = 120


@pytest.mark.parametrize("costs", [COSTS, PER_UNIT])
def test_one_machine_takes_its_work_divided_by_its_cores(costs: Costs) -> None:
    outcome = simulate(costs, UNITS, 1, here=True)
    work = UNITS * (6 * (costs.worker + costs.parent) + costs.record)
    assert outcome.work == {"workers": pytest.approx(work)}
    assert outcome.seconds == pytest.approx(work / 2, rel=0.01)


@pytest.mark.parametrize("costs", [COSTS, PER_UNIT])
def test_twice_the_machines_are_never_slower_and_never_faster_than_the_one_parent(costs: Costs) -> None:
    outcomes = [simulate(costs, UNITS, machines) for machines in (1, 2, 4, 8, 16)]
    for fewer, more in pairwise(outcomes):
        assert more.seconds <= fewer.seconds * (1 + 1e-9)
        assert more.seconds >= UNITS * (6 * costs.parent + costs.record) * (1 - 1e-9)
    assert outcomes[0].fullest == "workers"
    assert outcomes[-1].fullest == "parent"


@pytest.mark.parametrize(("costs", "errands"), [(COSTS, 6 * UNITS), (PER_UNIT, UNITS)])
def test_every_errand_is_played_and_every_unit_recorded_once(costs: Costs, errands: int) -> None:
    outcome = simulate(costs, UNITS, 3, bandwidth=1e8)
    assert (outcome.errands, outcome.recorded) == (errands, UNITS)
    assert outcome.work == {
        "workers": pytest.approx(UNITS * 6 * costs.worker),
        "parent": pytest.approx(UNITS * (6 * costs.parent + costs.record)),
        "scheduler": pytest.approx(errands * costs.scheduler),
        "storage": pytest.approx(UNITS * 6 * costs.size / 1e8),
    }
    for name, seconds in outcome.work.items():
        servers = 6 if name == "workers" else 1
        assert outcome.busy[name] == pytest.approx(seconds / servers / outcome.seconds)
        assert outcome.busy[name] <= 1 + 1e-9


def test_a_station_is_full_where_it_can_feed_no_more_cores() -> None:
    """0.4 s on a core over 0.085 s of the parent: 4.7 cores, that is three machines of two."""
    assert full_at(COSTS, "parent", units=50) == 3


def test_the_document_quotes_the_measured_times() -> None:
    """`python benchmarks/scale.py --markdown` writes it anew."""
    measured = json.loads(MEASURED.read_text("utf-8"))
    text = Path(__file__).parents[1].joinpath("docs", "scale.md").read_text("utf-8")
    assert cost_rows(measured["costs"]) in text
    assert measured["measured"]["date"] in text
