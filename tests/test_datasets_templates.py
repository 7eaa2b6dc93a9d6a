"""The template that IT fills in imports as it is, for every dataset there is."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.factories import tables
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.templates import write_template
from xiaobao.model import Period


@pytest.mark.parametrize("name", list(DATASETS))
def test_a_template_imports_back_clean(tmp_path: Path, name: str) -> None:
    """Its two sample rows are valid, every column is found, nothing needs a word of warning."""
    path = tmp_path / "模板.xlsx"
    write_template(name, path)
    imported = tables.take(path, name, period=Period.parse("2026H1"))
    assert imported.rows == 2
    assert imported.notices == ()
    assert imported.absent == ()


def test_a_template_offers_choices_and_explains_every_column(tmp_path: Path) -> None:
    """Drop-downs in the data, meanings on the second sheet, no live formula."""
    path = tmp_path / "模板.xlsx"
    write_template(DATASETS["complaints"], path)
    book = openpyxl.load_workbook(path)
    lists = {str(rule.sqref): rule.formula1 for rule in book["数据"].data_validations.dataValidation}
    assert '"投诉,咨询,建议,表扬,其他"' in lists.values()
    assert {"转给被投诉机构的日期，不是处理决定日期"} <= {cell.value for cell in book["填写说明"]["E"]}
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
