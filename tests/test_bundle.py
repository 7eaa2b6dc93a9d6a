"""A bank without a package registry installs from the bundle, in a network namespace that has no network."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.timeout(1200)  # a whole environment is downloaded, installed and used
_NO_NETWORK = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle as `make bundle` makes it, with this interpreter."""
    folder = tmp_path_factory.mktemp("bundle") / "bundle"
    run(ROOT / ".ci" / "bundle", folder, PYTHON=sys.executable)
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own wheel, built as the bundle builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    wanted = ("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    run(sys.executable, "-m", "pip", *wanted, PATH=path)
    return next(folder.glob("xiaobao-*.whl"))


@pytest.mark.long
def test_bundle_lists_what_it_holds(bundle: Path) -> None:
    """Every wheel is in SHA256SUMS and has that hash; the notes say how to install."""
    listed = dict(reversed(line.split("  ", 1)) for line in (bundle / "SHA256SUMS").read_text("utf-8").splitlines())
    wheels = {path.name for path in bundle.glob("*.whl")}
    assert wheels | {"requirements.lock"} == set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest
    assert "--no-index" in (bundle / "安装说明.txt").read_text("utf-8")


def test_wheel_carries_everything_and_nothing_more(wheel: Path) -> None:
    """Checklists, notebooks, templates and the built board are inside; sources of the board and tests are not."""
    with ZipFile(wheel) as opened:
        names = opened.namelist()
    for folder in ("checklists", "notebooks", "reports/templates"):
        here = {path.name for path in (ROOT / folder).iterdir() if path.is_file() and path.name[0] != "."}
        assert here <= {Path(name).name for name in names if name.startswith(f"xiaobao/_data/{folder}/")}
    assert {"xiaobao/pages/static/board.js", "xiaobao/py.typed"} <= set(names)
    assert any(name.endswith("licenses/NOTICE") for name in names)
    assert any(name.endswith("data/share/jupyter/lab/settings/overrides.json") for name in names)
    assert not [name for name in names if "node_modules" in name or "/tests/" in name or name.endswith(".jsx")]


@pytest.mark.long
def test_a_machine_without_network_installs_and_runs_it(bundle: Path, tmp_path: Path) -> None:
    """As the notes in the bundle say, outside any checkout."""
    python = tmp_path / "env" / "bin" / "python"
    run(sys.executable, "-m", "venv", tmp_path / "env", cwd=tmp_path)
    quiet = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": "",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONPATH": "",
    }
    offline = [
        *_NO_NETWORK,
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--no-index",
        "--find-links",
        bundle,
    ]
    run(*offline, "--require-hashes", "-r", bundle / "requirements.lock", cwd=tmp_path, **quiet)
    run(*offline, "--no-deps", "xiaobao", cwd=tmp_path, **quiet)
    xiaobao = tmp_path / "env" / "bin" / "xiaobao"
    alone = [*_NO_NETWORK, "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]  # kernels and pages talk over loopback
    assert "消保" in run(*alone, xiaobao, "--help", cwd=tmp_path, PYTHONPATH="")
    made = run(*alone, xiaobao, "init", "ws", cwd=tmp_path, PYTHONPATH="")
    assert "complaints" in made
    assert (tmp_path / "ws" / "notebooks" / "4_complaints.ipynb").is_file()

    shown = run(*alone, xiaobao, "demo", "demo", "--units", "3", "--periods", "1", cwd=tmp_path, PYTHONPATH="")
    papers = re.search(r"底稿 (\d+) 本（本次运行 \1 本，未变化跳过 0 本，失败 0 本）", shown)
    assert papers and int(papers[1]) >= 3 * 6, shown  # five core domains and a scorecard at least
    home = {"XIAOBAO_HOME": str(tmp_path / "demo"), "PYTHONPATH": ""}
    again = run(*alone, xiaobao, "run", "--period", "2026H1", cwd=tmp_path, **home)
    assert "完成 0 本" in again
    page = run(*alone, tmp_path / "env" / "bin" / "python", "-c", _VISIT, xiaobao, cwd=tmp_path, **home)
    assert "消保自查" in page


# Serve the pages and fetch the start page, inside one namespace: nobody else can reach it.
_VISIT = """
import subprocess, sys, time, urllib.request
served = subprocess.Popen([sys.argv[1], "serve", "--port", "8899"], stdout=sys.stderr, stderr=sys.stderr)
try:
    for _ in range(120):
        try:
            print(urllib.request.urlopen("http://127.0.0.1:8899/", timeout=60).read().decode())
            break
        except OSError:
            time.sleep(0.5)
finally:
    served.terminate()
    served.wait(30)
"""
