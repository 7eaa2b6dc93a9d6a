"""Notebooks that misbehave fail alone, each with a reason a person understands, and leave nothing running."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from tests.factories.workspaces import PERIOD, papers_of, replace_notebook, result_cell
from xiaobao.batch.executing import PLAIN_VARIABLE
from xiaobao.batch.run import RunOptions, RunSummary, run_campaign
from xiaobao.batch.workers import Order, Worker, WorkerBounds, new_zygote
from xiaobao.model import RunStatus
from xiaobao.workbench.workspace import Workbench, open_workbench

LIMITS = "[limits]\ncell_seconds = 4\nnotebook_seconds = 9\nmemory_megabytes = 400\npaper_megabytes = 2"
# Domain → what the notebook of the first, second and third unit does, and how the run words it ("" when all is well).
DEEDS: dict[str, tuple[tuple[str, str], ...]] = {
    "disclosure": (
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "信号 SIGKILL"),
        ("while True: pass", "一格运行超过 4 秒"),
        ("x = bytearray(900 << 20)", "内存超过 400 MB"),
    ),
    "suitability": (
        ("print('洪水' * 2_000_000)", "超过 2 MB 的上限"),
        ("import os; os._exit(0)", "退出码 0"),
        ("import subprocess; subprocess.Popen(['sleep', '293'], start_new_session=True)", ""),
    ),
    "information_security": (
        ("import os; os.chdir('/')", ""),
        ("input('请输入')", "StdinNotImplementedError"),
        ("raise ValueError('坏数据 <b>')", "ValueError: 坏数据"),
    ),
    "complaints": (
        ("import sys; sys.exit(3)", "SystemExit"),
        ("import threading, time; threading.Thread(target=time.sleep, args=(299,)).start()", ""),
        ("1", ""),
    ),
}


@pytest.fixture
def hostile(seeded_workspace: Path, tmp_path: Path) -> Workbench:
    home = tmp_path / "bank"
    shutil.copytree(seeded_workspace, home)
    settings = home / "xiaobao.toml"
    settings.write_text(settings.read_text("utf-8").replace("[limits]", LIMITS), "utf-8")
    bench = open_workbench(home)
    numbers = {"disclosure": 1, "suitability": 2, "information_security": 3, "complaints": 4}
    for domain, deeds in DEEDS.items():
        cases = [f"if unit == {unit!r}:\n    {deed}" for unit, (deed, _) in zip(units(bench), deeds, strict=True)]
        replace_notebook(home, f"{numbers[domain]}_{domain}", *cases, result_cell(domain))
    return bench


def units(bench: Workbench) -> list[str]:
    return sorted(unit.id for unit in bench.units(PERIOD).values() if unit.inspected)


def run(bench: Workbench, per: str = "notebook", **more: object) -> RunSummary:
    options = RunOptions(domains=tuple(DEEDS), per=per, **more)  # type: ignore[arg-type]
    return run_campaign(bench, bench.campaign(PERIOD), options)


@pytest.mark.parametrize("per", ["notebook", "unit"])
def test_each_deed_fails_alone_with_its_reason(hostile: Workbench, per: str) -> None:
    before = engine_processes()
    summary = run(hostile, per)
    failed = {(unit, paper.split("_", 1)[1]): why for unit, paper, why in summary.failed}
    for domain, deeds in DEEDS.items():
        for unit, (deed, words) in zip(units(hostile), deeds, strict=True):
            assert words in failed.pop((unit, domain), "" if not words else "完成"), deed
    assert not failed
    assert summary.done == sum(not words for deeds in DEEDS.values() for _, words in deeds)
    runs = hostile.store.runs(hostile.campaign(PERIOD).id)
    assert sum(one.status is RunStatus.DONE for one in runs.values()) == summary.done
    assert nothing_is_left(before)
    assert not list(hostile.home.rglob("*.tmp.ipynb"))


def engine_processes() -> set[int]:
    """Return zygotes and their children below this process; other tests may keep some."""
    return {p.pid for p in psutil.Process().children(recursive=True) if "xiaobao.engine" in " ".join(p.cmdline())}


def nothing_is_left(before: set[int]) -> bool:
    """The zygote is gone with its run, and so are the sleepers that notebooks left in sessions of their own."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        left = [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "293"]]
        if not left and engine_processes() <= before:
            return True
        time.sleep(0.1)
    return False


def test_a_notebook_that_takes_too_long_in_all_is_ended_though_each_cell_is_quick(hostile: Workbench) -> None:
    naps = ["import time; time.sleep(2.5)"] * 6
    replace_notebook(hostile.home, "4_complaints", *naps, result_cell("complaints"))
    options = RunOptions(domains=("complaints",), units=(units(hostile)[0],))
    summary = run_campaign(hostile, hostile.campaign(PERIOD), options)
    assert ["整本运行超过 9 秒" in why for _, _, why in summary.failed] == [True]


HOSTILE_VALUES = (
    "'; import os; os._exit(9) #",
    '"""\nraise SystemExit',
    "{{7*7}}",
    "$(touch x)",
    "../../etc",
    "\u202e合格",
    "a\\",
)


def test_parameter_values_are_data_and_names_that_are_code_are_refused(tmp_path: Path) -> None:
    show = "display({'application/vnd.xiaobao.result+json': {'value': value}}, raw=True)"
    path = tmp_path / "n.ipynb"
    spec = {"name": "python3", "display_name": "", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": spec})
    notebook.cells = [nbformat.v4.new_code_cell("value = ''", metadata={"tags": ["parameters"]})]
    notebook.cells += [nbformat.v4.new_code_cell(show)]
    nbformat.write(notebook, path)
    bounds = WorkerBounds(cell_seconds=20, notebook_seconds=60, memory_megabytes=400, paper_megabytes=5)
    with new_zygote() as zygote:
        worker = Worker(zygote, tmp_path / "run.log", bounds)

        def order(parameters: dict[str, str]) -> Order:
            return Order(notebook=str(path), output=str(tmp_path / "out.ipynb"), parameters=parameters, env={})

        told = worker.run([order({"value": value}) for value in HOSTILE_VALUES])
        assert [one.done and one.done["result"]["value"] for one in told] == list(HOSTILE_VALUES)
        names = ("x = __import__('os').abort()", "class", "a b", "")
        told = worker.run([order({name: "1"}) for name in names])
        assert [one.failed and one.failed["kind"] for one in told] == ["parameter"] * len(names)


@pytest.mark.long
def test_without_forks_the_same_papers_come_from_plain_kernels_and_the_run_says_so(
    hostile: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The fallback ends what hangs, dies or fails as well, and its good papers have the same outputs."""
    shutil.copytree(hostile.home, tmp_path / "twin")
    twin = open_workbench(tmp_path / "twin")
    domains = ("disclosure", "complaints")
    forked = run_campaign(hostile, hostile.campaign(PERIOD), RunOptions(domains=domains))
    monkeypatch.setenv(PLAIN_VARIABLE, "plain")
    notices: list[str] = []
    plain = run_campaign(
        twin,
        twin.campaign(PERIOD),
        RunOptions(domains=domains),
        lambda p: notices.append(p.notice) if p.notice else None,
    )
    assert len(notices) == 1 and "普通内核" in notices[0]
    assert {key[:2] for key in plain.failed} == {key[:2] for key in forked.failed}
    for unit in units(twin)[1:]:
        ours, theirs = (paper(home, unit, "4_complaints") for home in (hostile.home, twin.home))
        assert ours == theirs


def paper(home: Path, unit: str, name: str) -> list[object]:
    cells = nbformat.read(papers_of(home) / unit / f"{name}.ipynb", 4).cells
    return [(cell.source, cell.get("outputs")) for cell in cells]
