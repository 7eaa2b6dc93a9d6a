"""消保自查工作台: the small face that notebooks see. Names load when first used, so importing this is cheap."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from xiaobao.feature_list import load, named

if TYPE_CHECKING:
    from inspect import Signature

    from xiaobao import forms, pages
    from xiaobao.features.analysis.extract_tables import datasets, table
    from xiaobao.features.analysis.fonts import chart_fonts
    from xiaobao.features.analysis.picking import pick
    from xiaobao.features.analysis.recorded import answers, findings, leads, scores
    from xiaobao.features.analysis.trials import try_check
    from xiaobao.features.appraisal.page import appraisal_page as appraisal
    from xiaobao.features.complaints.reading import open_ledger
    from xiaobao.features.desk.page import desk
    from xiaobao.features.evidence.page import evidence
    from xiaobao.features.filings.page import filings_page as filings
    from xiaobao.features.head_office.page import open_head_office, weight_sliders
    from xiaobao.features.history.page import history
    from xiaobao.features.my_work.page import my_work
    from xiaobao.features.offline.page import offline
    from xiaobao.features.own_checks.page import new_check
    from xiaobao.features.registers.page import registers
    from xiaobao.features.samples.page import samples_page as samples
    from xiaobao.features.today.due import open_today
    from xiaobao.features.visits.page import open_dossier
    from xiaobao.features.visits.page import visits_page as visits
    from xiaobao.pages import views
    from xiaobao.pages.result import emit
    from xiaobao.workbench.from_workspace import open_overview, open_paper, open_scorecard

__all__ = [
    "answers",
    "appraisal",
    "chart_fonts",
    "datasets",
    "desk",
    "emit",
    "evidence",
    "filings",
    "findings",
    "forms",
    "history",
    "leads",
    "my_work",
    "new_check",
    "offline",
    "open_dossier",
    "open_head_office",
    "open_ledger",
    "open_overview",
    "open_paper",
    "open_scorecard",
    "open_today",
    "pages",
    "pick",
    "registers",
    "samples",
    "scores",
    "table",
    "try_check",
    "views",
    "visits",
    "weight_sliders",
]

_MODULES = {"forms": "xiaobao.forms", "pages": "xiaobao.pages", "views": "xiaobao.pages.views"}
# Rooms that bear the name of a verb.
_ROOMS = ("datasets", "findings")
# In a batch these open the kernel's frozen inputs, and no store.
_FROZEN = {"open_paper": "xiaobao.paper.from_frozen", "open_scorecard": "xiaobao.paper.card"}


class _Room(ModuleType):
    """A room whose name is a verb of the bench, too: `xb.findings()` asks, `xiaobao.findings` is still the module."""

    def __call__(self, *args: Any, **asked: Any) -> Any:
        return self._verb(*args, **asked)

    @property
    def _verb(self) -> Any:
        return load(_opened()[self.__name__.rpartition(".")[2]])

    @property
    def __signature__(self) -> Signature:
        return import_module("inspect").signature(self._verb)

    def getdoc(self) -> str:
        """Return what IPython's `?` shows: the help of the verb."""
        return str(self._verb.__doc__)


class _Face(ModuleType):
    """The package: a room of a verb's name becomes callable when it is imported, so that both uses work."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in _ROOMS and type(value) is ModuleType:
            value.__class__ = _Room
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _ROOMS:
        return import_module(f"xiaobao.{name}")
    if name == "emit":
        return import_module("xiaobao.pages.result").emit
    if name in _FROZEN and os.environ.get("XIAOBAO_INPUT"):
        return getattr(import_module(_FROZEN[name]), name)
    if name in {*_FROZEN, "open_overview"}:
        return getattr(import_module("xiaobao.workbench.from_workspace"), name)
    if target := _opened().get(name):
        return load(target)
    raise AttributeError(f"module 'xiaobao' has no attribute {name!r}")


def _opened() -> dict[str, str]:
    """Return name → what features open; in a batch, what they give from the kernel's frozen inputs."""
    return named("opens") | (named("in_paper") if os.environ.get("XIAOBAO_INPUT") else {})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("xiaobao")
    except PackageNotFoundError:  # run from a bare copy of the sources
        return "0"


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
