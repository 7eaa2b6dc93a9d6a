"""Campaigns of one period never share a file, and workspaces of earlier versions are brought into that order."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from tests.factories.older_workspaces import PAPER, PERIOD, UNIT, UNITS, copy_of, older_workspace
from tests.factories.workspaces import replace_notebook, result_cell
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.publishing import publish_leads, publish_report, publish_summary
from xiaobao.publishing.reports import report_folder
from xiaobao.workbench import moving_over
from xiaobao.workbench.campaigns import create_campaign
from xiaobao.workbench.places import campaign_folder
from xiaobao.workbench.results.recording import raise_leads
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import Workbench, open_workbench

pytestmark = pytest.mark.usefixtures("shared_zygote")

COMPLAINTS = RunOptions(domains=("complaints",))


@pytest.fixture
def bench(seeded_workspace: Path, tmp_path: Path) -> Workbench:
    home = tmp_path / "bank"
    shutil.copytree(seeded_workspace, home)
    replace_notebook(home, PAPER, result_cell("complaints"))
    return open_workbench(home)


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_campaigns_of_a_period_have_papers_reports_and_leads_of_their_own(bench: Workbench) -> None:
    """The first one's files stay byte for byte as they were, and nothing is called altered."""
    [first] = bench.store.campaigns(PERIOD)
    run_campaign(bench, first, COMPLAINTS)
    publish_summary(bench, PERIOD)
    publish_report(bench, "appraisal", PERIOD)
    before, leads = files_below(campaign_folder(bench.home, first)), bench.store.leads(first.id)

    second = create_campaign(bench, "现场检查/../?*：二", PERIOD, kind="regular")
    raise_leads(bench, second)
    summary = run_campaign(bench, second, COMPLAINTS)
    publish_summary(bench, PERIOD, campaign=second.name)
    publish_report(bench, "appraisal", PERIOD, campaign=second.name)
    publish_leads(bench, PERIOD, bench.home / "疑点.xlsx", name=second.name)

    assert summary.done and not summary.failed
    assert files_below(campaign_folder(bench.home, first)) == before
    papers = files_below(campaign_folder(bench.home, second))
    assert {"汇总.xlsx", "考核通报.docx"} <= set(papers)
    assert sum(name.endswith(f"{PAPER}.ipynb") for name in papers) == summary.done
    assert campaign_folder(bench.home, second).parent == bench.home / "reports" / PERIOD
    assert bench.store.leads(first.id) == leads
    assert {lead.id for lead in bench.store.leads(second.id)} == {lead.id for lead in leads}
    assert verify_workspace(bench) == ()


def test_a_report_on_a_year_lies_with_the_year_and_one_on_a_campaign_with_it(bench: Workbench) -> None:
    [campaign] = bench.store.campaigns(PERIOD)
    assert report_folder(bench, "2026") == bench.home / "reports" / "2026"
    assert report_folder(bench, PERIOD, "0101") == campaign_folder(bench.home, campaign) / "0101"


def test_a_workspace_of_an_earlier_version_is_brought_over_when_it_is_opened_for_writing(tmp_path: Path) -> None:
    home = older_workspace(tmp_path / "bank")
    before = files_below(home / "reports" / PERIOD)
    assert verify_workspace(open_workbench(home, read_only=True)) == ()
    assert files_below(home / "reports" / PERIOD) == before, "looking moves nothing"

    wb = open_workbench(home)
    [campaign] = wb.store.campaigns(PERIOD)
    folder = campaign_folder(home, campaign)
    assert files_below(folder) == {name: data for name, data in before.items() if not name.endswith(".lock")}
    assert [path.name for path in (home / "reports" / PERIOD).iterdir() if path.is_dir()] == [folder.name]
    assert verify_workspace(wb) == ()
    [event] = wb.store.events(object="layout")
    assert event.verb == "relocate"

    open_workbench(home)
    assert len(wb.store.events(object="layout")) == 1, "it is done once"


@pytest.mark.parametrize("moves", range(1, 5))
def test_a_kill_half_way_loses_nothing_and_the_next_opening_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    home = older_workspace(tmp_path / "bank")
    whole, left = moving_over._move, [moves]

    def killed(path: Path, target: Path) -> int:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return whole(path, target)

    monkeypatch.setattr(moving_over, "_move", killed)
    with pytest.raises(KeyboardInterrupt):
        open_workbench(home)
    assert verify_workspace(open_workbench(home, read_only=True)) == ()
    monkeypatch.undo()
    wb = open_workbench(home)
    assert verify_workspace(wb) == ()
    assert sum(path.name == f"{PAPER}.ipynb" for path in (home / "reports").rglob("*")) == len(UNITS)
    assert not [path for path in (home / "reports" / PERIOD).iterdir() if path.name == UNIT]


def test_altered_papers_are_named_before_and_after(tmp_path: Path) -> None:
    home = older_workspace(tmp_path / "bank")
    (home / "reports" / PERIOD / UNIT / "自查报告.docx").write_bytes(b"x")
    (home / "reports" / PERIOD / UNIT / f"{PAPER}.ipynb").write_bytes(b"x")
    for read_only in (True, False):
        said = verify_workspace(open_workbench(home, read_only=read_only))
        assert len(said) == 2 and all("不符" in one for one in said)


def test_papers_of_several_campaigns_go_to_the_one_whose_record_they_fit(tmp_path: Path) -> None:
    """The second run had written over the first one's papers: those are lost, and the rest keeps its place."""
    home = older_workspace(tmp_path / "bank", campaigns=2)
    lost = verify_workspace(open_workbench(home, read_only=True))
    wb = open_workbench(home)
    first, second = wb.store.campaigns(PERIOD)
    assert sorted(files_below(campaign_folder(home, second))) == [f"{unit}/{PAPER}.ipynb" for unit in UNITS]
    assert not campaign_folder(home, first).exists()
    assert (home / "reports" / PERIOD / UNIT / "自查报告.docx").is_file()
    assert len(verify_workspace(wb)) == len(lost) == len(UNITS)


def test_a_period_in_which_an_older_program_runs_is_left_for_later(tmp_path: Path) -> None:
    home = copy_of(older_workspace(tmp_path / "bank"), tmp_path / "copy")
    with FileLock(home / "reports" / PERIOD / ".lock"):
        wb = open_workbench(home)
        assert (home / "reports" / PERIOD / UNIT / f"{PAPER}.ipynb").is_file()
        assert verify_workspace(wb) == ()
    open_workbench(home)
    assert not (home / "reports" / PERIOD / UNIT).exists()
