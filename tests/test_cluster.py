"""Over a cluster a run gives what it gives here; what befalls a machine or a notebook befalls nothing else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from tests.factories.clusters import Cluster, free_port, running_cluster
from tests.factories.workspaces import PERIOD, papers_of, replace_notebook, result_cell
from xiaobao.batch import cluster as batch_cluster
from xiaobao.batch import parcels
from xiaobao.batch.run import RunOptions, RunSummary, run_campaign
from xiaobao.errors import WorkspaceError
from xiaobao.workbench.workspace import Workbench, open_workbench

GOOD = result_cell("complaints")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("dask"), 2) as cluster:
        yield cluster


@pytest.fixture
def cluster(started: Cluster) -> Cluster:
    started.keep(2)
    return started


@pytest.fixture
def bench(seeded_workspace: Path, tmp_path: Path) -> Workbench:
    home = tmp_path / "bank"
    shutil.copytree(seeded_workspace, home)
    return open_workbench(home)


def run(bench: Workbench, address: str, *domains: str) -> RunSummary:
    return run_campaign(bench, bench.campaign(PERIOD), RunOptions(domains=domains, scheduler=address))


def recorded(bench: Workbench) -> dict[tuple[str, str], tuple[str, str]]:
    runs = bench.store.runs(bench.campaign(PERIOD).id)
    return {key: (run.status.value, run.digest) for key, run in runs.items()}


def statuses(bench: Workbench) -> Counter[str]:
    return Counter(status for status, _ in recorded(bench).values())


def shown(bench: Workbench) -> dict[str, Any]:
    """Return paper → its sources and outputs."""
    folder = papers_of(bench.home)
    return {
        path.relative_to(folder).as_posix(): [
            (cell["source"], cell.get("outputs")) for cell in json.loads(path.read_text("utf-8"))["cells"]
        ]
        for path in folder.glob("*/*.ipynb")
    }


def set_storage(bench: Workbench, place: Path) -> Workbench:
    settings = bench.home / "xiaobao.toml"
    settings.write_text(settings.read_text("utf-8") + f'\n[cluster]\nstorage = "{place}"\n', "utf-8")
    return open_workbench(bench.home)


def until(told: Callable[[], Any], seconds: float = 120) -> Any:
    end = time.monotonic() + seconds
    while not (found := told()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def test_the_same_papers_come_home_over_a_shared_folder_and_over_storage(
    bench: Workbench, cluster: Cluster, tmp_path: Path
) -> None:
    twins = []
    for name in ("shared", "stored"):
        shutil.copytree(bench.home, tmp_path / name)
        twins.append(open_workbench(tmp_path / name))
    storage = tmp_path / "storage"
    twins[1] = set_storage(twins[1], storage)
    here = run_campaign(bench, bench.campaign(PERIOD), RunOptions(domains=("complaints", "6_scorecard")))
    assert not here.failed
    for twin in twins:
        there = run(twin, cluster.address, "complaints", "6_scorecard")
        assert (there.done, there.failed) == (here.done, ())
        assert recorded(twin) == recorded(bench)
        assert shown(twin) == shown(bench)
        assert run(twin, cluster.address, "complaints", "6_scorecard").skipped == here.done
    assert not list(storage.rglob("*.*"))  # customers' data stay no longer than the run


def test_a_units_notebooks_travel_together_six_at_the_most_and_no_two_units_do() -> None:
    """As docs/scale.md counts it: the six notebooks of a unit are one trip."""
    groups: list[Any] = [SimpleNamespace(jobs=[SimpleNamespace(unit=SimpleNamespace(id=unit))]) for unit in "aaaaaaaab"]
    trips = list(batch_cluster._by_unit(groups))
    assert [[group.jobs[0].unit.id for group in trip] for trip in trips] == [["a"] * 6, ["a"] * 2, ["b"]]
    assert [group for trip in trips for group in trip] == groups


def test_over_storage_a_notebook_sees_nothing_of_the_workspace(
    bench: Workbench, cluster: Cluster, tmp_path: Path
) -> None:
    stored = set_storage(bench, tmp_path / "storage")
    look = f"import json, os\nplace = os.environ['XIAOBAO_INPUT']\nassert {str(bench.home)!r} not in place\n"
    look += f"assert {str(bench.home)!r} not in open(place, encoding='utf-8').read()"
    replace_notebook(stored.home, "4_complaints", look, GOOD)
    summary = run(stored, cluster.address, "complaints")
    assert summary.done
    assert not summary.failed


def test_units_of_a_lost_worker_run_elsewhere_and_are_recorded_once(
    bench: Workbench, cluster: Cluster, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    note = (
        f"import os, time, pathlib\npathlib.Path({str(marks)!r}, f'{{unit}} {{os.getppid()}}').touch()\ntime.sleep(1)"
    )
    replace_notebook(bench.home, "4_complaints", note, GOOD)
    told: list[RunSummary] = []
    running = threading.Thread(target=lambda: told.append(run(bench, cluster.address, "complaints")))
    running.start()
    mark = until(lambda: next(marks.iterdir(), None))
    unit, zygote = mark.name.split()
    psutil.Process(psutil.Process(int(zygote)).ppid()).kill()
    running.join(60)
    expected = sorted(u.id for u in bench.units(PERIOD).values() if u.inspected)
    assert (told[0].done, told[0].failed) == (len(expected), ())
    assert set(statuses(bench)) == {"done"}
    assert len([m for m in marks.iterdir() if m.name.split()[0] == unit]) == 2  # once in vain
    journal = (papers_of(bench.home) / "journal.jsonl").read_text("utf-8")
    events = [json.loads(line) for line in journal.splitlines()]
    assert sorted(e["unit"] for e in events if e["event"] == "paper") == expected


def test_a_killed_notebook_fails_alone_and_its_worker_stays(bench: Workbench, cluster: Cluster) -> None:
    first = min(unit.id for unit in bench.units(PERIOD).values() if unit.inspected)
    replace_notebook(bench.home, "4_complaints", f"import os\nif unit == {first!r}: os.kill(os.getpid(), 9)", GOOD)
    summary = run(bench, cluster.address, "complaints")
    assert [unit for unit, _, _ in summary.failed] == [first]
    assert "内核中途退出（信号 SIGKILL）" in summary.failed[0][2]
    assert summary.done == statuses(bench)["done"] > 0
    assert all(worker.poll() is None for worker in cluster.workers)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_no_notebook_running_anywhere(
    bench: Workbench, cluster: Cluster, tmp_path: Path, number: signal.Signals
) -> None:
    mark = tmp_path / "mark"
    note = f"import os, time, pathlib\npathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\ntime.sleep(100)"
    replace_notebook(bench.home, "4_complaints", note, GOOD)
    words = ("run", "--period", PERIOD, "--domain", "complaints", "--scheduler", cluster.address)
    process = subprocess.Popen(
        [sys.executable, "-c", "from xiaobao.cli import main; main()", *words],
        env={**os.environ, "XIAOBAO_HOME": str(bench.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    until(lambda: mark.exists() and mark.read_text())
    below = [p for worker in cluster.workers for p in psutil.Process(worker.pid).children(recursive=True)]
    children = [p for p in below if p.parent() in below]  # of the zygotes
    assert children
    process.send_signal(number)
    said, _ = process.communicate(timeout=30)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    assert all(worker.poll() is None for worker in cluster.workers)
    if number == signal.SIGTERM:
        assert process.returncode == 143
        assert "运行被中断" in said.decode()
        assert set(statuses(bench)) == {"interrupted"}


def test_a_scheduler_that_goes_away_interrupts_the_run_and_what_came_home_stays(
    bench: Workbench, tmp_path: Path
) -> None:
    units = sorted(unit.id for unit in bench.units(PERIOD).values() if unit.inspected)
    replace_notebook(bench.home, "4_complaints", f"import time\nif unit != {units[0]!r}: time.sleep(100)", GOOD)
    notices: list[str] = []
    told: list[RunSummary] = []

    def work(address: str) -> None:
        options = RunOptions(domains=("complaints",), scheduler=address)
        told.append(run_campaign(bench, bench.campaign(PERIOD), options, lambda p: notices.append(p.notice)))

    with running_cluster(tmp_path, 1) as short_lived:
        running = threading.Thread(target=work, args=(short_lived.address,))
        running.start()
        until((papers_of(bench.home) / units[0] / "4_complaints.ipynb").exists)
        short_lived.scheduler.kill()
        running.join(60)
    assert told[0].interrupted
    assert any("失去联系" in notice for notice in notices)
    assert statuses(bench) == {"done": 1, "interrupted": len(units) - 1}


def test_a_scheduler_out_of_reach_is_one_sentence_and_nothing_runs(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_cluster, "_CONNECT_SECONDS", 1)
    for address, why in ((f"tcp://127.0.0.1:{free_port()}", "连不上 Dask 调度器"), ("somewhere", "写法不对")):
        with pytest.raises(WorkspaceError) as raised:
            run(bench, address, "complaints")
        assert [fault.value for fault in raised.value.faults] == [address]
        assert why in str(raised.value)
    assert not recorded(bench)


def test_without_dask_one_sentence_says_what_to_install(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WorkspaceError, match=r"xiaobao\[cluster\]"):
        run(bench, "tcp://127.0.0.1:1", "complaints")


def test_workers_with_other_code_are_refused_by_name(
    bench: Workbench, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_cluster, "package_digest", os.getpid)  # differs between processes, as code may
    with pytest.raises(WorkspaceError, match="不是同一版本"):
        run(bench, cluster.address, "complaints")
    assert not recorded(bench)


def test_a_worker_that_cannot_reach_the_inputs_says_so_in_the_paper_s_reason(
    bench: Workbench, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = parcels.Parcel(notebook="/nowhere/notebook.ipynb", inputs="/nowhere/inputs.json")
    monkeypatch.setattr(parcels._SharedFolder, "send", lambda carrier, draft: nowhere)
    summary = run(bench, cluster.address, "complaints")
    assert summary.failed
    assert all("工作机取不到输入文件" in why for _, _, why in summary.failed)


def test_storage_that_cannot_be_written_is_said_before_anything_runs(
    bench: Workbench, cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="storage"):
        run(set_storage(bench, tmp_path / "file"), cluster.address, "complaints")
    assert not recorded(bench)
