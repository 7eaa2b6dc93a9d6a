"""What the zygote of the batch does before its first fork: build what every notebook would build again."""

from __future__ import annotations

from importlib import import_module

from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.checks.registry import REGISTRY
from xiaobao.model import CheckResult, Finding, Score, adapter
from xiaobao.policies import Policies
from xiaobao.scorecard import CardInputs, Scorecard
from xiaobao.workbench.frozen import FrozenPaper
from xiaobao.workbench.frozen_card import FrozenScorecard

# What a paper loads only when it is asked for: a notebook of its own process saves it, every child would pay anew.
_LATE = (
    "stdnum.luhn",
    "stdnum.iso7064.mod_11_2",
    "xiaobao.complaints",
    "xiaobao.complaints.hot_spots",
    "xiaobao.complaints.ledger",
    "xiaobao.datasets.partitions",
)


def warm() -> None:
    """Build the readers and writers of what goes in and out of a kernel. Reads no file and starts no thread."""
    for module in _LATE:
        import_module(module)
    list(REGISTRY)  # loads the checks of every domain
    for kind in (FrozenPaper, FrozenScorecard, CardInputs, Scorecard, Score, CheckResult, Finding):
        adapter(kind)
    for model in (Checklist, Scheme, Policies):
        model.model_rebuild()
