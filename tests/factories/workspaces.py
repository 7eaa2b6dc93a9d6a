"""A real small workspace: the sample bank with three units and one half-year, filled and decided, not yet run."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat

from xiaobao.demo.walk import LIAISON, run_demo
from xiaobao.model import canonical_json
from xiaobao.workbench.places import campaign_folder
from xiaobao.workbench.workspace import open_workbench, shipped

PERIOD = "2026H1"
UNITS = 3


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
