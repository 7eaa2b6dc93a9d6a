"""An analyst's own notebook becomes a work paper: the same inputs held, limits, digests and record as any other."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from typer.testing import CliRunner

import xiaobao as xb
from tests.factories.poison import MOBILE
from tests.factories.workspaces import PERIOD, papers_of, result_cell
from xiaobao.batch.journal import read_status
from xiaobao.batch.run import RunOptions, RunSummary, run_campaign
from xiaobao.cli.app import app
from xiaobao.features.analysis.freezing import OwnPapers
from xiaobao.model import RunStatus
from xiaobao.store.models import RunRecord
from xiaobao.workbench.campaigns import wanted_inspections
from xiaobao.workbench.places import SCORECARD
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import Workbench, open_workbench

pytestmark = pytest.mark.usefixtures("shared_zygote")

NAME = "夜间投诉"
PARAMETERS = 'unit = ""\nperiod = ""\nworkspace = ""'
ASKS = """
rows = xb.table("complaints", unit=unit, period=period)
assert set(rows["机构号"]) <= {unit} and len(rows)
held = xb.datasets().set_index("数据集")
assert held.loc["complaints", "记录数"] == len(rows) and "price_list" not in held.index
assert set(xb.table("education", period=period, headings="代码")["unit"]) <= {unit}  # a register of the whole bank
totals = xb.scores(unit=unit)
assert set(totals["机构号"]) == {unit} and str(totals["名次"].dtype) == "Int64"
assert set(xb.leads(period=period)["机构号"]) <= {unit} and set(xb.findings()["机构号"]) <= {unit}
assert "datetime64" in str(xb.answers()["填报时间"].dtype)
tried = xb.try_check("处理决定日期.isna()", "complaints")
assert tried["命中数"].tolist() == [int(rows["处理决定日期"].isna().sum())]
for wrong in ({"unit": "别家"}, {"period": "2020H1"}):
    try:
        xb.table("complaints", **wrong)
    except xb.errors.InputError as error:
        print(error)
"""
SAYS = f'xb.emit(f"投诉 {{len(rows)}} 件，联系{MOBILE}")'


@pytest.fixture(scope="module")
def home(seeded_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One unit's papers are run, an analyst's own among them."""
    folder = tmp_path_factory.mktemp("own") / "bank"
    shutil.copytree(seeded_workspace, folder)
    write(folder, NAME, "import xiaobao as xb", ASKS, SAYS)
    bench = open_workbench(folder)
    assert name_paper(folder, "--paper", NAME)[0] == 0
    summary = run(bench, domains=("complaints", SCORECARD, f"own-{NAME}"))
    assert (summary.failed, summary.done) == ((), 3)
    bench.store.close()
    return folder


@pytest.fixture
def bench(home: Path, tmp_path: Path) -> Workbench:
    folder = tmp_path / "bank"
    shutil.copytree(home, folder)
    return open_workbench(folder)


def write(home: Path, name: str, *cells: str, tags: tuple[str, ...] = ("parameters",)) -> None:
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    plain = nbformat.v4.new_notebook(metadata={"kernelspec": spec})
    plain.cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": list(tags)})]
    plain.cells += [nbformat.v4.new_code_cell(text) for text in cells]
    nbformat.write(plain, home / "notebooks" / f"{name}.ipynb")


def name_paper(home: Path, *words: str) -> tuple[int, str]:
    given = ["campaign", "papers", "--period", PERIOD, *words]
    done = CliRunner().invoke(app, given, env={"XIAOBAO_HOME": str(home)})
    return done.exit_code, done.output + str(done.exception or "")


def unit_of(bench: Workbench) -> str:
    """Return a unit that has complaints."""
    wanted = wanted_inspections(bench, bench.campaign(PERIOD))
    return next(unit.id for unit, domain in wanted if domain == "complaints")


def run(bench: Workbench, **options: Any) -> RunSummary:
    """Run one unit's own papers; a run without domains makes them after all others."""
    campaign = bench.campaign(PERIOD)
    own = tuple(f"own-{name}" for name in campaign.papers)
    options = {"units": (unit_of(bench),), "jobs": 1, "domains": own} | options
    return run_campaign(bench, campaign, RunOptions(**options))


def record(bench: Workbench, name: str = NAME) -> RunRecord:
    return bench.store.runs(bench.campaign(PERIOD).id)[unit_of(bench), f"own-{name}"]


def test_it_is_run_for_the_unit_with_its_parameters_and_what_it_says_is_recorded(bench: Workbench) -> None:
    run_record, unit = record(bench), unit_of(bench)
    assert run_record.status is RunStatus.DONE
    assert re.fullmatch(r"投诉 \d+ 件，联系【手机号已隐去】", run_record.said)
    paper = json.loads((papers_of(bench.home) / unit / f"own-{NAME}.ipynb").read_text("utf-8"))
    sources = ["".join(cell["source"]) for cell in paper["cells"]]
    assert any(f'unit = "{unit}"' in text and f'period = "{PERIOD}"' in text for text in sources)
    printed = "".join("".join(out.get("text", "")) for cell in paper["cells"] for out in cell.get("outputs", ()))
    assert "底稿里只有本机构的数据" in printed and "底稿里只有本期的数据" in printed
    assert paper["metadata"]["xiaobao"]["checkpoint"]


def test_verify_covers_it(bench: Workbench) -> None:
    assert not verify_workspace(bench)[:1]
    paper = papers_of(bench.home) / unit_of(bench) / f"own-{NAME}.ipynb"
    paper.write_text(paper.read_text("utf-8").replace("件", "笔"), "utf-8")
    assert any(f"own-{NAME}" in one for one in verify_workspace(bench))


def test_nothing_new_runs_nothing_and_a_changed_notebook_runs_itself_alone(bench: Workbench) -> None:
    again = run(bench, domains=("complaints", SCORECARD, f"own-{NAME}"))
    assert (again.done, again.failed) == (0, ())
    write(bench.home, NAME, "import xiaobao as xb", 'xb.emit("改过")')
    assert run(bench).done == 1
    assert record(bench).said == "改过"


def test_status_the_card_and_the_list_of_campaigns_name_it(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    status = read_status(bench, bench.campaign(PERIOD))
    assert (unit_of(bench), f"own-{NAME}") not in status.missing
    assert {paper for _, paper in status.missing} >= {f"own-{NAME}"}  # of the other units
    card = xb.open_scorecard(unit=unit_of(bench), period=PERIOD, workspace=str(bench.home))
    shown = repr(xb.views.card_heading(card))
    assert NAME in shown and "件，联系【手机号已隐去】" in shown
    listed = CliRunner().invoke(app, ["campaign", "list", "--json"], env={"XIAOBAO_HOME": str(bench.home)})
    assert [one["papers"] for one in json.loads(listed.output)] == [[NAME]]


def test_those_that_go_wrong_fail_by_name_and_move_no_score(bench: Workbench) -> None:
    wrong = {
        "坏": (("raise ValueError('坏')",), "坏"),
        "别的": (("import xiaobao as xb", "xb.open_paper('complaints', unit=unit, period=period)"), "不是这个检查域的"),
        "不停": (("while True: pass",), "秒"),
        "计分": ((result_cell("complaints") + "\n# in place of xb.emit()",), "自设底稿不能交回得分结果"),
    }
    for name, (cells, _) in wrong.items():
        write(bench.home, name, *cells)
    settings = bench.home / "xiaobao.toml"
    settings.write_text(settings.read_text("utf-8").replace("# cell_seconds = 600", "cell_seconds = 5"), "utf-8")
    assert name_paper(bench.home, *(word for name in (*wrong, NAME) for word in ("--paper", name)))[0] == 0
    before = bench.store.scorecards(bench.campaign(PERIOD).id)
    told = {paper: why for _, paper, why in run(open_workbench(bench.home)).failed}
    assert set(told) == {f"own-{name}" for name in wrong}
    for name, (_, words) in wrong.items():
        assert words in told[f"own-{name}"]
    assert bench.store.scorecards(bench.campaign(PERIOD).id) == before
    card = xb.open_scorecard(unit=unit_of(bench), period=PERIOD, workspace=str(bench.home))
    assert "没有出成" in repr(xb.views.card_heading(card))


def test_the_bench_itself_may_become_a_paper(bench: Workbench) -> None:
    """What was tried in explore.ipynb runs as it stands: pickers, a chart, a trial; it need not say anything."""
    shutil.copy(bench.home / "notebooks" / "explore.ipynb", bench.home / "notebooks" / "我的分析.ipynb")
    assert name_paper(bench.home, "--paper", "我的分析")[0] == 0
    summary = run(bench)
    assert (summary.failed, summary.done) == ((), 1)
    assert record(bench, "我的分析").said == ""
    paper = json.loads((papers_of(bench.home) / unit_of(bench) / "own-我的分析.ipynb").read_text("utf-8"))
    outputs = [out for cell in paper["cells"] for out in cell.get("outputs", ())]
    assert any("image/png" in out.get("data", {}) for out in outputs)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("没有这本", "没有这个笔记本"),
        ("fill", "随程序提供"),
        ("domain-governance", "随程序提供"),
        ("../secrets", "写法不对"),
        ("没有参数", "没有参数单元格"),
        ("坏的", "已损坏"),
    ],
)
def test_what_cannot_become_a_paper_is_told_in_words(bench: Workbench, name: str, words: str) -> None:
    write(bench.home, "没有参数", "1", tags=())
    (bench.home / "notebooks" / "坏的.ipynb").write_text("{", "utf-8")
    code, said = name_paper(bench.home, "--paper", name)
    assert code == 1 and words in said
    assert bench.campaign(PERIOD).papers == (NAME,)


def test_what_is_frozen_is_the_units_whoever_starts_the_run(bench: Workbench) -> None:
    """The administrator runs papers and may see no result: the paper is the same all the same."""
    from tests.factories.people import acting_as, register

    unit = bench.units(PERIOD)[unit_of(bench)]
    campaign = bench.campaign(PERIOD)
    whole = OwnPapers(bench, campaign).tables(unit, NAME)
    assert {line["unit"] for lines in whole.records.values() for line in lines} == {unit.id}
    register(bench)
    assert OwnPapers(acting_as(bench, "admin"), campaign).tables(unit, NAME) == whole


def test_a_campaign_is_made_with_its_own_papers_and_may_drop_them(bench: Workbench) -> None:
    done = CliRunner().invoke(
        app, ["campaign", "create", "专项", "--period", PERIOD, "--paper", NAME], env={"XIAOBAO_HOME": str(bench.home)}
    )
    assert done.exit_code == 0 and f"自设底稿：{NAME}" in done.output
    assert bench.campaign(PERIOD, "专项").papers == (NAME,)
    assert "没有自设底稿" in name_paper(bench.home, "--campaign", "专项")[1]
    assert bench.campaign(PERIOD, "专项").papers == ()
