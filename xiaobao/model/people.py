"""人员: who may act, in which units and roles, and who stands in for whom."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from xiaobao.model.inspected import Actor
from xiaobao.model.value import Value, folded_name


class Role(StrEnum):
    """角色 as a bank has them. What each may do is the table of `xiaobao.rights`."""

    FILLER = "filler"
    UNIT_HEAD = "unit_head"
    INSPECTOR = "inspector"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    HEAD_OFFICE = "head_office"
    BUSINESS_LINE = "business_line"
    MANAGEMENT = "management"
    COMPLIANCE = "compliance"
    INTERNAL_AUDIT = "internal_audit"
    ADMINISTRATOR = "administrator"


class Seat(Value):
    """任职: one role in one unit from `since` to `until`, both included. `lines` are the domains of a business line."""

    unit: str
    role: Role
    lines: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def held_on(self, day: date) -> bool:
        """Tell whether the seat is held on `day`."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Deputy(Value):
    """代理: `login` acts in the person's seats from `since` to `until`; `appointed_by` is the login of who said so."""

    login: str
    since: date
    until: date
    appointed_by: str


class Person(Value):
    """Somebody of the register. `login` is a folded id, for ever this person's; seats change and what was done stays.

    `system_user` is the operating-system user that the administrator matched to the person, "" for none. `deputised` is
    the last day on which somebody stands in, as text, "" where nobody was named.
    """

    login: str
    name: str
    seats: tuple[Seat, ...] = ()
    deputies: tuple[Deputy, ...] = ()
    system_user: str = ""
    deputised: str = ""
    disabled: bool = False
    revision: int = 0

    def seats_on(self, day: date) -> tuple[Seat, ...]:
        """Return the person's own seats on `day`; a disabled person holds none."""
        return () if self.disabled else tuple(seat for seat in self.seats if seat.held_on(day))

    def stood_in_by(self, login: str, day: date) -> bool:
        """Tell whether `login` acts in the person's seats on `day`."""
        return any(one.login == login and one.since <= day <= one.until for one in self.deputies)

    @property
    def names(self) -> frozenset[str]:
        """Return every name that the person may have acted under, folded."""
        return frozenset(folded_name(name) for name in (self.login, self.name, self.system_user) if name)


def same_person(one: Actor, other: Actor) -> bool:
    """Tell whether two who acted are one person: by login where both have one, else by the names they went by."""
    if one.login and other.login:
        return one.login == other.login
    return bool(_names(one) & _names(other))


def _names(actor: Actor) -> set[str]:
    return {folded_name(name) for name in (actor.name, actor.login) if name}
