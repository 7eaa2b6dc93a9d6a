"""A notebook of everything that notebooks do to their kernel, and how to compare two executions of it.

`python -m tests.engine.torture PATH [NAME]` executes it in every way and prints the differences as JSON: tests call it
so, to have it done with another ipykernel as well, or with an engine and a kernelspec of another NAME.
"""

from __future__ import annotations

import json
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError

CELLS = tuple(Path(__file__).with_name("torture_cells.txt").read_text("utf-8").rstrip("\n").split("\n# ----\n"))
# A client behind sockets may miss a kernel's answer where widgets speak (nbclient #312, open): it is then asked again.
# Our engine has no sockets and gets one try.
TRIES, CELL_SECONDS = 4, 40
# What two runs of the same kernel never share: process and model numbers, times, addresses.
_PASSING = (
    (re.compile(r"ipykernel_\d+/\d+"), "ipykernel_N"),
    (re.compile(r"[0-9a-f]{32}"), "MODEL"),
    (re.compile(r"0x[0-9a-f]{6,}"), "ADDRESS"),
)


def write(path: Path, cells: tuple[str, ...] = CELLS) -> None:
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": spec})
    notebook.cells = [nbformat.v4.new_code_cell(text, id=f"cell-{n}") for n, text in enumerate(cells)]
    for cell in notebook.cells:
        cell.metadata["tags"] = ["raises-exception"]  # go on to the end, whatever a cell does
    nbformat.write(notebook, path)


def execute(path: Path, kernel: str, engine: str | None) -> list[str]:
    """Execute by papermill; return each cell's outputs as text."""
    output = path.with_name(f"{kernel}-{engine}.ipynb")
    options: dict[str, Any] = {"kernel_name": kernel, "engine_name": engine, "progress_bar": False}
    for tries_left in reversed(range(1 if engine else TRIES)):
        try:
            with suppress(papermill.PapermillExecutionError):  # the torture ends in errors
                papermill.execute_notebook(path, output, execution_timeout=CELL_SECONDS, **options)
            break
        except CellTimeoutError:
            if not tries_left:
                raise
    cells = [cell for cell in nbformat.read(output, 4).cells if cell.cell_type == "code"]
    return [_plain(cell) for cell in cells]


def _plain(cell: Any) -> str:
    """Return outputs without what passes, and streams as one text each: when a stream is flushed hangs on the clock."""
    joined: list[dict[str, Any]] = []
    for output in cell.outputs:
        if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
            joined[-1]["text"] += output.text
        else:
            joined.append(dict(output))
    text = json.dumps([cell.execution_count, joined], ensure_ascii=False, sort_keys=True, indent=1)
    for pattern, word in _PASSING:
        text = pattern.sub(word, text)
    return text


def differences(folder: Path, name: str = "xiaobao") -> list[dict[str, str]]:
    """Execute the torture plainly and by both of our doors; return where they differ."""
    path = folder / "torture.ipynb"
    write(path)
    plain = execute(path, "python3", None)
    found = []
    for door, kernel, engine in (("engine", "python3", name), ("kernelspec", name, None)):
        ours = execute(path, kernel, engine)
        pairs = zip(CELLS, plain, ours, strict=True)
        found += [{"door": door, "cell": c, "plain": a, "ours": b} for c, a, b in pairs if a != b]
    return found


def main() -> None:
    import ipykernel

    found = differences(Path(sys.argv[1]), *sys.argv[2:])
    print(json.dumps({"ipykernel": ipykernel.__version__, "differences": found}))


if __name__ == "__main__":
    main()
