"""Which tables of a report are drawn, and as what."""

from __future__ import annotations

from decimal import Decimal

from xiaobao.report_figures import FigureSet, FigureTable, ReportFigure
from xiaobao.word import ChartFile
from xiaobao.workbook.charts import draw_chart

KINDS = {
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
    return {name: _chart(figures.tables[name], kind) for name, kind in KINDS.items() if name in figures.tables}


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
