"""What hundreds of tests begin with is made once in a test process and copied: making it costs a hundred copies."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from xiaobao import store as storing
from xiaobao.workbench.new_workspace import init_workspace
from xiaobao.workbench.workspace import Workbench, open_workbench

_PLACE = tempfile.TemporaryDirectory(prefix="xiaobao-tests-")
STORE = "xiaobao.sqlite"


def copy_of(name: str, make: Callable[[Path], object], home: Path) -> Path:
    """Copy to `home` the folder that `make` fills at its first call; `name` tells it from all others."""
    kept = Path(_PLACE.name) / hashlib.sha256(name.encode()).hexdigest()[:16]
    if not kept.exists():
        try:
            make(kept)
        except BaseException:
            shutil.rmtree(kept, ignore_errors=True)
            raise
    shutil.copytree(kept, home, dirs_exist_ok=True)
    return home


def new_store(home: Path) -> None:
    """Put a new store into the folder of a workspace."""
    copy_of("store", _make_store, home)


def _make_store(folder: Path) -> None:
    folder.mkdir()
    storing.open(f"sqlite:///{folder / STORE}", create=True).close()


def new_workspace(home: Path, bank: str = "", as_of: date | None = None) -> Workbench:
    """Return a workspace as `xiaobao init` makes it, with the shipped versions published."""
    copy_of(f"workspace {bank} {as_of}", lambda kept: init_workspace(kept, bank, as_of).store.close(), home)
    return open_workbench(home)
