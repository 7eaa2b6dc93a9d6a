"""Who acts in this process, and which long work it is: nothing that anybody can set, such as a variable, proves it."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING

from xiaobao.engine.own_kernel import own_kernel_id
from xiaobao.model import Actor, Person, folded_name

if TYPE_CHECKING:
    from xiaobao.store import Store


def who_acts(store: Store) -> Actor:
    """Return who acts: the person of the register whose system user runs this process, else that user, 未认证.

    What a server vouches for goes before this.
    """
    user = system_user()
    person = store.acting(date.today(), system_user=folded_name(user)).person if user else None
    return as_actor(person) if person else Actor(name=os.environ.get("JUPYTERHUB_USER") or user or "unknown")


def signed_in(store: Store) -> Actor | None:
    """Return who acts by the ticket in this process's environment; None without one, or where nobody is registered.

    Raises NotAllowed for a ticket that the server did not make for this very kernel, or whose session is over.
    """
    from xiaobao.store.tickets import VARIABLE

    ticket = os.environ.get(VARIABLE)
    if ticket is None:
        return None
    person = store.present(ticket, own_work_id() or own_kernel_id()).person
    return Actor(name=person.name, verified=True, login=person.login) if person.login else None


def as_actor(person: Person) -> Actor:
    """Return a person of the register as who acts; the unit and role are those that a verb finds him in."""
    return Actor(name=person.name, verified=True, login=person.login)


def system_user() -> str:
    """Return the user that the operating system runs this process for, "" where it does not know a name."""
    try:
        import pwd
    except ImportError:  # Windows, whose getlogin asks the system too, not the environment
        try:
            return os.getlogin()
        except OSError:
            return ""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


_OWN = {"id": ""}


def be(work: str) -> None:
    """Let this process be a work; called once, by `working`."""
    _OWN["id"] = work


def own_work_id() -> str:
    """Return the id of the work that this process is, "" for none."""
    return _OWN["id"]
