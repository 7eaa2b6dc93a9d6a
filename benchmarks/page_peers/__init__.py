"""Peers of the overview: the same units, figures and filters by other means, each started and given an address.

Streamlit and Panel come from an environment of their own (`.venv-page-peers`), Observable Framework, Plot and Vite from
npm into a folder outside the checkout, stock Voila from the environment of the product, which is built on it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from xiaobao.labels import LEVELS
from xiaobao.numbers import show
from xiaobao.scorecard import Overview

HERE = Path(__file__).resolve().parent


def write_rows(folder: Path, whole: Overview) -> Path:
    """Write what the peers draw: the texts of the overview, not one figure more."""
    titles = whole.domain_titles
    rows = [
        {
            "名次": show(row.rank),
            "机构": row.unit.name,
            "层级": LEVELS.get(row.unit.level, row.unit.level),
            "片区": row.unit.region,
            "总分": row.shown_total,
            "等级": whole.grade_labels.get(row.grade, "—"),
            **{title: show(row.domains.get(domain), 2) for domain, title in titles.items()},
        }
        for row in whole.rows
    ]
    path = folder / "rows.json"
    path.write_text(json.dumps({"domains": list(titles.values()), "rows": rows}, ensure_ascii=False), "utf-8")
    return path


def build_static(folder: Path, rows: Path, modules: Path | None = None) -> dict[str, Path]:
    """Build the static peers in `folder`; return what is given out of each. Raises CalledProcessError.

    Both draw by the same script with Observable Plot: one built by Observable Framework from imports of node_modules,
    one bundled by Vite. `modules`: a node_modules that is there already; without it npm fetches the three packages.
    """
    shutil.copytree(HERE / "observable", folder)
    shutil.copy(rows, folder / "src" / "rows.json")
    run = partial(subprocess.run, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    if modules is not None:
        (folder / "node_modules").symlink_to(modules)
    else:
        run(["npm", "install", "--no-audit", "--no-fund"])
    scripts = ("@observablehq/framework/dist/bin/observable.js build", "vite/bin/vite.js build --base=./")
    for script in scripts:
        run(["node", *f"node_modules/{script}".split()])
    return {"Observable Framework": folder / "framework", "Vite and Plot": folder / "dist"}


@contextmanager
def running(python: Path, name: str, rows: Path) -> Iterator[tuple[str, int]]:
    """Run the page of `streamlit` or `panel`; yield its address and process."""
    port = free_port()
    page = str(HERE / f"{name}_page.py")
    words = {
        "streamlit": [
            "run",
            page,
            f"--server.port={port}",
            "--server.headless=true",
            "--browser.gatherUsageStats=false",
        ],
        "panel": ["serve", page, f"--port={port}", f"--allow-websocket-origin=127.0.0.1:{port}"],
    }[name]
    path = {"streamlit": "/", "panel": "/panel_page"}[name]
    with server([str(python), "-m", name, *words], rows.parent, port, {"ROWS": str(rows)}) as pid:
        yield f"http://127.0.0.1:{port}{path}", pid


@contextmanager
def voila(notebooks: Path, home: Path, *, preheated: bool) -> Iterator[tuple[str, int]]:
    """Run stock Voila over the overview's notebook, kernels heated before or not; yield address and process."""
    port = free_port()
    words = [sys.executable, "-m", "voila", f"--port={port}", "--no-browser"]
    words += ["--preheat_kernel=True", "--pool_size=3"] if preheated else ["overview.ipynb"]
    environment = {"XIAOBAO_HOME": str(home), "PYTHONPATH": str(HERE.parents[1])}
    with server(words, notebooks, port, environment) as pid:
        yield f"http://127.0.0.1:{port}/" + ("voila/render/overview.ipynb" if preheated else ""), pid


@contextmanager
def server(words: list[str], folder: Path, port: int, more: dict[str, str]) -> Iterator[int]:
    """Run a server until the block ends, given out once it answers; yield its process number."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(words, cwd=folder, env={**os.environ, **more}, **quiet)  # type: ignore[call-overload]
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError(f"{words[2]} ended with {process.returncode}")
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/static/favicon.ico", timeout=2).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.2)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
