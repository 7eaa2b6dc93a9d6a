"""数字核对: a draft's stated figures held against the workspace's data. Reads, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from xiaobao.complaints import drafts
from xiaobao.complaints.checking import Finding, check_draft
from xiaobao.complaints.drafts import Block, Grid, Paragraph
from xiaobao.complaints.facts import Fact, facts_of
from xiaobao.datasets.text_files import decode_text, read_text
from xiaobao.errors import Fault, InputError
from xiaobao.registers import RegisterFigures
from xiaobao.workbench.ledger import bank_ledger
from xiaobao.workbench.registers import read_registers
from xiaobao.workbench.workspace import Workbench

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


def check_figures(wb: Workbench, blocks: Sequence[Block], period: str) -> tuple[Finding, ...]:
    """Hold every stated figure of a draft against the ledger and registers of `period`, or against one another."""
    figures = bank_ledger(wb, period)
    return check_draft(blocks, facts_of(figures, _register_facts(read_registers(wb, period))))


def _register_facts(found: RegisterFigures) -> Iterator[tuple[str, Fact]]:
    """Yield what the registers know, by the words of drafts; a register that was not delivered yields nothing."""
    last = found.last_year

    def fact(name: str, value: int | None, before: int | None, *units: str) -> Fact:
        old = None if before is None else Decimal(before)
        return Fact(name, f"{name}登记", None if value is None else Decimal(value), before=old, units=units)

    cases = ("件", "起", "次", "笔", "宗", "")
    if (mediation := found.mediation) is not None:
        old = last.mediation if last else None
        amount = Fact("调解金额", "调解登记的争议金额", mediation.amount, kind=drafts.AMOUNT)
        yield "调解.*金额|争议金额|涉及金额", amount
        yield "调解", fact("调解", mediation.total, old.total if old else None, *cases)
    if (reviews := found.reviews) is not None:
        old_reviews = last.reviews if last else None
        yield "消保审查|审查", fact("消保审查", reviews.total, old_reviews.total if old_reviews else None, *cases, "项")
    if (training := found.training) is not None:
        old_training = last.training if last else None
        sessions = old_training.sessions if old_training else None
        yield "培训", fact("培训", training.sessions, sessions, "场", "场次", "次", "期", "")
    if (education := found.education) is not None:
        old_education = last.education if last else None
        times = old_education.times if old_education else None
        yield "宣传|宣教|教育活动", fact("宣传活动", education.times, times, "场", "场次", "次", "")
