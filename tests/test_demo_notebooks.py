"""The committed notebooks over the whole demo: each cell gives what stands in git."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.timeout(1500)  # whoever comes first makes the demo

ALL_NOTEBOOKS = ("",)
SOME_NOTEBOOKS = ("4_complaints.ipynb", "6_scorecard.ipynb", "fill.ipynb", "head_office.ipynb")


@pytest.mark.parametrize(
    ("kernel", "notebooks"),
    [
        pytest.param("xiaobao", ALL_NOTEBOOKS, id="forked-all"),
        pytest.param("", SOME_NOTEBOOKS, id="plain-some"),
        pytest.param("", ALL_NOTEBOOKS, id="plain-all", marks=pytest.mark.long),
    ],
)
def test_the_notebooks_show_what_is_committed(
    whole_demo: Path, tmp_path: Path, kernel: str, notebooks: tuple[str, ...]
) -> None:
    """Strict nbval: every code cell is run on a fresh read-only copy and compared with what is in git.

    On forked kernels and on plain ones, which start five seconds each: the same outputs are the engine's best test.
    """
    home = tmp_path / "demo"
    shutil.copytree(whole_demo, home)
    words = ["pytest", "--nbval", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull]
    words += ["-p", "xiaobao.engine.without_grammar"]
    words += ["--nbval-kernel-name", kernel] if kernel else []
    chosen = [ROOT / "notebooks" / name for name in notebooks]
    done = subprocess.run(
        [sys.executable, "-m", *words, "--rootdir", str(ROOT), "--nbval-cell-timeout", "120", *chosen],
        env={**os.environ, "XIAOBAO_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert "skipped" not in done.stdout
