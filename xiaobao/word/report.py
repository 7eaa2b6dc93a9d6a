"""Render the inspection report and read its figures back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from docx import Document

from xiaobao.errors import Fault, InputError
from xiaobao.word.context import DOMAIN_COLUMNS, ReportContext, printable
from xiaobao.word.rendering import render_template

if TYPE_CHECKING:
    from docx.document import Document as Paper


def write_inspection_report(context: ReportContext, template: Path, path: Path) -> None:
    """Write the report to `path`. Raises InputError when the template is not one, or names what we do not give."""
    title = f"{context.card.unit.name}消费者权益保护自查报告（{context.period.code}）"
    render_template(printable(context), template, path, title, context.bank)


def read_report_figures(path: Path) -> dict[str, str]:
    """Return the figures that a report shows, named as `scorecard_figures` names them."""
    paper = Document(str(path))
    figures = {row[0]: row[1] for row in find_table(paper, "评价指标")[1:]}
    domains = find_table(paper, "检查域", "权重")
    for row in domains[1:]:
        named = dict(zip(domains[0], row, strict=True))
        figures |= {f"{row[0]}·{head}": named[head] for head in DOMAIN_COLUMNS.values()}
    return figures


def find_table(paper: Paper, *heads: str) -> list[list[str]]:
    """Return the rows of the table whose first row begins with `heads`. Raises InputError when there is none."""
    for table in paper.tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if tuple(rows[0][: len(heads)]) == heads:
            return rows
    raise InputError(Fault("报告里找不到应有的表", value="、".join(heads)))
