"""A backup is the whole workspace in one file; what is made of it works, and is sound."""

from __future__ import annotations

import shutil
import stat
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.factories.inspections import DOMAIN, PERIOD, UNIT, tiny_workspace, workbench
from tests.factories.workspaces import replace_notebook, result_cell
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.cli.app import app
from xiaobao.errors import WorkspaceError
from xiaobao.model import Conclusion, Response
from xiaobao.publishing import publish_summary
from xiaobao.store import Store
from xiaobao.workbench import backups
from xiaobao.workbench.backups import backup_workspace, restore_workspace
from xiaobao.workbench.inspections import filling
from xiaobao.workbench.moving_over import mark_layout
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import KEY_FILE, SETTINGS_FILE, Workbench, open_workbench

pytestmark = pytest.mark.usefixtures("shared_zygote")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    wb = workbench(tiny_workspace(tmp_path / "bank"))
    yield wb
    wb.store.close()


def answer(wb: Workbench, conclusion: Conclusion = Conclusion.COMPLIANT) -> str:
    form = filling.open_form(wb, UNIT, PERIOD, DOMAIN)
    item = next(one for one in form.items.values() if one.asked)
    reason = "" if conclusion is Conclusion.COMPLIANT else "见底稿"
    said = Response(item_id=item.item.id, conclusion=conclusion, reason=reason)
    filling.answer(wb, form, said, item.response.revision)
    return item.item.id


def test_everything_comes_back_and_the_workspace_works_on(bench: Workbench, tmp_path: Path) -> None:
    answer(bench)
    summary = publish_summary(bench, PERIOD)
    (bench.home / "notebooks").mkdir(exist_ok=True)
    (bench.home / "notebooks" / "own.ipynb").write_text("{}")
    backup_workspace(bench, tmp_path / "备份.tar.gz")
    assert restore_workspace(tmp_path / "备份.tar.gz", tmp_path / "again") == ()
    again = workbench(tmp_path / "again")
    assert again.store.heads() == bench.store.heads()
    place = summary.relative_to(bench.home)
    assert (again.home / place).read_bytes() == summary.read_bytes()
    assert (again.home / "notebooks" / "own.ipynb").read_text() == "{}"
    answer(again, Conclusion.NON_COMPLIANT)
    assert publish_summary(again, PERIOD).name == "汇总（第2版）.xlsx"
    assert verify_workspace(again) == ()


def test_the_key_is_kept_apart_and_all_of_it_is_its_owners_alone(bench: Workbench, tmp_path: Path) -> None:
    key = (bench.home / KEY_FILE).read_bytes()
    backup_workspace(bench, tmp_path / "备份.tar", tmp_path / "密钥")
    with tarfile.open(tmp_path / "备份.tar") as archive:
        assert not [name for name in archive.getnames() if "secrets" in name or "key" in name]
        assert {member.mode for member in archive.getmembers()} == {0o600}
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("备份.tar", "密钥")] == [0o600, 0o600]
    assert restore_workspace(tmp_path / "备份.tar", tmp_path / "again", tmp_path / "密钥") == ()
    assert (tmp_path / "again" / KEY_FILE).read_bytes() == key
    modes = {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "again").rglob("*") if p.is_file()}
    assert modes == {0o600}


def test_a_copy_made_while_somebody_saves_is_whole(bench: Workbench, tmp_path: Path) -> None:
    stop = threading.Event()

    def save() -> None:
        other, turn = workbench(bench.home), 0
        while not stop.is_set():
            answer(other, (Conclusion.COMPLIANT, Conclusion.NON_COMPLIANT)[turn % 2])
            turn += 1
        other.store.close()

    saving = threading.Thread(target=save)
    saving.start()
    try:
        for number in range(3):
            backup_workspace(bench, tmp_path / f"{number}.tar")
            assert restore_workspace(tmp_path / f"{number}.tar", tmp_path / f"again{number}") == ()
    finally:
        stop.set()
        saving.join()


@pytest.mark.long
def test_papers_that_a_run_replaces_while_the_copy_is_made_are_those_that_its_store_knows(
    seeded_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once between the files and the store, and once more after the store: then all is looked at again."""
    shutil.copytree(seeded_workspace, tmp_path / "bank")
    replace_notebook(tmp_path / "bank", "4_complaints", result_cell("complaints"))
    wb, whole = open_workbench(tmp_path / "bank"), Store.backup
    times = iter(("between", "after"))

    def run() -> None:
        assert not run_campaign(wb, wb.campaign(PERIOD), RunOptions(domains=("complaints",), rerun="all")).failed

    def meanwhile(store: Store, target: Path) -> None:
        when = next(times, "")
        run() if when else None
        whole(store, target)
        run() if when == "after" else None

    run()
    monkeypatch.setattr(Store, "backup", meanwhile)
    for number in range(2):
        backup_workspace(wb, tmp_path / f"{number}.tar")
        assert restore_workspace(tmp_path / f"{number}.tar", tmp_path / f"again{number}") == ()


def test_a_restored_workspace_is_in_order_and_nothing_in_it_is_moved(bench: Workbench, tmp_path: Path) -> None:
    period = bench.home / "reports" / "2026H1"
    period.mkdir(parents=True)
    mark_layout(bench.home)  # as `init` does
    (period / "合并.xlsx").write_bytes(b"of the period, of no campaign")
    backup_workspace(bench, tmp_path / "a.tar")
    restore_workspace(tmp_path / "a.tar", tmp_path / "again")
    open_workbench(tmp_path / "again")
    assert (tmp_path / "again" / "reports" / "2026H1" / "合并.xlsx").is_file()


def test_what_a_killed_backup_left_goes_with_the_next_but_never_what_another_is_writing(
    bench: Workbench, tmp_path: Path
) -> None:
    for name in (".backup-killed", ".backup-going-on"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "xiaobao.sqlite").write_bytes(b"x")
    with backups._held(tmp_path / ".backup-going-on"):
        backup_workspace(bench, tmp_path / "a.tar")
    assert sorted(path.name for path in tmp_path.glob(".*")) == [".backup-going-on"]


def test_a_store_at_a_fixed_place_does_not_lead_the_copy_back_to_the_original(bench: Workbench, tmp_path: Path) -> None:
    settings = bench.home / SETTINGS_FILE
    line = f'store = "sqlite:///{bench.home / "xiaobao.sqlite"}"'
    settings.write_text(settings.read_text("utf-8").replace('store = "sqlite:///xiaobao.sqlite"', line), "utf-8")
    if line not in settings.read_text("utf-8"):
        settings.write_text(line + "\n" + settings.read_text("utf-8"), "utf-8")
    backup_workspace(workbench(bench.home), tmp_path / "a.tar")
    restore_workspace(tmp_path / "a.tar", tmp_path / "again")
    assert open_workbench(tmp_path / "again").store.path == tmp_path / "again" / "xiaobao.sqlite"


def test_nothing_is_written_over_and_other_files_are_refused(bench: Workbench, tmp_path: Path) -> None:
    backup_workspace(bench, tmp_path / "a.tar")
    with pytest.raises(WorkspaceError, match="不覆盖"):
        backup_workspace(bench, tmp_path / "a.tar")
    with pytest.raises(WorkspaceError, match="不是空的"):
        restore_workspace(tmp_path / "a.tar", bench.home)
    with pytest.raises(WorkspaceError, match="找不到备份文件"):
        restore_workspace(tmp_path / "b.tar", tmp_path / "again")
    with tarfile.open(tmp_path / "other.tar", "w") as archive:
        archive.add(bench.home / SETTINGS_FILE, "x")
    with pytest.raises(WorkspaceError, match="不是工作区的备份文件"):
        restore_workspace(tmp_path / "other.tar", tmp_path / "again")


def test_what_was_changed_before_the_backup_is_said_when_it_is_restored(bench: Workbench, tmp_path: Path) -> None:
    path = bench.home / bench.store.imports("units")[0].path
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    backup_workspace(bench, tmp_path / "a.tar")
    ended = CliRunner().invoke(app, ["restore", str(tmp_path / "a.tar"), str(tmp_path / "again")])
    assert ended.exit_code == 1
    assert "导入数据 units" in ended.output


def test_a_backup_of_the_first_version_is_still_taken(bench: Workbench, tmp_path: Path) -> None:
    bench.store.backup(tmp_path / "旧.sqlite")
    shutil.copy(bench.home / SETTINGS_FILE, tmp_path / "旧.sqlite.toml")
    restore_workspace(tmp_path / "旧.sqlite", tmp_path / "again")
    assert open_workbench(tmp_path / "again").store.heads() == bench.store.heads()
    assert not (tmp_path / "again" / KEY_FILE).exists()
