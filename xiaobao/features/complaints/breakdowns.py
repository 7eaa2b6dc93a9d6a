"""Tables by facet: counts first, shares from counts, denominators named; report groups; change against a period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xiaobao.errors import Fault, InputError
from xiaobao.features.complaints.counting import REPEAT, VALID, WITHDRAWN, Counted
from xiaobao.features.complaints.facets import BACK_OFFICE, FRONT_OFFICE, MISSING, UNCLASSIFIED, Facet
from xiaobao.features.complaints.figures import Breakdown, BreakdownRow, YearChange
from xiaobao.features.complaints.ledger import Codes, RowPlaces
from xiaobao.numbers import HUNDRED, share
from xiaobao.policies import Counting

Tally = tuple[int, int, int]  # repeats, withdrawn, valid
_NONE: Tally = (0, 0, 0)


class RowInMaking(Struct, kw_only=True):
    """A row in the making; `key` finds it again, `below` are its own rows."""

    name: str
    tally: Tally = _NONE
    code: str = ""
    kind: str = "listed"
    below: list[RowInMaking] = field(default_factory=list)

    def take(self, tally: Tally) -> None:
        """Add (repeats, withdrawn, valid) to the row's own."""
        self.tally = (self.tally[0] + tally[0], self.tally[1] + tally[1], self.tally[2] + tally[2])


def tallies(codes: Codes, counted: Counted, size: int) -> list[Tally]:
    """Count repeats, withdrawn and valid complaints by code; code `size − 1` is for rows without a value (−1)."""
    kept = codes[counted.new]
    at = np.where(kept < 0, size - 1, kept) * 3 + counted.kind[counted.new]
    found = np.bincount(at, minlength=size * 3)[: size * 3].reshape(size, 3).tolist()
    return [(row[REPEAT], row[WITHDRAWN], row[VALID]) for row in found]


def parts_of(rows: Sequence[RowInMaking], base: int, rules: Counting) -> tuple[BreakdownRow, ...]:
    """Turn rows into figures, ranked; the shares of the rows below each are of its own count."""
    counts = [row.tally[VALID] if rules.basis == "valid" else sum(row.tally) for row in rows]
    return tuple(
        BreakdownRow(
            name=row.name,
            count=count,
            share=share(count, base, rules.share_places),
            new=sum(row.tally),
            repeats=row.tally[REPEAT],
            withdrawn=row.tally[WITHDRAWN],
            valid=row.tally[VALID],
            code=row.code,
            kind=row.kind,
            rank=rank,
            parts=parts_of(row.below, count, rules),
        )
        for row, count, rank in zip(rows, counts, _ranks(counts), strict=True)
    )


def _ranks(counts: Sequence[int]) -> list[int]:
    """Rank by count, highest first; ties share a rank and the next one is skipped."""
    first: dict[int, int] = {}
    for place, count in enumerate(sorted(counts, reverse=True), 1):
        first.setdefault(count, place)
    return [first[count] for count in counts]


def ranked(parts: Sequence[BreakdownRow]) -> tuple[BreakdownRow, ...]:
    """Give ranks anew."""
    places = _ranks([one.count for one in parts])
    return tuple(replace(one, rank=place) for one, place in zip(parts, places, strict=True))


def breakdown(
    facet: str, title: str, base_name: str, rows: Sequence[RowInMaking], rules: Counting, base: int | None = None
) -> Breakdown:
    """Set up a table of rows that cover the base; without `base` it is the sum of the rows' counts."""
    if base is None:
        base = sum(row.tally[VALID] if rules.basis == "valid" else sum(row.tally) for row in rows)
    made = parts_of(rows, base, rules)
    if rules.shares == "forced":
        made = forced(made, base)
    return Breakdown(
        facet=facet,
        title=title,
        base_name=base_name,
        base=base,
        rows=made,
        share_sum=share_sum(made),
        forced=rules.shares == "forced",
    )


def share_sum(parts: Iterable[BreakdownRow]) -> Decimal | None:
    """Return the sum of the shares as they are shown, percent; rounding may leave it off 100. None without a base."""
    shares = [one.share for one in parts if one.share is not None]
    return sum(shares, Decimal(0)) if shares else None


def forced(parts: tuple[BreakdownRow, ...], base: int) -> tuple[BreakdownRow, ...]:
    """Move the largest row's share so that the column makes 100, and mark it; nothing is moved when it does already."""
    total = share_sum(parts)
    if not base or total is None or total == HUNDRED or sum(one.count for one in parts) != base:
        return parts
    most = max(range(len(parts)), key=lambda place: (parts[place].count, -place))
    bent = parts[most]
    assert bent.share is not None
    moved = replace(bent, share=bent.share + HUNDRED - total, bent=True)
    return (*parts[:most], moved, *parts[most + 1 :])


def facet_table(placed: RowPlaces, counted: Counted, rules: Counting, base_name: str) -> Breakdown:
    """Count one facet: the listed values in the order of the list, then 未归类 value by value, then 未填写."""
    facet, size = placed.facet, len(placed.facet.nodes) + len(placed.strange) + 1
    found = tallies(placed.codes, counted, size)
    rows = _listed_rows(facet, found, rules)
    keep_zero = facet.name in rules.zero_rows
    rows = [row for row in rows if (keep_zero and row.kind == "listed") or any(row.tally)]
    rows = [replace(row, kind="listed") if row.kind == "undivided" else row for row in rows]
    strange = [
        RowInMaking(name=value, tally=tally, kind="unclassified")
        for value, tally in zip(placed.strange, found[len(facet.nodes) : -1], strict=True)
        if any(tally)
    ]
    lost = RowInMaking(
        name=UNCLASSIFIED, kind="unclassified", below=sorted(strange, key=lambda row: (-sum(row.tally), row.name))
    )
    for row in strange:
        lost.take(row.tally)
    rows += [lost] if any(lost.tally) else []
    rows += [RowInMaking(name=MISSING, tally=found[-1], kind="missing")] if any(found[-1]) else []
    made = breakdown(facet.name, facet.title, base_name, rows, rules)
    return replace(made, unclassified=sum(lost.tally), missing=sum(found[-1]), recognised=placed.recognised)


def _listed_rows(facet: Facet, found: Sequence[Tally], rules: Counting) -> list[RowInMaking]:
    """Roll every value up to the rows of the table: top classes, channels below the front office, split classes."""
    split = {FRONT_OFFICE} if facet.name == "channel" else set(rules.split_classes)
    rows: dict[tuple[str, ...], RowInMaking] = {}
    for node in facet.nodes:
        depth = 2 if node.path[0] in split else 1
        if len(node.path) == depth:
            rows[node.path] = RowInMaking(name=node.name)
        elif len(node.path) < depth:
            rows[node.path] = RowInMaking(name=f"{node.name}（未细分）", kind="undivided")
    for node, tally in zip(facet.nodes, found, strict=False):
        if not any(tally):
            continue
        depth = min(2 if node.path[0] in split else 1, len(node.path))
        row = rows[node.path[:depth]]
        row.take(tally)
        _take_below(row, node.path[depth:], tally)
    return [_with_rest(row) for row in rows.values()]


def _take_below(row: RowInMaking, path: tuple[str, ...], tally: Tally) -> None:
    for name in path:
        inner = next((one for one in row.below if one.name == name), None)
        if inner is None:
            inner = RowInMaking(name=name)
            row.below.append(inner)
        inner.take(tally)
        row = inner


def _with_rest(row: RowInMaking) -> RowInMaking:
    """Name what a class holds without a sub-class, so that the rows below add up to it."""
    row.below = [_with_rest(one) for one in row.below]
    rest = tuple(whole - sum(one.tally[kind] for one in row.below) for kind, whole in enumerate(row.tally))
    if row.below and any(rest):
        row.below.append(RowInMaking(name="未细分", tally=(rest[0], rest[1], rest[2]), kind="missing"))
    return row


def front_office(channel: Breakdown, rules: Counting) -> Breakdown:
    """Return the channels of the front office with their subtotal as base, which the head of the table names."""
    rows = [one for one in channel.rows if one.kind == "listed" and one.name != BACK_OFFICE]
    base = sum(one.count for one in rows)
    made = ranked([replace(_unbent(one, base, rules), parts=()) for one in rows])
    return Breakdown(
        facet="channel",
        title="前台业务渠道",
        base_name=f"{FRONT_OFFICE}小计",
        base=base,
        rows=made,
        share_sum=share_sum(made),
    )


def grouped(table: Breakdown, groups: Mapping[str, Sequence[str]], rules: Counting) -> Breakdown:
    """Put rows together under the bank's own names; members stay inside, so that `ungrouped` gives the table back.

    A group stands where its first member stood, whatever the order its members are named in. Raises InputError for a
    member that the table has not or that two groups claim, and for a group named like a row that is not in it.
    """
    names = [one.name for one in table.rows]
    owner: dict[str, str] = {}
    faults = []
    for group, members in groups.items():
        if group in names and group not in members:
            faults.append(Fault(f"报告分组“{group}”与{table.title}的一行同名", item=table.facet))
        for member in members:
            if member in owner:
                faults.append(Fault(f"“{member}”同时列在分组“{owner[member]}”和“{group}”", item=table.facet))
            owner[member] = group
    known = {*names, *_listed_names(table)}
    faults += [
        Fault(f"报告分组的成员“{m}”不在{table.title}之列", item=table.facet, allowed="、".join(names))
        for m in owner
        if m not in known
    ]
    if faults:
        raise InputError(faults)
    rows: list[BreakdownRow] = []
    for one in table.rows:
        if one.name not in owner:
            rows.append(one)
            continue
        group = owner[one.name]
        place = next((p for p, row in enumerate(rows) if row.kind == "group" and row.name == group), None)
        if place is None:
            rows.append(_merged(group, (one,), table.base, rules))
        else:
            rows[place] = _merged(group, (*rows[place].parts, one), table.base, rules)
    made = ranked(rows)
    if table.forced:
        made = forced(tuple(_unbent(one, table.base, rules) for one in made), table.base)
    return replace(table, rows=made, share_sum=share_sum(made))


def _listed_names(table: Breakdown) -> set[str]:
    from xiaobao.features.complaints.facets import FACETS

    return {node.name for node in FACETS[table.facet].nodes} if table.facet in FACETS else set()


def _merged(name: str, members: tuple[BreakdownRow, ...], base: int, rules: Counting) -> BreakdownRow:
    def total(field_name: str) -> int:
        return sum(int(getattr(one, field_name)) for one in members)

    count = total("count")
    return BreakdownRow(
        name=name,
        count=count,
        share=share(count, base, rules.share_places),
        new=total("new"),
        repeats=total("repeats"),
        withdrawn=total("withdrawn"),
        valid=total("valid"),
        kind="group",
        parts=members,
    )


def _unbent(one: BreakdownRow, base: int, rules: Counting) -> BreakdownRow:
    return replace(one, share=share(one.count, base, rules.share_places), bent=False)


def ungrouped(table: Breakdown, order: Sequence[str], rules: Counting) -> Breakdown:
    """Undo `grouped`: the members come back out and stand in `order` again."""
    rows = [inner for one in table.rows for inner in (one.parts if one.kind == "group" else (one,))]
    rows.sort(key=lambda one: order.index(one.name))
    made = ranked(rows)
    if table.forced:
        made = forced(tuple(_unbent(one, table.base, rules) for one in made), table.base)
    return replace(table, rows=made, share_sum=share_sum(made))


def change(now: int, before: int | None) -> YearChange:
    """Compare two counts: the rate in percent to two places, None (“—”) on a zero base."""
    if before is None:
        return YearChange(before=None, difference=None, rate=None)
    return YearChange(before=before, difference=now - before, rate=share(now - before, before))


def beside_earlier(table: Breakdown, before: Breakdown | None) -> Breakdown:
    """Put beside each row what it was before; a row that was not there had none. Months meet the same months only."""
    if before is None:
        return table
    if table.facet == "month":
        old = {one.name[5:]: one.count for one in before.rows}
        rows = (replace(one, change=change(one.count, old.get(one.name[5:]))) for one in table.rows)
        return replace(table, rows=tuple(rows))
    return replace(table, rows=_compared(table.rows, before.rows))


def _compared(now: tuple[BreakdownRow, ...], before: tuple[BreakdownRow, ...]) -> tuple[BreakdownRow, ...]:
    known = {(one.code, one.name): one for one in before}
    made = []
    for one in now:
        old = known.get((one.code, one.name))
        inner = _compared(one.parts, old.parts if old else ())
        made.append(replace(one, parts=inner, change=change(one.count, old.count if old else 0)))
    return tuple(made)


def plain_table(
    facet: str,
    title: str,
    base_name: str,
    codes: Codes,
    names: Sequence[tuple[str, str]],
    counted: Counted,
    rules: Counting,
    keep: Callable[[RowInMaking], bool] = lambda row: True,
) -> Breakdown:
    """Count by codes with (code, name) given, no hierarchy; rows without a value become 未填写."""
    found = tallies(codes, counted, len(names) + 1)
    rows = [
        RowInMaking(name=name, tally=tally, code=code) for (code, name), tally in zip(names, found[:-1], strict=True)
    ]
    rows = [row for row in rows if keep(row)]
    rows += [RowInMaking(name=MISSING, tally=found[-1], kind="missing")] if any(found[-1]) else []
    return replace(breakdown(facet, title, base_name, rows, rules), missing=sum(found[-1]))
