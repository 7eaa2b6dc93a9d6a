"""Reports written from figures: 自查报告, 工作报告, 投诉分析报告, 考核通报, 自评估报告, each with its workbook.

A released report is fixed: it is never written over, a later release is another edition, its hash is in the history.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from xiaobao.errors import Fault, InputError
from xiaobao.features.complaints import LedgerFigures
from xiaobao.features.complaints.reading import bank_ledger, branch_ledger
from xiaobao.features.draft_check.checking import DIFFERS, check_draft
from xiaobao.features.draft_check.drafts import Paragraph
from xiaobao.features.draft_check.facts import facts_of
from xiaobao.features.filings.filing import due_date
from xiaobao.features.registers import RegisterFigures
from xiaobao.features.registers.reading import read_clusters, read_registers
from xiaobao.labels import REPORTS
from xiaobao.model import Period
from xiaobao.publishing.charts import draw_charts
from xiaobao.publishing.inspections import folder_of, inspection_draft
from xiaobao.publishing.issuing import free, template
from xiaobao.publishing.releasing import Draft, Release, release
from xiaobao.report_figures import (
    FigureSet,
    FreeText,
    Inspected,
    appraisal_figures,
    complaint_figures,
    draft_text,
    element_figures,
    evaluation_figures,
    event_figures,
    inspection_figures,
    register_report_figures,
    stated_facts,
)
from xiaobao.word import (
    Cover,
    Document,
    Sentence,
    appraisal_report,
    complaint_report,
    evaluation_report,
    read_free_text,
    work_report,
    write_document,
    write_free_text,
)
from xiaobao.workbench.results.reporting import read_elements, read_evaluated, read_inspected, unit_named
from xiaobao.workbench.workspace import Workbench

WRITTEN = ("half-year", "annual", "complaints")
_FILES = {
    "half-year": "消保工作报告",
    "annual": "消保工作报告",
    "complaints": "投诉分析报告",
    "appraisal": "考核通报",
    "self-evaluation": "自评估报告",
}
_TEMPLATES = {"half-year": "work-report.docx", "annual": "work-report.docx"}
_LENGTHS = {"half-year": ("半年", ("H1", "H2")), "annual": ("一年", ("",))}


@dataclass(frozen=True, kw_only=True)
class _Read:
    """All that a report is written from, read once."""

    cover: Cover
    ledger: LedgerFigures | None
    registers: RegisterFigures | None
    inspected: Inspected
    figures: FigureSet
    notes: tuple[str | Sentence, ...]

    def draft(self) -> FreeText:
        tasks = self.registers.work_plan.tasks if self.registers and self.registers.work_plan else ()
        open_tasks = [(task.task, task.due_on) for task in tasks if task.done_on is None]
        inspected = self.inspected
        findings, actions = inspected.findings, inspected.actions
        if self.cover.kind == "complaints":
            findings = tuple(one for one in findings if one.domain == "complaints")
            open_tasks = []
        return draft_text(findings, actions, open_tasks, self.cover.as_of, bool(inspected.overviews))


def publish_report(
    wb: Workbench,
    kind: str,
    period: str,
    unit: str = "",
    path: Path | None = None,
    text: Path | None = None,
    campaign: str | None = None,
) -> Release:
    """Write a report (.docx) and its figures (.xlsx), read both back, and record them.

    `text` is an edited draft of the parts that people write; `campaign` names the one meant where a period has several.
    Raises InputError for a period of the wrong length, an unknown unit, a file that already lies at `path`, and a
    number in `text` that the data contradict.
    """
    if text is not None and kind not in WRITTEN:
        raise InputError(Fault("这种报告没有需要编写的部分", value=kind, allowed="、".join(WRITTEN)))
    if kind == "inspection":
        return release(wb, inspection_draft(wb, unit, period, campaign), path)
    read = _read(wb, kind, period, unit, campaign)
    written = read.draft() if text is None else _checked(read, read_free_text(text), text.name)
    return release(wb, _draft(wb, read, unit, written), path)


def _draft(wb: Workbench, read: _Read, unit: str, text: FreeText) -> Draft:
    cover, document = read.cover, _document(read, text)
    name = _TEMPLATES.get(cover.kind, f"{cover.kind}.docx")
    return Draft(
        what=f"{REPORTS[cover.kind]} {cover.period.code} {unit or cover.bank}",
        title=cover.title,
        author=cover.bank,
        as_of=cover.as_of,
        figures=read.figures,
        write=lambda target: write_document(document, template(wb, name), target),
        charts=document.charts,
        place=folder_of(wb, cover.period.code, unit) / f"{_FILES[cover.kind]}.docx",
        due=cover.due,
    )


def write_draft(
    wb: Workbench, kind: str, period: str, unit: str = "", path: Path | None = None, campaign: str | None = None
) -> Path:
    """Write the parts that people write, drafted from findings and measures, as a .docx to edit. Nothing is issued.

    Raises InputError where a draft lies already, so that nobody's edits are lost.
    """
    if kind not in WRITTEN:
        raise InputError(Fault("这种报告没有需要编写的部分", value=kind, allowed="、".join(WRITTEN)))
    read = _read(wb, kind, period, unit, campaign)
    chosen = free(path or folder_of(wb, read.cover.period.code, unit) / f"{_FILES[kind]}-文字稿.docx")
    chosen.parent.mkdir(parents=True, exist_ok=True)
    write_free_text(read.draft(), chosen, f"{read.cover.title}（文字稿）")
    return chosen


def written_today(
    wb: Workbench, kind: str, period: str, path: Path, unit: str = "", campaign: str | None = None
) -> None:
    """Write to `path` what a report would say today, without charts. Nothing is issued or recorded.

    Raises InputError as `publish_report` does.
    """
    read = _read(wb, kind, period, unit, campaign)
    document = _document(read, read.draft(), drawn=False)
    write_document(document, template(wb, _TEMPLATES.get(kind, f"{kind}.docx")), path)


def _read(wb: Workbench, kind: str, period: str, unit: str, campaign: str | None) -> _Read:
    span = Period.parse(period)
    _check_length(kind, span)
    named = unit_named(wb, span.code, unit) if unit else None
    filing = wb.settings.filings.get(kind)
    cover = Cover(
        kind=kind,
        bank=wb.settings.bank,
        author=named.name if named else wb.settings.bank,
        period=span,
        as_of=wb.as_of(span.code),
        day=wb.settings.as_of or date.today(),
        due=due_date(filing, span) if filing else None,
    )
    inspected = read_inspected(wb, span.code, unit, campaign)
    if kind in ("appraisal", "self-evaluation"):
        if kind == "appraisal" and not inspected.overviews:
            raise InputError(Fault("这个期间没有检查批次，没有可以通报的考核结果", value=span.code))
        if kind == "appraisal":
            own = appraisal_figures(inspected)
        else:
            own = element_figures(read_elements(wb, period, unit, campaign))
            own = own | evaluation_figures(read_evaluated(wb, period, unit, campaign))
        return _Read(
            cover=cover,
            ledger=None,
            registers=None,
            inspected=inspected,
            figures=inspection_figures(inspected) | own,
            notes=(),
        )
    ledger = branch_ledger(wb, span.code, unit) if unit else bank_ledger(wb, span.code)
    figures = complaint_figures(ledger, wb.settings.counting.share_places)
    registers = None
    if kind != "complaints":
        registers = read_registers(wb, span.code, unit)
        figures = figures | register_report_figures(registers) | inspection_figures(inspected)
        clusters = None if unit else read_clusters(wb, span.code)  # they count over the whole bank
        figures = figures | event_figures(registers.major_events, clusters, registers.settings)
    return _Read(
        cover=cover,
        ledger=ledger,
        registers=registers,
        inspected=inspected,
        figures=figures,
        notes=tuple(_notes(ledger, registers, figures)),
    )


def _check_length(kind: str, span: Period) -> None:
    words, endings = _LENGTHS.get(kind, ("", ()))
    if words and span.code[4:] not in endings:
        allowed = "2026H1、2026H2" if kind == "half-year" else "2026"
        raise InputError(Fault(f"这种报告的期间应为{words}", value=span.code, allowed=allowed))


def _notes(ledger: LedgerFigures | None, registers: RegisterFigures | None, figures: FigureSet) -> list[str | Sentence]:
    notes: list[str | Sentence] = []
    if ledger is not None:
        notes.append(f"投诉统计口径：{'；'.join(ledger.rules)}。")
        if ledger.comparison_note:
            notes.append(f"投诉增减：{ledger.comparison_note}。")
        notes += [f"{note}。" for note in ledger.notes]
        for one in ledger.totals.excluded:
            notes.append(Sentence((f"台账中不计入的行：{one.reason} ", figures[f"投诉·不计入·{one.reason}"], "。")))
    if registers is not None and registers.missing:
        notes.append(f"本期没有提供、列为无数据的登记簿：{'、'.join(registers.missing)}。")
    return notes


def _document(read: _Read, text: FreeText, drawn: bool = True) -> Document:
    cover, figures, notes = read.cover, read.figures, read.notes
    if cover.kind == "appraisal":
        return appraisal_report(cover, figures, notes)
    if cover.kind == "self-evaluation":
        return evaluation_report(cover, figures, notes)
    make: Callable[..., Document] = complaint_report if cover.kind == "complaints" else work_report
    return make(cover, figures, text, draw_charts(figures) if drawn else {}, notes)


def _checked(read: _Read, text: FreeText, file: str) -> FreeText:
    """Return `text` when no number that a person wrote contradicts the data; our own sentences came from findings.

    Problems are held against every figure of the report; plans speak of what is to come, and only complaints of them
    against the ledger.
    """
    own = read.draft()
    everything = facts_of(read.ledger, stated_facts(read.figures, read.cover.period))
    found = check_draft(_typed(text.problems, own.problems), everything)
    found += check_draft(_typed(text.plans, own.plans), facts_of(read.ledger))
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
    return text


def _typed(lines: Sequence[str], drafted: Sequence[str]) -> list[Paragraph]:
    return [Paragraph(line, line[:20]) for line in lines if line not in drafted]
