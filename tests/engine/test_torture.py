"""Whatever a notebook does, our kernels leave the outputs that a plain kernel leaves, cell by cell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.test_project import DEPENDENCIES

ROOT = Path(__file__).parents[2]
OLDEST = Path(sys.prefix) / "oldest"

pytestmark = pytest.mark.timeout(600)


def lowest(requirement: Requirement) -> Version:
    return min(Version(part.version) for part in requirement.specifier if part.operator == ">=")


@pytest.mark.parametrize("which", ["locked", pytest.param("oldest", marks=pytest.mark.long)])
def test_the_torture_gives_the_same_outputs_as_plain_papermill(which: str, tmp_path: Path) -> None:
    """On the locked ipykernel, and on the oldest that pyproject.toml allows."""
    path = os.pathsep.join([str(OLDEST)] * (which == "oldest") + [str(ROOT)])
    # ipykernel leaves descriptors 1 and 2 alone where it believes to run inside pytest.
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.engine.torture", str(tmp_path)],
        env={**surroundings, "PYTHONPATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=570,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["differences"] == []
    if which == "oldest":
        [wanted] = [r for r in DEPENDENCIES if r.name == "ipykernel"]
        assert Version(told["ipykernel"]) == lowest(wanted), "run `make test`, which installs it beside the locked one"
    plain = nbformat.read(tmp_path / "python3-None.ipynb", 4)
    assert sum(bool(cell.get("outputs")) for cell in plain.cells) >= 40  # the torture did run to its end
