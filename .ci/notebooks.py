"""Render the core domains from their one source, then execute every notebook on the demo workspace.

Outputs and counts are kept, as nbval needs them committed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from domain_notebooks import render
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
KEPT_METADATA = {"kernelspec", "language_info", "xiaobao"}
KEPT_OF_CELLS = {"tags", "jupyter"}  # what JupyterLab hides of a page
WIDGET = "application/vnd.jupyter.widget-view+json"


def execute(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            record_timing=False,
            store_widget_state=False,
        )
        client.execute()
    notebook.metadata = {key: value for key, value in notebook.metadata.items() if key in KEPT_METADATA}
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata = {name: cell.metadata[name] for name in sorted(KEPT_OF_CELLS) if cell.metadata.get(name)}
        for output in cell.get("outputs", []):
            output.pop("metadata", None) if output["output_type"] == "stream" else output.update(metadata={})
    drop_widgets(notebook)
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook, indent=1) + "\n", "utf-8")


def drop_widgets(notebook: nbformat.NotebookNode) -> None:
    """Keep a widget's words alone: its model ended with its kernel, and JupyterLab would say so before it runs."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)


def main() -> None:
    if "XIAOBAO_HOME" not in os.environ:
        sys.exit("请先 make demo，再运行 make notebooks")
    for name in render():
        print(f"{name} rendered")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        execute(path)
        print(path.name)


if __name__ == "__main__":
    main()
