"""Evidence by the server: a file as it came in, for whoever may see it, never as a page of this site."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import quote

import tornado.web

from xiaobao.errors import NotAllowed, XiaobaoError
from xiaobao.pages.identity import SignedIn
from xiaobao.workbench.evidence.viewing import Opened, check_evidence, open_evidence, thumbnail
from xiaobao.workbench.signing_in import acting_for
from xiaobao.workbench.workspace import Workbench

PATH = r"evidence/([0-9a-f]{64})/(check|view|preview|download|thumb)"
# A sandbox without scripts, forms or origin. A browser's own reader of PDF does not work in one: it runs apart anyway.
_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; "
_APART = "base-uri 'none'; form-action 'none'; "
_OURS = "frame-ancestors 'self'"


class EvidenceFile(tornado.web.RequestHandler):
    """`check` tells in JSON whether a file can be shown; the others hand it out, or say in words why not."""

    leads_to_login = True

    def initialize(self, workbench: Workbench) -> None:
        self._workbench = workbench

    async def get(self, sha256: str, how: str) -> None:
        """Answer with the file. 403 for whoever may not see it, 409 where it cannot be shown, both in Chinese."""
        user = self.current_user
        assert isinstance(user, SignedIn)
        assert user.caller is not None
        wb = acting_for(self._workbench, user.caller)
        try:
            if how == "check":
                await asyncio.to_thread(check_evidence, wb, sha256)
                self.finish({"fault": ""})
                return
            first = not re.match(r"bytes=[1-9]", self.request.headers.get("Range", ""))
            opened = await asyncio.to_thread(_handed_out, wb, sha256, how, first)
        except XiaobaoError as error:
            self._refuse(403 if isinstance(error, NotAllowed) else 409, error, how)
            return
        self._hand_out(opened, how)

    def _refuse(self, status: int, error: XiaobaoError, how: str) -> None:
        message = "；".join(str(fault) for fault in error.faults)
        self.set_status(status)
        if how == "check":
            self.finish({"fault": message})
            return
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(message)

    def _hand_out(self, opened: Opened, how: str) -> None:
        self.set_header("Content-Type", opened.media)
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Frame-Options", "SAMEORIGIN")
        own = _APART if opened.media == "application/pdf" else _SANDBOX
        self.set_header("Content-Security-Policy", own + _OURS)
        kind = "attachment" if how == "download" else "inline"
        self.set_header("Content-Disposition", f"{kind}; filename*=UTF-8''{quote(opened.name)}")
        self.set_header("Accept-Ranges", "bytes")
        self.finish(self._asked_part(opened.data))

    def _asked_part(self, data: bytes) -> bytes:
        """Return the bytes that a player asks for, one range at most; all of them where none is asked."""
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.request.headers.get("Range", ""))
        if not asked or not any(asked.groups()) or not data:
            return data
        start = int(asked[1]) if asked[1] else max(0, len(data) - int(asked[2]))
        end = min(int(asked[2]) if asked[1] and asked[2] else len(data) - 1, len(data) - 1)
        if start > end:
            self.set_status(416)
            self.set_header("Content-Range", f"bytes */{len(data)}")
            return b""
        self.set_status(206)
        self.set_header("Content-Range", f"bytes {start}-{end}/{len(data)}")
        return data[start : end + 1]


def _handed_out(wb: Workbench, sha256: str, how: str, first: bool) -> Opened:
    return thumbnail(wb, sha256) if how == "thumb" else open_evidence(wb, sha256, how, record=first)


def route(base: str, wb: Workbench) -> tuple[str, Any, dict[str, Any]]:
    """Return the rule under which the server offers evidence."""
    return (re.escape(base) + PATH, EvidenceFile, {"workbench": wb})
