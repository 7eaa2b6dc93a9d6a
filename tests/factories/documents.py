"""What stands in a written report and in its workbook, read without the package's own readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import docx
import openpyxl
from hypothesis import HealthCheck, Phase, settings

from tests.factories.ledgers import AS_OF, PERIOD
from xiaobao.report_figures import FigureSet, FreeText
from xiaobao.word import Cover, Document, read_back, write_document
from xiaobao.workbook.figures import write_figures

TEMPLATES = Path(__file__).parents[2] / "reports" / "templates"
Number = Decimal | int | None
Expected = Mapping[str, Number]
TEXT = FreeText(("问题一",), ("计划一",))
# A failure is shown as it was drawn: to shrink it would take thousands of documents.
FEW = settings(
    max_examples=6,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def cover(kind: str) -> Cover:
    return Cover(kind=kind, bank="甲行", author="甲行", period=PERIOD, as_of=AS_OF, day=AS_OF)


class Written:
    """One report written to Word and Excel."""

    def __init__(self, document: Document, figures: FigureSet, template: str, folder: Path) -> None:
        word, book = folder / "报告.docx", folder / "数字.xlsx"
        printed = write_document(document, TEMPLATES / template, word)
        assert read_back(word, printed, document.charts) == []
        write_figures(figures, book, title="数字", author="甲行", as_of=document.cover.as_of)
        paper = docx.Document(str(word))
        self.text = "\n".join(line.text for line in paper.paragraphs)
        self.tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in paper.tables]
        opened = openpyxl.load_workbook(book)
        lines = opened["数字"].iter_rows(min_row=4, values_only=True)
        self.figures = {str(line[0]): (line[1], str(line[2])) for line in lines}
        self.sheets = {
            sheet.title: [list(line) for line in sheet.iter_rows(min_row=3, values_only=True)]
            for sheet in opened.worksheets[1:]
        }

    def table(self, *heads: str) -> list[list[str]]:
        """Return the rows below the head of the Word table that begins with `heads`; none where there is no table."""
        return next((rows[1:] for rows in self.tables if tuple(rows[0][: len(heads)]) == heads), [])


def shown(value: Number, places: int | None = None) -> str:
    """Write a number as reports do, None being a base that is not there."""
    if value is None:
        return "—"
    exact = Decimal(value)
    return f"{exact if places is None else exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"


def in_full(value: Number) -> str:
    """Write an amount as reports do: every digit, two places at least."""
    exact = Decimal(value or 0).normalize()
    return "—" if value is None else shown(exact, max(2, -int(exact.as_tuple().exponent)))


def half_up(value: Decimal, places: int = 2) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def percent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return half_up(100 * Decimal(part) / Decimal(whole)) if whole else None


def mean(values: Sequence[Decimal | int]) -> Decimal | None:
    return half_up(sum(map(Decimal, values), Decimal(0)) / len(values)) if values else None


def middle(values: Sequence[Decimal | int]) -> Decimal | None:
    ordered = sorted(map(Decimal, values))
    if not ordered:
        return None
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def assert_figures(written: Written, expected: Expected, groups: Sequence[str]) -> None:
    """Every figure of `groups` in the workbook is what `expected` says, none is missing and none is left over."""
    of_groups = {name: found for name, found in written.figures.items() if name.startswith(tuple(groups))}
    assert set(of_groups) == set(expected)
    for name, value in expected.items():
        number, text = of_groups[name]
        assert (None if number is None else Decimal(str(number))) == value, name
        assert text.replace(",", "") == "—" if value is None else Decimal(text.replace(",", "")) == value, name
