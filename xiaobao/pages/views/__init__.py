"""Display objects of the notebooks: `_repr_html_` for people, a plain text of the same figures for git and tests."""

from __future__ import annotations

from xiaobao.pages.views.bank import groups, progress, rolled, worst_findings
from xiaobao.pages.views.bridge import bridge
from xiaobao.pages.views.card import card_findings, card_heading, card_leads, card_losses, domains, trend
from xiaobao.pages.views.complaints import (
    ledger_facets,
    ledger_hot_spots,
    ledger_timeliness,
    ledger_totals,
    ledger_units,
)
from xiaobao.pages.views.paper import check_results, coverage, findings, heading, leads, losses, responses, scores
from xiaobao.pages.views.ranking import ranking_table
from xiaobao.pages.views.today import today
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
