"""The sample bank's people: every answer fits its item's rules, and leads end confirmed, partly, refuted or open."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from xiaobao.checklist.models import Checklist
from xiaobao.checklist.reading import load_checklist
from xiaobao.checklist.rules import Count, Judged, Levels, Missing, Threshold
from xiaobao.demo.answers import dispositions, responses
from xiaobao.demo.plants import Plant
from xiaobao.demo.sample_bank import bank_units
from xiaobao.model import Conclusion, Disposition, Lead

_SHEETS = sorted((Path(__file__).parent.parent / "checklists").glob("*-2026.*.yaml"))
_UNITS = [unit for unit in bank_units(12) if unit.inspected]


@pytest.fixture(scope="module")
def sheets() -> list[Checklist]:
    return [load_checklist(path) for path in _SHEETS]


def test_every_answer_gives_what_its_rules_ask_for(sheets: list[Checklist]) -> None:
    for sheet in sheets:
        items = {item.id: item for item in sheet.items()}
        for unit in _UNITS:
            for answer in responses(sheet, unit, "2026H1", 1):
                if answer.conclusion in {Conclusion.NOT_APPLICABLE, Conclusion.NOT_ASSESSED}:
                    assert answer.reason
                    continue
                for rule in items[answer.item_id].rules:
                    if isinstance(rule, Levels) and rule.options:
                        assert answer.option in {option.id for option in rule.options}
                    elif isinstance(rule, Judged):
                        assert answer.deduction is not None
                        assert 0 <= answer.deduction <= rule.max
                    elif isinstance(rule, Count):
                        assert set(answer.counts) == {cause.id for cause in rule.causes}
                    elif isinstance(rule, Missing):
                        assert answer.missing is not None
                        assert 0 <= answer.missing <= rule.of
                    elif isinstance(rule, Threshold):
                        assert answer.measured is not None
                        assert answer.measured.unit == rule.unit


def test_answers_are_the_same_for_the_same_seed_and_differ_between_units(sheets: list[Checklist]) -> None:
    one, again = (responses(sheets[0], _UNITS[0], "2026H1", 3) for _ in range(2))
    assert one == again
    kinds = {a.conclusion for sheet in sheets for unit in _UNITS for a in responses(sheet, unit, "2026H1", 3)}
    assert kinds == set(Conclusion)


def test_only_items_that_apply_to_the_unit_and_that_people_answer_are_answered(sheets: list[Checklist]) -> None:
    lacking = next(unit for unit in _UNITS if unit.level == "outlet" and "理财" not in unit.businesses)
    for sheet in sheets:
        answered = {answer.item_id for answer in responses(sheet, lacking, "2026H1")}
        for item in sheet.items():
            only_wealth = item.applies_to.businesses == ("理财",)
            assert not (item.id in answered and (only_wealth or item.answered_by == "data"))


def _leads(count: int) -> list[Lead]:
    return [
        Lead(
            id=f"L{n:03d}",
            check_id="complaints.overdue",
            item_id="I",
            unit="010000",
            period="2026H1",
            summary="超期",
            record={"投诉编号": f"TS{n}"},
        )
        for n in range(count)
    ]


def _plants(count: int) -> list[Plant]:
    return [Plant(check_id="complaints.overdue", unit="010000", period="2026H1", key=f"TS{n}") for n in range(count)]


def test_planted_leads_are_mostly_confirmed_and_an_older_period_leaves_none_open() -> None:
    spoken = dispositions(_leads(200), _plants(200), newest=False)
    verdicts = [one.decided for one in spoken]
    assert len(spoken) == 200
    assert None not in verdicts
    assert verdicts.count(Disposition.CONFIRMED) > 130
    assert verdicts.count(Disposition.PARTLY) > 5
    assert verdicts.count(Disposition.REFUTED) > 5
    assert all(one.reason for one in spoken)


def test_the_newest_period_leaves_some_open_with_and_without_an_answer() -> None:
    spoken = dispositions(_leads(200), _plants(200), newest=True)
    undecided = [one for one in spoken if one.decided is None]
    assert 0 < len(undecided) < 40
    assert len(spoken) < 200
    assert all(one.answer is not None for one in undecided)


def test_a_lead_that_was_not_planted_is_refuted() -> None:
    spoken = dispositions(_leads(20), [], newest=False)
    assert {one.decided for one in spoken} == {Disposition.REFUTED}


def test_an_answer_never_counts_a_cause_that_forfeits_all_points(sheets: list[Checklist]) -> None:
    forfeiting = {
        (item.id, cause.id)
        for sheet in sheets
        for item in sheet.items()
        for rule in item.rules
        if isinstance(rule, Count)
        for cause in rule.causes
        if cause.forfeits and len(rule.causes) > 1
    }
    for sheet in sheets:
        for unit in _UNITS:
            for answer in responses(sheet, unit, "2026H1"):
                for cause, number in answer.counts.items():
                    assert number == Decimal(0) or (answer.item_id, cause) not in forfeiting
