"""Reports written from figures: what a kind of report is, how it is read, written, read back and released.

A released report is fixed: it is never written over, a later release is another edition, its hash is in the history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from xiaobao.errors import Fault, InputError
from xiaobao.feature_list import brought, load, named
from xiaobao.labels import REPORTS
from xiaobao.model import Period
from xiaobao.publishing.issuing import free, template
from xiaobao.publishing.releasing import Draft, Release, release_report
from xiaobao.report_figures import FigureSet, FigureTable, FreeText, ReportFigure, unit_figures
from xiaobao.store.models import Campaign
from xiaobao.word import (
    ChartFile,
    Charts,
    Cover,
    Document,
    Notes,
    ReportContext,
    Sentence,
    SentenceWriter,
    read_free_text,
    report_document,
    unit_inspected,
    write_document,
    write_free_text,
    write_inspection_report,
)
from xiaobao.workbench.inspections.appealing import objections
from xiaobao.workbench.leads import leads_table
from xiaobao.workbench.places import campaign_folder, campaign_words, period_folder
from xiaobao.workbench.results.reading import scorecard, work_papers
from xiaobao.workbench.results.reporting import unit_named
from xiaobao.workbench.surroundings import open_before
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.charts import draw_chart


@dataclass(frozen=True, kw_only=True)
class Source:
    """All that a report is written from, read once. `text` is the first draft of what people write, None without one.

    `ledger` are the statistics of complaints where the report tells of them; what people write is held against both.
    """

    figures: FigureSet
    notes: tuple[str | Sentence, ...] = ()
    text: FreeText | None = None
    ledger: Any = None


class ReportReader(Protocol):
    """Reads what one report is written from; `unit` is "" for the bank. Raises InputError for what is not there."""

    def __call__(self, wb: Workbench, span: Period, unit: str, campaign: str | None) -> Source: ...


@dataclass(frozen=True, kw_only=True)
class ReportKind:
    """One kind of report: `read` gives its figures, `parts` the sections that its template prints.

    `file` is the stem of its name, `endings` of a period's code make its length (`length` names it), empty: any.
    `written`: people write a part of it. `charts`: breakdowns are drawn.
    """

    kind: str
    file: str
    template: str
    read: ReportReader
    parts: Callable[[SentenceWriter], Mapping[str, object]]
    length: str = ""
    endings: tuple[str, ...] = ()
    example: str = ""
    written: bool = False
    charts: bool = False

    def document(
        self, cover: Cover, figures: FigureSet, text: FreeText | None, charts: Charts, notes: Notes
    ) -> Document:
        """Return the report ready to be drawn; `text` is what people wrote, None where they write nothing."""
        own: dict[str, object] = {"parts": self.parts(SentenceWriter(figures))}
        if text is not None:
            own["text"] = {"problems": text.problems, "plans": text.plans}
        return report_document(cover, figures, charts, notes, own)


@dataclass(frozen=True, kw_only=True)
class _Report:
    """A report of one kind, period and unit, read and not yet written."""

    kind: ReportKind
    cover: Cover
    source: Source
    unit: str = ""
    campaign: str | None = field(default=None)


def report_kinds() -> tuple[str, ...]:
    """Return the kinds of report that the features bring."""
    return tuple(named("reports"))


def written_kinds() -> tuple[str, ...]:
    """Return the kinds of which people write a part."""
    return tuple(kind for kind in report_kinds() if _kind(kind).written)


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
    if text is not None:
        _refuse_unwritten(kind)
    found = _campaign(wb, period, campaign) if unit else None
    wb.look("report.issue" if unit else "report.bank", unit, campaign=found)
    if kind == "inspection":
        return release_report(wb, inspection_draft(wb, unit, period, campaign), path, unit, found)
    report = _read(wb, kind, period, unit, campaign)
    written = report.source.text
    if text is not None:
        written = read_free_text(text)
        for check in brought("checks_text"):
            check(report.source, report.cover.period, written, text.name)
    return release_report(wb, _draft(wb, report, written), path, unit, found)


def write_draft(
    wb: Workbench, kind: str, period: str, unit: str = "", path: Path | None = None, campaign: str | None = None
) -> Path:
    """Write the parts that people write, drafted from findings and measures, as a .docx to edit. Nothing is issued.

    Raises InputError where a draft lies already, so that nobody's edits are lost.
    """
    _refuse_unwritten(kind)
    found = _campaign(wb, period, campaign) if unit else None
    wb.look("report.issue" if unit else "report.bank", unit, campaign=found)
    report = _read(wb, kind, period, unit, campaign)
    chosen = free(
        path or report_folder(wb, report.cover.period.code, unit, campaign) / f"{report.kind.file}-文字稿.docx"
    )
    chosen.parent.mkdir(parents=True, exist_ok=True)
    assert report.source.text is not None
    write_free_text(report.source.text, chosen, f"{report.cover.title}（文字稿）")
    return chosen


def written_today(
    wb: Workbench, kind: str, period: str, path: Path, unit: str = "", campaign: str | None = None
) -> None:
    """Write to `path` what a report would say today, without charts. Nothing is issued or recorded.

    Raises InputError as `publish_report` does.
    """
    report = _read(wb, kind, period, unit, campaign)
    source = report.source
    document = report.kind.document(report.cover, source.figures, source.text, {}, source.notes)
    write_document(document, template(wb, report.kind.template), path)


def report_folder(wb: Workbench, period: str, unit: str = "", campaign: str | None = None) -> Path:
    """Return where reports on a period, or on one unit in it, lie: with the campaign of that very period if it has one.

    Raises InputError where the period has several campaigns and none is named.
    """
    folder = period_folder(wb.home, period)
    if wb.store.campaigns(Period.parse(period).code):
        folder = campaign_folder(wb.home, wb.campaign(period, campaign))
    return folder / unit if unit else folder


def _campaign(wb: Workbench, period: str, name: str | None) -> Campaign | None:
    """Return the campaign that a unit's report is about, None where the period has none: others report without."""
    try:
        return wb.campaign(period, name)
    except InputError:
        return None


def _kind(kind: str) -> ReportKind:
    found: ReportKind = load(named("reports")[kind])
    return found


def _refuse_unwritten(kind: str) -> None:
    if kind not in written_kinds():
        raise InputError(Fault("这种报告没有需要编写的部分", value=kind, allowed="、".join(written_kinds())))


def _read(wb: Workbench, kind: str, period: str, unit: str, campaign: str | None) -> _Report:
    span, chosen = Period.parse(period), _kind(kind)
    if chosen.endings and span.code[4:] not in chosen.endings:
        message = f"这种报告的期间应为{chosen.length}"
        raise InputError(Fault(message, value=span.code, allowed=chosen.example))
    author = unit_named(wb, span.code, unit).name if unit else wb.settings.bank
    source = chosen.read(wb, span, unit, campaign)
    return _Report(kind=chosen, cover=_cover(wb, kind, span, author), source=source, unit=unit, campaign=campaign)


def _cover(wb: Workbench, kind: str, span: Period, author: str) -> Cover:
    days = [day for due in brought("report_due") if (day := due(wb.settings, kind, span)) is not None]
    return Cover(
        kind=kind,
        bank=wb.settings.bank,
        author=author,
        period=span,
        as_of=wb.as_of(span.code),
        day=wb.settings.as_of or date.today(),
        due=days[0] if days else None,
    )


def _draft(wb: Workbench, report: _Report, text: FreeText | None) -> Draft:
    kind, cover, source = report.kind, report.cover, report.source
    charts = draw_charts(source.figures) if kind.charts else {}
    document = kind.document(cover, source.figures, text, charts, source.notes)
    return Draft(
        what=f"{REPORTS[kind.kind]} {cover.period.code} {report.unit or cover.bank}",
        title=cover.title,
        author=cover.bank,
        as_of=cover.as_of,
        figures=source.figures,
        write=lambda target: write_document(document, template(wb, kind.template), target),
        charts=document.charts,
        place=report_folder(wb, cover.period.code, report.unit, report.campaign) / f"{kind.file}.docx",
        due=cover.due,
    )


_KINDS = {
    "source": "bar",
    "channel": "bar",
    "business_class": "bar",
    "reason": "bar",
    "region": "bar",
    "month": "column",
}
_MOST = 12


def draw_charts(figures: FigureSet) -> dict[str, ChartFile | None]:
    """Return a chart for every breakdown with two rows or more that are not zero; the longest first, months in turn."""
    return {name: _chart(figures.tables[name], kind) for name, kind in _KINDS.items() if name in figures.tables}


def _chart(table: FigureTable, kind: str) -> ChartFile | None:
    counts = [(str(row["name"]), row["count"]) for row in table.rows if row["name"] != "合计"]
    points = [(label, int(count.value or 0)) for label, count in counts if isinstance(count, ReportFigure)]
    if kind == "bar":
        points = sorted((point for point in points if point[1]), key=lambda point: -point[1])
    title = f"{table.title}（件）"
    if len(points) > _MOST:
        points, title = points[:_MOST], f"{table.title}（件，前{_MOST}项）"
    if sum(1 for _, number in points if number) < 2:
        return None
    xml, book = draw_chart(title, kind, points, "件")
    alt = f"{title}：" + "，".join(f"{label}{number}件" for label, number in points)
    height = 75 if kind == "column" else 25 + 8 * len(points)
    return ChartFile(
        name=title,
        alt=alt,
        xml=xml,
        book=book,
        values=tuple((label, Decimal(number)) for label, number in points),
        height=height,
    )


def inspection_draft(wb: Workbench, unit: str, period: str, campaign: str | None = None) -> Draft:
    """Return one unit's report of a period. Raises InputError without a unit, and for one without results."""
    if not unit:
        raise InputError(Fault("自查报告是一个机构的报告，请用 --unit 指明机构号"))
    chosen = wb.campaign(period, campaign)
    card = scorecard(wb, unit, period, campaign)
    context = ReportContext(
        bank=wb.settings.bank,
        period=Period.parse(chosen.period),
        as_of=wb.as_of(chosen.period),
        card=card,
        papers=work_papers(wb, unit, period, [domain.domain for domain in card.domains], campaign),
        leads=leads_table(wb, period, unit, campaign=campaign),
        actions=tuple(wb.store.actions(chosen.id, unit)),
        earlier=open_before(wb, chosen, wb.as_of(chosen.period), unit).get(unit, ()),
        appeals=objections(wb, chosen, unit),
    )
    figures = unit_figures(unit_inspected(context))
    return Draft(
        what=f"自查报告 {campaign_words(wb.store, chosen)} {unit}",
        title=f"{card.unit.name}自查报告",
        author=wb.settings.bank,
        as_of=context.as_of,
        figures=figures,
        write=lambda target: write_inspection_report(context, figures, template(wb, "inspection.docx"), target),
        charts={},
        place=campaign_folder(wb.home, chosen) / unit / "自查报告.docx",
    )
