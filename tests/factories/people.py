"""A register of people in a workspace of tests: who is registered, and the workbench as one of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.factories.kept import new_workspace
from xiaobao.model import Role, Seat
from xiaobao.workbench.acting import as_actor
from xiaobao.workbench.people import PersonEntry, find_person, import_people
from xiaobao.workbench.workspace import Workbench

ADMINISTRATOR = "admin"


def small_bank(home: Path) -> Workbench:
    """Return an empty workspace as its system user: nobody is registered, no units are known."""
    return new_workspace(home, "测试银行")


def register(wb: Workbench, *entries: PersonEntry) -> None:
    """Register people, an administrator among them, while nobody is registered yet."""
    head = PersonEntry(login=ADMINISTRATOR, name="系统管理员甲", seats=(Seat(unit="", role=Role.ADMINISTRATOR),))
    import_people(wb, [head, *entries])


def entry(login: str, role: Role, unit: str = "", name: str = "", lines: tuple[str, ...] = ()) -> PersonEntry:
    return PersonEntry(login=login, name=name or f"姓名{login}", seats=(Seat(unit=unit, role=role, lines=lines),))


def acting_as(wb: Workbench, login: str) -> Workbench:
    """Return the workbench as a person of the register, as a server that knows him opens it."""
    return replace(wb, actor=as_actor(find_person(wb, login)))
