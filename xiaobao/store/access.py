"""Who may come in, as the store keeps it: passwords, failed attempts, links, sessions, the keys of servers.

These rows change and go; of passwords, links and session numbers only hashes are kept. What happened is noted in the
history without any of them. Times that end something are never moved later, and a clock that was set back ends what it
would have made last longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from msgspec.structs import asdict
from sqlalchemy import Connection, Table, delete, func, insert, select, update

from xiaobao.model import Person, Value, from_json
from xiaobao.personal import mask
from xiaobao.store.history import SIGN_IN, WORKSPACE, AuditLog, Revision, payload_text
from xiaobao.store.models import SKEW, AccessLink, Attempts, Session
from xiaobao.store.queries import with_payload
from xiaobao.store.tables import attempts, audit_events, credentials, links, metadata, server_keys, sessions

_FORGOTTEN = timedelta(days=30)
V = TypeVar("V", bound=Value)


def one_of(connection: Connection, table: Table, kind: type[V], key: str, value: str) -> V | None:
    """Return the row of a table as a value, None when there is none."""
    row = connection.execute(select(table).where(table.c[key] == value)).first()
    return None if row is None else kind(**row._asdict())


def person_of(connection: Connection, login: str) -> Person | None:
    """Return who is registered under a login."""
    people = metadata.tables["people"]
    row = connection.execute(with_payload(people).where(people.c.login == login)).first()
    return None if row is None else from_json(Person, row.body)


def anybody(connection: Connection) -> bool:
    """Tell whether people are registered at all."""
    people = metadata.tables["people"]
    return connection.execute(select(people.c.login).limit(1)).first() is not None


def holder_of(connection: Connection, session: Session, at: datetime) -> Person | None:
    """Return the person of a session that holds at `at`; None where it does not, or the person is disabled.

    Where nobody is registered it is a person without a name; that ends with the first who is.
    """
    if not session.alive(at):
        return None
    if session.kind == "alone":
        return None if anybody(connection) else Person(login="", name="")
    person = person_of(connection, session.login)
    return None if person is None or person.disabled else person


class Access:
    """What a writing transaction changes of all this."""

    def __init__(self, ledger: AuditLog) -> None:
        self._ledger = ledger
        self._connection = ledger.connection

    def note(self, login: str, what: str, **details: str) -> None:
        """Note in the history what happened to a login. No password, link or session number is ever kept."""
        self._ledger.lock_workspace()
        name = f"sign_in:{mask(login)}"[:200]
        earlier = select(func.max(audit_events.c.revision)).where(audit_events.c.object == name)
        pending = sum(event.object == name for event in self._ledger.pending)
        seen = (self._connection.scalar(earlier) or 0) + pending
        plain: Mapping[str, str] = {"what": what, "login": login, **details}
        change = Revision(key={}, chain=WORKSPACE, object=name, verb=SIGN_IN, plain=plain, seen=seen)
        [sha] = self._ledger.keep([payload_text(plain)])
        self._ledger.note(change, sha)

    def set_password(self, login: str, password: str) -> None:
        """Keep the hash of a password; what came before it ends: sessions, open first links, a lock."""
        self._ledger.lock_workspace()
        self._put(credentials, "login", {"login": login, "password": password, "changed": self._ledger.at})
        self.end_sessions(login, "password_set")
        self._end(links, login=login, kind="first")
        self.forget_failures(f"login:{login}")

    def add_link(self, link: AccessLink) -> None:
        """Keep a new link; an earlier one of the same kind and unit ends, and who came in by it is shown out."""
        self._ledger.lock_workspace()
        self._end(links, login=link.login, kind=link.kind, unit=link.unit)
        if link.kind == "personal":
            self._end(sessions, login=link.login, kind="link", unit=link.unit)
        self._connection.execute(insert(links).values(**asdict(link)))
        self.note(link.login, "link_made", kind=link.kind, unit=link.unit, until=link.until.isoformat())

    def takes(self, hash: str, browser: str = "") -> bool:
        """Use a link: one for a password ends, a personal one is tied to `browser`. False when another came first."""
        self._ledger.lock_workspace()
        found = one_of(self._connection, links, AccessLink, "hash", hash)
        if found is None or not found.open(self._ledger.at) or found.browser not in ("", browser):
            return False
        ended = None if browser else self._ledger.at
        self._connection.execute(update(links).where(links.c.hash == hash).values(browser=browser, ended=ended))
        return True

    def count_failure(self, subject: str, limit: int, window: timedelta, lock: timedelta) -> bool:
        """Count one more failure; return whether it locks the subject now. A lock that stands is not made longer."""
        self._ledger.lock_workspace()
        at, found = self._ledger.at, one_of(self._connection, attempts, Attempts, "subject", subject)
        if found is not None and found.locked(at):
            return False
        going_on = found is not None and found.locked_until is None and found.since - SKEW <= at < found.since + window
        failures = found.failures + 1 if found is not None and going_on else 1
        locks = failures >= limit
        row = {
            "subject": subject,
            "failures": failures,
            "since": found.since if found is not None and going_on else at,
            "locked_until": at + lock if locks else None,
        }
        self._put(attempts, "subject", row)
        return locks

    def forget_failures(self, subject: str) -> None:
        """Count the failures of a subject from zero again, after a sign-in that went well."""
        self._connection.execute(delete(attempts).where(attempts.c.subject == subject))

    def open_session(self, session: Session) -> None:
        """Keep a new session, and clear away what ended long ago."""
        old = self._ledger.at - _FORGOTTEN
        self._connection.execute(delete(sessions).where(sessions.c.until < old))
        self._connection.execute(delete(links).where(links.c.until < old))
        self._connection.execute(delete(attempts).where(attempts.c.since < old))
        self._connection.execute(insert(sessions).values(**asdict(session)))

    def touch(self, hash: str) -> None:
        """Remember that a session was used now."""
        still = update(sessions).where(sessions.c.hash == hash, sessions.c.ended.is_(None))
        self._connection.execute(still.where(sessions.c.seen < self._ledger.at).values(seen=self._ledger.at))

    def end_session(self, hash: str) -> None:
        """End one session for good."""
        self._end(sessions, hash=hash)

    def end_sessions(self, login: str, why: str) -> None:
        """End all sessions of a person for good, and note why."""
        self._end(sessions, login=login)
        self.note(login, why)

    def add_key(self, identity: str, public: str) -> None:
        """Know the public key of a server from now on."""
        self._connection.execute(insert(server_keys).values(id=identity, public=public, made=self._ledger.at))

    def end_key(self, identity: str) -> None:
        """Trust no ticket signed by this server any more."""
        self._end(server_keys, id=identity)

    def _end(self, table: Table, **which: str) -> None:
        rows = update(table).where(table.c.ended.is_(None), *(table.c[name] == value for name, value in which.items()))
        self._connection.execute(rows.values(ended=self._ledger.at))

    def _put(self, table: Table, key: str, row: Mapping[str, Any]) -> None:
        self._connection.execute(delete(table).where(table.c[key] == row[key]))
        self._connection.execute(insert(table).values(**row))


def end_all(connection: Connection, at: datetime) -> None:
    """End every session, link and key: a copy that was brought back must not let in who was shown out since."""
    for table in (sessions, links, server_keys):
        connection.execute(update(table).where(table.c.ended.is_(None)).values(ended=at))
