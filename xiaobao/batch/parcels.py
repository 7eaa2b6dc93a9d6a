"""What a job on another machine needs, on its way there: over a shared folder, or through storage that fsspec reaches.

Partitions and notebooks travel under their hash; a partition is held to it when it is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from msgspec.structs import replace

from xiaobao.batch.executing import PaperDraft
from xiaobao.batch.place import notebook_path
from xiaobao.errors import Fault, WorkspaceError
from xiaobao.model import Extract
from xiaobao.paper.frozen import Frozen, frozen_text, with_extracts, write_frozen
from xiaobao.store.models import Campaign
from xiaobao.workbench.workspace import Workbench

_KEPT = 256  # fetched files that a worker keeps for its next jobs


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """Where a job's notebook and inputs lie: paths in a shared folder, or names below `storage` with all `files`."""

    notebook: str
    inputs: str
    storage: str = ""
    files: tuple[str, ...] = ()


class Carrier(Protocol):
    """Brings inputs within the workers' reach. `send` raises OSError."""

    def send(self, draft: PaperDraft) -> Parcel:
        """Put the notebook and the inputs of a job where a worker can read them; say where that is. Raises OSError."""

    def clear(self, draft: PaperDraft) -> None:
        """Take away the inputs of a job that is done; its notebook and partitions may serve others. Raises OSError."""

    def close(self) -> None:
        """Take away everything that was sent. Raises OSError."""


def carrier(wb: Workbench, campaign: Campaign) -> Carrier:
    """Return what the setting `[cluster] storage` asks for. Raises WorkspaceError where nothing can be put there."""
    url = wb.settings.cluster.storage
    return _Storage(wb, campaign, url) if url else _SharedFolder(wb)


class _SharedFolder:
    """The workspace itself, under the same path on every machine."""

    def __init__(self, wb: Workbench) -> None:
        self._wb = wb

    def send(self, draft: PaperDraft) -> Parcel:
        """Write the inputs where every worker finds them under the same path; notebooks lie there already."""
        write_frozen(replace(draft.job.frozen, notebook=draft.job.notebook), draft.inputs)
        return Parcel(notebook=_notebook(self._wb, draft), inputs=str(draft.inputs))

    def clear(self, draft: PaperDraft) -> None:
        """Leave it to the draft: what was sent is its own input file."""

    def close(self) -> None:
        """Nothing is held."""


class _Storage:
    """A folder of its own in the storage for each workspace and campaign; emptied before a run and after it."""

    def __init__(self, wb: Workbench, campaign: Campaign, url: str) -> None:
        from fsspec.core import url_to_fs

        self._wb = wb
        name = hashlib.sha256(f"{socket.gethostname()} {wb.home} {campaign.id}".encode()).hexdigest()[:16]
        try:
            self._fs, root = url_to_fs(url)
            self._folder = f"{root.rstrip('/')}/xiaobao-{name}"
            self.close()
            self._fs.makedirs(self._folder, exist_ok=True)
            self._fs.pipe_file(f"{self._folder}/probe", b"1")
        except (OSError, ValueError, ImportError) as error:
            raise WorkspaceError(
                Fault(f"不能写入 [cluster] storage，运行没有开始：{error}", file="xiaobao.toml", value=url)
            ) from error
        self._url = self._fs.unstrip_protocol(self._folder)
        self._sent: set[str] = set()

    def send(self, draft: PaperDraft) -> Parcel:
        """Put notebook and partitions there under their SHA-256, each once, and the inputs with these names in them."""
        notebook = Path(_notebook(self._wb, draft))
        named = f"{_hash(notebook, notebook.stat().st_mtime_ns)}.ipynb"
        self._put(notebook, named)
        frozen, files = _by_hash(replace(draft.job.frozen, notebook=draft.job.notebook))
        for name, place in files.items():
            self._put(self._wb.home / place, name)
        inputs = self._inputs(draft)
        self._fs.pipe_file(f"{self._folder}/{inputs}", frozen_text(replace(frozen, root="")).encode())
        return Parcel(notebook=named, inputs=inputs, storage=self._url, files=(named, *files))

    def clear(self, draft: PaperDraft) -> None:
        self._fs.rm_file(f"{self._folder}/{self._inputs(draft)}")

    def close(self) -> None:
        if self._fs.exists(self._folder):
            self._fs.rm(self._folder, recursive=True)

    def _put(self, path: Path, name: str) -> None:
        if name not in self._sent:
            self._fs.put_file(str(path), f"{self._folder}/{name}")
            self._sent.add(name)

    @staticmethod
    def _inputs(draft: PaperDraft) -> str:
        return f"{draft.job.unit.id}-{draft.job.paper_name}.json"


def _notebook(wb: Workbench, draft: PaperDraft) -> str:
    return str(notebook_path(wb, draft.campaign, draft.job.notebook))


@cache
def _hash(path: Path, changed: int) -> str:  # a changed file is another one
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _by_hash(frozen: Frozen) -> tuple[Frozen, dict[str, str]]:
    """Return inputs that name every partition by its hash, and name → path in the workspace."""
    files: dict[str, str] = {}

    def named(extract: Extract) -> Extract:
        name = f"{extract.sha256}.parquet"
        files[name] = extract.path
        return replace(extract, path=name)

    return with_extracts(frozen, named), files


def unpack(parcels: Sequence[Parcel], folder: Path) -> list[tuple[str, str]]:
    """Fetch into `folder` what is not at hand; return (notebook, inputs) of each parcel. Raises OSError."""
    return [_unpacked(parcel, folder / str(number)) for number, parcel in enumerate(parcels)]


def _unpacked(parcel: Parcel, folder: Path) -> tuple[str, str]:
    if not parcel.storage:
        with Path(parcel.notebook).open("rb"), Path(parcel.inputs).open("rb"):
            return parcel.notebook, parcel.inputs
    from fsspec.core import url_to_fs

    fs, place = url_to_fs(parcel.storage)
    folder.mkdir()
    for name in parcel.files:
        _shelf().lay(fs, f"{place}/{name}", folder / name)
    plain = json.loads(fs.cat_file(f"{place}/{parcel.inputs}"))
    inputs = folder / "inputs.json"
    inputs.write_text(json.dumps({**plain, "root": str(folder)}, ensure_ascii=False), "utf-8")
    return str(folder / parcel.notebook), str(inputs)


class _Shelf:
    """Files of a worker, by hash: what all units share is fetched once, the longest unused goes first."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="xiaobao-shelf-")
        self._lock = threading.Lock()
        self._names: OrderedDict[str, None] = OrderedDict()

    def lay(self, fs: Any, source: str, target: Path) -> None:
        """Put a file where a job wants it: a second link, so that clearing the shelf takes nothing from anybody."""
        kept = Path(self._folder.name, target.name)
        with self._lock:
            if target.name not in self._names:
                fs.get_file(source, str(kept))
            self._names[target.name] = None
            self._names.move_to_end(target.name)
            os.link(kept, target)
            while len(self._names) > _KEPT:
                Path(self._folder.name, self._names.popitem(last=False)[0]).unlink()


@cache
def _shelf() -> _Shelf:
    return _Shelf()
