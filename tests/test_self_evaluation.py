"""The regulator's elements: schemes with floors, and one inspection that yields the self-evaluation too."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from tests.factories.checklists import written
from tests.factories.inspections import tiny_workspace, workbench
from tests.factories.scoring import D, assert_adds_up, item, judged, scheme, section, sheet, told, untold
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.reading import load_scheme
from xiaobao.errors import ChecklistError, InputError
from xiaobao.features.self_evaluation.scoring import self_evaluation
from xiaobao.model import Conclusion, FactState, PoolEntry, Stage
from xiaobao.scoring import explain_table, score
from xiaobao.workbench.campaigns import create_campaign
from xiaobao.workbench.versions.publishing import read_drafts

FOLDER = Path(__file__).parent.parent / "checklists"
SEVEN = load_scheme(FOLDER / "schemes/regulator-2025.yaml")
FIVE = load_scheme(FOLDER / "schemes/regulator-2021.yaml")
PARTLY = Conclusion.PARTIALLY_COMPLIANT
SHEETS = {
    "complaints": sheet(
        section(
            "S",
            item("C1", "10", judged("10"), element="disputes"),
            item("C2", "10", judged("10"), element="governance"),
            item("C3", "20", judged("20")),
        )
    ),
    "disclosure": sheet(
        section("S", item("D1", "30", judged("30"), element="marketing"), item("D2", "10", element="disputes")),
        id="disclosure",
        domain="disclosure",
    ),
}
FACTS = {
    "complaints": (told("C1", PARTLY, deduction=D(4)), told("C2"), told("C3")),
    "disclosure": (told("D1", PARTLY, deduction=D(3)), told("D2")),
}
SCORES = {name: score(SHEETS[name], FACTS[name], scheme(), Stage.AFTER) for name in SHEETS}


def test_the_seven_elements_have_the_floors_of_the_regulator_and_leave_ten_points_to_the_bank() -> None:
    floors = {
        "governance": 10,
        "suitability": 10,
        "marketing": 25,
        "disputes": 25,
        "education": 10,
        "service": 5,
        "personal_information": 5,
    }
    assert (SEVEN.weights, SEVEN.floors, SEVEN.unassigned, SEVEN.grades) == (floors, floors, 10, ())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("weights:\n  governance: 10", "weights:\n  governance: 9", "“体制机制”的权重低于规定的最低值.*不低于 10"),
        ("weights:\n  governance: 10", "weights:\n  governance: 20", "合计 110"),
        ("unassigned: 10", "unassigned: 0", "合计 90"),
    ],
)
def test_impossible_weights_are_refused_with_the_node_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = (FOLDER / "schemes/regulator-2025.yaml").read_text("utf-8")
    assert old in text
    with pytest.raises(ChecklistError, match=says) as caught:
        load_scheme(written(tmp_path, text.replace(old, new)))
    assert all(fault.row for fault in caught.value.faults)


def test_one_inspection_yields_the_elements_by_the_crosswalk() -> None:
    """disputes: 6 + 10 of 20; governance 10 of 10; marketing 27 of 30; the rest has no items."""
    found = self_evaluation(SEVEN, SHEETS, SCORES)
    assert {name: one.value for name, one in found.elements.items()} == {
        "governance": D("100.00"),
        "marketing": D("90.00"),
        "disputes": D("80.00"),
    }
    assert found.total.value == D("87.50")  # (10 × 100 + 25 × 90 + 25 × 80) ÷ 60
    assert (found.total.grade, found.total.provisional) == ("", True)
    assert found.unmapped == (("complaints", "C3"),)
    assert found.empty == ("suitability", "education", "service", "personal_information")
    assert_adds_up(found.total)
    for one in found.elements.values():
        assert_adds_up(one)


def test_the_bank_assigns_what_is_left_and_the_total_is_final_when_nothing_is_open() -> None:
    weights = {"disputes": D(50), "governance": D(20), "marketing": D(30)}
    own = structs.replace(SEVEN, weights=weights, unassigned=D(0))
    assert self_evaluation(own, SHEETS, SCORES).total.value == D("87.00")
    assert not self_evaluation(own, SHEETS, SCORES).total.provisional


def test_what_waits_for_verification_makes_its_element_provisional() -> None:
    waiting = (untold("D1", FactState.PENDING), told("D2"))
    scores = SCORES | {"disclosure": score(SHEETS["disclosure"], waiting, scheme(), Stage.AFTER)}
    found = self_evaluation(SEVEN, SHEETS, scores)
    assert (found.elements["marketing"].value, found.elements["marketing"].provisional) == (None, True)


def test_k3_supervision_only_takes_at_most_25_after_weighting() -> None:
    """体制建设 10, 操作与服务 30, 纠纷化解 25 are fed here: (10 × 100 + 30 × 90 + 25 × 80) ÷ 65 = 87.69."""
    assert self_evaluation(FIVE, SHEETS, SCORES).total.value == D("87.69")
    taken = [
        PoolEntry(pool="supervision", points=D(-20), what="行政处罚"),
        PoolEntry(pool="supervision", points=D(-15), what="监管通报"),
    ]
    assert self_evaluation(FIVE, SHEETS, SCORES, taken).total.value == D("62.69")
    with pytest.raises(InputError, match="只能减分"):
        self_evaluation(FIVE, SHEETS, SCORES, [PoolEntry(pool="supervision", points=D(1), what="表扬")])


def test_only_a_scheme_of_elements_evaluates_elements() -> None:
    with pytest.raises(InputError, match="不是按要素评价的方案"):
        self_evaluation(scheme(), SHEETS, SCORES)


@pytest.mark.parametrize(("which", "says"), [(FIVE, "已被代替"), (SEVEN, "不是检查评分方案")])
def test_a_campaign_takes_only_an_inspection_scheme_in_force(tmp_path: Path, which: object, says: str) -> None:
    from dataclasses import replace

    wb = workbench(tiny_workspace(tmp_path / "bank"))
    with wb.store.writing(wb.actor) as tx:
        tx.publish("scheme", which.id, which.version, canonical(which))  # type: ignore[attr-defined]
    other = replace(wb, settings=structs.replace(wb.settings, scheme=which.id))  # type: ignore[attr-defined]
    with pytest.raises(InputError, match=says):
        create_campaign(other, "新批次", "2026Q3")


def test_every_shipped_item_feeds_an_element_so_that_none_is_left_out() -> None:
    """A domain paper yields the self-evaluation only as far as its items are mapped."""
    checklists = read_drafts(FOLDER).checklists
    newest = {one.domain: one for one in checklists if one.version >= "2026.2"}
    assert newest
    open_items = [item.id for one in newest.values() for item in one.items() if item.element is None]
    assert open_items == []


def test_a_node_is_explained_by_a_table_of_what_was_possible_lost_by_which_rule_for_which_facts() -> None:
    rows = explain_table(SCORES["complaints"], "S")
    assert [(row.node_id, row.possible, row.lost) for row in rows] == [
        ("S", 40, 4),
        ("C1", 10, 4),
        ("C2", 10, 0),
        ("C3", 20, 0),
    ]
    assert "酌情扣 4 分" in rows[1].rule
    with pytest.raises(KeyError):
        explain_table(SCORES["complaints"], "nothing")
