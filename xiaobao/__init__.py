"""消保自查工作台: the small face that notebooks see. Names load when first used, so importing this is cheap."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xiaobao import forms, pages
    from xiaobao.pages import views
    from xiaobao.pages.result import emit
    from xiaobao.workbench.opening import open_ledger, open_overview, open_paper, open_scorecard, open_today

__all__ = [
    "emit",
    "forms",
    "open_ledger",
    "open_overview",
    "open_paper",
    "open_scorecard",
    "open_today",
    "pages",
    "views",
]

_HOMES = {
    "emit": "xiaobao.pages.result",
    "open_ledger": "xiaobao.workbench.opening",
    "open_overview": "xiaobao.workbench.opening",
    "open_paper": "xiaobao.workbench.opening",
    "open_scorecard": "xiaobao.workbench.opening",
    "open_today": "xiaobao.workbench.opening",
    "forms": "xiaobao",
    "pages": "xiaobao",
    "views": "xiaobao.pages",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'xiaobao' has no attribute {name!r}")
    if name in {"forms", "pages", "views"}:
        return import_module(f"{home}.{name}")
    return getattr(import_module(home), name)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("xiaobao")
    except PackageNotFoundError:  # run from a bare copy of the sources
        return "0"


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
