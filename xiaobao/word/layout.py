"""How Chinese official papers are set (A4, fonts, line pitch, page number), on top of python-docx."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor

if TYPE_CHECKING:
    from docx.document import Document as Paper
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.section import Section
    from docx.styles.style import ParagraphStyle
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph

TITLE_FONT, BODY_FONT, HEADING_FONT, SUBHEADING_FONT = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
_STAND_INS = {TITLE_FONT: "宋体", BODY_FONT: "仿宋", SUBHEADING_FONT: "楷体"}
_TEXT_WIDTH = Mm(210 - 28 - 26)


def new_paper() -> Paper:
    """Return an empty paper with page, styles and page number set."""
    paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = map(Mm, (37, 35, 28, 26))
    section.footer_distance = Mm(26)
    _body_style(paper.styles["Normal"])
    _style(paper.styles["Title"], TITLE_FONT, 22, align=WD_ALIGN_PARAGRAPH.CENTER, indent=False)
    paper.styles["Title"].paragraph_format.space_after = Pt(14)
    _style(paper.styles["Heading 1"], HEADING_FONT, 16)
    _style(paper.styles["Heading 2"], SUBHEADING_FONT, 16)
    _style(paper.styles["Heading 3"], BODY_FONT, 16, bold=True)
    _style(paper.styles["Caption"], HEADING_FONT, 12, align=WD_ALIGN_PARAGRAPH.CENTER, indent=False)
    paper.styles["Caption"].paragraph_format.space_before = Pt(14)
    _style(paper.styles["No Spacing"], BODY_FONT, 10.5, pitch=None, indent=False)
    paper.styles["No Spacing"].paragraph_format.space_before = Pt(2)
    paper.styles["No Spacing"].paragraph_format.space_after = Pt(2)
    _style(paper.styles["Footer"], "宋体", 14, indent=False)
    _speak_chinese(paper)
    _name_stand_ins(paper)
    paper.settings.odd_and_even_pages_header_footer = True
    _page_number(section)
    return paper


def _body_style(style: ParagraphStyle) -> None:
    _style(style, BODY_FONT, 16, align=WD_ALIGN_PARAGRAPH.JUSTIFY)
    style.paragraph_format.widow_control = False


def _style(
    style: ParagraphStyle,
    font: str,
    size: float,
    *,
    bold: bool = False,
    align: WD_ALIGN_PARAGRAPH | None = None,
    pitch: int | None = 28,
    indent: bool = True,
) -> None:
    """Set one style whole: python-docx's own template brings colours, theme fonts and spaces of its own."""
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    fonts = OxmlElement("w:rFonts")
    for script in ("ascii", "hAnsi"):
        fonts.set(qn(f"w:{script}"), "Times New Roman")
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")
    properties.insert(0, fonts)
    shape = style.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.alignment = align
    shape.line_spacing_rule = WD_LINE_SPACING.EXACTLY if pitch else WD_LINE_SPACING.SINGLE
    if pitch:
        shape.line_spacing = Pt(pitch)
    _indent_two(style.element.get_or_add_pPr(), indent)
    for border in style.element.pPr.findall(qn("w:pBdr")):
        style.element.pPr.remove(border)


def _speak_chinese(paper: Paper) -> None:
    """Mark the paper as Chinese, so that a stand-in font is a Chinese one."""
    for language in paper.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _indent_two(properties: BaseOxmlElement, on: bool) -> None:
    """Indent the first line by two characters, whatever the size: in characters, not in points."""
    for old in properties.findall(qn("w:ind")):
        properties.remove(old)
    indent = OxmlElement("w:ind")
    indent.set(qn("w:firstLineChars"), "200" if on else "0")
    indent.set(qn("w:firstLine"), "640" if on else "0")
    properties.append(indent)
    order = [qn(f"w:{name}") for name in ("keepNext", "keepLines", "widowControl", "numPr", "spacing", "ind")]
    order += [qn(f"w:{name}") for name in ("contextualSpacing", "jc", "outlineLvl")]
    properties[:] = sorted(properties, key=lambda child: order.index(child.tag) if child.tag in order else 0)


def _name_stand_ins(paper: Paper) -> None:
    """Name a stand-in for each font that not every machine has; fonts themselves are never shipped."""
    for part in paper.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            entries = "".join(
                f'<w:font w:name="{font}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
                for font, other in _STAND_INS.items()
            )
            text = part.blob.decode().replace("</w:fonts>", entries + "</w:fonts>")
            part._blob = text.encode()


def _page_number(section: Section) -> None:
    """Number pages “— 1 —”, at the outer edge: right on odd pages, left on even ones."""
    sides = ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT))
    for footer, side in sides:
        footer.is_linked_to_previous = False
        line = footer.paragraphs[0]
        line.alignment = side
        line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(14)
        for text in ("— ", None, " —"):
            run = line.add_run(text or "")
            if text is None:
                for kind, words in (("begin", ""), ("", " PAGE "), ("separate", ""), ("text", "1"), ("end", "")):
                    run._r.append(_field_part(kind, words))


def _field_part(kind: str, words: str) -> BaseOxmlElement:
    if kind in ("begin", "separate", "end"):
        part = OxmlElement("w:fldChar")
        part.set(qn("w:fldCharType"), kind)
        return part
    part = OxmlElement("w:t" if kind == "text" else "w:instrText")
    part.text = words
    return part


def add_table(paper: Paper, columns: Mapping[str, str], widths: Sequence[int], rows: str = "") -> Table:
    """Add a ruled table: `columns` field → head; its body is one template row repeated over the list named `rows`.

    `widths` are shares of the text width. The head repeats on each page and no row is cut by a page end.
    """
    table = paper.add_table(rows=4 if rows else 1, cols=len(columns), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, share in zip(table.columns, widths, strict=True):
        column.width = Emu(_TEXT_WIDTH * share // sum(widths))
        for cell in column.cells:
            cell.width = column.width
    for cell, head in zip(table.rows[0].cells, columns.values(), strict=True):
        _fill(cell, head, WD_ALIGN_PARAGRAPH.CENTER, bold=True)
    _mark_row(table, 0, "w:tblHeader")
    if rows:
        _fill(table.rows[1].cells[0], f"{{%tr for row in {rows} %}}")
        for cell, name in zip(table.rows[2].cells, columns, strict=True):
            _fill(cell, f"{{{{ row.{name} }}}}")
        _mark_row(table, 2, "w:cantSplit")
        _fill(table.rows[3].cells[0], "{%tr endfor %}")
    return table


def align_column(table: Table, columns: Sequence[int], side: WD_ALIGN_PARAGRAPH, row: int = 2) -> None:
    """Align cells of the row that the template repeats (2) or of another one."""
    for column in columns:
        table.rows[row].cells[column].paragraphs[0].alignment = side


def _fill(cell: _Cell, text: str, side: WD_ALIGN_PARAGRAPH | None = None, bold: bool = False) -> None:
    line = cell.paragraphs[0]
    line.style = "No Spacing"
    line.alignment = side
    line.add_run(text).bold = bold or None


def keep_row(table: Table, row: int) -> None:
    """Let no page end cut the row, and keep it on the page of the next one."""
    _mark_row(table, row, "w:cantSplit")
    for cell in table.rows[row].cells:
        for line in cell.paragraphs:
            line.paragraph_format.keep_with_next = True


def _mark_row(table: Table, row: int, tag: str) -> None:
    mark = OxmlElement(tag)
    mark.set(qn("w:val"), "true")
    table.rows[row]._tr.get_or_add_trPr().append(mark)


def add_line(paper: Paper, text: str, style: str = "Normal", side: WD_ALIGN_PARAGRAPH | None = None) -> Paragraph:
    """Add a paragraph; a heading stays on the page of what follows it."""
    line = paper.add_paragraph(text, style)
    if side is not None:
        line.alignment = side
    if style.startswith("Heading"):
        line.paragraph_format.keep_with_next = True
    return line
