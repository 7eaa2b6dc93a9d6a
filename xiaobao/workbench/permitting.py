"""Who acts, and whether the table of rights lets him: asked by every verb before it reads or writes.

With nobody registered the workspace is one person's own machine (单机，未认证): every verb is open, four eyes by name.
Seats and deputies count by the calendar's day, never by the day that a workspace or a page sets for its deadlines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from msgspec import structs

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.labels import ROLES
from xiaobao.model import Actor, Period, Person, Role, Seat, Unit, same_person
from xiaobao.rights import RIGHTS, Granted, Scope, Target, ask
from xiaobao.store.models import Acting
from xiaobao.workbench.units import read_units, units_below

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from xiaobao.store import Store
    from xiaobao.store.models import Campaign

_UNKNOWN = "{who} 没有登记为本系统的人员，不能{what}；请系统管理员用 xiaobao people 登记，或对应系统用户"
_NAMED = 3
_GONE = "；其任职机构 {units} 已不在机构名单中（撤并），请系统管理员更新任职"


class AtWork(Protocol):
    """For whom the table is asked: a person at the store of a workspace, as a `Workbench` is."""

    @property
    def home(self) -> Path: ...
    @property
    def store(self) -> Store: ...
    @property
    def actor(self) -> Actor: ...


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What whoever looks may be shown: everything, or some units, and the domains of a business line in all units.

    `reason` says why it is nothing at all.
    """

    everything: bool = False
    units: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    reason: str = ""

    def shows(self, unit: str, domain: str = "") -> bool:
        """Tell whether a thing of this unit and domain is shown; without a domain, one of the unit as a whole."""
        return self.everything or unit in self.units or (domain in self.lines if domain else False)

    def enters(self, unit: str) -> bool:
        """Tell whether anything of this unit is shown: then it is offered to be chosen."""
        return self.shows(unit) or bool(self.lines)

    def domains(self, unit: str, offered: Iterable[str]) -> tuple[str, ...]:
        """Return which of the domains `offered` are shown of a unit."""
        return tuple(domain for domain in offered if self.shows(unit, domain))


EVERYTHING = Sight(everything=True)


def acting(wb: AtWork) -> Acting:
    """Return what the register knows of whoever acts, as it is now: a person disabled meanwhile is disabled.

    Who came by a personal link is filler of its one unit, whatever other seats he has, and stands in for nobody.
    """
    known, holder = wb.store.acting(date.today(), wb.actor.login), wb.store.holder
    if holder is None or not holder.unit or known.person is None:
        return known
    seats = tuple(s for s in known.person.seats if (s.unit, s.role) == (holder.unit, Role.FILLER))
    return structs.replace(known, person=structs.replace(known.person, seats=seats), deputised=())


def registered(wb: AtWork) -> dict[str, Person]:
    """Return login → person of the whole register; empty where nobody is registered."""
    return {person.login: person for person in wb.store.kept("people")}


def grant(wb: AtWork, verb: str, target: Target, period: str = "") -> Granted | None:
    """Return the answer of the table for whoever acts; None where nobody is registered, so that everything goes.

    The units above the target are those of the register in force in `period`, looked up only where they matter.
    """
    known = acting(wb)
    if not known.anybody:
        return None
    if known.person is None:
        return Granted(reason=_UNKNOWN.format(who=wb.actor, what=RIGHTS[verb].title))
    found = ask(verb, known.person, target, date.today(), known.deputised)
    if found.seat is None and target.unit and not target.above:
        units = known_units(wb, period)
        target = Target(**{**vars(target), "above": above(units, target.unit)})
        found = ask(verb, known.person, target, date.today(), known.deputised)
        gone = [
            seat.unit for seat in known.person.seats_on(date.today()) if seat.unit and units and seat.unit not in units
        ]
        if found.seat is None and gone:
            found = Granted(reason=found.reason + _GONE.format(units="、".join(dict.fromkeys(gone))))
    return found


def require(wb: AtWork, verb: str, target: Target, period: str = "") -> Actor:
    """Return the actor in the unit and role by which the table allows `verb`. Raises NotAllowed with the reason."""
    granted = grant(wb, verb, target, period)
    if granted is None:
        return wb.actor
    if granted.seat is None:
        raise NotAllowed(Fault(granted.reason))
    return structs.replace(wb.actor, unit=granted.seat.unit, role=granted.seat.role.value)


def target_of(unit: str = "", domain: str = "", campaign: Campaign | None = None) -> Target:
    """Return what a verb is done to; the campaign, where there is one, names its inspectors."""
    return Target(unit=unit, domain=domain, inspectors=campaign.inspectors if campaign else ())


def may(wb: AtWork, verb: str, unit: str = "", domain: str = "", campaign: Campaign | None = None) -> str:
    """Return "" where whoever acts may do `verb`, else the reason to be shown."""
    granted = grant(wb, verb, target_of(unit, domain, campaign), campaign.period if campaign else "")
    return "" if granted is None or granted.seat is not None else granted.reason


def look(wb: AtWork, verb: str, unit: str = "", domain: str = "", campaign: Campaign | None = None) -> None:
    """Ask the table before something is shown. Raises NotAllowed with the reason."""
    require(wb, verb, target_of(unit, domain, campaign), campaign.period if campaign else "")


def open_domains(wb: AtWork, verb: str, unit: str, campaign: Campaign) -> tuple[str, ...]:
    """Return the domains of a campaign in which whoever acts may do `verb` to a unit, "" for all units together.

    A business line may in its own. Raises NotAllowed where there is none.
    """
    if not may(wb, verb, unit, campaign=campaign):
        return tuple(campaign.checklists)
    found = tuple(domain for domain in campaign.checklists if not may(wb, verb, unit, domain, campaign))
    if not found:
        look(wb, verb, unit, campaign=campaign)
    return found


def sight(wb: AtWork, verb: str, campaign: Campaign | None = None, period: str = "") -> Sight:
    """Return what whoever acts may be shown by `verb`, of one campaign or of what lies in no campaign."""
    known = acting(wb)
    if not known.anybody:
        return EVERYTHING
    if known.person is None:
        return Sight(reason=_UNKNOWN.format(who=wb.actor, what=RIGHTS[verb].title))
    granted = RIGHTS[verb].granted
    units: set[str] = set()
    lines: set[str] = set()
    for seat, login in seats_of(known):
        scopes = granted[seat.role]
        if Scope.ALL in scopes or (Scope.VISIT in scopes and campaign and login in campaign.inspectors):
            return EVERYTHING
        if Scope.LINE in scopes:
            lines |= set(seat.lines)
        if Scope.OWN in scopes or Scope.SUBTREE in scopes:
            units.add(seat.unit)
        if Scope.SUBTREE in scopes:
            units |= _below(known_units(wb, campaign.period if campaign else period), seat.unit)
    refused = ask(verb, known.person, Target(), date.today(), known.deputised).reason if not units | lines else ""
    return Sight(units=frozenset(units), lines=frozenset(lines), reason=refused)


def seats_of(known: Acting) -> Iterator[tuple[Seat, str]]:
    """Yield every seat that somebody may act in today, with whose it is: the own ones, then those of a deputy."""
    if known.person is None or known.person.disabled:
        return
    yield from ((seat, known.person.login) for seat in known.person.seats_on(date.today()))
    for other in known.deputised:
        if other.stood_in_by(known.person.login, date.today()):
            yield from ((seat, other.login) for seat in other.seats_on(date.today()))


def is_actor(wb: AtWork, *others: Actor) -> bool:
    """Tell whether one of `others`, who did something earlier, is whoever acts now: four eyes by person.

    A person of the register is also whom his system user was before he was registered.
    """
    known = acting(wb).person
    unnamed = [Actor(name=name) for name in known.names] if known else []

    def same(other: Actor) -> bool:
        mine = (wb.actor,) if other.login and wb.actor.login else (wb.actor, *unnamed)
        return any(same_person(me, other) for me in mine)

    return any(same(other) for other in others if other.name or other.login)


def who_may(wb: AtWork, verb: str, unit: str, domain: str, campaign: Campaign | None) -> tuple[Person, ...]:
    """Return the people of the register who may do `verb` to a unit today: its own first, then those a level above."""
    over = above(known_units(wb, campaign.period if campaign else ""), unit)
    target = Target(**{**vars(target_of(unit, domain, campaign)), "above": over})
    found = []
    for one in registered(wb).values():
        seat = ask(verb, one, target, date.today()).seat
        if seat is not None:
            near = (unit, *over)
            found.append((near.index(seat.unit) if seat.unit in near else len(near), one.login, one))
    return tuple(one for _, _, one in sorted(found, key=lambda each: each[:2]))


def others_who_may(
    wb: AtWork, verb: str, unit: str, domain: str, campaign: Campaign | None, never: Collection[str] = ()
) -> str:
    """Return whom to turn to where whoever acts may not by four eyes: people of the unit or of a level above it.

    `never` are logins of people whom four eyes shut out too. Where nobody else is left it says which roles are missing;
    "" where nobody is registered.
    """
    if not registered(wb):
        return ""
    found = who_may(wb, verb, unit, domain, campaign)
    able = [one.name for one in found if one.login not in {wb.actor.login, *never}]
    if able:
        return f"；可以由{'、'.join(able[:_NAMED])}{'等' if len(able) > _NAMED else ''}办理"
    missing = "、".join(title for role, title in ROLES.items() if RIGHTS[verb].granted[role])
    return f"；登记簿里没有别人可以{RIGHTS[verb].title}，请登记：{missing}"


def above(units: Mapping[str, Unit], unit: str) -> tuple[str, ...]:
    """Return the units over one, nearest first."""
    found: list[str] = []
    at = units.get(unit)
    while at is not None and at.parent and at.parent not in found:
        found.append(at.parent)
        at = units.get(at.parent)
    return tuple(found)


def known_units(wb: AtWork, period: str = "") -> Mapping[str, Unit]:
    """Return the register of units in force in `period`, today's without one; empty before any was imported."""
    try:
        return read_units(wb.home, wb.store, Period.parse(period or str(date.today().year)))
    except InputError:
        return {}


def _below(units: Mapping[str, Unit], top: str) -> set[str]:
    return set(units_below(units, top)) if top in units else set()
