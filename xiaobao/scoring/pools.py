"""加减分项: what adds to or takes from a score after weighting, within caps of its own."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from xiaobao.checklist.models import Pool, Scheme
from xiaobao.errors import Fault, InputError
from xiaobao.model import FactState, PoolEntry, TraceLine
from xiaobao.numbers import ZERO, add, plain
from xiaobao.scoring.trace import Amount, Branch, TreePlace, adjustment, state_of


def pool(
    id: str,
    title: str,
    place: TreePlace,
    children: Sequence[Branch],
    bounds: tuple[Decimal, Decimal],
    bonus_cap: Decimal | None,
) -> Branch:
    """Sum what adds and what takes: bonuses up to their cap, the net within its interval. Nothing of it is possible."""
    below = place.under(id)
    amount, lines = _limited(id, below, children, bounds, bonus_cap)
    should = add(*(child.should for child in children))
    state = state_of(child.state for child in children)
    deducted = add(ZERO, -amount.shown_earned)
    line = TraceLine(
        node_id=id,
        parent_id=place.parent,
        title=title,
        kind="pool",
        depth=place.depth,
        state=state,
        nominal=ZERO,
        possible=ZERO,
        should_deduct=should,
        deducted=deducted,
        earned=amount.shown_earned,
    )
    return Branch(
        after=amount,
        nominal=ZERO,
        should=should,
        state=state,
        lines=(line, *(one for child in children for one in child.lines), *lines),
    )


def _limited(
    id: str, below: TreePlace, children: Sequence[Branch], bounds: tuple[Decimal, Decimal], bonus_cap: Decimal | None
) -> tuple[Amount, list[TraceLine]]:
    """Return what the children come to within the cap and the interval, with a line for each that held it."""
    amount = Amount.total(child.after for child in children)
    lines: list[TraceLine] = []
    bonuses = sum((max(child.after.earned, Fraction(0)) for child in children), Fraction(0))
    if bonus_cap is not None and bonuses > bonus_cap:
        capped = Amount.of(Fraction(0), amount.earned - bonuses + Fraction(bonus_cap))
        lines.append(adjustment(id, "cap", below, amount, capped, f"加分合计最多 {plain(bonus_cap)} 分"))
        amount = capped
    low, high = bounds
    held = min(max(amount.earned, Fraction(low)), Fraction(high))
    if held != amount.earned:
        clamped = Amount.of(Fraction(0), held)
        why = f"加减分净额限于 {plain(low)} 至 {plain(high)} 分"
        lines.append(adjustment(id, "clamp", below, amount, clamped, why))
        amount = clamped
    return amount, lines


def scheme_pools(scheme: Scheme, entries: Sequence[PoolEntry]) -> tuple[Branch, ...]:
    """Return the pools that have entries. One fact counts once in a pool, the harshest entry of it.

    Raises InputError naming every entry of an unknown pool, of the wrong sign or without a word what it is for.
    """
    known = {pool.id: pool for pool in scheme.pools}
    faults = [fault for entry in entries for fault in _entry_faults(entry, known)]
    if faults:
        raise InputError(faults)
    counted: dict[tuple[str, str], PoolEntry] = {}
    for number, entry in enumerate(entries):
        key = (entry.pool, entry.fact or f"#{number}")
        seen = counted.get(key)
        counted[key] = entry if seen is None or entry.points < seen.points else seen
    branches = []
    for one in scheme.pools:
        mine = [entry for entry in counted.values() if entry.pool == one.id]
        if mine:
            lines = [_entry(entry, number, TreePlace().under(one.id)) for number, entry in enumerate(mine, 1)]
            branches.append(pool(one.id, one.title, TreePlace(), lines, (one.minimum, one.maximum), one.bonus_cap))
    return tuple(branches)


def _entry_faults(entry: PoolEntry, known: dict[str, Pool]) -> list[Fault]:
    one = known.get(entry.pool)
    if one is None:
        return [Fault("没有这个加减分项", value=entry.pool, allowed="、".join(known) or "无")]
    faults = []
    if not entry.points.is_finite() or not entry.points:
        faults.append(Fault(f"“{one.title}”的分数应为不等于 0 的数", value=str(entry.points)))
    elif (entry.points > 0 and not one.maximum) or (entry.points < 0 and not one.minimum):
        only = "只能减分" if entry.points > 0 else "只能加分"
        faults.append(Fault(f"“{one.title}”{only}", value=plain(entry.points)))
    if not entry.what.strip():
        faults.append(Fault(f"“{one.title}”没有写事由", value=plain(entry.points), allowed="事由"))
    return faults


def _entry(entry: PoolEntry, number: int, place: TreePlace) -> Branch:
    points = entry.points
    said = f"{entry.day}，{entry.what}" if entry.day else entry.what
    line = TraceLine(
        node_id=f"{entry.pool}:{number}",
        parent_id=place.parent,
        title=entry.what,
        kind="entry",
        depth=place.depth,
        state=FactState.ASSESSED,
        nominal=ZERO,
        possible=ZERO,
        should_deduct=add(ZERO, -points),
        deducted=add(ZERO, -points),
        earned=points,
        explanation="加分" if points > 0 else "减分",
        reason=said,
    )
    return Branch(
        after=Amount(possible=Fraction(0), earned=Fraction(points), shown_possible=ZERO, shown_earned=points),
        nominal=ZERO,
        should=line.should_deduct,
        state=line.state,
        lines=(line,),
    )
