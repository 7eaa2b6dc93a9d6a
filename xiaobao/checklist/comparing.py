"""Compare two versions of a checklist: what was added, removed, reworded, re-weighted. Values in, values out.

Items are distinguished by their ids alone: an id is never re-used, so the same id is the same question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xiaobao.checklist.canonical import sha256
from xiaobao.checklist.citations import citation_text
from xiaobao.checklist.models import Checklist, Item, Regulations, Section
from xiaobao.checklist.wording import field_title, value_text
from xiaobao.errors import Fault, InputError
from xiaobao.written.strict import Strict

ADDED, REMOVED = "新增", "删除"
# Field of an item → what a change of it is called. A field that is not here is called by its name.
_KINDS: Mapping[str, str] = {
    "title": "改写",
    "requirement": "改写",
    "procedure": "改写",
    "method": "改写",
    "evidence": "改写",
    "evidence_required": "改写",
    "guidance": "改写",
    "points": "调整分值",
    "citations": "变更依据",
    "practice": "变更依据",
    "rules": "变更计分方式",
    "floor": "变更计分方式",
    "answered_by": "变更计分方式",
    "checks": "变更计分方式",
    "sample": "变更抽样",
    "applies_to": "变更适用范围",
    "effective_from": "变更适用范围",
    "effective_to": "变更适用范围",
    "relevant": "变更适用范围",
    "requires": "改写",
    "severity": "变更严重程度",
    "element": "变更监管要素",
    "section": "移动位置",
}
# What a person does not read when answering: an answer outlives a change of these.
_ANSWER_STANDS = frozenset({"points", "severity", "citations", "practice", "element", "section", "floor"})


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field, worded as people read it; "" where nothing was or is stated."""

    field: str
    before: str
    after: str

    @property
    def title(self) -> str:
        """The field's Chinese word, as Excel heads its column."""
        return field_title(self.field)


@dataclass(frozen=True, kw_only=True)
class NodeChange:
    """A section, an item or a veto that was added, removed or changed. `section` is where it stands (or stood)."""

    id: str
    title: str
    section: str
    kinds: tuple[str, ...]
    fields: tuple[FieldChange, ...] = ()

    @property
    def asks_anew(self) -> bool:
        """Whether an answer to the former wording has to be given anew."""
        return bool(self.fields) and not {change.field for change in self.fields} <= _ANSWER_STANDS


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What is different between two versions. `sheet` are changes of the checklist's own fields."""

    before: Checklist
    after: Checklist
    sheet: tuple[FieldChange, ...]
    sections: tuple[NodeChange, ...]
    items: tuple[NodeChange, ...]
    vetoes: tuple[NodeChange, ...]
    unchanged: int

    @property
    def same(self) -> bool:
        """Whether nothing but the version differs."""
        return not (self.items or self.sections or self.vetoes) and {c.field for c in self.sheet} <= {"version"}

    def counts(self) -> Mapping[str, int]:
        """Return kind of change → number of items, in the order that a note tells them."""
        kinds = dict.fromkeys([ADDED, REMOVED, *_KINDS.values(), *(kind for item in self.items for kind in item.kinds)])
        counted = {kind: sum(kind in item.kinds for item in self.items) for kind in kinds}
        return {kind: number for kind, number in counted.items() if number}

    def hashes(self) -> tuple[str, str]:
        """Return the SHA-256 of both contents."""
        return sha256(self.before), sha256(self.after)


def compare(before: Checklist, after: Checklist, regulations: Regulations | None = None) -> Comparison:
    """Compare two versions of one checklist. Raises InputError where they are different checklists.

    With the register, citations are worded in full, unverified ones without their article.
    """
    if before.id != after.id:
        raise InputError(Fault("不是同一张检查表的两个版本", value=f"{before.id}、{after.id}"))

    def worded(item: Item, name: str) -> str:
        if name == "citations" and regulations is not None:
            return citation_text(regulations, item)
        return value_text(name, getattr(item, name))

    old, new = _placed(before), _placed(after)
    now = {identity: section.title for identity, (section, _) in _sections(after.sections).items()}
    items = tuple(_node_changes(old, new, worded, now))
    untouched = len(old.keys() & new.keys()) - sum(ADDED not in i.kinds and REMOVED not in i.kinds for i in items)
    return Comparison(
        before=before,
        after=after,
        sheet=tuple(_field_changes(before, after, _plainly, skip={"sections", "vetoes"})),
        sections=tuple(_node_changes(_sections(before.sections), _sections(after.sections), _plainly, now)),
        items=items,
        vetoes=tuple(_node_changes(_vetoes(before), _vetoes(after), _plainly)),
        unchanged=untouched,
    )


Worded = Callable[..., str]
_Placed = Mapping[str, tuple[Strict, Section | None]]  # id → (node, the section that holds it)


def _plainly(node: Strict, name: str) -> str:
    return value_text(name, getattr(node, name))


def _placed(checklist: Checklist) -> _Placed:
    sections = (section for section, _ in _sections(checklist.sections).values())
    return {item.id: (item, section) for section in sections for item in section.items}


def _sections(
    sections: tuple[Section, ...], parent: Section | None = None
) -> dict[str, tuple[Section, Section | None]]:
    found: dict[str, tuple[Section, Section | None]] = {}
    for section in sections:
        found[section.id] = (section, parent)
        found |= _sections(section.sections, section)
    return found


def _vetoes(checklist: Checklist) -> _Placed:
    return {veto.id: (veto, None) for veto in checklist.vetoes}


def _node_changes(
    old: _Placed, new: _Placed, worded: Worded, now: Mapping[str, str] = MappingProxyType({})
) -> Iterator[NodeChange]:
    """Yield what is new or different in the order of the new sheet, then what is gone in the order of the old.

    `now` section id → its present title, so that what is gone is shown under it.
    """
    for identity, (node, place) in new.items():
        if identity not in old:
            yield NodeChange(id=identity, title=_title(node), section=_title(place), kinds=(ADDED,))
            continue
        former, former_place = old[identity]
        changes = list(_field_changes(former, node, worded, skip={"sections", "items"}))
        if _id(former_place) != _id(place):
            changes.append(FieldChange(field="section", before=_title(former_place), after=_title(place)))
        if changes:
            kinds = dict.fromkeys(_KINDS.get(change.field, f"变更{change.title}") for change in changes)
            yield NodeChange(
                id=identity, title=_title(node), section=_title(place), kinds=tuple(kinds), fields=tuple(changes)
            )
    for identity, (node, place) in old.items():
        if identity not in new:
            yield NodeChange(
                id=identity, title=_title(node), section=now.get(_id(place), _title(place)), kinds=(REMOVED,)
            )


def _field_changes(before: Strict, after: Strict, worded: Worded, skip: set[str]) -> Iterator[FieldChange]:
    for name in after.__struct_fields__:
        if name not in skip and getattr(before, name) != getattr(after, name):
            yield FieldChange(field=name, before=worded(before, name), after=worded(after, name))


def _title(node: Strict | None) -> str:
    return str(getattr(node, "title", "") or getattr(node, "event", ""))


def _id(node: Strict | None) -> str:
    return str(getattr(node, "id", ""))
