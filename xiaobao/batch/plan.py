"""What has to run: compare the digest of each paper's inputs with that of its last good run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from xiaobao.errors import Fault, InputError, WorkspaceError
from xiaobao.model import RunStatus, Unit
from xiaobao.paper.code import package_digest
from xiaobao.paper.frozen import Frozen, input_digest
from xiaobao.store.records import Campaign, RunRecord
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.places import where_paper_lies
from xiaobao.workbench.workspace import Workbench

SCORECARD = "6_scorecard"
NOTEBOOKS = {
    "disclosure": "1_disclosure",
    "suitability": "2_suitability",
    "information_security": "3_information_security",
    "complaints": "4_complaints",
    "special_groups": "5_special_groups",
}
OTHER_DOMAIN = "domain"


@dataclass(frozen=True, kw_only=True)
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
    package = bytes.fromhex(package_digest())
    digests = {}
    for name in {*NOTEBOOKS.values(), OTHER_DOMAIN, SCORECARD}:
        path = notebooks / f"{name}.ipynb"
        if not path.is_file():
            raise InputError(Fault("工作区缺少笔记本", file=f"notebooks/{path.name}"))
        cells = json.loads(path.read_text("utf-8"))["cells"]
        source = json.dumps([[cell["cell_type"], "".join(cell["source"])] for cell in cells])
        digests[name] = hashlib.sha256(package + source.encode()).hexdigest()
    return digests


class Planner:
    """Knows the last run of every paper of a campaign, and so which jobs have to run.

    `rerun`: "" changed and unfinished ones, "failed" those that failed, "all".
    """

    def __init__(self, wb: Workbench, campaign: Campaign, rerun: str = "") -> None:
        self._home, self._campaign = wb.home, campaign
        self._rerun = rerun
        self._code = code_digest(wb.home / "notebooks")
        self._runs: Mapping[tuple[str, str], RunRecord] = wb.store.runs(campaign.id)

    def job(self, unit: Unit, notebook_or_domain: str, frozen: Frozen) -> Job:
        """Return the job of a domain paper or of the scorecard.

        A new program alone does not move what was handed in: that takes `rerun` "all", which the history tells.
        """
        notebook = SCORECARD if notebook_or_domain == SCORECARD else notebook_of(notebook_or_domain)
        code = "" if getattr(frozen, "handed_in", False) else self._code[notebook]
        return Job(unit=unit, notebook=notebook, frozen=frozen, digest=input_digest(frozen, code))

    def outstanding(self, job: Job) -> bool:
        """Tell whether a job has to run: no good run of these very inputs, or its paper is no longer in its place."""
        last = self._runs.get((job.unit.id, job.paper_name))
        if self._rerun == "all":
            return True
        if self._rerun == "failed":
            return last is not None and last.status is not RunStatus.DONE
        return not self._up_to_date(job, last)

    def _up_to_date(self, job: Job, last: RunRecord | None) -> bool:
        done = last is not None and last.status is RunStatus.DONE and last.digest == job.digest
        return done and last is not None and where_paper_lies(self._home, self._campaign, last).is_file()


def check_wanted(wb: Workbench, campaign: Campaign, units: Iterable[str], domains: Iterable[str]) -> None:
    """Raise WorkspaceError naming every unit and domain that this campaign does not inspect."""
    known = {unit.id for unit in inspected_units(wb, campaign)}
    faults = [Fault("没有这个被检查机构", value=unit) for unit in units if unit not in known]
    faults += [
        Fault("本批次没有这个检查域", value=domain, allowed="、".join(campaign.checklists))
        for domain in domains
        if domain not in campaign.checklists and domain != SCORECARD
    ]
    if faults:
        raise WorkspaceError(faults)
