"""The score by leads and the score by decisions never change places: only the second one ranks."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.factories.reports import paper, scorecard
from tests.factories.scoring import OUTLET, D, cause, count, item, scheme, section, sheet
from tests.factories.store import FILLER, make_score, open_campaign
from xiaobao.errors import InputError
from xiaobao.model import CheckResult, CheckStatus, Disposition, Lead, LeadDecision, Period, Score, Stage
from xiaobao.policies import Policies
from xiaobao.scoring import gather_facts, score
from xiaobao.store import Store
from xiaobao.workbench.results.recording import PaperResult, parse_result

LATE = "complaints.overdue"
BY_DATA = sheet(section("S", item("I", "10", count(cause(LATE, "2")), answered_by="data", checks=(LATE,))))


def both(*decided: Disposition) -> tuple[Score, Score]:
    """Score a sheet of 10 points on as many leads as there are decisions, 2 points each, before and after them."""
    leads = tuple(
        Lead(id=f"L{n}", check_id=LATE, item_id="I", unit=OUTLET.id, period="2026H1", summary="超期", record={})
        for n in range(len(decided))
    )
    found = CheckResult(check_id=LATE, status=CheckStatus.LEADS, population=40, hits=len(leads), leads=leads)
    said = {f"L{n}": LeadDecision(lead_id=f"L{n}", decided=one) for n, one in enumerate(decided)}
    before, after = (
        score(
            BY_DATA,
            gather_facts(BY_DATA, OUTLET, Period.parse("2026H1"), {}, [found], said, stage, Policies()),
            scheme(),
            stage,
        )
        for stage in Stage
    )
    return before, after


@pytest.mark.parametrize(
    ("decided", "before", "after"),
    [
        ((Disposition.CONFIRMED, Disposition.CONFIRMED), "60.00", "60.00"),
        ((Disposition.CONFIRMED, Disposition.PARTLY), "60.00", "70.00"),
        ((Disposition.CONFIRMED, Disposition.REFUTED), "80.00", "80.00"),
    ],
)
def test_partly_right_moves_the_second_score_alone_and_a_refuted_lead_costs_in_neither(
    decided: tuple[Disposition, ...], before: str, after: str
) -> None:
    scores = both(*decided)
    assert [one.stage for one in scores] == [Stage.BEFORE, Stage.AFTER]
    assert [one.value for one in scores] == [D(before), D(after)]


def test_a_paper_with_its_two_scores_exchanged_cannot_be_made() -> None:
    made = paper()
    with pytest.raises(ValueError, match="before 处的得分是 after；after 处的得分是 before"):
        replace(made, before=made.after, after=made.before)


def swapped(result: dict[str, Any], one: str, other: str) -> dict[str, Any]:
    return {**result, one: result[other], other: result[one]}


def test_a_result_with_its_two_scores_exchanged_is_no_result() -> None:
    """What a notebook emits is read before anything is stored: a paper, a card's total and a card's domains."""
    emitted = paper().result()
    read = parse_result(emitted, emitted["unit"], emitted["period"])
    assert isinstance(read, PaperResult)
    assert (read.before.stage, read.after.stage) == (Stage.BEFORE, Stage.AFTER)
    with pytest.raises(ValueError, match="前后的位置不符"):
        parse_result(swapped(emitted, "before", "after"), emitted["unit"], emitted["period"])
    told = scorecard().result()
    assert parse_result(told, told["unit"], told["period"])
    card = told["card"]
    domain = swapped(card["domains"][0], "before", "after")
    for wrong in (swapped(card, "total", "total_before"), {**card, "domains": [domain, *card["domains"][1:]]}):
        with pytest.raises(ValueError, match="前后的位置不符"):
            parse_result({**told, "card": wrong}, told["unit"], told["period"])


def test_the_store_takes_no_score_in_the_place_of_the_other(store: Store) -> None:
    [inspection] = open_campaign(store)
    before, after = make_score("80.00", Stage.BEFORE), make_score()
    with pytest.raises(InputError, match="after 处的得分是 before"), store.writing(FILLER) as tx:
        tx.record_result(inspection.id, "d", after, before, (), ())
    assert store.results(1) == {}
    with store.writing(FILLER) as tx:
        tx.record_result(inspection.id, "d", before, after, (), ())
    assert [one.after.value for one in store.results(1).values()] == [D("91.50")]
