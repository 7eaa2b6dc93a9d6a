"""What has to run: compare the digest of each paper's inputs with that of its last good run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from xiaobao.errors import Fault, WorkspaceError, XiaobaoError
from xiaobao.model import Extract, RunStatus, Unit
from xiaobao.paper.code import bench_digest, package_digest
from xiaobao.paper.frozen import Frozen, FrozenPaper, FrozenTables, input_digest, with_extracts
from xiaobao.store.models import Campaign, ImportRecord, RunRecord
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.cutting import data_fault, lost_imports
from xiaobao.workbench.places import SCORECARD, notebook_of, own_paper, paper_name, recorded_paper_path, run_notebooks
from xiaobao.workbench.workspace import Workbench

_MENDED = "；请从备份或安装包恢复后重新运行"
_UNREADABLE = "已记录的填报内容读不出来，可能被改动；请运行 xiaobao verify 查明"


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
        if isinstance(self.frozen, FrozenTables):
            return own_paper(self.frozen.own_paper)
        return paper_name(self.frozen.domain) if isinstance(self.frozen, FrozenPaper) else self.notebook


def code_digest(notebooks: Path, domains: Iterable[str] = (), own: Iterable[str] = ()) -> Mapping[str, str]:
    """Return notebook → digest of its source cells and of the package code that a kernel runs.

    `domains` are run, and analysts' `own` notebooks.

    One that is missing or damaged has a digest of its own, so that its papers are not up to date, and fail by name.
    """
    package = bytes.fromhex(package_digest())
    digests = {}
    for name in run_notebooks(domains, own, notebooks):
        path = notebooks / f"{name}.ipynb"
        source = json.dumps(_sources(path) if not notebook_fault(path) else [notebook_fault(path)])
        digests[name] = hashlib.sha256(package + source.encode()).hexdigest()
    return digests


def notebook_fault(path: Path) -> str:
    """Return what is wrong with a notebook of the workspace before anything runs it, "" where it can be read."""
    if not path.is_file():
        return f"工作区缺少笔记本 notebooks/{path.name}{_MENDED}"
    try:
        _sources(path)
    except (OSError, ValueError, KeyError, TypeError):
        return f"工作区的笔记本 notebooks/{path.name} 已损坏，读不出来{_MENDED}"
    return ""


def _sources(path: Path) -> list[list[str]]:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [[cell["cell_type"], "".join(cell["source"])] for cell in cells]


@dataclass(frozen=True, kw_only=True)
class Unready:
    """A paper whose inputs could not even be frozen, and why."""

    unit: Unit
    paper_name: str
    error: str
    digest: str = ""


class Planner:
    """Knows the last run of every paper of a campaign, and so which jobs have to run, and which cannot.

    `rerun`: "" changed and unfinished ones, "failed" those that failed, "all".
    """

    def __init__(self, wb: Workbench, campaign: Campaign, rerun: str = "") -> None:
        self._wb, self._home, self._campaign = wb, wb.home, campaign
        self._rerun = rerun
        self._checked: dict[tuple[str, str], str] = {}
        self._notebooks = wb.home / "notebooks"
        self._bench = bench_digest() if campaign.papers else ""
        self._code = code_digest(self._notebooks, campaign.checklists, campaign.papers)
        self._runs: Mapping[tuple[str, str], RunRecord] = wb.store.runs(campaign.id)

    def job(self, unit: Unit, notebook_or_domain: str, frozen: Frozen) -> Job:
        """Return the job of a domain paper, of the scorecard, or of an analyst's own notebook.

        A new program alone does not move what was handed in: that takes `rerun` "all", which the history tells.
        """
        notebook = notebook_or_domain
        if isinstance(frozen, FrozenPaper):
            notebook = notebook_of(notebook_or_domain, self._notebooks)
        code = "" if getattr(frozen, "handed_in", False) else self._code[notebook]
        code += self._bench if isinstance(frozen, FrozenTables) else ""
        return Job(unit=unit, notebook=notebook, frozen=frozen, digest=input_digest(frozen, code))

    def job_or_fault(self, unit: Unit, notebook_or_domain: str, freeze: Callable[[], Frozen]) -> Job | Unready:
        """Return the job of a paper; where its own inputs cannot be frozen, what says so."""
        try:
            return self.job(unit, notebook_or_domain, freeze())
        except (XiaobaoError, ValueError, KeyError, TypeError) as error:
            message = str(error) if isinstance(error, XiaobaoError) else f"{_UNREADABLE}（{type(error).__name__}）"
            return Unready(unit=unit, paper_name=self._paper_name(notebook_or_domain), error=message)

    def _paper_name(self, notebook_or_domain: str) -> str:
        if notebook_or_domain in self._campaign.papers:
            return own_paper(notebook_or_domain)
        return SCORECARD if notebook_or_domain == SCORECARD else paper_name(notebook_or_domain)

    def fault(self, job: Job) -> str:
        """Return why a job cannot run: its notebook or its data are lost or damaged. "" where it can."""
        return notebook_fault(self._home / "notebooks" / f"{job.notebook}.ipynb") or self._broken_data(job)

    @cached_property
    def _lost(self) -> Sequence[ImportRecord]:
        return lost_imports(self._wb)

    def _broken_data(self, job: Job) -> str:
        extracts: list[Extract] = []

        def note(extract: Extract) -> Extract:
            extracts.append(extract)
            return extract

        with_extracts(job.frozen, note)
        return next((said for one in extracts if (said := self._said_of(one))), "")

    def _said_of(self, extract: Extract) -> str:
        """Return what is wrong with one file of data; each is read once a run."""
        key = (extract.path, extract.sha256)
        if key not in self._checked:
            self._checked[key] = data_fault(self._home, extract, self._lost)
        return self._checked[key]

    def outstanding(self, job: Job) -> bool:
        """Tell whether a job has to run: no good run of these very inputs, or its paper is no longer in its place."""
        last = self._runs.get((job.unit.id, job.paper_name))
        if self._rerun == "all":
            return True
        if self._rerun == "failed":
            return last is not None and last.status is not RunStatus.DONE
        return not self._up_to_date(job, last) or bool(self._broken_data(job))

    def _up_to_date(self, job: Job, last: RunRecord | None) -> bool:
        done = last is not None and last.status is RunStatus.DONE and last.digest == job.digest
        return done and last is not None and recorded_paper_path(self._home, self._campaign, last).is_file()


def check_wanted(wb: Workbench, campaign: Campaign, units: Iterable[str], domains: Iterable[str]) -> None:
    """Raise WorkspaceError naming every unit and domain that this campaign does not inspect."""
    known = {unit.id for unit in inspected_units(wb, campaign)}
    faults = [Fault("没有这个被检查机构", value=unit) for unit in units if unit not in known]
    known_domains = (*campaign.checklists, *map(own_paper, campaign.papers))
    faults += [
        Fault("本批次没有这个检查域", value=domain, allowed="、".join(known_domains))
        for domain in domains
        if domain not in known_domains and domain != SCORECARD
    ]
    if faults:
        raise WorkspaceError(faults)
