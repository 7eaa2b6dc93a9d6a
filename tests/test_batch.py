"""The batch runs every notebook of every unit, survives what notebooks do, and never runs what has not changed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.factories.workspaces import PERIOD, papers_of, replace_notebook, result_cell
from xiaobao.batch.journal import read_status
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.errors import WorkspaceError
from xiaobao.workbench.workspace import Workbench, open_workbench

COMPLAINTS = RunOptions(domains=("complaints",), jobs=2)
GOOD = result_cell("complaints")

pytestmark = pytest.mark.usefixtures("shared_zygote")  # a run ends its own: tests/test_batch_hostile.py


@pytest.fixture
def bench(seeded_workspace: Path, tmp_path: Path) -> Workbench:
    home = tmp_path / "bank"
    shutil.copytree(seeded_workspace, home)
    return open_workbench(home)


def papers(bench: Workbench) -> dict[str, str]:
    """Return unit → status of its complaints paper, as the store has it."""
    runs = bench.store.runs(bench.campaign(PERIOD).id)
    return {unit: run.status.value for (unit, name), run in runs.items() if name == "4_complaints"}


def units(bench: Workbench) -> list[str]:
    return sorted(unit.id for unit in bench.units(PERIOD).values() if unit.inspected)


def run(bench: Workbench, options: RunOptions = COMPLAINTS):  # type: ignore[no-untyped-def]
    return run_campaign(bench, bench.campaign(PERIOD), options)


def test_one_failing_unit_does_not_stop_the_others_and_only_failures_are_run_again(bench: Workbench) -> None:
    first = units(bench)[0]
    replace_notebook(bench.home, "4_complaints", f"if unit == {first!r}: raise RuntimeError('坏数据')", GOOD)
    summary = run(bench)
    assert summary.done == len(units(bench)) - 1
    assert [(unit, paper) for unit, paper, _ in summary.failed] == [(first, "4_complaints")]
    assert "坏数据" in summary.failed[0][2]
    assert papers(bench)[first] == "failed"
    assert not (papers_of(bench.home) / first / "4_complaints.ipynb").exists()

    again = run(bench, RunOptions(domains=("complaints",), rerun="failed"))
    assert (again.done, len(again.failed), again.skipped) == (0, 1, len(units(bench)) - 1)


def without_times(paper: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(paper.read_text("utf-8"))
    for holder in (notebook, *notebook["cells"]):
        for timed in ("papermill", "execution", "xiaobao"):  # the last: how far the history had come
            holder["metadata"].pop(timed, None)
    return notebook


def test_two_runs_on_the_same_inputs_leave_equal_papers_but_for_times(bench: Workbench) -> None:
    """The shipped notebooks, each in a kernel of its own: no random id anywhere, not even on papermill's own cell."""
    options = RunOptions(units=tuple(units(bench)[:2]), domains=("complaints", "disclosure"), rerun="all", jobs=2)
    left = []
    for _ in range(2):
        assert not run(bench, options).failed
        found = sorted((bench.home / "reports" / PERIOD).rglob("*.ipynb"))
        left.append({path.relative_to(bench.home): without_times(path) for path in found})
    assert len(left[0]) >= 4
    assert left[0] == left[1]


def test_a_run_clears_away_what_killed_commands_were_writing(bench: Workbench) -> None:
    """A draft, an extract, evidence, a checklist: whoever was killed over them, the next run leaves none of it."""
    first = units(bench)[0]
    places = [f"reports/{PERIOD}/{first}/报告.docx", "data/extracts/complaints/x.parquet", "evidence/ab/x.pdf"]
    drafts = [bench.home / place for place in (*places, "checklists/x.yaml", "xiaobao.backup")]
    kill = "import os, signal; from pathlib import Path; from xiaobao.files import drafting\n"
    for path in drafts:
        path.parent.mkdir(parents=True, exist_ok=True)
        code = f"{kill}with drafting(Path({str(path)!r})):\n    os.kill(os.getpid(), signal.SIGKILL)"
        subprocess.run([sys.executable, "-c", code], check=False)
    folder = bench.home / f"reports/{PERIOD}/批次{bench.campaign(PERIOD).id}" / first
    folder.mkdir(parents=True)
    (folder / ".4_complaints.ipynb.1.tmp.ipynb").write_text("{", "utf-8")
    left = [*bench.home.rglob(".*xiaobao-partial*"), *bench.home.rglob(".*.tmp.ipynb")]
    assert len(left) == len(drafts) + 1
    replace_notebook(bench.home, "4_complaints", GOOD)
    assert not run(bench).failed
    assert not [path for path in left if path.exists()]


def test_a_kernel_that_is_killed_is_a_failed_paper_never_a_finished_one(bench: Workbench) -> None:
    first = units(bench)[0]
    replace_notebook(bench.home, "4_complaints", f"import os\nif unit == {first!r}: os.kill(os.getpid(), 9)", GOOD)
    summary = run(bench)
    assert [unit for unit, _, _ in summary.failed] == [first]
    assert "内核" in summary.failed[0][2]
    status = read_status(bench, bench.campaign(PERIOD))
    assert [record.unit for record in status.failed] == [first]


def test_a_cell_and_a_notebook_that_overstay_are_ended_and_leave_no_process(bench: Workbench) -> None:
    (bench.home / "xiaobao.toml").write_text(
        (bench.home / "xiaobao.toml").read_text("utf-8").replace("[limits]", "[limits]\ncell_seconds = 3"), "utf-8"
    )
    slow = open_workbench(bench.home)
    first = units(slow)[0]
    replace_notebook(slow.home, "4_complaints", f"import time\nif unit == {first!r}: time.sleep(60)", GOOD)
    summary = run(slow)
    assert [unit for unit, _, _ in summary.failed] == [first]
    assert "超过 3 秒" in summary.failed[0][2]
    assert no_kernels_below_this_process()


def test_a_paper_without_a_result_is_failed(bench: Workbench) -> None:
    replace_notebook(bench.home, "4_complaints", "1 + 1")
    summary = run(bench, RunOptions(units=(units(bench)[0],), domains=("complaints",)))
    assert "没有给出结果" in summary.failed[0][2]


def test_the_paper_of_an_earlier_run_is_marked_by_its_name_until_one_succeeds(bench: Workbench) -> None:
    """An executed notebook with the old score must not pass for what stands."""
    only = RunOptions(units=(units(bench)[0],), domains=("complaints",), rerun="all")
    paper = papers_of(bench.home) / units(bench)[0] / "4_complaints.ipynb"
    marked = paper.with_name("4_complaints（未更新）.ipynb")
    for code, stands, old in ((GOOD, True, False), ("raise RuntimeError('坏数据')", False, True), (GOOD, True, False)):
        replace_notebook(bench.home, "4_complaints", code)
        run(bench, only)
        assert (paper.is_file(), marked.is_file()) == (stands, old)


def test_a_result_for_another_unit_is_refused(bench: Workbench) -> None:
    replace_notebook(bench.home, "4_complaints", "unit = 'Z9'", GOOD)
    summary = run(bench, RunOptions(units=(units(bench)[0],), domains=("complaints",)))
    assert "与任务不一致" in summary.failed[0][2]


def test_a_run_sees_neither_the_store_nor_the_workspace(bench: Workbench) -> None:
    """A kernel of the batch gets its input file and an empty folder of its own."""
    replace_notebook(
        bench.home, "4_complaints", "import os\nassert not os.listdir('.')\nassert os.environ['XIAOBAO_INPUT']", GOOD
    )
    assert not run(bench).failed


def test_unknown_units_and_domains_are_all_named_before_anything_runs(bench: Workbench) -> None:
    with pytest.raises(WorkspaceError) as raised:
        run(bench, RunOptions(units=("ZZ", "YY"), domains=("nonsense",)))
    assert {"ZZ", "YY", "nonsense"} <= {fault.value for fault in raised.value.faults}
    assert not papers(bench)


def test_a_second_run_at_the_same_time_is_refused(bench: Workbench) -> None:
    from filelock import FileLock

    folder = papers_of(bench.home)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"), pytest.raises(WorkspaceError, match="已有一次运行"):
        run(bench)


def test_a_terminated_run_marks_what_it_was_doing_and_the_next_run_finishes(bench: Workbench) -> None:
    replace_notebook(bench.home, "4_complaints", "import time\ntime.sleep(30)", GOOD)
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from xiaobao.cli import main; main()",
            "run",
            "--period",
            PERIOD,
            "--domain",
            "complaints",
        ],
        env={**os.environ, "XIAOBAO_HOME": str(bench.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while len(psutil.Process(process.pid).children(recursive=True)) < 3 and time.monotonic() < deadline:
        time.sleep(0.2)
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    _, alive = psutil.wait_procs(below, timeout=10)
    assert not alive
    assert "interrupted" in papers(bench).values()
    assert "done" not in papers(bench).values()

    replace_notebook(bench.home, "4_complaints", GOOD)
    assert run(bench).done == len(units(bench))
    assert set(papers(bench).values()) == {"done"}


@pytest.mark.long
def test_two_at_a_time_and_a_unit_in_one_process_give_what_one_at_a_time_gives(
    bench: Workbench, tmp_path: Path
) -> None:
    shown = []
    for number, (jobs, per) in enumerate([(1, "notebook"), (2, "notebook"), (2, "unit")]):
        home = tmp_path / str(number)
        shutil.copytree(bench.home, home)
        domains = ("disclosure", "complaints", "governance")
        assert not run(open_workbench(home), RunOptions(domains=domains, jobs=jobs, per=per)).failed
        shown.append({path.relative_to(home): outputs(path) for path in papers_of(home).glob("*/*.ipynb")})
    assert len(shown[0]) >= 2 * len(units(bench))
    assert shown[0] == shown[1] == shown[2]


def outputs(path: Path) -> list[object]:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [(cell.get("outputs"), cell.get("execution_count"), cell["source"]) for cell in cells]


def test_notebooks_of_a_unit_share_a_process_but_no_names(bench: Workbench) -> None:
    """What `--per unit` promises: a fresh namespace each. What it does not: modules keep what was set in them."""
    for name, domain in (("1_disclosure", "disclosure"), ("4_complaints", "complaints")):
        replace_notebook(bench.home, name, "assert 'secret' not in globals()", "secret = 1", result_cell(domain))
    assert not run(bench, RunOptions(domains=("disclosure", "complaints"), per="unit")).failed


def no_kernels_below_this_process() -> bool:
    below = psutil.Process().children(recursive=True)
    _, alive = psutil.wait_procs([p for p in below if "ipykernel" in " ".join(p.cmdline())], timeout=10)
    return not alive
