"""The board's script as a file of its own: asked for while the kernel still computes, and kept by the browser."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tornado.web

SCRIPT = "voila/board.js"  # below the server's base
_FILE = Path(__file__).parent / "static" / "board.js"
_FOR_EVER = "private, max-age=31536000, immutable"


@dataclass(frozen=True, kw_only=True)
class Script:
    """The script as it is given out, plain and packed, and the digest that its address names."""

    plain: bytes
    packed: bytes
    digest: str


@cache
def board_script() -> Script:
    """Return the script, read once."""
    text = _FILE.read_bytes()
    return Script(plain=text, packed=gzip.compress(text, 9, mtime=0), digest=hashlib.sha256(text).hexdigest()[:16])


class BoardScript(tornado.web.RequestHandler):
    """`/voila/board.js`: the same for everybody who is signed in."""

    async def get(self) -> None:
        """Give it out; under the address that names its digest a browser need never ask again."""
        script = board_script()
        newest = self.get_query_argument("v", "") == script.digest
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", _FOR_EVER if newest else "private, no-cache")
        self.set_header("Vary", "Accept-Encoding, Cookie")
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            await self.finish(script.packed)
        else:
            await self.finish(script.plain)
