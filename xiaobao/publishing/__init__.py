"""Publish: figures to a file, read back, and only then under its name and in the history.

`issuing` is the way of any file: a temporary name, written, read back, compared, renamed, recorded with its hash.
`reports` are the kinds that features bring, `releasing` fixes a report with the workbook of its figures, `papers` are
the lists beside them.
"""

from xiaobao.publishing.papers import (
    publish_change_note,
    publish_checklist,
    publish_conflicts,
    publish_fill_sheets,
    publish_leads,
    publish_summary,
)
from xiaobao.publishing.releasing import Release
from xiaobao.publishing.reports import publish_report, write_draft

__all__ = [
    "Release",
    "publish_change_note",
    "publish_checklist",
    "publish_conflicts",
    "publish_fill_sheets",
    "publish_leads",
    "publish_report",
    "publish_summary",
    "write_draft",
]
