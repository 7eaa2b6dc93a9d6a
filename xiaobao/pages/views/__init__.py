"""Display objects of the notebooks: `_repr_html_` for people, a plain text of the same figures for git and tests.

Names load when first used: a kernel pays for the views that its notebook shows.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xiaobao.feature_list import load, named

if TYPE_CHECKING:
    from xiaobao.pages.views.bank import groups, progress, rolled, worst_findings
    from xiaobao.pages.views.bridge_steps import bridge
    from xiaobao.pages.views.card import card_findings, card_heading, card_leads, card_losses, domains, trend
    from xiaobao.pages.views.explaining import explanation, losses
    from xiaobao.pages.views.first import dearest, first_screen
    from xiaobao.pages.views.paper import check_results, coverage, findings, heading, leads, responses, scores
    from xiaobao.pages.views.pieces import folded
    from xiaobao.pages.views.ranking import overview_head, overview_on_paper, ranking_table
    from xiaobao.pages.views.view_model import View

__all__ = [
    "View",
    "bridge",
    "card_findings",
    "card_heading",
    "card_leads",
    "card_losses",
    "check_results",
    "coverage",
    "dearest",
    "domains",
    "explanation",
    "findings",
    "first_screen",
    "folded",
    "groups",
    "heading",
    "leads",
    "losses",
    "overview_head",
    "overview_on_paper",
    "progress",
    "ranking_table",
    "responses",
    "rolled",
    "scores",
    "trend",
    "worst_findings",
]
__all__.extend(named("views"))

# No module may have the name of what is taken from it: whoever imported the module would find it in its place.
_MODULES = {
    "bank": "groups progress rolled worst_findings",
    "card": "card_findings card_heading card_leads card_losses domains trend",
    "first": "dearest first_screen",
    "pieces": "folded",
    "explaining": "explanation losses",
    "paper": "check_results coverage findings heading leads responses scores",
    "ranking": "overview_head overview_on_paper ranking_table",
    "bridge_steps": "bridge",
    "view_model": "View",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    elif module := named("views").get(name):
        found = getattr(load(module), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
