"""Charts drawn by XlsxWriter: the chart's part and the small workbook behind it, for Word to take in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import xlsxwriter

_FONT = {"name": "宋体", "size": 9}
_DARK = "#1F4E79"
# Said in full: what is left unsaid, LibreOffice shows.
_VALUE_ALONE = (
    b'<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/>'
    b'<c:showPercent val="0"/><c:showBubbleSize val="0"/>'
)
_PLAIN = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False, "in_memory": True}


def draw_chart(title: str, kind: str, points: Sequence[tuple[str, int]], unit: str) -> tuple[bytes, bytes]:
    """Return (chart XML, workbook) of one series. `kind` is bar (first point on top), column or line."""
    target = BytesIO()
    book: Any = xlsxwriter.Workbook(target, _PLAIN)
    book.set_properties({"title": title, "created": datetime(2026, 1, 1)})
    sheet = book.add_worksheet("数据")
    sheet.write_row(0, 0, ["项目", unit])
    for row, (label, value) in enumerate(points, 1):
        sheet.write_string(row, 0, label)
        sheet.write_number(row, 1, value)
    chart = book.add_chart({"type": kind})
    last = len(points)
    fill = {"line": {"color": _DARK, "width": 2}} if kind == "line" else {"fill": {"color": _DARK}, "gap": 60}
    chart.add_series(
        {
            "name": ["数据", 0, 1],
            "categories": ["数据", 1, 0, last, 0],
            "values": ["数据", 1, 1, last, 1],
            "data_labels": {"value": True, "font": _FONT},
            **fill,
        }
    )
    chart.set_title({"name": title, "name_font": {"name": "黑体", "size": 11, "bold": False}, "overlay": False})
    chart.set_legend({"none": True})
    _set_axes(chart, kind, unit)
    sheet.insert_chart("D2", chart)
    book.close()
    data = target.getvalue()
    with ZipFile(BytesIO(data)) as parts:
        return parts.read("xl/charts/chart1.xml").replace(b'<c:showVal val="1"/>', _VALUE_ALONE), data


def _set_axes(chart: Any, kind: str, unit: str) -> None:
    """Label what the points are of; the numbers have an axis, and `unit` as its name, only where no bar shows them."""
    plain = {"major_tick_mark": "none", "minor_tick_mark": "none"}
    labels: dict[str, Any] = {**plain, "num_font": _FONT, "line": {"color": "#7F7F7F"}}
    if kind == "bar":
        chart.set_y_axis({**labels, "reverse": True, "major_gridlines": {"visible": False}})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
        return
    numbers: dict[str, Any] = {
        **plain,
        "num_font": _FONT,
        "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
        "min": 0,
        "num_format": "0",
        "name": unit,
        "name_font": {**_FONT, "bold": False},
    }
    chart.set_x_axis(labels)
    chart.set_y_axis(numbers)
