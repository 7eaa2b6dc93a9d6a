"""消保自查工作台: the small face that notebooks see. Names load when first used, so importing this is cheap."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from xiaobao.feature_list import load, named

if TYPE_CHECKING:
    from xiaobao import forms, pages
    from xiaobao.features.complaints.opening import open_ledger
    from xiaobao.features.evidence.page import evidence
    from xiaobao.features.history.page import history
    from xiaobao.features.my_work.opening import my_work
    from xiaobao.features.today.opening import open_today
    from xiaobao.pages import views
    from xiaobao.pages.result import emit
    from xiaobao.workbench.opening import open_overview, open_paper, open_scorecard

__all__ = [
    "emit",
    "evidence",
    "forms",
    "history",
    "my_work",
    "open_ledger",
    "open_overview",
    "open_paper",
    "open_scorecard",
    "open_today",
    "pages",
    "views",
]

_MODULES = {"forms": "xiaobao.forms", "pages": "xiaobao.pages", "views": "xiaobao.pages.views"}
# In a batch these open the kernel's frozen inputs, and no store.
_FROZEN = {"open_paper": "xiaobao.paper.opening", "open_scorecard": "xiaobao.paper.card"}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name == "emit":
        return import_module("xiaobao.pages.result").emit
    if name in _FROZEN and os.environ.get("XIAOBAO_INPUT"):
        return getattr(import_module(_FROZEN[name]), name)
    if name in {*_FROZEN, "open_overview"}:
        return getattr(import_module("xiaobao.workbench.opening"), name)
    if target := named("opens").get(name):
        return load(target)
    raise AttributeError(f"module 'xiaobao' has no attribute {name!r}")


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("xiaobao")
    except PackageNotFoundError:  # run from a bare copy of the sources
        return "0"


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
