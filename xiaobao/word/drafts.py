"""Read somebody's draft in Word as blocks of text and tables, in the order of the page."""

from __future__ import annotations

from pathlib import Path

from xiaobao.complaints.drafts import Block, Grid, Paragraph
from xiaobao.errors import Fault, InputError


def read_draft(path: Path) -> tuple[Block, ...]:
    """Return the paragraphs and tables of a .docx. Raises InputError for what is none."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table

    try:
        document = docx.Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError, OSError) as error:
        raise InputError(Fault("不是可以读取的 Word 文档", file=path.name, allowed=".docx")) from error
    blocks: list[Block] = []
    texts, tables = 0, 0
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            tables += 1
            rows = tuple(tuple(cell.text for cell in row.cells) for row in part.rows)
            blocks.append(Grid(rows, f"第 {tables} 个表格"))
        elif part.text.strip():
            texts += 1
            blocks.append(Paragraph(part.text, f"第 {texts} 段"))
    return tuple(blocks)
