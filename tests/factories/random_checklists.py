"""Random sound checklists: whatever the format may say, in words that YAML and Excel like to bend."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, get_args, get_type_hints

from hypothesis import strategies as st
from msgspec import convert

from xiaobao.checklist.models import Checklist, Element, Level, Method, Sample
from xiaobao.model import Severity

AWKWARD = [
    "001",
    "1.10",
    "no",
    "是",
    "2025-06-30",
    "=1+1",
    "＝SUM(A1)",
    "-",
    "@x",
    "a、b",
    "甲｜乙",
    '引"号',
    '"',
    "#N/A",
    "两\n行",
    "a: b # c",
    "{x}",
    "'",
    "1e5",
    "~",
    "全　角",
    "余额<100万元且>50万",
    "𠮷",
    "TRUE",
    "- 项",
    "|",
    "0.10",
]
_letters = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"]).filter(
    # Selectors that nobody sees: workbooks are read without them.
    lambda one: not (0xFE00 <= ord(one) <= 0xFE0F or 0xE0100 <= ord(one) <= 0xE01EF)
)
texts = st.one_of(st.sampled_from(AWKWARD), st.text(_letters, min_size=1, max_size=8).map(str.strip).filter(bool))
numbers = st.integers(0, 10**6).map(lambda n: Decimal(n) / 1000)
positive = st.integers(1, 500_000).map(lambda n: Decimal(n) / 1000)
shares = st.integers(0, 10**4).map(lambda n: Decimal(n) / 10**4)
days = st.dates(date(2000, 1, 1), date(2020, 1, 1))


def _some(values: Any, least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    one = st.sampled_from(values) if isinstance(values, tuple) else values
    return st.lists(one, min_size=least, max_size=2, unique=True).map(tuple)


def _numbered(prefix: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": f"{prefix}.{number}", **one} for number, one in enumerate(found)]


def _threshold(least: Decimal, more: Decimal | None) -> dict[str, Any]:
    most = None if more is None else least + more
    return {"kind": "threshold", "unit": "cm", "at_least": least, "at_most": most}


def _figure(bands: list[tuple[Decimal, Decimal]]) -> dict[str, Any]:
    found = [{"at_least": least, "share": share} for least, share in bands]
    return {"kind": "figure", "figure": "on_time_rate", "bands": found}


def _rules(points: Decimal, data: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    options = st.lists(st.fixed_dictionaries({"label": texts, "share": shares}), max_size=2)
    causes = st.fixed_dictionaries({"label": texts, "rate": numbers, "forfeits": st.booleans()})
    bands = st.lists(st.tuples(numbers, shares), min_size=1, max_size=2, unique_by=lambda band: band[0])
    of_data = [st.just({"kind": "all_or_nothing"}), bands.map(_figure)]
    of_persons = [
        st.just({"kind": "all_or_nothing"}),
        options.map(lambda found: {"kind": "levels", "options": _numbered("o", _with_full(found))}),
        shares.map(lambda share: {"kind": "judged", "max": share * points}),
        st.lists(causes, min_size=1, max_size=2).map(lambda found: {"kind": "count", "causes": _numbered("c", found)}),
        st.builds(lambda of, rate: {"kind": "missing", "of": of, "rate": rate}, st.integers(1, 3000), numbers),
        st.builds(_threshold, numbers, st.none() | numbers),
    ]
    kinds = st.one_of(*(of_data if data else of_persons))
    return st.lists(kinds, min_size=1, max_size=2, unique_by=lambda rule: rule["kind"])


def _with_full(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let one of the options keep all points."""
    return [*options, {"label": "做到", "share": Decimal(1)}] if options else []


@st.composite
def _items(draw: st.DrawFn, number: int) -> dict[str, Any]:
    points, data = draw(positive), draw(st.booleans())
    citation = st.fixed_dictionaries({"document": texts, "article": texts, "unverified": st.booleans()})
    cited = draw(st.lists(citation, max_size=2))
    guided = st.fixed_dictionaries({"good": texts, "bad": texts})
    draws = st.sampled_from(get_args(get_type_hints(Sample)["draw"]))
    sampled = st.fixed_dictionaries(
        {"population": texts, "size": st.none() | st.integers(1, 999), "note": st.just("") | texts, "draw": draws}
    )
    return {
        "id": draw(st.sampled_from(["00", "X-", "1."])) + str(number),
        "title": draw(texts),
        "requirement": draw(texts),
        "citations": cited,
        "practice": not cited,
        "procedure": draw(texts),
        "evidence": draw(texts),
        "method": draw(_some(get_args(Method), least=1)),
        "evidence_required": draw(st.booleans()),
        "severity": draw(st.sampled_from(list(Severity))),
        "points": points,
        "floor": draw(st.booleans()),
        "answered_by": "data" if data else "person",
        "checks": (f"d.c{number}",) if data else (),
        "rules": draw(_rules(points, data)),
        "applies_to": {"levels": draw(_some(get_args(Level))), "businesses": draw(_some(texts))},
        "effective_from": draw(st.none() | days),
        "guidance": draw(st.none() | guided),
        "sample": draw(st.none() | sampled),
        "element": draw(st.none() | st.sampled_from(get_args(Element))),
    }


@st.composite
def checklists(draw: st.DrawFn) -> Checklist:
    """Return a checklist that `checklist_in` finds nothing wrong with: sections nest, sums hold, ids differ."""
    shapes = draw(st.lists(st.tuples(st.integers(1, 2), st.booleans(), st.booleans()), min_size=1, max_size=3))
    sections: list[dict[str, Any]] = []
    number = 0
    for place, (count, nested, stated) in enumerate(shapes):
        items = [draw(_items(number + n)) for n in range(count)]
        number += count
        section: dict[str, Any] = {"id": f"S{place}", "title": draw(texts), "items": items}
        if stated:
            section |= {"points": sum(item["points"] for item in items), "minimum": draw(st.sampled_from([0, -5]))}
        parent = sections[-1] if nested and sections and "points" not in sections[-1] else None
        (parent.setdefault("sections", []) if parent else sections).append(section)
    vetoes = draw(st.lists(st.tuples(texts, st.sampled_from(["zero", "grade", "not_above"])), max_size=2))
    plain = {
        "id": "random",
        "version": draw(st.sampled_from(["001", "2026.10", "v1"])),
        "title": draw(texts),
        "domain": "random",
        "purpose": draw(texts),
        "effective_from": draw(days),
        "total": sum(item["points"] for item in _all_items(sections)),
        "not_applicable": draw(st.sampled_from(["expand", "redistribute"])),
        "applies_to": {"levels": draw(_some(get_args(Level))), "businesses": draw(_some(texts))},
        "vetoes": [_veto(n, *veto) for n, veto in enumerate(vetoes)],
        "sections": sections,
    }
    return convert(plain, Checklist)


def _veto(number: int, event: str, effect: str) -> dict[str, str]:
    return {
        "id": f"V{number}",
        "event": event,
        "target": "random",
        "effect": effect,
        "grade": "" if effect == "zero" else "C",
    }


def _all_items(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for s in sections for item in (*_all_items(s.get("sections", [])), *s.get("items", []))]
