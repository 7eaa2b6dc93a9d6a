"""Fill a Word template that a bank may edit.

Data may hold anything: Jinja runs in its sandbox, an unknown field is an error, and every value is escaped, so that
“余额<100万元” and “R&D部门” stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from xiaobao.errors import Fault, InputError

# What XML cannot hold, and what docxtpl takes as orders of its own (bell: new paragraph, form feed: new page).
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def render_template(values: Mapping[str, object], template: Path, path: Path, title: str, author: str) -> None:
    """Write `template` filled with `values` to `path`. Raises InputError when it is none or asks for more."""
    try:
        paper = DocxTemplate(str(template))
        environment = SandboxedEnvironment(undefined=StrictUndefined, finalize=_as_xml)
        paper.render(dict(values), environment, autoescape=True)
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        raise InputError(Fault("报告模板不是有效的 Word 文件（.docx）", file=template.name)) from error
    except TemplateError as error:
        raise InputError(Fault(f"报告模板有误：{error}", file=template.name)) from error
    about = paper.docx.core_properties
    about.title = title
    about.author = about.last_modified_by = author
    paper.save(str(path))


def _as_xml(value: object) -> Markup:
    """Escape one printed value. docxtpl makes braces of `{_{` after rendering: a reference keeps data clear of that."""
    text = _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", str(value))
    return Markup(re.sub(r"_(?=[{%}])", "&#95;", str(escape(text))))  # noqa: S704 - escaped right here
