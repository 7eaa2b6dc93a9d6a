"""机构自设检查项: a unit's own items beside the head office's locked core.

They lie in `checklists/units/<unit>/<domain>.yaml`, form a sheet of their own (id `<unit>.<domain>`) and are scored in
it, so that the core, its comparable score and the rank cannot change by them. Every id begins with the unit's prefix.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from xiaobao.checklist.models import Checklist, Section
from xiaobao.model import folded_id
from xiaobao.written.nodes import Flaw, Place


def own_sheet_id(unit: str, domain: str) -> str:
    """Return the id of a unit's own sheet of a domain."""
    return f"{unit}.{domain}"


def own_prefix(unit: str) -> str:
    """Return what every id of a unit's own sections and items begins with."""
    return f"{unit}-"


def own_flaws(checklist: Checklist, unit: str, domain: str, core_ids: Collection[str]) -> Iterator[Flaw]:
    """Yield what a unit may not do: another's prefix, a core id, vetoes, data items, another domain than its file's."""
    wanted = own_sheet_id(unit, domain)
    if checklist.id != wanted:
        yield Flaw(place=("id",), message="编号与所在文件夹和文件名不一致", value=checklist.id, allowed=wanted)
    if checklist.domain != domain:
        yield Flaw(place=("domain",), message="检查域与文件名不一致", value=checklist.domain, allowed=domain)
    if checklist.vetoes:
        yield Flaw(place=("vetoes",), message="自设检查项不能设一票否决", allowed="一票否决只由总行的检查表规定")
    core = {folded_id(one) for one in core_ids}
    for place, identity in _ids(checklist.sections, ("sections",)):
        if folded_id(identity) in core:
            yield Flaw(place=place, message="与总行检查表的编号相同，总行的检查项不能改写", value=identity)
        elif not folded_id(identity).startswith(folded_id(own_prefix(unit))):
            yield Flaw(
                place=place,
                message="自设检查项的编号须以本机构的前缀开头",
                value=identity,
                allowed=f"{own_prefix(unit)}……",
            )
    for place, by in _answered_by(checklist.sections, ("sections",)):
        if by != "person":
            yield Flaw(
                place=place, message="自设检查项须由人作答，数据检查只由总行的检查表提出", value=by, allowed="person"
            )


def _ids(sections: tuple[Section, ...], place: Place) -> Iterator[tuple[Place, str]]:
    for number, section in enumerate(sections):
        here = (*place, number)
        yield (*here, "id"), section.id
        yield from (((*here, "items", n, "id"), item.id) for n, item in enumerate(section.items))
        yield from _ids(section.sections, (*here, "sections"))


def _answered_by(sections: tuple[Section, ...], place: Place) -> Iterator[tuple[Place, str]]:
    for number, section in enumerate(sections):
        here = (*place, number)
        yield from (((*here, "items", n, "answered_by"), item.answered_by) for n, item in enumerate(section.items))
        yield from _answered_by(section.sections, (*here, "sections"))
