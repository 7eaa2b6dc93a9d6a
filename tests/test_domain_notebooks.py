"""One source makes the five core notebooks, and a notebook of its own for any other domain of the bank."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from domain_notebooks import FOLDER, rendered, sources
from typer.testing import CliRunner

from tests.factories.workspaces import PERIOD, papers_of
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.cli.app import app
from xiaobao.workbench.campaigns import wanted_inspections
from xiaobao.workbench.domain_notebooks import read_source
from xiaobao.workbench.workspace import Workbench, open_workbench

pytestmark = pytest.mark.usefixtures("shared_zygote")

OWN = "governance"  # shipped with a sheet, and without a notebook of its own


@pytest.fixture
def bench(seeded_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    home = tmp_path / "bank"
    shutil.copytree(seeded_workspace, home)
    monkeypatch.setenv("XIAOBAO_HOME", str(home))
    return open_workbench(home)


def asked(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["checklist", "notebook", *words])
    return done.exit_code, done.output + str(done.exception or "")


@pytest.mark.parametrize("name", sorted(rendered()))
def test_a_core_notebook_is_what_the_one_source_makes(name: str) -> None:
    """After a change of notebooks/domain.ipynb: `make notebooks`."""
    committed = json.loads((FOLDER / name).read_text("utf-8"))
    assert sources(committed) == sources(rendered()[name])


def test_a_change_of_the_source_reaches_all_five(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = read_source(FOLDER)
    changed["cells"][-2]["source"] = ["## 交出结果\n", "\n", "改过的一句。"]
    monkeypatch.setattr("domain_notebooks.read_source", lambda folder: changed)
    assert len(rendered()) == 5
    for plain in rendered().values():
        assert sum("改过的一句。" in text for _, _, _, text in sources(plain)) == 1


def test_a_domain_of_the_bank_gets_its_notebook_and_runs_on_it(bench: Workbench) -> None:
    campaign = bench.campaign(PERIOD)
    unit = next(unit.id for unit, domain in wanted_inspections(bench, campaign) if domain == OWN)
    options = RunOptions(units=(unit,), domains=(OWN,), jobs=1)
    assert not run_campaign(bench, campaign, options).failed
    paper = papers_of(bench.home) / unit / f"domain-{OWN}.ipynb"
    shared = json.loads(paper.read_text("utf-8"))
    assert any("domain = " in text for _, _, _, text in sources(shared))

    assert asked(OWN)[0] == 0
    own = bench.home / "notebooks" / f"domain-{OWN}.ipynb"
    text = own.read_text("utf-8").replace("交回本底稿的结果", "本行加的一句：交回本底稿的结果")
    own.write_text(text, "utf-8")
    again = run_campaign(bench, campaign, replace(options, rerun="all"))  # what is handed in moves for no new notebook
    assert (again.failed, again.done) == ((), 1)
    made = json.loads(paper.read_text("utf-8"))
    texts = [text for _, _, _, text in sources(made)]
    assert any(f'xb.open_paper("{OWN}", unit=unit' in text for text in texts)
    assert any("本行加的一句" in text for text in texts) and not any("domain = " in text for text in texts)
    assert texts[0].startswith("# 组织与制度检查底稿")


def test_what_cannot_have_a_notebook_is_told_in_words(bench: Workbench) -> None:
    assert "五个核心检查域已有笔记本" in asked("complaints")[1]
    assert "没有已发布的检查表属于这个检查域" in asked("不存在")[1]
    assert "没有已发布的检查表属于这个检查域" in asked("../fill")[1]
    assert asked(OWN)[0] == 0
    path = bench.home / "notebooks" / f"domain-{OWN}.ipynb"
    path.write_text("本行改过的", "utf-8")
    code, words = asked(OWN)
    assert code == 1 and "已有笔记本，没有改动" in words and path.read_text("utf-8") == "本行改过的"
    assert asked(OWN, "--replace")[0] == 0 and OWN in path.read_text("utf-8")


def test_a_damaged_notebook_of_a_domain_fails_its_papers_by_name(bench: Workbench) -> None:
    campaign = bench.campaign(PERIOD)
    unit = next(unit.id for unit, domain in wanted_inspections(bench, campaign) if domain == OWN)
    (bench.home / "notebooks" / f"domain-{OWN}.ipynb").write_text("{", "utf-8")
    summary = run_campaign(bench, campaign, RunOptions(units=(unit,), domains=(OWN,), jobs=1))
    assert [(paper, f"domain-{OWN}.ipynb 已损坏" in why) for _, paper, why in summary.failed] == [
        (f"domain-{OWN}", True)
    ]
