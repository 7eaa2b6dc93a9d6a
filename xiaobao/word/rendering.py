"""Fill a Word template that a bank may edit, and read back what was printed.

Data may hold anything: Jinja runs in its sandbox, an unknown field is an error, and every value is escaped, so that
“余额<100万元” and “R&D部门” stay what they are. Every figure that a template prints is noted with its paragraph; the
finished file is opened again, and each paragraph must say the same words and the same numbers, be it in the body, in a
page head or foot, or in a note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.opc.oxml import serialize_part_xml
from docx.opc.part import XmlPart
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import TemplateError, TemplateSyntaxError
from markupsafe import Markup, escape

from xiaobao.datasets.archives import WORD, check_archive
from xiaobao.errors import Fault, InputError
from xiaobao.report_figures import ReportFigure
from xiaobao.word.bounds import BoundedEnvironment
from xiaobao.word.charts import ChartFile, add_charts, chart_faults
from xiaobao.word.sentences import Sentence

if TYPE_CHECKING:
    from jinja2 import Environment


from xiaobao.report_figures import FigureSet
from xiaobao.word.context import ReportContext, must_show, printable

# What XML cannot hold, what docxtpl takes as orders of its own (bell: new paragraph, form feed: new page), our marks.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufdd0-\ufdd2\ufffe\uffff]")
_BEGIN, _IS, _END = "\ufdd0", "\ufdd1", "\ufdd2"
_MARKED = re.compile(f"{_BEGIN}(\\d+){_IS}[^{_BEGIN}{_END}]*{_END}")
_MARK = re.compile(f"{_BEGIN}\\d+{_IS}|{_END}")
_NUMBER = r"(?<![\d.,-])(-?\d[\d,]*(?:\.\d+)?|—|无数据|覆盖 \d+(?:\.\d)? %)(?!\d|[.,]\d)"
_SHOWN = 40
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_BESIDE = tuple(f"{_WORD}.{kind}+xml" for kind in ("header", "footer", "footnotes"))


@dataclass(frozen=True, kw_only=True)
class PrintedLine:
    """One paragraph that shows figures: which of its part of the file it is, and its words and figures in turn.

    `file_part` is empty for the body, else the name of a page head, page foot or the notes.
    """

    place: int
    parts: tuple[str | ReportFigure, ...]
    file_part: str = ""

    @property
    def figures(self) -> tuple[ReportFigure, ...]:
        """The line's figures, in the order they are printed."""
        return tuple(part for part in self.parts if isinstance(part, ReportFigure))


def render_template(
    values: Mapping[str, object],
    template: Path,
    path: Path,
    title: str,
    author: str,
    charts: Mapping[str, ChartFile | None] | None = None,
) -> tuple[PrintedLine, ...]:
    """Write `template` filled with `values` to `path` and return the paragraphs that show figures.

    `charts` are given to the template as `charts`, empty where None. Raises InputError when the template is none, or
    asks for what we do not give.
    """
    check_archive(template, WORD)
    try:
        paper = _Paper(str(template))
        environment = BoundedEnvironment(finalize=paper.as_xml)
        paper.spend = environment.spend
        paper.init_docx()
        drawings = {"charts": add_charts(paper.docx, charts)} if charts is not None else {}
        paper.render({**values, **drawings}, environment, autoescape=True)
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, SyntaxError, AttributeError) as error:
        raise InputError(Fault("报告模板不是有效的 Word 文件（.docx）", file=template.name)) from error
    except TemplateSyntaxError as error:
        words = "报告模板有误：{{ }} 和 {% %} 须成对，里面要写全"
        raise InputError(Fault(words, file=template.name, value=str(error))) from error
    except (TemplateError, TypeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise InputError(Fault(f"报告模板有误：{error}", file=template.name)) from error
    lines = tuple(_take_marks(paper.docx, paper.printed))
    about = paper.docx.core_properties
    about.title = title
    about.author = about.last_modified_by = author
    paper.save(str(path))
    return lines


class _Paper(DocxTemplate):
    """A template that marks and notes the figures which it prints; properties of the file show no figures."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.printed: list[ReportFigure] = []
        self.spend: Callable[[int], None] = lambda characters: None
        self._marking = True

    def render_properties(self, context: Mapping[str, object], jinja_env: Environment | None = None) -> None:
        """Render title and author without noting figures: what nobody reads on paper is not held to the list."""
        self._marking = False
        try:
            super().render_properties(context, jinja_env)
        finally:
            self._marking = True

    def as_xml(self, value: object) -> Markup:
        """Escape one printed value. docxtpl makes braces of `{_{` after rendering: a reference keeps data clear."""
        if isinstance(value, Markup):
            return value
        if isinstance(value, ReportFigure):
            return self._marked(value, str(value))
        if isinstance(value, Sentence):
            parts = (_escaped(p) if isinstance(p, str) else self._marked(p, p.words) for p in value.parts)
            return Markup().join(parts)
        if callable(value):  # a field that the rows lack, found among the methods of a mapping
            raise TemplateError(f"{getattr(value, '__name__', value)} is no field of the data")
        text = str(value)
        self.spend(len(text))
        return _escaped(text)

    def _marked(self, figure: ReportFigure, text: str) -> Markup:
        if not self._marking:
            return _escaped(text)
        self.printed.append(figure)
        return Markup(f"{_BEGIN}{len(self.printed) - 1}{_IS}{_escaped(text)}{_END}")  # noqa: S704 - escaped right here


def _escaped(text: str) -> Markup:
    return Markup(re.sub(r"_(?=[{%}])", "&#95;", str(escape(printable_text(text)))))  # noqa: S704 - escaped right here


def printable_text(text: str) -> str:
    """Return `text` with what XML cannot hold shown as its code."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _take_marks(paper: Any, printed: Sequence[ReportFigure]) -> Iterator[PrintedLine]:
    """Take the marks out again and yield the paragraphs that had some."""
    for name, part, root in _parts(paper):
        marked = False
        for place, line in enumerate(root.iter(qn("w:p"))):
            text = _text(line)
            if _BEGIN not in text:
                continue
            marked = True
            pieces = _MARKED.split(text)
            yield PrintedLine(
                place=place, parts=tuple(printed[int(p)] if n % 2 else p for n, p in enumerate(pieces)), file_part=name
            )
            for node in line.iter(qn("w:t")):
                node.text = _MARK.sub("", node.text or "")
        if marked and not isinstance(part, XmlPart):
            part._blob = serialize_part_xml(root)  # noqa: SLF001 - python-docx has no public way


def _parts(paper: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield (name, part, root) of the body, whose name is empty, of page heads and feet, and of notes."""
    yield "", paper.part, paper.element.body
    for part in paper.part.package.iter_parts():
        if part.content_type in _BESIDE:
            root = part.element if isinstance(part, XmlPart) else parse_xml(part.blob)
            yield str(part.partname), part, root


def read_back(
    path: Path, printed: Sequence[PrintedLine], charts: Mapping[str, ChartFile | None] | None = None
) -> list[Fault]:
    """Open the file again and return a fault for every figure that is missing or differs from what was computed."""
    paper = Document(str(path))
    texts = {name: [_text(line) for line in root.iter(qn("w:p"))] for name, _, root in _parts(paper)}
    faults: list[Fault] = []
    for line in printed:
        lines = texts.get(line.file_part, [])
        shown_line = lines[line.place] if line.place < len(lines) else None
        found = _pattern(line).fullmatch(shown_line) if shown_line is not None else None
        if found is None:
            faults.append(_lost(line, shown_line or "缺失", path.name))
            continue
        faults += [
            Fault("写出的数字与计算结果不一致", file=path.name, item=figure.name, value=shown, allowed=str(figure))
            for figure, shown in zip(line.figures, found.groups(), strict=True)
            if not _same(figure, shown)
        ]
    drawn = [chart for chart in (charts or {}).values() if chart is not None]
    return faults + [fault for chart in drawn for fault in chart_faults(paper, chart, path.name)]


def _text(line: Any) -> str:
    nodes = line.iter(qn("w:t"), qn("w:br"), qn("w:tab"))
    return "".join((node.text or "") if node.tag == qn("w:t") else " " for node in nodes)


def _pattern(line: PrintedLine) -> re.Pattern[str]:
    """Return what the paragraph looks like with any number, or none, in place of each figure."""
    parts = []
    for part in line.parts:
        if isinstance(part, str):
            parts.append(re.escape(part))
        else:
            unit = f"(?:{re.escape(part.unit)})?" if part.unit else ""
            parts.append(_NUMBER + unit + (re.escape(part.mark) if part.value is not None else ""))
    return re.compile("".join(parts))


def _same(figure: ReportFigure, shown: str) -> bool:
    if figure.value is None or shown in ("—", "无数据"):
        return shown == str(figure)
    return Decimal(shown.replace(",", "")) == figure.shown


def _lost(line: PrintedLine, found: str, file: str) -> Fault:
    names = "、".join(figure.name for figure in line.figures)
    said = "".join(part if isinstance(part, str) else part.words for part in line.parts)
    return Fault("写出的文件里找不到应有的数字", file=file, item=names, value=found[:_SHOWN], allowed=said[:_SHOWN])


def printed_tables(path: Path) -> Iterator[list[list[str]]]:
    """Yield every table of a .docx as rows of cell texts."""
    for table in Document(str(path)).tables:
        yield [[cell.text for cell in row.cells] for row in table.rows]


def carry_checkpoint(path: Path, text: str) -> None:
    """Let a finished .docx say in its properties how far the history had come when it was issued."""
    document = Document(str(path))
    document.core_properties.keywords = text
    document.save(str(path))


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
