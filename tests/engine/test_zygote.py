"""A zygote forks clean children, knows at once how each ended, and leaves nothing behind when anybody dies."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from xiaobao.engine.children import EngineFailure, ForkedChild, Overdue, Preparation, ZygoteProcess, _accepted

TARGETS = "tests.engine.targets"
ROOT = Path(__file__).parents[2]
SOON = 10.0


@pytest.fixture(scope="module")
def zygote() -> Iterator[ZygoteProcess]:
    with ZygoteProcess(Preparation(steps=(TARGETS,))) as made:
        yield made


def within(seconds: float) -> Callable[[], float]:
    """Return a deadline that begins now."""
    end = time.monotonic() + seconds
    return lambda: end


def heard(
    zygote: ZygoteProcess, target: str, payload: object = None, **options: Any
) -> tuple[list[dict[str, Any]], int | None]:
    """Run a target to its end; return what it said and its exit code."""
    child = zygote.fork(f"{TARGETS}:{target}", payload, cwd=options.pop("cwd", "/"), **options)
    try:
        return list(child.messages(within(SOON))), child.exit_code
    finally:
        child.close()


def gone(*pids: int) -> bool:
    _, alive = psutil.wait_procs([psutil.Process(p) for p in pids if psutil.pid_exists(p)], timeout=SOON)
    return all(p.status() == psutil.STATUS_ZOMBIE for p in alive if p.is_running())


def test_a_child_has_the_folder_the_environment_and_the_session_it_was_given(
    zygote: ZygoteProcess, tmp_path: Path
) -> None:
    [said], code = heard(zygote, "describe", {"甲": [1]}, cwd=tmp_path, env={"ONLY": "this"})
    assert code == 0
    assert said["payload"] == {"甲": [1]}
    assert said["cwd"] == str(tmp_path)
    assert {"ONLY": "this"}.items() <= said["env"].items() and "PATH" not in said["env"]
    assert said["session"] == said["pid"] != os.getsid(0)
    assert said["threads"] == 1


def test_another_environment_takes_another_zygote_but_not_the_name_of_the_test_that_runs(
    zygote: ZygoteProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    zygote.start()
    first = zygote.pid
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "the next one")
    [said], _ = heard(zygote, "describe")
    assert zygote.pid == first
    assert said["env"]["PYTEST_CURRENT_TEST"] == "the next one"
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    heard(zygote, "describe")
    assert zygote.pid != first


def test_children_draw_different_random_numbers(zygote: ZygoteProcess) -> None:
    draws = {heard(zygote, "describe")[0][0]["random"] for _ in range(3)}
    assert len(draws) == 3
    with ZygoteProcess(Preparation(steps=("numpy.random", TARGETS))) as other:
        assert len({heard(other, "numpy_draw")[0][0]["draw"] for _ in range(3)}) == 3


@pytest.mark.parametrize(
    ("target", "payload", "code"),
    [("describe", None, 0), ("exit_with", 3, 3), ("kill_self", None, -signal.SIGKILL), ("fail", None, 1)],
)
def test_the_exit_status_of_a_child_is_told(zygote: ZygoteProcess, target: str, payload: object, code: int) -> None:
    assert heard(zygote, target, payload, stderr=os.open(os.devnull, os.O_WRONLY))[1] == code


def test_a_child_may_grow_by_its_limit_and_no_more(zygote: ZygoteProcess) -> None:
    megabyte = 1 << 20
    assert heard(zygote, "eat", 20 * megabyte, memory=100 * megabyte)[0] == [{"got": 20 * megabyte}]
    assert heard(zygote, "eat", 200 * megabyte, memory=100 * megabyte)[0] == [{"refused": True}]


def test_what_a_child_leaves_behind_is_ended_even_in_another_session(zygote: ZygoteProcess) -> None:
    [said], _ = heard(zygote, "leave_children")
    assert gone(*said["pids"])


def test_a_child_that_overstays_is_reported_and_can_be_killed(zygote: ZygoteProcess) -> None:
    child = zygote.fork(f"{TARGETS}:sleep", None, cwd="/")
    with pytest.raises(Overdue):
        list(child.messages(within(0.5)))
    child.kill()
    assert child.wait(within(SOON)) == -signal.SIGKILL
    child.close()


def test_when_the_zygote_is_killed_its_children_die_and_the_next_fork_starts_another(zygote: ZygoteProcess) -> None:
    child = zygote.fork(f"{TARGETS}:sleep", None, cwd="/")
    first = zygote.pid
    os.kill(first, signal.SIGKILL)
    with pytest.raises(EngineFailure, match="died"):
        list(child.messages(within(SOON)))
    assert gone(first, child.pid)
    child.close()
    assert heard(zygote, "describe")[1] == 0
    assert zygote.pid != first


def test_when_the_parent_is_killed_zygote_children_and_what_they_started_die() -> None:
    code = (
        "from xiaobao.engine.children import *\n"
        f"z = Zygote(Preparation(({TARGETS!r},)))\n"
        f"c = z.fork('{TARGETS}:sleep', None, cwd='/')\n"
        "print(z.pid, c.pid, flush=True)\nlist(c.messages())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert all(psutil.pid_exists(pid) for pid in pids)
    parent.kill()
    parent.communicate()
    assert gone(*pids)


def test_a_zygote_with_a_living_thread_refuses_to_fork() -> None:
    steps = (TARGETS, f"{TARGETS}:start_thread")
    with ZygoteProcess(Preparation(steps=steps)) as threaded, pytest.raises(EngineFailure, match="left-behind"):
        threaded.fork(f"{TARGETS}:describe", None, cwd="/")


def test_a_zygote_is_replaced_for_another_environment_but_not_for_what_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    with ZygoteProcess(Preparation(steps=(TARGETS,), passing=("NOTEBOOK",))) as zygote:
        pids = []
        for name in ("NOTEBOOK", "NOTEBOOK", "LASTING"):
            monkeypatch.setenv(name, f"value {len(pids)}")
            [said], _ = heard(zygote, "describe")
            assert said["env"][name] == f"value {len(pids)}"
            pids.append(zygote.pid)
    assert pids[0] == pids[1] != pids[2]


def test_a_zygote_that_is_killed_while_it_gets_ready_is_started_once_more(tmp_path: Path) -> None:
    env = {**os.environ, "DIED": str(tmp_path / "died")}
    with ZygoteProcess(Preparation(steps=(TARGETS, f"{TARGETS}:die_the_first_time")), env) as zygote:
        assert heard(zygote, "exit_with", 7) == ([], 7)


def test_a_step_that_fails_is_named() -> None:
    name = "no_such_module_anywhere"
    with ZygoteProcess(Preparation(steps=(name,))) as broken, pytest.raises(EngineFailure, match=name):
        broken.start()


@pytest.mark.parametrize(("watch", "then"), [(True, 2), (False, 1)])
def test_a_zygote_is_replaced_when_its_code_changes(
    watch: bool, then: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "changing"
    package.mkdir()
    source = package / "__init__.py"
    source.write_text("import os, json\ndef tell(payload, events): os.write(events, b'{\"version\": 1}\\n')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "changing", raising=False)
    __import__("changing")
    with ZygoteProcess(Preparation(steps=("changing",), watch=watch)) as one:

        def version() -> int:
            child: ForkedChild = one.fork("changing:tell", None, cwd="/")
            [said] = child.messages(within(SOON))
            child.close()
            return int(said["version"])

        assert version() == 1
        source.write_text(source.read_text().replace("1}", "2}"))
        os.utime(source, ns=(time.time_ns(), time.time_ns() + 1_000_000_000))
        assert version() == then


def test_one_child_does_not_wait_for_another(zygote: ZygoteProcess) -> None:
    slow = zygote.fork(f"{TARGETS}:sleep", None, cwd="/")
    assert heard(zygote, "describe")[1] == 0
    slow.kill()
    assert slow.wait(within(SOON)) == -signal.SIGKILL
    slow.close()


def test_the_end_of_a_child_counts_that_came_along_with_its_birth() -> None:
    status, told = os.pipe()
    events, said = os.pipe()
    os.write(told, b'{"pid": 1}\n{"exit": 3}\n')
    os.write(said, b'{"n": 1}\n')
    os.close(told)
    os.close(said)
    child = _accepted(status, events)
    assert child.poll() == 3
    assert list(child.messages(within(SOON))) == [{"n": 1}]
    assert child.exit_code == 3
    child.close()


def test_the_end_of_a_child_is_heard_by_a_descriptor_above_a_thousand() -> None:
    """A server of many kernels has thousands of them open, and select(2) knows none above 1023."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    ours, theirs = os.pipe()
    high = fcntl.fcntl(ours, fcntl.F_DUPFD, 2000)
    try:
        child = ForkedChild(os.getpid(), high, ours, b"")
        assert child.poll() is None
        os.write(theirs, b'{"exit": 3}\n')
        assert child.poll() == 3
    finally:
        for fd in (ours, theirs, high):
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
