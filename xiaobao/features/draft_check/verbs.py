"""数字核对: a draft's stated figures held against the workspace's data. Reads, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from xiaobao.datasets.text_files import decode_text, read_text
from xiaobao.errors import Fault, InputError
from xiaobao.features.complaints.reading import bank_ledger
from xiaobao.features.complaints.report_figures import complaint_figures
from xiaobao.features.draft_check.checking import DIFFERS, Finding, check_draft
from xiaobao.features.draft_check.facts import facts_of
from xiaobao.features.draft_check.stated import stated_facts
from xiaobao.features.registers.reading import read_registers
from xiaobao.features.registers.report_figures import register_report_figures
from xiaobao.model import Period
from xiaobao.personal import masked
from xiaobao.publishing.reports import Source
from xiaobao.report_figures import FreeText, inspection_figures
from xiaobao.workbench.results.reporting import read_inspected
from xiaobao.workbench.workspace import Workbench
from xiaobao.written.blocks import Block, Grid, Paragraph

_ROWS = 100_000
KINDS = (".docx", ".md", ".txt", ".csv")


def read_text_draft(path: Path) -> tuple[Block, ...]:
    """Return the blocks of a .md, .txt or .csv draft. Raises InputError for other kinds and mixed encodings."""
    if path.suffix.lower() not in KINDS[1:]:
        raise InputError(Fault("不能核对这种文件", file=path.name, allowed="、".join(KINDS)))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(Fault("文件不存在或无法读取", file=path.name)) from error
    if path.suffix.lower() == ".csv":
        found = read_text(data, path.name, _ROWS, lambda cells: len([cell for cell in cells if cell.strip()]))
        if found.faults:
            raise InputError(found.faults)
        return (Grid(tuple(tuple(cells) for _, cells in found.rows), "表格"),)
    return tuple(_blocks(decode_text(data, path.name).splitlines()))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    """Lines are paragraphs; lines that begin with | are the rows of a table in Markdown."""
    rows: list[tuple[str, ...]] = []
    start, tables = 0, 0
    for number, line in enumerate([*lines, ""], 1):
        text = line.strip()
        if text.startswith("|"):
            start = start or number
            cells = tuple(cell.strip() for cell in text.strip("|").split("|"))
            if not all(set(cell) <= set("-: ") for cell in cells):
                rows.append(cells)
            continue
        if rows:
            tables += 1
            yield Grid(tuple(rows), f"第 {start} 行起的表格")
            rows, start = [], 0
        if text:
            yield Paragraph(text.lstrip("#>*- "), f"第 {number} 行")


def check_figures(
    wb: Workbench, blocks: Sequence[Block], period: str, campaign: str | None = None
) -> tuple[Finding, ...]:
    """Hold every stated figure of a draft against all that reports of `period` may show, or against one another."""
    span = Period.parse(period)
    ledger = bank_ledger(wb, period)
    figures = complaint_figures(ledger, wb.settings.counting.share_places)
    figures = figures | register_report_figures(read_registers(wb, period))
    figures = figures | inspection_figures(read_inspected(wb, span.code, name=campaign))
    return masked(check_draft(blocks, facts_of(ledger, stated_facts(figures, span))))


def refuse_wrong_text(source: Source, span: Period, text: FreeText, file: str) -> None:
    """Raise InputError where a number that a person wrote into a report contradicts the data.

    Our own sentences came from findings and are passed over. Problems are held against every figure of the report;
    plans speak of what is to come, and only complaints of them against the ledger.
    """
    own = source.text or FreeText((), ())
    found = check_draft(
        _typed(text.problems, own.problems), facts_of(source.ledger, stated_facts(source.figures, span))
    )
    found += check_draft(_typed(text.plans, own.plans), facts_of(source.ledger))
    wrong = [one for one in found if one.verdict == DIFFERS]
    if wrong:
        raise InputError(
            Fault(
                f"文字稿中的数字与数据不一致：{one.excerpt}",
                file=file,
                item=one.place,
                value=one.stated,
                allowed=one.expected,
            )
            for one in wrong
        )


def _typed(lines: Sequence[str], drafted: Sequence[str]) -> list[Paragraph]:
    return [Paragraph(line, line[:20]) for line in lines if line not in drafted]
