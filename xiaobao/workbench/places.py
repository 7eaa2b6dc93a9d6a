"""Where the papers and reports of a campaign lie. Everybody asks here; nobody puts a path together.

A campaign's folder is named by its number, which never changes: a name may hold any characters and may be changed.
No unit can be in its way, for ids of units are letters and digits. Up to version 0.2 all campaigns of a period shared
one folder; what was recorded then is looked for in the campaign's folder too, so that the history need not be touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from xiaobao.errors import InputError
from xiaobao.model import Period, RunStatus
from xiaobao.store import Store
from xiaobao.store.models import Campaign, RunRecord

REPORTS_FOLDER = "reports"
FOLDER = "批次"
_PENDING = ".recorded"


def campaign_folder(home: Path, campaign: Campaign) -> Path:
    """Return the folder of a campaign's papers, reports and exports."""
    return home / REPORTS_FOLDER / campaign.period / f"{FOLDER}{campaign.id}"


def initials_path(home: Path, campaign: Campaign) -> Path:
    """Return where the initials of its units' names lie: written with the static pages, for whoever searches a unit."""
    return campaign_folder(home, campaign) / ".initials.json"


def paper_path(home: Path, campaign: Campaign, unit: str, paper: str) -> Path:
    """Return where a work paper lies once it is finished."""
    return campaign_folder(home, campaign) / unit / f"{paper}.ipynb"


def pending_paper(place: Path, sha256: str) -> Path:
    """Return where a finished paper waits until the store knows it: its name and its record are to appear together."""
    return place.with_name(f".{place.name}.{sha256[:16]}{_PENDING}")


def outdated_paper(place: Path) -> Path:
    """Return the name of an executed paper whose later run failed: its score is no longer what stands."""
    return place.with_name(f"{place.stem}（未更新）.ipynb")


def place_papers(home: Path, campaign: Campaign, runs: Iterable[RunRecord]) -> None:
    """Give recorded papers their names. What a kill leaves waiting here, `name_recorded_papers` ends.

    Where the run failed, the paper of an earlier one is marked by its name, until one succeeds.
    """
    for run in runs:
        waiting = pending_paper(home / run.paper, run.paper_sha256)
        if run.paper and waiting.is_file():
            waiting.replace(home / run.paper)
            outdated_paper(home / run.paper).unlink(missing_ok=True)
        elif run.status is RunStatus.FAILED:
            place = paper_path(home, campaign, run.unit, run.notebook)
            if place.is_file():
                place.replace(outdated_paper(place))


def name_recorded_papers(home: Path, campaign: Campaign, runs: Iterable[RunRecord]) -> int:
    """Give papers that a killed run had recorded their names, drop those it had not; return how many got theirs."""
    named = 0
    for run in runs:
        waiting = pending_paper(home / run.paper, run.paper_sha256)
        if run.paper and waiting.is_file():
            waiting.replace(home / run.paper)
            named += 1
    for left in campaign_folder(home, campaign).glob(f"*/.*{_PENDING}"):
        left.unlink(missing_ok=True)
    return named


def period_folder(home: Path, period: str) -> Path:
    """Return where lies what is of a period and of none of its campaigns: a year's report, a merge of filings."""
    return home / REPORTS_FOLDER / Period.parse(period).code


def run_folder(home: Path, campaign: Campaign) -> Path:
    """Return where a run keeps its inputs while it goes on."""
    return home / ".run" / str(campaign.id)


def campaign_words(store: Store, campaign: Campaign) -> str:
    """Return what a campaign's lists and reports are called by: its period, and its name where that has several."""
    several = len(store.campaigns(campaign.period)) > 1
    return f"{campaign.period} {campaign.name}" if several else campaign.period


def recorded_paper_path(home: Path, campaign: Campaign, run: RunRecord) -> Path:
    """Return the place of a recorded paper: as recorded, or in its campaign's folder when it was moved over."""
    recorded = home / run.paper
    moved = campaign_folder(home, campaign) / run.unit / PurePosixPath(run.paper).name
    return moved if not recorded.is_file() and moved.is_file() else recorded


def recorded_report_path(home: Path, store: Store, recorded: str) -> Path:
    """Return the place of an issued report: as recorded, or in the folder of its period's campaign."""
    path = home / recorded
    parts = PurePosixPath(recorded).parts
    if path.is_file() or len(parts) < 3 or parts[0] != REPORTS_FOLDER or parts[2].startswith(FOLDER):
        return path
    try:
        code = Period.parse(parts[1]).code
    except InputError:
        return path
    moved = (campaign_folder(home, one).joinpath(*parts[2:]) for one in store.campaigns(code))
    return next((one for one in moved if one.is_file()), path)


SCORECARD = "6_scorecard"
NOTEBOOKS = {
    "disclosure": "1_disclosure",
    "suitability": "2_suitability",
    "information_security": "3_information_security",
    "complaints": "4_complaints",
    "special_groups": "5_special_groups",
}
OTHER_DOMAIN = "domain"
OWN_PREFIX = "own-"  # before the name of an analyst's own notebook


def own_paper(notebook: str) -> str:
    """Return what the papers of an analyst's own notebook are called, so that they are never taken for others."""
    return OWN_PREFIX + notebook


def own_domain_notebook(domain: str) -> str:
    """Return what the notebook of a bank's own domain is called, if it has one of its own."""
    return f"{OTHER_DOMAIN}-{domain}"


def notebook_of(domain: str, notebooks: Path | None = None) -> str:
    """Return the notebook of a domain; those of the bank's own share one, unless they have their own in a folder."""
    if domain in NOTEBOOKS:
        return NOTEBOOKS[domain]
    own = own_domain_notebook(domain)
    return own if notebooks is not None and (notebooks / f"{own}.ipynb").is_file() else OTHER_DOMAIN


def paper_name(domain: str) -> str:
    """Return what a domain's paper, and the run that made it, is called: the same, whichever notebook made it."""
    return NOTEBOOKS.get(domain) or own_domain_notebook(domain)


def run_notebooks(domains: Iterable[str], own: Iterable[str], notebooks: Path) -> set[str]:
    """Return every notebook that a run may need of those in a folder: of these domains, and analysts' `own`."""
    return {*NOTEBOOKS.values(), OTHER_DOMAIN, SCORECARD, *(notebook_of(one, notebooks) for one in domains), *own}
