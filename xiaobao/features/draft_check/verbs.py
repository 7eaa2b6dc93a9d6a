"""数字核对: a draft's stated figures held against the workspace's data. Reads, writes nothing."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from xiaobao.datasets.text_files import decode_text, read_text
from xiaobao.errors import Fault, InputError
from xiaobao.feature_list import named
from xiaobao.features.complaints import LedgerFigures
from xiaobao.features.complaints.reading import bank_ledger, branch_ledger
from xiaobao.features.complaints.report_figures import complaint_figures
from xiaobao.features.draft_check.checking import check_draft
from xiaobao.features.draft_check.draft_own import own_words
from xiaobao.features.draft_check.known_facts import KnownFacts, facts_of
from xiaobao.features.draft_check.stated import stated_facts
from xiaobao.features.draft_check.verdicts import DIFFERS, CheckedNumber
from xiaobao.features.registers.reading import read_registers
from xiaobao.features.registers.report_figures import register_report_figures
from xiaobao.model import Period
from xiaobao.personal.cleaning import clean_text
from xiaobao.personal.values import masked
from xiaobao.publishing.reports import Source, written_today
from xiaobao.report_figures import FigureSet, FreeText, gather_figures, inspection_figures
from xiaobao.word.drafts import read_draft
from xiaobao.workbench.results.reporting import read_inspected
from xiaobao.workbench.workspace import Workbench
from xiaobao.written.blocks import DocumentBlock, Grid, Paragraph

_TITLE = re.compile(r"报告|总结|通报|分析|情况|材料")
_ROWS = 100_000
_MEGABYTES = 20
_WORD = ".docx"
_KINDS = (".docx", ".md", ".txt", ".csv")


def read_text_draft(path: Path) -> tuple[DocumentBlock, ...]:
    """Return the blocks of a .md, .txt or .csv draft. Raises InputError for other kinds and mixed encodings."""
    if path.suffix.lower() not in _KINDS[1:]:
        raise InputError(Fault("不能核对这种文件", file=path.name, allowed="、".join(_KINDS)))
    try:
        size = path.stat().st_size
        if size > _MEGABYTES << 20:
            raise InputError(
                Fault("文件过大", file=path.name, value=f"{size >> 20} MB", allowed=f"不超过 {_MEGABYTES} MB")
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(Fault("文件不存在或无法读取", file=path.name)) from error
    if path.suffix.lower() == ".csv":
        found = read_text(data, path.name, _ROWS, lambda cells: len([cell for cell in cells if cell.strip()]))
        if found.faults:
            raise InputError(found.faults)
        return (Grid(tuple(tuple(clean_text(cell)[0] for cell in cells) for _, cells in found.rows), "表格"),)
    return tuple(_blocks(clean_text(decode_text(data, path.name))[0].splitlines()))


def _blocks(lines: Sequence[str]) -> Iterator[DocumentBlock]:
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


def unit_of(wb: Workbench, blocks: Sequence[DocumentBlock], period: str) -> str:
    """Return the code of the unit whose report a draft is, by its title; "" for the bank's."""
    try:
        units = wb.units(Period.parse(period).code)
    except InputError:
        return ""  # no register of units yet: nothing to choose from
    titles = [block.text for block in blocks[:3] if isinstance(block, Paragraph) and _TITLE.search(block.text)]
    for title in titles:
        named = [one for one in units.values() if one.name in title and one.name != wb.settings.bank]
        if named:
            return max(named, key=lambda one: len(one.name)).id
    return ""


def check_figures(
    wb: Workbench,
    blocks: Sequence[DocumentBlock],
    period: str,
    campaign: str | None = None,
    unit: str = "",
    own: Sequence[DocumentBlock] = (),
) -> tuple[CheckedNumber, ...]:
    """Hold every stated figure of a draft against all that reports of `period` may show, or against one another.

    Neither a run nor a campaign is needed. `unit` is the one whose report it is; `own` are our own reports of today.
    """
    return masked(check_draft(blocks, known_facts(wb, period, campaign, unit), own=own_words(own) if own else None))


def known_facts(wb: Workbench, period: str, campaign: str | None = None, unit: str = "") -> KnownFacts:
    """Return all that a draft of a period can be held against: its ledger, others, registers and inspections."""
    span = Period.parse(period)
    ledger = _ledger(wb, span.code, unit)
    figures = complaint_figures(ledger, wb.settings.counting.share_places)
    figures = figures | register_report_figures(read_registers(wb, period, unit))
    figures = figures | _inspected(wb, span.code, unit, campaign)
    return facts_of(ledger, stated_facts(figures, span), lambda code, below: _ledger(wb, code, below or unit))


def _ledger(wb: Workbench, period: str, unit: str) -> LedgerFigures | None:
    """Return a ledger's statistics, None where none was imported or it is not known whose it is."""
    try:
        return branch_ledger(wb, period, unit) if unit else bank_ledger(wb, period)
    except InputError:
        if (period, unit) in _imported(wb):
            raise
        return None


def _imported(wb: Workbench) -> set[tuple[str, str]]:
    return {(Period.parse(record.period).code, "") for record in wb.store.imports("complaints")}


def _inspected(wb: Workbench, period: str, unit: str, campaign: str | None) -> FigureSet:
    """Return what the campaign found; of several campaigns that nobody chose from, nothing."""
    try:
        return inspection_figures(read_inspected(wb, period, unit, campaign))
    except InputError:
        if campaign:
            raise
        return gather_figures(())


def check_draft_file(
    wb: Workbench, draft: Path, period: str, campaign: str | None = None, unit: str | None = None
) -> tuple[CheckedNumber, ...]:
    """Return what became of every number of a draft (.docx, .md, .txt, .csv). Writes nothing that is kept.

    `unit` is the unit whose report it is, "" the bank; None: the draft's title says it. Raises InputError for a file
    that cannot be read.
    """
    blocks = read_draft(draft) if draft.suffix.lower() == _WORD else read_text_draft(draft)
    whose = unit_of(wb, blocks, period) if unit is None else unit
    return check_figures(wb, blocks, period, campaign, whose, own_reports(wb, period, whose, campaign))


def own_reports(wb: Workbench, period: str, unit: str = "", campaign: str | None = None) -> Sequence[DocumentBlock]:
    """Return the blocks of every report of the period that can be written today; those that cannot are passed over."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            block
            for kind in named("reports")
            for block in _report_blocks(wb, kind, period, Path(folder), unit, campaign)
        ]


def _report_blocks(
    wb: Workbench, kind: str, period: str, folder: Path, unit: str, campaign: str | None
) -> Iterator[DocumentBlock]:
    path = folder / f"{kind}{_WORD}"
    try:
        written_today(wb, kind, period, path, unit, campaign)
    except InputError:
        return  # a period of another length, or several campaigns and none named
    yield from read_draft(path)


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
