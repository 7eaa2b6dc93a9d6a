"""A copy of the whole workspace in one file, made while others work, and a workspace made of such a copy.

In it: store, imported data, evidence, papers and reports, checklists, notebooks, templates, own checks, settings.
Not in it: the key of the pseudonyms, which is kept apart, and what a run leaves behind. On PostgreSQL the store is the
server's to copy.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from xiaobao import store as storing
from xiaobao.errors import Fault, WorkspaceError
from xiaobao.model import RunStatus
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import KEY_FILE, SETTINGS_FILE, Workbench, open_workbench

STORE = "xiaobao.sqlite"
FOLDERS = ("data", "evidence", "reports", "checklists", "notebooks", "templates", "checks")
_TRIES = 5
_CHUNK = 1 << 20
_STORE_LINE = re.compile(r'^store\s*=\s*"sqlite:////.*$', re.MULTILINE)


def backup_workspace(wb: Workbench, file: Path, key: Path | None = None) -> None:
    """Write the copy to `file` (.tar or .tar.gz), and the key of the pseudonyms to `key` where that is asked for.

    Papers that a run replaced meanwhile are copied again with the store that knows them. Both files are their owner's
    alone. Raises WorkspaceError over an existing file and when the disk is full, StoreError on PostgreSQL.
    """
    for target in (file, key):
        if target is not None and target.exists():
            raise WorkspaceError(Fault("备份文件已存在，不覆盖", file=str(target)))
    if key is not None and not (wb.home / KEY_FILE).is_file():
        raise WorkspaceError(Fault("工作区里没有化名密钥", file=str(wb.home / KEY_FILE), allowed="不写 --key"))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder:
            draft = Path(folder) / file.name
            for attempt in range(1, _TRIES + 1):
                if _write(wb, draft, Path(folder)) or attempt == _TRIES:
                    break
            draft.chmod(0o600)
            if key is not None:
                shutil.copyfile(wb.home / KEY_FILE, Path(folder) / "key")
                (Path(folder) / "key").chmod(0o600)
                (Path(folder) / "key").replace(key)
            draft.replace(file)
    except OSError as error:
        raise WorkspaceError(Fault(f"备份写不进去：{error.strerror}", file=str(file))) from error


def restore_workspace(file: Path, folder: Path, key: Path | None = None) -> tuple[str, ...]:
    """Make a workspace of a copy in a new folder, and return what `verify` says of it; empty: sound.

    A copy of version 0.1 (the store, and its settings beside it) is taken too. Raises WorkspaceError where something
    stands already, or for a file that is no copy.
    """
    if folder.exists() and any(folder.iterdir()):
        raise WorkspaceError(Fault("目标文件夹不是空的，没有还原", file=str(folder)))
    missing = [path for path in (file, key) if path is not None and not path.is_file()]
    if missing:
        raise WorkspaceError(Fault("找不到备份文件", file=str(path)) for path in missing)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if tarfile.is_tarfile(file):
            _unpack(file, folder)
        else:
            _take_store(file, folder)
        if key is not None:
            (folder / KEY_FILE).parent.mkdir(mode=0o700, exist_ok=True)
            shutil.copyfile(key, folder / KEY_FILE)
            (folder / KEY_FILE).chmod(0o600)
        settings = folder / SETTINGS_FILE
        settings.write_text(_STORE_LINE.sub(f'store = "sqlite:///{STORE}"', settings.read_text("utf-8")), "utf-8")
    except (OSError, tarfile.TarError) as error:
        why = getattr(error, "strerror", None) or "不是完整的备份文件"
        raise WorkspaceError(Fault(f"不能还原：{why}", file=str(file))) from error
    wb = open_workbench(folder)
    try:
        return verify_workspace(wb)
    finally:
        wb.store.close()


def _write(wb: Workbench, draft: Path, folder: Path) -> bool:
    """Write the archive; tell whether the papers in it are those that its store knows."""
    copy = folder / STORE
    copy.unlink(missing_ok=True)
    wb.store.backup(copy)
    mode = "w:gz" if draft.name.endswith((".gz", ".tgz")) else "w"
    found: dict[str, str] = {}
    with tarfile.open(draft, mode, format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
        for name, path in ((STORE, copy), (SETTINGS_FILE, wb.home / SETTINGS_FILE), *_files(wb.home)):
            found[name] = _add(archive, name, path)
    return _agrees(copy, found)


def _files(home: Path) -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                yield path.relative_to(home).as_posix(), path


def _add(archive: tarfile.TarFile, name: str, path: Path) -> str:
    """Add a file for its owner alone, and return its SHA-256; one that went meanwhile is left out."""
    try:
        with path.open("rb") as file:
            info = archive.gettarinfo(fileobj=file, arcname=name)
            info.mode, info.uid, info.gid, info.uname, info.gname = 0o600, 0, 0, "", ""
            reading = _Hashing(file)
            archive.addfile(info, reading)
            return reading.digest.hexdigest()
    except FileNotFoundError:
        return ""


class _Hashing:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._file.read(size)
        self.digest.update(data)
        return data


def _agrees(copy: Path, found: Mapping[str, str]) -> bool:
    with storing.open(f"sqlite:///{copy}", read_only=True) as store:
        runs = (run for campaign in store.campaigns() for run in store.runs(campaign.id).values())
        return all(found.get(run.paper) == run.paper_sha256 for run in runs if run.status is RunStatus.DONE)


def _unpack(file: Path, folder: Path) -> None:
    with tarfile.open(file) as archive:
        names = archive.getnames()
        if STORE not in names or SETTINGS_FILE not in names:
            raise WorkspaceError(Fault("这不是工作区的备份文件", file=file.name, allowed="xiaobao backup 生成的文件"))
        archive.extractall(folder, filter="data")
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _take_store(file: Path, folder: Path) -> None:
    settings = file.with_name(file.name + ".toml")
    if not settings.is_file():
        raise WorkspaceError(Fault("找不到备份文件", file=str(settings)))
    shutil.copyfile(settings, folder / SETTINGS_FILE)
    shutil.copyfile(file, folder / STORE)
    (folder / STORE).chmod(0o600)
