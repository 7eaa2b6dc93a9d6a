"""The floor: a notebook's cells as plain code in one warm process, and the write. No honest runner can be cheaper.

The cells are compiled once, as functions would be; each run gets a fresh namespace and its parameters. What a cell
ends in is turned into the bundle that a kernel would send, and the paper is written once, validated. This module is
also the backend of matplotlib here, so that charts come out as they do inline.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

import nbformat
from IPython.core.formatters import DisplayFormatter
from nbformat.v4 import new_output

_shown: list[Any] = []
_formatter = DisplayFormatter()


def show(*_: Any, **__: Any) -> None:
    """Keep every open figure for the cell that is running, then close all, as the inline backend does."""
    import matplotlib.pyplot as plt

    _shown.extend(plt.figure(number) for number in plt.get_fignums())
    plt.close("all")


def draw_inline() -> None:
    """Let charts end in the output of their cell. Called once, before a notebook that draws."""
    import matplotlib as mpl
    import pandas as pd
    from IPython.core.pylabtools import print_figure
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    globals()["FigureCanvas"] = FigureCanvasAgg  # matplotlib looks for it in its backend, which is this module
    mpl.use("module://floor")
    pd.set_option("display.max_columns", 20)  # what pandas chooses itself where it finds a kernel
    _formatter.formatters["image/png"].for_type(Figure, lambda figure: print_figure(figure, "png", base64=True))


@lru_cache
def _compiled(path: str) -> tuple[nbformat.NotebookNode, list[tuple[int, CodeType, CodeType | None]]]:
    """Return the notebook without outputs and, for each code cell, its place, statements and last expression."""
    notebook = nbformat.read(path, as_version=4)
    cells: list[tuple[int, CodeType, CodeType | None]] = []
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            tree = ast.parse("\n".join(line for line in cell.source.splitlines() if not line.startswith("%")))
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            shown = compile(ast.Expression(last.value), path, "eval") if isinstance(last, ast.Expr) else None
            cells.append((place, compile(tree, path, "exec"), shown))
    return notebook, cells


def run_cells(path: str, parameters: Mapping[str, Any]) -> nbformat.NotebookNode:
    """Run every cell of a notebook with `parameters` set after its parameters cell; return it with its outputs."""
    source, cells = _compiled(path)
    notebook = copy.deepcopy(source)
    names: dict[str, Any] = {"__name__": "__main__"}
    for count, (place, statements, shown) in enumerate(cells, 1):
        cell = notebook.cells[place]
        cell.execution_count = count
        exec(statements, names)
        if "parameters" in cell.metadata.get("tags", []):
            names.update(parameters)
        cell.outputs = list(_outputs(eval(shown, names) if shown else None, count))
    return notebook


def _outputs(value: Any, count: int) -> Iterator[nbformat.NotebookNode]:
    while _shown:
        data, metadata = _formatter.format(_shown.pop(0))
        yield new_output("display_data", data, metadata=metadata)
    if value is not None:
        data, metadata = _formatter.format(value)
        yield new_output("execute_result", data, metadata=metadata, execution_count=count)


def write(notebook: nbformat.NotebookNode, path: str) -> None:
    """Validate and write once, as every runner must."""
    nbformat.validate(notebook)
    Path(path).write_text(nbformat.v4.writes(notebook) + "\n", "utf-8")
