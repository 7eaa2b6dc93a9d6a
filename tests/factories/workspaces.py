"""A real small workspace: the sample bank with three units and one half-year, filled and decided, not yet run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import nbformat

from xiaobao.demo.walk import LIAISON, run_demo
from xiaobao.model import canonical_json
from xiaobao.workbench.places import campaign_folder
from xiaobao.workbench.workspace import open_workbench, shipped

PERIOD = "2026H1"
UNITS = 3
DEMO_UNITS = 12
ROOT = Path(__file__).parents[2]
XIAOBAO = [sys.executable, "-c", "from xiaobao.cli import main; main()"]


def xiaobao(*words: str, home: Path | None = None) -> CompletedProcess[str]:
    """Call the command in a process of its own, in the workspace `home`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    if home is not None:
        environment["XIAOBAO_HOME"] = str(home)
    return subprocess.run([*XIAOBAO, *words], capture_output=True, text=True, env=environment, cwd=ROOT)


def make_demo(folder: Path) -> None:
    """Make the demo by its command; what it printed comes to lie beside it."""
    done = xiaobao("demo", str(folder), "--units", str(DEMO_UNITS))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    folder.with_suffix(".printed").write_text(done.stdout, "utf-8")


def printed_of(folder: Path) -> str:
    """Return what the command printed that made the demo."""
    return folder.with_suffix(".printed").read_text("utf-8")


def seed_workspace(folder: Path, units: int = UNITS, periods: int = 1) -> Path:
    """Make the workspace through the product's own verbs, without running notebooks."""
    run_demo(folder, units, periods, seed=7, jobs=1, batch=False, say=lambda text: None, people=False)
    return folder


def take_back(home: Path) -> None:
    """Let the demo's liaison officer take back what was handed in and not reviewed, so that forms are open."""
    wb = replace(open_workbench(home), actor=LIAISON)
    with wb.store.writing(wb.actor) as tx:
        for record in wb.store.inspections(wb.campaign(PERIOD).id):
            if record.state == "submitted":
                tx.set_state(record.id, "draft", record.revision)
    wb.store.close()


def replace_notebook(home: Path, name: str, *cells: str) -> None:
    """Put a tiny notebook in place of a shipped one; the first cell is the parameters' cell."""
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": spec})
    notebook.cells = [nbformat.v4.new_code_cell('unit = ""\nperiod = ""', metadata={"tags": ["parameters"]})]
    notebook.cells += [nbformat.v4.new_code_cell(text) for text in cells]
    nbformat.write(notebook, home / "notebooks" / f"{name}.ipynb")


def result_cell(domain: str) -> str:
    """Return a cell that emits a well-formed result with no score, without computing anything."""
    score: dict[str, Any] = {
        "value": None,
        "unvetoed": None,
        "grade": "",
        "possible": "0",
        "earned": "0",
        "coverage": None,
        "provisional": True,
    }
    result = {
        "kind": "paper",
        "domain": domain,
        "check_results": [],
        "findings": [],
        "before": {**score, "stage": "before"},
        "after": {**score, "stage": "after"},
    }
    return (
        "from IPython.display import display\nimport json\n"
        f"result = json.loads({canonical_json(result)!r}) | {{'unit': unit, 'period': period}}\n"
        "display({'application/vnd.xiaobao.result+json': result, 'text/plain': 'ok'}, raw=True)"
    )


def papers_of(home: Path, period: str = PERIOD) -> Path:
    """Return the folder of the papers and reports of a period's only campaign."""
    [campaign] = open_workbench(home, read_only=True).store.campaigns(period)
    return campaign_folder(home, campaign)


def paper_json(home: Path, period: str, unit: str, paper: str) -> dict[str, Any]:
    return json.loads((papers_of(home, period) / unit / f"{paper}.ipynb").read_text("utf-8"))  # type: ignore[no-any-return]


def take_over_notebooks(home: Path) -> None:
    """Put the shipped notebooks into a workspace that was made without them."""
    shutil.copytree(shipped("notebooks"), home / "notebooks", ignore=shutil.ignore_patterns(".*"), dirs_exist_ok=True)
