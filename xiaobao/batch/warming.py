"""What a zygote of the shipped notebooks does before its first fork: load and build what every child would anew."""

from __future__ import annotations

from importlib import import_module

from xiaobao.feature_list import load, named

# What a paper loads only when it is asked for: a notebook of its own process saves it, every child would pay anew.
_LATE = (
    "chinese_calendar",
    "pandas",
    "pandas.core.arrays.arrow._arrow_utils",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "pyarrow.vendored.version",
    "stdnum.iso7064.mod_11_2",
    "stdnum.luhn",
    "xiaobao.checks.governing",
    "xiaobao.checks.own.running",
    "xiaobao.datasets.partitions",
    "xiaobao.pages.result",
    "xiaobao.paper.from_frozen",
)


def warm() -> None:
    """Load modules, build the readers and writers of what goes in and out. Reads no file and starts no thread."""
    for module in _LATE:
        import_module(module)
    for target in {*named("paper").values(), *named("views").values()}:
        load(target)
    from xiaobao.checklist.models import Checklist, Scheme
    from xiaobao.checks.registry import REGISTRY
    from xiaobao.model import CheckResult, Finding, ItemFacts, Score, reader
    from xiaobao.pages import views
    from xiaobao.paper.card import FrozenScorecard
    from xiaobao.paper.frozen import FrozenPaper
    from xiaobao.policies import Counting, Policies
    from xiaobao.scorecard import CardInputs, Scorecard

    list(REGISTRY)  # loads the checks of every domain
    for name in views.__all__:
        getattr(views, name)
    for kind in (FrozenPaper, FrozenScorecard, CardInputs, Scorecard, Score, CheckResult, Finding, ItemFacts):
        reader(kind)
    for written in (Checklist, Scheme, Policies, Counting):
        reader(written)
