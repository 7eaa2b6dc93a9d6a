"""A copy of the whole workspace in one file, made while others work, and a workspace made of such a copy.

In it: store, imported data, evidence, papers and reports, checklists, notebooks, templates, own checks, settings.
Not in it: the key of the pseudonyms, which is kept apart, and what a run leaves behind. On PostgreSQL the store is the
server's to copy.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from xiaobao import store as storing
from xiaobao.errors import Fault, WorkspaceError, machine_words
from xiaobao.files import PRIVATE, put_new, write_new
from xiaobao.model import RunStatus
from xiaobao.store.models import Campaign, RunRecord
from xiaobao.workbench.cutting import manifests, of_manifest
from xiaobao.workbench.moving_over import LAYOUT_MARK
from xiaobao.workbench.places import REPORTS_FOLDER, pending_paper, recorded_paper_path
from xiaobao.workbench.verifying import carried_checkpoint, verify_workspace
from xiaobao.workbench.workspace import KEY_FILE, SETTINGS_FILE, Workbench, open_workbench

_STORE = "xiaobao.sqlite"
FOLDERS = ("data", "evidence", "reports", "checklists", "notebooks", "templates", "checks")
_TRIES = 2  # a paper would have to be replaced twice between two looks
_DRAFTS = ".backup-"
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
        with _drafting_folder(file.parent) as folder:
            draft = folder / file.name
            for _ in range(_TRIES):
                if _write(wb, draft, folder):
                    break
            draft.chmod(0o600)
            if key is not None:
                write_new(key, (wb.home / KEY_FILE).read_bytes(), mode=PRIVATE)
            put_new(draft, file)
    except OSError as error:
        raise WorkspaceError(Fault(f"备份写不进去：{machine_words(error)}", file=str(file))) from error


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
        folder.chmod(0o700)
        if tarfile.is_tarfile(file):
            _unpack(file, folder)
        else:
            _take_store(file, folder)
        if key is not None:
            (folder / KEY_FILE).parent.mkdir(mode=0o700, exist_ok=True)
            shutil.copyfile(key, folder / KEY_FILE)
            (folder / KEY_FILE).chmod(0o600)
        settings = folder / SETTINGS_FILE
        settings.write_text(_STORE_LINE.sub(f'store = "sqlite:///{_STORE}"', settings.read_text("utf-8")), "utf-8")
    except (OSError, tarfile.TarError) as error:
        why = machine_words(error) if isinstance(error, OSError) and error.errno else "不是完整的备份文件"
        raise WorkspaceError(Fault(f"不能还原：{why}", file=str(file))) from error
    wb = open_workbench(folder)
    try:
        return verify_workspace(wb)
    finally:
        wb.store.close()


def _write(wb: Workbench, draft: Path, folder: Path) -> bool:
    """Write the archive; tell whether the papers in it are those that its store knows.

    Files come first, then the store, then what came to be in between and the store knows of: of a file that was
    replaced meanwhile the copy that the store knows stands, since a later member of an archive stands for an earlier.
    """
    copy = folder / _STORE
    copy.unlink(missing_ok=True)
    mode = "w:gz" if draft.name.endswith((".gz", ".tgz")) else "w"
    found: dict[str, str] = {}
    with tarfile.open(draft, mode, format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
        for name, path in ((SETTINGS_FILE, wb.home / SETTINGS_FILE), *_files(wb.home)):
            found[name] = _add(archive, name, path)
        wb.store.backup(copy)
        found[_STORE] = _add(archive, _STORE, copy)
        with storing.open(f"sqlite:///{copy}", read_only=True) as store:
            known = int(store.checkpoint().partition("-")[0])
            for name, path in _come_since(wb.home, found, known):
                found[name] = _add(archive, name, path)
            missing = [
                run for campaign, run in _papers(store) if not _add_paper(archive, wb.home, campaign, run, found)
            ]
        for manifest in manifests(wb.home):
            _add_manifest(archive, wb.home, manifest, found)
    return not missing


def _files(home: Path) -> Iterator[tuple[str, Path]]:
    """Yield what is copied; lists of partitions come last, since a run may be cutting anew."""
    layout = home / REPORTS_FOLDER / LAYOUT_MARK
    if layout.is_file():
        yield layout.relative_to(home).as_posix(), layout
    lists = set(manifests(home))
    for folder in FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.startswith(".") and path not in lists:
                yield path.relative_to(home).as_posix(), path


def _come_since(home: Path, found: Mapping[str, str], known: int) -> Iterator[tuple[str, Path]]:
    """Yield files that came to be since; not papers, which their records name, nor what is younger than the store."""
    for name, path in _files(home):
        young = carried_checkpoint(path) if path.suffix == ".docx" else ""
        if name not in found and path.suffix != ".ipynb" and int(young.partition("-")[0] or 0) <= known:
            yield name, path


def _papers(store: storing.Store) -> Iterator[tuple[Campaign, RunRecord]]:
    runs = ((campaign, run) for campaign in store.campaigns() for run in store.runs(campaign.id).values())
    return ((campaign, run) for campaign, run in runs if run.status is RunStatus.DONE)


def _add_paper(archive: tarfile.TarFile, home: Path, campaign: Campaign, run: RunRecord, found: dict[str, str]) -> bool:
    """See to it that the archive holds the very paper that the store knows; tell whether it does."""
    final = recorded_paper_path(home, campaign, run)
    name = final.relative_to(home).as_posix()
    for path in (final, pending_paper(final, run.paper_sha256)):
        if found.get(name) == run.paper_sha256:
            break
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == run.paper_sha256:
            found[name] = _add(archive, name, path)
    return found.get(name) == run.paper_sha256


def _add_manifest(archive: tarfile.TarFile, home: Path, manifest: Path, found: Mapping[str, str]) -> None:
    """Add a list of partitions if the archive holds what it lists; without it a run cuts them anew."""
    if all(found.get(one.path) == one.sha256 for one in of_manifest(manifest)):
        _add(archive, manifest.relative_to(home).as_posix(), manifest)


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


@contextmanager
def _drafting_folder(place: Path) -> Iterator[Path]:
    """Give a folder to write in, its owner's alone; what a killed backup left beside it is cleared away first."""
    for left in place.glob(f"{_DRAFTS}*"):
        with suppress(OSError), _held(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_DRAFTS, dir=place) as folder, _held(Path(folder)):
        yield Path(folder)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder as long as its backup goes on. Raises OSError where another holds it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _unpack(file: Path, folder: Path) -> None:
    with tarfile.open(file) as archive:
        names = archive.getnames()
        if _STORE not in names or SETTINGS_FILE not in names:
            raise WorkspaceError(Fault("这不是工作区的备份文件", file=file.name, allowed="xiaobao backup 生成的文件"))
        archive.extractall(folder, filter="data")
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _take_store(file: Path, folder: Path) -> None:
    settings = file.with_name(file.name + ".toml")
    if not settings.is_file():
        raise WorkspaceError(Fault("找不到备份文件", file=str(settings)))
    shutil.copyfile(settings, folder / SETTINGS_FILE)
    shutil.copyfile(file, folder / _STORE)
    (folder / _STORE).chmod(0o600)
