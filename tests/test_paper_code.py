"""A paper runs again when code changes that its kernel runs, and for no other change of code."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from xiaobao.batch.plan import code_digest
from xiaobao.paper import code
from xiaobao.paper.code import PACKAGE, kernel_files, package_digest
from xiaobao.paper.frozen import INPUT_VARIABLE, write_frozen
from xiaobao.workbench.results.reading import frozen_paper
from xiaobao.workbench.workspace import open_workbench

NOTEBOOKS = PACKAGE.parent / "notebooks"
_WARM = """
from xiaobao.batch.warming import warm
warm()
from xiaobao.paper.code import loaded_files
print(*loaded_files(), sep="\\n")
"""
_PAPER = """
import sys
from xiaobao.batch.warming import warm
warm()
import xiaobao as xb
unit, period, domain = sys.argv[1:]
xb.emit(xb.open_paper(domain, unit=unit, period=period))
from xiaobao.paper.code import loaded_files
print(*loaded_files(), sep="\\n")
"""
_ELSEWHERE = ("store/", "workbench/", "cli/", "word/", "workbook/", "publishing/")


def _run(script: str, *words: str, env: Mapping[str, str] = os.environ) -> set[str]:
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, env=dict(env))
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_list_is_exactly_what_a_warm_kernel_has_loaded() -> None:
    """After a change: `make reference`."""
    assert _run(_WARM) == set(kernel_files())


def test_no_store_and_no_verb_is_on_the_list() -> None:
    assert not [name for name in kernel_files() if name.startswith(_ELSEWHERE)]


def test_values_that_a_kernel_loads_are_made_by_msgspec() -> None:
    """Making a dataclass takes a millisecond of each kernel's start, a `Value` a fortieth of that."""
    slow = {
        name
        for name in kernel_files()
        if name.endswith(".py")
        for node in ast.walk(ast.parse((PACKAGE / name).read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses"
        if any(alias.name == "dataclass" for alias in node.names)
    }
    assert slow == set()


@pytest.mark.parametrize("domain", ["complaints", "suitability", "records"])
def test_a_paper_loads_nothing_more(seeded_workspace: Path, tmp_path: Path, domain: str) -> None:
    """What a paper runs is on the list, so that no change of it goes unnoticed."""
    wb = open_workbench(seeded_workspace, read_only=True)
    unit = next(one.id for one in wb.units("2026H1").values() if one.level == "branch")
    write_frozen(frozen_paper(wb, unit, "2026H1", domain), tmp_path / "input.json")
    environment = {**os.environ, INPUT_VARIABLE: str(tmp_path / "input.json")}
    assert _run(_PAPER, unit, "2026H1", domain, env=environment) <= set(kernel_files())


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "xiaobao"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    monkeypatch.setattr(code, "PACKAGE", copy)
    return copy


def _comment(path: Path) -> None:
    path.write_text(path.read_text("utf-8") + "\n# a remark\n", "utf-8")


@pytest.mark.parametrize(
    "name", ["scoring/engine.py", "checks/partners.py", "features/complaints/unit_tree.py", "pages/views/view.css"]
)
def test_a_change_of_what_a_kernel_runs_changes_every_digest(package: Path, name: str) -> None:
    before = code_digest(NOTEBOOKS)
    _comment(package / name)
    after = code_digest(NOTEBOOKS)
    assert all(before[notebook] != after[notebook] for notebook in before)


@pytest.mark.parametrize("name", ["word/context.py", "store/reading.py", "cli/app.py", "features/filings/verbs.py"])
def test_a_change_of_anything_else_changes_none(package: Path, name: str) -> None:
    before = package_digest()
    _comment(package / name)
    assert package_digest() == before
