"""Display objects of the notebooks: `_repr_html_` for people, a plain text of the same figures for git and tests.

Names load when first used: a kernel pays for the views that its notebook shows.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xiaobao.features.complaints.view import (
        ledger_facets,
        ledger_hot_spots,
        ledger_timeliness,
        ledger_totals,
        ledger_units,
    )
    from xiaobao.features.today.view import today
    from xiaobao.pages.views.bank import groups, progress, rolled, worst_findings
    from xiaobao.pages.views.card import card_findings, card_heading, card_leads, card_losses, domains, trend
    from xiaobao.pages.views.explaining import explanation, losses
    from xiaobao.pages.views.paper import check_results, coverage, findings, heading, leads, responses, scores
    from xiaobao.pages.views.ranking import ranking_table
    from xiaobao.pages.views.steps import bridge
    from xiaobao.pages.views.view import View

__all__ = [
    "View",
    "bridge",
    "card_findings",
    "card_heading",
    "card_leads",
    "card_losses",
    "check_results",
    "coverage",
    "domains",
    "explanation",
    "findings",
    "groups",
    "heading",
    "leads",
    "ledger_facets",
    "ledger_hot_spots",
    "ledger_timeliness",
    "ledger_totals",
    "ledger_units",
    "losses",
    "progress",
    "ranking_table",
    "responses",
    "rolled",
    "scores",
    "today",
    "trend",
    "worst_findings",
]

# No module may have the name of what is taken from it: whoever imported the module would find it in its place.
_MODULES = {
    "bank": "groups progress rolled worst_findings",
    "card": "card_findings card_heading card_leads card_losses domains trend",
    "complaints": "ledger_facets ledger_hot_spots ledger_timeliness ledger_totals ledger_units",
    "due": "today",
    "explaining": "explanation losses",
    "paper": "check_results coverage findings heading leads responses scores",
    "ranking": "ranking_table",
    "steps": "bridge",
    "view": "View",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
