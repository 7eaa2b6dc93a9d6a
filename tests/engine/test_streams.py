"""What a cell writes straight to descriptors 1 and 2 stands under that cell, whole, however late threads wake."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from unittest import mock

import nbformat
import papermill

from tests.engine.torture import write

FLOOD = "\n".join(f"第{n}行 𠮷" for n in range(9_000)) + "\n"  # more than a pipe holds, and characters of 3 and 4 bytes


def said(folder: Path, cells: tuple[str, ...]) -> list[dict[str, str]]:
    """Execute cells by our engine; return what each said on its streams."""
    write(folder / "in.ipynb", cells)
    options = {"kernel_name": "xiaobao", "engine_name": "xiaobao", "progress_bar": False}
    with mock.patch.dict(os.environ):
        os.environ.pop("PYTEST_CURRENT_TEST", None)  # ipykernel leaves descriptors alone where pytest has its own
        made = papermill.execute_notebook(folder / "in.ipynb", folder / "out.ipynb", **options)
    told: list[dict[str, str]] = []
    for cell in made.cells:
        told.append({})
        for output in cell.outputs:
            assert output.output_type == "stream", output
            told[-1][output.name] = told[-1].get(output.name, "") + output.text
    return told


def test_every_cell_has_its_own_text_and_all_of_it(tmp_path: Path) -> None:
    cells = [f"import os; os.write(1, b'out {n}'); os.write(2, b'err {n}'); None" for n in range(60)]
    assert said(tmp_path, tuple(cells)) == [{"stdout": f"out {n}", "stderr": f"err {n}"} for n in range(60)]


def test_a_flood_from_a_child_process_comes_through_whole(tmp_path: Path) -> None:
    (tmp_path / "flood.txt").write_text(FLOOD, "utf-8")
    cells = (f"import os; os.system('cat {tmp_path}/flood.txt'); None", "os.system('echo after'); None")
    assert said(tmp_path, cells) == [{"stdout": FLOOD}, {"stdout": "after\n"}]


def test_a_descriptor_that_the_cell_has_moved_gets_nothing_but_what_the_cell_wrote(tmp_path: Path) -> None:
    cells = (
        f"import os; kept = os.dup(1); file = os.open('{tmp_path}/moved.txt', os.O_CREAT | os.O_WRONLY)",
        "os.dup2(file, 1); os.write(1, b'to the file'); None",
        "os.dup2(kept, 1); os.write(1, b'to the notebook'); None",
    )
    assert said(tmp_path, cells) == [{}, {}, {"stdout": "to the notebook"}]
    assert (tmp_path / "moved.txt").read_bytes() == b"to the file"


def test_a_process_left_behind_that_goes_on_writing_holds_nothing_up(tmp_path: Path) -> None:
    loop = "while True: print('.', flush=True)"
    cells = (
        f"import subprocess; left = subprocess.Popen([{sys.executable!r}, '-c', {loop!r}]); print('on', flush=True)",
        "left.kill(); left.wait(); None",
    )
    first, second = said(tmp_path, cells)
    assert "on" in first["stdout"]
    assert set(first["stdout"] + second.get("stdout", "")) <= set("on.\n")
    nbformat.validate(nbformat.read(tmp_path / "out.ipynb", 4))
