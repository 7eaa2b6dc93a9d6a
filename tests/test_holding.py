"""Runs and files that hold: what is lost is made again or named, a kill leaves nothing that looks altered."""

from __future__ import annotations

import errno
import shutil
import sys
from pathlib import Path

import pytest

from tests.factories.workspaces import PERIOD, papers_of
from xiaobao.batch import run as batch_run
from xiaobao.batch.run import Progress, RunOptions, run_campaign
from xiaobao.cli import main
from xiaobao.cli import workspaces as commands
from xiaobao.errors import InputError
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import Workbench, open_workbench

COMPLAINTS = RunOptions(domains=("complaints",))


@pytest.fixture
def bench(seeded_workspace: Path, tmp_path: Path) -> Workbench:
    home = tmp_path / "bank"
    shutil.copytree(seeded_workspace, home)
    return open_workbench(home)


def run(bench: Workbench, options: RunOptions = COMPLAINTS, told: list[Progress] | None = None):  # type: ignore[no-untyped-def]
    return run_campaign(bench, bench.campaign(PERIOD), options, told.append if told is not None else None)


def partition(bench: Workbench) -> Path:
    return max((bench.home / "data" / "partitions" / PERIOD).rglob("complaints.parquet"))


def test_a_lost_or_cut_partition_is_cut_anew_by_the_next_run(bench: Workbench) -> None:
    run(bench)
    was = partition(bench).read_bytes()
    for harm in (lambda path: path.unlink(), lambda path: path.write_bytes(was[:-7])):
        harm(partition(bench)) if partition(bench).exists() else None
        summary = run(bench)
        assert (summary.failed, summary.done) == ((), 0), "the same rows were cut: nothing had to run again"
        assert verify_workspace(bench) == ()


def test_an_altered_partition_is_named_with_the_command_that_mends_it(bench: Workbench) -> None:
    run(bench)
    path = partition(bench)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    [fault] = verify_workspace(bench)
    assert "数据分片" in fault and "xiaobao run --rerun all" in fault
    assert run(bench, RunOptions(domains=("complaints",), rerun="all")).failed == ()
    assert verify_workspace(bench) == ()


def test_a_lost_extract_is_named_with_the_command_that_brings_it_back(bench: Workbench) -> None:
    run(bench)
    record = bench.store.imports("complaints")[0]
    (bench.home / record.path).unlink()
    partition(bench).unlink()
    with pytest.raises(
        InputError, match=f"投诉.*丢失.*xiaobao import complaints 文件 --period {record.period} --replace"
    ):
        run(bench)


def test_a_run_that_is_killed_between_record_and_name_is_mended_by_the_next_one(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(bench)
    with monkeypatch.context() as killed:
        killed.setattr(batch_run, "place_papers", lambda *_: None)  # as if the process ended here
        run(bench, RunOptions(domains=("complaints",), rerun="all"))
    waiting = list(papers_of(bench.home).glob("*/.*.recorded"))
    assert waiting
    assert verify_workspace(bench) == (), "our own papers are never called altered"
    told: list[Progress] = []
    summary = run(bench, COMPLAINTS, told)
    assert (summary.done, summary.failed) == (0, ())
    assert any(f"已记录的 {len(waiting)} 本底稿补上文件名" in one.notice for one in told)
    assert not list(papers_of(bench.home).glob("*/.*.recorded"))
    assert verify_workspace(bench) == ()


def test_a_paper_that_was_not_recorded_leaves_the_former_one_in_place(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(bench)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(batch_run, "record_runs", killed)
        with pytest.raises(KeyboardInterrupt):
            run(bench, RunOptions(domains=("complaints",), rerun="all"))
    assert verify_workspace(bench) == ()
    assert run(bench).failed == ()
    assert not list(papers_of(bench.home).glob("*/.*.recorded"))


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "磁盘已满"), (errno.EROFS, "文件夹是只读的"), (errno.EACCES, "没有写入权限")]
)
def test_a_machine_that_refuses_to_write_is_said_in_one_chinese_line(
    number: int, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], bench: Workbench
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, "No space left on device", "/mnt/x")

    monkeypatch.setenv("XIAOBAO_HOME", str(bench.home))
    monkeypatch.setattr(commands, "backup_workspace", refused)
    monkeypatch.setattr(sys, "argv", ["xiaobao", "backup", "a.tar"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert said.count("\n") == 1 and words in said and "No space" not in said
