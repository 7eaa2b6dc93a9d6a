"""Small sheets, schemes and facts for scoring tests, and strategies that draw whole sheets with their facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from msgspec import convert

from xiaobao.checklist.models import Checklist, Item, Scheme, Section
from xiaobao.model import Conclusion, FactState, ItemFacts, Measured, Score, Unit
from xiaobao.numbers import ZERO

D = Decimal
ALL = {"kind": "all_or_nothing"}
LEVELS = {"kind": "levels"}
OUTLET = Unit(id="B01", name="城东支行", level="sub_branch", parent="HO", region="东区", businesses=("储蓄", "贷款"))


def judged(most: str) -> dict[str, Any]:
    return {"kind": "judged", "max": most}


def count(*causes: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "count", "causes": list(causes)}


def cause(id: str, rate: str = "0", *, limit: str | None = None, forfeits: bool = False) -> dict[str, Any]:
    return {"id": id, "label": f"情形{id}", "rate": rate, "limit": limit, "forfeits": forfeits}


def missing(of: int, rate: str) -> dict[str, Any]:
    return {"kind": "missing", "of": of, "rate": rate}


def threshold(unit: str, low: str | None = None, high: str | None = None) -> dict[str, Any]:
    return {"kind": "threshold", "unit": unit, "at_least": low, "at_most": high}


def figure(name: str, *bands: tuple[str, str]) -> dict[str, Any]:
    return {"kind": "figure", "figure": name, "bands": [{"at_least": low, "share": share} for low, share in bands]}


def additive(*parts: tuple[str, str] | tuple[str, str, int]) -> dict[str, Any]:
    """Parts as (id, points) or (id, points, times)."""
    given = [(part[0], part[1], part[2] if len(part) == 3 else 1) for part in parts]
    return {
        "kind": "additive",
        "parts": [{"id": id, "label": f"分项{id}", "points": points, "times": times} for id, points, times in given],
    }


def proportion(target: str, unit: str = "piece", **more: Any) -> dict[str, Any]:
    return {"kind": "proportion", "target": target, "unit": unit} | more


def peers(unit: str = "piece", **more: Any) -> dict[str, Any]:
    return {"kind": "peers", "unit": unit} | more


def cases(*rows: tuple[str, str]) -> dict[str, Any]:
    return {"kind": "cases", "cases": [{"id": id, "label": f"情形{id}", "points": points} for id, points in rows]}


def item(id: str, points: str, *rules: dict[str, Any], **more: Any) -> Item:
    """An item with the least that the model asks; `more` overrides."""
    given = {
        "id": id,
        "title": f"检查项{id}",
        "requirement": f"要求{id}",
        "practice": True,
        "procedure": "查阅记录",
        "method": ["查阅"],
        "evidence": "记录",
        "severity": "medium",
        "points": points,
        "answered_by": "person",
        "rules": list(rules or (ALL,)),
    }
    return convert(given | more, Item)


def section(id: str, *children: Item | Section, points: str | None = None, minimum: str = "0", **more: Any) -> Section:
    return Section(
        id=id,
        title=f"要素{id}",
        points=None if points is None else Decimal(points),
        minimum=Decimal(minimum),
        sections=tuple(child for child in children if isinstance(child, Section)),
        items=tuple(child for child in children if isinstance(child, Item)),
        **more,
    )


def pool(id: str, *items: Item, points: str, minimum: str, cap: str | None = None) -> Section:
    """加减分项: its items add up to `points` and take down to `minimum`."""
    bonus_cap = None if cap is None else Decimal(cap)
    return section(id, *items, points=points, minimum=minimum, pool=True, bonus_cap=bonus_cap)


def sheet(*sections: Section, total: str | None = None, policy: str = "expand", **more: Any) -> Checklist:
    """A checklist whose total is the sum of its points unless stated."""
    points = Decimal(more.get("base", 0)) + sum((nominal(part) for part in sections), ZERO)
    points = points if total is None else Decimal(total)
    given = {
        "id": "complaints",
        "version": "t",
        "title": "试验表",
        "domain": "complaints",
        "purpose": "试验",
        "effective_from": date(2026, 1, 1),
        "total": points,
        "not_applicable": policy,
        "sections": sections,
    }
    return convert(given | more, Checklist)


def nominal(part: Section) -> Decimal:
    if part.pool:
        return ZERO
    if part.points is not None:
        return part.points
    return sum((entry.points for entry in part.items), ZERO) + sum((nominal(s) for s in part.sections), ZERO)


def scheme(**more: Any) -> Scheme:
    given = {
        "id": "trial",
        "version": "1",
        "title": "试验方案",
        "weights": {"complaints": "60", "disclosure": "40"},
        "grades": [
            {"id": "A", "label": "优秀", "at_least": "90"},
            {"id": "B", "label": "良好", "at_least": "80"},
            {"id": "C", "label": "合格", "at_least": "70"},
            {"id": "D", "label": "不合格", "at_least": "0"},
        ],
        "rollup": {"own": "0.7"},
    }
    return convert(given | more, Scheme)


def told(item_id: str, conclusion: Conclusion = Conclusion.COMPLIANT, **more: Any) -> ItemFacts:
    """Assessed facts of one item."""
    return ItemFacts(item_id=item_id, state=FactState.ASSESSED, conclusion=conclusion, **more)


def untold(item_id: str, state: FactState = FactState.NOT_APPLICABLE) -> ItemFacts:
    return ItemFacts(item_id=item_id, state=state, reason="试验")


def assert_adds_up(score: Score) -> None:
    """Every line is the sum of its children, and the lines without a parent sum to the shown number."""
    children: dict[str, list[Decimal]] = {}
    seen = {""}
    for line in score.trace:
        assert line.parent_id in seen, "parents stand before children"
        seen.add(line.node_id)
        assert line.earned == line.possible - line.deducted
        children.setdefault(line.parent_id, []).append(line.earned)
    for line in score.trace:
        if line.node_id in children:
            assert sum(children[line.node_id], ZERO) == line.earned, line.node_id
    if score.value is not None:
        assert sum(children[""], ZERO) == score.value


# --- strategies ---------------------------------------------------------------------------------------------------

halves = st.integers(0, 40).map(lambda n: Decimal(n) / 2)
tenths = st.integers(0, 10).map(lambda n: Decimal(n) / 10)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    kinds = ["all", "levels", "options", "judged", "count", "missing", "threshold", "figure", "proportion", "peers"]
    kind = draw(st.sampled_from([*kinds, "cases"]))
    if kind == "all":
        return ALL
    if kind == "levels":
        return LEVELS
    if kind == "options":
        shares = draw(st.lists(tenths, min_size=2, max_size=4))
        options = [{"id": f"o{n}", "label": f"档{n}", "share": str(share)} for n, share in enumerate(shares)]
        return {"kind": "levels", "options": options}
    if kind == "judged":
        return judged(str(draw(halves)))
    if kind == "count":
        limits = st.one_of(st.none(), halves.map(str))
        return count(
            *(
                cause(f"c{n}", str(draw(halves)), limit=draw(limits), forfeits=draw(st.integers(0, 4)) == 0)
                for n in range(draw(st.integers(1, 3)))
            )
        )
    if kind == "missing":
        return missing(draw(st.integers(1, 5)), str(draw(halves)))
    if kind == "threshold":
        return threshold("m", "0.9", "1.2")
    if kind == "proportion":
        return proportion(draw(st.sampled_from(["0.7", "1", "3"])), "m", reversed=draw(st.booleans()))
    if kind == "peers":
        return peers("m", reversed=draw(st.booleans()))
    if kind == "cases":
        return cases(("x", "0"), ("y", str(-draw(st.integers(0, 3)))))
    return figure("rate", ("95", "1"), ("90", "0.8"), ("80", "0.333"))


@st.composite
def items(draw: st.DrawFn, id: str) -> Item:
    low = draw(st.sampled_from(["0", "0", "0", "-1.5", "-4"]))
    if draw(st.integers(0, 6)) == 0:
        worth = [draw(st.integers(1, 8)) for _ in range(draw(st.integers(1, 3)))]
        often = [draw(st.integers(1, 2)) for _ in worth]
        parts = [(f"p{n}", str(one), times) for n, (one, times) in enumerate(zip(worth, often, strict=True))]
        points = sum(one * times for one, times in zip(worth, often, strict=True))
        return item(id, str(points), additive(*parts), minimum=low)
    chosen = draw(st.lists(rules(), min_size=1, max_size=2, unique_by=lambda rule: rule["kind"]))
    return item(id, str(draw(halves)), *chosen, floor=draw(st.integers(0, 5)) > 0, minimum=low)


@st.composite
def sheets(draw: st.DrawFn, policies: Sequence[str] = ("expand", "redistribute")) -> Checklist:
    """Draw a sheet two or three deep, some sections with a stated interval."""
    serial = iter(range(1000))

    def one(depth: int) -> Section:
        id = f"S{next(serial)}"
        below = [one(depth + 1) for _ in range(draw(st.integers(0, 1 if depth else 2)))] if depth < 2 else []
        own = [draw(items(f"I{next(serial)}")) for _ in range(draw(st.integers(0 if below else 1, 3)))]
        stated = draw(st.one_of(st.none(), st.integers(1, 30)))
        low = draw(st.sampled_from(["0", "0", "-5", "-13"]))
        return section(id, *below, *own, points=None if stated is None else str(stated), minimum=low)

    sections = [one(0) for _ in range(draw(st.integers(1, 2)))]
    if draw(st.integers(0, 2)) == 0:
        entries = [draw(items(f"I{next(serial)}")) for _ in range(draw(st.integers(1, 2)))]
        cap = draw(st.sampled_from([None, "0", "2"]))
        sections.append(pool("P", *entries, points=str(draw(st.integers(0, 6))), minimum="-5", cap=cap))
    base = draw(st.sampled_from(["0", "0", "0", "50"]))
    return sheet(*sections, policy=draw(st.sampled_from(list(policies))), base=base)


@st.composite
def facts_of(draw: st.DrawFn, entry: Item) -> ItemFacts:
    """Draw complete facts, or a state that is not scored."""
    state = draw(st.sampled_from([FactState.ASSESSED] * 6 + [FactState.NOT_APPLICABLE, FactState.PENDING]))
    if state is not FactState.ASSESSED:
        return untold(entry.id, state)
    given: dict[str, Any] = {"source": "data"}
    for rule in entry.rules:
        if rule.kind == "levels" and rule.options:
            given["option"] = draw(st.sampled_from([option.id for option in rule.options]))
        elif rule.kind == "judged":
            given["deduction"] = min(draw(halves), rule.max)
        elif rule.kind == "count":
            drawn = {c.id: Decimal(draw(st.integers(0, 3))) for c in rule.causes}
            given["counts"] = given.get("counts", {}) | drawn
        elif rule.kind == "missing":
            given["missing"] = Decimal(draw(st.integers(0, rule.of)))
        elif rule.kind in ("threshold", "proportion", "peers"):
            given["measured"] = Measured(
                value=Decimal(draw(st.sampled_from(["89", "90", "100", "120", "121"]))), unit="cm"
            )
            if rule.kind == "peers":
                best = Decimal("890" if rule.reversed else "1210")
                given["figures"] = given.get("figures", {}) | {f"{entry.id}#best": best}
        elif rule.kind == "additive":
            given["counts"] = {p.id: Decimal(draw(st.integers(0, p.times))) for p in rule.parts}
        elif rule.kind == "cases":
            drawn = {c.id: Decimal(draw(st.integers(0, 3)) == 0) for c in rule.cases}
            given["counts"] = given.get("counts", {}) | drawn
        elif rule.kind == "figure":
            rate = draw(st.sampled_from([Decimal(n) for n in ("70", "80", "90", "94.99", "95")]))
            given["figures"] = given.get("figures", {}) | {"rate": rate}
    said = draw(st.sampled_from([Conclusion.COMPLIANT, Conclusion.PARTIALLY_COMPLIANT, Conclusion.NON_COMPLIANT]))
    given["origin"] = draw(st.sampled_from(["", "", "self", "repeated"]))
    return told(entry.id, said, **given)


@st.composite
def filled(
    draw: st.DrawFn, policies: Sequence[str] = ("expand", "redistribute")
) -> tuple[Checklist, tuple[ItemFacts, ...]]:
    checklist = draw(sheets(policies))
    return checklist, tuple(draw(facts_of(entry)) for entry in checklist.items())
