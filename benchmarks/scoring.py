"""What-if weights over a whole bank: arrays against the engine, side by side on the same units.

    python benchmarks/scoring.py [--quick] [--json FILE]

The full run has 4,000 units × 5 domains × 40 items for the arrays; the engine scores a part of the units, and its time
is given for all of them in proportion, which says so. Medians of several rounds, taken in turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from msgspec import convert

from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.features.appraisal.panel import DomainFacts, UnitFacts
from xiaobao.features.appraisal.what_if import what_if, what_if_exact
from xiaobao.model import Conclusion, FactState, ItemFacts, Stage
from xiaobao.scoring import score

DOMAINS = ("disclosure", "suitability", "information_security", "complaints", "special_groups")
GRADES = [("A", 90), ("B", 80), ("C", 70), ("D", 0)]
TARGET_SECONDS = 2.0


def sheet(domain: str, items: int) -> Checklist:
    """Return a sheet of `items` items in sections of ten: counted, judged and by level."""
    kinds: list[dict[str, Any]] = [
        {"kind": "count", "causes": [{"id": "late", "label": "逾期", "rate": "0.5"}]},
        {"kind": "judged", "max": "2"},
        {"kind": "levels"},
    ]
    entries = [
        {
            "id": f"{domain[:4]}-{n:02}",
            "title": f"第 {n} 项",
            "requirement": "有记录",
            "practice": True,
            "procedure": "查阅",
            "method": ["查阅"],
            "evidence": "记录",
            "severity": "medium",
            "points": "2.5",
            "answered_by": "person",
            "rules": [kinds[n % 3]],
        }
        for n in range(items)
    ]
    sections = [{"id": f"S{n}", "title": f"要素{n}", "items": entries[n : n + 10]} for n in range(0, items, 10)]
    return convert(
        {
            "id": domain,
            "version": "bench",
            "title": domain,
            "domain": domain,
            "purpose": "测速",
            "effective_from": date(2026, 1, 1),
            "total": Decimal("2.5") * items,
            "sections": sections,
        },
        Checklist,
    )


def scheme() -> Scheme:
    grades = [{"id": name, "label": name, "at_least": low} for name, low in GRADES]
    weights = dict.fromkeys(DOMAINS, 20)
    return convert({"id": "bench", "version": "1", "title": "测速", "weights": weights, "grades": grades}, Scheme)


def facts(checklist: Checklist, rng: Random) -> tuple[ItemFacts, ...]:
    """Draw what was found at one unit: mostly compliant, some losses, some items that do not apply."""
    told = []
    for item in checklist.items():
        if rng.random() < 0.05:
            told.append(ItemFacts(item_id=item.id, state=FactState.NOT_APPLICABLE, reason="未开办"))
            continue
        bad = rng.random() < 0.15
        said = Conclusion.PARTIALLY_COMPLIANT if bad else Conclusion.COMPLIANT
        counts = {"late": Decimal(rng.randint(1, 3) if bad else 0)}
        taken = Decimal(rng.randint(1, 4)) / 2 if bad else Decimal(0)
        told.append(
            ItemFacts(item_id=item.id, state=FactState.ASSESSED, conclusion=said, counts=counts, deduction=taken)
        )
    return tuple(told)


def campaign(units: int, items: int, seed: int = 7) -> tuple[Scheme, dict[str, Checklist], dict[str, UnitFacts]]:
    """Return a bank of `units` units, each scored in all five domains. A hundred different units are repeated."""
    rng, plan = Random(seed), scheme()  # noqa: S311 - a repeatable bank
    sheets = {domain: sheet(domain, items) for domain in DOMAINS}
    distinct = []
    for _ in range(min(units, 100)):
        domains = {}
        for domain, one in sheets.items():
            told = facts(one, rng)
            domains[domain] = DomainFacts(score=score(one, told, plan, Stage.AFTER), facts=told)
        distinct.append(UnitFacts(domains=domains))
    return plan, sheets, {f"{n:05}": distinct[n % len(distinct)] for n in range(units)}


def timed(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    work()
    return clock() - start


def main() -> int:
    parser = argparse.ArgumentParser(description="what-if weights: arrays against the engine")
    parser.add_argument("--quick", action="store_true", help="200 units, one round")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    units, rounds, part = (200, 1, 50) if given.quick else (4000, 5, 100)
    items = 40
    plan, sheets, bank = campaign(units, items)
    some = dict(list(bank.items())[:part])
    weights = {"complaints": Decimal(40), "disclosure": Decimal(10), "suitability": Decimal(10)}
    points = weights | {f"complaints/{sheets['complaints'].items()[0].id}": Decimal(5)}
    same = what_if(plan, sheets, some, points) == what_if_exact(plan, sheets, some, points)
    arrays, with_item, engine, busy = [], [], [], []
    for _ in range(rounds):
        arrays.append(timed(lambda: what_if(plan, sheets, bank, weights)))
        busy.append(timed(lambda: what_if(plan, sheets, bank, weights), time.process_time))
        with_item.append(timed(lambda: what_if(plan, sheets, bank, points)))
        engine.append(timed(lambda: what_if_exact(plan, sheets, some, weights)) * units / part)
    figures = {
        "units": units,
        "domains": len(DOMAINS),
        "items": items,
        "rounds": rounds,
        "arrays_seconds": round(statistics.median(arrays), 3),
        "arrays_cpu_seconds": round(statistics.median(busy), 3),
        "arrays_with_item_seconds": round(statistics.median(with_item), 3),
        "engine_seconds_in_proportion": round(statistics.median(engine), 3),
        "engine_units_measured": part,
        "ratio": round(statistics.median(engine) / statistics.median(arrays), 1),
        "same_result": same,
        "target_seconds": TARGET_SECONDS,
    }
    for name, value in figures.items():
        print(f"{name:32} {value}")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
