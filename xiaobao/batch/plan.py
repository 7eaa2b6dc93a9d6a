"""What has to run: compare the digest of each paper's inputs with that of its last good run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from xiaobao.errors import Fault, InputError
from xiaobao.model import RunStatus, Unit
from xiaobao.store.records import RunRecord
from xiaobao.workbench.frozen import Frozen, input_digest

SCORECARD = "6_scorecard"
NOTEBOOKS = {
    "disclosure": "1_disclosure",
    "suitability": "2_suitability",
    "information_security": "3_information_security",
    "complaints": "4_complaints",
    "special_groups": "5_special_groups",
}
OTHER_DOMAIN = "domain"
# What a kernel may execute; forms, the command line and the like change no figure.
_CODE = ("checklist", "checks", "datasets", "scoring", "pages", "workbench", "*.py")


@dataclass(frozen=True)
class Job:
    """One notebook of one unit, with frozen inputs."""

    unit: Unit
    notebook: str
    frozen: Frozen
    digest: str

    @property
    def paper_name(self) -> str:
        """Return the file name of the paper; a domain of the bank's own names its own."""
        return self.notebook if self.notebook != OTHER_DOMAIN else f"domain-{getattr(self.frozen, 'domain', '')}"


def notebook_of(domain: str) -> str:
    return NOTEBOOKS.get(domain, OTHER_DOMAIN)


def code_digest(notebooks: Path) -> Mapping[str, str]:
    """Return notebook → digest of its source cells and of the package code that a kernel runs."""
    package = hashlib.sha256()
    root = Path(__file__).resolve().parent.parent
    for pattern in _CODE:
        for path in sorted(root.glob(pattern if "*" in pattern else f"{pattern}/**/*.py")):
            package.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    digests = {}
    for name in {*NOTEBOOKS.values(), OTHER_DOMAIN, SCORECARD}:
        path = notebooks / f"{name}.ipynb"
        if not path.is_file():
            raise InputError(Fault("工作区缺少笔记本", file=f"notebooks/{path.name}"))
        cells = json.loads(path.read_text("utf-8"))["cells"]
        source = json.dumps([[cell["cell_type"], "".join(cell["source"])] for cell in cells])
        digests[name] = hashlib.sha256(package.digest() + source.encode()).hexdigest()
    return digests


def job(unit: Unit, notebook: str, frozen: Frozen, code: Mapping[str, str]) -> Job:
    return Job(unit, notebook, frozen, input_digest(frozen, code[notebook]))


def outstanding(
    jobs: Iterable[Job], runs: Mapping[tuple[str, str], RunRecord], home: Path, rerun: str
) -> Iterator[Job]:
    """Yield the jobs to run. `rerun`: "" changed and unfinished ones, "failed" those that failed, "all"."""
    for one in jobs:
        last = runs.get((one.unit.id, one.paper_name))
        failed = last is not None and last.status is not RunStatus.DONE
        wanted = {"all": True, "failed": failed, "": not _up_to_date(one, last, home)}
        if wanted[rerun]:
            yield one


def _up_to_date(one: Job, last: RunRecord | None, home: Path) -> bool:
    done = last is not None and last.status is RunStatus.DONE and last.digest == one.digest
    return done and last is not None and (home / last.paper).is_file()
