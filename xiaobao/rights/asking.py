"""The question: may this person do that to this target today, by which seat, and if not, why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from xiaobao.labels import ROLES
from xiaobao.model import Person, Seat
from xiaobao.rights.matrix import RIGHTS, Scope


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a verb is done to. `unit` "" is the bank as a whole; `above` are the units over it, nearest first.

    `inspectors` are the logins that the visit names.
    """

    unit: str = ""
    above: tuple[str, ...] = ()
    domain: str = ""
    inspectors: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Granted:
    """The answer: the seat that grants it and whose it is (a deputy acts in another's), or the reason why not."""

    seat: Seat | None = None
    in_place_of: str = ""
    reason: str = ""


def scopes_of(seat: Seat, login: str, target: Target) -> frozenset[Scope]:
    """Return in which scopes a seat stands to a target; the whole bank is nobody's own unit."""
    found = {Scope.ALL}
    if target.unit and seat.unit == target.unit:
        found |= {Scope.OWN, Scope.SUBTREE}
    if seat.unit in target.above:
        found.add(Scope.SUBTREE)
    if target.domain in seat.lines:
        found.add(Scope.LINE)
    if login in target.inspectors:
        found.add(Scope.VISIT)
    return frozenset(found)


def ask(verb: str, person: Person, target: Target, day: date, deputised: Iterable[Person] = ()) -> Granted:
    """Return by which seat `person` may do `verb` on `day`, or why not. Raises KeyError for a verb without a row.

    `deputised` are people who named this one as their deputy; their seats count while the deputation lasts.
    """
    row = RIGHTS[verb]
    if person.disabled:
        return Granted(reason=f"{person.name} 已停用")
    for seat, whose in _seats(person, deputised, day):
        if row.granted[seat.role] & scopes_of(seat, whose, target):
            return Granted(seat=seat, in_place_of=whose if whose != person.login else "")
    may = "、".join(title for role, title in ROLES.items() if row.granted[role]) or "无人"
    held = "、".join(dict.fromkeys(ROLES[seat.role] for seat, _ in _seats(person, deputised, day))) or "没有角色"
    return Granted(reason=f"{person.name}（{held}）在这里不能{row.title}；可以的角色：{may}")


def _seats(person: Person, deputised: Iterable[Person], day: date) -> Iterator[tuple[Seat, str]]:
    yield from ((seat, person.login) for seat in person.seats_on(day))
    for other in deputised:
        if other.stood_in_by(person.login, day):
            yield from ((seat, other.login) for seat in other.seats_on(day))
