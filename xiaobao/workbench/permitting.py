"""Who acts, and whether the table of rights lets him: asked by every verb before it reads or writes.

With nobody registered the workspace is one person's own machine (单机，未认证): every verb is open, four eyes by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.errors import Fault, NotAllowed
from xiaobao.model import Actor, Period, Person, folded_id
from xiaobao.rights import Granted, Target, ask
from xiaobao.workbench.units import read_units

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

_UNKNOWN = "没有登记为本系统的人员，不能{what}；请系统管理员用 xiaobao people add 登记，或对应系统用户"


def registered(wb: Workbench) -> dict[str, Person]:
    """Return login → person of the register; empty where nobody is registered."""
    return {person.login: person for person in wb.store.kept("people")}


def target_of(
    wb: Workbench, unit: str = "", domain: str = "", period: str = "", inspectors: tuple[str, ...] = ()
) -> Target:
    """Return what a verb is done to, with the units above it by the register in force in `period`."""
    units = read_units(wb.home, wb.store, Period.parse(period)) if unit and period else {}
    above: list[str] = []
    at = units.get(unit)
    while at is not None and at.parent and at.parent not in above:
        above.append(at.parent)
        at = units.get(at.parent)
    return Target(unit=unit, above=tuple(above), domain=domain, inspectors=inspectors)


def grant(wb: Workbench, verb: str, target: Target) -> Granted | None:
    """Return the answer of the table for whoever acts; None where nobody is registered, so that everything goes."""
    people = registered(wb)
    if not people:
        return None
    person = people.get(folded_id(wb.actor.login)) if wb.actor.login else None
    if person is None:
        return Granted(reason=f"{wb.actor} {_UNKNOWN.format(what='做这一步')}")
    return ask(verb, person, target, wb.today, people.values())


def require(wb: Workbench, verb: str, target: Target) -> Actor:
    """Return the actor in the unit and role by which the table allows `verb`. Raises NotAllowed with the reason."""
    granted = grant(wb, verb, target)
    if granted is None:
        return wb.actor
    if granted.seat is None:
        raise NotAllowed(Fault(granted.reason, item=target.unit))
    return replace(wb.actor, unit=granted.seat.unit, role=granted.seat.role.value)


def may(wb: Workbench, verb: str, target: Target) -> str:
    """Return "" where whoever acts may do `verb`, else the reason to be shown."""
    granted = grant(wb, verb, target)
    return "" if granted is None or granted.seat is not None else granted.reason
