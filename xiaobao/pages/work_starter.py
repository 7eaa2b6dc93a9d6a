"""Starts the long works that pages ask for: for the person and session that the page's kernel was made for."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from xiaobao.errors import Fault, NotAllowed
from xiaobao.store.models import Session
from xiaobao.store.tickets import VARIABLE, Signer
from xiaobao.workbench import long_work
from xiaobao.workbench.signing_in import SERVER, Entrance

LOOK_MILLISECONDS = 500
_OVER = "登录已结束，没有开始；请重新登录"
_TOUCH_SECONDS = 60.0


class WorkStarter:
    """Looks whether a page asked for work; a session stays alive while its work goes on."""

    def __init__(self, home: Path, entrance: Entrance, signer: Signer) -> None:
        self._home, self._entrance, self._signer = home, entrance, signer
        self._going: list[tuple[subprocess.Popen[bytes], str]] = []
        self._touched = 0.0

    def look(self) -> None:
        """Start what was asked for by a page of this server; say no to what was not."""
        for work, ticket in long_work.asked_for(self._home):
            try:
                session = self._session_of(ticket, work.login)
            except NotAllowed as error:
                long_work.refuse(self._home, work.id, str(error))
                continue
            process = long_work.start(self._home, work.id, {VARIABLE: self._signer.ticket(session, work.id)})
            self._going.append((process, session.hash))
        self._going = [(process, session) for process, session in self._going if process.poll() is None]
        if self._going and time.monotonic() - self._touched > _TOUCH_SECONDS:
            self._touched = time.monotonic()
            self._touch({session for _, session in self._going})

    def _session_of(self, ticket: str, login: str) -> Session:
        """Return the living session for which a ticket was made. Raises NotAllowed."""
        asked = self._signer.read(ticket)
        found = self._entrance.store.session(asked.session, self._entrance.store.now())
        if found is None or found[1] is None or asked.login != login:
            raise NotAllowed(Fault(_OVER))
        return found[0]

    def _touch(self, sessions: set[str]) -> None:
        for session in sessions:
            found = self._entrance.store.session(session, self._entrance.store.now())
            if found is not None and found[1] is not None:
                with self._entrance.store.writing(SERVER) as tx:
                    tx.access.touch(session)
