"""Other weights, tried on every unit: the arrays give what the engine gives, and nothing is written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.factories.coverage import BELOW, ENOUGH, SCORE, mixed_bank
from tests.factories.inspections import tiny_workspace, workbench
from tests.factories.scoring import (
    D,
    cause,
    count,
    facts_of,
    item,
    judged,
    scheme,
    section,
    sheet,
    sheets,
    told,
    untold,
)
from xiaobao.checklist.canonical import canonical, from_canonical
from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.errors import ChecklistError, InputError
from xiaobao.features.appraisal.panel import DomainFacts, Panel, UnitFacts
from xiaobao.features.appraisal.trying_weights import draft_weights, trial_of, try_weights
from xiaobao.features.appraisal.what_if import what_if, what_if_exact
from xiaobao.model import Conclusion, ItemFacts, PoolEntry, Stage, VetoEvent
from xiaobao.scoring import score
from xiaobao.workbench.versions.publishing import publish_all

PARTLY = Conclusion.PARTIALLY_COMPLIANT
SHEET = sheet(section("S", item("I1", "60", count(cause("late", "10"))), item("I2", "40", judged("40"))))
OTHER = sheet(section("S", item("J1", "10", judged("10"))), id="disclosure", domain="disclosure")
SHEETS = {"complaints": SHEET, "disclosure": OTHER}
TWO = scheme()  # complaints 60, disclosure 40


def unit(late: int, taken: str, lost: str | None, of: Scheme = TWO, **more: Any) -> UnitFacts:
    """`late` complaints and `taken` points in one domain, `lost` of 10 in the other (None: does not apply)."""
    first = (
        told("I1", PARTLY if late else Conclusion.COMPLIANT, counts={"late": D(late)}),
        told("I2", PARTLY, deduction=D(taken), source="data"),
    )
    second = (untold("J1") if lost is None else told("J1", PARTLY, deduction=D(lost), source="data"),)
    facts = {"complaints": first, "disclosure": second}
    return UnitFacts(
        domains={
            name: DomainFacts(score=score(SHEETS[name], facts[name], of, Stage.AFTER), facts=facts[name])
            for name in SHEETS
        },
        **more,
    )


UNITS = {"A": unit(1, "0", "3"), "B": unit(3, "0", "0"), "C": unit(0, "20", "1"), "D": unit(0, "4", None)}


def test_other_weights_give_other_totals_ranks_and_grades() -> None:
    """A 90/70, B 70/100, C 80/90, D 96/–."""
    found = what_if(TWO, SHEETS, UNITS, {"complaints": D(20), "disclosure": D(80)})
    assert {row.unit: (row.before, row.after) for row in found.rows} == {
        "A": (D("82.00"), D("74.00")),
        "B": (D("82.00"), D("94.00")),
        "C": (D("84.00"), D("88.00")),
        "D": (D("96.00"), D("96.00")),
    }
    assert {row.unit: (row.before_rank, row.after_rank) for row in found.rows} == {
        "A": (3, 4),
        "B": (3, 2),
        "C": (2, 3),
        "D": (1, 1),
    }
    assert [(row.unit, row.before_grade, row.after_grade) for row in found.moved] == [
        ("A", "B", "C"),
        ("B", "B", "A"),
        ("C", "B", "B"),
    ]
    assert found.notes == ("试算只供比较，没有写入任何结果。",)


def test_ranks_are_within_a_level() -> None:
    """D, a department, is first of its own: the outlets A, B, C take three places among themselves."""
    levels = {"A": "outlet", "B": "outlet", "C": "outlet", "D": "department"}
    for way in (what_if, what_if_exact):
        found = way(TWO, SHEETS, UNITS, {"complaints": D(20), "disclosure": D(80)}, levels)
        assert {row.unit: (row.before_rank, row.after_rank) for row in found.rows} == {
            "A": (2, 3),
            "B": (2, 1),
            "C": (1, 2),
            "D": (1, 1),
        }


def test_weights_off_a_hundred_are_spread_and_the_note_says_so() -> None:
    found = what_if(TWO, SHEETS, UNITS, {"disclosure": D(60)})
    assert found.rows[0].after == D("80.00")  # (60 × 90 + 60 × 70) ÷ 120
    assert found.notes[0] == "权重合计 120，按比例折算。"


def test_other_points_of_an_item_are_scored_anew_from_the_facts() -> None:
    """I1 worth 20 loses 10 to one late complaint and all to three: 50 of 60 and 40 of 60."""
    found = what_if(
        scheme(weights={"complaints": "100"}),
        {"complaints": SHEET},
        {name: UnitFacts(domains={"complaints": one.domains["complaints"]}) for name, one in UNITS.items()},
        {"complaints/I1": D(20)},
    )
    assert [row.after for row in found.rows] == [D("83.33"), D("66.67"), D("66.67"), D("93.33")]
    assert [row.after_rank for row in found.rows] == [2, 3, 3, 1]


def test_every_impossible_weight_is_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        what_if(TWO, SHEETS, UNITS, {"nonsense": D(1), "complaints": D(-1), "complaints/I9": D(1)})
    assert len(caught.value.faults) == 3
    with pytest.raises(InputError, match="不能全部为 0"):
        what_if(TWO, SHEETS, UNITS, {"complaints": D(0), "disclosure": D(0)})


def test_units_with_vetoes_or_bonuses_go_by_the_engine() -> None:
    rules: Any = [{"id": "V", "event": "群体性事件", "target": "total", "effect": "zero"}]
    pools: Any = [{"id": "Z", "title": "加减分", "minimum": "-5", "maximum": "5"}]
    of = scheme(vetoes=rules, pools=pools)
    units = {
        "A": unit(1, "0", "3", of, vetoes=(VetoEvent(veto_id="V", day=date(2026, 3, 1), description="发生"),)),
        "B": unit(1, "0", "3", of, entries=(PoolEntry(pool="Z", points=D(2), what="表彰"),)),
        "C": unit(1, "0", "3", of),
    }
    found = what_if(of, SHEETS, units, {"complaints": D(50), "disclosure": D(50)})
    assert [row.after for row in found.rows] == [0, 82, 80]
    assert found == what_if_exact(of, SHEETS, units, {"complaints": D(50), "disclosure": D(50)})


# --- the arrays against the engine --------------------------------------------------------------------------------


@st.composite
def random_schemes(draw: st.DrawFn) -> Scheme:
    """Weights with up to two decimals, any number of places, bands anywhere."""
    weights = {
        name: str(Decimal(draw(st.integers(1, 10000))) / 100) for name in ("complaints", "disclosure", "education")
    }
    floors = sorted(draw(st.sets(st.integers(1, 99), min_size=1, max_size=4)))
    grades = [{"id": f"G{n}", "label": f"{n}", "at_least": str(low)} for n, low in enumerate([0, *floors])]
    return scheme(weights=weights, grades=grades, places=draw(st.integers(0, 4)))


@st.composite
def plain_sheets(draw: st.DrawFn) -> Checklist:
    """A sheet that a sum can score: what most banks use."""
    kinds = [count(cause("late", str(draw(st.integers(1, 9)) / Decimal(2)))), judged("2"), {"kind": "levels"}]
    items = [
        item(f"I{n}", str(Decimal(draw(st.integers(4, 40))) / 2), draw(st.sampled_from(kinds)))
        for n in range(draw(st.integers(1, 5)))
    ]
    return sheet(section("S", *items[:2]), *([section("T", *items[2:])] if items[2:] else []))


@st.composite
def campaigns(draw: st.DrawFn) -> tuple[Scheme, dict[str, Checklist], dict[str, UnitFacts], dict[str, Decimal]]:
    of = draw(random_schemes())
    chosen = {name: draw(st.one_of(plain_sheets(), plain_sheets(), sheets())) for name in of.weights}
    units = {}
    for n in range(draw(st.integers(1, 4))):
        domains = {}
        for name, one in chosen.items():
            if draw(st.integers(0, 5)):
                facts: tuple[ItemFacts, ...] = tuple(draw(facts_of(entry)) for entry in one.items())
                domains[name] = DomainFacts(score=score(one, facts, of, Stage.AFTER), facts=facts)
        units[f"U{n}"] = UnitFacts(domains=domains)
    weights = {name: Decimal(draw(st.integers(1, 400))) / 4 for name in draw(st.sets(st.sampled_from(sorted(chosen))))}
    name = draw(st.sampled_from(sorted(chosen)))
    entry = draw(st.sampled_from(chosen[name].items()))
    if all(rule.kind not in ("additive", "cases") for rule in entry.rules) and draw(st.booleans()):
        weights[f"{name}/{entry.id}"] = Decimal(draw(st.integers(1, 60))) / 4
    return of, chosen, units, weights


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(campaigns())
def test_the_arrays_give_what_the_engine_gives(drawn: Any) -> None:
    assert what_if(*drawn) == what_if_exact(*drawn)


def test_plain_sheets_do_go_through_the_arrays() -> None:
    assert set(Panel.of(TWO, SHEETS, UNITS).blocks) == {"complaints", "disclosure"}


@pytest.mark.parametrize("weights", [{"complaints": D(20)}, {"complaints": D(0), "disclosure": D(7)}])
def test_weights_of_domains_need_neither_lines_nor_facts(weights: dict[str, Decimal]) -> None:
    bare = {
        name: structs.replace(
            one,
            domains={
                domain: DomainFacts(score=structs.replace(part.score, trace=()), facts=())
                for domain, part in one.domains.items()
            },
        )
        for name, one in UNITS.items()
    }
    assert what_if(TWO, SHEETS, bare, weights).rows == what_if_exact(TWO, SHEETS, UNITS, weights).rows


def test_a_store_is_read_short_for_domains_and_whole_for_items(tmp_path: Path) -> None:
    """59.9 percent is held back in both, 60.0 is not; with other points of an item the lines are there."""
    wb = mixed_bank(tmp_path / "bank")
    trial = trial_of(wb, wb.campaign("2026H1"))
    assert not any(one.score.trace or one.facts for own in trial.units.values() for one in own.domains.values())
    assert trial.whole is not None
    whole = trial.whole(trial.sheets)
    some = trial.whole(["complaints"])
    assert all(some[unit].domains["complaints"] == own.domains["complaints"] for unit, own in whole.items())
    assert whole.keys() == trial.units.keys()
    domains, items = {"complaints": D(50)}, {"complaints/c-most": D(599), "complaints/c-little": D(401)}
    for weights in (domains, items):
        found = trial.with_weights(weights)
        assert found.rows == what_if_exact(trial.scheme, trial.sheets, whole, weights, trial.levels, trial.least).rows
    rows = {row.unit: row for row in trial.with_weights(items).rows}
    assert [str(rows[unit].before) for unit in (BELOW, ENOUGH)] == ["None", SCORE]
    assert str(rows[ENOUGH].after) != SCORE
    at_once = trial_of(wb, wb.campaign("2026H1"), {"complaints"})
    assert at_once.with_weights(items).rows == trial.with_weights(items).rows
    assert try_weights(wb, wb.campaign("2026H1"), items).rows == trial.with_weights(items).rows
    assert at_once.with_weights(domains).rows == trial.with_weights(domains).rows
    others = {f"{domain}/{sheet.items()[0].id}": D(7) for domain, sheet in trial.sheets.items()}
    assert (
        at_once.with_weights(others).rows == trial.with_weights(others).rows
    )  # a domain that was not asked for at first


def test_weights_that_were_tried_become_a_draft_that_is_published_like_any_other(tmp_path: Path) -> None:
    """Nothing else of the scheme changes; a published version, an unknown domain and points of an item are refused."""
    wb = workbench(tiny_workspace(tmp_path / "bank"))
    before = structs.replace(
        wb.scheme(wb.campaign("2026H1")), version="9.0", weights={"complaints": D(60), "own": D(40)}
    )
    with wb.store.writing(wb.actor) as tx:
        tx.publish("scheme", before.id, before.version, canonical(before))
    campaign = structs.replace(wb.campaign("2026H1"), scheme=(before.id, "9.0"))
    with pytest.raises(InputError) as refused:
        draft_weights(wb, campaign, {"nothing": D(1)}, "9.0")
    assert all(word in str(refused.value) for word in ("没有这个检查域", "须写新的版本号"))
    with pytest.raises(InputError, match="在检查表里改"):
        draft_weights(wb, campaign, {"complaints/x": D(1)}, "9.1")
    with pytest.raises(InputError, match="相同"):
        draft_weights(wb, campaign, {"complaints": D(60)}, "9.1")
    with pytest.raises(ChecklistError, match="不等于 100"):
        draft_weights(wb, campaign, {"complaints": D(70)}, "9.1")
    path = draft_weights(wb, campaign, {"complaints": D(70), "own": D(30)}, "9.1")
    assert "只改了权重：投诉处理 60 → 70" in path.read_text("utf-8")
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert publish_all(wb, wb.home / "checklists") == (f"{before.id} 9.1",)
    after = from_canonical(wb.store.published("scheme", before.id, "9.1").content, Scheme)
    assert after == structs.replace(before, version="9.1", weights={"complaints": D(70), "own": D(30)})
    wb.store.close()
