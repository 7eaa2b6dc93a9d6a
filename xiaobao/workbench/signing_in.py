"""How people come in: by a password, a link, a proxy's word; and who acts in a kernel that the server made for them.

Whatever goes wrong, one sentence is said, so that nobody learns which part was wrong.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.model import Actor, Person, Role, Value, folded_name
from xiaobao.settings import Serving
from xiaobao.store.models import AccessLink, Session

if TYPE_CHECKING:
    from xiaobao.store import Store
    from xiaobao.workbench.workspace import Workbench

SERVER = Actor(name="登录服务")
REFUSED = (
    "登录名或密码不对，或因多次输错暂停登录。连续输错 5 次，暂停 15 分钟；"
    "忘记密码或急需登录，请找本行系统管理员办理重置链接"
)
LINK_REFUSED = "链接无效、已过期、已用过，或已在别的浏览器打开过。请向系统管理员另要一个"
RULES = "至少 10 位，既有字母又有数字，不含登录名，不用常见密码"
_LEAST, _MOST = 10, 128
_COMMON = ("password", "qwerty", "admin123", "a123456", "abc123", "1234567", "xiaobao", "1qaz2wsx")
_OF_LOGIN, _OF_ADDRESS = 5, 30  # failures that lock
_WINDOW = _LOCK = timedelta(minutes=15)
_LONGEST_LINK = timedelta(days=184)
_ALONE = timedelta(days=30)
_SHORTEST_TOUCH = timedelta(minutes=2)


class Caller(Value):
    """Somebody who is in: the session and its person, one without a name where nobody is registered."""

    session: Session
    person: Person


def hash_of(number: str) -> str:
    """Return what is kept of the number in a cookie or link."""
    return hashlib.sha256(number.encode("utf-8", "surrogatepass")).hexdigest()


def acting_for(wb: Workbench, caller: Caller) -> Workbench:
    """Return the workbench in the hands of whoever asks the server: his rights, his name in the history.

    Nobody's ticket is shown, for the server itself knows the session; a personal link stays with its one unit.
    """
    from xiaobao.store.tickets import Holder

    if not caller.person.login:
        return wb
    store = copy(wb.store)
    store.holder = Holder(person=caller.person, kind=caller.session.kind, unit=caller.session.unit)
    return replace(wb, store=store, actor=_as(caller.person))


def password_faults(login: str, password: str) -> Iterator[Fault]:
    """Yield what is wrong with a new password, each in words."""
    plain = folded_name(password)
    if not _LEAST <= len(password) <= _MOST:
        yield Fault(f"密码应为 {_LEAST} 至 {_MOST} 位")
    if not (any(c.isalpha() for c in password) and any(c.isdigit() for c in password)):
        yield Fault("密码应既有字母又有数字")
    if len(login) > 2 and login in plain:
        yield Fault("密码不能包含登录名")
    if any(word in plain for word in _COMMON) or len(set(plain)) < 5:
        yield Fault("密码太常见，容易被猜到")


@cache
def _hasher() -> Any:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    """A hash to compare with where there is none, so that both take as long."""
    return str(_hasher().hash(secrets.token_hex(16)))


def _fits(kept: str, password: str) -> bool:
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return bool(_hasher().verify(kept or _nobodys(), password[: _MOST * 4])) and bool(kept)
    except (Argon2Error, InvalidHashError, UnicodeEncodeError):
        return False


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """The way in to one store. Numbers that it gives out are random, shown once and kept as hashes."""

    store: Store
    rules: Serving

    def alone(self) -> bool:
        """Tell whether nobody is registered: 单机，未认证."""
        return not self.store.anybody()

    def caller(self, number: str) -> Caller | None:
        """Return whose session a number is, and remember that it was used. One that is over stays over."""
        at = self.store.now()
        found = self.store.session(hash_of(number), at)
        if found is None:
            return None
        session, person = found
        if person is None:
            if session.ended is None:
                with self.store.writing(SERVER) as tx:
                    tx.access.end_session(session.hash)
            return None
        if at - session.seen > min(_SHORTEST_TOUCH, timedelta(seconds=session.idle / 4)):
            with self.store.writing(SERVER) as tx:
                tx.access.touch(session.hash)
        return Caller(session=session, person=person)

    def by_password(self, login: str, password: str, address: str) -> str:
        """Return the number of a new session. Raises NotAllowed, and counts, saying only that something was wrong."""
        login, at = folded_name(login.strip())[:64], self.store.now()
        person, subjects = self.store.person(login), (f"login:{login}", f"address:{address}"[:200])
        locked = self.store.locked(subjects[0], at) | self.store.locked(subjects[1], at)
        fits = _fits(self.store.password(login), password)
        if person is not None and fits and not locked and not person.disabled:
            return self._open(person, "password", address)
        with self.store.writing(SERVER) as tx:
            if person is not None and tx.access.count_failure(subjects[0], _OF_LOGIN, _WINDOW, _LOCK):
                tx.access.note(login, "locked", address=address)
            if tx.access.count_failure(subjects[1], _OF_ADDRESS, _WINDOW, _LOCK):
                tx.access.note("", "locked", address=address)
        raise NotAllowed(REFUSED)

    def by_proxy(self, login: str, address: str) -> str:
        """Return the number of a new session of the person whom a trusted proxy named. Raises NotAllowed."""
        person = self.store.person(folded_name(login.strip())[:64])
        if person is None or person.disabled:
            raise NotAllowed("代理转来的用户没有登记或已停用，请系统管理员登记")
        return self._open(person, "proxy", address)

    def by_proxy_again(self, login: str, caller: Caller | None, address: str) -> str:
        """Return "" where the session is of whom the proxy names, else the number of a new one. Raises NotAllowed."""
        if caller is not None and caller.session.kind == "proxy" and caller.person.login == folded_name(login.strip()):
            return ""
        if caller is not None:
            with self.store.writing(SERVER) as tx:
                tx.access.end_session(caller.session.hash)
        return self.by_proxy(login, address)

    def by_hub(self, login: str, address: str) -> str:
        """Return the number of a new session of the person whom the bank's Hub named. Raises NotAllowed."""
        person = self.store.person(folded_name(login.strip())[:64])
        if person is None or person.disabled:
            raise NotAllowed("JupyterHub 的这个用户没有登记或已停用，请系统管理员登记")
        return self._open(person, "hub", address)

    def by_choice(self, login: str) -> str:
        """Return the number of a new session in the demo's own store. Raises NotAllowed in any other."""
        person = self.store.person(login)
        if not self.store.is_sample() or person is None or person.disabled:
            raise NotAllowed(REFUSED)
        return self._open(person, "demo", "")

    def by_own_machine(self) -> str:
        """Return the number of a new session where nobody is registered. Raises NotAllowed where people are."""
        if not self.alone():
            raise NotAllowed(REFUSED)
        return self._open(Person(login="", name=""), "alone", "", life=_ALONE)

    def set_password(self, number: str, password: str, again: str, address: str) -> str:
        """Use up a first link to set a password, end all other sessions, and return the number of a new one.

        Raises NotAllowed for a link that does not open, InputError with every rule that a password breaks.
        """
        link = self._link(number, "first")
        faults = [*password_faults(link.login, password)]
        if password != again:
            faults.append(Fault("两次输入的密码不一样"))
        if faults:
            raise InputError(faults)
        kept, person = str(_hasher().hash(password)), self.store.person(link.login)
        assert person is not None
        with self.store.writing(_as(person)) as tx:
            if not tx.access.takes(link.hash):
                raise NotAllowed(LINK_REFUSED)
            tx.access.set_password(link.login, kept)
        return self._open(person, "password", address)

    def personal_link(self, number: str, browser: str) -> AccessLink:
        """Return an open personal link that this browser may use. Raises NotAllowed, and notes it for another's."""
        link = self._link(number, "personal")
        if link.browser and link.browser != hash_of(browser):
            with self.store.writing(SERVER) as tx:
                tx.access.note(link.login, "link_refused", unit=link.unit)
            raise NotAllowed(LINK_REFUSED)
        return link

    def by_personal_link(self, number: str, browser: str, address: str) -> str:
        """Bind a personal link to a browser and return the number of a new session for its unit. Raises NotAllowed."""
        link = self.personal_link(number, browser)
        person = self.store.person(link.login)
        assert person is not None
        with self.store.writing(_as(person)) as tx:
            if not tx.access.takes(link.hash, browser=hash_of(browser)):
                raise NotAllowed(LINK_REFUSED)
        return self._open(person, "link", address, unit=link.unit, until=link.until)

    def offered(self) -> tuple[Person, ...]:
        """Return the people who may be chosen without a password: those of the demo's own store, nobody elsewhere."""
        if not self.store.is_sample():
            return ()
        return tuple(person for person in self.store.kept("people") if not person.disabled)

    def leave(self, number: str) -> None:
        """End the session of a number for good."""
        self.end(hash_of(number))

    def end(self, session: str) -> None:
        """End a session, given by its hash, for good."""
        with self.store.writing(SERVER) as tx:
            tx.access.end_session(session)

    def refuse_proxy(self, address: str) -> None:
        """Note that somebody who is no proxy of ours sent a proxy's header; once in a while, not each time."""
        with self.store.writing(SERVER) as tx:
            if tx.access.count_failure(f"proxy:{address}"[:200], 1, _WINDOW, _LOCK):
                tx.access.note("", "proxy_refused", address=address)

    def _link(self, number: str, kind: str) -> AccessLink:
        link = self.store.link(hash_of(number))
        person = self.store.person(link.login) if link is not None else None
        if link is None or person is None or person.disabled or link.kind != kind or not link.open(self.store.now()):
            raise NotAllowed(LINK_REFUSED)
        return link

    def _open(
        self,
        person: Person,
        kind: str,
        address: str,
        *,
        unit: str = "",
        until: datetime | None = None,
        life: timedelta | None = None,
    ) -> str:
        number, at = secrets.token_urlsafe(32), self.store.now()
        end = at + (life or timedelta(hours=self.rules.hours))
        idle = life or timedelta(minutes=self.rules.idle_minutes)
        session = Session(
            hash=hash_of(number),
            login=person.login,
            kind=kind,
            unit=unit,
            made=at,
            seen=at,
            until=min(end, until or end),
            idle=int(idle.total_seconds()),
        )
        with self.store.writing(_as(person)) as tx:
            tx.access.open_session(session)
            if person.login:
                tx.access.forget_failures(f"login:{person.login}")
                tx.access.note(person.login, "signed_in", kind=kind, address=address, unit=unit)
        return number


def _as(person: Person) -> Actor:
    return Actor(name=person.name, verified=True, login=person.login) if person.login else SERVER


def reset_password(wb: Workbench, login: str) -> tuple[str, datetime]:
    """Make a link by which a person sets a password, once; a lock ends. Return its number and its end.

    Raises InputError for nobody, NotAllowed for whoever may not.
    """
    person, at = _registered(wb, login), wb.store.now()
    number, until = secrets.token_urlsafe(32), at + timedelta(days=wb.settings.serve.link_days)
    with wb.writing("people.manage") as tx:
        tx.access.forget_failures(f"login:{person.login}")
        tx.access.add_link(AccessLink(hash=hash_of(number), login=person.login, kind="first", made=at, until=until))
    return number, until


def make_personal_link(wb: Workbench, login: str, unit: str, until: date) -> tuple[str, datetime]:
    """Make a link by which a person fills for one unit, to the end of day `until`. Return its number and its end.

    Raises InputError for nobody, a unit that the person does not fill for, or an end that is past or far.
    """
    person, at = _registered(wb, login), wb.store.now()
    end = datetime.combine(until + timedelta(days=1), time.min).astimezone()
    faults = []
    if not any(seat.unit == unit and seat.role is Role.FILLER for seat in person.seats_on(date.today())):
        faults.append(Fault(f"{person.name} 不是这个机构的填报人，个人链接只能填报", value=unit))
    if not at < end <= at + _LONGEST_LINK:
        faults.append(Fault("截止日应在今天以后、半年以内", value=until.isoformat()))
    if faults:
        raise InputError(faults)
    number = secrets.token_urlsafe(32)
    link = AccessLink(hash=hash_of(number), login=person.login, kind="personal", unit=unit, made=at, until=end)
    with wb.writing("people.manage") as tx:
        tx.access.add_link(link)
    return number, end


def lock_words(wb: Workbench) -> tuple[str, ...]:
    """Return whose sign-in is locked now and until when, a line each, for the administrator."""
    at = wb.store.now()
    lines = []
    for one in wb.store.locks(at):
        kind, _, subject = one.subject.partition(":")
        if one.locked_until is not None and kind in ("login", "address"):
            what = "登录名" if kind == "login" else "网络地址"
            lines.append(f"{what} {subject} 多次输错，暂停登录至 {one.locked_until.astimezone():%H:%M}")
    return tuple(lines)


def _registered(wb: Workbench, login: str) -> Person:
    person = wb.store.person(folded_name(login.strip()))
    if person is None:
        raise InputError(Fault("登记簿里没有这个登录名", value=login, allowed="xiaobao people list 列出的登录名"))
    if person.disabled:
        raise InputError(Fault(f"{person.name} 已停用，不能办理登录", value=login))
    return person
