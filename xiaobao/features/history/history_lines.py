"""What the history tells of a unit, a sheet, an item, a lead or a measure: each act with old, new and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from xiaobao.checklist.models import Item
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.errors import NotAllowed
from xiaobao.feature_list import brought
from xiaobao.features.history.wording import FIELD_WORDS, act_title, object_title, value_text
from xiaobao.labels import ROLES, domain_title
from xiaobao.model import Value
from xiaobao.store.history import WORKSPACE, inspection_chain
from xiaobao.workbench.campaigns import domain_titles

if TYPE_CHECKING:
    from xiaobao.store.models import Campaign, Event, InspectionRecord
    from xiaobao.workbench.workspace import Workbench

# What the program records of its own: of use to an engineer, in the way of everybody else.
_MACHINE = ("run", "result", "scorecard", "handed_in")
_ALL = 1_000_000


class Change(NamedTuple):
    """One field of what was changed, as people read it; "" for nothing."""

    field: str
    old: str
    new: str

    def text(self) -> str:
        """Return the change as one phrase."""
        return f"{self.field}：{self.words()}"

    def words(self) -> str:
        """Return old and new; of what was first said, only the new."""
        return f"{self.old} → {self.new or '（空）'}" if self.old else self.new


class HistoryEntry(Value):
    """One act. `seq` orders acts; `place` says what was acted on (检查结论 CP-01), `reason` why it was."""

    seq: int
    at: datetime
    who: str
    verified: bool
    role: str
    act: str
    place: str
    unit: str
    domain: str
    changes: tuple[Change, ...] = ()
    reason: str = ""

    def person(self) -> str:
        """Return who acted, in which role, and whether nobody vouched for the name."""
        role = f"（{self.role}）" if self.role else ""
        return f"{self.who}{role}" + ("" if self.verified else "（未认证）")

    def changed(self) -> str:
        """Return all changes as one text."""
        return "；".join(change.text() for change in self.changes)


def history_entries(
    wb: Workbench,
    campaign: Campaign,
    *,
    unit: str | None = None,
    domain: str | None = None,
    subject: str = "",
    machine: bool = False,
    limit: int | None = None,
) -> tuple[HistoryEntry, ...]:
    """Return the acts on a campaign's sheets, newest first; those of the campaign itself where no unit is asked for.

    `subject` is the id of an item, lead or measure. `machine` adds what the program recorded of its own.
    Raises NotAllowed for whoever may see no history.
    """
    seen = wb.sight("history.see", campaign)
    if seen.reason:
        raise NotAllowed(seen.reason)
    titles, items = domain_titles(wb, campaign), _items(wb, campaign)
    found: list[HistoryEntry] = []
    for record in wb.store.inspections(campaign.id, unit):
        if domain not in (None, record.domain) or not seen.shows(record.unit, record.domain):
            continue
        events = wb.store.events(_ALL, inspection_chain(record.id))
        domain_name = domain_title(record.domain, titles.get(record.domain, ""))
        found += _entries(reversed(events), record, domain_name, items=items)
    if unit is None and domain is None and seen.everything:
        whole = wb.store.events(_ALL, WORKSPACE, f"campaign:{campaign.id}")
        found += _entries(reversed(whole))
    if unit and seen.shows(unit):
        totals = wb.store.events(_ALL, WORKSPACE, f"total_moved:{campaign.id}:{unit}")
        entered = wb.store.events(_ALL, f"pool:{campaign.id}:{unit}")
        found += _entries(reversed([*totals, *entered]), unit=unit)
        for chain in (f"attachment:{unit}", f"opening:{unit}", f"reminder:{unit}", f"request:{campaign.id}:{unit}"):
            found += _entries(reversed(wb.store.events(_ALL, chain)), unit=unit)
    chosen = [one for one in found if (machine or not one.act.startswith("程序")) and _about(one, subject)]
    return tuple(sorted(chosen, key=lambda one: -one.seq)[:limit])


def workspace_entries(wb: Workbench, prefix: str, limit: int | None = None) -> tuple[HistoryEntry, ...]:
    """Return the acts on one kind of thing, newest first: `people`, `import`, `checklist`, filings, …

    Who does not see the whole bank is shown those of the units that he sees. Raises NotAllowed for whoever sees none.
    """
    seen = wb.sight("history.see")
    if seen.reason:
        raise NotAllowed(seen.reason)
    hidden = [number for hides in brought("hides") for number in hides(wb)]
    events = [
        one
        for one in wb.store.events(_ALL)
        if one.object.split(":")[0] == prefix and not any(number in one.object for number in hidden)
    ]
    shown = [one for one in _entries(reversed(events)) if seen.everything or (one.unit and seen.shows(one.unit))]
    return tuple(sorted(shown, key=lambda one: -one.seq)[:limit])


def _items(wb: Workbench, campaign: Campaign) -> dict[str, Item]:
    return {item.id: item for one in campaign.checklists for item in wb.checklist(campaign, one)[0].items()}


def answer_words(item: Item | None) -> Mapping[str, str]:
    """Return what an answer to the item writes as a code → its words: causes it counts, options, marks of looks."""
    return {} if item is None else {**item.counted(), **item.options(), **item.marks()}


def _about(entry: HistoryEntry, subject: str) -> bool:
    return not subject or subject in entry.place.split("　")[0].split()


def _entries(
    events: Iterable[Event],
    record: InspectionRecord | None = None,
    domain: str = "",
    unit: str = "",
    items: Mapping[str, Item] = MappingProxyType({}),
) -> Iterator[HistoryEntry]:
    """Tell events, oldest first, each against the last state of its object."""
    last: dict[tuple[str, str], Mapping[str, Any]] = {}
    for event in events:
        before, after = last.get((event.chain, event.object), {}), _fields(event)
        last[event.chain, event.object] = after
        prefix, _, key = event.object.partition(":")
        act = act_title(prefix, event.verb)
        item = items.get(key)
        subject = key if prefix not in ("total_moved", "veto", "evidence") else ""
        yield HistoryEntry(
            seq=event.seq,
            at=event.at,
            who=event.actor,
            verified=event.verified,
            role=ROLES.get(event.role, "") if event.role else "",  # type: ignore[call-overload]
            act=f"程序{act}" if prefix in _MACHINE else act,
            place=" ".join(filter(None, (object_title(prefix), subject))) + _named(after, item.title if item else ""),
            unit=record.unit if record else unit or str(after.get("unit", "")),
            domain=domain,
            changes=() if prefix in _MACHINE else tuple(_changes(before, after, answer_words(item))),
            reason=_reason(after),
        )


def _fields(event: Event) -> Mapping[str, Any]:
    """Return the payload, with what stands in a veto or in the answer of a review one step up."""
    if event.payload is None:
        return {}
    payload = json.loads(event.payload)
    if not isinstance(payload, dict):
        return {}
    for inner in ("veto", "answer"):
        if isinstance(payload.get(inner), dict):
            payload = {**payload.pop(inner), **payload}
    if isinstance(payload.get("before"), dict):  # a movement: what was shown before and after
        payload = {**payload, **{name: (payload[name] or {}).get("value") for name in ("before", "after")}}
    return payload


def _changes(
    before: Mapping[str, Any], after: Mapping[str, Any], codes: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Change]:
    if "before" in after and "after" in after:
        yield Change("得分", str(after["before"] or "无得分"), str(after["after"] or "无得分"))
        return
    if after.get("dataset") in DATASETS and isinstance(after.get("cells"), dict):
        yield from _cell_changes(before.get("cells") or before.get("beneath") or {}, after)
    for name in (*after, *(one for one in before if one not in after)):
        old, new = value_text(name, before.get(name), codes), value_text(name, after.get(name), codes)
        if name in FIELD_WORDS and old != new:
            yield Change(FIELD_WORDS[name], old, new)


def _cell_changes(before: Mapping[str, str], after: Mapping[str, Any]) -> Iterator[Change]:
    """Yield the cells of a register's row that were said anew, against what was said of it or imported before."""
    beneath = after.get("beneath") or {}
    for column in DATASETS[after["dataset"]].columns:
        old, new = (cells.get(column.name, beneath.get(column.name, "")) for cells in (before, after["cells"]))
        if old != new:
            yield Change(column.title, old, new)


def _reason(payload: Mapping[str, Any]) -> str:
    acts = payload.get("acts")
    if isinstance(acts, list):
        return "；".join(f"{act['what']}（{act['actor'] or '程序'}）{act['why']}" for act in acts)
    return str(payload.get("reason") or payload.get("answer_note") or "")


def _named(payload: Mapping[str, Any], item: str) -> str:
    """Return what tells the thing to people beside its id: the item's title, the file's name, the lead's summary."""
    name = item or payload.get("file_name") or payload.get("summary") or payload.get("title") or ""
    return f"　{name}" if name else ""
