"""What the zygote of the batch does before its first fork: build what every notebook would build again."""

from __future__ import annotations

from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.model import CheckResult, Finding, Score, adapter
from xiaobao.scorecard import CardInputs, Scorecard
from xiaobao.settings import Policies
from xiaobao.workbench.frozen import FrozenPaper, FrozenScorecard


def warm() -> None:
    """Build the readers and writers of what goes in and out of a kernel. Reads no file and starts no thread."""
    for kind in (FrozenPaper, FrozenScorecard, CardInputs, Scorecard, Score, CheckResult, Finding):
        adapter(kind)
    for model in (Checklist, Scheme, Policies):
        model.model_rebuild()
