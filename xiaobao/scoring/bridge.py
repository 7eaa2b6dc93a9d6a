"""得分变动分解: from one period's total to the next in fixed steps, re-scored after each, so that they sum exactly.

Steps are computed without vetoes and before rounding; what vetoes took and what rounding moved are steps of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct, field
from msgspec.structs import replace

from xiaobao.checklist.models import Checklist, Item, Scheme, Section
from xiaobao.labels import BRIDGE_STEPS
from xiaobao.model import AppliedVeto, FactState, ItemFacts, PoolEntry, Score, TraceLine, Value
from xiaobao.numbers import ONE, ZERO, add, plain, round_half_up
from xiaobao.scoring.engine import exact_value
from xiaobao.scoring.reshaping import item_ids, joined, summable, without_items
from xiaobao.scoring.rules import item_loss, settled
from xiaobao.scoring.total import exact_total, total

_MORE_PLACES = 2
_NAMED = 10


class Standpoint(Value):
    """One period of one unit: what was asked, what was found, what it came to."""

    period: str
    scheme: Scheme
    sheets: Mapping[str, Checklist]
    facts: Mapping[str, Sequence[ItemFacts]]
    domains: Mapping[str, Score]
    total: Score
    entries: tuple[PoolEntry, ...] = ()


class BridgePart(Value):
    """What one item moved the total by within a step, in points of the total."""

    section: str
    item: str
    change: Decimal


class BridgeStep(Value):
    """One step: `change` in points of the total, `reached` the running total after it, `items` what it is about.

    `parts` are the items that moved points, largest first, `rest` the sum of those that are not listed. Each is
    rounded by itself; where that leaves a difference to `change`, the note says it.
    """

    kind: str
    title: str
    change: Decimal
    reached: Decimal
    items: tuple[str, ...] = ()
    note: str = ""
    parts: tuple[BridgePart, ...] = ()
    rest: Decimal = ZERO


class ScoreBridge(Value):
    """`before` plus the changes of all steps is `after`, to the last digit."""

    before_period: str
    after_period: str
    before: Decimal
    after: Decimal
    steps: tuple[BridgeStep, ...]


class SheetChange(Value):
    """How one domain's sheet goes from one version to the next; made once for all units."""

    before: Checklist | None
    removed: Checklist | None
    added: Checklist | None
    after: Checklist | None
    gone: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()
    plain: bool = False


class _State(Struct, kw_only=True):
    scheme: Scheme
    sheets: dict[str, Checklist]
    facts: dict[str, dict[str, ItemFacts]]
    entries: tuple[PoolEntry, ...]
    known: dict[str, dict[int, TraceLine]]
    plain: Mapping[str, bool]
    values: dict[str, tuple[object, object, object, Fraction | None]] = field(default_factory=dict)

    def exact(self) -> Fraction | None:
        """Score what changed since the last step; the rest keeps its value."""
        values = {}
        for domain, sheet in self.sheets.items():
            facts = self.facts[domain]
            seen = self.values.get(domain)
            if seen is None or seen[0] is not sheet or seen[1] is not facts or seen[2] is not self.scheme:
                seen = (sheet, facts, self.scheme, self._value(domain, sheet, facts))
                self.values[domain] = seen
            values[domain] = seen[3]
        return exact_total(self.scheme, values, self.entries)

    def _value(self, domain: str, sheet: Checklist, facts_of: Mapping[str, ItemFacts]) -> Fraction | None:
        """Sum what the traces say already where a sum is all there is; else score the sheet anew."""
        known = self.known.get(domain, {})
        items = sheet.items()
        lines = [known.get(id(facts_of.get(item.id))) for item in items]
        if self.plain.get(domain) and all(lines):
            possible = add(*(line.possible for line in lines if line))
            earned = add(*(line.earned for line in lines if line))
            return Fraction(earned) / Fraction(possible) * 100 if possible else None
        facts = [facts_of[item.id] for item in items if item.id in facts_of]
        return exact_value(sheet, facts, self.scheme)


def sheet_change(before: Checklist | None, after: Checklist | None) -> SheetChange:
    """Return the sheets between two versions: without what goes, then with what comes."""
    if before is None or after is None:
        gone = frozenset(item_ids(before)) if before else frozenset()
        return SheetChange(
            before=before,
            removed=None,
            added=after,
            after=after,
            gone=gone,
            new=frozenset(item_ids(after)) if after else frozenset(),
        )
    if before == after:
        return SheetChange(before=before, removed=before, added=before, after=before, plain=summable(before))
    old, new = frozenset(item_ids(before)), frozenset(item_ids(after))
    removed = without_items(before, old - new)
    return SheetChange(
        before=before,
        removed=removed,
        added=joined(removed, after, new - old),
        after=after,
        gone=old - new,
        new=new - old,
    )


def sheet_changes(before: Mapping[str, Checklist], after: Mapping[str, Checklist]) -> dict[str, SheetChange]:
    """Return the change of every domain's sheet."""
    return {domain: sheet_change(before.get(domain), after.get(domain)) for domain in dict.fromkeys([*before, *after])}


def score_bridge(
    before: Standpoint, after: Standpoint, changes: Mapping[str, SheetChange] | None = None
) -> ScoreBridge | None:
    """Return the bridge between two totals of one unit.

    None where one of them has no score, or where the facts at hand do not give the scores recorded.
    """
    if before.total.value is None or after.total.value is None:
        return None
    changes = changes if changes is not None else sheet_changes(before.sheets, after.sheets)
    walk = _Walk(before, after, changes)
    last = walk.state.exact()
    found: list[_Moved] = []
    for kind in ("removed", "added", "applicability", "weights", "results", "deductions"):
        names = walk.step(kind)
        value = walk.state.exact()
        moved = Fraction(0) if value is None or last is None else value - last
        found.append(_Moved(kind=kind, change=moved, names=names, parts=tuple(walk.parts)))
        last = last if value is None else value
    bridge = _summed(before, after, found)
    return bridge if abs(bridge.steps[-1].change) <= rounding_limit(before, after) else None


def rounding_limit(before: Standpoint, after: Standpoint) -> Decimal:
    """Return half the last place for every node that was rounded, in both periods, and for each step shown."""
    half = sum((Decimal(len(side.domains) + 1).scaleb(-side.scheme.places) / 2 for side in (before, after)), Decimal(0))
    return half + Decimal(len(BRIDGE_STEPS)).scaleb(-max(before.scheme.places, after.scheme.places) - _MORE_PLACES) / 2


class _Moved(Value):
    """One step as computed: its exact change, what it is about, and (section, item, exact change) of each item."""

    kind: str
    change: Fraction
    names: tuple[str, ...]
    parts: tuple[tuple[str, str, Fraction], ...] = ()


class _Walk:
    """The state between two periods, moved on step by step; `parts` are what the items of the last step moved."""

    def __init__(self, before: Standpoint, after: Standpoint, changes: Mapping[str, SheetChange]) -> None:
        self.after, self.changes = after, changes
        self.parts: list[tuple[str, str, Fraction]] = []
        self.old = {domain: {fact.item_id: fact for fact in facts} for domain, facts in before.facts.items()}
        self.new = {domain: {fact.item_id: fact for fact in facts} for domain, facts in after.facts.items()}
        sheets = {domain: change.before for domain, change in changes.items() if change.before is not None}
        facts = {domain: self.old.get(domain, {}) for domain in sheets}
        known, plain = self._known(before)
        self.state = _State(
            scheme=before.scheme, sheets=sheets, facts=facts, entries=before.entries, known=known, plain=plain
        )

    def _known(self, before: Standpoint) -> tuple[dict[str, dict[int, TraceLine]], dict[str, bool]]:
        """Return the item lines of both periods by the fact they tell of, for sheets and rates that did not change."""
        known: dict[str, dict[int, TraceLine]] = {}
        plain: dict[str, bool] = {}
        for domain, change in self.changes.items():
            same = change.before is not None and change.before is change.after
            plain[domain] = same and before.scheme.origins == self.after.scheme.origins and change.plain
            if plain[domain]:
                known[domain] = {
                    id(side_facts[line.node_id]): line
                    for side, side_facts in ((before, self.old.get(domain, {})), (self.after, self.new.get(domain, {})))
                    if domain in side.domains
                    for line in side.domains[domain].trace
                    if line.kind == "item" and line.node_id in side_facts
                }
        return known, plain

    def step(self, kind: str) -> tuple[str, ...]:
        """Take one step and return the items that it is about."""
        self.parts = []
        if kind == "removed":
            return self._sheets("removed", "gone")
        if kind == "added":
            names = self._sheets("added", "new")
            for domain in self.state.sheets:
                new = self.changes[domain].new
                if new:
                    chosen = {i: fact for i, fact in self.new.get(domain, {}).items() if i in new}
                    self.state.facts[domain] = {**self.state.facts.get(domain, {}), **chosen}
                self.state.facts.setdefault(domain, {})
            return names
        if kind == "weights":
            return self._reweigh()
        return self._facts(kind)

    def _sheets(self, version: str, ids: str) -> tuple[str, ...]:
        names: list[str] = []
        for domain, change in self.changes.items():
            sheet = getattr(change, version)
            about = getattr(change, ids)
            holder = change.before if version == "removed" else change.after
            if about and holder is not None:
                names += [f"{item.id} {item.title}" for item in holder.items() if item.id in about]
            if sheet is None:
                self.state.sheets.pop(domain, None)
            else:
                self.state.sheets[domain] = sheet
        return tuple(names)

    def _reweigh(self) -> tuple[str, ...]:
        names: list[str] = []
        for domain, change in self.changes.items():
            if change.after is not None and change.after is not change.added:
                were = {item.id: item for item in change.added.items()} if change.added else {}
                names += [
                    f"{item.id} {item.title}"
                    for item in change.after.items()
                    if item.id in were and (item.points, item.rules) != (were[item.id].points, were[item.id].rules)
                ]
                self.state.sheets[domain] = change.after
        self.state.scheme = self.after.scheme
        return tuple(names)

    def _facts(self, kind: str) -> tuple[str, ...]:
        """Take over the facts that belong to this step, item by item, and note what each moved."""
        last = self.state.exact()
        for domain, sheet in self.state.sheets.items():
            now = self.state.facts[domain]
            for section, item in _with_sections(sheet.sections):
                old, new = now.get(item.id), self.new.get(domain, {}).get(item.id)
                if new is None or old == new or not _belongs(kind, old, new):
                    continue
                now = {**now, item.id: new}
                if self._worth(item, old) != self._worth(item, new):
                    last = self._note(domain, now, (section, f"{item.id} {item.title}"), last)
            self.state.facts[domain] = now
        if kind == "deductions" and self.state.entries != self.after.entries:
            self.state.entries = self.after.entries
            value = self.state.exact()
            if value is not None and last is not None and value != last:
                self.parts.append(("", "加减分项", value - last))
        return tuple(item for _, item, _ in _by_size(self.parts))

    def _note(
        self, domain: str, now: dict[str, ItemFacts], named: tuple[str, str], last: Fraction | None
    ) -> Fraction | None:
        """Score with one more fact taken over and note what that moved; return the value reached."""
        self.state.facts[domain] = now
        value = self.state.exact()
        if value is not None and last is not None and value != last:
            self.parts.append((*named, value - last))
        return last if value is None else value

    def _worth(self, item: Item, fact: ItemFacts | None) -> tuple[FactState, Fraction]:
        """Return what an item is worth by its facts; a change of words alone moves no points and is not named."""
        known = settled(item, fact) if fact else ItemFacts(item_id=item.id)
        if known.state is not FactState.ASSESSED:
            return known.state, Fraction(0)
        loss = item_loss(item, known, self.state.scheme.origins.get(known.origin, ONE) if known.origin else ONE)
        return known.state, Fraction(loss.deducted) if loss.exact is None else loss.exact


def _with_sections(sections: Sequence[Section]) -> Iterator[tuple[str, Item]]:
    for section in sections:
        yield from _with_sections(section.sections)
        yield from ((section.title, item) for item in section.items)


def _by_size(parts: Sequence[tuple[str, str, Fraction]]) -> list[tuple[str, str, Fraction]]:
    return sorted(parts, key=lambda part: -abs(part[2]))


def _belongs(kind: str, old: ItemFacts | None, new: ItemFacts) -> bool:
    """不适用 goes with applicability, another state or conclusion with results, the rest with deductions."""
    states = {old.state if old else FactState.NOT_ASSESSED, new.state}
    if kind == "applicability":
        return len(states) == 2 and FactState.NOT_APPLICABLE in states
    if kind == "results":
        return old is None or len(states) == 2 or (old.conclusion, old.option) != (new.conclusion, new.option)
    return True


def _summed(before: Standpoint, after: Standpoint, found: Sequence[_Moved]) -> ScoreBridge:
    """Add what vetoes took and what rounding moved; the last step takes what is left, so that nothing is lost."""
    assert before.total.value is not None
    assert after.total.value is not None
    places = max(before.scheme.places, after.scheme.places) + _MORE_PLACES
    took = [veto.words for side in (before, after) for veto in _vetoes(side)]
    said = "；".join(dict.fromkeys(took))
    lines = [(moved, round_half_up(moved.change, places), "") for moved in found]
    lines.append((_Moved(kind="veto", change=Fraction(0), names=()), add(_taken(after), -_taken(before)), said))
    rest = add(after.total.value, -before.total.value, *(-change for _, change, _ in lines))
    lines.append((_Moved(kind="rounding", change=Fraction(0), names=()), rest, ""))
    steps, reached = [], before.total.value
    for moved, change, note in lines:
        reached = add(reached, change)
        steps.append(_step(moved, change, reached, note, places))
    return ScoreBridge(
        before_period=before.period,
        after_period=after.period,
        before=before.total.value,
        after=after.total.value,
        steps=tuple(steps),
    )


def _step(moved: _Moved, change: Decimal, reached: Decimal, note: str, places: int) -> BridgeStep:
    parts = [
        BridgePart(section=section, item=item, change=round_half_up(exact, places))
        for section, item, exact in _by_size(moved.parts)
    ]
    rest = round_half_up(sum((exact for _, _, exact in _by_size(moved.parts)[_NAMED:]), Fraction(0)), places)
    notes = [note, f"共 {len(moved.names)} 项，列出前 {_NAMED} 项" if len(moved.names) > _NAMED else ""]
    if parts:
        left = add(change, -rest, *(-part.change for part in parts[:_NAMED]))
        notes.append(f"各项四舍五入，合计与本步相差 {plain(left)}" if left else "")
    return BridgeStep(
        kind=moved.kind,
        title=BRIDGE_STEPS[moved.kind],
        change=change,
        reached=reached,
        items=moved.names[:_NAMED],
        note="；".join(filter(None, notes)),
        parts=tuple(parts[:_NAMED]),
        rest=rest,
    )


def _taken(side: Standpoint) -> Decimal:
    """Return what the vetoes of a period moved its shown total by."""
    assert side.total.value is not None
    if not _vetoes(side):
        return ZERO
    bare = {domain: _unvetoed(score) for domain, score in side.domains.items()}
    free = total(side.scheme, bare, side.total.stage, (), side.entries).value
    return ZERO if free is None else add(side.total.value, -free)


def _vetoes(side: Standpoint) -> list[AppliedVeto]:
    return [*side.total.vetoes, *(veto for score in side.domains.values() for veto in score.vetoes)]


def _unvetoed(score: Score) -> Score:
    return replace(score, value=score.unvetoed, vetoes=())


def bridge_text(bridge: ScoreBridge) -> str:
    """Return the bridge in one sentence."""
    moved = [f"{step.title} {plain(step.change)}" for step in bridge.steps if step.change]
    changes = "，".join(moved) or "没有变动"
    return (
        f"{bridge.before_period} {plain(bridge.before)} 分 → {bridge.after_period} {plain(bridge.after)} 分：{changes}"
    )
