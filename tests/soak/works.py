"""What is killed: a run, a run of all papers, an import, a backup, the migration of an older workspace."""

from __future__ import annotations

import csv
import hashlib
import shutil
import tarfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat

from tests.factories.older_workspaces import older_workspace, with_older_tables
from tests.factories.workspaces import PERIOD, papers_of, replace_notebook, result_cell, take_back
from tests.soak.killing import Work, heads
from xiaobao.store.models import Head
from xiaobao.workbench.backups import restore_workspace
from xiaobao.workbench.workspace import open_workbench

DOMAINS = {"1_disclosure": "disclosure", "2_suitability": "suitability", "4_complaints": "complaints"}
_LISTS = 300  # so many files take a moment to move
_RUN = ("run", "--period", PERIOD, *(word for domain in DOMAINS.values() for word in ("--domain", domain)))


def put_small_notebooks(home: Path, mark: str = "") -> None:
    """Put notebooks that take a moment in place of the shipped ones; `mark` makes them other ones."""
    for name, domain in DOMAINS.items():
        replace_notebook(home, name, f"import time; time.sleep(0.05)  # {mark}", result_cell(domain))


class Run:
    """`run` after the notebooks were changed: all papers are outstanding."""

    name = "run"
    rerun: tuple[str, ...] = ()

    def prepare(self, home: Path, round: int) -> None:
        if round == 0:
            take_back(home)
        put_small_notebooks(home, str(round))

    def words(self, home: Path, round: int) -> Sequence[str]:
        return (*_RUN, *self.rerun)

    def finish(self, home: Path, round: int) -> Sequence[str]:
        return _RUN

    def unharmed(self, home: Path, round: int) -> None:
        """Every paper at its final name opens, whatever the store says of it."""
        for path in papers_of(home).glob("*/[0-9a-z]*.ipynb"):
            nbformat.validate(nbformat.read(path, 4))

    def ended(self, home: Path, round: int) -> None:
        wb = open_workbench(home, read_only=True)
        runs = wb.store.runs(wb.campaign(PERIOD).id).values()
        assert runs and all(one.status.value == "done" for one in runs)
        assert all((wb.home / one.paper).is_file() for one in runs)
        assert not list(home.rglob("*.tmp.ipynb")) and not list(home.rglob("*.recorded"))
        wb.store.close()


class RunAll(Run):
    """`run --rerun all`: each paper takes the place of one that stands."""

    name = "run --rerun all"
    rerun = ("--rerun", "all")


class Import:
    """`import --replace` of an extract: the old rows or the new ones are in force, never some of both."""

    name = "import"
    rows = (0, 0)

    def prepare(self, home: Path, round: int) -> None:
        source = max((home / "extracts").glob(f"投诉台账_{PERIOD}.csv"))
        with source.open(encoding="gb18030", newline="") as file:
            lines = list(csv.reader(file))
        with (home / "again.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines[: len(lines) - 1 - round % 2])
        wb = open_workbench(home, read_only=True)
        self.rows = (wb.store.imports("complaints")[0].rows, len(lines) - 2 - round % 2)
        wb.store.close()

    def words(self, home: Path, round: int) -> Sequence[str]:
        return ("import", "complaints", str(home / "again.csv"), "--period", PERIOD, "--replace")

    finish = words

    def unharmed(self, home: Path, round: int) -> None:
        assert self._in_force(home) in self.rows

    def ended(self, home: Path, round: int) -> None:
        assert self._in_force(home) == self.rows[1]

    def _in_force(self, home: Path) -> int:
        wb = open_workbench(home, read_only=True)
        [record] = wb.store.imports("complaints")
        assert (home / record.path).is_file()
        wb.store.close()
        return record.rows


class Backup:
    """`backup`: the file is whole or not there, and what a killed one left goes with the next."""

    name = "backup"

    def prepare(self, home: Path, round: int) -> None:
        (home.parent / "backups").mkdir(exist_ok=True)

    def _file(self, home: Path, round: int) -> Path:
        return home.parent / "backups" / f"{round}.tar"

    def words(self, home: Path, round: int) -> Sequence[str]:
        return ("backup", str(self._file(home, round)))

    def finish(self, home: Path, round: int) -> Sequence[str]:
        return ("backup", str(self._file(home, round).with_suffix(".again.tar")))

    def unharmed(self, home: Path, round: int) -> None:
        if self._file(home, round).exists():
            with tarfile.open(self._file(home, round)) as archive:
                assert archive.getnames()

    def ended(self, home: Path, round: int) -> None:
        folder = home.parent / "backups"
        assert not [path for path in folder.iterdir() if path.name.startswith(".")]
        assert restore_workspace(folder / f"{round}.again.tar", folder / str(round)) == ()
        shutil.rmtree(folder / str(round))


class Migration:
    """The first command that writes in a workspace of 0.2: new tables, and a folder for every campaign."""

    name = "migration"
    files: Counter[str]
    history: Mapping[str, Head]

    def prepare(self, home: Path, round: int) -> None:
        shutil.rmtree(home, ignore_errors=True)
        older_workspace(home)
        for number in range(_LISTS):
            (home / "reports" / PERIOD / f"清单{number}.xlsx").write_bytes(b"%d" % number)
        self.history = heads(home)
        with_older_tables(home)
        self.files = self._files(home)

    def words(self, home: Path, round: int) -> Sequence[str]:
        return ("campaign", "create", f"第{round}次", "--period", PERIOD)

    def finish(self, home: Path, round: int) -> Sequence[str]:
        return ("campaign", "create", f"第{round}次续", "--period", PERIOD)

    def unharmed(self, home: Path, round: int) -> None:
        """Each file is there once, in its old place or in its new one."""
        assert self._files(home) == self.files

    def ended(self, home: Path, round: int) -> None:
        assert self._files(home) == self.files
        left = [path for path in (home / "reports" / PERIOD).iterdir() if path.is_file() and path.name != ".lock"]
        assert not left
        wb = open_workbench(home, read_only=True)
        assert wb.store.verify(self.history) == []
        wb.store.close()

    def _files(self, home: Path) -> Counter[str]:
        below = (path for path in (home / "reports").rglob("*") if path.is_file() and not path.name.startswith("."))
        return Counter(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in below)


WORKS: Mapping[str, tuple[type[Work], int]] = {  # name → what is killed, and how many of ten blows it gets
    "run": (Run, 2),
    "run --rerun all": (RunAll, 3),
    "import": (Import, 2),
    "backup": (Backup, 1),
    "migration": (Migration, 2),
}
