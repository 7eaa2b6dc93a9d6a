"""A score that is not the last word says so wherever it stands.

未更新 after a failed paper, 草稿 before the hand-in, 旧数据 while nobody has answered what newer data ask.

And `run --domain` leaves one answer to one question: what was recorded of a unit as a whole follows its papers.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.factories.answering import record_card, record_paper
from tests.factories.coverage import BELOW, ENOUGH, NAMES, SCORE, UNTOUCHED, bank, run, say
from tests.factories.inspections import DOMAIN, PERIOD
from tests.factories.readers import SCORE_READERS, command, issued, written
from tests.factories.workspaces import replace_notebook, result_cell
from xiaobao.batch.journal import read_status
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.features.head_office.page import open_head_office
from xiaobao.features.head_office.view import bank_first
from xiaobao.model import Actor, Conclusion, Response, RunStatus
from xiaobao.pages import views
from xiaobao.paper.frozen import input_digest
from xiaobao.publishing import publish_summary
from xiaobao.store.models import DataChange, Question, RunRecord
from xiaobao.workbench.from_workspace import open_scorecard
from xiaobao.workbench.places import paper_name
from xiaobao.workbench.results.questions import keep_sheet
from xiaobao.workbench.results.reading import frozen_scorecard, overview, scorecard, scorecards
from xiaobao.workbench.results.recording import record_runs
from xiaobao.workbench.workspace import Workbench, open_workbench

pytestmark = pytest.mark.usefixtures("shared_zygote")

WHY = "数据文件已被改动"
REVIEWER = Actor(name="李四", verified=True)
# every place where the old score of one unit stands
DOORS = {
    "overview board": SCORE_READERS["board"],
    "head office page": SCORE_READERS["page ranking_table"],
    "head office page in HTML": lambda wb: views.ranking_table(overview(wb, PERIOD))._repr_html_(),
    "card page": lambda wb: "".join(
        repr(draw(scorecard(wb, ENOUGH, PERIOD))) for draw in (views.card_heading, views.domains)
    ),
    "summary workbook": lambda wb: written(wb, "汇总", lambda path: publish_summary(wb, PERIOD, path)),
    "inspection report": lambda wb: issued("inspection", wb, ENOUGH),
    "appraisal circular": lambda wb: issued("appraisal", wb),
    "explain": lambda wb: command(wb, "explain", "--period", PERIOD, "--unit", ENOUGH),
    "explain --json": lambda wb: command(wb, "explain", "--period", PERIOD, "--unit", ENOUGH, "--json"),
    "explain a domain": lambda wb: command(wb, "explain", "--period", PERIOD, "--unit", ENOUGH, "--domain", DOMAIN),
}


def fail(wb: Workbench, unit: str) -> None:
    """Record that the unit's paper failed, as a run would."""
    campaign = wb.campaign(PERIOD)
    run_record = RunRecord(
        campaign_id=campaign.id,
        unit=unit,
        notebook=paper_name(DOMAIN),
        digest="e",
        status=RunStatus.FAILED,
        error=f"{WHY}\n（第 3 个单元）",
        started=datetime(2026, 7, 6, tzinfo=UTC),
        seconds=1.0,
        paper="",
        paper_sha256="",
    )
    record_runs(wb, campaign, [(run_record, None)])


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """One unit with a good score whose paper failed since, one that failed before it had any."""
    wb = bank(tmp_path_factory.mktemp("failed") / "bank")
    say(wb, ENOUGH, {"c-most": "60", "c-little": "0"})
    run(wb, ENOUGH, BELOW)
    fail(wb, ENOUGH)
    fail(wb, UNTOUCHED)
    return wb


@pytest.mark.parametrize("door", DOORS)
def test_the_score_of_an_earlier_run_never_stands_unmarked(failed: Workbench, door: str) -> None:
    shown = DOORS[door](failed)
    assert "未更新" in shown
    assert "运行失败" in shown


@pytest.mark.parametrize("door", ["overview board", "head office page", "head office page in HTML", "card page"])
def test_the_mark_stands_at_the_very_score(failed: Workbench, door: str) -> None:
    assert f"{SCORE}（未更新）" in DOORS[door](failed)


def test_a_failed_paper_shows_on_overview_card_and_head_office_page(failed: Workbench) -> None:
    whole = overview(failed, PERIOD)
    rows = {row.unit.id: row for row in whole.rows}
    assert (rows[ENOUGH].shown_total, rows[ENOUGH].shown_domain(DOMAIN)) == (f"{SCORE}（未更新）",) * 2
    assert rows[ENOUGH].warnings == rows[UNTOUCHED].warnings == ("底稿运行失败：投诉处理",)
    assert (rows[UNTOUCHED].marks, rows[BELOW].marks) == ("", "")
    assert any("2 家机构有底稿运行失败" in note for note in whole.notes)
    waiting = repr(views.progress(whole))
    assert NAMES[ENOUGH] in waiting and "底稿运行失败" in waiting
    card = scorecard(failed, ENOUGH, PERIOD)
    assert (card.marks, card.domains[0].failed) == ("（未更新）", WHY)
    assert any(WHY in note and "此前运行的结果" in note for note in card.notes)
    [told] = [one for one in read_status(failed, failed.campaign(PERIOD)).failed if one.unit == ENOUGH]
    assert told.error.startswith(WHY)


def test_a_paper_that_runs_again_takes_the_mark_away(tmp_path: Path) -> None:
    wb = bank(tmp_path / "bank")
    say(wb, ENOUGH, {"c-most": "60", "c-little": "0"})
    run(wb, ENOUGH)
    fail(wb, ENOUGH)
    campaign = wb.campaign(PERIOD)
    [failure] = [one for one in wb.store.runs(campaign.id, ENOUGH).values() if one.status is RunStatus.FAILED]
    record_runs(wb, campaign, [(replace(failure, status=RunStatus.DONE, error=""), None)])
    assert scorecard(wb, ENOUGH, PERIOD).marks == ""
    assert [row.shown_total for row in overview(wb, PERIOD).rows if row.unit.id == ENOUGH] == [SCORE]


# --- every door, all three marks at once ------------------------------------------------------------------------------

# the readers that write scores as texts: there the mark stands at the very score. In Excel a number is a number, and
# the mark stands in a cell of its own line.
AT_THE_SCORE = ("page ranking_table", "bank pages", "bank pages in HTML", "board", "visit dossier", "what-if")
# no unit has a score there: the other parts of the appraisal have no data
WITHOUT_SCORES = ("last lines", "appraisal compute")
MARKED = {ENOUGH: (SCORE, "未更新"), BELOW: ("81.67", "草稿"), UNTOUCHED: ("80.00", "旧数据")}


def ask(wb: Workbench, unit: str) -> None:
    """Put the question that newer data raise about the unit's sheet."""
    record = wb.store.inspection(wb.campaign(PERIOD).id, unit, DOMAIN)
    assert record is not None
    change = DataChange(dataset="complaints", before="a" * 64, rows_before=1, now="b" * 64, rows_now=2)
    with wb.store.writing(REVIEWER) as tx:
        tx.save_question(
            Question(inspection_id=record.id, state="open", day=date(2026, 7, 6), data=(change,), checks=())
        )


def send_back(wb: Workbench, unit: str) -> None:
    record = wb.store.inspection(wb.campaign(PERIOD).id, unit, DOMAIN)
    assert record is not None
    with wb.store.writing(REVIEWER) as tx:
        tx.set_state(record.id, "returned", record.revision, "缺佐证")


@pytest.fixture(scope="module")
def reserved(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """One unit whose paper failed, one whose sheet was returned, one whose data were renewed; none for any other."""
    wb = bank(tmp_path_factory.mktemp("reserved") / "bank")
    for unit, lost in ((ENOUGH, "60"), (BELOW, "110"), (UNTOUCHED, "120")):
        say(wb, unit, {"c-most": lost, "c-little": "0"})
    run(wb, *NAMES)
    fail(wb, ENOUGH)
    send_back(wb, BELOW)
    ask(wb, UNTOUCHED)
    return wb


@pytest.fixture(scope="module")
def shown_at(reserved: Workbench) -> Callable[[str], str]:
    """What a door says; each is opened once."""
    return cache(lambda door: SCORE_READERS[door](reserved))


@pytest.mark.parametrize("door", [name for name in SCORE_READERS if name not in WITHOUT_SCORES])
def test_every_door_that_shows_a_score_says_what_keeps_it_from_being_the_last_word(
    shown_at: Callable[[str], str], door: str
) -> None:
    shown = shown_at(door)
    for score, mark in MARKED.values():
        assert mark in shown, (door, mark)
        if door in AT_THE_SCORE:
            after = [part[:20] for part in shown.split(score)[1:]]
            bare = [part for part in after if mark not in part[:10] and not part.startswith("（含未更新 1 家")]
            assert not bare, (door, score, bare)


def test_means_and_medians_say_how_many_of_their_scores_are_not_the_last_word(
    reserved: Workbench, shown_at: Callable[[str], str]
) -> None:
    behind = "（含未更新 1 家、草稿 1 家、旧数据 1 家）"
    whole = overview(reserved, PERIOD)
    assert whole.groups[0].marks == behind
    mean = f"{whole.groups[0].mean}{behind}"
    for door in ("bank pages", "board", "static pages", "report half-year", "report annual", "report appraisal"):
        assert mean in shown_at(door), door
    assert behind in shown_at("report self-evaluation")
    assert behind.strip("（）") in shown_at("report summary")


def test_rank_and_median_on_the_card_and_in_the_report_of_another_unit_say_it_too(reserved: Workbench) -> None:
    """Of the unit whose own score is not in doubt, and of those that are."""
    behind = "（含未更新 1 家、草稿 1 家、旧数据 1 家）"
    for unit in (BELOW, UNTOUCHED):
        card = scorecard(reserved, unit, PERIOD)
        assert (card.peer_marks, card.domains[0].peer_marks) == (behind, behind)
        assert f"共 {card.peers} 家{behind}" in "".join(card.notes)
        assert scorecards(reserved, reserved.campaign(PERIOD))[unit].peer_marks == behind
        shown = views.card_heading(card)._repr_html_() + views.domains(card)._repr_html_()
        assert shown.count(f"{card.peer_median:.2f}{behind}") == 2
        assert f"{card.peer_median:.2f}{behind}" in repr(views.first_screen(card))
    assert behind in issued("inspection", reserved, BELOW)


def test_a_run_makes_the_cards_of_other_units_anew_and_until_then_their_papers_are_named(tmp_path: Path) -> None:
    wb = bank(tmp_path / "bank")
    for unit, lost in ((ENOUGH, "60"), (BELOW, "110")):
        say(wb, unit, {"c-most": lost, "c-little": "0"})
    run(wb, ENOUGH, BELOW)

    def digest() -> str:
        return input_digest(frozen_scorecard(wb, BELOW, PERIOD), "")

    made, whole = digest(), overview(wb, PERIOD)
    assert whole.placed_before == ()
    assert "较早的结果" not in "".join(whole.notes) + repr(
        bank_first(open_head_office(period=PERIOD, workspace=str(wb.home)))
    )
    fail(wb, ENOUGH)
    assert digest() != made
    whole = overview(wb, PERIOD)
    assert BELOW in whole.placed_before
    assert any("底稿所载名次和中位数依据较早的结果" in note and BELOW in note for note in whole.notes)
    assert "较早的结果" in repr(bank_first(open_head_office(period=PERIOD, workspace=str(wb.home))))
    card = open_scorecard(unit=BELOW, period=PERIOD, workspace=str(wb.home))
    told = card.around.older_paper if card.around else ""
    assert "同层级中位数 85.84（现在 85.84（含未更新 1 家））" in told and "以本页为准" in told
    assert told in repr(views.first_screen(card))
    for unit in (ENOUGH, BELOW):
        record_card(wb, unit, PERIOD)
    assert overview(wb, PERIOD).placed_before == ()
    card = open_scorecard(unit=BELOW, period=PERIOD, workspace=str(wb.home))
    assert card.around is not None and card.around.older_paper == ""


def test_a_published_appraisal_keeps_what_its_scores_rested_on(reserved: Workbench) -> None:
    told = json.loads(command(reserved, "appraisal", "compute", "--period", PERIOD, "--json"))
    assert {unit: told[unit]["marks"] for unit in MARKED} == {
        ENOUGH: "（未更新）",
        BELOW: "（含草稿）",
        UNTOUCHED: "（含旧数据）",
    }
    assert "3 家的检查得分有保留" in command(reserved, "appraisal", "publish", "--period", PERIOD)
    assert json.loads(command(reserved, "appraisal", "show", "--period", PERIOD, "--json"))["figures"]


def test_an_answered_question_takes_the_mark_away_and_the_card_still_says_on_which_data_it_rests(
    tmp_path: Path,
) -> None:
    wb = bank(tmp_path / "bank")
    say(wb, ENOUGH, {"c-most": "60", "c-little": "0"})
    run(wb, ENOUGH)
    ask(wb, ENOUGH)
    assert scorecard(wb, ENOUGH, PERIOD).marks == "（含旧数据）"
    assert scorecards(wb, wb.campaign(PERIOD))[ENOUGH].domains[0].marks == "（旧数据）"
    reviewer = open_workbench(wb.home, REVIEWER)
    keep_sheet(reviewer, wb.campaign(PERIOD), ENOUGH, DOMAIN, "新数据只补录了备注")
    assert scorecard(wb, ENOUGH, PERIOD).marks == scorecards(wb, wb.campaign(PERIOD))[ENOUGH].marks == ""
    assert [row.marks for row in overview(wb, PERIOD).rows if row.unit.id == ENOUGH] == [""]


# --- 草稿 -----------------------------------------------------------------------------------------------------------


def test_a_returned_sheet_is_labelled_a_draft_wherever_its_score_still_stands(tmp_path: Path) -> None:
    wb = bank(tmp_path / "bank")
    say(wb, ENOUGH, {"c-most": "60", "c-little": "0"})
    run(wb, ENOUGH)
    send_back(wb, ENOUGH)
    row = next(row for row in overview(wb, PERIOD).rows if row.unit.id == ENOUGH)
    assert row.shown_domain(DOMAIN) == f"{SCORE}（草稿）"
    assert row.warnings == ("草稿（未上报）：投诉处理",)
    card = scorecard(wb, ENOUGH, PERIOD)
    assert card.domains[0].marks == "（草稿）" and any("是草稿（未上报）" in note for note in card.notes)
    for door in ("card page", "summary workbook", "inspection report", "appraisal circular", "head office page"):
        assert "草稿" in DOORS[door](wb), door
    told = json.loads(command(wb, "explain", "--period", PERIOD, "--unit", ENOUGH, "--domain", DOMAIN, "--json"))
    assert told["marks"] == "（草稿）"


def test_drafts_never_raise_measures(tmp_path: Path) -> None:
    """Points lost on a sheet in the making, and on one that is handed in but not reviewed, are no findings."""
    wb = bank(tmp_path / "bank")
    say(wb, ENOUGH, {"c-most": "60", "c-little": "0"}, hand_in=False)
    run(wb, ENOUGH)
    proposed = ("actions", "propose", "--period", PERIOD)
    listed = ("actions", "list", "--period", PERIOD, "--json")
    for state in ("filled", "handed in"):
        command(wb, *proposed)
        assert json.loads(command(wb, *listed)) == [], state
        assert json.loads(command(wb, "findings", "list", "--period", PERIOD, "--json")) == [], state
        if state == "filled":
            record = wb.store.inspection(wb.campaign(PERIOD).id, ENOUGH, DOMAIN)
            assert record is not None
            with wb.store.writing(Actor(name="张三", verified=True)) as tx:
                tx.set_state(record.id, "submitted", record.revision)
            run(wb, ENOUGH)
    record = wb.store.inspection(wb.campaign(PERIOD).id, ENOUGH, DOMAIN)
    assert record is not None
    with wb.store.writing(REVIEWER) as tx:
        tx.set_state(record.id, "reviewed", record.revision)
    run(wb, ENOUGH)
    command(wb, *proposed)
    assert json.loads(command(wb, *listed)), "a reviewed loss is a finding, and asks for a measure"


# --- one question, one answer ---------------------------------------------------------------------------------------


def test_what_reports_and_lists_read_follows_the_newest_result(tmp_path: Path) -> None:
    """As after a run of one domain that was stopped before the cards: ranks and totals are those of the results."""
    wb = bank(tmp_path / "bank")
    say(wb, ENOUGH, {"c-most": "60", "c-little": "0"})
    say(wb, BELOW, {"c-most": "100", "c-little": "0"})
    run(wb, ENOUGH, BELOW)
    campaign = wb.campaign(PERIOD)
    assert [scorecards(wb, campaign)[unit].rank for unit in (ENOUGH, BELOW)] == [1, 2]
    record = wb.store.inspection(campaign.id, ENOUGH, DOMAIN)
    assert record is not None
    with wb.store.writing(REVIEWER) as tx:
        tx.set_state(record.id, "returned", record.revision, "漏扣")
    answer = Response(
        item_id="c-most", conclusion=Conclusion.PARTIALLY_COMPLIANT, deduction=Decimal(300), reason="补扣", revision=1
    )
    with wb.store.writing(Actor(name="张三", verified=True)) as tx:
        tx.save_responses(record.id, [answer])
        again = wb.store.inspection(campaign.id, ENOUGH, DOMAIN)
        assert again is not None
    with wb.store.writing(Actor(name="张三", verified=True)) as tx:
        again = wb.store.inspection(campaign.id, ENOUGH, DOMAIN)
        assert again is not None
        tx.set_state(record.id, "submitted", again.revision)
    record_paper(wb, ENOUGH, PERIOD)
    cards = scorecards(wb, campaign)
    assert str(cards[ENOUGH].total.value) == "50.00"
    assert [cards[unit].rank for unit in (ENOUGH, BELOW)] == [2, 1]
    rows = {row.unit.id: row for row in overview(wb, PERIOD).rows}
    assert (str(rows[ENOUGH].total), rows[ENOUGH].rank, rows[BELOW].rank) == ("50.00", 2, 1)
    for door in ("summary workbook", "appraisal circular", "inspection report", "overview board", "head office page"):
        shown = DOORS[door](wb)
        assert "50.00" in shown, door
        assert SCORE not in shown, door
    record_card(wb, ENOUGH, PERIOD)
    assert scorecards(wb, campaign) == cards


@pytest.fixture
def bench(seeded_workspace: Path, tmp_path: Path) -> Workbench:
    home = tmp_path / "bank"
    shutil.copytree(seeded_workspace, home)
    return open_workbench(home)


def test_a_run_of_one_domain_makes_the_cards_of_its_units_anew(bench: Workbench) -> None:
    """Of units that have a card; one domain alone makes nobody a first one."""
    replace_notebook(bench.home, "4_complaints", result_cell("complaints"))
    [campaign] = bench.store.campaigns()
    only = RunOptions(domains=("complaints",), jobs=2)
    first = run_campaign(bench, campaign, only)
    assert first.done and bench.store.units_with_card(campaign.id) == set()
    unit = max(bench.units(campaign.period))
    record_card(bench, unit, campaign.period)
    again = run_campaign(bench, campaign, RunOptions(domains=("complaints",), jobs=2, rerun="all"))
    assert again.planned == first.planned + 1
    assert (unit, "6_scorecard") in bench.store.runs(campaign.id, unit)
