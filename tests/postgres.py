"""A private PostgreSQL server for the tests: Debian's binaries, a socket in a folder of its own, no network."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

_MISSING = (
    "PostgreSQL server binaries are missing: install Debian's `postgresql` package "
    "(found no /usr/lib/postgresql/*/bin/initdb and no initdb on PATH)"
)
_STARTING = 60.0


class MissingPostgres(AssertionError):
    """There is no server to test on: that is a failure, never a skip."""


def server_binaries() -> Path:
    """Return the folder of the newest server. Raises MissingPostgres when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise MissingPostgres(_MISSING)
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def _version(initdb: Path) -> int:
    digits = re.match(r"\d+", initdb.parent.parent.name)
    return int(digits.group()) if digits else 0


class Server:
    """One server, one folder. The server refuses to run as root, so root hands it to another user."""

    def __init__(self) -> None:
        self.binaries = server_binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="xiaobao-pg-"))
        self.databases = 0
        self._user = self._other_user() if os.geteuid() == 0 else None
        try:
            if self._user:
                os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
            data = str(self.folder / "data")
            self._run("initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
            self.process = self._start()
            self._wait()
        except BaseException:
            self.stop()
            raise

    @staticmethod
    def _other_user() -> pwd.struct_passwd:
        names = {user.pw_name: user for user in pwd.getpwall()}
        return names.get("postgres") or names["nobody"]

    def _command(self, program: str, *words: str) -> Sequence[str]:
        # pdeathsig: no server outlives a test run that was killed.
        prefix = ["setpriv", "--pdeathsig", "INT"]
        if self._user:
            prefix += [f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"]
        return [*prefix, str(self.binaries / program), *words]

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            self._command(program, *words), cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{program} failed:\n{done.stdout}{done.stderr}"

    def _start(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            "autovacuum": "off",
            "checkpoint_timeout": "1h",
            "max_wal_size": "4GB",
            "max_connections": "60",
            "logging_collector": "off",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                self._command("postgres", "-D", str(self.folder / "data"), *words),
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + _STARTING
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                psycopg.connect(host=str(self.folder), user="tester", dbname="postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("PostgreSQL did not start:\n" + (self.folder / "log").read_text("utf-8"))

    def new_database(self, template: str = "template0") -> str:
        """Make a database, empty or as a copy, and return its address."""
        self.databases += 1
        name = f"bank_{self.databases}"
        with psycopg.connect(host=str(self.folder), user="tester", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql://tester@/{name}?host={self.folder}"

    @staticmethod
    def name_of(url: str) -> str:
        return url.removeprefix("postgresql://tester@/").split("?")[0]

    def stop(self) -> None:
        """End it at once: nothing in it is wanted again, so it need not put its databases in order."""
        process: subprocess.Popen[bytes] | None = getattr(self, "process", None)
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGQUIT)
            process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)
