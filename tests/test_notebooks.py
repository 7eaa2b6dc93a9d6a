"""Notebooks stay thin, executed and deterministic: the limits of the house, held by machine."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from xiaobao.errors import Fault, InputError

ROOT = Path(__file__).parent.parent
MENU = re.findall(
    r"\('(\w+)', '", (ROOT / "xiaobao/pages/jupyter/voila/templates/xiaobao/index.html.j2").read_text("utf-8")
)
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXPECTED = {
    "1_disclosure",
    "2_suitability",
    "3_information_security",
    "4_complaints",
    "5_special_groups",
    "6_scorecard",
    "domain",
    "explore",
    "fill",
    "leads",
    "corrective_actions",
    "overview",
    "head_office",
    "desk",
    "history",
    "registers",
    "offline",
    "my_work",
    "samples",
    "visits",
    "evidence",
    "filings",
    "appraisal",
}
FORBIDDEN = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.While,
    ast.If,
    ast.Try,
    ast.With,
)


def cells(path: Path, kind: str = "code") -> list[dict[str, Any]]:
    return [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == kind]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_all_notebooks_of_the_house_are_there() -> None:
    assert {path.stem for path in NOTEBOOKS} == EXPECTED


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_thin(path: Path) -> None:
    code = cells(path)
    assert len(code) <= 15
    for cell in code:
        text = source(cell)
        assert len(text.splitlines()) <= 8
        assert not text.lstrip().startswith(("%", "!")) and "SELECT" not in text
        assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, FORBIDDEN)], text
    parameters = [cell for cell in code if "parameters" in cell["metadata"].get("tags", [])]
    assert len(parameters) == 1
    for statement in ast.parse(source(parameters[0])).body:
        assert isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
    imports = [text for text in map(source, code) if re.search(r"^(import|from) ", text, re.MULTILINE)]
    assert imports == ["import xiaobao as xb"]


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.stem != "explore"], ids=lambda p: p.stem)
def test_jupyterlab_shows_what_a_notebook_is_for_and_not_its_code(path: Path) -> None:
    """Only the analysts' bench is made for code; what stands in the menu runs when JupyterLab opens it."""
    assert all(cell["metadata"].get("jupyter") == {"source_hidden": True} for cell in cells(path))
    run_on_opening = json.loads(path.read_text("utf-8"))["metadata"].get("xiaobao") == {"page": True}
    assert len(MENU) > 10
    assert run_on_opening == (path.stem in MENU)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_speaks_chinese_and_begins_with_what_one_gets(path: Path) -> None:
    texts = [source(cell) for cell in cells(path, "markdown")]
    assert texts[0].startswith("# ") and len(re.findall(r"^# ", "\n".join(texts), re.MULTILINE)) == 1
    assert all(re.search(r"[一-鿿]", text) for text in texts)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_committed_executed_so_that_nbval_compares_every_cell(path: Path) -> None:
    code = cells(path)
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error"]
    tags = {tag for cell in code for tag in cell["metadata"].get("tags", [])}
    assert not tags & {"nbval-skip", "nbval-ignore-output", "raises-exception"}
    text = json.dumps(outputs, ensure_ascii=False)
    assert not re.search(r"0x[0-9a-f]{6,}", text), "a memory address"
    assert not re.search(r"\b[0-9a-f]{32}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", text), "a random id"
    assert "widget-view" not in text, "a widget whose kernel is gone: JupyterLab says that it has no model"
    assert not re.search(r"T_[0-9a-f]{5,}", text), "a Styler without a uuid of its own"
    assert not re.search(r"/(work|home|tmp|root)/", text), "a machine's path"
    spec = json.loads(path.read_text("utf-8"))["metadata"]["kernelspec"]
    assert spec["name"] == "python3"


def test_what_is_wrong_is_told_in_a_notebook_by_our_sentence_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """JupyterLab shows what IPython makes of an error: no code of ours, no line in English."""
    shell = InteractiveShell()
    shell.run_cell("from xiaobao.errors import Fault, InputError\nraise InputError(Fault('没有结果', value='0101'))")
    assert capsys.readouterr().out.strip() == str(InputError(Fault("没有结果", value="0101")))
