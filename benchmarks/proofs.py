"""What is shown beside the times: imports, what leaks from a notebook into the next, how soon a death is known."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inputs import PERIOD, into
from measuring import Runner
from runners import RUNNERS

_BARE = "import pandas, pyarrow"
# What the shipped domain papers load before they compute, that on first use too; suitability has the most checks.
_OURS = """import xiaobao as xb; xb.open_paper; xb.views.heading; xb.emit
import xiaobao.paper.work_paper, xiaobao.datasets.partitions, xiaobao.checks.suitability"""
_HEAVY = ("scipy", "pandera", "openpyxl", "sqlalchemy", "matplotlib")


def import_times(times: int) -> dict[str, Any]:
    """Return what a paper's kernel imports, against bare pandas and pyarrow, in fresh processes, interleaved."""
    for code in (_BARE, _OURS):
        _seconds(code)  # leaves bytecode, which an installed package has too
    pairs = [(_seconds(_BARE), _seconds(_OURS)) for _ in range(times)]
    bare, ours = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    code = f"{_OURS}\nimport sys; print(*(name for name in {_HEAVY!r} if name in sys.modules))"
    heavy = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    ratio = statistics.median(b / a for a, b in pairs)
    return {"bare_ms": bare, "ours_ms": ours, "ratio": ratio, "heavy": heavy}


def _seconds(code: str) -> float:
    timed = f"import time; start = time.perf_counter()\n{code}\nprint(time.perf_counter() - start)"
    return float(subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True).stdout)


_LEAVE = """import os, sys, random, threading, json
import numpy as np, pandas as pd
marks = {
    "a global name": "left" in globals(),
    "a pandas option": pd.get_option("display.max_rows") == 7,
    "an environment variable": "LEFT_BEHIND" in os.environ,
    "an attribute of a module": hasattr(json, "left"),
    "the search path": "/left" in sys.path,
    "the current folder": os.path.basename(os.getcwd()) == "left",
    "a thread": any(t.name == "left" for t in threading.enumerate()),
    "a random seed": np.random.random() == 0.3745401188473625,
}
print(json.dumps([name for name, found in marks.items() if found]))"""
_SEED = """np.random.seed(42)
left = 1
pd.set_option("display.max_rows", 7)
os.environ["LEFT_BEHIND"] = "1"
json.left = 1
sys.path.append("/left")
os.makedirs(folder + "/left", exist_ok=True)
os.chdir(folder + "/left")
threading.Thread(target=lambda: __import__("time").sleep(5), name="left", daemon=True).start()"""


def isolation_leaks(folder: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """Run the same notebook several times with each runner; return and print what a later run found of an earlier."""
    from nbformat import write
    from nbformat.v4 import new_code_cell, new_notebook

    folder.mkdir(parents=True)
    cells = [new_code_cell('unit = ""\nfolder = ""', metadata={"tags": ["parameters"]})]
    cells += [new_code_cell(text) for text in (_LEAVE, _SEED, "from IPython.display import JSON\nJSON({})")]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    write(new_notebook(cells=cells, metadata=spec), folder / "leaky.ipynb")
    given = {"unit": "1", "folder": str(folder)}
    task = {"unit": "1", "notebook": str(folder / "leaky.ipynb"), "parameters": given, "input": "", "output": ""}
    found = {}
    for name in names:
        if name.startswith("floor"):
            continue
        runner = Runner(name, {"draws": False, "steps": [], "result_type": "application/json"}, {}, folder)
        tasks = into(folder / name, [task] * 4)
        try:
            runner.run(tasks)
        except RuntimeError as error:
            found[name] = [f"(did not run: {str(error).strip().splitlines()[-1][:120]})"]
        else:
            found[name] = sorted({mark for one in tasks for mark in _marks(one["output"])})
        finally:
            runner.close()
    print("\nwhat one notebook leaves to the next:")
    for name, marks in found.items():
        print(f"  {RUNNERS[name][0]:42}{', '.join(marks) or 'nothing'}")
    return found


def _marks(path: str) -> list[str]:
    for cell in json.loads(Path(path).read_text("utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            text = "".join(output.get("text", ""))
            if text.startswith("["):
                return list(json.loads(text))
    return ["(no answer)"]


def kill_latency(bank: Path, times: int = 5) -> dict[str, Any]:
    """Let a notebook kill its own process; return how long until the run knew, and until the store held it."""
    from xiaobao.batch.run import RunOptions, run_campaign
    from xiaobao.model import RunStatus
    from xiaobao.workbench.workspace import open_workbench

    home = bank.with_name("killed")
    shutil.copytree(bank, home, ignore=shutil.ignore_patterns("reports"))
    died = home / "died"
    notebook = home / "notebooks" / "1_disclosure.ipynb"
    plain = json.loads(notebook.read_text("utf-8"))
    code = f"import os, time; open({str(died)!r}, 'w').write(str(time.time())); os.kill(os.getpid(), 9)"
    plain["cells"][-1]["source"] = code
    notebook.write_text(json.dumps(plain), "utf-8")
    wb = open_workbench(home)
    (campaign,) = wb.store.campaigns(PERIOD)
    unit = wb.store.inspections(campaign.id)[0].unit
    known, written = [], []
    for _ in range(times):
        heard: list[float] = []

        def report(progress: Any, heard: list[float] = heard) -> None:
            if progress.run is not None:
                heard.append(time.time())

        run_campaign(wb, campaign, RunOptions(units=(unit,), domains=("disclosure",), rerun="all"), report)
        moment = float(died.read_text())
        (run,) = [r for r in wb.store.runs(campaign.id).values() if r.unit == unit and r.notebook == "1_disclosure"]
        assert run.status is RunStatus.FAILED, run
        known.append(heard[0] - moment)
        written.append(_changed(home) - moment)
    found = {"known_ms": statistics.median(known) * 1000, "written_ms": statistics.median(written) * 1000}
    print(f"\nkilled child: known after {found['known_ms']:.0f} ms", end=", ")
    print(f"failed in the store after {found['written_ms']:.0f} ms")
    return found


def _changed(home: Path) -> float:
    return max(path.stat().st_mtime for path in home.glob("*.sqlite*"))


def whole_run(bank: Path) -> dict[str, Any]:
    """Run the bank's whole campaign again: planning, freezing, the zygote's start and the store are all in it."""
    from xiaobao.batch.run import RunOptions, run_campaign
    from xiaobao.workbench.workspace import open_workbench

    wb = open_workbench(bank)
    (campaign,) = wb.store.campaigns(PERIOD)
    found: dict[str, Any] = {}
    for per in ("notebook", "unit"):
        done = run_campaign(wb, campaign, RunOptions(rerun="all", per=per))
        found[per] = {"notebooks": done.done, "seconds": done.seconds}
        print(f"xiaobao run --per {per}, all in all: {done.done} notebooks in {done.seconds:.1f} s, start included")
    return found
