"""Rows of a unit that no item of its sheet looks at are listed with the reason, never passed over in silence."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec import convert

from tests.factories.inspections import checklist, item
from xiaobao.checklist.models import Checklist
from xiaobao.model import Extract, Unit
from xiaobao.paper.frozen import FrozenPaper
from xiaobao.paper.work_paper import _unlooked
from xiaobao.workbench.results import reading

_CHECK = "suitability.lower_level_used"


def _sheet(**applies_to: Any) -> Checklist:
    asked = item("s-1", "评级取高", answered_by="data", checks=[_CHECK], applies_to=applies_to)
    from msgspec import to_builtins

    plain = to_builtins(checklist(1)) | {"total": 5}
    return convert(plain | {"sections": [{"id": "s", "title": "全部", "items": [asked]}]}, Checklist, strict=False)


@pytest.mark.parametrize(
    ("levels", "businesses", "rows", "said"),
    [
        (["head_office", "branch"], ("理财",), 9, "代销产品采用了较低的风险等级（本检查项不适用于网点）"),
        (["outlet"], ("贷款",), 9, "代销产品采用了较低的风险等级（未开办：理财）"),
        (["outlet"], ("理财",), 9, ""),
        (["head_office"], ("理财",), 0, ""),
    ],
)
def test_rows_that_no_item_looks_at_are_listed_with_the_reason(
    levels: list[str], businesses: tuple[str, ...], rows: int, said: str
) -> None:
    unit = Unit(id="010101", name="网点", level="outlet", businesses=businesses)
    frozen = cast(FrozenPaper, SimpleNamespace(unit=unit, period="2026H1"))
    found = {"product_sales": Extract(dataset="product_sales", path="", sha256="", rows=rows)}
    listed = _unlooked(frozen, _sheet(levels=levels), found, {})
    assert listed == ({"product_sales": [(said, rows)]} if said else {})


def test_rows_of_units_whom_no_sheet_asks_are_listed_by_unit_and_dataset(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outlet that is not inspected, a department without a sheet: their rows are named, never taken as clean."""
    units = {
        "0101": Unit(id="0101", name="支行", level="sub_branch"),
        "0102": Unit(id="0102", name="分理处", level="outlet", inspected=False),
        "0001": Unit(id="0001", name="零售部", level="department"),
    }
    rows = {
        ("0101", "product_sales"): 5,
        ("0102", "product_sales"): 3,
        ("0001", "product_sales"): 2,
        ("0001", "staff"): 9,
    }
    parts = {(u, d): Extract(dataset=d, path="", sha256="", rows=n) for (u, d), n in rows.items()}
    asked = SimpleNamespace(needs=("product_sales",))
    frozen = SimpleNamespace(partitions=parts, campaign_sheet=lambda domain: asked)
    monkeypatch.setattr(reading, "Freezer", lambda wb, campaign: frozen)
    monkeypatch.setattr(reading, "wanted_domains", lambda wb, campaign: {"0101": ("suitability",), "0001": ()})
    wb = SimpleNamespace(units=lambda period: units)
    campaign = SimpleNamespace(period="2026H1", checklists={"suitability": None})
    found = reading.unlooked_rows(cast(Any, wb), cast(Any, campaign))
    assert [(one.unit, one.dataset, one.rows, one.reason) for one in found] == [
        ("0001", "产品销售", 2, "本批次没有适用的检查表"),
        ("0102", "产品销售", 3, "不是检查对象"),
    ]
