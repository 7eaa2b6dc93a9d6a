"""Coverage before praise: who was not inspected, or too little, has no score, grade or rank in anything that is shown.

`READERS` enumerates all that show scores; each is searched for scores that should not be there, and for those that
should.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from command_reference import commands
from msgspec.structs import replace

from tests.factories.coverage import (
    BELOW,
    DRAFT,
    DRAFTED,
    ENOUGH,
    NAMES,
    SCORE,
    SO_FAR,
    UNTOUCHED,
    bank,
    mixed_bank,
    register,
    run,
    say,
    with_limits,
)
from tests.factories.inspections import DOMAIN, PERIOD
from tests.factories.readers import BANK_VIEWS, CARD_VIEWS, EXPLAINING, NO_SCORES, READERS, SCORE_READERS, command
from xiaobao.feature_list import named
from xiaobao.features.appraisal.sources import with_inspection
from xiaobao.model import to_plain
from xiaobao.pages import views
from xiaobao.pages.overview import board_data
from xiaobao.pages.views import bank as views_of_bank
from xiaobao.pages.views import bridge_steps as views_of_steps
from xiaobao.pages.views import card as views_of_card
from xiaobao.pages.views import first as views_first
from xiaobao.pages.views import ranking as views_of_ranking
from xiaobao.pages.views.view_model import View
from xiaobao.workbench.results.reading import overview, scorecard, scorecards, work_paper
from xiaobao.workbench.workspace import Workbench, open_workbench

SOURCE = Path(__file__).parents[1] / "xiaobao"


@pytest.fixture(scope="module")
def wb(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return mixed_bank(tmp_path_factory.mktemp("mixed") / "bank")


@pytest.fixture(scope="module")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """A bank of which nobody inspected anything."""
    wb = bank(tmp_path_factory.mktemp("nobody") / "bank")
    run(wb, *NAMES)
    return wb


BARE = {
    "page rolled",
    "what-if --json",
    "appraisal compute",
    "appraisal compute --json",
}  # these give coverage as a number, or none
MEANS = {"report half-year", "report annual"}  # the mean of all
SHARES = {"appraisal compute", "appraisal compute --json", "page rolled"}  # of an appraisal; none has others below


@pytest.mark.parametrize("reader", READERS)
def test_nothing_shows_a_score_of_a_unit_below_the_limit(wb: Workbench, reader: str) -> None:
    """At 59.9 % what was assessed came to 87.31, the draft that nobody handed in would come to 95.17."""
    shown = READERS[reader](wb)
    assert SO_FAR not in shown
    assert DRAFTED not in shown
    if reader in SCORE_READERS and reader not in SHARES:
        assert SCORE in shown  # at 60.0 % there is one
    if reader in SCORE_READERS and reader not in {*BARE, *MEANS}:
        assert "覆盖 59.9 %" in shown


@pytest.mark.parametrize("reader", EXPLAINING)
def test_what_the_assessed_part_came_to_is_called_so_where_it_is_explained(wb: Workbench, reader: str) -> None:
    shown = EXPLAINING[reader](wb).replace("\n", "")
    assert SO_FAR in shown and "已评部分" in shown and "覆盖 59.9 %" in shown
    assert DRAFTED not in shown


@pytest.mark.parametrize("reader", READERS)
def test_a_bank_that_nobody_inspected_is_praised_nowhere(nobody: Workbench, reader: str) -> None:
    shown = READERS[reader](nobody)
    for praise in ("100.00", "第 1 名", "没有扣分。", "没有检查发现。", "没有形成检查发现。", "各机构没有扣分"):
        assert praise not in re.sub(r"(投诉处理|·权重\n100\.00)\n100\.00", "", shown), praise  # but for its weight
    assert not any((row.total, row.grade, row.rank) != (None, "", None) for row in overview(nobody, PERIOD).rows)


def test_every_door_is_searched() -> None:
    """A command that prints figures, a kind of report, a view of a card or of the bank: none is left out."""
    told = {" ".join(words) for words, command in commands() if any("--json" in one.opts for one in command.params)}
    known = {name.removesuffix(" --json") for name in (*READERS, *EXPLAINING)}
    assert told - known - NO_SCORES == set()
    kinds = {"inspection", "summary", *named("reports")} - {"complaints"}  # that one tells of the ledger alone
    assert {f"report {kind}" for kind in kinds} <= set(READERS)
    drawn = {
        name
        for module in (views_of_bank, views_of_card, views_first, views_of_ranking, views_of_steps)
        for name, one in vars(module).items()
        if inspect.isfunction(one) and one.__module__ == module.__name__ and get_type_hints(one).get("return") is View
    }
    assert drawn == {*CARD_VIEWS, *BANK_VIEWS}


def test_the_one_inspected_outlet_is_first_of_one_and_the_others_are_a_list_of_their_own(wb: Workbench) -> None:
    board = overview(wb, PERIOD)
    rows = {row.unit.id: row for row in board.rows}
    assert {unit: (row.total, row.grade, row.rank) for unit, row in rows.items()} == {
        ENOUGH: (Decimal(SCORE), "A", 1),
        **dict.fromkeys((BELOW, DRAFT, UNTOUCHED), (None, "", None)),
    }
    assert {row.unit.id: row.standing for row in board.unscored} == {
        BELOW: "覆盖 59.9 %",
        DRAFT: "未检查",
        UNTOUCHED: "未检查",
    }
    every = board.groups[0]
    assert (every.units, every.scored, every.mean, every.grades) == (4, 1, Decimal(SCORE), {"A": 1, "B": 0})
    card = scorecard(wb, ENOUGH, PERIOD)
    assert (card.rank, card.peers, card.peer_median, card.total.coverage) == (1, 1, Decimal(SCORE), Decimal("60.00"))
    heading = repr(views.card_heading(card))
    assert "第 1 名（共 1 家）" in heading
    assert "60.00 %" in heading
    ranked, _, apart = repr(views.ranking_table(board)).partition("未检查和覆盖不足的机构")
    assert NAMES[ENOUGH] in ranked
    assert all(NAMES[unit] in apart and NAMES[unit] not in ranked for unit in (BELOW, DRAFT, UNTOUCHED))
    assert [row[0] for row in board_data(board)["unscored"]] == [DRAFT, UNTOUCHED, BELOW]


def test_the_coverage_stands_beside_the_score_in_the_same_size(wb: Workbench) -> None:
    html = views.card_heading(scorecard(wb, ENOUGH, PERIOD))._repr_html_()
    score, coverage = (html.index(f'<dd class="big">{text}') for text in (SCORE, "60.00 %"))
    assert score < coverage


def test_paper_and_explanation_alone_tell_what_the_assessed_part_came_to(wb: Workbench) -> None:
    paper = work_paper(wb, BELOW, PERIOD, DOMAIN)
    assert (paper.after.value, paper.after.so_far, paper.after.coverage) == (None, Decimal(SO_FAR), Decimal("59.90"))
    shown = repr(views.scores(paper))
    assert "已评部分（百分制，不是得分）：87.31" in shown
    assert "覆盖 59.9 %，不足 60 %" in shown
    assert "已评部分折合百分制 87.31 分" in repr(views.explanation(scorecard(wb, BELOW, PERIOD)))
    told = command(wb, "explain", "--period", PERIOD, "--unit", BELOW, "--domain", DOMAIN)
    assert "已评部分折合百分制 87.31 分" in told.replace("\n", "")


def test_a_draft_is_labelled_as_one_and_scores_nothing(wb: Workbench) -> None:
    paper = work_paper(wb, DRAFT, PERIOD, DOMAIN)
    assert (paper.after.value, paper.after.so_far, paper.after.coverage) == (None, None, Decimal(0))
    assert paper.findings == ()
    assert "草稿（未上报" in repr(views.heading(paper))
    assert "草稿：符合" in repr(views.responses(paper))
    assert {fact.reason for fact in paper.facts} >= {"草稿未上报，按未检查处理（已填“符合”）"}
    say(wb, DRAFT, {}, hand_in=True)
    assert str(work_paper(wb, DRAFT, PERIOD, DOMAIN).after.value) == DRAFTED
    scored = scorecards(wb, wb.campaign(PERIOD))
    assert scored[DRAFT].total.value is None  # what was recorded stands until the next run


def test_an_appraisal_takes_no_score_that_is_held_back(wb: Workbench) -> None:
    taken = {one.unit: one.inspection for one in with_inspection(wb, wb.campaign(PERIOD), (), PERIOD)}
    assert taken == {ENOUGH: Decimal(SCORE), BELOW: None, DRAFT: None, UNTOUCHED: None}


def test_json_of_an_appraisal_names_no_points_of_a_score_held_back(wb: Workbench) -> None:
    scores = json.loads(command(wb, "appraisal", "compute", "--period", PERIOD, "--json"))
    held = scores[BELOW]
    assert (held["value"], held["grade"], held["so_far"], held["trace"]) == (None, "", None, [])


def test_what_if_ranks_only_those_that_have_a_score(wb: Workbench) -> None:
    told = json.loads(command(wb, "what-if", "--period", PERIOD, "--weight", f"{DOMAIN}/c-rest=0", "--all", "--json"))
    rows: dict[str, Any] = {row["unit"]: row for row in told["rows"]}
    assert (rows[BELOW]["before"], rows[BELOW]["before_coverage"]) == (None, "59.90")
    assert (rows[BELOW]["after"], rows[BELOW]["after_coverage"]) == (SO_FAR, "99.83")  # 599 of 600
    assert (rows[ENOUGH]["before_rank"], rows[ENOUGH]["after_rank"], rows[BELOW]["after_rank"]) == (1, 1, 2)


@pytest.mark.parametrize(("total", "domain", "has_score"), [("59.9", "59.9", True), ("59.9", "59.91", False)])
def test_the_bank_sets_both_limits(tmp_path: Path, total: str, domain: str, has_score: bool) -> None:
    made = bank(tmp_path / "bank")
    say(made, BELOW, {"c-most": "76"})
    with_limits(made, total, domain)
    wb = open_workbench(made.home, made.actor)
    run(wb, BELOW)
    assert (scorecard(wb, BELOW, PERIOD).total.value is not None) is has_score


def test_what_an_older_version_recorded_opens_and_is_held_back_as_well(tmp_path: Path) -> None:
    """Version 0.2 recorded a score of 87.31 at 59.9 %, with neither its exact share nor a limit."""
    wb = bank(tmp_path / "bank")
    say(wb, BELOW, {"c-most": "76"})
    run(wb, BELOW)
    campaign = wb.campaign(PERIOD)
    [plain] = wb.store.scorecards(campaign.id).values()
    for score in (plain["total"], plain["total_before"], *(one[key] for one in plain["domains"] for key in ("after",))):
        for new in ("assessed", "least", "so_far"):
            score.pop(new, None)
        score |= {"value": SO_FAR, "unvetoed": SO_FAR, "grade": "B", "engine": "2/trial@1"}
    with wb.store.writing(wb.actor) as tx:
        tx.record_scorecard(campaign.id, BELOW, "old", plain | {"rank": 1, "peers": 1, "grade_label": "良好"})
    card = scorecards(wb, campaign)[BELOW]
    assert (card.total.value, card.total.grade, card.rank, card.grade_label) == (None, "", None, "")
    assert card.domains[0].after.value is None
    [row] = [row for row in overview(wb, PERIOD).rows if row.unit.id == BELOW]
    assert (row.total, row.rank, row.grade, row.shown_total) == (None, None, "", "覆盖 59.9 %")
    assert SO_FAR not in repr(views.ranking_table(overview(wb, PERIOD)))


# --- one place asks ---------------------------------------------------------------------------------------------------


def test_whoever_computes_a_score_says_how_much_must_be_assessed() -> None:
    """A caller that forgot the limit would praise: the calls are enumerated, and each names it."""
    callers: dict[str, int] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        if "xiaobao.scoring" not in (text := path.read_text("utf-8")):
            continue
        tree = ast.parse(text)
        names = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("xiaobao.scoring")
            for alias in node.names
            if alias.name in ("score", "total", "finish", "what_if", "self_evaluation", "appraise", "appraise_all")
        }
        for node in ast.walk(tree):
            called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if isinstance(node, ast.Call) and called in names and path.parent.name != "scoring":
                place = f"{path.relative_to(SOURCE)}:{node.lineno} {called}"
                limited = any(keyword.arg == "least" for keyword in node.keywords) or len(node.args) >= 6
                assert limited or called == "finish", place
                callers[str(path.relative_to(SOURCE))] = callers.get(str(path.relative_to(SOURCE)), 0) + 1
    assert set(callers) == {
        "features/appraisal/appraising.py",
        "features/appraisal/what_if.py",
        "features/self_evaluation/scoring.py",
        "paper/work_paper.py",
        "scorecard/card.py",
        "workbench/results/cards.py",
        "workbench/results/resolving.py",
        "workbench/versions/impact.py",
    }


def test_recorded_cards_are_read_where_they_are_held_back() -> None:
    found = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "from_plain(Scorecard" in path.read_text("utf-8") or "each_scorecard(" in path.read_text("utf-8")
    }
    assert found == {
        "store/reading.py",
        "workbench/results/cards.py",
        "workbench/results/reading.py",
        "features/scorecards/gathering.py",  # pages of files: held back once more
        "workbench/results/recording.py",  # the total before, for the history: as it was held back when recorded
    }


# --- which businesses a unit runs -------------------------------------------------------------------------------------


def test_an_empty_list_of_businesses_is_asked_for_and_everything_applies_until_it_is_answered(tmp_path: Path) -> None:
    wb = bank(tmp_path / "bank")
    [notice] = [n for n in register(wb, {**dict.fromkeys(NAMES, ""), ENOUGH: "储蓄"}, again=True) if "业务开办" in n]
    assert all(NAMES[unit] in notice for unit in (BELOW, DRAFT, UNTOUCHED))
    assert NAMES[ENOUGH] not in notice
    assert "没有开办的填“无”" in notice
    assert "xiaobao import units" in notice
    unknown, known = (wb.units(PERIOD)[unit] for unit in (BELOW, ENOUGH))
    assert not unknown.runs_none_of(("理财",))
    assert known.runs_none_of(("理财",))
    assert "未填业务开办清单" in repr(views.heading(work_paper(wb, BELOW, PERIOD, DOMAIN)))
    notices = register(wb, dict.fromkeys(NAMES, "无"), again=True)
    assert not any("业务开办" in notice for notice in notices)
    assert wb.units(PERIOD)[BELOW].runs_none_of(("理财",))


def plain_values(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from plain_values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from plain_values(inner)
    else:
        yield str(value)


def test_a_held_back_card_keeps_its_points_in_so_far_and_lines_alone(wb: Workbench) -> None:
    """Whatever reads `value`, `grade` or `rank` of a card finds nothing: no page can forget to ask."""
    card = scorecard(wb, BELOW, PERIOD)
    bare = replace(
        card,
        total=replace(card.total, so_far=None, trace=()),
        total_before=replace(card.total_before, so_far=None, trace=()),
        domains=tuple(
            replace(one, after=replace(one.after, so_far=None, trace=()), before=replace(one.before, so_far=None))
            for one in card.domains
        ),
    )
    assert SO_FAR not in set(plain_values(to_plain(bare)))
