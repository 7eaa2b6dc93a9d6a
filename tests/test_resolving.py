"""What only the parent can say: the best of all units, vetoes of the scheme, the bridge from the period before."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec import convert
from msgspec.structs import replace

from tests.factories.answering import record_card
from tests.factories.inspections import DOMAIN, OTHER, PERIOD, UNIT, item, tiny_workspace, workbench
from tests.factories.scoring import D, told
from tests.factories.versions import own_items, publish
from xiaobao.batch.run import RunOptions, _Runner
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.errors import InputError
from xiaobao.model import Conclusion, FactState, ItemFacts, Measured, Stage, VetoEvent
from xiaobao.scorecard import build_card
from xiaobao.scoring import score
from xiaobao.store.models import Campaign
from xiaobao.workbench.inspections.vetoes import record_veto, withdraw_veto
from xiaobao.workbench.places import campaign_folder
from xiaobao.workbench.results.cards import CardFreezer
from xiaobao.workbench.results.resolving import Results, close_campaign
from xiaobao.workbench.workspace import Workbench

EARLIER = "2025H2"
SHEET = {
    "id": "trial",
    "version": "1",
    "title": "试验表",
    "domain": DOMAIN,
    "purpose": "试验",
    "effective_from": date(2025, 7, 1),
    "total": 100,
    "sections": [
        {
            "id": "S",
            "title": "全部",
            "items": [
                item("T-1", "按期告知", points=60, rules=[{"kind": "judged", "max": 60}]),
                item("T-2", "首诉解决率", points=40, rules=[{"kind": "peers", "unit": "percent"}]),
            ],
        }
    ],
}
PLAN = {
    "id": "trial-scheme",
    "version": "1",
    "title": "试验方案",
    "weights": {DOMAIN: 100},
    "grades": [{"id": "A", "label": "优秀", "at_least": 80}, {"id": "B", "label": "一般", "at_least": 0}],
    "vetoes": [{"id": "V1", "event": "群体性事件", "target": "trial-scheme", "effect": "not_above", "grade": "B"}],
}


@pytest.fixture
def wb(tmp_path: Path) -> Workbench:
    return workbench(tiny_workspace(tmp_path / "bank"))


def campaign(wb: Workbench, period: str, **changes: Any) -> Campaign:
    """A campaign of its own period on the trial sheet; the register of units is that of the newer period."""
    sheet, plan = convert(SHEET | changes, Checklist), convert(PLAN, Scheme)
    with wb.store.writing(wb.actor) as tx:
        tx.publish("checklist", sheet.id, sheet.version, canonical(sheet))
        tx.publish("scheme", plan.id, plan.version, canonical(plan))
        return tx.add_campaign(f"试验{period}", period, (plan.id, plan.version), {DOMAIN: (sheet.id, sheet.version)})


def found(taken: str, rate: str) -> tuple[ItemFacts, ...]:
    said = Conclusion.PARTIALLY_COMPLIANT if D(taken) else Conclusion.COMPLIANT
    waiting = told("T-2", measured=Measured(value=D(rate), unit="percent"))
    return (told("T-1", said, deduction=D(taken)), replace(waiting, state=FactState.AWAITING_PEERS, reason="待汇总：…"))


def record(wb: Workbench, one: Campaign, unit: str, facts: tuple[ItemFacts, ...]) -> None:
    """Record what a paper of `unit` found, as a run would."""
    sheet, _ = wb.checklist(one, DOMAIN)
    scores = [score(sheet, facts, wb.scheme(one), stage) for stage in Stage]
    with wb.store.writing(wb.actor) as tx:
        tx.ensure_inspections(one.id, [(unit, DOMAIN)])
    inspection = wb.store.inspection(one.id, unit, DOMAIN)
    assert inspection is not None
    with wb.store.writing(wb.actor) as tx:
        tx.record_result(inspection.id, "d" * 64, scores[0], scores[1], (), (), facts=facts)


def cards(wb: Workbench, one: Campaign) -> dict[str, Any]:
    freezer = CardFreezer(wb, one)
    return {unit.id: build_card(freezer.card(unit).card) for unit in freezer.units}


def test_facts_are_kept_with_the_result_and_come_back_the_same(wb: Workbench) -> None:
    one = campaign(wb, "2026Q2")
    record(wb, one, UNIT, found("6", "80"))
    assert wb.store.results(one.id)[UNIT, DOMAIN].facts == found("6", "80")


def test_scores_for_standings_are_those_of_the_results_without_their_traces(wb: Workbench) -> None:
    one = campaign(wb, "2026Q2")
    record(wb, one, UNIT, found("6", "80"))
    whole = wb.store.results(one.id)[UNIT, DOMAIN].after
    assert wb.store.scores(one.id, UNIT) == {DOMAIN: replace(whole, trace=(), vetoes=())}


def test_the_best_of_all_units_is_known_once_every_unit_is_in(wb: Workbench) -> None:
    one = campaign(wb, "2026Q2")
    record(wb, one, UNIT, found("6", "80"))
    alone = cards(wb, one)[UNIT]
    assert (alone.total.value, alone.total.provisional) == (90, True)  # 54 of the 60 that can be scored
    assert any("待汇总 1 项" in note for note in alone.notes)
    record(wb, one, OTHER, found("0", "60"))
    both = cards(wb, one)
    assert [both[unit].total.value for unit in (UNIT, OTHER)] == [94, 90]  # 54 + 40; 60 + 40 × 60 ÷ 80
    assert [both[unit].rank for unit in (UNIT, OTHER)] == [1, 2]
    assert both[UNIT].total.provisional and "批次结束时才确定" in "".join(both[UNIT].notes)
    final = cards(wb, close_campaign(wb, one))[UNIT]
    assert (final.total.value, final.total.provisional) == (94, False)
    assert "批次结束" not in "".join(final.notes)


def test_a_run_of_one_unit_makes_the_cards_anew_whose_scores_moved_with_it(wb: Workbench) -> None:
    one = campaign(wb, PERIOD)
    for unit, rate in ((UNIT, "90"), (OTHER, "80")):
        record(wb, one, unit, found("0", rate))
    for unit in (UNIT, OTHER):
        record_card(wb, unit, f"{PERIOD}/{one.name}")
    of_one = RunOptions(units=(UNIT,))

    campaign_folder(wb.home, one).mkdir(parents=True)

    def made() -> list[str]:
        runner = _Runner(wb, one, of_one, lambda told: notices.append(told.notice))
        return [unit.id for unit in runner._carded(CardFreezer(wb, one).units)]

    notices: list[str] = []
    assert (made(), notices) == ([UNIT], [])
    record(wb, one, UNIT, found("0", "100"))
    assert made() == [UNIT, OTHER]
    assert any("另有 1 家机构的得分随之变动" in said for said in notices)


def test_recorded_results_themselves_are_not_changed(wb: Workbench) -> None:
    one = campaign(wb, "2026Q2")
    for unit, taken in ((UNIT, "6"), (OTHER, "0")):
        record(wb, one, unit, found(taken, "80"))
    before = wb.store.results(one.id)
    assert Results.of_campaign(wb, one).of(UNIT)[DOMAIN] != before[UNIT, DOMAIN]
    assert wb.store.results(one.id) == before


def test_a_card_carries_the_bridge_from_the_period_before(wb: Workbench) -> None:
    first, second = campaign(wb, "2026Q1"), campaign(wb, "2026Q2")
    for one, taken in ((first, "30"), (second, "6")):
        record(wb, one, UNIT, found(taken, "80"))
        record(wb, one, OTHER, found("0", "80"))
    bridge = cards(wb, second)[UNIT].bridge
    assert (bridge.before_period, bridge.before, bridge.after) == ("2026Q1", 70, 94)
    assert {step.kind: step.change for step in bridge.steps if step.change} == {"deductions": 24}
    assert cards(wb, first)[UNIT].bridge is None


EVENT = VetoEvent(
    veto_id="V1", day=date(2026, 5, 1), description="客户聚集上访，经认定负主要责任", evidence=("认定书",)
)


def test_a_veto_of_the_scheme_reaches_the_total_and_its_removal_restores_it(wb: Workbench) -> None:
    one = campaign(wb, "2026Q2")
    for unit in (UNIT, OTHER):
        record(wb, one, unit, found("0", "80"))
    before = cards(wb, one)
    record_veto(wb, one, UNIT, EVENT)
    struck = cards(wb, one)[UNIT]
    assert (struck.total.value, struck.total.grade, struck.total.vetoes[0].event) == (100, "B", EVENT)
    assert any("客户聚集上访" in note for note in struck.notes)
    withdraw_veto(wb, one, UNIT, "V1", "申诉成立")
    assert cards(wb, one) == before


def test_an_inspection_that_a_veto_opens_first_has_the_units_own_items_too(wb: Workbench) -> None:
    publish(wb, own_items(), kind="own_items")
    one = campaign(wb, "2026Q2")
    record_veto(wb, one, UNIT, EVENT)
    assert [record.own_version for record in wb.store.inspections(one.id, UNIT)] == ["2026.1"]


def test_every_fault_of_a_veto_event_is_named_at_once(wb: Workbench) -> None:
    with pytest.raises(InputError) as caught:
        record_veto(
            wb,
            campaign(wb, "2026Q2"),
            "9999",
            VetoEvent(veto_id="V9", day=date(2027, 1, 1), description=" ", evidence=()),
        )
    assert [fault.message.split("，")[0] for fault in caught.value.faults] == [
        "没有这一项一票否决",
        "没有写发生了什么",
        "没有写佐证材料",
        "事件日期不在检查期间",
        "2026Q2 没有这个被检查机构",
    ]


def test_an_unknown_veto_cannot_be_taken_back(wb: Workbench) -> None:
    with pytest.raises(InputError, match="没有这一项一票否决"):
        withdraw_veto(wb, wb.campaign(PERIOD), UNIT, "V1", "无此事")


def test_items_relative_to_peers_are_resolved_once_when_the_campaign_closes_and_then_stand(wb: Workbench) -> None:
    one = campaign(wb, "2026Q2")
    record(wb, one, UNIT, found("6", "80"))
    record(wb, one, OTHER, found("0", "90"))
    before = cards(wb, one)[UNIT].total.value
    closed = close_campaign(wb, one)
    assert closed.resolved[DOMAIN]["after"] == {"T-2": "90"}
    record(wb, closed, OTHER, found("0", "100"))
    assert cards(wb, closed)[UNIT].total.value == before
    assert cards(wb, one)[UNIT].total.value < before, "an open campaign follows the best of all units"
    assert wb.store.campaigns("2026Q2") == (closed,)
    assert wb.store.verify() == []
