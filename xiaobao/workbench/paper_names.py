"""What the notebooks and papers of a unit are called: one for each domain, one for its scorecard."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

SCORECARD = "6_scorecard"
NOTEBOOKS = {
    "disclosure": "1_disclosure",
    "suitability": "2_suitability",
    "information_security": "3_information_security",
    "complaints": "4_complaints",
    "special_groups": "5_special_groups",
}
OTHER_DOMAIN = "domain"
OWN = "own-"  # before the name of an analyst's own notebook


def own_paper(notebook: str) -> str:
    """Return what the papers of an analyst's own notebook are called, so that they are never taken for others."""
    return OWN + notebook


def own_domain_notebook(domain: str) -> str:
    """Return what the notebook of a bank's own domain is called, if it has one of its own."""
    return f"{OTHER_DOMAIN}-{domain}"


def notebook_of(domain: str, notebooks: Path | None = None) -> str:
    """Return the notebook of a domain; those of the bank's own share one, unless they have their own in a folder."""
    if domain in NOTEBOOKS:
        return NOTEBOOKS[domain]
    own = own_domain_notebook(domain)
    return own if notebooks is not None and (notebooks / f"{own}.ipynb").is_file() else OTHER_DOMAIN


def paper_of(domain: str) -> str:
    """Return what a domain's paper, and the run that made it, is called: the same, whichever notebook made it."""
    return NOTEBOOKS.get(domain) or own_domain_notebook(domain)


def run_notebooks(domains: Iterable[str], own: Iterable[str], notebooks: Path) -> set[str]:
    """Return every notebook that a run may need of those in a folder: of these domains, and analysts' `own`."""
    return {*NOTEBOOKS.values(), OTHER_DOMAIN, SCORECARD, *(notebook_of(one, notebooks) for one in domains), *own}
