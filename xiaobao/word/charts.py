"""Native Word charts with a text for those who do not see them; the numbers in a chart are read back like any other.

A chart of Word needs no drawing library, no Chinese font on the machine that writes it, and stays sharp in print.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Mm
from markupsafe import Markup, escape

from xiaobao.errors import Fault

if TYPE_CHECKING:
    from docx.document import Document as Paper

_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_MAIN = "http://schemas.openxmlformats.org/drawingml/2006/main"
_PLACE = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTH, _FIRST_ID = Mm(152), 5000


@dataclass(frozen=True, kw_only=True)
class ChartFile:
    """A drawn chart: its part's XML, the workbook behind it, the numbers it shows, and the text that says the same."""

    name: str
    alt: str
    xml: bytes
    book: bytes
    values: tuple[tuple[str, Decimal], ...]
    height: int = 75


def add_charts(paper: Paper, charts: Mapping[str, ChartFile | None]) -> dict[str, Markup]:
    """Add the charts to the package and return, by name, what the template prints to show each; empty for None."""
    named = enumerate(charts.items(), 1)
    return {name: _add(paper, chart, place) if chart else Markup() for place, (name, chart) in named}


def _add(paper: Paper, chart: ChartFile, place: int) -> Markup:
    package = paper.part.package
    book = Part(PackURI(f"/word/embeddings/chart{place}.xlsx"), _BOOK_TYPE, chart.book, package)
    part = Part(PackURI(f"/word/charts/chart{place}.xml"), _CHART_TYPE, b"", package)
    link = part.relate_to(book, RELATIONSHIP_TYPE.PACKAGE)
    part._blob = _with_book(chart.xml, link)
    relation = paper.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    height = Mm(chart.height)
    return Markup(  # noqa: S704 - the two texts are escaped
        "</w:t></w:r><w:r><w:drawing>"
        f'<wp:inline xmlns:wp="{_PLACE}" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{_WIDTH}" cy="{height}"/>'
        f'<wp:docPr id="{_FIRST_ID + place}" name="{escape(chart.name)}" descr="{escape(chart.alt)}"/>'
        f'<wp:cNvGraphicFramePr/><a:graphic xmlns:a="{_MAIN}"><a:graphicData uri="{_CHART}">'
        f'<c:chart xmlns:c="{_CHART}" r:id="{relation}"/></a:graphicData></a:graphic></wp:inline>'
        '</w:drawing></w:r><w:r><w:t xml:space="preserve">'
    )


def _with_book(xml: bytes, link: str) -> bytes:
    """Tie the chart to its workbook, so that “编辑数据” of Word opens it; page settings of Excel mean nothing here."""
    text = re.sub(r"<c:printSettings>.*</c:printSettings>", "", xml.decode(), flags=re.DOTALL)
    tie = f'<c:externalData r:id="{link}"><c:autoUpdate val="0"/></c:externalData>'
    return text.replace("</c:chartSpace>", f"{tie}</c:chartSpace>").encode()


def chart_faults(paper: Paper, chart: ChartFile, file: str) -> list[Fault]:
    """Return a fault where the file's chart of that text shows other numbers; none where the template left it out."""
    faults = []
    for place in paper.element.body.iter(f"{{{_PLACE}}}docPr"):
        if place.get("descr") == chart.alt:
            reference = next(place.getparent().iter(f"{{{_CHART}}}chart"))
            relation = next(value for name, value in reference.attrib.items() if str(name).endswith("}id"))
            shown = _shown(paper.part.related_parts[relation].blob)
            if shown != chart.values:
                faults.append(Fault("图中的数字与计算结果不一致", file=file, item=chart.name, value=str(shown)[:80]))
    return faults


def _shown(xml: bytes) -> tuple[tuple[str, Decimal], ...]:
    """Return (label, number) of a chart's first series, in order."""
    root = parse_xml(xml)

    def points(kind: str) -> list[str]:
        cached = root.find(f".//{{{_CHART}}}ser/{{{_CHART}}}{kind}//{{{_CHART}}}ptCount/..")
        return [] if cached is None else [node.text or "" for node in cached.iter(f"{{{_CHART}}}v")]

    return tuple(zip(points("cat"), map(Decimal, points("val")), strict=True))
