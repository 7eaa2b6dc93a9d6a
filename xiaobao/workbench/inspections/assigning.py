"""分工: sections and items of a sheet given to people, by the unit's head or by head office; who is how far.

An item's own assignment goes before its section's. What is given to nobody is everybody's; nobody is shut out: whoever
may fill the sheet may still answer any item, so that a sheet does not stand still when somebody is away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.checklist.models import Checklist, Section
from xiaobao.errors import Fault, InputError
from xiaobao.model import Person
from xiaobao.rights import Target, ask
from xiaobao.store.models import Assignment, Campaign
from xiaobao.workbench.inspections.filling import Form
from xiaobao.workbench.permitting import above, known_units, registered, target_of

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

_TABLE = "assignments"


@dataclass(frozen=True, kw_only=True)
class AssignedPart:
    """One person's part of a sheet: items asked and answered, and what he saved last ("" and None for nothing)."""

    login: str
    name: str
    asked: int
    answered: int
    last_item: str = ""
    last_at: datetime | None = None


def assignments(wb: Workbench, campaign: Campaign, unit: str, domain: str) -> dict[str, str]:
    """Return section or item id → login, as given."""
    found = wb.store.kept(_TABLE, campaign=str(campaign.id), unit=unit, domain=domain)
    return {one.node: one.login for one in found if one.login}


def owners(given: Mapping[str, str], *sheets: Checklist | None) -> dict[str, str]:
    """Return item id → login of whose it is: by its own assignment, else by that of the nearest section over it."""
    found: dict[str, str] = {}

    def walk(sections: tuple[Section, ...], whose: str) -> None:
        for section in sections:
            mine = given.get(section.id, whose)
            found.update({item.id: login for item in section.items if (login := given.get(item.id, mine))})
            walk(section.sections, mine)

    for sheet in sheets:
        walk(sheet.sections if sheet else (), "")
    return found


def assign(wb: Workbench, form: Form, node: str, login: str) -> Assignment:
    """Give a section or an item to somebody who may fill it, or to nobody. Raises InputError for anybody else."""
    nodes = {section.id for section in form.sections} | set(form.items)
    faults = [] if node in nodes else [Fault("检查表里没有这个部分或检查项", value=node)]
    able = {person.login: person for person in fillers(wb, form)}
    if login and login not in able:
        faults.append(Fault("这个人不能填报本检查表", value=login, allowed="、".join(able) or "没有登记填报人"))
    if faults:
        raise InputError(faults)
    campaign, unit, domain = str(form.campaign.id), form.unit.id, form.domain
    new = Assignment(campaign=campaign, unit=unit, domain=domain, node=node)
    [known] = wb.store.kept(_TABLE, campaign=campaign, unit=unit, domain=domain, node=node) or (new,)
    with wb.writing("sheet.assign", form.unit.id, form.domain, form.campaign) as tx:
        [kept] = tx.save_kept(_TABLE, "assign", [replace(known, login=login)])
    return kept


def fillers(wb: Workbench, form: Form) -> tuple[Person, ...]:
    """Return the people of the register who may fill this sheet today, by name; none where nobody is registered."""
    target = target_of(form.unit.id, form.domain, form.campaign)
    target = Target(**{**vars(target), "above": above(known_units(wb, form.campaign.period), form.unit.id)})
    able = (
        one
        for one in registered(wb).values()
        if not one.disabled and ask("answer.save", one, target, date.today()).seat is not None
    )
    return tuple(sorted(able, key=lambda one: (one.name, one.login)))


def shares(wb: Workbench, form: Form) -> tuple[AssignedPart, ...]:
    """Return how far each person's part is, by name; nothing where nothing was given out."""
    given = assignments(wb, form.campaign, form.unit.id, form.domain)
    whose, people = owners(given, form.sheets.core, form.sheets.own), registered(wb)
    owned = []
    for login in sorted(set(whose.values())):
        name = people[login].name if login in people else login
        entries = [one for one in form.items.values() if whose.get(one.item.id) == login and one.asked]
        saved = [one for one in form.items.values() if one.response.at and one.response.author == name]
        last = max(saved, key=lambda one: str(one.response.at), default=None)
        owned.append(
            AssignedPart(
                login=login,
                name=name,
                asked=len(entries),
                answered=sum(one.answered for one in entries),
                last_item=last.item.title if last else "",
                last_at=last.response.at if last else None,
            )
        )
    return tuple(sorted(owned, key=lambda one: (one.name, one.login)))
