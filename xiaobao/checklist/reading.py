"""Read checklists, schemes and the register of regulations from YAML. All faults of a file come at once, by line."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from itertools import islice
from pathlib import Path
from typing import TypeVar

from xiaobao.checklist.models import Checklist, Regulations, Scheme, StandardWordings, wording_flaws
from xiaobao.checklist.own_items import own_flaws
from xiaobao.checklist.scheme_soundness import scheme_flaws, use_flaws, veto_grade_flaws
from xiaobao.checklist.soundness import checklist_flaws, regulations_flaws
from xiaobao.errors import ChecklistError, Fault, InputError
from xiaobao.written.nodes import Flaw, Listing, Node, Place, TableNode, TextNode, line_of
from xiaobao.written.reader import read
from xiaobao.written.strict import Strict
from xiaobao.written.yaml_files import read_document

T = TypeVar("T", bound=Strict)
_MOST_FLAWS = 1000  # each may search for the nearest known word


def load_checklist(
    path: Path,
    regulations: Regulations | None = None,
    known_checks: Collection[str] | None = None,
    grades: Collection[str] | None = None,
    schemes: Collection[Scheme] = (),
) -> Checklist:
    """Read a checklist. Raises ChecklistError; citations, check ids and grades are held against what is handed in.

    `schemes` are those that it may be used with: a veto that would be without effect under one of them is a fault.
    """

    def sound(checklist: Checklist) -> Iterable[Flaw]:
        yield from checklist_flaws(checklist, regulations, known_checks, grades)
        for scheme in schemes:
            yield from veto_grade_flaws(checklist, scheme)

    return _load(path, Checklist, sound)


def load_own_items(path: Path, regulations: Regulations | None, core_ids: Collection[str]) -> Checklist:
    """Read `units/<unit>/<domain>.yaml`, a unit's own items. Raises ChecklistError."""
    unit, domain = path.parent.name, path.stem

    def sound(checklist: Checklist) -> Iterable[Flaw]:
        yield from checklist_flaws(checklist, regulations)
        yield from own_flaws(checklist, unit, domain, core_ids)

    return _load(path, Checklist, sound)


def load_scheme(path: Path, checklists: Collection[Checklist] | None = None) -> Scheme:
    """Read a scoring scheme. Raises ChecklistError; with the `checklists` that it weighs, it is held against them."""

    def sound(scheme: Scheme) -> Iterable[Flaw]:
        yield from scheme_flaws(scheme)
        if checklists is not None:
            yield from use_flaws(scheme, checklists)

    return _load(path, Scheme, sound)


def load_regulations(path: Path) -> Regulations:
    """Read the register of regulations. Raises ChecklistError."""
    return _load(path, Regulations, regulations_flaws)


def load_wordings(path: Path) -> StandardWordings:
    """Read a file of standard wordings. Raises ChecklistError."""
    return _load(path, StandardWordings, wording_flaws)


def checklist_in(
    root: TableNode, regulations: Regulations | None = None, known_checks: Collection[str] | None = None
) -> tuple[Checklist | None, tuple[Flaw, ...]]:
    """Return the checklist that `root` says and its flaws by place, for a source that has no lines, such as Excel."""
    value, flaws = _held(root, Checklist, lambda checklist: checklist_flaws(checklist, regulations, known_checks))
    return value, tuple(flaws)


def _load(path: Path, kind: type[T], sound: Callable[[T], Iterable[Flaw]]) -> T:
    try:
        root = read_document(path)
    except InputError as error:
        raise ChecklistError(error.faults) from error
    value, flaws = _held(root, kind, sound)
    if value is None or flaws:
        faults = {_fault(flaw, path.name, root): None for flaw in flaws}
        raise ChecklistError(sorted(faults, key=lambda fault: fault.row or 0))
    return value


def _held(root: TableNode, kind: type[T], sound: Callable[[T], Iterable[Flaw]]) -> tuple[T | None, list[Flaw]]:
    """Hold a document against its model, and what it says against itself."""
    value, flaws = read(kind, root)
    if value is not None:
        flaws += islice(sound(value), _MOST_FLAWS)
    return value, flaws


def _fault(flaw: Flaw, name: str, root: TableNode) -> Fault:
    def line(match: re.Match[str]) -> str:
        place: Place = tuple(int(step) if step.isdigit() else step for step in match[1].split("/"))
        return f"第 {line_of(root, place)} 行"

    return Fault(
        re.sub(r"\{line:([^}]*)\}", line, flaw.message),
        file=name,
        row=line_of(root, flaw.place),
        item=_item_of(root, flaw.place),
        value=flaw.value,
        allowed=flaw.allowed,
    )


def _item_of(root: TableNode, place: Place) -> str:
    """Return the id of the checklist item that `place` lies in, or nothing."""
    node: Node = root
    found, key = "", ""
    for step in place:
        if isinstance(node, TableNode) and step in node.values:
            key, node = str(step), node.values[str(step)]
        elif isinstance(node, Listing) and isinstance(step, int) and step < len(node.values):
            node = node.values[step]
            if key == "items" and isinstance(node, TableNode) and isinstance(name := node.values.get("id"), TextNode):
                found = name.value
    return found
