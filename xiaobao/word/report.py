"""Render the inspection report and read its figures back.

Templates may be edited by a bank, data may hold anything: Jinja runs in its sandbox, an unknown field is an error, and
every value is escaped, so that “余额<100万元” and “R&D部门” stay what they are.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from xiaobao.errors import Fault, InputError
from xiaobao.word.context import DOMAIN_COLUMNS, ReportContext, printable

if TYPE_CHECKING:
    from docx.document import Document as Paper

# What XML cannot hold, and what docxtpl takes as orders of its own (bell: new paragraph, form feed: new page).
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def write_inspection_report(context: ReportContext, template: Path, path: Path) -> None:
    """Write the report to `path`. Raises InputError when the template is not one, or names what we do not give."""
    try:
        paper = DocxTemplate(str(template))
        paper.render(
            printable(context), SandboxedEnvironment(undefined=StrictUndefined, finalize=_as_xml), autoescape=True
        )
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        raise InputError(Fault("报告模板不是有效的 Word 文件（.docx）", file=template.name)) from error
    except TemplateError as error:
        raise InputError(Fault(f"报告模板有误：{error}", file=template.name)) from error
    about = paper.docx.core_properties
    about.title = f"{context.card.unit.name}消费者权益保护自查报告（{context.period.code}）"
    about.author = about.last_modified_by = context.bank
    paper.save(str(path))


def _as_xml(value: object) -> Markup:
    """Escape one printed value. docxtpl makes braces of `{_{` after rendering: a reference keeps data clear of that."""
    text = _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", str(value))
    return Markup(re.sub(r"_(?=[{%}])", "&#95;", str(escape(text))))  # noqa: S704 - escaped right here


def read_report_figures(path: Path) -> dict[str, str]:
    """Return the figures that a report shows, named as `scorecard_figures` names them."""
    paper = Document(str(path))
    figures = {row[0]: row[1] for row in _table(paper, "评价指标")[1:]}
    domains = _table(paper, "检查域", "权重")
    for row in domains[1:]:
        named = dict(zip(domains[0], row, strict=True))
        figures |= {f"{row[0]}·{head}": named[head] for head in DOMAIN_COLUMNS.values()}
    return figures


def _table(paper: Paper, *heads: str) -> list[list[str]]:
    for table in paper.tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if tuple(rows[0][: len(heads)]) == heads:
            return rows
    raise InputError(Fault("报告里找不到应有的表", value="、".join(heads)))
