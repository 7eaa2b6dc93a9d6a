"""What the notebooks and papers of a unit are called: one for each domain, one for its scorecard."""

from __future__ import annotations

SCORECARD = "6_scorecard"
NOTEBOOKS = {
    "disclosure": "1_disclosure",
    "suitability": "2_suitability",
    "information_security": "3_information_security",
    "complaints": "4_complaints",
    "special_groups": "5_special_groups",
}
OTHER_DOMAIN = "domain"


def notebook_of(domain: str) -> str:
    """Return the notebook of a domain; those of the bank's own share one."""
    return NOTEBOOKS.get(domain, OTHER_DOMAIN)


def paper_of(domain: str) -> str:
    """Return what a domain's paper, and the run that made it, is called."""
    notebook = notebook_of(domain)
    return notebook if notebook != OTHER_DOMAIN else f"{OTHER_DOMAIN}-{domain}"
