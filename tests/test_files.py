"""Files come to be whole: under a temporary name of their own, then renamed; what a killed writer left is cleared."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from xiaobao.files import PRIVATE, clear_leavings, drafting, put_new, replacing, write_bytes, write_new, write_text

ROOT = Path(__file__).parents[1]
KILLED = """
import os, signal, sys
from pathlib import Path
from xiaobao.files import replacing
with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def kill_while_writing(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == -signal.SIGKILL


def test_until_the_end_the_old_file_stands(tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    write_text(path, "旧")
    with replacing(path) as temporary:
        assert (temporary.parent, temporary.suffix) == (path.parent, ".xlsx")
        temporary.write_text("新", "utf-8")
        assert path.read_text("utf-8") == "旧"
    assert path.read_text("utf-8") == "新"
    assert names(tmp_path) == ["名单.xlsx"]


def test_an_error_inside_leaves_the_old_file_and_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_bytes(path, b"old")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_bytes(b"new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_full_disk_is_the_callers_to_say(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_bytes(tmp_path / "nowhere" / "a", b"")


@pytest.mark.parametrize("durable", [True, False])
def test_many_writers_of_one_file_never_meet(tmp_path: Path, durable: bool) -> None:
    path, faults = tmp_path / "a", []

    def write(letter: str) -> None:
        try:
            for _ in range(40 if not durable else 5):
                write_text(path, letter * 10_000, durable=durable)
                text = path.read_text("utf-8")
                assert text == text[0] * 10_000
        except BaseException as fault:  # noqa: BLE001  told below, in the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert names(tmp_path) == ["a"]


def test_a_private_file_is_private_from_its_first_moment(tmp_path: Path) -> None:
    with replacing(tmp_path / "key", mode=PRIVATE) as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        temporary.write_bytes(b"secret")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "open", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o640


def test_of_two_who_make_a_new_file_the_first_wins(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_new(path, b"first", mode=PRIVATE)
    with pytest.raises(FileExistsError):
        write_new(path, b"second")
    assert path.read_bytes() == b"first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names(tmp_path) == ["key"]


def test_where_there_are_no_hard_links_a_new_file_still_replaces_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    write_new(tmp_path / "a", b"first")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert names(tmp_path) == ["a"]


def test_what_a_killed_writer_left_goes_with_the_next_file_of_that_folder(tmp_path: Path) -> None:
    kill_while_writing(tmp_path / "a")
    [left] = names(tmp_path)
    assert left != "a"
    write_bytes(tmp_path / "b", b"")
    assert names(tmp_path) == ["b"]


def test_a_file_that_somebody_is_writing_is_never_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".download.partial").write_bytes(b"of another program")
    (tmp_path / "below").mkdir()
    kill_while_writing(tmp_path / "below" / "a")
    with drafting(tmp_path / "a") as temporary:
        clear_leavings(tmp_path, below=True)
        assert temporary.exists()
        put_new(temporary, tmp_path / "a")
    assert names(tmp_path) == [".download.partial", "a", "below"]
    assert names(tmp_path / "below") == []
