"""数字核对: a draft held against the data, and against what our own reports of the period would say today."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from xiaobao.errors import InputError
from xiaobao.features.draft_check.checking import Finding
from xiaobao.features.draft_check.drafts import Block
from xiaobao.features.draft_check.verbs import check_figures, read_text_draft, unit_of
from xiaobao.publishing.reports import written_today
from xiaobao.word.drafts import read_draft
from xiaobao.workbench.workspace import Workbench

_KINDS = ("complaints", "half-year", "annual", "self-evaluation", "appraisal")
WORD = ".docx"


def check_draft_file(
    wb: Workbench, draft: Path, period: str, campaign: str | None = None, unit: str | None = None
) -> tuple[Finding, ...]:
    """Return what became of every number of a draft (.docx, .md, .txt, .csv). Writes nothing that is kept.

    `unit` is the unit whose report it is, "" the bank; None: the draft's title says it. Raises InputError for a file
    that cannot be read.
    """
    blocks = read_draft(draft) if draft.suffix.lower() == WORD else read_text_draft(draft)
    whose = unit_of(wb, blocks, period) if unit is None else unit
    return check_figures(wb, blocks, period, campaign, whose, own_reports(wb, period, whose, campaign))


def own_reports(wb: Workbench, period: str, unit: str = "", campaign: str | None = None) -> Sequence[Block]:
    """Return the blocks of every report of the period that can be written today; those that cannot are passed over."""
    with tempfile.TemporaryDirectory() as folder:
        return [block for kind in _KINDS for block in _blocks(wb, kind, period, Path(folder), unit, campaign)]


def _blocks(wb: Workbench, kind: str, period: str, folder: Path, unit: str, campaign: str | None) -> Iterator[Block]:
    path = folder / f"{kind}{WORD}"
    try:
        written_today(wb, kind, period, path, unit, campaign)
    except InputError:
        return  # a period of another length, or several campaigns and none named
    yield from read_draft(path)
