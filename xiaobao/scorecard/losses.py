"""What a unit lost, item by item, in points of its sheet and in points of its total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace

from xiaobao.labels import DOMAINS
from xiaobao.model import Score, TraceLine, Value
from xiaobao.numbers import ZERO, add, round_half_up


class Loss(Value):
    """Points lost on one item, in points of its sheet; `weighted` is what that took from the total of 100.

    `domain_title` is the name of a domain of the bank's own, empty for those that `labels` names.
    None where there is no total, or the domain has no score: too little was assessed.
    """

    domain: str
    item_id: str
    title: str
    lost: Decimal
    of: Decimal
    weighted: Decimal | None
    explanation: str
    reason: str = ""
    leads: tuple[str, ...] = ()
    domain_title: str = ""


def weighted_losses(whole: Score, results: Mapping[str, Score]) -> tuple[Loss, ...]:
    """Return what was lost, the dearest for the total first. Clamps aside, weighted losses add up to 100 − total."""
    domains = {line.node_id: line for line in whole.trace if line.kind == "domain"}
    scored = Fraction(add(*(line.possible for line in domains.values())))
    losses = [
        _loss("", line, Fraction(line.deducted) * (100 / scored if line.parent_id else 1))
        for line in whole.trace
        if line.kind == "veto" and line.deducted
    ]
    for name, result in results.items():
        weight = Fraction(domains[name].possible)
        if result.so_far is not None:
            losses += [_loss(name, line, None) for line in result.trace if line.kind == "item" and line.deducted > 0]
        if not scored or not weight or not result.possible:
            continue
        each = weight / scored * 100 / Fraction(result.possible)
        losses += [
            _loss(name, line, Fraction(line.deducted) * (weight / scored if _top(line) else each * scale))
            for line, scale in _scaled(result.trace)
            if line.deducted > 0
        ]
    named = [
        loss if loss.domain in DOMAINS or not loss.domain else replace(loss, domain_title=domains[loss.domain].title)
        for loss in losses
    ]
    if whole.value is None:
        named = [replace(loss, weighted=None) for loss in named]
    return tuple(sorted(named, key=_dearest_first))


def _dearest_first(loss: Loss) -> tuple[Decimal, Decimal, str, str]:
    return -(loss.weighted or ZERO), -loss.lost, loss.domain, loss.item_id


def _top(line: TraceLine) -> bool:
    """Tell whether a veto reaches the whole sheet: it takes from the shown score, not from points of the sheet."""
    return line.kind == "veto" and not line.parent_id


def _scaled(trace: Sequence[TraceLine]) -> list[tuple[TraceLine, Fraction]]:
    """Return items and vetoes, each with how much redistribution above it stretches its points."""
    stretched: dict[str, Fraction] = {}
    for line in trace:
        if line.kind == "redistribute":
            own = [c for c in trace if c.parent_id == line.parent_id and c.kind not in ("redistribute", "clamp")]
            base = Fraction(add(*(child.possible for child in own)))
            stretched[line.parent_id] = (base + Fraction(line.possible)) / base
    pools = {line.node_id for line in trace if line.kind == "pool" and not line.parent_id}
    root = next((line for line in trace if line.kind == "checklist"), None)
    scales: dict[str, Fraction] = {"": Fraction(1)}
    found = []
    for line in trace:
        above = scales.get(line.parent_id, Fraction(1))
        scales[line.node_id] = above * stretched.get(line.node_id, Fraction(1))
        if line.node_id in pools and root is not None:  # a pool's points are of the sheet's total, whatever applies
            scales[line.node_id] = Fraction(root.possible) / Fraction(root.nominal)
        if line.kind in ("item", "veto"):
            found.append((line, above))
    return found


def _loss(domain: str, line: TraceLine, weighted: Fraction | None) -> Loss:
    return Loss(
        domain=domain,
        item_id=line.node_id.partition("#")[0],
        title=line.title,
        lost=line.deducted,
        of=line.nominal,
        weighted=None if weighted is None else round_half_up(weighted, 2),
        explanation=line.explanation,
        reason=line.reason,
        leads=line.leads,
    )
