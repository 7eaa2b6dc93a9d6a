"""What the runners are given: our six notebooks on frozen inputs of a sample bank, and the workload on its own data."""

from __future__ import annotations

import json
import sys
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from msgspec.structs import replace

ROOT = Path(__file__).resolve().parent.parent
SIX = ("1_disclosure", "2_suitability", "3_information_security", "4_complaints", "5_special_groups", "6_scorecard")
WORKLOAD = Path(__file__).resolve().parent / "workload"
PERIOD = "2026H1"
PERIODS = ("2025H1", "2025H2", PERIOD)  # of the workload: without several, `--per unit` would share nothing
Task = dict[str, Any]

# What a zygote of the workload imports and does before it forks: what its notebook names and, learnt from sys.modules
# after a run, what it brings with it on first use; and one chart drawn.
WORKLOAD_STEPS = (
    "xiaobao.engine.sniffing:pretend",
    "pandas",
    "pandas.core.arrays.arrow.extension_types",
    "pandas.core.reshape.reshape",
    "pandas.plotting._matplotlib",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "pydantic.main",
    "yaml",
    "papermill",
    "IPython.core.magics.execution",
    "IPython.core.magics.pylab",
    "warm:draw",
    "xiaobao.engine.notebook:prepare",
)


def make_bank(home: Path, units: int) -> None:
    """Make a sample bank and run it once, so that scorecards have results to stand on."""
    from xiaobao.demo.walk import run_demo

    run_demo(home, units=units, periods=1, seed=1, jobs=2, batch=True, say=lambda text: None)


def freeze(home: Path, folder: Path, count: int) -> list[Task]:
    """Freeze the six papers of `count` units (the first ones over again where there are fewer) and return the tasks."""
    from xiaobao.batch.plan import notebook_of
    from xiaobao.paper.frozen import write_frozen
    from xiaobao.workbench.campaigns import inspected_units
    from xiaobao.workbench.results.cards import CardFreezer
    from xiaobao.workbench.results.freezing import Freezer
    from xiaobao.workbench.workspace import open_workbench

    wb = open_workbench(home)
    (campaign,) = wb.store.campaigns(PERIOD)
    freezer = Freezer(wb, campaign)
    freezing = CardFreezer(wb, campaign)
    cards = {unit.id: freezing.card(unit) for unit in freezing.units}
    domains = [domain for domain in campaign.checklists if notebook_of(domain) in SIX]
    units = [
        unit for unit in inspected_units(wb, campaign) if unit.id in cards and _has(wb, campaign, unit.id, domains)
    ]
    tasks = []
    for unit in units[:count]:
        papers = {notebook_of(domain): freezer.paper(unit, domain) for domain in domains}
        for name, frozen in ({**papers, SIX[-1]: cards[unit.id]}).items():
            path = folder / unit.id / f"{name}.json"
            write_frozen(replace(frozen, notebook=name), path)
            tasks.append(_task(unit.id, ROOT / "notebooks" / f"{name}.ipynb", {}, str(path)))
    return list(islice(cycle(tasks), count * len(SIX)))


def _has(wb: Any, campaign: Any, unit: str, domains: list[str]) -> bool:
    return all(wb.store.inspection(campaign.id, unit, domain) for domain in domains)


def workload(folder: Path, count: int) -> list[Task]:
    """Make the data of `count` units and return a task for each of them and period, a unit's one after another."""
    sys.path.insert(0, str(WORKLOAD))
    from data import make

    notebook, units = WORKLOAD / "workload.ipynb", make(folder, count)
    return [
        _task(unit, notebook, {"folder": str(folder), "period": period}, "") for unit in units for period in PERIODS
    ]


def _task(unit: str, notebook: Path, parameters: dict[str, str], frozen: str) -> Task:
    given = {"unit": unit, "period": PERIOD, **parameters}
    return {"unit": unit, "notebook": str(notebook), "parameters": given, "input": frozen, "output": ""}


def into(folder: Path, tasks: list[Task]) -> list[Task]:
    """Return the tasks with papers of their own below `folder`, numbered: a unit may come more than once."""
    folder.mkdir(parents=True, exist_ok=True)
    return [{**task, "output": str(folder / f"{n:05d}.ipynb")} for n, task in enumerate(tasks)]


def outputs(path: str) -> list[Any]:
    """Return what the cells of a paper show, but for papermill's own cell and for execution counts."""
    return [
        [{key: value for key, value in one.items() if key != "execution_count"} for one in cell["outputs"]]
        for cell in json.loads(Path(path).read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code" and "injected-parameters" not in cell["metadata"].get("tags", [])
    ]


def differences(first: list[Task], second: list[Task]) -> int:
    """Count the cells whose outputs differ between two runs of the same tasks."""
    count = 0
    for one, other in zip(first, second, strict=True):
        left, right = outputs(one["output"]), outputs(other["output"])
        count += sum(a != b for a, b in zip(left, right, strict=True))
    return count
