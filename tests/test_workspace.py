"""A workspace holds what it was given, opens without writing, and proves afterwards that nothing was altered."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from tests.factories.workspaces import PERIOD
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.checklist.canonical import canonical, from_canonical
from xiaobao.errors import InputError, WorkspaceError
from xiaobao.features.complaints.reading import open_ledger
from xiaobao.paper.frozen import INPUT_VARIABLE, write_frozen
from xiaobao.workbench.campaigns import create_campaign
from xiaobao.workbench.from_workspace import open_overview, open_paper, open_scorecard
from xiaobao.workbench.new_workspace import init_workspace
from xiaobao.workbench.results.reading import frozen_scorecard
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import Workbench, find_home, open_workbench


@pytest.fixture
def bench(seeded_workspace: Path, tmp_path: Path) -> Workbench:
    home = tmp_path / "bank"
    shutil.copytree(seeded_workspace, home)
    return open_workbench(home)


def first_unit(wb: Workbench) -> str:
    return min(unit.id for unit in wb.units(PERIOD).values() if unit.inspected)


def test_the_workspace_is_found_upward_or_by_its_variable(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XIAOBAO_HOME", raising=False)
    monkeypatch.chdir(bench.home / "reports")
    assert find_home() == bench.home
    monkeypatch.setenv("XIAOBAO_HOME", str(tmp_path))
    with pytest.raises(WorkspaceError, match="不是工作区"):
        find_home()


def test_a_misspelt_setting_is_named(bench: Workbench) -> None:
    path = bench.home / "xiaobao.toml"
    path.write_text(
        path.read_text("utf-8").replace("[policies]", "[policies]\nhigh_risk = 3\nelderly_age = 'x'"), "utf-8"
    )
    with pytest.raises(InputError) as raised:
        open_workbench(bench.home)
    assert {"policies.high_risk", "policies.elderly_age"} == {fault.setting for fault in raised.value.faults}
    assert "不认识的键“high_risk”，是否想写 high_risk_level" in str(raised.value)


def test_a_period_that_is_over_is_judged_at_its_cut_off(bench: Workbench) -> None:
    """The demo's clock stands at 2026-07-05: a later run of an earlier period says the same as then."""
    assert bench.as_of("2026H1") == date(2026, 7, 5)
    assert bench.as_of("2025H2") == date(2026, 1, 5)
    assert bench.as_of("2026") == date(2026, 12, 31)


def test_a_campaign_takes_the_checklists_in_force_or_those_that_are_named(bench: Workbench) -> None:
    assert list(create_campaign(bench, "专项", PERIOD, [("complaints", "2026.3")]).checklists) == ["complaints"]
    with pytest.raises(InputError, match="同名批次"):
        create_campaign(bench, "专项", PERIOD)
    with pytest.raises(InputError, match="没有在检查期间 2019 有效的检查表"):
        create_campaign(bench, "旧账", "2019")
    assert list(create_campaign(bench, "旧账", "2019", [("complaints", "2026.3")]).checklists) == ["complaints"]


def test_two_checklists_for_one_domain_are_both_named_until_one_is_chosen(bench: Workbench) -> None:
    """A bank that publishes its own sheet beside the shipped one must say which of them a campaign takes."""
    found = bench.store.published("checklist", "complaints", "2026.3")
    own = structs.replace(from_canonical(found.content), id="own-complaints", version="1")
    with bench.store.writing(bench.actor) as tx:
        tx.publish("checklist", own.id, own.version, canonical(own))
    both = [("complaints", "2026.3"), ("own-complaints", "1")]
    for chosen in ([], both):
        with pytest.raises(InputError, match=r"投诉处理有多份有效的检查表.*complaints、own-complaints"):
            create_campaign(bench, "专项", PERIOD, chosen)
    assert create_campaign(bench, "专项", PERIOD, both[1:]).checklists == {"complaints": both[1]}


def test_two_campaigns_in_a_period_must_be_told_apart(bench: Workbench) -> None:
    create_campaign(bench, "专项", PERIOD)
    with pytest.raises(InputError, match="--campaign"):
        bench.campaign(PERIOD)
    assert bench.campaign(PERIOD, "专项").name == "专项"


def test_opening_a_paper_by_hand_writes_nothing(bench: Workbench) -> None:
    before = {path: path.stat().st_mtime_ns for path in bench.home.rglob("*") if path.is_file()}
    paper = open_paper("complaints", unit=first_unit(bench), period=PERIOD, workspace=str(bench.home))
    assert paper.check_results
    assert len(open_overview(period="", workspace=str(bench.home)).rows) == 3
    assert {path: path.stat().st_mtime_ns for path in bench.home.rglob("*") if path.is_file()} == before


def test_a_reader_is_told_to_run_when_the_data_changed_since(bench: Workbench) -> None:
    shutil.rmtree(bench.home / "data" / "partitions")
    with pytest.raises(InputError, match="请先运行 xiaobao run"):
        open_paper("complaints", unit=first_unit(bench), period=PERIOD, workspace=str(bench.home))


def test_a_paper_shows_the_day_it_is_asked_for(bench: Workbench) -> None:
    shown = open_paper(
        "complaints", unit=first_unit(bench), period=PERIOD, workspace=str(bench.home), as_of="2026-09-30"
    )
    assert shown.as_of == date(2026, 9, 30)


def test_an_overview_shows_what_was_recorded_and_refuses_another_day_by_name(bench: Workbench) -> None:
    """Results are kept as they were judged, on 2026-07-05 in the demo: those of another day nobody can know."""
    where = {"period": PERIOD, "workspace": str(bench.home)}
    assert open_overview(**where, as_of="2026-07-05") == open_overview(**where)
    with pytest.raises(InputError, match=r"总览按已记录的结果显示，不能换.*2026-07-06.*2026-07-05 或留空"):
        open_overview(**where, as_of="2026-07-06")
    for opens in (open_overview, open_ledger):
        with pytest.raises(InputError, match=r"as_of 写法不对.*2026-7-5"):
            opens(**where, as_of="2026-7-5")


def test_a_scorecard_shows_what_was_recorded_and_refuses_another_day_by_name(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = bench.campaign(PERIOD)
    run_campaign(bench, campaign, RunOptions(units=(first_unit(bench),), domains=("complaints",), jobs=1))
    unit = first_unit(bench)
    where = {"unit": unit, "period": PERIOD, "workspace": str(bench.home)}
    card = open_scorecard(**where)
    assert open_scorecard(**where, as_of="2026-07-05") == card
    with pytest.raises(InputError, match=r"得分表按已记录的结果显示，不能换成别的统计截止日.*2026-07-04"):
        open_scorecard(**where, as_of="2026-07-04")
    write_frozen(frozen_scorecard(bench, unit, PERIOD), tmp_path / "card.json")
    monkeypatch.setenv(INPUT_VARIABLE, str(tmp_path / "card.json"))
    assert open_scorecard(**where, as_of="2026-07-05") == card
    with pytest.raises(InputError, match="得分表按已记录的结果显示"):
        open_scorecard(**where, as_of="2026-07-04")


def test_verify_names_the_extract_that_was_changed(bench: Workbench) -> None:
    assert verify_workspace(bench) == ()
    record = bench.store.imports("complaints")[0]
    path = bench.home / record.path
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    (problem,) = verify_workspace(bench)
    assert "complaints" in problem
    assert "摘要不符" in problem


def test_an_altered_register_of_units_is_refused_and_verify_names_it(bench: Workbench) -> None:
    path = bench.home / bench.store.imports("units")[0].path
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    with pytest.raises(InputError, match="机构名单的数据文件丢失或已被改动"):
        bench.units(PERIOD)
    (problem,) = verify_workspace(bench)
    assert "units" in problem


def test_a_workspace_may_lie_in_any_folder(tmp_path: Path) -> None:
    """%, ?, # and blanks are letters of a path, never of an address."""
    name = "100% 问?号 a%20b 井#号"
    home = tmp_path / name / "行"
    init_workspace(home).store.close()
    assert (home / "xiaobao.sqlite").is_file()
    assert open_workbench(home).store.list_published("checklist")
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_a_new_workspaces_notebooks_show_nothing_of_the_sample_bank(tmp_path: Path) -> None:
    init_workspace(tmp_path / "bank").store.close()
    found = sorted((tmp_path / "bank" / "notebooks").glob("*.ipynb"))
    cells = [cell for path in found for cell in json.loads(path.read_text("utf-8"))["cells"]]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(found) > 15
    assert not [cell for cell in code if cell["outputs"] or cell["execution_count"] is not None]
    assert {cell["metadata"]["jupyter"]["source_hidden"] for cell in code if "jupyter" in cell["metadata"]} == {True}


def test_a_number_for_a_unit_is_answered_with_the_option_that_guesses_nothing() -> None:
    import xiaobao as xb

    with pytest.raises(InputError, match=r"用 -r unit .*如 -r unit 010003"):
        xb.open_paper("complaints", unit=10003, period="2026H1")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="如 -r period 2026"):
        xb.open_scorecard(unit="010003", period=2026)  # type: ignore[arg-type]
