"""The reports that are written from figures: what each gives to its template. Nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from xiaobao.labels import REPORTS, written_day
from xiaobao.model import Period
from xiaobao.report_figures import FigureSet
from xiaobao.word.charts import ChartFile
from xiaobao.word.rendering import PrintedLine, render_template
from xiaobao.word.sentences import Sentence

CHARTS = ("source", "channel", "business_class", "reason", "month", "region")
Charts = Mapping[str, ChartFile | None]
Notes = Sequence[str | Sentence]


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What stands at the head and the foot of a report. `kind` is one of `labels.REPORTS`; `due` None: no date set."""

    kind: str
    bank: str
    author: str
    period: Period
    as_of: date
    day: date
    due: date | None = None
    number: str = ""
    edition: int = 1

    @property
    def title(self) -> str:
        """“某某银行2026年上半年…报告”; a yearly report says 年度, a period that is no half-year its code."""
        year, half = self.period.code[:4], self.period.code[4:]
        span = {"": f"{year}年", "H1": f"{year}年上半年", "H2": f"{year}年下半年"}.get(half, f"{self.period.code} ")
        name = REPORTS[self.kind]
        return f"{self.author}{span.removesuffix('年') + '年度' if self.kind == 'annual' and not half else span}{name}"


@dataclass(frozen=True, kw_only=True)
class Document:
    """A report ready to be drawn: the template's values, and the charts it may show."""

    cover: Cover
    values: Mapping[str, object]
    charts: Charts


def write_document(document: Document, template: Path, path: Path) -> tuple[PrintedLine, ...]:
    """Write the report to `path` and return what it shows of figures. Raises InputError on a faulty template."""
    cover = document.cover
    return render_template(document.values, template, path, cover.title, cover.bank, document.charts)


def report_document(
    cover: Cover, figures: FigureSet, charts: Charts, notes: Notes, own: Mapping[str, object]
) -> Document:
    """Return a report ready to be drawn. `notes` are rules of counting, `own` the kind's own values."""
    values = {
        "bank": cover.bank,
        "author": cover.author,
        "title": cover.title,
        "number": cover.number or "〔　　　〕　　号",
        "period": cover.period.code,
        "start": written_day(cover.period.start),
        "end": written_day(cover.period.end),
        "as_of": written_day(cover.as_of),
        "day": written_day(cover.day),
        "due": written_day(cover.due) if cover.due else "",
        "figures": figures.figures,
        "tables": {name: table.rows for name, table in figures.tables.items()},
        "table_notes": {name: table.note for name, table in figures.tables.items()},
        "compared": "投诉·增减件数" in figures and figures["投诉·增减件数"].value is not None,
        "notes": tuple(notes),
        **own,
    }
    return Document(cover=cover, values=values, charts={**dict.fromkeys(CHARTS), **charts})
