"""What tests of several behaviours share."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.factories.zygotes import KeptZygote
    from tests.postgres import Server
    from xiaobao.store import Store


_LONGEST = ("tests/test_whole_demo.py", "tests/soak/test_soak.py")
_BETWEEN = 3  # other files after one in a browser: three browsers at once on two processors answer too late


# A busy machine is no fault of the code: what one example may take is not judged.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes; put others between those in a browser, so that few run side by side."""
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0], []).append(item)
    first = [name for name in _LONGEST if name in files]
    browser = [name for name in files if name.startswith("tests/browser/")]
    others = iter([name for name in files if name not in first and name not in browser])
    order = [*first, *(name for one in browser for name in (one, *islice(others, _BETWEEN))), *others]
    items[:] = [item for name in order for item in files[name]]
    for name in browser:
        for item in files[name]:
            item.add_marker(pytest.mark.flaky(reruns=1))  # named among the results as rerun


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why a test had to run twice: else the reason is lost with its first run."""
    for report in terminalreporter.stats.get("rerun", ()):
        why = [line for line in report.longreprtext.splitlines() if line.startswith(("E ", "> "))]
        terminalreporter.write_line(f"RERUN {report.nodeid} after {report.duration:.0f} s:")
        for line in why[:20]:
            terminalreporter.write_line(f"    {line[:200]}")


def _made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the workspace of a name, which the first test process that asks makes for all."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    home = root / name / "bank"
    home.parent.mkdir(exist_ok=True)
    with (home.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (whole := home.parent / "whole").exists():
            shutil.rmtree(home, ignore_errors=True)
            make(home)
            whole.touch()
    return home


@pytest.fixture(scope="session")
def seeded_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of three units, filled and decided, made once for all test processes; copy it before changing it."""
    from tests.factories.workspaces import seed_workspace

    return _made_once(tmp_path_factory, "seeded", seed_workspace)


@pytest.fixture(scope="session")
def whole_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo as a newcomer gets it, with what it printed beside it; made once, copy it before changing it."""
    from tests.factories.workspaces import make_demo

    return _made_once(tmp_path_factory, "demo", make_demo)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of this test process, stopped at the end."""
    from tests.postgres import Server

    server = Server()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty place for a store, on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / '数据 1.sqlite'}"
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store in a file, to be copied."""
    from xiaobao import store as storing

    path = tmp_path_factory.mktemp("made") / "made.sqlite"
    storing.open(f"sqlite:///{path}", create=True).close()
    return path


@pytest.fixture(scope="session")
def made_database(postgres: Server) -> str:
    """The name of a database with a new store, to be copied."""
    from xiaobao import store as storing

    url = postgres.new_database()
    storing.open(url, create=True).close()
    return postgres.name_of(url)


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new store, on each engine: a copy, since making the tables anew for each test is slow."""
    if request.param == "sqlite":
        path = tmp_path / "数据 1.sqlite"
        shutil.copy(request.getfixturevalue("made_file"), path)
        return f"sqlite:///{path}"
    server: Server = request.getfixturevalue("postgres")
    return server.new_database(request.getfixturevalue("made_database"))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A new store, on each engine."""
    from xiaobao import store as storing

    with storing.open(store_url) as made:
        yield made


@pytest.fixture(scope="session")
def kept_zygote() -> Iterator[KeptZygote]:
    from tests.factories.zygotes import KeptZygote

    kept = KeptZygote()
    yield kept
    kept.end()


@pytest.fixture
def shared_zygote(kept_zygote: KeptZygote, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every run in this process fork from one zygote: for tests that ask what runs come to, not how they begin."""
    monkeypatch.setattr("xiaobao.batch.executing.new_zygote", lambda env=None: kept_zygote)
