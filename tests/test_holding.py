"""Runs and files that hold: what is lost is made again or named, a kill leaves nothing that looks altered."""

from __future__ import annotations

import errno
import hashlib
import shutil
import sqlite3
import sys
from contextlib import closing
from itertools import cycle
from pathlib import Path

import pytest

from tests.factories.people import small_bank
from tests.factories.workspaces import PERIOD, papers_of, replace_notebook, result_cell, take_back
from xiaobao.batch import run as batch_run
from xiaobao.batch.run import RunOptions, RunProgress, run_campaign
from xiaobao.cli import main
from xiaobao.cli import workspaces as commands
from xiaobao.errors import InputError
from xiaobao.model import Role, Seat
from xiaobao.workbench.acting import system_user
from xiaobao.workbench.people import PersonEntry, import_people
from xiaobao.workbench.results.recording import raise_leads
from xiaobao.workbench.verifying import paper_checkpoint, verify_workspace
from xiaobao.workbench.workspace import Workbench, open_workbench

pytestmark = pytest.mark.usefixtures("shared_zygote")

COMPLAINTS = RunOptions(domains=("complaints",))
TWO = RunOptions(domains=("complaints", "disclosure"))


@pytest.fixture
def bench(seeded_workspace: Path, tmp_path: Path) -> Workbench:
    home = tmp_path / "bank"
    shutil.copytree(seeded_workspace, home)
    return open_workbench(home)


def run(bench: Workbench, options: RunOptions = COMPLAINTS, told: list[RunProgress] | None = None):  # type: ignore[no-untyped-def]
    return run_campaign(bench, bench.campaign(PERIOD), options, told.append if told is not None else None)


def partition(bench: Workbench) -> Path:
    return max((bench.home / "data" / "partitions" / PERIOD).glob("[0-9]*/complaints.parquet"))


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
    altered = path.read_bytes()[:-1] + b"?"
    path.unlink()  # put in its place: what a handed-in sheet keeps is another name of the same file
    path.write_bytes(altered)
    [fault] = verify_workspace(bench)
    assert "数据分片" in fault and "xiaobao run --rerun all" in fault
    told: list[RunProgress] = []
    assert run(bench, COMPLAINTS, told).failed == ()
    assert any("损坏的分机构数据 1 份，已从导入的数据重新切分" in one.notice for one in told)
    assert verify_workspace(bench) == ()


@pytest.fixture
def open_bench(bench: Workbench) -> Workbench:
    """Sheets that nobody handed in rest on the data of today; their notebooks are tiny."""
    take_back(bench.home)
    for name, domain in (("4_complaints", "complaints"), ("1_disclosure", "disclosure")):
        replace_notebook(bench.home, name, result_cell(domain))
    return bench


def statuses(bench: Workbench) -> dict[tuple[str, str], str]:
    return {key: one.status.value for key, one in bench.store.runs(bench.campaign(PERIOD).id).items()}


def test_what_cannot_be_cut_anew_fails_its_own_papers_by_name_and_stops_nothing_else(open_bench: Workbench) -> None:
    bench = open_bench
    assert not run(bench, TWO).failed
    record = bench.store.imports("complaints")[0]
    extract = (bench.home / record.path).read_bytes()
    (bench.home / record.path).write_bytes(extract[:-1] + b"?")
    path = partition(bench)
    path.write_bytes(path.read_bytes()[:-1] + b"?")

    unit = path.parent.name
    [(who, paper, why)] = run(bench, TWO).failed
    assert (who, paper) == (unit, "4_complaints")
    assert "投诉台账" in why and f"xiaobao import complaints 文件 --period {record.period} --replace" in why
    assert {key for key, status in statuses(bench).items() if status == "failed"} == {(unit, "4_complaints")}

    (bench.home / record.path).write_bytes(extract)
    mended = run(bench, TWO)
    assert (mended.failed, mended.done) == ((), 1)
    assert verify_workspace(bench) == ()


@pytest.mark.long
def test_where_all_must_be_cut_anew_only_papers_that_need_the_lost_extract_fail(open_bench: Workbench) -> None:
    bench = open_bench
    assert not run(bench, TWO).failed
    record = bench.store.imports("complaints")[0]
    (bench.home / record.path).rename(bench.home / "kept-apart")
    assert not run(bench, RunOptions(domains=TWO.domains, rerun="all")).failed, "all partitions still stand"
    manifest = partition(bench).parents[1] / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"source": "', '"source": "other'), "utf-8")
    summary = run(bench, TWO)
    drafts = {one.unit for one in bench.store.inspections(1) if one.domain == "complaints" and one.state == "draft"}
    assert {(who, paper) for who, paper, _ in summary.failed} >= {(unit, "4_complaints") for unit in drafts}
    assert {paper for _, paper, _ in summary.failed} == {"4_complaints"}
    assert all("丢失" in why and "--replace" in why for _, _, why in summary.failed)
    (bench.home / "kept-apart").rename(bench.home / record.path)
    assert not run(bench, TWO).failed
    assert verify_workspace(bench) == ()


@pytest.mark.parametrize("harm", ["cut short", "gone"])
def test_a_damaged_notebook_fails_its_own_papers_by_name(
    open_bench: Workbench, harm: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = open_bench
    notebook = bench.home / "notebooks" / "4_complaints.ipynb"
    whole = notebook.read_bytes()
    notebook.unlink() if harm == "gone" else notebook.write_bytes(whole[:100])
    monkeypatch.setenv("XIAOBAO_HOME", str(bench.home))
    words = ["run", "--period", PERIOD, "--domain", "complaints", "--domain", "disclosure"]
    monkeypatch.setattr(sys, "argv", ["xiaobao", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().out
    assert ended.value.code == 1
    found = statuses(bench)
    assert {status for (_, paper), status in found.items() if paper == "4_complaints"} == {"failed"}
    assert {status for (_, paper), status in found.items() if paper == "1_disclosure"} == {"done"}
    assert "notebooks/4_complaints.ipynb" in said and "从备份或安装包恢复" in said
    notebook.write_bytes(whole)
    assert not run(bench, TWO).failed


def test_one_units_data_that_cannot_be_read_leave_the_leads_of_the_others_raised(open_bench: Workbench) -> None:
    bench = open_bench
    run(bench, TWO)
    path = partition(bench)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(InputError, match=f"{path.parent.name} 的疑点没有下发.*--rerun all") as said:
        raise_leads(bench, bench.campaign(PERIOD))
    assert len(said.value.faults) == 1


def test_a_record_of_any_kind_that_cannot_be_read_is_named_and_ends_nothing(bench: Workbench) -> None:
    run(bench)
    store = bench.store.path
    assert store is not None
    bench.store.close()
    kinds = ("campaigns", "imports", "inspections", "handed_in", "runs", "filings", "published", "responses", "leads")
    for table, body in zip(kinds, cycle(('{"x":', "{}", "[1]", "null")), strict=False):
        whole = store.read_bytes()
        with closing(sqlite3.connect(store)) as opened:
            [sha] = opened.execute(f"SELECT payload FROM {table} LIMIT 1").fetchone()
            guards = opened.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in guards:
                opened.execute(f"DROP TRIGGER {name}")
            opened.execute("UPDATE payloads SET body = ? WHERE sha256 = ?", (body, sha))
            for _, text in guards:
                opened.execute(text)
            opened.commit()
        wb = open_workbench(bench.home, read_only=True)
        said = verify_workspace(wb)
        wb.store.close()
        assert any("所附内容被改动" in one for one in said), table
        store.write_bytes(whole)


def test_where_the_register_of_people_cannot_be_read_every_command_says_so_and_verify_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody's rights can be told then: nothing is done, and `verify` alone works for anybody who can read the file."""
    wb = small_bank(tmp_path / "bank")
    seats = (Seat(unit="", role=Role.ADMINISTRATOR),)
    import_people(wb, [PersonEntry(login="keeper", name="管库人", system_user=system_user(), seats=seats)])
    store = wb.store.path
    assert store is not None
    wb.store.close()
    with closing(sqlite3.connect(store)) as opened:
        [guard] = opened.execute("SELECT sql FROM sqlite_master WHERE name = 'payloads_no_update'").fetchone()
        opened.execute("DROP TRIGGER payloads_no_update")
        opened.execute("UPDATE payloads SET body = replace(body, '\"seats\"', '\"seat\"')")
        opened.execute("UPDATE payloads SET body = replace(body, '\"name\"', '\"nome\"')")
        opened.execute(guard)
        opened.commit()
    monkeypatch.setenv("XIAOBAO_HOME", str(wb.home))
    for words, said in ((["status"], "登记的人员有记录读不出来"), (["verify"], "所附内容被改动")):
        monkeypatch.setattr(sys, "argv", ["xiaobao", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert ended.value.code == 1 and said in told.out + told.err
        assert ("程序内部出错" not in told.err and "verify" in told.out + told.err) or words == ["verify"]


def test_an_altered_list_of_partitions_is_named(bench: Workbench) -> None:
    """Whoever changes a partition and its digest in the list has not changed what the history knows of the list."""
    run(bench)
    path = partition(bench)
    manifest = path.parents[1] / "manifest.json"
    whole = path.read_bytes()
    was = hashlib.sha256(whole).hexdigest()
    path.unlink()  # what is kept for handed-in sheets is another name of the same file
    path.write_bytes(whole[:-1] + b"?")
    forged = manifest.read_text("utf-8").replace(was, hashlib.sha256(path.read_bytes()).hexdigest())
    manifest.write_text(forged, "utf-8")
    [fault] = verify_workspace(bench)
    assert f"数据分片清单 {PERIOD}" in fault and "--rerun all" in fault
    run(bench, RunOptions(domains=("complaints",), rerun="all"))
    assert verify_workspace(bench) == ()


def test_papers_carry_a_checkpoint_that_shows_a_store_put_back_and_a_cut_tail(bench: Workbench, tmp_path: Path) -> None:
    bench.store.backup(tmp_path / "yesterday.sqlite")
    before = bench.store.checkpoint()
    run(bench)
    carried = {paper_checkpoint(path) for path in (bench.home / "reports").rglob("4_complaints.ipynb")}
    assert len(carried) == 1 and int(carried.pop().split("-")[0]) >= int(before.split("-")[0])
    assert verify_workspace(bench) == ()
    papers = {path: path.read_bytes() for path in (bench.home / "reports").rglob("*.ipynb")}
    run(bench)
    assert {path: path.read_bytes() for path in papers} == papers, "the same inputs are the same paper"

    with bench.store.writing(bench.actor) as tx:
        tx.record_file("汇总", "a.xlsx", "0" * 64)
    run(bench, RunOptions(domains=("complaints",), rerun="all"))
    bench.store.close()
    shutil.copyfile(tmp_path / "yesterday.sqlite", bench.home / "xiaobao.sqlite")
    said = [one for one in verify_workspace(open_workbench(bench.home, read_only=True)) if "所载检查点" in one]
    assert len(said) == 1 and "底稿" in said[0] and "4_complaints.ipynb" in said[0] and "被截短或换回旧库" in said[0]


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
    told: list[RunProgress] = []
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
