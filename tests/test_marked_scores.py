"""A score that is not the last word says so wherever it stands: 未更新 after a failed paper, 草稿 before the hand-in.

And `run --domain` leaves one answer to one question: what was recorded of a unit as a whole follows its papers.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.factories.answering import record_card, record_paper
from tests.factories.coverage import BELOW, ENOUGH, NAMES, SCORE, UNTOUCHED, bank, run, say
from tests.factories.inspections import DOMAIN, PERIOD
from tests.factories.readers import SCORE_READERS, command, issued, written
from tests.factories.workspaces import replace_notebook, result_cell
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.batch.status import read_status
from xiaobao.model import Actor, Conclusion, Response, RunStatus
from xiaobao.pages import views
from xiaobao.publishing import publish_summary
from xiaobao.store.records import RunRecord
from xiaobao.workbench.paper_names import paper_of
from xiaobao.workbench.results.reading import overview, scorecard, scorecards
from xiaobao.workbench.results.recording import record_runs
from xiaobao.workbench.workspace import Workbench, open_workbench

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
        notebook=paper_of(DOMAIN),
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


# --- 草稿 -----------------------------------------------------------------------------------------------------------


def test_a_returned_sheet_is_labelled_a_draft_wherever_its_score_still_stands(tmp_path: Path) -> None:
    wb = bank(tmp_path / "bank")
    say(wb, ENOUGH, {"c-most": "60", "c-little": "0"})
    run(wb, ENOUGH)
    campaign = wb.campaign(PERIOD)
    record = wb.store.inspection(campaign.id, ENOUGH, DOMAIN)
    assert record is not None
    with wb.store.writing(REVIEWER) as tx:
        tx.set_state(record.id, "returned", record.revision, "缺佐证")
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
