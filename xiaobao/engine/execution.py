"""What a child does: execute the notebooks of one order one after another, and say how each went.

An order is plain JSON: `notebooks`, each {"notebook", "output", "parameters", "env"}, and for all of them `result_type`
(the MIME type whose data in the last code cell is handed back), `output_bytes` (the most that a paper may hold, 0 for
no limit) and `kernel` with `cell_seconds`, both heeded only where a kernel is started for each notebook.

What it says, a JSON line each: {"notebook": i, "cell": k} before each cell; then {"notebook": i, "done": {...}} with
`sha256` and `result`, or {"notebook": i, "failed": {...}} with a `kind` and its facts (kind "machine" may go better
another time). It writes nothing but the outputs named.
"""

from __future__ import annotations

import hashlib
import json
import keyword
import os
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4.rwbase import split_lines, strip_transient
from nbformat.validator import NotebookValidationError
from papermill import PapermillExecutionError
from papermill.engines import papermill_engines
from papermill.execute import prepare_notebook_metadata, raise_for_execution_errors, remove_error_markers
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from papermill.utils import chdir

_LONGEST = 2000
_INJECTED = "injected-parameters"  # papermill's tag
_NEVER_STARTED = "Kernel died before replying"  # two kernels drew the same port: no cell ran, so trying again is safe


class NotebookFault(Exception):
    """What is wrong with a notebook or its paper: `kind` and facts."""

    def __init__(self, kind: str, **facts: Any) -> None:
        super().__init__(kind)
        self.facts = {"kind": kind, **facts}


def execute_order(order: dict[str, Any], events: int, engine: str | None, **options: Any) -> None:
    """Execute every notebook of `order` with papermill's `engine` (None: one that starts kernels)."""
    home = Path.cwd()
    for number, one in enumerate(order["notebooks"]):

        def say(message: dict[str, Any], number: int = number) -> None:
            _write(events, {"notebook": number, **message})

        folder = home / str(number)
        folder.mkdir()
        os.environ.update(one.get("env", {}))
        say({"cell": -1})
        try:
            say({"done": _execute(one, order, folder, engine, options, say)})
        except NotebookFault as fault:
            say({"failed": fault.facts})
        finally:
            os.chdir(home)
            for name in one.get("env", {}):
                os.environ.pop(name, None)


def _execute(
    one: Mapping[str, Any],
    order: Mapping[str, Any],
    folder: Path,
    engine: str | None,
    options: Mapping[str, Any],
    say: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    for name in one["parameters"]:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise NotebookFault("parameter", name=name)  # papermill writes names as code
    try:
        notebook = _executed(one, folder, engine, options, say)
    except PapermillExecutionError as error:
        raise NotebookFault("cell", cell=error.cell_index, name=error.ename, text=error.evalue[:_LONGEST]) from error
    except CellTimeoutError as error:
        raise NotebookFault("cell_overdue") from error
    except DeadKernelError as error:
        raise NotebookFault("kernel_died") from error
    except Exception as error:
        kind = "machine" if isinstance(error, OSError) or _NEVER_STARTED in str(error) else "broken"
        raise NotebookFault(kind, name=type(error).__name__, text=str(error)[:_LONGEST]) from error
    return _keep(notebook, one, order)


def _executed(
    one: Mapping[str, Any],
    folder: Path,
    engine: str | None,
    options: Mapping[str, Any],
    say: Callable[[dict[str, Any]], None],
) -> nbformat.NotebookNode:
    """Do what papermill's `execute_notebook` does, but for writing: that it would do even without an output."""
    kernel = options["kernel_name"]
    notebook = load_notebook_node(one["notebook"])
    if one["parameters"]:
        notebook = parameterize_notebook(notebook, one["parameters"], kernel_name=kernel, engine_name=engine)
        _name_injected(notebook)
    notebook = remove_error_markers(prepare_notebook_metadata(notebook, one["notebook"], None))
    callbacks = {"on_cell": lambda index: say({"cell": index})} if engine else {}
    with chdir(str(folder)):
        notebook = papermill_engines.execute_notebook_with_engine(
            engine,
            notebook,
            input_path=one["notebook"],
            output_path=None,
            progress_bar=False,
            autosave_cell_every=0,
            store_widget_state=False,
            **callbacks,
            **options,
        )
    raise_for_execution_errors(notebook, None)
    return notebook


def _name_injected(notebook: nbformat.NotebookNode) -> None:
    """Give papermill's own cell a fixed id in place of a random one: equal runs shall leave equal papers."""
    for cell in notebook.cells:
        if _INJECTED in cell.metadata.get("tags", ()) and "id" in cell:
            cell["id"] = _INJECTED


def _keep(notebook: nbformat.NotebookNode, one: Mapping[str, Any], order: Mapping[str, Any]) -> dict[str, Any]:
    """Validate the paper, write it once under the name given, and return its hash with the result it holds."""
    notebook.metadata.papermill.update(input_path=Path(one["notebook"]).name, output_path=None)
    try:
        nbformat.validate(notebook)
    except NotebookValidationError as error:
        raise NotebookFault("invalid", text=str(error)[:_LONGEST]) from error
    result = result_of(notebook, order["result_type"])
    raw = (written(notebook) + "\n").encode("utf-8", "surrogatepass")
    if order["output_bytes"] and len(raw) > order["output_bytes"]:
        raise NotebookFault("too_large", bytes=len(raw))
    try:
        Path(one["output"]).write_bytes(raw)
    except OSError as error:
        raise NotebookFault("not_written", text=error.strerror) from error
    return {"sha256": hashlib.sha256(raw).hexdigest(), "result": result}


def result_of(notebook: nbformat.NotebookNode, result_type: str) -> Any:
    """Return what the last code cell emitted as `result_type`. Raises NotebookFault where there is nothing."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for output in reversed(cells[-1].get("outputs", []) if cells else []):
        if result_type in output.get("data", {}):
            value = output["data"][result_type]
            return json.loads(value) if isinstance(value, str) else value
    raise NotebookFault("no_result")


def _write(fd: int, message: dict[str, Any]) -> None:
    line = memoryview(json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
    while line:
        line = line[os.write(fd, line) :]


def written(notebook: NotebookNode) -> str:
    """Return the text of a notebook. Its texts are split into lines in place: whoever goes on with it must not mind."""
    return _spelt(strip_transient(split_lines(notebook)), "\n")


def _spelt(value: Any, gap: str) -> str:
    """Return JSON with sorted keys and an indent of one; `gap` is a line break and the indent of where it stands."""
    if isinstance(value, str):
        return encode_basestring(value)
    inner = gap + " "
    if isinstance(value, dict):
        pairs = [f"{encode_basestring(key)}: {_spelt(value[key], inner)}" for key in sorted(value)]
        return "{" + inner + ("," + inner).join(pairs) + gap + "}" if pairs else "{}"
    if isinstance(value, list | tuple):
        parts = [_spelt(one, inner) for one in value]
        return "[" + inner + ("," + inner).join(parts) + gap + "]" if parts else "[]"
    return json.dumps(value)
