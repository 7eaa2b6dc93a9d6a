"""What counts: which rows are complaints of the period, which are repeats or withdrawn, by the rules the bank chose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xiaobao.features.complaints.figures import Excluded, Totals
from xiaobao.features.complaints.ledger import NEVER, Days, Flags, Ledger
from xiaobao.labels import COUNTING
from xiaobao.model import Period, Value
from xiaobao.policies import Counting

_SHOWN = 200
REPEAT, WITHDRAWN, VALID = 0, 1, 2


class Counted(Value):
    """`new` rows are counted; `kind` of a new row is REPEAT, WITHDRAWN or VALID. `day` decides the period."""

    new: Flags
    kind: np.ndarray
    day: Days
    totals: Totals


def day_number(period: Period) -> tuple[int, int]:
    """Return the first and last day of a period as day numbers."""
    first, last = np.array([period.start, period.end], dtype="datetime64[D]").astype("int64")
    return int(first), int(last)


def count(ledger: Ledger, period: Period, rules: Counting) -> Counted:
    """Sort every row: excluded with a reason, repeat, withdrawn, or valid. Each row is one of them, once."""
    closed = np.where(ledger.decided != NEVER, ledger.decided, ledger.withdrawn_on)
    day = ledger.received if rules.date == "received" else closed
    first, last = day_number(period)
    left, excluded = _excluded(ledger, period, rules, closed, day)
    apart = ledger.frame.attrs.get("aside", ())
    excluded += _put_apart(apart)
    repeat = _repeats(ledger, first, last, rules) & left
    escalated = ledger.flags("escalated" if rules.escalation == "customer" else "escalated_claim", True) & left
    if rules.escalations == "repeats":
        repeat |= escalated
    withdrawn = (ledger.withdrawn_on != NEVER) & left
    deducted = repeat if rules.repeats != "counted" else np.zeros(ledger.size, dtype=bool)
    taken = withdrawn & ~deducted if rules.withdrawn == "deducted" else np.zeros(ledger.size, dtype=bool)
    kind = np.where(deducted, REPEAT, np.where(taken, WITHDRAWN, VALID))
    new, repeats, gone = int(left.sum()), int(deducted.sum()), int(taken.sum())
    notes = [("重复投诉（不扣除）", int(repeat.sum()))] if rules.repeats == "counted" else []
    notes += [("撤诉（不扣除）", int(withdrawn.sum()))] if rules.withdrawn == "counted" else []
    returned = left & (ledger.days("earlier_on") != NEVER) & (ledger.days("earlier_standing_on") == NEVER)
    totals = Totals(
        rows=ledger.size + len(apart),
        new=new,
        repeats=repeats,
        withdrawn=gone,
        valid=new - repeats - gone,
        escalated=int(escalated.sum()),
        returned=int(returned.sum()),
        basis=rules.basis,
        excluded=tuple(excluded),
        notes=tuple(notes),
    )
    return Counted(new=left, kind=kind, day=day, totals=totals)


def _excluded(ledger: Ledger, period: Period, rules: Counting, closed: Days, day: Days) -> tuple[Flags, list[Excluded]]:
    """Return which rows are left, and what each reason took away; a row goes by the first reason that fits it."""
    first, last = day_number(period)
    left = np.ones(ledger.size, dtype=bool)
    excluded: list[Excluded] = []

    def exclude(rows: Flags, reason: str) -> None:
        nonlocal left
        rows = rows & left
        if rows.any():
            excluded.append(Excluded(reason=reason, count=int(rows.sum()), numbers=ledger.numbers(rows, _SHOWN)))
            left = left & ~rows

    if rules.date == "closed":
        exclude(closed == NEVER, "未办结（按办结日期归期）")
    exclude((day < first) | (day > last), f"{COUNTING['date', rules.date]}不在 {period.code}")
    codes, natures = ledger.values("nature")
    for place, nature in enumerate(natures):
        if nature.strip() not in {"投诉", ""}:
            exclude(codes == place, f"工单性质为{nature}，不是投诉")
    exclude(ledger.flags("accepted", False), "不予受理")
    if rules.duplicates == "once":
        exclude(ledger.given("duplicate_of"), "与另一行完全相同，只计一次")
    return left, excluded


def _put_apart(rows: Sequence[Sequence[str]]) -> list[Excluded]:
    """Return rows put apart at the import ([reason, unit, number] each) as what is not counted, by reason."""
    reasons = dict.fromkeys(reason for reason, _, _ in rows)
    return [
        Excluded(
            reason=f"{reason}（导入时搁置）",
            count=sum(one == reason for one, _, _ in rows),
            numbers=tuple(number or "—" for one, _, number in rows if one == reason)[:_SHOWN],
        )
        for reason in reasons
    ]


def _repeats(ledger: Ledger, first: int, last: int, rules: Counting) -> Flags:
    """Tell which rows repeat an earlier complaint of the same customer and claim.

    Merged, as the regulator does since 2022: of each matter of the period one complaint stays, one that was not
    withdrawn where there is one, so that withdrawing and complaining again still counts.
    """
    any_earlier, standing = ledger.days("earlier_on"), ledger.days("earlier_standing_on")
    if rules.repeats == "merged":
        again = ledger.days("later_standing_on")
        inside = (any_earlier >= first) | ((again >= first) & (again <= last))
        return (standing >= first) | ((ledger.withdrawn_on != NEVER) & inside)
    earlier = any_earlier if rules.withdrawn_first == "counted" else standing
    return earlier >= first if rules.repeats == "period" else earlier != NEVER


def rule_words(rules: Counting, working: bool) -> tuple[str, ...]:
    """Return the rules of counting in words, to be printed beside every figure that they made."""
    words = [f"期间按{COUNTING['date', rules.date]}", COUNTING["repeats", rules.repeats]]
    if rules.repeats in {"period", "across"}:
        words.append(COUNTING["withdrawn_first", rules.withdrawn_first])
    words += [
        COUNTING[name, getattr(rules, name)] for name in ("withdrawn", "escalations", "duplicates", "basis", "shares")
    ]
    if rules.escalation == "claim":
        words.append(COUNTING["escalation", "claim"])
    words.append(f"占比四舍五入到 {rules.share_places} 位小数")
    words.append("时限按工作日计算" if working else "时限按自然日计算")
    return tuple(words)
