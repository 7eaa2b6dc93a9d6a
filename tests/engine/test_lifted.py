"""The engine's folder, copied alone under another name, works in an environment that has no xiaobao."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ENGINE = HERE.parents[1] / "xiaobao" / "engine"
NAME = "forkedkernels"
ENTRY_POINTS = f"""
[papermill.engine]
{NAME} = {NAME}.papermill_engine:ZygoteEngine
[jupyter_client.kernel_provisioners]
{NAME} = {NAME}.provisioner:ZygoteProvisioner
"""
KERNELSPEC = {
    "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "Forked",
    "language": "python",
    "metadata": {"kernel_provisioner": {"provisioner_name": NAME, "config": {"preload": ["pandas"]}}},
}


@pytest.fixture(scope="module")
def lifted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with every library of this one but xiaobao, and with the engine as a package NAME."""
    home = tmp_path_factory.mktemp("lifted") / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    site = home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    for one in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "xiaobao" not in one.name and one.suffix != ".pth" and one.name != "__pycache__":
            (site / one.name).symlink_to(one)
    shutil.copytree(ENGINE, site / NAME, ignore=shutil.ignore_patterns("__pycache__"))
    about = site / f"{NAME}-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1\n", "utf-8")
    (about / "entry_points.txt").write_text(ENTRY_POINTS, "utf-8")
    spec = home / "share" / "jupyter" / "kernels" / NAME
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps(KERNELSPEC), "utf-8")
    usual = Path(sys.prefix, "share", "jupyter", "kernels", "python3")
    (spec.parent / "python3").symlink_to(usual, target_is_directory=True)
    return home


def run(home: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "PYTHON", "XIAOBAO_"))}
    return subprocess.run(
        [str(home / "bin" / "python"), "-W", "ignore", *arguments],
        env={**kept, "JUPYTER_PATH": "", "VIRTUAL_ENV": str(home), "JUPYTER_PREFER_ENV_PATH": "1"},
        cwd=cwd,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=570,
    )


def test_there_is_no_xiaobao_in_that_environment(lifted: Path, tmp_path: Path) -> None:
    done = run(lifted, "-c", "import xiaobao", cwd=tmp_path)
    assert "ModuleNotFoundError: No module named 'xiaobao'" in done.stderr


def test_the_engine_names_nothing_of_ours() -> None:
    """Neither in its code nor in what it says of itself; and every import of its own is relative."""
    for path in sorted(ENGINE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            assert "xiaobao" not in path.read_text("utf-8").lower(), path.name
            assert not any("\u4e00" <= letter <= "\u9fff" for letter in path.read_text("utf-8")), path.name


@pytest.mark.timeout(600)
@pytest.mark.long
def test_a_torture_by_papermill_gives_what_a_plain_kernel_gives(lifted: Path, tmp_path: Path) -> None:
    for name in ("torture.py", "torture_cells.txt"):
        shutil.copy(HERE / name, tmp_path)
    done = run(lifted, "torture.py", str(tmp_path), NAME, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1])["differences"] == []
    assert "Fast kernels are not to be had" not in done.stderr  # it did fork
    assert (tmp_path / f"python3-{NAME}.ipynb").is_file()
