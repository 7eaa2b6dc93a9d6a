"""A scorecard shows what was computed: ranks, medians and weighted losses of one unit, and the overview of all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from tests.factories.scoring import OUTLET, D, cause, count, filled, item, judged, scheme, section, sheet, told, untold
from xiaobao.checklist.models import Checklist
from xiaobao.model import (
    AppliedVeto,
    Conclusion,
    FactState,
    Finding,
    ItemFacts,
    Nature,
    Score,
    Severity,
    Stage,
    Unit,
    VetoEvent,
    canonical_json,
    from_json,
    from_plain,
    to_compact,
    to_plain,
)
from xiaobao.scorecard import (
    CardInputs,
    DomainResult,
    RecordedCard,
    Scorecard,
    Standing,
    build_card,
    empty_row,
    overview,
    overview_row,
    standings,
)
from xiaobao.scoring import score

PARTLY = Conclusion.PARTIALLY_COMPLIANT
WHOLE = sheet(
    section("S1", item("I1", "40", count(cause("late", "4"))), item("I2", "20", judged("20"))),
    section("S2", item("I3", "40", judged("40"))),
    vetoes=[{"id": "V", "event": "隐瞒投诉", "target": "S2", "effect": "zero"}],
)


def facts(late: int = 0, judged_: str = "0", *, na: bool = False) -> list[ItemFacts]:
    return [
        told("I1", PARTLY if late else Conclusion.COMPLIANT, counts={"late": D(late)}, reason="抽查", leads=("L1",)),
        told("I2", PARTLY if D(judged_) else Conclusion.COMPLIANT, deduction=D(judged_)),
        untold("I3") if na else told("I3"),
    ]


def both(*given: Any, **more: Any) -> DomainResult:
    """A domain result with the same score before and after."""
    return DomainResult(before=score(*given, Stage.BEFORE), after=score(*given, Stage.AFTER), **more)


def finding(id: str, severity: Severity, lost: str) -> Finding:
    return Finding(
        id=id,
        unit=OUTLET.id,
        period="2026H1",
        domain="complaints",
        item_id="I1",
        title="标题",
        nature=Nature.VIOLATION,
        severity=severity,
        criteria="",
        condition="",
        recommendation="",
        points_lost=D(lost),
    )


def inputs(**more: Any) -> CardInputs:
    results = {
        "disclosure": both(WHOLE, facts(0, "5", na=True), scheme()),  # 55 of 60
        "complaints": both(WHOLE, facts(3, "10"), scheme(), open_leads=2, confirmed_leads=3, refuted_leads=1),  # 78
    }
    return CardInputs(unit=OUTLET, period="2026H1", scheme=scheme(), results=results, **more)


def test_the_total_is_weighed_and_graded_and_both_stages_are_shown() -> None:
    card = build_card(inputs())
    assert card.total.value == card.total_before.value == D("83.47")  # 0.6 × 78 + 0.4 × 91.67 = 83.468
    assert (card.total.grade, card.grade_label) == ("B", "良好")
    assert (card.total.stage, card.total_before.stage) == (Stage.AFTER, Stage.BEFORE)
    assert {(one.after.stage, one.before.stage) for one in card.domains} == {(Stage.AFTER, Stage.BEFORE)}


def test_a_domain_whose_sheet_is_not_for_the_unit_is_neither_missing_nor_scored() -> None:
    """A department is inspected on one sheet: its total is that sheet's score, and nothing is provisional about it."""
    results = {"complaints": both(WHOLE, facts(3, "10"), scheme())}
    card = build_card(
        CardInputs(unit=OUTLET, period="2026H1", scheme=scheme(), results=results, not_for=("disclosure",))
    )
    assert card.total.value == card.total_before.value == 78
    assert (card.total.provisional, card.total.coverage) == (False, 100)
    assert [entry.domain for entry in card.domains] == ["complaints"]
    assert "检查表不适用于本机构的检查域：信息披露" in "".join(card.notes)
    missing = build_card(CardInputs(unit=OUTLET, period="2026H1", scheme=scheme(), results=results))
    assert (missing.total.value, missing.total.provisional) == (78, True)


def test_domains_stand_in_the_order_of_the_house_with_their_leads() -> None:
    card = build_card(inputs())
    assert [(entry.domain, entry.weight, entry.after.value) for entry in card.domains] == [
        ("disclosure", 40, D("91.67")),
        ("complaints", 60, 78),
    ]
    first = card.domains[1]
    assert (first.title, first.open_leads, first.confirmed_leads, first.refuted_leads) == ("投诉处理", 2, 3, 1)


def test_losses_come_dearest_first_in_points_of_the_total() -> None:
    losses = build_card(inputs()).losses
    assert [(loss.domain, loss.item_id, loss.lost, loss.of, loss.weighted) for loss in losses] == [
        ("complaints", "I1", 12, 40, D("7.20")),
        ("complaints", "I2", 10, 20, D("6.00")),
        ("disclosure", "I2", 5, 20, D("3.33")),  # 5 of the 60 that apply, × 40
    ]
    assert "“情形late” 3 次" in losses[0].explanation
    assert (losses[0].reason, losses[0].leads) == ("抽查", ("L1",))


def test_a_veto_is_a_loss_of_its_own_and_is_named_in_a_note() -> None:
    event = VetoEvent(veto_id="V", day=date(2026, 3, 1), description="谎报一件")
    after = score(WHOLE, facts(3), scheme(), Stage.AFTER, [event])
    before = score(WHOLE, facts(3), scheme(), Stage.BEFORE, [event])
    card = build_card(
        CardInputs(
            unit=OUTLET,
            period="2026H1",
            scheme=scheme(),
            results={"complaints": DomainResult(before=before, after=after)},
        )
    )
    assert card.total.value == 48
    assert [(loss.item_id, loss.title, loss.weighted) for loss in card.losses] == [
        ("S2", "一票否决", D("40.00")),
        ("I1", "检查项I1", D("12.00")),
    ]
    assert any("谎报一件" in note for note in card.notes)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(filled())
def test_weighted_losses_and_the_total_make_a_hundred_where_nothing_was_clamped(
    drawn: tuple[Checklist, tuple[ItemFacts, ...]],
) -> None:
    checklist, given_facts = drawn
    result = both(checklist, given_facts, scheme())
    card = build_card(CardInputs(unit=OUTLET, period="2026H1", scheme=scheme(), results={"complaints": result}))
    if card.total.value is None:
        assert card.losses == ()
    elif all(line.kind not in ("clamp", "cap", "pool") for line in result.after.trace):
        lost = sum((loss.weighted for loss in card.losses), D(0))
        assert abs(100 - card.total.value - lost) <= D("0.01") * (len(card.losses) + 1)


def test_rank_and_median_come_from_the_scored_units_of_the_level_and_a_note_says_so() -> None:
    """A department with the best sheet of all takes no outlet's place."""
    levels = dict.fromkeys(("B01", "B02", "B03", "B04", "B05"), "outlet") | {"D01": "department"}
    shown = {"B01": D("83.47"), "B02": D(90), "B03": D(90), "B04": D("70.01"), "B05": None, "D01": D(99)}
    placed = standings(shown, levels, {})
    assert placed["D01"] == Standing(rank=1, peers=1, median=D(99))
    assert placed["B01"] == Standing(rank=3, peers=4, median=D("86.735"))
    assert "B05" not in placed
    card = build_card(inputs(standing=placed["B01"], previous=D(80), previous_rank=2, history=(("2025H2", D(80)),)))
    assert (card.rank, card.peers, card.peer_median) == (3, 4, D("86.735"))
    assert (card.previous, card.previous_rank) == (80, 2)
    assert card.trend == (("2025H2", D(80)), ("2026H1", D("83.47")))
    assert "同层级（支行）受检机构，共 4 家" in card.notes[0]
    assert standings({"B05": None}, levels, {}) == {}


def test_before_the_peers_are_in_there_is_no_rank() -> None:
    assert (build_card(inputs()).rank, build_card(inputs()).peers, build_card(inputs()).peer_median) == (None, 0, None)


def test_without_a_score_there_is_no_rank_whatever_the_peers() -> None:
    idle = both(
        WHOLE, [untold("I1"), untold("I2"), untold("I3")], scheme(), standing=Standing(rank=1, peers=2, median=D(80))
    )
    card = build_card(
        CardInputs(
            unit=OUTLET,
            period="2026H1",
            scheme=scheme(),
            results={"complaints": idle},
            standing=Standing(rank=1, peers=2, median=D(80)),
        )
    )
    assert (card.total.value, card.rank, card.domains[0].rank) == (None, None, None)


def test_notes_name_missing_domains_and_what_is_still_open() -> None:
    open_ = both(WHOLE, [*facts()[:2], untold("I3", FactState.PENDING)], scheme())
    notes = "".join(
        build_card(CardInputs(unit=OUTLET, period="2026H1", scheme=scheme(), results={"complaints": open_})).notes
    )
    assert "尚无结果的检查域：信息披露" in notes
    assert "投诉处理为暂定得分：待核实 1 项" in notes


def test_findings_come_by_severity_then_by_points() -> None:
    given_ = (finding("F1", Severity.LOW, "9"), finding("F2", Severity.HIGH, "1"), finding("F3", Severity.HIGH, "2"))
    result = both(WHOLE, facts(), scheme(), findings=given_)
    card = build_card(CardInputs(unit=OUTLET, period="2026H1", scheme=scheme(), results={"complaints": result}))
    assert [entry.id for entry in card.findings] == ["F3", "F2", "F1"]
    assert card.domains[0].findings == 3


def test_plain_json_is_enough_to_build_the_same_card_again() -> None:
    given_ = inputs(standing=Standing(rank=1, peers=3, median=D(80)), history=(("2025H2", None),))
    again = from_plain(CardInputs, to_plain(given_))
    assert build_card(again) == build_card(given_)
    assert canonical_json(to_plain(build_card(again))) == canonical_json(to_plain(build_card(given_)))
    assert from_plain(Scorecard, to_plain(build_card(given_))) == build_card(given_)


# --- overview -----------------------------------------------------------------------------------------------------


def unit(id: str, level: str, region: str) -> Unit:
    return Unit(id=id, name=f"机构{id}", level=level, parent="HO", region=region)


def card_of(unit_: Unit, late: int) -> Scorecard:
    results = {name: both(WHOLE, facts(late), scheme(), open_leads=1) for name in ("complaints", "disclosure")}
    results["complaints"] = both(
        WHOLE, facts(late), scheme(), open_leads=1, findings=(finding("F", Severity.HIGH, "4"),)
    )
    return build_card(CardInputs(unit=unit_, period="2026H1", scheme=scheme(), results=results, previous=D(80)))


EAST, WEST, SOUTH = unit("B1", "branch", "东区"), unit("B2", "outlet", "西区"), unit("B3", "outlet", "东区")


@pytest.fixture
def board() -> Any:
    rows = [overview_row(card_of(EAST, 2)), overview_row(card_of(WEST, 5)), empty_row(SOUTH, ["信息披露", "投诉处理"])]
    rows.append(overview_row(card_of(unit("B4", "outlet", "西区"), 2), missing=["信息披露"]))
    return overview("示例银行", "2026H1", scheme(), rows)


def test_a_line_of_the_overview_needs_of_a_recorded_card_only_what_its_short_form_reads() -> None:
    struck = replace(
        card_of(EAST, 2).total,
        vetoes=(
            AppliedVeto(
                veto_id="V1",
                target="total",
                effect="zero",
                grade="",
                event=VetoEvent(veto_id="V1", day=date(2026, 3, 1), description=""),
            ),
        ),
    )
    for card in (card_of(EAST, 2), card_of(WEST, 5), replace(card_of(EAST, 2), total=struck)):
        recorded = from_json(RecordedCard, canonical_json({"scorecard": to_compact(card)}))
        assert overview_row(recorded.scorecard) == overview_row(card)


def test_the_overview_ranks_the_scored_units_of_each_level_and_names_the_others(board: Any) -> None:
    assert [(row.unit.id, row.total, row.rank) for row in board.rows] == [
        ("B1", 92, 1),
        ("B4", 92, 1),
        ("B2", 80, 2),
        ("B3", None, None),
    ]
    assert board.rows[3].missing == ("信息披露", "投诉处理")
    assert "分行 1 家、网点 2 家" in board.notes[0]
    assert "1 家机构没有得分" in board.notes[2]


def test_a_row_carries_leads_findings_and_the_former_total(board: Any) -> None:
    row = board.rows[0]
    assert (row.open_leads, row.high_findings, row.findings, row.previous) == (2, 1, 1, 80)
    assert row.domains == {"complaints": 92, "disclosure": 92}
    assert board.domain_titles == {"complaints": "投诉处理", "disclosure": "信息披露"}


def test_every_filter_group_comes_counted(board: Any) -> None:
    found = {group.key: group for group in board.groups}
    assert list(found) == ["all", "level:branch", "level:outlet", "region:东区", "region:西区"]
    everyone = found["all"]
    assert (everyone.units, everyone.scored, everyone.mean, everyone.median) == (4, 3, D("88.00"), 92)
    assert everyone.grades == {"A": 2, "B": 1, "C": 0, "D": 0}
    assert (found["level:outlet"].mean, found["level:outlet"].median) == (86, 86)
    assert (found["region:东区"].units, found["region:东区"].scored) == (2, 1)


def test_a_group_without_scores_has_neither_mean_nor_median() -> None:
    board = overview("示例银行", "2026H1", scheme(), [empty_row(SOUTH, [])])
    assert (board.groups[0].mean, board.groups[0].median, board.groups[0].scored) == (None, None, 0)


def test_a_score_is_a_score_before_and_after_json() -> None:
    result = score(WHOLE, facts(3, "10"), scheme(), Stage.AFTER)
    assert from_plain(Score, to_plain(result)) == result


def test_means_say_that_vetoed_units_count_with_what_the_veto_left() -> None:
    struck = replace(card_of(EAST, 2).total, value=D(0), vetoes=(applied_veto(),))
    rows = [overview_row(replace(card_of(EAST, 2), total=struck)), overview_row(card_of(WEST, 5))]
    board = overview("示例银行", "2026H1", scheme(), rows)
    assert board.groups[0].mean == 40
    assert "平均分、中位数和名次计入 1 家触发一票否决的机构，取否决后的得分。" in board.notes


def applied_veto() -> AppliedVeto:
    return AppliedVeto(
        veto_id="V",
        target="total",
        effect="zero",
        grade="",
        event=VetoEvent(veto_id="V", day=date(2026, 3, 1), description="隐瞒重大投诉"),
        unvetoed=D(92),
    )
