"""Read somebody's draft in Word as blocks of text and tables, in the order of the page."""

from __future__ import annotations

from pathlib import Path

from xiaobao.datasets.archives import WORD, check_archive
from xiaobao.errors import Fault, InputError
from xiaobao.personal import mask
from xiaobao.personal.cleaning import clean_text
from xiaobao.report_figures import FreeText
from xiaobao.word.layout import add_line, new_paper
from xiaobao.word.rendering import printable_text
from xiaobao.written.blocks import DocumentBlock, Grid, Paragraph


def read_draft(path: Path) -> tuple[DocumentBlock, ...]:
    """Return the paragraphs and tables of a .docx, without what nobody sees. Raises InputError for what is none."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table

    check_archive(path, WORD)
    try:
        document = docx.Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError, OSError, SyntaxError) as error:
        raise InputError(Fault("不是可以读取的 Word 文档", file=path.name, allowed=".docx")) from error
    blocks: list[DocumentBlock] = []
    texts, tables = 0, 0
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            tables += 1
            rows = tuple(tuple(clean_text(cell.text)[0] for cell in row.cells) for row in part.rows)
            blocks.append(Grid(rows, f"第 {tables} 个表格"))
        elif (text := clean_text(part.text)[0]).strip():
            texts += 1
            blocks.append(Paragraph(text, f"第 {texts} 段"))
    return tuple(blocks)


PROBLEMS, PLANS = "存在的问题与不足", "下期工作计划"
_ABOUT = (
    "【编写说明】下面两部分由检查发现和整改措施拟出，请修改、增删；标题不要改动。"
    "改好后用 --text 交回，本段不会写入报告。"
)


def write_free_text(text: FreeText, path: Path, title: str) -> None:
    """Write the draft to `path`."""
    paper = new_paper()
    add_line(paper, printable_text(title), "Title")
    add_line(paper, _ABOUT)
    for head, lines in ((PROBLEMS, text.problems), (PLANS, text.plans)):
        add_line(paper, head, "Heading 1")
        for line in lines:
            add_line(paper, printable_text(line))
    paper.core_properties.title, paper.core_properties.comments = title, ""
    paper.save(str(path))


def read_free_text(path: Path) -> FreeText:
    """Read an edited draft. Raises InputError when a part is missing or empty."""
    parts: dict[str, list[str]] = {}
    current: list[str] = []
    for block in read_draft(path):
        words = getattr(block, "text", "").strip()
        if not words:
            raise InputError(Fault("交回的文字里不能有表格，请写成文字", file=path.name, item=block.place))
        if words in (PROBLEMS, PLANS):
            current = parts.setdefault(words, [])
        elif parts:
            current.append(words)
    faults = [
        Fault("没有写内容" if head in parts else "缺少这一部分的标题", file=path.name, item=head)
        for head in (PROBLEMS, PLANS)
        if not parts.get(head)
    ]
    if faults:
        raise InputError(faults)
    return FreeText(tuple(map(mask, parts[PROBLEMS])), tuple(map(mask, parts[PLANS])))
