"""Release a report with the workbook of its figures: both read back and compared, both fixed from then on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from xiaobao.errors import Fault, XiaobaoError
from xiaobao.publishing.issuing import FileToIssue, compare_figures, free, issue_files, next_edition
from xiaobao.report_figures import FigureSet
from xiaobao.word import ChartFile, PrintedLine, carry_checkpoint, read_back
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.figures import expected_figures, read_figures, write_figures

if TYPE_CHECKING:
    from xiaobao.store.models import Campaign


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A report that is ready to be written. `write` draws it and returns what it shows of `figures`.

    `what` names it in the history, `place` is where its first edition lies.
    """

    what: str
    title: str
    author: str
    as_of: date
    figures: FigureSet
    write: Callable[[Path], Sequence[PrintedLine]]
    charts: Mapping[str, ChartFile | None]
    place: Path
    due: date | None = None


@dataclass(frozen=True, kw_only=True)
class Release:
    """What was written. `due` is when the report must be filed, None where no date is set."""

    report: Path
    figures: Path
    due: date | None


def release_report(
    wb: Workbench, draft: Draft, path: Path | None = None, unit: str = "", campaign: Campaign | None = None
) -> Release:
    """Write the report (.docx) and its figures (.xlsx), read both back, and record them; neither without the other.

    Raises InputError where a file lies at `path` already, XiaobaoError where a number read back is another.
    """
    chosen = free(path, ".docx") if path else next_edition(draft.place)
    book = free(chosen.with_name(f"{chosen.stem}-数字.xlsx"))

    def write_report(target: Path) -> None:
        printed = draft.write(target)
        carry_checkpoint(target, f"检查点 {wb.store.checkpoint()}")
        if faults := read_back(target, printed, draft.charts):
            raise XiaobaoError([*faults, Fault("写出的数字与计算结果不一致，文件没有生成", file=chosen.name)])

    def write_book(target: Path) -> None:
        write_figures(draft.figures, target, title=f"{draft.title}数字", author=draft.author, as_of=draft.as_of)
        compare_figures(expected_figures(draft.figures), read_figures(target), book.name)

    issue_files(
        wb,
        "report.issue" if unit else "report.bank",
        FileToIssue(write=write_book, path=book, what=f"{draft.what} 数字"),
        FileToIssue(write=write_report, path=chosen, what=draft.what),
        unit=unit,
        campaign=campaign,
    )
    return Release(report=chosen, figures=book, due=draft.due)
