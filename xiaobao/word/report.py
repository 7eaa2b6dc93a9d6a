"""Render the inspection report."""

from __future__ import annotations

from pathlib import Path

from xiaobao.errors import Fault, InputError
from xiaobao.report_figures import FigureSet
from xiaobao.word.context import ReportContext, must_show, printable
from xiaobao.word.rendering import PrintedLine, render_template


def write_inspection_report(
    context: ReportContext, figures: FigureSet, template: Path, path: Path
) -> tuple[PrintedLine, ...]:
    """Write the report to `path` and return what it shows of figures.

    Raises InputError when the template is not one, names what we do not give, or leaves out a score: a number typed
    into the template in place of a figure would not be noticed otherwise.
    """
    title = f"{context.card.unit.name}消费者权益保护自查报告（{context.period.code}）"
    printed = render_template(printable(context, figures), template, path, title, context.bank)
    shown = {figure.name for line in printed for figure in line.figures}
    absent = [figure for figure in must_show(context, figures) if figure.name not in shown]
    if absent:
        path.unlink(missing_ok=True)
        raise InputError(
            Fault("报告模板没有写出应有的数字", file=template.name, item=figure.name, allowed=str(figure))
            for figure in absent
        )
    return printed
