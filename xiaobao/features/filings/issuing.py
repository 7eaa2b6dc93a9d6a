"""报送汇总: every unit's state and indicators of one filing, and their sums, as a workbook."""

from __future__ import annotations

from pathlib import Path

from xiaobao.features.filings.report_figures import filing_figures
from xiaobao.features.filings.verbs import merge_filings
from xiaobao.publishing.issuing import FileToIssue, compare_figures, free, issue_files, next_edition
from xiaobao.workbench.places import period_folder
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.figures import expected_figures, read_figures, write_figures


def publish_merged(wb: Workbench, kind: str, period: str, path: Path | None = None) -> Path:
    """Write the merge of a filing (.xlsx): every unit's state and indicators, and their sums. Raises InputError.

    Nothing was issued, or a file lies at `path` already.
    """
    wb.look("filing.merge")
    merged, rows = merge_filings(wb, kind, period)
    figures = filing_figures(merged, [(row.filing, row.unit_name, row.late) for row in rows])
    place = (
        free(path, ".xlsx")
        if path
        else next_edition(period_folder(wb.home, merged.period) / f"{merged.title}汇总.xlsx")
    )

    def write(target: Path) -> None:
        title = f"{merged.title}汇总（{merged.period}）"
        write_figures(figures, target, title=title, author=wb.settings.bank, as_of=wb.today)
        compare_figures(expected_figures(figures), read_figures(target), place.name)

    issue_files(wb, "filing.merge", FileToIssue(write=write, path=place, what=f"报送汇总 {kind} {merged.period}"))
    return place
