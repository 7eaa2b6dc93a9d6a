"""Who sees which visit: a surprise visit is not there for its unit until entry, on no page, list, history or file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.features.visits.visit import Visit
from xiaobao.store.models import Campaign
from xiaobao.workbench.evidence.attaching import attachments_of
from xiaobao.workbench.evidence.holding import Held
from xiaobao.workbench.permitting import acting, seats_of
from xiaobao.workbench.workspace import Workbench

_NONE = "没有这个检查项目"


def as_campaign(visit: Visit) -> Campaign:
    """Return the visit as what the table of rights asks for: its team are the inspectors."""
    return Campaign(id=0, name=visit.number, period=visit.year, scheme=("", ""), checklists={}, inspectors=visit.team)


def visible(wb: Workbench, found: Iterable[Visit]) -> tuple[Visit, ...]:
    """Return those that whoever acts may know of: by the table of rights, or as one of the team."""
    known = acting(wb)
    if not known.anybody:
        return tuple(found)
    mine = {login for _, login in seats_of(known)}
    sights = {verb: wb.sight(verb) for verb in ("visit.see", "visit.see_hidden")}

    def shown(visit: Visit) -> bool:
        verb = "visit.see_hidden" if visit.hidden else "visit.see"
        if sights[verb].shows(visit.unit):
            return True
        return bool(mine.intersection(visit.team)) and not wb.may(verb, visit.unit, campaign=as_campaign(visit))

    return tuple(one for one in found if shown(one))


def visits(wb: Workbench, year: str | None = None, unit: str | None = None) -> tuple[Visit, ...]:
    """Return the visits that whoever acts may know of, by number. Raises NotAllowed for whoever sees none at all."""
    found = visible(wb, wb.store.kept("visits", year=year, unit=unit))
    if not found and (reason := wb.sight("visit.see").reason):
        raise NotAllowed(reason)
    return tuple(sorted(found, key=lambda one: one.number))


def visit_of(wb: Workbench, number: str) -> Visit:
    """Return one visit. What may not be known of is refused in the words for what is not there."""
    found = visible(wb, wb.store.kept("visits", number=number))
    if not found:
        raise InputError(Fault(_NONE, value=number, allowed="见 xiaobao visit list"))
    return found[0]


def hides(wb: Workbench) -> Iterator[str]:
    """Yield the numbers of visits that whoever acts must not find in any history."""
    kept = wb.store.kept("visits")
    shown = {one.number for one in visible(wb, kept)}
    yield from (one.number for one in kept if one.number not in shown)


def held_files(wb: Workbench, sha256: str) -> Iterator[Held]:
    """Yield a visit's evidence and signed scans of this content, to be seen as the visit is."""
    for visit in wb.store.kept("visits"):
        verb = "visit.see_hidden" if visit.hidden else "visit.see"
        scans = [scan for paper in visit.papers for scan in paper.scans]
        for one in (*attachments_of(wb, "visit", visit.number), *scans):
            if one.sha256 == sha256:
                place = {"verb": verb, "unit": visit.unit, "campaign": as_campaign(visit)}
                yield Held(name=one.name, sha256=sha256, path=one.path, **place)


def shows_file(wb: Workbench, place: str) -> bool:
    """Tell whether a file is a visit's paper or scan that may be seen. Raises NotAllowed for one that may not."""
    for visit in wb.store.kept("visits"):
        files = {path for paper in visit.papers for path in (paper.path, *(scan.path for scan in paper.scans))}
        if place in files:
            if visible(wb, [visit]):
                return True
            raise NotAllowed(Fault("没有这个文件，或您不能查看", value=place))
    return False
