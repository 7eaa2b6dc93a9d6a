"""Papers are written as nbformat writes them, to the byte."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from xiaobao.engine.execution import written

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))

texts = st.text(st.characters(exclude_categories=["Cs"]))
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=12,
)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_shipped_notebooks_are_written_as_nbformat_writes_them(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert written(copy.deepcopy(notebook)) == nbformat.v4.writes(notebook)


@given(texts, texts, plain)
def test_any_cells_and_outputs_are_written_as_nbformat_writes_them(source: str, said: str, payload: object) -> None:
    data = {"text/plain": said, "application/json": payload, "image/png": "aGFsbG8="}
    cell = new_code_cell(source, outputs=[new_output("stream", text=said), new_output("display_data", data)])
    notebook = new_notebook(cells=[new_markdown_cell(said), cell], metadata={"orig_nbformat": 4, "signature": "x"})
    assert written(copy.deepcopy(notebook)) == nbformat.v4.writes(notebook)
