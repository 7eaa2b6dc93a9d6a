"""Files come and go by messages: in pieces, for a message has a limit; one out of order or too much is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xiaobao.errors import Fault, InputError
from xiaobao.workbench.evidence.viewing import WAYS_TO_OPEN, open_evidence
from xiaobao.workbench.inspections.evidence import ALLOWED, MEGABYTES

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

LARGEST = MEGABYTES * 1024 * 1024
PIECE = 4 * 1024 * 1024
_AT_ONCE = 4


@dataclass
class Uploads:
    """Pieces received so far, by the page's number of the upload."""

    begun: dict[str, bytearray] = field(default_factory=dict)

    def take(self, content: Mapping[str, object], piece: bytes) -> bytes | None:
        """Add a piece; return the whole file after the last one. Raises InputError and forgets the upload."""
        number, size, offset = str(content.get("upload")), content.get("size"), content.get("offset")
        whole = self.begun.setdefault(number, bytearray())
        fault = self._fault(size, offset, len(whole), len(piece))
        if fault is None:
            whole += piece
            if len(whole) < int(str(size)):
                return None
            fault = _hash_fault(content, whole)
        del self.begun[number]
        if fault:
            raise InputError(fault)
        return bytes(whole)

    def _fault(self, size: object, offset: object, received: int, piece: int) -> Fault | None:
        if not isinstance(size, int) or not 0 < size <= LARGEST:
            return Fault("文件太大或为空", allowed=ALLOWED)
        if offset != received or piece > PIECE or received + piece > size:
            return Fault("上传中断，请重新上传")
        if len(self.begun) > _AT_ONCE:
            return Fault("同时上传的文件太多，请等前面的传完")
        return None


def evidence_sent(wb: Workbench, content: Mapping[str, object]) -> Mapping[str, object]:
    """Answer a page in JupyterLab, where no server of ours offers files, by the file itself. Raises like opening it."""
    how = str(content.get("how"))
    if how not in WAYS_TO_OPEN:
        raise InputError(Fault("不认识的操作", value=how))
    opened = open_evidence(wb, str(content.get("sha")), how)
    return {"type": "evidence", "name": opened.name, "media": opened.media, "buffers": [opened.data]}


def _hash_fault(content: Mapping[str, object], whole: bytearray) -> Fault | None:
    """Compare with the browser's hash, where the browser could make one (not on plain http addresses)."""
    announced = content.get("sha256")
    if announced and announced != hashlib.sha256(whole).hexdigest():
        return Fault("文件在传输中损坏，请重新上传")
    return None
