"""The folders of a run: one run at a time, room to write, no leavings of one that was killed."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from xiaobao.batch.journal import LOCK
from xiaobao.batch.plan import notebook_fault
from xiaobao.errors import Fault, WorkspaceError, machine_words
from xiaobao.files import clear_leavings
from xiaobao.store.models import Campaign
from xiaobao.workbench.places import campaign_folder, run_folder, run_notebooks
from xiaobao.workbench.workspace import Workbench

_WITH_IDS = 5  # nbformat 4.5 and later: cells have ids
_SAYS_NOTHING: Mapping[str, Any] = {
    "cell_type": "code",
    "execution_count": None,
    "metadata": {},
    "outputs": [],
    "source": ["import xiaobao\n", 'xiaobao.emit("")'],
}
_ROOM = 64 << 20  # bytes that must be free before a run begins


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two runs of a campaign never mix. The lock goes with the process.

    Raises WorkspaceError where another run holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout:
        raise WorkspaceError(Fault("同一检查批次已有一次运行在进行，请等它结束", file=str(folder))) from None
    except PermissionError as error:
        raise WorkspaceError(Fault(f"不能写入底稿文件夹：{machine_words(error)}", file=str(folder))) from error


def prepare_place(wb: Workbench, campaign: Campaign) -> None:
    """Clear what a killed run left, and prove that there is room.

    Raises WorkspaceError before any work is done.
    """
    reports, inputs = campaign_folder(wb.home, campaign), run_folder(wb.home, campaign)
    try:
        shutil.rmtree(inputs, ignore_errors=True)
        for leaving in reports.glob("*/.*.tmp.ipynb"):
            leaving.unlink(missing_ok=True)
        _clear_drafts(wb, campaign.period)
        for folder in (reports, inputs, wb.home):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(bytes(1024))
    except OSError as error:
        place = Path(error.filename).parent if error.filename else wb.home
        raise WorkspaceError(Fault(f"不能写入工作区：{machine_words(error)}，运行没有开始", file=str(place))) from error
    free = shutil.disk_usage(reports).free
    if free < _ROOM:
        need = f"至少 {_ROOM >> 20} MB"
        raise WorkspaceError(
            Fault("磁盘空间不足，运行没有开始", file=str(reports), value=f"{free >> 20} MB", allowed=need)
        )


def _clear_drafts(wb: Workbench, period: str) -> None:
    """Clear away what killed commands were writing; partitions and papers of other periods wait for theirs."""
    data = wb.home / "data"
    for folder in (wb.home, wb.home / "checklists", wb.home / "reports", wb.home / "secrets"):
        clear_leavings(folder)
    for folder in (wb.home / "reports" / period, data / "partitions" / period, data / "extracts", wb.home / "evidence"):
        clear_leavings(folder, below=True)


def notebook_path(wb: Workbench, campaign: Campaign, name: str) -> Path:
    """Return where a child finds a notebook. No unit's folder can be in the way: ids begin with a letter or digit."""
    return run_folder(wb.home, campaign) / "_notebooks" / f"{name}.ipynb"


def lay_out_notebooks(wb: Workbench, campaign: Campaign) -> None:
    """Copy the notebooks for the children, without the outputs that they are committed with, which take time to read.

    Each carries the checkpoint of the history as it stands now, before the inputs are frozen: it stays in the metadata
    of every paper, and so a paper shows that a store is older than it is. Raises WorkspaceError.
    """
    checkpoint = wb.store.checkpoint()
    try:
        for name in sorted(run_notebooks(campaign.checklists, campaign.papers, wb.home / "notebooks")):
            source = wb.home / "notebooks" / f"{name}.ipynb"
            if not notebook_fault(source):  # its papers fail by name
                _lay_out(source, notebook_path(wb, campaign, name), checkpoint, own=name in campaign.papers)
    except OSError as error:
        fault = Fault(f"不能写入工作区：{machine_words(error)}，运行没有开始", file=str(error.filename))
        raise WorkspaceError(fault) from error


def _lay_out(source: Path, target: Path, checkpoint: str, own: bool) -> None:
    """Copy one; an analyst's own that says nothing at its end gets a last cell that says so."""
    plain = json.loads(source.read_text("utf-8"))
    plain["metadata"]["xiaobao"] = {"checkpoint": checkpoint}
    for cell in plain["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    if own and not any(".emit(" in "".join(cell["source"]) for cell in plain["cells"][-1:]):
        plain["cells"].append(
            {**_SAYS_NOTHING, **({"id": "emit"} if plain.get("nbformat_minor", 0) >= _WITH_IDS else {})}
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(plain, ensure_ascii=False), "utf-8")
