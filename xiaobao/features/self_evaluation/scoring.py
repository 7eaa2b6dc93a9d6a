"""自评: one inspection, read by the regulator's elements. Each item goes to its element by the crosswalk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace

from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.errors import Fault, InputError
from xiaobao.model import FactState, PoolEntry, Score, Stage, TraceLine
from xiaobao.numbers import ZERO, add
from xiaobao.policies import NO_LIMIT, LeastAssessed
from xiaobao.scoring.coverage import share_of
from xiaobao.scoring.engine import Whole, finish
from xiaobao.scoring.total import total, weight_title
from xiaobao.scoring.trace import UNSCORED, Amount, Branch, TreePlace, state_of


@dataclass(frozen=True, kw_only=True)
class SelfEvaluation:
    """The elements' scores and their total; `unmapped` are items (domain, id) that feed no element of the scheme."""

    total: Score
    elements: Mapping[str, Score]
    unmapped: tuple[tuple[str, str], ...] = ()
    empty: tuple[str, ...] = ()


def self_evaluation(
    scheme: Scheme,
    sheets: Mapping[str, Checklist],
    scores: Mapping[str, Score],
    entries: Sequence[PoolEntry] = (),
    stage: Stage = Stage.AFTER,
    least: LeastAssessed = NO_LIMIT,
) -> SelfEvaluation:
    """Evaluate by elements from the traces of an inspection's domains.

    Within an element every item counts by its points; items outside pools only. An element that no item feeds has no
    score and makes the total provisional; one of which less than `least` was assessed has none either. Raises
    InputError on a scheme that does not weigh elements.
    """
    if scheme.kind != "elements":
        raise InputError(Fault("不是按要素评价的方案", value=scheme.id, allowed="kind: elements"))
    lines: dict[str, list[TraceLine]] = {element: [] for element in scheme.weights}
    unmapped = []
    for domain, score in scores.items():
        homes = {item.id: item.element for item in sheets[domain].items()}
        pooled = {item.id for section in sheets[domain].sections if section.pool for item in section.items}
        for line in score.trace:
            if line.kind != "item" or line.node_id in pooled:
                continue
            home = homes.get(line.node_id)
            element = scheme.crosswalk.get(home or "", home)
            if element in lines:
                lines[element].append(line)
            else:
                unmapped.append((domain, line.node_id))
    elements = {name: _element(scheme, name, found, stage, least.domain) for name, found in lines.items() if found}
    empty = tuple(name for name, found in lines.items() if not found)
    return SelfEvaluation(
        total=total(scheme, elements, stage, (), entries, least.total),
        elements=elements,
        unmapped=tuple(unmapped),
        empty=empty,
    )


def _element(scheme: Scheme, name: str, items: Sequence[TraceLine], stage: Stage, least: Decimal) -> Score:
    """Score one element: what its items earned of what was possible, clamped at nothing."""
    place = TreePlace().under(name)
    moved = [replace(line, parent_id=place.parent, depth=place.depth) for line in items]
    possible, earned = add(*(line.possible for line in moved)), add(*(line.earned for line in moved))
    lines = [*moved]
    if earned < ZERO:
        lines.append(_nothing(name, place, earned))
        earned = ZERO
    should = add(*(line.should_deduct for line in moved))
    nominal = add(*(line.nominal for line in moved))
    state = state_of(line.state for line in moved)
    own = TraceLine(
        node_id=name,
        parent_id="",
        title=weight_title(scheme, name),
        kind="element",
        depth=0,
        state=state,
        nominal=nominal,
        possible=possible,
        should_deduct=should,
        deducted=add(possible, -earned),
        earned=earned,
    )
    root = Branch(
        after=Amount(
            possible=Fraction(possible), earned=Fraction(earned), shown_possible=possible, shown_earned=earned
        ),
        nominal=nominal,
        should=should,
        state=state,
        lines=(own, *lines),
    )
    open_items = any(line.state in UNSCORED for line in moved)
    ungraded = replace(scheme, grades=())
    return finish(Whole(id=name, root=root), ungraded, stage, (), share_of(moved), open_items, least=least)


def _nothing(name: str, place: TreePlace, earned: Decimal) -> TraceLine:
    return TraceLine(
        node_id=f"{name}#clamp",
        parent_id=place.parent,
        title="分值上下限",
        kind="clamp",
        depth=place.depth,
        state=FactState.ASSESSED,
        nominal=ZERO,
        possible=ZERO,
        should_deduct=ZERO,
        deducted=earned,
        earned=-earned,
        explanation="要素得分不低于 0 分",
    )
