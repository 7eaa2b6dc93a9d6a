"""What may be asked of a store about who may come in. Each is one short transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Connection, select

from xiaobao.model import Person
from xiaobao.store import access
from xiaobao.store.access import one_of
from xiaobao.store.models import AccessLink, Attempts, Session
from xiaobao.store.tables import attempts, credentials, links, sessions
from xiaobao.store.tickets import store_id_of


class Admission:
    """Mixed into `Store`."""

    _reading: Callable[[], AbstractContextManager[Connection]]

    def anybody(self) -> bool:
        """Tell whether people are registered at all."""
        with self._reading() as connection:
            return access.anybody(connection)

    def store_id(self) -> str:
        """Return the id that this store was made with; a restored copy keeps it."""
        with self._reading() as connection:
            return store_id_of(connection)

    def person(self, login: str) -> Person | None:
        """Return who is registered under a login, disabled or not."""
        with self._reading() as connection:
            return access.person_of(connection, login)

    def session(self, hash: str, at: datetime) -> tuple[Session, Person | None] | None:
        """Return a session and its person, without one where it does not hold at `at`; None where there is none."""
        with self._reading() as connection:
            session = one_of(connection, sessions, Session, "hash", hash)
            return None if session is None else (session, access.holder_of(connection, session, at))

    def password(self, login: str) -> str:
        """Return the hash of a person's password, "" for none."""
        with self._reading() as connection:
            statement = select(credentials.c.password).where(credentials.c.login == login)
            return connection.scalar(statement) or ""

    def link(self, hash: str) -> AccessLink | None:
        """Return a link by its hash, also one that is used up or over: `AccessLink.open` tells."""
        with self._reading() as connection:
            return one_of(connection, links, AccessLink, "hash", hash)

    def locked(self, subject: str, at: datetime) -> bool:
        """Tell whether sign-in is locked for `login:…` or `address:…`."""
        with self._reading() as connection:
            found = one_of(connection, attempts, Attempts, "subject", subject)
        return found is not None and found.locked(at)

    def locks(self, at: datetime) -> Iterator[Attempts]:
        """Yield what is locked at `at`, people and addresses."""
        with self._reading() as connection:
            rows = connection.execute(select(attempts).where(attempts.c.locked_until.is_not(None))).all()
        found = (Attempts(**row._asdict()) for row in rows)
        yield from (one for one in found if one.locked(at))
