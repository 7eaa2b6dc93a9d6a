"""The folders of a run: one run at a time, room to write, no leavings of one that was killed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from xiaobao.batch.journal import LOCK
from xiaobao.errors import Fault, WorkspaceError
from xiaobao.workbench.workspace import Workbench

_ROOM = 64 << 20  # bytes that must be free before a run begins


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two runs of a period never mix. The lock goes with the process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout:
        raise WorkspaceError(Fault("同一检查期间已有一次运行在进行，请等它结束", file=str(folder))) from None
    except PermissionError as error:
        raise WorkspaceError(Fault(f"不能写入底稿文件夹：{error.strerror}", file=str(folder))) from error


def prepare_place(wb: Workbench, period: str) -> None:
    """Clear what a killed run left and prove that there is room. Raises WorkspaceError before any work is done."""
    reports, inputs = wb.home / "reports" / period, wb.home / ".run"
    try:
        shutil.rmtree(inputs / period, ignore_errors=True)
        for leaving in reports.glob("*/.*.tmp.ipynb"):
            leaving.unlink(missing_ok=True)
        for folder in (reports, inputs, wb.home):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(bytes(1024))
    except OSError as error:
        place = Path(error.filename).parent if error.filename else wb.home
        raise WorkspaceError(Fault(f"不能写入工作区：{error.strerror}，运行没有开始", file=str(place))) from error
    free = shutil.disk_usage(reports).free
    if free < _ROOM:
        need = f"至少 {_ROOM >> 20} MB"
        raise WorkspaceError(
            Fault("磁盘空间不足，运行没有开始", file=str(reports), value=f"{free >> 20} MB", allowed=need)
        )
