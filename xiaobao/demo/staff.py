"""The sample bank's people: who is registered, and as whom each step of the demo is taken."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from xiaobao.demo.sample_bank import BANK_NAME
from xiaobao.labels import DOMAINS
from xiaobao.model import Actor, Role, Seat
from xiaobao.store import Store
from xiaobao.workbench.acting import as_actor, system_user
from xiaobao.workbench.people import PersonEntry, find_person, import_people
from xiaobao.workbench.permitting import known_units
from xiaobao.workbench.workspace import Workbench

LIAISON = Actor(name="示例-消保联络员", verified=True)
INSPECTOR = Actor(name="示例-检查员", verified=True)
OPERATOR = "yanshi"
INSPECTORS = ("jiancha",)
_HEAD = "000000"
_BANK = (
    ("jiancha", INSPECTOR.name, (Role.INSPECTOR, Role.REVIEWER)),
    ("fuhe", "示例-复核人", (Role.REVIEWER,)),
    ("shending", "示例-审定人", (Role.APPROVER,)),
    ("xiaobao", "示例-总行消保部", (Role.HEAD_OFFICE,)),
    ("guanli", "示例-管理层", (Role.MANAGEMENT,)),
    ("hegui", "示例-合规", (Role.COMPLIANCE,)),
    ("neishen", "示例-内审", (Role.INTERNAL_AUDIT,)),
    ("admin", "示例-系统管理员", (Role.ADMINISTRATOR,)),
    (OPERATOR, "示例-操作员", (Role.HEAD_OFFICE, Role.ADMINISTRATOR)),
)


def register_people(wb: Workbench) -> Workbench:
    """Register the sample bank's people and return the workbench as whoever made it: head office and administrator.

    Every unit has a liaison officer and a head. The system user who makes the demo goes on as its operator.
    """
    entries = [
        PersonEntry(
            login=login,
            name=name,
            seats=tuple(Seat(unit=_HEAD, role=role) for role in roles),
            system_user=system_user() if login == OPERATOR else None,
        )
        for login, name, roles in _BANK
    ]
    lines = tuple(name for name in DOMAINS if name == "suitability")
    line = Seat(unit=_HEAD, role=Role.BUSINESS_LINE, lines=lines)
    entries.append(PersonEntry(login="tiaoxian", name="示例-零售条线", seats=(line,)))
    for unit in known_units(wb).values():
        if unit.id != _HEAD:
            entries.append(_of(unit.id, "lianluo", LIAISON.name, Role.FILLER))
            entries.append(_of(unit.id, "fuze", f"示例-{_short(unit.name)}负责人", Role.UNIT_HEAD))
    import_people(wb, entries)
    operator = replace(wb, actor=as_actor(find_person(wb, OPERATOR)))
    with operator.writing("people.manage") as tx:
        tx.mark_sample()
    return operator


def _short(name: str) -> str:
    """Return a unit's name without the bank's."""
    return name.removeprefix("青禾农商银行").removeprefix(BANK_NAME)


def _of(unit: str, login: str, name: str, role: Role) -> PersonEntry:
    return PersonEntry(login=f"{login}-{unit}", name=name, seats=(Seat(unit=unit, role=role),))


def acting_as(wb: Workbench, role: Role, otherwise: Actor, unit: str = "") -> Workbench:
    """Return the workbench as who holds a role in a unit, as `otherwise` where nobody is registered."""
    return replace(wb, actor=_cast(wb.store).get((role, unit), otherwise))


@lru_cache(maxsize=1)
def _cast(store: Store) -> dict[tuple[Role, str], Actor]:
    """Return (role, unit) → who plays it, and (role, "") → the first; asked of the register once."""
    found: dict[tuple[Role, str], Actor] = {}
    for person in store.kept("people"):
        for seat in person.seats:
            found.setdefault((seat.role, seat.unit), as_actor(person))
            found.setdefault((seat.role, ""), as_actor(person))
    return found
