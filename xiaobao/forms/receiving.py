"""Files that a page sends to be read by a command: they go straight to disk in pieces, into a folder of one batch.

The batch lies in the workspace, readable by its owner alone, and goes with the work that read it, or after a day.
"""

from __future__ import annotations

import atexit
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xiaobao.errors import Fault, InputError
from xiaobao.workbench.inspections.evidence import display_name

_PIECE = 4 * 1024 * 1024
_MOST_FILES = 60


@dataclass
class Receiving:
    """Pieces received so far, by batch. A file that does not arrive whole is dropped."""

    place: Path
    megabytes: int
    batches: dict[str, Path] = field(default_factory=dict)

    def take(self, content: Mapping[str, object], piece: bytes) -> dict[str, object]:
        """Add a piece to a file of a batch ("" begins one). Raises InputError and drops the file."""
        batch = str(content.get("batch") or "")
        folder = self.folder(batch)
        if folder is None:
            batch, folder = self._begin()
        name = display_name(str(content.get("file"))).lstrip(".") or "未命名"
        size, offset = content.get("size"), content.get("offset")
        path = folder / name
        held = path.stat().st_size if path.is_file() and offset else 0
        fault = self._fault(name, size, offset, held, len(piece), folder)
        if fault:
            path.unlink(missing_ok=True)
            raise InputError(fault)
        with path.open("ab" if offset else "wb") as file:
            file.write(piece)
        path.chmod(0o600)
        return {"type": "taken", "batch": batch, "file": name, "held": held + len(piece)}

    def folder(self, batch: str) -> Path | None:
        """Return where the files of a batch lie, None for one that is not of this page."""
        found = self.batches.get(batch)
        return found if found is not None and found.is_dir() else None

    def drop(self, batch: str) -> None:
        """Forget a batch."""
        if (folder := self.batches.pop(batch, None)) is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _begin(self) -> tuple[str, Path]:
        batch = secrets.token_hex(8)
        self.place.mkdir(mode=0o700, exist_ok=True)
        self.batches[batch] = self.place / f"in-{batch}"
        self.batches[batch].mkdir(mode=0o700)
        atexit.register(shutil.rmtree, self.batches[batch], ignore_errors=True)  # a closed page leaves nothing behind
        return batch, self.batches[batch]

    def _fault(self, name: str, size: object, offset: object, held: int, piece: int, folder: Path) -> Fault | None:
        if not isinstance(size, int) or not 0 < size <= self.megabytes * 1024 * 1024:
            return Fault(
                "文件太大或为空", file=name, allowed=f"不超过 {self.megabytes} MB，在设置的 file_megabytes 中调整"
            )
        if offset != held or piece > _PIECE or held + piece > size:
            return Fault("上传中断，请重新上传", file=name)
        if len(list(folder.iterdir())) > _MOST_FILES:
            return Fault("一次上传的文件太多", file=name, allowed=f"最多 {_MOST_FILES} 个")
        return None
