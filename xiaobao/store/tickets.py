"""Who acts in a kernel: a ticket for this one kernel, signed by the server with a key that no kernel holds.

The text is `body.signature`, both base64url: the body is the ticket as JSON, the signature Ed25519 over it. A ticket is
worth something only while its session lives, in the one kernel that it names, against the store that it names.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, select

from xiaobao.errors import Fault, NotAllowed
from xiaobao.model import Actor, Person, Value, from_json
from xiaobao.store.access import holder_of, one_of
from xiaobao.store.models import Session
from xiaobao.store.tables import server_keys, sessions, store_info

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VARIABLE = "XIAOBAO_TICKET"
_FOREIGN = "环境变量 XIAOBAO_TICKET 不是本服务为这个内核签发的，没有执行；请从登录后的页面操作，不要手工设置这个变量"
_OVER = "登录已结束（退出、超时、改密、停用或重新登录），没有执行；请重新登录"
_OTHER = "操作人与登录的人不一致，没有执行；请重新打开页面"
_LINK = "个人链接只能为机构 {unit} 填报和查看，不能做这一步；请用密码登录"
_FILLER = "filler"


class Ticket(Value):
    """What the server vouches for: this session of this person acts in this kernel, on this store."""

    store: str
    key: str
    session: str
    login: str
    kernel: str


class Presented(Value):
    """A ticket as a process shows it, and the id of the kernel that this process is; "" for none."""

    text: str
    kernel: str


class Holder(Value):
    """Whom a ticket stands for; a personal link fills for `unit` only. Without a login nobody is registered."""

    person: Person
    kind: str
    unit: str = ""


class Signer:
    """A server's key. It lives in the server's memory alone and ends with it."""

    def __init__(self, store_id: str) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._key: Ed25519PrivateKey = Ed25519PrivateKey.generate()
        self._store = store_id
        self.public = self._key.public_key().public_bytes_raw().hex()
        self.id = hashlib.sha256(bytes.fromhex(self.public)).hexdigest()

    def ticket(self, session: Session, kernel: str) -> str:
        """Return the text of a ticket for one kernel."""
        ticket = Ticket(store=self._store, key=self.id, session=session.hash, login=session.login, kernel=kernel)
        body = msgspec.json.encode(ticket)
        return f"{_encoded(body)}.{_encoded(self._key.sign(body))}"

    def read(self, text: str) -> Ticket:
        """Return a ticket that this very server signed. Raises NotAllowed for any other text."""
        from cryptography.exceptions import InvalidSignature

        try:
            body, _, signature = text.partition(".")
            self._key.public_key().verify(_decoded(signature), _decoded(body))
            return from_json(Ticket, _decoded(body).decode())
        except (ValueError, binascii.Error, msgspec.MsgspecError, InvalidSignature):
            raise NotAllowed(Fault(_FOREIGN)) from None


def store_id_of(connection: Connection) -> str:
    """Return the id that a store was given when it was made."""
    found = connection.scalar(select(store_info.c.value).where(store_info.c.key == "store_id"))
    assert found is not None
    return found


def holder(connection: Connection, shown: Presented, at: datetime) -> Holder:
    """Return whom a ticket stands for. Raises NotAllowed for one that is not ours, or whose session is over."""
    ticket = _checked(connection, shown)
    session = one_of(connection, sessions, Session, "hash", ticket.session)
    person = holder_of(connection, session, at) if session is not None and session.login == ticket.login else None
    if session is None or person is None:
        raise NotAllowed(Fault(_OVER))
    return Holder(person=person, kind=session.kind, unit=session.unit)


def refuse_foreign_write(found: Holder, actor: Actor) -> None:
    """Raise NotAllowed where a write is not by the ticket's person, or more than a personal link may."""
    if found.person.login != actor.login or (actor.login and not actor.verified):
        raise NotAllowed(Fault(_OTHER))
    if found.unit and (actor.unit, actor.role) != (found.unit, _FILLER):
        raise NotAllowed(Fault(_LINK.format(unit=found.unit)))


def _checked(connection: Connection, shown: Presented) -> Ticket:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        body, _, signature = shown.text.partition(".")
        ticket = from_json(Ticket, _decoded(body).decode())
        known = connection.scalar(
            select(server_keys.c.public).where(server_keys.c.id == ticket.key, server_keys.c.ended.is_(None))
        )
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(known or "")).verify(_decoded(signature), _decoded(body))
    except (ValueError, binascii.Error, msgspec.MsgspecError, InvalidSignature):
        raise NotAllowed(Fault(_FOREIGN)) from None
    if not shown.kernel or (ticket.kernel, ticket.store) != (shown.kernel, store_id_of(connection)):
        raise NotAllowed(Fault(_FOREIGN))
    return ticket


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
