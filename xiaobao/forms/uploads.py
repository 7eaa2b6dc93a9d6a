"""Files arrive in pieces, since a websocket message has a limit; a piece out of order or too much is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from xiaobao.errors import Fault, InputError
from xiaobao.workbench.keeping_evidence import ALLOWED, MEGABYTES

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
        try:
            if not isinstance(size, int) or not 0 < size <= LARGEST:
                raise InputError(Fault("文件太大或为空", allowed=ALLOWED))
            if offset != len(whole) or len(piece) > PIECE or len(whole) + len(piece) > size:
                raise InputError(Fault("上传中断，请重新上传"))
            if len(self.begun) > _AT_ONCE:
                raise InputError(Fault("同时上传的文件太多，请等前面的传完"))
            whole += piece
            if len(whole) < size:
                return None
            self._check_hash(content, whole)
        except InputError:
            del self.begun[number]
            raise
        return bytes(self.begun.pop(number))

    @staticmethod
    def _check_hash(content: Mapping[str, object], whole: bytearray) -> None:
        """Compare with the browser's hash, where the browser could make one (not on plain http addresses)."""
        told = content.get("sha256")
        if told and told != hashlib.sha256(whole).hexdigest():
            raise InputError(Fault("文件在传输中损坏，请重新上传"))
