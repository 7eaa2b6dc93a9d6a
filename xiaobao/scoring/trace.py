"""得分明细: lines that add up. Children of a line sum to it, the lines without a parent sum to the shown score.

Beside sheet, sections and items there are lines that adjust: redistribute, clamp, normalise, rounding and veto. A veto
follows its target under the same parent, so that the unvetoed score stays visible.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from xiaobao.labels import label
from xiaobao.model import FactState, Score, TraceLine, Value
from xiaobao.numbers import ZERO, add, plain, to_decimal
from xiaobao.scoring.coverage import coverage_words

UNSCORED = (FactState.PENDING, FactState.AWAITING_PEERS, FactState.ERROR, FactState.NO_DATA, FactState.NOT_ASSESSED)
_NAMED = 3
_LAST = ("normalise", "rounding", "veto")  # how the points become the shown score
ADJUSTMENTS = {
    "base": "基准分",
    "cap": "加分上限",
    "redistribute": "不适用分值重分配",
    "clamp": "分值上下限",
    "normalise": "折算为百分制",
    "rounding": "四舍五入",
    "veto": "一票否决",
}


class Amount(Value):
    """Possible and earned points: exact for computing, and as the trace shows them."""

    possible: Fraction = Fraction(0)
    earned: Fraction = Fraction(0)
    shown_possible: Decimal = ZERO
    shown_earned: Decimal = ZERO

    @classmethod
    def of(cls, possible: Fraction, earned: Fraction) -> Amount:
        """Return exact amounts with what is shown of each, rounded half-up where no decimal says it."""
        return cls(
            possible=possible, earned=earned, shown_possible=to_decimal(possible), shown_earned=to_decimal(earned)
        )

    @classmethod
    def total(cls, amounts: Iterable[Amount]) -> Amount:
        """Sum as computed and as shown, apart: what is shown adds up to the last digit, thirds or not."""
        parts = tuple(amounts)
        return cls(
            possible=sum((part.possible for part in parts), Fraction(0)),
            earned=sum((part.earned for part in parts), Fraction(0)),
            shown_possible=add(*(part.shown_possible for part in parts)),
            shown_earned=add(*(part.shown_earned for part in parts)),
        )


class Branch(Value):
    """A node with everything below it. `after` is what it is worth to its parent, its own veto included."""

    after: Amount
    nominal: Decimal
    should: Decimal
    state: FactState
    lines: tuple[TraceLine, ...]


class TreePlace(Value):
    """Where a line stands in the tree."""

    parent: str = ""
    depth: int = 0

    def under(self, node: str) -> TreePlace:
        """Return the place of the children of `node`."""
        return TreePlace(parent=node, depth=self.depth + 1)


def state_of(states: Iterable[FactState]) -> FactState:
    """Return the state of a node from its children: assessed where any is, N/A only where all are."""
    seen = set(states)
    if FactState.ASSESSED in seen:
        return FactState.ASSESSED
    return next((state for state in UNSCORED if state in seen), FactState.NOT_APPLICABLE)


def adjustment(target: str, kind: str, place: TreePlace, before: Amount, after: Amount, why: str) -> TraceLine:
    """Return the line that leads from one amount to the next."""
    possible = add(after.shown_possible, -before.shown_possible)
    earned = add(after.shown_earned, -before.shown_earned)
    return TraceLine(
        node_id=f"{target}#{kind}",
        parent_id=place.parent,
        title=ADJUSTMENTS[kind],
        kind=kind,
        depth=place.depth,
        state=FactState.ASSESSED,
        nominal=ZERO,
        possible=possible,
        should_deduct=ZERO,
        deducted=add(possible, -earned),
        earned=earned,
        explanation=why,
    )


def explain(score: Score, node_id: str) -> tuple[str, ...]:
    """Say in plain Chinese how `node_id` came to its points. Raises KeyError on an unknown node."""
    line = next((line for line in score.trace if line.node_id == node_id), None)
    if line is None:
        raise KeyError(node_id)
    said = [f"{line.title}：满分 {plain(line.nominal)} 分。"] if line.nominal else [f"{line.title}。"]
    if line.kind in ADJUSTMENTS:
        said.append(f"得分变动 {plain(line.earned)} 分。")
    elif line.state is FactState.ASSESSED:
        moved = f"扣 {plain(line.deducted)}" if line.deducted >= ZERO else f"加 {plain(-line.deducted)}"
        said.append(f"可得 {plain(line.possible)} 分，{moved} 分，得 {plain(line.earned)} 分。")
        said += _beside(score, line)
        if line.should_deduct != line.deducted:
            said.append(f"按规则应扣 {plain(line.should_deduct)} 分。")
        said += _out_of_hundred(score, line)
        said += subtotal_sentences(score) if not line.parent_id and line.kind == "checklist" else []
    else:
        said.append(f"{label(line.state)}，不计入可得分值。")
    said += [f"规则：{line.explanation}。"] if line.explanation else []
    said += [f"事实：{line.reason}。"] if line.reason else []
    said += [f"要求：{line.basis}。"] if line.basis else []
    said += [f"涉及疑点 {len(line.leads)} 条。"] if line.leads else []
    children = [child for child in score.trace if child.parent_id == node_id]
    said += [
        f"其中 {child.title} {plain(child.earned)} 分" + (f"（{child.explanation}）。" if child.explanation else "。")
        for child in children
        if child.state is FactState.ASSESSED and (child.earned or child.deducted)
    ]
    return tuple(said)


def _roots_beside(score: Score, line: TraceLine) -> list[TraceLine]:
    """Return what stands beside a whole sheet or total and moves its score: pools, a base, clamps."""
    if line.parent_id or line.kind not in ("checklist", "total"):
        return []
    return [one for one in score.trace if not one.parent_id and one is not line and one.state is FactState.ASSESSED]


def _beside(score: Score, line: TraceLine) -> list[str]:
    """Say of pools, base and clamps how they move the score, so that the sentence adds up."""
    moved = [one for one in _roots_beside(score, line) if one.earned and one.kind not in _LAST]
    told = [f"{one.title} {'加' if one.earned > ZERO else '减'} {plain(abs(one.earned))} 分" for one in moved]
    return (
        [f"另有{'、'.join(told)}，合计 {plain(add(line.earned, *(one.earned for one in moved)))} 分。"] if told else []
    )


def _out_of_hundred(score: Score, line: TraceLine) -> list[str]:
    """Say what the points of a whole sheet or total come to on the shown scale of 100."""
    if line.parent_id or line.kind not in ("checklist", "total"):
        return []
    if score.so_far is not None:
        limit = f"{coverage_words(score.coverage)}，不足 {plain(score.least)} %，没有得分"
        return [f"{limit}；已评部分折合百分制 {plain(score.so_far)} 分，不作排名、等级和考核之用。"]
    if score.value is None:
        return []
    if score.vetoes:
        return [f"折合百分制 {plain(score.unvetoed or ZERO)} 分，一票否决后 {plain(score.value)} 分。"]
    moved = add(line.earned, *(one.earned for one in _roots_beside(score, line) if one.kind not in _LAST))
    return [f"折合百分制 {plain(score.value)} 分。"] if moved != score.value else []


def subtotal_sentences(score: Score) -> list[str]:
    """Say what each subtotal of a sheet comes to; they stand beside the score and are counted nowhere."""
    return [
        f"小计“{one.title}”：可得 {plain(one.possible)} 分，得 {plain(one.earned)} 分"
        + (f"（百分制 {plain(one.value)}）。" if one.value is not None else "（没有可以计分的内容）。")
        for one in score.subtotals
    ]


class ExplainRow(Value):
    """One thing under a node: what was possible, what was lost, by which rule, for which facts."""

    node_id: str
    title: str
    possible: Decimal
    lost: Decimal
    rule: str
    facts: str


def explain_table(score: Score, node_id: str) -> tuple[ExplainRow, ...]:
    """Return the node and what stands under it, in the order of the sheet. Raises KeyError on an unknown node."""
    lines = [line for line in score.trace if node_id in (line.node_id, line.parent_id)]
    node = next((line for line in lines if line.node_id == node_id), None)
    if node is None:
        raise KeyError(node_id)
    lines += [line for line in _roots_beside(score, node) if line.earned]
    return tuple(
        ExplainRow(
            node_id=line.node_id,
            title=line.title,
            possible=line.possible,
            lost=line.deducted,
            rule=_rule(line),
            facts=_facts(score, line),
        )
        for line in lines
    )


def _facts(score: Score, line: TraceLine) -> str:
    """Return why an item lost; of what stands over items, which of these lost most."""
    if line.kind == "item":
        basis = f"要求：{line.basis}" if line.basis else ""
        return "；".join(filter(None, (line.reason, basis, f"涉及疑点 {len(line.leads)} 条" if line.leads else "")))
    lost = sorted((one for one in _items_below(score, line) if one.deducted > ZERO), key=lambda one: -one.deducted)
    named = "、".join(f"{one.title} {plain(one.deducted)} 分" for one in lost[:_NAMED])
    return f"{named}，共 {len(lost)} 项失分" if lost else line.reason


def _items_below(score: Score, node: TraceLine) -> list[TraceLine]:
    below = {node.node_id}
    found = []
    for line in score.trace:  # parents stand before their children
        if line.parent_id in below:
            below.add(line.node_id)
            found += [line] if line.kind == "item" else []
    return found


def _rule(line: TraceLine) -> str:
    if line.state is not FactState.ASSESSED:
        return line.explanation or f"{label(line.state)}，不计入可得分值"
    if not line.explanation and line.kind in ("section", "checklist", "pool"):
        return "各检查项合计"
    if line.kind == "item" and line.should_deduct > line.deducted and "应扣" not in line.explanation:
        return f"{line.explanation}；应扣 {plain(line.should_deduct)} 分，扣完为止".removeprefix("；")
    return line.explanation


def unscored(score: Score) -> tuple[TraceLine, ...]:
    """Return the items that could not be scored (not the inapplicable ones): they make the score provisional."""
    kinds = ("item", "domain")
    return tuple(line for line in score.trace if line.kind in kinds and line.state in UNSCORED and not line.bonus)
