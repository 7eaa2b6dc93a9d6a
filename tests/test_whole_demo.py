"""`xiaobao demo` from extracts to scorecards: what it must show, and what the next run must leave alone."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.factories.workspaces import DEMO_UNITS as UNITS
from tests.factories.workspaces import printed_of, xiaobao
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.demo.staff import acting_as
from xiaobao.features.appraisal.page import AppraisalPage
from xiaobao.features.appraisal.verbs import find_appraisal
from xiaobao.features.head_office.page import open_head_office
from xiaobao.features.my_work.my_work import my_work
from xiaobao.forms.page_choice import PageChoice
from xiaobao.model import Role
from xiaobao.paper.frozen import write_frozen
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections.filling import open_form, progress
from xiaobao.workbench.places import NOTEBOOKS, SCORECARD
from xiaobao.workbench.results.questions import return_sheet
from xiaobao.workbench.results.reading import frozen_paper, frozen_scorecard, overview, scorecard
from xiaobao.workbench.workspace import Workbench, open_workbench

ROOT = Path(__file__).parent.parent
PERIODS = ("2025H2", "2026H1")
PAPERS = {"department": 2, "branch": 16, "sub_branch": 14, "outlet": 11}  # one a sheet, and the scorecard
LEDGER_PAPERS = ("4_complaints", "5_special_groups")  # both read the complaint ledger

pytestmark = [
    pytest.mark.timeout(1500),  # whoever comes first makes the demo
    pytest.mark.usefixtures("shared_zygote"),
]

# Runs notebooks where a zygote has warmed up, and tells what they import that was not there.
LATECOMERS = """
import json, os, sys
from IPython.core.interactiveshell import InteractiveShell
from xiaobao.batch.warming import warm

shell = InteractiveShell.instance()
shell.display_formatter.format(shell.run_cell("1").result)
warm()
there = set(sys.modules)
for notebook, frozen, parameters in json.loads(sys.argv[1]):
    os.environ["XIAOBAO_INPUT"] = frozen
    for cell in json.load(open(notebook, encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            ran = shell.run_cell("".join(cell["source"]), silent=True)
            ran.raise_error()
            shell.display_formatter.format(ran.result)
        if "parameters" in cell["metadata"].get("tags", []):
            shell.push(parameters)
print(*sorted(set(sys.modules) - there), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def demo(whole_demo: Path) -> tuple[Path, str]:
    """The demo as a newcomer gets it, with what it printed. Copy it before changing it."""
    return whole_demo, printed_of(whole_demo)


@pytest.fixture
def copied(demo: tuple[Path, str], tmp_path: Path) -> Workbench:
    home = tmp_path / "demo"
    shutil.copytree(demo[0], home)
    return open_workbench(home)


def test_no_sheet_was_handed_in_with_an_item_unanswered_or_without_its_files(demo: tuple[Path, str]) -> None:
    """What the product refuses of a bank its own sample does not do."""
    wb = open_workbench(demo[0], read_only=True)
    asked = 0
    for campaign in wb.store.campaigns():
        for record in wb.store.inspections(campaign.id):
            form = open_form(wb, record.unit, campaign.period, record.domain)
            if not form.open:
                asked += sum("evidence" in one.item.needs(one.response.conclusion) for one in form.items.values())
                done = progress(form)
                assert (done.missing, done.missing_evidence) == ((), ()), (record.unit, record.domain)
    assert asked > 500
    assert wb.store.verify() == []


def test_the_last_period_that_is_whole_was_appraised_with_an_appeal_decided_and_one_waiting(
    demo: tuple[Path, str],
) -> None:
    wb = open_workbench(demo[0], read_only=True)
    found = find_appraisal(wb, PERIODS[0])
    assert found is not None and find_appraisal(wb, PERIODS[1]) is None, "the newest period is still inspected"
    assert (found.state, found.appeals_until) == ("published", wb.today + timedelta(days=2))
    assert len(found.scores) == UNITS and None not in [score.value for score in found.scores.values()]
    cards = wb.store.scorecards(wb.campaign(PERIODS[0]).id)
    assert {one.unit: str(one.inspection) for one in found.figures} == {
        unit: card["total"]["value"] for unit, card in cards.items()
    }
    assert [one.accepted for one in found.appeals] == [None, True]
    [waiting] = found.open_appeals()
    page = AppraisalPage(acting_as(wb, Role.HEAD_OFFICE, wb.actor), PageChoice())
    first = page.read_rows(page.choices(PageChoice()).chosen)[0]
    assert (first["id"], [one["name"] for one in first["cells"]["acts"]]) == (waiting.unit, ["decide", "paper"])
    office = my_work(acting_as(wb, Role.HEAD_OFFICE, wb.actor))
    head = my_work(acting_as(wb, Role.UNIT_HEAD, wb.actor, "010000"))
    assert [(part.kind, len(part.lines)) for part in office.parts if "appraisal" in part.kind] == [
        ("appraisal_decide", 1)
    ]
    assert [(part.kind, len(part.lines)) for part in head.parts if "appraisal" in part.kind] == [("appraisal", 1)]
    assert (
        "2025H2 考核公示中，申诉截至 2026-07-07，12 家机构有考核得分，待处理申诉 1 件。"
        in open_head_office(workspace=str(demo[0])).appraisal
    )


def run(wb: Workbench, period: str) -> dict[tuple[str, str], str]:
    """Run a period again; return what was run: (unit, paper) → status."""
    campaign = wb.campaign(period)
    before = {key: record.started for key, record in wb.store.runs(campaign.id).items()}
    summary = run_campaign(wb, campaign, RunOptions(jobs=2))
    assert not summary.failed, summary.failed
    after = wb.store.runs(campaign.id)
    return {key: record.status.value for key, record in after.items() if before.get(key) != record.started}


def test_every_paper_of_every_unit_and_period_is_done(demo: tuple[Path, str]) -> None:
    home, printed = demo
    status = json.loads(xiaobao("status", "--json", home=home).stdout)
    units = [unit for unit in open_workbench(home, read_only=True).units(PERIODS[1]).values() if unit.inspected]
    expected = sum(PAPERS[unit.level] for unit in units)
    assert len(units) == UNITS
    assert {one["period"]: (one["expected"], one["done"]) for one in status} == dict.fromkeys(PERIODS, (expected,) * 2)
    papers = list((home / "reports").rglob("*.ipynb"))
    assert len(papers) == expected * 2
    assert "失败 0 本" in printed and "make serve" in printed and "plants.csv" in printed
    assert "同一机构的底稿在一个进程里依次运行（--per unit）" in printed


def test_the_leads_found_are_exactly_the_faults_that_were_planted(demo: tuple[Path, str]) -> None:
    home, _ = demo
    wb = open_workbench(home, read_only=True)
    found = set()
    for period in PERIODS:
        for lead in wb.store.leads(wb.campaign(period).id):
            found.add((lead.check_id, lead.unit, lead.period, next(iter(lead.record.values()))))
    assert found == plants(home)


def test_the_page_the_paper_and_the_store_give_the_same_figures(demo: tuple[Path, str]) -> None:
    wb = open_workbench(demo[0], read_only=True)
    for period in PERIODS:
        seen = overview(wb, period)
        behind = 2 if period == PERIODS[-1] else 0  # one that nobody inspected, one with most sheets in draft
        assert len([row for row in seen.rows if row.total is not None]) == UNITS - behind
        assert [row.uninspected for row in seen.unscored] == [True, False][:behind]
        for row in seen.rows:
            card = scorecard(wb, row.unit.id, period)
            assert (card.total.value, card.rank, card.total.grade) == (row.total, row.rank, row.grade)
            stored = wb.store.scorecards(wb.campaign(period).id)[row.unit.id]
            assert stored["total"]["value"] == (None if row.total is None else str(row.total))


def test_a_child_finds_in_its_zygote_all_that_its_notebook_imports(demo: tuple[Path, str], tmp_path: Path) -> None:
    wb = open_workbench(demo[0], read_only=True)
    unit = next(unit.id for unit in wb.units(PERIODS[1]).values() if unit.inspected and unit.level == "branch")
    inputs = {name: frozen_paper(wb, unit, PERIODS[1], domain) for domain, name in NOTEBOOKS.items()}
    orders = []
    for name, frozen in {**inputs, SCORECARD: frozen_scorecard(wb, unit, PERIODS[1])}.items():
        write_frozen(frozen, tmp_path / f"{name}.json")
        parameters = {"unit": unit, "period": PERIODS[1]}
        orders.append([str(ROOT / "notebooks" / f"{name}.ipynb"), str(tmp_path / f"{name}.json"), parameters])
    called = [sys.executable, "-c", LATECOMERS, json.dumps(orders)]
    done = subprocess.run(called, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT)
    assert (done.returncode, done.stderr.split()) == (0, [])


def test_a_second_run_does_nothing(copied: Workbench) -> None:
    for period in PERIODS:
        assert run(copied, period) == {}


def test_one_changed_row_runs_its_unit_again_and_once_it_moves_a_score_the_cards_that_compare_with_it(
    copied: Workbench, tmp_path: Path
) -> None:
    """Handed-in sheets keep what they rest on: no score moves; the unit's row and card say that data moved.

    So do the cards of its peers, whose rank and median stand beside that score; none of their papers runs. A sheet that
    is given back rests on the new row: its paper alone runs, and every card that compares with its score.
    """
    before = {row.unit.id: row for row in overview(copied, PERIODS[1]).rows}
    unit = change_complaint(copied, tmp_path, {"告知日期": "", "告知凭证号": ""})
    peers = {name for name, row in before.items() if row.unit.level == before[unit].unit.level} - {unit}
    own = {(unit, paper): "done" for paper in (*LEDGER_PAPERS, SCORECARD)}
    assert run(copied, PERIODS[1]) == own | {(peer, SCORECARD): "done" for peer in peers}
    assert run(copied, PERIODS[0]) == {}
    after = {row.unit.id: row for row in overview(copied, PERIODS[1]).rows}
    assert {name: tuple(row.older) for name, row in after.items() if row.older} == {
        unit: ("complaints", "special_groups")
    }
    assert {name: replace(row, older={}) for name, row in after.items()} == before
    notes = scorecard(copied, unit, PERIODS[1]).notes
    assert any("此后数据已更新（待答复）" in note and "处理决定未告知" in note for note in notes)

    return_sheet(copied, copied.campaign(PERIODS[1]), unit, "complaints", "按新数据重新核对")
    again = run(copied, PERIODS[1])
    papers = {key for key in again if key[1] != SCORECARD}
    assert papers == {(unit, "4_complaints")}
    assert (unit, SCORECARD) in again and len(again) > len(papers) + 1
    after = {row.unit.id: row for row in overview(copied, PERIODS[1]).rows}
    assert before[unit] != after[unit]
    assert run(copied, PERIODS[1]) == {}


def change_complaint(wb: Workbench, folder: Path, change: dict[str, str]) -> str:
    """Import the ledger again with one clean, decided row changed; return the row's unit."""
    name = f"投诉台账_{PERIODS[1]}.csv"
    with (wb.home / "extracts" / name).open(encoding="gb18030", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {key for *_, key in plants(wb.home)}
    row = next(r for r in rows if r["投诉编号"] not in known and r["处理决定日期"] and r["告知日期"])
    row.update(change)
    changed = folder / name
    with changed.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    import_extract(wb, "complaints", [changed], PERIODS[1], replace=True)
    return row["机构号"]


def plants(home: Path) -> set[tuple[str, str, str, str]]:
    """Return the plant list: check, unit, period, business key."""
    with (home / "extracts" / "plants.csv").open(encoding="utf-8-sig", newline="") as file:
        return {(r["检查编号"], r["机构号"], r["检查期间"], r["业务编号"]) for r in csv.DictReader(file)}
