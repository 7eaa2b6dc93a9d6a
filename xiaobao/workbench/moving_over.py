"""Workspaces of version 0.2 and earlier: bring the papers of a period's one folder into a folder of their campaign.

Each file is moved by one renaming and is found at both places meanwhile (`places`), so a kill at any moment leaves
nothing lost: what is not over yet is moved when the workspace is next opened for writing. The mark is written last.
Where a period has several campaigns, the later one wrote over the papers of the earlier: a paper goes to the campaign
whose record has its digest, and a report stays where it is, since nothing tells which of them it was about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from xiaobao.errors import Fault, WorkspaceError, machine_words
from xiaobao.model import Actor, RunStatus
from xiaobao.store import Store
from xiaobao.store.models import Campaign
from xiaobao.workbench.places import FOLDER, REPORTS_FOLDER, campaign_folder

LAYOUT_MARK = ".layout"
LAYOUT = "2"
_LOCKS = (".lock", LAYOUT_MARK)


def bring_over(home: Path, store: Store, actor: Actor) -> int:
    """Move what lies in the old layout, once and for all, and record that. Returns how many files were moved.

    A period in which an older program still runs is left for later. Raises WorkspaceError where files cannot be moved.
    """
    folder = home / REPORTS_FOLDER
    if _is_over(folder):
        return 0
    try:
        with FileLock(folder / ".moving.lock"):
            if _is_over(folder):
                return 0
            moved, whole = 0, True
            for period in sorted({campaign.period for campaign in store.campaigns()}):
                with _quiet(folder / period) as quiet:
                    whole = whole and quiet
                    moved += _bring_period(home, store, period) if quiet else 0
            if moved:
                with store.writing(actor) as tx:
                    tx.note_relocation({"moved": moved, "layout": f"{REPORTS_FOLDER}/<期间>/{FOLDER}<编号>"})
            if whole:
                (folder / LAYOUT_MARK).write_text(LAYOUT, "ascii")
            return moved
    except OSError as error:
        message = f"不能把底稿移入各批次的文件夹：{machine_words(error)}，请放开写权限后重试"
        raise WorkspaceError(Fault(message, file=str(error.filename or folder))) from error


def mark_layout(home: Path) -> None:
    """Say of a new workspace that there is nothing to bring over."""
    (home / REPORTS_FOLDER / LAYOUT_MARK).write_text(LAYOUT, "ascii")


def _is_over(folder: Path) -> bool:
    return not folder.is_dir() or (folder / LAYOUT_MARK).is_file()


@contextmanager
def _quiet(folder: Path) -> Iterator[bool]:
    """Hold the lock that runs of earlier versions take; False while one goes on."""
    if not folder.is_dir():
        yield True
        return
    try:
        with FileLock(folder / ".lock", timeout=0):
            yield True
    except Timeout:
        yield False


def _bring_period(home: Path, store: Store, period: str) -> int:
    campaigns = store.campaigns(period)
    source = home / REPORTS_FOLDER / period
    if not source.is_dir():
        return 0
    if len(campaigns) > 1:
        return sum(_bring_papers(home, store, campaign) for campaign in campaigns)
    return _bring_folder(source, campaign_folder(home, campaigns[0]))


def _bring_folder(source: Path, target: Path) -> int:
    """Move all files of `source` below `target`, which lies in it; nothing there is written over."""
    moved = 0
    for path in sorted(source.rglob("*")):
        place = path.relative_to(source)
        if path.is_file() and not place.parts[0].startswith(FOLDER) and place.name not in _LOCKS:
            moved += _move(path, target / place)
    for path in sorted(source.rglob("*"), reverse=True):
        if path.is_dir() and path != target and not any(path.iterdir()):
            path.rmdir()
    return moved


def _bring_papers(home: Path, store: Store, campaign: Campaign) -> int:
    moved = 0
    for run in store.runs(campaign.id).values():
        path = home / run.paper
        if run.status is RunStatus.DONE and path.is_file():
            target = campaign_folder(home, campaign) / run.unit / path.name
            if path != target and hashlib.sha256(path.read_bytes()).hexdigest() == run.paper_sha256:
                moved += _move(path, target)
    return moved


def _move(path: Path, target: Path) -> int:
    if target.exists():
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    return 1
