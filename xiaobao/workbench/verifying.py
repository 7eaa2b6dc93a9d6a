"""Prove afterwards that nothing was altered; keep a copy; bring it back."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from xiaobao.errors import Fault, WorkspaceError
from xiaobao.feature_list import brought
from xiaobao.model import RunStatus
from xiaobao.store.records import Campaign
from xiaobao.workbench.places import campaign_words, where_paper_lies, where_report_lies
from xiaobao.workbench.results.handing_in import kept_extracts
from xiaobao.workbench.workspace import SETTINGS_FILE, Workbench, open_workbench


def verify_workspace(wb: Workbench) -> tuple[str, ...]:
    """Return what was altered: history, imported extracts, evidence, work papers and released reports. Empty: sound."""
    return (*wb.store.verify(), *_altered_files(wb), *_altered_reports(wb))


def _altered_files(wb: Workbench) -> Iterator[str]:
    for record in wb.store.imports():
        yield from _altered(wb.home / record.path, record.file_sha256, f"导入数据 {record.dataset} {record.period}")
    for documents in brought("documents"):
        for path, sha256, what in documents(wb):
            yield from _altered(wb.home / path, sha256, what)
    for campaign in wb.store.campaigns():
        for inspection in wb.store.inspections(campaign.id):
            for evidence in wb.store.evidence(inspection.id):
                yield from _altered(wb.home / evidence.path, evidence.sha256, f"佐证材料 {evidence.file_name}")
        yield from _altered_kept(wb, campaign)
        words = campaign_words(wb.store, campaign)
        for run in wb.store.runs(campaign.id).values():
            if run.status is RunStatus.DONE:
                place = where_paper_lies(wb.home, campaign, run)
                yield from _altered(place, run.paper_sha256, f"底稿 {words} {run.unit}")


def _altered_kept(wb: Workbench, campaign: Campaign) -> Iterator[str]:
    """Name data that a handed-in sheet rests on and that are not what they were."""
    seen: set[str] = set()
    for (unit, domain), kept in wb.store.handed_in(campaign.id).items():
        for extract in kept_extracts(kept):
            if extract.path not in seen:
                seen.add(extract.path)
                what = f"提交时固定的数据 {campaign.period} {unit} {domain} {extract.dataset}"
                yield from _altered(wb.home / extract.path, extract.sha256, what)


def _altered_reports(wb: Workbench) -> Iterator[str]:
    """Name a released report that was changed where it lies; one that was moved away is its reader's own matter."""
    for event in wb.store.issued():
        told = json.loads(event.payload or "{}")
        path = where_report_lies(wb.home, wb.store, told["path"]) if told.get("path") else None
        if path is not None and path.is_file():
            yield from _altered(path, told["sha256"], f"已发布的{told['what']}")


def _altered(path: Path, sha256: str, what: str) -> Iterator[str]:
    if not path.is_file():
        yield f"{what}：文件缺失 {path.name}"
    elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        yield f"{what}：内容与登记的摘要不符 {path.name}"


def backup_workspace(wb: Workbench, file: Path) -> None:
    """Write a consistent copy of the store while others work. Raises WorkspaceError over an existing file."""
    if file.exists():
        raise WorkspaceError(Fault("备份文件已存在，不覆盖", file=str(file)))
    file.parent.mkdir(parents=True, exist_ok=True)
    wb.store.backup(file)
    shutil.copy2(wb.home / SETTINGS_FILE, file.with_name(file.name + ".toml"))


def restore_workspace(file: Path, folder: Path) -> None:
    """Bring a backup back into a new folder, and verify its history. Raises WorkspaceError where something stands."""
    settings = file.with_name(file.name + ".toml")
    missing = [path for path in (file, settings) if not path.is_file()]
    if missing:
        raise WorkspaceError(Fault("找不到备份文件", file=str(path)) for path in missing)
    if folder.exists() and any(folder.iterdir()):
        raise WorkspaceError(Fault("目标文件夹不是空的，没有还原", file=str(folder)))
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy2(settings, folder / SETTINGS_FILE)
    shutil.copy2(file, folder / "xiaobao.sqlite")
    problems = open_workbench(folder, read_only=True).store.verify()
    if problems:
        raise WorkspaceError(Fault(problem) for problem in problems)
